/* SPDX-License-Identifier: Apache-2.0 */
#include "node/signer.h"

#include "base/log.h"
#include "node/signer_work.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_SECONDS 10

struct tc_signer {
    pid_t pid;
    int fd;
    struct tc_signer_info info;
    pthread_mutex_t lock; /* one question at a time; over dead, too */
    bool dead;
};

/* ---- asking ---- */

/* Under the lock. A signer that answers out of turn, too late or with nonsense is not asked again.
 */
static tc_err exchange(struct tc_signer *s, const uint8_t *ask, size_t n, uint8_t *answer,
                       size_t room, size_t *got)
{
    uint8_t packet[TC_SIGNER_FRAME + 1];
    ssize_t k;
    if (s->dead)
        return TC_E_IO;
    if (send(s->fd, ask, n, MSG_NOSIGNAL) != (ssize_t)n)
        return TC_E_IO;
    do
        k = recv(s->fd, packet, sizeof packet, 0);
    while (k < 0 && errno == EINTR);
    if (k < 1 || (size_t)k - 1 > room || packet[0] >= TC_E_COUNT)
        return TC_E_IO;
    *got = (size_t)k - 1;
    memcpy(answer, packet + 1, *got);
    tc_err e = (tc_err)packet[0];
    sodium_memzero(packet, (size_t)k); /* it may have been a key */
    return e;
}

static tc_err ask(struct tc_signer *s, const uint8_t *bytes, size_t n, uint8_t *answer, size_t room,
                  size_t *got)
{
    (void)pthread_mutex_lock(&s->lock);
    tc_err e = exchange(s, bytes, n, answer, room, got);
    bool first = e == TC_E_IO && !s->dead;
    s->dead = s->dead || e == TC_E_IO;
    (void)pthread_mutex_unlock(&s->lock);
    if (first)
        tc_log(TC_LOG_ERROR, "the signing process has ended: no checkpoint is signed and no TLS "
                             "connection begins until the node is started anew");
    return e;
}

static tc_err ask_exactly(struct tc_signer *s, const uint8_t *bytes, size_t n, uint8_t *answer,
                          size_t want)
{
    uint8_t out[TC_SIGNER_FRAME];
    size_t got = 0;
    tc_err e = ask(s, bytes, n, out, sizeof out, &got);
    if (!e && got == want)
        memcpy(answer, out, want);
    sodium_memzero(out, got);
    return e ? e : got == want ? TC_OK : TC_E_IO;
}

static uint8_t *put64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        *p++ = (uint8_t)(v >> (56 - 8 * i));
    return p;
}

tc_err tc_signer_key(struct tc_signer *s, const char *purpose, uint8_t out[32])
{
    uint8_t frame[1 + crypto_kdf_CONTEXTBYTES] = {'k'};
    memcpy(frame + 1, purpose, strnlen(purpose, crypto_kdf_CONTEXTBYTES));
    return ask_exactly(s, frame, sizeof frame, out, 32);
}

tc_err tc_signer_checkpoint(struct tc_signer *s, const struct tc_audit_head *h, uint8_t sig[64])
{
    uint8_t frame[1 + 8 + TC_MERKLE_HASH] = {'c'};
    memcpy(put64(frame + 1, h->size), h->root.b, TC_MERKLE_HASH);
    return ask_exactly(s, frame, sizeof frame, sig, 64);
}

tc_err tc_signer_cosign(struct tc_signer *s, const struct tc_audit_head *h, uint64_t seconds,
                        uint8_t sig[64])
{
    uint8_t frame[1 + 48 + TC_AUDIT_ORIGIN] = {'w'};
    size_t n = strlen(h->origin);
    uint8_t *p = put64(put64(frame + 1, seconds), h->size);
    memcpy(p, h->root.b, TC_MERKLE_HASH);
    memcpy(p + TC_MERKLE_HASH, h->origin, n);
    return ask_exactly(s, frame, 1 + 48 + n, sig, 64);
}

tc_err tc_signer_tls(struct tc_signer *s, int scheme, bool digest, struct tc_str bytes,
                     uint8_t sig[TC_SIGNER_SIGNATURE], size_t *n)
{
    uint8_t frame[TC_SIGNER_FRAME] = {digest ? 'h' : 't', (uint8_t)(scheme >> 8), (uint8_t)scheme};
    if (scheme < 0 || scheme > UINT16_MAX || bytes.n == 0 || bytes.n > sizeof frame - 3)
        return TC_E_INVALID;
    memcpy(frame + 3, bytes.p, bytes.n);
    return ask(s, frame, 3 + bytes.n, sig, TC_SIGNER_SIGNATURE, n);
}

const struct tc_signer_info *tc_signer_info(const struct tc_signer *s)
{
    return &s->info;
}

bool tc_signer_lives(struct tc_signer *s)
{
    char byte;
    (void)pthread_mutex_lock(&s->lock);
    bool lives = !s->dead && recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
    (void)pthread_mutex_unlock(&s->lock);
    return lives;
}

/* ---- starting, stopping ---- */

/* The first packet comes unasked: who signs, or why nobody does. */
static tc_err first_answer(struct tc_signer *s, struct tc_diag *d)
{
    uint8_t packet[TC_SIGNER_FRAME + 1];
    ssize_t k = recv(s->fd, packet, sizeof packet, 0);
    if (k < 1 || packet[0] >= TC_E_COUNT)
        return tc_diag_set(d, TC_E_IO, "the signing process did not start");
    struct tc_str rest = tc_str_view((const char *)packet + 1, (size_t)k - 1);
    if (packet[0])
        return tc_diag_set(d, (tc_err)packet[0], "%.*s", TC_FMT(rest));
    return tc_signer_info_read(packet + 1, rest.n, &s->info)
               ? TC_OK
               : tc_diag_set(d, TC_E_INTERNAL, "the signing process is another program");
}

static tc_err begin(const char *dir, const char *tls_key, struct tc_signer *s, struct tc_diag *d)
{
    int pair[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return tc_diag_set(d, TC_E_IO, "no socket for the signing process");
    s->fd = pair[0];
    s->pid = fork();
    if (s->pid == 0)
        tc_signer_run(dir, tls_key, pair[1], self);
    (void)close(pair[1]);
    if (s->pid < 0)
        return tc_diag_set(d, TC_E_NOMEM, "no process to sign");
    const struct timeval t = {.tv_sec = ANSWER_SECONDS};
    (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    (void)setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    return first_answer(s, d);
}

tc_err tc_signer_start(const char *dir, const char *tls_key, struct tc_signer **out,
                       struct tc_diag *d)
{
    struct tc_signer *s = calloc(1, sizeof *s);
    if (!s)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    s->fd = s->pid = -1;
    (void)pthread_mutex_init(&s->lock, NULL);
    tc_err e = begin(dir, tls_key, s, d);
    if (e)
        tc_signer_stop(s);
    else
        *out = s;
    return e;
}

void tc_signer_stop(struct tc_signer *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd); /* it ends by itself */
    while (s->pid > 0 && waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}
