/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/ranges.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
/* An AVL tree of 2^31 nodes is at most 45 levels deep; so deep do the functions call themselves. */
#define LEVELS 48

struct node {
    int64_t lo, hi, most; /* most: highest hi at and under it */
    uint32_t left, right, tag;
    uint32_t height; /* 1: a leaf; of a free one: left is the next */
};

struct tc_ranges {
    struct node *v;
    size_t n, cap, count;
    uint32_t root, free;
};

struct tc_ranges *tc_ranges_new(void)
{
    struct tc_ranges *r = calloc(1, sizeof *r);
    if (r)
        r->root = r->free = NONE;
    return r;
}

void tc_ranges_free(struct tc_ranges *r)
{
    if (r)
        free(r->v);
    free(r);
}

size_t tc_ranges_count(const struct tc_ranges *r)
{
    return r->count;
}

int64_t tc_ranges_ordinate(double d)
{
    int64_t i;
    d = d == 0 ? 0 : d; /* -0.0 */
    memcpy(&i, &d, sizeof i);
    return i < 0 ? i ^ INT64_MAX : i;
}

/* ---- balance ---- */

static uint32_t height(const struct tc_ranges *r, uint32_t at)
{
    return at == NONE ? 0 : r->v[at].height;
}

static void update(struct tc_ranges *r, uint32_t at)
{
    struct node *x = &r->v[at];
    uint32_t a = height(r, x->left), b = height(r, x->right);
    x->height = 1 + (a > b ? a : b);
    x->most = x->hi;
    if (x->left != NONE && r->v[x->left].most > x->most)
        x->most = r->v[x->left].most;
    if (x->right != NONE && r->v[x->right].most > x->most)
        x->most = r->v[x->right].most;
}

static uint32_t turn_right(struct tc_ranges *r, uint32_t at)
{
    uint32_t top = r->v[at].left;
    r->v[at].left = r->v[top].right;
    r->v[top].right = at;
    update(r, at);
    update(r, top);
    return top;
}

static uint32_t turn_left(struct tc_ranges *r, uint32_t at)
{
    uint32_t top = r->v[at].right;
    r->v[at].right = r->v[top].left;
    r->v[top].left = at;
    update(r, at);
    update(r, top);
    return top;
}

static uint32_t balance(struct tc_ranges *r, uint32_t at)
{
    update(r, at);
    struct node *x = &r->v[at];
    uint32_t a = height(r, x->left), b = height(r, x->right);
    if (a > b + 1) {
        if (height(r, r->v[x->left].left) < height(r, r->v[x->left].right))
            x->left = turn_left(r, x->left);
        return turn_right(r, at);
    }
    if (b > a + 1) {
        if (height(r, r->v[x->right].right) < height(r, r->v[x->right].left))
            x->right = turn_right(r, x->right);
        return turn_left(r, at);
    }
    return at;
}

/* By lower end; equal ones by where they are kept. */
static bool before(const struct tc_ranges *r, uint32_t a, uint32_t b)
{
    return r->v[a].lo != r->v[b].lo ? r->v[a].lo < r->v[b].lo : a < b;
}

static uint32_t insert(struct tc_ranges *r, uint32_t under, uint32_t at)
{
    if (under == NONE)
        return at;
    if (before(r, at, under))
        r->v[under].left = insert(r, r->v[under].left, at);
    else
        r->v[under].right = insert(r, r->v[under].right, at);
    return balance(r, under);
}

/* Takes the first one out of what is under; *first is it. */
static uint32_t take_first(struct tc_ranges *r, uint32_t under, uint32_t *first)
{
    if (r->v[under].left == NONE) {
        *first = under;
        return r->v[under].right;
    }
    r->v[under].left = take_first(r, r->v[under].left, first);
    return balance(r, under);
}

static uint32_t take(struct tc_ranges *r, uint32_t under, uint32_t at)
{
    assert(under != NONE);
    if (under != at) {
        if (before(r, at, under))
            r->v[under].left = take(r, r->v[under].left, at);
        else
            r->v[under].right = take(r, r->v[under].right, at);
        return balance(r, under);
    }
    uint32_t left = r->v[at].left, right = r->v[at].right, next = NONE;
    if (right == NONE)
        return left;
    right = take_first(r, right, &next);
    r->v[next].left = left;
    r->v[next].right = right;
    return balance(r, next);
}

/* ---- the whole ---- */

tc_err tc_ranges_add(struct tc_ranges *r, int64_t lo, int64_t hi, uint32_t tag, uint32_t *at)
{
    uint32_t i = r->free;
    if (i != NONE) {
        r->free = r->v[i].left;
    } else {
        if (r->n == r->cap) {
            size_t cap = r->cap ? r->cap + r->cap / 2 : 16;
            struct node *v = cap > INT32_MAX ? NULL : realloc(r->v, cap * sizeof *v);
            if (!v)
                return cap > INT32_MAX ? TC_E_LIMIT : TC_E_NOMEM;
            r->v = v;
            r->cap = cap;
        }
        i = (uint32_t)r->n++;
    }
    r->v[i] = (struct node){lo, hi, hi, NONE, NONE, tag, 1};
    r->root = insert(r, r->root, i);
    r->count++;
    *at = i;
    return TC_OK;
}

void tc_ranges_remove(struct tc_ranges *r, uint32_t at)
{
    r->root = take(r, r->root, at);
    r->v[at].left = r->free;
    r->free = at;
    r->count--;
}

tc_err tc_ranges_holding(const struct tc_ranges *r, int64_t x,
                         tc_err (*tell)(void *arg, uint32_t tag), void *arg)
{
    uint32_t later[LEVELS], at = r->root; /* right halves that are still to be looked at */
    size_t n = 0;
    tc_err e = TC_OK;
    for (;;) {
        while (!e && at != NONE && r->v[at].most >= x) {
            later[n++] = at;
            at = r->v[at].left;
        }
        if (e || !n)
            return e;
        const struct node *y = &r->v[later[--n]];
        if (y->lo > x) {
            at = NONE; /* all to the right begin later still */
            continue;
        }
        if (y->hi >= x)
            e = tell(arg, y->tag);
        at = y->right;
    }
}
