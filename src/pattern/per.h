/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern that holds among observations that share a value ("per"): one state of when.h for each
 * value, by its hash. For every value the answer is the one that the plain pattern gives for the
 * observations that have it (tests/pattern/test_per.c).
 *
 *     new value --feed--> partition --feed--> the same, most recently used
 *                           |  all of it out of reach of WITHIN, by event time: let go
 *                           |  over a bound: the least recently used is dropped, and counted; one
 *                           |  that holds about as much as others forgets its older half
 *
 * Bounds: TC_MAX_PARTITIONS and TC_MAX_PARTITION_SEEN for one pattern, the same over all patterns
 * of a budget (limits.h); over that one the pattern that holds most gives. One thread. */
#ifndef TC_PATTERN_PER_H
#define TC_PATTERN_PER_H

#include "base/hash.h"
#include "pattern/when.h"

struct tc_per;

/* What all patterns of one set hold together. Zeroed with the bounds set. */
struct tc_per_budget {
    size_t max_partitions, max_seen;
    size_t partitions, seen;
    struct tc_per *first; /* all of them */
};

/* w: a state that was never fed; its plan is shared and it must outlive the rest. */
tc_err tc_per_new(const struct tc_when *w, struct tc_per_budget *b,
                  struct tc_per **out) TC_MUST_USE;
void tc_per_free(struct tc_per *p); /* NULL is fine */

/* As tc_when_feed, for the observations of one value. */
tc_err tc_per_feed(struct tc_per *p, struct tc_hash128 value, const struct tc_when_event *x,
                   int64_t late, enum tc_when_verdict *out, struct tc_seen_id *const **ids,
                   size_t *n) TC_MUST_USE;

struct tc_per_counts {
    uint64_t partitions, dropped; /* dropped: they might still have been needed */
    uint64_t seen, forgotten, undecided;
};
struct tc_per_counts tc_per_counts(const struct tc_per *p);

#endif
