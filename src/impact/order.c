/* SPDX-License-Identifier: Apache-2.0 */
/* Tarjan's components (1972) over the edges from an asset to its suppliers: a component closes
 * after all that supply it, so its level - one more than the highest among its suppliers - is known
 * at that moment. Then a counting sort by level. All groups of an asset lie side by side, so its
 * suppliers are one stretch of g->supplier. */
#include "impact/order.h"

#include <stdlib.h>

struct walk {
    const struct tc_graph *g;
    uint32_t *low;    /* n: 0 = not visited; UINT32_MAX = closed */
    uint32_t *level;  /* n, of closed assets */
    uint32_t *stack;  /* n: assets that are entered and not closed */
    uint32_t *path;   /* n: the way from the start to here */
    uint32_t *edge;   /* n, along the path: the next supplier to look at */
    uint32_t *index;  /* n, along the path */
    uint32_t *member; /* n: the components, one after the other */
    uint32_t *first;  /* n: where the component of its least asset begins in member, or NONE */
    uint32_t *end;    /* n: and where it ends */
    uint32_t open, depth, counter, members;
};

static uint32_t begin_of(const struct tc_graph *g, uint32_t v)
{
    return g->in_first[g->group_first[v]];
}

static void enter(struct walk *w, uint32_t v)
{
    w->low[v] = ++w->counter;
    w->path[w->depth] = v;
    w->edge[w->depth] = begin_of(w->g, v);
    w->index[w->depth++] = w->counter;
    w->stack[w->open++] = v;
}

static void close_component(struct walk *w, uint32_t root)
{
    uint32_t level = 0, least = root, start = w->members, v;
    do {
        v = w->stack[--w->open];
        w->member[w->members++] = v;
        least = v < least ? v : least;
        for (uint32_t i = begin_of(w->g, v); i < begin_of(w->g, v + 1); i++) {
            uint32_t s = w->g->supplier[i];
            if (w->low[s] == UINT32_MAX && w->level[s] >= level)
                level = w->level[s] + 1;
        }
    } while (v != root);
    /* Closed only now: a level inside the component must not count. */
    for (uint32_t i = start; i < w->members; i++) {
        w->low[w->member[i]] = UINT32_MAX;
        w->level[w->member[i]] = level;
        w->first[w->member[i]] = TC_NONE;
    }
    w->first[least] = start;
    w->end[least] = w->members;
}

static void walk_from(struct walk *w, uint32_t start)
{
    enter(w, start);
    while (w->depth) {
        uint32_t top = w->depth - 1, v = w->path[top];
        if (w->edge[top] < begin_of(w->g, v + 1)) {
            uint32_t s = w->g->supplier[w->edge[top]++];
            if (!w->low[s])
                enter(w, s);
            else if (w->low[s] < w->low[v])
                w->low[v] = w->low[s]; /* open; a closed one has the highest number */
            continue;
        }
        w->depth--;
        uint32_t low = w->low[v];
        if (low == w->index[top])
            close_component(w, v);
        else if (low < w->low[w->path[top - 1]])
            w->low[w->path[top - 1]] = low;
    }
}

/* Uses walk's arrays again: stack counts the levels. */
static void sort_by_level(struct walk *w, uint32_t *order, uint64_t *joined)
{
    uint32_t n = w->g->n, *next = w->stack, at = 0;
    memset(next, 0, n * sizeof *next);
    for (uint32_t v = 0; v < n; v++)
        next[w->level[v]]++;
    for (uint32_t l = 0; l < n; l++) {
        uint32_t here = next[l];
        next[l] = at;
        at += here;
    }
    for (uint32_t v = 0; v < n; v++) {
        if (w->first[v] == TC_NONE)
            continue;
        uint32_t i = w->first[v], level = w->level[v];
        for (uint32_t end = w->end[v]; i < end; i++) {
            uint32_t place = next[level]++;
            order[place] = w->member[i];
            if (i + 1 < end)
                joined[place / 64] |= UINT64_C(1) << place % 64;
        }
    }
}

tc_err tc_order_make(const struct tc_graph *g, uint32_t *order, uint64_t *joined)
{
    size_t n = g->n;
    struct walk w = {.g = g};
    uint32_t *all = calloc(9 * n + 1, sizeof *all);
    if (!all)
        return TC_E_NOMEM;
    w.low = all;
    w.level = all + n;
    w.stack = all + 2 * n;
    w.path = all + 3 * n;
    w.edge = all + 4 * n;
    w.index = all + 5 * n;
    w.member = all + 6 * n;
    w.first = all + 7 * n;
    w.end = all + 8 * n;
    for (uint32_t v = 0; v < g->n; v++)
        if (!w.low[v])
            walk_from(&w, v);
    sort_by_level(&w, order, joined);
    free(all);
    return TC_OK;
}
