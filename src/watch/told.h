/* SPDX-License-Identifier: Apache-2.0 */
/* What was told of a rule with a cooldown, so that matches within it are counted into the finding
 * that stands, instead of making more. For each (rule, value of per, audience) findings are
 * numbered 0, 1, 2 ...: their ids are derived from that, so that the newest is found in the journal
 * without an index, also after a restart.
 *
 *     no finding, or cooldown over --match--> finding n+1 open
 *     open --match--> counted; a new version at the first TC_TOLD_VERSIONS and then at each
 * doubling open --match that is in it, or older than its newest version--> nothing: it is read
 * again
 *
 * A count in a version is exact when it is written; after a restart what came in between two
 * doublings is not known. Memory: TC_TOLD_MAX findings, then all are read anew. One thread. */
#ifndef TC_WATCH_TOLD_H
#define TC_WATCH_TOLD_H

#include "journal/journal.h"

#define TC_TOLD_MAX      10000u
#define TC_TOLD_VERSIONS 20u
/* Observations that one finding of a rule with a cooldown names; more are counted. */
#define TC_TOLD_EVIDENCE 50u

struct tc_told_finding {
    char id[TC_ID_MAX];
    tc_time opened, modified; /* of the first and the newest version; milliseconds */
    tc_time first, last;      /* of the observations */
    uint64_t matches, count;  /* count: observations */
    struct tc_str evidence[TC_TOLD_EVIDENCE];
    uint32_t n_evidence;
};

struct tc_told;
struct tc_told *tc_told_new(struct tc_journal *j); /* NULL = out of memory */
void tc_told_free(struct tc_told *t);              /* NULL is fine */
void tc_told_forget(struct tc_told *t); /* what was told could not be kept: read it anew */

/* At the next new one it forgets: what was told must be in the journal by then. */
bool tc_told_full(const struct tc_told *t);

struct tc_told_match {
    struct tc_str rule, value;
    uint32_t audience;             /* number */
    int64_t cooldown;              /* microseconds */
    tc_time made;                  /* milliseconds */
    const struct tc_str *evidence; /* ids */
    const uint64_t *numbers;       /* number_observed of each */
    size_t n;
    struct tc_str last; /* id of the one that completed it */
    tc_time first_seen, last_seen;
};

enum tc_told_what {
    TC_TOLD_BEFORE,  /* nothing to write */
    TC_TOLD_COUNTED, /* the same: it will be in a later version */
    TC_TOLD_OPENED,
    TC_TOLD_AGAIN /* a version more */
};

/* *out lives until the next call. */
tc_err tc_told(struct tc_told *t, const struct tc_told_match *m, enum tc_told_what *what,
               const struct tc_told_finding **out) TC_MUST_USE;

#endif
