/* SPDX-License-Identifier: Apache-2.0 */
/* The operations behind "tocsin warning". Whoever may open the node's folder is its operator: what
 * is asked is done as the person named with "as", who must have the right to it, or else as the
 * node itself. */
#include "warn/warn.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "warn/second.h"

static struct tc_str text_of(yyjson_val *in, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(in, name, &s);
    return s;
}

/* *login is NULL without "as"; unref it. */
static tc_err who(struct tc_op *op, struct tc_login **login, const struct tc_principal **p)
{
    struct tc_str as = text_of(op->in, "as");
    struct tc_person person;
    *login = NULL;
    *p = &tc_principal_system;
    if (!as.n)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? tc_access_person_by(op->node->access, 0, as, a, &person) : TC_E_NOMEM;
    e = e ? e : tc_access_login_as(op->node->access, person.number, login);
    tc_arena_free(a);
    if (e)
        return tc_diag_set(op->diag, e, "there is no user '%.*s'", TC_FMT(as));
    *p = &(*login)->principal;
    return TC_OK;
}

static tc_err op_list(struct tc_op *op)
{
    struct tc_login *login;
    const struct tc_principal *p;
    uint64_t limit = 0;
    (void)tc_json_u64(op->in, "limit", &limit);
    tc_err e = who(op, &login, &p);
    e = e ? e : tc_warn_list(op->node, p, (size_t)limit, op->out);
    tc_login_unref(login);
    return e;
}

static tc_err op_show(struct tc_op *op)
{
    struct tc_login *login;
    const struct tc_principal *p;
    tc_err e = who(op, &login, &p);
    e = e ? e : tc_warn_get(op->node, p, text_of(op->in, "id"), op->out);
    tc_login_unref(login);
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "no such warning") : e;
}

static tc_err op_release(struct tc_op *op)
{
    struct tc_login *login;
    const struct tc_principal *p;
    tc_err e = who(op, &login, &p);
    struct tc_second s = {
        .why = text_of(op->in, "why"), .how = TC_STR("warning-release"), .from = TC_STR("local")};
    e = e ? e : tc_warn_release(op->node, p, text_of(op->in, "id"), &s, op->diag);
    if (!e && s.id[0])
        tc_buf_fmt(op->out, "{\"waits\":\"%s\"}", s.id);
    else if (!e)
        e = tc_warn_get(op->node, p, text_of(op->in, "id"), op->out);
    tc_login_unref(login);
    return e;
}

static tc_err op_rule(struct tc_op *op)
{
    struct tc_str word = text_of(op->in, "release");
    enum tc_warn_auto rule = TC_WARN_BY_HAND;
    tc_err e = TC_OK;
    if (word.n && !tc_warn_rule_parse(word, &rule))
        return tc_diag_set(op->diag, TC_E_INVALID, "it is hand, exercise or all");
    if (word.n)
        e = tc_warn_rule_set(op->node->dir, rule, op->diag);
    else
        e = tc_warn_rule_get(op->node->dir, &rule, op->diag);
    if (word.n && !e)
        tc_warn_rule_changed(op->node, rule);
    struct tc_jsonw w = tc_jsonw_into(op->out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "release", tc_warn_rule_word(rule));
    tc_jsonw_object_end(&w);
    return e;
}

tc_err tc_warn_ops(void)
{
    tc_err e = tc_node_op_add("warning-list", op_list);
    e = e ? e : tc_node_op_add("warning-show", op_show);
    e = e ? e : tc_node_op_add("warning-release", op_release);
    e = e ? e : tc_node_op_add("warning-rule", op_rule);
    return e ? e : tc_warn_kind();
}
