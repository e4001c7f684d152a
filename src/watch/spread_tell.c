/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a component: each failure with the incidents that it is put down to, what it
 * lacks, and how likely and when, if buffers are ranges. */
#include "watch/spread_int.h"

#include <stdlib.h>
#include <string.h>

/* Failures times runs that one component may cost: 50 ms or so. */
#define SAMPLE_WORK 2000000u
#define SAMPLES_MIN 20u
/* Links of a causal chain that are followed to find the incident at its end. */
#define CHAIN_MAX 64

static void add_root(struct tc_spread *s, uint32_t f, uint32_t incident, bool *changed)
{
    uint32_t *r = &s->roots[(size_t)f * TC_SPREAD_ROOTS];
    uint32_t n = s->n_roots[f], at = 0;
    while (at < n && r[at] < incident)
        at++;
    if ((at < n && r[at] == incident) || n == TC_SPREAD_ROOTS)
        return;
    memmove(r + at + 1, r + at, (n - at) * sizeof *r);
    r[at] = incident;
    s->n_roots[f]++;
    *changed = true;
}

/* It was measured to carry less when the group stopped holding. */
static bool measured_at(const struct tc_spread *s, uint32_t asset, uint32_t t)
{
    for (uint32_t i = 0; i < s->n_capacities; i++) {
        const struct tc_capacity *c = &s->capacities[i];
        if (c->asset == asset && c->left < TC_SHARE_WHOLE && c->start <= t && t < c->end)
            return true;
    }
    return false;
}

/* Suppliers of the group that were missing when it stopped holding; *direct of them, behind those
 * the chain to a given outage where it is needed to find one. */
static uint32_t missing(struct tc_spread *s, const struct tc_failure *f, uint32_t *out,
                        uint32_t max, uint32_t *direct)
{
    const struct tc_graph *g = s->g;
    uint32_t n = 0;
    for (uint32_t e = g->in_first[f->group]; e < g->in_first[f->group + 1] && n < max; e++) {
        uint32_t at = s->fail_of[g->supplier[e]];
        const struct tc_failure *by = at ? &s->failures[at - 1] : NULL;
        if ((by && by->at <= f->lost_at && by->until > f->lost_at) ||
            ((f->flags & TC_FAIL_SHED) && measured_at(s, g->supplier[e], f->lost_at)))
            out[n++] = g->supplier[e];
    }
    *direct = n;
    if (n)
        return n;
    size_t k = 0; /* inside a loop it can be up and yet not fed, or it failed a second time */
    n = (uint32_t)tc_cascade_cause(s->cascade, f, out, max, &k);
    *direct = k ? (uint32_t)k : n ? 1 : 0;
    return n;
}

/* The incidents that measured the asset. */
static void roots_of_measured(struct tc_spread *s, uint32_t i, uint32_t asset, bool *changed)
{
    for (uint32_t m = 0; m < s->members.n; m++) {
        const struct incident *in = &s->incidents[s->members.v[m]];
        for (uint32_t k = 0; k < in->n; k++)
            if (in->outages[k].measured && in->outages[k].asset == asset &&
                in->outages[k].left < TC_SHARE_WHOLE)
                add_root(s, i, s->members.v[m], changed);
    }
}

static void roots_of_supply(struct tc_spread *s, uint32_t i, bool *changed)
{
    uint32_t by[CHAIN_MAX], direct = 0;
    uint32_t n = missing(s, &s->failures[i], by, CHAIN_MAX, &direct);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = s->fail_of[by[k]];
        for (uint32_t q = 0; at && q < s->n_roots[at - 1]; q++)
            add_root(s, i, s->roots[(size_t)(at - 1) * TC_SPREAD_ROOTS + q], changed);
        if (s->n_capacities && (s->failures[i].flags & TC_FAIL_SHED))
            roots_of_measured(s, i, by[k], changed);
    }
}

/* An asset's roots are the incidents that name it and those of its missing suppliers; failures come
 * in time order, so one pass does, but for equal times. What is left without (a chain through what
 * is down whatever happens) is put down to the first incident of the component. */
static void find_roots(struct tc_spread *s)
{
    bool changed = true;
    if (!s->n_failures)
        return;
    memset(s->n_roots, 0, s->n_failures);
    for (uint32_t m = 0; m < s->members.n; m++) {
        const struct incident *in = &s->incidents[s->members.v[m]];
        for (uint32_t k = 0; k < in->n; k++) {
            uint32_t at = s->fail_of[in->outages[k].asset];
            if (at && !in->outages[k].measured && (!s->named || !in->outages[k].area))
                add_root(s, at - 1, s->members.v[m], &changed);
        }
    }
    for (int pass = 0; changed && pass < 16; pass++) {
        changed = false;
        for (uint32_t i = 0; i < s->n_failures; i++)
            if (s->failures[i].group != TC_NONE)
                roots_of_supply(s, i, &changed);
    }
    for (uint32_t i = 0; i < s->n_failures; i++)
        for (uint32_t m = 0; !s->n_roots[i] && m < s->members.n; m++)
            if (s->incidents[s->members.v[m]].n)
                add_root(s, i, s->members.v[m], &changed);
}

static bool uncertain(const struct tc_spread *s)
{
    const struct tc_graph *g = s->g;
    if (!g->ranges || !s->o.samples)
        return false;
    for (uint32_t i = 0; i < s->touched.n; i++) {
        uint32_t k = s->touched.v[i] - g->n;
        if (s->touched.v[i] < g->n || k >= g->m)
            continue;
        if (g->times[k].buffer_hi != g->group[k].buffer ||
            g->times[k].restore_lo != g->times[k].restore_hi)
            return true;
    }
    return false;
}

/* Runs over the ranges; times[i * runs + r], TC_NEVER where asset i stays up. 0 = none were made:
 * the worst case stands alone. */
static uint32_t sample(struct tc_spread *s, bool named, tc_err *err)
{
    uint32_t runs = s->n_failures ? SAMPLE_WORK / s->n_failures : 0;
    runs = runs > s->o.samples ? s->o.samples : runs < SAMPLES_MIN ? SAMPLES_MIN : runs;
    if (!uncertain(s))
        return 0;
    size_t cells = (size_t)runs * s->n_failures;
    uint32_t *t = reallocarray(s->times, cells, sizeof *t);
    if (!t) {
        *err = TC_E_NOMEM;
        return 0;
    }
    s->times = t;
    memset(t, 0xff, cells * sizeof *t);
    uint32_t n_outages = 0;
    struct tc_cascade_opts opts = tc_spread_cascade_opts(s);
    opts.sample = true;
    opts.seed = s->o.seed;
    *err = tc_spread_gather(s, named, &n_outages);
    for (uint32_t r = 0; !*err && r < runs; r++) {
        size_t n = 0;
        opts.run = r;
        const struct tc_scenario x = tc_spread_scenario(s, n_outages);
        *err = tc_cascade_scenario(s->cascade, &x, &opts, NULL);
        const struct tc_failure *f = *err ? NULL : tc_cascade_failures(s->cascade, &n);
        for (size_t i = 0; i < n; i++)
            if (s->fail_of[f[i].asset])
                t[(size_t)(s->fail_of[f[i].asset] - 1) * runs + r] = f[i].at;
    }
    return *err ? 0 : runs;
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* 5, 50 and 95 of a hundred among the runs in which it fails. */
static void spread_times(const struct tc_spread *s, uint32_t i, uint32_t runs,
                         struct tc_spread_hit *h)
{
    uint32_t *t = &s->times[(size_t)i * runs], n = 0;
    qsort(t, runs, sizeof *t, by_number);
    while (n < runs && t[n] != TC_NEVER)
        n++;
    if (!n) { /* only the very worst case fells it: less than one run in all */
        h->percent = 1;
        return;
    }
    h->percent = (100 * n + runs / 2) / runs;
    h->percent = h->percent ? h->percent : 1;
    h->at = s->base + t[(n - 1) / 2];
    h->early = s->base + t[(n - 1) * 5 / 100];
    h->late = s->base + t[(n - 1) * 95 / 100];
}

static bool only_by_area(const struct tc_spread *s, uint32_t asset)
{
    for (uint32_t m = 0; m < s->members.n; m++) {
        const struct incident *in = &s->incidents[s->members.v[m]];
        for (uint32_t k = 0; k < in->n; k++)
            if (in->outages[k].asset == asset && !in->outages[k].area && !in->outages[k].measured)
                return false;
    }
    return true;
}

static struct tc_spread_hit hit_of(struct tc_spread *s, uint32_t i)
{
    const struct tc_failure *f = &s->failures[i];
    struct tc_spread_hit h = {.asset = f->asset, .group = f->group, .percent = 100};
    h.possible = s->only_area;
    h.at = h.early = h.late = s->base + f->at;
    h.back = f->until == TC_NEVER ? INT64_MAX : s->base + f->until;
    h.given = (f->flags & TC_FAIL_GIVEN) != 0;
    h.area = h.given && only_by_area(s, f->asset);
    if (f->group != TC_NONE)
        (void)missing(s, f, h.cause, TC_SPREAD_CAUSES, &h.n_causes);
    h.n_roots = s->n_roots[i];
    memcpy(h.root, &s->roots[(size_t)i * TC_SPREAD_ROOTS], h.n_roots * sizeof *h.root);
    return h;
}

static bool was_told(const struct tc_spread *s, uint32_t asset, uint32_t root)
{
    const struct tc_spread_hit *h = s->told_of[asset] ? &s->told[s->told_of[asset] - 1] : NULL;
    for (uint32_t i = 0; h && i < h->n_roots; i++)
        if (h->root[i] == root)
            return true;
    return false;
}

/* Of what happens if the areas are out too, what has not been told without them. */
static void tell_rest(struct tc_spread *s, const struct tc_spread_tell *tell,
                      struct tc_spread_hit *h)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->n_roots; i++)
        if (!was_told(s, h->asset, h->root[i]))
            h->root[n++] = h->root[i];
    h->n_roots = n;
    h->possible = true;
    if (n)
        tell->hit(tell->arg, h);
}

/* The failures of the last run. All that needs the worst-case run's working space comes first,
 * since sampling runs over it. keep: as those of the named outages, for tell_rest. */
static tc_err tell_run(struct tc_spread *s, const struct tc_spread_tell *tell, bool named)
{
    tc_err e = TC_OK;
    struct tc_spread_hit *hits = calloc(s->n_failures + 1u, sizeof *hits);
    if (!hits)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < s->n_failures; i++)
        s->fail_of[s->failures[i].asset] = i + 1;
    find_roots(s);
    for (uint32_t i = 0; i < s->n_failures; i++)
        hits[i] = hit_of(s, i);
    uint32_t runs = s->n_failures ? sample(s, named, &e) : 0;
    for (uint32_t i = 0; !e && i < s->n_failures; i++) {
        if (runs && !hits[i].given)
            spread_times(s, i, runs, &hits[i]);
        if (!named && s->told)
            tell_rest(s, tell, &hits[i]);
        else
            tell->hit(tell->arg, &hits[i]);
    }
    for (uint32_t i = 0; i < s->n_failures; i++)
        s->fail_of[s->failures[i].asset] = 0;
    if (named && !e) {
        s->told = hits;
        s->n_told = s->n_failures;
        for (uint32_t i = 0; i < s->n_told; i++)
            s->told_of[hits[i].asset] = i + 1;
    } else {
        free(hits);
    }
    return e;
}

/* Bits: 1 some outage by name, 2 some by area. */
static unsigned kinds(const struct tc_spread *s)
{
    unsigned bits = 0;
    for (uint32_t m = 0; m < s->members.n; m++) {
        const struct incident *in = &s->incidents[s->members.v[m]];
        for (uint32_t k = 0; k < in->n && bits != 3; k++)
            bits |= in->outages[k].area ? 2 : 1;
    }
    return bits;
}

tc_err tc_spread_tell_all(struct tc_spread *s, const struct tc_spread_tell *tell)
{
    unsigned has = kinds(s);
    tc_err e = TC_OK;
    s->only_area = has == 2;
    tell->component(tell->arg, s->members.v, s->members.n);
    if (has == 3) {
        e = tc_spread_reckon(s, true);
        e = e ? e : tell_run(s, tell, true);
        e = e ? e : tc_spread_reckon(s, false);
    }
    e = e ? e : tell_run(s, tell, false);
    for (uint32_t i = 0; i < s->n_told; i++)
        s->told_of[s->told[i].asset] = 0;
    free(s->told);
    s->told = NULL;
    s->n_told = 0;
    if (!e)
        tell->end(tell->arg);
    return e;
}
