/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin token: secrets for programs, and one-time sign-ins for people. */
#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

struct given {
    const char *label, *roles;
    struct tc_opt_list communities;
    int64_t lasts; /* seconds, 0 = not said */
    bool once, json;
};

static int new (const struct given *g, const char *dir, const char *login)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str secret = {"", 0};
    char until[TC_TIME_SIZE];
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "login", login);
    tc_jsonw_kcstr(&a.w, "use", g->once ? "once" : "api");
    tc_jsonw_kcstr(&a.w, "label", g->label ? g->label : "");
    if (g->lasts) {
        tc_time_format(tc_time_now() + g->lasts * TC_SECOND, 0, until);
        tc_jsonw_kcstr(&a.w, "expires", until);
    }
    if (g->roles)
        tc_jsonw_kcstr(&a.w, "roles", g->roles);
    tc_jsonw_name(&a.w, "communities");
    tc_jsonw_array(&a.w);
    for (size_t i = 0; i < g->communities.n; i++)
        tc_jsonw_cstr(&a.w, g->communities.v[i]);
    tc_jsonw_array_end(&a.w);
    int status = tc_ask_send(&a, "token", dir, "token-new", &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "token", &secret);
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%.*s\n", TC_FMT(secret));
    tc_json_fini(&r);
    return 0;
}

static int list(const struct given *g, const char *dir, const char *login)
{
    static const struct tc_cli_column columns[] = {
        {"ID", "id"},         {"LOGIN", "login"}, {"USE", "use"},    {"ADDED", "added"},
        {"UNTIL", "expires"}, {"SCOPE", "scope"}, {"LABEL", "label"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    if (login)
        tc_jsonw_kcstr(&a.w, "login", login);
    int status = tc_ask_send(&a, "token", dir, "token-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "tokens"), columns, 7, "no tokens");
    tc_json_fini(&r);
    return 0;
}

static int revoke(const struct given *g, const char *dir, const char *id)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "id", id);
    int status = tc_ask_send(&a, "token", dir, "token-revoke", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("token %s opens nothing any more\n", id);
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_token(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {
        TC_OPT_TEXT("label", &g.label),
        TC_OPT_TEXT("roles", &g.roles),
        TC_OPT_LIST("community", &g.communities, 1, TC_MAX_TOKEN_COMMUNITIES),
        TC_OPT_DURATION("expires", &g.lasts, 10 * 366 * 86400),
        TC_OPT_FLAG("once", &g.once),
        TC_OPT_FLAG("json", &g.json),
        TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "new") == 0 && n == 3)
        status = new (&g, argv[2], argv[3]);
    else if (strcmp(argv[1], "list") == 0)
        status = list(&g, argv[2], n == 3 ? argv[3] : NULL);
    else if (strcmp(argv[1], "revoke") == 0 && n == 3)
        status = revoke(&g, argv[2], argv[3]);
    else
        status =
            tc_cli_usage("token", "it is 'new DIR LOGIN', 'list DIR [LOGIN]' or 'revoke DIR ID'");
    tc_opt_list_free(&g.communities);
    return status;
}
