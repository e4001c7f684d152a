/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of tocsin impact as CSV, GeoJSON and a report. */
#ifndef TC_CLI_IMPACT_OUT_H
#define TC_CLI_IMPACT_OUT_H

#include "base/time.h"
#include "cli/graph_of.h"
#include "impact/montecarlo.h"
#include "impact/scenario.h"
#include "impact/tally.h"

struct tc_impact_answer {
    const struct tc_graph *g;
    const struct tc_cli_places *places; /* only where --format is given */
    const struct tc_scenario *scenario;
    struct tc_cascade *c;
    const struct tc_failure *f;
    size_t n;
    struct tc_mc mc;
    bool ranges;
    struct tc_tally tally;
    tc_time start; /* TC_TIME_NONE = not given */
    uint32_t horizon;
    int64_t lasts; /* 0 = does not end */
    uint64_t seed;
};

/* format: csv, geojson or html; out NULL = standard output. Returns the exit status. */
int tc_impact_write(const struct tc_impact_answer *a, const char *format, const char *marking,
                    const char *out);

#endif
