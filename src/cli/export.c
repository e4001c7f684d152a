/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin export: what somebody may read of a node, into a file. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct given {
    const char *community, *format, *as, *out;
    bool json;
};

static tc_err call(const struct given *g, const char *dir, int fd, struct tc_json *answer,
                   struct tc_diag *d)
{
    struct tc_ask a;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "community", g->community ? g->community : "");
    tc_jsonw_kcstr(&a.w, "format", g->format ? g->format : "");
    tc_jsonw_kcstr(&a.w, "as", g->as ? g->as : "");
    return tc_ask_file(&a, dir, "export", fd, answer, d);
}

static int export_to(const struct given *g, const char *dir, int fd)
{
    struct tc_json answer = {0};
    struct tc_diag d;
    uint64_t objects = 0;
    tc_diag_init(&d);
    tc_err e = call(g, dir, fd, &answer, &d);
    if (e)
        return tc_cli_fail("export", e, &d);
    (void)tc_json_u64(answer.root, "objects", &objects);
    if (g->out && g->json)
        tc_cli_json(&answer);
    else if (g->out)
        (void)printf("%s: %llu objects\n", g->out, (unsigned long long)objects);
    tc_json_fini(&answer);
    return 0;
}

int tc_cmd_export(int argc, char **argv)
{
    struct given g = {0};
    struct tc_diag d;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("community", &g.community),
                                  TC_OPT_TEXT("format", &g.format),
                                  TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TEXT("out", &g.out),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    if (tc_cli_parts())
        return 4;
    int fd = g.out ? open(g.out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : STDOUT_FILENO;
    if (fd < 0) {
        tc_diag_init(&d);
        tc_diag_file(&d, g.out);
        return tc_cli_fail("export", tc_diag_set(&d, tc_err_from_errno(errno), "cannot be written"),
                           &d);
    }
    status = export_to(&g, argv[1], fd);
    if (g.out && close(fd) != 0 && !status)
        status = 4;
    return status;
}
