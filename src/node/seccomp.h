/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp (seccomp(2)): the system calls that a process keeps; every other one is refused for good,
 * to it and to what it forks. An allow-list: what is not named here, because nobody thought of it
 * or because a later kernel invented it, is refused.
 *
 * How it stays safe across C libraries (Debian 12 and 13, Ubuntu 24.04: glibc 2.36 to 2.41, of
 * which the first and the last were run): what is not named gets ENOSYS, the answer of an older
 * kernel, which every glibc has a way around; and the list has the oldest form of each call. What
 * an attacker would want most gets EPERM, so that a trace says plainly what happened: running
 * programs, other processes, mounting, connecting.
 *
 * Under sanitizers, which trace the process at its end, the calls that they need are left, and the
 * signer has no filter. */
#ifndef TC_NODE_SECCOMP_H
#define TC_NODE_SECCOMP_H

#include <stdbool.h>

enum tc_seccomp_of {
    TC_SECCOMP_SERVE, /* files, threads, listening; connects to nothing, sends no datagram */
    TC_SECCOMP_KEEP,  /* the keeper of fetch.h: forks, and whatever its workers do */
    TC_SECCOMP_FETCH, /* a worker of it: connects; opens files for reading only, does not listen */
    TC_SECCOMP_SIGN,  /* the signer: one socket and memory; any other call ends it */
};

/* One thread, before there are others, with no_new_privs set. False: the kernel has no filters, or
 * the processor is none of x86-64 and arm64. */
bool tc_seccomp(enum tc_seccomp_of of);

#endif
