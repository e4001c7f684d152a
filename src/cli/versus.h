/* SPDX-License-Identifier: Apache-2.0 */
/* Two scenarios side by side, for tocsin impact --versus. */
#ifndef TC_CLI_VERSUS_H
#define TC_CLI_VERSUS_H

#include "impact/cascade.h"

/* Prints what the second does otherwise than the first; gives the exit status, having said why. */
int tc_cli_versus(const struct tc_graph *g, const struct tc_scenario *first,
                  const struct tc_scenario *second, uint32_t horizon, bool json);

#endif
