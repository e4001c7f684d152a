/* SPDX-License-Identifier: Apache-2.0 */
/* The ranking of tocsin critical as CSV, GeoJSON and a report. */
#ifndef TC_CLI_CRITICAL_OUT_H
#define TC_CLI_CRITICAL_OUT_H

#include "cli/graph_of.h"
#include "impact/critical.h"
#include "impact/tally.h"

/* One asset of the ranking, with what its row does not say. */
struct tc_critical_entry {
    uint32_t asset;
    const struct tc_critical_row *row;
    struct tc_tally tally;
    bool *services; /* that somebody fails for want of; by number */
};

struct tc_critical_ranking {
    const struct tc_graph *g;
    const struct tc_cli_places *places; /* only where --format is given */
    struct tc_critical_row *rows;       /* by asset */
    uint32_t *order;
    struct tc_critical_entry *top;
    size_t n;
    uint32_t horizon;
    const char *by; /* "people-hours", "people", "assets", "states" */
};

/* Member States: of particular European significance, CER Article 17. */
#define TC_CRITICAL_MANY 6u

/* format: csv, geojson or html; out NULL = standard output. Returns the exit status. */
int tc_critical_write(const struct tc_critical_ranking *r, const char *format, const char *marking,
                      const char *out);

#endif
