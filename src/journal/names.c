/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers are looked up without a lock: blocks never move, and the count is raised last. */
#include "journal/names.h"

#include "base/limits.h"
#include "base/map.h"
#include "journal/audience_form.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCK = 1024 };

/* Bytes of the lists of all audiences. */
#define MAX_LISTS ((size_t)1 << 30)

struct tc_names {
    pthread_mutex_t lock; /* for map and for adding */
    struct tc_map *map;
    _Atomic uint32_t count;
    uint32_t max;
    struct tc_str *blocks[]; /* max / BLOCK + 1 */
};

struct tc_names *tc_names_new(uint32_t max)
{
    struct tc_names *n = calloc(1, sizeof *n + (max / BLOCK + 1) * sizeof *n->blocks);
    if (!n)
        return NULL;
    (void)pthread_mutex_init(&n->lock, NULL);
    n->max = max;
    n->map = tc_map_new(max);
    if (!n->map) {
        tc_names_free(n);
        return NULL;
    }
    return n;
}

void tc_names_free(struct tc_names *n)
{
    if (!n)
        return;
    for (uint32_t b = 0; b <= n->max / BLOCK && n->blocks[b]; b++) {
        for (uint32_t i = 0; i < BLOCK; i++)
            free((void *)(uintptr_t)n->blocks[b][i].p);
        free(n->blocks[b]);
    }
    tc_map_free(n->map);
    (void)pthread_mutex_destroy(&n->lock);
    free(n);
}

static tc_err add(struct tc_names *n, struct tc_str s, uint32_t number)
{
    struct tc_str **block = &n->blocks[number / BLOCK];
    if (!*block && !(*block = calloc(BLOCK, sizeof **block)))
        return TC_E_NOMEM;
    char *copy = malloc(s.n + 1);
    if (!copy)
        return TC_E_NOMEM;
    if (s.n)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    tc_err e = tc_map_put(n->map, s, number);
    if (e) {
        free(copy);
        return e;
    }
    (*block)[number % BLOCK] = tc_str_view(copy, s.n);
    atomic_store_explicit(&n->count, number, memory_order_release);
    return TC_OK;
}

tc_err tc_names_intern(struct tc_names *n, struct tc_str s, uint32_t *number)
{
    uint64_t known = 0;
    tc_err e = TC_OK;
    (void)pthread_mutex_lock(&n->lock);
    if (!tc_map_get(n->map, s, &known)) {
        known = (uint64_t)n->count + 1;
        e = known >= n->max ? TC_E_LIMIT : add(n, s, (uint32_t)known);
    }
    (void)pthread_mutex_unlock(&n->lock);
    if (!e)
        *number = (uint32_t)known;
    return e;
}

bool tc_names_find(struct tc_names *n, struct tc_str s, uint32_t *number)
{
    uint64_t known = 0;
    (void)pthread_mutex_lock(&n->lock);
    bool found = tc_map_get(n->map, s, &known);
    (void)pthread_mutex_unlock(&n->lock);
    if (found)
        *number = (uint32_t)known;
    return found;
}

struct tc_str tc_names_of(const struct tc_names *n, uint32_t number)
{
    if (!number || number > tc_names_count(n))
        return tc_str_view("", 0);
    return n->blocks[number / BLOCK][number % BLOCK];
}

uint32_t tc_names_count(const struct tc_names *n)
{
    return atomic_load_explicit(&n->count, memory_order_acquire);
}

/* ---- audiences ---- */

struct tc_audiences {
    struct tc_names *bytes;
    pthread_mutex_t lock; /* for adding */
    struct tc_arena *lists;
    _Atomic uint32_t count;
    struct tc_audience *blocks[TC_MAX_AUDIENCES / BLOCK + 1];
};

struct tc_audiences *tc_audiences_new(void)
{
    struct tc_audiences *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    (void)pthread_mutex_init(&x->lock, NULL);
    x->bytes = tc_names_new(TC_MAX_AUDIENCES);
    x->lists = tc_arena_new(MAX_LISTS);
    if (!x->bytes || !x->lists) {
        tc_audiences_free(x);
        return NULL;
    }
    return x;
}

void tc_audiences_free(struct tc_audiences *x)
{
    if (!x)
        return;
    for (uint32_t b = 0; b <= TC_MAX_AUDIENCES / BLOCK && x->blocks[b]; b++)
        free(x->blocks[b]);
    tc_arena_free(x->lists);
    tc_names_free(x->bytes);
    (void)pthread_mutex_destroy(&x->lock);
    free(x);
}

static tc_err intern(struct tc_audiences *x, struct tc_str bytes, uint32_t *number)
{
    uint32_t k = 0;
    (void)pthread_mutex_lock(&x->lock);
    tc_err e = tc_names_intern(x->bytes, bytes, &k);
    /* After NOMEM a number may be left without its combination: fill the gap first, because a
     * blank one would read as TLP:CLEAR. */
    for (uint32_t i = x->count + 1; !e && i <= k; i++) {
        struct tc_audience **block = &x->blocks[i / BLOCK];
        if (!*block && !(*block = calloc(BLOCK, sizeof **block)))
            e = TC_E_NOMEM;
        if (!e)
            e = tc_audience_decode(tc_names_of(x->bytes, i), x->lists, &(*block)[i % BLOCK]);
        if (!e)
            atomic_store_explicit(&x->count, i, memory_order_release);
    }
    (void)pthread_mutex_unlock(&x->lock);
    if (!e)
        *number = k;
    return e;
}

tc_err tc_audiences_intern(struct tc_audiences *x, const struct tc_audience *a, uint32_t *number)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_AUDIENCE_BYTES);
    tc_err e = tc_audience_encode(a, &b);
    if (!e)
        e = intern(x, tc_buf_view(&b), number);
    tc_buf_fini(&b);
    return e;
}

tc_err tc_audiences_restore(struct tc_audiences *x, struct tc_str bytes, uint32_t number)
{
    struct tc_audience probe;
    struct tc_arena *a = tc_arena_new(MAX_LISTS);
    tc_err e = a ? tc_audience_decode(bytes, a, &probe) : TC_E_NOMEM;
    uint32_t k; /* looked at first, so that nothing wrong is interned */
    tc_arena_free(a);
    e = e ? e : intern(x, bytes, &k);
    return e ? e : k == number ? TC_OK : TC_E_CORRUPT;
}

struct tc_str tc_audiences_bytes(const struct tc_audiences *x, uint32_t number)
{
    return tc_names_of(x->bytes, number);
}

const struct tc_audience *tc_audiences_of(const struct tc_audiences *x, uint32_t number)
{
    if (!number || number > tc_audiences_count(x))
        return NULL;
    return &x->blocks[number / BLOCK][number % BLOCK];
}

uint32_t tc_audiences_count(const struct tc_audiences *x)
{
    return atomic_load_explicit(&x->count, memory_order_acquire);
}
