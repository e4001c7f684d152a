/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin demo: a node in a temporary folder, the register of demo/, three organisations, and a
 * short exercise: indicators come in, a storm alert, then a substation fails. What a person sees on
 * the terminal is read back from the node as those people would read it; nothing is printed that
 * the node did not conclude. Then it serves until a signal comes, and removes what it made. */
#include "cli/demo_data.h"
#include "cli/demo_show.h"
#include "cli/parts.h"

#include "base/log.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "http/server.h"
#include "intake/intake.h"
#include "model/extensions.h"
#include "warn/warn.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define AUTHORITY "National contact point NL"
#define FAILED    "Vierverlaten substation"

static const struct {
    const char *org, *role, *login, *name, *roles;
} people[] = {
    {AUTHORITY, "authority", "duty-officer", "duty officer",
     "reader,reporter,analyst,releaser,steward,operator"},
    {"Water supply operator NL", "operator", "water-liaison", "security liaison officer, water",
     "reader,reporter"},
    {"Hospital group NL", "operator", "hospital-liaison", "security liaison officer, hospitals",
     "reader,reporter"},
};
#define PEOPLE (sizeof people / sizeof people[0])

struct demo {
    char root[256], dir[300];
    struct tc_node *node;
    struct tc_cli_readers *readers;
    struct tc_http *http;
    struct tc_login *login[PEOPLE];
    char once[PEOPLE][TC_TOKEN_SIZE];
    struct tc_demo_assets *assets;
    struct tc_diag d;
};

/* ---- the folder ---- */

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *f)
{
    (void)s;
    (void)kind;
    (void)f;
    return remove(path);
}

static tc_err make_folder(struct demo *m)
{
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(m->root, sizeof m->root, "%s/tocsin-demo-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (n < 0 || (size_t)n >= sizeof m->root || !mkdtemp(m->root)) {
        m->root[0] = '\0';
        return tc_diag_set(&m->d, TC_E_IO, "no folder can be made in %s",
                           tmp && *tmp ? tmp : "/tmp");
    }
    (void)snprintf(m->dir, sizeof m->dir, "%s/node", m->root);
    return TC_OK;
}

/* ---- asking the node, as the command line does ---- */

static tc_err ask(struct demo *m, const char *op, struct tc_buf *in, const int *fds, size_t n,
                  struct tc_json *answer)
{
    struct tc_buf out;
    tc_buf_init(&out, TC_OP_ANSWER);
    tc_err e = in->err
                   ? in->err
                   : tc_node_op_run(m->node, op, tc_buf_view(in), fds, n, &out, NULL, NULL, &m->d);
    if (!e)
        e = tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, answer, &m->d);
    tc_buf_fini(&out);
    tc_buf_fini(in);
    return e;
}

static struct tc_jsonw question(struct tc_buf *b)
{
    tc_buf_init(b, TC_OP_REQUEST);
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    return w;
}

static tc_err ask_simple(struct demo *m, const char *op, struct tc_buf *in)
{
    struct tc_json a = {NULL, NULL};
    tc_err e = ask(m, op, in, NULL, 0, &a);
    tc_json_fini(&a);
    return e;
}

/* ---- who there is ---- */

static tc_err add_org(struct demo *m, size_t i)
{
    struct tc_buf b;
    struct tc_jsonw w = question(&b);
    tc_jsonw_kcstr(&w, "name", people[i].org);
    tc_jsonw_kcstr(&w, "country", "NL");
    tc_jsonw_kcstr(&w, "role", people[i].role);
    tc_jsonw_object_end(&w);
    return ask_simple(m, "org-add", &b);
}

static tc_err add_person(struct demo *m, size_t i)
{
    struct tc_json a = {NULL, NULL};
    struct tc_person p;
    struct tc_str once = {"", 0};
    struct tc_buf b;
    struct tc_jsonw w = question(&b);
    tc_jsonw_kcstr(&w, "org", people[i].org);
    tc_jsonw_kcstr(&w, "login", people[i].login);
    tc_jsonw_kcstr(&w, "name", people[i].name);
    tc_jsonw_kcstr(&w, "roles", people[i].roles);
    tc_jsonw_kbool(&w, "once", true);
    tc_jsonw_object_end(&w);
    tc_err e = ask(m, "user-add", &b, NULL, 0, &a);
    if (!e &&
        (!tc_json_str(a.root, "once", &once) || !tc_str_copy(once, m->once[i], sizeof m->once[i])))
        e = tc_diag_set(&m->d, TC_E_INTERNAL, "no one-time sign-in came");
    tc_json_fini(&a);
    struct tc_arena *arena = tc_arena_new(1u << 16);
    if (!e && !arena)
        e = TC_E_NOMEM;
    if (!e)
        e = tc_access_person_by(m->node->access, 0, tc_str_cstr(people[i].login), arena, &p);
    if (!e)
        e = tc_access_login_as(m->node->access, p.number, &m->login[i]);
    tc_arena_free(arena);
    return e;
}

static tc_err add_community(struct demo *m)
{
    struct tc_buf b;
    struct tc_jsonw w = question(&b);
    tc_jsonw_kcstr(&w, "title", "Resilience network, north");
    tc_jsonw_kcstr(&w, "alias", "north");
    tc_jsonw_kcstr(&w, "kind", "network");
    tc_jsonw_object_end(&w);
    tc_err e = ask_simple(m, "community-add", &b);
    for (size_t i = 0; i < PEOPLE && !e; i++) {
        w = question(&b);
        tc_jsonw_kcstr(&w, "community", "north");
        tc_jsonw_kcstr(&w, "org", people[i].org);
        tc_jsonw_kbool(&w, "member", true);
        tc_jsonw_kbool(&w, "write", true);
        tc_jsonw_object_end(&w);
        e = ask_simple(m, "member-set", &b);
    }
    return e;
}

static tc_err make_node(struct demo *m)
{
    const struct tc_org own = {.name = TC_STR(AUTHORITY),
                               .country = TC_STR("NL"),
                               .sectors = TC_STR("public_admin"),
                               .role = TC_STR("authority")};
    tc_err e = tc_node_init(m->dir, "Tocsin demo", &own, &m->d);
    if (!e)
        e = tc_node_open(m->dir, TC_NODE_SERVE, &m->node, &m->d);
    if (!e)
        e = tc_cli_readers(m->node, &m->readers, &m->d);
    if (!e)
        e = tc_node_start(m->node, &m->d);
    for (size_t i = 1; i < PEOPLE && !e; i++)
        e = add_org(m, i);
    for (size_t i = 0; i < PEOPLE && !e; i++)
        e = add_person(m, i);
    return e ? e : add_community(m);
}

/* ---- what comes in ---- */

static int as_file(const struct tc_demo_file *f)
{
    int fd = memfd_create(f->name, MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < f->size;) {
        ssize_t n = write(fd, f->data + done, f->size - done);
        if (n < 0) {
            (void)close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Imports one file, or the two of a register; added gets the number of new objects. */
static tc_err import(struct demo *m, const struct tc_demo_file *const *files, size_t n,
                     const char *community, const char *marking, uint64_t *added)
{
    int fds[2] = {-1, -1};
    struct tc_json a = {NULL, NULL};
    struct tc_buf b;
    struct tc_jsonw w = question(&b);
    tc_err e = TC_OK;
    tc_jsonw_name(&w, "names");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_cstr(&w, files[i]->name);
        fds[i] = as_file(files[i]);
        if (fds[i] < 0)
            e = tc_diag_set(&m->d, tc_err_from_errno(errno), "no memory for a file");
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_kcstr(&w, "as", people[0].login);
    if (community)
        tc_jsonw_kcstr(&w, "community", community);
    tc_jsonw_kcstr(&w, "marking", marking);
    tc_jsonw_object_end(&w);
    if (e)
        tc_buf_fini(&b);
    else
        e = ask(m, "import", &b, fds, n, &a);
    if (!e)
        (void)tc_json_u64(a.root, "added", added);
    tc_json_fini(&a);
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    return e;
}

static tc_err settle(struct demo *m)
{
    tc_err e = tc_node_settle(m->node, 30 * TC_SECOND);
    return e ? tc_diag_set(&m->d, e, "the node's readers did not come to an end") : TC_OK;
}

static tc_err take_register(struct demo *m)
{
    const struct tc_demo_file *const files[] = {&tc_demo_assets_csv, &tc_demo_dependencies_csv};
    uint64_t added = 0;
    int64_t from = tc_time_monotonic();
    tc_err e = import(m, files, 2, NULL, "TLP:AMBER", &added);
    if (!e)
        e = settle(m);
    if (!e)
        e = tc_demo_assets_read(m->node, &m->login[0]->principal, &m->assets, &m->d);
    if (!e)
        tc_demo_say_register(m->assets, added, tc_time_monotonic() - from);
    return e;
}

static tc_err take_file(struct demo *m, const struct tc_demo_file *file, const char *marking,
                        const char *says)
{
    uint64_t added = 0;
    tc_err e = import(m, &file, 1, "north", marking, &added);
    if (!e)
        e = settle(m);
    if (!e)
        (void)printf("   %llu objects; %s\n", (unsigned long long)added, says);
    return e;
}

/* The alert of demo/, with times that lie ahead of now. */
static tc_err take_storm(struct demo *m)
{
    static const struct {
        const char *word;
        int hours;
    } times[] = {{"@SENT@", 0}, {"@ONSET@", 3}, {"@EXPIRES@", 15}};
    struct tc_str rest = {(const char *)tc_demo_storm.data, tc_demo_storm.size};
    struct tc_buf b;
    tc_time now = tc_time_now();
    tc_buf_init(&b, 1u << 20);
    for (size_t at; (at = tc_str_find(rest, TC_STR("@S"))) != SIZE_MAX ||
                    (at = tc_str_find(rest, TC_STR("@O"))) != SIZE_MAX ||
                    (at = tc_str_find(rest, TC_STR("@E"))) != SIZE_MAX;) {
        tc_buf_add(&b, rest.p, at);
        rest = tc_str_view(rest.p + at, rest.n - at);
        for (size_t i = 0; i < 3; i++)
            if (tc_str_starts(rest, tc_str_cstr(times[i].word))) {
                char t[TC_TIME_SIZE];
                tc_time_format_cap(now + times[i].hours * 3600 * TC_SECOND, t);
                tc_buf_cstr(&b, t);
                rest.p += strlen(times[i].word);
                rest.n -= strlen(times[i].word);
            }
    }
    tc_buf_str(&b, rest);
    const struct tc_demo_file storm = {"storm.cap.xml", (const unsigned char *)b.p, b.n};
    tc_err e =
        b.err ? b.err : take_file(m, &storm, "TLP:GREEN", "in three hours, in one area, likely");
    tc_buf_fini(&b);
    return e;
}

/* The report, as the page's form would send it. */
static tc_err report(struct demo *m)
{
    char id[TC_ID_MAX], at[TC_TIME_SIZE], end[TC_TIME_SIZE];
    struct tc_uuid u = tc_uuid_v4();
    struct tc_str asset = tc_demo_asset_named(m->assets, TC_STR(FAILED));
    struct tc_intake_from from = {&m->login[0]->principal, 0, TC_TLP_AMBER};
    struct tc_intake_batch *batch = NULL;
    struct tc_buf b;
    tc_time now = tc_time_now();
    tc_id_make(TC_STR("incident"), &u, id);
    tc_time_format(now, 3, at);
    tc_time_format(now + 36 * 3600 * TC_SECOND, 3, end);
    tc_buf_init(&b, 1u << 16);
    tc_buf_fmt(&b,
               "{\"type\":\"incident\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created\":\"%s\","
               "\"modified\":\"%s\",\"name\":\"Exercise: busbar fault at " FAILED
               "\",\"extensions\":{\"" TC_EXT_EVENT
               "\":{\"extension_type\":\"property-extension\",\"affected_refs\":[\"%.*s\"],"
               "\"started\":\"%s\",\"expected_end\":\"%s\",\"status\":\"open\",\"exercise\":true,"
               "\"certainty\":\"Observed\"}}}",
               id, at, at, TC_FMT(asset), at, end);
    tc_err e = b.err ? b.err : tc_intake_prepare(m->node, &from, tc_buf_view(&b), &batch, &m->d);
    if (!e && tc_intake_item(batch, 0)->state == TC_ITEM_SKIPPED) {
        m->d = tc_intake_item(batch, 0)->diag;
        e = m->d.code;
    }
    if (!e)
        e = tc_intake_append(batch);
    tc_intake_free(batch);
    tc_buf_fini(&b);
    return e ? e : settle(m);
}

/* ---- the story ---- */

static void step(int n, const char *says)
{
    (void)printf("\n%d. %s\n", n, says);
    (void)fflush(stdout);
}

static tc_err release_all(struct demo *m)
{
    struct tc_demo_ids drafts = {{{0}}, 0};
    tc_err e = tc_demo_drafts(m->node, &m->login[0]->principal, &drafts, &m->d);
    for (size_t i = 0; i < drafts.n && !e; i++)
        e = tc_warn_release(m->node, &m->login[0]->principal, tc_str_cstr(drafts.id[i]), NULL,
                            &m->d);
    return e ? e : settle(m);
}

static tc_err play(struct demo *m)
{
    step(1, "Who there is: a national contact point that runs the node, and two operators.");
    tc_err e = make_node(m);
    for (size_t i = 0; i < PEOPLE && !e; i++)
        (void)printf("   %-26s %s\n", people[i].org, people[i].name);
    if (!e) {
        step(2, "A register comes in: real places, dependencies by a rule (demo/README.md).");
        e = take_register(m);
    }
    if (!e) {
        step(3, "Indicators of known attacks come in (STIX 2.1).");
        e = take_file(m, &tc_demo_indicators, "TLP:CLEAR", "shared with the network");
    }
    if (!e) {
        step(4, "The weather service sends a storm alert for the coast (CAP 1.2, exercise).");
        e = take_storm(m);
    }
    if (!e) {
        step(5, "The duty officer reports: " FAILED " has failed (exercise).");
        e = report(m);
    }
    if (!e) {
        (void)printf(
            "   What the node works out from it (only the contact point sees all of it):\n");
        e = tc_demo_findings(m->node, &m->login[0]->principal, m->assets, &m->d);
    }
    if (!e) {
        step(6, "The duty officer looks at the drafts and releases them.");
        e = release_all(m);
    }
    if (!e)
        step(7, "What each operator reads, each with its own eyes:");
    for (size_t i = 1; i < PEOPLE && !e; i++)
        e = tc_demo_warnings(m->node, &m->login[i]->principal, people[i].org, &m->d);
    return e;
}

static tc_err serve(struct demo *m, const char *listen)
{
    const struct tc_http_options o = {.listen = listen};
    tc_err e = tc_http_start(m->node, &o, &m->http, &m->d);
    if (e)
        return e;
    (void)printf("\nThe same on a page, live. Each address signs in once:\n");
    for (size_t i = 0; i < PEOPLE; i++)
        (void)printf("   %-26s %s/signin?code=%s\n", people[i].org, tc_http_url(m->http),
                     m->once[i]);
    (void)printf("\nTAXII 2.1 at %s/taxii2/, CAP 1.2 feed at %s/cap/.\n"
                 "Ctrl-C stops the demo and removes %s.\n",
                 tc_http_url(m->http), tc_http_url(m->http), m->root);
    (void)fflush(stdout);
    return TC_OK;
}

static void clean(struct demo *m)
{
    tc_http_stop(m->http);
    for (size_t i = 0; i < PEOPLE; i++)
        tc_login_unref(m->login[i]);
    tc_demo_assets_free(m->assets);
    tc_node_close(m->node);
    tc_cli_readers_free(m->readers);
    if (m->root[0])
        (void)nftw(m->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int tc_cmd_demo(int argc, char **argv)
{
    const char *listen = "127.0.0.1:0";
    bool once = false;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("listen", &listen), TC_OPT_FLAG("once", &once),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 0, 0, &n), sig = 0;
    if (status >= 0)
        return status;
    struct demo m = {.root = ""};
    sigset_t set;
    tc_diag_init(&m.d);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* before there are threads: they inherit it */
    (void)printf(
        "Tocsin demo: an exercise on a node in a temporary folder, on this machine only.\n");
    tc_err e = tc_cli_parts();
    if (!e)
        e = make_folder(&m);
    if (!e)
        e = play(&m);
    if (!e && !once)
        e = serve(&m, listen);
    if (!e && !once)
        (void)sigwait(&set, &sig);
    clean(&m);
    if (e)
        return tc_cli_fail("demo", e, &m.d);
    (void)printf(once ? "\nDone; the folder is removed.\n" : "\nStopped; the folder is removed.\n");
    return 0;
}
