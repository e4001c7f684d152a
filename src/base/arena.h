/* SPDX-License-Identifier: Apache-2.0 */
/* One arena per request, parse or job. Memory lives until tc_arena_reset or tc_arena_free; single
 * pieces are never freed. The ceiling bounds what a piece of input can make us take: over it,
 * allocation returns NULL and tc_arena_err tells LIMIT (NOMEM when the system refused). Each piece
 * counts as the multiple of 16 bytes that it takes. */
#ifndef TC_BASE_ARENA_H
#define TC_BASE_ARENA_H

#include "base/str.h"

struct tc_arena;

struct tc_arena *tc_arena_new(size_t ceiling); /* bytes; NULL = out of memory */
void tc_arena_free(struct tc_arena *a);        /* NULL is fine */
void tc_arena_reset(struct tc_arena *a);       /* forgets everything, keeps the first block */

void *tc_arena_alloc(struct tc_arena *a, size_t size) TC_MUST_USE; /* 16-aligned, not cleared */
void *tc_arena_zalloc(struct tc_arena *a, size_t count, size_t size) TC_MUST_USE;
char *tc_arena_cstr(struct tc_arena *a, struct tc_str s) TC_MUST_USE; /* NUL-terminated copy */
struct tc_str tc_arena_dup(struct tc_arena *a,
                           struct tc_str s) TC_MUST_USE; /* .p NULL, .n 0 = failed */
char *tc_arena_fmt(struct tc_arena *a, const char *fmt, ...) TC_PRINTF(2, 3) TC_MUST_USE;

size_t tc_arena_used(const struct tc_arena *a);
tc_err tc_arena_err(const struct tc_arena *a); /* sticky until reset */

#endif
