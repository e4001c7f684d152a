/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario as a JSON file, for tocsin impact --scenario; docs/commands/impact.txt describes it.
 */
#ifndef TC_CLI_SCENARIO_FILE_H
#define TC_CLI_SCENARIO_FILE_H

#include "impact/scenario.h"

/* Adds what the file says to l. *start is what "at" says, when it is TC_TIME_NONE before. Errors go
 * to diag with file and path; then l is of no use. */
tc_err tc_cli_scenario(const char *path, const struct tc_graph *g, struct tc_scenario_list *l,
                       tc_time *start, struct tc_diag *diag) TC_MUST_USE;

#endif
