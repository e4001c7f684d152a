/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an audience: equal combinations have equal bytes, which is what they are interned
 * by. Little-endian u32 each:
 *
 *   marking, creator's organisation, creator, community,
 *   number of organisations, number of people, the organisations, the people
 *
 * and, when there is any of it (so that the bytes of plain audiences never change),
 *
 *   held until (8 bytes), owner releases (0, 1) + 2 * permissible actions + 256 * era,
 *   number of release caveats, each: three lists (organisations, communities, countries), a list
 *     being its number and then its items
 *   number of fields, each: marking (16 bytes), length, that many bytes of an audience without
 *     fields */
#ifndef TC_JOURNAL_AUDIENCE_FORM_H
#define TC_JOURNAL_AUDIENCE_FORM_H

#include "base/arena.h"
#include "model/audience.h"

#define TC_AUDIENCE_BYTES (64u << 10)

/* USAGE: a list does not ascend, or the marking is none; LIMIT: too much of it; NOMEM. */
tc_err tc_audience_encode(const struct tc_audience *a, struct tc_buf *b) TC_MUST_USE;
/* Its lists live in the arena. CORRUPT, NOMEM. */
tc_err tc_audience_decode(struct tc_str bytes, struct tc_arena *a,
                          struct tc_audience *out) TC_MUST_USE;

#endif
