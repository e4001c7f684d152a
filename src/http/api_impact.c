/* SPDX-License-Identifier: Apache-2.0 */
/* What an authority asks of the register: what if, and what is critical. Who gets an answer over
 * what is decided by tc_desk_scope (watch/desk.h), nowhere here. */
#include "http/internal.h"

#include "base/num.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "watch/ranking.h"
#include "watch/whatif.h"

enum { DEFAULT_TOP = 20, DEFAULT_HOURS = 72 };

tc_err tc_http_api_impact(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e) {
        (void)tc_request_json(r, 200, TC_MEDIA_JSON);
        e = tc_whatif_ask(r->http->desk, r->who, j.root, &r->out, &r->diag);
    }
    tc_json_fini(&j);
    return e;
}

static tc_err read_horizon(struct tc_request *r, uint32_t *out)
{
    struct tc_str v;
    int64_t s = DEFAULT_HOURS * 3600;
    if (tc_target_arg(&r->target, "horizon", &v) && tc_duration_parse(v, TC_MAX_DURATION, &s))
        return tc_request_fail(r, TC_E_SYNTAX, "horizon must be a duration such as PT72H");
    *out = (uint32_t)s;
    return TC_OK;
}

static tc_err read_pairs(struct tc_request *r, struct tc_ranking_ask *a)
{
    struct tc_str v;
    struct tc_str *list = tc_arena_zalloc(r->arena, TC_RANKING_PAIR + 1, sizeof *list);
    a->pairs = list;
    if (!list)
        return TC_E_NOMEM;
    if (!tc_target_arg(&r->target, "pairs", &v))
        return TC_OK;
    while (v.n && a->n_pairs <= TC_RANKING_PAIR) {
        const char *comma = memchr(v.p, ',', v.n);
        size_t n = comma ? (size_t)(comma - v.p) : v.n;
        list[a->n_pairs++] = tc_str_view(v.p, n);
        v = tc_str_view(v.p + n + (comma != NULL), v.n - n - (comma != NULL));
    }
    return TC_OK;
}

tc_err tc_http_api_critical(struct tc_request *r)
{
    struct tc_ranking_ask a = {.top = DEFAULT_TOP};
    struct tc_str v;
    uint64_t top = DEFAULT_TOP;
    if (tc_target_arg(&r->target, "top", &v) && (tc_num_u64(v, TC_RANKING_TOP, &top) || !top))
        return tc_request_fail(r, TC_E_SYNTAX, "top must be 1 to %u", TC_RANKING_TOP);
    if (tc_target_arg(&r->target, "by", &v) && !tc_critical_by_parse(v, &a.by))
        return tc_request_fail(r, TC_E_SYNTAX, "by is people-hours, people, assets or states");
    a.top = (uint32_t)top;
    tc_err e = read_horizon(r, &a.horizon);
    e = e ? e : read_pairs(r, &a);
    if (e)
        return e;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_ranking_ask(r->http->desk, r->who, &a, &r->out, &r->diag);
}

tc_err tc_http_api_critical_case(struct tc_request *r)
{
    struct tc_str v = TC_STR("json");
    uint32_t horizon = 0;
    (void)tc_target_arg(&r->target, "as", &v);
    bool html = tc_str_is(v, "html"), text = tc_str_is(v, "text");
    if (!html && !text && !tc_str_is(v, "json"))
        return tc_request_fail(r, TC_E_SYNTAX, "as is json, html or text");
    tc_err e = read_horizon(r, &horizon);
    if (e)
        return e;
    (void)tc_request_json(r, 200,
                          html   ? "text/html; charset=utf-8"
                          : text ? "text/markdown; charset=utf-8"
                                 : TC_MEDIA_JSON);
    if (html) /* a file to keep and print: what this server's own pages may do does not bind it */
        tc_request_header(r, "Content-Disposition", "attachment; filename=\"case.html\"");
    return tc_ranking_case(r->http->desk, r->who, r->param[0], horizon,
                           html   ? TC_CASE_HTML
                           : text ? TC_CASE_TEXT
                                  : TC_CASE_JSON,
                           &r->out, &r->diag);
}
