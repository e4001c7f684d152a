/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from a 64-bit keyed hash to a 32-bit number (an entry's seq, never 0). What the
 * number stands for is kept elsewhere, so a slot takes 8 bytes and the owner compares.
 *
 * 64 shards, each with its own lock and growing by itself: the longest pause at 16 M numbers is
 * the rehash of 256 k slots. Any thread may find; only one thread at a time may change. */
#ifndef TC_JOURNAL_SLOTS_H
#define TC_JOURNAL_SLOTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct tc_slots;

/* Is it this one? Called with the shard locked; must not call back into the table. */
typedef bool (*tc_slots_same)(void *ctx, uint32_t value);

struct tc_slots *tc_slots_new(void); /* NULL = out of memory */
void tc_slots_free(struct tc_slots *t);

/* The first number under this hash that is the same, 0 = none. */
uint32_t tc_slots_find(struct tc_slots *t, uint64_t hash, tc_slots_same same, void *ctx);
tc_err tc_slots_add(struct tc_slots *t, uint64_t hash, uint32_t value) TC_MUST_USE;
/* Puts now where was is, under the same hash; now 0 removes. False when was is not there. */
bool tc_slots_swap(struct tc_slots *t, uint64_t hash, uint32_t was, uint32_t now);

size_t tc_slots_count(struct tc_slots *t);
size_t tc_slots_bytes(struct tc_slots *t);

#endif
