/* SPDX-License-Identifier: Apache-2.0 */
/* What goes over DIR/tocsin.sock. A frame is a length (4 bytes, little-endian) and so many bytes
 * of JSON, one object:
 *
 *   asked     {"v":1,"op":NAME,"files":N,"in":{...}}     N file descriptors come with its length
 *   answered  {"tell":{...}}                             any number of times, then one of
 *             {"ok":{...}}
 *             {"error":{"code":"INVALID","message":...,"file":...,"object":...,"path":...,
 *                       "line":N,"column":N,"offset":N}}
 *
 * The connection is over after the answer. Here are only the texts: pure, no I/O. */
#ifndef TC_NODE_WIRE_H
#define TC_NODE_WIRE_H

#include "base/str.h"

#define TC_WIRE_VERSION 1

/* Empties b and leaves room for the length; the body is appended; then the length is put in. */
void tc_wire_frame_begin(struct tc_buf *b);
tc_err tc_wire_frame_end(struct tc_buf *b) TC_MUST_USE;
uint32_t tc_wire_length(const uint8_t head[4]);

struct tc_wire_request {
    char op[64];
    size_t files;
    struct tc_str in; /* JSON of the request object, view into owned */
    char *owned;
};
/* Makes b this one frame. */
tc_err tc_wire_request_write(struct tc_buf *b, const char *op, struct tc_str in,
                             size_t files) TC_MUST_USE;
/* text: one frame without its length. SYNTAX, INVALID, LIMIT. */
tc_err tc_wire_request_read(struct tc_str text, struct tc_wire_request *out,
                            struct tc_diag *d) TC_MUST_USE;
void tc_wire_request_fini(struct tc_wire_request *r); /* wipes */

enum tc_wire_kind { TC_WIRE_TELL, TC_WIRE_OK, TC_WIRE_ERROR };

/* Make b this one frame; json is one JSON value. */
tc_err tc_wire_answer_write(struct tc_buf *b, enum tc_wire_kind kind,
                            struct tc_str json) TC_MUST_USE;
tc_err tc_wire_error_write(struct tc_buf *b, tc_err code, const struct tc_diag *d) TC_MUST_USE;
/* TELL and OK: the JSON inside is appended to body. ERROR: body is left, *code and error are what
 * the other side had. */
tc_err tc_wire_answer_read(struct tc_str text, size_t max, enum tc_wire_kind *kind,
                           struct tc_buf *body, tc_err *code, struct tc_diag *error) TC_MUST_USE;

#endif
