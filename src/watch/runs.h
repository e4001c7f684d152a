/* SPDX-License-Identifier: Apache-2.0 */
/* A run: postings of a stretch of the journal, sorted by value, in one file that never changes.
 * Made beside and renamed, so a run is whole or absent; its sum is checked when it is opened.
 *
 *   offset  bytes  (little-endian)
 *   0       8      "tcvalue2"
 *   8       8      sum of what follows the header, chunk by chunk, with the store's key
 *   16      8 8    from, to: the run covers entries from < seq <= to
 *   32      8      mark: date_added of entry `to`, says which journal this was
 *   40      8 8    offset of the block index, number of blocks
 *   56      8      clean: what deletions up to this entry took away is not in here
 *   64      8      sum of the header before this
 *   72      ...    groups, by (hash, audience): varints hash - the hash before (in the block),
 *                  audience, count, first seq - from, then differences; ascending
 *   index   16     first hash of a block, its offset; a block has TC_RUN_BLOCK groups
 *
 * A group has all its numbers of entries up to TC_MAX_CORRELATED; beyond that it is a counter with
 * the newest TC_HOT_KEPT of them; one of these may stand there twice, in the place of one that was
 * deleted. */
#ifndef TC_WATCH_RUNS_H
#define TC_WATCH_RUNS_H

#include "base/hash.h"
#include "base/limits.h"

#include <stdbool.h>

#define TC_RUN_BLOCK 64

struct tc_group {
    uint64_t hash;
    uint32_t audience;
    uint64_t count; /* 0 = end */
    uint32_t n;     /* = count, or TC_HOT_KEPT when count > TC_MAX_CORRELATED */
    uint32_t seq[TC_MAX_CORRELATED];
};

/* more follows g in the journal: same hash and audience, all its numbers higher. */
void tc_group_join(struct tc_group *g, const struct tc_group *more);

struct tc_run;

struct tc_run_info {
    uint64_t from, to, mark;
    uint64_t bytes;
    uint64_t clean;
};

/* CORRUPT when it is not a whole run of this key. */
tc_err tc_run_open(const char *path, struct tc_hash_key key, struct tc_run **out) TC_MUST_USE;
void tc_run_close(struct tc_run *r); /* NULL is fine */
const struct tc_run_info *tc_run_info(const struct tc_run *r);

/* Reading on from a place; any number of places by any threads. */
struct tc_run_at {
    uint64_t offset, hash, left; /* left of this block */
};
void tc_run_seek(const struct tc_run *r, uint64_t hash, struct tc_run_at *at); /* 0 = all */
/* The next group; count 0 at the end. CORRUPT. */
tc_err tc_run_next(const struct tc_run *r, struct tc_run_at *at, struct tc_group *g) TC_MUST_USE;

struct tc_run_writer;
tc_err tc_run_write(const char *path, struct tc_hash_key key, const struct tc_run_info *info,
                    struct tc_run_writer **out) TC_MUST_USE;
tc_err tc_run_add(struct tc_run_writer *w, const struct tc_group *g) TC_MUST_USE; /* in order */
/* Durable under its name when it says OK; else nothing is left. Frees w either way. */
tc_err tc_run_finish(struct tc_run_writer *w, tc_err so_far) TC_MUST_USE;

#endif
