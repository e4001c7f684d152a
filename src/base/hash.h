/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 (Aumasson and Bernstein, 2012), 64 and 128 bits, for tables that hold foreign keys:
 * with a random key nobody can choose collisions. SHA-1 (RFC 3174) serves only UUID version 5
 * and CAP's resource digest, never as protection. */
#ifndef TC_BASE_HASH_H
#define TC_BASE_HASH_H

#include "base/str.h"

struct tc_hash_key {
    uint64_t k0, k1;
};

struct tc_hash128 {
    uint64_t a, b;
};

/* Random per process, made at the first call; the same for all threads. */
struct tc_hash_key tc_hash_process_key(void);

uint64_t tc_hash64(struct tc_hash_key key, const void *p, size_t n);
struct tc_hash128 tc_hash128(struct tc_hash_key key, const void *p, size_t n);

struct tc_sha1 { /* piece by piece */
    uint32_t h[5];
    uint64_t bytes;
    uint8_t block[64];
};
void tc_sha1_begin(struct tc_sha1 *s);
void tc_sha1_add(struct tc_sha1 *s, const void *p, size_t n);
void tc_sha1_end(struct tc_sha1 *s, uint8_t out[20]);
void tc_sha1(const struct tc_str *pieces, size_t count, uint8_t out[20]);

#endif
