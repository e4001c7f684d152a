/* SPDX-License-Identifier: Apache-2.0 */
/* An order of all assets in which suppliers stand before those they supply, as far as that can be:
 * assets that supply each other round (a component) stand side by side. Inside one level of
 * suppliers they stand by number, so that neighbours in the register stay neighbours in memory. */
#ifndef TC_IMPACT_ORDER_H
#define TC_IMPACT_ORDER_H

#include "impact/graph.h"

/* order: n, the caller's; order[place] = asset. joined: a bit for each place, the caller's, all 0;
 * set where the next place is in the same component. NOMEM. */
tc_err tc_order_make(const struct tc_graph *g, uint32_t *order, uint64_t *joined) TC_MUST_USE;

#endif
