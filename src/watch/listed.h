/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a match rests on nothing but values that are on warning lists: of each observation the
 * strings that make a test of the pattern hold (not the negated ones) are looked up. One thread. */
#ifndef TC_WATCH_LISTED_H
#define TC_WATCH_LISTED_H

#include "pattern/observation.h"
#include "watch/warnlist.h"

struct tc_listed;

/* lists must outlive it. SYNTAX, INVALID, LIMIT: no pattern; NOMEM. */
tc_err tc_listed_new(struct tc_warnlists *lists, struct tc_str pattern,
                     struct tc_listed **out) TC_MUST_USE;
void tc_listed_free(struct tc_listed *l); /* NULL is fine */
tc_err tc_listed_see(struct tc_listed *l, const struct tc_observation *o) TC_MUST_USE;
/* The name of a list when every string seen is on one, and there was one; else NULL. Lives as long
 * as the lists. */
const char *tc_listed_by(const struct tc_listed *l);

#endif
