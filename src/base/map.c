/* SPDX-License-Identifier: Apache-2.0 */
/* Linear probing over 24-byte slots; removal shifts the followers back, so there are no
 * tombstones and a look-up stops at the first empty slot. Load is at most 3/4. */
#include "base/map.h"

#include "base/hash.h"

#include <stdlib.h>

struct slot {
    uint64_t hash;
    struct key *key; /* NULL = empty */
    uint64_t value;
};

struct key {
    size_t n;
    char p[];
};

struct tc_map {
    struct slot *slots;
    size_t size, count, max; /* size is 0 or a power of two */
    struct tc_hash_key seed;
};

struct tc_map *tc_map_new(size_t max)
{
    struct tc_map *m = calloc(1, sizeof *m);
    if (m) {
        m->max = max;
        m->seed = tc_hash_process_key();
    }
    return m;
}

void tc_map_free(struct tc_map *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->size; i++)
        free(m->slots[i].key);
    free(m->slots);
    free(m);
}

/* The slot that holds key, or the empty one where it would go. m->size > 0. */
static size_t find(const struct tc_map *m, uint64_t hash, struct tc_str key)
{
    size_t mask = m->size - 1, i = hash & mask;
    for (;; i = (i + 1) & mask) {
        const struct slot *s = &m->slots[i];
        if (!s->key)
            return i;
        if (s->hash == hash && tc_str_eq((struct tc_str){s->key->p, s->key->n}, key))
            return i;
    }
}

static uint64_t hash_of(const struct tc_map *m, struct tc_str key)
{
    return tc_hash64(m->seed, key.p, key.n);
}

bool tc_map_get(const struct tc_map *m, struct tc_str key, uint64_t *value)
{
    if (!m->size)
        return false;
    const struct slot *s = &m->slots[find(m, hash_of(m, key), key)];
    if (!s->key)
        return false;
    *value = s->value;
    return true;
}

static tc_err grow(struct tc_map *m)
{
    size_t size = m->size ? m->size * 2 : 16;
    struct slot *slots = calloc(size, sizeof *slots);
    if (!slots)
        return TC_E_NOMEM;
    for (size_t i = 0; i < m->size; i++) {
        if (!m->slots[i].key)
            continue;
        size_t j = m->slots[i].hash & (size - 1);
        while (slots[j].key)
            j = (j + 1) & (size - 1);
        slots[j] = m->slots[i];
    }
    free(m->slots);
    m->slots = slots;
    m->size = size;
    return TC_OK;
}

tc_err tc_map_intern(struct tc_map *m, struct tc_str key, uint64_t *value, bool *added)
{
    uint64_t hash = hash_of(m, key);
    size_t i = 0;
    *added = false;
    if (m->size) {
        i = find(m, hash, key);
        if (m->slots[i].key) {
            *value = m->slots[i].value;
            return TC_OK;
        }
    }
    if (m->count >= m->max)
        return TC_E_LIMIT;
    if (m->count + 1 > m->size / 4 * 3) {
        tc_err e = grow(m);
        if (e)
            return e;
        i = find(m, hash, key);
    }
    struct key *k = malloc(sizeof *k + key.n);
    if (!k)
        return TC_E_NOMEM;
    k->n = key.n;
    if (key.n)
        memcpy(k->p, key.p, key.n);
    m->slots[i] = (struct slot){hash, k, *value};
    m->count++;
    *added = true;
    return TC_OK;
}

tc_err tc_map_put(struct tc_map *m, struct tc_str key, uint64_t value)
{
    uint64_t v = value;
    bool added;
    tc_err e = tc_map_intern(m, key, &v, &added);
    if (!e && !added)
        m->slots[find(m, hash_of(m, key), key)].value = value;
    return e;
}

bool tc_map_remove(struct tc_map *m, struct tc_str key)
{
    if (!m->size)
        return false;
    size_t mask = m->size - 1, i = find(m, hash_of(m, key), key);
    if (!m->slots[i].key)
        return false;
    free(m->slots[i].key);
    m->count--;
    for (size_t j = (i + 1) & mask;; j = (j + 1) & mask) {
        struct slot *s = &m->slots[j];
        if (!s->key)
            break;
        size_t home = s->hash & mask;
        if (((j - home) & mask) >= ((j - i) & mask)) { /* i lies on the path from home to j */
            m->slots[i] = *s;
            i = j;
        }
    }
    m->slots[i].key = NULL;
    return true;
}

size_t tc_map_count(const struct tc_map *m)
{
    return m->count;
}

bool tc_map_next(const struct tc_map *m, size_t *at, struct tc_str *key, uint64_t *value)
{
    for (; *at < m->size; (*at)++) {
        const struct slot *s = &m->slots[*at];
        if (s->key) {
            *key = (struct tc_str){s->key->p, s->key->n};
            *value = s->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
