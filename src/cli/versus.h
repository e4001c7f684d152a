/* SPDX-License-Identifier: Apache-2.0 */
/* Two scenarios side by side, for tocsin impact --versus. */
#ifndef TC_CLI_VERSUS_H
#define TC_CLI_VERSUS_H

#include "impact/montecarlo.h"

/* Prints what the second does otherwise than the first; gives the exit status, having said why.
 * Where the graph has ranges and runs->runs is not 0, both are run as often, with the same luck
 * (montecarlo.h): beside the earliest times stands how likely and when about. */
int tc_cli_versus(const struct tc_graph *g, const struct tc_scenario *first,
                  const struct tc_scenario *second, const struct tc_mc_opts *runs, bool json);

#endif
