/* SPDX-License-Identifier: Apache-2.0 */
/* Correlation by the JSON interface: one value by GET, up to TC_MAX_LOOKUP by POST. */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "watch/correlate.h"

static tc_err answer(struct tc_request *r, const struct tc_str *values, size_t count)
{
    uint64_t n = 0, lag = 0;
    struct tc_correlate_what what = {.values = values, .count = count};
    struct tc_str v;
    if (tc_target_arg(&r->target, "kind", &v) &&
        (what.as = tc_spelling_find(v)) == TC_SPELLING_COUNT)
        return tc_request_fail(r, TC_E_SYNTAX,
                               "kind must be value, plate, cas, serial, phone or email");
    if (tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    what.limit = tc_correlate_limit(count, n);
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_buf_cstr(&r->out, "{\"values\":[");
    tc_err e = tc_correlate_ask(r->node, r->who, &what, &r->out, &lag);
    if (e == TC_E_BUSY)
        return tc_request_fail(r, e, "this node does not correlate now");
    if (e)
        return e;
    tc_buf_fmt(&r->out, "],\"up_to_date\":%s}", lag ? "false" : "true");
    uint64_t said = tc_request_watches(r) ? lag : lag > 0;
    tc_request_header(r, "X-Tocsin-Lag", tc_arena_fmt(r->arena, "%llu", (unsigned long long)said));
    return TC_OK;
}

tc_err tc_http_api_correlate(struct tc_request *r)
{
    struct tc_str value;
    if (!tc_target_arg(&r->target, "value", &value) || !tc_str_trim(value).n)
        return tc_request_fail(r, TC_E_SYNTAX, "value is missing");
    if (!tc_str_utf8(value))
        return tc_request_fail(r, TC_E_SYNTAX, "value is not UTF-8");
    return answer(r, &value, 1);
}

tc_err tc_http_api_correlate_many(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str *v = tc_arena_zalloc(r->arena, TC_MAX_LOOKUP, sizeof *v);
    size_t i, max, n = 0;
    tc_err e = v ? tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag) : TC_E_NOMEM;
    yyjson_val *list = e ? NULL : tc_json_get(j.root, "values"), *one;
    if (!e && (!yyjson_is_arr(list) || yyjson_arr_size(list) > TC_MAX_LOOKUP))
        e = tc_request_fail(r, TC_E_INVALID, "values is a list of at most %d texts", TC_MAX_LOOKUP);
    if (!e)
        yyjson_arr_foreach (list, i, max, one) {
            if (!yyjson_is_str(one)) {
                e = tc_request_fail(r, TC_E_INVALID, "values is a list of texts");
                break;
            }
            v[n++] = tc_json_view(one);
        }
    e = e ? e : answer(r, v, n);
    tc_json_fini(&j);
    return e;
}
