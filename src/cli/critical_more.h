/* SPDX-License-Identifier: Apache-2.0 */
/* What tocsin critical answers besides the ranking of single outages: pairs of a chosen set, common
 * causes, the case file of one asset. */
#ifndef TC_CLI_CRITICAL_MORE_H
#define TC_CLI_CRITICAL_MORE_H

#include "cli/opts.h"
#include "impact/graph.h"

struct tc_critical_more {
    struct tc_opt_list pairs; /* asset ids, with commas or one by one */
    bool causes, html, json;
    const char *one; /* --case */
    uint32_t horizon;
    uint64_t top;
    const char *marking, *out; /* of the case file; out NULL = standard output */
    const char *dir;           /* of the node, for impact.json; NULL = none */
};

bool tc_cli_critical_more_asked(const struct tc_critical_more *m);
/* Gives the exit status, having said why. */
int tc_cli_critical_more(const struct tc_graph *g, const struct tc_critical_more *m);

#endif
