/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer. The server owns it, a handler borrows it: everything that a handler
 * takes from the arena lives until the answer is sent. A request is on one thread at a time.
 *
 * A handler returns TC_OK with the answer filled in, or an error, which the server puts into the
 * form of the route's family with r->diag.message. It may wait: tc_request_wait, then whoever
 * finishes the work calls tc_request_wake (any thread) and the server calls the function given.
 *
 * States, and who moves on:
 *
 *   LINE     on_target: the request line is there
 *   HEAD     on_request, first call: route, limits, media types, who is it
 *   AUTH     waits for the password thread -> HEAD
 *   BODY     on_request with bytes
 *   REFUSED  the answer is known, the rest of the body is thrown away
 *   WORK     handler called; waits for the journal perhaps -> resume function
 *   SEND     answer queued -> on_completed
 */
#ifndef TC_HTTP_REQUEST_H
#define TC_HTTP_REQUEST_H

#include "access/access.h"
#include "base/arena.h"
#include "codec/jsonw.h"
#include "http/credentials.h"
#include "http/target.h"
#include "node/node.h"

struct tc_http;
struct tc_route;
struct MHD_Connection;
struct MHD_Response;

enum tc_stage {
    TC_STAGE_LINE,
    TC_STAGE_HEAD,
    TC_STAGE_AUTH,
    TC_STAGE_BODY,
    TC_STAGE_REFUSED,
    TC_STAGE_WORK,
    TC_STAGE_SEND
};

#define TC_MAX_PARAMS  4
#define TC_MAX_HEADERS 12

struct tc_header {
    const char *name, *value;
};

#define TC_ADDRESS_SIZE 46 /* of an IPv6 address as text */

struct tc_request {
    struct tc_http *http;
    struct tc_node *node;
    struct MHD_Connection *mhd;
    struct tc_conn *conn;
    struct tc_arena *arena;
    enum tc_stage stage;
    int64_t started; /* monotonic */

    /* what is asked */
    const char *method; /* "GET" for HEAD too */
    bool head_only;
    struct tc_str raw;
    struct tc_target target;
    const struct tc_route *route;
    struct tc_str param[TC_MAX_PARAMS]; /* of "{...}" in the route, in order */
    struct tc_buf body;
    size_t body_counted; /* of the server's budget for bodies */

    /* who asks */
    struct tc_credentials shown;
    struct tc_login *login;         /* NULL = nobody */
    const struct tc_principal *who; /* nobody, or me */
    struct tc_principal me;         /* the login's, with a witness */
    struct tc_str reason;           /* http/reason.h; empty = none */
    bool wants_session; /* a second factor may follow; else a password is all there is */
    char ticket_shown[TC_TOKEN_SIZE];
    const char *signin_why; /* what its record says; NULL = what it says of passwords */

    /* for the audit log, http/audited.h */
    struct tc_witness witness;
    const struct tc_intake_batch *posted; /* what a change appends; state owns it */
    struct tc_audit_list *seen; /* entries that were appended, or that the answer tells of */
    uint32_t seen_audience;     /* of the last one, whose colour is known */
    bool seen_red;
    tc_err seen_err; /* a full list that could not be recorded */
    uint64_t ticket;

    /* the answer */
    tc_err refused;
    unsigned status;
    const char *type;
    struct tc_header header[TC_MAX_HEADERS];
    size_t n_headers;
    struct tc_buf out;
    struct MHD_Response *response; /* instead of out: a stream */
    struct tc_diag diag;

    /* waiting */
    tc_err (*resume)(struct tc_request *r);
    tc_err result;
    void *state; /* the handler's own; freed by drop */
    void (*drop)(void *state);
    struct tc_request *next_job;
};

/* An answer header; both strings must live as long as the request (arena or literal). Dropped when
 * there are too many, which is our own mistake and asserted. */
void tc_request_header(struct tc_request *r, const char *name, const char *value);
/* A header that came; empty when absent. */
struct tc_str tc_request_get(struct tc_request *r, const char *name);

/* Sets status, type and starts JSON into r->out. */
struct tc_jsonw tc_request_json(struct tc_request *r, unsigned status, const char *type);
/* An answer without content. */
tc_err tc_request_empty(struct tc_request *r, unsigned status);
tc_err tc_request_fail(struct tc_request *r, tc_err e, const char *fmt, ...)
    TC_PRINTF(3, 4) TC_MUST_USE;

/* Suspends the connection; then exactly one tc_request_wake must follow. */
void tc_request_wait(struct tc_request *r, tc_err (*resume)(struct tc_request *r));
void tc_request_wake(struct tc_request *r, tc_err result);

/* "https://host" of this server as the client sees it; NULL = no memory. */
const char *tc_request_base(struct tc_request *r);

#endif
