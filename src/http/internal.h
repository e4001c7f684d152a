/* SPDX-License-Identifier: Apache-2.0 */
/* The server's own state, shared by the files of this folder. Locks: each struct has its own and no
 * two are held at once. */
#ifndef TC_HTTP_INTERNAL_H
#define TC_HTTP_INTERNAL_H

#include "access/cert.h"
#include "http/request.h"
#include "http/seal.h"
#include "http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* ---- connections, and the time that each may take (conns.c) ---- */

enum tc_phase {
    TC_PHASE_FIRST,   /* connected, no request line yet */
    TC_PHASE_RECEIVE, /* the request arrives */
    TC_PHASE_WORK,    /* we work */
    TC_PHASE_SEND,    /* the answer leaves */
    TC_PHASE_IDLE,    /* between requests */
    TC_PHASE_STREAM   /* an event stream: it has its heartbeat */
};

enum tc_conn_cert { /* of the client, http/certificate.h */
                    TC_CONN_CERT_UNKNOWN,
                    TC_CONN_CERT_NONE, /* or one that does not count */
                    TC_CONN_CERT_NEW,  /* good, not used yet */
                    TC_CONN_CERT_TOLD  /* and its use is on record */
};

struct tc_conn {
    int fd;
    enum tc_conn_cert cert; /* with print: of the thread that has the request */
    uint8_t print[TC_CERT_PRINT];
    char from[TC_ADDRESS_SIZE]; /* for the audit log; of the same thread, empty until it is asked */
    _Atomic int phase;
    _Atomic int64_t since; /* monotonic */
    struct tc_conn *prev, *next;
};

struct tc_conns {
    pthread_mutex_t lock;
    struct tc_conn list; /* ring with a head */
    unsigned count, max;
    int64_t request_us, idle_us, send_us;
};

void tc_conns_init(struct tc_conns *s);
void tc_conns_fini(struct tc_conns *s);
struct tc_conn *tc_conns_add(struct tc_conns *s, int fd); /* NULL = no memory */
void tc_conns_remove(struct tc_conns *s, struct tc_conn *c);
void tc_conns_phase(struct tc_conn *c, enum tc_phase phase); /* c may be NULL */
/* Shuts down the sockets whose time is over; called about once a second. */
unsigned tc_conns_run(struct tc_conns *s, int64_t now);

/* ---- signing in (login.c) ---- */

struct tc_login_cache;
struct tc_passwords;

tc_err tc_login_cache_new(struct tc_login_cache **out) TC_MUST_USE;
void tc_login_cache_free(struct tc_login_cache *c);
tc_err tc_passwords_start(struct tc_http *h, struct tc_passwords **out) TC_MUST_USE;
void tc_passwords_stop(struct tc_passwords *p); /* then BUSY; before the daemon is stopped */
void tc_passwords_free(struct tc_passwords *p); /* after the daemon is stopped */

/* Finds out who asks: r->login and r->who. AUTH: what was shown is wrong. BUSY: too many wait.
 * *waits: the password thread has it, the connection is suspended. */
tc_err tc_login_find(struct tc_request *r, bool *waits) TC_MUST_USE;
void tc_request_is(struct tc_request *r); /* who and me, from login */
/* Checks login and password on the password thread and wakes r with the result. BUSY. */
tc_err tc_passwords_check(struct tc_request *r, tc_err (*resume)(struct tc_request *r)) TC_MUST_USE;
/* What tells the addresses of requests apart; lives as long as the connection. */
struct tc_str tc_address_key(struct tc_request *r);
/* One try of this address to sign in, counted as a wrong password until it is given back. BUSY: it
 * has none left. */
tc_err tc_address_take(struct tc_request *r) TC_MUST_USE;
void tc_address_return(struct tc_request *r);
/* Another site's page sent it (Origin), so it must not sign anybody in. */
bool tc_request_foreign(struct tc_request *r);
const char *tc_cookie_name(const struct tc_http *h);

/* ---- event streams (stream.c) ---- */

struct tc_hub;
tc_err tc_hub_start(struct tc_http *h, struct tc_hub **out) TC_MUST_USE;
void tc_hub_stop(struct tc_hub *hub); /* ends all streams; before the daemon is stopped */
void tc_hub_free(struct tc_hub *hub); /* after the daemon is stopped */
unsigned tc_hub_count(struct tc_hub *hub);

/* ---- statuses of TAXII posts (status.c) ---- */

struct tc_statuses;
tc_err tc_statuses_open(const char *dir, const struct tc_seal *seal, struct tc_statuses **out,
                        struct tc_diag *d) TC_MUST_USE;
void tc_statuses_close(struct tc_statuses *s);
void tc_statuses_expire(struct tc_statuses *s, tc_time now);
/* Keeps the JSON of one status for its owner (and nobody else). The id is decided by the place
 * where it is kept, so it is written into json at id_at (36 characters) before. A storage that is
 * full costs the status, not the post: then NOTFOUND later. */
void tc_statuses_put(struct tc_statuses *s, uint64_t owner, char *json, size_t n, size_t id_at);
/* Appends the JSON to out. NOTFOUND: no such status, over, or somebody else's. */
tc_err tc_statuses_get(struct tc_statuses *s, uint64_t owner, const struct tc_uuid *id,
                       struct tc_buf *out) TC_MUST_USE;

/* ---- the server ---- */

struct tc_desk;
struct tc_oidc;

struct tc_counters {
    _Atomic uint64_t requests, answers[6], bytes, swept, posted;
};

struct tc_http {
    struct tc_node *node;
    struct tc_http_options o;
    bool tls;
    struct tc_tls *tls_side; /* tls.h */
    char url[128];
    struct MHD_Daemon *daemon;
    struct tc_seal seal;
    struct tc_conns sweep;
    struct tc_login_cache *cache;
    struct tc_passwords *passwords;
    struct tc_oidc *oidc; /* http/oidc.h; NULL = no provider */
    struct tc_hub *hub;
    struct tc_statuses *statuses;
    struct tc_desk *desk; /* watch/desk.h: what if, what is critical */
    struct tc_counters counters;
    _Atomic size_t bodies;    /* bytes of bodies held */
    _Atomic unsigned waiting; /* suspended requests that somebody will wake */
    _Atomic bool stopping;
    pthread_t ticker;
    bool ticking;
    pthread_mutex_t tick_lock;
    pthread_cond_t tick;
};

/* ---- acts for two people (api_approvals.c) ---- */

struct tc_second;
/* What comes along: the reason in "why" of the body, or else in the header; the address. */
tc_err tc_http_second(struct tc_request *r, struct tc_second *out) TC_MUST_USE;
/* 202 with the act that waits now. */
tc_err tc_http_waits(struct tc_request *r, const char *id) TC_MUST_USE;

/* ---- small things of api.c and session.c that others use ---- */

/* The session cookie; "" takes it away. */
tc_err tc_http_set_cookie(struct tc_request *r, const char *session) TC_MUST_USE;
/* A new session of that person, labelled with the browser's own name for itself. */
tc_err tc_http_session_new(struct tc_request *r, uint32_t person,
                           char session[TC_TOKEN_SIZE]) TC_MUST_USE;
/* Its cookie in the place of the one that the browser showed until now, which is over. */
tc_err tc_http_take_place(struct tc_request *r, const char *session) TC_MUST_USE;
/* The same; answers with who it is. */
tc_err tc_http_give_session(struct tc_request *r, const char *session) TC_MUST_USE;
/* After a good answer of the JSON interface: a new cookie when it is time for one. What goes wrong
 * costs the new one only. */
void tc_http_rotate(struct tc_request *r);
/* DENIED unless this is a session of the page that began at most ten minutes ago (passkey.c). */
tc_err tc_http_fresh(struct tc_request *r) TC_MUST_USE;
/* What the slowest reader of the journal has not reached yet: entries for who watches the node,
 * otherwise 0 or 1. Value of X-Tocsin-Lag. */
uint64_t tc_http_lag(struct tc_request *r);

/* The community of that id or alias, if the caller may add to it. */
tc_err tc_http_post_to(struct tc_request *r, struct tc_str id, uint32_t *community) TC_MUST_USE;

/* Who may be told numbers that speak of everybody's entries. */
bool tc_request_watches(const struct tc_request *r);

#endif
