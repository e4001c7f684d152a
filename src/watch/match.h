/* SPDX-License-Identifier: Apache-2.0 */
/* The reader "match": live STIX indicators, and the rules of the packs that are built in, are
 * compiled; observed-data is held against them as it comes in, and what matches becomes a sighting
 * (of the indicator) and a finding, once.
 *
 * An indicator is live from valid_from until valid_until (STIX 2.1 section 4.7), told by the time
 * at which the observation came in; revoked or deleted it ends at once. It meets what comes in
 * after it; for the past there is hunt.h. Each posting of an indicator is matched by itself, so
 * that one community never learns from another's.
 *
 * An indicator with the extension "rule" (model/rule.h) says what its findings say: per, severity,
 * confidence, sentences, about, cooldown. Within the cooldown matches of one value are counted into
 * the finding that stands (told.h). A mute holds its findings back (mutes.h).
 *
 * A sighting and a finding may be read by those only who may read the indicator and all of the
 * evidence (meet.h); when no audience says that, by the node's organisation if it may read them,
 * else they are not made. Ids come from (indicator, value, observations), so that reading it all
 * again changes nothing.
 *
 * After a start the set is made again from the journal: the indicators, then what came in as long
 * before the entry reached as the live patterns look back (TC_FOLLOW_WINDOW at most). */
#ifndef TC_WATCH_MATCH_H
#define TC_WATCH_MATCH_H

#include "node/node.h"

struct tc_match;

/* Adds the reader to the node; before tc_node_start. Reads DIR/warninglists (warnlist.h); a list
 * that cannot be read is an error, d names it. Free after tc_node_close. */
tc_err tc_match_watch(struct tc_node *n, struct tc_match **out, struct tc_diag *d) TC_MUST_USE;
void tc_match_free(struct tc_match *m); /* NULL is fine */

struct tc_match_counts {
    uint64_t indicators, rules, refused; /* live: of the journal, of packs; not taken */
    uint64_t unindexed;                  /* patterns that no literal leads to */
    uint64_t sightings, suppressed;
    uint64_t counted;              /* matches within a cooldown */
    uint64_t nobody;               /* matches that nobody may know of */
    uint64_t over_day;             /* over TC_FOLLOW_PER_DAY */
    uint64_t mutes, muted;         /* in force; matches that they held back */
    uint64_t awaited, not_awaited; /* see follow.h */
    uint64_t remembered, forgotten, partitions, dropped, undecided; /* see set.h */
};
/* As of the end of the last step; any thread. */
struct tc_match_counts tc_match_counts(struct tc_match *m);

/* One rule over the past: what tc_follow_past tells of is written down as live matching writes it,
 * with the same ids, so that doing it again adds nothing. Within a cooldown nothing is counted into
 * a finding that is newer. NOTFOUND; from any thread, beside the reader. */
struct tc_match_past {
    struct tc_str id;
    tc_time since; /* came in at or after it; TC_TIME_NONE = all */
    void (*progress)(void *arg, uint64_t observations); /* may be NULL; now and then */
    void *arg;
    /* out */
    uint64_t observations;
    struct tc_match_counts counts; /* sightings, suppressed, counted, nobody, over_day, muted */
};
tc_err tc_match_past(struct tc_node *n, struct tc_match_past *p, struct tc_diag *d) TC_MUST_USE;

#endif
