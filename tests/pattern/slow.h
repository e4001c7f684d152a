/* SPDX-License-Identifier: Apache-2.0 */
/* A slow STIX pattern evaluator, written straight from STIX 2.1 section 9 for the tests: it makes
 * every binding and keeps those that are legal. Exponential on purpose; for a dozen observations.
 * The engine in src/pattern is held against it and shares only the parser with it. */
#ifndef TC_TESTS_SLOW_PATTERN_H
#define TC_TESTS_SLOW_PATTERN_H

#include "pattern/ast.h"

#include <yyjson.h>

#define SLOW_MAX_OBS 24

/* One observed-data: when, how often, and the objects seen, each with the key that a *_ref names
 * it by (STIX 2.1: its id; STIX 2.0: "0", "1" ...). */
struct slow_obs {
    tc_time first, last;
    uint32_t number;
    struct {
        struct tc_str key;
        yyjson_val *object;
        bool root; /* named by object_refs: a comparison may start here */
    } objects[64];
    size_t n_objects;
};

enum slow_result { SLOW_NO, SLOW_YES, SLOW_TOO_BIG };

/* Does the pattern hold over these observations? SLOW_TOO_BIG when there are too many bindings. */
enum slow_result slow_match(const struct tc_pattern *p, const struct slow_obs *obs, size_t n);

/* Appends every observed-data of a bundle (2.1 form with object_refs, or 2.0 form with objects) to
 * out, which has room for SLOW_MAX_OBS; returns the new count. Borrowed views. */
size_t slow_from_bundle(yyjson_val *bundle, struct slow_obs *out, size_t n);

#endif
