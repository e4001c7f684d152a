/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/stock.h"

#include <stdlib.h>

struct tc_tanks *tc_tanks_new(const struct tc_graph *g)
{
    struct tc_tanks *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->g = g;
    t->tank = calloc(g->m + 1u, sizeof *t->tank);
    t->change = calloc(g->m + 1u, sizeof *t->change);
    t->bytes = (g->m + 1u) * (sizeof *t->tank + sizeof *t->change);
    t->start = TC_TIME_NONE;
    if (!t->tank || !t->change) {
        tc_tanks_free(t);
        return NULL;
    }
    return t;
}

void tc_tanks_free(struct tc_tanks *t)
{
    if (!t)
        return;
    free(t->tank);
    free(t->change);
    free(t->stocks);
    free(t);
}

tc_err tc_tanks_begin(struct tc_tanks *t, const struct tc_scenario *s)
{
    for (size_t i = 0; i < t->n_stocks; i++)
        t->change[t->stocks[i].group] = 0;
    t->n_stocks = 0;
    t->start = s->start;
    if (s->n_stocks > t->stock_cap) {
        free(t->stocks);
        t->stock_cap = 0;
        t->stocks = calloc(s->n_stocks, sizeof *t->stocks);
        if (!t->stocks)
            return TC_E_NOMEM;
        t->stock_cap = s->n_stocks;
    }
    for (size_t i = 0; i < s->n_stocks; i++) {
        t->stocks[i] = s->stocks[i];
        t->change[t->stocks[i].group] = (uint32_t)i + 1;
    }
    t->n_stocks = s->n_stocks;
    if (++t->run == 0) { /* came round: no tank may think it belongs to this run */
        for (uint32_t k = 0; k < t->g->m; k++)
            t->tank[k].run = 0;
        t->run = 1;
    }
    return TC_OK;
}

uint32_t tc_tanks_buffer(const struct tc_tanks *t, uint32_t k, uint32_t buffer)
{
    uint32_t c = t->change[k];
    return c && t->stocks[c - 1].buffer != TC_KEEP ? t->stocks[c - 1].buffer : buffer;
}

static uint64_t recharge_of(const struct tc_tanks *t, uint32_t k)
{
    return t->g->more && t->g->more->recharge ? t->g->more->recharge[k] : 0;
}

/* Units for each percent and second of use. */
static uint64_t unit(const struct tc_tanks *t, uint32_t k)
{
    uint64_t r = recharge_of(t, k);
    return r ? r : 1;
}

static uint64_t full(const struct tc_tanks *t, uint32_t k, uint32_t buffer)
{
    return buffer * unit(t, k) * 100; /* under 2^64: both are ten years at most */
}

static const struct tc_week *week_of(const struct tc_tanks *t, uint32_t k)
{
    const struct tc_graph_more *m = t->g->more;
    return m && m->calendar && m->calendar[k] ? &m->weeks[m->calendar[k]] : NULL;
}

static uint32_t week_second(const struct tc_tanks *t, const struct tc_week *w, uint32_t now)
{
    return (uint32_t)((tc_week_second(w, t->start) + (uint64_t)now) % TC_WEEK_SECONDS);
}

/* Percent times seconds from `from` on for n seconds. */
static uint64_t used(const struct tc_tanks *t, uint32_t k, uint32_t from, uint32_t n)
{
    const struct tc_week *w = week_of(t, k);
    if (!w)
        return (uint64_t)n * 100;
    if (t->start == TC_TIME_NONE)
        return (uint64_t)n * tc_week_most(w);
    return tc_week_use(w, week_second(t, w, from), n);
}

static uint64_t lasts(const struct tc_tanks *t, uint32_t k, uint32_t from, uint64_t amount)
{
    const struct tc_week *w = week_of(t, k);
    uint64_t rate = w ? tc_week_most(w) : 100;
    if (w && t->start != TC_TIME_NONE)
        return tc_week_lasts(w, week_second(t, w, from), amount);
    if (!amount)
        return 0;
    return rate ? (amount + rate - 1) / rate : UINT64_MAX;
}

static struct tc_tank *tank_of(struct tc_tanks *t, uint32_t k, uint32_t buffer)
{
    struct tc_tank *x = &t->tank[k];
    if (x->run != t->run) {
        uint64_t most = full(t, k, buffer), c = t->change[k];
        *x = (struct tc_tank){.level = most, .run = t->run};
        if (c) {
            uint64_t fill = t->stocks[c - 1].fill;
            x->level = most / TC_SHARE_WHOLE * fill + most % TC_SHARE_WHOLE * fill / TC_SHARE_WHOLE;
        }
    }
    return x;
}

uint32_t tc_tanks_lost(struct tc_tanks *t, uint32_t k, uint32_t buffer, uint32_t now)
{
    struct tc_tank *x = tank_of(t, k, buffer);
    if (recharge_of(t, k) && buffer) {
        uint64_t most = full(t, k, buffer), rate = (uint64_t)buffer * 100;
        uint64_t left = most - x->level; /* a draw is the same all through a run */
        x->level =
            (left + rate - 1) / rate <= now - x->ref ? most : x->level + (now - x->ref) * rate;
    }
    x->ref = now;
    uint64_t u = unit(t, k), n = lasts(t, k, now, (x->level + u - 1) / u);
    return n >= TC_NEVER - now ? TC_NEVER : now + (uint32_t)n;
}

void tc_tanks_gained(struct tc_tanks *t, uint32_t k, uint32_t buffer, uint32_t now, bool drained)
{
    struct tc_tank *x = tank_of(t, k, buffer);
    uint64_t gone = drained ? used(t, k, x->ref, now - x->ref) : 0, u = unit(t, k);
    x->before = !drained || gone >= (x->level + u - 1) / u ? 0 : x->level - gone * u;
    x->level = recharge_of(t, k) ? x->before : full(t, k, buffer);
    x->ref = now;
}

void tc_tanks_undone(struct tc_tanks *t, uint32_t k, bool drained)
{
    t->tank[k].level = drained ? t->tank[k].before : 0;
}
