/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing; removal shifts the followers back. The low bits of the hash
 * choose the shard, its high half is the tag: place in the shard and first comparison, so growing
 * never has to look at what the numbers stand for. */
#include "journal/slots.h"

#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, SMALLEST = 32 };

struct slot {
    uint32_t tag, value; /* value 0 = empty */
};

struct shard {
    pthread_mutex_t lock;
    struct slot *slots;
    uint32_t size, count; /* size is 0 or a power of two */
};

struct tc_slots {
    struct shard shards[SHARDS];
};

struct tc_slots *tc_slots_new(void)
{
    struct tc_slots *t = calloc(1, sizeof *t);
    if (t)
        for (int i = 0; i < SHARDS; i++)
            (void)pthread_mutex_init(&t->shards[i].lock, NULL);
    return t;
}

void tc_slots_free(struct tc_slots *t)
{
    if (!t)
        return;
    for (int i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_destroy(&t->shards[i].lock);
        free(t->shards[i].slots);
    }
    free(t);
}

static struct shard *lock(struct tc_slots *t, uint64_t hash)
{
    struct shard *s = &t->shards[hash % SHARDS];
    (void)pthread_mutex_lock(&s->lock);
    return s;
}

static void unlock(struct shard *s)
{
    (void)pthread_mutex_unlock(&s->lock);
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

uint32_t tc_slots_find(struct tc_slots *t, uint64_t hash, tc_slots_same same, void *ctx)
{
    struct shard *s = lock(t, hash);
    uint32_t tag = tag_of(hash), found = 0;
    if (s->size) {
        uint32_t mask = s->size - 1;
        for (uint32_t i = tag & mask; s->slots[i].value; i = (i + 1) & mask)
            if (s->slots[i].tag == tag && same(ctx, s->slots[i].value)) {
                found = s->slots[i].value;
                break;
            }
    }
    unlock(s);
    return found;
}

static void place(struct slot *slots, uint32_t mask, struct slot what)
{
    uint32_t i = what.tag & mask;
    while (slots[i].value)
        i = (i + 1) & mask;
    slots[i] = what;
}

static tc_err grow(struct shard *s)
{
    uint32_t size = s->size ? s->size * 2 : SMALLEST;
    struct slot *slots = size ? calloc(size, sizeof *slots) : NULL;
    if (!slots)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < s->size; i++)
        if (s->slots[i].value)
            place(slots, size - 1, s->slots[i]);
    free(s->slots);
    s->slots = slots;
    s->size = size;
    return TC_OK;
}

tc_err tc_slots_add(struct tc_slots *t, uint64_t hash, uint32_t value)
{
    struct shard *s = lock(t, hash);
    tc_err e = TC_OK;
    if (s->count >= s->size / 4 * 3)
        e = grow(s);
    if (!e) {
        place(s->slots, s->size - 1, (struct slot){tag_of(hash), value});
        s->count++;
    }
    unlock(s);
    return e;
}

static void take_out(struct shard *s, uint32_t hole)
{
    uint32_t mask = s->size - 1;
    for (uint32_t i = (hole + 1) & mask; s->slots[i].value; i = (i + 1) & mask) {
        uint32_t home = s->slots[i].tag & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            s->slots[hole] = s->slots[i];
            hole = i;
        }
    }
    s->slots[hole].value = 0;
    s->count--;
}

bool tc_slots_swap(struct tc_slots *t, uint64_t hash, uint32_t was, uint32_t now)
{
    struct shard *s = lock(t, hash);
    uint32_t tag = tag_of(hash);
    bool found = false;
    if (s->size) {
        uint32_t mask = s->size - 1;
        for (uint32_t i = tag & mask; s->slots[i].value; i = (i + 1) & mask)
            if (s->slots[i].tag == tag && s->slots[i].value == was) {
                if (now)
                    s->slots[i].value = now;
                else
                    take_out(s, i);
                found = true;
                break;
            }
    }
    unlock(s);
    return found;
}

size_t tc_slots_count(struct tc_slots *t)
{
    size_t n = 0;
    for (int i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_lock(&t->shards[i].lock);
        n += t->shards[i].count;
        unlock(&t->shards[i]);
    }
    return n;
}

size_t tc_slots_bytes(struct tc_slots *t)
{
    size_t n = sizeof *t;
    for (int i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_lock(&t->shards[i].lock);
        n += t->shards[i].size * sizeof(struct slot);
        unlock(&t->shards[i]);
    }
    return n;
}
