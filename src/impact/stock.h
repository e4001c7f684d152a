/* SPDX-License-Identifier: Apache-2.0 */
/* The stocks of groups where they are more than a time span: tanks that fill slowly, that are used
 * by the hour of the week, that are not full at the start, or of another size than the register
 * says. Part of a cascade's working space; nobody else includes this.
 *
 *      level, in units: a full stock of B seconds, refilled in R seconds (R = 1 where it is at
 *      once), is B * R * 100 units. While the group is lost R units a second go for each percent of
 *      use; while it holds B * 100 units a second come. All whole numbers, nothing is rounded.
 *
 *              holds            lost             holds
 *      full ___________                        ________
 *                      \                      /
 *                       \                    /          empty at the second in which the level
 *                        \__________________/           has come to 0 */
#ifndef TC_IMPACT_STOCK_H
#define TC_IMPACT_STOCK_H

#include "impact/scenario.h"

struct tc_tank {
    uint64_t level;  /* at second `ref` */
    uint64_t before; /* what it was before the group held again in second `ref` */
    uint32_t ref, run;
};

struct tc_tanks {
    const struct tc_graph *g;
    struct tc_tank *tank; /* m */
    uint32_t *change;     /* m: index + 1 into stocks; 0 = none */
    struct tc_stock *stocks;
    size_t n_stocks, stock_cap;
    uint32_t run;
    tc_time start;
    size_t bytes;
};

struct tc_tanks *tc_tanks_new(const struct tc_graph *g); /* NULL = out of memory */
void tc_tanks_free(struct tc_tanks *t);                  /* NULL is fine */

/* Before a run. */
tc_err tc_tanks_begin(struct tc_tanks *t, const struct tc_scenario *s) TC_MUST_USE;

/* The buffer of group k in this run, where the register (or the draw) says `buffer`. */
uint32_t tc_tanks_buffer(const struct tc_tanks *t, uint32_t k, uint32_t buffer);

/* The group stops holding; returns when it will be empty, TC_NEVER if that is never. */
uint32_t tc_tanks_lost(struct tc_tanks *t, uint32_t k, uint32_t buffer, uint32_t now);
/* It holds again; drained: it was DRAINING, else EMPTY. */
void tc_tanks_gained(struct tc_tanks *t, uint32_t k, uint32_t buffer, uint32_t now, bool drained);
/* It is lost again: in the second in which it was gained (as if it never had), or while RESTORING.
 */
void tc_tanks_undone(struct tc_tanks *t, uint32_t k, bool drained);

#endif
