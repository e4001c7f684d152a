/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of membership and of a community's rules, at once or as acts for two people. */
#include "node/approval.h"

#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdio.h>

/* What the two kinds of act name; views live in the arena or the act. */
struct named {
    struct tc_community c;
    struct tc_org o;
};

static tc_err find_community(struct tc_node *n, yyjson_val *ask, struct tc_arena *a,
                             struct tc_community *c)
{
    struct tc_str s = {"", 0};
    struct tc_uuid u;
    if (!tc_json_str(ask, "community", &s) || tc_uuid_parse(s, &u))
        return TC_E_NOTFOUND;
    return tc_access_community_by(n->access, 0, &u, TC_STR(""), a, c);
}

static tc_err find(struct tc_node *n, yyjson_val *ask, struct tc_arena *a, struct named *out)
{
    struct tc_str s = {"", 0};
    tc_err e = find_community(n, ask, a, &out->c);
    (void)tc_json_str(ask, "object", &s);
    return e ? e : tc_access_org_by(n->access, 0, s, a, &out->o);
}

static tc_err may_steward(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                          struct tc_diag *d)
{
    struct tc_community c;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? find_community(n, ask, a, &c) : TC_E_NOMEM;
    if (!e && !tc_access_steward(n->access, c.number, p))
        e = tc_diag_set(d, TC_E_DENIED, "its stewards decide that");
    tc_arena_free(a);
    return e;
}

static void begin(struct tc_jsonw *w, const struct tc_community *c, struct tc_str object)
{
    char uuid[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, uuid);
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "object", object);
    tc_jsonw_kcstr(w, "community", uuid);
}

/* ---- members ---- */

static const struct {
    const char *word;
    unsigned bit;
} functions[] = {{"receive", TC_MEMBER_RECEIVES},
                 {"contribute", TC_MEMBER_CONTRIBUTES},
                 {"release", TC_MEMBER_RELEASES},
                 {"steward", TC_MEMBER_STEWARD}};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static unsigned bits_of(yyjson_val *list)
{
    unsigned bits = 0;
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, n, v)
        for (size_t k = 0; k < FUNCTIONS; k++)
            if (yyjson_is_str(v) && tc_str_is(tc_json_view(v), functions[k].word))
                bits |= functions[k].bit;
    return bits;
}

static void put_bits(struct tc_jsonw *w, const char *name, unsigned bits)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (bits & functions[i].bit)
            tc_jsonw_cstr(w, functions[i].word);
    tc_jsonw_array_end(w);
}

static tc_err member_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out,
                           struct tc_diag *d)
{
    struct named at;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? find(n, ask, a, &at) : TC_E_NOMEM;
    if (!e)
        tc_buf_fmt(out, "%u %d", tc_access_functions(n->access, at.c.number, at.o.number),
                   (int)at.c.state);
    tc_arena_free(a);
    return e ? tc_diag_set(d, e, "the community or the organisation is not there") : TC_OK;
}

/* An organisation takes away the last word only by leaving it to another steward. */
static tc_err keeps_a_steward(struct tc_node *n, uint32_t community, uint32_t org, unsigned bits,
                              struct tc_arena *a, struct tc_diag *d)
{
    struct tc_u32s orgs = {NULL, 0};
    tc_err e = tc_access_members(n->access, &tc_principal_system, community, a, &orgs);
    bool there = bits & TC_MEMBER_STEWARD, was = false;
    for (uint32_t i = 0; !e && i < orgs.n; i++) {
        bool is = tc_access_functions(n->access, community, orgs.v[i]) & TC_MEMBER_STEWARD;
        was = was || is;
        there = there || (orgs.v[i] != org && is);
    }
    return e               ? e
           : there || !was ? TC_OK
                           : tc_diag_set(d, TC_E_CONFLICT, "somebody must be steward");
}

static tc_err member_run(struct tc_node *n, const struct tc_principal *asker,
                         const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct named at;
    struct tc_arena *a = tc_arena_new(1u << 20);
    unsigned was = bits_of(tc_json_get(ask, "was")), to = bits_of(tc_json_get(ask, "takes_part"));
    (void)asker;
    tc_err e = a ? find(n, ask, a, &at) : TC_E_NOMEM;
    e = e ? e : keeps_a_steward(n, at.c.number, at.o.number, to, a, d);
    e = e ? e : tc_access_member_act(n->access, at.c.number, at.o.number, was, to, act->id, d);
    tc_arena_free(a);
    return e;
}

static const struct tc_approval_kind member_kind = {.name = "member-set",
                                                    .two = TC_TWO_MEMBERSHIP,
                                                    .audit = TC_AUDIT_ALTERATION,
                                                    .may = may_steward,
                                                    .rests = member_rests,
                                                    .run = member_run};

static tc_err ask_member(struct tc_node *n, const struct tc_principal *p,
                         const struct tc_community *c, const struct tc_org *o, unsigned bits,
                         struct tc_second *s, struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, 1u << 16);
    struct tc_jsonw w = tc_jsonw_into(&text);
    begin(&w, c, o->identity);
    tc_jsonw_kstr(&w, "name", o->name);
    put_bits(&w, "was", tc_access_functions(n->access, c->number, o->number));
    put_bits(&w, "takes_part", bits);
    tc_jsonw_object_end(&w);
    tc_err e = text.err
                   ? text.err
                   : tc_approval_ask(n, p, member_kind.name, c->number, tc_buf_view(&text), s, d);
    tc_buf_fini(&text);
    return e;
}

tc_err tc_member_change(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                        uint32_t org, unsigned bits, struct tc_second *s, struct tc_diag *d)
{
    struct named at;
    bool second = false;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e =
        a ? tc_access_community_by(n->access, community, NULL, TC_STR(""), a, &at.c) : TC_E_NOMEM;
    e = e ? e : tc_access_org_by(n->access, org, TC_STR(""), a, &at.o);
    if (!e && !p->system)
        e = keeps_a_steward(n, community, org, bits, a, d);
    if (!e) {
        const struct tc_rules r = {at.c.four_eyes, at.c.asks_reason};
        e = tc_approval_gate(&r, TC_TWO_MEMBERSHIP, TC_WHY_MEMBERSHIP, s, &second, d);
    }
    if (!e && second)
        e = ask_member(n, p, &at.c, &at.o, bits, s, d);
    else if (!e)
        e = tc_access_member_functions(n->access, community, org, bits, d);
    tc_arena_free(a);
    return e;
}

/* ---- rules ---- */

static void put_rules(struct tc_jsonw *w, const struct tc_rules *r)
{
    tc_jsonw_name(w, "four_eyes");
    tc_jsonw_array(w);
    for (unsigned bit = 1; bit <= TC_TWO_ALL; bit <<= 1)
        if (r->four_eyes & bit)
            tc_jsonw_cstr(w, tc_two_word(bit));
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "asks_reason");
    tc_jsonw_array(w);
    for (unsigned bit = 1; bit <= TC_WHY_ALL; bit <<= 1)
        if (r->asks_reason & bit)
            tc_jsonw_cstr(w, tc_why_word(bit));
    tc_jsonw_array_end(w);
}

void tc_rules_put(struct tc_jsonw *w, unsigned four_eyes, unsigned asks_reason)
{
    const struct tc_rules r = {four_eyes, asks_reason};
    put_rules(w, &r);
}

void tc_community_end_put(struct tc_jsonw *w, const struct tc_community *c)
{
    char text[TC_TIME_SIZE + 32] = "";
    if (c->state == TC_COMMUNITY_ARCHIVED || (!c->ends && !c->days_after))
        return;
    if (c->ends) {
        tc_time_format(c->ends, 0, text);
        tc_jsonw_kcstr(w, "ends", text);
    } else {
        (void)snprintf(text, sizeof text, "%u days after", c->days_after);
        tc_jsonw_ku64(w, "ends_days_after", c->days_after);
    }
    tc_jsonw_kcstr(w, "archived_by_itself", text);
}

static tc_err read_list(yyjson_val *list, const char *what,
                        bool (*parse)(struct tc_str, unsigned *), unsigned *bits, struct tc_diag *d)
{
    size_t i, n;
    yyjson_val *v;
    unsigned bit;
    if (!list)
        return TC_OK;
    if (!yyjson_is_arr(list))
        return tc_diag_set(d, TC_E_INVALID, "%s is a list of words", what);
    *bits = 0;
    yyjson_arr_foreach (list, i, n, v) {
        if (!yyjson_is_str(v) || !parse(tc_json_view(v), &bit))
            return tc_diag_set(d, TC_E_INVALID, "%s knows %s%srelease, deletion, membership", what,
                               parse == tc_why_parse ? "consultation, search, export" : "",
                               parse == tc_why_parse ? ", " : "");
        *bits |= bit;
    }
    return TC_OK;
}

tc_err tc_rules_read(yyjson_val *form, struct tc_rules *r, struct tc_diag *d)
{
    tc_err e =
        read_list(tc_json_get(form, "four_eyes"), "four_eyes", tc_two_parse, &r->four_eyes, d);
    return e ? e
             : read_list(tc_json_get(form, "asks_reason"), "asks_reason", tc_why_parse,
                         &r->asks_reason, d);
}

static tc_err rules_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out, struct tc_diag *d)
{
    struct tc_community c;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? find_community(n, ask, a, &c) : TC_E_NOMEM;
    if (!e)
        tc_buf_fmt(out, "%u %u", c.four_eyes, c.asks_reason);
    tc_arena_free(a);
    return e ? tc_diag_set(d, e, "the community is not there") : TC_OK;
}

static tc_err rules_run(struct tc_node *n, const struct tc_principal *asker,
                        const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct tc_community c;
    struct tc_rules was = {0, 0}, to = {0, 0};
    struct tc_arena *a = tc_arena_new(1u << 16);
    (void)asker;
    tc_err e = a ? find_community(n, ask, a, &c) : TC_E_NOMEM;
    e = e ? e : tc_rules_read(tc_json_get(ask, "was"), &was, d);
    e = e ? e : tc_rules_read(ask, &to, d);
    e = e ? e : tc_access_rules_set(n->access, c.number, &was, &to, act->id, d);
    tc_arena_free(a);
    return e;
}

static const struct tc_approval_kind rules_kind = {.name = "community-rules",
                                                   .two = TC_TWO_MEMBERSHIP,
                                                   .audit = TC_AUDIT_ADMINISTRATION,
                                                   .may = may_steward,
                                                   .rests = rules_rests,
                                                   .run = rules_run};

static tc_err ask_rules(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_community *c, const struct tc_rules *was,
                        const struct tc_rules *to, struct tc_second *s, struct tc_diag *d)
{
    struct tc_buf text;
    char uuid[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, uuid);
    tc_buf_init(&text, 1u << 16);
    struct tc_jsonw w = tc_jsonw_into(&text);
    begin(&w, c, tc_str_cstr(uuid));
    tc_jsonw_name(&w, "was");
    tc_jsonw_object(&w);
    put_rules(&w, was);
    tc_jsonw_object_end(&w);
    put_rules(&w, to);
    tc_jsonw_object_end(&w);
    tc_err e = text.err
                   ? text.err
                   : tc_approval_ask(n, p, rules_kind.name, c->number, tc_buf_view(&text), s, d);
    tc_buf_fini(&text);
    return e;
}

tc_err tc_rules_change(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                       const struct tc_rules *to, struct tc_second *s, struct tc_diag *d)
{
    struct tc_community c;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e =
        a ? tc_access_community_by(n->access, community, NULL, TC_STR(""), a, &c) : TC_E_NOMEM;
    const struct tc_rules was = {e ? 0 : c.four_eyes, e ? 0 : c.asks_reason};
    if (!e && was.four_eyes & ~to->four_eyes)
        e = ask_rules(n, p, &c, &was, to, s, d);
    else if (!e)
        e = tc_access_rules_set(n->access, community, &was, to, NULL, d);
    tc_arena_free(a);
    return e;
}

tc_err tc_member_kinds(void)
{
    tc_err e = tc_approval_kind_add(&member_kind);
    return e ? e : tc_approval_kind_add(&rules_kind);
}
