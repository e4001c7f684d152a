/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include "base/err.h"

#include <string.h>

static const struct tc_cli_page *page_of(const char *command)
{
    for (const struct tc_cli_page *p = tc_cli_pages; p->name; p++)
        if (strcmp(p->name, command) == 0)
            return p;
    return NULL;
}

static int say_all(void)
{
    (void)fputs(tc_cli_pages[0].text, stdout);
    (void)fputs("\nCOMMANDS\n", stdout);
    for (const struct tc_cli_page *p = tc_cli_pages + 1; p->name; p++)
        (void)printf("  %-12s %s\n", p->name, p->says);
    (void)fputs("\n  tocsin COMMAND --help tells more.\n", stdout);
    return 0;
}

int tc_cli_help(const char *command)
{
    if (!command || strcmp(command, tc_cli_pages[0].name) == 0)
        return say_all();
    const struct tc_cli_page *p = page_of(command);
    if (!p)
        return tc_cli_usage(NULL, "there is no command '%s'", command);
    (void)fputs(p->text, stdout);
    return 0;
}

int tc_cli_usage(const char *command, const char *fmt, ...)
{
    struct tc_diag d;
    char line[sizeof d.message];
    tc_diag_init(&d);
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(d.message, sizeof d.message, fmt, ap);
    va_end(ap);
    tc_diag_format(&d, line, sizeof line);
    const char *gap = command ? " " : "", *name = command ? command : "";
    (void)fprintf(stderr, "tocsin%s%s: %s; see tocsin%s%s --help\n", gap, name, line, gap, name);
    return 2;
}

#define LONGEST 31

/* Levenshtein distance over one row; words longer than LONGEST are cut, they are no option names */
static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], m = strnlen(a, LONGEST), n = strnlen(b, LONGEST);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < shorter ? change : shorter;
        }
    }
    return row[n];
}

const char *tc_cli_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t least = strnlen(word, LONGEST) / 3 + 2;
    for (; *names; names++) {
        size_t d = distance(word, *names);
        if (d < least) {
            least = d;
            best = *names;
        }
    }
    return best;
}
