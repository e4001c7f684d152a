/* SPDX-License-Identifier: Apache-2.0 */
/* The operations behind "tocsin warning". Whoever may open the node's folder is its operator: what
 * is asked is done as the person named with "as", who must have the right to it, or else as the
 * node itself. */
#include "warn/warn.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/asker.h"
#include "warn/second.h"

static struct tc_str text_of(yyjson_val *in, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(in, name, &s);
    return s;
}

/* Without "as" the node itself: who can run its commands has the folder. */
static tc_err who(struct tc_op *op, struct tc_asker *w)
{
    return tc_asker_find(op, &tc_principal_system, w);
}

static tc_err op_list(struct tc_op *op)
{
    struct tc_asker w;
    uint64_t limit = 0;
    (void)tc_json_u64(op->in, "limit", &limit);
    tc_err e = who(op, &w);
    e = e ? e : tc_warn_list(op->node, w.p, (size_t)limit, op->out);
    tc_asker_fini(&w);
    return e;
}

static tc_err op_show(struct tc_op *op)
{
    struct tc_asker w;
    tc_err e = who(op, &w);
    e = e ? e : tc_warn_get(op->node, w.p, text_of(op->in, "id"), op->out);
    tc_asker_fini(&w);
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "no such warning") : e;
}

static tc_err op_release(struct tc_op *op)
{
    struct tc_asker w;
    tc_err e = who(op, &w);
    struct tc_second s = {
        .why = text_of(op->in, "why"), .how = TC_STR("warning-release"), .from = TC_STR("local")};
    e = e ? e : tc_warn_release(op->node, w.p, text_of(op->in, "id"), &s, op->diag);
    if (!e && s.id[0])
        tc_buf_fmt(op->out, "{\"waits\":\"%s\"}", s.id);
    else if (!e)
        e = tc_warn_get(op->node, w.p, text_of(op->in, "id"), op->out);
    tc_asker_fini(&w);
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
