/* SPDX-License-Identifier: Apache-2.0 */
/* The decision. Observations are sorted by first_observed; column j stands for "F <= first of j".
 *
 *   free[j]    best L of a binding of the node with F <= first[j], or NONE
 *   forced[j]  the same among bindings that take observation x
 *
 *   leaf       the need-th largest last_observed among the first j+1 (a heap)
 *   AND        min of both            OR   max of both
 *   FOLLOWEDBY right r = R[j]; left must have F <= min(first[j], r): min(L[that column], r)
 *   WITHIN d   only columns with first[j] - L <= d, then the best so far
 *
 * free and forced never fall with j. That two leaves may want the same observation is left out
 * there ("relaxed"): no relaxed binding, no binding. If there is one, the way back down gives each
 * leaf bounds (first <= f, last >= l), and a flow gives out distinct observations within them. When
 * the flow fails, all bounds are tried, with work bounded by TC_WHEN_WORK. */
#include "pattern/when_parts.h"

#include <stdlib.h>

struct columns {
    int64_t *free, *forced;         /* after WITHIN */
    int64_t *raw_free, *raw_forced; /* before it; the same arrays when there is none */
};

/* What a leaf may take. */
struct share {
    int node;
    bool forced; /* takes x */
    int64_t f, l;
};

struct solver {
    const struct tc_when_plan *p;
    const struct tc_seen *v;
    size_t n, x;
    struct columns *columns; /* of each node */
    int64_t *memory;
    struct entry *heap; /* n */
    struct share shares[TC_WHEN_MAX_PARTS];
    size_t n_shares;
    uint32_t *take; /* n_shares rows of n: counted observations that a leaf has */
    uint32_t *left; /* n: not taken */
    uint64_t work;
};

struct entry {
    int64_t last;
    uint32_t number;
};

static bool in_part(const struct solver *s, size_t j, uint32_t part)
{
    return s->v[j].parts >> part & 1;
}

/* ---- leaves ---- */

static void sift_up(struct entry *h, size_t i)
{
    for (; i && h[(i - 1) / 2].last > h[i].last; i = (i - 1) / 2) {
        struct entry t = h[i];
        h[i] = h[(i - 1) / 2];
        h[(i - 1) / 2] = t;
    }
}

static void pop(struct entry *h, size_t *n)
{
    h[0] = h[--*n];
    for (size_t i = 0;;) {
        size_t k = 2 * i + 1;
        if (k >= *n)
            return;
        if (k + 1 < *n && h[k + 1].last < h[k].last)
            k++;
        if (h[i].last <= h[k].last)
            return;
        struct entry t = h[i];
        h[i] = h[k];
        h[k] = t;
        i = k;
    }
}

/* out[j]: need-th largest last among columns up to j, one instance of x left out when forced. */
static void leaf_columns(struct solver *s, const struct tc_when_node *node, bool forced,
                         int64_t *out)
{
    size_t held = 0;
    uint64_t sum = 0, need = node->need - (forced ? 1u : 0u);
    for (size_t j = 0; j < s->n; j++) {
        uint32_t number = s->v[j].number - (forced && j == s->x ? 1u : 0u);
        if (need && number && in_part(s, j, node->part)) {
            s->heap[held] = (struct entry){s->v[j].last, number};
            sift_up(s->heap, held++);
            sum += number;
            while (sum - s->heap[0].number >= need) {
                sum -= s->heap[0].number;
                pop(s->heap, &held);
            }
        }
        out[j] = !need ? INT64_MAX : sum >= need ? s->heap[0].last : TC_WHEN_NONE;
    }
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void leaf(struct solver *s, const struct tc_when_node *node, struct columns *c)
{
    const struct tc_seen *x = &s->v[s->x];
    leaf_columns(s, node, false, c->raw_free);
    bool may = in_part(s, s->x, node->part);
    if (may)
        leaf_columns(s, node, true, c->raw_forced);
    for (size_t j = 0; j < s->n; j++)
        c->raw_forced[j] =
            may && s->v[j].first >= x->first ? smaller(c->raw_forced[j], x->last) : TC_WHEN_NONE;
}

/* ---- operators ---- */

static size_t column_of(const struct solver *s, int64_t f) /* last with first <= f; n = none */
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->v[mid].first <= f)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? lo - 1 : s->n;
}

/* to[j]: moves on with j, as min(first[j], r) never falls. */
static int64_t followed(const struct solver *s, const int64_t *left, int64_t r, size_t j,
                        size_t *to)
{
    if (r == TC_WHEN_NONE)
        return TC_WHEN_NONE;
    int64_t f = smaller(s->v[j].first, r);
    while (*to < s->n && s->v[*to].first <= f)
        ++*to;
    return *to ? smaller(left[*to - 1], r) : TC_WHEN_NONE;
}

static void operate(const struct solver *s, const struct tc_when_node *node,
                    const struct columns *l, const struct columns *r, struct columns *c)
{
    size_t a = 0, b = 0, d = 0;
    for (size_t j = 0; j < s->n; j++) {
        switch (node->kind) {
        case TC_WHEN_OR:
            c->raw_free[j] = larger(l->free[j], r->free[j]);
            c->raw_forced[j] = larger(l->forced[j], r->forced[j]);
            break;
        case TC_WHEN_AND:
            c->raw_free[j] = smaller(l->free[j], r->free[j]);
            c->raw_forced[j] =
                larger(smaller(l->forced[j], r->free[j]), smaller(l->free[j], r->forced[j]));
            break;
        default:
            c->raw_free[j] = followed(s, l->free, r->free[j], j, &a);
            c->raw_forced[j] = larger(followed(s, l->forced, r->free[j], j, &b),
                                      followed(s, l->free, r->forced[j], j, &d));
        }
    }
}

static bool within(int64_t f, int64_t l, int64_t d)
{
    return l != TC_WHEN_NONE && (f <= l || f - l <= d);
}

static void keep_within(const struct solver *s, int64_t d, const int64_t *raw, int64_t *out)
{
    int64_t best = TC_WHEN_NONE;
    for (size_t j = 0; j < s->n; j++) {
        if (within(s->v[j].first, raw[j], d))
            best = raw[j];
        out[j] = best;
    }
}

static void relax(struct solver *s, int at)
{
    const struct tc_when_node *node = &s->p->nodes[at];
    struct columns *c = &s->columns[at];
    if (node->kind == TC_WHEN_LEAF) {
        leaf(s, node, c);
    } else {
        relax(s, node->left);
        relax(s, node->right);
        operate(s, node, &s->columns[node->left], &s->columns[node->right], c);
    }
    if (node->within != INT64_MAX) {
        keep_within(s, node->within, c->raw_free, c->free);
        keep_within(s, node->within, c->raw_forced, c->forced);
    }
}

/* ---- the way back: bounds of each leaf for a binding with F <= first[j], L >= l ---- */

static void descend(struct solver *s, int at, size_t j, int64_t l, bool forced)
{
    const struct tc_when_node *node = &s->p->nodes[at];
    const struct columns *c = &s->columns[at];
    const int64_t *raw = forced ? c->raw_forced : c->raw_free;
    if (node->within != INT64_MAX) {
        while (!within(s->v[j].first, raw[j], node->within))
            j--;
        l = raw[j];
    }
    if (node->kind == TC_WHEN_LEAF) {
        s->shares[s->n_shares++] = (struct share){at, forced, s->v[j].first, l};
        return;
    }
    const struct columns *a = &s->columns[node->left], *b = &s->columns[node->right];
    if (node->kind == TC_WHEN_OR) {
        bool left = (forced ? a->forced : a->free)[j] >= l;
        descend(s, left ? node->left : node->right, j, l, forced);
        return;
    }
    size_t k = j;
    bool in_right = forced;
    int64_t r = l;
    if (node->kind == TC_WHEN_FOLLOWED) {
        /* x on the left if that serves, else on the right */
        for (int turn = 0; turn < 2; turn++) {
            in_right = forced && turn == 1;
            r = (in_right ? b->forced : b->free)[j];
            k = r == TC_WHEN_NONE ? s->n : column_of(s, smaller(s->v[j].first, r));
            if (r >= l && k < s->n && (forced && !in_right ? a->forced : a->free)[k] >= l)
                break;
        }
    } else if (forced) {
        in_right = !(a->forced[j] >= l && b->free[j] >= l);
    }
    descend(s, node->left, k, l, forced && !in_right);
    descend(s, node->right, j, r, in_right);
}

/* ---- giving out distinct observations ---- */

static bool eligible(const struct solver *s, const struct share *h, size_t j)
{
    const struct tc_seen *o = &s->v[j];
    return in_part(s, j, s->p->nodes[h->node].part) && o->first <= h->f && o->last >= h->l;
}

/* More for share i, at most need: along a path of shares that each pass observations on to the one
 * before. Returns how many, 0 when there is no path. */
static uint32_t pass_on(struct solver *s, size_t i, size_t k, size_t j, uint32_t need,
                        const size_t *from, const size_t *via)
{
    uint32_t n = s->left[j] < need ? s->left[j] : need;
    for (size_t o = k; o != i; o = from[o]) {
        uint32_t fixed = s->shares[o].forced && via[o] == s->x;
        uint32_t has = s->take[o * s->n + via[o]] - fixed;
        n = has < n ? has : n;
    }
    s->left[j] -= n;
    s->take[k * s->n + j] += n;
    for (; k != i; k = from[k]) {
        s->take[k * s->n + via[k]] -= n;
        s->take[from[k] * s->n + via[k]] += n;
    }
    return n;
}

static uint32_t augment(struct solver *s, size_t i, uint32_t need)
{
    size_t from[TC_WHEN_MAX_PARTS], via[TC_WHEN_MAX_PARTS], queue[TC_WHEN_MAX_PARTS];
    size_t head = 0, tail = 0;
    uint64_t seen = UINT64_C(1) << i;
    for (queue[tail++] = i; head < tail; head++) {
        size_t k = queue[head];
        for (size_t j = 0; j < s->n; j++) {
            if (!eligible(s, &s->shares[k], j))
                continue;
            s->work++;
            if (s->left[j])
                return pass_on(s, i, k, j, need, from, via);
            for (size_t o = 0; o < s->n_shares; o++) {
                uint32_t fixed = s->shares[o].forced && j == s->x;
                if (!(seen >> o & 1) && s->take[o * s->n + j] > fixed) {
                    seen |= UINT64_C(1) << o;
                    from[o] = k;
                    via[o] = j;
                    queue[tail++] = o;
                }
            }
        }
    }
    return 0;
}

static bool give_out(struct solver *s)
{
    s->work += s->n_shares * s->n / 4;
    memset(s->take, 0, s->n_shares * s->n * sizeof *s->take);
    for (size_t j = 0; j < s->n; j++)
        s->left[j] = s->v[j].number;
    for (size_t i = 0; i < s->n_shares; i++)
        if (s->shares[i].forced) {
            s->take[i * s->n + s->x] = 1;
            s->left[s->x]--;
        }
    for (size_t i = 0; i < s->n_shares; i++) {
        uint32_t need = s->p->nodes[s->shares[i].node].need - (s->shares[i].forced ? 1u : 0u);
        for (size_t j = s->n; j-- > 0 && need;) { /* the latest first: nearest to x */
            uint32_t n = s->left[j] && eligible(s, &s->shares[i], j) ? s->left[j] : 0;
            n = n < need ? n : need;
            s->left[j] -= n;
            s->take[i * s->n + j] += n;
            need -= n;
        }
        for (uint32_t n; need; need -= n) {
            n = s->work > TC_WHEN_WORK ? 0 : augment(s, i, need);
            if (!n)
                return false;
        }
    }
    return true;
}

/* ---- the search ----
 * F(left) <= L(right) says that some moment lies between them, F - L <= d that some moment is no
 * later than L and no earlier than F - d. So a legal binding is one moment for each FOLLOWEDBY and
 * WITHIN, and observations within the bounds that these set: first <= moment (+ d), last >= moment.
 * The moment can be taken to be a last_observed. All are tried, node by node from the root, each
 * with a flow that prunes; which moments can serve at all is found by halving, as the bounds on
 * first only widen with a later moment and those on last only narrow. */

struct limit {
    const struct tc_when_node *node;
    size_t from, mid, to; /* shares: of the left [from, mid), of the right [mid, to) */
};

struct search {
    struct solver *s;
    uint8_t *choice;                            /* by node: OR takes its right side */
    bool *open;                                 /* by node: OR has two sides that could hold */
    struct limit limits[3 * TC_WHEN_MAX_PARTS]; /* 127 nodes, of which 63 can be FOLLOWEDBY */
    size_t n_limits;
    int64_t *moments; /* last_observed, ascending, each once */
    size_t n_moments;
};

enum side { SIDE_FIRST = 1, SIDE_LAST = 2 };

static bool follows(const struct limit *l)
{
    return l->node->kind == TC_WHEN_FOLLOWED && l->mid;
}

/* The latest first_observed that the limit allows at the moment. */
static int64_t latest(const struct limit *l, int64_t moment)
{
    int64_t f = moment;
    if (!follows(l) && __builtin_add_overflow(moment, l->node->within, &f))
        f = INT64_MAX;
    return f;
}

static void bound(struct share *h, const struct limit *l, size_t i, int64_t moment, unsigned sides)
{
    if (sides & SIDE_FIRST && (!follows(l) || i < l->mid))
        h->f = smaller(h->f, latest(l, moment));
    if (sides & SIDE_LAST && (!follows(l) || i >= l->mid))
        h->l = larger(h->l, moment);
}

/* Can the shares be given out under a limit at the moment? They keep the bounds when keep. */
static bool serves(struct search *q, const struct limit *l, int64_t moment, unsigned sides,
                   bool keep)
{
    struct solver *s = q->s;
    struct share was[TC_WHEN_MAX_PARTS];
    memcpy(was, s->shares, s->n_shares * sizeof *was);
    for (size_t i = l->from; i < l->to; i++)
        bound(&s->shares[i], l, i, moment, sides);
    bool ok = true; /* the leaf that takes x must be able to */
    for (size_t i = l->from; ok && i < l->to; i++)
        ok = !s->shares[i].forced || eligible(s, &s->shares[i], s->x);
    ok = ok && give_out(s);
    if (!ok || !keep)
        memcpy(s->shares, was, s->n_shares * sizeof *was);
    return ok;
}

static size_t first_that(struct search *q, const struct limit *l)
{
    size_t lo = 0, hi = q->n_moments;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (serves(q, l, q->moments[mid], SIDE_FIRST, false))
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static size_t behind_last_that(struct search *q, const struct limit *l)
{
    size_t lo = 0, hi = q->n_moments;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (serves(q, l, q->moments[mid], SIDE_LAST, false))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* As deep as there are limits. */
static bool moments(struct search *q, size_t k)
{
    if (k == q->n_limits)
        return true; /* given out by the last that served */
    const struct limit *l = &q->limits[k];
    struct share was[TC_WHEN_MAX_PARTS];
    memcpy(was, q->s->shares, q->s->n_shares * sizeof *was);
    size_t end = behind_last_that(q, l), reached = SIZE_MAX;
    for (size_t i = first_that(q, l); i < end && q->s->work <= TC_WHEN_WORK; i++) {
        size_t column = column_of(q->s, latest(l, q->moments[i]));
        if (column == reached)
            continue; /* allows no more first_observed than the moment before, but fewer last */
        reached = column;
        if (serves(q, l, q->moments[i], SIDE_FIRST | SIDE_LAST, true) && moments(q, k + 1))
            return true;
        memcpy(q->s->shares, was, q->s->n_shares * sizeof *was);
    }
    return false;
}

/* Shares and limits of the tree under the choice of sides; the limits of a node stand before those
 * under it. */
static void collect(struct search *q, int at)
{
    struct solver *s = q->s;
    const struct tc_when_node *node = &s->p->nodes[at];
    if (node->kind == TC_WHEN_OR && node->within == INT64_MAX) {
        collect(q, q->choice[at] ? node->right : node->left);
        return;
    }
    size_t w = q->n_limits, from = s->n_shares;
    if (node->within != INT64_MAX)
        q->limits[q->n_limits++] = (struct limit){node, from, 0, 0};
    size_t f = q->n_limits;
    if (node->kind == TC_WHEN_FOLLOWED)
        q->limits[q->n_limits++] = (struct limit){node, from, 0, 0};
    if (node->kind == TC_WHEN_LEAF) {
        s->shares[s->n_shares++] = (struct share){at, false, INT64_MAX, INT64_MIN};
    } else if (node->kind == TC_WHEN_OR) {
        collect(q, q->choice[at] ? node->right : node->left);
    } else {
        collect(q, node->left);
        if (node->kind == TC_WHEN_FOLLOWED)
            q->limits[f].mid = s->n_shares; /* above 0: it is the FOLLOWEDBY, not the WITHIN */
        collect(q, node->right);
        if (node->kind == TC_WHEN_FOLLOWED)
            q->limits[f].to = s->n_shares;
    }
    if (node->within != INT64_MAX)
        q->limits[w].to = s->n_shares;
}

/* Could the node hold for counts alone? Settles the ORs of which one side cannot. */
static bool could(struct search *q, const uint64_t *counts, int at)
{
    const struct tc_when_node *node = &q->s->p->nodes[at];
    if (node->kind == TC_WHEN_LEAF)
        return counts[node->part] >= node->need;
    bool l = could(q, counts, node->left), r = could(q, counts, node->right);
    if (node->kind != TC_WHEN_OR)
        return l && r;
    q->choice[at] = !l;
    q->open[at] = l && r;
    return l || r;
}

/* The next choice of sides, as a binary counter over the open ORs; false after the last. */
static bool next_choice(struct search *q)
{
    for (size_t i = 0; i < q->s->p->n_nodes; i++)
        if (q->open[i]) {
            q->choice[i] ^= 1;
            if (q->choice[i])
                return true;
        }
    return false;
}

static bool try_choice(struct search *q)
{
    struct solver *s = q->s;
    s->n_shares = q->n_limits = 0;
    collect(q, s->p->root);
    for (size_t i = s->n_shares; i-- > 0;) { /* x is new: most often it ends what it is part of */
        for (size_t k = 0; k < s->n_shares; k++)
            s->shares[k] = (struct share){s->shares[k].node, k == i, INT64_MAX, INT64_MIN};
        s->work++;
        if (in_part(s, s->x, s->p->nodes[s->shares[i].node].part) && give_out(s) && moments(q, 0))
            return true;
    }
    return false;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void list_moments(struct search *q)
{
    size_t n = 0;
    for (size_t j = 0; j < q->s->n; j++)
        q->moments[j] = q->s->v[j].last;
    qsort(q->moments, q->s->n, sizeof *q->moments, by_value);
    for (size_t j = 0; j < q->s->n; j++)
        if (!n || q->moments[n - 1] != q->moments[j])
            q->moments[n++] = q->moments[j];
    q->n_moments = n;
}

static tc_err search(struct solver *s, enum tc_when_verdict *out)
{
    uint64_t counts[TC_WHEN_MAX_PARTS] = {0};
    struct search q = {.s = s};
    bool found = false;
    tc_err e = TC_E_NOMEM;
    q.choice = calloc(s->p->n_nodes, sizeof *q.choice);
    q.open = calloc(s->p->n_nodes, sizeof *q.open);
    q.moments = calloc(s->n, sizeof *q.moments);
    if (!q.choice || !q.open || !q.moments)
        goto out;
    e = TC_OK;
    list_moments(&q);
    for (size_t j = 0; j < s->n; j++)
        for (uint64_t m = s->v[j].parts; m; m &= m - 1)
            counts[__builtin_ctzll(m)] += s->v[j].number;
    if (could(&q, counts, s->p->root))
        do
            found = try_choice(&q);
        while (!found && s->work <= TC_WHEN_WORK && next_choice(&q));
    *out = found ? TC_WHEN_YES : s->work > TC_WHEN_WORK ? TC_WHEN_UNDECIDED : TC_WHEN_NO;
out:
    free(q.choice);
    free(q.open);
    free(q.moments);
    return e;
}

/* ---- putting it together ---- */

static tc_err make_room(struct solver *s)
{
    size_t rows = 0, nodes = s->p->n_nodes;
    for (size_t i = 0; i < nodes; i++)
        rows += s->p->nodes[i].within == INT64_MAX ? 2 : 4;
    s->columns = calloc(nodes, sizeof *s->columns);
    s->memory = calloc(rows * s->n, sizeof *s->memory);
    s->heap = calloc(s->n, sizeof *s->heap);
    if (!s->columns || !s->memory || !s->heap)
        return TC_E_NOMEM;
    int64_t *m = s->memory;
    for (size_t i = 0; i < nodes; i++, m += 2 * s->n) {
        struct columns *c = &s->columns[i];
        c->free = c->raw_free = m;
        c->forced = c->raw_forced = m + s->n;
        if (s->p->nodes[i].within != INT64_MAX) {
            m += 2 * s->n;
            c->raw_free = m;
            c->raw_forced = m + s->n;
        }
    }
    return TC_OK;
}

static tc_err distinct(struct solver *s, enum tc_when_verdict *out, bool *used)
{
    size_t leaves = s->p->nodes[s->p->root].leaves;
    s->take = calloc(leaves * s->n, sizeof *s->take);
    s->left = calloc(s->n, sizeof *s->left);
    if (!s->take || !s->left)
        return TC_E_NOMEM;
    tc_err e = TC_OK;
    *out = TC_WHEN_YES;
    if (!give_out(s))
        e = search(s, out);
    for (size_t i = 0; !e && *out == TC_WHEN_YES && i < s->n_shares; i++)
        for (size_t j = 0; j < s->n; j++)
            used[j] = used[j] || s->take[i * s->n + j] > 0;
    return e;
}

tc_err tc_when_solve(const struct tc_when_plan *p, const struct tc_seen *v, size_t n, size_t x,
                     enum tc_when_verdict *out, bool *used)
{
    struct solver s = {.p = p, .v = v, .n = n, .x = x};
    tc_err e = make_room(&s);
    if (!e) {
        relax(&s, p->root);
        const int64_t *root = s.columns[p->root].forced;
        size_t j = 0;
        while (j < n && root[j] == TC_WHEN_NONE)
            j++;
        *out = TC_WHEN_NO;
        if (j < n) {
            descend(&s, p->root, j, root[j], true);
            e = distinct(&s, out, used);
        }
    }
    free(s.columns);
    free(s.memory);
    free(s.heap);
    free(s.take);
    free(s.left);
    return e;
}
