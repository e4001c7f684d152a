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

static unsigned long long of(yyjson_val *x, const char *name)
{
    uint64_t v = 0;
    (void)tc_json_u64(x, name, &v);
    return v;
}

/* Which patterns are matched, and which are not. */
static void say_match(yyjson_val *m)
{
    yyjson_val *list = tc_json_get(m, "patterns"), *one;
    size_t i, n;
    if (!m)
        return;
    (void)printf(
        "%-14s %llu indicators, %llu rules of packs, %llu refused, %llu without a literal\n",
        "patterns", of(m, "indicators"), of(m, "rules_of_packs"), of(m, "refused"),
        of(m, "unindexed"));
    if (of(m, "mutes"))
        (void)printf("%-14s %llu in force, %llu matches held back since the start\n", "mutes",
                     of(m, "mutes"), of(m, "muted"));
    if (of(m, "observations_forgotten") || of(m, "values_dropped"))
        (void)printf("%-14s %llu observations, %llu values of per, over their bounds\n", "let go",
                     of(m, "observations_forgotten"), of(m, "values_dropped"));
    yyjson_arr_foreach (list, i, n, one) {
        struct tc_str id = {"", 0}, reason = {"", 0};
        char text[512], why[512];
        (void)tc_json_str(one, "id", &id);
        if (!tc_json_str(one, "reason", &reason))
            continue;
        (void)tc_str_show(id, text, sizeof text);
        (void)tc_str_show(reason, why, sizeof why);
        (void)printf("  %s refused: %s\n", text, why);
    }
}

static void say_confirmations(yyjson_val *c)
{
    if (of(c, "asked") + of(c, "overdue") + of(c, "answered"))
        (void)printf("%-14s %llu asked, %llu overdue, %llu answered\n", "confirmations",
                     of(c, "asked"), of(c, "overdue"), of(c, "answered"));
}

static void say_witnesses(yyjson_val *x)
{
    yyjson_val *one;
    size_t i, n;
    yyjson_arr_foreach (tc_json_get(x, "asked"), i, n, one) {
        struct tc_str name = {"", 0}, problem = {"", 0}, at = {"never", 5};
        bool late = false, refuses = false;
        char text[256], why[256];
        (void)tc_json_str(one, "name", &name);
        (void)tc_json_str(one, "cosigned", &at);
        (void)tc_json_bool(one, "late", &late);
        (void)tc_json_bool(one, "refuses", &refuses);
        (void)tc_str_show(name, text, sizeof text);
        (void)printf("%-14s %s: cosigned %llu records, %.*s%s%s\n", "witness", text,
                     of(one, "records"), TC_FMT(at), late ? ", LATE" : "",
                     refuses ? ", REFUSES" : "");
        if (!tc_json_str(one, "problem", &problem))
            continue;
        (void)tc_str_show(problem, why, sizeof why);
        (void)printf("  for %llu s: %s\n", of(one, "behind_seconds"), why);
    }
    yyjson_arr_foreach (tc_json_get(x, "witnessed"), i, n, one) {
        struct tc_str name = {"", 0};
        bool forked = false, damaged = false;
        char text[256];
        (void)tc_json_str(one, "origin", &name);
        (void)tc_json_bool(one, "forked", &forked);
        (void)tc_json_bool(one, "damaged", &damaged);
        (void)tc_str_show(name, text, sizeof text);
        (void)printf("%-14s %s: %llu records%s%s\n", "witness of", text, of(one, "records"),
                     forked ? ", it REWROTE ITS HISTORY" : "",
                     damaged ? ", what is kept of it is DAMAGED" : "");
    }
}

static void say_sealed(yyjson_val *x)
{
    struct tc_str key = {"", 0};
    (void)tc_json_str(x, "key", &key);
    if (key.n)
        (void)printf("%-14s %llu entries, with the field key %.*s\n", "sealed", of(x, "entries"),
                     TC_FMT(key));
    else
        (void)printf("%-14s nothing: no field key; packs mark fields of %llu types\n", "sealed",
                     of(x, "marked_types"));
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
    say_sealed(tc_json_get(j->root, "sealed"));
    if (running)
        tc_cli_table(tc_json_get(j->root, "readers"), columns, 4, "no readers");
    say_match(tc_json_get(j->root, "match"));
    say_confirmations(tc_json_get(j->root, "confirmations"));
    say_witnesses(tc_json_get(j->root, "witnesses"));
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
