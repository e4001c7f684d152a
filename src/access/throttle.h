/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong passwords of one login (or from one address), counted whether or not there is such a login:
 * some at once, then one more every so many seconds. A fixed table; when a row is full the login
 * with the fewest failures is forgotten. Any thread. */
#ifndef TC_ACCESS_THROTTLE_H
#define TC_ACCESS_THROTTLE_H

#include "base/str.h"

struct tc_throttle;

struct tc_throttle *tc_throttle_new(int tries, int seconds); /* NULL = out of memory */
void tc_throttle_free(struct tc_throttle *t);                /* NULL is fine */
/* Takes one try if there is one left (now: monotonic, microseconds). */
bool tc_throttle_take(struct tc_throttle *t, struct tc_str login, int64_t now);
/* The try was right: all are given back. */
void tc_throttle_clear(struct tc_throttle *t, struct tc_str login);

/* The try was right: it alone is given back. */
void tc_throttle_return(struct tc_throttle *t, struct tc_str login, int64_t now);

#endif
