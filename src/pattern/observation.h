/* SPDX-License-Identifier: Apache-2.0 */
/* Observations out of parsed JSON: observed-data (STIX 2.1 section 4.14) with object_refs and the
 * objects beside it in a bundle or list, or with embedded "objects" (STIX 2.0). What is no
 * observed-data is only something to refer to.
 *
 * Ownership: everything borrows from the JSON tree; the list belongs to the reader and lives until
 * its next read. One thread. */
#ifndef TC_PATTERN_OBSERVATION_H
#define TC_PATTERN_OBSERVATION_H

#include "base/time.h"

#include <yyjson.h>

/* Objects that one observed-data names; number_observed (STIX 2.1 section 4.14). */
#define TC_OBSERVATION_MAX_ROOTS  65535u
#define TC_OBSERVATION_MAX_NUMBER 999999999u

struct tc_objects; /* what a reference can lead to, by id */

struct tc_observation {
    struct tc_str id;    /* "" when it has none */
    tc_time first, last; /* first <= last */
    uint32_t number;     /* 1 or more */
    yyjson_val *const *roots;
    uint32_t n_roots;
    uint32_t missing; /* references of object_refs that lead nowhere */
    yyjson_val *embedded;
    const struct tc_objects *beside; /* may be NULL */
};

/* The object that a *_ref of one of its objects leads to, or NULL. */
yyjson_val *tc_observation_object(const struct tc_observation *o, struct tc_str ref);

struct tc_observations;
struct tc_observations *tc_observations_new(void); /* NULL = out of memory */
void tc_observations_free(struct tc_observations *r);

/* Objects that later reads may refer to, too. They must outlive the reader. The first of an id
 * counts. LIMIT, NOMEM. */
tc_err tc_observations_keep(struct tc_observations *r, yyjson_val *object) TC_MUST_USE;

/* root: an observed-data, a bundle, a list of objects. *out lives until the next read. A malformed
 * observed-data is INVALID, d names it; then nothing of the text is there. */
tc_err tc_observations_read(struct tc_observations *r, yyjson_val *root,
                            const struct tc_observation **out, size_t *n,
                            struct tc_diag *d) TC_MUST_USE;

#endif
