/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/postings.h"

#include "base/limits.h"
#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>

enum { BLOCK = 1024, BLOCKS = TC_MAX_POSTINGS / BLOCK };

struct tc_postings {
    struct tc_posting *blocks[BLOCKS]; /* list number is block * BLOCK + place */
    _Atomic uint32_t count;
    _Atomic size_t bytes;
    struct tc_map *pairs;  /* (community, audience) -> list; writer only */
    pthread_mutex_t lock;  /* for newest */
    struct tc_map *newest; /* community -> list */
    uint32_t last_community, last_audience, last_list; /* most batches are of one pair */
};

struct tc_postings *tc_postings_new(void)
{
    struct tc_postings *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    (void)pthread_mutex_init(&p->lock, NULL);
    p->pairs = tc_map_new(TC_MAX_POSTINGS);
    p->newest = tc_map_new(TC_MAX_POSTINGS);
    if (!p->pairs || !p->newest) {
        tc_postings_free(p);
        return NULL;
    }
    return p;
}

void tc_postings_free(struct tc_postings *p)
{
    if (!p)
        return;
    for (uint32_t b = 0; b < BLOCKS && p->blocks[b]; b++) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            struct tc_posting *l = &p->blocks[b][i];
            for (int k = 0; l->segments && k < TC_POSTING_SEGMENTS; k++)
                free(l->segments[k]);
            free(l->segments);
        }
        free(p->blocks[b]);
    }
    tc_map_free(p->pairs);
    tc_map_free(p->newest);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

static struct tc_posting *list_of(const struct tc_postings *p, uint32_t list)
{
    return &p->blocks[list / BLOCK][list % BLOCK];
}

const struct tc_posting *tc_postings_of(const struct tc_postings *p, uint32_t list)
{
    return list_of(p, list);
}

static tc_err list_new(struct tc_postings *p, uint32_t community, uint32_t audience, uint32_t *out)
{
    uint32_t list = atomic_load_explicit(&p->count, memory_order_relaxed) + 1;
    if (list >= TC_MAX_POSTINGS)
        return TC_E_LIMIT;
    if (!p->blocks[list / BLOCK]) {
        p->blocks[list / BLOCK] = calloc(BLOCK, sizeof(struct tc_posting));
        if (!p->blocks[list / BLOCK])
            return TC_E_NOMEM;
        p->bytes += BLOCK * sizeof(struct tc_posting);
    }
    struct tc_posting *l = list_of(p, list);
    l->community = community;
    l->audience = audience;
    struct tc_str key = tc_str_view((const char *)&community, sizeof community);
    uint64_t older = 0;
    (void)pthread_mutex_lock(&p->lock);
    l->older = tc_map_get(p->newest, key, &older) ? (uint32_t)older : 0;
    tc_err e = tc_map_put(p->newest, key, list);
    if (!e)
        atomic_store_explicit(&p->count, list, memory_order_release);
    (void)pthread_mutex_unlock(&p->lock);
    *out = list;
    return e;
}

tc_err tc_postings_intern(struct tc_postings *p, uint32_t community, uint32_t audience,
                          uint32_t *out)
{
    if (p->last_list && p->last_community == community && p->last_audience == audience) {
        *out = p->last_list;
        return TC_OK;
    }
    uint32_t pair[2] = {community, audience};
    struct tc_str key = tc_str_view((const char *)pair, sizeof pair);
    uint64_t known = 0;
    uint32_t list = 0;
    if (tc_map_get(p->pairs, key, &known)) {
        list = (uint32_t)known;
    } else {
        tc_err e = list_new(p, community, audience, &list);
        if (!e)
            e = tc_map_put(p->pairs, key, list);
        /* When only this put fails, an empty list without a name is left over: harmless. */
        if (e)
            return e;
    }
    p->last_community = community;
    p->last_audience = audience;
    p->last_list = list;
    *out = list;
    return TC_OK;
}

/* Segment and offset of position i >= TC_POSTING_INLINE. */
static unsigned place(uint32_t i, uint32_t *offset)
{
    uint64_t v = (uint64_t)i - TC_POSTING_INLINE + 8;
    unsigned k = 63u - (unsigned)__builtin_clzll(v);
    *offset = (uint32_t)(v - (UINT64_C(1) << k));
    return k - 3;
}

static _Atomic(uint32_t) *cell(const struct tc_posting *l, uint32_t i)
{
    uint32_t offset;
    if (i < TC_POSTING_INLINE)
        return (_Atomic(uint32_t) *)&l->first[i];
    unsigned k = place(i, &offset);
    return &l->segments[k][offset];
}

uint32_t tc_posting_at(const struct tc_posting *l, uint32_t i)
{
    return atomic_load_explicit(cell(l, i), memory_order_relaxed);
}

static tc_err room(struct tc_postings *p, struct tc_posting *l, uint32_t i)
{
    if (i < TC_POSTING_INLINE)
        return TC_OK;
    uint32_t offset;
    unsigned k = place(i, &offset);
    if (!l->segments) {
        l->segments = calloc(TC_POSTING_SEGMENTS, sizeof *l->segments);
        if (!l->segments)
            return TC_E_NOMEM;
        p->bytes += TC_POSTING_SEGMENTS * sizeof *l->segments;
    }
    if (!l->segments[k]) {
        l->segments[k] = calloc((size_t)8 << k, sizeof **l->segments);
        if (!l->segments[k])
            return TC_E_NOMEM;
        p->bytes += ((size_t)8 << k) * sizeof **l->segments;
    }
    return TC_OK;
}

tc_err tc_postings_add(struct tc_postings *p, uint32_t list, uint32_t seq)
{
    struct tc_posting *l = list_of(p, list);
    uint32_t n = atomic_load_explicit(&l->n, memory_order_relaxed);
    tc_err e = room(p, l, n);
    if (e)
        return e;
    atomic_store_explicit(cell(l, n), seq, memory_order_relaxed);
    atomic_store_explicit(&l->n, n + 1, memory_order_release);
    return TC_OK;
}

void tc_postings_take_back(struct tc_postings *p, uint32_t list, uint32_t seq)
{
    struct tc_posting *l = list_of(p, list);
    uint32_t n = atomic_load_explicit(&l->n, memory_order_relaxed);
    if (n && tc_posting_at(l, n - 1) == seq)
        atomic_store_explicit(&l->n, n - 1, memory_order_release);
}

uint32_t tc_postings_community(struct tc_postings *p, uint32_t community)
{
    uint64_t list = 0;
    (void)pthread_mutex_lock(&p->lock);
    (void)tc_map_get(p->newest, tc_str_view((const char *)&community, sizeof community), &list);
    (void)pthread_mutex_unlock(&p->lock);
    return (uint32_t)list;
}

uint32_t tc_postings_count(const struct tc_postings *p)
{
    return atomic_load_explicit(&p->count, memory_order_acquire);
}

size_t tc_postings_bytes(const struct tc_postings *p)
{
    return sizeof *p + p->bytes + tc_postings_count(p) * (size_t)120;
}

uint32_t tc_posting_upto(const struct tc_posting *l, uint32_t n, uint64_t seq)
{
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (tc_posting_at(l, mid) <= seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
