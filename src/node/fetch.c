/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fetch.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "node/fetch_keep.h"
#include "node/sock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct tc_fetch {
    pid_t keeper;
    int control;
    pthread_mutex_t lock;
    pthread_cond_t left; /* CLOCK_MONOTONIC */
    int asking, waiting; /* under lock, with dead */
    bool dead;           /* the keeper is gone, and it was logged */
};

/* ---- a place among those who ask ---- */

static bool wait_until(struct tc_fetch *f, int64_t until)
{
    const struct timespec t = {.tv_sec = until / TC_SECOND,
                               .tv_nsec = (long)(until % TC_SECOND) * 1000};
    while (f->asking >= TC_FETCH_AT_ONCE)
        if (pthread_cond_timedwait(&f->left, &f->lock, &t) == ETIMEDOUT)
            return f->asking < TC_FETCH_AT_ONCE;
    return true;
}

static bool enter(struct tc_fetch *f)
{
    bool ok = false;
    (void)pthread_mutex_lock(&f->lock);
    if (f->waiting < TC_FETCH_WAITING) {
        f->waiting++;
        ok = wait_until(f, tc_time_monotonic() + TC_FETCH_SECONDS * TC_SECOND);
        f->waiting--;
    }
    if (ok)
        f->asking++;
    (void)pthread_mutex_unlock(&f->lock);
    return ok;
}

static void leave(struct tc_fetch *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->asking--;
    (void)pthread_cond_signal(&f->left);
    (void)pthread_mutex_unlock(&f->lock);
}

/* ---- one request ---- */

static tc_err hand_over(struct tc_fetch *f, int fd, struct tc_diag *d)
{
    (void)pthread_mutex_lock(&f->lock);
    tc_err e = tc_sock_send(f->control, TC_STR("a"), &fd, 1);
    bool first = e && !f->dead;
    f->dead = f->dead || e;
    (void)pthread_mutex_unlock(&f->lock);
    if (first)
        tc_log(TC_LOG_ERROR, "the process that asks outside has ended; nothing outside is asked "
                             "until the node is started anew");
    return e ? tc_diag_set(d, TC_E_IO, "the process that asks outside has ended") : TC_OK;
}

static tc_err connect_worker(struct tc_fetch *f, int *out, struct tc_diag *d)
{
    int s[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) != 0)
        return tc_diag_set(d, TC_E_IO, "no socket for a request");
    tc_err e = hand_over(f, s[1], d);
    (void)close(s[1]);
    if (e) {
        (void)close(s[0]);
        return e;
    }
    tc_sock_timeouts(s[0], TC_FETCH_SECONDS + 2);
    *out = s[0];
    return TC_OK;
}

static tc_err keep_reply(const struct tc_fetch_answer *answer, struct tc_arena *a,
                         struct tc_fetch_reply *out, struct tc_diag *d)
{
    if (answer->err)
        return tc_diag_set(d, answer->err, "%.*s", TC_FMT(answer->why));
    struct tc_fetch_reply r = {.status = answer->reply.status,
                               .content_type = tc_arena_dup(a, answer->reply.content_type),
                               .body = tc_arena_dup(a, answer->reply.body)};
    if (!r.content_type.p || !r.body.p)
        return tc_diag_set(d, tc_arena_err(a), "no memory for the reply");
    *out = r;
    return TC_OK;
}

static tc_err exchange(struct tc_fetch *f, struct tc_buf *b, struct tc_arena *a,
                       struct tc_fetch_reply *out, struct tc_diag *d)
{
    struct tc_fetch_answer answer;
    struct tc_diag lost;
    int fd = -1;
    tc_diag_init(&lost);
    tc_err e = connect_worker(f, &fd, d);
    if (e)
        return e;
    e = tc_sock_send(fd, tc_buf_view(b), NULL, 0);
    if (!e)
        e = tc_sock_frame(fd, TC_FETCH_FRAME, TC_FETCH_SECONDS + 2, b, NULL, &lost);
    (void)close(fd);
    if (!e)
        e = tc_fetch_answer_read(tc_buf_view(b), &answer) ? TC_E_IO : TC_OK;
    if (e)
        return tc_diag_set(d, e == TC_E_TIMEOUT ? e : TC_E_IO,
                           "the process that asked outside ended without an answer");
    return keep_reply(&answer, a, out, d);
}

tc_err tc_fetch(struct tc_fetch *f, const struct tc_fetch_ask *ask, struct tc_arena *a,
                struct tc_fetch_reply *out, struct tc_diag *d)
{
    struct tc_buf b;
    if (!f)
        return tc_diag_set(d, TC_E_DENIED, "this node asks nothing outside");
    tc_buf_init(&b, TC_FETCH_FRAME);
    tc_err e = tc_fetch_ask_write(&b, ask, d);
    if (!e && !enter(f)) {
        e = tc_diag_set(d, TC_E_BUSY, "too many requests to the outside at once");
    } else if (!e) {
        e = exchange(f, &b, a, out, d);
        leave(f);
    }
    tc_buf_fini(&b);
    return e;
}

/* ---- starting, stopping ---- */

static struct tc_fetch *fetch_new(int control)
{
    pthread_condattr_t a;
    struct tc_fetch *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->control = control;
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_condattr_init(&a);
    (void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&f->left, &a);
    (void)pthread_condattr_destroy(&a);
    return f;
}

static tc_err read_setup(const char *const *origins, size_t n, const char *ca_file,
                         struct tc_fetch_setup *s, struct tc_diag *d)
{
    if (n > TC_FETCH_ORIGINS)
        return tc_diag_set(d, TC_E_LIMIT, "more than %d origins to ask", TC_FETCH_ORIGINS);
    for (s->n = 0; s->n < n; s->n++) {
        tc_err e = tc_fetch_origin_of(tc_str_cstr(origins[s->n]), &s->origins[s->n], d);
        if (e)
            return e;
    }
    if (!ca_file || !ca_file[0])
        return TC_OK;
    if (!tc_str_copy(tc_str_cstr(ca_file), s->ca_file, sizeof s->ca_file))
        return tc_diag_set(d, TC_E_LIMIT, "the name of the file of authorities is too long");
    if (access(ca_file, R_OK) != 0) {
        tc_err e = tc_err_from_errno(errno);
        return tc_diag_set(d, e, "%s: %s", ca_file, tc_err_text(e));
    }
    return TC_OK;
}

tc_err tc_fetch_start(const char *const *origins, size_t n, const char *ca_file,
                      struct tc_fetch **out, struct tc_diag *d)
{
    struct tc_fetch_setup setup = {.n = 0};
    int s[2];
    pid_t self = getpid();
    tc_err e = read_setup(origins, n, ca_file, &setup, d);
    if (e || n == 0) {
        if (!e)
            *out = NULL;
        return e;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) != 0)
        return tc_diag_set(d, TC_E_IO, "no socket for the process that asks outside");
    struct tc_fetch *f = fetch_new(s[0]);
    if (f)
        f->keeper = fork();
    if (f && f->keeper == 0)
        tc_fetch_keep(&setup, s[1], self);
    (void)close(s[1]);
    if (!f || f->keeper < 0) {
        (void)close(s[0]);
        free(f);
        return tc_diag_set(d, TC_E_NOMEM, "no process to ask outside");
    }
    *out = f;
    return TC_OK;
}

bool tc_fetch_lives(struct tc_fetch *f)
{
    char byte;
    (void)pthread_mutex_lock(&f->lock);
    bool lives = !f->dead && recv(f->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
    (void)pthread_mutex_unlock(&f->lock);
    return lives;
}

void tc_fetch_stop(struct tc_fetch *f)
{
    if (!f)
        return;
    (void)close(f->control); /* the keeper ends, and its workers with it */
    while (waitpid(f->keeper, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)pthread_cond_destroy(&f->left);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}
