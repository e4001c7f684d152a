/* SPDX-License-Identifier: Apache-2.0 */
/* Same place, same time, by the JSON interface: GET /api/v1/near. */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "http/handlers.h"
#include "watch/find.h"
#include "watch/near.h"

#define DEFAULT_LIMIT 100

struct asked {
    struct tc_request *r;
    struct tc_near_ask ask;
    uint64_t lag;
};

static tc_err read_types(struct tc_request *r, struct tc_near_ask *a)
{
    struct tc_str list, *v = tc_arena_zalloc(r->arena, TC_MAX_MATCH, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    a->types = v;
    if (!tc_target_arg(&r->target, "type", &list))
        return TC_OK;
    while (a->n_types < TC_MAX_MATCH && tc_list_next(&list, &v[a->n_types]))
        a->n_types++;
    if (list.p)
        return tc_request_fail(r, TC_E_SYNTAX, "type has more than %d values", TC_MAX_MATCH);
    return TC_OK;
}

static tc_err read_asked(struct tc_request *r, struct tc_near_ask *a)
{
    static const char *const names[] = {"around", "within", "during", "at"};
    struct tc_str text[4] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}}, v;
    uint64_t n = DEFAULT_LIMIT;
    for (int i = 0; i < 4; i++)
        (void)tc_target_arg(&r->target, names[i], &text[i]);
    tc_err e = read_types(r, a);
    if (!e && tc_near_read(text[0], text[1], text[2], text[3], a, &r->diag))
        e = tc_request_fail(r, TC_E_SYNTAX, "%s", r->diag.message);
    if (!e && tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        e = tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    a->limit = n > TC_MAX_PAGE ? TC_MAX_PAGE : (size_t)n;
    return e;
}

static tc_err answer(void *arg, struct tc_index *x)
{
    struct asked *a = arg;
    struct tc_request *r = a->r;
    a->lag = tc_index_lag(x);
    return tc_near_put(r->node->journal, x, r->who, &a->ask, &r->out, &r->diag);
}

tc_err tc_http_api_near(struct tc_request *r)
{
    struct asked a = {.r = r};
    tc_err e = read_asked(r, &a.ask);
    if (e)
        return e;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    e = tc_find_use(r->node, answer, &a, &r->diag);
    if (e)
        return e;
    tc_buf_fmt(&r->out, ",\"up_to_date\":%s}", a.lag ? "false" : "true");
    uint64_t said = tc_request_watches(r) ? a.lag : a.lag > 0;
    tc_request_header(r, "X-Tocsin-Lag", tc_arena_fmt(r->arena, "%llu", (unsigned long long)said));
    return TC_OK;
}
