/* SPDX-License-Identifier: Apache-2.0 */
/* Use by the hour of the week, in percent of what is usual, as a register writes it:
 *
 *      40%; Mo-Fr 07-19 100%; Sa,Su 22-06 10%; UTC+01:00
 *
 * Everything is 100% until a rule says otherwise; later rules win. A rule is days (Mo Tu We Th Fr
 * Sa Su, ranges, commas; none = every day), hours from-to (whole hours, 0 to 24; over midnight when
 * to is not after from: then the hours before `to` are those of the same day's morning) and a
 * percentage, 0 to 1000. Clock times are UTC unless an offset is stated, and follow no change to
 * summer time. */
#ifndef TC_BASE_WEEK_H
#define TC_BASE_WEEK_H

#include "base/time.h"

#define TC_WEEK_HOURS   168
#define TC_WEEK_SECONDS 604800u
#define TC_WEEK_MOST    1000 /* percent */

struct tc_week {
    uint16_t percent[TC_WEEK_HOURS]; /* from Monday 00:00 */
    int32_t offset;                  /* seconds east of UTC */
};

/* SYNTAX, or LIMIT (a percentage over 1000). */
tc_err tc_week_parse(struct tc_str s, struct tc_week *out) TC_MUST_USE;
/* Seconds since Monday 00:00 of the week's own clock. */
uint32_t tc_week_second(const struct tc_week *w, tc_time t);
uint16_t tc_week_most(const struct tc_week *w);

/* Percent times seconds: what is used from second `from` of the week on in the next n seconds. */
uint64_t tc_week_use(const struct tc_week *w, uint32_t from, uint64_t n);
/* The least n for which that is `amount` or more; UINT64_MAX when nothing is ever used. */
uint64_t tc_week_lasts(const struct tc_week *w, uint32_t from, uint64_t amount);

#endif
