/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin audience: who would read these objects, asked before they are posted. */
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
    const char *community, *as;
    bool json;
};

static tc_err call(const struct given *g, const char *dir, int fd, struct tc_json *answer,
                   struct tc_diag *d)
{
    struct tc_ask a;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "community", g->community ? g->community : "");
    tc_jsonw_kcstr(&a.w, "as", g->as ? g->as : "");
    return tc_ask_file(&a, dir, "audience", fd, answer, d);
}

static void say(const char *before, yyjson_val *o, const char *name)
{
    char shown[1024];
    struct tc_str s;
    if (tc_json_str(o, name, &s)) {
        (void)tc_str_show(s, shown, sizeof shown);
        (void)printf("%s%s", before, shown);
    }
}

static void say_names(const char *what, yyjson_val *list)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, n, v) {
        (void)printf("  %s", what);
        struct tc_str name = {"", 0};
        (void)tc_json_str(v, "name", &name);
        say("", v, name.n ? "name" : "identity");
        (void)putchar('\n');
    }
}

static void say_readers(yyjson_val *o)
{
    bool everybody = false, signed_in = false;
    (void)tc_json_bool(o, "everybody", &everybody);
    (void)tc_json_bool(o, "signed_in", &signed_in);
    say("  ", o, "marking");
    say(" ", o, "pap");
    say(", not before ", o, "embargo_until");
    (void)printf("%s\n",
                 tc_json_get(o, "originator_control") ? ", goes on only as its owner says" : "");
    if (everybody)
        (void)puts("  everybody, also without signing in");
    else if (signed_in)
        (void)puts("  every organisation that signs in");
    say_names("organisation ", tc_json_get(o, "organisations"));
    say_names("person ", tc_json_get(o, "people"));
}

static bool say_object(yyjson_val *o)
{
    size_t i, n;
    yyjson_val *f;
    say("", o, "id");
    (void)putchar('\n');
    if (tc_json_get(o, "refused")) {
        say("  refused: ", o, "refused");
        (void)putchar('\n');
        return false;
    }
    say_readers(o);
    yyjson_arr_foreach (tc_json_get(o, "fields"), i, n, f) {
        say("  fields marked ", f, "marking_ref");
        (void)putchar('\n');
        say_readers(f);
    }
    return true;
}

static int answer_of(const struct given *g, const char *dir, int fd)
{
    struct tc_json answer = {0};
    struct tc_diag d;
    size_t i, n;
    yyjson_val *o;
    bool fit = true;
    tc_diag_init(&d);
    tc_err e = call(g, dir, fd, &answer, &d);
    if (e)
        return tc_cli_fail("audience", e, &d);
    if (g->json)
        tc_cli_json(&answer);
    yyjson_arr_foreach (tc_json_get(answer.root, "objects"), i, n, o) {
        fit = fit && !tc_json_get(o, "refused");
        if (!g->json)
            (void)say_object(o);
    }
    tc_json_fini(&answer);
    return fit ? 0 : 3;
}

int tc_cmd_audience(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    struct tc_diag d;
    const struct tc_opt opts[] = {TC_OPT_TEXT("community", &g.community), TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 2, &n);
    if (status >= 0)
        return status;
    tc_diag_init(&d);
    tc_err e = tc_cli_parts();
    if (e)
        return tc_cli_fail("audience", e, &d);
    int fd = strcmp(argv[2], "-") == 0 ? STDIN_FILENO : open(argv[2], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        e = tc_err_from_errno(errno);
        return tc_cli_fail("audience", tc_diag_set(&d, e, "%s: %s", argv[2], tc_err_text(e)), &d);
    }
    status = answer_of(&g, argv[1], fd);
    if (fd != STDIN_FILENO)
        (void)close(fd);
    return status;
}
