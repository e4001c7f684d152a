/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of values that are known to give false alarms (public resolvers, ranges of large
 * providers, top sites), in the form in which MISP publishes them: one JSON object a file, with
 * "name", "type" and "list". By type a value hits an entry when
 *
 *   string     it is the same, without ASCII case
 *   hostname   it, or the host of the URL or address of e-mail that it is, is the same or below it
 *   cidr       it is an address or net inside of it
 *   substring  it contains it
 *   regex      it matches it (/.../ around it is taken off, a final i means without case)
 *
 * Read once, then only asked, by one thread. */
#ifndef TC_WATCH_WARNLIST_H
#define TC_WATCH_WARNLIST_H

#include "base/str.h"

#include <yyjson.h>

/* Files; bytes of one; entries of all; regular expressions and substrings, which are tried one
 * after the other. */
#define TC_WARNLIST_MAX_FILES   500
#define TC_WARNLIST_MAX_FILE    ((size_t)256 << 20)
#define TC_WARNLIST_MAX_ENTRIES 10000000u
#define TC_WARNLIST_MAX_SLOW    10000u

struct tc_warnlists;
struct tc_warnlists *tc_warnlists_new(void); /* NULL = out of memory */
void tc_warnlists_free(struct tc_warnlists *w);

/* All *.json of a folder; a folder that is not there is empty. The first file that is no list ends
 * it: SYNTAX, INVALID, LIMIT; d names it. */
tc_err tc_warnlists_load(struct tc_warnlists *w, const char *dir, struct tc_diag *d) TC_MUST_USE;
tc_err tc_warnlists_add(struct tc_warnlists *w, struct tc_str json, struct tc_diag *d) TC_MUST_USE;
size_t tc_warnlists_count(const struct tc_warnlists *w); /* lists */

/* Name of a list that this string is on, or NULL: none, or no memory for looking through substrings
 * and regular expressions (then a match is told that a list would have held back). Lives as long
 * as w. */
const char *tc_warnlists_hit(struct tc_warnlists *w, yyjson_val *value);

#endif
