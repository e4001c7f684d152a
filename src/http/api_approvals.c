/* SPDX-License-Identifier: Apache-2.0 */
/* Acts that wait for a second person (src/node/approval.h): looking at them, answering. */
#include "http/audited.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"
#include "http/routes.h"
#include "node/approval.h"

#include "codec/json.h"

#include <stdio.h>

static tc_err address(struct tc_request *r, struct tc_second *out)
{
    char *from = tc_arena_alloc(r->arena, TC_ADDRESS_SIZE);
    if (!from)
        return TC_E_NOMEM;
    tc_audited_address(r->mhd, from);
    out->from = tc_str_cstr(from);
    char *how = tc_arena_fmt(r->arena, "%s %s", r->method, r->route->path);
    if (!how)
        return TC_E_NOMEM;
    out->how = tc_str_cstr(how);
    return TC_OK;
}

tc_err tc_http_second(struct tc_request *r, struct tc_second *out)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str why = {"", 0};
    *out = (struct tc_second){.why = {"", 0}};
    tc_err e = address(r, out);
    out->why = r->reason;
    if (!e && r->body.n && r->body.n <= TC_MAX_FORM)
        e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && j.root && tc_json_get(j.root, "why")) {
        if (!tc_json_str(j.root, "why", &why) || why.n > TC_WHY_TEXT)
            e = tc_request_fail(r, TC_E_INVALID, "why is text of at most %d bytes", TC_WHY_TEXT);
        else if (why.n && !(out->why = tc_arena_dup(r->arena, tc_str_trim(why))).p)
            e = TC_E_NOMEM;
    }
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_waits(struct tc_request *r, const char *id)
{
    (void)tc_request_json(r, 202, TC_MEDIA_JSON);
    tc_buf_cstr(&r->out, "{\"approval\":");
    tc_err e = tc_approval_get(r->node, r->who, tc_str_cstr(id), &r->out);
    tc_buf_cstr(&r->out, "}");
    return e;
}

static tc_err not_there(struct tc_request *r, tc_err e)
{
    return e == TC_E_NOTFOUND ? tc_request_fail(r, e, "there is no such act") : e;
}

tc_err tc_http_api_approvals(struct tc_request *r)
{
    struct tc_str all = {"", 0};
    if (tc_target_arg(&r->target, "all", &all) && !tc_str_is(all, "1") && !tc_str_is(all, "0"))
        return tc_request_fail(r, TC_E_SYNTAX, "all is 0 or 1");
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return tc_approval_list(r->node, r->who, tc_str_is(all, "1"), &r->out);
}

tc_err tc_http_api_approval(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return not_there(r, tc_approval_get(r->node, r->who, r->param[0], &r->out));
}

/* A token is for programs, and whoever asked for the act may have made it. */
static tc_err by_a_person(struct tc_request *r)
{
    if (r->shown.scheme == TC_SCHEME_BEARER || !r->who->person)
        return tc_request_fail(r, TC_E_DENIED, "a person answers, signed in; not a token");
    return TC_OK;
}

static tc_err answer(struct tc_request *r, bool yes)
{
    struct tc_second by;
    enum tc_act_state state;
    tc_err e = by_a_person(r);
    e = e ? e : tc_http_second(r, &by);
    e = e ? e
          : tc_approval_answer(r->node, r->who, r->param[0], yes, by.why, &by, &state, &r->diag);
    return e ? not_there(r, e) : tc_http_api_approval(r);
}

tc_err tc_http_api_approve(struct tc_request *r)
{
    return answer(r, true);
}

tc_err tc_http_api_refuse(struct tc_request *r)
{
    return answer(r, false);
}

tc_err tc_http_api_withdraw(struct tc_request *r)
{
    struct tc_second by;
    tc_err e = tc_http_second(r, &by);
    e = e ? e : tc_approval_withdraw(r->node, r->who, r->param[0], &by, &r->diag);
    return e ? not_there(r, e) : tc_http_api_approval(r);
}
