/* SPDX-License-Identifier: Apache-2.0 */
/* An alert area: the community that one event opens, for as long as it lasts. Its members are the
 * node's organisation (steward), who reported, and the operators of the assets that the cascade
 * says are hit (open findings); others may be invited as to any community. Opened again for the
 * same event it is brought up to date: who is concerned by now joins, nobody is put out. When the
 * incident says that it is closed, the area is archived. */
#ifndef TC_WATCH_ALERT_H
#define TC_WATCH_ALERT_H

#include "node/node.h"

struct tc_alert {
    uint32_t community;
    uint32_t joined; /* members that came in by this call */
    uint32_t held;   /* would have: but the area wants two people for each */
    bool opened;     /* it was not there before */
    bool archived;   /* the event is over */
};

/* incident: its id; title: of the area, empty = "Alert area". NOTFOUND: no such incident. */
tc_err tc_alert_open(struct tc_node *n, struct tc_str incident, struct tc_str title,
                     struct tc_alert *out, struct tc_diag *d) TC_MUST_USE;

/* Adds the reader "areas": about every second it archives each community whose time is over, by the
 * date set for it or so many days after its event was closed (tc_access_community_end), on record.
 */
tc_err tc_alert_watch(struct tc_node *n) TC_MUST_USE;
/* Those whose time is over by now; how many. */
tc_err tc_alert_upto(struct tc_node *n, tc_time now, size_t *archived) TC_MUST_USE;

/* Adds the operation "alert-open". */
tc_err tc_alert_ops(void) TC_MUST_USE;

#endif
