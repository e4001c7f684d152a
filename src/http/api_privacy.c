/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data: what is due (src/watch/retention.h), what is held about an identifier
 * (src/watch/subject.h). The identifier comes in a body: addresses of requests are logged. */
#include "http/audited.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "codec/json.h"
#include "watch/erase.h"
#include "watch/retention.h"
#include "watch/subject.h"

tc_err tc_http_api_retention(struct tc_request *r)
{
    struct tc_str v;
    uint64_t n = 100;
    if (tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_retention_tell(r->node, r->who, n > TC_MAX_PAGE ? TC_MAX_PAGE : (size_t)n, &w);
}

tc_err tc_http_api_subject(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    char from[TC_ADDRESS_SIZE];
    struct tc_subject_ask ask = {
        .who = r->who, .numbered = true, .why = r->reason, .how = TC_STR("POST /api/v1/subject")};
    tc_audited_address(r->mhd, from);
    ask.from = tc_str_cstr(from);
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e) {
        (void)tc_json_str(j.root, "value", &ask.value);
        (void)tc_json_str(j.root, "why", &ask.why);
        if (!tc_str_trim(ask.value).n || ask.why.n > TC_ERASE_WHY)
            e = tc_request_fail(r, TC_E_INVALID, "say which value, and why in at most %d bytes",
                                TC_ERASE_WHY);
    }
    if (!e) {
        (void)tc_request_json(r, 200, TC_MEDIA_JSON);
        e = tc_subject_tell(r->node, &ask, &r->out, &r->diag);
    }
    tc_json_fini(&j);
    return e;
}
