/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/retention.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "codec/json.h"
#include "model/extensions.h"
#include "model/types.h"
#include "node/asker.h"
#include "watch/erase.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 4096, AT_ONCE = 100 };

/* An object with an end. 0 = no such date. */
struct held {
    char id[TC_ID_MAX];
    uint32_t org; /* who posted it: the word of one does not count for what another posted */
    tc_time version, review, erase;
    bool by_pack;
};

struct tc_retention {
    struct tc_node *n;
    struct tc_retention *next; /* of the nodes that run in this process */
    tc_time (*clock)(void);
    pthread_mutex_t lock; /* for all below */
    struct held *held;
    size_t count, cap;
    struct tc_map *at; /* id and org -> place + 1 */
    uint64_t seq;
    tc_time soonest; /* nothing is to be erased before */
};

static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tc_retention *running;

tc_err tc_retention_alone(struct tc_node *n, struct tc_retention **out)
{
    struct tc_retention *r = calloc(1, sizeof *r);
    if (!r)
        return TC_E_NOMEM;
    (void)pthread_mutex_init(&r->lock, NULL);
    r->n = n;
    r->clock = tc_time_now;
    r->soonest = TC_TIME_MAX;
    r->at = tc_map_new(TC_MAX_ENTRIES);
    if (!r->at) {
        tc_retention_free(r);
        return TC_E_NOMEM;
    }
    *out = r;
    return TC_OK;
}

void tc_retention_free(struct tc_retention *r)
{
    if (!r)
        return;
    (void)pthread_mutex_lock(&running_lock);
    struct tc_retention **at = &running;
    while (*at && *at != r)
        at = &(*at)->next;
    if (*at)
        *at = r->next;
    (void)pthread_mutex_unlock(&running_lock);
    (void)pthread_mutex_destroy(&r->lock);
    tc_map_free(r->at);
    free(r->held);
    free(r);
}

void tc_retention_clock(struct tc_retention *r, tc_time (*clock)(void))
{
    r->clock = clock;
}

/* ---- what an object says ---- */

static tc_time time_of(yyjson_val *o, const char *name)
{
    struct tc_str s;
    tc_time t;
    return tc_json_str(o, name, &s) && !tc_time_parse_z(s, &t) ? t : 0;
}

static uint32_t poster(const struct tc_node *n, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(n->journal, row->audience);
    return a ? a->creator_org : 0;
}

/* False when it has no end. */
static bool dates_of(const struct tc_node *n, const struct tc_row *row, struct held *h)
{
    const struct tc_retention_rule *rule = tc_types_retention(n->types, row->type);
    struct tc_json j = {NULL, NULL};
    *h = (struct held){.version = row->version, .org = poster(n, row)};
    if (memmem(row->body.p, row->body.n, TC_EXT_PERSONAL_DATA, sizeof TC_EXT_PERSONAL_DATA - 1) &&
        tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK) {
        yyjson_val *x = tc_json_get(tc_json_get(j.root, "extensions"), TC_EXT_PERSONAL_DATA);
        h->review = time_of(x, "review_due");
        h->erase = time_of(x, "erase_due");
    }
    tc_json_fini(&j);
    if (!h->review && !h->erase && rule) {
        h->by_pack = true;
        h->review = rule->review ? row->added + rule->review * TC_SECOND : 0;
        h->erase = rule->erase ? row->added + rule->erase * TC_SECOND : 0;
    }
    return h->review || h->erase;
}

/* ---- the picture ---- */

static struct tc_str key_of(struct tc_str id, uint32_t org, char out[TC_ID_MAX + 16])
{
    int n = snprintf(out, TC_ID_MAX + 16, "%.*s/%u", TC_FMT(id), (unsigned)org);
    return tc_str_view(out, (size_t)n);
}

static void forget(struct tc_retention *r, struct tc_str id, uint32_t org)
{
    char key[TC_ID_MAX + 16];
    uint64_t at;
    if (!tc_map_get(r->at, key_of(id, org, key), &at))
        return;
    (void)tc_map_remove(r->at, key_of(id, org, key));
    struct held *last = &r->held[--r->count], *gap = &r->held[at - 1];
    if (gap != last) {
        *gap = *last;
        if (tc_map_put(r->at, key_of(tc_str_cstr(gap->id), gap->org, key),
                       at)) /* replaces: takes no memory */
            tc_log(TC_LOG_WARN, "retention: %s is lost until the next start", gap->id);
    }
}

static tc_err keep(struct tc_retention *r, struct tc_str id, const struct held *h)
{
    char key[TC_ID_MAX + 16];
    uint64_t at = r->count + 1;
    bool added = false;
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 256;
        struct held *more = realloc(r->held, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        r->held = more;
        r->cap = cap;
    }
    tc_err e = tc_map_intern(r->at, key_of(id, h->org, key), &at, &added);
    if (e)
        return e;
    if (!added && r->held[at - 1].version > h->version)
        return TC_OK; /* an older version came late */
    r->count += added;
    r->held[at - 1] = *h;
    (void)tc_str_copy(id, r->held[at - 1].id, sizeof r->held->id);
    if (h->erase && h->erase < r->soonest)
        r->soonest = h->erase;
    return TC_OK;
}

/* A version that says of no end any more is newer than one that did: it is forgotten. */
static tc_err take(struct tc_retention *r, const struct tc_row *row)
{
    char key[TC_ID_MAX + 16];
    struct held h;
    uint64_t at;
    if (dates_of(r->n, row, &h))
        return keep(r, row->id, &h);
    if (tc_map_get(r->at, key_of(row->id, h.org, key), &at) &&
        r->held[at - 1].version <= row->version)
        forget(r, row->id, h.org);
    return TC_OK;
}

tc_err tc_retention_read(struct tc_retention *r, uint64_t head)
{
    const struct tc_query q = {.after = r->seq,
                               .until = head,
                               .added_after = TC_TIME_NONE,
                               .versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    if (head <= r->seq)
        return TC_OK;
    tc_err e = tc_reader_open(r->n->journal, &tc_principal_system, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        (void)pthread_mutex_lock(&r->lock);
        e = take(r, &row);
        if (!e)
            r->seq = row.seq;
        (void)pthread_mutex_unlock(&r->lock);
    }
    tc_reader_close(reader);
    if (!e)
        r->seq = head;
    return e;
}

/* ---- enforcing ---- */

static void say_why(const struct held *h, char *out, size_t size)
{
    char day[TC_TIME_SIZE];
    tc_time_format(h->erase, 3, day);
    (void)snprintf(out, size, "erase date %s, by the %s", day,
                   h->by_pack ? "rule of its type" : "object itself");
}

static tc_err erase_one(struct tc_retention *r, const struct held *h, size_t *erased)
{
    char why[128];
    struct tc_erased did;
    struct tc_diag d;
    struct tc_str id = tc_str_cstr(h->id);
    tc_diag_init(&d);
    say_why(h, why, sizeof why);
    const struct tc_erase_ask ask = {.who = &tc_principal_system,
                                     .ids = &id,
                                     .n = 1,
                                     .only_org = h->org,
                                     .why = tc_str_cstr(why),
                                     .how = TC_STR("retention")};
    tc_err e = tc_erase(r->n, &ask, &did, &d);
    *erased += !e && did.entries;
    return e == TC_E_NOTFOUND ? TC_OK : e; /* it is gone already */
}

/* Copies of what is due, at most so many, taken off the list; finds what comes next. */
static size_t take_due(struct tc_retention *r, tc_time now, struct held *out)
{
    size_t n = 0;
    tc_time soonest = TC_TIME_MAX;
    (void)pthread_mutex_lock(&r->lock);
    for (size_t i = 0; now >= r->soonest && i < r->count; i++) {
        tc_time t = r->held[i].erase;
        if (t && t <= now && n < AT_ONCE)
            out[n++] = r->held[i];
        else if (t && t < soonest)
            soonest = t;
    }
    if (now >= r->soonest)
        r->soonest = soonest;
    (void)pthread_mutex_unlock(&r->lock);
    return n;
}

tc_err tc_retention_run(struct tc_retention *r, size_t *erased)
{
    struct held *due = malloc(AT_ONCE * sizeof *due);
    tc_err e = due ? TC_OK : TC_E_NOMEM;
    size_t n = 1;
    *erased = 0;
    while (!e && (n = take_due(r, r->clock(), due)) != 0)
        for (size_t i = 0; i < n; i++) {
            tc_err one = erase_one(r, &due[i], erased);
            (void)pthread_mutex_lock(&r->lock);
            if (!one)
                forget(r, tc_str_cstr(due[i].id), due[i].org);
            else
                r->soonest = due[i].erase; /* again at the next tick */
            (void)pthread_mutex_unlock(&r->lock);
            e = e ? e : one;
        }
    free(due);
    return e;
}

static tc_err tick(void *self, struct tc_node *n)
{
    struct tc_retention *r = self;
    size_t erased = 0;
    if (r->seq < tc_journal_head(n->journal)) /* a version that is not read yet may say otherwise */
        return TC_OK;
    tc_err e = tc_retention_run(r, &erased);
    if (erased)
        tc_log(TC_LOG_INFO, "retention: %zu objects erased, their date has come", erased);
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    (void)n;
    (void)after;
    tc_err e = tc_retention_read(self, head);
    if (!e)
        *reached = head;
    return e;
}

tc_err tc_retention_watch(struct tc_node *n, struct tc_retention **out)
{
    struct tc_retention *r = NULL;
    tc_err e = tc_retention_alone(n, &r);
    if (e)
        return e;
    const struct tc_watcher w = {
        .name = "retention", .step = step, .self = r, .ephemeral = true, .tick = tick};
    e = tc_node_watch(n, &w);
    if (e) {
        tc_retention_free(r);
        return e;
    }
    (void)pthread_mutex_lock(&running_lock);
    r->next = running;
    running = r;
    (void)pthread_mutex_unlock(&running_lock);
    *out = r;
    return TC_OK;
}

/* ---- telling ---- */

static int by_review(const void *a, const void *b)
{
    tc_time x = ((const struct held *)a)->review, y = ((const struct held *)b)->review;
    return (x > y) - (x < y);
}

static int by_erase(const void *a, const void *b)
{
    tc_time x = ((const struct held *)a)->erase, y = ((const struct held *)b)->erase;
    return (x > y) - (x < y);
}

static void put_texts(struct tc_jsonw *w, const struct tc_node *n, const struct tc_row *row)
{
    static const char *const names[] = {"purpose", "legal_basis", "subject_category", "nature"};
    const struct tc_retention_rule *rule = tc_types_retention(n->types, row->type);
    const struct tc_str *of_rule[4] = {NULL};
    struct tc_json j = {NULL, NULL};
    yyjson_val *x = NULL;
    if (rule) {
        of_rule[0] = &rule->purpose;
        of_rule[1] = &rule->basis;
        of_rule[2] = &rule->subject;
        of_rule[3] = &rule->nature;
    }
    if (tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK)
        x = tc_json_get(tc_json_get(j.root, "extensions"), TC_EXT_PERSONAL_DATA);
    for (size_t i = 0; i < 4; i++) {
        struct tc_str s = {"", 0};
        if (!tc_json_str(x, names[i], &s) && rule)
            s = *of_rule[i];
        tc_jsonw_ktext(w, names[i], s);
    }
    tc_json_fini(&j);
}

static tc_err put_one(struct tc_retention *r, const struct tc_principal *p, const struct held *h,
                      struct tc_jsonw *w, size_t *written)
{
    struct tc_str id = tc_str_cstr(h->id);
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .backwards = true};
    struct tc_reader *reader = NULL;
    struct tc_row row = {.seq = 0};
    tc_err e = tc_reader_open(r->n->journal, p, &q, &reader);
    e = e ? e : tc_reader_next(reader, &row);
    if (!e && row.seq) {
        ++*written;
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "id", id);
        tc_jsonw_kstr(w, "type", row.type);
        tc_jsonw_ktime(w, "review_due", h->review ? h->review : TC_TIME_NONE);
        tc_jsonw_ktime(w, "erase_due", h->erase ? h->erase : TC_TIME_NONE);
        put_texts(w, r->n, &row);
        tc_jsonw_kcstr(w, "by", h->by_pack ? "pack" : "object");
        tc_jsonw_object_end(w);
    }
    tc_reader_close(reader);
    return e;
}

tc_err tc_retention_list(struct tc_retention *r, const struct tc_principal *p, size_t limit,
                         struct tc_jsonw *w)
{
    tc_time now = r->clock();
    (void)pthread_mutex_lock(&r->lock);
    size_t n = r->count, written = 0;
    struct held *all = malloc((n + 1) * sizeof *all);
    if (all && n)
        memcpy(all, r->held, n * sizeof *all);
    (void)pthread_mutex_unlock(&r->lock);
    tc_err e = all ? TC_OK : TC_E_NOMEM;
    tc_jsonw_object(w);
    tc_jsonw_name(w, "reviews");
    tc_jsonw_array(w);
    if (!e)
        qsort(all, n, sizeof *all, by_review);
    for (size_t i = 0; !e && i < n && written < limit; i++)
        if (all[i].review && all[i].review <= now)
            e = put_one(r, p, &all[i], w, &written);
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "erasures");
    tc_jsonw_array(w);
    if (!e)
        qsort(all, n, sizeof *all, by_erase);
    written = 0;
    for (size_t i = 0; !e && i < n && written < limit; i++)
        if (all[i].erase)
            e = put_one(r, p, &all[i], w, &written);
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
    free(all);
    return e;
}

static struct tc_retention *of(const struct tc_node *n)
{
    (void)pthread_mutex_lock(&running_lock);
    struct tc_retention *r = running;
    while (r && r->n != n)
        r = r->next;
    (void)pthread_mutex_unlock(&running_lock);
    return r;
}

tc_err tc_retention_tell(struct tc_node *n, const struct tc_principal *p, size_t limit,
                         struct tc_jsonw *w)
{
    struct tc_retention *alone = NULL, *r = of(n);
    tc_err e = r ? TC_OK : tc_retention_alone(n, &alone);
    if (!e && !r) {
        r = alone;
        e = tc_retention_read(r, tc_journal_head(n->journal));
    }
    e = e ? e : tc_retention_list(r, p, limit && limit < TC_MAX_PAGE ? limit : TC_MAX_PAGE, w);
    tc_retention_free(alone);
    return e;
}

static tc_err op_list(struct tc_op *op)
{
    struct tc_asker who = {NULL};
    struct tc_jsonw w = tc_jsonw_into(op->out);
    uint64_t limit = 0;
    (void)tc_json_u64(op->in, "limit", &limit);
    tc_err e = tc_asker_find(op, NULL, &who);
    e = e ? e : tc_retention_tell(op->node, who.p, limit < TC_MAX_PAGE ? (size_t)limit : 0, &w);
    tc_asker_fini(&who);
    return e ? e : op->out->err;
}

tc_err tc_retention_ops(void)
{
    return tc_node_op_add("retention-list", op_list);
}
