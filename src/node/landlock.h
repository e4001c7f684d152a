/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (landlock(7)): files, TCP ports and other processes that this process gives up for good.
 * Whatever the kernel knows of it is used, from version 1 of its interface (Linux 5.13: files) over
 * 4 (6.7: TCP) to 6 (6.12: abstract sockets, signals). One thread, before there are others. */
#ifndef TC_NODE_LANDLOCK_H
#define TC_NODE_LANDLOCK_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum tc_landlock_right {
    TC_LANDLOCK_READ, /* files and folders under it */
    TC_LANDLOCK_KEEP, /* read, write, make and remove regular files, folders, sockets */
    TC_LANDLOCK_SINK, /* read and write the one file */
};

struct tc_landlock_path {
    const char *path; /* NULL is skipped */
    enum tc_landlock_right right;
    bool must; /* otherwise a path that is not there is left out */
};

struct tc_landlock {
    const struct tc_landlock_path *paths; /* everything else is closed */
    size_t n;
    const uint16_t *ports; /* TCP ports that it may connect to; none: to nothing */
    size_t n_ports;
    bool binds; /* may bind TCP sockets */
};

/* The kernel's version, 0 = it has no landlock. */
int tc_landlock_version(void);
/* NOTFOUND, DENIED: a path that must be there cannot be opened. */
tc_err tc_landlock(const struct tc_landlock *l, struct tc_diag *d) TC_MUST_USE;

#endif
