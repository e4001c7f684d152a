/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of events for a clock that never runs back: a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan,
 * 1990) over the seconds, and a sorted list of kind and number for the present second. Bucket b
 * holds the events whose time differs from the present second first in bit b-1, counted from the
 * lowest; so an event moves down once for each bit of its distance at most, mostly once or twice.
 *
 *     next:  second 12 (1100) --> 14 (1110): the lowest bucket that is not empty is shared out
 *     take:  the events of the present second, sorted
 *
 * The caller owns it; one thread. */
#ifndef TC_IMPACT_QUEUE_H
#define TC_IMPACT_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct tc_queue_bucket {
    uint64_t *keys;
    uint32_t n, cap;
};

struct tc_queue {
    struct tc_queue_bucket bucket[33];
    struct tc_queue_bucket tmp; /* for sorting */
    uint32_t now;
    uint32_t used; /* bit b-1 is set when bucket b (b > 0) is not empty */
};

static inline uint64_t tc_queue_key(uint32_t time, unsigned kind, uint32_t number)
{
    return (uint64_t)time << 34 | (uint64_t)kind << 32 | number; /* time < 2^30, kind < 4 */
}

void tc_queue_init(struct tc_queue *q);
void tc_queue_fini(struct tc_queue *q);
void tc_queue_clear(struct tc_queue *q); /* to second 0; keeps the memory */
/* The time must not lie before the present second. NOMEM. */
tc_err tc_queue_push(struct tc_queue *q, uint64_t key) TC_MUST_USE;
/* Goes on to the second of the next event; false when there is none (or, with *err, no memory). */
bool tc_queue_next(struct tc_queue *q, tc_err *err);
/* Takes all events of the present second, in order of kind and number. keys is valid until the next
 * call of next or take. */
tc_err tc_queue_take(struct tc_queue *q, const uint64_t **keys, size_t *n) TC_MUST_USE;

#endif
