/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin user: the people of a node, their roles and passwords. */
#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/register_graph.h"

#include <sodium.h>
#include <stdio.h>

struct given {
    const char *org, *name, *roles, *password_file, *identity, *issuer, *subject;
    bool ask, json;
};

static void text(struct tc_ask *a, const char *name, const char *value)
{
    if (value)
        tc_jsonw_kcstr(&a->w, name, value);
}

/* Sends; on success prints the answer as JSON or the line. */
static int done(struct tc_ask *a, const struct given *g, const char *dir, const char *op,
                const char *login, const char *says)
{
    struct tc_json r;
    int status = tc_ask_send(a, "user", dir, op, &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%s %s\n", login, says);
    tc_json_fini(&r);
    return 0;
}

static int add(const struct given *g, const char *dir, const char *login)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str once = {"", 0};
    char password[TC_MAX_PASSWORD + 2] = "";
    bool with = g->password_file || g->ask;
    int status = with ? tc_cli_password("user", g->password_file, password, sizeof password) : -1;
    if (status >= 0)
        return status;
    tc_ask_init(&a);
    text(&a, "login", login);
    text(&a, "org", g->org);
    text(&a, "name", g->name);
    text(&a, "roles", g->roles);
    text(&a, "identity", g->identity);
    if (with)
        text(&a, "password", password);
    tc_jsonw_kbool(&a.w, "once", !with);
    sodium_memzero(password, sizeof password);
    status = tc_ask_send(&a, "user", dir, "user-add", &r);
    if (status >= 0)
        return status;
    if (g->json) {
        tc_cli_json(&r);
    } else {
        (void)printf("%s is a user\n", login);
        if (tc_json_str(r.root, "once", &once))
            (void)printf("one-time sign-in, good for 7 days: %.*s\n", TC_FMT(once));
    }
    tc_json_fini(&r);
    return 0;
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {{"LOGIN", "login"},
                                                   {"NAME", "name"},
                                                   {"ORG", "org_name"},
                                                   {"ROLES", "roles"},
                                                   {"ACTIVE", "active"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "org", g->org);
    int status = tc_ask_send(&a, "user", dir, "user-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "users"), columns, 5, "no users");
    tc_json_fini(&r);
    return 0;
}

static int password(const struct given *g, const char *dir, const char *login)
{
    struct tc_ask a;
    char secret[TC_MAX_PASSWORD + 2];
    int status = tc_cli_password("user", g->password_file, secret, sizeof secret);
    if (status < 0) {
        tc_ask_init(&a);
        text(&a, "login", login);
        text(&a, "password", secret);
        status = done(&a, g, dir, "user-password", login, "has a new password");
    }
    sodium_memzero(secret, sizeof secret);
    return status;
}

static int set(const struct given *g, const char *dir, const char *login, const bool *active)
{
    struct tc_ask a;
    tc_ask_init(&a);
    text(&a, "login", login);
    text(&a, "roles", g->roles);
    if (active)
        tc_jsonw_kbool(&a.w, "active", *active);
    return done(&a, g, dir, "user-set", login,
                !active   ? "has new roles"
                : *active ? "is active"
                          : "is not active");
}

/* ---- client certificates ---- */

static int cert_add(const struct given *g, const char *dir, const char *login, const char *file)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_buf b;
    struct tc_diag d;
    struct tc_str id = {"", 0}, until = {"", 0};
    tc_diag_init(&d);
    tc_buf_init(&b, TC_MAX_CERT_FILE);
    tc_err e = tc_cli_read_file(file, &b, &d);
    if (!e && !tc_str_utf8(tc_buf_view(&b)))
        e = tc_diag_set(&d, TC_E_SYNTAX, "%s is no text: it must be PEM", file);
    if (e) {
        tc_buf_fini(&b);
        return tc_cli_fail("user", e, &d);
    }
    tc_ask_init(&a);
    text(&a, "login", login);
    tc_jsonw_kstr(&a.w, "pem", tc_buf_view(&b));
    tc_buf_fini(&b);
    int status = tc_ask_send(&a, "user", dir, "user-cert-add", &r);
    if (status >= 0)
        return status;
    yyjson_val *c = tc_json_get(r.root, "certificate");
    if (g->json) {
        tc_cli_json(&r);
    } else if (tc_json_str(c, "id", &id) && tc_json_str(c, "until", &until)) {
        (void)printf("%s signs in with this certificate until %.*s: %.*s\n", login, TC_FMT(until),
                     TC_FMT(id));
    }
    tc_json_fini(&r);
    return 0;
}

static int cert_list(const struct given *g, const char *dir, const char *login)
{
    static const struct tc_cli_column columns[] = {{"LOGIN", "login"},
                                                   {"SUBJECT", "subject"},
                                                   {"FROM", "from"},
                                                   {"UNTIL", "until"},
                                                   {"ID", "id"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "login", login);
    int status = tc_ask_send(&a, "user", dir, "user-cert-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "certificates"), columns, 5, "no certificates");
    tc_json_fini(&r);
    return 0;
}

static int cert_remove(const struct given *g, const char *dir, const char *login, const char *id)
{
    struct tc_ask a;
    tc_ask_init(&a);
    text(&a, "login", login);
    text(&a, "cert", id);
    return done(&a, g, dir, "user-cert-remove", login, "does not sign in with it any more");
}

/* ---- accounts at a provider ---- */

static int link_set(const struct given *g, const char *dir, const char *login, bool link)
{
    struct tc_ask a;
    if (!g->issuer || !g->subject)
        return tc_cli_usage("user", "--issuer and --subject are needed");
    tc_ask_init(&a);
    text(&a, "login", login);
    text(&a, "issuer", g->issuer);
    text(&a, "subject", g->subject);
    return done(&a, g, dir, link ? "user-link" : "user-unlink", login,
                link ? "signs in by this account of the provider, too"
                     : "does not sign in by it any more");
}

static int link_list(const struct given *g, const char *dir, const char *login)
{
    static const struct tc_cli_column columns[] = {
        {"LOGIN", "login"}, {"ISSUER", "issuer"}, {"SUBJECT", "subject"}, {"ADDED", "added"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "login", login);
    int status = tc_ask_send(&a, "user", dir, "user-link-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "links"), columns, 4, "no links");
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_user(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("org", &g.org),
                                  TC_OPT_TEXT("name", &g.name),
                                  TC_OPT_TEXT("roles", &g.roles),
                                  TC_OPT_TEXT("identity", &g.identity),
                                  TC_OPT_TEXT("password-file", &g.password_file),
                                  TC_OPT_TEXT("issuer", &g.issuer),
                                  TC_OPT_TEXT("subject", &g.subject),
                                  TC_OPT_FLAG("ask-password", &g.ask),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    const bool yes = true, no = false;
    int status = tc_cli_opts(argc, argv, opts, 2, 4, &n);
    if (status >= 0)
        return status;
    const char *what = argv[1], *dir = argv[2], *login = n >= 3 ? argv[3] : NULL;
    if (strcmp(what, "cert") == 0 && n == 4)
        return cert_add(&g, dir, login, argv[4]);
    if (strcmp(what, "cert-remove") == 0 && n == 4)
        return cert_remove(&g, dir, login, argv[4]);
    if (n == 4)
        return tc_cli_usage("user", "only cert takes a FILE, and cert-remove an ID");
    if (strcmp(what, "cert-list") == 0)
        return cert_list(&g, dir, login);
    if (strcmp(what, "link-list") == 0)
        return link_list(&g, dir, login);
    if ((strcmp(what, "link") == 0 || strcmp(what, "unlink") == 0) && login)
        return link_set(&g, dir, login, what[0] == 'l');
    if (strcmp(what, "list") == 0 && !login)
        return list(&g, dir);
    if (strcmp(what, "add") == 0 && login)
        return g.org ? add(&g, dir, login) : tc_cli_usage("user", "--org is missing");
    if (strcmp(what, "password") == 0 && login)
        return password(&g, dir, login);
    if (strcmp(what, "factors-drop") == 0 && login) {
        struct tc_ask a;
        tc_ask_init(&a);
        text(&a, "login", login);
        return done(&a, &g, dir, "user-factors-drop", login, "signs in by a password alone now");
    }
    if (strcmp(what, "roles") == 0 && login)
        return g.roles ? set(&g, dir, login, NULL) : tc_cli_usage("user", "--roles is missing");
    if (strcmp(what, "deactivate") == 0 && login)
        return set(&g, dir, login, &no);
    if (strcmp(what, "activate") == 0 && login)
        return set(&g, dir, login, &yes);
    return tc_cli_usage("user", "it is add, password, roles, deactivate or activate with DIR "
                                "LOGIN, 'cert DIR LOGIN FILE', 'cert-list DIR', 'cert-remove DIR "
                                "LOGIN ID', 'link' or 'unlink DIR LOGIN --issuer URL --subject "
                                "ID', 'link-list DIR', or 'list DIR'");
}
