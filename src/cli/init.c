/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin init: makes a node, the organisation that runs it and its first administrator. */
#include "access/access.h"
#include "access/naming.h"
#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "node/node.h"

#include <sodium.h>
#include <stdio.h>

struct given {
    const char *title, *org, *country, *role, *admin, *password_file;
    bool ask, json;
};

/* The first administrator, in a node that is there now. */
static int first_person(const struct given *g, const char *dir, const char *password,
                        struct tc_json *r)
{
    struct tc_ask a;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "org", g->org);
    tc_jsonw_kcstr(&a.w, "login", g->admin);
    tc_jsonw_kcstr(&a.w, "name", "first administrator");
    tc_jsonw_kcstr(&a.w, "roles", "all");
    tc_jsonw_kcstr(&a.w, "password", password);
    tc_jsonw_kbool(&a.w, "once", password[0] == '\0');
    return tc_ask_send(&a, "init", dir, "user-add", r);
}

static void say(const struct given *g, const char *dir, const struct tc_json *r)
{
    struct tc_str once = {"", 0};
    (void)printf("node:           %s, in %s\n", g->title, dir);
    (void)printf("run by:         %s (%s)\n", g->org, g->country);
    (void)printf("administrator:  %s\n", g->admin);
    if (tc_json_str(r->root, "once", &once))
        (void)printf("one-time sign-in, good for 7 days: %.*s\n", TC_FMT(once));
    (void)printf("next:           tocsin serve %s\n", dir);
}

static int init(const struct given *g, const char *dir, const char *password)
{
    struct tc_diag d;
    struct tc_json r;
    const struct tc_org org = {.name = tc_str_cstr(g->org),
                               .country = tc_str_cstr(g->country),
                               .role = tc_str_cstr(g->role)};
    tc_diag_init(&d);
    char login[TC_MAX_LOGIN + 1];
    /* looked at first, so that a refused administrator leaves no node behind */
    tc_err e = tc_naming_login(tc_str_cstr(g->admin), login, &d);
    if (!e)
        e = tc_cli_parts();
    if (!e && password[0])
        e = tc_access_password_check(tc_str_cstr(g->admin), tc_str_cstr(password), &d);
    if (!e)
        e = tc_node_init(dir, g->title, &org, &d);
    if (e)
        return tc_cli_fail("init", e, &d);
    int status = first_person(g, dir, password, &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        say(g, dir, &r);
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_init(int argc, char **argv)
{
    struct given g = {
        .title = "Tocsin node", .country = "EU", .role = "authority", .admin = "admin"};
    char password[TC_MAX_PASSWORD + 2] = "";
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("title", &g.title),
                                  TC_OPT_TEXT("org", &g.org),
                                  TC_OPT_TEXT("country", &g.country),
                                  TC_OPT_TEXT("role", &g.role),
                                  TC_OPT_TEXT("admin", &g.admin),
                                  TC_OPT_TEXT("password-file", &g.password_file),
                                  TC_OPT_FLAG("ask-password", &g.ask),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    if (!g.org)
        g.org = g.title;
    if (g.password_file || g.ask)
        status = tc_cli_password("init", g.password_file, password, sizeof password);
    if (status < 0)
        status = init(&g, argv[1], password);
    sodium_memzero(password, sizeof password);
    return status;
}
