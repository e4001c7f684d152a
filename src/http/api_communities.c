/* SPDX-License-Identifier: Apache-2.0 */
/* Communities: which there are for the caller, who belongs, and what its stewards may change. For
 * whoever does not belong, a closed one is not there. */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "http/routes.h"
#include "http/taxii.h"
#include "node/approval.h"
#include "watch/alert.h"

static const struct {
    const char *word;
    unsigned bit;
} functions[] = {{"receive", TC_MEMBER_RECEIVES},
                 {"contribute", TC_MEMBER_CONTRIBUTES},
                 {"release", TC_MEMBER_RELEASES},
                 {"steward", TC_MEMBER_STEWARD}};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void put_functions(struct tc_jsonw *w, unsigned bits)
{
    tc_jsonw_name(w, "takes_part");
    tc_jsonw_array(w);
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (bits & functions[i].bit)
            tc_jsonw_cstr(w, functions[i].word);
    tc_jsonw_array_end(w);
}

static bool may_read(struct tc_request *r, struct tc_str id)
{
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .no_body = true};
    uint64_t n = 0;
    return tc_journal_count(r->node->journal, r->who, &q, &n) == TC_OK && n > 0;
}

static void put_community(struct tc_request *r, struct tc_jsonw *w, const struct tc_community *c)
{
    char id[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, id);
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kstr(w, "title", c->title);
    tc_jsonw_kstr(w, "description", c->description);
    tc_jsonw_kstr(w, "kind", c->kind);
    tc_jsonw_kcstr(w, "state", tc_community_state_word(c->state));
    /* members need not be those who may read of the event, nor all of their people readers */
    if (c->event.n && (r->who->roles & TC_READS) && may_read(r, c->event))
        tc_jsonw_kstr(w, "event", c->event);
    tc_jsonw_kbool(w, "may_write", tc_taxii_can_write(r, c));
    unsigned in = tc_access_functions(r->node->access, c->number, r->who->org);
    put_functions(w, in);
    if (in) /* what it asks for is its members' to know */
        tc_rules_put(w, c->four_eyes, c->asks_reason);
    if (in)
        tc_community_end_put(w, c);
}

tc_err tc_http_api_communities(struct tc_request *r)
{
    struct tc_community *list = NULL;
    size_t n = 0;
    tc_err e = tc_access_communities_for(r->node->access, r->who, r->arena, &list, &n);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "communities");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_object(&w);
        put_community(r, &w, &list[i]);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

/* ---- one ---- */

static tc_err find(struct tc_request *r, struct tc_community *c)
{
    struct tc_uuid u;
    struct tc_access *x = r->node->access;
    tc_err e = tc_uuid_parse(r->param[0], &u)
                   ? tc_access_community_by(x, 0, NULL, r->param[0], r->arena, c)
                   : tc_access_community_by(x, 0, &u, TC_STR(""), r->arena, c);
    if (!e && !tc_access_functions(x, c->number, r->who->org))
        e = TC_E_NOTFOUND;
    return e == TC_E_NOTFOUND ? tc_request_fail(r, e, "there is no such community") : e;
}

static tc_err put_members(struct tc_request *r, struct tc_jsonw *w, const struct tc_community *c)
{
    struct tc_access *x = r->node->access;
    struct tc_u32s orgs = {NULL, 0};
    tc_err e = tc_access_members(x, r->who, c->number, r->arena, &orgs);
    tc_jsonw_name(w, "members");
    tc_jsonw_array(w);
    for (uint32_t i = 0; !e && i < orgs.n; i++) {
        struct tc_org o;
        e = tc_access_org_by(x, orgs.v[i], TC_STR(""), r->arena, &o);
        if (e)
            break;
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "identity", o.identity);
        tc_jsonw_kstr(w, "name", o.name);
        tc_jsonw_kstr(w, "country", o.country);
        put_functions(w, tc_access_functions(x, c->number, o.number));
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    return e;
}

tc_err tc_http_api_community(struct tc_request *r)
{
    struct tc_community c;
    tc_err e = find(r, &c);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    put_community(r, &w, &c);
    e = put_members(r, &w, &c);
    tc_jsonw_object_end(&w);
    return e == TC_E_DENIED ? tc_request_fail(r, TC_E_NOTFOUND, "there is no such community") : e;
}

/* ---- what stewards change ---- */

static tc_err find_as_steward(struct tc_request *r, struct tc_community *c)
{
    tc_err e = find(r, c);
    if (!e && !(tc_access_functions(r->node->access, c->number, r->who->org) & TC_MEMBER_STEWARD))
        e = tc_request_fail(r, TC_E_DENIED, "its stewards decide that");
    return e;
}

static tc_err read_functions(struct tc_request *r, yyjson_val *list, unsigned *bits)
{
    size_t i, n;
    yyjson_val *v;
    *bits = 0;
    if (!yyjson_is_arr(list))
        return tc_request_fail(r, TC_E_INVALID, "takes_part is a list; an empty one leaves");
    yyjson_arr_foreach (list, i, n, v) {
        size_t k = 0;
        while (k < FUNCTIONS &&
               !(yyjson_is_str(v) && tc_str_is(tc_json_view(v), functions[k].word)))
            k++;
        if (k == FUNCTIONS)
            return tc_request_fail(r, TC_E_INVALID,
                                   "takes_part knows receive, contribute, release, steward");
        *bits |= functions[k].bit;
    }
    return TC_OK;
}

static tc_err set_member(struct tc_request *r, const struct tc_community *c, yyjson_val *form,
                         struct tc_second *s)
{
    struct tc_str identity = {"", 0};
    struct tc_org o;
    unsigned bits;
    tc_err e = read_functions(r, tc_json_get(form, "takes_part"), &bits);
    if (e)
        return e;
    (void)tc_json_str(form, "organisation", &identity);
    e = tc_access_org_by(r->node->access, 0, identity, r->arena, &o);
    if (e == TC_E_NOTFOUND)
        return tc_request_fail(r, TC_E_INVALID, "organisation is the identity of one of this node");
    return e ? e : tc_member_change(r->node, r->who, c->number, o.number, bits, s, &r->diag);
}

tc_err tc_http_api_member_set(struct tc_request *r)
{
    struct tc_community c;
    struct tc_second s;
    struct tc_json j = {NULL, NULL};
    tc_err e = find_as_steward(r, &c);
    e = e ? e : tc_http_second(r, &s);
    e = e ? e : tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    e = e ? e : set_member(r, &c, j.root, &s);
    tc_json_fini(&j);
    if (!e && s.id[0])
        return tc_http_waits(r, s.id);
    return e ? e : tc_request_empty(r, 204);
}

/* Also of an inbox, by the stewards of its organisation. */
tc_err tc_http_api_community_rules(struct tc_request *r)
{
    struct tc_community c;
    struct tc_second s;
    struct tc_json j = {NULL, NULL};
    tc_err e = find(r, &c);
    if (!e && !tc_access_steward(r->node->access, c.number, r->who))
        e = tc_request_fail(r, TC_E_DENIED, "its stewards decide that");
    struct tc_rules to = {e ? 0 : c.four_eyes, e ? 0 : c.asks_reason};
    e = e ? e : tc_http_second(r, &s);
    e = e ? e : tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    e = e ? e : tc_rules_read(j.root, &to, &r->diag);
    e = e ? e : tc_rules_change(r->node, r->who, c.number, &to, &s, &r->diag);
    tc_json_fini(&j);
    if (!e && s.id[0])
        return tc_http_waits(r, s.id);
    return e ? e : tc_request_empty(r, 204);
}

tc_err tc_http_api_community_state(struct tc_request *r)
{
    struct tc_community c;
    struct tc_json j = {NULL, NULL};
    struct tc_str word = {"", 0};
    enum tc_community_state state;
    tc_err e = find_as_steward(r, &c);
    e = e ? e : tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && (!tc_json_str(j.root, "state", &word) || !tc_community_state_parse(word, &state)))
        e = tc_request_fail(r, TC_E_INVALID, "state is open, read-only or archived");
    e = e ? e : tc_access_community_state(r->node->access, c.number, state, &r->diag);
    tc_json_fini(&j);
    return e ? e : tc_request_empty(r, 204);
}

tc_err tc_http_api_community_end(struct tc_request *r)
{
    struct tc_community c;
    struct tc_json j = {NULL, NULL};
    struct tc_str at = {"", 0};
    tc_time ends = 0;
    uint64_t days = 0;
    tc_err e = find_as_steward(r, &c);
    e = e ? e : tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && tc_json_get(j.root, "at") &&
        (!tc_json_str(j.root, "at", &at) || tc_time_parse_offset(at, &ends)))
        e = tc_request_fail(r, TC_E_INVALID, "at is a time like 2026-01-01T12:00:00Z");
    if (!e && tc_json_get(j.root, "days_after") &&
        (!tc_json_u64(j.root, "days_after", &days) || days > TC_MAX_DAYS_AFTER))
        e = tc_request_fail(r, TC_E_INVALID, "days_after is a whole number, at most %u",
                            TC_MAX_DAYS_AFTER);
    e = e ? e : tc_access_community_end(r->node->access, c.number, ends, (uint32_t)days, &r->diag);
    tc_json_fini(&j);
    return e ? e : tc_request_empty(r, 204);
}

/* ---- alert areas ---- */

static tc_err open_area(struct tc_request *r, yyjson_val *form, struct tc_alert *area)
{
    struct tc_str incident = {"", 0}, title = {"", 0};
    (void)tc_json_str(form, "incident", &incident);
    (void)tc_json_str(form, "title", &title);
    if (!may_read(r, incident))
        return tc_request_fail(r, TC_E_NOTFOUND, "there is no such incident");
    if (r->who->org != r->node->org)
        return tc_request_fail(r, TC_E_DENIED, "the organisation that runs the node opens them");
    return tc_alert_open(r->node, incident, title, area, &r->diag);
}

tc_err tc_http_api_alert(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_alert area;
    struct tc_community c;
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    e = e ? e : open_area(r, j.root, &area);
    tc_json_fini(&j);
    if (!e)
        e = tc_access_community_by(r->node->access, area.community, NULL, TC_STR(""), r->arena, &c);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, area.opened ? 201 : 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    put_community(r, &w, &c);
    tc_jsonw_ku64(&w, "joined", area.joined);
    tc_jsonw_ku64(&w, "held", area.held);
    tc_jsonw_object_end(&w);
    return TC_OK;
}
