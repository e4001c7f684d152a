/* SPDX-License-Identifier: Apache-2.0 */
/* The node's HTTP server: TAXII 2.1, the JSON API, the event stream, the page. Plain HTTP on
 * loopback only; on any other address TLS is required, and start refuses without it. Owns its
 * threads (one per core, a sweeper, a stream hub, one for passwords); the node is borrowed and must
 * outlive it. */
#ifndef TC_HTTP_SERVER_H
#define TC_HTTP_SERVER_H

#include "node/node.h"

struct tc_http;

struct tc_http_options {
    const char *listen;   /* "127.0.0.1:8600", "[::1]:8600", "0.0.0.0:443"; port 0 = any free */
    const char *tls_cert; /* PEM files, both or none; the key's is read by the node's signer */
    const char *tls_key;
    const char *client_ca;  /* PEM: authorities of client certificates; NULL = none are asked for */
    const char *public_url; /* "https://node.example.org" for links; NULL = as the client asked */
    unsigned threads;       /* 0 = one per core */
    unsigned max_connections; /* 0 = the value of limits.h, here and below */
    unsigned request_seconds, idle_seconds, send_seconds;
    unsigned max_streams;
    size_t max_body;
    bool access_log; /* method, route, status, time; never what was asked or answered */
};

tc_err tc_http_start(struct tc_node *n, const struct tc_http_options *o, struct tc_http **out,
                     struct tc_diag *d) TC_MUST_USE;
void tc_http_stop(struct tc_http *h); /* finishes what is under way; NULL is fine */

/* "http://127.0.0.1:8600", with the port that was really taken; lives as long as h. */
const char *tc_http_url(const struct tc_http *h);

#endif
