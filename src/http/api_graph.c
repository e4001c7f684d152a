/* SPDX-License-Identifier: Apache-2.0 */
/* The graph around an object, by the JSON interface: GET /api/v1/graph. */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "http/handlers.h"
#include "watch/around.h"
#include "watch/find.h"
#include "watch/near.h"

#define DEFAULT_NODES 100

struct asked {
    struct tc_request *r;
    struct tc_correlate *c;
    struct tc_around_ask ask;
    uint64_t lag;
};

static tc_err read_asked(struct tc_request *r, struct tc_around_ask *a)
{
    struct tc_str v, during = {"", 0}, within = {"", 0};
    struct tc_near_ask near = {.limit = 0};
    uint64_t depth = 1, nodes = DEFAULT_NODES;
    a->during = -1;
    if (!tc_target_arg(&r->target, "id", &a->id) || !a->id.n)
        return tc_request_fail(r, TC_E_SYNTAX, "id is missing");
    if (tc_target_arg(&r->target, "depth", &v) && (tc_num_u64(v, 2, &depth) || depth == 0))
        return tc_request_fail(r, TC_E_SYNTAX, "depth must be 1 or 2");
    if (tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &nodes) || !nodes))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    a->depth = (unsigned)depth;
    a->nodes = nodes > TC_AROUND_NODES ? TC_AROUND_NODES : (size_t)nodes;
    (void)tc_target_arg(&r->target, "during", &during);
    if (tc_target_arg(&r->target, "within", &within)) {
        if (tc_near_read(TC_STR("0,0"), within, during, TC_STR(""), &near, &r->diag))
            return tc_request_fail(r, TC_E_SYNTAX, "%s", r->diag.message);
        a->metres = near.metres;
        a->during = near.during;
    }
    return TC_OK;
}

static tc_err answer(void *arg, struct tc_index *x)
{
    struct asked *a = arg;
    struct tc_request *r = a->r;
    a->lag = tc_index_lag(x);
    return tc_around_put(r->node, x, a->c, r->who, &a->ask, &r->out, &r->diag);
}

tc_err tc_http_api_graph(struct tc_request *r)
{
    struct asked a = {.r = r, .c = tc_correlate_of(r->node)};
    tc_err e = read_asked(r, &a.ask);
    if (e)
        return e;
    if (!a.c)
        return tc_request_fail(r, TC_E_BUSY, "this node does not correlate now");
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    e = tc_find_use(r->node, answer, &a, &r->diag);
    if (e)
        return e;
    uint64_t lists = tc_correlate_lag(a.c);
    a.lag = a.lag > lists ? a.lag : lists;
    tc_buf_fmt(&r->out, ",\"up_to_date\":%s}", a.lag ? "false" : "true");
    uint64_t said = tc_request_watches(r) ? a.lag : a.lag > 0;
    tc_request_header(r, "X-Tocsin-Lag", tc_arena_fmt(r->arena, "%llu", (unsigned long long)said));
    return TC_OK;
}
