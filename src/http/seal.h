/* SPDX-License-Identifier: Apache-2.0 */
/* Opaque numbers. The journal's sequence number says how many entries there are, those that a
 * reader may not see among them, so it never leaves the node: pages, event ids and status ids carry
 * it sealed. A sealed number is bound to what it was made for; shown elsewhere it is refused.
 *
 *   page or event: base64url( mac[16] | number[8] xor pad )       32 characters
 *     mac = BLAKE2b-128(key, 'm' | bind[32] | number)   pad = BLAKE2b(key, 'p' | mac)[0..8]
 *   status id: a UUID of version 4 whose 122 free bits are a 4-round Feistel network (SipHash) over
 *     segment[20] | offset[42] | zero[60]; the 60 zeros show that we made it.
 *
 * The key is derived from the node's own, so that pages go on over a restart. Any thread. */
#ifndef TC_HTTP_SEAL_H
#define TC_HTTP_SEAL_H

#include "base/id.h"

#define TC_SEAL_TEXT 33 /* with NUL */
#define TC_SEAL_BIND 32

struct tc_seal {
    uint8_t key[32];
};

/* What a number is bound to: a purpose and pieces, each with its length, so that no two lists of
 * pieces are the same. */
void tc_seal_bind(const struct tc_seal *s, const char *purpose, const struct tc_str *pieces,
                  size_t n, uint8_t bind[TC_SEAL_BIND]);
void tc_seal_number(const struct tc_seal *s, const uint8_t bind[TC_SEAL_BIND], uint64_t number,
                    char out[TC_SEAL_TEXT]);
/* SYNTAX: not made by this node, or for something else. */
tc_err tc_seal_read(const struct tc_seal *s, const uint8_t bind[TC_SEAL_BIND], struct tc_str text,
                    uint64_t *number) TC_MUST_USE;

/* segment < 2^20, offset < 2^42. */
struct tc_uuid tc_seal_place(const struct tc_seal *s, uint32_t segment, uint64_t offset);
tc_err tc_seal_place_read(const struct tc_seal *s, const struct tc_uuid *u, uint32_t *segment,
                          uint64_t *offset) TC_MUST_USE;

#endif
