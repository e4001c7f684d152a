/* SPDX-License-Identifier: Apache-2.0 */
#include "node/sock.h"

#include "node/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void tc_sock_address(int dir, struct sockaddr_un *a)
{
    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    (void)snprintf(a->sun_path, sizeof a->sun_path, "/proc/self/fd/%d/" TC_SOCK_NAME, dir);
}

void tc_sock_timeouts(int fd, int seconds)
{
    struct timeval tv = {.tv_sec = seconds};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * TC_OP_FILES)];
};

static tc_err io_error(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? TC_E_TIMEOUT : TC_E_IO;
}

tc_err tc_sock_send(int fd, struct tc_str bytes, const int *fds, size_t n_fds)
{
    union control control = {.bytes = {0}};
    size_t at = 0;
    while (at < bytes.n) {
        struct iovec io = {(void *)(uintptr_t)(bytes.p + at), bytes.n - at};
        struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
        if (at == 0 && n_fds) {
            m.msg_control = control.bytes;
            m.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
            struct cmsghdr *c = CMSG_FIRSTHDR(&m);
            c->cmsg_level = SOL_SOCKET;
            c->cmsg_type = SCM_RIGHTS;
            c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
            memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
        }
        ssize_t n = sendmsg(fd, &m, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return io_error();
        at += (size_t)n;
    }
    return TC_OK;
}

void tc_sock_files_close(struct tc_sock_files *f)
{
    for (size_t i = 0; i < f->n; i++)
        (void)close(f->fd[i]);
    f->n = 0;
}

/* Takes over every descriptor that the kernel gave us, so that none leaks; false = too many. */
static bool take_files(struct msghdr *m, struct tc_sock_files *files)
{
    bool ok = !(m->msg_flags & MSG_CTRUNC);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (files && files->n < TC_OP_FILES) {
                files->fd[files->n++] = fd;
            } else {
                (void)close(fd);
                ok = false;
            }
        }
    }
    return ok;
}

struct reading {
    int fd;
    int64_t until; /* monotonic, 0 = no limit */
    struct tc_sock_files *files;
    bool many;
};

static tc_err receive(struct reading *r, void *to, size_t n)
{
    for (size_t at = 0; at < n;) {
        if (r->until && tc_time_monotonic() >= r->until)
            return TC_E_TIMEOUT;
        union control control;
        struct iovec io = {(char *)to + at, n - at};
        struct msghdr m = {.msg_iov = &io,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
        ssize_t got = recvmsg(r->fd, &m, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_error();
        if (!take_files(&m, r->files))
            r->many = true;
        if (got == 0)
            return TC_E_IO;
        at += (size_t)got;
    }
    return TC_OK;
}

tc_err tc_sock_frame(int fd, size_t max, int seconds, struct tc_buf *body,
                     struct tc_sock_files *files, struct tc_diag *d)
{
    struct reading r = {fd, seconds ? tc_time_monotonic() + seconds * TC_SECOND : 0, files, false};
    uint8_t head[4];
    tc_err e = receive(&r, head, sizeof head);
    uint32_t n = e ? 0 : tc_wire_length(head);
    if (!e && n > max)
        return tc_diag_set(d, TC_E_LIMIT, "the message has %u bytes, %zu are allowed", n, max);
    tc_buf_clear(body);
    /* Memory follows what arrives: a length alone takes none. */
    while (!e && body->n < n) {
        size_t piece = n - body->n < 65536 ? n - body->n : 65536;
        char *to = tc_buf_room(body, piece);
        e = to ? receive(&r, to, piece) : body->err;
        if (!e)
            body->n += piece;
    }
    if (!e && r.many)
        return tc_diag_set(d, TC_E_INVALID, "more than %d files came along", TC_OP_FILES);
    if (e)
        (void)tc_diag_set(
            d, e, e == TC_E_TIMEOUT ? "the other side takes too long" : "the other side hung up");
    return e;
}
