/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data has an end. The reader "retention" knows of each object that carries personal data
 * when it is to be looked at again and when it is to go: from its extension "personal data"
 * (purpose, legal_basis, subject_category, nature, review_due, erase_due), and where it says no
 * date from the rule of a pack for its type, counted from when its newest version came. When the
 * day has come the object is erased for good (erase.h), on record with the reason; what is due for
 * review is listed until a new version says when next. Its picture is in memory and made again at
 * each start, so what fell due meanwhile goes then. */
#ifndef TC_WATCH_RETENTION_H
#define TC_WATCH_RETENTION_H

#include "codec/jsonw.h"
#include "node/node.h"

struct tc_retention;

/* Adds the reader to the node; before tc_node_start. Free after tc_node_close. */
tc_err tc_retention_watch(struct tc_node *n, struct tc_retention **out) TC_MUST_USE;
/* One that no reader keeps up: tc_retention_read brings it up to date. */
tc_err tc_retention_alone(struct tc_node *n, struct tc_retention **out) TC_MUST_USE;
void tc_retention_free(struct tc_retention *r);                          /* NULL is fine */
void tc_retention_clock(struct tc_retention *r, tc_time (*clock)(void)); /* for tests */

tc_err tc_retention_read(struct tc_retention *r, uint64_t head) TC_MUST_USE;
/* Erases what is due; *erased objects, those that went before it came to them not counted. */
tc_err tc_retention_run(struct tc_retention *r, size_t *erased) TC_MUST_USE;

/* Writes {"reviews":[...],"erasures":[...]}: what is due for review, the longest first; what is
 * erased next, the soonest first. Each {"id","type","review_due","erase_due","purpose",
 * "legal_basis","subject_category","nature","by"}; by: "object" or "pack". Only what p may read. */
tc_err tc_retention_list(struct tc_retention *r, const struct tc_principal *p, size_t limit,
                         struct tc_jsonw *w) TC_MUST_USE;

/* The same of the node's own reader; where none runs, one is made for it. */
tc_err tc_retention_tell(struct tc_node *n, const struct tc_principal *p, size_t limit,
                         struct tc_jsonw *w) TC_MUST_USE;

tc_err tc_retention_ops(void) TC_MUST_USE; /* "retention-list": {"limit","as"} */

#endif
