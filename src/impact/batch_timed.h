/* SPDX-License-Identifier: Apache-2.0 */
/* Up to 64 single outages at once, with times: for each asset and each outage the second of its
 * failure. The timed sister of batch.h. A batch borrows the base, which tc_lean_pull has seen, and
 * belongs to one thread. */
#ifndef TC_IMPACT_BATCH_TIMED_H
#define TC_IMPACT_BATCH_TIMED_H

#include "impact/lean.h"

#define TC_BATCH_TIMED 64u

struct tc_batch_timed;

/* Only where every loss is 1 and no group needs more than eight to be lost without all being
 * needed. */
bool tc_batch_timed_can(const struct tc_graph *g);
struct tc_batch_timed *tc_batch_timed_new(const struct tc_lean *l, uint32_t horizon);
void tc_batch_timed_free(struct tc_batch_timed *b);

/* sums: one for each of the n places (n <= TC_BATCH_TIMED). full: as in tc_batch_run. NOMEM: the
 * batch is good for nothing but tc_batch_timed_free. */
tc_err tc_batch_timed_run(struct tc_batch_timed *b, const uint32_t *places, uint32_t n,
                          struct tc_lean_sum *sums, bool *full) TC_MUST_USE;

#endif
