/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/pairs.h"

#include "impact/tally.h"

#include <stdlib.h>

/* The time at which each asset fails at the earliest of several runs. */
static void earliest(uint32_t *at, const struct tc_failure *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & TC_FAIL_UNSOURCED) && f[i].at < at[f[i].asset])
            at[f[i].asset] = f[i].at;
}

static tc_err run(struct tc_cascade *c, const uint32_t *assets, size_t n, uint32_t horizon)
{
    const struct tc_cascade_opts o = {.horizon = horizon};
    struct tc_outage *v = calloc(n + 1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct tc_outage){assets[i], 0, TC_NEVER};
    tc_err e = tc_cascade_run(c, v, n, &o, NULL);
    free(v);
    return e;
}

static tc_err alone(struct tc_cascade *c, const struct tc_graph *g, const uint32_t *assets,
                    size_t n, uint32_t horizon, uint64_t *out)
{
    uint32_t *at = calloc(g->n + 1u, sizeof *at);
    tc_err e = at ? TC_OK : TC_E_NOMEM;
    for (uint32_t v = 0; !e && v < g->n; v++)
        at[v] = TC_NEVER;
    for (size_t i = 0; !e && i < n; i++) {
        size_t k = 0;
        e = run(c, &assets[i], 1, horizon);
        if (!e) {
            const struct tc_failure *f = tc_cascade_failures(c, &k);
            earliest(at, f, k);
        }
    }
    *out = 0;
    for (uint32_t v = 0; !e && v < g->n; v++)
        *out += at[v] == TC_NEVER ? 0 : g->people[v] * (uint64_t)(horizon - at[v]);
    free(at);
    return e;
}

tc_err tc_together_run(struct tc_cascade *c, const struct tc_graph *g, const uint32_t *assets,
                       size_t n, uint32_t horizon, struct tc_together *out)
{
    struct tc_together t = *out;
    struct tc_tally tally;
    size_t k = 0, kept = 0;
    t.people_seconds = 0;
    tc_err e = alone(c, g, assets, n, horizon, &t.alone);
    e = e ? e : run(c, assets, n, horizon);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(c, &k);
    struct tc_failure *own = calloc(k + 1, sizeof *own);
    if (!own)
        return TC_E_NOMEM;
    for (size_t i = 0; i < k; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        own[kept++] = f[i];
        t.people_seconds += g->people[f[i].asset] * (uint64_t)(horizon - f[i].at);
    }
    e = tc_tally_make(g, own, kept, &tally);
    free(own);
    if (e)
        return e;
    t.failed = (uint32_t)kept;
    t.people = tally.people;
    t.member_states = tally.member_states;
    tc_tally_fini(&tally);
    *out = t;
    return TC_OK;
}

/* By what only the coincidence does, then by all of it. */
static int gravest_first(const void *x, const void *y)
{
    const struct tc_together *a = x, *b = y;
    uint64_t only_a = a->people_seconds > a->alone ? a->people_seconds - a->alone : 0,
             only_b = b->people_seconds > b->alone ? b->people_seconds - b->alone : 0;
    if (only_a != only_b)
        return only_a > only_b ? -1 : 1;
    if (a->people_seconds != b->people_seconds)
        return a->people_seconds > b->people_seconds ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->second > b->second) - (a->second < b->second);
}

tc_err tc_pairs_run(struct tc_cascade *c, const struct tc_graph *g, const uint32_t *assets,
                    size_t n, uint32_t horizon, struct tc_together *rows, bool (*enough)(void *arg),
                    void *arg)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            const uint32_t two[2] = {assets[i], assets[j]};
            if (enough && enough(arg))
                return TC_E_TIMEOUT;
            rows[at] = (struct tc_together){.first = two[0], .second = two[1]};
            tc_err e = tc_together_run(c, g, two, 2, horizon, &rows[at++]);
            if (e)
                return e;
        }
    if (at)
        qsort(rows, at, sizeof *rows, gravest_first);
    return TC_OK;
}
