/* SPDX-License-Identifier: Apache-2.0 */
/* Observations out of the journal: observed-data together with the objects that they refer to
 * (STIX 2.1 section 4.14; references of those objects too, TC_EVIDENCE_LEVELS deep), as one
 * principal may read them.
 *
 * Ownership: what each() gets lives until it returns. Bounded: TC_EVIDENCE_OBJECTS objects and
 * TC_EVIDENCE_BYTES of text a call; what is over it is missing and counted. One thread. */
#ifndef TC_WATCH_EVIDENCE_H
#define TC_WATCH_EVIDENCE_H

#include "journal/journal.h"
#include "pattern/observation.h"

#define TC_EVIDENCE_LEVELS  4
#define TC_EVIDENCE_OBJECTS 200000u
#define TC_EVIDENCE_BYTES   ((size_t)64 << 20)
/* Missing objects of one observation that are named. */
#define TC_EVIDENCE_MISSING 64
/* Different audiences that one observation may be put together from. */
#define TC_EVIDENCE_AUDIENCES 32

struct tc_evidence_of {
    size_t i; /* which of the bodies */
    yyjson_val *object;
    const struct tc_observation *o;
    /* Whoever may read it all may read each of these (with an audience given; first that one). */
    const struct tc_audience *const *audiences;
    size_t n_audiences;
    /* Ids that it, or what it refers to, refers to, and that are not there (with an audience). */
    const struct tc_str *missing;
    size_t n_missing;
};

typedef tc_err (*tc_evidence_each)(void *arg, const struct tc_evidence_of *e);

struct tc_evidence;
/* p must outlive it. NULL = out of memory. */
struct tc_evidence *tc_evidence_new(struct tc_journal *j, const struct tc_principal *p);
void tc_evidence_free(struct tc_evidence *e); /* NULL is fine */

/* Calls each() for every body that is an observed-data that can be read, in turn. until: of the
 * journal, 0 = head. audience: of one observed-data (then n is 1): where the same object is there
 * several times, the one is taken that all its readers may read too, else a newer one that narrows
 * the audiences. NULL: the newest that the principal may read. each()'s errors end it. */
tc_err tc_evidence_read(struct tc_evidence *e, const struct tc_str *bodies, size_t n,
                        const struct tc_audience *audience, uint64_t until, tc_evidence_each each,
                        void *arg) TC_MUST_USE;

/* For many calls in a row with no audience and one until: what was read once is not read again
 * while it takes at most so many bytes of text. types: ids of other types in object_refs are not
 * followed, since nobody looks at them (n 0: all are; the list must outlive it). */
void tc_evidence_keep(struct tc_evidence *e, size_t bytes, const struct tc_str *types, size_t n);

struct tc_evidence_counts {
    uint64_t unreadable; /* bodies that are no observed-data the engine reads */
    uint64_t cut;        /* objects over the bounds */
};
struct tc_evidence_counts tc_evidence_counts(const struct tc_evidence *e);

#endif
