/* SPDX-License-Identifier: Apache-2.0 */
/* States of the index of one running node, under its lock (held for reading by whoever searches):
 *
 *   absent   x NULL: it could not be opened; step tries again (tc_find_watch, step -> open_it)
 *   there    searches and steps side by side
 *   damaged  SQLite said so to a search or a step: step removes it and makes it anew (make_anew)
 */
#include "watch/find.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"
#include "watch/correlate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    BATCH = 4096,    /* entries of one step: bounds a transaction, and how long stopping takes */
    TIDY_STEPS = 500 /* of 200 pages each, after deletions */
};

struct tc_find {
    struct tc_find *next;
    const struct tc_node *n;
    pthread_rwlock_t lock;
    struct tc_index *x;
    _Atomic bool damaged;
    bool nice; /* the reader's thread only */
};

/* The indexes of the nodes that run in this process. */
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tc_find *running;

static tc_err open_it(struct tc_find *f, struct tc_diag *d)
{
    struct tc_index *x = NULL;
    tc_err e = tc_index_open(f->n->dir, f->n->journal, &x, d);
    (void)pthread_rwlock_wrlock(&f->lock);
    f->x = x;
    (void)pthread_rwlock_unlock(&f->lock);
    return e;
}

static tc_err make_anew(struct tc_find *f, struct tc_diag *d)
{
    tc_log(TC_LOG_WARN, "index: damaged, made anew");
    (void)pthread_rwlock_wrlock(&f->lock);
    tc_index_close(f->x);
    f->x = NULL;
    tc_index_unlink(f->n->dir);
    (void)pthread_rwlock_unlock(&f->lock);
    atomic_store(&f->damaged, false);
    return open_it(f, d);
}

/* Searching can wait for a moment, warning and accepting cannot. */
static void step_back(struct tc_find *f)
{
    if (!f->nice)
        (void)setpriority(PRIO_PROCESS, 0, 10); /* of this thread alone, on Linux */
    f->nice = true;
}

static tc_err tidy(struct tc_find *f, uint64_t head)
{
    tc_err e = TC_OK;
    size_t done = 0;
    for (int i = 0; !e && !done && i < TIDY_STEPS && tc_index_untidy(f->x) &&
                    tc_journal_head(f->n->journal) == head;
         i++)
        e = tc_index_step(f->x, BATCH, &done);
    return e == TC_E_BUSY ? TC_OK : e; /* somebody reads in the file: at the next tick */
}

/* What a step left untidy. */
static tc_err tick(void *self, struct tc_node *n)
{
    struct tc_find *f = self;
    uint64_t head = tc_journal_head(n->journal);
    if (!f->x || !tc_index_untidy(f->x) || tc_index_seq(f->x) < head)
        return TC_OK;
    tc_err e = tidy(f, head);
    if (e == TC_E_CORRUPT)
        atomic_store(&f->damaged, true);
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_find *f = self;
    struct tc_diag d;
    size_t done = 0;
    tc_diag_init(&d);
    (void)n;
    step_back(f);
    tc_err e = TC_OK;
    if (atomic_load(&f->damaged))
        e = make_anew(f, &d);
    else if (!f->x)
        e = open_it(f, &d);
    /* index.db keeps its own place: after a start it may be far beyond `after` already; made anew,
     * it starts at 0, and this step ends when it is there again */
    while (!e && tc_index_seq(f->x) <= after)
        e = tc_index_step(f->x, BATCH, &done);
    if (!e && tc_index_seq(f->x) >= head)
        e = tidy(f, head);
    if (e == TC_E_CORRUPT)
        atomic_store(&f->damaged, true);
    if (!e)
        *reached = tc_index_seq(f->x) < head ? tc_index_seq(f->x) : head;
    return e;
}

tc_err tc_find_watch(struct tc_node *n, struct tc_find **out)
{
    struct tc_diag d;
    struct tc_find *f = calloc(1, sizeof *f);
    if (!f)
        return TC_E_NOMEM;
    tc_diag_init(&d);
    f->n = n;
    (void)pthread_rwlock_init(&f->lock, NULL);
    const struct tc_watcher w = {
        .name = "index", .step = step, .self = f, .ephemeral = true, .tick = tick};
    tc_err e = tc_node_watch(n, &w);
    if (e) {
        (void)pthread_rwlock_destroy(&f->lock);
        free(f);
        return e;
    }
    if (open_it(f, &d)) /* the node warns without it; the reader tries again */
        tc_log(TC_LOG_WARN, "index: %s", d.message);
    (void)pthread_mutex_lock(&running_lock);
    f->next = running;
    running = f;
    (void)pthread_mutex_unlock(&running_lock);
    *out = f;
    return TC_OK;
}

void tc_find_free(struct tc_find *f)
{
    if (!f)
        return;
    (void)pthread_mutex_lock(&running_lock);
    struct tc_find **at = &running;
    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        *at = f->next;
    (void)pthread_mutex_unlock(&running_lock);
    tc_index_close(f->x);
    (void)pthread_rwlock_destroy(&f->lock);
    free(f);
}

static struct tc_find *of(const struct tc_node *n)
{
    (void)pthread_mutex_lock(&running_lock);
    struct tc_find *f = running;
    while (f && f->n != n)
        f = f->next;
    (void)pthread_mutex_unlock(&running_lock);
    return f;
}

bool tc_find_runs(const struct tc_node *n)
{
    return of(n) != NULL;
}

bool tc_find_tidy(const struct tc_node *n)
{
    struct tc_find *f = of(n);
    if (!f)
        return true;
    (void)pthread_rwlock_rdlock(&f->lock);
    bool tidy = f->x && tc_index_lag(f->x) == 0 && !tc_index_untidy(f->x);
    (void)pthread_rwlock_unlock(&f->lock);
    return tidy;
}

/* ---- one page ---- */

static tc_err read_box(struct tc_str text, struct tc_search *s)
{
    double *const to[] = {&s->west, &s->south, &s->east, &s->north};
    for (int i = 0; i < 4; i++) {
        size_t n = 0;
        while (n < text.n && text.p[n] != ',')
            n++;
        if ((i == 3) != (n == text.n) ||
            tc_num_double(tc_str_trim(tc_str_view(text.p, n)), -180, 180, to[i]))
            return TC_E_USAGE;
        text = tc_str_view(text.p + n + (n < text.n), text.n - n - (n < text.n));
    }
    return TC_OK;
}

static tc_err one_thing(const struct tc_find_ask *a, struct tc_diag *d)
{
    int given = (a->words.n > 0) + (a->value.n > 0) + (a->ref.n > 0) + (a->box.n > 0);
    return given == 1 ? TC_OK
                      : tc_diag_set(d, TC_E_USAGE,
                                    "look for one thing: words, a value, what refers to an id, or "
                                    "a box");
}

static tc_err read_ask(const struct tc_find_ask *a, struct tc_search *s, struct tc_diag *d)
{
    tc_err e = one_thing(a, d);
    if (e)
        return e;
    if (a->words.n) {
        *s = (struct tc_search){.kind = TC_SEARCH_WORDS, .text = a->words};
    } else if (a->ref.n) {
        *s = (struct tc_search){.kind = TC_SEARCH_KEY, .key = TC_KEY_EDGE, .text = a->ref};
    } else {
        *s = (struct tc_search){.kind = TC_SEARCH_BOX};
        if (read_box(a->box, s) || s->south > s->north || s->south < -90 || s->north > 90)
            return tc_diag_set(d, TC_E_USAGE, "a box is west,south,east,north in degrees");
    }
    return TC_OK;
}

/* Rows one by one, out of the index or out of a list of entries. */
struct rows {
    tc_err (*next)(void *from, struct tc_row *row);
    void *from;
};

static tc_err collect(struct rows r, const struct tc_find_ask *a, uint64_t until,
                      struct tc_buf *out, struct tc_find_page *page)
{
    struct tc_row row;
    uint64_t last = 0;
    size_t start = out->n;
    tc_err e;
    while (!(e = r.next(r.from, &row)) && row.seq) {
        if (page->objects == a->limit ||
            (page->objects && out->n - start + row.body.n > a->max_bytes)) {
            page->next = until << 32 | last;
            break;
        }
        if (page->objects++)
            tc_buf_char(out, ',');
        tc_buf_str(out, row.body);
        last = row.seq;
    }
    return e ? e : out->err;
}

static tc_err next_hit(void *from, struct tc_row *row)
{
    return tc_hits_next(from, row);
}

tc_err tc_find_in(struct tc_index *x, const struct tc_principal *p, const struct tc_find_ask *a,
                  struct tc_buf *out, struct tc_find_page *page, struct tc_diag *d)
{
    struct tc_search s;
    struct tc_hits *h = NULL;
    struct tc_find_page got = {.lag = tc_index_lag(x)};
    tc_err e = read_ask(a, &s, d);
    /* a number of an entry has 32 bits (TC_MAX_ENTRIES) */
    uint64_t until = a->at ? a->at >> 32 : tc_index_seq(x);
    if (!e && until) {
        struct tc_query q = {
            .until = until, .added_after = TC_TIME_NONE, .types = a->types, .n_types = a->n_types};
        s.below = a->at & UINT32_MAX;
        e = tc_index_search(x, p, &s, &q, &h);
        if (e == TC_E_USAGE)
            tc_diag_set(d, e, "there is no word in it");
        if (!e)
            e = collect((struct rows){next_hit, h}, a, until, out, &got);
        tc_hits_close(h);
    }
    if (!e)
        *page = got;
    return e;
}

/* ---- values ---- */

bool tc_find_by_value(const struct tc_find_ask *a)
{
    return a->value.n && !a->words.n && !a->ref.n && !a->box.n;
}

static tc_err next_listed(void *from, struct tc_row *row)
{
    return tc_reader_next(from, row);
}

static tc_err read_listed(struct tc_node *n, const struct tc_principal *p,
                          const struct tc_find_ask *a, const struct tc_value_found *f,
                          uint64_t until, struct tc_buf *out, struct tc_find_page *page)
{
    uint64_t seqs[TC_MAX_CORRELATED], below = a->at & UINT32_MAX;
    struct tc_query q = {.until = until,
                         .added_after = TC_TIME_NONE,
                         .backwards = true,
                         .seqs = seqs,
                         .types = a->types,
                         .n_types = a->n_types};
    struct tc_reader *r = NULL;
    for (size_t i = 0; i < f->n; i++)
        if (!below || f->seq[i] < below)
            seqs[q.n_seqs++] = f->seq[i];
    if (!q.n_seqs)
        return TC_OK;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    e = e ? e : collect((struct rows){next_listed, r}, a, until, out, page);
    tc_reader_close(r);
    return e;
}

tc_err tc_find_value(struct tc_node *n, struct tc_correlate *c, const struct tc_principal *p,
                     const struct tc_find_ask *a, struct tc_buf *out, struct tc_find_page *page,
                     struct tc_diag *d)
{
    struct tc_value_found f;
    struct tc_find_page got = {.objects = 0};
    uint64_t reached, head = tc_journal_head(n->journal);
    tc_err e = one_thing(a, d);
    e = e ? e : tc_correlate_entries(c, p, a->value, &f, &reached);
    if (e)
        return e;
    uint64_t until = a->at ? a->at >> 32 : reached;
    got.hot = f.count > TC_MAX_CORRELATED;
    got.lag = head > reached ? head - reached : 0;
    e = until ? read_listed(n, p, a, &f, until, out, &got) : TC_OK;
    if (!e)
        *page = got;
    return e;
}

/* ---- of a running node ---- */

tc_err tc_find_use(struct tc_node *n, tc_err (*fn)(void *arg, struct tc_index *x), void *arg,
                   struct tc_diag *d)
{
    struct tc_find *f = of(n);
    tc_err e = TC_E_BUSY;
    if (f) {
        (void)pthread_rwlock_rdlock(&f->lock);
        if (f->x)
            e = fn(arg, f->x);
        (void)pthread_rwlock_unlock(&f->lock);
        if (e == TC_E_CORRUPT) {
            atomic_store(&f->damaged, true);
            e = TC_E_BUSY;
        }
    }
    return e == TC_E_BUSY ? tc_diag_set(d, e, "the index is not there now; try again later") : e;
}

struct page_of {
    const struct tc_principal *p;
    const struct tc_find_ask *a;
    struct tc_buf *out;
    struct tc_find_page *page;
    struct tc_diag *d;
};

static tc_err page_in(void *arg, struct tc_index *x)
{
    struct page_of *o = arg;
    return tc_find_in(x, o->p, o->a, o->out, o->page, o->d);
}

tc_err tc_find_page(struct tc_node *n, const struct tc_principal *p, const struct tc_find_ask *a,
                    struct tc_buf *out, struct tc_find_page *page, struct tc_diag *d)
{
    struct page_of o = {p, a, out, page, d};
    if (!tc_find_by_value(a))
        return tc_find_use(n, page_in, &o, d);
    struct tc_correlate *c = tc_correlate_of(n);
    return c ? tc_find_value(n, c, p, a, out, page, d)
             : tc_diag_set(d, TC_E_BUSY, "this node does not correlate now");
}
