/* SPDX-License-Identifier: Apache-2.0 */
/* Posting lists: for each (community, audience) the ascending seqs of its entries, so that a page
 * of a small community in a large journal costs what the page holds.
 *
 * One thread adds and takes back; any thread reads without a lock. A list may show seqs that are
 * not published yet: a reader stops at its own head. Lists are never removed. */
#ifndef TC_JOURNAL_POSTINGS_H
#define TC_JOURNAL_POSTINGS_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { TC_POSTING_INLINE = 4, TC_POSTING_SEGMENTS = 29 };

/* Position i < 4 is in first; after that segment k holds 8 << k seqs. */
struct tc_posting {
    uint32_t community, audience;
    uint32_t older; /* list of the same community that was made before, 0 = none */
    _Atomic uint32_t n;
    _Atomic uint32_t first[TC_POSTING_INLINE];
    _Atomic(uint32_t) **segments; /* TC_POSTING_SEGMENTS, NULL until the fifth */
};

struct tc_postings;

struct tc_postings *tc_postings_new(void); /* NULL = out of memory */
void tc_postings_free(struct tc_postings *p);

/* Number (from 1) of the list of this pair, made when absent. NOMEM, LIMIT. Writer only. */
tc_err tc_postings_intern(struct tc_postings *p, uint32_t community, uint32_t audience,
                          uint32_t *list) TC_MUST_USE;
tc_err tc_postings_add(struct tc_postings *p, uint32_t list, uint32_t seq) TC_MUST_USE;
/* Takes seq back if it is the newest of the list. */
void tc_postings_take_back(struct tc_postings *p, uint32_t list, uint32_t seq);

const struct tc_posting *tc_postings_of(const struct tc_postings *p, uint32_t list);
/* The newest list of a community (0 = none), then its older ones by .older. */
uint32_t tc_postings_community(struct tc_postings *p, uint32_t community);
uint32_t tc_postings_count(const struct tc_postings *p);
size_t tc_postings_bytes(const struct tc_postings *p);

uint32_t tc_posting_at(const struct tc_posting *l, uint32_t i);
/* How many of the first n seqs are <= seq. */
uint32_t tc_posting_upto(const struct tc_posting *l, uint32_t n, uint64_t seq);

#endif
