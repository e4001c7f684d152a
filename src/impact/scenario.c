/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/scenario.h"

#include "base/limits.h"
#include "impact/cascade.h"

#include <math.h>
#include <stdlib.h>

void tc_scenario_list_fini(struct tc_scenario_list *l)
{
    free(l->outages);
    free(l->capacities);
    free(l->stocks);
    *l = (struct tc_scenario_list){.n_outages = 0};
}

struct tc_scenario tc_scenario_of(const struct tc_scenario_list *l, tc_time start)
{
    return (struct tc_scenario){.outages = l->outages,
                                .capacities = l->capacities,
                                .stocks = l->stocks,
                                .n_outages = l->n_outages,
                                .n_capacities = l->n_capacities,
                                .n_stocks = l->n_stocks,
                                .start = start};
}

/* Room for one more item; the list, or NULL. */
static void *room(void *list, size_t n, size_t *cap, size_t item)
{
    if (n < *cap)
        return list;
    size_t want = *cap ? *cap * 2 : 16;
    void *p = reallocarray(list, want, item);
    if (p)
        *cap = want;
    return p;
}

tc_err tc_scenario_outage(struct tc_scenario_list *l, uint32_t asset, uint32_t start, uint32_t end)
{
    void *p = room(l->outages, l->n_outages, &l->outage_cap, sizeof *l->outages);
    if (!p)
        return TC_E_NOMEM;
    l->outages = p;
    l->outages[l->n_outages++] = (struct tc_outage){asset, start, end};
    return TC_OK;
}

tc_err tc_scenario_capacity(struct tc_scenario_list *l, uint32_t asset, uint32_t start,
                            uint32_t end, uint32_t left)
{
    void *p = room(l->capacities, l->n_capacities, &l->capacity_cap, sizeof *l->capacities);
    if (!p)
        return TC_E_NOMEM;
    l->capacities = p;
    l->capacities[l->n_capacities++] = (struct tc_capacity){asset, start, end, left};
    return TC_OK;
}

static tc_err stock_of(struct tc_scenario_list *l, struct tc_stock s)
{
    for (size_t i = 0; i < l->n_stocks; i++)
        if (l->stocks[i].group == s.group) {
            l->stocks[i] = s;
            return TC_OK;
        }
    void *p = room(l->stocks, l->n_stocks, &l->stock_cap, sizeof *l->stocks);
    if (!p)
        return TC_E_NOMEM;
    l->stocks = p;
    l->stocks[l->n_stocks++] = s;
    return TC_OK;
}

tc_err tc_scenario_stock(struct tc_scenario_list *l, const struct tc_graph *g, uint32_t asset,
                         struct tc_str service, uint32_t buffer, uint32_t fill)
{
    tc_err e = TC_E_NOTFOUND;
    for (uint32_t k = g->group_first[asset]; k < g->group_first[asset + 1]; k++) {
        if (service.n && !tc_str_eq(g->services[g->service[k]], service))
            continue;
        e = stock_of(l, (struct tc_stock){k, buffer, fill});
        if (e)
            return e;
    }
    return e;
}

tc_err tc_scenario_cause(struct tc_scenario_list *l, const struct tc_graph *g, struct tc_str name,
                         uint32_t start, uint32_t end)
{
    uint32_t cause;
    tc_err e = tc_graph_cause(g, name, &cause) ? TC_OK : TC_E_NOTFOUND;
    if (e)
        return e;
    for (uint32_t i = g->more->cause_first[cause]; !e && i < g->more->cause_first[cause + 1]; i++)
        e = tc_scenario_outage(l, g->more->cause_asset[i], start, end);
    return e;
}

tc_err tc_scenario_area(struct tc_scenario_list *l, const struct tc_graph *g,
                        bool (*has)(void *arg, double lat, double lon), void *arg, uint32_t start,
                        uint32_t end, size_t *hit)
{
    size_t n = 0;
    const struct tc_place *p = g->more ? g->more->place : NULL;
    for (uint32_t v = 0; p && v < g->n; v++) {
        if (isnan(p[v].lat) || !has(arg, p[v].lat, p[v].lon))
            continue;
        tc_err e = tc_scenario_outage(l, v, start, end);
        if (e)
            return e;
        n++;
    }
    *hit = n;
    return TC_OK;
}

/* ---- checking ---- */

static tc_err span(uint32_t n, const char *what, size_t i, uint32_t asset, uint32_t start,
                   uint32_t end, struct tc_diag *d)
{
    if (asset >= n)
        return tc_diag_set(d, TC_E_INVALID, "%s %zu names no asset of the graph", what, i + 1);
    if (start > TC_CASCADE_MAX_TIME)
        return tc_diag_set(d, TC_E_LIMIT, "%s %zu starts after ten years", what, i + 1);
    if (end <= start)
        return tc_diag_set(d, TC_E_INVALID, "%s %zu ends before it starts", what, i + 1);
    return TC_OK;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static tc_err check_stocks(const struct tc_scenario *s, const struct tc_graph *g, struct tc_diag *d)
{
    uint32_t *groups = calloc(s->n_stocks + 1, sizeof *groups);
    tc_err e = groups ? TC_OK : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    for (size_t i = 0; !e && i < s->n_stocks; i++) {
        const struct tc_stock *k = &s->stocks[i];
        groups[i] = k->group;
        if (k->group >= g->m)
            e = tc_diag_set(d, TC_E_INVALID, "stock %zu names no group of the graph", i + 1);
        else if (k->buffer != TC_KEEP && k->buffer > TC_MAX_DURATION)
            e = tc_diag_set(d, TC_E_LIMIT, "stock %zu is longer than ten years", i + 1);
        else if (k->fill > TC_SHARE_WHOLE)
            e = tc_diag_set(d, TC_E_INVALID, "stock %zu is more than full", i + 1);
    }
    if (!e)
        qsort(groups, s->n_stocks, sizeof *groups, by_number);
    for (size_t i = 1; !e && i < s->n_stocks; i++)
        if (groups[i] == groups[i - 1])
            e = tc_diag_set(d, TC_E_INVALID, "a group's stock is said twice");
    free(groups);
    return e;
}

tc_err tc_scenario_check(const struct tc_scenario *s, const struct tc_graph *g, struct tc_diag *d)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < s->n_outages; i++)
        e = span(g->n, "outage", i, s->outages[i].asset, s->outages[i].start, s->outages[i].end, d);
    for (size_t i = 0; !e && i < s->n_capacities; i++) {
        const struct tc_capacity *c = &s->capacities[i];
        e = span(g->n, "capacity", i, c->asset, c->start, c->end, d);
        if (!e && c->left > TC_SHARE_WHOLE)
            e = tc_diag_set(d, TC_E_INVALID, "capacity %zu is over the whole", i + 1);
    }
    return e || !s->n_stocks ? e : check_stocks(s, g, d);
}
