/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: main is a table, each command is one file of this folder. */
#include "cli/commands.h"
#include "cli/help.h"

#include "tocsin/version.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
#define TC_COMMAND(name, says) {#name, tc_cmd_##name},
#include "cli/commands.def"
#undef TC_COMMAND
    {NULL, NULL},
};

#define COUNT (sizeof commands / sizeof *commands)

static int unknown(const char *word)
{
    const char *names[COUNT + 1] = {"help"};
    for (size_t i = 0; commands[i].name; i++)
        names[i + 1] = commands[i].name;
    const char *near = tc_cli_nearest(word, names);
    if (near)
        return tc_cli_usage(NULL, "there is no command '%s' (did you mean '%s'?)", word, near);
    return tc_cli_usage(NULL, "there is no command '%s'", word);
}

/* What was asked for but could not be printed (a full disk, a closed pipe) is a failure. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    (void)fputs("tocsin: standard output could not be written\n", stderr);
    return status ? status : 4;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return tc_cli_usage(NULL, "no command given");
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        (void)puts("tocsin " TC_VERSION);
        return finish(0);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0)
        return finish(tc_cli_help(argc > 2 ? argv[2] : NULL));
    for (size_t i = 0; commands[i].name; i++)
        if (strcmp(word, commands[i].name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    return unknown(word);
}
