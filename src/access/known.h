/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that were right a moment ago, so that HTTP Basic does not pay Argon2id per request.
 * An entry is a BLAKE2b hash of login and password under a key that is made at start and lives in
 * locked memory only; it counts for TC_KNOWN_SECONDS and for one generation of the person's
 * password. A fixed number of entries; the oldest of its row gives way. Any thread. */
#ifndef TC_ACCESS_KNOWN_H
#define TC_ACCESS_KNOWN_H

#include "base/str.h"

#define TC_KNOWN_SECONDS 300

struct tc_known;

struct tc_known_key {
    uint8_t b[32];
};

struct tc_known *tc_known_new(void);    /* NULL = out of memory */
void tc_known_free(struct tc_known *k); /* wipes; NULL is fine */
void tc_known_key(const struct tc_known *k, struct tc_str login, struct tc_str password,
                  struct tc_known_key *out);
/* now: monotonic, microseconds. */
bool tc_known_has(struct tc_known *k, const struct tc_known_key *key, uint32_t person,
                  uint64_t generation, int64_t now);
/* Also wipes every entry whose time is over. */
void tc_known_put(struct tc_known *k, const struct tc_known_key *key, uint32_t person,
                  uint64_t generation, int64_t now);
/* Wipes what is over; the node calls it now and then. */
void tc_known_sweep(struct tc_known *k, int64_t now);

#endif
