/* SPDX-License-Identifier: Apache-2.0 */
/* The one way out: a process of its own that makes HTTPS requests, to configured origins only.
 *
 *   serving process ── a socket per request, passed over one control socket ──► keeper
 *   (may not connect,                                                            │ forks, one
 *    src/node/confine.h)                  ◄── the reply, once ──────────────  worker  per request
 *                                                                            (libcurl)
 *
 * The keeper is forked before the node's folder is opened: it has none of its secrets, and it reads
 * nothing that came from outside. A worker checks the origin itself, cannot write, run programs or
 * fork, reads certificates and the resolver's files, lives for one request and dies with it: what
 * takes it over learns that request and reaches nothing else. TLS 1.2 or later with the
 * certificate and the name verified; no redirect is followed (the caller sees the 3xx), no proxy,
 * no cookie, no compressed body. Both die with the process that forked them. A worker that dies
 * costs its request (IO); a keeper that dies cannot be forked again by a process that gave forking
 * up, so each request says so (IO) until the node is started anew. */
#ifndef TC_NODE_FETCH_H
#define TC_NODE_FETCH_H

#include "base/arena.h"

struct tc_fetch; /* NULL in a node that has nothing to ask outside */

struct tc_fetch_ask {
    const char *method;                              /* "GET", "POST" */
    struct tc_str url;                               /* absolute, without user or fragment */
    struct tc_str content_type, authorization, body; /* empty = none */
};

struct tc_fetch_reply {
    int status;
    struct tc_str content_type, body; /* in the arena given */
};

/* Any thread. At most TC_FETCH_AT_ONCE at once and TC_FETCH_WAITING behind them (over it, or when
 * no place becomes free in time: BUSY). DENIED: the origin is not configured; INVALID: the request
 * cannot be sent as it is; LIMIT: it or the reply is over TC_FETCH_BODY; TIMEOUT: no whole reply
 * within TC_FETCH_SECONDS; IO: not reached, its certificate does not hold (d says what). Any
 * status is a reply. f NULL: DENIED. */
tc_err tc_fetch(struct tc_fetch *f, const struct tc_fetch_ask *ask, struct tc_arena *a,
                struct tc_fetch_reply *out, struct tc_diag *d) TC_MUST_USE;

/* Forks: before the first thread and before tc_confine. origins: n times "https://host[:port]";
 * plain http only for loopback (localhost, 127.0.0.0/8, ::1). ca_file: PEM, the authorities that
 * are trusted in place of the system's; NULL = the system's. n 0: *out is NULL. INVALID, LIMIT. */
tc_err tc_fetch_start(const char *const *origins, size_t n, const char *ca_file,
                      struct tc_fetch **out, struct tc_diag *d) TC_MUST_USE;
/* When nobody asks any more. Ends the processes. NULL is fine. */
void tc_fetch_stop(struct tc_fetch *f);

/* The keeper is there. Any thread. */
bool tc_fetch_lives(struct tc_fetch *f);

/* ---- what the parts want to reach, collected by tocsin serve before it forks ---- */

#define TC_FETCH_ORIGINS 16

struct tc_fetch_origins {
    char origin[TC_FETCH_ORIGINS][300];
    size_t n;
    char ca_file[4096]; /* "" = the system's authorities */
};

/* url: any of the origin. An origin that is there already is not added again. INVALID, LIMIT. */
tc_err tc_fetch_origin_add(struct tc_fetch_origins *o, struct tc_str url,
                           struct tc_diag *d) TC_MUST_USE;
/* There is one for the whole node: CONFLICT when another was named. Empty: nothing is set. */
tc_err tc_fetch_ca_set(struct tc_fetch_origins *o, struct tc_str file,
                       struct tc_diag *d) TC_MUST_USE;

#endif
