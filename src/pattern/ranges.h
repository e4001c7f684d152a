/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals of whole numbers, and which of them hold a number: a balanced tree by lower end, each
 * node with the highest upper end under it. Adding and removing cost log n, a question log n for
 * each answer at the most; nothing that does not hold the number is told.
 *
 *          [4, 9] <= 20                      20 is the highest end under it
 *         /          \
 *   [1, 3] <= 7    [8, 20] <= 20     12: right of 9, so not the root; left: 7 < 12, none;
 *        \                                right: 8 <= 12 <= 20, told
 *       [2, 7] <= 7
 *
 * One thread. */
#ifndef TC_PATTERN_RANGES_H
#define TC_PATTERN_RANGES_H

#include "base/err.h"

#include <stddef.h>

struct tc_ranges;
struct tc_ranges *tc_ranges_new(void); /* NULL = out of memory */
void tc_ranges_free(struct tc_ranges *r);

/* lo <= hi, both inside. *at names it until it is removed. NOMEM, LIMIT. */
tc_err tc_ranges_add(struct tc_ranges *r, int64_t lo, int64_t hi, uint32_t tag,
                     uint32_t *at) TC_MUST_USE;
void tc_ranges_remove(struct tc_ranges *r, uint32_t at);
/* Tells the tags of those that hold x, in no stated order; anything but OK ends it. The set must
 * not be changed inside. */
tc_err tc_ranges_holding(const struct tc_ranges *r, int64_t x,
                         tc_err (*tell)(void *arg, uint32_t tag), void *arg) TC_MUST_USE;
size_t tc_ranges_count(const struct tc_ranges *r);

/* Doubles as whole numbers in the same order; neighbours are neighbours. Not for NaN. */
int64_t tc_ranges_ordinate(double d);

#endif
