/* SPDX-License-Identifier: Apache-2.0 */
/* The operations behind "tocsin approval" and "tocsin community rules". With the folder one may ask
 * for anything; to answer, somebody shows that they are who they say, by their password. */
#include "node/approval.h"

#include "codec/json.h"
#include "codec/jsonw.h"

#include <string.h>

/* Who asks: the person named with "as", by password or on the word of who has the folder; without
 * it the node itself. */
struct who {
    struct tc_login *login;
    const struct tc_principal *p;
};

static struct tc_str text_of(const struct tc_op *op, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(op->in, name, &s);
    return s;
}

static tc_err who_of(struct tc_op *op, struct who *w)
{
    struct tc_str as = text_of(op, "as");
    struct tc_person person;
    *w = (struct who){NULL, &tc_principal_system};
    if (!as.n)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? tc_access_person_by(op->node->access, 0, as, a, &person) : TC_E_NOMEM;
    e = e ? e : tc_access_login_as(op->node->access, person.number, &w->login);
    tc_arena_free(a);
    if (e)
        return tc_diag_set(op->diag, e, "there is no user '%.*s'", TC_FMT(as));
    w->p = &w->login->principal;
    return TC_OK;
}

static tc_err proven(struct tc_op *op, struct who *w)
{
    struct tc_str as = text_of(op, "as");
    *w = (struct who){NULL, NULL};
    if (!as.n)
        return tc_diag_set(op->diag, TC_E_USAGE, "somebody answers: --as LOGIN");
    tc_err e = tc_access_password(op->node->access, as, text_of(op, "password"), &w->login);
    if (e == TC_E_AUTH)
        return tc_diag_set(op->diag, e,
                           "login and password do not match, or a second factor is needed: then "
                           "answer on the page");
    w->p = e ? NULL : &w->login->principal;
    return e;
}

/* Where nobody serves the node, what was approved before a crash is ended here. */
static tc_err catch_up(struct tc_op *op)
{
    return op->node->mode == TC_NODE_COMMAND ? tc_approval_tick(op->node) : TC_OK;
}

static const struct tc_second by_hand = {.how = {"approval", 8}, .from = {"local", 5}};

static tc_err op_list(struct tc_op *op)
{
    struct who w;
    bool all = false;
    (void)tc_json_bool(op->in, "all", &all);
    tc_err e = catch_up(op);
    e = e ? e : who_of(op, &w);
    if (e)
        return e;
    e = tc_approval_list(op->node, w.p, all, op->out);
    tc_login_unref(w.login);
    return e;
}

static tc_err show(struct tc_op *op, const struct tc_principal *p)
{
    tc_err e = tc_approval_get(op->node, p, text_of(op, "id"), op->out);
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "there is no such act") : e;
}

static tc_err op_show(struct tc_op *op)
{
    struct who w;
    tc_err e = catch_up(op);
    e = e ? e : who_of(op, &w);
    if (e)
        return e;
    e = show(op, w.p);
    tc_login_unref(w.login);
    return e;
}

static tc_err op_answer(struct tc_op *op)
{
    struct who w;
    bool yes = false;
    enum tc_act_state state;
    (void)tc_json_bool(op->in, "yes", &yes);
    tc_err e = catch_up(op);
    e = e ? e : proven(op, &w);
    if (e)
        return e;
    e = tc_approval_answer(op->node, w.p, text_of(op, "id"), yes, text_of(op, "why"), &by_hand,
                           &state, op->diag);
    e = e ? e : show(op, w.p);
    tc_login_unref(w.login);
    return e;
}

static tc_err op_withdraw(struct tc_op *op)
{
    struct who w;
    struct tc_second by = by_hand;
    by.why = text_of(op, "why");
    tc_err e = catch_up(op);
    e = e ? e : who_of(op, &w);
    if (e)
        return e;
    e = tc_approval_withdraw(op->node, w.p, text_of(op, "id"), &by, op->diag);
    e = e ? e : show(op, w.p);
    tc_login_unref(w.login);
    return e;
}

/* ---- rules ---- */

static tc_err find_community(struct tc_op *op, struct tc_arena *a, struct tc_community *c)
{
    struct tc_str s = text_of(op, "community");
    struct tc_uuid u;
    struct tc_org o;
    struct tc_access *x = op->node->access;
    tc_err e = tc_uuid_parse(s, &u) ? tc_access_community_by(x, 0, NULL, s, a, c)
                                    : tc_access_community_by(x, 0, &u, TC_STR(""), a, c);
    if (e == TC_E_NOTFOUND && s.n && tc_access_org_by(x, 0, s, a, &o) == TC_OK)
        e = tc_access_community_by(x, o.inbox, NULL, TC_STR(""), a, c); /* an organisation's own */
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "there is no community '%.*s'", TC_FMT(s))
                              : e;
}

static void put_rules(struct tc_op *op, const struct tc_community *c, const char *waits)
{
    char uuid[TC_UUID_TEXT];
    struct tc_jsonw w = tc_jsonw_into(op->out);
    tc_uuid_format(&c->uuid, uuid);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "community", uuid);
    tc_jsonw_kstr(&w, "title", c->title);
    tc_rules_put(&w, c->four_eyes, c->asks_reason);
    if (waits[0])
        tc_jsonw_kcstr(&w, "waits", waits);
    tc_jsonw_object_end(&w);
}

static tc_err rules(struct tc_op *op, const struct who *w, struct tc_arena *a)
{
    struct tc_community c;
    struct tc_second s = by_hand;
    s.why = text_of(op, "why");
    tc_err e = find_community(op, a, &c);
    struct tc_rules to = {e ? 0 : c.four_eyes, e ? 0 : c.asks_reason};
    e = e ? e : tc_rules_read(op->in, &to, op->diag);
    bool change = !e && (to.four_eyes != c.four_eyes || to.asks_reason != c.asks_reason);
    if (change && !w->p->system && !tc_access_steward(op->node->access, c.number, w->p))
        e = tc_diag_set(op->diag, TC_E_DENIED, "its stewards decide that");
    if (!e && change)
        e = tc_rules_change(op->node, w->p, c.number, &to, &s, op->diag);
    e = e ? e : find_community(op, a, &c);
    if (!e)
        put_rules(op, &c, s.id);
    return e ? e : op->out->err;
}

static tc_err op_rules(struct tc_op *op)
{
    struct who w;
    tc_err e = who_of(op, &w);
    if (e)
        return e;
    struct tc_arena *a = tc_arena_new(1u << 18);
    e = a ? rules(op, &w, a) : TC_E_NOMEM;
    tc_arena_free(a);
    tc_login_unref(w.login);
    return e;
}

/* ---- when it is archived by itself ---- */

static tc_err end_in(struct tc_op *op, struct tc_arena *a)
{
    struct tc_community c;
    struct tc_str at = text_of(op, "at");
    tc_time ends = 0;
    uint64_t days = 0;
    tc_err e = find_community(op, a, &c);
    (void)tc_json_u64(op->in, "days_after", &days);
    if (!e && at.n && tc_time_parse_offset(at, &ends))
        e = tc_diag_set(op->diag, TC_E_USAGE, "'%.*s' is no time like 2026-01-01T12:00:00Z",
                        TC_FMT(at));
    uint32_t n = days > UINT32_MAX ? UINT32_MAX : (uint32_t)days;
    e = e ? e : tc_access_community_end(op->node->access, c.number, ends, n, op->diag);
    e = e ? e : find_community(op, a, &c);
    if (e)
        return e;
    struct tc_jsonw w = tc_jsonw_into(op->out);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "title", c.title);
    tc_community_end_put(&w, &c);
    tc_jsonw_object_end(&w);
    return op->out->err;
}

static tc_err op_end(struct tc_op *op)
{
    struct tc_arena *a = tc_arena_new(1u << 18);
    tc_err e = a ? end_in(op, a) : TC_E_NOMEM;
    tc_arena_free(a);
    return e;
}

tc_err tc_approval_ops(void)
{
    tc_err e = tc_member_kinds();
    e = e ? e : tc_node_op_add("approval-list", op_list);
    e = e ? e : tc_node_op_add("approval-show", op_show);
    e = e ? e : tc_node_op_add("approval-answer", op_answer);
    e = e ? e : tc_node_op_add("approval-withdraw", op_withdraw);
    e = e ? e : tc_node_op_add("community-end", op_end);
    return e ? e : tc_node_op_add("community-rules", op_rules);
}
