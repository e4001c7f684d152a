/* SPDX-License-Identifier: Apache-2.0 */
/* journal.db: one SQLite connection and its statements. The writer has one that writes; readers
 * share a few that read. A connection is used by one thread at a time.
 *
 * Schema 1, page size 16 KiB, WAL, synchronous=FULL, secure_delete:
 *
 *   entry     seq INTEGER PRIMARY KEY      1 2 3 ... without gaps; nothing else is indexed
 *             added INTEGER                microseconds, strictly rising with seq
 *             flags INTEGER                1 DELETE, 2 revoked (1 + 2 erased), 4 STIX 2.0,
 *                                          64 sealed fields, 128 in an erasure: conclusions stay
 *             audience, community INTEGER
 *             type INTEGER                 name(1, number)
 *             uuid BLOB                    16 bytes; with type the object's id
 *             version INTEGER              microseconds; NULL = none of its own, in a DELETE: all
 *             prev INTEGER                 entry before of the same id, 0 = first
 *             creator INTEGER              name(2, number), 0 = none
 *             body BLOB                    the bytes, or model/sealed.h's form; x'' in a DELETE and
 * in what was deleted audience  number INTEGER PRIMARY KEY, bytes BLOB (names.h) name      kind,
 * number, text; kind 1 = type of object, 2 = created_by_ref cursor    reader TEXT PRIMARY KEY, seq
 *
 * The body stands last, so that the scan at start-up reads only the beginning of each row. */
#ifndef TC_JOURNAL_STORE_H
#define TC_JOURNAL_STORE_H

#include "journal/heads.h"

enum tc_name_kind { TC_NAME_TYPE = 1, TC_NAME_CREATOR = 2 };

struct tc_store;

/* Opens dir/journal.db; a writing one makes and migrates it. cache_bytes 0 = 4 MiB to write,
 * 1 MiB to read. NOTFOUND, CORRUPT, UNSUPPORTED (made by a later program), IO. */
tc_err tc_store_open(const char *dir, bool write, size_t cache_bytes, struct tc_store **out,
                     struct tc_diag *d) TC_MUST_USE;
void tc_store_close(struct tc_store *s);

/* ---- writing ---- */

tc_err tc_store_begin(struct tc_store *s) TC_MUST_USE;
tc_err tc_store_commit(struct tc_store *s) TC_MUST_USE; /* durable when OK; else roll back */
void tc_store_rollback(struct tc_store *s);

tc_err tc_store_entry(struct tc_store *s, uint64_t seq, const struct tc_head *h,
                      struct tc_str body) TC_MUST_USE;
tc_err tc_store_erase(struct tc_store *s, uint64_t seq) TC_MUST_USE;
tc_err tc_store_body_set(struct tc_store *s, uint64_t seq, struct tc_str body) TC_MUST_USE;
tc_err tc_store_audience(struct tc_store *s, uint32_t number, struct tc_str bytes) TC_MUST_USE;
tc_err tc_store_name(struct tc_store *s, enum tc_name_kind kind, uint32_t number,
                     struct tc_str text) TC_MUST_USE;
tc_err tc_store_cursor_set(struct tc_store *s, const char *reader, uint64_t seq) TC_MUST_USE;

/* Frames of the write-ahead log that have not been moved into the database; all its frames. */
int tc_store_wal_frames(const struct tc_store *s);
int tc_store_log_frames(const struct tc_store *s);
/* Moves the log into the database; truncate also empties the log file, so that what was erased is
 * in no file. BUSY when a reader is in the way (nothing is lost, try later). */
tc_err tc_store_checkpoint(struct tc_store *s, bool truncate) TC_MUST_USE;

/* ---- reading ---- */

/* One view of the database for several calls. */
tc_err tc_store_view(struct tc_store *s) TC_MUST_USE;
void tc_store_view_end(struct tc_store *s);

/* In order of seq; a callback's error ends the scan and is returned. */
typedef tc_err (*tc_store_head)(void *ctx, uint64_t seq, const struct tc_head *h);
tc_err tc_store_heads(struct tc_store *s, uint64_t after, tc_store_head cb, void *ctx) TC_MUST_USE;
typedef tc_err (*tc_store_text)(void *ctx, uint32_t number, struct tc_str text);
tc_err tc_store_audiences(struct tc_store *s, uint32_t after, tc_store_text cb,
                          void *ctx) TC_MUST_USE;
tc_err tc_store_names(struct tc_store *s, enum tc_name_kind kind, uint32_t after, tc_store_text cb,
                      void *ctx) TC_MUST_USE;
/* Bodies of lo <= seq <= hi, rising or falling; the text lives until the callback returns. */
typedef tc_err (*tc_store_body)(void *ctx, uint64_t seq, struct tc_str body);
tc_err tc_store_bodies(struct tc_store *s, uint64_t lo, uint64_t hi, bool falling, tc_store_body cb,
                       void *ctx) TC_MUST_USE;
tc_err tc_store_cursor_get(struct tc_store *s, const char *reader, uint64_t *seq) TC_MUST_USE;

#endif
