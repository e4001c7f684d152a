/* SPDX-License-Identifier: Apache-2.0 */
/* One run finds the levers: from the asset back over its groups that lost anything, to the
 * suppliers that were missing, to theirs. What is not met on that way cannot matter - except where
 * suppliers run short, for there anybody's load can; then everything that failed is met. */
#include "impact/prevent.h"

#include "base/limits.h"
#include "impact/cascade_int.h"

#include <stdlib.h>

#define RUNS 20000u

struct search {
    const struct tc_graph *g;
    const struct tc_scenario *given;
    const struct tc_prevent_opts *opts;
    struct tc_cascade *c;
    struct tc_measure lever[TC_PREVENT_LEVERS];
    uint32_t levers;
    bool cut; /* there were more */
    /* the scenario as it would be */
    struct tc_outage *outages;
    struct tc_capacity *capacities;
    struct tc_stock *stocks;
    uint32_t left; /* runs */
    struct tc_prevent *out;
    size_t cap;
    tc_err err;
    struct tc_diag *diag;
};

/* ---- one try ---- */

static uint32_t buffer_now(const struct search *s, uint32_t group)
{
    for (size_t i = 0; i < s->given->n_stocks; i++)
        if (s->given->stocks[i].group == group && s->given->stocks[i].buffer != TC_KEEP)
            return s->given->stocks[i].buffer;
    return s->g->group[group].buffer;
}

/* As much as can be. */
static uint32_t most(const struct search *s, const struct tc_measure *m)
{
    return m->kind == TC_LEVER_OUTAGE     ? s->given->outages[m->index].start
           : m->kind == TC_LEVER_CAPACITY ? s->given->capacities[m->index].start
                                          : (uint32_t)TC_MAX_DURATION - buffer_now(s, m->index);
}

/* As things are. */
static uint32_t none(const struct search *s, const struct tc_measure *m)
{
    return m->kind == TC_LEVER_OUTAGE     ? s->given->outages[m->index].end
           : m->kind == TC_LEVER_CAPACITY ? s->given->capacities[m->index].end
                                          : 0;
}

static void longer(struct search *s, struct tc_scenario *x, const struct tc_measure *m)
{
    size_t i = 0;
    while (i < x->n_stocks && s->stocks[i].group != m->index)
        i++;
    if (i == x->n_stocks) {
        s->stocks[i] = (struct tc_stock){m->index, 0, TC_SHARE_WHOLE};
        x->n_stocks++;
    }
    s->stocks[i].buffer = buffer_now(s, m->index) + m->amount;
}

/* Does the asset stand up to opts->until with these measures? */
static bool enough(struct search *s, const struct tc_measure *m, uint32_t n)
{
    struct tc_scenario x = *s->given;
    size_t outages = 0, capacities = 0, count;
    const struct tc_cascade_opts o = {.horizon = s->opts->until};
    if (s->err || s->left == 0) {
        s->left = 0;
        return false;
    }
    s->left--;
    x.outages = s->outages;
    x.capacities = s->capacities;
    x.stocks = s->stocks;
    for (size_t i = 0; i < x.n_stocks; i++)
        s->stocks[i] = s->given->stocks[i];
    for (size_t i = 0; i < x.n_outages; i++) {
        struct tc_outage a = s->given->outages[i];
        for (uint32_t j = 0; j < n; j++)
            if (m[j].kind == TC_LEVER_OUTAGE && m[j].index == i)
                a.end = m[j].amount;
        if (a.end > a.start)
            s->outages[outages++] = a;
    }
    for (size_t i = 0; i < x.n_capacities; i++) {
        struct tc_capacity a = s->given->capacities[i];
        for (uint32_t j = 0; j < n; j++)
            if (m[j].kind == TC_LEVER_CAPACITY && m[j].index == i)
                a.end = m[j].amount;
        if (a.end > a.start)
            s->capacities[capacities++] = a;
    }
    for (uint32_t j = 0; j < n; j++)
        if (m[j].kind == TC_LEVER_BUFFER)
            longer(s, &x, &m[j]);
    x.n_outages = outages;
    x.n_capacities = capacities;
    s->err = tc_cascade_scenario(s->c, &x, &o, s->diag);
    const struct tc_failure *f = tc_cascade_failures(s->c, &count);
    for (size_t i = 0; !s->err && i < count; i++)
        if (f[i].asset == s->opts->asset)
            return false;
    return !s->err;
}

/* ---- levers ---- */

static void add_lever(struct search *s, enum tc_lever kind, uint32_t index)
{
    if (s->levers == TC_PREVENT_LEVERS)
        s->cut = true;
    else
        s->lever[s->levers++] = (struct tc_measure){kind, index, 0};
}

/* Did the supplier of this edge ever not count? With capacities anybody may be shed. */
static bool missed(const struct search *s, uint32_t edge)
{
    const struct tc_cascade *c = s->c;
    uint32_t r = s->g->r ? s->g->supplier_relay[edge] : TC_NONE;
    return c->supply || c->asset[s->g->supplier[edge]].at != TC_NEVER ||
           (r != TC_NONE && c->relay[r].off_at != TC_NEVER);
}

static void levers_of(struct search *s, uint32_t asset)
{
    const struct tc_graph *g = s->g;
    for (uint32_t i = 0; i < s->given->n_outages; i++)
        if (s->given->outages[i].asset == asset && s->given->outages[i].start <= s->opts->until)
            add_lever(s, TC_LEVER_OUTAGE, i);
    for (uint32_t i = 0; i < s->given->n_capacities; i++)
        if (s->given->capacities[i].asset == asset &&
            s->given->capacities[i].start <= s->opts->until)
            add_lever(s, TC_LEVER_CAPACITY, i);
    for (uint32_t k = g->group_first[asset]; k < g->group_first[asset + 1]; k++) {
        bool lost = false;
        for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1] && !lost; i++)
            lost = missed(s, i);
        if (lost)
            add_lever(s, TC_LEVER_BUFFER, k);
    }
}

static int by_kind(const void *x, const void *y)
{
    const struct tc_measure *a = x, *b = y;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Back from the asset, breadth first. After a run. */
static tc_err find_levers(struct search *s)
{
    const struct tc_graph *g = s->g;
    uint32_t *queue = calloc(g->n + 1u, sizeof *queue), head = 0, tail = 0;
    bool *seen = calloc(g->n + 1u, sizeof *seen);
    tc_err e = queue && seen ? TC_OK : TC_E_NOMEM;
    if (!e) {
        seen[s->opts->asset] = true;
        queue[tail++] = s->opts->asset;
    }
    while (!e && head < tail && !s->cut) {
        uint32_t v = queue[head++];
        levers_of(s, v);
        for (uint32_t k = g->group_first[v]; k < g->group_first[v + 1]; k++) {
            for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++) {
                uint32_t from = g->supplier[i];
                if (missed(s, i) && !seen[from]) {
                    seen[from] = true;
                    queue[tail++] = from;
                }
            }
        }
        for (uint32_t u = 0; s->c->supply && head == tail && u < g->n; u++)
            if (!seen[u]) { /* anybody's load can matter */
                seen[u] = true;
                queue[tail++] = u;
            }
    }
    free(queue);
    free(seen);
    qsort(s->lever, s->levers, sizeof *s->lever, by_kind);
    return e;
}

/* ---- sets ---- */

/* The least of part i that is enough with the others as they stand. */
static void least(struct search *s, struct tc_measure *m, uint32_t n, uint32_t i)
{
    uint32_t good = m[i].amount, bad = none(s, &m[i]);
    bool up = m[i].kind == TC_LEVER_BUFFER; /* good is above bad */
    if (!up && bad > s->opts->until + 1)    /* an end after it is none */
        bad = s->opts->until + 1;
    while (up ? good - bad > 1 : bad - good > 1) {
        uint32_t mid = up ? bad + (good - bad) / 2 : good + (bad - good) / 2;
        m[i].amount = mid;
        if (enough(s, m, n))
            good = mid;
        else
            bad = mid;
        if (s->err || !s->left)
            break;
    }
    m[i].amount = good;
}

static void keep(struct search *s, const struct tc_measure *m, uint32_t n)
{
    struct tc_prevent *p = s->out;
    if (p->n == s->opts->sets) {
        s->cut = true;
        return;
    }
    if (p->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        struct tc_prevent_set *sets = reallocarray(p->sets, cap, sizeof *sets);
        if (!sets) {
            s->err = TC_E_NOMEM;
            return;
        }
        p->sets = sets;
        s->cap = cap;
    }
    struct tc_prevent_set *x = &p->sets[p->n++];
    *x = (struct tc_prevent_set){.n = n};
    memcpy(x->part, m, n * sizeof *m);
    for (uint32_t i = 0; i < n; i++)
        least(s, x->part, n, i);
}

/* Is a set that was told a part of this one? */
static bool has_smaller(const struct search *s, const struct tc_measure *m, uint32_t n)
{
    for (size_t i = 0; i < s->out->n; i++) {
        const struct tc_prevent_set *x = &s->out->sets[i];
        uint32_t in = 0;
        for (uint32_t a = 0; a < x->n; a++)
            for (uint32_t b = 0; b < n; b++)
                in += x->part[a].kind == m[b].kind && x->part[a].index == m[b].index;
        if (in == x->n)
            return true;
    }
    return false;
}

/* All sets of `size` levers, in order. */
static void try_size(struct search *s, uint32_t size)
{
    uint32_t at[TC_PREVENT_MOST] = {0, 1, 2};
    if (size > s->levers)
        return;
    for (;;) {
        struct tc_measure m[TC_PREVENT_MOST];
        for (uint32_t i = 0; i < size; i++)
            m[i] = s->lever[at[i]];
        if (!has_smaller(s, m, size) && enough(s, m, size))
            keep(s, m, size);
        if (s->err || !s->left || (s->cut && s->out->n == s->opts->sets))
            return;
        uint32_t i = size;
        while (i && at[i - 1] == s->levers - size + i - 1)
            i--;
        if (!i)
            return;
        at[i - 1]++;
        for (; i < size; i++)
            at[i] = at[i - 1] + 1;
    }
}

static uint32_t failed_at(const struct search *s)
{
    size_t n;
    const struct tc_failure *f = tc_cascade_failures(s->c, &n);
    for (size_t i = 0; i < n; i++)
        if (f[i].asset == s->opts->asset)
            return f[i].at;
    return TC_NEVER;
}

static void look_for_sets(struct search *s)
{
    s->err = find_levers(s);
    for (uint32_t i = 0; i < s->levers; i++)
        s->lever[i].amount = most(s, &s->lever[i]);
    if (!s->err && !enough(s, s->lever, s->levers))
        return; /* not even all of them together */
    for (uint32_t size = 1; size <= TC_PREVENT_MOST && !s->err && s->left; size++)
        try_size(s, size);
}

tc_err tc_prevent_find(const struct tc_graph *g, const struct tc_scenario *given,
                       const struct tc_prevent_opts *opts, struct tc_prevent *out,
                       struct tc_diag *diag)
{
    struct tc_prevent found = {.at = TC_NEVER};
    struct search s = {.g = g,
                       .given = given,
                       .opts = opts,
                       .left = opts->runs ? opts->runs : RUNS,
                       .out = &found,
                       .diag = diag};
    const struct tc_cascade_opts o = {.horizon = opts->until};
    if (opts->asset >= g->n)
        return tc_diag_set(diag, TC_E_INVALID, "there is no such asset");
    s.c = tc_cascade_new(g);
    s.outages = calloc(given->n_outages + 1, sizeof *s.outages);
    s.capacities = calloc(given->n_capacities + 1, sizeof *s.capacities);
    s.stocks = calloc(given->n_stocks + TC_PREVENT_LEVERS + 1, sizeof *s.stocks);
    s.err = s.c && s.outages && s.capacities && s.stocks
                ? tc_cascade_scenario(s.c, given, &o, diag)
                : tc_diag_set(diag, TC_E_NOMEM, "out of memory");
    if (!s.err)
        found.at = failed_at(&s);
    if (!s.err && found.at != TC_NEVER)
        look_for_sets(&s);
    tc_cascade_free(s.c);
    free(s.outages);
    free(s.capacities);
    free(s.stocks);
    found.complete = !s.cut && s.left > 0;
    if (s.err) {
        tc_prevent_fini(&found);
        return s.err;
    }
    *out = found;
    return TC_OK;
}

void tc_prevent_fini(struct tc_prevent *p)
{
    free(p->sets);
    *p = (struct tc_prevent){.n = 0};
}
