/* SPDX-License-Identifier: Apache-2.0 */
/* # Components
 *
 * A cascade of one incident leaves marks: the assets that fail, the groups that lose a supplier,
 * the loops in which one of them lies. As long as the marks of two incidents do not meet, no group
 * sees losses of both, and the cascade of both together is the union of the two. So:
 *
 *      set(incident) --> dirty
 *      run: take a dirty incident --> its component is dissolved (marks off, members dirty)
 *           reckon the members together --> do the marks meet another component?
 *               yes: dissolve that one too, reckon again      no: put the marks on, tell the hits
 *
 * Each round either ends or makes the set larger, so it ends. Invariant between runs: each mark
 * belongs to exactly one component, and reckoning a component alone gives what reckoning
 * everything at once would say of its assets (a test holds it against exactly that).
 *
 * Assets that are down without any outage (a loop without a source) are found once for a graph and
 * are nobody's hits. */
#include "watch/spread.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_COMPONENT 0u
/* Failures times runs that one component may cost: 50 ms or so. */
#define SAMPLE_WORK 2000000u
#define SAMPLES_MIN 20u
/* Links of a causal chain that are followed to find the incident at its end. */
#define CHAIN_MAX 64

/* The cascade begins so long before the first outage that what is down whatever happens is down by
 * then; a year at most. */
#define LEAD_MAX (366u * 86400u)

struct incident {
    struct tc_spread_outage *outages;
    uint32_t n;
    uint32_t component; /* number, or NO_COMPONENT */
    bool dirty, used;
};

struct marks { /* who holds what: component numbers */
    uint32_t *asset, *group, *loop;
};

struct component {
    uint32_t *incidents, *marks; /* marks: asset, n + group, n + m + loop */
    uint32_t n_incidents, n_marks;
    uint32_t next_free;
};

struct ids { /* a growing list of numbers */
    uint32_t *v;
    uint32_t n, cap;
};

struct tc_spread {
    struct tc_spread_options o;
    const struct tc_graph *g;
    struct tc_cascade *cascade;
    struct incident *incidents;
    uint32_t n_incidents;
    struct ids dirty;
    uint32_t *mark;               /* n + m + loops */
    bool *always;                 /* n: down whatever happens */
    uint32_t *fail_of;            /* n: index + 1 into failures of this round */
    struct component *components; /* [0] is not used */
    uint32_t n_components, free_component;
    /* of one round */
    struct ids members, touched;
    struct tc_outage *outages;
    uint32_t outage_cap;
    struct tc_failure *failures;
    uint32_t n_failures, failure_cap;
    uint32_t *roots; /* n_failures * TC_SPREAD_ROOTS */
    uint8_t *n_roots;
    uint32_t *times; /* n_failures * samples */
    int64_t base, last_start;
    uint32_t lead; /* seconds from base to the first outage */
};

static bool ids_add(struct ids *l, uint32_t v)
{
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? 2 * l->cap : 64;
        uint32_t *p = reallocarray(l->v, cap, sizeof *p);
        if (!p)
            return false;
        l->v = p;
        l->cap = cap;
    }
    l->v[l->n++] = v;
    return true;
}

/* ---- life ---- */

struct tc_spread *tc_spread_new(const struct tc_spread_options *o)
{
    struct tc_spread *s = calloc(1, sizeof *s);
    if (s)
        s->o = *o;
    return s;
}

static void forget_components(struct tc_spread *s)
{
    for (uint32_t i = 0; i < s->n_components; i++) {
        free(s->components[i].incidents);
        free(s->components[i].marks);
    }
    free(s->components);
    s->components = NULL;
    s->n_components = s->free_component = 0;
}

void tc_spread_free(struct tc_spread *s)
{
    if (!s)
        return;
    forget_components(s);
    for (uint32_t i = 0; i < s->n_incidents; i++)
        free(s->incidents[i].outages);
    free(s->incidents);
    free(s->dirty.v);
    free(s->mark);
    free(s->always);
    free(s->fail_of);
    free(s->members.v);
    free(s->touched.v);
    free(s->outages);
    free(s->failures);
    free(s->roots);
    free(s->n_roots);
    free(s->times);
    tc_cascade_free(s->cascade);
    free(s);
}

static tc_err find_always_down(struct tc_spread *s)
{
    size_t n = 0;
    const struct tc_cascade_opts opts = {.horizon = TC_CASCADE_MAX_TIME};
    tc_err e = tc_cascade_run(s->cascade, NULL, 0, &opts, NULL);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(s->cascade, &n);
    s->lead = 0;
    for (size_t i = 0; i < n; i++) {
        s->always[f[i].asset] = true;
        if (s->lead <= f[i].at)
            s->lead = f[i].at + 1;
    }
    s->lead = s->lead < LEAD_MAX ? s->lead : LEAD_MAX;
    return TC_OK;
}

tc_err tc_spread_graph(struct tc_spread *s, const struct tc_graph *g)
{
    forget_components(s);
    tc_cascade_free(s->cascade);
    free(s->mark);
    free(s->always);
    free(s->fail_of);
    s->g = NULL;
    s->dirty.n = 0;
    s->cascade = tc_cascade_new(g);
    s->mark = calloc((size_t)g->n + g->m + g->loops + 1, sizeof *s->mark);
    s->always = calloc((size_t)g->n + 1, sizeof *s->always);
    s->fail_of = calloc((size_t)g->n + 1, sizeof *s->fail_of);
    if (!s->cascade || !s->mark || !s->always || !s->fail_of)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < s->n_incidents; i++) {
        s->incidents[i].component = NO_COMPONENT;
        s->incidents[i].dirty = s->incidents[i].used;
        s->incidents[i].n = 0; /* its numbers are of the old graph */
        if (s->incidents[i].used && !ids_add(&s->dirty, i))
            return TC_E_NOMEM;
    }
    s->g = g;
    return find_always_down(s);
}

static tc_err incident_room(struct tc_spread *s, uint32_t incident)
{
    if (incident < s->n_incidents)
        return TC_OK;
    uint32_t n = incident + 1 + incident / 2;
    struct incident *p = reallocarray(s->incidents, n, sizeof *p);
    if (!p)
        return TC_E_NOMEM;
    memset(p + s->n_incidents, 0, (n - s->n_incidents) * sizeof *p);
    s->incidents = p;
    s->n_incidents = n;
    return TC_OK;
}

tc_err tc_spread_set(struct tc_spread *s, uint32_t incident, const struct tc_spread_outage *o,
                     size_t n)
{
    tc_err e = incident_room(s, incident);
    struct tc_spread_outage *copy = NULL;
    if (e || n > UINT32_MAX)
        return e ? e : TC_E_LIMIT;
    if (n) {
        copy = reallocarray(NULL, n, sizeof *copy);
        if (!copy)
            return TC_E_NOMEM;
        memcpy(copy, o, n * sizeof *copy);
    }
    struct incident *i = &s->incidents[incident];
    if (!i->dirty && !ids_add(&s->dirty, incident)) {
        free(copy);
        return TC_E_NOMEM;
    }
    free(i->outages);
    i->outages = copy;
    i->n = (uint32_t)n;
    i->dirty = i->used = true;
    return TC_OK;
}

/* ---- components ---- */

static bool join(struct tc_spread *s, uint32_t incident)
{
    for (uint32_t i = 0; i < s->members.n; i++)
        if (s->members.v[i] == incident)
            return true;
    return ids_add(&s->members, incident);
}

/* Marks off; its incidents join those that are being reckoned. */
static bool dissolve(struct tc_spread *s, uint32_t number)
{
    struct component *c = &s->components[number];
    for (uint32_t i = 0; i < c->n_incidents; i++)
        if (s->incidents[c->incidents[i]].component == number) {
            if (!ids_add(&s->members, c->incidents[i]))
                return false;
            s->incidents[c->incidents[i]].component = NO_COMPONENT;
        }
    for (uint32_t i = 0; i < c->n_marks; i++)
        s->mark[c->marks[i]] = NO_COMPONENT;
    free(c->incidents);
    free(c->marks);
    *c = (struct component){.next_free = s->free_component};
    s->free_component = number;
    return true;
}

static uint32_t new_component(struct tc_spread *s)
{
    uint32_t number = s->free_component;
    if (number) {
        s->free_component = s->components[number].next_free;
        s->components[number] = (struct component){0};
        return number;
    }
    uint32_t want = s->n_components ? s->n_components : 1;
    if ((want & (want - 1)) == 0) { /* room for twice as many */
        struct component *p = reallocarray(s->components, (size_t)want * 2, sizeof *p);
        if (!p)
            return NO_COMPONENT;
        s->components = p;
        if (!s->n_components)
            p[0] = (struct component){0};
    }
    s->n_components = want + 1;
    s->components[want] = (struct component){0};
    return want;
}

/* The lists of a round become those of a component: moved, not copied. Incidents that are over
 * leave; a component without any is none. */
static tc_err settle(struct tc_spread *s)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < s->members.n; i++) {
        struct incident *in = &s->incidents[s->members.v[i]];
        in->dirty = false;
        in->used = in->n > 0;
        if (in->used)
            s->members.v[open++] = s->members.v[i];
    }
    s->members.n = open;
    if (!open)
        return TC_OK;
    uint32_t number = new_component(s);
    if (number == NO_COMPONENT)
        return TC_E_NOMEM;
    struct component *c = &s->components[number];
    c->incidents = s->members.v;
    c->n_incidents = s->members.n;
    c->marks = s->touched.v;
    c->n_marks = s->touched.n;
    for (uint32_t i = 0; i < c->n_marks; i++)
        s->mark[c->marks[i]] = number;
    for (uint32_t i = 0; i < c->n_incidents; i++)
        s->incidents[c->incidents[i]].component = number;
    s->members = s->touched = (struct ids){0};
    return TC_OK;
}

/* ---- one round of reckoning ---- */

static uint32_t seconds(const struct tc_spread *s, int64_t t)
{
    if (t == INT64_MAX)
        return TC_NEVER;
    int64_t d = t - s->base;
    return d > TC_CASCADE_MAX_TIME ? TC_CASCADE_MAX_TIME : (uint32_t)d;
}

static tc_err gather(struct tc_spread *s, uint32_t *count)
{
    size_t n = 0;
    s->base = INT64_MAX;
    s->last_start = INT64_MIN;
    for (uint32_t i = 0; i < s->members.n; i++)
        n += s->incidents[s->members.v[i]].n;
    if (n > s->outage_cap) {
        struct tc_outage *p = reallocarray(s->outages, n, sizeof *p);
        if (!p || n > UINT32_MAX)
            return TC_E_NOMEM;
        s->outages = p;
        s->outage_cap = (uint32_t)n;
    }
    for (uint32_t i = 0; i < s->members.n; i++) {
        const struct incident *in = &s->incidents[s->members.v[i]];
        for (uint32_t k = 0; k < in->n; k++) {
            s->base = in->outages[k].start < s->base ? in->outages[k].start : s->base;
            s->last_start =
                in->outages[k].start > s->last_start ? in->outages[k].start : s->last_start;
        }
    }
    s->base -= n ? s->lead : 0;
    n = 0;
    for (uint32_t i = 0; i < s->members.n; i++) {
        const struct incident *in = &s->incidents[s->members.v[i]];
        for (uint32_t k = 0; k < in->n; k++) {
            const struct tc_spread_outage *o = &in->outages[k];
            uint32_t start = seconds(s, o->start), end = seconds(s, o->end);
            s->outages[n++] = (struct tc_outage){o->asset, start, end > start ? end : start + 1};
        }
    }
    *count = (uint32_t)n;
    return TC_OK;
}

static struct tc_cascade_opts options(const struct tc_spread *s)
{
    return (struct tc_cascade_opts){.horizon = seconds(s, s->last_start + s->o.horizon)};
}

/* Copies the failures that are somebody's doing out of the working space. */
static tc_err keep_failures(struct tc_spread *s)
{
    size_t n = 0;
    const struct tc_failure *f = tc_cascade_failures(s->cascade, &n);
    if (n > s->failure_cap) {
        struct tc_failure *p = reallocarray(s->failures, n, sizeof *p);
        if (p)
            s->failures = p;
        uint32_t *r = reallocarray(s->roots, n * TC_SPREAD_ROOTS, sizeof *r);
        if (r)
            s->roots = r;
        uint8_t *k = reallocarray(s->n_roots, n, sizeof *k);
        if (k)
            s->n_roots = k;
        if (!p || !r || !k)
            return TC_E_NOMEM;
        s->failure_cap = (uint32_t)n;
    }
    s->n_failures = 0;
    for (size_t i = 0; i < n; i++)
        if (!s->always[f[i].asset] || (f[i].flags & TC_FAIL_GIVEN))
            s->failures[s->n_failures++] = f[i];
    return TC_OK;
}

static tc_err reckon(struct tc_spread *s)
{
    uint32_t n = 0;
    tc_err e = gather(s, &n);
    s->n_failures = 0;
    if (e || !n)
        return e;
    const struct tc_cascade_opts opts = options(s);
    e = tc_cascade_run(s->cascade, s->outages, n, &opts, NULL);
    return e ? e : keep_failures(s);
}

static bool touch(struct tc_spread *s, uint32_t mark)
{
    return ids_add(&s->touched, mark);
}

/* The loop of a group, if its owner has one for the service. */
static bool touch_loop_of(struct tc_spread *s, uint32_t relay)
{
    return relay == TC_NONE || touch(s, s->g->n + s->g->m + s->g->relay_loop[relay]);
}

static bool touch_groups(struct tc_spread *s, const uint32_t *out, uint32_t from, uint32_t to)
{
    for (uint32_t e = from; e < to; e++)
        if (!touch(s, s->g->n + out[e]) || !touch_loop_of(s, s->g->group[out[e]].relay))
            return false;
    return true;
}

/* Everything that the failures of this round touch. */
static bool touch_all(struct tc_spread *s)
{
    const struct tc_graph *g = s->g;
    s->touched.n = 0;
    for (uint32_t i = 0; i < s->n_failures; i++) {
        uint32_t v = s->failures[i].asset;
        if (!touch(s, v) || !touch_groups(s, g->out, g->out_first[v], g->out_first[v + 1]))
            return false;
        for (uint32_t r = g->r ? g->relay_first[v] : 0; g->r && r < g->relay_first[v + 1]; r++)
            if (!touch_loop_of(s, r) ||
                !touch_groups(s, g->relay_out, g->relay_out_first[r], g->relay_out_first[r + 1]))
                return false;
    }
    return true;
}

/* Dissolves the components that are met. */
static tc_err meet(struct tc_spread *s, bool *met)
{
    *met = false;
    for (uint32_t i = 0; i < s->touched.n; i++) {
        uint32_t number = s->mark[s->touched.v[i]];
        if (number == NO_COMPONENT)
            continue;
        if (!dissolve(s, number))
            return TC_E_NOMEM;
        *met = true;
    }
    return TC_OK;
}

/* ---- what is told ---- */

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

/* Suppliers of the group that were missing when it stopped holding; *direct of them, behind those
 * the chain to a given outage where it is needed to find one. */
static uint32_t missing(struct tc_spread *s, const struct tc_failure *f, uint32_t *out,
                        uint32_t max, uint32_t *direct)
{
    const struct tc_graph *g = s->g;
    uint32_t n = 0;
    for (uint32_t e = g->in_first[f->group]; e < g->in_first[f->group + 1] && n < max; e++) {
        uint32_t at = s->fail_of[g->supplier[e]];
        if (!at)
            continue;
        const struct tc_failure *by = &s->failures[at - 1];
        if (by->at <= f->lost_at && by->until > f->lost_at)
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

static void roots_of_supply(struct tc_spread *s, uint32_t i, bool *changed)
{
    uint32_t by[CHAIN_MAX], direct = 0;
    uint32_t n = missing(s, &s->failures[i], by, CHAIN_MAX, &direct);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = s->fail_of[by[k]];
        for (uint32_t q = 0; at && q < s->n_roots[at - 1]; q++)
            add_root(s, i, s->roots[(size_t)(at - 1) * TC_SPREAD_ROOTS + q], changed);
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
            if (at)
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
static uint32_t sample(struct tc_spread *s, tc_err *err)
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
    struct tc_cascade_opts opts = options(s);
    opts.sample = true;
    opts.seed = s->o.seed;
    *err = gather(s, &n_outages);
    for (uint32_t r = 0; !*err && r < runs; r++) {
        size_t n = 0;
        opts.run = r;
        *err = tc_cascade_run(s->cascade, s->outages, n_outages, &opts, NULL);
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
            if (in->outages[k].asset == asset && !in->outages[k].area)
                return false;
    }
    return true;
}

static struct tc_spread_hit hit_of(struct tc_spread *s, uint32_t i)
{
    const struct tc_failure *f = &s->failures[i];
    struct tc_spread_hit h = {.asset = f->asset, .group = f->group, .percent = 100};
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

/* All that needs the worst-case run's working space comes first, since sampling runs over it. */
static tc_err tell_all(struct tc_spread *s, const struct tc_spread_tell *tell)
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
    uint32_t runs = s->n_failures ? sample(s, &e) : 0;
    if (!e) {
        tell->component(tell->arg, s->members.v, s->members.n);
        for (uint32_t i = 0; i < s->n_failures; i++) {
            if (runs && !hits[i].given)
                spread_times(s, i, runs, &hits[i]);
            tell->hit(tell->arg, &hits[i]);
        }
        tell->end(tell->arg);
    }
    for (uint32_t i = 0; i < s->n_failures; i++)
        s->fail_of[s->failures[i].asset] = 0;
    free(hits);
    return e;
}

/* The component of one dirty incident, grown until it meets no other. */
static tc_err run_one(struct tc_spread *s, uint32_t incident, const struct tc_spread_tell *tell)
{
    bool met = true;
    uint32_t old = s->incidents[incident].component;
    s->members.n = 0;
    if (old != NO_COMPONENT && !dissolve(s, old))
        return TC_E_NOMEM;
    if (!join(s, incident))
        return TC_E_NOMEM;
    while (met) {
        tc_err e = reckon(s);
        if (!e && !touch_all(s))
            e = TC_E_NOMEM;
        e = e ? e : meet(s, &met);
        if (e)
            return e;
    }
    tc_err e = tell_all(s, tell);
    return e ? e : settle(s);
}

/* What an error left without a component is to be reckoned again. */
static void redo(struct tc_spread *s, uint32_t incident)
{
    for (uint32_t i = 0; i < s->members.n; i++) {
        struct incident *in = &s->incidents[s->members.v[i]];
        if (!in->dirty)
            in->dirty = ids_add(&s->dirty, s->members.v[i]);
    }
    if (!ids_add(&s->dirty, incident))
        s->incidents[incident].dirty = false;
}

tc_err tc_spread_run(struct tc_spread *s, const struct tc_spread_tell *tell)
{
    assert(s->g);
    while (s->dirty.n) {
        uint32_t incident = s->dirty.v[--s->dirty.n];
        if (!s->incidents[incident].dirty)
            continue; /* reckoned with another */
        tc_err e = run_one(s, incident, tell);
        if (e) {
            redo(s, incident);
            return e;
        }
    }
    return TC_OK;
}
