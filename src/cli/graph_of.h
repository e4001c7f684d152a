/* SPDX-License-Identifier: Apache-2.0 */
/* The dependency graph that a command was asked about: of a node, or of a register's files. */
#ifndef TC_CLI_GRAPH_OF_H
#define TC_CLI_GRAPH_OF_H

#include "cli/opts.h"
#include "impact/graph.h"

/* Where the assets of a graph stand, by their numbers. */
struct tc_cli_places {
    double *lat, *lon;
    bool *placed;
};
void tc_cli_places_fini(struct tc_cli_places *p);

/* dir: a node's folder, or NULL when files names the register (one or two). Returns the exit
 * status; what is wrong was said. *g is the caller's. places may be NULL. */
int tc_cli_graph(const char *command, const char *dir, const struct tc_opt_list *files,
                 struct tc_graph **g, struct tc_cli_places *places);

#endif
