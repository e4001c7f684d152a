/* SPDX-License-Identifier: Apache-2.0 */
/* Up to 512 single outages at once, without times: a bit for each outage, one mask of 512 bits for
 * each asset. For cascades that are large and overlap: an asset is worked out once for all of them.
 * A batch borrows the base, which tc_lean_pull has seen, and belongs to one thread. */
#ifndef TC_IMPACT_BATCH_H
#define TC_IMPACT_BATCH_H

#include "impact/lean.h"

#define TC_BATCH 512u

struct tc_batch;

struct tc_batch *tc_batch_new(const struct tc_lean *l); /* NULL = out of memory */
void tc_batch_free(struct tc_batch *b);

/* sums: one for each of the n places (n <= TC_BATCH), times 0. full: true for those that reach a
 * loop, whose sums mean nothing. */
void tc_batch_run(struct tc_batch *b, const uint32_t *places, uint32_t n, struct tc_lean_sum *sums,
                  bool *full);

#endif
