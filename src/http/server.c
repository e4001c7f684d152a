/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a request (states in request.h), on libmicrohttpd's epoll threads. */
#include "http/server.h"

#include "access/cosign.h"
#include "base/num.h"
#include "http/audited.h"
#include "http/listen.h"
#include "http/oidc.h"
#include "http/reason.h"
#include "http/reply.h"
#include "http/tls.h"
#include "watch/desk.h"

#include <errno.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A refused body up to this is read and thrown away, so that the client gets to see the answer; a
 * longer one is cut off. */
#define DRAIN (1u << 20)

/* ---- requests ---- */

static struct tc_request *request_new(struct tc_http *h, struct MHD_Connection *mhd,
                                      const char *raw)
{
    struct tc_request *r = calloc(1, sizeof *r);
    struct tc_arena *a = tc_arena_new(TC_MAX_REQUEST_ARENA);
    if (!r || !a) {
        free(r);
        tc_arena_free(a);
        return NULL;
    }
    r->http = h;
    r->node = h->node;
    r->mhd = mhd;
    r->arena = a;
    r->who = &tc_principal_anonymous;
    r->started = tc_time_monotonic();
    tc_diag_init(&r->diag);
    tc_buf_init(&r->body, h->o.max_body);
    tc_buf_init(&r->out, TC_MAX_PAGE_BYTES + TC_MAX_OBJECT);
    /* one byte more than allowed is enough for the parser to see that it is too long */
    r->raw = tc_arena_dup(a, tc_str_view(raw, strnlen(raw, TC_MAX_TARGET + 1)));
    const union MHD_ConnectionInfo *ci =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->conn = ci ? ci->socket_context : NULL;
    return r;
}

static void body_forget(struct tc_request *r)
{
    atomic_fetch_sub_explicit(&r->http->bodies, r->body_counted, memory_order_relaxed);
    r->body_counted = 0;
    tc_buf_fini(&r->body);
    tc_buf_init(&r->body, r->http->o.max_body);
}

static void request_free(struct tc_request *r)
{
    if (r->state && r->drop)
        r->drop(r->state);
    if (r->response)
        MHD_destroy_response(r->response);
    if (r->shown.secret.n && r->shown.scheme == TC_SCHEME_BASIC)
        sodium_memzero((void *)(uintptr_t)r->shown.secret.p, r->shown.secret.n);
    body_forget(r);
    tc_buf_fini(&r->out);
    if (r->login)
        tc_login_unref(r->login);
    tc_arena_free(r->arena);
    free(r);
}

void tc_request_wait(struct tc_request *r, tc_err (*resume)(struct tc_request *r))
{
    r->resume = resume;
    atomic_fetch_add(&r->http->waiting, 1);
    MHD_suspend_connection(r->mhd);
}

void tc_request_wake(struct tc_request *r, tc_err result)
{
    struct tc_http *h = r->http;
    r->result = result;
    MHD_resume_connection(r->mhd); /* r may be gone after this */
    atomic_fetch_sub(&h->waiting, 1);
}

static void *on_target(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct tc_request *r = request_new(cls, mhd, uri);
    if (r)
        tc_conns_phase(r->conn, TC_PHASE_RECEIVE);
    return r;
}

/* ---- admission: everything that can be known before the body ---- */

struct seen {
    unsigned length, coding, host, authorization, type;
};

static enum MHD_Result see(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct seen *s = cls;
    struct tc_str n = tc_str_cstr(name);
    (void)kind;
    (void)value;
    s->length += tc_str_eq_nocase(n, TC_STR("Content-Length"));
    s->coding += tc_str_eq_nocase(n, TC_STR("Transfer-Encoding"));
    s->host += tc_str_eq_nocase(n, TC_STR("Host"));
    s->authorization += tc_str_eq_nocase(n, TC_STR("Authorization"));
    s->type += tc_str_eq_nocase(n, TC_STR("Content-Type"));
    return MHD_YES;
}

/* What a proxy before us might read differently is refused. *length: UINT64_MAX = chunked. */
static tc_err framing(struct tc_request *r, uint64_t *length)
{
    struct seen s = {0};
    (void)MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, see, &s);
    if (s.length > 1 || s.coding > 1 || (s.length && s.coding) || s.host > 1 ||
        s.authorization > 1 || s.type > 1)
        return tc_request_fail(r, TC_E_SYNTAX,
                               "a header that must be there once is repeated, or "
                               "the length of the body is given in two ways");
    *length = 0;
    if (s.coding) {
        if (!tc_str_eq_nocase(tc_request_get(r, "Transfer-Encoding"), TC_STR("chunked")))
            return tc_request_fail(r, TC_E_SYNTAX, "the only transfer coding read is chunked");
        *length = UINT64_MAX;
    } else if (s.length && tc_num_u64(tc_request_get(r, "Content-Length"), INT64_MAX, length)) {
        return tc_request_fail(r, TC_E_SYNTAX, "Content-Length is no number");
    }
    return TC_OK;
}

static size_t body_max(const struct tc_request *r)
{
    if (!r->route)
        return 0;
    switch (r->route->body) {
    case TC_BODY_NONE:
        return 0;
    case TC_BODY_TAXII:
    case TC_BODY_JSON:
        return r->http->o.max_body;
    case TC_BODY_TEXT:
        return TC_COSIGN_ASK;
    default:
        return r->http->o.max_body < TC_MAX_FORM ? r->http->o.max_body : TC_MAX_FORM;
    }
}

static tc_err body_too_long(struct tc_request *r)
{
    if (r->route->body == TC_BODY_NONE)
        return tc_request_fail(r, TC_E_SYNTAX, "this request takes no body");
    return tc_request_fail(r, TC_E_LIMIT, "the body is longer than %zu bytes", body_max(r));
}

static tc_err media(struct tc_request *r)
{
    static const char *const types[][2] = {
        [TC_BODY_TAXII] = {"application", "taxii+json"},
        [TC_BODY_JSON] = {"application", "json"},
        [TC_BODY_FORM] = {"application", "json"},
        [TC_BODY_HTML] = {"application", "x-www-form-urlencoded"},
    };
    if (r->route->family == TC_FAMILY_TAXII &&
        !tc_media_accepts(tc_request_get(r, "Accept"), "application", "taxii+json", "2.1")) {
        r->status = 406;
        return tc_request_fail(r, TC_E_UNSUPPORTED, "answers here are " TC_MEDIA_TAXII);
    }
    enum tc_body b = r->route->body;
    if (b != TC_BODY_NONE && b != TC_BODY_TEXT &&
        !tc_media_is(tc_request_get(r, "Content-Type"), types[b][0], types[b][1],
                     b == TC_BODY_TAXII ? "2.1" : ""))
        return tc_request_fail(r, TC_E_UNSUPPORTED, "the body must be %s/%s", types[b][0],
                               types[b][1]);
    return TC_OK;
}

static tc_err permitted(struct tc_request *r)
{
    if (r->route->roles == TC_ANYONE)
        return TC_OK;
    if (!r->login)
        return tc_request_fail(r, TC_E_AUTH, "sign in first");
    if (r->route->roles == TC_SELF)
        return r->shown.scheme == TC_SCHEME_BEARER
                   ? tc_request_fail(r, TC_E_DENIED,
                                     "a token cannot change the account of its person")
                   : TC_OK;
    if (r->route->roles != TC_SIGNED && !(r->route->roles & r->who->roles))
        return tc_request_fail(r, TC_E_DENIED, "your roles do not include this");
    return TC_OK;
}

static tc_err find_route(struct tc_request *r, const char *method)
{
    tc_err e = r->raw.p ? tc_target_parse(r->arena, r->raw, &r->target, &r->diag) : TC_E_NOMEM;
    if (e == TC_E_LIMIT)
        r->status = 414;
    if (e)
        return e;
    r->head_only = strcmp(method, "HEAD") == 0;
    char allow[128] = "";
    e = tc_route_find(r->head_only ? "GET" : method, &r->target, &r->route, r->param, allow,
                      sizeof allow);
    if (e == TC_E_USAGE) {
        r->status = 405;
        tc_request_header(r, "Allow", tc_arena_cstr(r->arena, tc_str_cstr(allow)));
        return tc_request_fail(r, e, "this address does not know that method");
    }
    if (e)
        return tc_request_fail(r, e, "there is nothing at this address");
    r->method = r->route->method;
    return TC_OK;
}

/* The part of admission before it is known who asks; *waits: for the password thread. */
static tc_err admit_first(struct tc_request *r, const char *method, uint64_t *length, bool *waits)
{
    tc_err e = framing(r, length);
    if (!e)
        e = find_route(r, method);
    if (!e && *length != UINT64_MAX && *length > body_max(r))
        e = body_too_long(r);
    if (!e && *length == UINT64_MAX && r->route->body == TC_BODY_NONE)
        e = body_too_long(r);
    return e ? e : tc_login_find(r, waits);
}

static tc_err admit_last(struct tc_request *r)
{
    tc_err e = permitted(r);
    e = e ? e : tc_reason_apply(r);
    return e ? e : media(r);
}

/* Answers after a short body has been thrown away, or at once and hangs up. */
static enum MHD_Result refuse(struct tc_request *r, tc_err e, uint64_t length)
{
    r->refused = e;
    r->stage = TC_STAGE_REFUSED;
    if (length <= DRAIN)
        return MHD_YES;
    tc_reply_error(r, e);
    tc_conns_phase(r->conn, TC_PHASE_SEND);
    return tc_reply_send(r);
}

static enum MHD_Result admit(struct tc_request *r, const char *method)
{
    uint64_t length = 0;
    bool waits = false;
    tc_err e;
    if (r->stage == TC_STAGE_AUTH) {
        e = r->result;
        (void)framing(r, &length);
        if (r->login)
            tc_request_is(r);
        e = tc_audited_signin(r, e);
        if (e == TC_E_AUTH)
            e = tc_request_fail(r, e, "login and password do not match");
    } else {
        atomic_fetch_add_explicit(&r->http->counters.requests, 1, memory_order_relaxed);
        r->stage = TC_STAGE_HEAD;
        e = admit_first(r, method, &length, &waits);
    }
    if (waits && !e) {
        r->stage = TC_STAGE_AUTH;
        return MHD_YES;
    }
    if (!e)
        e = admit_last(r);
    if (e)
        return refuse(r, e, length);
    r->stage = TC_STAGE_BODY;
    return MHD_YES;
}

/* ---- body ---- */

static enum MHD_Result body_bytes(struct tc_request *r, const char *p, size_t n)
{
    if (r->stage != TC_STAGE_BODY) {
        r->body_counted += n; /* only counted, to know when to hang up */
        atomic_fetch_add_explicit(&r->http->bodies, n, memory_order_relaxed);
        return r->body_counted > body_max(r) + (size_t)DRAIN ? MHD_NO : MHD_YES;
    }
    size_t all = atomic_fetch_add_explicit(&r->http->bodies, n, memory_order_relaxed) + n;
    r->body_counted += n;
    tc_err e = TC_OK;
    if (r->body_counted > body_max(r))
        e = body_too_long(r);
    else if (all > TC_MAX_BODIES)
        e = tc_request_fail(r, TC_E_BUSY, "too many bodies are arriving at once");
    else
        tc_buf_add(&r->body, p, n);
    if (!e && r->body.err)
        e = r->body.err;
    if (e) {
        body_forget(r);
        r->refused = e;
        r->stage = TC_STAGE_REFUSED;
    }
    return MHD_YES;
}

/* ---- work and answer ---- */

static void log_access(struct tc_request *r)
{
    if (r->http->o.access_log)
        tc_log(TC_LOG_INFO, "%s %s %u %.1f ms", r->method ? r->method : "?",
               r->route ? r->route->path : "-", r->status,
               (double)(tc_time_monotonic() - r->started) / 1000.0);
}

static enum MHD_Result work(struct tc_request *r)
{
    tc_err e = r->refused;
    if (!e) {
        tc_err (*run)(struct tc_request *) = r->stage == TC_STAGE_WORK ? r->resume : r->route->run;
        if (r->stage != TC_STAGE_WORK)
            tc_conns_phase(r->conn, TC_PHASE_WORK);
        e = r->stage == TC_STAGE_WORK ? TC_OK : tc_audited_begin(r);
        r->stage = TC_STAGE_WORK;
        r->resume = NULL;
        e = e ? e : run(r);
        if (!e && r->resume)
            return MHD_YES; /* asleep until tc_request_wake */
        e = tc_audited_end(r, e);
        if (!e)
            tc_http_rotate(r);
    }
    if (e) {
        if (r->response)
            MHD_destroy_response(r->response);
        r->response = NULL;
        tc_reply_error(r, e);
    }
    if (!r->response)
        tc_conns_phase(r->conn, TC_PHASE_SEND);
    log_access(r);
    return tc_reply_send(r);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **con_cls)
{
    struct tc_request *r = *con_cls;
    (void)cls;
    (void)mhd;
    (void)url;
    (void)version;
    if (!r)
        return MHD_NO;
    if (r->stage == TC_STAGE_LINE || r->stage == TC_STAGE_AUTH)
        return admit(r, method);
    if (*upload_size) {
        size_t n = *upload_size;
        *upload_size = 0;
        return body_bytes(r, upload, n);
    }
    return work(r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
    struct tc_request *r = *con_cls;
    (void)cls;
    (void)mhd;
    (void)how;
    if (!r)
        return;
    tc_conns_phase(r->conn, TC_PHASE_IDLE);
    request_free(r);
    *con_cls = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct tc_http *h = cls;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        tc_conns_remove(&h->sweep, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *ci =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = ci ? tc_conns_add(&h->sweep, ci->connect_fd) : NULL;
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *fmt, va_list ap)
{
    char text[256];
    (void)cls;
    (void)vsnprintf(text, sizeof text, fmt, ap);
    tc_log(TC_LOG_DEBUG, "http: %s", text);
}

/* ---- the clock of the server ---- */

/* Pages of a megabyte or two come and go: given back to the system each time, they cost as much in
 * page faults as all the rest. So they stay in the heap, until a minute passes without a request.
 */
static void keep_heap(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 8 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

static void minute(struct tc_http *h, uint64_t *before)
{
    uint64_t requests = atomic_load(&h->counters.requests);
    if (requests == *before)
        (void)malloc_trim(0);
    *before = requests;
    tc_statuses_expire(h->statuses, tc_time_now());
}

static void *ticker_main(void *arg)
{
    struct tc_http *h = arg;
    unsigned n = 0;
    uint64_t requests = 0;
    (void)pthread_mutex_lock(&h->tick_lock);
    while (!h->stopping) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        (void)pthread_cond_timedwait(&h->tick, &h->tick_lock, &until);
        unsigned swept = tc_conns_run(&h->sweep, tc_time_monotonic());
        atomic_fetch_add_explicit(&h->counters.swept, swept, memory_order_relaxed);
        if (++n % 60 == 1)
            minute(h, &requests);
    }
    (void)pthread_mutex_unlock(&h->tick_lock);
    return NULL;
}

/* ---- start and stop ---- */

static unsigned or_default(unsigned v, unsigned standard)
{
    return v ? v : standard;
}

static void fill_options(struct tc_http *h, const struct tc_http_options *o)
{
    h->o = *o;
    h->o.threads = or_default(o->threads, (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
    if (h->o.threads < 2)
        h->o.threads = 2; /* one long query must not stop everybody */
    h->o.max_connections = or_default(o->max_connections, TC_MAX_CONNECTIONS);
    h->o.request_seconds = or_default(o->request_seconds, TC_REQUEST_SECONDS);
    h->o.idle_seconds = or_default(o->idle_seconds, TC_IDLE_SECONDS);
    h->o.send_seconds = or_default(o->send_seconds, TC_SEND_SECONDS);
    h->o.max_streams = or_default(o->max_streams, TC_MAX_STREAMS);
    if (!h->o.max_body)
        h->o.max_body = TC_MAX_BODY;
    h->sweep.max = h->o.max_connections;
    h->sweep.request_us = (int64_t)h->o.request_seconds * TC_SECOND;
    h->sweep.idle_us = (int64_t)h->o.idle_seconds * TC_SECOND;
    h->sweep.send_us = (int64_t)h->o.send_seconds * TC_SECOND;
}

/* Room for the connections among the process's descriptors, or fewer connections. */
static void descriptors(struct tc_http *h)
{
    const rlim_t others = 512;
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return;
    rlim_t want = h->o.max_connections + others;
    if (l.rlim_cur >= want)
        return;
    struct rlimit more = {want, l.rlim_max < want ? want : l.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &more) == 0)
        return;
    more = (struct rlimit){l.rlim_max, l.rlim_max};
    rlim_t got = setrlimit(RLIMIT_NOFILE, &more) == 0 ? l.rlim_max : l.rlim_cur;
    unsigned fit = got > 2 * others ? (unsigned)(got - others) : (unsigned)(got / 2);
    if (fit < h->o.max_connections) {
        tc_log(TC_LOG_WARN, "this process may have %u descriptors: at most %u connections",
               (unsigned)got, fit);
        h->o.max_connections = fit;
        h->sweep.max = fit;
    }
}

/* What --tls-cert and --client-ca hold; ca may be NULL. */
struct tls_files {
    char *cert, *ca;
};

static tc_err daemon_start(struct tc_http *h, int fd, const struct tls_files *f, struct tc_diag *d)
{
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)tc_tls_retrieve},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TC_TLS_PRIORITIES},
        {f->ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, f->ca},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    h->daemon = MHD_start_daemon(
        flags | (h->tls ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, h,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, h->o.threads, MHD_OPTION_CONNECTION_LIMIT,
        h->o.max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)TC_CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, h->o.idle_seconds, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_ARRAY, h->tls ? tls : none,
        MHD_OPTION_END);
    if (!h->daemon)
        return tc_diag_set(d, h->tls ? TC_E_USAGE : TC_E_IO,
                           h->tls ? "the server does not start: what --client-ca names may hold "
                                    "no certificate"
                                  : "the server does not start");
    return TC_OK;
}

static tc_err open_socket(struct tc_http *h, int *fd, struct tls_files *f, struct tc_diag *d)
{
    const struct tc_http_options *o = &h->o;
    if (!o->tls_cert != !o->tls_key)
        return tc_diag_set(d, TC_E_USAGE, "--tls-cert and --tls-key go together");
    h->tls = o->tls_cert != NULL;
    if (o->client_ca && !h->tls)
        return tc_diag_set(d, TC_E_USAGE, "--client-ca needs --tls-cert and --tls-key");
    tc_err e = TC_OK;
    if (h->tls) {
        e = tc_listen_file(o->tls_cert, &f->cert, d);
        if (!e && (!h->node->signer || !tc_signer_info(h->node->signer)->tls))
            e = tc_diag_set(d, TC_E_USAGE, "no process holds the key of TLS");
        if (!e)
            e = tc_tls_new(f->cert, h->node->signer, &h->tls_side, d);
        if (!e && o->client_ca)
            e = tc_listen_file(o->client_ca, &f->ca, d);
    }
    bool loopback = false;
    char where[96];
    if (!e)
        e = tc_listen_open(o->listen ? o->listen : "127.0.0.1:8600", h->tls, fd, &loopback, where,
                           sizeof where, d);
    if (!e)
        (void)snprintf(h->url, sizeof h->url, "%s://%s", h->tls ? "https" : "http", where);
    return e;
}

static tc_err start_parts(struct tc_http *h, struct tc_diag *d)
{
    tc_node_key(h->node, "http", h->seal.key);
    tc_err e = tc_statuses_open(h->node->dir, &h->seal, &h->statuses, d);
    e = e ? e : tc_desk_new(h->node, &h->desk);
    if (!e)
        e = tc_login_cache_new(&h->cache);
    if (!e)
        e = tc_passwords_start(h, &h->passwords);
    if (!e)
        e = tc_oidc_start(h, &h->oidc, d);
    if (!e)
        e = tc_hub_start(h, &h->hub);
    if (!e && pthread_create(&h->ticker, NULL, ticker_main, h) != 0)
        e = TC_E_IO;
    h->ticking = !e;
    return e && d && !d->message[0] ? tc_diag_set(d, e, "the server does not start") : e;
}

tc_err tc_http_start(struct tc_node *n, const struct tc_http_options *o, struct tc_http **out,
                     struct tc_diag *d)
{
    struct tc_http *h = calloc(1, sizeof *h);
    if (!h)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    struct tls_files files = {NULL, NULL};
    int fd = -1;
    h->node = n;
    tc_conns_init(&h->sweep);
    (void)pthread_mutex_init(&h->tick_lock, NULL);
    (void)pthread_cond_init(&h->tick, NULL);
    fill_options(h, o);
    keep_heap();
    descriptors(h);
    tc_err e = open_socket(h, &fd, &files, d);
    if (!e)
        e = start_parts(h, d);
    if (!e) {
        e = daemon_start(h, fd, &files, d);
        if (!e)
            fd = -1;
    }
    free(files.cert);
    free(files.ca);
    if (fd >= 0)
        (void)close(fd);
    if (e)
        tc_http_stop(h);
    else
        *out = h;
    return e;
}

static void stop_ticker(struct tc_http *h)
{
    (void)pthread_mutex_lock(&h->tick_lock);
    h->stopping = true;
    (void)pthread_cond_signal(&h->tick);
    (void)pthread_mutex_unlock(&h->tick_lock);
    if (h->ticking)
        (void)pthread_join(h->ticker, NULL);
}

void tc_http_stop(struct tc_http *h)
{
    if (!h)
        return;
    MHD_socket fd = h->daemon ? MHD_quiesce_daemon(h->daemon) : MHD_INVALID_SOCKET;
    stop_ticker(h);
    tc_hub_stop(h->hub);
    tc_passwords_stop(h->passwords);
    tc_oidc_stop(h->oidc);
    while (atomic_load(&h->waiting)) /* the journal finishes what it has */
        (void)nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (h->daemon)
        MHD_stop_daemon(h->daemon);
    if (fd != MHD_INVALID_SOCKET)
        (void)close(fd);
    tc_tls_free(h->tls_side);
    tc_hub_free(h->hub);
    tc_oidc_free(h->oidc);
    tc_login_cache_free(h->cache);
    tc_passwords_free(h->passwords);
    tc_statuses_close(h->statuses);
    tc_desk_free(h->desk);
    tc_conns_fini(&h->sweep);
    (void)pthread_cond_destroy(&h->tick);
    (void)pthread_mutex_destroy(&h->tick_lock);
    sodium_memzero(&h->seal, sizeof h->seal);
    free(h);
}

const char *tc_http_url(const struct tc_http *h)
{
    return h->url;
}
