/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/queue.h"

#include "impact/sort.h"

#include <assert.h>
#include <stdlib.h>

enum { BUCKETS = 33, FEW = 24 };

void tc_queue_init(struct tc_queue *q)
{
    *q = (struct tc_queue){.now = 0};
}

void tc_queue_fini(struct tc_queue *q)
{
    for (int i = 0; i < BUCKETS; i++)
        free(q->bucket[i].keys);
    free(q->tmp.keys);
    tc_queue_init(q);
}

void tc_queue_clear(struct tc_queue *q)
{
    for (int i = 0; i < BUCKETS; i++)
        q->bucket[i].n = 0;
    q->now = q->used = 0;
}

static tc_err room(struct tc_queue_bucket *b, uint32_t n)
{
    if (n <= b->cap)
        return TC_OK;
    uint32_t cap = b->cap ? b->cap * 2 : 32;
    while (cap < n)
        cap *= 2;
    uint64_t *keys = reallocarray(b->keys, cap, sizeof *keys);
    if (!keys)
        return TC_E_NOMEM;
    b->keys = keys;
    b->cap = cap;
    return TC_OK;
}

tc_err tc_queue_push(struct tc_queue *q, uint64_t key)
{
    uint32_t time = (uint32_t)(key >> 34);
    assert(time >= q->now);
    int i = time == q->now ? 0 : 32 - __builtin_clz(time ^ q->now);
    struct tc_queue_bucket *b = &q->bucket[i];
    tc_err e = room(b, b->n + 1);
    if (e)
        return e;
    b->keys[b->n++] = key;
    if (i)
        q->used |= 1u << (i - 1);
    return TC_OK;
}

bool tc_queue_next(struct tc_queue *q, tc_err *err)
{
    q->bucket[0].n = 0;
    if (!q->used)
        return false;
    /* All of the lowest bucket is earlier than any other. */
    struct tc_queue_bucket *b = &q->bucket[__builtin_ctz(q->used) + 1];
    uint64_t least = b->keys[0];
    for (uint32_t j = 1; j < b->n; j++)
        if (b->keys[j] < least)
            least = b->keys[j];
    q->now = (uint32_t)(least >> 34);
    uint32_t n = b->n;
    b->n = 0;
    q->used &= q->used - 1;
    for (uint32_t j = 0; j < n; j++) { /* each goes to a lower bucket, never back into b */
        tc_err e = tc_queue_push(q, b->keys[j]);
        if (e) {
            *err = e;
            return false;
        }
    }
    return true;
}

tc_err tc_queue_take(struct tc_queue *q, const uint64_t **keys, size_t *n)
{
    struct tc_queue_bucket *b = &q->bucket[0];
    uint64_t *k = b->keys;
    if (b->n <= FEW) {
        for (uint32_t i = 1; i < b->n; i++) {
            uint64_t x = k[i];
            uint32_t j = i;
            for (; j && k[j - 1] > x; j--)
                k[j] = k[j - 1];
            k[j] = x;
        }
    } else {
        tc_err e = room(&q->tmp, b->n);
        if (e)
            return e;
        tc_sort_u64(k, q->tmp.keys, b->n);
    }
    *keys = k;
    *n = b->n;
    b->n = 0;
    return TC_OK;
}
