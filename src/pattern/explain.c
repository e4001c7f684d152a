/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/explain.h"

#include "pattern/set_parts.h"
#include "pattern/when_parts.h"

#include <stdlib.h>

struct explaining {
    struct tc_set *set;
    struct tc_arena *a;
    struct tc_explained *x;
    struct tc_explained_observe *now;
    struct tc_str *types;
    size_t cap;
    tc_err err;
};

/* ---- comparisons ---- */

static const char *op_of(const struct tc_cmp *c)
{
    static const char *const names[][2] = {
        [TC_OP_EQ] = {"=", "NOT ="},
        [TC_OP_NE] = {"!=", "NOT !="},
        [TC_OP_LT] = {"<", "NOT <"},
        [TC_OP_LE] = {"<=", "NOT <="},
        [TC_OP_GT] = {">", "NOT >"},
        [TC_OP_GE] = {">=", "NOT >="},
        [TC_OP_IN] = {"IN", "NOT IN"},
        [TC_OP_LIKE] = {"LIKE", "NOT LIKE"},
        [TC_OP_MATCHES] = {"MATCHES", "NOT MATCHES"},
        [TC_OP_ISSUBSET] = {"ISSUBSET", "NOT ISSUBSET"},
        [TC_OP_ISSUPERSET] = {"ISSUPERSET", "NOT ISSUPERSET"},
        [TC_OP_EXISTS] = {"EXISTS", "NOT EXISTS"},
    };
    return names[c->op][c->negated];
}

static const char *kind_of(const struct tc_cmp *c)
{
    static const char *const names[] = {
        [TC_LIT_STRING] = "text",  [TC_LIT_INT] = "whole number", [TC_LIT_FLOAT] = "number",
        [TC_LIT_BOOL] = "boolean", [TC_LIT_HEX] = "bytes",        [TC_LIT_BINARY] = "bytes",
        [TC_LIT_TIME] = "time"};
    switch (c->op) {
    case TC_OP_EXISTS:
        return "";
    case TC_OP_LIKE:
        return "text with % and _";
    case TC_OP_MATCHES:
        return "regular expression";
    case TC_OP_ISSUBSET:
    case TC_OP_ISSUPERSET:
        return "network";
    default:
        return c->n_lits ? names[c->lits[0].kind] : "empty list";
    }
}

static void add_type(struct explaining *e, struct tc_str type)
{
    struct tc_explained *x = e->x;
    for (size_t i = 0; i < x->n_types; i++)
        if (tc_str_eq(e->types[i], type))
            return;
    e->types[x->n_types++] = type;
}

static void tests_of(struct explaining *e, const struct tc_cmp *c)
{
    struct tc_explained_observe *o = e->now;
    for (size_t i = 0; c->kind != TC_CMP_TEST && i < c->n; i++)
        tests_of(e, c->kids[i]);
    if (c->kind != TC_CMP_TEST)
        return;
    add_type(e, c->path.type);
    if (o->n_tests < TC_EXPLAIN_LISTED)
        o->tests[o->n_tests] = (struct tc_explained_test){c->path.text, op_of(c), kind_of(c)};
    o->n_tests++;
}

/* ---- keys ---- */

/* The first comparison that has this path. */
static struct tc_str path_text(struct explaining *e, const struct tc_cmp *c, uint32_t path)
{
    uint32_t id;
    if (c->kind == TC_CMP_TEST)
        return !tc_paths_add(e->set->paths, &c->path, &id, NULL) && id == path ? c->path.text
                                                                               : TC_STR("");
    for (size_t i = 0; i < c->n; i++) {
        struct tc_str s = path_text(e, c->kids[i], path);
        if (s.n)
            return s;
    }
    return TC_STR("");
}

static void put_const(struct tc_buf *b, const struct tc_const *c)
{
    char z[TC_TIME_SIZE];
    switch (c->kind) {
    case TC_LIT_INT:
        tc_buf_fmt(b, "%lld", (long long)c->i);
        break;
    case TC_LIT_FLOAT:
        tc_buf_fmt(b, "%.17g", c->d);
        break;
    case TC_LIT_BOOL:
        tc_buf_cstr(b, c->b ? "true" : "false");
        break;
    case TC_LIT_TIME:
        tc_time_format(c->i, 6, z);
        tc_buf_cstr(b, z);
        break;
    default:
        if (c->bytes)
            tc_buf_fmt(b, "%zu bytes", c->s.n);
        else
            tc_buf_str(b, c->s);
    }
}

static void put_net(struct tc_buf *b, const struct tc_net *n)
{
    for (unsigned i = 0; n->family == 4 && i < 4; i++)
        tc_buf_fmt(b, "%s%u", i ? "." : "", n->b[i]);
    for (unsigned i = 0; n->family == 6 && i < 16; i += 2)
        tc_buf_fmt(b, "%s%x", i ? ":" : "", n->b[i] << 8 | n->b[i + 1]);
    tc_buf_fmt(b, "/%u", n->bits);
}

static void put_ordinate(struct tc_buf *b, enum tc_key_kind kind, int64_t at)
{
    char z[TC_TIME_SIZE];
    double d;
    if (kind == TC_KEY_SPAN) {
        tc_time_format(at, 6, z);
        tc_buf_cstr(b, z);
        return;
    }
    at = at < 0 ? at ^ INT64_MAX : at;
    memcpy(&d, &at, sizeof d);
    tc_buf_fmt(b, "%.17g", d);
}

static void put_range(struct tc_buf *b, const struct tc_access *a)
{
    if (tc_access_wide(a)) {
        put_const(b, a->equal);
        return;
    }
    put_ordinate(b, a->kind, a->lo);
    tc_buf_cstr(b, " and ");
    put_ordinate(b, a->kind, a->hi);
}

static const char *is_of(const struct tc_access *a)
{
    switch (a->kind) {
    case TC_KEY_ANY:
        return "";
    case TC_KEY_NET:
        return "is in";
    case TC_KEY_PREFIX:
        return "begins with";
    case TC_KEY_SUFFIX:
        return "ends with";
    case TC_KEY_GRAM3:
    case TC_KEY_GRAM4:
        return "holds";
    case TC_KEY_FOLD3:
    case TC_KEY_FOLD4:
        return "holds in any case";
    case TC_KEY_RANGE:
    case TC_KEY_SPAN:
        return !tc_access_wide(a)  ? "is between"
               : a->op == TC_OP_LT ? "is less than"
               : a->op == TC_OP_LE ? "is at most"
               : a->op == TC_OP_GT ? "is more than"
                                   : "is at least";
    default:
        return "is";
    }
}

static void add_key(struct explaining *e, const struct tc_cmp *c, uint32_t path,
                    const struct tc_access *a, bool open)
{
    struct tc_explained_observe *o = e->now;
    struct tc_buf b;
    o->open += open;
    if (o->n_keys++ >= TC_EXPLAIN_LISTED)
        return;
    tc_buf_init(&b, TC_PATTERN_MAX_TEXT + 100);
    if (a->net)
        put_net(&b, a->net);
    else if (a->kind == TC_KEY_RANGE || a->kind == TC_KEY_SPAN)
        put_range(&b, a);
    else if (a->equal && a->kind != TC_KEY_ANY)
        put_const(&b, a->equal);
    else
        tc_buf_str(&b, a->text);
    struct tc_explained_key *k = &o->keys[o->n_keys - 1];
    *k = (struct tc_explained_key){path_text(e, c, path), is_of(a),
                                   tc_arena_dup(e->a, tc_buf_view(&b)),
                                   a->text.n || (a->equal && a->equal->kind == TC_LIT_STRING)};
    if (b.err || !k->what.p)
        e->err = TC_E_NOMEM;
    tc_buf_fini(&b);
}

static void keys_of(struct explaining *e, const struct tc_cmp *c)
{
    struct tc_set_accesses acc;
    struct expr expr = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    e->err = tc_set_nodes(e->set, c, &expr, &d);
    if (e->err)
        return;
    e->err = tc_set_access(e->set, &expr, &acc);
    if (!e->err) {
        e->now->exact = acc.exact;
        for (size_t i = 0; !e->err && i < acc.n; i++)
            add_key(e, c, acc.paths[i], &acc.v[i], tc_set_open(&acc, i));
        free(acc.v);
        free(acc.paths);
    }
    tc_set_nodes_fini(e->set, &expr);
}

/* ---- the whole ---- */

static void observes_of(struct explaining *e, const struct tc_obs *o,
                        struct tc_explained_observe *list)
{
    for (size_t i = 0; i < o->n_quals; i++)
        e->x->bounded = e->x->bounded || o->quals[i].kind == TC_QUAL_STARTSTOP;
    for (size_t i = 0; o->kind != TC_OBS_OBSERVE && !e->err && i < o->n; i++)
        observes_of(e, o->kids[i], list);
    if (o->kind != TC_OBS_OBSERVE)
        return;
    e->now = &list[e->x->n_observes++];
    tests_of(e, o->cmp);
    keys_of(e, o->cmp);
}

static tc_err over_time(const struct tc_pattern *p, struct tc_explained *x)
{
    struct tc_when_plan plan;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_when_plan_make(p, &plan, &d);
    if (e)
        return e;
    const struct tc_when_node *root = &plan.nodes[plan.root];
    x->single = root->kind == TC_WHEN_LEAF && root->need == 1;
    x->needs = plan.need;
    x->within = plan.span;
    tc_when_plan_fini(&plan);
    return TC_OK;
}

static tc_err explain(struct explaining *e, const struct tc_pattern *p)
{
    struct tc_explained_observe *list = tc_arena_zalloc(e->a, p->observations, sizeof *list);
    e->types = tc_arena_zalloc(e->a, p->tests, sizeof *e->types);
    if (!list || !e->types)
        return TC_E_NOMEM;
    e->x->n_tests = p->tests;
    e->x->doubled = p->doubled;
    observes_of(e, p->root, list);
    e->x->observes = list;
    e->x->types = e->types;
    return e->err ? e->err : over_time(p, e->x);
}

tc_err tc_pattern_explain(struct tc_str pattern, struct tc_arena *a, struct tc_explained *out,
                          struct tc_diag *d)
{
    struct tc_explained x = {0};
    struct explaining e = {.set = tc_set_new(NULL), .a = a, .x = &x};
    struct tc_pattern p;
    uint32_t handle = 0;
    if (!e.set)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err err = tc_set_add(e.set, TC_STR("pattern"), pattern, &handle, d);
    if (!err) {
        tc_set_remove(e.set, handle); /* its own keys must not sway the choice */
        err = tc_pattern_parse(pattern, a, &p, d);
        err = err ? err : explain(&e, &p);
        if (err && d && !d->code)
            (void)tc_diag_set(d, err, "%s", tc_err_text(err));
    }
    tc_set_free(e.set);
    if (!err)
        *out = x;
    return err;
}

/* ---- in words ---- */

#define SHOWN 120 /* bytes of foreign text */

static void put_shown(struct tc_buf *b, struct tc_str s, const char *quote)
{
    char z[SHOWN];
    (void)tc_str_show(s, z, sizeof z);
    tc_buf_fmt(b, "%s%s%s", quote, z, quote);
}

static void say_tests(const struct tc_explained_observe *o, const char *indent, struct tc_buf *b)
{
    tc_buf_fmt(b, "%scompares ", indent);
    for (size_t i = 0; i < o->n_tests && i < TC_EXPLAIN_LISTED; i++) {
        const struct tc_explained_test *t = &o->tests[i];
        put_shown(b, t->path, "");
        tc_buf_fmt(b, " %s%s%s%s%s", t->op, t->kind[0] ? " (" : "", t->kind, t->kind[0] ? ")" : "",
                   i + 1 < o->n_tests ? ", " : "");
    }
    if (o->n_tests > TC_EXPLAIN_LISTED)
        tc_buf_fmt(b, "and %zu more", o->n_tests - TC_EXPLAIN_LISTED);
    tc_buf_char(b, '\n');
}

static void say_keys(const struct tc_explained_observe *o, const char *indent, struct tc_buf *b)
{
    if (!o->n_keys) {
        tc_buf_fmt(b, "%snever holds: no value can pass its comparisons\n", indent);
        return;
    }
    tc_buf_fmt(b, "%slooked at when ", indent);
    for (size_t i = 0; i < o->n_keys && i < TC_EXPLAIN_LISTED; i++) {
        const struct tc_explained_key *k = &o->keys[i];
        put_shown(b, k->path, "");
        tc_buf_fmt(b, " %s", k->is[0] ? k->is : "is there");
        if (k->is[0]) {
            tc_buf_char(b, ' ');
            put_shown(b, k->what, k->text ? "'" : "");
        }
        tc_buf_cstr(b, i + 1 < o->n_keys ? ", or " : "");
    }
    if (o->n_keys > TC_EXPLAIN_LISTED)
        tc_buf_fmt(b, "%zu more", o->n_keys - TC_EXPLAIN_LISTED);
    tc_buf_cstr(b, o->exact ? "; that decides it\n" : "\n");
    if (o->open)
        tc_buf_fmt(b,
                   "%sNO INDEX KEY: no literal leads to it, it is evaluated for every observation "
                   "with such a value there\n",
                   indent);
}

static void say_time(const struct tc_explained *x, const char *indent, struct tc_buf *b)
{
    if (x->bounded)
        tc_buf_fmt(b, "%sSTART/STOP: observations outside of a stretch of time do not count\n",
                   indent);
    if (x->single) {
        tc_buf_fmt(b, "%sone observation decides; nothing is remembered\n", indent);
        return;
    }
    tc_buf_fmt(b, "%sa match takes up to %llu observations", indent, (unsigned long long)x->needs);
    if (x->within == INT64_MAX)
        tc_buf_fmt(b, "; without WITHIN around the whole the newest %u are remembered\n",
                   TC_WHEN_MAX_SEEN);
    else
        tc_buf_fmt(b, " within %.15g seconds; at most %u are remembered\n",
                   (double)x->within / TC_SECOND, TC_WHEN_MAX_SEEN);
}

void tc_explained_say(const struct tc_explained *x, const char *indent, struct tc_buf *out)
{
    char deeper[40];
    (void)snprintf(deeper, sizeof deeper, "%s  ", indent);
    for (size_t i = 0; i < x->n_observes; i++) {
        bool several = x->n_observes > 1;
        if (several)
            tc_buf_fmt(out, "%s[...] %zu of %zu\n", indent, i + 1, x->n_observes);
        say_tests(&x->observes[i], several ? deeper : indent, out);
        say_keys(&x->observes[i], several ? deeper : indent, out);
    }
    say_time(x, indent, out);
}
