/* SPDX-License-Identifier: Apache-2.0 */
/* The serving side of the control socket. */
#include "node/control.h"

#include "base/log.h"
#include "node/sock.h"
#include "node/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS 1 /* for one that is done any moment; then BUSY */

struct tc_control {
    struct tc_node *node;
    int dir, listener, wake;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int open[TC_CONTROL_AT_ONCE]; /* connections, -1 = free; under lock */
    int busy;                     /* under lock */
    bool stop;                    /* under lock */
};

struct talk { /* one connection */
    struct tc_control *c;
    int fd, slot;
    bool gone; /* the asker hung up */
    struct tc_buf frame;
};

/* ---- one connection ---- */

static void say(struct talk *t, enum tc_wire_kind kind, struct tc_str json)
{
    if (t->gone)
        return;
    if (tc_wire_answer_write(&t->frame, kind, json) ||
        tc_sock_send(t->fd, tc_buf_view(&t->frame), NULL, 0))
        t->gone = true;
}

static void tell(void *arg, struct tc_str json)
{
    say(arg, TC_WIRE_TELL, json);
}

static void refuse(struct talk *t, tc_err e, const struct tc_diag *d)
{
    if (!t->gone && tc_wire_error_write(&t->frame, e, d) == TC_OK)
        (void)!tc_sock_send(t->fd, tc_buf_view(&t->frame), NULL, 0);
}

static tc_err same_user(int fd, struct tc_diag *d)
{
    struct ucred who;
    socklen_t n = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
        return tc_diag_set(d, TC_E_DENIED, "who asks cannot be told");
    if (who.uid != geteuid() && who.uid != 0)
        return tc_diag_set(d, TC_E_DENIED, "the node belongs to another user");
    return TC_OK;
}

static tc_err run(struct talk *t, struct tc_buf *text, struct tc_sock_files *files,
                  struct tc_diag *d)
{
    struct tc_wire_request r;
    struct tc_buf out;
    tc_err e = tc_wire_request_read(tc_buf_view(text), &r, d);
    if (e)
        return e;
    tc_buf_init(&out, TC_OP_ANSWER - 64);
    if (r.files != files->n)
        e = tc_diag_set(d, TC_E_INVALID, "%zu files were named, %zu came", r.files, files->n);
    else
        e = tc_node_op_run(t->c->node, r.op, r.in, files->fd, files->n, &out, tell, t, d);
    if (!e)
        say(t, TC_WIRE_OK, out.n ? tc_buf_view(&out) : TC_STR("{}"));
    if (out.p)
        sodium_memzero(out.p, out.n); /* it may hold a new token */
    tc_buf_fini(&out);
    tc_wire_request_fini(&r);
    return e;
}

static void *serve(void *arg)
{
    struct talk *t = arg;
    struct tc_control *c = t->c;
    struct tc_buf text;
    struct tc_sock_files files = {.n = 0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&text, TC_OP_REQUEST);
    tc_buf_init(&t->frame, TC_OP_ANSWER);
    tc_err e = same_user(t->fd, &d);
    if (!e)
        e = tc_sock_frame(t->fd, TC_OP_REQUEST, TC_CONTROL_SECONDS, &text, &files, &d);
    if (!e)
        e = run(t, &text, &files, &d);
    if (e)
        refuse(t, e, &d);
    tc_sock_files_close(&files);
    if (text.p)
        sodium_memzero(text.p, text.n);
    tc_buf_fini(&text);
    if (t->frame.p)
        sodium_memzero(t->frame.p, t->frame.n);
    tc_buf_fini(&t->frame);
    (void)pthread_mutex_lock(&c->lock);
    c->open[t->slot] = -1;
    (void)close(t->fd);
    c->busy--;
    (void)pthread_cond_broadcast(&c->ended);
    (void)pthread_mutex_unlock(&c->lock);
    free(t);
    return NULL;
}

/* ---- accepting ---- */

static void turn_away(int fd)
{
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    tc_buf_init(&b, 4096);
    (void)tc_diag_set(&d, TC_E_BUSY, "the node has too many commands to do");
    if (tc_wire_error_write(&b, TC_E_BUSY, &d) == TC_OK)
        (void)!tc_sock_send(fd, tc_buf_view(&b), NULL, 0);
    tc_buf_fini(&b);
    (void)close(fd);
}

/* Under lock. */
static int free_slot(const struct tc_control *c)
{
    for (int i = 0; i < TC_CONTROL_AT_ONCE; i++)
        if (c->open[i] < 0)
            return i;
    return -1;
}

static void take(struct tc_control *c, int fd)
{
    struct talk *t = calloc(1, sizeof *t);
    pthread_t thread;
    pthread_attr_t detached;
    bool started = false;
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_SECONDS;
    (void)pthread_mutex_lock(&c->lock);
    while (c->busy == TC_CONTROL_AT_ONCE &&
           pthread_cond_timedwait(&c->ended, &c->lock, &until) == 0)
        continue;
    int slot = free_slot(c);
    if (t && slot >= 0 && !c->stop) {
        *t = (struct talk){.c = c, .fd = fd, .slot = slot};
        c->open[slot] = fd;
        c->busy++;
        started = pthread_create(&thread, &detached, serve, t) == 0;
        if (!started) {
            c->open[slot] = -1;
            c->busy--;
        }
    }
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_attr_destroy(&detached);
    if (!started) {
        free(t);
        turn_away(fd);
    }
}

static void *listen_loop(void *arg)
{
    struct tc_control *c = arg;
    struct pollfd p[] = {{.fd = c->listener, .events = POLLIN}, {.fd = c->wake, .events = POLLIN}};
    for (;;) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        if (p[1].revents)
            break;
        if (!(p[0].revents & POLLIN))
            continue;
        int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            tc_sock_timeouts(fd, TC_CONTROL_SECONDS);
            take(c, fd);
        } else if (errno == EMFILE || errno == ENFILE) {
            (void)poll(&p[1], 1, 100); /* no descriptors left: do not spin */
        }
    }
    return NULL;
}

static tc_err bind_socket(struct tc_control *c, struct tc_diag *d)
{
    struct sockaddr_un a;
    tc_sock_address(c->dir, &a);
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    c->wake = eventfd(0, EFD_CLOEXEC);
    (void)unlinkat(c->dir, TC_SOCK_NAME, 0);
    if (c->listener < 0 || c->wake < 0 || bind(c->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        fchmodat(c->dir, TC_SOCK_NAME, 0600, 0) != 0 || listen(c->listener, 16) != 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "the control socket cannot be made: %s",
                           tc_err_text(tc_err_from_errno(errno)));
    return TC_OK;
}

static void control_free(struct tc_control *c)
{
    if (c->listener >= 0)
        (void)close(c->listener);
    if (c->wake >= 0)
        (void)close(c->wake);
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->ended);
    free(c);
}

tc_err tc_control_start(struct tc_node *n, int dir, struct tc_control **out, struct tc_diag *d)
{
    struct tc_control *c = calloc(1, sizeof *c);
    if (!c)
        return TC_E_NOMEM;
    c->node = n;
    c->dir = dir;
    c->listener = c->wake = -1;
    for (int i = 0; i < TC_CONTROL_AT_ONCE; i++)
        c->open[i] = -1;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->ended, NULL);
    tc_err e = bind_socket(c, d);
    if (!e && pthread_create(&c->thread, NULL, listen_loop, c) != 0)
        e = tc_diag_set(d, TC_E_NOMEM, "the control thread cannot start");
    if (e) {
        control_free(c);
        return e;
    }
    *out = c;
    return TC_OK;
}

void tc_control_stop(struct tc_control *c)
{
    if (!c)
        return;
    uint64_t one = 1;
    (void)unlinkat(c->dir, TC_SOCK_NAME, 0);
    (void)!write(c->wake, &one, sizeof one);
    (void)pthread_join(c->thread, NULL);
    (void)pthread_mutex_lock(&c->lock);
    c->stop = true;
    for (int i = 0; i < TC_CONTROL_AT_ONCE; i++)
        if (c->open[i] >= 0)
            (void)shutdown(c->open[i], SHUT_RD); /* who is still sending is cut off */
    while (c->busy > 0)
        (void)pthread_cond_wait(&c->ended, &c->lock);
    (void)pthread_mutex_unlock(&c->lock);
    control_free(c);
}
