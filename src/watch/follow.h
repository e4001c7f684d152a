/* SPDX-License-Identifier: Apache-2.0 */
/* The live indicators of a journal as a compiled set (src/pattern), followed row by row, and the
 * observations held against it. Tells of matches; what they mean is match.c's.
 *
 * Each posting of an indicator is an entry of its own. Memory: the set's (set.h), 48 bytes an
 * indicator, 100 bytes for one that is over or was refused. One thread. */
#ifndef TC_WATCH_FOLLOW_H
#define TC_WATCH_FOLLOW_H

#include "journal/journal.h"

/* Time, and entries, read again at a start for patterns over several observations. */
#define TC_FOLLOW_WINDOW         (INT64_C(24) * 3600 * TC_SECOND)
#define TC_FOLLOW_WINDOW_ENTRIES 500000u
/* Matches of one indicator within a day: one that matches everything must not fill the node. */
#define TC_FOLLOW_PER_DAY 10000u

struct tc_follow_match {
    uint64_t indicator;           /* entries of the journal */
    const uint64_t *observations; /* of one binding */
    size_t n;
    tc_time at; /* when the one that completed it came in */
};

typedef tc_err (*tc_follow_tell)(void *arg, const struct tc_follow_match *m);

struct tc_follow;
struct tc_follow *tc_follow_new(struct tc_journal *j, tc_follow_tell tell, void *arg);
void tc_follow_free(struct tc_follow *f); /* NULL is fine */

/* Takes the rows after < seq <= until; what they refer to is read as of head. At the first call,
 * and after a failure, what is before them is read again without telling. */
tc_err tc_follow_rows(struct tc_follow *f, uint64_t after, uint64_t until,
                      uint64_t head) TC_MUST_USE;

/* What was told could not be kept: the next call reads it again. */
void tc_follow_forget(struct tc_follow *f);

struct tc_follow_counts {
    uint64_t indicators, refused; /* live; that the engine did not take */
    uint64_t over_day;            /* over TC_FOLLOW_PER_DAY */
};
struct tc_follow_counts tc_follow_counts(const struct tc_follow *f);

#endif
