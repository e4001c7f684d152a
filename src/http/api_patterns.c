/* SPDX-License-Identifier: Apache-2.0 */
/* Rules by the JSON interface: what is matched, new ones, trying one on the past, muting. What they
 * say and who may mute them is decided in src/watch/rulebook. Handlers share few threads with
 * everybody: one test at a time, bounded in time. */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "http/post.h"
#include "watch/rulebook.h"

#define DEFAULT_LIMIT 100
#define TEST_TIME     (1 * TC_SECOND)

/* ---- reading ---- */

/* A place in the list: the last entry given, and the one that the list is as of. */
static tc_err read_place(struct tc_request *r, const uint8_t bind[TC_SEAL_BIND],
                         struct tc_rules_ask *a)
{
    struct tc_str v, until;
    if (!tc_target_arg(&r->target, "next", &v))
        return TC_OK;
    size_t dot = tc_str_find(v, TC_STR("."));
    if (dot == SIZE_MAX)
        return tc_request_fail(r, TC_E_SYNTAX, "next does not belong to this list");
    until = tc_str_view(v.p + dot + 1, v.n - dot - 1);
    v.n = dot;
    if (tc_seal_read(&r->http->seal, bind, v, &a->after) ||
        tc_seal_read(&r->http->seal, bind, until, &a->until) || !a->until)
        return tc_request_fail(r, TC_E_SYNTAX, "next does not belong to this list");
    return TC_OK;
}

static tc_err read_ask(struct tc_request *r, const uint8_t bind[TC_SEAL_BIND],
                       struct tc_rules_ask *a)
{
    uint64_t n = DEFAULT_LIMIT;
    struct tc_str v;
    if (tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    if (tc_target_arg(&r->target, "extended", &v)) {
        a->extended = tc_str_is(v, "true");
        if (!a->extended && !tc_str_is(v, "false"))
            return tc_request_fail(r, TC_E_SYNTAX, "extended is true or false");
    }
    a->limit = n > TC_RULES_PAGE ? TC_RULES_PAGE : (size_t)n;
    return read_place(r, bind, a);
}

tc_err tc_http_api_rules(struct tc_request *r)
{
    struct tc_rules_ask a = {.now = tc_time_now()};
    struct tc_rules_page page = {.rules = 0};
    uint8_t bind[TC_SEAL_BIND];
    struct tc_str who = tc_str_view((const char *)&r->who->org, sizeof r->who->org);
    tc_seal_bind(&r->http->seal, "rules", &who, 1, bind);
    tc_err e = read_ask(r, bind, &a);
    if (e)
        return e;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_buf_cstr(&r->out, "{\"rules\":[");
    e = tc_rules_list(r->node, r->who, &a, &r->out, &page);
    if (e)
        return e;
    tc_buf_char(&r->out, ']');
    if (page.next) {
        char next[TC_SEAL_TEXT], until[TC_SEAL_TEXT];
        tc_seal_number(&r->http->seal, bind, page.next, next);
        tc_seal_number(&r->http->seal, bind, page.until, until);
        tc_buf_fmt(&r->out, ",\"next\":\"%s.%s\"", next, until);
    }
    tc_buf_char(&r->out, '}');
    return r->out.err;
}

static tc_err not_there(struct tc_request *r, tc_err e)
{
    return e == TC_E_NOTFOUND ? tc_request_fail(r, e, "there is no such rule") : e;
}

tc_err tc_http_api_rule(struct tc_request *r)
{
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    return not_there(r, tc_rules_one(r->node, r->who, r->param[0], tc_time_now(), &r->out));
}

/* ---- trying one on the past ---- */

tc_err tc_http_api_rule_test(struct tc_request *r)
{
    static atomic_flag testing = ATOMIC_FLAG_INIT;
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (e)
        return e;
    if (atomic_flag_test_and_set(&testing)) {
        e = tc_request_fail(r, TC_E_BUSY, "another rule is tried now; ask again in a second");
    } else {
        (void)tc_request_json(r, 200, TC_MEDIA_JSON);
        e = tc_rules_test(r->node, r->who, j.root, TEST_TIME, &r->out, &r->diag);
        atomic_flag_clear(&testing);
    }
    tc_json_fini(&j);
    return not_there(r, e);
}

/* ---- changing ---- */

static tc_err added(struct tc_request *r)
{
    const struct tc_item *item = tc_intake_item(r->state, 0);
    if (r->result)
        return r->result;
    if (item->state == TC_ITEM_SKIPPED) {
        r->diag = item->diag;
        return item->diag.code ? item->diag.code : TC_E_INVALID;
    }
    struct tc_jsonw w = tc_request_json(r, 201, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", item->id);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

static tc_err unmuted(struct tc_request *r)
{
    size_t n = tc_intake_count(r->state), gone = 0;
    if (r->result)
        return r->result;
    for (size_t i = 0; i < n; i++)
        gone += tc_intake_item(r->state, i)->state != TC_ITEM_SKIPPED;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_buf_fmt(&r->out, "{\"unmuted\":%zu}", gone);
    return TC_OK;
}

enum change { ADD, MUTE, UNMUTE };

static tc_err text_of(struct tc_request *r, enum change what, yyjson_val *form, struct tc_buf *text,
                      size_t *count)
{
    char id[TC_ID_MAX];
    switch (what) {
    case ADD:
        return tc_rules_new(r->node, r->who, form, text, id, &r->diag);
    case MUTE:
        return not_there(r, tc_rules_mute(r->node, r->who, r->param[0], form, text, id, &r->diag));
    default:
        return not_there(
            r, tc_rules_unmute(r->node, r->who, r->param[0], form, text, count, &r->diag));
    }
}

static tc_err change(struct tc_request *r, enum change what)
{
    struct tc_json j = {NULL, NULL};
    struct tc_buf text;
    struct tc_str where;
    uint32_t community = 0;
    size_t count = 1;
    tc_buf_init(&text, (size_t)64 << 20);
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && !yyjson_is_obj(j.root))
        e = tc_request_fail(r, TC_E_INVALID, "the body is an object");
    if (!e && what == ADD && tc_json_str(j.root, "community", &where))
        e = tc_http_post_to(r, tc_arena_dup(r->arena, where), &community);
    e = e ? e : text_of(r, what, j.root, &text, &count);
    if (!e && count) {
        e = tc_post_text(r, community, tc_buf_view(&text), what == UNMUTE ? unmuted : added);
    } else if (!e) {
        (void)tc_request_json(r, 200, TC_MEDIA_JSON);
        tc_buf_cstr(&r->out, "{\"unmuted\":0}");
    }
    tc_buf_fini(&text);
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_api_rule_add(struct tc_request *r)
{
    return change(r, ADD);
}

tc_err tc_http_api_rule_mute(struct tc_request *r)
{
    return change(r, MUTE);
}

tc_err tc_http_api_rule_unmute(struct tc_request *r)
{
    return change(r, UNMUTE);
}
