/* SPDX-License-Identifier: Apache-2.0 */
/* The reader "impact": keeps the register and the open incidents in memory, runs the cascade by
 * difference and appends a finding for each asset that an incident hits: newly hit, earlier, later,
 * spared. Incidents of exercises are reckoned in a world of their own and never meet real ones.
 *
 * Findings have ids derived from (incident, asset) and are appended only when they differ from the
 * newest one in the journal, so reading everything again from the start, or again after a crash
 * between finding and cursor, appends nothing. They are for the node's organisation alone. */
#ifndef TC_WATCH_IMPACT_H
#define TC_WATCH_IMPACT_H

#include "node/node.h"

struct tc_impact;

/* Time after the last start of an incident for which failures are foretold. */
#define TC_IMPACT_HORIZON (INT64_C(72) * 3600)
/* Runs over ranges of buffers ("PT4H..PT12H"). */
#define TC_IMPACT_SAMPLES 200

/* Adds the reader to the node; before tc_node_start. Free after tc_node_close. */
tc_err tc_impact_watch(struct tc_node *n, struct tc_impact **out) TC_MUST_USE;
void tc_impact_free(struct tc_impact *w); /* NULL is fine */

#endif
