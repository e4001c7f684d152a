/* SPDX-License-Identifier: Apache-2.0 */
/* Outages of several assets at once: every pair of a chosen set, or any groups of assets (one
 * valley, one cable duct). Beside what fails together stands what the members would do alone: the
 * difference is what only the coincidence does, such as two feeds of one hospital. */
#ifndef TC_IMPACT_PAIRS_H
#define TC_IMPACT_PAIRS_H

#include "impact/cascade.h"

struct tc_together {
    uint32_t first, second; /* of a pair; of other groups the caller's own numbers */
    uint32_t failed, member_states;
    uint64_t people, people_seconds;
    uint64_t alone; /* people_seconds of those that one of the members would take down by itself */
};

/* Assets down from second 0 for good; what fails without any outage is not counted. NOMEM, LIMIT
 * (horizon), INVALID. */
tc_err tc_together_run(struct tc_cascade *c, const struct tc_graph *g, const uint32_t *assets,
                       size_t n, uint32_t horizon, struct tc_together *out) TC_MUST_USE;
/* rows: n * (n - 1) / 2, the caller's; the gravest coincidence first. enough: asked before each
 * pair, TIMEOUT when it says so; NULL = nobody is in a hurry. */
tc_err tc_pairs_run(struct tc_cascade *c, const struct tc_graph *g, const uint32_t *assets,
                    size_t n, uint32_t horizon, struct tc_together *rows, bool (*enough)(void *arg),
                    void *arg) TC_MUST_USE;

#endif
