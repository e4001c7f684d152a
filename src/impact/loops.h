/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the loops of flow services in a graph that is otherwise finished, and moves the edges
 * inside loops from the asset's own list to those of its relays. Called once, by tc_graph_finish.
 *
 * A loop is a strongly connected component, of at least two assets, of the edges of one flow
 * service (Tarjan, 1972, without recursion). */
#ifndef TC_IMPACT_LOOPS_H
#define TC_IMPACT_LOOPS_H

#include "impact/graph.h"

/* NOMEM; the graph may then only be freed. Fills everything about relays and out edges. */
tc_err tc_loops_find(struct tc_graph *g) TC_MUST_USE;

#endif
