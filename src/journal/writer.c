/* SPDX-License-Identifier: Apache-2.0 */
/* The one thread that writes. Its life:
 *
 *   wait -> take a group of jobs -> BEGIN -> each entry: rules, tables, row -> COMMIT -> publish
 *                                     |                                         |       tell, done
 *                                     +---------- any failure ------------------+
 *                                                       v
 *                    undo (tables and transaction); a group of several is tried one by one,
 *                    so that only the job at fault gets the error; then wait again
 *
 * 1. Nothing is acknowledged before COMMIT has returned OK (fsync of the log).
 * 2. After a failure memory and database are as before the group; names and audiences keep the
 *    numbers they got, and are written by the next transaction.
 * 3. Readers see an entry after its commit, never before. */
#include "base/limits.h"
#include "base/log.h"
#include "journal/private.h"
#include "model/sealed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* A checkpoint costs two fsyncs: not more often than every 1024 frames, 16 MiB. Readers that
 * overlap without end keep the log from starting anew; at 128 MiB it waits for them shortly. */
enum { CHECKPOINT_FRAMES = 1024, LOG_FRAMES = 8192 };

/* Between tries to empty the log of erased bytes. */
enum { WIPE_MS = 50 };

struct resealing;

struct tc_job {
    struct tc_entry_in *entries;
    size_t n, bytes;
    const char *cursor; /* of a job that sets a cursor; then there are no entries */
    uint64_t cursor_seq;
    struct resealing *reseal; /* of a job that seals anew */
    tc_journal_done done;
    void *arg;
    bool heap;
    tc_err result;
    struct tc_job *next;
};

/* ---- one entry ---- */

struct body_compare {
    struct tc_journal *j;
    struct tc_str body;
    bool equal;
};

static tc_err compare_body(void *ctx, uint64_t seq, struct tc_str body)
{
    struct body_compare *c = ctx;
    struct tc_journal_place at;
    struct tc_head h;
    if (!(tc_heads_info(c->j->heads, seq) & TC_HEAD_SEALED)) {
        c->equal = tc_str_eq(body, c->body);
        return TC_OK;
    }
    tc_heads_get(c->j->heads, seq, &h);
    tc_place_of(c->j, seq, &h, &at);
    tc_buf_clear(&c->j->opened);
    tc_err e = c->j->sealer.open ? c->j->sealer.open(c->j->sealer.arg, &at, body, &c->j->opened)
                                 : TC_E_CORRUPT;
    c->equal = !e && tc_str_eq(tc_buf_view(&c->j->opened), c->body);
    return e == TC_E_CORRUPT ? TC_OK : e; /* what is there is kept: nothing is known to be equal */
}

static tc_err already_there(struct tc_journal *j, struct tc_entry_in *in, uint32_t seq)
{
    struct body_compare c = {j, in->body, false};
    tc_err e = tc_store_bodies(j->store, seq, seq, false, compare_body, &c);
    if (e)
        return e;
    in->outcome = c.equal ? TC_OUT_SAME : TC_OUT_DIFFERS;
    in->seq = seq;
    in->added = TC_HEADS_AT(j->heads, added, seq);
    return TC_OK;
}

/* Of any versioned entry of this id: the rule keeps them equal. False when there is none. */
static bool known_creator(const struct tc_heads *h, uint32_t newest, uint32_t *creator)
{
    for (uint32_t s = newest; s; s = TC_HEADS_AT(h, prev, s))
        if (!(tc_heads_info(h, s) & (TC_HEAD_DELETE | TC_HEAD_UNVERSIONED))) {
            *creator = TC_HEADS_AT(h, creator, s);
            return true;
        }
    return false;
}

/* created_by_ref is anybody's to write; who posted is what the node itself saw. */
static bool posted_before(const struct tc_journal *j, uint32_t newest, uint32_t audience)
{
    uint32_t org = tc_audiences_of(j->audiences, audience)->creator_org;
    for (uint32_t s = newest; s; s = TC_HEADS_AT(j->heads, prev, s)) {
        struct tc_head h;
        tc_heads_get(j->heads, s, &h);
        if (!(h.flags & (TC_HEAD_DELETE | TC_HEAD_UNVERSIONED)) &&
            tc_audiences_of(j->audiences, h.audience)->creator_org == org)
            return true;
    }
    return false;
}

/* Is this version there for this audience already? */
static bool lifted_before(const struct tc_journal *j, const struct tc_entry_in *in, uint32_t newest)
{
    for (uint32_t s = newest; s; s = TC_HEADS_AT(j->heads, prev, s)) {
        struct tc_head h;
        tc_heads_get(j->heads, s, &h);
        bool same =
            h.flags & TC_HEAD_UNVERSIONED ? in->version == TC_TIME_NONE : in->version == h.version;
        if (same && h.community == in->community && h.audience == in->audience &&
            !(h.flags & (TC_HEAD_DELETE | TC_HEAD_GONE)))
            return true;
    }
    return false;
}

/* Decides what becomes of an object; APPENDED means that it is to be appended. */
static tc_err decide_object(struct tc_journal *j, struct tc_entry_in *in, uint32_t type)
{
    in->outcome = TC_OUT_APPENDED;
    uint32_t newest = tc_heads_newest(j->heads, type, &in->uuid);
    if (!newest && in->lifts)
        in->outcome = TC_OUT_GONE;
    if (!newest)
        return TC_OK;
    uint32_t same = tc_heads_same(j->heads, type, &in->uuid, in->version, in->community);
    if (same) {
        tc_err e = already_there(j, in, same);
        if (!e && in->lifts && in->outcome == TC_OUT_SAME && !lifted_before(j, in, newest))
            in->outcome = TC_OUT_APPENDED;
        return e;
    }
    if (in->lifts) { /* what was to be lifted has been deleted */
        in->outcome = TC_OUT_GONE;
        return TC_OK;
    }
    if (in->version == TC_TIME_NONE)
        return TC_OK;
    uint32_t owner, creator = 0;
    if (known_creator(j->heads, newest, &owner)) {
        bool known = !in->creator.n || tc_names_find(j->creators, in->creator, &creator);
        if (!known || creator != owner ||
            (!in->entitled && !posted_before(j, newest, in->audience))) {
            in->outcome = TC_OUT_NOT_CREATOR;
            in->seq = newest;
            return TC_OK;
        }
    }
    tc_time revoked = tc_heads_revoked_at(j->heads, type, &in->uuid);
    if (revoked != TC_TIME_NONE && in->version > revoked) {
        in->outcome = revoked == TC_HEADS_ERASED ? TC_OUT_ERASED : TC_OUT_REVOKED;
        in->seq = newest;
    }
    return TC_OK;
}

struct erasing {
    struct tc_journal *j;
    tc_err err;
};

static void erase(void *ctx, uint32_t seq)
{
    struct erasing *x = ctx;
    if (!x->err)
        x->err = tc_store_erase(x->j->store, seq);
}

static tc_err decide_delete(struct tc_journal *j, struct tc_entry_in *in, uint32_t type)
{
    struct erasing x = {j, TC_OK};
    uint32_t n = tc_heads_deletes(j->heads, type, &in->uuid, in->version, in->community, erase, &x);
    in->outcome = n ? TC_OUT_APPENDED : TC_OUT_GONE;
    return x.err;
}

static tc_err decide(struct tc_journal *j, struct tc_entry_in *in)
{
    uint32_t type;
    in->seq = 0;
    in->added = TC_TIME_NONE;
    if (!tc_names_find(j->types, in->type, &type)) { /* nothing of this type is known */
        in->outcome = in->kind == TC_ENTRY_DELETE ? TC_OUT_GONE : TC_OUT_APPENDED;
        return TC_OK;
    }
    return in->kind == TC_ENTRY_DELETE ? decide_delete(j, in, type) : decide_object(j, in, type);
}

static tc_err head_of(struct tc_journal *j, const struct tc_entry_in *in, struct tc_head *h)
{
    tc_time now = j->clock(), after = j->heads->last_added;
    *h = (struct tc_head){.added = now > after ? now : after + 1,
                          .version = in->version,
                          .uuid = in->uuid,
                          .audience = in->audience,
                          .community = in->community};
    if (in->version == TC_TIME_NONE) {
        h->flags |= TC_HEAD_UNVERSIONED;
        h->version = 0;
    }
    if (in->kind == TC_ENTRY_DELETE)
        h->flags |= TC_HEAD_DELETE;
    if (in->revoked)
        h->flags |= TC_HEAD_REVOKED;
    if (in->spec_20)
        h->flags |= TC_HEAD_SPEC_20;
    if (in->spared && in->kind == TC_ENTRY_DELETE)
        h->flags |= TC_HEAD_SPARED;
    tc_err e = tc_names_intern(j->types, in->type, &h->type);
    if (!e && in->creator.n)
        e = tc_names_intern(j->creators, in->creator, &h->creator);
    return e;
}

/* What is stored of the body: itself, or j->sealed. */
static tc_err stored_form(struct tc_journal *j, const struct tc_entry_in *in, struct tc_head *h,
                          struct tc_str *body)
{
    struct tc_journal_place at;
    bool sealed = false;
    *body = in->body;
    if (in->kind == TC_ENTRY_DELETE || (!j->sealer.seal && !in->seals))
        return TC_OK;
    if (!j->sealer.seal)
        return TC_E_DENIED; /* it would be stored plainly */
    tc_place_of(j, j->heads->pending + 1, h, &at);
    tc_buf_clear(&j->sealed);
    tc_err e = j->sealer.seal(j->sealer.arg, &at, in->seals, in->body, &j->sealed, &sealed);
    if (!e && sealed) {
        *body = tc_buf_view(&j->sealed);
        h->flags |= TC_HEAD_SEALED;
    }
    return e;
}

static tc_err add_entry(struct tc_journal *j, struct tc_entry_in *in)
{
    struct tc_head h;
    struct tc_str body;
    tc_err e = decide(j, in);
    if (e || in->outcome != TC_OUT_APPENDED)
        return e;
    e = head_of(j, in, &h);
    if (!e)
        e = stored_form(j, in, &h, &body);
    if (!e)
        e = tc_heads_apply(j->heads, &h, &in->seq);
    if (e)
        return e;
    h.prev = TC_HEADS_AT(j->heads, prev, in->seq);
    in->added = h.added;
    return tc_store_entry(j->store, in->seq, &h, body);
}

/* ---- another key ---- */

enum { RESEAL = 256 };

struct resealing {
    uint64_t after, reached, resealed, damaged;
};

static tc_err take_stored(void *ctx, uint64_t seq, struct tc_str body)
{
    struct tc_buf *to = ctx;
    (void)seq;
    tc_buf_str(to, body);
    return to->err;
}

/* The old text is copied out first: its row is written while it would be read. */
static tc_err reseal_one(struct tc_journal *j, uint64_t seq, struct resealing *x)
{
    struct tc_journal_place at;
    struct tc_head h;
    struct tc_buf was;
    bool changed = false;
    tc_heads_get(j->heads, seq, &h);
    tc_place_of(j, seq, &h, &at);
    tc_buf_init(&was, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_buf_clear(&j->sealed);
    tc_err e = tc_store_bodies(j->store, seq, seq, false, take_stored, &was);
    if (!e)
        e = j->sealer.reseal(j->sealer.arg, &at, tc_buf_view(&was), &j->sealed, &changed);
    if (!e && changed)
        e = tc_store_body_set(j->store, seq, tc_buf_view(&j->sealed));
    tc_buf_fini(&was);
    x->resealed += !e && changed;
    x->damaged += e == TC_E_CORRUPT;
    return e == TC_E_CORRUPT ? TC_OK : e;
}

static tc_err do_reseal(struct tc_journal *j, struct resealing *x)
{
    uint64_t s = x->after, head = tc_heads_head(j->heads);
    tc_err e = TC_OK;
    x->resealed = x->damaged = 0;
    for (int n = 0; !e && s < head && n < RESEAL;) {
        uint32_t info = tc_heads_info(j->heads, ++s);
        if ((info & (TC_HEAD_SEALED | TC_HEAD_GONE)) == TC_HEAD_SEALED) {
            e = reseal_one(j, s, x);
            n++;
        }
    }
    x->reached = s;
    return e;
}

/* ---- one transaction ---- */

struct counts {
    uint32_t types, creators, audiences;
};

/* Writes down the names and audiences that got a number since the last commit. */
static tc_err add_names(struct tc_journal *j, struct counts *now)
{
    tc_err e = TC_OK;
    *now = (struct counts){tc_names_count(j->types), tc_names_count(j->creators),
                           tc_audiences_count(j->audiences)};
    for (uint32_t i = j->kept_types + 1; !e && i <= now->types; i++)
        e = tc_store_name(j->store, TC_NAME_TYPE, i, tc_names_of(j->types, i));
    for (uint32_t i = j->kept_creators + 1; !e && i <= now->creators; i++)
        e = tc_store_name(j->store, TC_NAME_CREATOR, i, tc_names_of(j->creators, i));
    for (uint32_t i = j->kept_audiences + 1; !e && i <= now->audiences; i++)
        e = tc_store_audience(j->store, i, tc_audiences_bytes(j->audiences, i));
    return e;
}

static tc_err do_job(struct tc_journal *j, struct tc_job *job)
{
    if (job->cursor)
        return tc_store_cursor_set(j->store, job->cursor, job->cursor_seq);
    if (job->reseal)
        return do_reseal(j, job->reseal);
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < job->n; i++)
        e = add_entry(j, &job->entries[i]);
    return e;
}

/* Jobs from .. before end as one transaction. */
static tc_err transact(struct tc_journal *j, struct tc_job *from, const struct tc_job *end,
                       bool *erased)
{
    struct counts now;
    tc_err e = tc_store_begin(j->store);
    if (e)
        return e;
    bool wipe = false; /* what the old key opens is to leave the log, too */
    for (struct tc_job *job = from; !e && job != end; job = job->next) {
        e = do_job(j, job);
        wipe = wipe || job->reseal;
    }
    if (!e)
        e = add_names(j, &now);
    if (!e)
        e = tc_store_commit(j->store);
    if (e) {
        tc_store_rollback(j->store);
        tc_heads_undo(j->heads);
        return e;
    }
    j->kept_types = now.types;
    j->kept_creators = now.creators;
    j->kept_audiences = now.audiences;
    if (wipe || tc_heads_deleting(j->heads)) {
        *erased = true;
        atomic_store(&j->unwiped, true);
    }
    tc_heads_publish(j->heads);
    return TC_OK;
}

/* ---- groups ---- */

static void forget_outcomes(struct tc_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        job->entries[i].outcome = TC_OUT_PENDING;
        job->entries[i].seq = 0;
    }
}

static void tell_all(struct tc_journal *j, uint64_t head)
{
    (void)pthread_mutex_lock(&j->lock);
    (void)pthread_cond_broadcast(&j->grown);
    (void)pthread_mutex_unlock(&j->lock);
    (void)pthread_mutex_lock(&j->listeners_lock);
    for (int i = 0; i < TC_LISTENERS; i++)
        if (j->listeners[i].tell)
            j->listeners[i].tell(j->listeners[i].arg, head);
    (void)pthread_mutex_unlock(&j->listeners_lock);
}

static void finish(struct tc_job *job)
{
    bool heap = job->heap; /* a job on a waiter's stack is gone after done */
    if (job->result)
        forget_outcomes(job);
    job->done(job->arg, job->result);
    if (heap)
        free(job);
}

static void run_group(struct tc_journal *j, struct tc_job *group, bool *erased)
{
    uint64_t before = tc_heads_head(j->heads);
    tc_err e = transact(j, group, NULL, erased);
    bool alone = !group->next;
    for (struct tc_job *job = group; job; job = job->next)
        job->result = e && !alone ? transact(j, job, job->next, erased) : e;
    if (tc_heads_head(j->heads) != before)
        tell_all(j, tc_heads_head(j->heads));
    for (struct tc_job *job = group, *next; job; job = next) {
        next = job->next;
        finish(job);
    }
}

/* Under lock, until there is a job. Erased bytes in the log are asked after now and then: false. */
static bool wait_for_work(struct tc_journal *j, bool unwiped)
{
    struct timespec until;
    int rc = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WIPE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!j->first && !j->stop && rc != ETIMEDOUT)
        rc = unwiped ? pthread_cond_timedwait(&j->work, &j->lock, &until)
                     : pthread_cond_wait(&j->work, &j->lock);
    return j->first || j->stop;
}

/* The jobs at the front of the queue that go into one transaction, NULL = closing, or nothing is
 * to be done and erased bytes may stand in the log. */
static struct tc_job *take_group(struct tc_journal *j, bool unwiped, bool *stop)
{
    size_t entries = 0, bytes = 0;
    (void)pthread_mutex_lock(&j->lock);
    *stop = wait_for_work(j, unwiped) && !j->first;
    struct tc_job *group = j->first, **end = &j->first;
    while (*end && (end == &j->first || (entries + (*end)->n <= TC_MAX_GROUP_ENTRIES &&
                                         bytes + (*end)->bytes <= TC_MAX_GROUP_BYTES))) {
        entries += (*end)->n;
        bytes += (*end)->bytes;
        end = &(*end)->next;
    }
    if (group) {
        j->first = *end;
        *end = NULL;
        if (!j->first)
            j->last = &j->first;
        j->queued -= bytes;
        (void)pthread_cond_broadcast(&j->room);
    }
    (void)pthread_mutex_unlock(&j->lock);
    return group;
}

static void *write_on(void *arg)
{
    struct tc_journal *j = arg;
    /* erased bytes may stand in the log, also in one that a killed process left */
    bool erased = true, stop = false;
    while (!stop) {
        struct tc_job *group = take_group(j, erased, &stop);
        if (group) {
            run_group(j, group, &erased);
            if (tc_store_wal_frames(j->store) >= CHECKPOINT_FRAMES &&
                tc_store_checkpoint(j->store, tc_store_log_frames(j->store) >= LOG_FRAMES))
                tc_log(TC_LOG_DEBUG, "journal: the log was not moved whole");
        } else if (erased && !stop) {
            erased = tc_store_checkpoint(j->store, true) != TC_OK;
            atomic_store(&j->unwiped, erased);
        }
    }
    return NULL;
}

tc_err tc_writer_start(struct tc_journal *j)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the main thread */
    atomic_store(&j->unwiped, true);
    int rc = pthread_create(&j->thread, NULL, write_on, j);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    j->running = rc == 0;
    return rc ? tc_err_from_errno(rc) : TC_OK;
}

void tc_writer_stop(struct tc_journal *j)
{
    if (!j->running)
        return;
    (void)pthread_mutex_lock(&j->lock);
    j->stop = true;
    (void)pthread_cond_broadcast(&j->work);
    (void)pthread_mutex_unlock(&j->lock);
    (void)pthread_join(j->thread, NULL);
    j->running = false;
    if (tc_store_checkpoint(j->store, true))
        tc_log(TC_LOG_DEBUG, "journal: the log stays for the next start");
}

/* ---- the queue ---- */

static tc_err check_entries(const struct tc_journal *j, struct tc_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct tc_entry_in *in = &job->entries[i];
        bool object = in->kind == TC_ENTRY_OBJECT;
        if (!in->type.n || in->type.n >= TC_ID_MAX ||
            !tc_audiences_of(j->audiences, in->audience) ||
            (object ? !in->body.n : in->kind != TC_ENTRY_DELETE || in->body.n))
            return TC_E_USAGE;
        if (in->version != TC_TIME_NONE && (in->version < TC_TIME_MIN || in->version > TC_TIME_MAX))
            return TC_E_USAGE;
        if (in->body.n > TC_MAX_OBJECT)
            return TC_E_LIMIT;
        in->outcome = TC_OUT_PENDING;
        in->seq = 0;
        job->bytes += in->body.n + sizeof *in;
    }
    return TC_OK;
}

static tc_err push(struct tc_journal *j, struct tc_job *job, bool wait)
{
    tc_err e = TC_OK;
    (void)pthread_mutex_lock(&j->lock);
    while (wait && j->queued && j->queued + job->bytes > TC_MAX_JOURNAL_QUEUE)
        (void)pthread_cond_wait(&j->room, &j->lock);
    if (j->queued && j->queued + job->bytes > TC_MAX_JOURNAL_QUEUE) {
        e = TC_E_BUSY;
    } else {
        j->queued += job->bytes;
        *j->last = job;
        j->last = &job->next;
        (void)pthread_cond_signal(&j->work);
    }
    (void)pthread_mutex_unlock(&j->lock);
    return e;
}

tc_err tc_journal_submit(struct tc_journal *j, struct tc_entry_in *entries, size_t n,
                         tc_journal_done done, void *arg)
{
    if (j->read_only)
        return TC_E_DENIED;
    struct tc_job *job = calloc(1, sizeof *job);
    if (!job)
        return TC_E_NOMEM;
    *job = (struct tc_job){.entries = entries, .n = n, .done = done, .arg = arg, .heap = true};
    tc_err e = check_entries(j, job);
    if (!e)
        e = push(j, job, false);
    if (e)
        free(job);
    return e;
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    tc_err result;
};

static void wake(void *arg, tc_err result)
{
    struct waiter *w = arg;
    (void)pthread_mutex_lock(&w->lock);
    w->is_done = true;
    w->result = result;
    (void)pthread_cond_signal(&w->done);
    (void)pthread_mutex_unlock(&w->lock);
}

static tc_err push_and_wait(struct tc_journal *j, struct tc_job *job)
{
    struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    job->done = wake;
    job->arg = &w;
    tc_err e = push(j, job, true);
    if (e)
        return e;
    (void)pthread_mutex_lock(&w.lock);
    while (!w.is_done)
        (void)pthread_cond_wait(&w.done, &w.lock);
    (void)pthread_mutex_unlock(&w.lock);
    (void)pthread_cond_destroy(&w.done);
    (void)pthread_mutex_destroy(&w.lock);
    return w.result;
}

tc_err tc_journal_append(struct tc_journal *j, struct tc_entry_in *entries, size_t n)
{
    struct tc_job job = {.entries = entries, .n = n};
    if (j->read_only)
        return TC_E_DENIED;
    tc_err e = check_entries(j, &job);
    return e ? e : push_and_wait(j, &job);
}

tc_err tc_journal_cursor_set(struct tc_journal *j, const char *reader, uint64_t seq)
{
    struct tc_job job = {.cursor = reader, .cursor_seq = seq};
    return j->read_only ? TC_E_DENIED : push_and_wait(j, &job);
}

tc_err tc_journal_reseal(struct tc_journal *j, uint64_t after, uint64_t *reached,
                         uint64_t *resealed, uint64_t *damaged)
{
    struct resealing x = {.after = after};
    struct tc_job job = {.reseal = &x};
    if (j->read_only || !j->sealer.reseal)
        return TC_E_DENIED;
    tc_err e = push_and_wait(j, &job);
    if (e)
        return e;
    *reached = x.reached;
    *resealed = x.resealed;
    *damaged = x.damaged;
    return TC_OK;
}
