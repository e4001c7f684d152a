/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define TC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TC_ASAN 1
#endif
#endif
#ifdef TC_ASAN
#include <sanitizer/asan_interface.h>
/* A call of its own: gcc 14 takes the sanitizer's for a reading of memory that nobody wrote yet. */
static __attribute__((noinline)) void poison(void *p, size_t n)
{
    __asan_poison_memory_region(p, n);
}
#define POISON(p, n)   poison(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define RED_ZONE       16
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE       0
#endif

#define FIRST_BLOCK 4096u
#define LAST_BLOCK  (1u << 20) /* blocks double up to this; larger pieces get their own */

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(16) char data[];
};

struct tc_arena {
    struct block *top; /* newest first; the first block is at the end of the list */
    size_t ceiling, used;
    tc_err err;
};

struct tc_arena *tc_arena_new(size_t ceiling)
{
    struct tc_arena *a = calloc(1, sizeof *a);
    if (a)
        a->ceiling = ceiling;
    return a;
}

static void drop(struct block *b)
{
    UNPOISON(b->data, b->size);
    free(b);
}

void tc_arena_free(struct tc_arena *a)
{
    if (!a)
        return;
    while (a->top) {
        struct block *b = a->top;
        a->top = b->next;
        drop(b);
    }
    free(a);
}

void tc_arena_reset(struct tc_arena *a)
{
    while (a->top && a->top->next) {
        struct block *b = a->top;
        a->top = b->next;
        drop(b);
    }
    if (a->top) {
        a->top->used = 0;
        POISON(a->top->data, a->top->size);
    }
    a->used = 0;
    a->err = TC_OK;
}

static bool grow(struct tc_arena *a, size_t need)
{
    size_t size = a->top ? a->top->size * 2 : FIRST_BLOCK;
    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    if (size < need)
        size = need;
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        return false;
    *b = (struct block){.next = a->top, .size = size};
    POISON(b->data, b->size);
    a->top = b;
    return true;
}

void *tc_arena_alloc(struct tc_arena *a, size_t size)
{
    if (a->err)
        return NULL;
    size_t taken = (size + 15) & ~(size_t)15; /* what counts: a thousand single bytes are 16,000 */
    if (taken < size || taken > a->ceiling - a->used) { /* used <= ceiling always */
        a->err = TC_E_LIMIT;
        return NULL;
    }
    size_t round = taken + RED_ZONE;
    if (round < taken || ((!a->top || a->top->size - a->top->used < round) && !grow(a, round))) {
        a->err = TC_E_NOMEM;
        return NULL;
    }
    char *p = a->top->data + a->top->used;
    a->top->used += round;
    a->used += taken;
    UNPOISON(p, size);
    return p;
}

void *tc_arena_zalloc(struct tc_arena *a, size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        a->err = TC_E_LIMIT;
        return NULL;
    }
    void *p = tc_arena_alloc(a, all);
    if (p)
        memset(p, 0, all);
    return p;
}

char *tc_arena_cstr(struct tc_arena *a, struct tc_str s)
{
    char *p = s.n < SIZE_MAX ? tc_arena_alloc(a, s.n + 1) : NULL;
    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = '\0';
    }
    return p;
}

struct tc_str tc_arena_dup(struct tc_arena *a, struct tc_str s)
{
    const char *p = tc_arena_cstr(a, s);
    return (struct tc_str){p, p ? s.n : 0};
}

char *tc_arena_fmt(struct tc_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : tc_arena_alloc(a, (size_t)n + 1);
    if (p)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

size_t tc_arena_used(const struct tc_arena *a)
{
    return a->used;
}

tc_err tc_arena_err(const struct tc_arena *a)
{
    return a->err;
}
