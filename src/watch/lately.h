/* SPDX-License-Identifier: Apache-2.0 */
/* When somebody last looked at an entry of the register: the latest of the confirmations of its
 * operator (watch/confirm.h) and of the day that the entry itself gives (as_of); without either,
 * the time of its newest version. Any thread. */
#ifndef TC_WATCH_LATELY_H
#define TC_WATCH_LATELY_H

#include "node/node.h"

enum tc_lately_by { TC_LATELY_VERSION, TC_LATELY_AS_OF, TC_LATELY_CONFIRMED };

struct tc_lately_entry { /* views live during the call */
    struct tc_str id, name, operator_ref;
    struct tc_str own_id; /* in the register file that it came from, or empty */
    tc_time at;
    enum tc_lately_by by;
};

/* Calls with each asset that who may read. An error of see ends the walk. */
tc_err tc_lately_each(struct tc_node *n, const struct tc_principal *who,
                      tc_err (*see)(void *arg, const struct tc_lately_entry *x),
                      void *arg) TC_MUST_USE;

/* {"older","entries","stale":N,"stale_entries":[{"asset_ref","name","operator_ref","at","by"}] (the
 * first `limit`), "operators":[{"operator_ref","operator","entries","newest"}]}: entries that
 * nobody has looked at for older seconds, and operators of whose entries that holds for all. */
tc_err tc_lately_health(struct tc_node *n, const struct tc_principal *who, int64_t older,
                        size_t limit, struct tc_buf *out) TC_MUST_USE;

const char *tc_lately_word(enum tc_lately_by by); /* "confirmed", "as of", "changed" */

#endif
