/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin status: how a node is. Asks the process that serves it; otherwise looks by itself, for
 * reading only, so that it never stands in the way of another command. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "node/node.h"

#include <stdio.h>

static tc_err look(const char *dir, struct tc_buf *out, struct tc_diag *d)
{
    struct tc_node *n = NULL;
    if (tc_node_served(dir))
        return tc_node_call(dir, "status", TC_STR("{}"), -1, out, NULL, NULL, d);
    tc_err e = tc_node_open(dir, TC_NODE_READ_ONLY, &n, d);
    if (!e)
        tc_diag_init(d);
    if (!e)
        e = tc_node_op_run(n, "status", TC_STR("{}"), NULL, 0, out, NULL, NULL, d);
    tc_node_close(n);
    return e;
}

static unsigned long long number(const struct tc_json *j, const char *name)
{
    uint64_t v = 0;
    (void)tc_json_u64(j->root, name, &v);
    return v;
}

static void line(const struct tc_json *j, const char *title, const char *name)
{
    struct tc_str s = {"", 0};
    char text[512];
    (void)tc_json_str(j->root, name, &s);
    (void)tc_str_show(s, text, sizeof text);
    (void)printf("%-14s %s\n", title, text);
}

static void say(const struct tc_json *j)
{
    static const struct tc_cli_column columns[] = {
        {"READER", "name"}, {"REACHED", "cursor"}, {"BEHIND", "lag"}, {"FAILING", "failing"}};
    bool running = false;
    line(j, "title", "title");
    line(j, "folder", "dir");
    line(j, "identity", "identity");
    line(j, "made", "created");
    (void)tc_json_bool(j->root, "running", &running);
    if (running)
        (void)printf("%-14s yes, process %llu\n", "running", number(j, "pid"));
    else
        (void)printf("%-14s no\n", "running");
    (void)printf("%-14s %llu\n", "entries", number(j, "head"));
    (void)printf("%-14s %llu organisations, %llu people, %llu communities, %llu tokens\n", "known",
                 number(j, "orgs"), number(j, "people"), number(j, "communities"),
                 number(j, "tokens"));
    (void)printf("%-14s %.1f MB\n", "on disk", (double)number(j, "bytes") / 1e6);
    if (running)
        tc_cli_table(tc_json_get(j->root, "readers"), columns, 4, "no readers");
}

int tc_cmd_status(int argc, char **argv)
{
    bool json = false;
    size_t n;
    struct tc_diag d;
    struct tc_buf out;
    struct tc_json j = {NULL, NULL};
    const struct tc_opt opts[] = {TC_OPT_FLAG("json", &json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    tc_diag_init(&d);
    tc_buf_init(&out, TC_OP_ANSWER);
    tc_err e = tc_cli_parts();
    if (!e)
        e = look(argv[1], &out, &d);
    if (!e)
        e = tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, &j, &d);
    tc_buf_fini(&out);
    if (e)
        return tc_cli_fail("status", e, &d);
    if (json)
        tc_cli_json(&j);
    else
        say(&j);
    tc_json_fini(&j);
    return 0;
}
