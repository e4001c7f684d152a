/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin duty: the directory of contacts, and test calls whose answers are timed. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>
#include <string.h>

struct given {
    const char *as;
    uint64_t minutes;
    bool json;
};

/* Asks; -1 to go on with r. */
static int send(const struct given *g, const char *dir, const char *op, const char *name,
                const char *value, struct tc_json *r)
{
    struct tc_ask a;
    tc_ask_init(&a);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    if (name)
        tc_jsonw_kcstr(&a.w, name, value);
    tc_jsonw_ku64(&a.w, "minutes", g->minutes);
    int status = tc_ask_send(&a, "duty", dir, op, r);
    if (status < 0 && g->json) {
        tc_cli_json(r);
        tc_json_fini(r);
        return 0;
    }
    return status;
}

static void say_list(yyjson_val *point, const char *name)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (tc_json_get(point, name), i, n, v) {
        char shown[256];
        (void)tc_str_show(tc_json_view(v), shown, sizeof shown);
        (void)printf("%s%s", i ? "," : "  ", yyjson_is_str(v) ? shown : "?");
    }
}

static void say_point(yyjson_val *o)
{
    yyjson_val *point = tc_json_get(o, "duty_point");
    yyjson_val *call = yyjson_arr_get_first(tc_json_get(o, "newest_call"));
    struct tc_str name = {"", 0}, hours = {"", 0}, id = {"", 0}, state = {"never called", 12};
    uint64_t seconds = 0;
    char shown[512];
    (void)tc_json_str(point, "name", &name);
    (void)tc_json_str(point, "hours", &hours);
    (void)tc_json_str(point, "id", &id);
    (void)tc_json_str(call, "state", &state);
    (void)tc_str_show(name, shown, sizeof shown);
    (void)printf("%s", shown);
    (void)tc_str_show(hours, shown, sizeof shown);
    (void)printf("  %s", shown);
    say_list(point, "areas");
    say_list(point, "languages");
    say_list(point, "reach");
    (void)printf("\n  %.*s  %.*s", TC_FMT(id), TC_FMT(state));
    if (tc_json_u64(call, "seconds", &seconds))
        (void)printf(" after %llu s", (unsigned long long)seconds);
    (void)putchar('\n');
}

static int list(const struct given *g, const char *dir)
{
    struct tc_json r;
    size_t i, n;
    yyjson_val *o;
    int status = send(g, dir, "duty-list", NULL, NULL, &r);
    if (status >= 0)
        return status;
    yyjson_arr_foreach (tc_json_get(r.root, "duty_points"), i, n, o)
        say_point(o);
    if (!yyjson_arr_size(tc_json_get(r.root, "duty_points")))
        (void)puts("no duty points");
    tc_json_fini(&r);
    return 0;
}

static int calls(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {{"STATE", "state"},
                                                   {"CALLED", "called"},
                                                   {"DUE", "due"},
                                                   {"SECONDS", "seconds"},
                                                   {"DUTY POINT", "duty_point_ref"},
                                                   {"ID", "id"}};
    struct tc_json r;
    int status = send(g, dir, "duty-calls", NULL, NULL, &r);
    if (status >= 0)
        return status;
    tc_cli_table(tc_json_get(r.root, "test_calls"), columns, 6, "no test calls");
    tc_json_fini(&r);
    return 0;
}

static int call(const struct given *g, const char *dir, const char *point)
{
    struct tc_json r;
    struct tc_str id = {"", 0};
    int status = send(g, dir, "duty-call", "duty_point", point, &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "id", &id);
    (void)printf("called: %.*s\n", TC_FMT(id));
    tc_json_fini(&r);
    return 0;
}

static int answer(const struct given *g, const char *dir, const char *id)
{
    struct tc_json r;
    uint64_t seconds = 0;
    int status = send(g, dir, "duty-answer", "call", id, &r);
    if (status >= 0)
        return status;
    (void)tc_json_u64(r.root, "seconds", &seconds);
    (void)printf("answered after %llu s\n", (unsigned long long)seconds);
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_duty(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_U64("minutes", &g.minutes, 1, 1440),
                                  TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    if (strcmp(argv[1], "calls") == 0 && n == 2)
        return calls(&g, argv[2]);
    if (strcmp(argv[1], "call") == 0 && n == 3)
        return call(&g, argv[2], argv[3]);
    if (strcmp(argv[1], "answer") == 0 && n == 3)
        return answer(&g, argv[2], argv[3]);
    return tc_cli_usage("duty", "it is 'list DIR', 'calls DIR', 'call DIR DUTY-POINT' or "
                                "'answer DIR CALL'");
}
