/* SPDX-License-Identifier: Apache-2.0 */
/* The heads of all entries in memory: everything but the bodies, by columns, 52 bytes an entry.
 * Beside them the table id -> newest entry, the chains of versions, the posting lists.
 *
 *   seq      1 2 3 ... head | head+1 ... pending
 *            published        applied, not yet durable
 *
 * One thread applies, then either publishes (the transaction is durable) or undoes everything
 * pending (it failed); undo leaves exactly what was there. The same tc_heads_apply serves start-up
 * and appending, so both build the same thing. Any thread reads columns of published entries
 * without a lock; chunks never move. An entry's bits may change after publishing only by GONE. */
#ifndef TC_JOURNAL_HEADS_H
#define TC_JOURNAL_HEADS_H

#include "base/id.h"
#include "base/time.h"
#include "journal/postings.h"
#include "journal/slots.h"

enum tc_head_flag {
    TC_HEAD_DELETE = 1,        /* an entry of kind DELETE */
    TC_HEAD_REVOKED = 2,       /* the object says revoked: true; in a DELETE: erased, for good */
    TC_HEAD_SPEC_20 = 4,       /* a STIX 2.0 object */
    TC_HEAD_UNVERSIONED = 8,   /* has no version of its own; in a DELETE: all versions */
    TC_HEAD_GONE = 16,         /* deleted by a later, published entry */
    TC_HEAD_GONE_PENDING = 32, /* the writer has deleted it, not yet durable */
    TC_HEAD_SEALED = 64,       /* the stored body has sealed fields (model/sealed.h) */
    TC_HEAD_SPARED = 128       /* in an erasure: what was concluded from it stays */
};

/* Those that are written down. */
#define TC_HEAD_STORED                                                                             \
    (TC_HEAD_DELETE | TC_HEAD_REVOKED | TC_HEAD_SPEC_20 | TC_HEAD_SEALED | TC_HEAD_SPARED)

/* An erased object is revoked before any version that it could have. */
#define TC_HEADS_ERASED (TC_TIME_MIN - 1)

enum { TC_CHUNK_BITS = 16, TC_CHUNK = 1 << TC_CHUNK_BITS, TC_CHUNKS = 1 << (32 - TC_CHUNK_BITS) };

struct tc_chunk {
    tc_time added[TC_CHUNK];
    tc_time version[TC_CHUNK]; /* = added when unversioned */
    struct tc_uuid uuid[TC_CHUNK];
    uint32_t list[TC_CHUNK];         /* posting list: community and audience */
    _Atomic uint32_t info[TC_CHUNK]; /* type << 8 | flags */
    uint32_t creator[TC_CHUNK];      /* interned, 0 = none */
    uint32_t prev[TC_CHUNK];         /* entry before of the same id, 0 = first */
    _Atomic uint32_t next[TC_CHUNK]; /* entry after; beyond the head: not there yet */
};

struct tc_head {
    tc_time added, version;
    struct tc_uuid uuid;
    uint32_t type, audience, community, creator;
    uint32_t prev; /* out of tc_heads_get; tc_heads_apply finds it by itself */
    unsigned flags;
};

struct tc_heads {
    struct tc_chunk **chunks; /* TC_CHUNKS */
    _Atomic uint64_t head;
    uint64_t pending;      /* writer only */
    tc_time last_added;    /* of the newest pending entry; writer only */
    struct tc_slots *ids;  /* hash of id -> newest pending entry */
    struct tc_slots *same; /* hash of id, version, community -> entry; for ids with two or more */
    struct tc_postings *postings;
    struct tc_map *revoked; /* id -> its earliest revoked version; writer only */
    struct tc_heads_undo *undo;
};

struct tc_heads *tc_heads_new(void); /* NULL = out of memory */
void tc_heads_free(struct tc_heads *h);

/* ---- writer ---- */

/* Adds a pending entry; a DELETE marks what it deletes. NOMEM, LIMIT: the entry is not there. */
tc_err tc_heads_apply(struct tc_heads *h, const struct tc_head *in, uint64_t *seq) TC_MUST_USE;
void tc_heads_publish(struct tc_heads *h);
void tc_heads_undo(struct tc_heads *h);
bool tc_heads_deleting(const struct tc_heads *h); /* something pending deletes */

/* The newest entry of this id, pending ones too; 0 = none. */
uint32_t tc_heads_newest(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid);
/* The entry of this id with this version (TC_TIME_NONE = the unversioned one) in this community
 * that has not been deleted; 0 = none. */
uint32_t tc_heads_same(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid,
                       tc_time version, uint32_t community);
/* The version at which this id was revoked, TC_TIME_NONE = it was not. */
tc_time tc_heads_revoked_at(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid);

/* Calls visit for each entry that a deletion deletes: of the id, in the community, of this
 * version (TC_TIME_NONE = all), not deleted before. Returns their number. */
typedef void (*tc_heads_visit)(void *ctx, uint32_t seq);
uint32_t tc_heads_deletes(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid,
                          tc_time version, uint32_t community, tc_heads_visit visit, void *ctx);

/* ---- readers ---- */

static inline uint64_t tc_heads_head(const struct tc_heads *h)
{
    return atomic_load_explicit(&h->head, memory_order_acquire);
}

static inline struct tc_chunk *tc_heads_chunk(const struct tc_heads *h, uint64_t seq)
{
    return h->chunks[seq >> TC_CHUNK_BITS];
}

#define TC_HEADS_AT(h, column, seq) (tc_heads_chunk(h, seq)->column[(seq) & (TC_CHUNK - 1)])

static inline uint32_t tc_heads_info(const struct tc_heads *h, uint64_t seq)
{
    return atomic_load_explicit(&TC_HEADS_AT(h, info, seq), memory_order_relaxed);
}

static inline uint32_t tc_heads_next(const struct tc_heads *h, uint64_t seq)
{
    return atomic_load_explicit(&TC_HEADS_AT(h, next, seq), memory_order_relaxed);
}

void tc_heads_get(const struct tc_heads *h, uint64_t seq, struct tc_head *out);
/* The newest entry of this id that is not after head. */
uint32_t tc_heads_find(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid,
                       uint64_t head);
/* The last entry with added <= t, 0 = none. */
uint64_t tc_heads_added_upto(const struct tc_heads *h, tc_time t, uint64_t head);

/* Memory held, without the table of revoked ids (about 100 bytes each). Any thread. */
size_t tc_heads_bytes(struct tc_heads *h);

#endif
