/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a STIX pattern, without its grammar: which observable types and first properties
 * its object paths name, and whether brackets and quotes are closed. The checker needs no more;
 * src/pattern parses. Pure, no memory. */
#ifndef TC_MODEL_PATTERN_WORDS_H
#define TC_MODEL_PATTERN_WORDS_H

#include "base/str.h"

struct tc_pattern_words {
    struct tc_str s;
    size_t at;
    int square, round;
    bool any;          /* a path was found */
    const char *wrong; /* NULL, or what is wrong: known once next has returned false */
};

void tc_pattern_words_init(struct tc_pattern_words *w, struct tc_str pattern);
/* The next "type:property" inside brackets; false at the end. */
bool tc_pattern_words_next(struct tc_pattern_words *w, struct tc_str *type, struct tc_str *prop);

#endif
