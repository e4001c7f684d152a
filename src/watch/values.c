/* SPDX-License-Identifier: Apache-2.0 */
/* The tail is groups, one for each value and audience, with a chained table over them: a counter
 * and the entries, newest first; so a look-up does not walk what it will not list. The writer's
 * thread alone changes tail and runs, under the lock held for writing and only for as long as
 * memory is moved; files are written and merged while searches go on. */
#include "watch/values.h"

#include "base/num.h"
#include "base/str.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TAIL = TC_VALUES_BATCH, /* postings: 5 MB when no value comes twice */
    TAIL_ENTRIES = 200000,  /* entries: what is read again after a start */
    BUCKETS = TAIL,
    MERGE = 8,        /* runs of about one size become one of the next */
    LEVEL0 = 2 << 20, /* bytes of a run of the first size, at most */
    MAX_RUNS = 256
};

struct tail_group {
    uint64_t hash;
    uint32_t audience, count;
    uint32_t newest, next; /* index + 1: of its entries; of the bucket's next group */
};

struct tail_seq {
    uint32_t seq, older; /* index + 1 */
};

struct tc_values {
    char dir[4096];
    struct tc_hash_key key;
    pthread_rwlock_t lock;
    struct tc_run *run[MAX_RUNS];
    size_t runs;
    struct tail_group *group;
    struct tail_seq *tail;
    uint32_t *bucket; /* index of a group + 1 */
    size_t groups, n; /* n entries of the tail */
    _Atomic uint64_t seq;
    uint64_t mark;
    bool (*gone)(void *arg, uint64_t seq);
    void *gone_arg;
    bool dirty[MAX_RUNS]; /* holds what was deleted */
    _Atomic bool untidy;  /* one of them */
};

static void name_of(const struct tc_values *v, uint64_t from, uint64_t to, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/values-%llu-%llu.run", v->dir, (unsigned long long)from,
                   (unsigned long long)to);
}

static bool parse_name(struct tc_str s, uint64_t *from, uint64_t *to)
{
    if (!tc_str_starts(s, TC_STR("values-")) || !tc_str_ends(s, TC_STR(".run")))
        return false;
    s = tc_str_view(s.p + 7, s.n - 11);
    size_t dash = tc_str_find(s, TC_STR("-"));
    return dash < s.n && !tc_num_u64(tc_str_view(s.p, dash), UINT32_MAX, from) &&
           !tc_num_u64(tc_str_view(s.p + dash + 1, s.n - dash - 1), UINT32_MAX, to) && *from < *to;
}

/* ---- opening ---- */

/* Removes the files that keep says false to. */
static void sweep(const char *dir, bool (*keep)(const struct tc_values *, uint64_t, uint64_t),
                  const struct tc_values *v)
{
    DIR *list = opendir(dir);
    for (struct dirent *f = list ? readdir(list) : NULL; f; f = readdir(list)) {
        uint64_t from, to;
        struct tc_str s = tc_str_cstr(f->d_name);
        bool temp = tc_str_starts(s, TC_STR("values-")) && tc_str_ends(s, TC_STR(".run.tmp"));
        if (temp || (parse_name(s, &from, &to) && !(keep && keep(v, from, to))))
            (void)unlinkat(dirfd(list), f->d_name, 0);
    }
    if (list)
        (void)closedir(list);
}

static bool is_open(const struct tc_values *v, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < v->runs; i++)
        if (tc_run_info(v->run[i])->from == from && tc_run_info(v->run[i])->to == to)
            return true;
    return false;
}

/* The longest run that begins at `from` and ends before `below`; 0 = there is none. */
static uint64_t longest(const struct tc_values *v, uint64_t from, uint64_t below)
{
    DIR *list = opendir(v->dir);
    uint64_t best = 0, a, b;
    for (struct dirent *f = list ? readdir(list) : NULL; f; f = readdir(list))
        if (parse_name(tc_str_cstr(f->d_name), &a, &b) && a == from && b < below && b > best)
            best = b;
    if (list)
        (void)closedir(list);
    return best;
}

static tc_err open_runs(struct tc_values *v, bool (*ours)(void *, uint64_t, uint64_t), void *arg)
{
    uint64_t below = UINT64_MAX, to;
    char path[4200];
    while (v->runs < MAX_RUNS && (to = longest(v, v->seq, below)) != 0) {
        struct tc_run *r = NULL;
        name_of(v, v->seq, to, path, sizeof path);
        tc_err e = tc_run_open(path, v->key, &r);
        if (e && e != TC_E_CORRUPT && e != TC_E_NOTFOUND)
            return e;
        const struct tc_run_info *i = e ? NULL : tc_run_info(r);
        if (i && i->from == v->seq && i->to == to && (!ours || ours(arg, to, i->mark))) {
            v->run[v->runs++] = r;
            v->seq = to;
            below = UINT64_MAX;
        } else {
            tc_run_close(r);
            below = to; /* perhaps a shorter one, that was merged into it */
        }
    }
    return TC_OK;
}

tc_err tc_values_open(const char *dir, struct tc_hash_key key,
                      bool (*ours)(void *arg, uint64_t seq, uint64_t mark), void *arg,
                      struct tc_values **out)
{
    struct tc_values *v = calloc(1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    v->key = key;
    (void)pthread_rwlock_init(&v->lock, NULL);
    v->tail = malloc(TAIL * sizeof *v->tail);
    v->group = malloc(TAIL * sizeof *v->group);
    v->bucket = calloc(BUCKETS, sizeof *v->bucket);
    tc_err e = v->tail && v->group && v->bucket ? TC_OK : TC_E_NOMEM;
    if (!e && !tc_str_copy(tc_str_cstr(dir), v->dir, sizeof v->dir))
        e = TC_E_LIMIT;
    e = e ? e : open_runs(v, ours, arg);
    if (e) {
        tc_values_close(v);
        return e;
    }
    sweep(dir, is_open, v);
    *out = v;
    return TC_OK;
}

void tc_values_close(struct tc_values *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->runs; i++)
        tc_run_close(v->run[i]);
    (void)pthread_rwlock_destroy(&v->lock);
    free(v->tail);
    free(v->group);
    free(v->bucket);
    free(v);
}

void tc_values_remove(const char *dir)
{
    sweep(dir, NULL, NULL);
}

uint64_t tc_values_seq(const struct tc_values *v)
{
    return v->seq;
}

void tc_values_gone(struct tc_values *v, bool (*gone)(void *arg, uint64_t seq), void *arg)
{
    v->gone = gone;
    v->gone_arg = arg;
}

bool tc_values_untidy(const struct tc_values *v)
{
    return v->untidy;
}

uint64_t tc_values_clean(const struct tc_values *v)
{
    uint64_t clean = v->seq;
    for (size_t i = 0; i < v->runs; i++)
        if (tc_run_info(v->run[i])->clean < clean)
            clean = tc_run_info(v->run[i])->clean;
    return clean;
}

/* ---- adding ---- */

/* The group without what is gone; false when nothing is left of it. Of a hot one as many are listed
 * as before: a neighbour stands in, and where there is none it is the count that matters. */
static bool still_there(const struct tc_values *v, struct tc_group *g)
{
    uint32_t n = 0, was = g->n;
    for (uint32_t i = 0; i < was && v->gone; i++)
        if (!v->gone(v->gone_arg, g->seq[i]))
            g->seq[n++] = g->seq[i];
    if (!v->gone || n == was)
        return true;
    if (g->count > TC_MAX_CORRELATED) {
        while (n && n < was) {
            g->seq[n] = g->seq[n - 1];
            n++;
        }
        return true;
    }
    g->n = n;
    g->count = n;
    return n > 0;
}

static tc_err put_group(const struct tc_values *v, struct tc_run_writer *w, struct tc_group *g)
{
    return still_there(v, g) ? tc_run_add(w, g) : TC_OK;
}

static int by_value(const void *a, const void *b)
{
    const struct tail_group *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->audience > y->audience) - (x->audience < y->audience);
}

/* How many of a group's entries are listed: all, or the newest when it is hot. */
static uint32_t listed(uint32_t count)
{
    return count > TC_MAX_CORRELATED ? TC_HOT_KEPT : count;
}

static tc_err write_groups(const struct tc_values *v, struct tc_run_writer *w,
                           const struct tail_group *sorted)
{
    struct tc_group g;
    tc_err e = TC_OK;
    for (size_t i = 0; i < v->groups && !e; i++) {
        uint32_t at = sorted[i].newest;
        g.hash = sorted[i].hash;
        g.audience = sorted[i].audience;
        g.count = sorted[i].count;
        g.n = listed(sorted[i].count);
        for (uint32_t k = g.n; k-- > 0; at = v->tail[at - 1].older)
            g.seq[k] = v->tail[at - 1].seq;
        e = put_group(v, w, &g);
    }
    return e;
}

static tc_err write_tail(struct tc_values *v, struct tc_run **out)
{
    struct tc_run_info info = {.from = v->runs ? tc_run_info(v->run[v->runs - 1])->to : 0,
                               .to = v->seq,
                               .mark = v->mark,
                               .clean = v->seq};
    char path[4200];
    struct tc_run_writer *w = NULL;
    struct tail_group *sorted = malloc((v->groups + 1) * sizeof *sorted);
    if (!sorted)
        return TC_E_NOMEM;
    memcpy(sorted, v->group, v->groups * sizeof *sorted);
    qsort(sorted, v->groups, sizeof *sorted, by_value);
    name_of(v, info.from, info.to, path, sizeof path);
    tc_err e = tc_run_write(path, v->key, &info, &w);
    if (!e)
        e = tc_run_finish(w, write_groups(v, w, sorted));
    free(sorted);
    return e ? e : tc_run_open(path, v->key, out);
}

static tc_err flush(struct tc_values *v)
{
    struct tc_run *r = NULL;
    tc_err e = v->runs < MAX_RUNS ? write_tail(v, &r) : TC_E_LIMIT;
    if (e)
        return e;
    (void)pthread_rwlock_wrlock(&v->lock);
    v->run[v->runs++] = r;
    v->n = v->groups = 0;
    memset(v->bucket, 0, BUCKETS * sizeof *v->bucket);
    (void)pthread_rwlock_unlock(&v->lock);
    return TC_OK;
}

struct merge {
    struct tc_run **run;
    struct tc_run_at at[MAX_RUNS];
    struct tc_group *group; /* one of each run */
    size_t n;
};

static bool before(const struct tc_group *a, const struct tc_group *b)
{
    return a->hash != b->hash ? a->hash < b->hash : a->audience < b->audience;
}

/* The run with the lowest group; of equal ones the oldest. n = all are at their end. */
static size_t lowest(const struct merge *m)
{
    size_t best = m->n;
    for (size_t i = 0; i < m->n; i++)
        if (m->group[i].count && (best == m->n || before(&m->group[i], &m->group[best])))
            best = i;
    return best;
}

static tc_err merge_into(const struct tc_values *v, struct merge *m, struct tc_run_writer *w)
{
    struct tc_group *g = &m->group[m->n]; /* the one being joined */
    size_t i;
    tc_err e = TC_OK;
    for (i = 0; i < m->n && !e; i++) {
        tc_run_seek(m->run[i], 0, &m->at[i]);
        e = tc_run_next(m->run[i], &m->at[i], &m->group[i]);
    }
    g->count = 0;
    while (!e && (i = lowest(m)) < m->n) {
        const struct tc_group *x = &m->group[i];
        if (g->count && g->hash == x->hash && g->audience == x->audience) {
            tc_group_join(g, x);
        } else {
            if (g->count)
                e = put_group(v, w, g);
            g->hash = x->hash;
            g->audience = x->audience;
            g->count = x->count;
            g->n = x->n;
            memcpy(g->seq, x->seq, x->n * sizeof *x->seq);
        }
        if (!e)
            e = tc_run_next(m->run[i], &m->at[i], &m->group[i]);
    }
    return e || !g->count ? e : put_group(v, w, g);
}

/* The last n runs become one; then the old files go. */
static tc_err merge_last(struct tc_values *v, size_t n)
{
    size_t first = v->runs - n;
    struct merge m = {.run = v->run + first, .n = n};
    const struct tc_run_info *a = tc_run_info(v->run[first]), *b = tc_run_info(m.run[n - 1]);
    struct tc_run_info info = {.from = a->from, .to = b->to, .mark = b->mark, .clean = v->seq};
    struct tc_run_writer *w = NULL;
    struct tc_run *r = NULL, *old[MAX_RUNS];
    char path[4200];
    name_of(v, info.from, info.to, path, sizeof path);
    m.group = malloc((n + 1) * sizeof *m.group);
    tc_err e = m.group ? tc_run_write(path, v->key, &info, &w) : TC_E_NOMEM;
    if (!e)
        e = tc_run_finish(w, merge_into(v, &m, w));
    free(m.group);
    if (!e)
        e = tc_run_open(path, v->key, &r);
    if (e)
        return e;
    (void)pthread_rwlock_wrlock(&v->lock);
    memcpy(old, v->run + first, n * sizeof *old);
    v->run[first] = r;
    v->runs = first + 1;
    memset(v->dirty + first, 0, sizeof v->dirty - first * sizeof *v->dirty);
    (void)pthread_rwlock_unlock(&v->lock);
    for (size_t i = 0; i < n; i++) {
        name_of(v, tc_run_info(old[i])->from, tc_run_info(old[i])->to, path, sizeof path);
        (void)unlink(path);
        tc_run_close(old[i]);
    }
    return TC_OK;
}

void tc_values_forget(struct tc_values *v, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < v->runs; i++) {
        const struct tc_run_info *r = tc_run_info(v->run[i]);
        v->dirty[i] = v->dirty[i] || (from < r->to && to > r->from);
        v->untidy = v->untidy || v->dirty[i];
    }
}

/* Run i anew, in the place of the old file. */
static tc_err rewrite(struct tc_values *v, size_t i)
{
    struct merge m = {.run = v->run + i, .n = 1};
    struct tc_run_info info = *tc_run_info(v->run[i]);
    struct tc_run_writer *w = NULL;
    struct tc_run *r = NULL, *old = v->run[i];
    char path[4200];
    info.clean = v->seq;
    name_of(v, info.from, info.to, path, sizeof path);
    m.group = malloc(2 * sizeof *m.group);
    tc_err e = m.group ? tc_run_write(path, v->key, &info, &w) : TC_E_NOMEM;
    if (!e)
        e = tc_run_finish(w, merge_into(v, &m, w));
    free(m.group);
    e = e ? e : tc_run_open(path, v->key, &r);
    if (e)
        return e;
    (void)pthread_rwlock_wrlock(&v->lock);
    v->run[i] = r;
    (void)pthread_rwlock_unlock(&v->lock);
    tc_run_close(old);
    v->dirty[i] = false;
    return TC_OK;
}

tc_err tc_values_tidy(struct tc_values *v)
{
    tc_err e = TC_OK;
    for (size_t i = 0; i < v->runs && !e; i++)
        if (v->dirty[i])
            e = rewrite(v, i);
    if (!e)
        v->untidy = false;
    return e;
}

/* How many of the last runs are to be merged: MERGE of one size, with the smaller ones after. */
static size_t due(const struct tc_values *v)
{
    for (uint64_t size = LEVEL0; size; size *= MERGE) {
        size_t n = 0;
        while (n < v->runs && tc_run_info(v->run[v->runs - 1 - n])->bytes <= size)
            n++;
        if (n >= MERGE)
            return n;
        if (n == v->runs)
            break;
    }
    return 0;
}

/* Room for n postings more: the tail becomes a run when it is full or old. */
static tc_err make_room(struct tc_values *v, size_t n)
{
    size_t last;
    uint64_t kept = v->runs ? tc_run_info(v->run[v->runs - 1])->to : 0;
    tc_err e = n > TAIL ? TC_E_LIMIT : TC_OK;
    if (!e && v->seq > kept && (v->n + n > TAIL || v->seq - kept >= TAIL_ENTRIES))
        e = flush(v);
    while (!e && (last = due(v)) > 1)
        e = merge_last(v, last);
    return e;
}

static void take(struct tc_values *v, const struct tc_posting *p)
{
    uint32_t *b = &v->bucket[p->hash % BUCKETS], i = *b;
    while (i && (v->group[i - 1].hash != p->hash || v->group[i - 1].audience != p->audience))
        i = v->group[i - 1].next;
    if (!i) {
        v->group[v->groups] =
            (struct tail_group){.hash = p->hash, .audience = p->audience, .next = *b};
        *b = i = (uint32_t)++v->groups;
    }
    struct tail_group *g = &v->group[i - 1];
    v->tail[v->n] = (struct tail_seq){p->seq, g->newest};
    g->newest = (uint32_t)++v->n;
    g->count++;
}

tc_err tc_values_add(struct tc_values *v, const struct tc_posting *p, size_t n, uint64_t upto,
                     uint64_t mark)
{
    tc_err e = make_room(v, n);
    if (e)
        return e;
    (void)pthread_rwlock_wrlock(&v->lock);
    for (size_t i = 0; i < n; i++)
        take(v, &p[i]);
    v->seq = upto;
    v->mark = mark;
    (void)pthread_rwlock_unlock(&v->lock);
    return TC_OK;
}

/* ---- searching ---- */

struct search {
    uint64_t hash;
    bool (*may)(void *arg, uint32_t audience);
    void *arg;
    struct tc_group part; /* of one run, one audience */
};

/* Numbers of several audiences: all of them while they are few, the newest of them beyond. */
static int newest_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static size_t sorted_once(uint32_t *v, size_t n)
{
    size_t kept = 0;
    qsort(v, n, sizeof *v, newest_first);
    for (size_t i = 0; i < n; i++)
        if (!kept || v[kept - 1] != v[i])
            v[kept++] = v[i];
    return kept;
}

struct pile {
    uint32_t *v;
    size_t n, cap;
};

static tc_err pile_add(struct pile *p, const uint32_t *seq, size_t n)
{
    if (p->n + n > p->cap) {
        size_t cap = (p->n + n) * 2;
        uint32_t *more = realloc(p->v, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        p->v = more;
        p->cap = cap;
    }
    memcpy(p->v + p->n, seq, n * sizeof *seq);
    p->n += n;
    if (p->n <= 16 * (size_t)TC_MAX_CORRELATED)
        return TC_OK;
    qsort(p->v, p->n, sizeof *p->v, newest_first); /* hot by far: the newest are enough */
    p->n = TC_MAX_CORRELATED;
    return TC_OK;
}

static tc_err find_in_run(const struct tc_run *r, struct search *s, struct pile *p, uint64_t *count)
{
    struct tc_run_at at;
    tc_run_seek(r, s->hash, &at);
    tc_err e;
    while (!(e = tc_run_next(r, &at, &s->part)) && s->part.count && s->part.hash <= s->hash) {
        if (s->part.hash < s->hash || !s->may(s->arg, s->part.audience))
            continue;
        *count += s->part.count;
        e = pile_add(p, s->part.seq, s->part.n);
        if (e)
            break;
    }
    return e;
}

static tc_err find_in_tail(const struct tc_values *v, struct search *s, struct pile *p,
                           uint64_t *count)
{
    tc_err e = TC_OK;
    for (uint32_t i = v->bucket[s->hash % BUCKETS]; i && !e; i = v->group[i - 1].next) {
        const struct tail_group *g = &v->group[i - 1];
        if (g->hash != s->hash || !s->may(s->arg, g->audience))
            continue;
        uint32_t at = g->newest, n = listed(g->count);
        for (uint32_t k = 0; k < n; k++, at = v->tail[at - 1].older)
            s->part.seq[k] = v->tail[at - 1].seq;
        *count += g->count;
        e = pile_add(p, s->part.seq, n);
    }
    return e;
}

tc_err tc_values_find(struct tc_values *v, uint64_t hash, bool (*may)(void *arg, uint32_t audience),
                      void *arg, struct tc_value_found *f)
{
    struct search s;
    s.hash = hash;
    s.may = may;
    s.arg = arg;
    struct pile p = {NULL, 0, 0};
    uint64_t count = 0;
    tc_err e = TC_OK;
    (void)pthread_rwlock_rdlock(&v->lock);
    for (size_t i = 0; i < v->runs && !e; i++)
        e = find_in_run(v->run[i], &s, &p, &count);
    e = e ? e : find_in_tail(v, &s, &p, &count);
    (void)pthread_rwlock_unlock(&v->lock);
    if (!e) {
        if (p.n)
            p.n = sorted_once(p.v, p.n);
        f->count = count;
        f->n = count > TC_MAX_CORRELATED && p.n > TC_HOT_KEPT ? TC_HOT_KEPT : p.n;
        if (f->n)
            memcpy(f->seq, p.v, f->n * sizeof *f->seq);
    }
    free(p.v);
    return e;
}

void tc_values_stats(struct tc_values *v, struct tc_values_stats *out)
{
    *out = (struct tc_values_stats){.memory_bytes = TAIL * (sizeof *v->tail + sizeof *v->group) +
                                                    BUCKETS * sizeof *v->bucket};
    (void)pthread_rwlock_rdlock(&v->lock);
    out->runs = v->runs;
    for (size_t i = 0; i < v->runs; i++)
        out->disk_bytes += tc_run_info(v->run[i])->bytes;
    (void)pthread_rwlock_unlock(&v->lock);
}
