/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of confirmation rounds, and their counts in a node's status. */
#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/asker.h"
#include "watch/confirm.h"

enum { LISTED = 10000 };

static struct tc_str text_of(yyjson_val *in, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(in, name, &s);
    return s;
}

static tc_err read_operators(struct tc_op *op, struct tc_arena *a, struct tc_confirm_ask *ask)
{
    yyjson_val *list = tc_json_get(op->in, "operators"), *one;
    size_t i, n, count = yyjson_is_arr(list) ? yyjson_arr_size(list) : 0;
    struct tc_str *v = count <= TC_CONFIRM_MOST ? tc_arena_zalloc(a, count + 1, sizeof *v) : NULL;
    if (!v)
        return tc_diag_set(op->diag, TC_E_LIMIT, "too many operators");
    if (count)
        yyjson_arr_foreach (list, i, n, one)
            if (yyjson_is_str(one))
                v[ask->n_operators++] = tc_json_view(one);
    ask->operators = v;
    return TC_OK;
}

static tc_err run_open(struct tc_op *op, struct tc_asker *w)
{
    struct tc_confirm_ask ask = {.round = text_of(op->in, "round"), .due = TC_TIME_NONE};
    struct tc_str due = text_of(op->in, "due");
    if (due.n && tc_time_parse_z(due, &ask.due))
        return tc_diag_set(op->diag, TC_E_USAGE, "'%.*s' is no time like 2026-01-01T12:00:00Z",
                           TC_FMT(due));
    tc_err e = read_operators(op, w->a, &ask);
    return e ? e : tc_confirm_open(op->node, w->p, &ask, op->out, op->diag);
}

static tc_err run_answer(struct tc_op *op, struct tc_asker *w)
{
    bool corrected = false;
    (void)tc_json_bool(op->in, "corrected", &corrected);
    tc_err e = tc_confirm_answer(op->node, w->p, text_of(op->in, "id"), corrected,
                                 text_of(op->in, "note"), op->diag);
    if (!e)
        tc_buf_cstr(op->out, "{}");
    return e ? e : op->out->err;
}

static tc_err run_list(struct tc_op *op, struct tc_asker *w)
{
    bool overdue = false;
    (void)tc_json_bool(op->in, "overdue", &overdue);
    return tc_confirm_list(op->node, w->p, overdue, LISTED, op->out);
}

static tc_err op_open(struct tc_op *op)
{
    return tc_asker_run(op, run_open);
}

static tc_err op_answer(struct tc_op *op)
{
    return tc_asker_run(op, run_answer);
}

static tc_err op_list(struct tc_op *op)
{
    return tc_asker_run(op, run_list);
}

static void put_counts(struct tc_node *n, const struct tc_principal *p, struct tc_jsonw *w)
{
    struct tc_confirm_counts c = {0};
    if (tc_confirm_count(n, p, &c))
        return; /* nothing said is better than a wrong number */
    tc_jsonw_ku64(w, "asked", c.asked);
    tc_jsonw_ku64(w, "overdue", c.overdue);
    tc_jsonw_ku64(w, "answered", c.answered);
}

tc_err tc_confirm_ops_add(void)
{
    tc_err e = tc_node_op_add("confirm-open", op_open);
    e = e ? e : tc_node_op_add("confirm-answer", op_answer);
    e = e ? e : tc_node_op_add("confirm-list", op_list);
    return e ? e : tc_node_status_add("confirmations", put_counts);
}
