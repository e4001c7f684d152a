/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: one append path, many readers. An entry is one version of one object in one
 * community, or the word that it was deleted. Entries are numbered 1, 2, 3 ... without gaps in the
 * order in which they became durable; what tc_journal_append or a done callback has acknowledged
 * survives kill -9 and power loss (WAL, synchronous=FULL).
 *
 * One writer thread commits for everybody (group commit: all batches that wait share one fsync).
 * The commit path only appends: nothing keyed by random ids is written; id -> newest entry is a
 * table in memory that is rebuilt from the journal at start.
 *
 * Every query takes a principal and passes tc_may_read for every row, and for every field of it
 * that has a marking of its own; there is no other way in. */
#ifndef TC_JOURNAL_JOURNAL_H
#define TC_JOURNAL_JOURNAL_H

#include "base/id.h"
#include "base/time.h"
#include "model/audience.h"

struct tc_journal;

/* ---- opening ---- */

/* Where an entry stands, all of it: what was sealed for one place opens at no other. */
struct tc_journal_place {
    uint64_t seq;
    tc_time added, version; /* TC_TIME_NONE: has none of its own */
    struct tc_uuid uuid;
    struct tc_str type, creator;
    uint32_t audience, community;
    bool revoked, spec_20;
};

/* Who keeps fields sealed at rest (model/sealed.h says what of an object, who calls the journal
 * with which key). What is stored then is no JSON, and what is not sealed can be read from it
 * without a key. seal and reseal run on the writer's thread, the others on any. Each appends to
 * out. */
struct tc_journal_sealer {
    void *arg;
    /* *sealed: the stored form is in out; otherwise there is nothing to seal. asked: the object
     * itself asks for it. An error refuses the whole batch. */
    tc_err (*seal)(void *arg, const struct tc_journal_place *at, bool asked, struct tc_str body,
                   struct tc_buf *out, bool *sealed);
    /* The body as it was received. CORRUPT: damaged, moved, or another key. */
    tc_err (*open)(void *arg, const struct tc_journal_place *at, struct tc_str stored,
                   struct tc_buf *out);
    /* some, a part of what whole says, without the fields that are sealed of whole */
    tc_err (*without)(void *arg, struct tc_str type, struct tc_str whole, struct tc_str some,
                      struct tc_buf *out);
    /* The same under the newest key; *changed false: it is. */
    tc_err (*reseal)(void *arg, const struct tc_journal_place *at, struct tc_str stored,
                     struct tc_buf *out, bool *changed);
};

struct tc_journal_options {
    bool read_only;         /* no writer, no lock; sees what another process appends meanwhile */
    size_t cache_bytes;     /* SQLite page cache of the writer, 0 = a small default */
    tc_time (*clock)(void); /* for date_added; NULL = tc_time_now */
    const struct tc_journal_sealer *sealer; /* copied; NULL: nothing is sealed, nothing opens */
};

/* dir holds journal.db; made when absent (not with read_only: NOTFOUND). BUSY when another process
 * has it open for writing. A read_only journal refuses appends, audiences and cursors: DENIED. */
tc_err tc_journal_open(const char *dir, const struct tc_journal_options *o, struct tc_journal **out,
                       struct tc_diag *d) TC_MUST_USE;
void tc_journal_close(struct tc_journal *j); /* finishes what was submitted; NULL is fine */

/* ---- audiences ---- */

/* Number of this combination, from 1, the same for equal ones; durable before any entry that names
 * it (do not keep it elsewhere: until then a restart may give it to another). USAGE: a list is not
 * ascending; LIMIT. Any thread. */
tc_err tc_journal_audience(struct tc_journal *j, const struct tc_audience *a,
                           uint32_t *out) TC_MUST_USE;
/* The combination behind a number; views live as long as the journal. NULL = no such number. */
const struct tc_audience *tc_journal_audience_of(const struct tc_journal *j, uint32_t number);

/* ---- appending ---- */

enum tc_entry_kind { TC_ENTRY_OBJECT, TC_ENTRY_DELETE };

enum tc_outcome {
    TC_OUT_PENDING,
    TC_OUT_APPENDED,
    TC_OUT_SAME,        /* this id and version is there already in this community, same bytes */
    TC_OUT_DIFFERS,     /* ... with other bytes: what was there is kept */
    TC_OUT_NOT_CREATOR, /* only the creator may version or revoke: created_by_ref must be the same,
                           and the organisation that posts one that posted a version before */
    TC_OUT_REVOKED,     /* revoked is final: no later version */
    TC_OUT_ERASED,      /* erased is final: no version at all, of an object that has versions */
    TC_OUT_GONE         /* deletion of something that is not there */
};

struct tc_entry_in {
    enum tc_entry_kind kind;
    struct tc_str id, type; /* "indicator--...", "indicator"; the id's UUID in uuid */
    struct tc_uuid uuid;
    tc_time version;       /* TC_TIME_NONE: an object without one, its version is its date_added.
                              In a deletion: the one version meant, TC_TIME_NONE = all */
    struct tc_str creator; /* created_by_ref or empty */
    bool revoked, spec_20; /* revoked in a deletion: an erasure, what has versions never returns */
    bool seals;            /* the object itself asks for fields to be sealed at rest */
    bool spared;           /* in an erasure: what was concluded from it stays */
    bool entitled; /* may version what another organisation posted: the node's own does, and the
                      one whose identity created_by_ref names */
    bool lifts;    /* the same version again for more readers, because an embargo is over: appended
                      although it is there, unless it is there for this audience */
    uint32_t audience;  /* from tc_journal_audience; its creator_org is who posts */
    uint32_t community; /* where it is posted */
    struct tc_str body; /* the bytes, empty in a deletion */
    /* result */
    enum tc_outcome outcome;
    uint64_t seq; /* of the new entry, or of the one that is there */
    tc_time added;
};

/* Appends n entries as one unit: either all that are to be appended are durable, or none is (then
 * the error says why: FULL, IO, NOMEM; USAGE: no id, no body, unknown audience; LIMIT: a body over
 * TC_MAX_OBJECT). Blocks until durable, also while too much is waiting. Any thread but the
 * writer's.
 *
 * added rises strictly with seq, whatever the wall clock does. A version older than the newest
 * may arrive late. Objects without a version are not versioned: the same id again is SAME or
 * DIFFERS, whoever sends it. When an embargo is lifted, the entry that was held is no longer given
 * to who reads the new one. A deletion erases the bodies that it deletes in the same transaction
 * and they stop being served, also to readers that are open; the rule about creators and
 * revocation goes on to hold for them, and the same version may be appended again. */
tc_err tc_journal_append(struct tc_journal *j, struct tc_entry_in *entries, size_t n) TC_MUST_USE;

/* True once the bytes of everything that was deleted are in no file of the journal any more: the
 * log that they went through is emptied soon after a deletion and after a start, as soon as no
 * other process reads in it. */
bool tc_journal_wiped(const struct tc_journal *j);
/* For the node's own bookkeeping: entry seq was deleted; the newest entry before `before` of this
 * object that was deleted, 0 = none. */
bool tc_journal_is_gone(const struct tc_journal *j, uint64_t seq);
uint64_t tc_journal_gone_of(struct tc_journal *j, struct tc_str type, const struct tc_uuid *uuid,
                            uint64_t before);

/* Seals the next few hundred entries behind after under the newest key, in one transaction;
 * *reached the last one looked at (the head: all is done), *damaged those that do not open. Any
 * thread. */
tc_err tc_journal_reseal(struct tc_journal *j, uint64_t after, uint64_t *reached,
                         uint64_t *resealed, uint64_t *damaged) TC_MUST_USE;

/* The first erasure in (after, upto] whose conclusions are to go too, 0 = none. */
uint64_t tc_journal_erasure(const struct tc_journal *j, uint64_t after, uint64_t upto);

/* The next entry in (after, upto] with sealed fields that was not deleted, 0 = none. */
uint64_t tc_journal_next_sealed(const struct tc_journal *j, uint64_t after, uint64_t upto);

/* The same without waiting: entries and all their views must live until done is called (on the
 * writer's thread; it must not block). BUSY when too much is waiting: nothing was submitted. */
typedef void (*tc_journal_done)(void *arg, tc_err result);
tc_err tc_journal_submit(struct tc_journal *j, struct tc_entry_in *entries, size_t n,
                         tc_journal_done done, void *arg) TC_MUST_USE;

/* ---- reading ---- */

/* Newest durable entry, 0 = empty. */
uint64_t tc_journal_head(const struct tc_journal *j);
/* date_added of an entry, TC_TIME_NONE when there is none. For the node's own bookkeeping (is this
 * still the journal that I read before?); tells nothing of what the entry is. */
tc_time tc_journal_added_of(const struct tc_journal *j, uint64_t seq);
/* Waits until head > after or the time is over; returns head. */
uint64_t tc_journal_wait(struct tc_journal *j, uint64_t after, int64_t timeout_us);
/* Calls on the writer's thread after each commit, with the new head (to wake event loops); at most
 * 16 can be told. arg NULL and tell NULL are not allowed. tc_journal_on_commit_end returns when no
 * call for this pair runs any more. */
tc_err tc_journal_on_commit(struct tc_journal *j, void (*tell)(void *arg, uint64_t head),
                            void *arg) TC_MUST_USE;
void tc_journal_on_commit_end(struct tc_journal *j, void (*tell)(void *arg, uint64_t head),
                              void *arg);

enum tc_versions { TC_VERSIONS_LAST, TC_VERSIONS_FIRST, TC_VERSIONS_ALL, TC_VERSIONS_GIVEN };

struct tc_query {
    uint32_t community;       /* 0 = any: then LAST and FIRST give one entry of each object */
    uint64_t after;           /* entries with seq > after */
    uint64_t until;           /* and seq <= until; 0 = head at the time of opening. The answer is
                                 as of until: what came later beats nothing */
    size_t limit;             /* rows at most, 0 = all; a hint of how much to read ahead too */
    tc_time added_after;      /* strictly later; TC_TIME_NONE = any */
    bool backwards;           /* newest first */
    const struct tc_str *ids; /* "type--uuid"; empty = any */
    size_t n_ids;
    const uint64_t *seqs;       /* only these entries (what an index found); empty = any */
    size_t n_seqs;              /* not together with ids */
    tc_time lifts_upto;         /* only what has an embargo that is over by then; 0 = any */
    const struct tc_str *types; /* empty = any */
    size_t n_types;
    unsigned versions;    /* bits 1 << tc_versions, OR-ed; 0 = LAST. LAST and FIRST are meant
                             among what the principal may read in that community, of the
                             spec_version asked for */
    const tc_time *given; /* for GIVEN */
    size_t n_given;
    bool with_deletions;   /* also TC_ENTRY_DELETE (for the node's own readers and peers) */
    bool no_body;          /* heads only (manifest, versions): body stays empty */
    bool whole;            /* for the system alone: bodies with all their fields, and what is under
                              an embargo. Without it even the node's own readers get what every
                              reader of the object gets, so that nothing is concluded, found or
                              counted from what somebody among them may not see (model/cut.h); and
                              no field that is sealed at rest, so that no index or file gets it */
    bool spec_20, spec_21; /* both false = both */
    bool newest_spec;      /* of an object that is here in 2.0 and in 2.1, only the latter (TAXII
                              2.1 section 3.4.1: what holds without match[spec_version]) */
};

struct tc_row {
    uint64_t seq; /* 0 = end */
    enum tc_entry_kind kind;
    struct tc_str id, type; /* views live until the next call on this reader */
    struct tc_uuid uuid;
    tc_time added;
    tc_time version; /* = added when the object has none of its own */
    bool revoked, spec_20;
    bool sealed;      /* has fields that are sealed at rest */
    bool unversioned; /* has no version of its own; in a deletion: all versions were meant */
    uint32_t audience, community;
    struct tc_str creator; /* created_by_ref or empty; lives as long as the journal */
    struct tc_str body;    /* as the principal may read it; until the next call; empty in a
                              deletion and with no_body */
};

struct tc_reader;

/* A snapshot of what principal may read, in order of seq; a reader is for one thread. The
 * principal and the query's arrays must outlive it. It holds nothing in the database between
 * calls, so it may be kept as long as one likes. Going on with after = seq of the last row (or
 * until = seq - 1 backwards) in a new reader gives what follows, without loss or repeat. */
tc_err tc_reader_open(struct tc_journal *j, const struct tc_principal *p, const struct tc_query *q,
                      struct tc_reader **out) TC_MUST_USE;
tc_err tc_reader_next(struct tc_reader *r, struct tc_row *row) TC_MUST_USE; /* end: row->seq 0 */
/* What is sealed and does not open (damaged, moved) is passed over and said in the log; only who
 * asks for one id or entry gets CORRUPT. */
void tc_reader_close(struct tc_reader *r);

/* Number of rows that the query would give, without reading bodies. */
tc_err tc_journal_count(struct tc_journal *j, const struct tc_principal *p,
                        const struct tc_query *q, uint64_t *out) TC_MUST_USE;

/* ---- readers' cursors: where a reader of the journal goes on after a restart ---- */

/* get: NOTFOUND when it was never set. set: durable when it returns (one commit: not per row). */
tc_err tc_journal_cursor_get(struct tc_journal *j, const char *reader, uint64_t *seq) TC_MUST_USE;
tc_err tc_journal_cursor_set(struct tc_journal *j, const char *reader, uint64_t seq) TC_MUST_USE;

/* ---- figures ---- */

struct tc_journal_stats {
    uint64_t head;
    uint64_t objects; /* different ids, deleted ones too */
    uint32_t audiences;
    uint64_t memory_bytes; /* of the tables in memory */
    uint64_t queued_bytes; /* waiting for the writer */
    uint64_t sealed;       /* entries with sealed fields, what was deleted not counted */
    int64_t ready_us;      /* from tc_journal_open to ready */
};

void tc_journal_stats(struct tc_journal *j, struct tc_journal_stats *out);

#endif
