/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings by the JSON interface and as CAP. What a warning says, who may release it and what its
 * receipts are is decided in src/warn. */
#include "http/internal.h"

#include "base/num.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "node/approval.h"
#include "warn/cap_out.h"
#include "warn/warn.h"

#define MAX_WARNINGS 1000

static tc_err not_there(struct tc_request *r, tc_err e)
{
    return e == TC_E_NOTFOUND ? tc_request_fail(r, e, "there is no such warning") : e;
}

static tc_err read_limit(struct tc_request *r, uint64_t *limit)
{
    struct tc_str v;
    if (tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, limit) || !*limit))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    if (*limit > MAX_WARNINGS)
        *limit = MAX_WARNINGS;
    return TC_OK;
}

/* The receipts "delivered" for what this answer shows: whoever asked has it on the page now. */
static tc_err note_delivered(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(tc_buf_view(&r->out), r->out.n, TC_JSON_REPEATS_OK, &j, NULL);
    yyjson_val *list = e ? NULL : tc_json_get(j.root, "warnings"), *one;
    struct tc_str *ids = tc_arena_zalloc(r->arena, MAX_WARNINGS, sizeof *ids);
    size_t i, n, count = 0;
    if (ids && list) {
        yyjson_arr_foreach (list, i, n, one) {
            struct tc_str state;
            if (count < MAX_WARNINGS && tc_json_str(one, "state", &state) &&
                tc_str_is(state, "released") && tc_json_str(one, "id", &ids[count]))
                count++;
        }
        e = count ? tc_warn_delivered(r->node, r->who, ids, count) : TC_OK;
    }
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_api_warnings(struct tc_request *r)
{
    uint64_t limit = 200;
    tc_err e = read_limit(r, &limit);
    if (e)
        return e;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    e = tc_warn_list(r->node, r->who, (size_t)limit, &r->out);
    return e ? e : note_delivered(r);
}

tc_err tc_http_api_warning(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return not_there(r, tc_warn_get(r->node, r->who, r->param[0], &r->out));
}

tc_err tc_http_api_release(struct tc_request *r)
{
    struct tc_second s;
    tc_err e = tc_http_second(r, &s);
    e = e ? e : tc_warn_release(r->node, r->who, r->param[0], &s, &r->diag);
    if (e)
        return not_there(r, e);
    return s.id[0] ? tc_http_waits(r, s.id) : tc_http_api_warning(r);
}

tc_err tc_http_api_acknowledge(struct tc_request *r)
{
    tc_err e = tc_warn_acknowledge(r->node, r->who, r->param[0], &r->diag);
    return e ? not_there(r, e) : tc_http_api_warning(r);
}

/* ---- CAP ---- */

struct place {
    const struct tc_seal *seal;
    uint8_t bind[TC_SEAL_BIND];
};

static void seal_place(void *arg, uint64_t seq, char *text)
{
    const struct place *p = arg;
    tc_seal_number(p->seal, p->bind, seq, text);
}

tc_err tc_http_cap_feed(struct tc_request *r)
{
    const char *base = tc_request_base(r);
    struct place place = {.seal = &r->http->seal};
    struct tc_cap_feed_options o = {.base = tc_str_cstr(base), .seal = seal_place, .arg = &place};
    struct tc_str v;
    uint64_t limit = 100;
    tc_err e = read_limit(r, &limit);
    o.limit = (size_t)limit;
    if (!e && !base)
        e = TC_E_NOMEM;
    struct tc_str who = tc_str_view((const char *)&r->who->org, sizeof r->who->org);
    tc_seal_bind(&r->http->seal, "cap", &who, 1, place.bind);
    if (!e && tc_target_arg(&r->target, "before", &v) &&
        tc_seal_read(&r->http->seal, place.bind, v, &o.before))
        e = tc_request_fail(r, TC_E_SYNTAX, "before is not of this feed");
    if (e)
        return e;
    r->status = 200;
    r->type = "application/atom+xml; charset=utf-8";
    return tc_cap_feed(r->node, r->who, &o, &r->out);
}

tc_err tc_http_cap_message(struct tc_request *r)
{
    r->status = 200;
    r->type = "application/cap+xml; charset=utf-8";
    return not_there(r, tc_cap_message(r->node, r->who, r->param[0], &r->out));
}
