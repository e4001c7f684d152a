/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: main is a table, each command is one file of this folder. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *says;
    int (*run)(int argc, char **argv);
} commands[] = {
#define TC_COMMAND(name, says) {#name, says, tc_cmd_##name},
#include "cli/commands.def"
#undef TC_COMMAND
    {NULL, NULL, NULL},
};

static int usage(FILE *to)
{
    (void)fputs("usage: tocsin COMMAND [ARG ...]\n\n", to);
    for (size_t i = 0; commands[i].name; i++)
        (void)fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].says);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        (void)usage(stdout);
        return 0;
    }
    for (size_t i = 0; commands[i].name; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    (void)fprintf(stderr, "tocsin: there is no command '%s'\n\n", argv[1]);
    return usage(stderr);
}
