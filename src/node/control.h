/* SPDX-License-Identifier: Apache-2.0 */
/* DIR/tocsin.sock: the serving process takes operations there from the same user (or root) and
 * from nobody else, a thread each, TC_CONTROL_AT_ONCE at once. A request that does not arrive
 * whole within TC_CONTROL_SECONDS is dropped. The texts are in wire.h. */
#ifndef TC_NODE_CONTROL_H
#define TC_NODE_CONTROL_H

#include "node/node.h"

#define TC_CONTROL_AT_ONCE 8
#define TC_CONTROL_SECONDS 10

struct tc_control;

/* dir: the open folder; a socket that a dead process left behind is replaced (we hold the lock). */
tc_err tc_control_start(struct tc_node *n, int dir, struct tc_control **out,
                        struct tc_diag *d) TC_MUST_USE;
/* Takes no more, waits for what runs, removes the socket. NULL is fine. */
void tc_control_stop(struct tc_control *c);

/* NOTFOUND when nobody listens there. */
tc_err tc_control_connect(const char *dir, int *fd) TC_MUST_USE;
/* One operation over a connection; closes nothing. */
tc_err tc_control_ask(int fd, const char *name, struct tc_str in, const int *fds, size_t n_fds,
                      struct tc_buf *out, void (*tell)(void *arg, struct tc_str json),
                      void *tell_arg, struct tc_diag *d) TC_MUST_USE;

#endif
