/* SPDX-License-Identifier: Apache-2.0 */
/* How a time within a range is spread, as a register writes it:
 *
 *      uniform             every second of the range as likely as another (when nothing is said)
 *      triangular PT6H     most likely six hours, less and less towards both ends
 *      lognormal           the logarithm is normal, with 5 % below the range and 5 % above it;
 *                          only what lies within the range is drawn
 *
 * No draw ever leaves the range, so its ends stay what they say: the worst and the best case. */
#ifndef TC_BASE_DRAW_H
#define TC_BASE_DRAW_H

#include "base/str.h"

enum tc_draw { TC_DRAW_UNIFORM, TC_DRAW_TRIANGULAR, TC_DRAW_LOGNORMAL };

/* SYNTAX; INVALID when the likely value is outside of the range, or a lognormal range begins at 0.
 * likely: lo unless triangular. */
tc_err tc_draw_parse(struct tc_str s, int64_t lo, int64_t hi, enum tc_draw *kind,
                     int64_t *likely) TC_MUST_USE;

/* A whole number lo..hi; u has 64 even random bits. The same u gives more for a later range. */
uint32_t tc_draw_take(enum tc_draw kind, uint32_t lo, uint32_t likely, uint32_t hi, uint64_t u);

#endif
