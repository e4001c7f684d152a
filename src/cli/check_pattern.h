/* SPDX-License-Identifier: Apache-2.0 */
/* The part of "tocsin check" for patterns: one as a word, a file .pattern (one pattern, over as
 * many lines as it likes) or .patterns (one a line, or JSON lines {"id","pattern"}). */
#ifndef TC_CLI_CHECK_PATTERN_H
#define TC_CLI_CHECK_PATTERN_H

#include "base/str.h"

struct tc_check_patterns {
    bool json, quiet;
    unsigned patterns, refused, open; /* open: without an index key */
    tc_err worst;
};

/* Is it a file of patterns, by its name? */
bool tc_check_is_patterns(const char *file);
/* Prints what each pattern needs, or what is wrong with it, on standard output. file: its name, or
 * NULL for a word of the call. NOMEM ends it, anything else is counted. */
tc_err tc_check_patterns(struct tc_check_patterns *c, const char *file, struct tc_str text);

#endif
