/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of contacts and its test calls (src/intake/duty.h). */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "intake/duty.h"

enum { MOST = 200 };

tc_err tc_http_api_duty_points(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_duty_list(r->node, r->who, MOST, &r->out);
}

tc_err tc_http_api_test_calls(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_duty_calls(r->node, r->who, MOST, &r->out);
}

tc_err tc_http_api_duty_call(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    uint64_t minutes = 0;
    char id[TC_ID_MAX];
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && tc_json_get(j.root, "minutes") &&
        (!tc_json_u64(j.root, "minutes", &minutes) || !minutes))
        e = tc_request_fail(r, TC_E_INVALID, "minutes is a whole number above zero");
    e = e ? e : tc_duty_call(r->node, r->who, r->param[0], minutes, id, &r->diag);
    tc_json_fini(&j);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 201, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", id);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

tc_err tc_http_api_duty_answer(struct tc_request *r)
{
    uint64_t seconds;
    tc_err e = tc_duty_answer(r->node, r->who, r->param[0], &seconds, &r->diag);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "seconds", seconds);
    tc_jsonw_object_end(&w);
    return TC_OK;
}
