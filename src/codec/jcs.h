/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON, RFC 8785: the one spelling of a value that digests and signatures are made of.
 * Members sorted by UTF-16 code units, numbers as ECMAScript prints them. INVALID for an integer
 * that no double holds (it would change silently), unless it is spelled canonically already; LIMIT
 * or NOMEM of the buffer. Any thread. */
#ifndef TC_CODEC_JCS_H
#define TC_CODEC_JCS_H

#include "base/str.h"

#include <yyjson.h>

/* Appends to b. The tree comes from tc_json_read without raw numbers: bounded depth, no repeats. */
tc_err tc_jcs_write(yyjson_val *v, struct tc_buf *b, struct tc_diag *d) TC_MUST_USE;

/* Order of names by UTF-16 code units, of well-formed UTF-8: <0 0 >0. */
int tc_jcs_order(struct tc_str a, struct tc_str b);

#endif
