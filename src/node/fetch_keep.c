/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fetch_keep.h"

#include "base/limits.h"
#include "node/seccomp.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void wake(int sig) /* only so that a child's end interrupts recvmsg */
{
    (void)sig;
}

/* A stop of the service is told to every process of it; this one ends when its parent has. */
static void settle_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ};
    struct sigaction a = {.sa_handler = SIG_IGN};
    sigset_t none;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)sigaction(ignored[i], &a, NULL);
    a.sa_handler = wake;
    (void)sigaction(SIGCHLD, &a, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* No file that the parent happened to have open, but standard error. */
static int leave_files(int control)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        _exit(4);
    if (control != 3 && dup2(control, 3) < 0)
        _exit(4);
    (void)close_range(4, ~0u, 0);
    return 3;
}

/* -1: control is closed. -2: nothing came, a child may have ended. */
static int next_socket(int control)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } space;
    char byte;
    struct iovec io = {&byte, 1};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = space.bytes,
                       .msg_controllen = sizeof space.bytes};
    int fd = -2;
    ssize_t n = recvmsg(control, &m, MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return n < 0 && errno == EINTR ? -2 : -1;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static void fork_worker(const struct tc_fetch_setup *s, int control, int fd, int *running)
{
    pid_t keeper = getpid();
    pid_t pid = *running < 2 * TC_FETCH_AT_ONCE ? fork() : -1;
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (getppid() != keeper)
            _exit(4);
        (void)close(control);
        tc_fetch_work(s, fd);
    }
    if (pid > 0)
        ++*running;
}

void tc_fetch_keep(const struct tc_fetch_setup *s, int control, pid_t parent)
{
    int running = 0;
    const struct rlimit none = {0, 0};
    (void)prctl(PR_SET_NAME, "tocsin-fetch", 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_FSIZE, &none); /* not a byte into any file */
    settle_signals();
    control = leave_files(control);
    if (getppid() != parent || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        _exit(4);
    (void)tc_seccomp(TC_SECCOMP_KEEP); /* where the kernel has none, serve says so */
    for (;;) {
        int fd = next_socket(control);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            running--;
        if (fd == -1)
            _exit(0);
        if (fd < 0)
            continue;
        fork_worker(s, control, fd, &running);
        (void)close(fd); /* without a worker the asker sees the end of it */
    }
}
