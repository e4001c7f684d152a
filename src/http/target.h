/* SPDX-License-Identifier: Apache-2.0 */
/* The target of a request (RFC 9112 section 3.2.1, origin form only), split and decoded strictly:
 * what two programs could read in two ways is refused. Views are into the arena. Pure. */
#ifndef TC_HTTP_TARGET_H
#define TC_HTTP_TARGET_H

#include "base/arena.h"
#include "base/limits.h"

struct tc_arg {
    struct tc_str name, value;
};

struct tc_target {
    struct tc_str segment[TC_MAX_SEGMENTS]; /* decoded; "/a/b/" has two */
    size_t n_segments;
    bool slash; /* the path ends with '/' */
    struct tc_arg arg[TC_MAX_ARGS];
    size_t n_args;
};

/* SYNTAX: not an origin form, empty or dot segments, bad percent-encoding, control characters,
 * '/' hidden in a segment, malformed UTF-8, a parameter given twice. LIMIT: longer or with more
 * pieces than limits.h says. */
tc_err tc_target_parse(struct tc_arena *a, struct tc_str raw, struct tc_target *out,
                       struct tc_diag *d) TC_MUST_USE;

/* "a=b&c=d" alone, as in a posted form; the same rules. */
tc_err tc_args_parse(struct tc_arena *a, struct tc_str raw, struct tc_target *out,
                     struct tc_diag *d) TC_MUST_USE;

/* The value of a parameter; false when it is not there. */
bool tc_target_arg(const struct tc_target *t, const char *name, struct tc_str *value);

/* Calls for "a,b,c": false at the end; empty values are given as such. */
bool tc_list_next(struct tc_str *rest, struct tc_str *value);

#endif
