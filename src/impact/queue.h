/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of events in the order of their time, then kind, then number, for a clock that never
 * runs back: a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, 1990). Keys must not be smaller than
 * the last one taken. Bucket b holds keys whose highest bit that differs from the last key taken is
 * bit b-1, so each key moves down at most 64 times, and mostly once or twice.
 * The caller owns it; one thread. */
#ifndef TC_IMPACT_QUEUE_H
#define TC_IMPACT_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct tc_queue {
    struct tc_queue_bucket {
        uint64_t *keys;
        uint32_t n, cap;
    } bucket[65];
    uint64_t last, used; /* used: bit b-1 is set when bucket b (b > 0) is not empty */
    size_t n;
};

static inline uint64_t tc_queue_key(uint32_t time, unsigned kind, uint32_t number)
{
    return (uint64_t)time << 34 | (uint64_t)kind << 32 | number; /* time < 2^30, kind < 4 */
}

void tc_queue_init(struct tc_queue *q);
void tc_queue_fini(struct tc_queue *q);
void tc_queue_clear(struct tc_queue *q);                            /* keeps the memory */
tc_err tc_queue_push(struct tc_queue *q, uint64_t key) TC_MUST_USE; /* NOMEM */
/* The smallest key without taking it; false when empty (or, with *err set, for want of memory).
 * From now on pushed keys must not be smaller than this one. */
bool tc_queue_peek(struct tc_queue *q, uint64_t *key, tc_err *err);
/* The same for a key with the time of the last one shown (0 at first); false when there is none,
 * and then the lower bound stays where it is. */
bool tc_queue_peek_now(struct tc_queue *q, uint64_t *key, tc_err *err);
void tc_queue_drop(struct tc_queue *q); /* takes what has just been shown */

#endif
