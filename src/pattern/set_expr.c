/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison expressions of a set: shared predicates, and the choice of keys. Of an AND one part is
 * enough, the cheapest; an OR needs the keys of all its parts. */
#include "pattern/set_parts.h"

#include <stdlib.h>

/* ---- predicates ---- */

static void say(struct tc_buf *b, const struct tc_cmp *c, uint32_t path)
{
    tc_buf_add(b, &path, sizeof path);
    tc_buf_char(b, (char)c->op);
    tc_buf_char(b, c->negated ? 1 : 0);
    for (size_t i = 0; i < c->n_lits; i++) {
        const struct tc_lit *l = &c->lits[i];
        int64_t v = l->kind == TC_LIT_INT    ? l->i
                    : l->kind == TC_LIT_TIME ? l->t
                    : l->kind == TC_LIT_BOOL ? l->b
                                             : (int64_t)l->s.n;
        tc_buf_char(b, (char)l->kind);
        if (l->kind == TC_LIT_FLOAT)
            tc_buf_add(b, &l->d, sizeof l->d);
        else
            tc_buf_add(b, &v, sizeof v);
        tc_buf_str(b, l->s);
    }
}

static void predicate_free(struct predicate *p)
{
    tc_test_fini(&p->test);
    free(p);
}

static bool one_value(const struct tc_path *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->steps[i].kind == TC_STEP_ANY)
            return false;
    return true;
}

static tc_err make(struct tc_set *s, const struct tc_cmp *c, uint32_t path, struct tc_hash128 key,
                   struct predicate **out, struct tc_diag *d)
{
    struct predicate *p = calloc(1, sizeof *p);
    if (!p)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_test_init(c, tc_paths_reading(s->paths, path), s->values, &p->test, d);
    if (e) {
        free(p);
        return e;
    }
    p->path = path;
    p->one = one_value(&c->path);
    p->key = key;
    e = tc_map_put(s->predicates, tc_str_view((const char *)&key, sizeof key),
                   (uint64_t)(uintptr_t)p);
    if (e) {
        predicate_free(p);
        return tc_diag_set(d, e, "out of memory");
    }
    *out = p;
    return TC_OK;
}

tc_err tc_set_predicate(struct tc_set *s, const struct tc_cmp *c, struct predicate **out,
                        struct tc_diag *d)
{
    struct tc_buf b;
    uint32_t path;
    uint64_t there = 0;
    struct predicate *p = NULL;
    tc_err e = tc_paths_add(s->paths, &c->path, &path, d);
    if (e)
        return e;
    tc_buf_init(&b, (size_t)TC_PATTERN_MAX_TEXT * 16);
    say(&b, c, path);
    struct tc_hash128 key = tc_hash128(tc_hash_process_key(), b.p, b.n);
    e = b.err ? tc_diag_set(d, b.err, "out of memory") : TC_OK;
    tc_buf_fini(&b);
    if (e)
        return e;
    if (tc_map_get(s->predicates, tc_str_view((const char *)&key, sizeof key), &there))
        p = (struct predicate *)(uintptr_t)there;
    else
        e = make(s, c, path, key, &p, d);
    if (e)
        return e;
    p->refs++;
    *out = p;
    return TC_OK;
}

void tc_set_unref(struct tc_set *s, struct predicate *p)
{
    if (--p->refs)
        return;
    (void)tc_map_remove(s->predicates, tc_str_view((const char *)&p->key, sizeof p->key));
    predicate_free(p);
}

/* ---- nodes ---- */

static uint32_t size_of(const struct tc_cmp *c)
{
    uint32_t n = 1;
    for (size_t i = 0; c->kind != TC_CMP_TEST && i < c->n; i++)
        n += size_of(c->kids[i]);
    return n;
}

static tc_err flatten(struct tc_set *s, const struct tc_cmp *c, struct expr *e, struct tc_diag *d)
{
    uint32_t at = e->n_nodes;
    struct predicate *p = NULL;
    tc_err err = TC_OK;
    if (c->kind == TC_CMP_TEST)
        err = tc_set_predicate(s, c, &p, d);
    if (err)
        return err;
    e->nodes[e->n_nodes++] = (struct expr_node){c->kind, 0, p};
    for (size_t i = 0; !err && c->kind != TC_CMP_TEST && i < c->n; i++)
        err = flatten(s, c->kids[i], e, d);
    e->nodes[at].end = e->n_nodes;
    return err;
}

tc_err tc_set_nodes(struct tc_set *s, const struct tc_cmp *c, struct expr *e, struct tc_diag *d)
{
    e->nodes = calloc(size_of(c), sizeof *e->nodes);
    if (!e->nodes)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err err = flatten(s, c, e, d);
    if (err)
        tc_set_nodes_fini(s, e);
    return err;
}

void tc_set_nodes_fini(struct tc_set *s, struct expr *e)
{
    for (uint32_t i = 0; i < e->n_nodes; i++)
        if (e->nodes[i].predicate)
            tc_set_unref(s, e->nodes[i].predicate);
    free(e->nodes);
    e->nodes = NULL;
    e->n_nodes = 0;
}

/* ---- keys ---- */

#define COST_ANY    1000000u
#define COST_NUMBER 20u
#define COST_RANGE  100000u

static tc_err add(struct tc_set_accesses *out, uint32_t path, const struct tc_access *a)
{
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 4;
        struct tc_access *v = realloc(out->v, cap * sizeof *v);
        out->v = v ? v : out->v;
        uint32_t *p = realloc(out->paths, cap * sizeof *p);
        out->paths = p ? p : out->paths;
        if (!v || !p)
            return TC_E_NOMEM;
        out->cap = cap;
    }
    out->paths[out->n] = path;
    out->v[out->n++] = *a;
    return TC_OK;
}

static uint64_t equal_cost(const struct tc_set *s, const struct predicate *p,
                           const struct tc_const *c)
{
    struct tc_access a;
    if (!tc_access_equal(p->path, &p->test, c, &a))
        return 0;
    if (a.kind == TC_KEY_ANY)
        return COST_ANY;
    uint64_t cost = a.kind == TC_KEY_TEXT && c->s.n > 1 ? 1 : COST_NUMBER;
    return cost + tc_set_chain(s, a.key, 64);
}

static uint64_t test_cost(const struct tc_set *s, const struct predicate *p)
{
    const struct tc_test *t = &p->test;
    enum tc_key_kind where;
    struct tc_access a;
    if (t->negated)
        return COST_ANY;
    switch (t->op) {
    case TC_OP_EQ:
        return equal_cost(s, p, &t->consts[0]);
    case TC_OP_IN:
        return t->n ? 2 + t->n / 16 + equal_cost(s, p, &t->consts[0]) : 0;
    case TC_OP_ISSUBSET:
        return !t->net.family ? 0 : t->net.bits < 8 ? 100 : 5;
    case TC_OP_LIKE:
    case TC_OP_MATCHES: {
        size_t n = tc_access_literal(t, &where).n;
        return !n ? COST_ANY : (t->op == TC_OP_LIKE ? 40 : 60) - (n < 20 ? n : 20);
    }
    default:
        return tc_access_order(t, &a) ? COST_RANGE : COST_ANY;
    }
}

static uint64_t cost(const struct tc_set *s, const struct expr *e, uint32_t at)
{
    const struct expr_node *n = &e->nodes[at];
    if (n->kind == TC_CMP_TEST)
        return test_cost(s, n->predicate);
    uint64_t sum = 0, least = UINT64_MAX;
    for (uint32_t k = at + 1; k < n->end; k = e->nodes[k].end) {
        uint64_t c = cost(s, e, k);
        sum += c;
        least = c < least ? c : least;
    }
    return n->kind == TC_CMP_AND ? least : sum;
}

/* A key that so many patterns share already is worth another look. */
#define CROWDED 16u

/* The way to ask for it that the fewest patterns have. */
static void fewest_of(const struct tc_set *s, uint32_t path, struct tc_str literal,
                      enum tc_key_kind where, struct tc_access *best, size_t *fewest)
{
    struct tc_access a;
    for (size_t i = 0; *fewest && i < 256 && tc_access_text(path, literal, where, i, &a); i++) {
        size_t n = tc_set_chain(s, a.key, 64);
        if (n < *fewest) {
            *fewest = n;
            *best = a;
        }
    }
}

/* What begins or ends a value is somewhere in it, too: where many begin alike (a long shared
 * prefix is cut) a piece from its middle tells them apart. */
static tc_err add_literal(const struct tc_set *s, const struct predicate *p,
                          struct tc_set_accesses *out)
{
    enum tc_key_kind where;
    struct tc_str literal = tc_access_literal(&p->test, &where);
    struct tc_access best = tc_access_any(p->path);
    size_t fewest = SIZE_MAX;
    fewest_of(s, p->path, literal, where, &best, &fewest);
    if (fewest > CROWDED && (where == TC_KEY_PREFIX || where == TC_KEY_SUFFIX))
        fewest_of(s, p->path, literal, TC_KEY_GRAM4, &best, &fewest);
    out->exact = false;
    return add(out, p->path, &best);
}

static tc_err add_equal(const struct predicate *p, struct tc_set_accesses *out)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < p->test.n; i++) {
        struct tc_access a;
        if (!tc_access_equal(p->path, &p->test, &p->test.consts[i], &a))
            continue;
        out->exact = out->exact && tc_access_exact(&p->test.consts[i]);
        e = add(out, p->path, &a);
    }
    return e;
}

static tc_err add_test(const struct tc_set *s, const struct predicate *p,
                       struct tc_set_accesses *out)
{
    const struct tc_test *t = &p->test;
    if (!t->negated && (t->op == TC_OP_EQ || t->op == TC_OP_IN))
        return add_equal(p, out);
    if (!t->negated && t->op == TC_OP_ISSUBSET) {
        if (!t->net.family)
            return TC_OK; /* no address is inside of that */
        struct tc_access net = tc_access_net(p->path, &t->net);
        return add(out, p->path, &net);
    }
    if (!t->negated && (t->op == TC_OP_LIKE || t->op == TC_OP_MATCHES))
        return add_literal(s, p, out);
    struct tc_access any = tc_access_any(p->path), order;
    if (tc_access_order(t, &order)) {
        out->exact = out->exact && tc_access_exact(&t->consts[0]);
        return order.lo <= order.hi ? add(out, p->path, &order) : TC_OK;
    }
    out->exact = false;
    return add(out, p->path, &any);
}

/* a > 3 AND a < 9: of a value that is the only one there, what all of them leave. */
static void narrow(const struct expr *e, uint32_t at, uint32_t best, size_t from,
                   struct tc_set_accesses *out)
{
    const struct predicate *p = e->nodes[best].predicate;
    struct tc_access *a = from < out->n ? &out->v[from] : NULL, other;
    if (!a || !p->one || (a->kind != TC_KEY_RANGE && a->kind != TC_KEY_SPAN))
        return;
    for (uint32_t k = at + 1; k < e->nodes[at].end; k = e->nodes[k].end) {
        const struct predicate *q = e->nodes[k].predicate;
        if (e->nodes[k].kind != TC_CMP_TEST || q->path != p->path ||
            !tc_access_order(&q->test, &other) || other.kind != a->kind)
            continue;
        if (other.lo > a->lo || other.hi < a->hi) { /* for a person: the narrower end */
            a->equal = other.equal;
            a->op = other.op;
        }
        a->lo = other.lo > a->lo ? other.lo : a->lo;
        a->hi = other.hi < a->hi ? other.hi : a->hi;
    }
    out->n -= a->lo > a->hi; /* nothing is left: it never holds */
}

static tc_err gather(const struct tc_set *s, const struct expr *e, uint32_t at,
                     struct tc_set_accesses *out)
{
    const struct expr_node *n = &e->nodes[at];
    if (n->kind == TC_CMP_TEST)
        return add_test(s, n->predicate, out);
    uint32_t best = at + 1;
    uint64_t least = UINT64_MAX;
    tc_err err = TC_OK;
    for (uint32_t k = at + 1; !err && k < n->end; k = e->nodes[k].end) {
        if (n->kind == TC_CMP_OR) {
            err = gather(s, e, k, out);
            continue;
        }
        uint64_t c = cost(s, e, k);
        if (c < least) {
            least = c;
            best = k;
        }
    }
    if (n->kind == TC_CMP_AND) {
        size_t from = out->n;
        out->exact = false;
        err = gather(s, e, best, out);
        if (!err && e->nodes[best].kind == TC_CMP_TEST)
            narrow(e, at, best, from, out);
    }
    return err;
}

tc_err tc_set_access(struct tc_set *s, const struct expr *e, struct tc_set_accesses *out)
{
    *out = (struct tc_set_accesses){.exact = true};
    tc_err err = gather(s, e, 0, out);
    if (err) {
        free(out->v);
        free(out->paths);
    }
    return err;
}
