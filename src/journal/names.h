/* SPDX-License-Identifier: Apache-2.0 */
/* Interned things: numbers from 1, without gaps, in order of first mention; never removed, so a
 * number that a failed transaction took is simply used by the next one. Any thread; views and
 * pointers live as long as the table. The store writes down what is new (persisted .. count). */
#ifndef TC_JOURNAL_NAMES_H
#define TC_JOURNAL_NAMES_H

#include "base/str.h"
#include "model/audience.h"

struct tc_names;

struct tc_names *tc_names_new(uint32_t max); /* NULL = out of memory */
void tc_names_free(struct tc_names *n);
tc_err tc_names_intern(struct tc_names *n, struct tc_str s, uint32_t *number) TC_MUST_USE;
bool tc_names_find(struct tc_names *n, struct tc_str s, uint32_t *number);
struct tc_str tc_names_of(const struct tc_names *n, uint32_t number); /* empty = no such */
uint32_t tc_names_count(const struct tc_names *n);

/* The same for audiences, on top of names: equal combinations have equal bytes. */
struct tc_audiences;

struct tc_audiences *tc_audiences_new(void);
void tc_audiences_free(struct tc_audiences *x);
/* USAGE when a list is not ascending or the marking is none; LIMIT for too many recipients. */
tc_err tc_audiences_intern(struct tc_audiences *x, const struct tc_audience *a,
                           uint32_t *number) TC_MUST_USE;
/* From the bytes that tc_audiences_bytes gave; they must get this number, else CORRUPT. */
tc_err tc_audiences_restore(struct tc_audiences *x, struct tc_str bytes,
                            uint32_t number) TC_MUST_USE;
struct tc_str tc_audiences_bytes(const struct tc_audiences *x, uint32_t number);
const struct tc_audience *tc_audiences_of(const struct tc_audiences *x, uint32_t number);
uint32_t tc_audiences_count(const struct tc_audiences *x);

#endif
