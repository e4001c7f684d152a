/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket. */
#ifndef TC_HTTP_LISTEN_H
#define TC_HTTP_LISTEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* "host:port" or "[v6]:port". Opens it; says whether only this machine can reach it and writes
 * "host:port" as it was really taken. USAGE, DENIED, IO. */
tc_err tc_listen_open(const char *text, bool tls, int *fd, bool *loopback, char *where, size_t size,
                      struct tc_diag *d) TC_MUST_USE;
/* A whole small file (a certificate), NUL-terminated; free() it. */
tc_err tc_listen_file(const char *name, char **out, struct tc_diag *d) TC_MUST_USE;

#endif
