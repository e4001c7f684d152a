/* SPDX-License-Identifier: Apache-2.0 */
/* How a key field is spelled: what a pack says after "key" (packs/README.md), and what
 * src/watch/normal.h then makes one spelling of. The rows are in spelling.def. */
#ifndef TC_MODEL_SPELLING_H
#define TC_MODEL_SPELLING_H

#include "base/str.h"

enum tc_spelling {
    TC_SPELLING_NONE, /* no key field */
#define TC_SPELLING(name, text, says) TC_SPELLING_##name,
#include "model/spelling.def"
#undef TC_SPELLING
    TC_SPELLING_COUNT
};

/* By the name that packs use; TC_SPELLING_COUNT when there is none. */
enum tc_spelling tc_spelling_find(struct tc_str name);
const char *tc_spelling_name(enum tc_spelling s);
/* "a telephone number": fits after "is not " and "must be ". */
const char *tc_spelling_says(enum tc_spelling s);

#endif
