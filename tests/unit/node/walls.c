/* SPDX-License-Identifier: Apache-2.0 */
/* Tries each wall (node/confine.h), in a child each: first without walls, to know that the try can
 * succeed here at all, then behind them. Prints TAP. What only landlock holds is skipped where the
 * kernel has none (or not yet that part of it). Built without sanitizers in every build, since they
 * need doors of their own.
 *
 *   walls DIR      an empty folder, in which it makes what it needs */
#include "node/confine.h"
#include "node/landlock.h"
#include "node/seccomp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char inside[3000], outside[3000], foreign[3100], listener[3100];
static uint16_t port, closed_port; /* both listen; a worker may connect to the first */
static pid_t other;
static char others_word[] = "a word of another process";

/* ---- the tries: 0 = it was done, otherwise errno ---- */

static int said(long rc)
{
    return rc < 0 ? errno : 0;
}

static int opened(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int e = said(fd);
    if (fd >= 0)
        (void)close(fd);
    return e;
}

static int in(const char *dir, const char *name, int (*use)(const char *path))
{
    char path[3200];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return use(path);
}

static int make_file(const char *path)
{
    int e = opened(path, O_CREAT | O_RDWR);
    (void)unlink(path);
    return e;
}

static int make_dir(const char *path)
{
    int e = said(mkdir(path, 0700));
    (void)rmdir(path);
    return e;
}

static int make_fifo(const char *path)
{
    int e = said(mknod(path, S_IFIFO | 0600, 0));
    (void)unlink(path);
    return e;
}

static int make_symlink(const char *path)
{
    int e = said(symlink("/etc/passwd", path));
    (void)unlink(path);
    return e;
}

static int program(void)
{
    char *const argv[] = {(char *)(uintptr_t) "true", NULL};
    return said(execv("/bin/true", argv));
}

static int program_by_file(void)
{
    char *const argv[] = {(char *)(uintptr_t) "true", NULL};
    int fd = open("/usr/lib/os-release", O_RDONLY | O_CLOEXEC); /* what it is does not matter */
    return fexecve(fd < 0 ? 0 : fd, argv, argv + 1) < 0 && errno == EPERM ? EPERM : 0;
}

static int forked(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return said(pid);
}

static int cloned(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return said(pid);
}

static int cloned_otherwise(void)
{
    uint64_t args[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};
    long pid = syscall(SYS_clone3, args, sizeof args);
    if (pid == 0)
        _exit(0);
    return said(pid);
}

static int new_file(void)
{
    return in(outside, "new", make_file);
}

static int new_in_tmp(void)
{
    return in("/tmp", "tocsin-walls-new", make_file);
}

static int new_dir(void)
{
    return in(outside, "newdir", make_dir);
}

static int new_fifo(void)
{
    return in(inside, "fifo", make_fifo);
}

static int new_symlink(void)
{
    return in(inside, "symlink", make_symlink);
}

static int hard_link(void)
{
    char path[3200];
    (void)snprintf(path, sizeof path, "%s/linked", inside);
    int e = said(link(foreign, path));
    (void)unlink(path);
    return e;
}

static int read_foreign(void)
{
    return opened(foreign, O_RDONLY);
}

static int read_by_root(void) /* ".." from a folder that may be read */
{
    char path[3200];
    (void)snprintf(path, sizeof path, "%s/../beside/foreign", inside);
    return opened(path, O_RDONLY);
}

static int read_shadow(void)
{
    return opened("/etc/shadow", O_RDONLY);
}

static int read_passwd(void)
{
    return opened("/etc/passwd", O_RDONLY);
}

static int read_home(void)
{
    const char *home = getenv("HOME");
    return opened(home && home[0] ? home : "/root", O_RDONLY | O_DIRECTORY);
}

static int read_other_memory(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)other);
    return opened(path, O_RDONLY);
}

static int read_other_environment(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/environ", (int)other);
    return opened(path, O_RDONLY);
}

static int write_foreign(void)
{
    return opened(foreign, O_WRONLY);
}

static int cut_foreign(void)
{
    return said(truncate(foreign, 0));
}

static int empty_foreign(void)
{
    return opened(foreign, O_WRONLY | O_TRUNC);
}

static int remove_foreign(void)
{
    char path[3200];
    (void)snprintf(path, sizeof path, "%s/victim", outside);
    int e = said(unlink(path));
    (void)opened(path, O_CREAT | O_WRONLY);
    return e;
}

static int take_foreign(void)
{
    char path[3200];
    (void)snprintf(path, sizeof path, "%s/taken", inside);
    int e = said(rename(foreign, path));
    (void)rename(path, foreign);
    return e;
}

static int write_system(void)
{
    return opened("/etc/hosts", O_WRONLY);
}

static struct sockaddr_in loopback(uint16_t p)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(p)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int tcp_to(uint16_t p)
{
    struct sockaddr_in a = loopback(p);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return s < 0 ? errno : said(connect(s, (struct sockaddr *)&a, sizeof a));
}

static int tcp(void)
{
    return tcp_to(port);
}

static int tcp_elsewhere(void)
{
    return tcp_to(closed_port);
}

static int tcp_by_sendto(void)
{
    struct sockaddr_in a = loopback(port);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return errno;
    return said(sendto(s, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&a, sizeof a));
}

static int tcp_by_sendmsg(void)
{
    struct sockaddr_in a = loopback(port);
    struct iovec io = {others_word, 1};
    struct msghdr m = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &io, .msg_iovlen = 1};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return s < 0 ? errno : said(sendmsg(s, &m, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int multipath(void)
{
    return said(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262));
}

static int udp(void)
{
    struct sockaddr_in a = loopback(port);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return s < 0 ? errno : said(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a));
}

static int udp6(void)
{
    return said(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int raw(void)
{
    return said(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

static int packet(void)
{
    return said(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int netlink(void)
{
    return said(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int local_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%.100s", listener);
    return s < 0 ? errno : said(connect(s, (struct sockaddr *)&a, sizeof a));
}

static int local_datagram(void)
{
    return said(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int local_pair_datagram(void)
{
    int s[2];
    return said(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s));
}

static int abstract_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "tocsin-walls-%d", (int)getppid());
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return s < 0 ? errno
                 : said(connect(s, (struct sockaddr *)&a,
                                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) +
                                    (socklen_t)n));
}

static int attach(void)
{
    return said(ptrace(PTRACE_ATTACH, other, NULL, NULL));
}

static int traced(void)
{
    return said(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int memory(bool write)
{
    char here[sizeof others_word] = "";
    struct iovec mine = {here, sizeof here}, theirs = {others_word, sizeof here};
    return said(write ? process_vm_writev(other, &mine, 1, &theirs, 1, 0)
                      : process_vm_readv(other, &mine, 1, &theirs, 1, 0));
}

static int read_memory(void)
{
    return memory(false);
}

static int write_memory(void)
{
    return memory(true);
}

static int end_other(void)
{
    return said(kill(other, SIGCONT));
}

static int end_thread_of_other(void)
{
    return said(syscall(SYS_tgkill, other, other, SIGCONT));
}

static int signal_by_number(void)
{
    return said(syscall(SYS_tkill, other, SIGCONT));
}

static int signal_by_file(void)
{
    int fd = (int)syscall(SYS_pidfd_open, other, 0);
    return fd < 0 ? errno : said(syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0));
}

static int limit_other(void)
{
    struct rlimit l;
    return said(prlimit(other, RLIMIT_CORE, NULL, &l));
}

static int slow_other(void)
{
    return said(setpriority(PRIO_PROCESS, (id_t)other, 1));
}

static int mounted(void)
{
    int e = said(mount("none", outside, "tmpfs", 0, NULL));
    if (!e)
        (void)umount2(outside, MNT_DETACH);
    return e;
}

static int rooted(void)
{
    return said(chroot(outside));
}

static int unshared(void)
{
    return said(unshare(CLONE_NEWUSER));
}

static int became(void)
{
    return said(syscall(SYS_setresuid, 65534, 65534, 65534));
}

static int handle(void)
{
    return said(syscall(SYS_open_by_handle_at, -1, NULL, 0)) == EPERM ? EPERM : 0;
}

static int loaded(void)
{
    return said(syscall(SYS_bpf, 5, NULL, 0)) == EPERM ? EPERM : 0;
}

static int keys(void)
{
    return said(syscall(SYS_keyctl, 0, -3 /* session keyring */, 0));
}

static int rings(void)
{
    char params[120] = {0};
    return said(syscall(SYS_io_uring_setup, 1, params));
}

static int faults(void)
{
    return said(syscall(SYS_userfaultfd, 1 /* user mode only */));
}

static int clock_set(void)
{
    struct timespec t = {.tv_sec = -1}; /* no time that could be set */
    return said(clock_settime(CLOCK_REALTIME, &t)) == EINVAL ? 0 : errno;
}

static int writable_code(void)
{
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? errno : 0;
}

static int data_to_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? 0 : said(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int typed(void) /* into the terminal that started it */
{
    int e = said(ioctl(0, 0x5412 /* TIOCSTI */, "x"));
    return e == ENOTTY || e == EIO ? 0 : e; /* it was asked; there is no terminal */
}

static int unknown(void)
{
    return said(syscall(SYS_getxattr, "/", "user.x", NULL, 0)) == ENOSYS ? ENOSYS : 0;
}

static int listens(void)
{
    struct sockaddr_in a = loopback(0);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) ? errno : said(listen(s, 1));
}

static int listens_unbound(void)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return s < 0 ? errno : said(listen(s, 1));
}

/* ---- what must go on working ---- */

static int keeps_files(void)
{
    char path[3200], to[3200];
    (void)snprintf(path, sizeof path, "%s/a", inside);
    (void)snprintf(to, sizeof to, "%s/b", inside);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "abc", 3) != 3 || fdatasync(fd) || ftruncate(fd, 1) || fchmod(fd, 0600))
        return errno;
    (void)close(fd);
    return rename(path, to) || unlink(to) || in(inside, "d", make_dir) ? errno : 0;
}

static void *thread(void *arg)
{
    *(int *)arg = read_foreign();
    return arg;
}

static int thread_behind_walls(void) /* a thread starts, and the walls are around it too */
{
    pthread_t t;
    int e = 0;
    if (pthread_create(&t, NULL, thread, &e) || pthread_join(t, NULL))
        return EAGAIN;
    return e;
}

static int signals_itself(void)
{
    (void)signal(SIGUSR1, SIG_IGN);
    return said(raise(SIGUSR1));
}

static int listens_locally(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%.95s/sock", inside);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int e = s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) ? errno : said(listen(s, 1));
    (void)unlink(a.sun_path);
    return e;
}

static int reads_allowed(void)
{
    return opened("/etc/hosts", O_RDONLY);
}

/* ---- trying ---- */

enum { SERVE = 1, FETCH = 2, KEEP = 4, SIGN = 8 };
enum { ENDED = 200 };            /* instead of errno: the call ended the process */
enum { NONE = 0, ANY_WALL = 1 }; /* versions of landlock */

static const struct
try {
    const char *name;
    int (*fn)(void);
    unsigned of;  /* refused to whom */
    unsigned may; /* goes for whom; neither: not tried */
    int errnum;   /* what it says */
    int landlock; /* the version that holds it; NONE: seccomp does */
}
tries[] = {
    {"run a program", program, SERVE | FETCH, 0, EPERM, NONE},
    {"run a program by an open file", program_by_file, SERVE | FETCH, 0, EPERM, NONE},
    {"fork", forked, SERVE | FETCH, KEEP, EPERM, NONE},
    {"fork by clone", cloned, SERVE | FETCH, KEEP, EPERM, NONE},
    {"fork by clone3", cloned_otherwise, SERVE | FETCH | KEEP, 0, ENOSYS, NONE},
    {"make a file outside its folder", new_file, SERVE, 0, EACCES, ANY_WALL},
    {"make a file in /tmp", new_in_tmp, SERVE, 0, EACCES, ANY_WALL},
    {"make a file", new_file, FETCH, 0, EPERM, NONE},
    {"make a folder outside its own", new_dir, SERVE, 0, EACCES, ANY_WALL},
    {"make a folder", new_dir, FETCH, 0, EPERM, NONE},
    {"make a named pipe", new_fifo, SERVE | FETCH, 0, EPERM, NONE},
    {"make a symbolic link", new_symlink, SERVE | FETCH, 0, EPERM, NONE},
    {"link a foreign file into its folder", hard_link, SERVE | FETCH, 0, EPERM, NONE},
    {"read a foreign file", read_foreign, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read a foreign file by a way around", read_by_root, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read a foreign file from a thread", thread_behind_walls, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read /etc/shadow", read_shadow, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read /etc/passwd", read_passwd, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read the user's home", read_home, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read another process's memory file", read_other_memory, SERVE | FETCH, 0, EACCES, ANY_WALL},
    {"read another process's environment", read_other_environment, SERVE | FETCH, 0, EACCES,
     ANY_WALL},
    {"write a foreign file", write_foreign, SERVE, 0, EACCES, ANY_WALL},
    {"write a foreign file", write_foreign, FETCH, 0, EPERM, NONE},
    {"cut a foreign file", cut_foreign, SERVE | FETCH, 0, EPERM, NONE},
    {"cut a foreign file by opening it", empty_foreign, SERVE, 0, EACCES, ANY_WALL},
    {"remove a foreign file", remove_foreign, SERVE, 0, EACCES, ANY_WALL},
    {"remove a foreign file", remove_foreign, FETCH, 0, EPERM, NONE},
    {"move a foreign file into its folder", take_foreign, SERVE, 0, EACCES, ANY_WALL},
    {"write /etc/hosts", write_system, SERVE, 0, EACCES, ANY_WALL},
    {"connect over TCP", tcp, SERVE, FETCH, EPERM, NONE},
    {"connect to a port that is not configured", tcp_elsewhere, FETCH, 0, EACCES, 4},
    {"connect over TCP by sendto", tcp_by_sendto, SERVE, 0, EPERM, NONE},
    {"connect over TCP by sendmsg", tcp_by_sendmsg, SERVE, 0, EPERM, NONE},
    {"open a multipath socket", multipath, SERVE | FETCH, 0, EPERM, NONE},
    {"send a datagram", udp, SERVE, FETCH, EPERM, NONE},
    {"send a datagram over IPv6", udp6, SERVE, 0, EPERM, NONE},
    {"open a raw socket", raw, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"open a packet socket", packet, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"open a netlink socket", netlink, SERVE, FETCH, EPERM, NONE},
    {"connect to another's unix socket", local_socket, SERVE, 0, EPERM, NONE},
    {"connect to an abstract socket", abstract_socket, SERVE, 0, EPERM, NONE},
    {"connect to an abstract socket", abstract_socket, FETCH, 0, EPERM, 6},
    {"open a unix datagram socket", local_datagram, SERVE, 0, EPERM, NONE},
    {"open a pair of unix datagram sockets", local_pair_datagram, SERVE | FETCH, 0, EPERM, NONE},
    {"listen on TCP", listens, KEEP, SERVE, EPERM, NONE},
    {"bind a TCP port", listens, FETCH, 0, EACCES, 4},
    {"listen on any TCP port", listens_unbound, FETCH | KEEP, SERVE, EPERM, NONE},
    {"trace another process", attach, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"be traced", traced, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"read another process's memory", read_memory, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"write another process's memory", write_memory, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"signal another process", end_other, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"signal another's thread", end_thread_of_other, SERVE | FETCH, 0, EPERM, NONE},
    {"signal by thread number", signal_by_number, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"signal by file of a process", signal_by_file, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"ask another's limits", limit_other, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"slow another process", slow_other, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"mount", mounted, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"change the root", rooted, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"make a namespace", unshared, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"become another user", became, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"open a file by its handle", handle, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"load a program into the kernel", loaded, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"reach the kernel's keys", keys, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"make an io_uring", rings, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"handle page faults", faults, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"set the clock", clock_set, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"map memory to write and run", writable_code, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"make data executable", data_to_code, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"type into the terminal", typed, SERVE | FETCH | KEEP, 0, EPERM, NONE},
    {"make a call that nobody named", unknown, SERVE | FETCH | KEEP, 0, ENOSYS, NONE},
    {"keep files in its folder", keeps_files, 0, SERVE, 0, NONE},
    {"listen on a unix socket in its folder", listens_locally, 0, SERVE, 0, NONE},
    {"signal itself", signals_itself, 0, SERVE | FETCH | KEEP, 0, NONE},
    {"read the machine's names", reads_allowed, 0, SERVE | FETCH, 0, NONE},
};

/* alone: behind the filter of system calls only, so that it is that which holds. */
static bool confined(unsigned who, bool alone)
{
    struct tc_diag d;
    const char *missing = NULL;
    const uint16_t ports[] = {port};
    tc_diag_init(&d);
    if (alone || who == KEEP || who == SIGN)
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               tc_seccomp(who == SERVE   ? TC_SECCOMP_SERVE
                          : who == FETCH ? TC_SECCOMP_FETCH
                          : who == KEEP  ? TC_SECCOMP_KEEP
                                         : TC_SECCOMP_SIGN);
    if (who == SERVE)
        return tc_confine(inside, NULL, 0, &missing, &d) == TC_OK;
    return tc_confine_fetch(NULL, ports, 1, &d) == TC_OK;
}

/* What fn says in a child, behind the walls of who (0 = none); -1: it did not get there. */
static int result(int (*fn)(void), unsigned who, bool alone)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (who && !confined(who, alone))
            _exit(255);
        _exit(fn());
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return ENDED;
    if (!WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static bool one(const struct try *t, unsigned who, int version, int number)
{
    const char *of = who == SERVE   ? "serving"
                     : who == FETCH ? "worker"
                     : who == KEEP  ? "keeper"
                                    : "signer";
    int want = who == SIGN ? ENDED : t->of & who ? t->errnum : 0;
    if (want && who != SIGN && t->landlock > version) {
        (void)printf("ok %d - %s: %s # SKIP landlock %d is not in this kernel\n", number, of,
                     t->name, t->landlock);
        return true;
    }
    int got = result(t->fn, who, want && (who == SIGN || t->landlock == NONE));
    int free = who == KEEP || who == SIGN ? 0 : result(t->fn, 0, false);
    (void)printf("%s %d - %s: %s: %s\n", got == want ? "ok" : "not ok", number, of, t->name,
                 want ? "refused" : "done");
    if (got != want)
        (void)printf("# said %d, should say %d\n", got, want);
    else if (want && free != 0)
        (void)printf("# (here it is refused without walls too: %d)\n", free);
    return got == want;
}

static int listener_on(int family, const void *a, socklen_t n)
{
    int s = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || bind(s, a, n) || listen(s, 64))
        exit(4);
    return s;
}

static uint16_t tcp_listener(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t n = sizeof a;
    int s = listener_on(AF_INET, &a, n);
    if (getsockname(s, (struct sockaddr *)&a, &n))
        exit(4);
    return ntohs(a.sin_port);
}

static void prepare(const char *dir)
{
    char path[3200];
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    (void)snprintf(inside, sizeof inside, "%s/node", dir);
    (void)snprintf(outside, sizeof outside, "%s/beside", dir);
    (void)snprintf(foreign, sizeof foreign, "%s/foreign", outside);
    (void)snprintf(listener, sizeof listener, "%s/listener", outside);
    (void)snprintf(path, sizeof path, "%s/victim", outside);
    if (mkdir(inside, 0700) || mkdir(outside, 0700) || opened(foreign, O_CREAT | O_WRONLY) ||
        opened(path, O_CREAT | O_WRONLY) || strlen(listener) > 100)
        exit(4);
    port = tcp_listener();
    closed_port = tcp_listener();
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%.100s", listener);
    (void)listener_on(AF_UNIX, &a, sizeof a);
    memset(a.sun_path, 0, sizeof a.sun_path);
    int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "tocsin-walls-%d", (int)getpid());
    (void)listener_on(AF_UNIX, &a,
                      (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 + (socklen_t)n);
    other = fork();
    if (other == 0)
        for (;;)
            (void)pause();
}

int main(int argc, char **argv)
{
    static const unsigned all[] = {SERVE, FETCH, KEEP, SIGN};
    int number = 0, bad = 0, version = tc_landlock_version();
    if (argc != 2)
        return 2;
    prepare(argv[1]);
    (void)printf("# landlock %d\n", version);
    for (size_t w = 0; w < 4; w++)
        for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
            if (all[w] == SIGN || (tries[i].of | tries[i].may) & all[w]) {
                (void)fflush(stdout);
                bad += !one(&tries[i], all[w], version, ++number);
            }
    (void)printf("1..%d\n", number);
    (void)kill(other, SIGKILL);
    (void)waitpid(other, NULL, 0);
    return bad != 0;
}
