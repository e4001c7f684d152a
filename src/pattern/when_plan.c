/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree of a pattern to the plan: START/STOP goes down to each [...]; an OR of single
 * [...] is one part; REPEATS multiplies what its leaves need where that is the same, and is written
 * out as an AND of copies where it is not (([a] FOLLOWEDBY [b]) REPEATS 3 TIMES). */
#include "pattern/when_parts.h"

#include "pattern/parse.h"

#include <stdlib.h>

struct builder {
    struct tc_when_plan *p;
    struct tc_diag *d;
    tc_err err;
    size_t at;
};

static int fail(struct builder *b, tc_err e, const char *what)
{
    if (!b->err) {
        tc_diag_at(b->d, 0, 0, b->at);
        b->err = tc_diag_set(b->d, e, "%s", what);
    }
    return -1;
}

static struct tc_when_node *at(const struct builder *b, int node)
{
    return &b->p->nodes[node];
}

static int new_node(struct builder *b, struct tc_when_node node)
{
    struct tc_when_plan *p = b->p;
    if (p->n_nodes == p->nodes_cap) {
        size_t cap = p->nodes_cap ? p->nodes_cap * 2 : 8;
        struct tc_when_node *v = realloc(p->nodes, cap * sizeof *v);
        if (!v)
            return fail(b, TC_E_NOMEM, "out of memory");
        p->nodes = v;
        p->nodes_cap = cap;
    }
    p->nodes[p->n_nodes] = node;
    return (int)p->n_nodes++;
}

static int observe(struct builder *b)
{
    struct tc_when_plan *p = b->p;
    if (p->n_observes == p->observes_cap) {
        size_t cap = p->observes_cap ? p->observes_cap * 2 : 4;
        struct tc_when_observe *v = realloc(p->observes, cap * sizeof *v);
        if (!v)
            return fail(b, TC_E_NOMEM, "out of memory");
        p->observes = v;
        p->observes_cap = cap;
    }
    uint32_t part = (uint32_t)p->n_observes;
    p->observes[p->n_observes++] = (struct tc_when_observe){part, false, INT64_MIN, INT64_MAX};
    return new_node(
        b, (struct tc_when_node){
               .kind = TC_WHEN_LEAF, .leaves = 1, .need = 1, .part = part, .within = INT64_MAX});
}

static bool one(const struct tc_when_node *n)
{
    return n->kind == TC_WHEN_LEAF && n->need == 1;
}

static int join(struct builder *b, enum tc_when_kind kind, int left, int right)
{
    if (left < 0 || right < 0)
        return -1;
    struct tc_when_node *l = at(b, left), *r = at(b, right);
    if (kind == TC_WHEN_OR && one(l) && one(r)) {
        /* parts are numbered from the left: those of the right operand are the last */
        for (size_t i = b->p->n_observes; i-- > 0 && b->p->observes[i].part >= r->part;)
            b->p->observes[i].part = l->part;
        return left;
    }
    if (l->leaves + r->leaves > TC_WHEN_MAX_PARTS)
        return fail(b, TC_E_LIMIT,
                    "more than 64 [...] depend on each other here (REPEATS over FOLLOWEDBY, OR or "
                    "WITHIN counts them as often as it says)");
    return new_node(b, (struct tc_when_node){.kind = kind,
                                             .left = left,
                                             .right = right,
                                             .leaves = l->leaves + r->leaves,
                                             .within = INT64_MAX});
}

/* Only counts matter under this node: REPEATS can go down to the leaves. */
static bool plain(const struct builder *b, int node)
{
    const struct tc_when_node *n = at(b, node);
    if (n->within != INT64_MAX)
        return false;
    return n->kind == TC_WHEN_LEAF ||
           (n->kind == TC_WHEN_AND && plain(b, n->left) && plain(b, n->right));
}

static void multiply(struct builder *b, int node, uint64_t by)
{
    struct tc_when_node *n = at(b, node);
    if (n->kind != TC_WHEN_LEAF) {
        multiply(b, n->left, by);
        multiply(b, n->right, by);
    } else if (n->need * by > TC_PATTERN_MAX_REPEATS) {
        (void)fail(b, TC_E_LIMIT, "REPEATS inside of REPEATS comes to more than 1000000");
    } else {
        n->need = (uint32_t)(n->need * by);
    }
}

static int copy(struct builder *b, int node)
{
    struct tc_when_node n = *at(b, node);
    if (n.kind != TC_WHEN_LEAF) {
        n.left = copy(b, n.left);
        n.right = n.left < 0 ? -1 : copy(b, n.right);
        if (n.right < 0)
            return -1;
    }
    return new_node(b, n);
}

static int repeat(struct builder *b, int node, uint64_t times)
{
    if (times == 1)
        return node;
    if (plain(b, node)) {
        multiply(b, node, times);
        return b->err ? -1 : node;
    }
    int all = node;
    for (uint64_t i = 1; i < times && all >= 0; i++)
        all = join(b, TC_WHEN_AND, all, copy(b, node));
    return all;
}

static void start_stop(struct builder *b, size_t from, const struct tc_qual *q)
{
    for (size_t i = from; i < b->p->n_observes; i++) {
        struct tc_when_observe *o = &b->p->observes[i];
        o->never = o->never || q->start >= q->stop;
        o->start = q->start > o->start ? q->start : o->start;
        o->stop = q->stop < o->stop ? q->stop : o->stop;
    }
}

static int build(struct builder *b, const struct tc_obs *o)
{
    static const enum tc_when_kind kinds[] = {TC_WHEN_LEAF, TC_WHEN_AND, TC_WHEN_OR,
                                              TC_WHEN_FOLLOWED};
    size_t from = b->p->n_observes;
    int node = o->kind == TC_OBS_OBSERVE ? observe(b) : build(b, o->kids[0]);
    for (size_t i = 1; o->kind != TC_OBS_OBSERVE && i < o->n && node >= 0; i++) {
        int right = build(b, o->kids[i]);
        b->at = o->kids[i]->at;
        node = join(b, kinds[o->kind], node, right);
    }
    b->at = o->at;
    for (size_t i = 0; i < o->n_quals && node >= 0; i++) {
        const struct tc_qual *q = &o->quals[i];
        if (q->kind == TC_QUAL_STARTSTOP)
            start_stop(b, from, q);
        else if (q->kind == TC_QUAL_REPEATS)
            node = repeat(b, node, q->repeats);
        else if (!one(at(b, node)) && q->within < at(b, node)->within)
            at(b, node)->within = q->within; /* one observation is always within */
    }
    return node;
}

static void roles(struct tc_when_plan *p, int node, uint8_t role)
{
    const struct tc_when_node *n = &p->nodes[node];
    if (n->within != INT64_MAX)
        role = TC_WHEN_USES_FIRST | TC_WHEN_USES_LAST;
    if (n->kind == TC_WHEN_LEAF) {
        p->roles[n->part] |= role;
        return;
    }
    bool f = n->kind == TC_WHEN_FOLLOWED;
    roles(p, n->left, role | (f ? TC_WHEN_USES_FIRST : 0));
    roles(p, n->right, role | (f ? TC_WHEN_USES_LAST : 0));
}

static uint64_t most(const struct tc_when_plan *p, int node)
{
    const struct tc_when_node *n = &p->nodes[node];
    if (n->kind == TC_WHEN_LEAF)
        return n->need;
    return most(p, n->left) + most(p, n->right);
}

/* Parts get the numbers 0, 1, 2 ... without gaps. At most 64: there are as many leaves. */
static void number_parts(struct tc_when_plan *p, int node, uint32_t *old)
{
    struct tc_when_node *n = &p->nodes[node];
    if (n->kind != TC_WHEN_LEAF) {
        number_parts(p, n->left, old);
        number_parts(p, n->right, old);
        return;
    }
    unsigned k = 0;
    while (k < p->n_parts && old[k] != n->part)
        k++;
    if (k == p->n_parts)
        old[p->n_parts++] = n->part;
    n->part = k;
}

static void number_observes(struct tc_when_plan *p, const uint32_t *old)
{
    unsigned k = 0;
    for (size_t i = 0; i < p->n_observes; i++) {
        while (k < p->n_parts && old[k] != p->observes[i].part)
            k++;
        if (k == p->n_parts)
            for (k = 0; old[k] != p->observes[i].part; k++)
                ;
        p->observes[i].part = k;
    }
}

tc_err tc_when_plan_make(const struct tc_pattern *p, struct tc_when_plan *out, struct tc_diag *d)
{
    struct tc_when_plan plan = {0};
    struct builder b = {&plan, d, TC_OK, 0};
    uint32_t old[TC_WHEN_MAX_PARTS];
    plan.root = build(&b, p->root);
    if (plan.root < 0) {
        tc_when_plan_fini(&plan);
        return b.err;
    }
    number_parts(&plan, plan.root, old);
    number_observes(&plan, old);
    plan.need = most(&plan, plan.root);
    plan.span = plan.nodes[plan.root].within;
    roles(&plan, plan.root, 0);
    *out = plan;
    return TC_OK;
}

void tc_when_plan_fini(struct tc_when_plan *p)
{
    free(p->nodes);
    free(p->observes);
    memset(p, 0, sizeof *p);
}
