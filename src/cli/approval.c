/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin approval: acts for which a community wants two people. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct given {
    const char *as, *why, *password_file;
    bool all, json;
};

static void text(struct tc_ask *a, const char *name, const char *value)
{
    if (value)
        tc_jsonw_kcstr(&a->w, name, value);
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {
        {"STATE", "state"}, {"KIND", "kind"}, {"COMMUNITY", "community_title"},
        {"DUE", "due"},     {"WHY", "why"},   {"ID", "id"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "as", g->as);
    tc_jsonw_kbool(&a.w, "all", g->all);
    int status = tc_ask_send(&a, "approval", dir, "approval-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "approvals"), columns, 6, "nothing waits");
    tc_json_fini(&r);
    return 0;
}

static void line(const char *title, struct tc_str s)
{
    char shown[1200];
    size_t n = tc_str_show(s, shown, sizeof shown);
    if (n)
        (void)printf("%-12s %.*s\n", title, (int)n, shown);
}

static void field(yyjson_val *o, const char *title, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    line(title, s);
}

static void person(yyjson_val *o, const char *title, const char *name)
{
    yyjson_val *p = tc_json_get(o, name);
    struct tc_str who = {"", 0};
    if (!tc_json_str(p, "name", &who))
        (void)tc_json_str(p, "identity", &who);
    line(title, who);
}

static void show(yyjson_val *o)
{
    char *ask = yyjson_val_write(tc_json_get(o, "ask"), 0, NULL);
    field(o, "id", "id");
    field(o, "state", "state");
    field(o, "kind", "kind");
    field(o, "community", "community_title");
    line("what", tc_str_cstr(ask ? ask : ""));
    person(o, "asked by", "asked_by");
    field(o, "why", "why");
    field(o, "until", "due");
    person(o, "answered by", "answered_by");
    field(o, "answer", "answer");
    free(ask);
}

static int end(const struct given *g, int status, struct tc_json *r)
{
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(r);
    else
        show(r->root);
    tc_json_fini(r);
    return 0;
}

static int one(const struct given *g, const char *dir, const char *op, const char *id)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "as", g->as);
    text(&a, "id", id);
    text(&a, "why", g->why);
    return end(g, tc_ask_send(&a, "approval", dir, op, &r), &r);
}

/* Whoever answers shows who they are, also on the node's own machine. */
static int answer(const struct given *g, const char *dir, const char *id, bool yes)
{
    char password[1100];
    struct tc_ask a;
    struct tc_json r;
    if (!g->as)
        return tc_cli_usage("approval", "somebody answers: --as LOGIN");
    int status = tc_cli_password("approval", g->password_file, password, sizeof password);
    if (status >= 0)
        return status;
    tc_ask_init(&a);
    text(&a, "as", g->as);
    text(&a, "password", password);
    text(&a, "id", id);
    text(&a, "why", g->why);
    tc_jsonw_kbool(&a.w, "yes", yes);
    sodium_memzero(password, sizeof password);
    return end(g, tc_ask_send(&a, "approval", dir, "approval-answer", &r), &r);
}

int tc_cmd_approval(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TEXT("why", &g.why),
                                  TC_OPT_TEXT("password-file", &g.password_file),
                                  TC_OPT_FLAG("all", &g.all),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    if (strcmp(argv[1], "show") == 0 && n == 3)
        return one(&g, argv[2], "approval-show", argv[3]);
    if (strcmp(argv[1], "approve") == 0 && n == 3)
        return answer(&g, argv[2], argv[3], true);
    if (strcmp(argv[1], "refuse") == 0 && n == 3)
        return answer(&g, argv[2], argv[3], false);
    if (strcmp(argv[1], "withdraw") == 0 && n == 3)
        return one(&g, argv[2], "approval-withdraw", argv[3]);
    return tc_cli_usage("approval",
                        "it is 'list DIR', 'show DIR ID', 'approve DIR ID', 'refuse DIR "
                        "ID' or 'withdraw DIR ID'");
}
