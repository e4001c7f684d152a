/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/supply.h"

#include "impact/cascade_int.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

static uint64_t demand_of(const struct tc_graph *g, uint32_t edge)
{
    return g->more && g->more->demand ? g->more->demand[edge] : TC_UNIT;
}

static uint32_t loss_of(const struct tc_graph *g, uint32_t edge)
{
    return g->loss ? g->loss[edge] : 1;
}

/* ---- life ---- */

struct order { /* of one supplier's edges */
    const struct tc_graph *g;
    const struct tc_supply_edge *edges;
};

static int by_service(const void *x, const void *y, void *arg)
{
    const struct order *o = arg;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const uint16_t *p = o->g->more ? o->g->more->priority : NULL;
    if (p && p[a] != p[b])
        return p[a] < p[b] ? -1 : 1;
    return (a > b) - (a < b); /* edges lie by owner's number, then by group */
}

/* Numbers of edges beside the lists of out edges, which loops.c fills in the order of edges. */
static void number_out(struct tc_supply *s, uint32_t *next, uint32_t *next_relay)
{
    const struct tc_graph *g = s->g;
    memcpy(next, g->out_first, g->n * sizeof *next);
    if (g->r)
        memcpy(next_relay, g->relay_out_first, g->r * sizeof *next_relay);
    for (uint32_t i = 0; i < g->e; i++) {
        uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE;
        if (r == TC_NONE)
            s->out_edge[next[g->supplier[i]]++] = i;
        else
            s->relay_edge[next_relay[r]++] = i;
    }
}

static void sort_edges(struct tc_supply *s, uint32_t *next)
{
    const struct tc_graph *g = s->g;
    struct order o = {g, s->edges};
    for (uint32_t i = 0; i < g->e; i++)
        s->first[g->supplier[i] + 1]++;
    for (uint32_t v = 0; v < g->n; v++) {
        s->first[v + 1] += s->first[v];
        next[v] = s->first[v];
    }
    for (uint32_t i = 0; i < g->e; i++)
        s->edge[next[g->supplier[i]]++] = i;
    for (uint32_t v = 0; v < g->n && g->more && g->more->priority; v++)
        if (s->first[v + 1] - s->first[v] > 1)
            qsort_r(s->edge + s->first[v], s->first[v + 1] - s->first[v], sizeof *s->edge,
                    by_service, &o);
}

static const struct tc_week *week_of(const struct tc_graph *g, uint32_t k)
{
    const struct tc_graph_more *m = g->more;
    return m && m->calendar && m->calendar[k] ? &m->weeks[m->calendar[k]] : NULL;
}

/* Those that may be short without any outage, and those whose load changes by the hour. */
static void find_bounded(struct tc_supply *s)
{
    const struct tc_graph *g = s->g;
    wide *most = calloc(g->n + 1u, sizeof *most);
    bool *timed = calloc(g->n + 1u, sizeof *timed);
    for (uint32_t i = 0; most && timed && i < g->e; i++) {
        const struct tc_week *w = week_of(g, s->edges[i].group);
        most[g->supplier[i]] += (wide)demand_of(g, i) * (w ? tc_week_most(w) : 100);
        timed[g->supplier[i]] = timed[g->supplier[i]] || w;
    }
    for (uint32_t v = 0; v < g->n; v++) {
        if (s->can[v] != TC_UNLIMITED && (!most || most[v] > (wide)s->can[v] * 100))
            s->short0[s->short0_n++] = v;
        if (!timed || timed[v]) /* a measurement may bound it */
            s->timed[s->timed_n++] = v;
    }
    free(most);
    free(timed);
}

static void set_start(struct tc_supply *s)
{
    const struct tc_graph *g = s->g;
    for (uint32_t k = 0; k < g->m; k++) {
        for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++) {
            s->edges[i] = (struct tc_supply_edge){
                .group = k, .supplier = g->supplier[i], .at = TC_NEVER, .until = TC_NEVER};
            s->total[k] += demand_of(g, i);
            s->asked[g->supplier[i]] += demand_of(g, i);
        }
        s->present[k] = s->total[k];
    }
    for (uint32_t v = 0; v < g->n; v++) {
        s->can[v] = g->more && g->more->capacity ? g->more->capacity[v] : TC_UNLIMITED;
    }
    find_bounded(s);
}

static void *space(struct tc_supply *s, size_t n, size_t item, bool *ok)
{
    void *p = calloc(n ? n : 1, item);
    *ok = *ok && p;
    s->bytes += n * item;
    return p;
}

struct tc_supply *tc_supply_new(const struct tc_graph *g)
{
    struct tc_supply *s = calloc(1, sizeof *s);
    bool ok = true;
    if (!s)
        return NULL;
    s->g = g;
    s->first = space(s, g->n + 1u, sizeof(uint32_t), &ok);
    s->edge = space(s, g->e, sizeof(uint32_t), &ok);
    s->out_edge = space(s, g->e, sizeof(uint32_t), &ok);
    s->relay_edge = space(s, g->e, sizeof(uint32_t), &ok);
    s->edges = space(s, g->e, sizeof *s->edges, &ok);
    s->total = space(s, g->m, sizeof(uint64_t), &ok);
    s->present = space(s, g->m, sizeof(uint64_t), &ok);
    s->can = space(s, g->n, sizeof(uint64_t), &ok);
    s->asked = space(s, g->n, sizeof(uint64_t), &ok);
    s->dirty = space(s, g->n, sizeof(bool), &ok);
    s->moved = space(s, g->n, sizeof(bool), &ok);
    s->list = space(s, g->n, sizeof(uint32_t), &ok);
    s->short0 = space(s, g->n, sizeof(uint32_t), &ok);
    s->timed = space(s, g->n, sizeof(uint32_t), &ok);
    s->touched_e = space(s, g->e, sizeof(uint32_t), &ok);
    s->touched_s = space(s, g->n, sizeof(uint32_t), &ok);
    uint32_t *next = calloc(g->n + 1u, sizeof *next), *relay = calloc(g->r + 1u, sizeof *relay);
    if (ok && next && relay) {
        set_start(s);
        number_out(s, next, relay);
        sort_edges(s, next);
    }
    ok = ok && next && relay;
    free(next);
    free(relay);
    if (!ok) {
        tc_supply_free(s);
        return NULL;
    }
    return s;
}

void tc_supply_free(struct tc_supply *s)
{
    if (!s)
        return;
    void *arrays[] = {s->first,     s->edge,      s->out_edge, s->relay_edge, s->edges, s->total,
                      s->can,       s->present,   s->asked,    s->dirty,      s->list,  s->short0,
                      s->touched_e, s->touched_s, s->moved,    s->timed};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    free(s);
}

static struct tc_supply_edge *touch(struct tc_supply *s, uint32_t i)
{
    struct tc_supply_edge *x = &s->edges[i];
    if (!x->touched) {
        x->touched = true;
        s->touched_e[s->touched_en++] = i;
    }
    return x;
}

static void look_at(struct tc_supply *s, uint32_t supplier)
{
    if (!s->dirty[supplier]) {
        s->dirty[supplier] = true;
        s->list[s->list_n++] = supplier;
    }
}

void tc_supply_begin(struct tc_supply *s, const struct tc_scenario *scenario, uint32_t last)
{
    const struct tc_graph *g = s->g;
    for (uint32_t i = 0; i < s->touched_en; i++) {
        struct tc_supply_edge *x = &s->edges[s->touched_e[i]];
        s->present[x->group] = s->total[x->group];
        x->gone = x->shed = x->touched = false;
        x->at = x->until = TC_NEVER;
    }
    for (uint32_t i = 0; i < s->touched_sn; i++) {
        uint32_t v = s->touched_s[i];
        s->moved[v] = false;
        s->can[v] = g->more && g->more->capacity ? g->more->capacity[v] : TC_UNLIMITED;
    }
    for (uint32_t i = 0; i < s->list_n; i++)
        s->dirty[s->list[i]] = false; /* a run that ended with an error leaves some */
    s->touched_en = s->touched_sn = s->list_n = 0;
    s->scenario = scenario;
    s->last = last;
}

uint32_t tc_supply_tick(const struct tc_supply *s, uint32_t now)
{
    const struct tc_graph_more *m = s->g->more;
    uint32_t next = TC_NEVER;
    if (s->scenario->start == TC_TIME_NONE || !s->timed_n)
        return TC_NEVER;
    for (uint32_t w = 1; w < m->week_count; w++) {
        uint32_t past =
            (uint32_t)((tc_week_second(&m->weeks[w], s->scenario->start) + (uint64_t)now) % 3600);
        next = now + 3600 - past < next ? now + 3600 - past : next;
    }
    return next <= s->last ? next : TC_NEVER;
}

void tc_supply_hour(struct tc_supply *s)
{
    for (uint32_t i = 0; i < s->timed_n; i++)
        if (s->can[s->timed[i]] != TC_UNLIMITED)
            look_at(s, s->timed[i]);
}

void tc_supply_short(struct tc_supply *s)
{
    for (uint32_t i = 0; i < s->short0_n; i++)
        look_at(s, s->short0[i]);
}

void tc_supply_measure(struct tc_cascade *c, uint32_t asset, bool starting)
{
    struct tc_supply *s = c->supply;
    const struct tc_scenario *x = s->scenario;
    uint64_t own = s->g->more && s->g->more->capacity ? s->g->more->capacity[asset] : TC_UNLIMITED;
    uint64_t can = own, whole = own == TC_UNLIMITED ? s->asked[asset] : own;
    for (size_t i = 0; i < x->n_capacities; i++) {
        const struct tc_capacity *m = &x->capacities[i];
        bool began = starting ? m->start <= c->now : m->start < c->now;
        if (m->asset != asset || !began || m->end <= c->now || m->left == TC_SHARE_WHOLE)
            continue;
        uint64_t part = (uint64_t)((wide)whole * m->left / TC_SHARE_WHOLE);
        can = part < can ? part : can;
    }
    if (can == s->can[asset])
        return;
    if (!s->moved[asset]) {
        s->moved[asset] = true;
        s->touched_s[s->touched_sn++] = asset;
    }
    s->can[asset] = can;
    look_at(s, asset);
}

/* ---- the load ---- */

static uint32_t percent_at(const struct tc_supply *s, const struct tc_week *w, uint32_t t)
{
    uint64_t second = tc_week_second(w, s->scenario->start) + (uint64_t)t;
    return w->percent[second % TC_WEEK_SECONDS / 3600];
}

/* The use of the group at this hour, in percent. What grows with this second grows in its second
 * half only: in the first, the lower of the two hours counts. */
static uint32_t use(const struct tc_supply *s, uint32_t k)
{
    const struct tc_week *w = week_of(s->g, k);
    uint32_t t = s->at < s->last ? s->at : s->last;
    if (!w)
        return 100;
    if (s->scenario->start == TC_TIME_NONE)
        return tc_week_most(w);
    uint32_t now = percent_at(s, w, t), before = t ? percent_at(s, w, t - 1) : now;
    return s->returning && before < now ? before : now;
}

/* What the edge asks of its supplier, in hundredths: its own demand, and in proportion what the
 * missing suppliers of the group would carry. Who is not served keeps asking for what it would
 * get. */
static wide claim(const struct tc_supply *s, uint32_t i)
{
    const struct tc_supply_edge *x = &s->edges[i];
    uint64_t d = demand_of(s->g, i);
    wide own = (wide)d * use(s, x->group);
    if (!own || !s->g->group[x->group].budget)
        return own;
    uint64_t with = s->present[x->group] + (x->gone || x->shed ? d : 0);
    return (own * s->total[x->group] + with - 1) / with;
}

/* The load on the other suppliers of the group has changed. */
static void look_at_others(struct tc_supply *s, uint32_t i)
{
    const struct tc_graph *g = s->g;
    uint32_t k = s->edges[i].group;
    for (uint32_t j = g->in_first[k]; g->group[k].budget && j < g->in_first[k + 1]; j++)
        if (j != i && s->can[g->supplier[j]] != TC_UNLIMITED)
            look_at(s, g->supplier[j]);
}

static void take(struct tc_cascade *c, uint32_t i)
{
    struct tc_supply *s = c->supply;
    s->present[s->edges[i].group] -= demand_of(s->g, i);
    tc_cascade_lose(c, s->edges[i].group, loss_of(s->g, i), s->edges[i].supplier);
    look_at_others(s, i);
}

static void give(struct tc_cascade *c, uint32_t i)
{
    struct tc_supply *s = c->supply;
    s->present[s->edges[i].group] += demand_of(s->g, i);
    tc_cascade_gain(c, s->edges[i].group, loss_of(s->g, i));
    look_at_others(s, i);
}

/* Edges of the asset's own list, or of the relay's. */
static const uint32_t *edges_of(const struct tc_supply *s, uint32_t node, uint32_t *n)
{
    const struct tc_graph *g = s->g;
    bool asset = node < g->n;
    uint32_t x = asset ? node : node - g->n;
    const uint32_t *first = asset ? g->out_first : g->relay_out_first;
    *n = first[x + 1] - first[x];
    return (asset ? s->out_edge : s->relay_edge) + first[x];
}

void tc_supply_cut(struct tc_cascade *c, uint32_t node)
{
    uint32_t n;
    const uint32_t *list = edges_of(c->supply, node, &n);
    for (uint32_t j = 0; j < n; j++) {
        struct tc_supply_edge *x = touch(c->supply, list[j]);
        x->gone = true;
        if (!x->shed)
            take(c, list[j]);
    }
}

/* A supplier with a bound that is back serves nobody until it has been looked at. */
void tc_supply_mend(struct tc_cascade *c, uint32_t node)
{
    struct tc_supply *s = c->supply;
    uint32_t n;
    const uint32_t *list = edges_of(s, node, &n);
    for (uint32_t j = 0; j < n; j++) {
        struct tc_supply_edge *x = touch(s, list[j]);
        x->gone = false;
        if (s->can[x->supplier] != TC_UNLIMITED && demand_of(s->g, list[j])) {
            x->shed = true;
            look_at(s, x->supplier);
        } else if (!x->shed) {
            give(c, list[j]);
        }
    }
}

static void shed(struct tc_cascade *c, uint32_t i)
{
    struct tc_supply_edge *x = touch(c->supply, i);
    if (x->shed)
        return;
    x->shed = true;
    if (x->at == TC_NEVER)
        x->at = c->now;
    if (!x->gone)
        take(c, i);
}

static void serve(struct tc_cascade *c, uint32_t i)
{
    struct tc_supply_edge *x = touch(c->supply, i);
    if (!x->shed)
        return;
    x->shed = false;
    if (x->at != TC_NEVER && x->until == TC_NEVER)
        x->until = c->now;
    if (!x->gone)
        give(c, i);
}

/* Serves in order until one does not fit; that one and all behind it are shed. */
static void look(struct tc_cascade *c, uint32_t supplier, bool returning)
{
    struct tc_supply *s = c->supply;
    bool bounded = s->can[supplier] != TC_UNLIMITED, fits = true;
    wide left = (wide)s->can[supplier] * 100;
    for (uint32_t j = s->first[supplier]; j < s->first[supplier + 1]; j++) {
        uint32_t i = s->edge[j];
        wide want = claim(s, i);
        if (!demand_of(s->g, i))
            continue;
        fits = fits && (!bounded || want <= left);
        left -= fits && bounded ? want : 0;
        if (!fits && !returning)
            shed(c, i);
        else if (!fits && s->edges[i].shed && s->edges[i].at == TC_NEVER)
            touch(s, i)->at = c->now; /* back, and not served */
        else if (fits && returning)
            serve(c, i);
    }
}

void tc_supply_settle(struct tc_cascade *c, bool returning)
{
    struct tc_supply *s = c->supply;
    s->at = c->now;
    s->returning = returning;
    while (s->list_n && c->work_head == c->work_tail) {
        uint32_t supplier = s->list[--s->list_n];
        s->dirty[supplier] = false;
        look(c, supplier, returning);
    }
}

uint32_t tc_supply_edge_of(const struct tc_graph *g, uint32_t group, uint32_t supplier)
{
    for (uint32_t i = g->in_first[group]; i < g->in_first[group + 1]; i++)
        if (g->supplier[i] == supplier)
            return i;
    return TC_NONE;
}
