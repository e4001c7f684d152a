/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to let an object go on, and their answers (src/intake/onward.h). */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "node/approval.h"
#include "intake/onward.h"

enum { MOST = 1000 };

tc_err tc_http_api_onward(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_onward_list(r->node, r->who, MOST, &r->out);
}

tc_err tc_http_api_onward_ask(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_onward_ask ask = {.due = TC_TIME_NONE};
    struct tc_str due;
    char id[TC_ID_MAX];
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && (!tc_json_str(j.root, "object", &ask.object) ||
               !tc_json_str(j.root, "community", &ask.community)))
        e = tc_request_fail(r, TC_E_INVALID, "object and community are needed");
    if (!e && tc_json_str(j.root, "due", &due) && tc_time_parse_z(due, &ask.due))
        e = tc_request_fail(r, TC_E_INVALID, "due must be a time like 2026-01-01T12:00:00Z");
    if (!e) {
        (void)tc_json_str(j.root, "why", &ask.why);
        e = tc_onward_request(r->node, r->who, &ask, id, &r->diag);
    }
    if (!e) {
        struct tc_jsonw w = tc_request_json(r, 201, TC_MEDIA_JSON);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "id", id);
        tc_jsonw_object_end(&w);
    }
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_api_onward_answer(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str why = {"", 0};
    struct tc_second s;
    bool grant = false;
    tc_err e = tc_http_second(r, &s);
    e = e ? e : tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && !tc_json_bool(j.root, "grant", &grant))
        e = tc_request_fail(r, TC_E_INVALID, "grant must be true or false");
    if (!e) {
        (void)tc_json_str(j.root, "answer", &why);
        e = tc_onward_answer(r->node, r->who, r->param[0], grant, why, &s, &r->diag);
    }
    tc_json_fini(&j);
    if (!e && s.id[0])
        return tc_http_waits(r, s.id);
    return e ? e : tc_request_empty(r, 204);
}
