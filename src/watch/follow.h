/* SPDX-License-Identifier: Apache-2.0 */
/* The live indicators of a journal, and the rules of packs, as a compiled set (src/pattern),
 * followed row by row, and the observations held against it. Tells of matches that no mute holds
 * back; what they mean is match.c's.
 *
 * Each posting of an indicator is an entry of its own. An indicator with the id of a pack's rule is
 * refused. An observation that names an object which has not come yet is looked at again when it
 * comes (awaited.h). Memory: the set's (set.h), 64 bytes an indicator, 100 bytes for one that is
 * over or was refused. One thread. */
#ifndef TC_WATCH_FOLLOW_H
#define TC_WATCH_FOLLOW_H

#include "journal/journal.h"
#include "pack/rules.h"

/* Read again at a start, so that patterns over several observations go on: what came in within the
 * longest WITHIN of the live ones and what may be late (when.h), at most so long, and at most so
 * many entries. */
#define TC_FOLLOW_WINDOW         (INT64_C(7) * 24 * 3600 * TC_SECOND)
#define TC_FOLLOW_WINDOW_ENTRIES 500000u
/* Matches of one indicator within a day: one that matches everything must not fill the node. */
#define TC_FOLLOW_PER_DAY 10000u

/* Refused patterns, and those without a literal, that are named. */
#define TC_FOLLOW_NAMED 100u

struct tc_follow_match {
    uint64_t indicator;           /* its entry of the journal, or 0 and: */
    const struct tc_rule *pack;   /* a pack's rule */
    const uint64_t *observations; /* of one binding; entries of the journal */
    size_t n;
    uint64_t last;     /* which of them completed it */
    tc_time at;        /* when that came in (or what it waited for) */
    bool parted;       /* the rule has a "per"; then also: */
    struct tc_str per; /* the value */
};

typedef tc_err (*tc_follow_tell)(void *arg, const struct tc_follow_match *m);

struct tc_follow;
/* rules (NULL = none) must outlive it. own: number of the node's organisation, whose mutes count
 * for every rule. */
struct tc_follow *tc_follow_new(struct tc_journal *j, const struct tc_pack_rules *rules,
                                uint32_t own, tc_follow_tell tell, void *arg);
void tc_follow_free(struct tc_follow *f); /* NULL is fine */

/* Takes the rows after < seq <= until; what they refer to is read as of head. At the first call,
 * and after a failure, what is before them is read again without telling. */
tc_err tc_follow_rows(struct tc_follow *f, uint64_t after, uint64_t until,
                      uint64_t head) TC_MUST_USE;

/* One rule against what came in at or after since, until an entry: told as if it had been live all
 * the time, whatever its valid_from says. What mutes it now is held back. Not on a follow that
 * takes rows. NOTFOUND: no such rule is live, or the engine does not take it. */
struct tc_follow_past {
    struct tc_str id;
    tc_time since; /* TC_TIME_NONE = all */
    uint64_t until;
    uint64_t observations;                              /* out */
    void (*progress)(void *arg, uint64_t observations); /* may be NULL; now and then */
    void *arg;
};
tc_err tc_follow_past(struct tc_follow *f, struct tc_follow_past *p) TC_MUST_USE;

/* What was told could not be kept: the next call reads it again. */
void tc_follow_forget(struct tc_follow *f);

struct tc_follow_counts {
    uint64_t indicators, refused;  /* live, of the journal; that the engine did not take */
    uint64_t rules;                /* of packs */
    uint64_t unindexed;            /* patterns without a literal that leads to them */
    uint64_t over_day;             /* matches over TC_FOLLOW_PER_DAY */
    uint64_t mutes, muted;         /* in force; matches that they held back */
    uint64_t awaited, not_awaited; /* observations that wait for an object; that found no room */
    uint64_t remembered, forgotten, partitions, dropped, undecided; /* see set.h */
};
struct tc_follow_counts tc_follow_counts(const struct tc_follow *f);

/* A pattern that is not matched, or only slowly. */
struct tc_follow_named {
    char id[TC_ID_MAX];
    uint32_t audience; /* of the indicator's entry; 0 = a pack's rule */
    char reason[160];  /* "" = it has no literal */
};
/* Up to max of them; returns how many. */
size_t tc_follow_name(const struct tc_follow *f, struct tc_follow_named *out, size_t max);

#endif
