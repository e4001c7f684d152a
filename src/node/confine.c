/* SPDX-License-Identifier: Apache-2.0 */
#include "node/confine.h"

#include "node/landlock.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- system calls: seccomp ---- */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define ANSWER(what)    BPF_STMT(BPF_RET | BPF_K, (what))
#define DENY            ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define DENY_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(SYS_##name), 0, 1), DENY

/* What a warning node never does: running programs, looking into other processes, changing what
 * is mounted, loaded or reckoned as time, and the large doors of the kernel. */
static const struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
#if defined(__x86_64__)
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), /* the x32 numbers */
    DENY,
    DENY_CALL(fork),
    DENY_CALL(vfork),
    DENY_CALL(iopl),
    DENY_CALL(ioperm),
#endif
    DENY_CALL(execve),
    DENY_CALL(execveat),
    DENY_CALL(process_vm_readv),
    DENY_CALL(process_vm_writev),
    DENY_CALL(mount),
    DENY_CALL(umount2),
    DENY_CALL(pivot_root),
    DENY_CALL(chroot),
    DENY_CALL(open_tree),
    DENY_CALL(move_mount),
    DENY_CALL(fsopen),
    DENY_CALL(fsmount),
    DENY_CALL(unshare),
    DENY_CALL(setns),
    DENY_CALL(init_module),
    DENY_CALL(finit_module),
    DENY_CALL(delete_module),
    DENY_CALL(kexec_load),
    DENY_CALL(bpf),
    DENY_CALL(perf_event_open),
    DENY_CALL(userfaultfd),
    DENY_CALL(io_uring_setup),
    DENY_CALL(io_uring_enter),
    DENY_CALL(io_uring_register),
    DENY_CALL(add_key),
    DENY_CALL(request_key),
    DENY_CALL(keyctl),
    DENY_CALL(open_by_handle_at),
    DENY_CALL(personality),
    DENY_CALL(acct),
    DENY_CALL(quotactl),
    DENY_CALL(reboot),
    DENY_CALL(swapon),
    DENY_CALL(swapoff),
    DENY_CALL(settimeofday),
    DENY_CALL(clock_settime),
    DENY_CALL(adjtimex),
    DENY_CALL(clock_adjtime),
    DENY_CALL(pidfd_getfd),
    /* glibc then makes its threads by clone, whose flags a filter can look at */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_clone3, 0, 1),
    ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they do both, at exit */
    DENY_CALL(ptrace),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_clone, 0, 3),
    LOAD(args[0]), /* low half on a little-endian machine; CLONE_THREAD is in it */
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    DENY,
#endif
    ANSWER(SECCOMP_RET_ALLOW),
};

static bool lock_calls(void)
{
    const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0],
                                       .filter = (struct sock_filter *)(uintptr_t)filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
static bool lock_calls(void)
{
    return false;
}
#endif

/* What of the two the kernel lacks. */
static const char *lacking(bool files, bool calls)
{
    if (files)
        return calls ? NULL
                     : "this kernel has no seccomp filter: programs are held off by landlock alone";
    return calls ? "this kernel has no landlock: files outside the node's folder are not held off"
                 : "this kernel has neither landlock nor a seccomp filter";
}

static tc_err lock_up(const struct tc_landlock *l, const char **missing, struct tc_diag *d)
{
    bool files = tc_landlock_version() > 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tc_diag_set(d, TC_E_IO, "the process cannot give up new rights");
    tc_err e = files ? tc_landlock(l, d) : TC_OK;
    if (e)
        return e;
    *missing = lacking(files, lock_calls());
    return TC_OK;
}

tc_err tc_confine(const char *dir, const char *const *files, size_t n, const char **missing,
                  struct tc_diag *d)
{
    static const char *const system[] = {"/etc",
                                         "/usr",
                                         "/lib",
                                         "/lib64",
                                         "/dev/urandom",
                                         "/run/systemd/resolve",
                                         "/run/NetworkManager",
                                         "/run/resolvconf",
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
    return lock_up(&l, missing, d);
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
    return lock_up(&l, &missing, d);
}
