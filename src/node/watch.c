/* SPDX-License-Identifier: Apache-2.0 */
/* The watchers' threads.
 *
 *   behind   cursor < head: step, again and again
 *   level    cursor = head: waits for the journal to grow
 *   failing  the last step failed: waits 100 ms, doubling to 30 s, then steps again
 *
 * The cursor in memory is what lag is reckoned from. The durable one follows it at most once a
 * second and when the watcher stops: steps can be repeated, so losing a second costs only work. */
#include "base/log.h"
#include "codec/jsonw.h"
#include "node/priv.h"

#include <stdio.h>
#include <time.h>

#define SAVE_US    TC_SECOND
#define TICK_US    TC_SECOND
#define WAIT_US    (TC_SECOND / 4) /* longest time until a level watcher sees that it shall stop */
#define FIRST_BACK (TC_SECOND / 10)
#define LAST_BACK  (30 * TC_SECOND)

static bool stopping(struct tc_node_private *p)
{
    (void)pthread_mutex_lock(&p->lock);
    bool stop = p->stop;
    (void)pthread_mutex_unlock(&p->lock);
    return stop;
}

/* Under lock: sleeps on moved until the time (monotonic, microseconds). */
static void wait_until(struct tc_node_private *p, int64_t until)
{
    struct timespec ts = {.tv_sec = until / TC_SECOND, .tv_nsec = until % TC_SECOND * 1000};
    (void)pthread_cond_timedwait(&p->moved, &p->lock, &ts);
}

static void sleep_us(struct tc_node_private *p, int64_t us)
{
    int64_t until = tc_time_monotonic() + us;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stop && tc_time_monotonic() < until)
        wait_until(p, until);
    (void)pthread_mutex_unlock(&p->lock);
}

static void moved(struct tc_watching *w, uint64_t cursor)
{
    struct tc_node_private *p = w->node->priv;
    atomic_store(&w->cursor, cursor);
    (void)pthread_mutex_lock(&p->lock);
    w->failing = false;
    (void)pthread_cond_broadcast(&p->moved);
    (void)pthread_mutex_unlock(&p->lock);
}

static void failed(struct tc_watching *w, tc_err e, int64_t back)
{
    struct tc_node_private *p = w->node->priv;
    (void)pthread_mutex_lock(&p->lock);
    w->failing = true;
    (void)snprintf(w->failure, sizeof w->failure, "%s", tc_err_text(e));
    (void)pthread_mutex_unlock(&p->lock);
    tc_log(TC_LOG_WARN, "reader %s: entry %llu: %s; trying again in %lld ms", w->w.name,
           (unsigned long long)atomic_load(&w->cursor) + 1, tc_err_text(e),
           (long long)(back / 1000));
}

struct saved {
    uint64_t cursor;
    int64_t when;
};

static void save(struct tc_watching *w, struct saved *s, bool now)
{
    uint64_t cursor = atomic_load(&w->cursor);
    int64_t t = tc_time_monotonic();
    if (w->w.ephemeral || cursor == s->cursor || (!now && t - s->when < SAVE_US))
        return;
    s->when = t;
    tc_err e = tc_journal_cursor_set(w->node->journal, w->w.name, cursor);
    if (e)
        tc_log(TC_LOG_WARN, "reader %s: its place cannot be kept: %s", w->w.name, tc_err_text(e));
    else
        s->cursor = cursor;
}

/* How far this one may go: head, or where the last of the others stands. */
static uint64_t allowed(const struct tc_watching *w, uint64_t head)
{
    const struct tc_node_private *p = w->node->priv;
    for (size_t i = 0; w->w.last && i < p->n_watching; i++) {
        uint64_t cursor = atomic_load(&p->watching[i].cursor);
        if (!p->watching[i].w.last && cursor < head)
            head = cursor;
    }
    return head;
}

/* Nothing to do: until the journal grows or, for one that goes last, until another has moved. */
static void rest(struct tc_watching *w, uint64_t after)
{
    struct tc_node_private *p = w->node->priv;
    if (!w->w.last || tc_journal_head(w->node->journal) <= after) {
        (void)tc_journal_wait(w->node->journal, after, WAIT_US);
        return;
    }
    int64_t until = tc_time_monotonic() + WAIT_US;
    (void)pthread_mutex_lock(&p->lock);
    if (!p->stop && allowed(w, UINT64_MAX) <= after)
        wait_until(p, until);
    (void)pthread_mutex_unlock(&p->lock);
}

/* One step; its claim is checked, because lag and restart rest on it. */
static tc_err step(struct tc_watching *w, uint64_t after, uint64_t head)
{
    uint64_t reached = after;
    tc_err e = w->w.step(w->w.self, w->node, after, head, &reached);
    if (!e && (reached <= after || reached > head))
        e = TC_E_INTERNAL;
    if (!e)
        moved(w, reached);
    return e;
}

/* Failures come back every second anyway: once is enough to say so. */
static void tick(struct tc_watching *w, int64_t *next)
{
    if (!w->w.tick || tc_time_monotonic() < *next)
        return;
    tc_err e = w->w.tick(w->w.self, w->node);
    if (e && !w->tick_failing)
        tc_log(TC_LOG_WARN, "reader %s: what is due: %s", w->w.name, tc_err_text(e));
    w->tick_failing = e != TC_OK;
    *next = tc_time_monotonic() + TICK_US;
}

static void *run(void *arg)
{
    struct tc_watching *w = arg;
    struct tc_node *n = w->node;
    struct saved s = {atomic_load(&w->cursor), tc_time_monotonic()};
    int64_t back = FIRST_BACK, next = 0;
    while (!stopping(n->priv)) {
        uint64_t after = atomic_load(&w->cursor);
        uint64_t head = allowed(w, tc_journal_head(n->journal));
        if (after >= head) {
            rest(w, after);
        } else {
            tc_err e = step(w, after, head);
            if (e) {
                failed(w, e, back);
                sleep_us(n->priv, back);
                back = back * 2 < LAST_BACK ? back * 2 : LAST_BACK;
            } else {
                back = FIRST_BACK;
            }
        }
        tick(w, &next);
        save(w, &s, false);
    }
    save(w, &s, true);
    return NULL;
}

tc_err tc_node_watch(struct tc_node *n, const struct tc_watcher *w)
{
    struct tc_node_private *p = n->priv;
    tc_err e = TC_OK;
    (void)pthread_mutex_lock(&p->lock);
    if (p->started || p->n_watching == TC_MAX_WATCHERS)
        e = TC_E_LIMIT;
    for (size_t i = 0; i < p->n_watching; i++)
        if (strcmp(p->watching[i].w.name, w->name) == 0)
            e = TC_E_CONFLICT;
    if (!e) {
        struct tc_watching *to = &p->watching[p->n_watching++];
        to->w = *w;
        to->node = n;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return e;
}

tc_err tc_node_watch_start(struct tc_node *n, struct tc_diag *d)
{
    struct tc_node_private *p = n->priv;
    if (p->started)
        return tc_diag_set(d, TC_E_USAGE, "the node runs already");
    p->started = true;
    for (size_t i = 0; i < p->n_watching; i++) {
        struct tc_watching *w = &p->watching[i];
        uint64_t cursor = 0, head = tc_journal_head(n->journal);
        tc_err e = w->w.ephemeral ? TC_OK : tc_journal_cursor_get(n->journal, w->w.name, &cursor);
        if (e && e != TC_E_NOTFOUND) /* not found: it never ran, and begins at the beginning */
            return tc_diag_set(d, e, "reader %s: its place cannot be read", w->w.name);
        atomic_store(&w->cursor, cursor < head ? cursor : head);
        if (pthread_create(&w->thread, NULL, run, w) != 0)
            return tc_diag_set(d, TC_E_NOMEM, "reader %s: its thread cannot start", w->w.name);
        w->running = true;
    }
    return TC_OK;
}

void tc_node_watch_stop(struct tc_node *n)
{
    struct tc_node_private *p = n->priv;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_broadcast(&p->moved);
    (void)pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->n_watching; i++)
        if (p->watching[i].running)
            (void)pthread_join(p->watching[i].thread, NULL);
    for (size_t i = 0; i < p->n_watching; i++)
        p->watching[i].running = false;
}

uint64_t tc_node_lag(struct tc_node *n, const char *watcher)
{
    struct tc_node_private *p = n->priv;
    for (size_t i = 0; i < p->n_watching; i++) {
        if (strcmp(p->watching[i].w.name, watcher) != 0)
            continue;
        uint64_t cursor = atomic_load(&p->watching[i].cursor), head = tc_journal_head(n->journal);
        return head > cursor ? head - cursor : 0;
    }
    return UINT64_MAX;
}

static bool all_level(struct tc_node *n)
{
    struct tc_node_private *p = n->priv;
    uint64_t head = tc_journal_head(n->journal);
    for (size_t i = 0; i < p->n_watching; i++)
        if (atomic_load(&p->watching[i].cursor) < head)
            return false;
    /* one of them may have appended as its last act */
    return tc_journal_head(n->journal) == head;
}

tc_err tc_node_settle(struct tc_node *n, int64_t timeout_us)
{
    struct tc_node_private *p = n->priv;
    int64_t until = tc_time_monotonic() + timeout_us;
    (void)pthread_mutex_lock(&p->lock);
    bool level;
    while (!(level = all_level(n)) && tc_time_monotonic() < until)
        wait_until(p, until);
    (void)pthread_mutex_unlock(&p->lock);
    return level ? TC_OK : TC_E_TIMEOUT;
}

size_t tc_node_watchers(struct tc_node *n, struct tc_watcher_state *out, size_t max)
{
    struct tc_node_private *p = n->priv;
    (void)pthread_mutex_lock(&p->lock);
    size_t count = p->n_watching < max ? p->n_watching : max;
    for (size_t i = 0; i < count; i++) {
        const struct tc_watching *w = &p->watching[i];
        (void)tc_str_copy(tc_str_cstr(w->w.name), out[i].name, sizeof out[i].name);
        out[i].cursor = atomic_load(&w->cursor);
        out[i].failing = w->failing;
        (void)tc_str_copy(tc_str_cstr(w->failure), out[i].failure, sizeof out[i].failure);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return count;
}

static struct {
    const char *name;
    tc_node_status_fn fn;
} tellers[4];
static size_t n_tellers;

tc_err tc_node_status_add(const char *name, tc_node_status_fn fn)
{
    if (n_tellers == sizeof tellers / sizeof *tellers)
        return TC_E_LIMIT;
    tellers[n_tellers].name = name;
    tellers[n_tellers++].fn = fn;
    return TC_OK;
}

/* The list does not change once the node has started. */
void tc_node_watch_status(struct tc_node *n, const struct tc_principal *p, bool all,
                          struct tc_jsonw *w)
{
    for (size_t i = 0; i < n->priv->n_watching; i++) {
        const struct tc_watcher *x = &n->priv->watching[i].w;
        if (!x->status)
            continue;
        tc_jsonw_name(w, x->name);
        tc_jsonw_object(w);
        x->status(x->self, p, all, w);
        tc_jsonw_object_end(w);
    }
    for (size_t i = 0; i < n_tellers; i++) {
        tc_jsonw_name(w, tellers[i].name);
        tc_jsonw_object(w);
        tellers[i].fn(n, p, w);
        tc_jsonw_object_end(w);
    }
}
