/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a command: "--name VALUE", "--name=VALUE", flags "--name", positional words in any
 * place, "--" ends options. Results point into argv. A command writes
 *
 *     bool json = false;
 *     uint64_t top = 10;
 *     struct tc_opt_list outage = {0};
 *     const struct tc_opt opts[] = {TC_OPT_FLAG("json", &json), TC_OPT_U64("top", &top, 1, 1000),
 *                                   TC_OPT_LIST("outage", &outage, 1, SIZE_MAX), TC_OPT_END};
 *     int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
 *     if (status >= 0)
 *         return status;
 *
 * and finds its n positional words in argv[1..n]. "--help" is answered for every command. */
#ifndef TC_CLI_OPTS_H
#define TC_CLI_OPTS_H

#include "base/time.h"

/* Values of an option that takes several; v is allocated, free it with tc_opt_list_free. */
struct tc_opt_list {
    const char **v;
    size_t n;
};

enum tc_opt_kind {
    TC_OPT_KIND_END,
    TC_OPT_KIND_FLAG,
    TC_OPT_KIND_TEXT,
    TC_OPT_KIND_U64,
    TC_OPT_KIND_DURATION,
    TC_OPT_KIND_TIME,
    TC_OPT_KIND_LIST
};

struct tc_opt {
    const char *name; /* without the leading "--" */
    enum tc_opt_kind kind;
    void *to;          /* left as it is when the option is not given */
    uint64_t min, max; /* of the number; of the count of words a list takes */
};

#define TC_OPT_END                                                                                 \
    {                                                                                              \
        NULL, TC_OPT_KIND_END, NULL, 0, 0                                                          \
    }
#define TC_OPT_FLAG(name, bool_ptr)                                                                \
    {                                                                                              \
        name, TC_OPT_KIND_FLAG, (bool *){bool_ptr}, 0, 0                                           \
    }
#define TC_OPT_TEXT(name, cstr_ptr)                                                                \
    {                                                                                              \
        name, TC_OPT_KIND_TEXT, (const char **){cstr_ptr}, 0, 0                                    \
    }
#define TC_OPT_U64(name, ptr, lo, hi)                                                              \
    {                                                                                              \
        name, TC_OPT_KIND_U64, (uint64_t *){ptr}, lo, hi                                           \
    }
/* ISO 8601 ("PT8H", "P3D") or a number with s, m, h, d, w ("72h"), in seconds, at most hi. */
#define TC_OPT_DURATION(name, ptr, hi)                                                             \
    {                                                                                              \
        name, TC_OPT_KIND_DURATION, (int64_t *){ptr}, 0, hi                                        \
    }
/* RFC 3339 with Z or offset. */
#define TC_OPT_TIME(name, ptr)                                                                     \
    {                                                                                              \
        name, TC_OPT_KIND_TIME, (tc_time *){ptr}, 0, 0                                             \
    }
/* Takes min to max words up to the next "--..."; "--name=WORD" takes that one; may be repeated. */
#define TC_OPT_LIST(name, ptr, lo, hi)                                                             \
    {                                                                                              \
        name, TC_OPT_KIND_LIST, (struct tc_opt_list *){ptr}, lo, hi                                \
    }

/* argv[0] is the command's name. Moves the positional words to argv[1..*words], of which there
 * must be least to most. Returns -1 to go on, else the exit status: 0 after --help, 2 after one
 * line on standard error that says what is wrong, 4 when out of memory. Lists are freed then. */
int tc_cli_opts(int argc, char **argv, const struct tc_opt *opts, size_t least, size_t most,
                size_t *words) TC_MUST_USE;

/* --reason TEXT of any command: why it reads, for communities that ask for that (cli/ask.h). */
extern const char *tc_cli_reason;

void tc_opt_list_free(struct tc_opt_list *list);

#endif
