/* SPDX-License-Identifier: Apache-2.0 */
/* Embargoes that are over. What was held back is appended anew, the same version for the readers
 * that its markings allow now: so it comes to them as something that was added at that moment, by
 * every way (pages after added_after, events, search, matches), and no answer depends on the
 * clock. What was deleted or revoked meanwhile stays where it is. Done twice changes nothing. */
#ifndef TC_WATCH_LIFT_H
#define TC_WATCH_LIFT_H

#include "node/node.h"

/* Adds the reader "lift", which does it about every second. */
tc_err tc_lift_watch(struct tc_node *n) TC_MUST_USE;
/* Everything that is over by now; how many entries that were. */
tc_err tc_lift_upto(struct tc_node *n, tc_time now, uint64_t *lifted) TC_MUST_USE;

#endif
