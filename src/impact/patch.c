/* SPDX-License-Identifier: Apache-2.0 */
/*      groups   ... | of asset v: first .. first+old_n | the rest, renumbered by new_n - old_n ...
 *      in       ... | their edges                      | the rest, moved                      ...
 *      out      of each supplier: the edges to the old groups go, those to the new ones come
 *
 * All memory is taken before the first byte is changed. */
#include "impact/patch.h"

#include "base/limits.h"
#include "impact/plain.h"
#include "impact/supply.h"

#include <stdlib.h>
#include <string.h>

/* Edges looked at to see that no loop comes to be; more, and a new graph is cheaper. */
#define REACH_MAX 200000u

struct edge {
    uint32_t supplier, group, loss;
};

struct plan {
    struct tc_graph *g;
    uint32_t v, lo, hi;    /* groups before */
    uint32_t in_lo, in_hi; /* their edges */
    const struct tc_group_spec *specs;
    uint32_t n, edges; /* groups and edges after */
    uint32_t *budget;  /* n */
    uint16_t *service; /* n */
    struct edge *in;   /* edges, in the order of the groups */
    struct edge *by_supplier;
    uint32_t *near;
    uint32_t *out, *out_loss; /* the new lists */
};

/* ---- may it be done? ---- */

static bool service_number(const struct tc_graph *g, struct tc_str name, uint16_t *out)
{
    for (uint32_t i = 0; i < g->service_count; i++)
        if (tc_str_eq(g->services[i], name)) {
            *out = (uint16_t)i;
            return true;
        }
    return false;
}

static bool in_loop(const struct tc_graph *g, uint32_t v)
{
    return g->r && g->relay_first[v] != g->relay_first[v + 1];
}

struct walk {
    const struct tc_graph *g;
    uint8_t *seen;
    uint32_t *queue, n, looked;
    uint16_t service;
};

static void step(struct walk *w, const uint32_t *out, uint32_t from, uint32_t to)
{
    w->looked += to - from;
    for (uint32_t i = from; i < to; i++) {
        uint32_t k = out[i], o = w->g->group[k].owner;
        if (w->g->service[k] != w->service || w->g->mode[k] != TC_MODE_FLOW ||
            (w->seen[o >> 3] & 1u << (o & 7)))
            continue;
        w->seen[o >> 3] = (uint8_t)(w->seen[o >> 3] | 1u << (o & 7));
        w->queue[w->n++] = o;
    }
}

/* Is one of the group's suppliers fed by v, so that the group would close a loop? Also true when
 * that is too much to find out. */
static bool closes_loop(const struct tc_graph *g, uint32_t v, const struct tc_group_spec *s,
                        uint16_t service, tc_err *err)
{
    struct walk w = {.g = g, .service = service};
    w.seen = calloc(g->n / 8 + 1u, 1);
    w.queue = reallocarray(NULL, g->n + 1u, sizeof *w.queue);
    bool closes = false;
    *err = w.seen && w.queue ? TC_OK : TC_E_NOMEM;
    if (!*err)
        w.queue[w.n++] = v;
    for (uint32_t at = 0; at < w.n && w.looked < REACH_MAX; at++) {
        uint32_t x = w.queue[at];
        step(&w, g->out, g->out_first[x], g->out_first[x + 1]);
        for (uint32_t r = g->r ? g->relay_first[x] : 0; g->r && r < g->relay_first[x + 1]; r++)
            step(&w, g->relay_out, g->relay_out_first[r], g->relay_out_first[r + 1]);
    }
    for (size_t i = 0; !*err && i < s->n; i++)
        closes = closes || (w.seen[s->suppliers[i] >> 3] & 1u << (s->suppliers[i] & 7));
    closes = closes || w.looked >= REACH_MAX;
    free(w.seen);
    free(w.queue);
    return closes;
}

/* Arrays that stand beside those of groups and edges are not patched. */
static bool has_more(const struct tc_graph *g)
{
    const struct tc_graph_more *m = g->more;
    return m && (m->capacity || m->demand || m->priority || m->recharge || m->draw || m->calendar);
}

static bool wants_more(const struct tc_group_spec *s)
{
    return s->demands || s->priorities || s->recharge || s->calendar.n ||
           s->buffer_draw != TC_DRAW_UNIFORM || s->restore_draw != TC_DRAW_UNIFORM;
}

static tc_err look(struct plan *p, bool *whole)
{
    const struct tc_graph *g = p->g;
    tc_err e = TC_OK;
    *whole = in_loop(g, p->v) || has_more(g);
    for (uint32_t i = 0; !e && i < p->n; i++) {
        const struct tc_group_spec *s = &p->specs[i];
        e = tc_graph_check_group(s, g->n, tc_graph_id(g, p->v), &p->budget[i], NULL);
        if (e)
            return e;
        *whole = *whole || wants_more(s) || !service_number(g, s->service, &p->service[i]) ||
                 (!g->loss && s->rule == TC_NEED_SHARE) ||
                 (!g->times && (s->restore_hi || s->buffer_lo != s->buffer_hi));
        if (!*whole && s->mode == TC_MODE_FLOW)
            *whole = closes_loop(g, p->v, s, p->service[i], &e);
    }
    return e;
}

/* ---- what is to come ---- */

static int by_supplier(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    if (a->supplier != b->supplier)
        return a->supplier < b->supplier ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

static void list_edges(struct plan *p)
{
    uint32_t at = 0, near = 0;
    p->near[near++] = p->v;
    for (uint32_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->specs[i].n; j++) {
            const struct tc_group_spec *s = &p->specs[i];
            p->in[at++] = (struct edge){s->suppliers[j], p->lo + i,
                                        s->rule == TC_NEED_SHARE ? s->shares[j] : 1};
            p->near[near++] = s->suppliers[j];
        }
    for (uint32_t i = p->in_lo; i < p->in_hi; i++)
        p->near[near++] = p->g->supplier[i];
    memcpy(p->by_supplier, p->in, at * sizeof *p->in);
    if (at)
        qsort(p->by_supplier, at, sizeof *p->by_supplier, by_supplier);
}

/* The edge lists of all assets once more, without those to the old groups and with the new ones; in
 * each list groups ascend. */
static void write_out(struct plan *p)
{
    const struct tc_graph *g = p->g;
    uint32_t move = p->n - (p->hi - p->lo), at = 0, next = 0; /* wraps round */
    for (uint32_t u = 0; u < g->n; u++) {
        uint32_t i = g->out_first[u], end = g->out_first[u + 1];
        g->out_first[u] = at;
        for (; i < end && g->out[i] < p->lo; i++, at++) {
            p->out[at] = g->out[i];
            if (p->out_loss)
                p->out_loss[at] = g->out_loss[i];
        }
        for (; next < p->edges && p->by_supplier[next].supplier == u; next++, at++) {
            p->out[at] = p->by_supplier[next].group;
            if (p->out_loss)
                p->out_loss[at] = p->by_supplier[next].loss;
        }
        for (; i < end; i++)
            if (g->out[i] >= p->hi) {
                p->out[at] = g->out[i] + move;
                if (p->out_loss)
                    p->out_loss[at] = g->out_loss[i];
                at++;
            }
    }
    g->out_first[g->n] = at;
}

/* ---- arrays ---- */

/* An array with room for count items; an absent one stays absent. */
static void *grown(void *p, size_t count, size_t item, bool *ok)
{
    void *q = p && *ok ? reallocarray(p, count ? count : 1, item) : p;
    *ok = *ok && (q || !p);
    return q ? q : p;
}

/* Grows what grows; the rest of the patch cannot fail. */
static bool all_room(struct plan *p)
{
    struct tc_graph *g = p->g;
    size_t old_m = p->hi - p->lo, old_e = p->in_hi - p->in_lo;
    size_t m = g->m + (p->n > old_m ? p->n - old_m : 0),
           e = g->e + (p->edges > old_e ? p->edges - old_e : 0);
    bool ok = true;
    g->group = grown(g->group, m, sizeof *g->group, &ok);
    g->in_first = grown(g->in_first, m + 1, sizeof *g->in_first, &ok);
    g->times = grown(g->times, m, sizeof *g->times, &ok);
    g->service = grown(g->service, m, sizeof *g->service, &ok);
    g->mode = grown(g->mode, m, 1, &ok);
    g->supplier = grown(g->supplier, e, sizeof *g->supplier, &ok);
    g->loss = grown(g->loss, e, sizeof *g->loss, &ok);
    g->supplier_relay = grown(g->supplier_relay, e, sizeof *g->supplier_relay, &ok);
    p->out = calloc(e + 1, sizeof *p->out);
    p->out_loss = g->out_loss ? calloc(e + 1, sizeof *p->out_loss) : NULL;
    return ok && p->out && (!g->out_loss || p->out_loss);
}

/* Makes old items at place `at` into new ones; the new ones are not filled in. */
static void splice(void *array, size_t item, size_t count, size_t at, size_t old, size_t new)
{
    char *p = array;
    if (p && old != new)
        memmove(p + (at + new) * item, p + (at + old) * item, (count - at - old) * item);
}

static void move_edges(struct plan *p)
{
    struct tc_graph *g = p->g;
    uint32_t old = p->in_hi - p->in_lo;
    splice(g->supplier, sizeof *g->supplier, g->e, p->in_lo, old, p->edges);
    splice(g->loss, sizeof *g->loss, g->e, p->in_lo, old, p->edges);
    splice(g->supplier_relay, sizeof *g->supplier_relay, g->e, p->in_lo, old, p->edges);
    for (uint32_t i = 0; i < p->edges; i++) {
        g->supplier[p->in_lo + i] = p->in[i].supplier;
        if (g->loss)
            g->loss[p->in_lo + i] = p->in[i].loss;
        if (g->supplier_relay)
            g->supplier_relay[p->in_lo + i] = TC_NONE;
    }
    g->e += p->edges - old;
}

static void put_group(struct plan *p, uint32_t i)
{
    struct tc_graph *g = p->g;
    const struct tc_group_spec *s = &p->specs[i];
    uint32_t k = p->lo + i;
    g->group[k] = (struct tc_group){p->v, p->budget[i], (uint32_t)s->buffer_lo, TC_NONE};
    g->service[k] = p->service[i];
    g->mode[k] = (uint8_t)s->mode;
    if (g->times)
        g->times[k] = (struct tc_times){(uint32_t)s->buffer_hi, (uint32_t)s->restore_lo,
                                        (uint32_t)s->restore_hi};
    if (s->buffer_hi > g->max_buffer)
        g->max_buffer = (uint32_t)s->buffer_hi;
    g->ranges = g->ranges || s->buffer_lo != s->buffer_hi || s->restore_lo != s->restore_hi;
    g->in_first[k + 1] = g->in_first[k] + (uint32_t)s->n;
}

static void move_groups(struct plan *p)
{
    struct tc_graph *g = p->g;
    uint32_t old = p->hi - p->lo, more_edges = p->edges - (p->in_hi - p->in_lo);
    splice(g->group, sizeof *g->group, g->m, p->lo, old, p->n);
    splice(g->times, sizeof *g->times, g->m, p->lo, old, p->n);
    splice(g->service, sizeof *g->service, g->m, p->lo, old, p->n);
    splice(g->mode, 1, g->m, p->lo, old, p->n);
    splice(g->in_first, sizeof *g->in_first, g->m + 1u, p->lo + 1u, old, p->n);
    g->m += p->n - old;
    for (uint32_t i = 0; i < p->n; i++)
        put_group(p, i);
    for (uint32_t k = p->lo + p->n; more_edges && k < g->m; k++)
        g->in_first[k + 1] += more_edges;
    for (uint32_t v = p->v; p->n != old && v < g->n; v++)
        g->group_first[v + 1] += p->n - old;
    for (uint32_t r = 0; p->n != old && g->r && r < g->relay_out_first[g->r]; r++)
        g->relay_out[r] += g->relay_out[r] >= p->hi ? p->n - old : 0;
}

static void apply(struct plan *p)
{
    struct tc_graph *g = p->g;
    size_t before = g->m * (sizeof *g->group + sizeof *g->in_first) + g->e * sizeof *g->supplier;
    write_out(p);
    free(g->out);
    free(g->out_loss);
    g->out = p->out;
    g->out_loss = p->out_loss;
    p->out = p->out_loss = NULL;
    move_edges(p);
    move_groups(p);
    size_t after = g->m * (sizeof *g->group + sizeof *g->in_first) + g->e * sizeof *g->supplier;
    g->bytes += after - before;
}

tc_err tc_graph_set_groups(struct tc_graph *g, uint32_t asset, const struct tc_group_spec *specs,
                           size_t n, struct tc_graph_patch *out)
{
    struct plan p = {.g = g, .v = asset, .specs = specs, .n = (uint32_t)n};
    struct tc_graph_patch done = {.asset = asset, .new_n = (uint32_t)n};
    size_t edges = 0;
    for (size_t i = 0; i < n; i++)
        edges += specs[i].n;
    if (asset >= g->n || n > TC_MAX_EDGES || edges > TC_MAX_EDGES - g->e)
        return TC_E_LIMIT;
    p.edges = (uint32_t)edges;
    p.lo = done.first = g->group_first[asset];
    p.hi = g->group_first[asset + 1];
    done.old_n = p.hi - p.lo;
    p.in_lo = g->in_first[p.lo];
    p.in_hi = g->in_first[p.hi];
    done.n_near = 1 + p.edges + p.in_hi - p.in_lo;
    p.budget = calloc(n + 1, sizeof *p.budget);
    p.service = calloc(n + 1, sizeof *p.service);
    p.in = calloc(edges + 1, sizeof *p.in);
    p.by_supplier = calloc(edges + 1, sizeof *p.by_supplier);
    p.near = done.near = calloc(done.n_near, sizeof *p.near);
    tc_err e = p.budget && p.service && p.in && p.by_supplier && p.near ? look(&p, &done.whole)
                                                                        : TC_E_NOMEM;
    if (!e)
        list_edges(&p);
    if (!e && !done.whole && !all_room(&p))
        e = TC_E_NOMEM;
    if (!e && !done.whole)
        apply(&p);
    done.m = g->m;
    free(p.budget);
    free(p.service);
    free(p.in);
    free(p.by_supplier);
    free(p.out);
    free(p.out_loss);
    if (e)
        free(p.near);
    else
        *out = done;
    return e;
}

void tc_graph_patch_fini(struct tc_graph_patch *p)
{
    free(p->near);
    *p = (struct tc_graph_patch){0};
}

/* ---- the working space ---- */

/* Numbers of what the last run touched, as they are now. */
static void renumber_touched(struct tc_cascade *c, const struct tc_graph_patch *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->touched_gn; i++) {
        uint32_t k = c->touched_g[i];
        if (k >= p->first && k < p->first + p->old_n)
            continue;
        c->touched_g[n++] = k < p->first ? k : k + p->new_n - p->old_n;
    }
    c->touched_gn = n;
}

static tc_err patched(struct tc_cascade *c, const struct tc_graph_patch *p)
{
    uint32_t before = p->m - p->new_n + p->old_n;
    size_t most = (size_t)(p->m > before ? p->m : before) + p->new_n + 1;
    bool ok = true;
    c->group = grown(c->group, most, sizeof *c->group, &ok);
    c->touched_g = grown(c->touched_g, most, sizeof *c->touched_g, &ok);
    if (c->g->r)
        c->floss = grown(c->floss, most, sizeof *c->floss, &ok);
    if (!ok)
        return TC_E_NOMEM;
    renumber_touched(c, p);
    splice(c->group, sizeof *c->group, before, p->first, p->old_n, p->new_n);
    for (uint32_t i = 0; i < p->new_n; i++)
        c->touched_g[c->touched_gn++] = p->first + i;
    return TC_OK;
}

/* The short way's records, made anew: they are small, and were they kept, most would move. */
static tc_err plain_patched(struct tc_cascade *c)
{
    struct tc_plain_group *plain = NULL;
    if (tc_plain_ever(c->g) && !(plain = calloc(c->g->m + 1u, sizeof *plain)))
        return TC_E_NOMEM;
    free(c->plain);
    c->plain = plain;
    c->key_n = 0;
    if (plain)
        tc_plain_start(c);
    return TC_OK;
}

tc_err tc_cascade_patched(struct tc_cascade *c, const struct tc_graph_patch *p, size_t n)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < n; i++)
        e = patched(c, &p[i]);
    if (!e)
        e = plain_patched(c);
    if (e)
        return e;
    tc_cascade_clear(c);           /* the new groups were noted as touched */
    tc_supply_free(c->own_supply); /* made anew when a scenario measures somebody */
    c->own_supply = c->supply = NULL;
    return e;
}
