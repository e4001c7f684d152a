/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: lock file, database, then one scan over the narrow beginning of each row through
 * tc_heads_apply, the same function that appending uses; what the rows say of the chains is held
 * against what comes out. There is no snapshot file to distrust. */
#include "journal/journal.h"

#include "base/limits.h"
#include "base/log.h"
#include "journal/private.h"
#include "model/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- reading the tables from the database ---- */

static tc_err see_audience(void *ctx, uint32_t number, struct tc_str bytes)
{
    struct tc_journal *j = ctx;
    return tc_audiences_restore(j->audiences, bytes, number);
}

static tc_err see_name(struct tc_names *names, uint32_t number, struct tc_str text)
{
    uint32_t got;
    tc_err e = tc_names_intern(names, text, &got);
    return e ? e : got == number ? TC_OK : TC_E_CORRUPT;
}

static tc_err see_type(void *ctx, uint32_t number, struct tc_str text)
{
    return see_name(((struct tc_journal *)ctx)->types, number, text);
}

static tc_err see_creator(void *ctx, uint32_t number, struct tc_str text)
{
    return see_name(((struct tc_journal *)ctx)->creators, number, text);
}

static tc_err see_head(void *ctx, uint64_t seq, const struct tc_head *h)
{
    struct tc_journal *j = ctx;
    uint64_t got;
    if (seq != j->heads->pending + 1 || h->added <= j->heads->last_added ||
        !tc_audiences_of(j->audiences, h->audience) || !tc_names_of(j->types, h->type).n ||
        h->creator > tc_names_count(j->creators))
        return TC_E_CORRUPT;
    tc_err e = tc_heads_apply(j->heads, h, &got);
    if (!e && TC_HEADS_AT(j->heads, prev, seq) != h->prev)
        e = TC_E_CORRUPT;
    return e;
}

static tc_err read_all(struct tc_journal *j)
{
    tc_err e = tc_store_audiences(j->store, tc_audiences_count(j->audiences), see_audience, j);
    if (!e)
        e = tc_store_names(j->store, TC_NAME_TYPE, tc_names_count(j->types), see_type, j);
    if (!e)
        e = tc_store_names(j->store, TC_NAME_CREATOR, tc_names_count(j->creators), see_creator, j);
    if (!e)
        e = tc_store_heads(j->store, tc_heads_head(j->heads), see_head, j);
    return e;
}

tc_err tc_journal_read_on(struct tc_journal *j)
{
    tc_err e = tc_store_view(j->store);
    if (e)
        return e;
    e = read_all(j);
    tc_store_view_end(j->store);
    if (e)
        tc_heads_undo(j->heads);
    else if (j->heads->pending != tc_heads_head(j->heads))
        tc_heads_publish(j->heads);
    return e;
}

/* ---- opening and closing ---- */

static tc_err take_lock(struct tc_journal *j, const char *dir, struct tc_diag *d)
{
    struct tc_buf path;
    tc_buf_init(&path, 4096);
    tc_buf_fmt(&path, "%s/journal.lock", dir);
    tc_err e = path.err;
    if (!e && mkdir(dir, 0700) && errno != EEXIST)
        e = tc_diag_set(d, tc_err_from_errno(errno), "cannot make %s", dir);
    if (!e) {
        j->lock_fd = open(tc_buf_z(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (j->lock_fd < 0)
            e = tc_diag_set(d, tc_err_from_errno(errno), "cannot open %s", tc_buf_z(&path));
    }
    if (!e && flock(j->lock_fd, LOCK_EX | LOCK_NB))
        e = errno == EWOULDBLOCK
                ? tc_diag_set(d, TC_E_BUSY, "another process is writing to the journal in %s", dir)
                : tc_diag_set(d, tc_err_from_errno(errno), "cannot lock %s", tc_buf_z(&path));
    tc_buf_fini(&path);
    return e;
}

static tc_err open_pool(struct tc_journal *j, const char *dir, struct tc_diag *d)
{
    for (; j->pool_n < TC_POOL; j->pool_n++) {
        tc_err e = tc_store_open(dir, false, 0, &j->pool[j->pool_n], d);
        if (e)
            return e;
    }
    return TC_OK;
}

static struct tc_journal *journal_new(const struct tc_journal_options *o)
{
    struct tc_journal *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&j->refresh, NULL);
    (void)pthread_mutex_init(&j->pool_lock, NULL);
    (void)pthread_mutex_init(&j->lock, NULL);
    (void)pthread_mutex_init(&j->listeners_lock, NULL);
    (void)pthread_cond_init(&j->pool_free, NULL);
    (void)pthread_cond_init(&j->work, NULL);
    (void)pthread_cond_init(&j->room, NULL);
    (void)pthread_cond_init(&j->grown, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    j->lock_fd = -1;
    j->last = &j->first;
    j->read_only = o->read_only;
    j->clock = o->clock ? o->clock : tc_time_now;
    if (o->sealer)
        j->sealer = *o->sealer;
    tc_buf_init(&j->sealed, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_buf_init(&j->opened, TC_MAX_OBJECT);
    j->heads = tc_heads_new();
    j->types = tc_names_new(TC_MAX_TYPES);
    j->creators = tc_names_new(TC_MAX_CREATORS);
    j->audiences = tc_audiences_new();
    j->readable = j->audiences ? tc_readable_cache_new(j->audiences) : NULL;
    return j;
}

static tc_err open_all(struct tc_journal *j, const char *dir, const struct tc_journal_options *o,
                       struct tc_diag *d)
{
    if (!j->heads || !j->types || !j->creators || !j->audiences || !j->readable)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = o->read_only ? TC_OK : take_lock(j, dir, d);
    if (!e)
        e = tc_store_open(dir, !o->read_only, o->cache_bytes, &j->store, d);
    if (e)
        return e;
    e = tc_journal_read_on(j);
    if (e)
        return tc_diag_set(d, e, "cannot read the journal after entry %llu: %s",
                           (unsigned long long)j->heads->pending, tc_err_text(e));
    j->kept_types = tc_names_count(j->types);
    j->kept_creators = tc_names_count(j->creators);
    j->kept_audiences = tc_audiences_count(j->audiences);
    e = open_pool(j, dir, d);
    if (!e && !o->read_only)
        e = tc_writer_start(j);
    return e;
}

tc_err tc_journal_open(const char *dir, const struct tc_journal_options *o, struct tc_journal **out,
                       struct tc_diag *d)
{
    static const struct tc_journal_options plain;
    int64_t start = tc_time_monotonic();
    struct tc_journal *j = journal_new(o ? o : &plain);
    tc_err e =
        j ? open_all(j, dir, o ? o : &plain, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (e) {
        tc_journal_close(j);
        return e;
    }
    j->ready_us = tc_time_monotonic() - start;
    tc_log(TC_LOG_INFO, "journal: %llu entries, %zu MiB of tables, ready in %lld ms",
           (unsigned long long)tc_heads_head(j->heads), tc_heads_bytes(j->heads) >> 20,
           (long long)(j->ready_us / 1000));
    *out = j;
    return TC_OK;
}

void tc_journal_close(struct tc_journal *j)
{
    if (!j)
        return;
    tc_writer_stop(j);
    for (int i = 0; i < j->pool_n; i++)
        tc_store_close(j->pool[i]);
    tc_store_close(j->store);
    tc_readable_cache_free(j->readable);
    tc_audiences_free(j->audiences);
    tc_names_free(j->types);
    tc_names_free(j->creators);
    tc_heads_free(j->heads);
    if (j->lock_fd >= 0)
        (void)close(j->lock_fd);
    tc_buf_fini(&j->sealed);
    tc_buf_fini(&j->opened);
    (void)pthread_mutex_destroy(&j->refresh);
    (void)pthread_mutex_destroy(&j->pool_lock);
    (void)pthread_mutex_destroy(&j->lock);
    (void)pthread_mutex_destroy(&j->listeners_lock);
    (void)pthread_cond_destroy(&j->pool_free);
    (void)pthread_cond_destroy(&j->work);
    (void)pthread_cond_destroy(&j->room);
    (void)pthread_cond_destroy(&j->grown);
    free(j);
}

void tc_place_of(const struct tc_journal *j, uint64_t seq, const struct tc_head *h,
                 struct tc_journal_place *out)
{
    *out = (struct tc_journal_place){.seq = seq,
                                     .added = h->added,
                                     .version =
                                         h->flags & TC_HEAD_UNVERSIONED ? TC_TIME_NONE : h->version,
                                     .uuid = h->uuid,
                                     .type = tc_names_of(j->types, h->type),
                                     .creator = tc_names_of(j->creators, h->creator),
                                     .audience = h->audience,
                                     .community = h->community,
                                     .revoked = h->flags & TC_HEAD_REVOKED,
                                     .spec_20 = h->flags & TC_HEAD_SPEC_20};
}

static uint64_t count_sealed(const struct tc_journal *j)
{
    uint64_t n = 0;
    for (uint64_t s = 1, head = tc_heads_head(j->heads); s <= head; s++)
        n += (tc_heads_info(j->heads, s) & (TC_HEAD_SEALED | TC_HEAD_GONE)) == TC_HEAD_SEALED;
    return n;
}

struct tc_store *tc_pool_take(struct tc_journal *j)
{
    (void)pthread_mutex_lock(&j->pool_lock);
    while (!j->pool_n)
        (void)pthread_cond_wait(&j->pool_free, &j->pool_lock);
    struct tc_store *s = j->pool[--j->pool_n];
    (void)pthread_mutex_unlock(&j->pool_lock);
    return s;
}

void tc_pool_give(struct tc_journal *j, struct tc_store *s)
{
    (void)pthread_mutex_lock(&j->pool_lock);
    j->pool[j->pool_n++] = s;
    (void)pthread_cond_signal(&j->pool_free);
    (void)pthread_mutex_unlock(&j->pool_lock);
}

/* ---- audiences, head, cursors ---- */

tc_err tc_journal_audience(struct tc_journal *j, const struct tc_audience *a, uint32_t *out)
{
    return j->read_only ? TC_E_DENIED : tc_audiences_intern(j->audiences, a, out);
}

const struct tc_audience *tc_journal_audience_of(const struct tc_journal *j, uint32_t number)
{
    return tc_audiences_of(j->audiences, number);
}

static uint64_t refreshed(struct tc_journal *j)
{
    if (j->read_only) {
        (void)pthread_mutex_lock(&j->refresh);
        tc_err e = tc_journal_read_on(j);
        (void)pthread_mutex_unlock(&j->refresh);
        if (e)
            tc_log(TC_LOG_WARN, "journal: cannot read on: %s", tc_err_text(e));
    }
    return tc_heads_head(j->heads);
}

uint64_t tc_journal_head(const struct tc_journal *j)
{
    /* A read-only journal reads on; that is not a change that a caller could see as one. */
    return refreshed((struct tc_journal *)(uintptr_t)j);
}

bool tc_journal_wiped(const struct tc_journal *j)
{
    return !atomic_load(&j->unwiped);
}

bool tc_journal_is_gone(const struct tc_journal *j, uint64_t seq)
{
    return seq && seq <= tc_heads_head(j->heads) && (tc_heads_info(j->heads, seq) & TC_HEAD_GONE);
}

uint64_t tc_journal_gone_of(struct tc_journal *j, struct tc_str type, const struct tc_uuid *uuid,
                            uint64_t before)
{
    uint32_t t;
    if (!before || !tc_names_find(j->types, type, &t))
        return 0;
    uint32_t seq = tc_heads_find(j->heads, t, uuid, before - 1);
    while (seq && !(tc_heads_info(j->heads, seq) & TC_HEAD_GONE))
        seq = TC_HEADS_AT(j->heads, prev, seq);
    return seq;
}

uint64_t tc_journal_next_sealed(const struct tc_journal *j, uint64_t after, uint64_t upto)
{
    for (uint64_t s = after + 1; s <= upto && s <= tc_heads_head(j->heads); s++)
        if ((tc_heads_info(j->heads, s) & (TC_HEAD_SEALED | TC_HEAD_GONE)) == TC_HEAD_SEALED)
            return s;
    return 0;
}

uint64_t tc_journal_erasure(const struct tc_journal *j, uint64_t after, uint64_t upto)
{
    const uint32_t mask = TC_HEAD_DELETE | TC_HEAD_REVOKED | TC_HEAD_SPARED;
    for (uint64_t s = after + 1; s <= upto && s <= tc_heads_head(j->heads); s++)
        if ((tc_heads_info(j->heads, s) & mask) == (TC_HEAD_DELETE | TC_HEAD_REVOKED))
            return s;
    return 0;
}

tc_time tc_journal_added_of(const struct tc_journal *j, uint64_t seq)
{
    return seq && seq <= tc_journal_head(j) ? TC_HEADS_AT(j->heads, added, seq) : TC_TIME_NONE;
}

static struct timespec monotonic_in(int64_t us)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + us % TC_SECOND * 1000;
    t.tv_sec += (time_t)(us / TC_SECOND + ns / 1000000000);
    t.tv_nsec = (long)(ns % 1000000000);
    return t;
}

uint64_t tc_journal_wait(struct tc_journal *j, uint64_t after, int64_t timeout_us)
{
    enum { LOOK_US = 20000 }; /* how often a read-only journal looks */
    int64_t end = tc_time_monotonic() + timeout_us;
    uint64_t head = refreshed(j);
    while (head <= after) {
        int64_t left = end - tc_time_monotonic();
        if (left <= 0)
            break;
        struct timespec until = monotonic_in(j->read_only && left > LOOK_US ? LOOK_US : left);
        (void)pthread_mutex_lock(&j->lock);
        if (tc_heads_head(j->heads) <= after)
            (void)pthread_cond_timedwait(&j->grown, &j->lock, &until);
        (void)pthread_mutex_unlock(&j->lock);
        head = refreshed(j);
    }
    return head;
}

tc_err tc_journal_on_commit(struct tc_journal *j, void (*tell)(void *arg, uint64_t head), void *arg)
{
    tc_err e = TC_E_LIMIT;
    (void)pthread_mutex_lock(&j->listeners_lock);
    for (int i = 0; i < TC_LISTENERS && e; i++)
        if (!j->listeners[i].tell) {
            j->listeners[i] = (struct tc_listener){tell, arg};
            e = TC_OK;
        }
    (void)pthread_mutex_unlock(&j->listeners_lock);
    return e;
}

void tc_journal_on_commit_end(struct tc_journal *j, void (*tell)(void *arg, uint64_t head),
                              void *arg)
{
    (void)pthread_mutex_lock(&j->listeners_lock);
    for (int i = 0; i < TC_LISTENERS; i++)
        if (j->listeners[i].tell == tell && j->listeners[i].arg == arg)
            j->listeners[i] = (struct tc_listener){NULL, NULL};
    (void)pthread_mutex_unlock(&j->listeners_lock);
}

tc_err tc_journal_cursor_get(struct tc_journal *j, const char *reader, uint64_t *seq)
{
    struct tc_store *s = tc_pool_take(j);
    tc_err e = tc_store_cursor_get(s, reader, seq);
    tc_pool_give(j, s);
    return e;
}

void tc_journal_stats(struct tc_journal *j, struct tc_journal_stats *out)
{
    (void)pthread_mutex_lock(&j->lock);
    size_t queued = j->queued;
    (void)pthread_mutex_unlock(&j->lock);
    *out = (struct tc_journal_stats){.head = tc_heads_head(j->heads),
                                     .objects = tc_slots_count(j->heads->ids),
                                     .audiences = tc_audiences_count(j->audiences),
                                     .memory_bytes = tc_heads_bytes(j->heads),
                                     .queued_bytes = queued,
                                     .sealed = j->sealer.seal ? count_sealed(j) : 0,
                                     .ready_us = j->ready_us};
}
