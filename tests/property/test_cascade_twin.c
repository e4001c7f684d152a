/* SPDX-License-Identifier: Apache-2.0 */
/* The cascade against a slow twin written straight from the definition above the code in
 * src/impact/cascade.c: it walks through time second by second and works every fixed point out from
 * nothing. Small random graphs with loops, flow and support, counts and shares, buffers and
 * restores, outages that begin and end; first failure and first return must agree exactly.
 * Usage: test_cascade_twin [GRAPHS [SEED]] (default 100000 and 1). */
#include "impact/cascade.h"

#include "base/num.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_N = 8, MAX_M = 16, MAX_S = 3, MAX_O = 4, SECONDS = 28 };

struct tgroup {
    uint32_t owner, service, count, supplier[MAX_N], loss[MAX_N], budget, buffer, restore;
    bool flow;
};

struct world {
    uint32_t n, m, outages;
    struct tgroup group[MAX_M];
    struct tc_outage outage[MAX_O];
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

static bool does_hold(const struct world *w, const struct tgroup *k, uint32_t up,
                      const uint32_t *fed)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < k->count; i++) {
        uint32_t s = k->supplier[i];
        bool inside = k->flow && (w->loop[k->service][k->owner] >> s & 1);
        uint32_t counting = inside ? fed[k->service] : up;
        lost += counting >> s & 1 ? 0 : k->loss[i];
    }
    return lost <= k->budget;
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
    uint32_t up = (1u << w->n) - 1, out = 0, lost[SECONDS] = {0}, fed[MAX_S];
    for (uint32_t v = 0; v < w->n; v++)
        w->at[v] = w->until[v] = TC_NEVER;
    for (int t = 0; t < SECONDS; t++) {
        uint32_t was = up, out1 = out;
        for (bool changed = true; changed;) { /* what returns */
            uint32_t up0 = up, out0 = out1;
            feed(w, up, fed);
            for (uint32_t k = 0; k < w->m; k++)
                if ((out1 >> k & 1) && does_hold(w, &w->group[k], up, fed) &&
                    all_along(lost, k, t - (int)w->group[k].restore, t - 1, false))
                    out1 &= ~(1u << k);
            up |= ((1u << w->n) - 1) & ~down_by_groups(w, out1) &
                  ~down_by_outages(w, (uint32_t)t, false);
            changed = up != up0 || out1 != out0;
        }
        for (bool changed = true; changed;) { /* what is lost */
            uint32_t up0 = up, out2 = out1;
            feed(w, up, fed);
            lost[t] = 0;
            for (uint32_t k = 0; k < w->m; k++) {
                if (does_hold(w, &w->group[k], up, fed))
                    continue;
                lost[t] |= 1u << k;
                out2 &= ~(1u << k);
                if ((out >> k & 1) || all_along(lost, k, t - (int)w->group[k].buffer, t - 1, true))
                    out2 |= 1u << k;
            }
            up &= ~down_by_groups(w, out2) & ~down_by_outages(w, (uint32_t)t, true);
            changed = up != up0;
            if (!changed)
                out1 = out2;
        }
        out = out1;
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
    k->buffer = small(5);
    k->restore = small(4);
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
                                 .n = k->count};
    for (uint32_t i = 0; i < k->count; i++) {
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

static struct tc_graph *make(struct world *w)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    if (!b)
        abort();
    *w = (struct world){.n = 2 + rnd(MAX_N - 1)};
    for (uint32_t v = 0; v < w->n; v++) {
        char id[2] = {(char)('a' + v), 0};
        struct tc_asset_spec spec = {.id = tc_str_cstr(id)};
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
        (void)fprintf(stderr, "  %c needs service %u (%s) budget %u buffer %u restore %u of",
                      'a' + (char)t->owner, t->service, t->flow ? "flow" : "support", t->budget,
                      t->buffer, t->restore);
        for (uint32_t i = 0; i < t->count; i++)
            (void)fprintf(stderr, " %c:%u", 'a' + (char)t->supplier[i], t->loss[i]);
        (void)fputc('\n', stderr);
    }
    for (uint32_t i = 0; i < w->outages; i++)
        (void)fprintf(stderr, "  outage %c [%u, %d)\n", 'a' + (char)w->outage[i].asset,
                      w->outage[i].start, (int)w->outage[i].end);
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
        bool ok = !tc_cascade_run(c, w.outage, w.outages, &opts, NULL) && agree(&w, c);
        ok = ok && !tc_cascade_run(c, &other, 1, &opts, NULL);
        ok = ok && !tc_cascade_run(c, w.outage, w.outages, &opts, NULL) && agree(&w, c);
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
