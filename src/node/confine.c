/* SPDX-License-Identifier: Apache-2.0 */
#include "node/confine.h"

#include "node/landlock.h"
#include "node/seccomp.h"

#include <sys/prctl.h>

/* What of the two the kernel lacks. */
static const char *lacking(bool files, bool calls)
{
    if (files)
        return calls ? NULL
                     : "this kernel has no seccomp filter: programs are held off by landlock alone";
    return calls ? "this kernel has no landlock: files outside the node's folder are not held off"
                 : "this kernel has neither landlock nor a seccomp filter";
}

static tc_err lock_up(const struct tc_landlock *l, enum tc_seccomp_of calls, const char **missing,
                      struct tc_diag *d)
{
    bool files = tc_landlock_version() > 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tc_diag_set(d, TC_E_IO, "the process cannot give up new rights");
    tc_err e = files ? tc_landlock(l, d) : TC_OK;
    if (e)
        return e;
    *missing = lacking(files, tc_seccomp(calls));
    return TC_OK;
}

tc_err tc_confine(const char *dir, const char *const *files, size_t n, const char **missing,
                  struct tc_diag *d)
{
    /* Libraries that are loaded late, and what they read; names of this machine. Not the rest of
     * /etc: other services keep keys there. */
    static const char *const system[] = {"/usr/lib",
                                         "/lib",
                                         "/lib64",
                                         "/etc/ld.so.cache",
                                         "/etc/gnutls",
                                         "/etc/ssl/openssl.cnf",
                                         "/usr/share/zoneinfo",
                                         "/etc/localtime",
                                         "/etc/hosts",
                                         "/etc/host.conf",
                                         "/etc/nsswitch.conf",
                                         "/etc/services",
                                         "/dev/urandom",
                                         "/proc/self",
                                         "/proc/meminfo"};
    enum { N = sizeof system / sizeof system[0] };
    struct tc_landlock_path paths[2 + N + TC_CONFINE_FILES] = {
        {dir, TC_LANDLOCK_KEEP, true},
        {"/dev/null", TC_LANDLOCK_SINK, false},
    };
    if (n > TC_CONFINE_FILES)
        return tc_diag_set(d, TC_E_LIMIT, "more than %d files to read", TC_CONFINE_FILES);
    for (size_t i = 0; i < N; i++)
        paths[2 + i] = (struct tc_landlock_path){system[i], TC_LANDLOCK_READ, false};
    for (size_t i = 0; i < n; i++)
        paths[2 + N + i] = (struct tc_landlock_path){files[i], TC_LANDLOCK_READ, true};
    const struct tc_landlock l = {.paths = paths, .n = 2 + N + n, .binds = true};
    return lock_up(&l, TC_SECCOMP_SERVE, missing, d);
}

tc_err tc_confine_fetch(const char *ca_file, const uint16_t *ports, size_t n, struct tc_diag *d)
{
    /* certificates, the resolver, the libraries that it loads, and nothing of other services */
    const struct tc_landlock_path paths[] = {
        {ca_file, TC_LANDLOCK_READ, true},
        {"/etc/ssl/certs", TC_LANDLOCK_READ, false},
        {"/etc/ssl/openssl.cnf", TC_LANDLOCK_READ, false},
        {"/usr/lib/ssl/openssl.cnf", TC_LANDLOCK_READ, false},
        {"/usr/share/ca-certificates", TC_LANDLOCK_READ, false},
        {"/usr/local/share/ca-certificates", TC_LANDLOCK_READ, false},
        {"/etc/gnutls", TC_LANDLOCK_READ, false},
        {"/etc/resolv.conf", TC_LANDLOCK_READ, false},
        {"/etc/hosts", TC_LANDLOCK_READ, false},
        {"/etc/host.conf", TC_LANDLOCK_READ, false},
        {"/etc/nsswitch.conf", TC_LANDLOCK_READ, false},
        {"/etc/gai.conf", TC_LANDLOCK_READ, false},
        {"/etc/services", TC_LANDLOCK_READ, false},
        {"/etc/ld.so.cache", TC_LANDLOCK_READ, false},
        {"/usr/lib", TC_LANDLOCK_READ, false},
        {"/lib", TC_LANDLOCK_READ, false},
        {"/lib64", TC_LANDLOCK_READ, false},
        {"/dev/urandom", TC_LANDLOCK_READ, false},
        {"/run/systemd/resolve", TC_LANDLOCK_READ, false},
    };
    const struct tc_landlock l = {
        .paths = paths, .n = sizeof paths / sizeof paths[0], .ports = ports, .n_ports = n};
    const char *missing;
    return lock_up(&l, TC_SECCOMP_FETCH, &missing, d);
}
