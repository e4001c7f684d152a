/* SPDX-License-Identifier: Apache-2.0 */
/* The object paths of all patterns as one tree, and the values that an observation has at them
 * (STIX 2.1 section 9.7). Only what some pattern names is walked.
 *
 *   file ── name              path 2
 *        ├─ hashes ─ 'MD5'    path 4
 *        └─ parent_directory_ref ─ path   path 6, in the object that is referred to
 *
 * Paths stay when the patterns that brought them are removed. One thread. */
#ifndef TC_PATTERN_PATHS_H
#define TC_PATTERN_PATHS_H

#include "pattern/ast.h"
#include "pattern/observation.h"
#include "pattern/value.h"

/* Steps of one path; of them, references that are followed; different paths. */
#define TC_PATHS_MAX_STEPS 64
#define TC_PATHS_MAX_REFS  8
#define TC_PATHS_MAX       (1u << 20)
/* Values and steps of one observation: references to many that refer to many end here. */
#define TC_PATHS_MAX_WORK 262144u

struct tc_path_value {
    uint32_t path, root; /* root: index into the observation's roots */
    yyjson_val *v;
};

struct tc_path_values {
    struct tc_path_value *v;
    size_t n, cap;
};

struct tc_paths;
struct tc_paths *tc_paths_new(void); /* NULL = out of memory */
void tc_paths_free(struct tc_paths *p);
size_t tc_paths_count(const struct tc_paths *p); /* paths are numbered below this */

/* LIMIT with the reason in d. */
tc_err tc_paths_add(struct tc_paths *p, const struct tc_path *path, uint32_t *out,
                    struct tc_diag *d) TC_MUST_USE;
enum tc_reading tc_paths_reading(const struct tc_paths *p, uint32_t path);

/* Appends the values of o. *cut: there were too many, some are missing. */
tc_err tc_paths_values(struct tc_paths *p, const struct tc_observation *o,
                       struct tc_path_values *out, bool *cut) TC_MUST_USE;

#endif
