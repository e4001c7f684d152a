/* SPDX-License-Identifier: Apache-2.0 */
/* The register as a graph:
 *
 *      row --> asset_changed --> changed, needs, whole --> tc_live_follow --> patch (a few assets
 *                                                                |            need others)
 *                                                                +--> build_anew (all else)
 */
#include "base/log.h"
#include "watch/live_int.h"

#include <assert.h>
#include <stdlib.h>

void tc_live_forget_patches(struct tc_live *r)
{
    for (size_t i = 0; i < r->n_patches; i++)
        tc_graph_patch_fini(&r->patches[i]);
    r->n_patches = 0;
}

/* ---- the graph ---- */

/* A run of dependencies that are one group. */
struct run {
    uint32_t at, n;        /* in order */
    uint32_t asset, first; /* the dependency that came first */
};

struct build {
    struct tc_live *r;
    struct tc_graph_builder *builder;
    bool own;        /* ids of the register's files */
    uint32_t *order; /* dependencies by group, in a group as they came */
    uint32_t n;
    struct run *runs; /* by asset, groups of one as they came */
    uint32_t n_runs;
    uint32_t *seen;               /* asset -> number of the last run that named it, plus 1 */
    uint32_t *suppliers, *shares; /* of one group */
    uint64_t *demands;
    uint16_t *priorities;
};

static int by_group(const void *x, const void *y, void *arg)
{
    const struct dependency *v = arg;
    uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
    const uint32_t a[] = {v[i].asset, v[i].service, v[i].group, i};
    const uint32_t b[] = {v[j].asset, v[j].service, v[j].group, j};
    for (size_t k = 0; k < 4; k++)
        if (a[k] != b[k])
            return a[k] < b[k] ? -1 : 1;
    return 0;
}

static int by_first(const void *x, const void *y)
{
    const struct run *a = x, *b = y;
    if (a->asset != b->asset)
        return a->asset < b->asset ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static tc_err add_asset(struct build *b, const struct tc_live_asset *a, uint32_t *handle)
{
    const struct tc_asset_facts *f = &a->facts;
    struct tc_asset_spec spec = {.id = b->own && f->own_id.n ? f->own_id : a->id,
                                 .name = f->name,
                                 .sector = f->sector,
                                 .country = f->country.n == 2 ? f->country : TC_STR(""),
                                 .people = f->people,
                                 .limited = a->present && f->capacity != TC_UNLIMITED,
                                 .capacity = f->capacity,
                                 .causes = f->causes,
                                 .placed = f->placed,
                                 .lat = f->lat,
                                 .lon = f->lon};
    tc_err e = tc_graph_add_asset(b->builder, &spec, handle, NULL);
    if (e == TC_E_CONFLICT) {
        spec.id = a->id;
        e = tc_graph_add_asset(b->builder, &spec, handle, NULL);
    }
    if (e == TC_E_LIMIT || e == TC_E_INVALID) { /* a field is beyond the graph's bounds */
        spec = (struct tc_asset_spec){.id = a->id};
        e = tc_graph_add_asset(b->builder, &spec, handle, NULL);
    }
    return e;
}

static tc_err add_assets(struct build *b)
{
    struct tc_live *r = b->r;
    for (uint32_t i = 0; i < r->assets.n; i++) {
        uint32_t handle = 0;
        tc_err e = add_asset(b, &TC_LIST_AT(r->assets, struct asset, i)->pub, &handle);
        if (e)
            return e;
        assert(handle == i);
    }
    return TC_OK;
}

static struct tc_str word_text(const struct tc_live *r, uint32_t i)
{
    return tc_str_cstr(*TC_LIST_AT(r->words, char *, i));
}

/* The run as a group; suppliers and shares are the build's, good until the next call. */
static struct tc_group_spec spec_of(struct build *b, uint32_t run)
{
    const struct dependency *v = b->r->dependencies.v;
    const struct run *k = &b->runs[run];
    const struct dependency *first = &v[k->first];
    uint32_t n = 0;
    bool drawn = false;
    for (uint32_t i = k->at; i < k->at + k->n; i++) {
        const struct dependency *d = &v[b->order[i]];
        if (b->seen[d->supplier] == run + 1)
            continue; /* said twice */
        b->seen[d->supplier] = run + 1;
        b->suppliers[n] = d->supplier;
        b->demands[n] = d->demand;
        b->priorities[n] = d->priority;
        drawn = drawn || d->demand != TC_UNIT || d->priority != TC_LAST;
        b->shares[n++] = d->share;
    }
    return (struct tc_group_spec){.asset = first->asset,
                                  .service = word_text(b->r, first->service),
                                  .mode = (enum tc_mode)first->mode,
                                  .rule = (enum tc_need)first->rule,
                                  .need = first->need,
                                  .buffer_lo = first->buffer_lo,
                                  .buffer_hi = first->buffer_hi,
                                  .restore_lo = first->restore_lo,
                                  .restore_hi = first->restore_hi,
                                  .suppliers = b->suppliers,
                                  .shares = first->rule == TC_NEED_SHARE ? b->shares : NULL,
                                  .demands = drawn ? b->demands : NULL,
                                  .priorities = drawn ? b->priorities : NULL,
                                  .n = n,
                                  .recharge = first->recharge,
                                  .buffer_draw = (enum tc_draw)first->buffer_draw,
                                  .restore_draw = (enum tc_draw)first->restore_draw,
                                  .buffer_likely = first->buffer_likely,
                                  .restore_likely = first->restore_likely,
                                  .calendar = word_text(b->r, first->calendar)};
}

static tc_err left_out(tc_err e, const struct tc_diag *d)
{
    if (e != TC_E_INVALID && e != TC_E_CONFLICT)
        return e;
    tc_log(TC_LOG_WARN, "register: a group of suppliers is left out: %s", d->message);
    return TC_OK;
}

static tc_err add_group(struct build *b, uint32_t run)
{
    const struct tc_group_spec spec = spec_of(b, run);
    struct tc_diag d;
    tc_diag_init(&d);
    return left_out(tc_graph_add_group(b->builder, &spec, &d), &d);
}

static bool same_group(const struct dependency *a, const struct dependency *b)
{
    return a->asset == b->asset && a->service == b->service && a->group == b->group;
}

static bool counts(const struct tc_live *r, uint32_t dependency)
{
    const struct dependency *d = TC_LIST_AT(r->dependencies, struct dependency, dependency);
    return d->present && tc_live_speaks_for((struct tc_live *)(uintptr_t)r, d->poster, d->asset);
}

/* Of what stands in order, groups. */
static void find_runs(struct build *b)
{
    const struct dependency *v = b->r->dependencies.v;
    if (b->n)
        qsort_r(b->order, b->n, sizeof *b->order, by_group, b->r->dependencies.v);
    for (uint32_t i = 0; i < b->n; i++) {
        if (!i || !same_group(&v[b->order[i - 1]], &v[b->order[i]]))
            b->runs[b->n_runs++] = (struct run){i, 0, v[b->order[i]].asset, b->order[i]};
        b->runs[b->n_runs - 1].n++;
    }
    if (b->n_runs)
        qsort(b->runs, b->n_runs, sizeof *b->runs, by_first);
}

static tc_err add_all(struct build *b)
{
    tc_err e = add_assets(b);
    for (uint32_t i = 0; i < b->r->dependencies.n; i++)
        if (counts(b->r, i))
            b->order[b->n++] = i;
    find_runs(b);
    for (uint32_t i = 0; !e && i < b->n_runs; i++)
        e = add_group(b, i);
    return e;
}

static tc_err build(struct tc_live *r, bool own, struct tc_graph **out, struct tc_diag *d)
{
    struct build b = {.r = r, .own = own};
    size_t n = r->dependencies.n + 1u;
    b.builder = tc_graph_builder_new();
    b.order = calloc(n, sizeof *b.order);
    b.runs = calloc(n, sizeof *b.runs);
    b.seen = calloc(r->assets.n + 1u, sizeof *b.seen);
    b.suppliers = calloc(n, sizeof *b.suppliers);
    b.shares = calloc(n, sizeof *b.shares);
    b.demands = calloc(n, sizeof *b.demands);
    b.priorities = calloc(n, sizeof *b.priorities);
    bool room = b.demands && b.priorities && b.builder && b.order && b.runs && b.seen &&
                b.suppliers && b.shares;
    tc_err e = room ? add_all(&b) : TC_E_NOMEM;
    if (e)
        tc_graph_builder_free(b.builder);
    else
        e = tc_graph_finish(b.builder, out, d);
    free(b.order);
    free(b.runs);
    free(b.seen);
    free(b.suppliers);
    free(b.shares);
    free(b.demands);
    free(b.priorities);
    return e;
}

/* Numbers both ways. */
static tc_err number(struct tc_live *r, const struct tc_graph *g)
{
    uint32_t *of_node = calloc(g->n + 1u, sizeof *of_node);
    if (!of_node)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < r->assets.n; i++) {
        struct tc_live_asset *a = &TC_LIST_AT(r->assets, struct asset, i)->pub;
        a->node = TC_NONE;
        if (tc_graph_find(g, a->id, &a->node))
            of_node[a->node] = i;
    }
    free(r->of_node);
    r->of_node = of_node;
    return TC_OK;
}

/* ---- the graph patched ---- */

/* The graph stands for the register again; what was changed is told. */
static void settled(struct tc_live *r)
{
    struct tc_list was = r->told;
    r->told = r->changed;
    r->changed = was;
    for (uint32_t i = 0; i < r->assets.n && r->whole; i++) /* some may not be listed */
        asset_at(r, i)->changed = asset_at(r, i)->needs = false;
    for (uint32_t i = 0; i < r->told.n; i++) {
        struct asset *a = asset_at(r, *TC_LIST_AT(r->told, uint32_t, i));
        a->changed = a->needs = false;
    }
    r->changed.n = r->moved_needs = 0;
    r->whole = false;
    r->built = r->changes;
}

/* The groups of one asset, by numbers of the graph. */
static tc_err specs_of(struct build *b, uint32_t asset, struct tc_group_spec *specs, size_t *n)
{
    struct tc_live *r = b->r;
    uint32_t at = 0;
    for (uint32_t i = asset_at(r, asset)->first; i != TC_NONE;
         i = TC_LIST_AT(r->dependencies, struct dependency, i)->next)
        if (counts(r, i))
            b->order[b->n++] = i;
    find_runs(b);
    for (uint32_t k = 0; k < b->n_runs; k++) {
        struct tc_group_spec s = spec_of(b, k);
        struct tc_diag d;
        uint32_t budget;
        tc_diag_init(&d);
        s.asset = asset_at(r, s.asset)->pub.node;
        for (size_t i = 0; i < s.n; i++) {
            b->seen[b->suppliers[i]] = 0;
            b->suppliers[i] = asset_at(r, b->suppliers[i])->pub.node;
        }
        tc_err e = tc_graph_check_group(&s, r->graph->n, asset_at(r, asset)->pub.id, &budget, &d);
        if (e) {
            if ((e = left_out(e, &d)))
                return e;
            continue;
        }
        b->suppliers += s.n;
        b->shares += s.n;
        b->demands += s.n;
        b->priorities += s.n;
        specs[at++] = s;
    }
    *n = at;
    return TC_OK;
}

static uint32_t chain_length(const struct tc_live *r, uint32_t asset)
{
    uint32_t n = 0;
    for (uint32_t i = asset_at(r, asset)->first; i != TC_NONE;
         i = TC_LIST_AT(r->dependencies, struct dependency, i)->next)
        n++;
    return n;
}

static tc_err patch_asset(struct tc_live *r, uint32_t asset, bool *whole)
{
    uint32_t length = chain_length(r, asset);
    struct build b = {.r = r};
    struct tc_group_spec *specs = NULL;
    uint32_t *numbers = NULL;
    uint64_t *demands = NULL;
    uint16_t *priorities = NULL;
    size_t n = 0;
    *whole = length > PATCH_EDGES;
    if (*whole)
        return TC_OK;
    b.order = calloc(length + 1u, sizeof *b.order);
    b.runs = calloc(length + 1u, sizeof *b.runs);
    b.seen = calloc(r->assets.n + 1u, sizeof *b.seen);
    numbers = calloc(2 * (size_t)length + 2, sizeof *numbers);
    specs = calloc(length + 1u, sizeof *specs);
    b.demands = demands = calloc(length + 1u, sizeof *demands);
    b.priorities = priorities = calloc(length + 1u, sizeof *priorities);
    b.suppliers = numbers;
    b.shares = numbers ? numbers + length + 1 : NULL;
    tc_err e = b.order && b.runs && b.seen && numbers && specs && demands && priorities
                   ? specs_of(&b, asset, specs, &n)
                   : TC_E_NOMEM;
    e = e ? e
          : tc_graph_set_groups(r->graph, asset_at(r, asset)->pub.node, specs, n,
                                &r->patches[r->n_patches]);
    if (!e && r->patches[r->n_patches].whole) {
        *whole = true;
        tc_graph_patch_fini(&r->patches[r->n_patches]);
    } else if (!e) {
        r->n_patches++;
    }
    free(b.order);
    free(b.runs);
    free(b.seen);
    free(numbers);
    free(demands);
    free(priorities);
    free(specs);
    return e;
}

/* *whole: it has to be made anew after all; the graph may then be patched in part. */
static tc_err patch(struct tc_live *r, bool *whole)
{
    tc_err e = TC_OK;
    *whole = r->whole || !r->graph || r->moved_needs > PATCHES_MAX;
    for (uint32_t i = 0; !e && !*whole && i < r->changed.n; i++) {
        uint32_t asset = *TC_LIST_AT(r->changed, uint32_t, i);
        if (asset_at(r, asset)->needs)
            e = patch_asset(r, asset, whole);
    }
    return e;
}

static tc_err build_anew(struct tc_live *r, struct tc_diag *d)
{
    struct tc_graph *g = NULL;
    tc_err e = build(r, false, &g, d);
    e = e ? e : number(r, g);
    if (e) {
        tc_graph_free(g);
        return e;
    }
    tc_graph_free(r->graph);
    r->graph = g;
    return TC_OK;
}

tc_err tc_live_follow(struct tc_live *r, const struct tc_graph **out, struct tc_live_news *news,
                      struct tc_diag *d)
{
    bool whole = false;
    tc_err e = TC_OK;
    *news = (struct tc_live_news){0};
    tc_live_forget_patches(r);
    if (!r->graph || r->built != r->changes) {
        e = patch(r, &whole);
        if (e || whole) {
            r->whole = true; /* also the next time, should this fail: it may be patched in part */
            e = build_anew(r, d);
        }
        if (e)
            return e;
        settled(r);
        *news = (struct tc_live_news){whole, r->patches, r->n_patches, r->told.v, r->told.n};
    }
    *out = r->graph;
    return TC_OK;
}

tc_err tc_live_graph(struct tc_live *r, const struct tc_graph **out, struct tc_diag *d)
{
    struct tc_live_news unused;
    r->whole = r->whole || r->changed.n > 0; /* names and numbers of people stand in it too */
    return tc_live_follow(r, out, &unused, d);
}

tc_err tc_live_graph_own(struct tc_live *r, struct tc_graph **out, struct tc_diag *d)
{
    return build(r, true, out, d);
}
