/* SPDX-License-Identifier: Apache-2.0 */
/* Parser of the STIX pattern language: STIX 2.1 section 9, and what STIX 2.0 spelt otherwise
 * (string literals in START and STOP, keywords in any case). By hand, recursive with a counter;
 * bounded by the limits below. */
#ifndef TC_PATTERN_PARSE_H
#define TC_PATTERN_PARSE_H

#include "pattern/ast.h"

/* A pattern as a whole, bytes; its tests; its nesting; REPEATS. Real ones stay far below. */
#define TC_PATTERN_MAX_TEXT    (1u << 20)
#define TC_PATTERN_MAX_TESTS   20000u
#define TC_PATTERN_MAX_DEPTH   64
#define TC_PATTERN_MAX_REPEATS 1000000u

/* On failure d says what is wrong in one sentence, with line, column and offset. SYNTAX: not the
 * language; INVALID: the language, but with values that cannot be (a set of mixed kinds); LIMIT. */
tc_err tc_pattern_parse(struct tc_str text, struct tc_arena *a, struct tc_pattern *out,
                        struct tc_diag *d) TC_MUST_USE;

/* One object path ("ipv4-addr:value") alone; the same limits and errors. */
tc_err tc_pattern_parse_path(struct tc_str text, struct tc_arena *a, struct tc_path *out,
                             struct tc_diag *d) TC_MUST_USE;

/* The line of the text that d speaks of, and a caret under the place, for a terminal:
 *   [file:size = ]
 *                ^  */
void tc_pattern_caret(struct tc_str text, const struct tc_diag *d, struct tc_buf *out);

#endif
