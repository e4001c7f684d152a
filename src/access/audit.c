/* SPDX-License-Identifier: Apache-2.0 */
#include "access/audit.h"

#include "access/audit_edge.h"
#include "access/audit_files.h"
#include "base/log.h"
#include "base/num.h"
#include "codec/jsonw.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY_US  TC_SECOND       /* after a failure of the disk */
#define LINGER_US INT64_C(100000) /* for records that nobody waits for */

/* What waits for the writer: this, then the payload. */
struct item {
    uint16_t payload;
    uint8_t kind;
    uint32_t who[2]; /* organisation, person */
    tc_time at;
};

/* The pseudonyms that were made last; a record's is made of who with the log's key. */
#define ACTORS 64
struct actor {
    bool made;
    uint32_t who[2];
    uint8_t text[TC_AUDIT_ACTOR];
};

struct tc_audit {
    int dir;
    char origin[TC_AUDIT_ORIGIN];
    struct tc_audit_key key;
    uint8_t secret[64]; /* when it signs by itself */
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* over what follows, up to the next comment */
    pthread_cond_t wake, done;
    struct tc_buf queue;
    uint64_t queued, durable; /* records; a ticket is the value of queued behind a record */
    uint64_t lost;
    bool urgent;              /* somebody waits */
    uint64_t want, published; /* checkpoints asked for and made, in records */
    tc_err failed;            /* of the last attempt */
    bool stop;
    char note[TC_AUDIT_NOTE];

    /* the writer's own */
    struct tc_buf work, out;
    struct tc_audit_edge edge;
    struct actor actors[ACTORS]; /* by person */
    int segment;                 /* descriptor */
    uint64_t at;                 /* bytes of the segment that are durable */
    int64_t next_sign;           /* monotonic */
};

const char *tc_audit_kind_name(unsigned kind)
{
    static const char *const names[TC_AUDIT_KINDS] = {
        NULL,      "collection",     "alteration", "consultation", "disclosure", "combination",
        "erasure", "administration", "refusal",    "redaction",    "lost",       "sign-in"};
    return kind > 0 && kind < TC_AUDIT_KINDS ? names[kind] : "unknown";
}

/* ---- lists of entries ---- */

void tc_audit_list_init(struct tc_audit_list *l)
{
    l->n = l->lo = l->hi = 0;
    l->at = 0;
}

static void list_flush(struct tc_audit_list *l)
{
    if (!l->hi)
        return;
    if (l->at)
        l->ranges[l->at++] = ',';
    l->at += tc_u64_text(l->lo, l->ranges + l->at);
    if (l->hi > l->lo) {
        l->ranges[l->at++] = '-';
        l->at += tc_u64_text(l->hi, l->ranges + l->at);
    }
}

bool tc_audit_list_full(const struct tc_audit_list *l)
{
    const size_t range = sizeof ",18446744073709551615-18446744073709551615" - 1;
    return l->at + 2 * range > sizeof l->ranges; /* the one that is open, and one more */
}

void tc_audit_list_add(struct tc_audit_list *l, uint64_t seq)
{
    assert(!tc_audit_list_full(l));
    l->n++;
    if (l->hi && seq == l->hi + 1) {
        l->hi = seq;
        return;
    }
    list_flush(l);
    l->lo = l->hi = seq;
}

bool tc_audit_ranges_have(struct tc_str ranges, uint64_t seq)
{
    while (ranges.n) {
        const char *comma = memchr(ranges.p, ',', ranges.n);
        struct tc_str one = tc_str_view(ranges.p, comma ? (size_t)(comma - ranges.p) : ranges.n);
        const char *dash = one.n ? memchr(one.p, '-', one.n) : NULL;
        uint64_t lo, hi;
        struct tc_str first = dash ? tc_str_view(one.p, (size_t)(dash - one.p)) : one;
        if (tc_num_u64(first, UINT64_MAX, &lo))
            return false;
        hi = lo;
        if (dash && tc_num_u64(tc_str_view(dash + 1, one.n - first.n - 1), UINT64_MAX, &hi))
            return false;
        if (seq >= lo && seq <= hi)
            return true;
        size_t skip = one.n + (comma ? 1 : 0);
        ranges = tc_str_view(ranges.p + skip, ranges.n - skip);
    }
    return false;
}

/* ---- queueing ---- */

static struct tc_str bound(struct tc_str s, size_t most)
{
    return tc_str_view(s.p, s.n > most ? most : s.n);
}

static void text_member(struct tc_jsonw *w, const char *name, struct tc_str s, size_t most)
{
    if (s.n)
        tc_jsonw_kstr(w, name, bound(s, most));
}

static void list_members(struct tc_jsonw *w, struct tc_audit_list *l)
{
    list_flush(l);
    l->hi = 0;
    tc_jsonw_ku64(w, "count", l->n);
    tc_jsonw_kstr(w, "entries", tc_str_view(l->ranges, l->at));
}

/* Escaping makes a byte six at most: the bounds keep it under TC_AUDIT_PAYLOAD, and what does not
 * fit all the same goes without its reason. */
static void payload(struct tc_buf *b, const struct tc_audit_event *e, bool reason)
{
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "kind", tc_audit_kind_name(e->kind));
    if (e->org)
        tc_jsonw_ku64(&w, "org", e->org);
    if (e->person)
        tc_jsonw_ku64(&w, "person", e->person);
    text_member(&w, "object", e->object, 300);
    if (e->list)
        list_members(&w, e->list);
    else if (e->count)
        tc_jsonw_ku64(&w, "count", e->count);
    text_member(&w, "how", e->how, 128);
    text_member(&w, "from", e->from, 64);
    if (reason)
        text_member(&w, "why", e->why, 500);
    tc_jsonw_object_end(&w);
}

static tc_err make_item(const struct tc_audit_event *e, struct tc_buf *b)
{
    struct item it = {.kind = (uint8_t)e->kind, .who = {e->org, e->person}, .at = tc_time_now()};
    (void)tc_buf_room(b, 512); /* most fit */
    tc_buf_add(b, &it, sizeof it);
    payload(b, e, true);
    if (b->n - sizeof it > TC_AUDIT_PAYLOAD && !b->err && !e->list) {
        b->n = sizeof it;
        payload(b, e, false);
    }
    if (b->err)
        return b->err;
    size_t n = b->n - sizeof it;
    if (n > TC_AUDIT_PAYLOAD)
        return TC_E_LIMIT;
    it.payload = (uint16_t)n;
    memcpy(b->p, &it, sizeof it);
    return TC_OK;
}

tc_err tc_audit_write(struct tc_audit *a, const struct tc_audit_event *e, uint64_t *ticket)
{
    struct tc_buf b;
    if (ticket)
        *ticket = 0;
    tc_buf_init(&b, 16384);
    tc_err err = a ? make_item(e, &b) : TC_OK;
    if (e->list)
        tc_audit_list_init(e->list);
    if (a && !err) {
        (void)pthread_mutex_lock(&a->lock);
        bool room = a->queue.n + b.n <= TC_AUDIT_QUEUE;
        if (room)
            tc_buf_add(&a->queue, b.p, b.n);
        tc_err full = a->queue.err;
        a->queue.err = TC_OK; /* what is in it is whole, and there may be memory for the next */
        err = a->failed ? a->failed : full;
        if (room && !full) {
            a->queued++;
            if (ticket)
                *ticket = a->queued;
            bool urgent = ticket || a->queue.n > TC_AUDIT_QUEUE / 4;
            if (a->queue.n == b.n || (urgent && !a->urgent))
                (void)pthread_cond_signal(&a->wake);
            a->urgent = a->urgent || urgent;
        } else {
            a->lost++;
        }
        (void)pthread_mutex_unlock(&a->lock);
    }
    tc_buf_fini(&b);
    return err;
}

tc_err tc_audit_wait(struct tc_audit *a, uint64_t ticket)
{
    if (!a)
        return TC_OK;
    if (!ticket)
        return TC_E_BUSY;
    (void)pthread_mutex_lock(&a->lock);
    while (a->durable < ticket && !a->failed)
        (void)pthread_cond_wait(&a->done, &a->lock);
    tc_err e = a->durable < ticket ? a->failed : TC_OK;
    (void)pthread_mutex_unlock(&a->lock);
    return e;
}

tc_err tc_audit_must(struct tc_audit *a, const struct tc_audit_event *e)
{
    uint64_t ticket;
    tc_err err = tc_audit_write(a, e, &ticket);
    return err ? err : tc_audit_wait(a, ticket);
}

tc_err tc_audit_publish(struct tc_audit *a, char note[TC_AUDIT_NOTE])
{
    (void)pthread_mutex_lock(&a->lock);
    uint64_t mine = a->queued;
    a->urgent = true;
    a->want = mine + 1; /* published counts one more than the records, so that 0 means never */
    (void)pthread_cond_signal(&a->wake);
    while (a->published < mine + 1 && !a->failed)
        (void)pthread_cond_wait(&a->done, &a->lock);
    tc_err e = a->published < mine + 1 ? a->failed : TC_OK;
    if (!e)
        memcpy(note, a->note, sizeof a->note);
    (void)pthread_mutex_unlock(&a->lock);
    return e;
}

/* ---- the writer: records ---- */

static tc_err segment_open(struct tc_audit *a, uint64_t number)
{
    char path[TC_AUDIT_PATH];
    if (a->segment >= 0)
        (void)close(a->segment);
    (void)mkdirat(a->dir, "said", 0700);
    tc_audit_segment_path(number, path);
    a->segment = openat(a->dir, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (a->segment >= 0)
        return TC_OK;
    a->segment = openat(a->dir, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return a->segment < 0 ? tc_err_from_errno(errno) : tc_audit_sync(a->dir, "said");
}

/* Puts the records of a->out behind those of the segment, durable, then into the tree. */
static tc_err commit(struct tc_audit *a, uint64_t n)
{
    tc_err e = tc_audit_pwrite(a->segment, a->out.p, a->out.n, a->at);
    if (!e && fdatasync(a->segment) != 0)
        e = tc_err_from_errno(errno);
    if (e)
        return e;
    const uint8_t *p = (const uint8_t *)a->out.p;
    for (uint64_t i = 0; i < n; i++) {
        tc_audit_edge_add(&a->edge, p + 2);
        p += TC_AUDIT_RECORD + ((size_t)p[0] << 8 | p[1]);
    }
    a->at += a->out.n;
    return TC_OK;
}

static const uint8_t *actor_of(struct tc_audit *a, const uint32_t who[2])
{
    struct actor *x = &a->actors[who[1] % ACTORS];
    if (!x->made || memcmp(x->who, who, sizeof x->who) != 0) {
        (void)crypto_generichash(x->text, sizeof x->text, (const uint8_t *)who, sizeof x->who,
                                 a->key.alias, sizeof a->key.alias);
        memcpy(x->who, who, sizeof x->who);
        x->made = true;
    }
    return x->text;
}

/* A record from an item; the salt is in place already. */
static void record(struct tc_audit *a, const struct item *it, const uint8_t *said, uint8_t *r)
{
    struct tc_audit_leaf leaf = {.kind = it->kind, .at = it->at};
    memcpy(leaf.actor, actor_of(a, it->who), TC_AUDIT_ACTOR);
    r[0] = (uint8_t)(it->payload >> 8);
    r[1] = (uint8_t)it->payload;
    memcpy(r + TC_AUDIT_RECORD, said, it->payload);
    tc_audit_digest(r + 2 + TC_AUDIT_LEAF, it->payload, &leaf.digest);
    tc_audit_leaf_write(&leaf, r + 2);
}

/* As many items of a->work from *from on as this segment has room for. */
static tc_err write_some(struct tc_audit *a, size_t *from, uint64_t *n)
{
    uint8_t salts[64][TC_AUDIT_SALT];
    size_t at = *from;
    uint64_t k = 0, room = TC_AUDIT_SEGMENT - a->edge.size % TC_AUDIT_SEGMENT;
    if (room == TC_AUDIT_SEGMENT && (a->at || a->segment < 0)) {
        tc_err e = segment_open(a, a->edge.size / TC_AUDIT_SEGMENT);
        if (e)
            return e;
        a->at = 0;
    }
    tc_buf_clear(&a->out);
    for (; at < a->work.n && k < room; k++) {
        struct item it;
        memcpy(&it, a->work.p + at, sizeof it);
        if (k % 64 == 0)
            randombytes_buf(salts, sizeof salts);
        size_t size = TC_AUDIT_RECORD + it.payload;
        uint8_t *r = (uint8_t *)tc_buf_room(&a->out, size);
        if (!r)
            return a->out.err;
        memcpy(r + 2 + TC_AUDIT_LEAF, salts[k % 64], TC_AUDIT_SALT);
        record(a, &it, (const uint8_t *)a->work.p + at + sizeof it, r);
        a->out.n += size;
        at += sizeof it + it.payload;
    }
    tc_err e = commit(a, k);
    if (e)
        return e;
    *from = at;
    *n += k;
    return TC_OK;
}

/* Makes the tree and its tiles again from what was said; it must be the one that is known. */
static tc_err rebuild(struct tc_audit *a, const struct tc_audit_head *h)
{
    struct tc_merkle_hash root;
    struct tc_audit_map m = {NULL, 0};
    struct tc_audit_record r;
    tc_err e = TC_OK;
    tc_audit_edge_init(&a->edge, a->dir);
    while (!e && a->edge.size < h->size) {
        e = tc_audit_map(a->dir, a->edge.size / TC_AUDIT_SEGMENT, &m);
        size_t at = 0, n = 0;
        do {
            n = e ? 0 : tc_audit_record_read(m.p + at, m.n - at, &r);
            if (n)
                tc_audit_edge_add(&a->edge, r.raw);
            else
                e = e ? e : TC_E_CORRUPT;
            at += n;
        } while (!e && a->edge.size < h->size && a->edge.size % TC_AUDIT_SEGMENT);
        tc_audit_unmap(&m);
    }
    tc_audit_edge_root(&a->edge, &root);
    return e ? e : tc_merkle_same(&root, &h->root) ? TC_OK : TC_E_CORRUPT;
}

static tc_err sign(struct tc_audit *a)
{
    struct tc_audit_head h = {.size = a->edge.size};
    char note[TC_AUDIT_NOTE];
    uint8_t sig[64];
    memcpy(h.origin, a->origin, sizeof h.origin);
    tc_audit_edge_root(&a->edge, &h.root);
    tc_err e = a->edge.broken ? rebuild(a, &h) : TC_OK;
    if (!e)
        e = tc_audit_edge_publish(&a->edge);
    if (e)
        return e;
    e = a->key.sign(a->key.arg, &h, sig);
    if (e)
        return e;
    tc_audit_note_seal(&h, a->key.pub, sig, note);
    e = tc_audit_store(a->dir, "checkpoint", tc_str_cstr(note), true);
    if (e)
        return e;
    (void)pthread_mutex_lock(&a->lock);
    memcpy(a->note, note, sizeof note);
    a->published = a->durable + 1;
    (void)pthread_mutex_unlock(&a->lock);
    a->next_sign = tc_time_monotonic() + TC_AUDIT_PUBLISH_US;
    return TC_OK;
}

/* ---- the writer's thread ---- */

static void nap(struct tc_audit *a, int64_t until)
{
    struct timespec t = {.tv_sec = (time_t)(until / TC_SECOND),
                         .tv_nsec = (long)(until % TC_SECOND) * 1000};
    (void)pthread_cond_timedwait(&a->wake, &a->lock, &t);
}

/* Under the lock. What found no room becomes a record as soon as there is some. */
static void tell_lost(struct tc_audit *a)
{
    struct tc_buf b;
    const struct tc_audit_event e = {.kind = TC_AUDIT_LOST, .count = a->lost};
    tc_buf_init(&b, 16384);
    if (a->lost && !make_item(&e, &b)) {
        tc_buf_add(&a->work, b.p, b.n);
        if (!a->work.err) {
            a->queued++;
            a->lost = 0;
        }
        a->work.err = TC_OK;
    }
    tc_buf_fini(&b);
}

static void outcome(struct tc_audit *a, tc_err e, uint64_t n)
{
    (void)pthread_mutex_lock(&a->lock);
    if (e && !a->failed)
        tc_log(TC_LOG_ERROR, "the audit log cannot be written: %s", tc_err_text(e));
    a->failed = e;
    a->durable += n;
    (void)pthread_cond_broadcast(&a->done);
    (void)pthread_mutex_unlock(&a->lock);
}

/* One round: waits for work, writes a group, signs when it is time. False = stopped. */
static bool turn(struct tc_audit *a, size_t *from)
{
    (void)pthread_mutex_lock(&a->lock);
    while (!a->stop && a->queue.n == 0 && *from == a->work.n && a->want <= a->published) {
        if (a->edge.size == a->edge.published)
            (void)pthread_cond_wait(&a->wake, &a->lock);
        else if (tc_time_monotonic() >= a->next_sign)
            break;
        else
            nap(a, a->next_sign);
    }
    if (a->queue.n && !a->urgent && !a->stop) /* nobody waits: let a group come together */
        nap(a, tc_time_monotonic() + LINGER_US);
    a->urgent = false;
    if (*from == a->work.n) {
        struct tc_buf full = a->queue;
        tc_buf_clear(&a->work);
        a->queue = a->work;
        a->work = full;
        *from = 0;
        tell_lost(a);
    }
    bool stop = a->stop && *from == a->work.n;
    bool asked = stop || a->want > a->published;
    (void)pthread_mutex_unlock(&a->lock);

    uint64_t n = 0;
    tc_err e = TC_OK;
    while (!e && *from < a->work.n)
        e = write_some(a, from, &n);
    outcome(a, e, n);
    bool due = a->edge.size != a->edge.published && tc_time_monotonic() >= a->next_sign;
    if (!e && (asked || due)) {
        e = sign(a);
        outcome(a, e, 0);
    }
    if (e) {
        (void)pthread_mutex_lock(&a->lock);
        bool end = a->stop;
        if (!end)
            nap(a, tc_time_monotonic() + RETRY_US);
        (void)pthread_mutex_unlock(&a->lock);
        return !end;
    }
    return !stop;
}

static void *writer(void *arg)
{
    struct tc_audit *a = arg;
    size_t from = 0;
    while (turn(a, &from))
        continue;
    return NULL;
}

/* ---- opening ---- */

/* Takes the records from the edge's size on into the tree; what is torn behind the last whole one
 * was acknowledged to nobody and goes. */
static tc_err replay(struct tc_audit *a)
{
    struct tc_audit_map m = {NULL, 0};
    struct tc_audit_record r;
    for (;;) {
        uint64_t segment = a->edge.size / TC_AUDIT_SEGMENT, index = segment * TC_AUDIT_SEGMENT;
        tc_err e = tc_audit_map(a->dir, segment, &m);
        if (e == TC_E_NOTFOUND && index == a->edge.size)
            return TC_OK;
        if (e)
            return e;
        size_t at = 0, n;
        while (index < (segment + 1) * TC_AUDIT_SEGMENT &&
               (n = tc_audit_record_read(m.p + at, m.n - at, &r)) != 0) {
            if (index++ >= a->edge.size)
                tc_audit_edge_add(&a->edge, r.raw);
            at += n;
        }
        size_t torn = m.n - at;
        tc_audit_unmap(&m);
        if (index < a->edge.size)
            return TC_E_CORRUPT;
        e = segment_open(a, segment);
        if (torn)
            tc_log(TC_LOG_WARN, "the audit log ends in %llu bytes of no whole record: cut off",
                   (unsigned long long)torn);
        if (!e && torn && ftruncate(a->segment, (off_t)at) != 0)
            e = TC_E_IO;
        a->at = at;
        if (e || index < (segment + 1) * TC_AUDIT_SEGMENT)
            return e;
    }
}

/* Tiles survive the end of a process, but not that of the machine: after it they are made again. */
static bool same_boot(struct tc_audit *a, char now[64], size_t *n)
{
    char before[64];
    size_t k = 0;
    *n = 0; /* stays so when the kernel does not tell */
    return tc_audit_load(AT_FDCWD, "/proc/sys/kernel/random/boot_id", now, 64, n) == TC_OK &&
           tc_audit_load(a->dir, "boot", before, sizeof before, &k) == TC_OK && k == *n &&
           memcmp(now, before, k) == 0;
}

static tc_err load(struct tc_audit *a, struct tc_diag *d)
{
    struct tc_audit_head h = {.size = 0};
    char boot[64];
    size_t n = 0;
    tc_err e = tc_audit_load(a->dir, "checkpoint", a->note, sizeof a->note - 1, &n);
    if (e == TC_E_NOTFOUND) {
        struct stat st;
        char path[TC_AUDIT_PATH];
        tc_audit_segment_path(0, path);
        if (fstatat(a->dir, path, &st, 0) == 0 && st.st_size > 0)
            return tc_diag_set(d, TC_E_CORRUPT, "the audit log has records but no checkpoint");
        (void)same_boot(a, boot, &n);
        e = tc_audit_store(a->dir, "boot", tc_str_view(boot, n), false);
        return e ? e : sign(a);
    }
    if (!e)
        e = tc_audit_note_read(tc_str_view(a->note, n), a->origin, a->key.pub, &h);
    if (e)
        return tc_diag_set(d, TC_E_CORRUPT, "the checkpoint of the audit log does not hold");
    e = same_boot(a, boot, &n) ? tc_audit_edge_load(&a->edge, &h) : TC_E_CORRUPT;
    if (e && !(e = rebuild(a, &h)) && h.size && syncfs(a->dir) == 0)
        e = tc_audit_store(a->dir, "boot", tc_str_view(boot, n), false);
    if (!e)
        e = replay(a);
    a->published = a->edge.size == a->edge.published ? 1 : 0;
    return e ? tc_diag_set(d, e == TC_E_NOTFOUND ? TC_E_CORRUPT : e,
                           "the audit log cannot be gone on with: %s; see tocsin audit verify",
                           tc_err_text(e == TC_E_NOTFOUND ? TC_E_CORRUPT : e))
             : TC_OK;
}

static tc_err start(struct tc_audit *a, const char *node_dir, struct tc_diag *d)
{
    char path[4200], vkey[TC_AUDIT_NOTE];
    if (snprintf(path, sizeof path, "%s/audit", node_dir) >= (int)sizeof path)
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    (void)mkdir(path, 0700);
    a->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (a->dir < 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "the folder of the audit log");
    tc_audit_edge_init(&a->edge, a->dir);
    tc_audit_vkey_write(a->origin, a->key.pub, vkey);
    tc_err e = faccessat(a->dir, "vkey", F_OK, 0) == 0
                   ? TC_OK
                   : tc_audit_store(a->dir, "vkey", tc_str_cstr(vkey), true);
    if (e)
        return tc_diag_set(d, e, "the audit log cannot be made: %s", tc_err_text(e));
    e = load(a, d);
    if (!e && pthread_create(&a->thread, NULL, writer, a) != 0)
        e = TC_E_NOMEM;
    a->running = !e;
    return e;
}

static void release(struct tc_audit *a)
{
    if (a->segment >= 0)
        (void)close(a->segment);
    if (a->dir >= 0)
        (void)close(a->dir);
    tc_buf_fini(&a->queue);
    tc_buf_fini(&a->work);
    tc_buf_fini(&a->out);
    (void)pthread_mutex_destroy(&a->lock);
    (void)pthread_cond_destroy(&a->wake);
    (void)pthread_cond_destroy(&a->done);
    sodium_memzero(a, sizeof *a);
    free(a);
}

static tc_err open_log(struct tc_audit *a, const char *node_dir, const char *origin,
                       struct tc_audit **out, struct tc_diag *d)
{
    pthread_condattr_t attr;
    a->dir = a->segment = -1;
    (void)tc_str_copy(tc_str_cstr(origin), a->origin, sizeof a->origin);
    tc_buf_init(&a->queue, 2 * TC_AUDIT_QUEUE);
    tc_buf_init(&a->work, 2 * TC_AUDIT_QUEUE);
    tc_buf_init(&a->out, 8u * TC_AUDIT_QUEUE);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&a->wake, &attr);
    (void)pthread_cond_init(&a->done, NULL);
    (void)pthread_condattr_destroy(&attr);
    tc_err e = start(a, node_dir, d);
    if (e)
        release(a);
    else
        *out = a;
    return e;
}

tc_err tc_audit_open_signed(const char *node_dir, const char *origin,
                            const struct tc_audit_key *key, struct tc_audit **out,
                            struct tc_diag *d)
{
    struct tc_audit *a = calloc(1, sizeof *a);
    if (!a)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    a->key = *key;
    return open_log(a, node_dir, origin, out, d);
}

static tc_err sign_itself(void *arg, const struct tc_audit_head *h, uint8_t sig[64])
{
    const struct tc_audit *a = arg;
    char text[TC_AUDIT_NOTE];
    size_t n = tc_audit_head_text(h, text);
    (void)crypto_sign_detached(sig, NULL, (const uint8_t *)text, n, a->secret);
    return TC_OK;
}

tc_err tc_audit_open(const char *node_dir, const char *origin, const uint8_t seed[32],
                     struct tc_audit **out, struct tc_diag *d)
{
    struct tc_audit *a = calloc(1, sizeof *a);
    if (!a)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    (void)crypto_sign_seed_keypair(a->key.pub, a->secret, seed);
    tc_audit_alias(seed, a->key.alias);
    a->key.sign = sign_itself;
    a->key.arg = a;
    return open_log(a, node_dir, origin, out, d);
}

void tc_audit_close(struct tc_audit *a)
{
    if (!a)
        return;
    (void)pthread_mutex_lock(&a->lock);
    a->stop = true;
    (void)pthread_cond_signal(&a->wake);
    (void)pthread_mutex_unlock(&a->lock);
    (void)pthread_join(a->thread, NULL);
    release(a);
}

/* ---- erasing what a record says ---- */

/* Where in its segment the record lies; NOTFOUND when it is not there. */
static tc_err find(struct tc_audit *a, uint64_t index, uint64_t *at, size_t *payload_size)
{
    struct tc_audit_map m = {NULL, 0};
    struct tc_audit_record r = {.index = 0};
    tc_err e = tc_audit_map(a->dir, index / TC_AUDIT_SEGMENT, &m);
    size_t n = 1, where = 0;
    for (uint64_t i = 0; !e && n && i < index % TC_AUDIT_SEGMENT; i++) {
        n = tc_audit_record_read(m.p + where, m.n - where, &r);
        where += n;
    }
    if (!e && (!n || !tc_audit_record_read(m.p + where, m.n - where, &r) ||
               r.leaf.kind == TC_AUDIT_REDACTION))
        e = TC_E_NOTFOUND;
    *at = where;
    *payload_size = r.payload.n;
    tc_audit_unmap(&m);
    return e;
}

tc_err tc_audit_redact(struct tc_audit *a, uint64_t index, const struct tc_audit_event *e)
{
    static const uint8_t zeros[TC_AUDIT_SALT + TC_AUDIT_PAYLOAD];
    char object[40], path[TC_AUDIT_PATH];
    struct tc_audit_event said = *e;
    uint64_t at;
    size_t n;
    tc_err err = find(a, index, &at, &n);
    if (err)
        return err;
    (void)snprintf(object, sizeof object, "audit:%llu", (unsigned long long)index);
    said.kind = TC_AUDIT_REDACTION;
    said.object = tc_str_cstr(object);
    said.list = NULL;
    err = tc_audit_must(a, &said);
    if (err)
        return err;
    tc_audit_segment_path(index / TC_AUDIT_SEGMENT, path);
    int f = openat(a->dir, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f < 0)
        return tc_err_from_errno(errno);
    err = tc_audit_pwrite(f, zeros, TC_AUDIT_SALT + n, at + 2 + TC_AUDIT_LEAF);
    if (!err && fsync(f) != 0)
        err = TC_E_IO;
    (void)close(f);
    return err;
}
