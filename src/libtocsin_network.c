/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin/network.h: the graph and the cascade, behind names that do not change. */
#include "tocsin/network.h"

#include "base/limits.h"
#include "base/map.h"
#include "impact/cascade.h"

#include <stdlib.h>

struct tc_network {
    struct tc_graph_builder *builder; /* until the first outage */
    struct tc_map *handles;           /* id -> handle of the builder */
    struct tc_graph *graph;
    struct tc_cascade *cascade;
    char error[1024];
};

static int fail(struct tc_network *n, struct tc_diag *d, tc_err e)
{
    if (!d->code)
        (void)tc_diag_set(d, e, "%s", tc_err_text(e));
    tc_diag_format(d, n->error, sizeof n->error);
    return -1;
}

TC_API tc_network *tc_network_new(void)
{
    struct tc_network *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->builder = tc_graph_builder_new();
    n->handles = tc_map_new(UINT32_MAX);
    if (n->builder && n->handles)
        return n;
    tc_network_free(n);
    return NULL;
}

TC_API void tc_network_free(tc_network *n)
{
    if (!n)
        return;
    tc_cascade_free(n->cascade);
    tc_graph_free(n->graph);
    tc_graph_builder_free(n->builder);
    tc_map_free(n->handles);
    free(n);
}

TC_API const char *tc_network_error(const tc_network *n)
{
    return n->error;
}

static tc_err open_still(const struct tc_network *n, struct tc_diag *d)
{
    return n->builder ? TC_OK
                      : tc_diag_set(d, TC_E_INVALID, "nothing can be added after the first outage");
}

TC_API int tc_network_asset(tc_network *n, const char *id)
{
    const struct tc_asset_spec spec = {.id = tc_str_cstr(id)};
    uint32_t handle = 0;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = open_still(n, &d);
    if (!e)
        e = tc_graph_add_asset(n->builder, &spec, &handle, &d);
    if (!e)
        e = tc_map_put(n->handles, spec.id, handle);
    return e ? fail(n, &d, e) : 0;
}

static tc_err handle_of(const struct tc_network *n, const char *id, uint32_t *out,
                        struct tc_diag *d)
{
    uint64_t handle;
    if (!tc_map_get(n->handles, tc_str_cstr(id), &handle))
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no asset '%s'", id);
    *out = (uint32_t)handle;
    return TC_OK;
}

TC_API int tc_network_need(tc_network *n, const struct tc_network_need *need)
{
    struct tc_diag d;
    struct tc_group_spec spec = {.service = tc_str_cstr(need->service),
                                 .mode = need->flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                 .rule = need->need ? TC_NEED_COUNT : TC_NEED_ALL,
                                 .need = need->need,
                                 .buffer_lo = need->buffer,
                                 .buffer_hi = need->buffer,
                                 .restore_lo = need->restore,
                                 .restore_hi = need->restore,
                                 .n = need->count};
    tc_diag_init(&d);
    uint32_t *suppliers = calloc(need->count ? need->count : 1, sizeof *suppliers);
    tc_err e = suppliers ? open_still(n, &d) : TC_E_NOMEM;
    if (!e)
        e = handle_of(n, need->asset, &spec.asset, &d);
    for (size_t i = 0; i < need->count && !e; i++)
        e = handle_of(n, need->suppliers[i], &suppliers[i], &d);
    spec.suppliers = suppliers;
    if (!e)
        e = tc_graph_add_group(n->builder, &spec, &d);
    free(suppliers);
    return e ? fail(n, &d, e) : 0;
}

/* The graph and the working space, once. */
static tc_err close_network(struct tc_network *n, struct tc_diag *d)
{
    tc_err e = TC_OK;
    if (n->builder) {
        e = tc_graph_finish(n->builder, &n->graph, d);
        n->builder = NULL;
    }
    if (!e && !n->graph)
        e = tc_diag_set(d, TC_E_INVALID, "the network could not be closed before");
    if (!e && !n->cascade && !(n->cascade = tc_cascade_new(n->graph)))
        e = TC_E_NOMEM;
    return e;
}

static void tell_all(const struct tc_network *n, tc_network_tell *tell, void *arg)
{
    size_t count;
    const struct tc_failure *f = tc_cascade_failures(n->cascade, &count);
    for (size_t i = 0; i < count; i++) {
        char id[TC_GRAPH_ID_MAX + 1], service[TC_GRAPH_ID_MAX + 1];
        struct tc_network_failure one = {
            .asset = id, .at = f[i].at, .until = f[i].until == TC_NEVER ? INT64_C(-1) : f[i].until};
        (void)tc_str_copy(tc_graph_id(n->graph, f[i].asset), id, sizeof id);
        if (f[i].group != TC_NONE) {
            (void)tc_str_copy(n->graph->services[n->graph->service[f[i].group]], service,
                              sizeof service);
            one.service = service;
        }
        tell(arg, &one);
    }
}

TC_API int tc_network_fail(tc_network *n, const char *const *assets, size_t count, int64_t length,
                           int64_t horizon, tc_network_tell *tell, void *arg)
{
    struct tc_diag d;
    struct tc_outage *given = calloc(count ? count : 1, sizeof *given);
    tc_diag_init(&d);
    tc_err e = given ? close_network(n, &d) : TC_E_NOMEM;
    if (!e && (horizon < 0 || horizon > TC_CASCADE_MAX_TIME || length < -1 || length == 0 ||
               length > TC_CASCADE_MAX_TIME))
        e = tc_diag_set(&d, TC_E_INVALID, "a time is out of bounds");
    for (size_t i = 0; i < count && !e; i++) {
        given[i].end = length < 0 ? TC_NEVER : (uint32_t)length;
        if (!tc_graph_find(n->graph, tc_str_cstr(assets[i]), &given[i].asset))
            e = tc_diag_set(&d, TC_E_NOTFOUND, "there is no asset '%s'", assets[i]);
    }
    if (!e) {
        const struct tc_cascade_opts o = {.horizon = (uint32_t)horizon};
        e = tc_cascade_run(n->cascade, given, count, &o, &d);
    }
    if (!e && tell)
        tell_all(n, tell, arg);
    free(given);
    return e ? fail(n, &d, e) : 0;
}
