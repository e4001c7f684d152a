/* SPDX-License-Identifier: Apache-2.0 */
/* The operations "search", "correlate" and "near". Asked as the person named with "as", else as the
 * node's organisation. A node that nobody serves has no reader running: what is looked into is
 * brought up to date first, so that the answer is whole. */
#include "watch/find.h"

#include "base/limits.h"
#include "codec/json.h"
#include "node/asker.h"
#include "watch/correlate.h"
#include "watch/near.h"

enum { BATCH = 4096, DEFAULT_LIMIT = 100, MAX_BYTES = 16 << 20 };

static tc_err read_types(struct tc_op *op, struct tc_arena *a, struct tc_find_ask *ask)
{
    yyjson_val *list = tc_json_get(op->in, "types"), *one;
    size_t i, n;
    struct tc_str *v = tc_arena_zalloc(a, TC_MAX_MATCH, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, n, one)
        if (yyjson_is_str(one) && ask->n_types < TC_MAX_MATCH)
            v[ask->n_types++] = tc_json_view(one);
    ask->types = v;
    return TC_OK;
}

/* Nobody keeps the index, or the lists, now: this process does, as long as the question takes. */
static tc_err own_index(struct tc_op *op, struct tc_index **out)
{
    struct tc_index *x = NULL;
    size_t done = 1;
    tc_err e = tc_index_open(op->node->dir, op->node->journal, &x, op->diag);
    if (e)
        return e;
    while (!e && done)
        e = tc_index_step(x, BATCH, &done);
    if (e) {
        tc_index_close(x);
        return tc_diag_set(op->diag, e, "the index cannot be brought up to date: %s",
                           tc_err_text(e));
    }
    *out = x;
    return TC_OK;
}

static tc_err own_lists(struct tc_op *op, struct tc_correlate **out)
{
    struct tc_correlate *c = NULL;
    bool done = false;
    tc_err e = tc_correlate_alone(op->node, &c);
    while (!e && !done)
        e = tc_correlate_step(c, &done);
    if (e)
        tc_correlate_free(c);
    else
        *out = c;
    return e;
}

static tc_err ask_alone(struct tc_op *op, const struct tc_principal *p,
                        const struct tc_find_ask *ask, struct tc_find_page *page)
{
    struct tc_index *x = NULL;
    struct tc_correlate *c = NULL;
    tc_err e;
    if (tc_find_by_value(ask)) {
        e = own_lists(op, &c);
        e = e ? e : tc_find_value(op->node, c, p, ask, op->out, page, op->diag);
    } else {
        e = own_index(op, &x);
        e = e ? e : tc_find_in(x, p, ask, op->out, page, op->diag);
    }
    tc_index_close(x);
    tc_correlate_free(c);
    return e;
}

static tc_err answer(struct tc_op *op, struct tc_asker *w)
{
    struct tc_find_ask ask = {.limit = DEFAULT_LIMIT, .max_bytes = MAX_BYTES};
    struct tc_find_page page = {.objects = 0};
    uint64_t limit = DEFAULT_LIMIT;
    (void)tc_json_str(op->in, "words", &ask.words);
    (void)tc_json_str(op->in, "value", &ask.value);
    (void)tc_json_str(op->in, "ref", &ask.ref);
    (void)tc_json_str(op->in, "box", &ask.box);
    (void)tc_json_u64(op->in, "limit", &limit);
    ask.limit = limit && limit < TC_MAX_PAGE ? (size_t)limit : TC_MAX_PAGE;
    tc_err e = read_types(op, w->a, &ask);
    if (e)
        return e;
    tc_buf_cstr(op->out, "{\"objects\":[");
    if (tc_find_runs(op->node))
        e = tc_find_page(op->node, w->p, &ask, op->out, &page, op->diag);
    else
        e = ask_alone(op, w->p, &ask, &page);
    if (!e)
        tc_buf_fmt(op->out, "],\"more\":%s,%s\"lag\":%llu}", page.next ? "true" : "false",
                   page.hot ? "\"hot\":true," : "", (unsigned long long)page.lag);
    return e;
}

/* ---- correlate ---- */

static tc_err read_values(struct tc_op *op, struct tc_asker *w, struct tc_correlate_what *what)
{
    yyjson_val *list = tc_json_get(op->in, "values"), *one;
    struct tc_str *v = tc_arena_zalloc(w->a, TC_MAX_LOOKUP, sizeof *v), kind = {"", 0};
    uint64_t limit = 0;
    size_t i, max;
    if (!v)
        return TC_E_NOMEM;
    if (yyjson_arr_size(list) > TC_MAX_LOOKUP)
        return tc_diag_set(op->diag, TC_E_LIMIT, "over %d values at once", TC_MAX_LOOKUP);
    what->values = v;
    yyjson_arr_foreach (list, i, max, one)
        if (yyjson_is_str(one))
            v[what->count++] = tc_json_view(one);
    (void)tc_json_u64(op->in, "limit", &limit);
    what->limit = tc_correlate_limit(what->count, limit);
    if (tc_json_str(op->in, "kind", &kind) &&
        (what->as = tc_spelling_find(kind)) == TC_SPELLING_COUNT)
        return tc_diag_set(op->diag, TC_E_USAGE,
                           "there is no kind '%.*s': value, plate, cas, serial, phone and email "
                           "are",
                           TC_FMT(kind));
    return TC_OK;
}

static tc_err correlate(struct tc_op *op, struct tc_asker *w)
{
    struct tc_correlate_what what = {.values = NULL};
    struct tc_correlate *own = NULL, *c = tc_correlate_of(op->node);
    uint64_t lag = 0;
    tc_err e = read_values(op, w, &what);
    if (!e && !c) {
        e = own_lists(op, &own);
        c = own;
    }
    tc_buf_cstr(op->out, "{\"values\":[");
    e = e ? e : tc_correlate_in(c, w->p, &what, op->out, &lag);
    tc_correlate_free(own);
    if (!e)
        tc_buf_fmt(op->out, "],\"lag\":%llu}", (unsigned long long)lag);
    return e;
}

/* ---- near ---- */

struct near_op {
    struct tc_op *op;
    const struct tc_principal *p;
    struct tc_near_ask ask;
};

static tc_err near_in(void *arg, struct tc_index *x)
{
    struct near_op *n = arg;
    tc_err e = tc_near_put(n->op->node->journal, x, n->p, &n->ask, n->op->out, n->op->diag);
    if (!e)
        tc_buf_fmt(n->op->out, ",\"lag\":%llu}", (unsigned long long)tc_index_lag(x));
    return e;
}

static tc_err near(struct tc_op *op, struct tc_asker *w)
{
    struct near_op n = {.op = op, .p = w->p};
    struct tc_find_ask types = {.limit = 0};
    struct tc_str around = {"", 0}, within = around, during = around, at = around;
    struct tc_index *x = NULL;
    uint64_t limit = DEFAULT_LIMIT;
    (void)tc_json_str(op->in, "around", &around);
    (void)tc_json_str(op->in, "within", &within);
    (void)tc_json_str(op->in, "during", &during);
    (void)tc_json_str(op->in, "at", &at);
    (void)tc_json_u64(op->in, "limit", &limit);
    tc_err e = tc_near_read(around, within, during, at, &n.ask, op->diag);
    e = e ? e : read_types(op, w->a, &types);
    n.ask.types = types.types;
    n.ask.n_types = types.n_types;
    n.ask.limit = limit && limit < TC_MAX_PAGE ? (size_t)limit : TC_MAX_PAGE;
    if (e)
        return e;
    if (tc_find_runs(op->node))
        return tc_find_use(op->node, near_in, &n, op->diag);
    e = own_index(op, &x);
    e = e ? e : near_in(&n, x);
    tc_index_close(x);
    return e;
}

static tc_err op_search(struct tc_op *op)
{
    return tc_asker_run(op, answer);
}

static tc_err op_correlate(struct tc_op *op)
{
    return tc_asker_run(op, correlate);
}

static tc_err op_near(struct tc_op *op)
{
    return tc_asker_run(op, near);
}

tc_err tc_correlate_ops(void)
{
    tc_err e = tc_node_op_add("correlate", op_correlate);
    return e ? e : tc_node_op_add("near", op_near);
}

tc_err tc_find_ops(void)
{
    return tc_node_op_add("search", op_search);
}
