/* SPDX-License-Identifier: Apache-2.0 */
/* The operations behind "tocsin warning". Whoever may open the node's folder is its operator: what
 * is asked is done as the person named with "as", who must have the right to it, or else as the
 * node itself. */
#include "warn/warn.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/reason.h"
#include "warn/second.h"

static struct tc_str text_of(yyjson_val *in, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(in, name, &s);
    return s;
}

/* Who asks, without a reason for what asks for one. */
struct asker {
    struct tc_login *login; /* NULL without "as" */
    struct tc_arena *a;
    struct tc_principal p;
};

static void asker_fini(struct asker *w)
{
    tc_login_unref(w->login);
    tc_arena_free(w->a);
}

static tc_err who(struct tc_op *op, struct asker *w)
{
    struct tc_str as = text_of(op->in, "as");
    struct tc_person person;
    *w = (struct asker){.a = tc_arena_new(1u << 20), .p = tc_principal_system};
    if (!w->a)
        return TC_E_NOMEM;
    if (as.n) {
        tc_err e = tc_access_person_by(op->node->access, 0, as, w->a, &person);
        e = e ? e : tc_access_login_as(op->node->access, person.number, &w->login);
        if (e)
            return tc_diag_set(op->diag, e, "there is no user '%.*s'", TC_FMT(as));
        w->p = w->login->principal;
    }
    return tc_reason_of_op(op, w->a, &w->p);
}

static tc_err op_list(struct tc_op *op)
{
    struct asker w;
    uint64_t limit = 0;
    (void)tc_json_u64(op->in, "limit", &limit);
    tc_err e = who(op, &w);
    e = e ? e : tc_warn_list(op->node, &w.p, (size_t)limit, op->out);
    asker_fini(&w);
    return e;
}

static tc_err op_show(struct tc_op *op)
{
    struct asker w;
    tc_err e = who(op, &w);
    e = e ? e : tc_warn_get(op->node, &w.p, text_of(op->in, "id"), op->out);
    asker_fini(&w);
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "no such warning") : e;
}

static tc_err op_release(struct tc_op *op)
{
    struct asker w;
    tc_err e = who(op, &w);
    struct tc_second s = {
        .why = text_of(op->in, "why"), .how = TC_STR("warning-release"), .from = TC_STR("local")};
    e = e ? e : tc_warn_release(op->node, &w.p, text_of(op->in, "id"), &s, op->diag);
    if (!e && s.id[0])
        tc_buf_fmt(op->out, "{\"waits\":\"%s\"}", s.id);
    else if (!e)
        e = tc_warn_get(op->node, &w.p, text_of(op->in, "id"), op->out);
    asker_fini(&w);
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
