/* SPDX-License-Identifier: Apache-2.0 */
/* The derived index: a reader of the journal that keeps index.db beside it. It answers "which
 * entries refer to this object, have these words, lie in this box (and were there in this time)".
 * Which hold a value is kept by values.h. It is disposable: deleted, damaged, or of another
 * journal, it is made again from entry 1.
 *
 * Nothing is given out of the index itself. What it finds are numbers of entries, and these are
 * read again through the journal for the principal who asks, newest first; so an answer can be
 * behind (tc_index_lag says by how much) but never show what may not be read or is deleted. Answers
 * are not ranked: a rank would be reckoned over what the principal may not know.
 *
 * Schema 4 (index.db, WAL, synchronous=NORMAL, secure_delete):
 *   meta     name TEXT PRIMARY KEY, value       cursor, its date_added, hash key, schema
 *   posting  kind, key, seq: PRIMARY KEY        kinds in extract.h; key = keyed hash
 *   held     seq INTEGER PRIMARY KEY, community, version, keys    to take an entry out again
 *   words    FTS5(text), rowid = seq
 *   place    R*Tree(seq, south, north, west, east, since, until)
 *
 * tc_index_step by one thread at a time; searches from any thread meanwhile. */
#ifndef TC_WATCH_INDEX_H
#define TC_WATCH_INDEX_H

#include "journal/journal.h"
#include "watch/extract.h"

struct tc_index;

/* dir holds index.db; made, or made anew, when it is not there or not usable. */
tc_err tc_index_open(const char *dir, struct tc_journal *j, struct tc_index **out,
                     struct tc_diag *d) TC_MUST_USE;
void tc_index_close(struct tc_index *x);
void tc_index_unlink(const char *dir); /* its files, while nobody has them open */

/* Reads on, about so many entries, as one transaction; *done = how far it came, 0 = up to date (the
 * call has then perhaps used the time to tidy up after deletions). */
tc_err tc_index_step(struct tc_index *x, size_t most, size_t *done) TC_MUST_USE;

uint64_t tc_index_seq(const struct tc_index *x); /* indexed up to this entry */
uint64_t tc_index_lag(struct tc_index *x);       /* entries behind the journal */
bool tc_index_untidy(const struct tc_index *x);  /* a step with nothing new to read tidies up */

enum tc_search_kind {
    TC_SEARCH_KEY,   /* key: ID, EDGE... (an object's id) */
    TC_SEARCH_WORDS, /* text: words that must all be there; the last may be a beginning ("pow*") */
    TC_SEARCH_BOX    /* south .. north, west .. east; west > east crosses the date line. With since
                        and until only what was then, about (some minutes more at either end), and
                        what says no time */
};

struct tc_search {
    enum tc_search_kind kind;
    enum tc_key_kind key;
    struct tc_str text;
    double south, north, west, east;
    tc_time since, until; /* of a box; both 0 = any */
    uint64_t below;       /* only entries before this one; 0 = any */
};

struct tc_hits;

/* Entries that are found and that pass q for this principal, newest first (q.backwards, ids and
 * seqs are set by this function). With q.until = tc_index_seq of the first page and s.below = the
 * last entry shown, pages go on without loss or repeat. p, q's arrays and s's text must outlive the
 * hits. USAGE: no words; a box that is none. */
tc_err tc_index_search(struct tc_index *x, const struct tc_principal *p, const struct tc_search *s,
                       const struct tc_query *q, struct tc_hits **out) TC_MUST_USE;
tc_err tc_hits_next(struct tc_hits *h, struct tc_row *row) TC_MUST_USE; /* end: row->seq 0 */
void tc_hits_close(struct tc_hits *h);

#endif
