/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of confirmation (src/watch/confirm.h): the authority asks, operators answer. */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "watch/confirm.h"
#include "watch/lately.h"

enum { MOST = 1000 };

static tc_err wrong(struct tc_request *r, const char *path, const char *says)
{
    tc_diag_path(&r->diag, path, strlen(path));
    return tc_request_fail(r, TC_E_INVALID, "%s", says);
}

tc_err tc_http_api_confirmations(struct tc_request *r)
{
    struct tc_str v;
    bool overdue = tc_target_arg(&r->target, "state", &v);
    if (overdue && !tc_str_is(v, "overdue"))
        return tc_request_fail(r, TC_E_SYNTAX, "state is overdue, or not given");
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_confirm_list(r->node, r->who, overdue, MOST, &r->out);
}

static tc_err read_operators(struct tc_request *r, yyjson_val *form, struct tc_confirm_ask *ask)
{
    yyjson_val *list = tc_json_get(form, "operators"), *one;
    size_t i, n, count = yyjson_is_arr(list) ? yyjson_arr_size(list) : 0;
    struct tc_str *v;
    if (!list)
        return TC_OK;
    if (!count || count > TC_CONFIRM_MOST)
        return wrong(r, "operators", "must be a list of names or identities, or not be there");
    ask->operators = v = tc_arena_zalloc(r->arena, count, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, n, one) {
        if (!yyjson_is_str(one))
            return wrong(r, "operators", "must be a list of names or identities, or not be there");
        v[ask->n_operators++] = tc_json_view(one);
    }
    return TC_OK;
}

static tc_err read_round(struct tc_request *r, yyjson_val *form, struct tc_confirm_ask *ask)
{
    struct tc_str due;
    if (tc_json_get(form, "round") && !tc_json_str(form, "round", &ask->round))
        return wrong(r, "round", "must be a text");
    if (tc_json_get(form, "due") &&
        (!tc_json_str(form, "due", &due) || tc_time_parse_z(due, &ask->due)))
        return wrong(r, "due", "must be a time such as 2026-01-01T00:00:00Z");
    return read_operators(r, form, ask);
}

tc_err tc_http_api_confirm_open(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_confirm_ask ask = {.round = TC_STR(""), .due = TC_TIME_NONE};
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    e = e ? e : read_round(r, j.root, &ask);
    if (!e) {
        (void)tc_request_json(r, 201, TC_MEDIA_JSON);
        e = tc_confirm_open(r->node, r->who, &ask, &r->out, &r->diag);
    }
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_api_confirm_answer(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str state = {"", 0}, note = {"", 0};
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e) {
        (void)tc_json_str(j.root, "state", &state);
        if (!tc_str_is(state, "confirmed") && !tc_str_is(state, "corrected"))
            e = wrong(r, "state", "is confirmed or corrected");
        else if (tc_json_get(j.root, "note") && !tc_json_str(j.root, "note", &note))
            e = wrong(r, "note", "must be a text");
    }
    e = e ? e
          : tc_confirm_answer(r->node, r->who, r->param[0], tc_str_is(state, "corrected"), note,
                              &r->diag);
    tc_json_fini(&j);
    return e ? e : tc_request_empty(r, 204);
}

tc_err tc_http_api_register_health(struct tc_request *r)
{
    struct tc_str v;
    int64_t older = INT64_C(365) * 86400;
    if (tc_target_arg(&r->target, "older", &v) && tc_duration_parse(v, TC_MAX_DURATION, &older))
        return tc_request_fail(r, TC_E_SYNTAX, "older must be a duration such as P365D");
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_lately_health(r->node, r->who, older, MOST, &r->out);
}
