/* SPDX-License-Identifier: Apache-2.0 */
/* Yes-or-no forms of what nearly every object holds, without reading the value: an id (section
 * 2.9), a timestamp (section 3.2), a simple pattern (section 9). Held against tc_id_split,
 * tc_time_parse_z and the pattern parser by test. */
#ifndef TC_MODEL_FAST_H
#define TC_MODEL_FAST_H

#include "base/str.h"

/* True only for a timestamp that is certainly fine; false says: look at it properly. */
bool tc_fast_time(struct tc_str s);

/* "type--uuid": whether it has that form, and the type as a view. */
bool tc_fast_id(struct tc_str s, struct tc_str *type);

/* "[type:property = 'text']", nothing else and no escapes in the text: what most indicators are.
 * False says: parse it. */
bool tc_fast_pattern(struct tc_str s, struct tc_str *type, struct tc_str *property);

/* Version of the UUID of an id of that form, 0 to 15. */
int tc_fast_id_version(struct tc_str id);

#endif
