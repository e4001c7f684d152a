/* SPDX-License-Identifier: Apache-2.0 */
/* "What else has this value?" The reader "correlate" keeps the lists of values.h up with the
 * journal; an answer is given within what the asker may read, and says how far behind the lists
 * are. Which texts of an object are values is decided in extract.h, how they are spelled in
 * normal.h. Any thread may ask. */
#ifndef TC_WATCH_CORRELATE_H
#define TC_WATCH_CORRELATE_H

#include "node/node.h"
#include "watch/values.h"

struct tc_correlate;

/* Adds the reader to the node; before tc_node_start. Free after tc_node_close. */
tc_err tc_correlate_watch(struct tc_node *n, struct tc_correlate **out) TC_MUST_USE;
void tc_correlate_free(struct tc_correlate *c); /* NULL is fine */

/* Lists that no reader keeps: for a node that nobody serves, brought up to date by the caller with
 * tc_correlate_step (*done false = there is more). Free as above. */
tc_err tc_correlate_alone(struct tc_node *n, struct tc_correlate **out) TC_MUST_USE;
tc_err tc_correlate_step(struct tc_correlate *c, bool *done) TC_MUST_USE;

/* Appends for each value (at most TC_MAX_LOOKUP, else LIMIT) one object to out, with commas
 * between:
 *   {"value":V,"normal":N,"hot":false,"objects":[{"id":I,"type":T,"version":TIME},...]}
 * newest first, each object once in its newest version. When the asker may read more than
 * TC_MAX_CORRELATED entries with it, the value is hot: only the newest at hand are listed. At most
 * limit objects are listed for each value; "more" is there, and true, when there are more. *lag:
 * entries that the lists had not reached. BUSY: there are no lists now. */
tc_err tc_correlate_ask(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_str *values, size_t count, size_t limit, struct tc_buf *out,
                        uint64_t *lag) TC_MUST_USE;
tc_err tc_correlate_in(struct tc_correlate *c, const struct tc_principal *p,
                       const struct tc_str *values, size_t count, size_t limit, struct tc_buf *out,
                       uint64_t *lag) TC_MUST_USE;

tc_err tc_correlate_ops(void) TC_MUST_USE; /* "correlate"; in find_ops.c */

#endif
