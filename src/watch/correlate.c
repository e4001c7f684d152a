/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/correlate.h"

#include "base/limits.h"
#include "base/log.h"
#include "codec/jsonw.h"
#include "watch/extract.h"
#include "watch/normal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { ROWS = 4096, FULL = 16384 }; /* of one step: entries; postings */

struct tc_correlate {
    struct tc_correlate *next;
    struct tc_node *n;
    struct tc_values *values;
    struct tc_hash_key key;
    struct tc_extract extract;
    struct tc_posting *post;
    size_t n_post, cap;
    unsigned kinds; /* of key fields that packs declare */
    int64_t tidy_next;
    bool nice;
};

static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tc_correlate *running;

static bool ours(void *arg, uint64_t seq, uint64_t mark)
{
    const struct tc_correlate *c = arg;
    return (uint64_t)tc_journal_added_of(c->n->journal, seq) == mark;
}

static bool is_gone(void *arg, uint64_t seq)
{
    const struct tc_correlate *c = arg;
    return tc_journal_is_gone(c->n->journal, seq);
}

/* What a deletion took away is to go out of the files. */
static void take_deletion(struct tc_correlate *c, const struct tc_row *row)
{
    uint64_t seq = 0;
    while ((seq = tc_journal_gone_of(c->n->journal, row->type, &row->uuid, seq ? seq : row->seq)) !=
           0)
        tc_values_forget(c->values, seq - 1, seq);
}

/* Deletions that the files do not know of yet, because the process ended before. */
static tc_err catch_up(struct tc_correlate *c)
{
    struct tc_query q = {.after = tc_values_clean(c->values),
                         .until = tc_values_seq(c->values),
                         .added_after = TC_TIME_NONE,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .with_deletions = true,
                         .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (q.after >= q.until)
        return TC_OK;
    tc_err e = tc_reader_open(c->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        if (row.kind == TC_ENTRY_DELETE)
            take_deletion(c, &row);
    tc_reader_close(r);
    return e;
}

tc_err tc_correlate_alone(struct tc_node *n, struct tc_correlate **out)
{
    uint8_t key[32];
    struct tc_correlate *c = calloc(1, sizeof *c);
    if (!c)
        return TC_E_NOMEM;
    c->n = n;
    tc_node_key(n, "values", key);
    memcpy(&c->key, key, sizeof c->key);
    explicit_bzero(key, sizeof key);
    /* what was kept when packs said otherwise is not read: its sums do not fit */
    c->key.k1 ^= tc_extract_version(n->types);
    c->kinds = tc_extract_kinds(n->types);
    tc_extract_init(&c->extract, n->types);
    tc_err e = tc_values_open(n->dir, c->key, ours, c, &c->values);
    if (!e) {
        tc_values_gone(c->values, is_gone, c);
        e = catch_up(c);
    }
    if (e)
        tc_correlate_free(c);
    else
        *out = c;
    return e;
}

void tc_correlate_free(struct tc_correlate *c)
{
    if (!c)
        return;
    (void)pthread_mutex_lock(&running_lock);
    struct tc_correlate **at = &running;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    (void)pthread_mutex_unlock(&running_lock);
    tc_values_close(c->values);
    tc_extract_fini(&c->extract);
    explicit_bzero(&c->key, sizeof c->key);
    free(c->post);
    free(c);
}

/* ---- reading the journal ---- */

static tc_err add(struct tc_correlate *c, uint64_t hash, const struct tc_row *row, size_t first)
{
    struct tc_posting p = {hash, row->audience, (uint32_t)row->seq};
    if (c->n_post - first < 64) /* the same value twice in one object; sorted out below for many */
        for (size_t i = first; i < c->n_post; i++)
            if (c->post[i].hash == hash)
                return TC_OK;
    if (c->n_post == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 1024;
        struct tc_posting *more = realloc(c->post, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        c->post = more;
        c->cap = cap;
    }
    c->post[c->n_post++] = p;
    return TC_OK;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct tc_posting *)a)->hash, y = ((const struct tc_posting *)b)->hash;
    return (x > y) - (x < y);
}

static void no_value_twice(struct tc_correlate *c, size_t first)
{
    size_t n = first;
    if (c->n_post - first < 64)
        return;
    qsort(c->post + first, c->n_post - first, sizeof *c->post, by_hash);
    for (size_t i = first; i < c->n_post; i++)
        if (n == first || c->post[n - 1].hash != c->post[i].hash)
            c->post[n++] = c->post[i];
    c->n_post = n;
}

static tc_err add_object(struct tc_correlate *c, const struct tc_row *row)
{
    struct tc_extract *x = &c->extract;
    size_t first = c->n_post;
    tc_err e = tc_extract_object(x, c->key, row->type, row->body);
    if (e)
        return e == TC_E_SYNTAX ? TC_OK : e; /* no JSON: it has no values */
    for (size_t i = 0; i < x->n_keys && !e; i++)
        if (x->keys[i].kind == TC_KEY_VALUE)
            e = add(c, x->keys[i].hash, row, first);
    no_value_twice(c, first);
    return e;
}

tc_err tc_correlate_step(struct tc_correlate *c, bool *done)
{
    struct tc_journal *j = c->n->journal;
    uint64_t head = tc_journal_head(j), after = tc_values_seq(c->values), last = after;
    struct tc_query q = {.after = after,
                         .until = head,
                         .added_after = TC_TIME_NONE,
                         .limit = ROWS,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    size_t rows = 0;
    *done = head <= after;
    if (*done)
        return tc_values_untidy(c->values) ? tc_values_tidy(c->values) : TC_OK;
    c->n_post = 0;
    tc_err e = tc_reader_open(j, &tc_principal_system, &q, &r);
    while (!e && rows < ROWS && c->n_post < FULL && !(e = tc_reader_next(r, &row)) && row.seq) {
        if (row.kind == TC_ENTRY_DELETE)
            take_deletion(c, &row);
        else
            e = add_object(c, &row);
        last = row.seq;
        rows++;
    }
    tc_reader_close(r);
    if (!e && rows < ROWS && c->n_post < FULL)
        last = head; /* what gave no row has been deleted, or says that something was */
    if (!e)
        e = tc_values_add(c->values, c->post, c->n_post, last,
                          (uint64_t)tc_journal_added_of(j, last));
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_correlate *c = self;
    bool done = false;
    (void)n;
    if (!c->nice)
        (void)setpriority(PRIO_PROCESS, 0, 10); /* of this thread alone, on Linux */
    c->nice = true;
    tc_err e = TC_OK;
    while (!e && tc_values_seq(c->values) <= after)
        e = tc_correlate_step(c, &done);
    uint64_t at = tc_values_seq(c->values);
    if (!e)
        *reached = at < head ? at : head;
    return e;
}

/* Writing the files anew costs what they are long: a tenth of the time at most goes there. */
static tc_err tick(void *self, struct tc_node *n)
{
    struct tc_correlate *c = self;
    int64_t now = tc_time_monotonic();
    (void)n;
    if (!tc_values_untidy(c->values) || now < c->tidy_next)
        return TC_OK;
    tc_err e = tc_values_tidy(c->values);
    int64_t end = tc_time_monotonic();
    c->tidy_next = end + 9 * (end - now);
    return e;
}

bool tc_correlate_clean(const struct tc_correlate *c)
{
    return tc_correlate_lag(c) == 0 && !tc_values_untidy(c->values);
}

tc_err tc_correlate_watch(struct tc_node *n, struct tc_correlate **out)
{
    struct tc_correlate *c = NULL;
    tc_err e = tc_correlate_alone(n, &c);
    if (e)
        return e;
    const struct tc_watcher w = {
        .name = "correlate", .step = step, .self = c, .ephemeral = true, .tick = tick};
    e = tc_node_watch(n, &w);
    if (e) {
        tc_correlate_free(c);
        return e;
    }
    (void)pthread_mutex_lock(&running_lock);
    c->next = running;
    running = c;
    (void)pthread_mutex_unlock(&running_lock);
    *out = c;
    return TC_OK;
}

/* ---- answers ---- */

struct asker {
    const struct tc_journal *j;
    const struct tc_principal *p;
};

static bool may(void *arg, uint32_t audience)
{
    const struct asker *a = arg;
    const struct tc_audience *of = tc_journal_audience_of(a->j, audience);
    return (a->p->system && !a->p->withheld.n) || (of && tc_may_read(a->p, of));
}

static tc_err put_objects(struct tc_correlate *c, const struct tc_principal *p, uint64_t until,
                          const struct tc_value_found *f, size_t limit, struct tc_jsonw *w)
{
    uint64_t seqs[TC_MAX_CORRELATED];
    struct tc_query q = {.until = until,
                         .added_after = TC_TIME_NONE,
                         .backwards = true,
                         .seqs = seqs,
                         .n_seqs = f->n,
                         .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool more = false;
    for (size_t i = 0; i < f->n; i++)
        seqs[i] = f->seq[i];
    tc_jsonw_name(w, "objects");
    tc_jsonw_array(w);
    tc_err e = f->n ? tc_reader_open(c->n->journal, p, &q, &r) : TC_OK;
    for (size_t n = 0; f->n && !e && !(e = tc_reader_next(r, &row)) && row.seq; n++) {
        char when[TC_TIME_SIZE];
        more = n == limit;
        if (more)
            break;
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "id", row.id);
        tc_jsonw_kstr(w, "type", row.type);
        tc_time_format(row.version, 3, when);
        tc_jsonw_kcstr(w, "version", when);
        tc_jsonw_object_end(w);
    }
    tc_reader_close(r);
    tc_jsonw_array_end(w);
    if (more)
        tc_jsonw_kbool(w, "more", true);
    return e;
}

/* What a text can be: one spelling, and apart from what its kind keeps apart. */
struct meaning {
    enum tc_spelling kind, apart;
    char normal[TC_MAX_VALUE];
    size_t n;
};

/* Reads the text as this kind; false when it is none, or means the same as m[0] does. */
static bool means(struct tc_str text, enum tc_spelling kind, const struct meaning *first,
                  struct meaning *m)
{
    m->kind = kind;
    return tc_normal_as(kind, text, m->normal, &m->n, &m->apart) &&
           (m->apart != first->apart || m->n != first->n ||
            memcmp(m->normal, first->normal, m->n) != 0);
}

static int seq_newest_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

/* Both lists as one: what stands in both counts once where that can be seen. */
static void join(struct tc_value_found *f, const struct tc_value_found *more)
{
    uint32_t v[2 * TC_MAX_CORRELATED];
    size_t n = 0, all = f->n + more->n;
    if (!more->count)
        return;
    memcpy(v, f->seq, f->n * sizeof *v);
    memcpy(v + f->n, more->seq, more->n * sizeof *v);
    qsort(v, all, sizeof *v, seq_newest_first);
    for (size_t i = 0; i < all; i++)
        if (!n || v[n - 1] != v[i])
            v[n++] = v[i];
    f->count += more->count - (all - n);
    f->n = n;
    if (f->count > TC_MAX_CORRELATED && f->n > TC_HOT_KEPT)
        f->n = TC_HOT_KEPT;
    memcpy(f->seq, v, f->n * sizeof *f->seq);
}

tc_err tc_correlate_spelled(struct tc_correlate *c, const struct tc_principal *p,
                            enum tc_spelling apart, struct tc_str normal, struct tc_value_found *f)
{
    struct asker a = {c->n->journal, p};
    return tc_values_find(c->values, tc_normal_hash(c->key, apart, normal), may, &a, f);
}

struct lookup {
    struct tc_correlate *c;
    const struct tc_principal *p;
    struct meaning first, other;
    struct tc_value_found found, more;
    bool is_not; /* of the kind asked for */
};

/* w may be NULL: the kinds are not told then. */
static tc_err look_up(struct lookup *l, struct tc_str text, enum tc_spelling as, struct tc_jsonw *w)
{
    struct meaning *m = &l->first;
    bool any = as == TC_SPELLING_NONE, told = false;
    m->kind = any ? TC_SPELLING_VALUE : as;
    l->is_not = !tc_normal_as(m->kind, text, m->normal, &m->n, &m->apart);
    tc_err e = tc_correlate_spelled(l->c, l->p, m->apart, tc_str_view(m->normal, m->n), &l->found);
    m = &l->other;
    for (int k = TC_SPELLING_VALUE + 1; any && !e && k < TC_SPELLING_COUNT; k++) {
        if (!(l->c->kinds >> k & 1) || !means(text, (enum tc_spelling)k, &l->first, m))
            continue;
        struct tc_str normal = tc_str_view(m->normal, m->n);
        e = tc_correlate_spelled(l->c, l->p, m->apart, normal, &l->more);
        if (e || !l->more.count)
            continue;
        join(&l->found, &l->more);
        if (!w)
            continue;
        if (!told) {
            tc_jsonw_name(w, "kinds");
            tc_jsonw_array(w);
        }
        told = true;
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "kind", tc_spelling_name(m->kind));
        tc_jsonw_kstr(w, "normal", normal);
        tc_jsonw_object_end(w);
    }
    if (told)
        tc_jsonw_array_end(w);
    return e;
}

static tc_err put_value(struct lookup *l, uint64_t until, struct tc_str value,
                        const struct tc_correlate_what *what, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "value", value);
    tc_err e = look_up(l, value, what->as, &w);
    if (e)
        return e;
    tc_jsonw_kstr(&w, "normal", tc_str_view(l->first.normal, l->first.n));
    if (l->is_not)
        tc_jsonw_kcstr(&w, "is_not", tc_spelling_name(what->as));
    tc_jsonw_kbool(&w, "hot", l->found.count > TC_MAX_CORRELATED);
    e = put_objects(l->c, l->p, until, &l->found, what->limit, &w);
    if (!e)
        tc_jsonw_object_end(&w);
    return e ? e : out->err;
}

tc_err tc_correlate_entries(struct tc_correlate *c, const struct tc_principal *p,
                            struct tc_str value, struct tc_value_found *f, uint64_t *until)
{
    struct lookup *l = malloc(sizeof *l);
    if (!l)
        return TC_E_NOMEM;
    l->c = c;
    l->p = p;
    *until = tc_values_seq(c->values);
    tc_err e = look_up(l, value, TC_SPELLING_NONE, NULL);
    if (!e)
        *f = l->found;
    free(l);
    return e;
}

size_t tc_correlate_limit(size_t count, uint64_t asked)
{
    size_t most = asked ? TC_MAX_LISTED : TC_MAX_LISTED / 5, limit = asked ? TC_MAX_PAGE : 100;
    if (asked && asked < limit)
        limit = (size_t)asked;
    return count && limit > most / count ? most / count : limit;
}

uint64_t tc_correlate_lag(const struct tc_correlate *c)
{
    uint64_t at = tc_values_seq(c->values), head = tc_journal_head(c->n->journal);
    return head > at ? head - at : 0;
}

tc_err tc_correlate_in(struct tc_correlate *c, const struct tc_principal *p,
                       const struct tc_correlate_what *what, struct tc_buf *out, uint64_t *lag)
{
    uint64_t until = tc_values_seq(c->values);
    struct lookup *l = malloc(sizeof *l);
    if (!l)
        return TC_E_NOMEM;
    l->c = c;
    l->p = p;
    tc_err e = what->count > TC_MAX_LOOKUP ? TC_E_LIMIT : TC_OK;
    for (size_t i = 0; i < what->count && !e; i++) {
        if (i)
            tc_buf_char(out, ',');
        e = put_value(l, until, what->values[i], what, out);
    }
    free(l);
    if (!e)
        *lag = tc_correlate_lag(c);
    return e;
}

struct tc_correlate *tc_correlate_of(const struct tc_node *n)
{
    (void)pthread_mutex_lock(&running_lock);
    struct tc_correlate *c = running;
    while (c && c->n != n)
        c = c->next;
    (void)pthread_mutex_unlock(&running_lock);
    return c;
}

tc_err tc_correlate_ask(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_correlate_what *what, struct tc_buf *out, uint64_t *lag)
{
    struct tc_correlate *c = tc_correlate_of(n);
    return c ? tc_correlate_in(c, p, what, out, lag) : TC_E_BUSY;
}
