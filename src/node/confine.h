/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of a node give up for good, so that a hole in one of them opens nothing else.
 * Landlock does the files (landlock.h), seccomp the system calls (seccomp.h). To be called before
 * the first thread starts: threads inherit it, threads that run already would not.
 *
 *   process             reads                        writes    connects to          runs, forks
 *   the serving one     its folder, certificate,     its       nothing (no TCP,     nothing
 *                       libraries, machine's names   folder    UDP, unix socket)
 *   keeper of fetch.h   what its workers do          nothing   as its workers       workers
 *   worker of fetch.h   CA, resolver, libraries      nothing   configured ports,    nothing
 *                                                              DNS
 *   signer.h            nothing                      nothing   nothing              nothing
 *
 * Nor do they look into other processes or signal them, make memory executable, mount, load, change
 * the clock or who they are. Where the kernel lacks one of the two the other still holds; what is
 * missing is said in *missing (static text for one log line, NULL = nothing). tests/unit/node/
 * walls.c tries each. */
#ifndef TC_NODE_CONFINE_H
#define TC_NODE_CONFINE_H

#include "base/err.h"

#include <stddef.h>

#define TC_CONFINE_FILES 8

/* dir: read and write; files: n (at most TC_CONFINE_FILES) more to read (TLS certificate and key;
 * NULLs are skipped). NOTFOUND or DENIED when one of them cannot be opened. Linux on x86-64 and
 * arm64. */
tc_err tc_confine(const char *dir, const char *const *files, size_t n, const char **missing,
                  struct tc_diag *d) TC_MUST_USE;

/* For the process of one outgoing request (fetch.h): nothing to write, of files only the CA file
 * (NULL = the system's) and what the resolver needs, TCP to these ports and DNS. */
tc_err tc_confine_fetch(const char *ca_file, const uint16_t *ports, size_t n,
                        struct tc_diag *d) TC_MUST_USE;

#endif
