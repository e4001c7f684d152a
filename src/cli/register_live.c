/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_live.h"

#include "watch/impact.h"

#include <stdlib.h>

const char *const tc_live_change_names[] = {"newly_hit", "earlier", "later", "spared"};

/* One register under the open incidents. */
struct world {
    const struct tc_cli_files *f;
    const struct tc_graph *g;
    struct tc_list outages; /* struct tc_outage */
    struct tc_cascade *c;
    uint32_t *at;  /* by number in the graph: seconds from the first start; TC_NEVER */
    uint32_t *row; /* asset of the register */
};

static tc_err add_outage(struct world *w, struct tc_str id, uint32_t start, uint32_t end)
{
    uint32_t v, i;
    if (!tc_graph_find(w->g, id, &v))
        return TC_OK;
    struct tc_outage *o = tc_list_push(&w->outages, sizeof *o, &i);
    if (!o)
        return TC_E_NOMEM;
    *o = (struct tc_outage){v, start, end};
    return TC_OK;
}

static uint32_t seconds(tc_time t, tc_time first)
{
    int64_t s = (t - first) / TC_SECOND;
    return s > TC_CASCADE_MAX_TIME ? TC_CASCADE_MAX_TIME : (uint32_t)s;
}

static tc_err strike(struct world *w, const struct tc_cli_incident *in, tc_time first)
{
    uint32_t start = seconds(in->started, first);
    uint32_t end = in->ends == TC_TIME_NONE ? TC_NEVER : seconds(in->ends, first);
    tc_err e = TC_OK;
    end = end > start ? end : start + 1;
    for (size_t i = 0; i < in->n && !e; i++)
        e = add_outage(w, in->ids[i], start, end);
    for (size_t k = 0; k < in->n_areas; k++)
        for (size_t v = 0; v < w->f->r->asset_count && !e; v++) {
            const struct tc_reg_asset *a = &w->f->r->assets[v];
            if (a->placed && tc_area_has(&in->areas[k], a->lat, a->lon))
                e = add_outage(w, a->id, start, end);
        }
    return e;
}

static tc_err run(struct world *w, const struct tc_cli_files *node, tc_time first, uint32_t horizon)
{
    const struct tc_cascade_opts o = {.horizon = horizon};
    size_t n = 0;
    tc_err e = TC_OK;
    w->c = tc_cascade_new(w->g);
    w->at = calloc(w->g->n + 1u, sizeof *w->at);
    w->row = calloc(w->g->n + 1u, sizeof *w->row);
    if (!w->c || !w->at || !w->row)
        return TC_E_NOMEM;
    for (size_t i = 0; i < w->f->r->asset_count; i++) {
        uint32_t v;
        if (tc_graph_find(w->g, w->f->r->assets[i].id, &v))
            w->row[v] = (uint32_t)i;
    }
    for (size_t i = 0; i < node->n_incidents && !e; i++)
        e = strike(w, &node->incidents[i], first);
    e = e ? e : tc_cascade_run(w->c, w->outages.v, w->outages.n, &o, NULL);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(w->c, &n);
    for (uint32_t v = 0; v < w->g->n; v++)
        w->at[v] = TC_NEVER;
    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & TC_FAIL_UNSOURCED))
            w->at[f[i].asset] = f[i].at;
    return TC_OK;
}

static void world_fini(struct world *w)
{
    tc_cascade_free(w->c);
    free(w->at);
    free(w->row);
    free(w->outages.v);
}

static tc_err tell(struct tc_list *out, const struct world *w, uint32_t v, uint32_t before,
                   uint32_t after, tc_time first)
{
    uint32_t at;
    if (before == after)
        return TC_OK;
    struct tc_live_difference *d = tc_list_push(out, sizeof *d, &at);
    if (!d)
        return TC_E_NOMEM;
    *d = (struct tc_live_difference){
        .change = before == TC_NEVER  ? TC_LIVE_NEW
                  : after == TC_NEVER ? TC_LIVE_SPARED
                  : after < before    ? TC_LIVE_EARLIER
                                      : TC_LIVE_LATER,
        .asset = w->f->r->assets[w->row[v]].id,
        .operated_by = w->f->r->assets[w->row[v]].operated_by,
        .before = before == TC_NEVER ? TC_TIME_NONE : first + before * TC_SECOND,
        .after = after == TC_NEVER ? TC_TIME_NONE : first + after * TC_SECOND};
    return TC_OK;
}

static int by_asset(const void *a, const void *b)
{
    const struct tc_live_difference *x = a, *y = b;
    return tc_str_cmp(x->asset, y->asset);
}

static tc_err compare(const struct world *w, struct tc_list *out, tc_time first)
{
    uint32_t other;
    tc_err e = TC_OK;
    for (uint32_t v = 0; v < w[1].g->n && !e; v++) {
        bool was = tc_graph_find(w[0].g, tc_graph_id(w[1].g, v), &other);
        e = tell(out, &w[1], v, was ? w[0].at[other] : TC_NEVER, w[1].at[v], first);
    }
    for (uint32_t v = 0; v < w[0].g->n && !e; v++)
        if (!tc_graph_find(w[1].g, tc_graph_id(w[0].g, v), &other))
            e = tell(out, &w[0], v, w[0].at[v], TC_NEVER, first);
    if (!e && out->n)
        qsort(out->v, out->n, sizeof(struct tc_live_difference), by_asset);
    return e;
}

tc_err tc_register_live(const struct tc_cli_files *before, const struct tc_graph *g_before,
                        const struct tc_cli_files *after, const struct tc_graph *g_after,
                        struct tc_list *out)
{
    struct world w[2] = {{.f = before, .g = g_before}, {.f = after, .g = g_after}};
    tc_time first = TC_TIME_MAX, last = TC_TIME_MIN;
    if (!before->n_incidents)
        return TC_OK;
    for (size_t i = 0; i < before->n_incidents; i++) {
        tc_time t = before->incidents[i].started;
        first = t < first ? t : first;
        last = t > last ? t : last;
    }
    uint64_t horizon = (uint64_t)seconds(last, first) + (uint64_t)TC_IMPACT_HORIZON;
    if (horizon > TC_CASCADE_MAX_TIME)
        horizon = TC_CASCADE_MAX_TIME;
    tc_err e = TC_OK;
    for (int i = 0; i < 2 && !e; i++)
        e = run(&w[i], before, first, (uint32_t)horizon);
    e = e ? e : compare(w, out, first);
    world_fini(&w[0]);
    world_fini(&w[1]);
    return e;
}
