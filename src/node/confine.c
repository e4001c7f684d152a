/* SPDX-License-Identifier: Apache-2.0 */
#include "node/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- files: landlock ---- */

/* Rights that came after the headers of Linux 6.1. */
#define FS_REFER     (UINT64_C(1) << 13) /* ABI 2 */
#define FS_TRUNCATE  (UINT64_C(1) << 14) /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE                                                                                   \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | FS_REFER | FS_TRUNCATE)
#define FS_ALL                                                                                     \
    (FS_READ | FS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |              \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |  \
     FS_IOCTL_DEV)
#define FS_FILE                                                                                    \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE) /* on no folder   \
                                                                                  */

static uint64_t known_rights(int abi)
{
    uint64_t all = FS_ALL;
    if (abi < 5)
        all &= ~FS_IOCTL_DEV;
    if (abi < 3)
        all &= ~FS_TRUNCATE;
    if (abi < 2)
        all &= ~FS_REFER;
    return all;
}

static tc_err allow(int ruleset, const char *path, uint64_t rights, bool must, struct tc_diag *d)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        tc_err e = tc_err_from_errno(errno);
        if (fd >= 0)
            (void)close(fd);
        return must ? tc_diag_set(d, e, "%s: %s", path, tc_err_text(e)) : TC_OK;
    }
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    if (!S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_FILE;
    long rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(fd);
    return rc == 0 ? TC_OK : tc_diag_set(d, TC_E_IO, "%s: landlock refuses it", path);
}

static tc_err lock_files(const char *dir, const char *const *files, uint64_t n, uint64_t all,
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
    struct landlock_ruleset_attr attr = {.handled_access_fs = all};
    int set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (set < 0)
        return tc_diag_set(d, TC_E_IO, "landlock cannot be set up");
    tc_err e = allow(set, dir, (FS_READ | FS_WRITE) & all, true, d);
    if (!e)
        e = allow(set, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
                  false, d);
    for (uint64_t i = 0; !e && i < sizeof system / sizeof system[0]; i++)
        e = allow(set, system[i], FS_READ & all, false, d);
    for (uint64_t i = 0; !e && i < n; i++)
        if (files[i])
            e = allow(set, files[i], FS_READ & all, true, d);
    if (!e && syscall(SYS_landlock_restrict_self, set, 0) != 0)
        e = tc_diag_set(d, TC_E_IO, "landlock cannot be switched on");
    (void)close(set);
    return e;
}

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

tc_err tc_confine(const char *dir, const char *const *files, uint64_t n, const char **missing,
                  struct tc_diag *d)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tc_diag_set(d, TC_E_IO, "the process cannot give up new rights");
    if (abi >= 1) {
        tc_err e = lock_files(dir, files, n, known_rights(abi), d);
        if (e)
            return e;
    }
    bool calls = lock_calls();
    *missing = abi >= 1 ? calls ? NULL
                                : "this kernel has no seccomp filter: programs are held off "
                                  "by landlock alone"
               : calls  ? "this kernel has no landlock: files outside the node's folder are not "
                          "held off"
                        : "this kernel has neither landlock nor a seccomp filter";
    return TC_OK;
}
