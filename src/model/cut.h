/* SPDX-License-Identifier: Apache-2.0 */
/* An object without the fields that somebody may not see (granular markings, STIX 2.1 section 7.2).
 *
 * What goes: each value that a hidden marking selects, with all that is in it; lists and objects
 * that are empty then; the entries of granular_markings that tell of it, and selectors of others
 * that led into it. Selectors that count the items of a list are counted anew. The rest keeps its
 * order and the digits of its numbers; the same input gives the same bytes. Pure. */
#ifndef TC_MODEL_CUT_H
#define TC_MODEL_CUT_H

#include "base/id.h"
#include "base/str.h"
#include "model/audience.h"

#include <yyjson.h>

/* As p reads it. p NULL: as everybody reads it who reads the object, without any field that a
 * marking of the audience covers. Appended to out. CORRUPT when body is no object, or has a
 * granular marking that cannot be followed: then nothing of it may go out. */
tc_err tc_cut(struct tc_str body, const struct tc_principal *p, const struct tc_audience *a,
              struct tc_buf *out) TC_MUST_USE;

/* The different markings of an object's granular_markings, at most most of them. LIMIT: more, or
 * too many selectors; INVALID: an entry that cannot be followed. */
tc_err tc_cut_markings(yyjson_val *root, struct tc_uuid *markings, size_t most,
                       size_t *n) TC_MUST_USE;
/* Without what these markings cover. */
tc_err tc_cut_without(struct tc_str body, const struct tc_uuid *markings, size_t n,
                      struct tc_buf *out) TC_MUST_USE;

#endif
