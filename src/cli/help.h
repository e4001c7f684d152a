/* SPDX-License-Identifier: Apache-2.0 */
/* Help pages. docs/commands/NAME.txt is the one source: tools/help.py turns it at build time into
 * the table below (build/src/cli/help_pages.c) and into the man page tocsin-NAME.1. */
#ifndef TC_CLI_HELP_H
#define TC_CLI_HELP_H

#include "base/err.h"

#include <stdio.h>

struct tc_cli_page {
    const char *name; /* of the command; "tocsin" is the program's own page */
    const char *says; /* its line in "tocsin --help" */
    const char *text; /* the page as "tocsin NAME --help" shows it */
};

/* In the order of commands.def behind the program's own page; ends with a name of NULL. */
extern const struct tc_cli_page tc_cli_pages[];

/* Prints the page of command, or with NULL the program's page and the list of commands, on
 * standard output. Returns the exit status: 0, or 2 when there is no such command. */
int tc_cli_help(const char *command);

/* One line on standard error, "tocsin import: no file given; see tocsin import --help". Control
 * characters of foreign words are shown as '?'. command may be NULL (the program itself).
 * Returns 2, so that "return tc_cli_usage(...)" works. */
int tc_cli_usage(const char *command, const char *fmt, ...) TC_PRINTF(2, 3);

/* The name nearest to word, or NULL when none is near (more than a third of it and one letter would
 * change). */
const char *tc_cli_nearest(const char *word, const char *const *names);

#endif
