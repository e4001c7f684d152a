/* SPDX-License-Identifier: Apache-2.0 */
/* What the cascade and the warnings need of an alert: the extension "event" of its incident
 * (packs/critical-entities). Only the blocks in the first block's language count, the others say
 * the same again. Private to src/intake. */
#ifndef TC_INTAKE_CAP_EVENT_H
#define TC_INTAKE_CAP_EVENT_H

#include "codec/jsonw.h"
#include "intake/cap.h"

/* Writes one object value: times, severity, certainty, areas, status, exercise. Anything that is
 * not Actual counts as exercise, so that it can reach nobody as real. */
void tc_cap_event(const struct tc_cap *cap, struct tc_arena *a, struct tc_jsonw *w);

#endif
