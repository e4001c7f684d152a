/* SPDX-License-Identifier: Apache-2.0 */
/* "What else has this value?" The reader "correlate" keeps the lists of values.h up with the
 * journal; an answer is given within what the asker may read, and says how far behind the lists
 * are. Which texts of an object are values is decided in extract.h, how they are spelled in
 * normal.h. Any thread may ask. */
#ifndef TC_WATCH_CORRELATE_H
#define TC_WATCH_CORRELATE_H

#include "model/spelling.h"
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

/* What is asked. as: the kind of key field that the values are (packs/README.md); NONE = whatever
 * they can be. Views must live as long as the call. */
struct tc_correlate_what {
    const struct tc_str *values;
    size_t count; /* at most TC_MAX_LOOKUP, else LIMIT */
    size_t limit; /* objects of each value */
    enum tc_spelling as;
};

/* Objects of each of count values when so many were asked for (0 = not said: 100, and fewer when
 * there are many values), so that an answer is bounded: TC_MAX_LISTED objects, 20,000 when not
 * said, which keeps a thousand hot values within 50 ms. */
#define TC_MAX_LISTED 100000
size_t tc_correlate_limit(size_t count, uint64_t asked);

/* Appends for each value one object to out, with commas between:
 *   {"value":V,"normal":N,"hot":false,"objects":[{"id":I,"type":T,"version":TIME},...]}
 * newest first, each object once in its newest version. When the asker may read more than
 * TC_MAX_CORRELATED entries with it, the value is hot: only the newest at hand are listed. "more"
 * is there, and true, when there are more objects than limit. "kinds" is there, [{"kind":"plate",
 * "normal":"AB12CD"}, ...], when it was found as a key field of a pack; and "is_not", "cas", when
 * the value is not of the kind asked for and was looked for by its shape. *lag: entries that the
 * lists had not reached. BUSY: there are no lists now. */
tc_err tc_correlate_ask(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_correlate_what *what, struct tc_buf *out,
                        uint64_t *lag) TC_MUST_USE;
tc_err tc_correlate_in(struct tc_correlate *c, const struct tc_principal *p,
                       const struct tc_correlate_what *what, struct tc_buf *out,
                       uint64_t *lag) TC_MUST_USE;

/* The lists of a running node, or NULL: for tc_correlate_in and the two below. Valid until
 * tc_correlate_free. */
struct tc_correlate *tc_correlate_of(const struct tc_node *n);
/* Nothing of what was deleted is in their files, and they are at the head. */
bool tc_correlate_clean(const struct tc_correlate *c);
uint64_t tc_correlate_lag(const struct tc_correlate *c); /* entries behind the journal */

/* The entries that hold the value, whatever it can be, for this asker; those that are deleted too.
 * *until: the lists had reached this entry. */
tc_err tc_correlate_entries(struct tc_correlate *c, const struct tc_principal *p,
                            struct tc_str value, struct tc_value_found *f,
                            uint64_t *until) TC_MUST_USE;
/* The same of a text that is spelled already, as tc_extract_sink tells it. */
tc_err tc_correlate_spelled(struct tc_correlate *c, const struct tc_principal *p,
                            enum tc_spelling apart, struct tc_str normal,
                            struct tc_value_found *f) TC_MUST_USE;

tc_err tc_correlate_ops(void) TC_MUST_USE; /* "correlate" and "near"; in find_ops.c */

#endif
