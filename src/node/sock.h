/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and file descriptors over a unix socket: the I/O under wire.h, for both sides. */
#ifndef TC_NODE_SOCK_H
#define TC_NODE_SOCK_H

#include "node/node.h"

#include <sys/un.h>

#define TC_SOCK_NAME "tocsin.sock"

struct tc_sock_files {
    int fd[TC_OP_FILES];
    size_t n;
};

/* The address of DIR/tocsin.sock by the open folder, however long DIR's name is. */
void tc_sock_address(int dir, struct sockaddr_un *a);
void tc_sock_timeouts(int fd, int seconds); /* of a single send or receive */
/* All of it, with file descriptors beside the first byte. TIMEOUT, IO (the other side is gone). */
tc_err tc_sock_send(int fd, struct tc_str bytes, const int *fds, size_t n_fds) TC_MUST_USE;
/* One frame's body, at most max bytes, whole within so many seconds (0 = no limit as a whole).
 * Descriptors that came with it go to files (NULL: they are closed); over TC_OP_FILES: INVALID. */
tc_err tc_sock_frame(int fd, size_t max, int seconds, struct tc_buf *body,
                     struct tc_sock_files *files, struct tc_diag *d) TC_MUST_USE;
void tc_sock_files_close(struct tc_sock_files *f);

#endif
