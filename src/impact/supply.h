/* SPDX-License-Identifier: Apache-2.0 */
/* Suppliers that can carry only so much: who is served, and who is shed. Part of a cascade's
 * working space; nobody else includes this. The rule stands in cascade.c ("Capacity"). */
#ifndef TC_IMPACT_SUPPLY_H
#define TC_IMPACT_SUPPLY_H

#include "impact/scenario.h"

struct tc_cascade;

struct tc_supply_edge {
    uint32_t group, supplier;
    uint32_t at, until; /* first time shed: [at, until) */
    bool gone;          /* the supplier is down (or, inside a loop, not fed) */
    bool shed;          /* it stands, but cannot carry this one */
    bool touched;
};

struct tc_supply {
    const struct tc_graph *g;
    const struct tc_scenario *scenario;
    uint32_t *first, *edge;       /* n+1, e: edges of a supplier in the order of service */
    uint32_t *out_edge;           /* like g->out: which edge that is */
    uint32_t *relay_edge;         /* like g->relay_out */
    struct tc_supply_edge *edges; /* e */
    uint64_t *total;              /* m: what the group draws from all its suppliers together */
    uint64_t *present;            /* m: and from those that serve it now */
    uint64_t *can;                /* n: what the asset can carry now, TC_UNLIMITED */
    uint64_t *asked;              /* n: all that could be drawn from it */
    bool *dirty;                  /* n: waits in list */
    bool *moved;                  /* n: can is not what the register says */
    uint32_t *list, list_n;
    uint32_t *short0, short0_n; /* suppliers that are short with everything up, at their busiest */
    uint32_t *timed, timed_n;   /* suppliers with a bound and a customer that has a calendar */
    uint32_t at, last;          /* the second that is looked at; from `last` on the hour stays */
    bool returning;
    uint32_t *touched_e, *touched_s, touched_en, touched_sn;
    size_t bytes;
};

struct tc_supply *tc_supply_new(const struct tc_graph *g); /* NULL = out of memory */
void tc_supply_free(struct tc_supply *s);                  /* NULL is fine */

void tc_supply_begin(struct tc_supply *s, const struct tc_scenario *scenario, uint32_t last);
/* In second 0, before what is lost: some are short with everything up. */
void tc_supply_short(struct tc_supply *s);
/* The next second after `now` in which some calendar may change; TC_NEVER when none counts. */
uint32_t tc_supply_tick(const struct tc_supply *s, uint32_t now);
/* In such a second, in both of its halves. */
void tc_supply_hour(struct tc_supply *s);
/* What the scenario's capacities come to at c->now; starting: those that begin now count already.
 */
void tc_supply_measure(struct tc_cascade *c, uint32_t asset, bool starting);
/* In place of cut_edges and mend_edges. */
void tc_supply_cut(struct tc_cascade *c, uint32_t node);
void tc_supply_mend(struct tc_cascade *c, uint32_t node);
/* Looks at suppliers whose load has grown (or fallen, when returning) until none is left or an
 * asset waits in the work list. */
void tc_supply_settle(struct tc_cascade *c, bool returning);
/* The edge by which this supplier serves the group. */
uint32_t tc_supply_edge_of(const struct tc_graph *g, uint32_t group, uint32_t supplier);
static inline bool tc_supply_shed_at(const struct tc_supply *s, uint32_t edge, uint32_t t)
{
    return s && s->edges[edge].at <= t && t < s->edges[edge].until;
}

#endif
