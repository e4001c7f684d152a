/* SPDX-License-Identifier: Apache-2.0 */
/* include/tocsin/impact.h over the inner headers: texts with a NUL become views, a tc_diag becomes
 * a sentence. */
#include "tocsin/impact.h"

#include "impact/critical.h"

#include <stdlib.h>

static int told(tc_err e, const struct tc_diag *d, char *why, size_t size)
{
    if (e && why && size) {
        if (d && d->code)
            tc_diag_format(d, why, size);
        else
            (void)tc_str_copy(tc_str_cstr(tc_err_text(e)), why, size);
    }
    return (int)e;
}

TC_API int tc_graph_put_asset(struct tc_graph_builder *b, const struct tc_impact_asset *asset,
                              uint32_t *number, char *why, size_t size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    const struct tc_asset_spec s = {.id = tc_str_cstr(asset->id),
                                    .name = tc_str_cstr(asset->name),
                                    .sector = tc_str_cstr(asset->sector),
                                    .country = tc_str_cstr(asset->country),
                                    .people = asset->people,
                                    .limited = asset->capacity > 0,
                                    .capacity = asset->capacity,
                                    .causes = tc_str_cstr(asset->common_causes)};
    return told(tc_graph_add_asset(b, &s, number, &d), &d, why, size);
}

TC_API int tc_graph_put_need(struct tc_graph_builder *b, const struct tc_impact_need *need,
                             char *why, size_t size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    bool all = need->need == 0 && !need->shares;
    const struct tc_group_spec s = {.asset = need->asset,
                                    .service = tc_str_cstr(need->service),
                                    .mode = need->flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                    .rule = need->shares ? TC_NEED_SHARE
                                            : all        ? TC_NEED_ALL
                                                         : TC_NEED_COUNT,
                                    .need = need->need,
                                    .buffer_lo = need->buffer,
                                    .buffer_hi = need->buffer,
                                    .restore_lo = need->restore,
                                    .restore_hi = need->restore,
                                    .suppliers = need->suppliers,
                                    .shares = need->shares,
                                    .demands = need->demands,
                                    .priorities = need->priorities,
                                    .recharge = need->recharge,
                                    .calendar = tc_str_cstr(need->calendar),
                                    .n = need->count};
    return told(tc_graph_add_group(b, &s, &d), &d, why, size);
}

TC_API int tc_graph_build(struct tc_graph_builder *b, struct tc_graph **out, char *why, size_t size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    return told(tc_graph_finish(b, out, &d), &d, why, size);
}

TC_API uint32_t tc_graph_count(const struct tc_graph *g)
{
    return g->n;
}

TC_API bool tc_graph_lookup(const struct tc_graph *g, const char *id, uint32_t *asset)
{
    return tc_graph_find(g, tc_str_cstr(id), asset);
}

TC_API bool tc_graph_copy_id(const struct tc_graph *g, uint32_t asset, char *out, size_t size)
{
    struct tc_str id = asset < g->n ? tc_graph_id(g, asset) : tc_str_view("", 0);
    bool fits = size > id.n && id.n;
    if (size)
        (void)tc_str_copy(fits ? id : tc_str_view("", 0), out, size);
    return fits;
}

TC_API int tc_cascade_suppose(struct tc_cascade *c, const struct tc_impact_scenario *scenario,
                              uint32_t horizon, char *why, size_t size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    const struct tc_cascade_opts o = {.horizon = horizon};
    struct tc_scenario_list list = {0};
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < scenario->outage_count; i++)
        e = tc_scenario_outage(&list, scenario->outages[i].asset, scenario->outages[i].start,
                               scenario->outages[i].end);
    for (size_t i = 0; !e && i < scenario->capacity_count; i++)
        e = tc_scenario_capacity(&list, scenario->capacities[i].asset,
                                 scenario->capacities[i].start, scenario->capacities[i].end,
                                 scenario->capacities[i].left);
    tc_time start = TC_TIME_NONE;
    if (scenario->clock &&
        (scenario->start < TC_TIME_MIN / TC_SECOND || scenario->start > TC_TIME_MAX / TC_SECOND))
        e = e ? e : tc_diag_set(&d, TC_E_LIMIT, "the start is not in the years 1 to 9999");
    else if (scenario->clock)
        start = scenario->start * TC_SECOND;
    if (!e) {
        const struct tc_scenario s = tc_scenario_of(&list, start);
        e = tc_cascade_scenario(c, &s, &o, &d);
    }
    tc_scenario_list_fini(&list);
    return told(e, &d, why, size);
}

TC_API int tc_cascade_follow(struct tc_cascade *c, const struct tc_impact_outage *outages,
                             size_t count, uint32_t horizon, char *why, size_t size)
{
    const struct tc_impact_scenario s = {.outages = outages, .outage_count = count};
    return tc_cascade_suppose(c, &s, horizon, why, size);
}

TC_API size_t tc_graph_common_cause(const struct tc_graph *g, const char *name, uint32_t *assets,
                                    size_t most)
{
    uint32_t k;
    if (!tc_graph_cause(g, tc_str_cstr(name), &k))
        return 0;
    size_t n = g->more->cause_first[k + 1] - g->more->cause_first[k];
    for (size_t i = 0; i < n && i < most; i++)
        assets[i] = g->more->cause_asset[g->more->cause_first[k] + i];
    return n;
}

TC_API size_t tc_cascade_count(const struct tc_cascade *c)
{
    size_t n;
    (void)tc_cascade_failures(c, &n);
    return n;
}

TC_API bool tc_cascade_failure(const struct tc_cascade *c, size_t i, struct tc_impact_failure *out)
{
    size_t n;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    if (i >= n)
        return false;
    *out = (struct tc_impact_failure){.asset = f[i].asset,
                                      .at = f[i].at,
                                      .until = f[i].until,
                                      .via = f[i].via,
                                      .given = f[i].flags & TC_FAIL_GIVEN,
                                      .unsourced = f[i].flags & TC_FAIL_UNSOURCED,
                                      .oscillates = f[i].flags & TC_FAIL_OSCILLATES,
                                      .deadlock = f[i].flags & TC_FAIL_DEADLOCK,
                                      .shed = f[i].flags & TC_FAIL_SHED,
                                      .phantom = f[i].flags & TC_FAIL_PHANTOM};
    return true;
}

TC_API size_t tc_cascade_chain(struct tc_cascade *c, size_t i, uint32_t *assets, size_t most)
{
    size_t n, direct;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    return i < n ? tc_cascade_cause(c, &f[i], assets, most, &direct) : 0;
}

TC_API int tc_cascade_every_outage(const struct tc_graph *g, uint32_t horizon, uint32_t threads,
                                   struct tc_impact_row *rows, char *why, size_t size)
{
    const struct tc_critical_opts o = {.horizon = horizon, .threads = threads};
    struct tc_critical_row *own = calloc(g->n + 1u, sizeof *own);
    tc_err e = own ? tc_critical_run(g, &o, own) : TC_E_NOMEM;
    for (uint32_t v = 0; !e && v < g->n; v++)
        rows[v] = (struct tc_impact_row){.failed = own[v].failed,
                                         .member_states = own[v].member_states,
                                         .people = own[v].people,
                                         .people_seconds = own[v].people_seconds};
    free(own);
    return told(e, NULL, why, size);
}
