/* SPDX-License-Identifier: Apache-2.0 */
/* The asking side: over the socket when a process serves DIR, in this process otherwise. */
#include "node/control.h"
#include "node/sock.h"
#include "node/wire.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long another command may hold the node before we give up. */
#define PATIENCE (10 * TC_SECOND)

/* Requests carry passwords: who listens must be the owner of the folder, and the owner us (or we
 * root, who may command every node of the machine). */
static bool right_listener(int folder, int s)
{
    struct stat st;
    struct ucred who;
    socklen_t n = sizeof who;
    return fstat(folder, &st) == 0 && getsockopt(s, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
           who.uid == st.st_uid && (st.st_uid == geteuid() || geteuid() == 0);
}

tc_err tc_control_connect(const char *dir, int *fd)
{
    struct sockaddr_un a;
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int s = folder >= 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    bool ok = s >= 0;
    if (ok) {
        tc_sock_address(folder, &a);
        ok = connect(s, (struct sockaddr *)&a, sizeof a) == 0 && right_listener(folder, s);
    }
    if (folder >= 0)
        (void)close(folder);
    if (!ok) {
        if (s >= 0)
            (void)close(s);
        return TC_E_NOTFOUND;
    }
    *fd = s;
    return TC_OK;
}

bool tc_node_served(const char *dir)
{
    int fd;
    if (tc_control_connect(dir, &fd))
        return false;
    (void)close(fd);
    return true;
}

struct asked {
    struct tc_buf frame, piece;
    enum tc_wire_kind kind;
    tc_err code; /* what the node answered */
};

static tc_err one_answer(struct asked *a, int fd, struct tc_buf *out, struct tc_diag *d)
{
    tc_err e = tc_sock_frame(fd, TC_OP_ANSWER, 0, &a->frame, NULL, d);
    if (e)
        return e;
    tc_buf_clear(&a->piece);
    e = tc_wire_answer_read(tc_buf_view(&a->frame), TC_OP_ANSWER, &a->kind, &a->piece, &a->code, d);
    if (!e && a->kind == TC_WIRE_OK) {
        tc_buf_str(out, tc_buf_view(&a->piece));
        e = out->err;
    }
    return e;
}

tc_err tc_control_ask(int fd, const char *name, struct tc_str in, const int *fds, size_t n_fds,
                      struct tc_buf *out, void (*tell)(void *arg, struct tc_str json),
                      void *tell_arg, struct tc_diag *d)
{
    struct asked a = {.kind = TC_WIRE_TELL, .code = TC_OK};
    struct tc_diag own; /* tells must not leave a trace in the caller's */
    tc_diag_init(&own);
    tc_buf_init(&a.frame, TC_OP_ANSWER);
    tc_buf_init(&a.piece, TC_OP_ANSWER);
    tc_err e = tc_wire_request_write(&a.frame, name, in, n_fds);
    if (!e && a.frame.n - 4 > TC_OP_REQUEST)
        e = tc_diag_set(&own, TC_E_LIMIT, "the request is too large");
    if (!e)
        e = tc_sock_send(fd, tc_buf_view(&a.frame), fds, n_fds);
    if (e == TC_E_IO)
        e = TC_OK; /* it hung up, perhaps with a word why: read on */
    while (!e && a.kind == TC_WIRE_TELL) {
        e = one_answer(&a, fd, out, &own);
        if (!e && a.kind == TC_WIRE_TELL && tell)
            tell(tell_arg, tc_buf_view(&a.piece));
    }
    if (!e)
        e = a.code;
    if (a.frame.p)
        sodium_memzero(a.frame.p, a.frame.cap);
    if (a.piece.p)
        sodium_memzero(a.piece.p, a.piece.cap);
    tc_buf_fini(&a.frame);
    tc_buf_fini(&a.piece);
    if (e && own.code == TC_OK)
        (void)tc_diag_set(&own, e, "the serving process does not answer: %s", tc_err_text(e));
    if (e && d)
        *d = own;
    return e;
}

tc_err tc_node_call_files(const char *dir, const char *name, struct tc_str in, const int *fds,
                          size_t n_fds, struct tc_buf *out,
                          void (*tell)(void *arg, struct tc_str json), void *tell_arg,
                          struct tc_diag *d)
{
    if (n_fds > TC_OP_FILES)
        return tc_diag_set(d, TC_E_USAGE, "at most %d files at once", TC_OP_FILES);
    const struct timespec pause = {.tv_nsec = 50000000};
    int64_t until = tc_time_monotonic() + PATIENCE;
    for (;;) {
        int fd;
        struct tc_node *n = NULL;
        if (tc_control_connect(dir, &fd) == TC_OK) {
            tc_err e = tc_control_ask(fd, name, in, fds, n_fds, out, tell, tell_arg, d);
            (void)close(fd);
            return e;
        }
        tc_err e = tc_node_open(dir, TC_NODE_COMMAND, &n, d);
        if (e == TC_E_BUSY && tc_time_monotonic() < until) {
            if (d)
                tc_diag_init(d);
            (void)nanosleep(&pause, NULL); /* another command, or a node about to serve */
            continue;
        }
        if (!e && d)
            tc_diag_init(d); /* opening may have left the name of a file in it */
        if (!e)
            e = tc_node_op_run(n, name, in, fds, n_fds, out, tell, tell_arg, d);
        tc_node_close(n);
        return e;
    }
}

tc_err tc_node_call(const char *dir, const char *name, struct tc_str in, int fd, struct tc_buf *out,
                    void (*tell)(void *arg, struct tc_str json), void *tell_arg, struct tc_diag *d)
{
    return tc_node_call_files(dir, name, in, &fd, fd >= 0, out, tell, tell_arg, d);
}
