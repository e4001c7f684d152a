/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a pattern between its [...]: AND, OR, FOLLOWEDBY, WITHIN, REPEATS, START/STOP (STIX
 * 2.1 sections 9.4, 9.5), decided as observations come in, in any order.
 *
 * A binding gives every [...] an observation of its own; an observation counts number_observed
 * times. The operators look at two numbers of a binding only: F, its latest first_observed, and L,
 * its earliest last_observed. FOLLOWEDBY wants F(left) <= L(right), WITHIN d wants F - L <= d: some
 * moments inside of the observations' intervals fit. A small F and a large L are always better, so
 * for each node the best L for each F is all that must be known: one pass over the observations
 * in the window instead of their combinations. Only where two [...] want the same observation is
 * there more to decide: a flow, and behind it a search with TC_WHEN_WORK steps.
 *
 * An event that is dated later than the clock that comes with it cannot make others expire.
 *
 * Memory: TC_WHEN_MAX_SEEN observations a pattern. What WITHIN of the whole pattern cannot join
 * any more is let go when the latest event lies TC_WHEN_LATE past it; over the bound the oldest are
 * forgotten and counted. One thread. */
#ifndef TC_PATTERN_WHEN_H
#define TC_PATTERN_WHEN_H

#include "pattern/ast.h"

/* [...] that depend on each other, after REPEATS over more than one is written out. */
#define TC_WHEN_MAX_PARTS 64
/* Observations that one pattern remembers. */
#define TC_WHEN_MAX_SEEN 16384u
/* Steps of the search for distinct observations at one arrival. */
#define TC_WHEN_WORK 2000000u
/* How much later than others, by event time, an observation may come in. Microseconds. */
#define TC_WHEN_LATE (INT64_C(600) * TC_SECOND)

/* The id of an observation, counted; shared by the patterns that remember it. */
struct tc_seen_id {
    uint32_t refs, n;
    char p[];
};
struct tc_seen_id *tc_seen_id_new(struct tc_str id); /* one reference; NULL = out of memory */
void tc_seen_id_unref(struct tc_seen_id *id);        /* NULL is fine */

struct tc_when;

/* LIMIT with the reason when the pattern could not be decided in bounded time and memory. */
tc_err tc_when_new(const struct tc_pattern *p, struct tc_when **out, struct tc_diag *d) TC_MUST_USE;
/* Another state for the same pattern; w must outlive it. NOMEM. */
tc_err tc_when_like(const struct tc_when *w, struct tc_when **out) TC_MUST_USE;
void tc_when_free(struct tc_when *w); /* NULL is fine */
/* Forgets the older half of what it remembers, and counts it. */
void tc_when_halve(struct tc_when *w);
/* WITHIN of the whole pattern, microseconds: how far back it looks. INT64_MAX: for ever; 0: one
 * observation alone decides. */
int64_t tc_when_span(const struct tc_when *w);
/* Is all that it remembers out of reach of what comes in now that something was seen at latest? */
bool tc_when_past(const struct tc_when *w, tc_time latest, int64_t late);

/* One observation alone decides: no state, no tc_when_feed. */
bool tc_when_single(const struct tc_when *w);
/* Which part the k-th [...] (from the left, from 0) fills with an observation from first to last:
 * one bit, or 0 when START/STOP excludes it. */
uint64_t tc_when_part(const struct tc_when *w, size_t k, tc_time first, tc_time last);

enum tc_when_verdict { TC_WHEN_NO, TC_WHEN_YES, TC_WHEN_UNDECIDED };

struct tc_when_event {
    tc_time first, last;
    uint32_t number;
    uint64_t parts; /* not 0 */
    struct tc_seen_id *id;
    tc_time clock; /* of whoever feeds; 0 = none */
    bool again;    /* it may have been fed before, with fewer parts */
};

static inline tc_time tc_when_clock(const struct tc_when_event *x)
{
    return x->clock ? x->clock : INT64_MAX;
}

/* YES: there is a legal binding that this observation takes part in; *ids are its observations,
 * each once, until the next call. UNDECIDED: the work was too much. NOMEM. */
tc_err tc_when_feed(struct tc_when *w, const struct tc_when_event *x, int64_t late,
                    enum tc_when_verdict *out, struct tc_seen_id *const **ids,
                    size_t *n) TC_MUST_USE;

struct tc_when_counts {
    uint64_t seen, forgotten, undecided;
};
struct tc_when_counts tc_when_counts(const struct tc_when *w);

#endif
