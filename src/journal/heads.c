/* SPDX-License-Identifier: Apache-2.0 */
/* How the pieces change together. apply does, in this order (undo takes back in the other):
 *
 *   columns of the new seq      in memory that no reader looks at yet
 *   next of the entry before    readers stop at their head, so they do not follow it
 *   ids: before -> new          readers who look up step back along prev to their head
 *   same: + (id, version, community)   only for ids with two entries or more
 *   revoked, posting list, GONE_PENDING of what a DELETE deletes
 *
 * A pending seq is in ids until its undo has finished, and undo starts with the newest: so whoever
 * holds the lock of the id's shard sees a chain that nobody is taking back. */
#include "journal/heads.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"

#include <stdlib.h>

struct revoked_was { /* value of revoked before entry seq changed it */
    uint32_t seq;
    tc_time was;
};

/* What publish and undo need beside the columns. */
struct tc_heads_undo {
    uint32_t *gone; /* entries marked GONE_PENDING */
    size_t n_gone, cap_gone;
    struct revoked_was *revoked;
    size_t n_revoked, cap_revoked;
};

struct tc_heads *tc_heads_new(void)
{
    struct tc_heads *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->last_added = TC_TIME_MIN;
    h->chunks = calloc(TC_CHUNKS, sizeof *h->chunks);
    h->ids = tc_slots_new();
    h->same = tc_slots_new();
    h->postings = tc_postings_new();
    h->revoked = tc_map_new(TC_MAX_ENTRIES);
    h->undo = calloc(1, sizeof *h->undo);
    if (h->chunks && h->ids && h->same && h->postings && h->revoked && h->undo)
        return h;
    tc_heads_free(h);
    return NULL;
}

void tc_heads_free(struct tc_heads *h)
{
    if (!h)
        return;
    for (size_t i = 0; h->chunks && i < TC_CHUNKS && h->chunks[i]; i++)
        free(h->chunks[i]);
    free(h->chunks);
    tc_slots_free(h->ids);
    tc_slots_free(h->same);
    tc_postings_free(h->postings);
    tc_map_free(h->revoked);
    if (h->undo) {
        free(h->undo->gone);
        free(h->undo->revoked);
    }
    free(h->undo);
    free(h);
}

/* ---- keys ---- */

struct id_key {
    const struct tc_heads *h;
    const struct tc_uuid *uuid;
    uint32_t type;
    /* for same */
    tc_time version;
    uint32_t community;
    /* for find */
    uint64_t head;
    uint32_t found;
};

static uint64_t id_hash(uint32_t type, const struct tc_uuid *uuid)
{
    unsigned char k[20];
    memcpy(k, uuid->b, 16);
    memcpy(k + 16, &type, 4);
    return tc_hash64(tc_hash_process_key(), k, sizeof k);
}

static uint64_t same_hash(uint32_t type, const struct tc_uuid *uuid, tc_time version,
                          uint32_t community)
{
    unsigned char k[32];
    memcpy(k, uuid->b, 16);
    memcpy(k + 16, &type, 4);
    memcpy(k + 20, &version, 8);
    memcpy(k + 28, &community, 4);
    return tc_hash64(tc_hash_process_key(), k, sizeof k);
}

static bool is_id(const struct tc_heads *h, uint32_t seq, uint32_t type, const struct tc_uuid *uuid)
{
    return tc_heads_info(h, seq) >> 8 == type &&
           memcmp(&TC_HEADS_AT(h, uuid, seq), uuid, sizeof *uuid) == 0;
}

static bool same_id(void *ctx, uint32_t seq)
{
    const struct id_key *k = ctx;
    return is_id(k->h, seq, k->type, k->uuid);
}

static uint32_t community_of(const struct tc_heads *h, uint32_t seq)
{
    return tc_postings_of(h->postings, TC_HEADS_AT(h, list, seq))->community;
}

static tc_time own_version(const struct tc_heads *h, uint32_t seq)
{
    bool none = tc_heads_info(h, seq) & TC_HEAD_UNVERSIONED;
    return none ? TC_TIME_NONE : TC_HEADS_AT(h, version, seq);
}

static bool alive(const struct tc_heads *h, uint32_t seq)
{
    return !(tc_heads_info(h, seq) & (TC_HEAD_DELETE | TC_HEAD_GONE | TC_HEAD_GONE_PENDING));
}

static bool same_version(void *ctx, uint32_t seq)
{
    const struct id_key *k = ctx;
    return alive(k->h, seq) && is_id(k->h, seq, k->type, k->uuid) &&
           own_version(k->h, seq) == k->version && community_of(k->h, seq) == k->community;
}

/* ---- look-ups of the writer ---- */

uint32_t tc_heads_newest(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid)
{
    struct id_key k = {.h = h, .uuid = uuid, .type = type};
    return tc_slots_find(h->ids, id_hash(type, uuid), same_id, &k);
}

uint32_t tc_heads_same(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid,
                       tc_time version, uint32_t community)
{
    struct id_key k = {h, uuid, type, version, community, 0, 0};
    uint32_t newest = tc_heads_newest(h, type, uuid);
    if (!newest || !TC_HEADS_AT(h, prev, newest)) /* none or one: not in the table of same */
        return newest && same_version(&k, newest) ? newest : 0;
    return tc_slots_find(h->same, same_hash(type, uuid, version, community), same_version, &k);
}

static struct tc_str revoked_key(uint32_t type, const struct tc_uuid *uuid, unsigned char k[20])
{
    memcpy(k, uuid->b, 16);
    memcpy(k + 16, &type, 4);
    return tc_str_view((const char *)k, 20);
}

tc_time tc_heads_revoked_at(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid)
{
    unsigned char k[20];
    uint64_t at;
    if (!tc_map_count(h->revoked) || !tc_map_get(h->revoked, revoked_key(type, uuid, k), &at))
        return TC_TIME_NONE;
    return (tc_time)at;
}

uint32_t tc_heads_deletes(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid,
                          tc_time version, uint32_t community, tc_heads_visit visit, void *ctx)
{
    uint32_t n = 0;
    for (uint32_t s = tc_heads_newest(h, type, uuid); s; s = TC_HEADS_AT(h, prev, s)) {
        if (!alive(h, s) || community_of(h, s) != community)
            continue;
        if (version != TC_TIME_NONE && TC_HEADS_AT(h, version, s) != version)
            continue;
        n++;
        if (visit)
            visit(ctx, s);
    }
    return n;
}

/* ---- applying ---- */

static void set_flags(struct tc_heads *h, uint32_t seq, uint32_t set, uint32_t clear)
{
    uint32_t info = tc_heads_info(h, seq);
    atomic_store_explicit(&TC_HEADS_AT(h, info, seq), (info | set) & ~clear, memory_order_relaxed);
}

static tc_err columns(struct tc_heads *h, uint64_t seq, const struct tc_head *in, uint32_t list,
                      uint32_t prev)
{
    struct tc_chunk **c = &h->chunks[seq >> TC_CHUNK_BITS];
    if (!*c && !(*c = calloc(1, sizeof **c)))
        return TC_E_NOMEM;
    size_t i = seq & (TC_CHUNK - 1);
    (*c)->added[i] = in->added;
    (*c)->version[i] = in->flags & TC_HEAD_UNVERSIONED ? in->added : in->version;
    (*c)->uuid[i] = in->uuid;
    (*c)->list[i] = list;
    (*c)->creator[i] = in->creator;
    (*c)->prev[i] = prev;
    atomic_store_explicit(&(*c)->next[i], 0, memory_order_relaxed);
    atomic_store_explicit(&(*c)->info[i],
                          in->type << 8 | (in->flags & (TC_HEAD_STORED | TC_HEAD_UNVERSIONED)),
                          memory_order_relaxed);
    return TC_OK;
}

static tc_err add_same(struct tc_heads *h, uint32_t seq)
{
    if (tc_heads_info(h, seq) & TC_HEAD_DELETE)
        return TC_OK;
    uint64_t hash = same_hash(tc_heads_info(h, seq) >> 8, &TC_HEADS_AT(h, uuid, seq),
                              own_version(h, seq), community_of(h, seq));
    return tc_slots_add(h->same, hash, seq);
}

static void drop_same(struct tc_heads *h, uint32_t seq)
{
    uint64_t hash = same_hash(tc_heads_info(h, seq) >> 8, &TC_HEADS_AT(h, uuid, seq),
                              own_version(h, seq), community_of(h, seq));
    (void)tc_slots_swap(h->same, hash, seq, 0);
}

static tc_err add_revoked(struct tc_heads *h, uint32_t seq, const struct tc_head *in, tc_time from)
{
    struct tc_heads_undo *u = h->undo;
    tc_time was = tc_heads_revoked_at(h, in->type, &in->uuid);
    if (was != TC_TIME_NONE && was <= from)
        return TC_OK;
    if (u->n_revoked == u->cap_revoked) {
        size_t cap = u->cap_revoked ? u->cap_revoked * 2 : 64;
        struct revoked_was *more = realloc(u->revoked, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        u->revoked = more;
        u->cap_revoked = cap;
    }
    unsigned char k[20];
    tc_err e = tc_map_put(h->revoked, revoked_key(in->type, &in->uuid, k), (uint64_t)from);
    if (!e)
        u->revoked[u->n_revoked++] = (struct revoked_was){seq, was};
    return e;
}

struct marking {
    struct tc_heads *h;
    tc_err err;
};

static void mark_gone(void *ctx, uint32_t seq)
{
    struct marking *m = ctx;
    struct tc_heads_undo *u = m->h->undo;
    if (u->n_gone == u->cap_gone) {
        size_t cap = u->cap_gone ? u->cap_gone * 2 : 64;
        uint32_t *more = realloc(u->gone, cap * sizeof *more);
        if (!more) {
            m->err = TC_E_NOMEM;
            return;
        }
        u->gone = more;
        u->cap_gone = cap;
    }
    u->gone[u->n_gone++] = seq;
    set_flags(m->h, seq, TC_HEAD_GONE_PENDING, 0);
}

static tc_err mark_deleted(struct tc_heads *h, const struct tc_head *in)
{
    struct marking m = {h, TC_OK};
    tc_time version = in->flags & TC_HEAD_UNVERSIONED ? TC_TIME_NONE : in->version;
    (void)tc_heads_deletes(h, in->type, &in->uuid, version, in->community, mark_gone, &m);
    return m.err;
}

/* Takes entry seq back as far as it got; it is the newest one that was applied. */
static void take_back(struct tc_heads *h, uint32_t seq)
{
    struct tc_heads_undo *u = h->undo;
    uint32_t type = tc_heads_info(h, seq) >> 8, prev = TC_HEADS_AT(h, prev, seq);
    const struct tc_uuid *uuid = &TC_HEADS_AT(h, uuid, seq);
    tc_postings_take_back(h->postings, TC_HEADS_AT(h, list, seq), seq);
    if (u->n_revoked && u->revoked[u->n_revoked - 1].seq == seq) {
        unsigned char k[20];
        struct tc_str key = revoked_key(type, uuid, k);
        tc_time was = u->revoked[--u->n_revoked].was;
        if (was == TC_TIME_NONE)
            (void)tc_map_remove(h->revoked, key);
        else if (tc_map_put(h->revoked, key, (uint64_t)was))
            (void)0; /* replacing takes no memory: cannot fail */
    }
    if (prev) {
        drop_same(h, seq);
        if (!TC_HEADS_AT(h, prev, prev))
            drop_same(h, prev); /* alone again: compared directly */
        atomic_store_explicit(&TC_HEADS_AT(h, next, prev), 0, memory_order_relaxed);
    }
    (void)tc_slots_swap(h->ids, id_hash(type, uuid), seq, prev);
}

static tc_err link_up(struct tc_heads *h, uint32_t seq, const struct tc_head *in, uint32_t prev)
{
    uint64_t hash = id_hash(in->type, &in->uuid);
    tc_err e = TC_OK;
    if (prev) {
        atomic_store_explicit(&TC_HEADS_AT(h, next, prev), seq, memory_order_relaxed);
        (void)tc_slots_swap(h->ids, hash, prev, seq);
        if (!TC_HEADS_AT(h, prev, prev))
            e = add_same(h, prev);
        if (!e)
            e = add_same(h, seq);
    } else {
        e = tc_slots_add(h->ids, hash, seq);
    }
    unsigned kind = in->flags & (TC_HEAD_DELETE | TC_HEAD_UNVERSIONED | TC_HEAD_REVOKED);
    if (!e && kind == TC_HEAD_REVOKED)
        e = add_revoked(h, seq, in, in->version);
    if (!e && (kind & TC_HEAD_DELETE) && (kind & TC_HEAD_REVOKED))
        e = add_revoked(h, seq, in, TC_HEADS_ERASED);
    if (!e)
        e = tc_postings_add(h->postings, TC_HEADS_AT(h, list, seq), seq);
    if (!e && in->flags & TC_HEAD_DELETE)
        e = mark_deleted(h, in);
    return e;
}

tc_err tc_heads_apply(struct tc_heads *h, const struct tc_head *in, uint64_t *out)
{
    uint64_t seq = h->pending + 1;
    if (seq >= TC_MAX_ENTRIES)
        return TC_E_LIMIT;
    uint32_t list, prev = tc_heads_newest(h, in->type, &in->uuid);
    tc_err e = tc_postings_intern(h->postings, in->community, in->audience, &list);
    if (!e)
        e = columns(h, seq, in, list, prev);
    if (e)
        return e;
    size_t gone = h->undo->n_gone;
    e = link_up(h, (uint32_t)seq, in, prev);
    if (e) {
        while (h->undo->n_gone > gone)
            set_flags(h, h->undo->gone[--h->undo->n_gone], 0, TC_HEAD_GONE_PENDING);
        take_back(h, (uint32_t)seq);
        return e;
    }
    h->pending = seq;
    h->last_added = in->added;
    *out = seq;
    return TC_OK;
}

void tc_heads_publish(struct tc_heads *h)
{
    for (size_t i = 0; i < h->undo->n_gone; i++)
        set_flags(h, h->undo->gone[i], TC_HEAD_GONE, TC_HEAD_GONE_PENDING);
    h->undo->n_gone = 0;
    h->undo->n_revoked = 0;
    atomic_store_explicit(&h->head, h->pending, memory_order_release);
}

bool tc_heads_deleting(const struct tc_heads *h)
{
    return h->undo->n_gone != 0;
}

void tc_heads_undo(struct tc_heads *h)
{
    uint64_t head = tc_heads_head(h);
    while (h->undo->n_gone)
        set_flags(h, h->undo->gone[--h->undo->n_gone], 0, TC_HEAD_GONE_PENDING);
    for (; h->pending > head; h->pending--)
        take_back(h, (uint32_t)h->pending);
    h->last_added = head ? TC_HEADS_AT(h, added, head) : TC_TIME_MIN;
}

/* ---- readers ---- */

void tc_heads_get(const struct tc_heads *h, uint64_t seq, struct tc_head *out)
{
    const struct tc_chunk *c = tc_heads_chunk(h, seq);
    size_t i = seq & (TC_CHUNK - 1);
    const struct tc_posting *l = tc_postings_of(h->postings, c->list[i]);
    uint32_t info = tc_heads_info(h, seq);
    *out = (struct tc_head){.added = c->added[i],
                            .version = c->version[i],
                            .uuid = c->uuid[i],
                            .type = info >> 8,
                            .audience = l->audience,
                            .community = l->community,
                            .creator = c->creator[i],
                            .prev = c->prev[i],
                            .flags = info & 255u};
}

/* Under the shard's lock: nobody takes back entries of this chain meanwhile. */
static bool same_id_upto(void *ctx, uint32_t seq)
{
    struct id_key *k = ctx;
    if (!same_id(ctx, seq))
        return false;
    while (seq && seq > k->head)
        seq = TC_HEADS_AT(k->h, prev, seq);
    k->found = seq;
    return true;
}

uint32_t tc_heads_find(struct tc_heads *h, uint32_t type, const struct tc_uuid *uuid, uint64_t head)
{
    struct id_key k = {.h = h, .uuid = uuid, .type = type, .head = head};
    (void)tc_slots_find(h->ids, id_hash(type, uuid), same_id_upto, &k);
    return k.found;
}

uint64_t tc_heads_added_upto(const struct tc_heads *h, tc_time t, uint64_t head)
{
    uint64_t lo = 0, hi = head;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo + 1) / 2;
        if (TC_HEADS_AT(h, added, mid) <= t)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

size_t tc_heads_bytes(struct tc_heads *h)
{
    size_t chunks = (size_t)(tc_heads_head(h) >> TC_CHUNK_BITS) + 1;
    return chunks * sizeof(struct tc_chunk) + tc_slots_bytes(h->ids) + tc_slots_bytes(h->same) +
           tc_postings_bytes(h->postings);
}
