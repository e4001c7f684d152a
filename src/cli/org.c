/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin org: the organisations of a node. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

struct given {
    const char *country, *sectors, *role, *identity;
    bool json;
};

static int add(const struct given *g, const char *dir, const char *name)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "name", name);
    tc_jsonw_kcstr(&a.w, "country", g->country ? g->country : "");
    tc_jsonw_kcstr(&a.w, "sectors", g->sectors ? g->sectors : "");
    tc_jsonw_kcstr(&a.w, "role", g->role ? g->role : "");
    tc_jsonw_kcstr(&a.w, "identity", g->identity ? g->identity : "");
    int status = tc_ask_send(&a, "org", dir, "org-add", &r);
    if (status >= 0)
        return status;
    if (g->json) {
        tc_cli_json(&r);
    } else {
        struct tc_str id = {"", 0};
        uint64_t number = 0;
        (void)tc_json_str(tc_json_get(r.root, "org"), "identity", &id);
        (void)tc_json_u64(tc_json_get(r.root, "org"), "number", &number);
        (void)printf("organisation %llu: %s (%.*s)\n", (unsigned long long)number, name,
                     TC_FMT(id));
    }
    tc_json_fini(&r);
    return 0;
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {
        {"NUMBER", "number"}, {"NAME", "name"},       {"COUNTRY", "country"},
        {"ROLE", "role"},     {"SECTORS", "sectors"}, {"IDENTITY", "identity"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    int status = tc_ask_send(&a, "org", dir, "org-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "orgs"), columns, 6, "no organisations");
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_org(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {
        TC_OPT_TEXT("country", &g.country), TC_OPT_TEXT("sectors", &g.sectors),
        TC_OPT_TEXT("role", &g.role),       TC_OPT_TEXT("identity", &g.identity),
        TC_OPT_FLAG("json", &g.json),       TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "add") == 0 && n == 3)
        return g.country ? add(&g, argv[2], argv[3])
                         : tc_cli_usage("org", "--country is missing, two capital letters");
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    return tc_cli_usage("org", "it is 'add DIR NAME' or 'list DIR'");
}
