/* SPDX-License-Identifier: Apache-2.0 */
/* Letting an object go on to another community, which is its owner's to decide (originator
 * control). A request is an object of the type release-request, for the organisation that asks and
 * the one that owns:
 *
 *   asked --tc_onward_answer, in time--> granted: the object is posted to that community too,
 *                                        as its owner, in the same step
 *                                    --> refused
 *   asked, and due is over           --> expired: can no longer be answered
 *
 * The owner is the organisation that posted the object (tc_audience.creator_org). Any thread. */
#ifndef TC_INTAKE_ONWARD_H
#define TC_INTAKE_ONWARD_H

#include "node/approval.h"

struct tc_onward_ask {
    struct tc_str object;    /* id of an object that who may read */
    struct tc_str community; /* alias or UUID of one that who belongs to */
    struct tc_str why;
    tc_time due; /* TC_TIME_NONE = in three days */
};

/* NOTFOUND: no such object or community for who; CONFLICT: it is there already, or is TLP:RED,
 * which goes from person to person only. id: of the request. */
tc_err tc_onward_request(struct tc_node *n, const struct tc_principal *who,
                         const struct tc_onward_ask *ask, char id[TC_ID_MAX],
                         struct tc_diag *d) TC_MUST_USE;
/* Only somebody of the owner's organisation with the role releaser. NOTFOUND for everybody who may
 * not read the request, DENIED for the others, CONFLICT when it was answered or is over. Where the
 * community in which the object is (or the owner, of what is in none) wants two people for a
 * release, a yes waits for the second: s->id. */
tc_err tc_onward_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                        bool granted, struct tc_str answer, struct tc_second *s,
                        struct tc_diag *d) TC_MUST_USE;
/* {"requests":[...]}, newest first, each with "state" as of now; at most limit. */
tc_err tc_onward_list(struct tc_node *n, const struct tc_principal *who, size_t limit,
                      struct tc_buf *out) TC_MUST_USE;

/* Adds the kind of act "onward-grant"; tc_intake_ops_add does. */
tc_err tc_onward_kind(void) TC_MUST_USE;

#endif
