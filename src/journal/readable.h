/* SPDX-License-Identifier: Apache-2.0 */
/* tc_may_read, remembered: one bit for each audience, for the principals seen last. An audience's
 * number always means the same and tc_may_read depends on nothing but principal and audience, so
 * the answers are kept under the principal's whole content and never become stale: a change of
 * membership makes another principal. Any thread. */
#ifndef TC_JOURNAL_READABLE_H
#define TC_JOURNAL_READABLE_H

#include "journal/names.h"

struct tc_readable_cache;
struct tc_readable {
    uint32_t n;           /* audiences 1 .. n are known */
    const uint8_t *bits;  /* bit a % 8 of byte a / 8 */
    const uint8_t *whole; /* the same: reads every field of it */
};

struct tc_readable_cache *tc_readable_cache_new(const struct tc_audiences *audiences);
void tc_readable_cache_free(struct tc_readable_cache *c); /* after the last unref */

/* Knows at least the audiences that there are at the time of the call. Counted. */
tc_err tc_readable_get(struct tc_readable_cache *c, const struct tc_principal *p,
                       const struct tc_readable **out) TC_MUST_USE;
void tc_readable_unref(struct tc_readable_cache *c, const struct tc_readable *r);

static inline bool tc_readable_has(const struct tc_readable *r, uint32_t audience)
{
    return audience <= r->n && (r->bits[audience >> 3] >> (audience & 7) & 1);
}

static inline bool tc_readable_whole(const struct tc_readable *r, uint32_t audience)
{
    return audience <= r->n && (r->whole[audience >> 3] >> (audience & 7) & 1);
}

#endif
