/* SPDX-License-Identifier: Apache-2.0 */
#include "node/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What came after the headers of Linux 6.1. */
#define FS_REFER       (UINT64_C(1) << 13) /* version 2 */
#define FS_TRUNCATE    (UINT64_C(1) << 14) /* version 3 */
#define FS_IOCTL_DEV   (UINT64_C(1) << 15) /* version 5 */
#define NET_BIND       (UINT64_C(1) << 0)  /* version 4 */
#define NET_CONNECT    (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT (UINT64_C(1) << 0) /* version 6 */
#define SCOPE_SIGNAL   (UINT64_C(1) << 1)
#define RULE_PORT      2

struct ruleset { /* struct landlock_ruleset_attr as it is since version 6 */
    uint64_t fs, net, scoped;
};

struct port_rule { /* struct landlock_net_port_attr */
    uint64_t allowed, port;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_KEEP                                                                                    \
    (FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                     \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | FS_REFER | FS_TRUNCATE)
#define FS_ALL                                                                                     \
    (FS_KEEP | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                         \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |  \
     FS_IOCTL_DEV)
#define FS_FILE                                                                                    \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE) /* on no folder   \
                                                                                  */

static uint64_t known_rights(int version)
{
    uint64_t all = FS_ALL;
    if (version < 5)
        all &= ~FS_IOCTL_DEV;
    if (version < 3)
        all &= ~FS_TRUNCATE;
    if (version < 2)
        all &= ~FS_REFER;
    return all;
}

static uint64_t rights_of(enum tc_landlock_right r)
{
    if (r == TC_LANDLOCK_KEEP)
        return FS_KEEP;
    return r == TC_LANDLOCK_SINK ? LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE
                                 : FS_READ;
}

static tc_err allow(int set, const struct tc_landlock_path *p, uint64_t known, struct tc_diag *d)
{
    struct stat st;
    int fd = open(p->path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        tc_err e = tc_err_from_errno(errno);
        if (fd >= 0)
            (void)close(fd);
        return p->must ? tc_diag_set(d, e, "%s: %s", p->path, tc_err_text(e)) : TC_OK;
    }
    struct landlock_path_beneath_attr rule = {.allowed_access = rights_of(p->right) & known,
                                              .parent_fd = fd};
    if (!S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_FILE;
    long rc = syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(fd);
    return rc == 0 ? TC_OK : tc_diag_set(d, TC_E_IO, "%s: landlock refuses it", p->path);
}

static tc_err allow_port(int set, uint16_t port, struct tc_diag *d)
{
    struct port_rule rule = {NET_CONNECT, port};
    return syscall(SYS_landlock_add_rule, set, RULE_PORT, &rule, 0) == 0
               ? TC_OK
               : tc_diag_set(d, TC_E_IO, "port %u: landlock refuses it", port);
}

int tc_landlock_version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return v > 0 ? (int)v : 0;
}

tc_err tc_landlock(const struct tc_landlock *l, struct tc_diag *d)
{
    int version = tc_landlock_version();
    struct ruleset attr = {.fs = known_rights(version)};
    size_t size = sizeof attr.fs;
    if (version >= 4) {
        attr.net = NET_CONNECT | (l->binds ? 0 : NET_BIND);
        size = offsetof(struct ruleset, scoped);
    }
    if (version >= 6) {
        attr.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
        size = sizeof attr;
    }
    int set = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (set < 0)
        return tc_diag_set(d, TC_E_IO, "landlock cannot be set up");
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < l->n; i++)
        if (l->paths[i].path)
            e = allow(set, &l->paths[i], attr.fs, d);
    for (size_t i = 0; !e && attr.net && i < l->n_ports; i++)
        e = allow_port(set, l->ports[i], d);
    if (!e && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
               syscall(SYS_landlock_restrict_self, set, 0) != 0))
        e = tc_diag_set(d, TC_E_IO, "landlock cannot be switched on");
    (void)close(set);
    return e;
}
