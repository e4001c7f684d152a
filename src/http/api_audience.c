/* SPDX-License-Identifier: Apache-2.0 */
/* "Who will see this?" (src/intake/who.h), for the caller and a collection that it may post to. */
#include "http/internal.h"

#include "http/handlers.h"
#include "http/media.h"
#include "http/taxii.h"
#include "intake/who.h"

tc_err tc_http_api_audience(struct tc_request *r)
{
    struct tc_str id;
    struct tc_intake_from from = {.principal = r->who, .unmarked = TC_TLP_AMBER};
    tc_err e = TC_OK;
    if (tc_target_arg(&r->target, "community", &id))
        e = tc_http_post_to(r, id, &from.community);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_who_reads(r->node, &from, tc_buf_view(&r->body), &w, &r->diag);
}
