/* SPDX-License-Identifier: Apache-2.0 */
/* The cascade against a slow twin written straight from the definition above the code in
 * src/impact/cascade.c: it walks through time second by second and works every fixed point out from
 * nothing. Small random graphs with loops, flow and support, counts and shares, buffers and
 * restores, outages that begin and end; in two graphs of three also capacities, demands and
 * priorities, measurements, tanks that fill slowly, begin half full or are of another size, and
 * calendars. First failure and first return must agree exactly.
 * Usage: test_cascade_twin [GRAPHS [SEED]] (default 100000 and 1). */
#include "impact/cascade.h"

#include "base/num.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_N = 8, MAX_M = 16, MAX_S = 3, MAX_O = 4, MAX_C = 3, SECONDS = 28 };

struct tgroup {
    uint32_t owner, service, count, supplier[MAX_N], loss[MAX_N], budget, buffer, restore;
    bool flow;
    uint64_t demand[MAX_N];
    uint16_t priority[MAX_N];
    uint64_t recharge, fill, level;
    const char *calendar;
    struct tc_week week;
};

struct world {
    uint32_t n, m, outages, capacities, stocks;
    struct tgroup group[MAX_M];
    struct tc_outage outage[MAX_O];
    struct tc_capacity capacity[MAX_C];
    struct tc_stock stock[MAX_M];
    uint64_t limit[MAX_N];
    uint32_t shed[MAX_M]; /* bits: suppliers (by place in the group) that cannot carry it */
    bool more;
    tc_time start;
    uint32_t loop[MAX_S][MAX_N]; /* bits: the assets in one loop with this one */
    /* the twin's answer */
    uint32_t at[MAX_N], until[MAX_N];
};

static uint64_t state;

static uint32_t rnd(uint32_t below)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ (x >> 31)) >> 33) % below;
}

static void find_loops(struct world *w)
{
    for (uint32_t s = 0; s < MAX_S; s++) {
        uint32_t to[MAX_N] = {0}; /* suppliers reached */
        for (uint32_t k = 0; k < w->m; k++)
            for (uint32_t i = 0;
                 w->group[k].flow && w->group[k].service == s && i < w->group[k].count; i++)
                to[w->group[k].owner] |= 1u << w->group[k].supplier[i];
        for (uint32_t mid = 0; mid < w->n; mid++)
            for (uint32_t v = 0; v < w->n; v++)
                if (to[v] >> mid & 1)
                    to[v] |= to[mid];
        for (uint32_t v = 0; v < w->n; v++) {
            w->loop[s][v] = 0;
            for (uint32_t u = 0; u < w->n; u++)
                if (u != v && (to[v] >> u & 1) && (to[u] >> v & 1))
                    w->loop[s][v] |= 1u << u;
        }
    }
}

/* Does the supplier at place i stand for this group? */
static bool counts(const struct world *w, const struct tgroup *k, uint32_t i, uint32_t up,
                   const uint32_t *fed)
{
    uint32_t s = k->supplier[i];
    bool inside = k->flow && (w->loop[k->service][k->owner] >> s & 1);
    return (inside ? fed[k->service] : up) >> s & 1;
}

static bool does_hold(const struct world *w, const struct tgroup *k, uint32_t up,
                      const uint32_t *fed)
{
    uint32_t lost = 0, shed = w->shed[k - w->group];
    for (uint32_t i = 0; i < k->count; i++)
        lost += counts(w, k, i, up, fed) && !(shed >> i & 1) ? 0 : k->loss[i];
    return lost <= k->budget;
}

/* ---- capacity ---- */

static uint64_t can(const struct world *w, uint32_t v, int t, bool starting)
{
    uint64_t asked = 0, least = w->limit[v];
    for (uint32_t k = 0; k < w->m; k++)
        for (uint32_t i = 0; i < w->group[k].count; i++)
            asked += w->group[k].supplier[i] == v ? w->group[k].demand[i] : 0;
    for (uint32_t i = 0; i < w->capacities; i++) {
        const struct tc_capacity *c = &w->capacity[i];
        bool on = (starting ? (int)c->start <= t : (int)c->start < t) && (uint32_t)t < c->end;
        uint64_t whole = w->limit[v] == TC_UNLIMITED ? asked : w->limit[v];
        if (c->asset == v && on && c->left < TC_SHARE_WHOLE && whole * c->left / 1000000 < least)
            least = whole * c->left / 1000000;
    }
    return least;
}

static uint64_t use(const struct world *w, const struct tgroup *k, int t);

/* In hundredths. */
static uint64_t claim(const struct world *w, uint32_t k, uint32_t i, int t, bool starting,
                      uint32_t up, const uint32_t *fed)
{
    const struct tgroup *x = &w->group[k];
    uint64_t total = 0, present = 0;
    for (uint32_t j = 0; j < x->count; j++) {
        total += x->demand[j];
        present +=
            j == i || (counts(w, x, j, up, fed) && !(w->shed[k] >> j & 1)) ? x->demand[j] : 0;
    }
    uint64_t percent = use(w, x, t);
    if (!starting && t && use(w, x, t - 1) < percent)
        percent = use(w, x, t - 1);
    uint64_t own = x->demand[i] * percent;
    return x->budget && own ? (own * total + present - 1) / present : own;
}

/* Is (k, i) served before (l, j)? */
static bool before(const struct world *w, uint32_t k, uint32_t i, uint32_t l, uint32_t j)
{
    const struct tgroup *a = &w->group[k], *b = &w->group[l];
    if (a->priority[i] != b->priority[j])
        return a->priority[i] < b->priority[j];
    return a->owner != b->owner ? a->owner < b->owner : k < l;
}

/* Who would be shed as things stand: served are those whose demand and all before it fit. */
static void overload(const struct world *w, int t, bool starting, uint32_t up, const uint32_t *fed,
                     uint32_t *out)
{
    for (uint32_t k = 0; k < w->m; k++) {
        out[k] = 0;
        for (uint32_t i = 0; i < w->group[k].count; i++) {
            uint32_t v = w->group[k].supplier[i];
            uint64_t sum = claim(w, k, i, t, starting, up, fed);
            bool asks = w->group[k].demand[i] > 0;
            for (uint32_t l = 0; l < w->m; l++)
                for (uint32_t j = 0; j < w->group[l].count; j++)
                    if (w->group[l].supplier[j] == v && before(w, l, j, k, i))
                        sum += w->group[l].demand[j] ? claim(w, l, j, t, starting, up, fed) : 0;
            uint64_t most = can(w, v, t, starting);
            if (asks && most != TC_UNLIMITED && sum > most * 100)
                out[k] |= 1u << i;
        }
    }
}

/* ---- stocks ---- */

static uint64_t full(const struct tgroup *k)
{
    return k->buffer * (k->recharge ? k->recharge : 1) * 100;
}

static uint64_t use(const struct world *w, const struct tgroup *k, int t)
{
    if (!k->calendar)
        return 100;
    if (w->start == TC_TIME_NONE)
        return tc_week_most(&k->week);
    return k->week.percent[tc_week_second(&k->week, w->start + t * TC_SECOND) / 3600];
}

/* What second t does to the stock, given how the group stood in it. */
static void flow(const struct world *w, struct tgroup *k, int t, bool lost, bool was, bool out)
{
    uint64_t gone = use(w, k, t) * (k->recharge ? k->recharge : 1);
    if (lost && out)
        k->level = 0;
    else if (lost)
        k->level -= gone < k->level ? gone : k->level;
    else if (k->recharge)
        k->level = k->level + k->buffer * 100 < full(k) ? k->level + k->buffer * 100 : full(k);
    else if (was)
        k->level = full(k);
}

/* The least set of fed members of loops, for each service. */
static void feed(const struct world *w, uint32_t up, uint32_t *fed)
{
    for (uint32_t s = 0; s < MAX_S; s++)
        fed[s] = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t s = 0; s < MAX_S; s++) {
            for (uint32_t v = 0; v < w->n; v++) {
                if (!w->loop[s][v] || (fed[s] >> v & 1) || !(up >> v & 1))
                    continue;
                bool ok = true;
                for (uint32_t k = 0; k < w->m; k++)
                    if (w->group[k].flow && w->group[k].service == s && w->group[k].owner == v)
                        ok = ok && does_hold(w, &w->group[k], up, fed);
                if (ok) {
                    fed[s] |= 1u << v;
                    changed = true;
                }
            }
        }
    }
}

static uint32_t down_by_groups(const struct world *w, uint32_t out)
{
    uint32_t down = 0;
    for (uint32_t k = 0; k < w->m; k++)
        if (out >> k & 1)
            down |= 1u << w->group[k].owner;
    return down;
}

static uint32_t down_by_outages(const struct world *w, uint32_t t, bool starting)
{
    uint32_t down = 0;
    for (uint32_t i = 0; i < w->outages; i++) {
        const struct tc_outage *o = &w->outage[i];
        if ((starting ? o->start <= t : o->start < t) && t < o->end)
            down |= 1u << o->asset;
    }
    return down;
}

/* Bits of groups that were lost (or held) in every second of [from, to]; before 0 all held. */
static bool all_along(const uint32_t *lost, uint32_t k, int from, int to, bool want)
{
    for (int t = from; t <= to; t++)
        if ((t < 0 ? false : lost[t] >> k & 1) != want)
            return false;
    return true;
}

static void twin(struct world *w)
{
    uint32_t up = (1u << w->n) - 1, out = 0, lost[SECONDS] = {0}, fed[MAX_S], over[MAX_M];
    for (uint32_t v = 0; v < w->n; v++)
        w->at[v] = w->until[v] = TC_NEVER;
    for (uint32_t k = 0; k < w->m; k++) {
        w->shed[k] = 0;
        w->group[k].level = full(&w->group[k]) * w->group[k].fill / TC_SHARE_WHOLE;
    }
    for (int t = 0; t < SECONDS; t++) {
        uint32_t was = up, out1 = out;
        feed(w, up, fed);
        for (uint32_t k = 0; k < w->m; k++) /* who comes back serves nobody at first */
            for (uint32_t i = 0; i < w->group[k].count; i++)
                if (!counts(w, &w->group[k], i, up, fed))
                    w->shed[k] |= 1u << i;
        for (bool changed = true; changed;) { /* what returns */
            uint32_t up0 = up, out0 = out1, fewer = 0;
            feed(w, up, fed);
            overload(w, t, false, up, fed, over);
            for (uint32_t k = 0; k < w->m; k++) {
                fewer |= w->shed[k] & ~over[k];
                w->shed[k] &= over[k];
            }
            feed(w, up, fed);
            for (uint32_t k = 0; k < w->m; k++)
                if ((out1 >> k & 1) && does_hold(w, &w->group[k], up, fed) &&
                    all_along(lost, k, t - (int)w->group[k].restore, t - 1, false))
                    out1 &= ~(1u << k);
            up |= ((1u << w->n) - 1) & ~down_by_groups(w, out1) &
                  ~down_by_outages(w, (uint32_t)t, false);
            changed = up != up0 || out1 != out0 || fewer;
        }
        for (bool changed = true; changed;) { /* what is lost */
            uint32_t up0 = up, out2 = out1, more = 0;
            feed(w, up, fed);
            overload(w, t, true, up, fed, over);
            for (uint32_t k = 0; k < w->m; k++) {
                more |= over[k] & ~w->shed[k];
                w->shed[k] |= over[k];
            }
            feed(w, up, fed);
            lost[t] = 0;
            for (uint32_t k = 0; k < w->m; k++) {
                if (does_hold(w, &w->group[k], up, fed))
                    continue;
                lost[t] |= 1u << k;
                out2 &= ~(1u << k);
                if ((out >> k & 1) || w->group[k].level == 0)
                    out2 |= 1u << k;
            }
            up &= ~down_by_groups(w, out2) & ~down_by_outages(w, (uint32_t)t, true);
            changed = up != up0 || more;
            if (!changed)
                out1 = out2;
        }
        out = out1;
        for (uint32_t k = 0; k < w->m; k++)
            flow(w, &w->group[k], t, lost[t] >> k & 1, t && (lost[t - 1] >> k & 1), out >> k & 1);
        for (uint32_t v = 0; v < w->n; v++) {
            if ((was & ~up) >> v & 1 && w->at[v] == TC_NEVER)
                w->at[v] = (uint32_t)t;
            if ((up & ~was) >> v & 1 && w->until[v] == TC_NEVER)
                w->until[v] = (uint32_t)t;
        }
    }
}

static uint32_t small(uint32_t most)
{
    return rnd(2) ? 0 : rnd(most + 1);
}

/* Also fills the loss and budget of the twin from the header's table. */
static bool add_group(struct world *w, struct tc_graph_builder *b)
{
    static const char *names[MAX_S] = {"electricity", "water", "data"};
    struct tgroup *k = &w->group[w->m];
    *k = (struct tgroup){.owner = rnd(w->n), .service = rnd(MAX_S), .flow = rnd(3) > 0};
    uint32_t want = 1 + rnd(4), shares[MAX_N], sum = 0;
    for (uint32_t tries = 0; tries < 12 && k->count < want; tries++) {
        uint32_t s = rnd(w->n);
        bool there = s == k->owner;
        for (uint32_t i = 0; i < k->count; i++)
            there = there || k->supplier[i] == s;
        if (!there)
            k->supplier[k->count++] = s;
    }
    if (!k->count)
        return false;
    static const char *const weeks[] = {"50%; 00-12 200%", "0%; 00-12 100%", "100%; 00-12 0%",
                                        "300%; 00-12 30%; UTC+01:00"};
    k->buffer = small(5);
    k->restore = small(4);
    k->fill = TC_SHARE_WHOLE;
    k->recharge = w->more ? small(6) : 0;
    k->calendar = w->more && !rnd(3) ? weeks[rnd(4)] : NULL;
    if (k->calendar && tc_week_parse(tc_str_cstr(k->calendar), &k->week))
        abort();
    struct tc_group_spec spec = {.asset = k->owner,
                                 .service = tc_str_cstr(names[k->service]),
                                 .mode = k->flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                 .rule = (enum tc_need)rnd(3),
                                 .buffer_lo = k->buffer,
                                 .buffer_hi = k->buffer + small(3),
                                 .restore_hi = k->restore,
                                 .restore_lo = k->restore ? rnd(k->restore + 1) : 0,
                                 .suppliers = k->supplier,
                                 .shares = shares,
                                 .demands = w->more && rnd(2) ? k->demand : NULL,
                                 .priorities = w->more && rnd(2) ? k->priority : NULL,
                                 .recharge = (int64_t)k->recharge,
                                 .calendar = tc_str_cstr(k->calendar),
                                 .n = k->count};
    for (uint32_t i = 0; i < k->count; i++) {
        k->demand[i] = spec.demands ? rnd(4) * 700 : TC_UNIT;
        k->priority[i] = spec.priorities ? (uint16_t)rnd(3) : (uint16_t)TC_LAST;
        shares[i] = rnd(5) * 250000;
        sum += shares[i];
        k->loss[i] = spec.rule == TC_NEED_SHARE ? shares[i] : 1;
    }
    if (spec.rule == TC_NEED_COUNT) {
        spec.need = rnd(3) ? 1 : 1 + rnd(k->count);
        k->budget = k->count - spec.need;
    } else if (spec.rule == TC_NEED_SHARE) {
        if (!sum)
            return false;
        spec.need = 1 + rnd(sum);
        k->budget = sum - spec.need;
    }
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_graph_add_group(b, &spec, &d)) {
        (void)fprintf(stderr, "refused: %s\n", d.message);
        abort();
    }
    w->m++;
    return true;
}

/* The number in g of the twin's group: groups of one owner stand in the order of calls. */
static uint32_t number_of(const struct world *w, const struct tc_graph *g, uint32_t k)
{
    uint32_t at = g->group_first[w->group[k].owner];
    for (uint32_t j = 0; j < k; j++)
        at += w->group[j].owner == w->group[k].owner;
    return at;
}

static void make_more(struct world *w, const struct tc_graph *g)
{
    /* some seconds before midnight or noon of a Saturday */
    if (rnd(2))
        w->start = (INT64_C(2) * 86400 + (rnd(2) ? 43200 : 0) - rnd(20)) * TC_SECOND;
    for (uint32_t i = rnd(MAX_C + 1); i; i--) {
        uint32_t start = small(9);
        w->capacity[w->capacities++] = (struct tc_capacity){
            rnd(w->n), start, rnd(2) ? TC_NEVER : start + 1 + rnd(9), rnd(5) * 250000};
    }
    for (uint32_t k = 0; k < w->m; k++) {
        struct tgroup *x = &w->group[k];
        if (rnd(5))
            continue;
        uint32_t buffer = rnd(2) ? TC_KEEP : rnd(7);
        x->buffer = buffer == TC_KEEP ? x->buffer : buffer;
        x->fill = rnd(3) * 500000;
        w->stock[w->stocks++] = (struct tc_stock){number_of(w, g, k), buffer, (uint32_t)x->fill};
    }
}

static struct tc_graph *make(struct world *w)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    if (!b)
        abort();
    *w = (struct world){.n = 2 + rnd(MAX_N - 1), .more = rnd(3) > 0, .start = TC_TIME_NONE};
    bool limits = w->more && rnd(3);
    for (uint32_t v = 0; v < w->n; v++) {
        char id[2] = {(char)('a' + v), 0};
        struct tc_asset_spec spec = {.id = tc_str_cstr(id), .limited = limits && rnd(2)};
        spec.capacity = rnd(9) * 500;
        w->limit[v] = spec.limited ? spec.capacity : TC_UNLIMITED;
        uint32_t handle;
        if (tc_graph_add_asset(b, &spec, &handle, NULL))
            abort();
        assert(handle == v);
    }
    for (uint32_t want = 1 + rnd(2 * w->n), i = 0; i < want && w->m < MAX_M; i++)
        (void)add_group(w, b);
    if (tc_graph_finish(b, &g, NULL))
        abort();
    w->outages = 1 + rnd(MAX_O);
    for (uint32_t i = 0; i < w->outages; i++) {
        uint32_t start = small(6);
        w->outage[i] = (struct tc_outage){rnd(w->n), start, TC_NEVER};
        if (rnd(3))
            w->outage[i].end = start + 1 + rnd(8);
    }
    if (w->more)
        make_more(w, g);
    find_loops(w);
    return g;
}

static bool agree(const struct world *w, const struct tc_cascade *c)
{
    size_t n, found = 0, failed = 0;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (uint32_t v = 0; v < w->n; v++)
        failed += w->at[v] != TC_NEVER;
    for (size_t i = 0; i < n; i++) {
        uint32_t until = f[i].until < SECONDS ? f[i].until : TC_NEVER;
        found += w->at[f[i].asset] == f[i].at && w->until[f[i].asset] == until;
    }
    return found == n && failed == n;
}

static void show(const struct world *w, const struct tc_cascade *c)
{
    for (uint32_t k = 0; k < w->m; k++) {
        const struct tgroup *t = &w->group[k];
        (void)fprintf(stderr,
                      "  %c needs service %u (%s) budget %u buffer %u restore %u recharge %u fill "
                      "%u '%s' of",
                      'a' + (char)t->owner, t->service, t->flow ? "flow" : "support", t->budget,
                      t->buffer, t->restore, (unsigned)t->recharge, (unsigned)t->fill,
                      t->calendar ? t->calendar : "");
        for (uint32_t i = 0; i < t->count; i++)
            (void)fprintf(stderr, " %c:%u(%u,%u)", 'a' + (char)t->supplier[i], t->loss[i],
                          (unsigned)t->demand[i], t->priority[i]);
        (void)fputc('\n', stderr);
    }
    for (uint32_t i = 0; i < w->outages; i++)
        (void)fprintf(stderr, "  outage %c [%u, %d)\n", 'a' + (char)w->outage[i].asset,
                      w->outage[i].start, (int)w->outage[i].end);
    for (uint32_t i = 0; i < w->capacities; i++)
        (void)fprintf(stderr, "  capacity %c [%u, %d) %u\n", 'a' + (char)w->capacity[i].asset,
                      w->capacity[i].start, (int)w->capacity[i].end, w->capacity[i].left);
    for (uint32_t v = 0; v < w->n; v++)
        if (w->limit[v] != TC_UNLIMITED)
            (void)fprintf(stderr, "  %c can carry %u\n", 'a' + (char)v, (unsigned)w->limit[v]);
    for (uint32_t v = 0; v < w->n; v++)
        (void)fprintf(stderr, "  twin %c at %d until %d\n", 'a' + (char)v, (int)w->at[v],
                      (int)w->until[v]);
    size_t n;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++)
        (void)fprintf(stderr, "  fast %c at %d until %d\n", 'a' + (char)f[i].asset, (int)f[i].at,
                      (int)f[i].until);
}

/* A cause names no asset twice, not the failed one itself, and for a failure with a given outage
 * behind it ends there. */
static bool causes_fit(struct tc_cascade *c)
{
    size_t n, direct;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++) {
        uint32_t list[2 * MAX_N];
        size_t k = tc_cascade_cause(c, &f[i], list, 2 * MAX_N, &direct);
        if ((f[i].flags & TC_FAIL_GIVEN) ? k != 0 : k == 0 || direct == 0)
            return false;
        for (size_t x = 0; x < k; x++) {
            if (list[x] == f[i].asset)
                return false;
            for (size_t y = 0; y < x; y++)
                if (list[x] == list[y])
                    return false;
        }
    }
    return true;
}

static uint64_t number(int argc, char **argv, int i, uint64_t otherwise)
{
    uint64_t v = otherwise;
    return argc > i && tc_num_u64(tc_str_cstr(argv[i]), UINT64_MAX, &v) ? otherwise : v;
}

int main(int argc, char **argv)
{
    uint64_t graphs = number(argc, argv, 1, 100000), seed = number(argc, argv, 2, 1);
    uint64_t failures = 0, loops = 0, returns = 0;
    for (uint64_t i = 0; i < graphs; i++) {
        state = seed * UINT64_C(1000000007) + i;
        struct world w;
        struct tc_graph *g = make(&w);
        struct tc_cascade *c = tc_cascade_new(g);
        if (!c)
            abort();
        loops += g->loops > 0;
        /* Twice, with another run between: a run must forget the last one. */
        struct tc_cascade_opts opts = {.horizon = SECONDS - 1, .toggles = 2 * SECONDS};
        struct tc_outage other = {rnd(w.n), 0, 1 + rnd(9)};
        twin(&w);
        const struct tc_scenario s = {.outages = w.outage,
                                      .n_outages = w.outages,
                                      .capacities = w.capacity,
                                      .n_capacities = w.capacities,
                                      .stocks = w.stock,
                                      .n_stocks = w.stocks,
                                      .start = w.start};
        bool ok = !tc_cascade_scenario(c, &s, &opts, NULL) && agree(&w, c);
        ok = ok && !tc_cascade_run(c, &other, 1, &opts, NULL);
        ok = ok && !tc_cascade_scenario(c, &s, &opts, NULL) && agree(&w, c);
        ok = ok && causes_fit(c);
        for (uint32_t v = 0; v < w.n; v++) {
            failures += w.at[v] != TC_NEVER;
            returns += w.until[v] != TC_NEVER;
        }
        if (!ok) {
            (void)fprintf(stderr, "graph %llu of seed %llu disagrees\n", (unsigned long long)i,
                          (unsigned long long)seed);
            show(&w, c);
            return 1;
        }
        tc_cascade_free(c);
        tc_graph_free(g);
    }
    (void)printf("%llu graphs agree (%llu with loops, %llu failures, %llu returns)\n",
                 (unsigned long long)graphs, (unsigned long long)loops,
                 (unsigned long long)failures, (unsigned long long)returns);
    return 0;
}
