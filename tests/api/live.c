/* SPDX-License-Identifier: Apache-2.0 */
/* A node for tests: live DIR [NAME=VALUE ...] makes one in DIR (or opens the one that is there),
 * serves it on a free port of loopback and prints one line of JSON: url, one-time code. Runs until
 * its standard input ends. Values: request, idle (seconds), max-connections, max-streams, max-body,
 * cert, key, listen; parts=1: also the readers that find out who is hit and draft warnings, and the
 * people marked with *; circle=1: the communities "circle" (who joins reads the past) and "circle2"
 * (does not), of which officer's organisation is steward and grid's a member; two=1: the people
 * marked with +.
 *
 *   login     organisation      roles                       communities
 *   officer   Contact point     all                         all but "Other"
 *   grid      Grid operator     reader, reporter            Forum, Read only (reads)
 *   hospital  Hospital          reader                      Forum
 *   stranger  Elsewhere         all but operator, auditor   Other
 *   machine   Contact point *   operator
 *   auditor   Contact point *   auditor
 *   colleague Grid operator *   reader
 *   named     Hospital *        reader
 *   second    Contact point +   as stranger
 *   double    Contact point +   as stranger; of the same name as officer
 *   dispatch  Grid operator +   reader, reporter, releaser, steward
 *
 * The password of NAME is NAME-password. Communities have the ids of the recorded TAXII exchanges.
 */
#include "http/server.h"
#include "node/confine.h"
#include "intake/ops.h"
#include "node/approval.h"
#include "node/node.h"
#include "node/signer.h"
#include "watch/alert.h"
#include "watch/confirm.h"
#include "watch/correlate.h"
#include "watch/erase.h"
#include "warn/warn.h"
#include "watch/find.h"
#include "watch/impact.h"
#include "watch/lift.h"

#include "base/num.h"
#include "node/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORUM     "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
#define ADDING    "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
#define READ_ONLY "52892447-4d7e-4f70-b94d-d7f22742ff63"
#define OTHER     "64993447-4d7e-4f70-b94d-d7f33742ee63"
#define PUBLIC    "0b1c6f8e-4a55-4d1f-9c0e-6f2f5f0c7a11"

static void must(tc_err e, const struct tc_diag *d)
{
    char text[1024];
    if (!e)
        return;
    tc_diag_format(d, text, sizeof text);
    (void)fprintf(stderr, "live: %s: %s\n", tc_err_name(e), text);
    exit(4);
}

static uint32_t person(struct tc_node *n, uint32_t org, const char *login, uint32_t roles)
{
    struct tc_diag d;
    char password[64];
    uint32_t number = 0;
    tc_diag_init(&d);
    struct tc_person p = {.org = org,
                          .roles = roles,
                          .login = tc_str_cstr(login),
                          .name = tc_str_cstr(login),
                          .active = true};
    (void)snprintf(password, sizeof password, "%s, quiet bells", login);
    must(tc_access_person_add(n->access, &p, tc_str_cstr(password), &number, &d), &d);
    return number;
}

static uint32_t org(struct tc_node *n, const char *name, const char *country)
{
    struct tc_diag d;
    uint32_t number = 0;
    tc_diag_init(&d);
    struct tc_org o = {
        .name = tc_str_cstr(name), .country = tc_str_cstr(country), .role = TC_STR("operator")};
    must(tc_access_org_add(n->access, &o, &number, &d), &d);
    return number;
}

static uint32_t community(struct tc_node *n, const char *uuid, const char *title, const char *alias,
                          bool open_to_public)
{
    struct tc_diag d;
    uint32_t number = 0;
    tc_diag_init(&d);
    struct tc_community c = {.title = tc_str_cstr(title),
                             .alias = tc_str_cstr(alias),
                             .kind = TC_STR("network"),
                             .open_to_public = open_to_public};
    must(tc_uuid_parse(tc_str_cstr(uuid), &c.uuid), &d);
    must(tc_access_community_add(n->access, &c, &number, &d), &d);
    return number;
}

static void member(struct tc_node *n, uint32_t c, uint32_t o, bool may_write)
{
    struct tc_diag d;
    tc_diag_init(&d);
    must(tc_access_member_set(n->access, c, o, true, may_write, &d), &d);
}

static void second_people(struct tc_node *n, uint32_t grid)
{
    const uint32_t people =
        TC_ROLE_READER | TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD;
    struct tc_diag d;
    uint32_t number;
    tc_diag_init(&d);
    const struct tc_person twin = {.org = n->org,
                                   .roles = people,
                                   .login = TC_STR("double"),
                                   .name = TC_STR("Officer"),
                                   .active = true};
    (void)person(n, n->org, "second", people);
    (void)person(n, grid, "dispatch", people & ~(uint32_t)TC_ROLE_ANALYST);
    must(tc_access_person_add(n->access, &twin, TC_STR("double, quiet bells"), &number, &d), &d);
}

static void populate(struct tc_node *n, bool more, bool two)
{
    const uint32_t machine = TC_ROLE_OPERATOR | TC_ROLE_AUDITOR;
    const uint32_t people =
        TC_ROLE_READER | TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD;
    uint32_t grid = org(n, "Grid operator", "NL"), hospital = org(n, "Hospital", "BE");
    uint32_t elsewhere = org(n, "Elsewhere", "DE");
    (void)person(n, n->org, "officer", people | machine);
    (void)person(n, grid, "grid", TC_ROLE_READER | TC_ROLE_REPORTER);
    (void)person(n, hospital, "hospital", TC_ROLE_READER);
    (void)person(n, elsewhere, "stranger", people);
    if (more) {
        (void)person(n, n->org, "machine", TC_ROLE_OPERATOR);
        (void)person(n, n->org, "auditor", TC_ROLE_AUDITOR);
        (void)person(n, grid, "colleague", TC_ROLE_READER);
        (void)person(n, hospital, "named", TC_ROLE_READER);
    }
    if (two)
        second_people(n, grid);
    uint32_t forum = community(n, FORUM, "Forum", "forum", false);
    uint32_t adding = community(n, ADDING, "Adding", "adding", false);
    uint32_t read_only = community(n, READ_ONLY, "Read only", "read-only", false);
    uint32_t other = community(n, OTHER, "Other", "other", false);
    uint32_t public = community(n, PUBLIC, "Public", "public", true);
    member(n, forum, n->org, true);
    member(n, forum, grid, true);
    member(n, forum, hospital, false);
    member(n, adding, n->org, true);
    member(n, read_only, n->org, true);
    member(n, read_only, grid, false);
    member(n, other, elsewhere, true);
    member(n, public, n->org, true);
}

static void circles(struct tc_node *n)
{
    static const char *const alias[] = {"circle", "circle2"};
    const unsigned member = TC_MEMBER_RECEIVES | TC_MEMBER_CONTRIBUTES;
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_diag d;
    struct tc_org grid;
    tc_diag_init(&d);
    must(a ? tc_access_org_by(n->access, 0, TC_STR("Grid operator"), a, &grid) : TC_E_NOMEM, &d);
    for (int i = 0; i < 2; i++) {
        uint32_t number = 0;
        const struct tc_community c = {.title = tc_str_cstr(alias[i]),
                                       .alias = tc_str_cstr(alias[i]),
                                       .kind = TC_STR("expert-group"),
                                       .since_joining = i == 1};
        must(tc_access_community_add(n->access, &c, &number, &d), &d);
        must(tc_access_member_functions(n->access, number, n->org, TC_MEMBER_ALL, &d), &d);
        must(tc_access_member_functions(n->access, number, grid.number, member, &d), &d);
    }
    tc_arena_free(a);
}

static unsigned number(const char *arg, const char *name, unsigned before)
{
    size_t n = strlen(name);
    uint64_t v;
    if (strncmp(arg, name, n) != 0 || arg[n] != '=' ||
        tc_num_u64(tc_str_cstr(arg + n + 1), UINT32_MAX, &v))
        return before;
    return (unsigned)v;
}

static const char *word(const char *arg, const char *name, const char *before)
{
    size_t n = strlen(name);
    return strncmp(arg, name, n) == 0 && arg[n] == '=' ? arg + n + 1 : before;
}

/* Behind the same walls as a node that is served, so that whatever is tested works there. */
static void confine(const char *dir, const struct tc_http_options *o)
{
    const char *const files[] = {o->tls_cert, o->client_ca, "/proc/sys/kernel/random/boot_id"};
    const char *missing;
    struct tc_diag d;
    tc_diag_init(&d);
    must(setenv("SQLITE_TMPDIR", dir, 1) ? TC_E_NOMEM : TC_OK, &d);
    must(tc_confine(dir, files, 3, &missing, &d), &d);
}

int main(int argc, char **argv)
{
    struct tc_http_options o = {.listen = "127.0.0.1:0"};
    struct tc_org own = {
        .name = TC_STR("Contact point"), .country = TC_STR("NL"), .role = TC_STR("authority")};
    struct tc_diag d;
    struct tc_node *n = NULL;
    struct tc_http *h = NULL;
    struct tc_signer *signer = NULL;
    struct tc_find *find = NULL;
    struct tc_correlate *correlate = NULL;
    struct tc_impact *impact = NULL;
    struct tc_warn *warn = NULL;
    unsigned parts = 0, circle = 0, two = 0;
    struct stat st;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_person officer;
    char code[TC_TOKEN_SIZE], path[4200];
    tc_diag_init(&d);
    if (argc < 2 || !a)
        return 2;
    for (int i = 2; i < argc; i++) {
        o.request_seconds = number(argv[i], "request", o.request_seconds);
        o.idle_seconds = number(argv[i], "idle", o.idle_seconds);
        o.max_connections = number(argv[i], "max-connections", o.max_connections);
        o.max_streams = number(argv[i], "max-streams", o.max_streams);
        o.max_body = number(argv[i], "max-body", (unsigned)o.max_body);
        o.tls_cert = word(argv[i], "cert", o.tls_cert);
        o.tls_key = word(argv[i], "key", o.tls_key);
        o.client_ca = word(argv[i], "ca", o.client_ca);
        o.listen = word(argv[i], "listen", o.listen);
        parts = number(argv[i], "parts", parts);
        circle = number(argv[i], "circle", circle);
        two = number(argv[i], "two", two);
    }
    (void)snprintf(path, sizeof path, "%s/node.json", argv[1]);
    bool fresh = stat(path, &st) != 0;
    if (fresh)
        must(tc_node_init(argv[1], "Test node", &own, &d), &d);
    must(tc_signer_start(argv[1], o.tls_key, &signer, &d), &d); /* forks: before the walls */
    confine(argv[1], &o);
    must(tc_node_ops_add(), &d); /* for tests that administrate it with the tocsin program */
    must(tc_node_open_signed(argv[1], signer, &n, &d), &d);
    if (fresh)
        populate(n, parts != 0, two != 0);
    if (fresh && circle)
        circles(n);
    must(tc_confirm_ops_add(), &d);
    must(tc_intake_ops_add(), &d); /* with them the kinds of act that two people do */
    must(tc_erase_ops(), &d);
    must(tc_warn_ops(), &d);
    must(tc_approval_watch(n), &d);
    must(tc_alert_watch(n), &d);
    must(tc_find_watch(n, &find), &d);
    must(tc_correlate_watch(n, &correlate), &d);
    must(tc_lift_watch(n), &d);
    if (parts) {
        must(tc_impact_watch(n, &impact), &d);
        must(tc_warn_watch(n, TC_WARN_BY_HAND, &warn), &d);
    }
    must(tc_node_start(n, &d), &d);
#ifdef TC_BENCH_UNAUDITED /* only in bench/: what does auditing cost? */
    tc_audit_close(n->audit);
    n->audit = NULL;
#endif
    must(tc_http_start(n, &o, &h, &d), &d);
    must(tc_access_person_by(n->access, 0, TC_STR("officer"), a, &officer), &d);
    must(tc_access_token_new(n->access, officer.number, TC_TOKEN_ONCE, TC_STR("test"), TC_TIME_NONE,
                             code, &d),
         &d);
    (void)printf("{\"url\":\"%s\",\"code\":\"%s\"}\n", tc_http_url(h), code);
    (void)fflush(stdout);
    while (read(STDIN_FILENO, path, sizeof path) > 0)
        continue;
    tc_http_stop(h);
    tc_node_close(n);
    tc_signer_stop(signer);
    tc_find_free(find);
    tc_correlate_free(correlate);
    tc_warn_free(warn);
    tc_impact_free(impact);
    tc_arena_free(a);
    return 0;
}
