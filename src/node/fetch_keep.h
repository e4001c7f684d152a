/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of fetch.h: the processes that are forked. Neither function comes back. */
#ifndef TC_NODE_FETCH_KEEP_H
#define TC_NODE_FETCH_KEEP_H

#include "node/fetch_wire.h"

#include <sys/types.h>

struct tc_fetch_setup {
    struct tc_fetch_origin origins[TC_FETCH_ORIGINS];
    size_t n;
    char ca_file[4096]; /* "" = the system's */
};

/* The keeper: takes a socket per message of control and forks a worker for it, until control is
 * closed by parent's end. */
_Noreturn void tc_fetch_keep(const struct tc_fetch_setup *s, int control, pid_t parent);
/* A worker: confines itself, reads one request from fd, makes it, answers. */
_Noreturn void tc_fetch_work(const struct tc_fetch_setup *s, int fd);

#endif
