/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of fetch.h: what goes between the asking thread and the worker, one frame each way (node/
 * wire.h: a length of 4 bytes, little-endian, and so many bytes):
 *
 *   asked     method (1: 0 GET, 1 POST)   url   content type   authorization   body
 *   answered  error (1: tc_err)           status (2, little-endian)   content type   body   why
 *
 * each text being its length (4, little-endian) and its bytes; nothing may be left over. Either
 * side takes the other for hostile. Pure, but for nothing: no I/O. Also the origins and their form.
 */
#ifndef TC_NODE_FETCH_WIRE_H
#define TC_NODE_FETCH_WIRE_H

#include "node/fetch.h"

struct tc_fetch_answer {
    tc_err err; /* then why says it */
    struct tc_fetch_reply reply;
    struct tc_str why;
};

/* Make b this one frame. INVALID, LIMIT: it cannot be sent (d says what). */
tc_err tc_fetch_ask_write(struct tc_buf *b, const struct tc_fetch_ask *ask,
                          struct tc_diag *d) TC_MUST_USE;
tc_err tc_fetch_answer_write(struct tc_buf *b, const struct tc_fetch_answer *answer) TC_MUST_USE;
/* body: one frame without its length; the texts are views into it. INVALID: it is none. */
tc_err tc_fetch_ask_read(struct tc_str body, struct tc_fetch_ask *out) TC_MUST_USE;
tc_err tc_fetch_answer_read(struct tc_str body, struct tc_fetch_answer *out) TC_MUST_USE;

/* "https://host:port", the host in lower case. */
struct tc_fetch_origin {
    char text[300];
    uint16_t port;
};

/* Of a whole URL. INVALID: it is none, has a user or a fragment, is neither https nor http of
 * loopback. */
tc_err tc_fetch_origin_of(struct tc_str url, struct tc_fetch_origin *out,
                          struct tc_diag *d) TC_MUST_USE;

#endif
