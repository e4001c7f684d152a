/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin serve: opens a node, gives up what it does not need, starts readers, control socket and
 * HTTP, and waits for a signal. The first SIGINT or SIGTERM stops it in order, a second at once. */
#include "base/limits.h"
#include "base/log.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "http/server.h"
#include "node/confine.h"
#include "node/fetch.h"
#include "node/fieldkey.h"
#include "node/signer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct given {
    struct tc_http_options http;
    const char *sign_in;
    bool unconfined;
};

struct running {
    struct tc_fetch *fetch;
    struct tc_signer *signer;
    struct tc_node *node;
    struct tc_cli_readers *readers;
    struct tc_http *http;
};

/* systemd (Type=notify) or whoever set NOTIFY_SOCKET, sd_notify(3): -1 = nobody. Opened before the
 * process gives up connecting. */
static int notify_open(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') ||
        !tc_str_copy(tc_str_cstr(path), a.sun_path, sizeof a.sun_path))
        return -1;
    size_t n = offsetof(struct sockaddr_un, sun_path) + strlen(path);
    if (a.sun_path[0] == '@')
        a.sun_path[0] = '\0'; /* an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, (socklen_t)n) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void notify(int fd, const char *state)
{
    if (fd >= 0)
        (void)!send(fd, state, strlen(state), MSG_NOSIGNAL);
}

static tc_err confine(const struct given *g, const char *dir, struct tc_diag *d)
{
    /* the audit log asks whether the machine was started anew since it was written */
    const char *const files[] = {g->http.tls_cert, g->http.client_ca, tc_field_key_path(),
                                 "/proc/sys/kernel/random/boot_id"};
    const char *missing = NULL;
    if (setenv("SQLITE_TMPDIR", dir, 1) != 0) /* large sorts go there, not to /tmp */
        return TC_E_NOMEM;
    if (g->unconfined) {
        tc_log(TC_LOG_WARN, "not confined: the process keeps all its rights");
        return TC_OK;
    }
    tc_err e = tc_confine(dir, files, 4, &missing, d);
    if (!e && missing)
        tc_log(TC_LOG_WARN, "%s", missing);
    return e;
}

static tc_err sign_in_code(const struct given *g, struct tc_node *n, const char *url,
                           struct tc_diag *d)
{
    struct tc_person p;
    char code[TC_TOKEN_SIZE];
    if (!g->sign_in)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1 << 16);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = tc_access_person_by(n->access, 0, tc_str_cstr(g->sign_in), a, &p);
    if (e)
        tc_diag_set(d, e, "there is no login '%s'", g->sign_in);
    else
        e = tc_access_token_new(n->access, p.number, TC_TOKEN_ONCE, TC_STR("printed by serve"),
                                TC_TIME_NONE, code, d);
    if (!e)
        (void)printf("one-time sign-in of %s, good for an hour: %s/signin?code=%s\n", g->sign_in,
                     url, code);
    tc_arena_free(a);
    return e;
}

/* The process that asks outside, when a part is configured to. */
static tc_err fetcher(const char *dir, struct tc_fetch **out, struct tc_diag *d)
{
    struct tc_fetch_origins o = {.n = 0};
    const char *list[TC_FETCH_ORIGINS];
    tc_err e = tc_cli_origins(dir, &o, d);
    for (size_t i = 0; i < o.n; i++)
        list[i] = o.origin[i];
    return e ? e : tc_fetch_start(list, o.n, o.ca_file, out, d);
}

static tc_err start(const struct given *g, const char *dir, struct running *r, struct tc_diag *d)
{
    tc_err e = TC_OK;
    if (access(dir, F_OK) == 0) {       /* otherwise open says it better */
        e = fetcher(dir, &r->fetch, d); /* forks: before there are secrets, threads and walls */
        /* so does the one that signs; neither key is ever read by this process */
        e = e ? e : tc_signer_start(dir, g->http.tls_key, &r->signer, d);
        e = e ? e : confine(g, dir, d);
    }
    if (!e)
        e = tc_node_open_signed(dir, r->signer, &r->node, d);
    if (!e) {
        r->node->fetch = r->fetch;
        e = tc_cli_readers(r->node, &r->readers, d);
    }
    if (!e)
        e = tc_node_start(r->node, d);
    if (!e) {
        tc_diag_init(d); /* of the files that were opened so far */
        e = tc_http_start(r->node, &g->http, &r->http, d);
    }
    if (e)
        return e;
    (void)printf("%s: %s\n", r->node->title, tc_http_url(r->http));
    e = sign_in_code(g, r->node, tc_http_url(r->http), d);
    (void)fflush(stdout);
    return e;
}

static void stop(struct running *r)
{
    tc_http_stop(r->http);
    tc_node_close(r->node);
    tc_signer_stop(r->signer);
    tc_fetch_stop(r->fetch);
    tc_cli_readers_free(r->readers);
}

static int serve(const struct given *g, const char *dir)
{
    struct running r = {NULL};
    int told = notify_open();
    struct tc_diag d;
    sigset_t set;
    int sig = 0;
    tc_diag_init(&d);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* before there are threads: they inherit it */
    tc_err e = tc_cli_parts();
    tc_log_set_level(TC_LOG_INFO);
    if (!e)
        e = start(g, dir, &r, &d);
    if (!e) {
        notify(told, "READY=1");
        (void)sigwait(&set, &sig);
        notify(told, "STOPPING=1");
        (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* the next one is not waited for */
    }
    stop(&r);
    return e ? tc_cli_fail("serve", e, &d) : 0;
}

int tc_cmd_serve(int argc, char **argv)
{
    struct given g = {.http = {.listen = "127.0.0.1:8600"}};
    uint64_t threads = 0, connections = 0, seconds = 0, body = 0;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("listen", &g.http.listen),
                                  TC_OPT_TEXT("tls-cert", &g.http.tls_cert),
                                  TC_OPT_TEXT("tls-key", &g.http.tls_key),
                                  TC_OPT_TEXT("client-ca", &g.http.client_ca),
                                  TC_OPT_TEXT("public-url", &g.http.public_url),
                                  TC_OPT_U64("threads", &threads, 1, 256),
                                  TC_OPT_U64("max-connections", &connections, 1, 1000000),
                                  TC_OPT_U64("request-timeout", &seconds, 1, 3600),
                                  TC_OPT_U64("max-body", &body, 1024, UINT64_C(1) << 30),
                                  TC_OPT_FLAG("access-log", &g.http.access_log),
                                  TC_OPT_TEXT("sign-in", &g.sign_in),
                                  TC_OPT_FLAG("unconfined", &g.unconfined),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    g.http.threads = (unsigned)threads;
    g.http.max_connections = (unsigned)connections;
    g.http.request_seconds = (unsigned)seconds;
    g.http.max_body = (size_t)body;
    return serve(&g, argv[1]);
}
