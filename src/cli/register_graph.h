/* SPDX-License-Identifier: Apache-2.0 */
/* A register (src/model) as a graph (src/impact), and the files that registers are read from. */
#ifndef TC_CLI_REGISTER_GRAPH_H
#define TC_CLI_REGISTER_GRAPH_H

#include "impact/graph.h"
#include "model/register.h"

/* The whole file in *out, which the caller gives its maximum and frees. NOTFOUND, DENIED, LIMIT,
 * IO ... with diag. */
tc_err tc_cli_read_file(const char *path, struct tc_buf *out, struct tc_diag *diag) TC_MUST_USE;

/* A register without errors makes a graph without errors, except for LIMIT and NOMEM. */
tc_err tc_register_graph(const struct tc_register *r, struct tc_graph **out,
                         struct tc_diag *diag) TC_MUST_USE;

#endif
