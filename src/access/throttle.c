/* SPDX-License-Identifier: Apache-2.0 */
#include "access/throttle.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"

#include <pthread.h>
#include <stdlib.h>

#define ROWS 256
#define WAYS 4

/* taken tries come back one by one: after (now - since) / interval of them */
struct entry {
    uint64_t login; /* SipHash under the process key, 0 = empty */
    int64_t since;
    int64_t taken;
};

struct tc_throttle {
    pthread_mutex_t lock;
    struct tc_hash_key key;
    int64_t tries, interval;
    struct entry rows[ROWS][WAYS];
};

struct tc_throttle *tc_throttle_new(int tries, int seconds)
{
    struct tc_throttle *t = calloc(1, sizeof *t);
    if (t) {
        t->key = tc_hash_process_key();
        t->tries = tries;
        t->interval = seconds * TC_SECOND;
        (void)pthread_mutex_init(&t->lock, NULL);
    }
    return t;
}

void tc_throttle_free(struct tc_throttle *t)
{
    if (!t)
        return;
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

static void give_back(const struct tc_throttle *t, struct entry *e, int64_t now)
{
    int64_t back = (now - e->since) / t->interval;
    if (back <= 0)
        return;
    e->taken = e->taken > back ? e->taken - back : 0;
    e->since += back * t->interval;
}

static struct entry *find(struct tc_throttle *t, uint64_t h, int64_t now)
{
    struct entry *row = t->rows[h % ROWS], *least = &row[0];
    for (int i = 0; i < WAYS; i++) {
        if (row[i].login == h)
            return &row[i];
        if (row[i].login)
            give_back(t, &row[i], now);
        if (row[i].taken < least->taken)
            least = &row[i];
    }
    *least = (struct entry){h, now, 0};
    return least;
}

static uint64_t hash(const struct tc_throttle *t, struct tc_str login)
{
    uint64_t h = tc_hash64(t->key, login.p, login.n);
    return h ? h : 1;
}

bool tc_throttle_take(struct tc_throttle *t, struct tc_str login, int64_t now)
{
    uint64_t h = hash(t, login);
    (void)pthread_mutex_lock(&t->lock);
    struct entry *e = find(t, h, now);
    give_back(t, e, now);
    if (e->taken == 0)
        e->since = now;
    bool ok = e->taken < t->tries;
    if (ok)
        e->taken++;
    (void)pthread_mutex_unlock(&t->lock);
    return ok;
}

void tc_throttle_clear(struct tc_throttle *t, struct tc_str login)
{
    uint64_t h = hash(t, login);
    (void)pthread_mutex_lock(&t->lock);
    struct entry *row = t->rows[h % ROWS];
    for (int i = 0; i < WAYS; i++)
        if (row[i].login == h)
            row[i] = (struct entry){0, 0, 0};
    (void)pthread_mutex_unlock(&t->lock);
}

void tc_throttle_return(struct tc_throttle *t, struct tc_str login, int64_t now)
{
    uint64_t h = hash(t, login);
    (void)pthread_mutex_lock(&t->lock);
    struct entry *e = find(t, h, now);
    if (e->taken)
        e->taken--;
    (void)pthread_mutex_unlock(&t->lock);
}
