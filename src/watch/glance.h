/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of an object beside its id: what a person calls it, and of a relationship its kind
 * and its ends. Pure. */
#ifndef TC_WATCH_GLANCE_H
#define TC_WATCH_GLANCE_H

#include "base/id.h"
#include "codec/json.h"

/* The first of its names that it has: name, value, headline, abstract ...; empty: none. */
struct tc_str tc_glance_title(yyjson_val *object);

struct tc_glance {
    char title[200];       /* cut; whole characters of UTF-8 */
    char relationship[80]; /* relationship_type; empty: it is no relationship */
    char source[TC_ID_MAX], target[TC_ID_MAX];
};

/* All empty when the text is no JSON object. */
void tc_glance_read(struct tc_str json, struct tc_glance *out);

#endif
