/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from a run afterwards: causes, and deadlocks.
 *
 * Causes. One breadth-first walk from the given outages along the edges that broke something gives
 * each failure its nearest given outage. Nodes are failed assets and unfed relays; an edge x -> w
 * counts when x was missing at the second in which the group that w failed for stopped holding.
 * A supplier that stands and cannot carry a group any more is a node, too: it is reached from what
 * cut it down, or from the failure that put more load on it, and leads to those it shed.
 * The walk looks at first failures only; when it does not reach a node (a site that failed a second
 * time brought it down), the supplier that crossed the budget stands for it.
 *
 * Deadlocks. Raise all assets that are down at the end without an outage of their own, take away
 * those that would not hold, again and again: what is left would run if only all were started at
 * once, and will never start one by one. */
#include "impact/cascade_int.h"

#include <stdlib.h>

static bool asset_missing(const struct tc_cascade *c, uint32_t v, uint32_t t)
{
    return c->asset[v].at <= t && t < c->asset[v].until;
}

static bool relay_missing(const struct tc_cascade *c, uint32_t r, uint32_t t)
{
    return c->relay[r].off_at <= t && t < c->relay[r].on_at;
}

/* The node through which edge i supplies: a relay inside a loop, else the asset. */
static uint32_t node_of(const struct tc_graph *g, uint32_t i)
{
    uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE;
    return r == TC_NONE ? g->supplier[i] : g->n + r;
}

static bool missing(const struct tc_cascade *c, uint32_t node, uint32_t t)
{
    return node < c->g->n ? asset_missing(c, node, t) : relay_missing(c, node - c->g->n, t);
}

static bool edge_missing(const struct tc_cascade *c, uint32_t i, uint32_t t)
{
    return missing(c, node_of(c->g, i), t) || tc_supply_shed_at(c->supply, i, t);
}

static bool broken(const struct tc_cascade *c, uint32_t k, uint32_t t)
{
    const struct tc_graph *g = c->g;
    int64_t left = g->group[k].budget;
    for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++)
        if (edge_missing(c, i, t))
            left -= g->loss ? g->loss[i] : 1;
    return left < 0;
}

static void reach(struct tc_cascade *c, uint32_t node, uint32_t from, uint32_t *tail)
{
    if (c->depth[node] != TC_NONE)
        return;
    c->depth[node] = from == TC_NONE ? 0 : c->depth[from] + 1;
    c->parent[node] = from;
    c->work[(*tail)++] = node;
}

/* Did it shed anybody? */
static bool overloaded(const struct tc_supply *s, uint32_t supplier)
{
    for (uint32_t j = s->first[supplier]; j < s->first[supplier + 1]; j++)
        if (s->edges[s->edge[j]].at != TC_NEVER)
            return true;
    return false;
}

/* Group k has lost `node`, so the others that supply it carry more. */
static void follow_load(struct tc_cascade *c, uint32_t node, uint32_t k, uint32_t *tail)
{
    const struct tc_graph *g = c->g;
    for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++)
        if (c->depth[g->supplier[i]] == TC_NONE && overloaded(c->supply, g->supplier[i]))
            reach(c, g->supplier[i], node, tail);
}

/* Those whom the asset shed. */
static void follow_shed(struct tc_cascade *c, uint32_t v, uint32_t *tail)
{
    const struct tc_supply *s = c->supply;
    for (uint32_t j = s->first[v]; j < s->first[v + 1]; j++) {
        uint32_t i = s->edge[j], k = s->edges[i].group, w = c->g->group[k].owner;
        uint32_t r = c->g->group[k].relay;
        if (s->edges[i].at == TC_NEVER)
            continue;
        const struct arun *a = &c->asset[w];
        if (a->at != TC_NEVER && a->group == k && tc_supply_shed_at(s, i, a->lost_at))
            reach(c, w, v, tail);
        if (r != TC_NONE && c->relay[r].off_at != TC_NEVER &&
            tc_supply_shed_at(s, i, c->relay[r].off_at) && broken(c, k, c->relay[r].off_at))
            reach(c, c->g->n + r, v, tail);
        follow_load(c, v, k, tail);
    }
}

/* Group k has lost `node`: reaches the owner, and its relay, where that is what broke them. */
static void follow(struct tc_cascade *c, uint32_t node, uint32_t k, uint32_t *tail)
{
    const struct tc_graph *g = c->g;
    uint32_t w = g->group[k].owner, r = g->group[k].relay;
    const struct arun *a = &c->asset[w];
    if (a->at != TC_NEVER && a->group == k && missing(c, node, a->lost_at))
        reach(c, w, node, tail);
    if (r != TC_NONE && c->relay[r].off_at != TC_NEVER && c->depth[g->n + r] == TC_NONE &&
        missing(c, node, c->relay[r].off_at) && broken(c, k, c->relay[r].off_at))
        reach(c, g->n + r, node, tail);
    if (c->supply)
        follow_load(c, node, k, tail);
}

static tc_err explain(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    size_t nodes = (size_t)g->n + g->r;
    if (!c->parent)
        c->parent = malloc(nodes * sizeof *c->parent);
    if (!c->depth)
        c->depth = malloc(nodes * sizeof *c->depth);
    if (!c->parent || !c->depth)
        return TC_E_NOMEM;
    for (size_t i = 0; i < nodes; i++)
        c->parent[i] = c->depth[i] = TC_NONE;
    uint32_t head = 0, tail = 0;
    for (size_t i = 0; i < c->fail_n; i++)
        if (c->fail[i].flags & TC_FAIL_GIVEN)
            reach(c, c->fail[i].asset, TC_NONE, &tail);
    for (uint32_t i = 0; c->supply && i < c->supply->touched_sn; i++) /* can carry less */
        reach(c, c->supply->touched_s[i], TC_NONE, &tail);
    while (head < tail) {
        uint32_t node = c->work[head++];
        bool asset = node < g->n;
        uint32_t x = asset ? node : node - g->n;
        const uint32_t *first = asset ? g->out_first : g->relay_out_first;
        const uint32_t *out = asset ? g->out : g->relay_out;
        for (uint32_t i = first[x]; i < first[x + 1]; i++)
            follow(c, node, out[i], &tail);
        if (asset && c->supply)
            follow_shed(c, x, &tail);
        for (uint32_t r = asset && g->r ? g->relay_first[x] : 0;
             asset && g->r && r < g->relay_first[x + 1]; r++)
            if (asset_missing(c, x, c->relay[r].off_at))
                reach(c, g->n + r, node, &tail);
    }
    c->explained = true;
    return TC_OK;
}

static uint32_t asset_of(const struct tc_graph *g, uint32_t node)
{
    return node < g->n ? node : g->relay_owner[node - g->n];
}

static bool listed(const uint32_t *out, size_t n, uint32_t v)
{
    for (size_t i = 0; i < n; i++)
        if (out[i] == v)
            return true;
    return false;
}

size_t tc_cascade_cause(struct tc_cascade *c, const struct tc_failure *f, uint32_t *out, size_t max,
                        size_t *direct)
{
    const struct tc_graph *g = c->g;
    *direct = 0;
    if (f->group == TC_NONE || max == 0 || (!c->explained && explain(c)))
        return 0;
    size_t n = 0;
    uint32_t best = TC_NONE, best_depth = TC_NONE;
    for (uint32_t i = g->in_first[f->group]; i < g->in_first[f->group + 1]; i++) {
        uint32_t node = node_of(g, i);
        bool gone = missing(c, node, f->lost_at);
        if (!gone && !tc_supply_shed_at(c->supply, i, f->lost_at) && g->supplier[i] != f->via)
            continue;
        if (!gone && tc_supply_shed_at(c->supply, i, f->lost_at))
            node = g->supplier[i];
        if (best == TC_NONE || c->depth[node] < best_depth) {
            best = node;
            best_depth = c->depth[node];
        }
        if (n < max)
            out[n++] = g->supplier[i];
    }
    /* The nearest first; the others stay in the order of the group. */
    for (size_t i = 0; best != TC_NONE && i < n; i++) {
        if (out[i] == asset_of(g, best)) {
            memmove(out + 1, out, i * sizeof *out);
            out[0] = asset_of(g, best);
            break;
        }
    }
    *direct = n;
    for (uint32_t at = best; at != TC_NONE && n < max; at = c->parent[at])
        if (!listed(out, n, asset_of(g, at)) && asset_of(g, at) != f->asset)
            out[n++] = asset_of(g, at);
    return n;
}

/* ---- deadlocks ---- */

struct raised { /* a world in which the candidates are up */
    bool *up;   /* n: candidates */
    bool *fed;  /* r */
};

static bool would_hold(const struct tc_cascade *c, const struct raised *w, uint32_t k)
{
    const struct tc_graph *g = c->g;
    int64_t left = g->group[k].budget;
    for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1] && left >= 0; i++) {
        uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE, s = g->supplier[i];
        bool counts = r != TC_NONE ? w->fed[r] : w->up[s] || c->asset[s].bad == 0;
        counts = counts && !(c->supply && c->supply->edges[i].shed && !c->supply->edges[i].gone);
        left -= counts ? 0 : g->loss ? g->loss[i] : 1;
    }
    return left >= 0;
}

static void feed(const struct tc_cascade *c, const struct raised *w)
{
    const struct tc_graph *g = c->g;
    bool changed = g->r > 0;
    if (changed)
        memset(w->fed, 0, g->r * sizeof *w->fed);
    while (changed) {
        changed = false;
        for (uint32_t r = 0; r < g->r; r++) {
            uint32_t v = g->relay_owner[r];
            bool fed = !w->fed[r] && (w->up[v] || c->asset[v].bad == 0);
            for (uint32_t k = g->group_first[v]; fed && k < g->group_first[v + 1]; k++)
                fed = g->group[k].relay != r || would_hold(c, w, k);
            changed = changed || fed;
            w->fed[r] = w->fed[r] || fed;
        }
    }
}

/* Down at the end, and nothing but empty groups keeps it down. */
static bool candidate(const struct tc_cascade *c, uint32_t v)
{
    uint32_t empty = 0;
    for (uint32_t k = c->g->group_first[v]; k < c->g->group_first[v + 1]; k++)
        empty += c->group[k].state == G_EMPTY;
    return empty > 0 && c->asset[v].bad == empty;
}

tc_err tc_explain_deadlocks(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    struct raised w = {.up = NULL};
    uint32_t left = 0;
    for (uint32_t i = 0; i < c->touched_an && !left; i++)
        left = candidate(c, c->touched_a[i]);
    if (!left)
        return TC_OK;
    w.up = calloc(g->n, sizeof *w.up);
    w.fed = calloc(g->r + 1u, sizeof *w.fed);
    if (!w.up || !w.fed) {
        free(w.up);
        free(w.fed);
        return TC_E_NOMEM;
    }
    for (uint32_t i = 0; i < c->touched_an; i++)
        w.up[c->touched_a[i]] = candidate(c, c->touched_a[i]);
    for (bool changed = true; changed;) {
        changed = false;
        feed(c, &w);
        for (uint32_t i = 0; i < c->touched_an; i++) {
            uint32_t v = c->touched_a[i];
            bool stays = w.up[v];
            for (uint32_t k = g->group_first[v]; stays && k < g->group_first[v + 1]; k++)
                stays = would_hold(c, &w, k);
            changed = changed || stays != w.up[v];
            w.up[v] = stays;
        }
    }
    for (uint32_t i = 0; i < c->touched_an; i++)
        if (w.up[c->touched_a[i]])
            c->asset[c->touched_a[i]].flags |= TC_FAIL_DEADLOCK;
    free(w.up);
    free(w.fed);
    return TC_OK;
}
