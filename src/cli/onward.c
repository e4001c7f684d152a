/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin onward: asking the owner of an object to let it go on, and the owner's answers. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>
#include <string.h>

struct given {
    const char *as, *why, *due, *answer;
    bool json;
};

static void text(struct tc_ask *a, const char *name, const char *value)
{
    if (value)
        tc_jsonw_kcstr(&a->w, name, value);
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {{"STATE", "state"},
                                                   {"DUE", "due"},
                                                   {"OBJECT", "object_ref"},
                                                   {"TO", "community"},
                                                   {"ID", "id"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "as", g->as);
    int status = tc_ask_send(&a, "onward", dir, "onward-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "requests"), columns, 5, "no requests");
    tc_json_fini(&r);
    return 0;
}

static int ask(const struct given *g, const char *dir, const char *object, const char *to)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str id = {"", 0};
    tc_ask_init(&a);
    text(&a, "as", g->as);
    text(&a, "object", object);
    text(&a, "to", to);
    text(&a, "why", g->why);
    text(&a, "due", g->due);
    int status = tc_ask_send(&a, "onward", dir, "onward-ask", &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "id", &id);
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("asked: %.*s\n", TC_FMT(id));
    tc_json_fini(&r);
    return 0;
}

static int answer(const struct given *g, const char *dir, const char *request, bool grant)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str waits;
    tc_ask_init(&a);
    text(&a, "as", g->as);
    text(&a, "request", request);
    text(&a, "answer", g->answer);
    tc_jsonw_kbool(&a.w, "grant", grant);
    int status = tc_ask_send(&a, "onward", dir, "onward-answer", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else if (tc_json_str(r.root, "waits", &waits))
        (void)printf("waits for a second person: approval %.*s\n", TC_FMT(waits));
    else
        (void)puts(grant ? "granted: the object is posted there" : "refused");
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_onward(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),     TC_OPT_TEXT("why", &g.why),
                                  TC_OPT_TEXT("due", &g.due),   TC_OPT_TEXT("answer", &g.answer),
                                  TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 4, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    if (strcmp(argv[1], "ask") == 0 && n == 4)
        return ask(&g, argv[2], argv[3], argv[4]);
    if (strcmp(argv[1], "grant") == 0 && n == 3)
        return answer(&g, argv[2], argv[3], true);
    if (strcmp(argv[1], "refuse") == 0 && n == 3)
        return answer(&g, argv[2], argv[3], false);
    return tc_cli_usage("onward",
                        "it is 'list DIR', 'ask DIR OBJECT COMMUNITY', 'grant DIR REQUEST' "
                        "or 'refuse DIR REQUEST'");
}
