/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of text that STIX 2.1 asks for by name. They look at the form only: whether a registered
 * name is in today's registry is not asked, because registries grow and a node must not refuse
 * what is newer than itself. Pure, no allocation, any thread. */
#ifndef TC_MODEL_FORMAT_H
#define TC_MODEL_FORMAT_H

#include "base/str.h"

enum tc_format {
    TC_FORMAT_NONE,
#define TC_FORMAT(name, text, says) TC_FORMAT_##name,
#include "model/format.def"
#undef TC_FORMAT
    TC_FORMAT_COUNT
};

/* LANG looks only at the form here; the checker also knows the first subtags. */
bool tc_format_ok(enum tc_format f, struct tc_str s);
/* By the name that packs use; TC_FORMAT_COUNT when there is none. */
enum tc_format tc_format_find(struct tc_str name);
/* "an IPv4 address or block like 192.0.2.1 or 192.0.2.0/24": fits after "must be ". */
const char *tc_format_says(enum tc_format f);

#endif
