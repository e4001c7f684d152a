/* SPDX-License-Identifier: Apache-2.0 */
/* The needs of one asset exchanged in a finished graph. What comes out is, number by number, the
 * graph that the builder would have made of the changed register (but for the numbers of services),
 * so draws, ties and explanations are the same; it costs a walk over the arrays, about a
 * millisecond for 500,000 edges, instead of a new graph.
 *
 * Some changes cannot be done so: a loop of a flow service is made or touched, a service is new, or
 * an array is missing that the change needs. Then `whole` is set and nothing was changed.
 *
 * The graph must be nobody's but the caller's thread's meanwhile; whoever works on it (tc_cascade)
 * has to follow before its next run. */
#ifndef TC_IMPACT_PATCH_H
#define TC_IMPACT_PATCH_H

#include "impact/cascade.h"

struct tc_graph_patch {
    bool whole; /* not done: a new graph is needed */
    uint32_t asset;
    uint32_t first;        /* its first group; the groups after them are renumbered */
    uint32_t old_n, new_n; /* groups of the asset before and after */
    uint32_t m;            /* groups of the graph after it */
    uint32_t *near;        /* the asset, its suppliers before and after; owned, may repeat */
    uint32_t n_near;
};

/* specs: all groups of the asset from now on, in order; asset and suppliers by their numbers in the
 * graph, no supplier twice in a group. INVALID or LIMIT: one of them is none (tc_graph_check_group
 * says what is wrong); NOMEM. After an error the graph is as it was. */
tc_err tc_graph_set_groups(struct tc_graph *g, uint32_t asset, const struct tc_group_spec *specs,
                           size_t n, struct tc_graph_patch *out) TC_MUST_USE;
void tc_graph_patch_fini(struct tc_graph_patch *p);

/* Brings a working space up to the graph that it borrows: all patches since it was made or brought
 * up last, in their order. After NOMEM it may only be freed. What fails without any outage is not
 * looked for again: the caller has seen to it that nothing of the kind is among `near`. */
tc_err tc_cascade_patched(struct tc_cascade *c, const struct tc_graph_patch *p,
                          size_t n) TC_MUST_USE;

#endif
