/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/queue.h"

#include <assert.h>
#include <stdlib.h>

void tc_queue_init(struct tc_queue *q)
{
    *q = (struct tc_queue){.n = 0};
}

void tc_queue_fini(struct tc_queue *q)
{
    for (int i = 0; i < 65; i++)
        free(q->bucket[i].keys);
    tc_queue_init(q);
}

void tc_queue_clear(struct tc_queue *q)
{
    for (int i = 0; i < 65; i++)
        q->bucket[i].n = 0;
    q->last = q->used = 0;
    q->n = 0;
}

static tc_err put(struct tc_queue *q, uint64_t key)
{
    int i = key == q->last ? 0 : 64 - __builtin_clzll(key ^ q->last);
    struct tc_queue_bucket *b = &q->bucket[i];
    if (b->n == b->cap) {
        uint32_t cap = b->cap ? b->cap * 2 : 32;
        uint64_t *keys = reallocarray(b->keys, cap, sizeof *keys);
        if (!keys)
            return TC_E_NOMEM;
        b->keys = keys;
        b->cap = cap;
    }
    b->keys[b->n++] = key;
    if (i)
        q->used |= UINT64_C(1) << (i - 1);
    return TC_OK;
}

tc_err tc_queue_push(struct tc_queue *q, uint64_t key)
{
    assert(key >= q->last);
    tc_err e = put(q, key);
    if (!e)
        q->n++;
    return e;
}

bool tc_queue_peek(struct tc_queue *q, uint64_t *key, tc_err *err)
{
    if (q->n == 0)
        return false;
    if (q->bucket[0].n == 0) {
        /* The lowest bucket holds the smallest keys: its minimum becomes `last`, and all of it
         * goes to lower buckets. */
        int i = __builtin_ctzll(q->used) + 1;
        struct tc_queue_bucket *b = &q->bucket[i];
        uint64_t least = b->keys[0];
        for (uint32_t j = 1; j < b->n; j++)
            if (b->keys[j] < least)
                least = b->keys[j];
        q->last = least;
        uint32_t n = b->n;
        b->n = 0;
        q->used &= q->used - 1;
        for (uint32_t j = 0; j < n; j++) {
            tc_err e = put(q, b->keys[j]);
            if (e) {
                *err = e;
                return false;
            }
        }
    }
    *key = q->last;
    return true;
}

bool tc_queue_peek_now(struct tc_queue *q, uint64_t *key, tc_err *err)
{
    /* A key of the same time differs in the low 34 bits only, so it lies in buckets 0 to 34. */
    if (q->bucket[0].n == 0 && !(q->used & ((UINT64_C(1) << 34) - 1)))
        return false;
    return tc_queue_peek(q, key, err);
}

void tc_queue_drop(struct tc_queue *q)
{
    assert(q->bucket[0].n);
    q->bucket[0].n--;
    q->n--;
}
