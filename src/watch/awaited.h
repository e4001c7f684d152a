/* SPDX-License-Identifier: Apache-2.0 */
/* Observations of which something is not there yet: they name an object that has not come in. By
 * the id of what is awaited, the entries to look at again when it comes.
 *
 * Bounded: TC_AWAITED_MAX pairs, each for TC_AWAITED_FOR; what is over it is not awaited, and
 * counted. One thread. */
#ifndef TC_WATCH_AWAITED_H
#define TC_WATCH_AWAITED_H

#include "base/str.h"
#include "base/time.h"

#define TC_AWAITED_MAX 100000u
#define TC_AWAITED_FOR (INT64_C(24) * 3600 * TC_SECOND)
/* Observations that wait for one object. */
#define TC_AWAITED_EACH 1000u

struct tc_awaited;
struct tc_awaited *tc_awaited_new(void);    /* NULL = out of memory */
void tc_awaited_free(struct tc_awaited *a); /* NULL is fine */

/* The observation seq waits for this id. Twice is once. */
tc_err tc_awaited_add(struct tc_awaited *a, struct tc_str id, uint64_t seq,
                      tc_time now) TC_MUST_USE;
bool tc_awaited_has(const struct tc_awaited *a, struct tc_str id);
/* It has come: takes one of those that wait for it off; 0 = no more. */
uint64_t tc_awaited_take(struct tc_awaited *a, struct tc_str id);
/* Forgets what has waited too long. */
tc_err tc_awaited_sweep(struct tc_awaited *a, tc_time now) TC_MUST_USE;

size_t tc_awaited_count(const struct tc_awaited *a);
uint64_t tc_awaited_over(const struct tc_awaited *a); /* that found no room */

#endif
