/* SPDX-License-Identifier: Apache-2.0 */
/* Sets that prevent a failure against brute force: every subset of up to three of all outages,
 * losses of capacity and buffers, each as much as can be; those that are enough while no part of
 * them is must be the sets that are told. Of each amount a second less must not be enough.
 * Usage: test_prevent_twin [GRAPHS [SEED]] (default 20000 and 1). */
#include "impact/prevent.h"

#include "base/limits.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_N = 7, MAX_G = 8, MAX_O = 3, MAX_C = 2, ALL = MAX_G + MAX_O + MAX_C, UNTIL = 20 };

struct world {
    struct tc_graph *g;
    struct tc_cascade *c;
    struct tc_outage outage[MAX_O];
    struct tc_capacity capacity[MAX_C];
    uint32_t outages, capacities, levers, target;
    struct tc_measure lever[ALL];
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

static void add_group(struct tc_graph_builder *b, uint32_t n)
{
    uint32_t owner = rnd(n), list[3], count = 0;
    for (uint32_t tries = 0; tries < 6 && count < 1 + rnd(3); tries++) {
        uint32_t s = rnd(n);
        bool there = s == owner;
        for (uint32_t i = 0; i < count; i++)
            there = there || list[i] == s;
        if (!there && count < 3)
            list[count++] = s;
    }
    const struct tc_group_spec spec = {.asset = owner,
                                       .service = TC_STR("power"),
                                       .mode = rnd(2) ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                       .rule = TC_NEED_COUNT,
                                       .need = 1,
                                       .buffer_lo = rnd(2) ? rnd(8) : 0,
                                       .buffer_hi = 8,
                                       .restore_lo = rnd(3) ? 0 : 2,
                                       .restore_hi = 2,
                                       .suppliers = list,
                                       .n = count};
    if (count && tc_graph_add_group(b, &spec, NULL))
        abort();
}

static void make(struct world *w)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    uint32_t n = 2 + rnd(MAX_N - 1), handle;
    bool limits = rnd(3) == 0;
    *w = (struct world){.target = rnd(n)};
    for (uint32_t v = 0; v < n; v++) {
        char id[2] = {(char)('a' + v), 0};
        struct tc_asset_spec spec = {
            .id = tc_str_cstr(id), .limited = limits && rnd(2), .capacity = 1000 * (1 + rnd(3))};
        if (!b || tc_graph_add_asset(b, &spec, &handle, NULL))
            abort();
    }
    for (uint32_t i = 1 + rnd(MAX_G); i; i--)
        add_group(b, n);
    if (tc_graph_finish(b, &w->g, NULL) || !(w->c = tc_cascade_new(w->g)))
        abort();
    for (uint32_t i = 1 + rnd(MAX_O); i; i--) {
        uint32_t start = rnd(2) ? 0 : rnd(6);
        w->lever[w->levers++] = (struct tc_measure){TC_LEVER_OUTAGE, w->outages, start};
        w->outage[w->outages++] =
            (struct tc_outage){rnd(n), start, rnd(2) ? TC_NEVER : start + 1 + rnd(20)};
    }
    for (uint32_t i = limits ? rnd(MAX_C + 1) : 0; i; i--) {
        uint32_t start = rnd(6);
        w->lever[w->levers++] = (struct tc_measure){TC_LEVER_CAPACITY, w->capacities, start};
        w->capacity[w->capacities++] = (struct tc_capacity){
            rnd(n), start, rnd(2) ? TC_NEVER : start + 1 + rnd(20), rnd(3) * 300000};
    }
    for (uint32_t k = 0; k < w->g->m; k++)
        w->lever[w->levers++] = (struct tc_measure){
            TC_LEVER_BUFFER, k, (uint32_t)TC_MAX_DURATION - w->g->group[k].buffer};
}

/* When the target fails with these measures; TC_NEVER = not up to UNTIL. */
static uint32_t fails(const struct world *w, const struct tc_measure *m, uint32_t n)
{
    struct tc_outage outage[MAX_O];
    struct tc_capacity capacity[MAX_C];
    struct tc_stock stock[ALL];
    struct tc_scenario s = {
        .outages = outage, .capacities = capacity, .stocks = stock, .start = TC_TIME_NONE};
    const struct tc_cascade_opts o = {.horizon = UNTIL};
    for (uint32_t i = 0; i < w->outages; i++) {
        outage[s.n_outages] = w->outage[i];
        for (uint32_t j = 0; j < n; j++)
            if (m[j].kind == TC_LEVER_OUTAGE && m[j].index == i)
                outage[s.n_outages].end = m[j].amount;
        s.n_outages += outage[s.n_outages].end > outage[s.n_outages].start;
    }
    for (uint32_t i = 0; i < w->capacities; i++) {
        capacity[s.n_capacities] = w->capacity[i];
        for (uint32_t j = 0; j < n; j++)
            if (m[j].kind == TC_LEVER_CAPACITY && m[j].index == i)
                capacity[s.n_capacities].end = m[j].amount;
        s.n_capacities += capacity[s.n_capacities].end > capacity[s.n_capacities].start;
    }
    for (uint32_t j = 0; j < n; j++)
        if (m[j].kind == TC_LEVER_BUFFER)
            stock[s.n_stocks++] = (struct tc_stock){
                m[j].index, w->g->group[m[j].index].buffer + m[j].amount, TC_SHARE_WHOLE};
    size_t count;
    if (tc_cascade_scenario(w->c, &s, &o, NULL))
        abort();
    const struct tc_failure *f = tc_cascade_failures(w->c, &count);
    for (size_t i = 0; i < count; i++)
        if (f[i].asset == w->target)
            return f[i].at;
    return TC_NEVER;
}

static bool told(const struct tc_prevent *p, const struct tc_measure *m, uint32_t n)
{
    for (size_t i = 0; i < p->n; i++) {
        bool same = p->sets[i].n == n;
        for (uint32_t j = 0; same && j < n; j++)
            same = p->sets[i].part[j].kind == m[j].kind && p->sets[i].part[j].index == m[j].index;
        if (same)
            return true;
    }
    return false;
}

/* Every subset of up to three; *sets counts those that are enough and have no part that is. */
static bool brute_agrees(const struct world *w, const struct tc_prevent *p, size_t *sets)
{
    bool good[1u << ALL]; /* by bits */
    memset(good, 0, sizeof good);
    for (uint32_t bits = 1; bits < 1u << w->levers; bits++) {
        uint32_t n = 0;
        struct tc_measure m[TC_PREVENT_MOST];
        if (__builtin_popcount(bits) > (int)TC_PREVENT_MOST)
            continue;
        for (uint32_t i = 0; i < w->levers; i++)
            if (bits >> i & 1)
                m[n++] = w->lever[i];
        bool part = false;
        for (uint32_t i = 0; i < w->levers; i++)
            part = part || ((bits >> i & 1) && good[bits & ~(1u << i)]);
        good[bits] = part || fails(w, m, n) == TC_NEVER;
        bool minimal = good[bits] && !part;
        *sets += minimal;
        if (minimal != told(p, m, n))
            return false;
    }
    return true;
}

static bool amounts_fit(const struct world *w, const struct tc_prevent *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct tc_prevent_set *x = &p->sets[i];
        if (fails(w, x->part, x->n) != TC_NEVER)
            return false;
        for (uint32_t j = 0; j < x->n; j++) {
            struct tc_measure m[TC_PREVENT_MOST];
            memcpy(m, x->part, sizeof m);
            for (uint32_t k = j + 1; k < x->n; k++) /* those after it: as much as can be */
                m[k].amount = m[k].kind == TC_LEVER_OUTAGE ? w->outage[m[k].index].start
                              : m[k].kind == TC_LEVER_CAPACITY
                                  ? w->capacity[m[k].index].start
                                  : (uint32_t)TC_MAX_DURATION - w->g->group[m[k].index].buffer;
            m[j].amount += m[j].kind == TC_LEVER_BUFFER ? UINT32_MAX : 1;
            if (fails(w, m, x->n) == TC_NEVER)
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
    uint64_t graphs = number(argc, argv, 1, 20000), seed = number(argc, argv, 2, 1), failing = 0;
    size_t sets = 0;
    for (uint64_t i = 0; i < graphs; i++) {
        struct world w;
        struct tc_prevent p = {.n = 0};
        state = seed * UINT64_C(1000000007) + i;
        make(&w);
        const struct tc_scenario s = {.outages = w.outage,
                                      .n_outages = w.outages,
                                      .capacities = w.capacity,
                                      .n_capacities = w.capacities,
                                      .start = TC_TIME_NONE};
        const struct tc_prevent_opts o = {.asset = w.target, .until = UNTIL, .sets = 1000};
        bool ok = !tc_prevent_find(w.g, &s, &o, &p, NULL) && p.complete;
        uint32_t at = fails(&w, NULL, 0);
        ok = ok && p.at == at;
        failing += at != TC_NEVER;
        if (ok && at != TC_NEVER)
            ok = brute_agrees(&w, &p, &sets) && amounts_fit(&w, &p);
        else
            ok = ok && p.n == 0;
        if (!ok) {
            (void)fprintf(stderr, "graph %llu of seed %llu disagrees\n", (unsigned long long)i,
                          (unsigned long long)seed);
            return 1;
        }
        tc_prevent_fini(&p);
        tc_cascade_free(w.c);
        tc_graph_free(w.g);
    }
    (void)printf("%llu graphs agree (%llu failing targets, %zu sets)\n", (unsigned long long)graphs,
                 (unsigned long long)failing, sets);
    return 0;
}
