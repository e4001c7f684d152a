/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read what was concluded from two objects: nobody but those who may read both. Pure. */
#ifndef TC_WATCH_MEET_H
#define TC_WATCH_MEET_H

#include "model/audience.h"

/* An audience whose readers all may read a and b, as wide as one audience can say it: what both
 * share when one of them is open to everybody, when they are equal, when they were posted to the
 * same community or made by the same organisation. Lists are borrowed from a or b. false: no
 * audience says it; then only somebody who is asked about both by tc_may_read may know. */
bool tc_audience_meet(const struct tc_audience *a, const struct tc_audience *b,
                      struct tc_audience *out);
bool tc_audience_eq(const struct tc_audience *a, const struct tc_audience *b);

#endif
