/* SPDX-License-Identifier: Apache-2.0 */
/* Finds objects that come twice in one input: the same id and version with other content is a
 * mistake of the sender, with the same content it is harmless. Keeps 16 bytes an object, so that a
 * bundle of millions can be looked through; the key is 64 bits of SipHash, so two different objects
 * are taken for one with a probability of n * n / 2^65 (4 million: 1 in 2 million). One thread. */
#ifndef TC_INTAKE_REPEATS_H
#define TC_INTAKE_REPEATS_H

#include "base/time.h"

struct tc_repeats;

enum tc_repeat { TC_REPEAT_NEW, TC_REPEAT_SAME, TC_REPEAT_DIFFERS };

struct tc_repeat_key {
    uint64_t object, content;
};

/* May be reckoned by any thread, apart from the table. */
struct tc_repeat_key tc_repeat_key(struct tc_str id, tc_time version, struct tc_str text);

struct tc_repeats *tc_repeats_new(void);    /* NULL = out of memory */
void tc_repeats_free(struct tc_repeats *r); /* NULL is fine */
tc_err tc_repeats_add(struct tc_repeats *r, struct tc_repeat_key key,
                      enum tc_repeat *out) TC_MUST_USE;

#endif
