/* SPDX-License-Identifier: Apache-2.0 */
/* One function per command, argv[0] is the command's name. Each returns the exit status: 0 done,
 * 1 did not hold, 2 usage, 3 refused input, 4 storage or system. */
#ifndef TC_CLI_COMMANDS_H
#define TC_CLI_COMMANDS_H

#define TC_COMMAND(name, says) int tc_cmd_##name(int argc, char **argv);
#include "cli/commands.def"
#undef TC_COMMAND

#endif
