/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing an object for good (src/watch/erase.h). The answer comes when it is durable; the readers
 * then take it out of their files. */
#include "http/audited.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"
#include "node/approval.h"

#include "codec/json.h"
#include "watch/erase.h"

tc_err tc_http_api_erase(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_erased did = {.objects = 0};
    char from[TC_ADDRESS_SIZE];
    struct tc_erase_ask ask = {.who = r->who,
                               .ids = &r->param[0],
                               .n = 1,
                               .how = TC_STR("POST /api/v1/objects/{object}/erase")};
    tc_audited_address(r->mhd, from);
    ask.from = tc_str_cstr(from);
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e) {
        (void)tc_json_str(j.root, "why", &ask.why);
        (void)tc_json_bool(j.root, "keep_conclusions", &ask.keep_conclusions);
        e = tc_erase(r->node, &ask, &did, &r->diag);
    }
    if (e == TC_E_USAGE)
        e = tc_request_fail(r, TC_E_INVALID, "say why, in at most %d bytes", TC_ERASE_WHY);
    if (e == TC_E_NOTFOUND)
        e = tc_request_fail(r, e, "there is no such object");
    if (!e && did.waits[0]) {
        e = tc_http_waits(r, did.waits);
    } else if (!e) {
        struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
        tc_jsonw_object(&w);
        tc_jsonw_ku64(&w, "entries", did.entries);
        tc_jsonw_ku64(&w, "conclusions", did.conclusions);
        tc_jsonw_object_end(&w);
    }
    tc_json_fini(&j);
    return e;
}
