/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed STIX pattern (STIX 2.1 section 9). Everything lives in the arena that was given to
 * tc_pattern_parse; strings are decoded (no quotes, no escapes). Nodes never change afterwards.
 *
 *   [file:name = 'a' AND file:size > 10] FOLLOWEDBY ([url:value LIKE '%x'] REPEATS 3 TIMES)
 *    \_____ test ___/     \____ test __/
 *    \______ tc_cmp tree (AND) ________/
 *   \_________ tc_obs OBSERVE _________/             \__________ tc_obs OBSERVE, repeats 3 __/
 *   \__________________________ tc_obs FOLLOWEDBY _________________________________________/ */
#ifndef TC_PATTERN_AST_H
#define TC_PATTERN_AST_H

#include "base/arena.h"
#include "base/time.h"

enum tc_cmp_op {
    TC_OP_EQ,
    TC_OP_NE,
    TC_OP_LT,
    TC_OP_LE,
    TC_OP_GT,
    TC_OP_GE,
    TC_OP_IN,
    TC_OP_LIKE,
    TC_OP_MATCHES,
    TC_OP_ISSUBSET,
    TC_OP_ISSUPERSET,
    TC_OP_EXISTS
};

enum tc_lit_kind {
    TC_LIT_STRING,
    TC_LIT_INT,
    TC_LIT_FLOAT,
    TC_LIT_BOOL,
    TC_LIT_HEX,    /* s: the bytes */
    TC_LIT_BINARY, /* s: the bytes */
    TC_LIT_TIME
};

struct tc_lit {
    enum tc_lit_kind kind;
    struct tc_str s; /* STRING: UTF-8; HEX, BINARY: decoded bytes */
    int64_t i;       /* INT */
    double d;        /* FLOAT */
    bool b;          /* BOOL */
    tc_time t;       /* TIME */
};

enum tc_step_kind { TC_STEP_NAME, TC_STEP_INDEX, TC_STEP_ANY };

struct tc_step {
    enum tc_step_kind kind;
    struct tc_str name; /* NAME */
    int64_t index;      /* INDEX; negative never matches */
};

struct tc_path {
    struct tc_str type; /* "file" */
    const struct tc_step *steps;
    size_t n;
    struct tc_str text; /* "file:hashes.'SHA-256'", as written */
};

enum tc_cmp_kind { TC_CMP_TEST, TC_CMP_AND, TC_CMP_OR };

struct tc_cmp {
    enum tc_cmp_kind kind;
    size_t at; /* offset in the pattern */
    /* AND, OR: two or more */
    const struct tc_cmp *const *kids;
    size_t n;
    /* TEST */
    struct tc_path path;
    enum tc_cmp_op op;
    bool negated;
    const struct tc_lit *lits; /* one; IN: any number; EXISTS: none */
    size_t n_lits;
};

enum tc_obs_kind { TC_OBS_OBSERVE, TC_OBS_AND, TC_OBS_OR, TC_OBS_FOLLOWEDBY };

enum tc_qual_kind { TC_QUAL_WITHIN, TC_QUAL_REPEATS, TC_QUAL_STARTSTOP };

struct tc_qual {
    enum tc_qual_kind kind;
    int64_t within;      /* microseconds */
    uint64_t repeats;    /* 1 or more */
    tc_time start, stop; /* start inclusive, stop exclusive; nothing is in it unless start < stop */
};

struct tc_obs {
    enum tc_obs_kind kind;
    size_t at;
    const struct tc_cmp *cmp; /* OBSERVE */
    const struct tc_obs *const *kids;
    size_t n;
    const struct tc_qual *quals; /* in the order written, which is the order applied */
    size_t n_quals;
};

struct tc_pattern {
    const struct tc_obs *root;
    size_t tests, observations; /* how many of each */
    /* Offset of a qualifier that stands a second time on one [...], SIZE_MAX = none. A checker
     * refuses it (STIX 2.1 section 9.5: one of each kind); a matcher can apply both. */
    size_t doubled;
};

#endif
