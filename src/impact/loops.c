/* SPDX-License-Identifier: Apache-2.0 */
/* Example: plant P feeds substation A; A and B are joined by a line that works both ways; town T
 * hangs on B. All of it is electricity, a flow service.
 *
 *       asks for        edges of A: {P, B}, one of two      loop {A, B}: two relays, A' and B'
 *     P <-- A <--> B <-- T                                  A' feeds B's group, B' feeds A's
 *                                                           B itself feeds T; P itself feeds A
 *
 * The walk goes from an asset to its suppliers (the way the arrows point), one service at a time.
 * index[] and low[] are Tarjan's numbers; the counter runs on over the services, so what is at
 * most `base` belongs to an earlier service and counts as not visited. */
#include "impact/loops.h"

#include <stdlib.h>

struct frame {
    uint32_t asset, group, edge; /* where the walk goes on */
};

struct walk {
    const struct tc_graph *g;
    uint16_t service;
    uint32_t counter, base;
    uint32_t *index, *low; /* n each */
    bool *open;            /* n: on the component stack */
    uint32_t *stack;       /* n: component stack */
    uint32_t depth;
    struct frame *frames;   /* n */
    uint32_t *owner, *loop; /* found relays */
    uint16_t *of_service;
    uint32_t r, loops;
};

static bool flows(const struct walk *w, uint32_t group)
{
    return w->g->mode[group] == TC_MODE_FLOW && w->g->service[group] == w->service;
}

static void enter(struct walk *w, struct frame *f, uint32_t v)
{
    w->index[v] = w->low[v] = ++w->counter;
    w->open[v] = true;
    w->stack[w->depth++] = v;
    *f = (struct frame){v, w->g->group_first[v], TC_NONE};
}

/* The next supplier of the frame's asset, or TC_NONE. */
static uint32_t next_supplier(const struct walk *w, struct frame *f)
{
    const struct tc_graph *g = w->g;
    for (; f->group < g->group_first[f->asset + 1]; f->group++, f->edge = TC_NONE) {
        if (!flows(w, f->group))
            continue;
        if (f->edge == TC_NONE)
            f->edge = g->in_first[f->group];
        if (f->edge < g->in_first[f->group + 1])
            return g->supplier[f->edge++];
    }
    return TC_NONE;
}

/* v is the root of a component: takes it off the stack, and keeps it when it is a loop. */
static void close_component(struct walk *w, uint32_t v)
{
    bool loop = w->stack[w->depth - 1] != v;
    uint32_t x;
    do {
        x = w->stack[--w->depth];
        w->open[x] = false;
        if (loop) {
            w->owner[w->r] = x;
            w->loop[w->r] = w->loops;
            w->of_service[w->r++] = w->service;
        }
    } while (x != v);
    w->loops += loop;
}

static void walk_from(struct walk *w, uint32_t start)
{
    uint32_t top = 0;
    enter(w, &w->frames[top++], start);
    while (top) {
        struct frame *f = &w->frames[top - 1];
        uint32_t v = f->asset, s = next_supplier(w, f);
        if (s != TC_NONE) {
            if (w->index[s] <= w->base)
                enter(w, &w->frames[top++], s);
            else if (w->open[s] && w->index[s] < w->low[v])
                w->low[v] = w->index[s];
            continue;
        }
        if (w->low[v] == w->index[v])
            close_component(w, v);
        top--;
        if (top && w->low[v] < w->low[w->frames[top - 1].asset])
            w->low[w->frames[top - 1].asset] = w->low[v];
    }
}

static tc_err walk_all(struct walk *w)
{
    const struct tc_graph *g = w->g;
    uint32_t flow = 0, *by_service = calloc(g->m + 1u, sizeof *by_service);
    uint32_t *first = calloc(g->service_count + 2u, sizeof *first);
    if (!by_service || !first) {
        free(by_service);
        free(first);
        return TC_E_NOMEM;
    }
    for (uint32_t k = 0; k < g->m; k++)
        if (g->mode[k] == TC_MODE_FLOW)
            first[g->service[k] + 2]++;
    for (uint32_t s = 2; s < g->service_count + 2; s++)
        first[s] += first[s - 1];
    for (uint32_t k = 0; k < g->m; k++)
        if (g->mode[k] == TC_MODE_FLOW)
            by_service[first[g->service[k] + 1]++] = k;
    for (uint32_t s = 0; s < g->service_count; s++) {
        w->service = (uint16_t)s;
        w->base = w->counter;
        for (; flow < first[s + 1]; flow++)
            if (w->index[g->group[by_service[flow]].owner] <= w->base)
                walk_from(w, g->group[by_service[flow]].owner);
    }
    free(by_service);
    free(first);
    return TC_OK;
}

static void *words(struct tc_graph *g, size_t count, bool *ok)
{
    void *p = calloc(count ? count : 1, sizeof(uint32_t));
    *ok = *ok && p;
    g->bytes += count * sizeof(uint32_t);
    return p;
}

static uint32_t relay_of(const struct tc_graph *g, const uint16_t *of_service, uint32_t asset,
                         uint16_t service)
{
    for (uint32_t r = g->relay_first[asset]; r < g->relay_first[asset + 1]; r++)
        if (of_service[r] == service)
            return r;
    return TC_NONE;
}

/* Numbers the relays by owner and says for each edge whether it is inside a loop. */
static tc_err number_relays(struct tc_graph *g, const struct walk *w)
{
    bool ok = true;
    g->r = w->r;
    g->loops = w->loops;
    g->relay_owner = words(g, g->r, &ok);
    g->relay_loop = words(g, g->r, &ok);
    g->relay_first = words(g, g->n + 1u, &ok);
    g->loop_first = words(g, g->loops + 1u, &ok);
    g->loop_relay = words(g, g->r, &ok);
    g->supplier_relay = words(g, g->e, &ok);
    uint16_t *of_service = calloc(g->r, sizeof *of_service);
    uint32_t *next = calloc((g->n > g->loops ? g->n : g->loops) + 1u, sizeof *next);
    if (!ok || !of_service || !next) {
        free(of_service);
        free(next);
        return TC_E_NOMEM;
    }
    for (uint32_t i = 0; i < g->r; i++)
        g->relay_first[w->owner[i] + 1]++;
    for (uint32_t v = 0; v < g->n; v++) {
        g->relay_first[v + 1] += g->relay_first[v];
        next[v] = g->relay_first[v];
    }
    for (uint32_t i = 0; i < g->r; i++) {
        uint32_t r = next[w->owner[i]]++;
        g->relay_owner[r] = w->owner[i];
        g->relay_loop[r] = w->loop[i];
        of_service[r] = w->of_service[i];
        g->loop_first[w->loop[i] + 1]++;
    }
    for (uint32_t l = 0; l < g->loops; l++) {
        g->loop_first[l + 1] += g->loop_first[l];
        next[l] = g->loop_first[l];
    }
    for (uint32_t r = 0; r < g->r; r++)
        g->loop_relay[next[g->relay_loop[r]]++] = r;
    for (uint32_t k = 0; k < g->m; k++) {
        bool flow = g->mode[k] == TC_MODE_FLOW;
        uint32_t own = flow ? relay_of(g, of_service, g->group[k].owner, g->service[k]) : TC_NONE;
        g->group[k].relay = own;
        for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++) {
            uint32_t s =
                own == TC_NONE ? TC_NONE : relay_of(g, of_service, g->supplier[i], g->service[k]);
            bool inside = s != TC_NONE && g->relay_loop[s] == g->relay_loop[own];
            g->supplier_relay[i] = inside ? s : TC_NONE;
        }
    }
    free(of_service);
    free(next);
    return TC_OK;
}

/* Turns supplier lists round. Edges inside loops leave from relays, the others from assets. */
static tc_err turn_round(struct tc_graph *g)
{
    bool ok = true;
    uint32_t inside = 0;
    for (uint32_t i = 0; g->r && i < g->e; i++)
        inside += g->supplier_relay[i] != TC_NONE;
    g->out_first = words(g, g->n + 1u, &ok);
    g->out = words(g, g->e - inside, &ok);
    if (g->loss)
        g->out_loss = words(g, g->e - inside, &ok);
    if (g->r) {
        g->relay_out_first = words(g, g->r + 1u, &ok);
        g->relay_out = words(g, inside, &ok);
        if (g->loss)
            g->relay_out_loss = words(g, inside, &ok);
    }
    if (!ok)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < g->e; i++) {
        uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE;
        if (r != TC_NONE)
            g->relay_out_first[r]++;
        else
            g->out_first[g->supplier[i]]++;
    }
    /* Each first[] becomes the end of its list; filling backwards turns it into the start. */
    for (uint32_t v = 0, sum = 0; v <= g->n; v++)
        g->out_first[v] = sum += v < g->n ? g->out_first[v] : 0;
    for (uint32_t r = 0, sum = 0; g->r && r <= g->r; r++)
        g->relay_out_first[r] = sum += r < g->r ? g->relay_out_first[r] : 0;
    for (uint32_t k = g->m; k-- > 0;) {
        for (uint32_t i = g->in_first[k + 1]; i-- > g->in_first[k];) {
            uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE;
            uint32_t at = r != TC_NONE ? --g->relay_out_first[r] : --g->out_first[g->supplier[i]];
            (r != TC_NONE ? g->relay_out : g->out)[at] = k;
            if (g->loss)
                (r != TC_NONE ? g->relay_out_loss : g->out_loss)[at] = g->loss[i];
        }
    }
    return TC_OK;
}

tc_err tc_loops_find(struct tc_graph *g)
{
    struct walk w = {.g = g};
    bool flow = false;
    for (uint32_t k = 0; k < g->m && !flow; k++)
        flow = g->mode[k] == TC_MODE_FLOW;
    tc_err e = TC_OK;
    if (flow) {
        w.index = calloc(g->n, sizeof *w.index);
        w.low = calloc(g->n, sizeof *w.low);
        w.open = calloc(g->n, sizeof *w.open);
        w.stack = calloc(g->n, sizeof *w.stack);
        w.frames = calloc(g->n, sizeof *w.frames);
        w.owner = calloc(g->m, sizeof *w.owner);
        w.loop = calloc(g->m, sizeof *w.loop);
        w.of_service = calloc(g->m, sizeof *w.of_service);
        bool ok = w.index && w.low && w.open && w.stack && w.frames && w.owner && w.loop;
        e = ok && w.of_service ? walk_all(&w) : TC_E_NOMEM;
        if (!e && w.r)
            e = number_relays(g, &w);
    }
    if (!e)
        e = turn_round(g);
    free(w.index);
    free(w.low);
    free(w.open);
    free(w.stack);
    free(w.frames);
    free(w.owner);
    free(w.loop);
    free(w.of_service);
    return e;
}
