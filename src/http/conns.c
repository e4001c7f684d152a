/* SPDX-License-Identifier: Apache-2.0 */
/* A client that drips a byte a second is never inactive, so inactivity cannot be the measure: each
 * phase of a connection has a time in which it must be over. */
#include "http/internal.h"

#include <stdlib.h>
#include <sys/socket.h>

void tc_conns_init(struct tc_conns *s)
{
    (void)pthread_mutex_init(&s->lock, NULL);
    s->list.prev = s->list.next = &s->list;
    s->count = 0;
}

void tc_conns_fini(struct tc_conns *s)
{
    while (s->list.next != &s->list)
        tc_conns_remove(s, s->list.next);
    (void)pthread_mutex_destroy(&s->lock);
}

struct tc_conn *tc_conns_add(struct tc_conns *s, int fd)
{
    struct tc_conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    tc_conns_phase(c, TC_PHASE_FIRST);
    (void)pthread_mutex_lock(&s->lock);
    c->next = &s->list;
    c->prev = s->list.prev;
    c->prev->next = c;
    s->list.prev = c;
    s->count++;
    (void)pthread_mutex_unlock(&s->lock);
    return c;
}

void tc_conns_remove(struct tc_conns *s, struct tc_conn *c)
{
    if (!c)
        return;
    (void)pthread_mutex_lock(&s->lock);
    c->prev->next = c->next;
    c->next->prev = c->prev;
    s->count--;
    (void)pthread_mutex_unlock(&s->lock);
    free(c);
}

void tc_conns_phase(struct tc_conn *c, enum tc_phase phase)
{
    if (!c)
        return;
    atomic_store_explicit(&c->since, tc_time_monotonic(), memory_order_relaxed);
    atomic_store_explicit(&c->phase, (int)phase, memory_order_relaxed);
}

/* When nearly all places are taken, those who only sit on one are sent away sooner. */
static int64_t allowed(const struct tc_conns *s, int phase)
{
    bool crowded = s->count > s->max - s->max / 10;
    switch (phase) {
    case TC_PHASE_FIRST:
        return crowded && s->request_us > 5 * TC_SECOND ? 5 * TC_SECOND : s->request_us;
    case TC_PHASE_RECEIVE:
        return s->request_us;
    case TC_PHASE_IDLE:
        return crowded && s->idle_us > 5 * TC_SECOND ? 5 * TC_SECOND : s->idle_us;
    case TC_PHASE_SEND:
        return s->send_us;
    default:
        return INT64_MAX;
    }
}

unsigned tc_conns_run(struct tc_conns *s, int64_t now)
{
    unsigned n = 0;
    (void)pthread_mutex_lock(&s->lock);
    for (struct tc_conn *c = s->list.next; c != &s->list; c = c->next) {
        int phase = atomic_load_explicit(&c->phase, memory_order_relaxed);
        int64_t since = atomic_load_explicit(&c->since, memory_order_relaxed);
        if (now - since <= allowed(s, phase))
            continue;
        /* the descriptor stays ours until tc_conns_remove, which waits for the lock */
        (void)shutdown(c->fd, SHUT_RDWR);
        n++;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return n;
}
