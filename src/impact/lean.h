/* SPDX-License-Identifier: Apache-2.0 */
/* What one outage that never ends does, and nothing else: no returns, no causes, no order of
 * failures, only sums. The graph in an order that keeps a cascade close together in memory
 * (order.h), and one small record for each asset and group that a cascade touches.
 *
 * Not for what the loops of flow services decide (cascade.c): as soon as a failure reaches such a
 * loop, the answer is "ask the full engine". The base is shared and read only; a space belongs to
 * one thread. Places are the numbers of assets in the order of the base. */
#ifndef TC_IMPACT_LEAN_H
#define TC_IMPACT_LEAN_H

#include "impact/cascade.h"
#include "impact/queue.h"

#define TC_LEAN_LOOP UINT32_MAX /* as a budget: a group of a loop; who reaches it gives up */

#define TC_LEAN_ALONE (UINT32_C(1) << 31)

struct tc_lean_group {
    uint32_t owner, budget; /* owner: a place */
    uint32_t lost, epoch;   /* in a space: what this cascade took */
};

struct tc_lean_asset {
    uint32_t out;    /* first edge; the last is before the next asset's first */
    uint32_t people; /* a graph refuses more than fit here */
    uint32_t mark;   /* in a space: 2*epoch = has a time, 2*epoch+1 = failed */
    uint32_t at;     /* when it will fail, as far as is known */
};

struct tc_lean {
    const struct tc_graph *g;
    uint32_t n, m, e;
    uint32_t *order;             /* n: place -> asset */
    uint64_t *joined;            /* a bit for each place: the next one is in its component */
    int8_t *state;               /* n: number of the Member State, -1 = none; NULL = all are -1 */
    bool people;                 /* somebody has people */
    struct tc_lean_group *group; /* m, by owner */
    struct tc_lean_asset *asset; /* n+1 */
    /* e: a group, or TC_LEAN_ALONE | its owner where this one loss is over the budget; the loss
     * (NULL when all are 1); the group's buffer */
    uint32_t *out, *out_loss, *out_buffer;
    /* for tc_batch, made by tc_lean_pull: groups of an asset, suppliers of a group (places) */
    uint32_t *group_first, *in_first, *supplier, *loss;
    uint32_t *out_owner; /* e */
    uint32_t *buffer;    /* m */
};

struct tc_lean_sum {
    uint32_t failed;
    uint64_t seconds, people, people_seconds, states; /* states: a set of bits */
};

enum tc_lean_end { TC_LEAN_DONE, TC_LEAN_OVER, TC_LEAN_FULL, TC_LEAN_NOMEM };

/* The same on any number of threads. */
tc_err tc_lean_make(const struct tc_graph *g, uint32_t threads, struct tc_lean *out) TC_MUST_USE;
tc_err tc_lean_pull(struct tc_lean *l) TC_MUST_USE;
void tc_lean_free(struct tc_lean *l);

struct tc_lean_space {
    const struct tc_lean *l;
    struct tc_lean_group *group;
    struct tc_lean_asset *asset;
    uint32_t *list; /* n: the failed */
    uint32_t epoch;
    struct tc_queue queue;
};

bool tc_lean_space_init(struct tc_lean_space *s, const struct tc_lean *l);
void tc_lean_space_fini(struct tc_lean_space *s);

/* All that ever fails when the asset at `place` does; times stay 0. OVER when more than cap fail,
 * FULL when a loop is reached: *out is then not touched. */
enum tc_lean_end tc_lean_reach(struct tc_lean_space *s, uint32_t place, uint32_t cap,
                               struct tc_lean_sum *out);
/* All that fails up to the horizon, with times; OVER and FULL as above. */
enum tc_lean_end tc_lean_timed(struct tc_lean_space *s, uint32_t place, uint32_t horizon,
                               uint32_t cap, struct tc_lean_sum *out);

#endif
