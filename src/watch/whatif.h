/* SPDX-License-Identifier: Apache-2.0 */
/* What if: a scenario, or two side by side, over the register as the asker has it (desk.h). The
 * question and the answer are JSON; docs/openapi.json describes them.
 *
 *   {"horizon": "PT72H", "limit": 1000, "at": "2026-11-21T20:15:00Z", "runs": 1000, "seed": 1,
 *    "first":  {"outages": [ID | {"asset": ID, "from": T, "to": T}],
 *               "areas":   [{"polygon": [[LAT, LON] ...] | "circle": {...}, "from": T, "to": T}],
 *               "causes":  [NAME | {"cause": NAME, "from": T, "to": T}],
 *               "capacities": [{"asset": ID, "left": 0.4, "from": T, "to": T}],
 *               "stocks":  [{"asset": ID, "service": NAME, "buffer": T, "fill": 0.5}],
 *               "without": [{"asset": ID, "service": NAME, "what": "buffer" | "need"}]},
 *    "second": {...}}
 *
 * T: seconds from the start, or a duration ("PT8H"); from is 0 and to is never when not given, so
 * planned work is an outage with both. without: a measure is taken away for this scenario (the
 * stock of that service, all stocks without "service"), or a need is (somebody else serves it).
 * runs: where the register has ranges, how likely and when about stands beside the earliest time,
 * of two scenarios with the same luck; fewer are done where a run is long, "runs" says how many. */
#ifndef TC_WATCH_WHATIF_H
#define TC_WATCH_WHATIF_H

#include "watch/desk.h"

#include <yyjson.h>

/* Appends the answer to out. INVALID or LIMIT with the path of what is wrong, BUSY, NOMEM. */
tc_err tc_whatif_ask(struct tc_desk *d, const struct tc_principal *p, yyjson_val *question,
                     struct tc_buf *out, struct tc_diag *diag) TC_MUST_USE;

#endif
