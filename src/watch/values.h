/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries hold a value: posting lists from the hash of a value to numbers of entries, never
 * pairs. A tail in memory takes the newest; full, it becomes a run (runs.h), and runs are merged
 * eight at a time. Everything is disposable: files that are absent, damaged or of another journal
 * are left out, and tc_values_seq says from where the journal is to be read again.
 *
 *   dir/values-FROM-TO.run      0-131072, 131072-250000, ...: one after the other, without gaps
 *
 * Lists are kept apart by audience, so that what an asker may not read does not even count: neither
 * in the answer nor in whether a value is hot. A value that one audience holds more than
 * TC_MAX_CORRELATED times costs a counter there.
 *
 * Deleted entries are taken out of the files when tc_values_tidy is called; until then they stay in
 * the lists, as hashes. Who asks reads entries through the journal, which does not give them.
 *
 * tc_values_add by one thread; tc_values_find from any meanwhile. */
#ifndef TC_WATCH_VALUES_H
#define TC_WATCH_VALUES_H

#include "watch/runs.h"

struct tc_values;

/* ours: is the journal's entry `seq` the one that was marked so? NULL = it is. */
tc_err tc_values_open(const char *dir, struct tc_hash_key key,
                      bool (*ours)(void *arg, uint64_t seq, uint64_t mark), void *arg,
                      struct tc_values **out) TC_MUST_USE;
void tc_values_close(struct tc_values *v); /* the tail is not kept */
void tc_values_remove(const char *dir);    /* all its files, while nobody has them open */

struct tc_posting {
    uint64_t hash;
    uint32_t audience, seq;
};

uint64_t tc_values_seq(const struct tc_values *v); /* the entries up to here are in */
/* The postings of the entries tc_values_seq < seq <= upto, in order of seq, none twice, at most
 * TC_VALUES_BATCH. mark: of upto. On an error (a run cannot be written) none of them is in. */
#define TC_VALUES_BATCH (1u << 17)
tc_err tc_values_add(struct tc_values *v, const struct tc_posting *p, size_t n, uint64_t upto,
                     uint64_t mark) TC_MUST_USE;

/* Who knows which entries are gone; before the first of the calls below. */
void tc_values_gone(struct tc_values *v, bool (*gone)(void *arg, uint64_t seq), void *arg);
/* Entries that were deleted: the runs that may hold one of from < seq <= to are written anew by
 * tc_values_tidy, in the thread that adds. */
void tc_values_forget(struct tc_values *v, uint64_t from, uint64_t to);
tc_err tc_values_tidy(struct tc_values *v) TC_MUST_USE;
bool tc_values_untidy(const struct tc_values *v);
/* Deletions after this entry are to be told of (tc_values_forget) after opening. */
uint64_t tc_values_clean(const struct tc_values *v);

struct tc_value_found {
    uint64_t count; /* of what may be read; deleted and older versions count too */
    size_t n;       /* = count, unless that is over TC_MAX_CORRELATED: then the newest at hand */
    uint32_t seq[TC_MAX_CORRELATED]; /* newest first */
};

tc_err tc_values_find(struct tc_values *v, uint64_t hash, bool (*may)(void *arg, uint32_t audience),
                      void *arg, struct tc_value_found *f) TC_MUST_USE;

struct tc_values_stats {
    uint64_t runs, disk_bytes, memory_bytes;
};
void tc_values_stats(struct tc_values *v, struct tc_values_stats *out);

#endif
