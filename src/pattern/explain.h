/* SPDX-License-Identifier: Apache-2.0 */
/* What a pattern needs, for a person: what it compares, what must be in an observation for the
 * engine to look at it at all (index.h), and what it remembers over time (when.h).
 *
 * Ownership: everything lives in the caller's arena. */
#ifndef TC_PATTERN_EXPLAIN_H
#define TC_PATTERN_EXPLAIN_H

#include "base/arena.h"
#include "base/time.h"

struct tc_buf;

/* Keys and comparisons of one [...] that are listed; all are counted. */
#define TC_EXPLAIN_LISTED 8u

/* What leads to a [...]. */
struct tc_explained_key {
    struct tc_str path; /* as written */
    const char *is; /* "is", "is in", "begins with", "ends with", "holds"; "" = nothing does: any
                       value at the path */
    struct tc_str what; /* text, a number, a network; empty with "" */
    bool text;
};

struct tc_explained_test {
    struct tc_str path;
    const char *op;   /* "=", "NOT LIKE" */
    const char *kind; /* "text", "number", "regular expression"; "" for EXISTS */
};

struct tc_explained_observe {
    struct tc_explained_test tests[TC_EXPLAIN_LISTED];
    struct tc_explained_key keys[TC_EXPLAIN_LISTED];
    size_t n_tests, n_keys; /* all */
    size_t open;            /* keys of them that are any value at a path */
    bool exact;             /* the keys decide it: nothing is left to compare */
};

struct tc_explained {
    const struct tc_explained_observe *observes; /* a [...] each, from the left */
    size_t n_observes, n_tests;
    const struct tc_str *types; /* of the objects, in the order of the pattern, each once */
    size_t n_types;
    bool single;    /* one observation decides; nothing is remembered */
    bool bounded;   /* START/STOP: only observations of a stretch of time count */
    uint64_t needs; /* observations that a match takes at the most */
    size_t doubled; /* a checker refuses it: see struct tc_pattern */
    int64_t within; /* microseconds between them at the most; INT64_MAX = no bound */
};

/* Refuses what a set would refuse (tc_set_add), with the place in d. */
tc_err tc_pattern_explain(struct tc_str pattern, struct tc_arena *a, struct tc_explained *out,
                          struct tc_diag *d) TC_MUST_USE;

/* Some lines of text without control characters, each behind the indent. */
void tc_explained_say(const struct tc_explained *x, const char *indent, struct tc_buf *out);

#endif
