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
 * What is measured ("at 40 %") can make suppliers short: whoever draws from it may be shed, more so
 * when another supplier of the same group fails. It leaves the marks that its failure would.
 *
 * Assets that are down without any outage (a loop without a source) are found once for a graph and
 * are nobody's hits. */
#include "watch/spread.h"

#include "watch/spread_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_COMPONENT 0u
/* The cascade begins so long before the first outage that what is down whatever happens is down by
 * then; a year at most. */
#define LEAD_MAX (366u * 86400u)

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
    free(s->told_of);
    free(s->members.v);
    free(s->touched.v);
    free(s->outages);
    free(s->capacities);
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
    free(s->told_of);
    s->g = NULL;
    s->dirty.n = 0;
    s->cascade = tc_cascade_new(g);
    s->mark = calloc((size_t)g->n + g->m + g->loops + 1, sizeof *s->mark);
    s->always = calloc((size_t)g->n + 1, sizeof *s->always);
    s->fail_of = calloc((size_t)g->n + 1, sizeof *s->fail_of);
    s->told_of = calloc((size_t)g->n + 1, sizeof *s->told_of);
    if (!s->cascade || !s->mark || !s->always || !s->fail_of || !s->told_of)
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

/* ---- a changed graph ---- */

static tc_err redo_component(struct tc_spread *s, uint32_t number)
{
    s->members.n = 0;
    if (!dissolve(s, number))
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < s->members.n; i++) {
        struct incident *in = &s->incidents[s->members.v[i]];
        if (!in->dirty && !ids_add(&s->dirty, s->members.v[i]))
            return TC_E_NOMEM;
        in->dirty = true;
    }
    return TC_OK;
}

/* Dissolves whoever holds the mark; its incidents become dirty. */
static tc_err stir(struct tc_spread *s, uint32_t mark)
{
    return s->mark[mark] == NO_COMPONENT ? TC_OK : redo_component(s, s->mark[mark]);
}

tc_err tc_spread_stir(struct tc_spread *s, uint32_t asset)
{
    return stir(s, asset);
}

/* Marks behind the changed groups stand for other numbers now. */
static void renumber(struct tc_spread *s, const struct tc_graph_patch *p)
{
    uint32_t end = s->g->n + p->first + p->old_n, move = p->new_n - p->old_n;
    for (uint32_t i = 1; i < s->n_components; i++)
        for (uint32_t k = 0; k < s->components[i].n_marks; k++)
            if (s->components[i].marks[k] >= end)
                s->components[i].marks[k] += move;
}

/* Only a group that loses a supplier can do anything; so whoever was reckoned without a failure of
 * the asset and of its suppliers, those before and those now, sees no difference. */
static tc_err follow(struct tc_spread *s, const struct tc_graph_patch *p)
{
    const struct tc_graph *g = s->g;
    size_t before = (size_t)g->n + p->m - p->new_n + p->old_n + g->loops + 1,
           at = (size_t)g->n + p->first, rest = before - at - p->old_n;
    tc_err e = TC_OK;
    for (uint32_t i = 0; !e && i < p->n_near; i++)
        e = stir(s, p->near[i]);
    for (uint32_t k = 0; !e && k < p->old_n; k++)
        e = stir(s, g->n + p->first + k);
    if (!e && p->new_n > p->old_n) {
        uint32_t *more = reallocarray(s->mark, before + p->new_n - p->old_n, sizeof *more);
        s->mark = more ? more : s->mark;
        e = more ? TC_OK : TC_E_NOMEM;
    }
    if (e)
        return e;
    memmove(s->mark + at + p->new_n, s->mark + at + p->old_n, rest * sizeof *s->mark);
    memset(s->mark + at, 0, p->new_n * sizeof *s->mark);
    renumber(s, p);
    return TC_OK;
}

tc_err tc_spread_follow(struct tc_spread *s, const struct tc_graph_patch *p, size_t n, bool *whole)
{
    tc_err e = TC_OK;
    *whole = false;
    for (size_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < p[k].n_near; i++)
            *whole = *whole || s->always[p[k].near[i]];
    for (size_t k = 0; !e && !*whole && k < n; k++)
        e = follow(s, &p[k]);
    return e || *whole || !n ? e : tc_cascade_patched(s->cascade, p, n);
}

/* ---- one round of reckoning ---- */

static uint32_t seconds(const struct tc_spread *s, int64_t t)
{
    if (t == INT64_MAX)
        return TC_NEVER;
    int64_t d = t - s->base;
    return d > TC_CASCADE_MAX_TIME ? TC_CASCADE_MAX_TIME : (uint32_t)d;
}

tc_err tc_spread_gather(struct tc_spread *s, bool named, uint32_t *count)
{
    size_t n = 0;
    s->base = INT64_MAX;
    s->last_start = INT64_MIN;
    for (uint32_t i = 0; i < s->members.n; i++)
        n += s->incidents[s->members.v[i]].n;
    if (n > s->outage_cap) {
        struct tc_outage *p = reallocarray(s->outages, n, sizeof *p);
        s->outages = p ? p : s->outages;
        struct tc_capacity *q = p ? reallocarray(s->capacities, n, sizeof *q) : NULL;
        if (!q || n > UINT32_MAX)
            return TC_E_NOMEM;
        s->capacities = q;
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
    s->n_capacities = 0;
    n = 0;
    for (uint32_t i = 0; i < s->members.n; i++) {
        const struct incident *in = &s->incidents[s->members.v[i]];
        for (uint32_t k = 0; k < in->n; k++) {
            const struct tc_spread_outage *o = &in->outages[k];
            uint32_t start = seconds(s, o->start), end = seconds(s, o->end);
            end = end > start ? end : start + 1;
            if (o->measured)
                s->capacities[s->n_capacities++] =
                    (struct tc_capacity){o->asset, start, end, o->left};
            else if (!named || !o->area)
                s->outages[n++] = (struct tc_outage){o->asset, start, end};
        }
    }
    *count = (uint32_t)n;
    return TC_OK;
}

struct tc_cascade_opts tc_spread_cascade_opts(const struct tc_spread *s)
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

/* Calendars go by the clock. */
struct tc_scenario tc_spread_scenario(const struct tc_spread *s, uint32_t n)
{
    bool clock = s->base > TC_TIME_MIN / TC_SECOND && s->base < TC_TIME_MAX / TC_SECOND;
    return (struct tc_scenario){.outages = s->outages,
                                .n_outages = n,
                                .capacities = s->capacities,
                                .n_capacities = s->n_capacities,
                                .start = clock ? s->base * TC_SECOND : TC_TIME_NONE};
}

tc_err tc_spread_reckon(struct tc_spread *s, bool named)
{
    uint32_t n = 0;
    s->named = named;
    tc_err e = tc_spread_gather(s, named, &n);
    s->n_failures = 0;
    if (e || !(n + s->n_capacities))
        return e;
    const struct tc_cascade_opts opts = tc_spread_cascade_opts(s);
    const struct tc_scenario x = tc_spread_scenario(s, n);
    e = tc_cascade_scenario(s->cascade, &x, &opts, NULL);
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

static bool touch_asset(struct tc_spread *s, uint32_t v)
{
    const struct tc_graph *g = s->g;
    if (!touch(s, v) || !touch_groups(s, g->out, g->out_first[v], g->out_first[v + 1]))
        return false;
    for (uint32_t r = g->r ? g->relay_first[v] : 0; g->r && r < g->relay_first[v + 1]; r++)
        if (!touch_loop_of(s, r) ||
            !touch_groups(s, g->relay_out, g->relay_out_first[r], g->relay_out_first[r + 1]))
            return false;
    return true;
}

/* Everything that the failures of this round touch, and what is measured. */
static bool touch_all(struct tc_spread *s)
{
    const struct tc_graph *g = s->g;
    s->touched.n = 0;
    /* Where suppliers can run short, two incidents meet without a failure in common. */
    if (tc_graph_needs_engine(g) && !touch(s, g->n + g->m + g->loops))
        return false;
    for (uint32_t i = 0; i < s->n_capacities; i++)
        if (!touch_asset(s, s->capacities[i].asset))
            return false;
    for (uint32_t i = 0; i < s->n_failures; i++)
        if (!touch_asset(s, s->failures[i].asset))
            return false;
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

/* ---- the run ---- */

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
        tc_err e = tc_spread_reckon(s, false);
        if (!e && !touch_all(s))
            e = TC_E_NOMEM;
        e = e ? e : meet(s, &met);
        if (e)
            return e;
    }
    tc_err e = tc_spread_tell_all(s, tell);
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
