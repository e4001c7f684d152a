/* SPDX-License-Identifier: Apache-2.0 */
/* What a marking-definition means for who reads, and for what they may do. Understood are TLP 2.0
 * and 1.0, PAP (both by the ids of the published definitions too), statements, and the extension
 * "handling" of packs/critical-entities: embargo, release caveat, originator control. Whatever
 * else a definition says, or says wrongly, leaves the creator alone. */
#ifndef TC_INTAKE_HANDLING_H
#define TC_INTAKE_HANDLING_H

#include "access/access.h"

#include <yyjson.h>

struct tc_handling {
    int tlp; /* enum tc_tlp, -1 = it says none */
    bool creator_alone;
    bool owner_releases;
    bool releases; /* release is one more caveat */
    enum tc_pap pap;
    int64_t held_until; /* whole seconds, 0 = no embargo */
    struct tc_release release;
};

/* One of the published definitions, which need not come along. False: it is none. */
bool tc_handling_known(struct tc_str marking_id, struct tc_handling *out);
/* Organisations and communities are looked up in x, and left out when they are not there; lists
 * live in the arena. Errors are the system's. */
tc_err tc_handling_read(struct tc_access *x, yyjson_val *definition, struct tc_arena *a,
                        struct tc_handling *out) TC_MUST_USE;
bool tc_handling_eq(const struct tc_handling *a, const struct tc_handling *b);

/* The strictest of both, from now on; releases has room for TC_MAX_RELEASES, of which a holds the
 * first. What does not fit leaves the creator alone. */
void tc_handling_add(const struct tc_handling *h, tc_time now, struct tc_audience *a,
                     struct tc_release *releases);
void tc_handling_creator_alone(struct tc_audience *a);

#endif
