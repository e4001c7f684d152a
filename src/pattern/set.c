/* SPDX-License-Identifier: Apache-2.0 */
/* Adding and removing patterns. */
#include "pattern/set.h"

#include "base/limits.h"
#include "pattern/set_parts.h"

#include <stdlib.h>

#define ARENA ((size_t)256 << 20) /* of one parse; TC_PATTERN_MAX_TEXT bounds what it takes */

struct tc_set *tc_set_new(const struct tc_set_options *o)
{
    struct tc_set *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->paths = tc_paths_new();
    s->values = tc_values_new();
    s->arena = tc_arena_new(ARENA);
    s->predicates = tc_map_new(UINT32_MAX);
    s->late = o && o->late ? o->late : TC_WHEN_LATE;
    s->budget.max_partitions = TC_MAX_ALL_PARTITIONS;
    s->budget.max_seen = TC_MAX_ALL_PARTITION_SEEN;
    s->free_record = s->free_posting = s->free_expr = UINT32_MAX;
    if (s->paths && s->values && s->arena && s->predicates)
        return s;
    tc_set_free(s);
    return NULL;
}

static void complex_free(struct tc_set *s, struct complex *c)
{
    for (size_t i = 0; i < c->n_exprs; i++) {
        struct expr *e = &s->exprs[c->exprs[i]];
        tc_set_nodes_fini(s, e);
        free(e->postings);
        *e = (struct expr){0};
    }
    tc_per_free(c->per); /* before the plan that it shares */
    tc_when_free(c->when);
    free(c->exprs);
    free(c);
}

void tc_set_free(struct tc_set *s)
{
    if (!s)
        return;
    for (struct complex *c = s->all, *next; c; c = next) {
        next = c->next;
        complex_free(s, c);
    }
    for (size_t i = 0; i < s->n_probes; i++) {
        free(s->probes[i].grams);
        tc_ranges_free(s->probes[i].ranges);
        tc_ranges_free(s->probes[i].spans);
    }
    free(s->probes);
    tc_pattern_index_fini(&s->index);
    tc_paths_free(s->paths);
    tc_values_free(s->values);
    tc_arena_free(s->arena);
    tc_map_free(s->predicates);
    free(s->records);
    free(s->by_id);
    free(s->ids);
    free(s->postings);
    free(s->exprs);
    free(s->found.v);
    free(s->probing);
    free(s->chain_head);
    free(s->chain_stamp);
    free(s->chain_next);
    free(s->out_ids);
    free(s);
}

/* Room for one more of size bytes in an array of n. */
static tc_err room(void *array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return TC_OK;
    size_t more = *cap ? *cap + *cap / 2 : 64;
    void *old, *v;
    memcpy(&old, array, sizeof old);
    v = realloc(old, more * size);
    if (!v)
        return TC_E_NOMEM;
    memcpy(array, &v, sizeof v);
    *cap = more;
    return TC_OK;
}

/* ---- ids ---- */

struct tc_str tc_set_id(const struct tc_set *s, uint32_t handle)
{
    const struct record *r = &s->records[handle];
    return tc_str_view(s->ids + r->id_at, r->id_n);
}

static size_t pieces(size_t n)
{
    return (n + 15) / 16 + (n == 0);
}

static tc_err id_put(struct tc_set *s, struct tc_str id, struct record *r)
{
    size_t k = pieces(id.n), at = s->ids_free[k];
    if (at) {
        memcpy(&s->ids_free[k], s->ids + at - 1, sizeof s->ids_free[k]);
        at--;
    } else {
        at = s->ids_n;
        if (at + k * 16 > s->ids_cap) {
            size_t cap = (at + k * 16) + (at + k * 16) / 4 + 4096;
            char *p = realloc(s->ids, cap);
            if (!p)
                return TC_E_NOMEM;
            s->ids = p;
            s->ids_cap = cap;
        }
        s->ids_n += k * 16;
    }
    if (id.n)
        memcpy(s->ids + at, id.p, id.n);
    r->id_at = at & ((UINT64_C(1) << 44) - 1);
    r->id_n = id.n & 0xffff;
    return TC_OK;
}

static void id_drop(struct tc_set *s, const struct record *r)
{
    size_t k = pieces(r->id_n);
    memcpy(s->ids + r->id_at, &s->ids_free[k], sizeof s->ids_free[k]);
    s->ids_free[k] = r->id_at + 1;
}

static size_t id_slot(const struct tc_set *s, struct tc_str id)
{
    size_t mask = s->by_id_size - 1, at = tc_hash64(tc_hash_process_key(), id.p, id.n) & mask;
    while (s->by_id[at] && !tc_str_eq(tc_set_id(s, s->by_id[at] - 1), id))
        at = (at + 1) & mask;
    return at;
}

static tc_err ids_grow(struct tc_set *s)
{
    if ((s->counts.patterns + 1) * 10 <= s->by_id_size * 7)
        return TC_OK;
    size_t size = s->by_id_size ? s->by_id_size * 2 : 256, old = s->by_id_size;
    uint32_t *more = calloc(size, sizeof *more), *was = s->by_id;
    if (!more)
        return TC_E_NOMEM;
    s->by_id = more;
    s->by_id_size = size;
    for (size_t i = 0; i < old; i++)
        if (was[i])
            more[id_slot(s, tc_set_id(s, was[i] - 1))] = was[i];
    free(was);
    return TC_OK;
}

bool tc_set_find(const struct tc_set *s, struct tc_str id, uint32_t *handle)
{
    uint32_t r = s->by_id_size ? s->by_id[id_slot(s, id)] : 0;
    if (r)
        *handle = r - 1;
    return r != 0;
}

static void by_id_remove(struct tc_set *s, struct tc_str id)
{
    size_t mask = s->by_id_size - 1, gap = id_slot(s, id);
    for (size_t at = (gap + 1) & mask; s->by_id[at]; at = (at + 1) & mask) {
        struct tc_str other = tc_set_id(s, s->by_id[at] - 1);
        size_t home = tc_hash64(tc_hash_process_key(), other.p, other.n) & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        s->by_id[gap] = s->by_id[at];
        gap = at;
    }
    s->by_id[gap] = 0;
}

/* ---- chains ---- */

static const struct tc_hash128 *key_of(const struct tc_set *s, uint32_t ref)
{
    return ref & REF_POSTING ? &s->postings[ref & ~REF_POSTING].key : &s->records[ref].u.key;
}

static uint32_t *next_of(struct tc_set *s, uint32_t ref)
{
    return ref & REF_POSTING ? &s->postings[ref & ~REF_POSTING].next : &s->records[ref].next;
}

size_t tc_set_chain(const struct tc_set *s, struct tc_hash128 key, size_t most)
{
    size_t n = 0;
    for (uint32_t at = tc_pattern_index_get(&s->index, key.a); at != TC_INDEX_END && n < most; n++)
        at = at & REF_POSTING ? s->postings[at & ~REF_POSTING].next : s->records[at].next;
    return n;
}

static tc_err probes_for(struct tc_set *s, uint32_t path, const struct tc_access *a)
{
    if (path >= s->n_probes) {
        size_t n = tc_paths_count(s->paths) + 64;
        struct tc_probes *v = realloc(s->probes, n * sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        memset(v + s->n_probes, 0, (n - s->n_probes) * sizeof *v);
        s->probes = v;
        s->n_probes = n;
    }
    return tc_probes_add(&s->probes[path], a);
}

/* ref holds its key already. */
static tc_err link_ref(struct tc_set *s, uint32_t ref, uint32_t path, const struct tc_access *a)
{
    tc_err e = tc_pattern_index_grow(&s->index);
    if (!e)
        e = probes_for(s, path, a);
    if (e)
        return e;
    size_t slot = tc_pattern_index_slot(&s->index, a->key.a);
    bool there = s->index.keys[slot] != 0;
    *next_of(s, ref) = there ? s->index.heads[slot] : TC_INDEX_END;
    s->index.keys[slot] = a->key.a;
    s->index.heads[slot] = ref;
    s->index.count += !there;
    return TC_OK;
}

static void unlink_ref(struct tc_set *s, uint32_t ref)
{
    size_t slot = tc_pattern_index_slot(&s->index, key_of(s, ref)->a);
    uint32_t *at = &s->index.heads[slot];
    while (*at != ref)
        at = next_of(s, *at);
    *at = *next_of(s, ref);
    if (s->index.heads[slot] == TC_INDEX_END)
        tc_pattern_index_remove(&s->index, slot);
}

/* ---- ranges ---- */

static struct tc_ranges *ranges_of(struct tc_set *s, const struct posting *t)
{
    struct tc_probes *p = &s->probes[t->key.b / 2];
    return t->key.b & 1 ? p->spans : p->ranges;
}

static tc_err link_range(struct tc_set *s, uint32_t posting, uint32_t path,
                         const struct tc_access *a)
{
    struct posting *t = &s->postings[posting];
    tc_err e = probes_for(s, path, a);
    t->key = (struct tc_hash128){0, (uint64_t)path * 2 + (a->kind == TC_KEY_SPAN)};
    return e ? e : tc_ranges_add(ranges_of(s, t), a->lo, a->hi, t->expr, &t->next);
}

static void unlink_posting(struct tc_set *s, uint32_t posting)
{
    struct posting *t = &s->postings[posting];
    if (t->key.a)
        unlink_ref(s, posting | REF_POSTING);
    else
        tc_ranges_remove(ranges_of(s, t), t->next);
}

/* ---- direct patterns ---- */

/* [path = constant] or [path ISSUBSET network], alone: the key decides. */
static tc_err direct(struct tc_set *s, const struct tc_pattern *p, bool *is, uint32_t *path,
                     struct tc_access *a, struct tc_diag *d)
{
    const struct tc_cmp *c = p->root->cmp;
    struct tc_test t;
    *is = false;
    if (p->root->kind != TC_OBS_OBSERVE || p->root->n_quals || c->kind != TC_CMP_TEST ||
        c->negated || (c->op != TC_OP_EQ && c->op != TC_OP_ISSUBSET))
        return TC_OK;
    tc_err e = tc_paths_add(s->paths, &c->path, path, d);
    if (!e)
        e = tc_test_init(c, tc_paths_reading(s->paths, *path), s->values, &t, d);
    if (e)
        return e;
    if (c->op == TC_OP_EQ) {
        *is = tc_access_equal(*path, &t, &t.consts[0], a) && tc_access_exact(&t.consts[0]);
    } else if (t.net.family) {
        *a = tc_access_net(*path, &t.net);
        *is = true;
    }
    tc_test_fini(&t);
    return TC_OK;
}

/* ---- the others ---- */

static tc_err new_posting(struct tc_set *s, uint32_t expr, uint32_t path, const struct tc_access *a,
                          uint32_t *out)
{
    uint32_t i = s->free_posting;
    if (i != UINT32_MAX) {
        s->free_posting = s->postings[i].next;
    } else {
        if (s->n_postings >= TC_SET_MAX_PATTERNS)
            return TC_E_LIMIT;
        if (room(&s->postings, s->n_postings, &s->postings_cap, sizeof *s->postings))
            return TC_E_NOMEM;
        i = (uint32_t)s->n_postings++;
    }
    s->postings[i] = (struct posting){.key = a->key, .expr = expr};
    bool range = a->kind == TC_KEY_RANGE || a->kind == TC_KEY_SPAN;
    tc_err e = range ? link_range(s, i, path, a) : link_ref(s, i | REF_POSTING, path, a);
    if (e) {
        s->postings[i].expr = UINT32_MAX;
        s->postings[i].next = s->free_posting;
        s->free_posting = i;
        return e;
    }
    *out = i;
    return TC_OK;
}

static tc_err index_expr(struct tc_set *s, struct complex *c, uint32_t at, struct tc_diag *d)
{
    struct tc_set_accesses acc;
    tc_err e = tc_set_access(s, &s->exprs[at], &acc);
    uint32_t *list = e ? NULL : calloc(acc.n + 1, sizeof *list);
    uint32_t any = 0;
    if (!e && !list) {
        free(acc.v);
        free(acc.paths);
    }
    if (e || !list)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    struct expr *x = &s->exprs[at];
    x->postings = list;
    x->exact = acc.exact;
    for (size_t i = 0; i < acc.n; i++)
        any += tc_set_open(&acc, i);
    if (any && s->counts.residual + c->residual + any > TC_SET_MAX_RESIDUAL)
        e = tc_diag_set(d, TC_E_LIMIT,
                        "there are %u comparisons already that no literal leads to, each looked at "
                        "for every observation; this one has none either",
                        TC_SET_MAX_RESIDUAL);
    for (size_t i = 0; !e && i < acc.n; i++) {
        e = new_posting(s, at, acc.paths[i], &acc.v[i], &x->postings[x->n_postings]);
        if (e)
            e = tc_diag_set(d, e, "out of memory");
        else
            x->n_postings++;
    }
    c->residual += any;
    if (!e && x->exact) /* the keys say it all: no need to keep the tree */
        tc_set_nodes_fini(s, x);
    free(acc.v);
    free(acc.paths);
    return e;
}

static tc_err new_expr(struct tc_set *s, struct complex *c, const struct tc_cmp *cmp,
                       struct tc_diag *d)
{
    uint32_t i = s->free_expr;
    if (i != UINT32_MAX) {
        s->free_expr = s->exprs[i].k;
    } else {
        if (room(&s->exprs, s->n_exprs, &s->exprs_cap, sizeof *s->exprs))
            return tc_diag_set(d, TC_E_NOMEM, "out of memory");
        i = (uint32_t)s->n_exprs++;
    }
    s->exprs[i] = (struct expr){.of = c, .k = (uint32_t)c->n_exprs};
    c->exprs[c->n_exprs++] = i;
    tc_err e = tc_set_nodes(s, cmp, &s->exprs[i], d);
    return e ? e : index_expr(s, c, i, d);
}

static tc_err each_observe(struct tc_set *s, struct complex *c, const struct tc_obs *o,
                           struct tc_diag *d)
{
    if (o->kind == TC_OBS_OBSERVE)
        return new_expr(s, c, o->cmp, d);
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < o->n; i++)
        e = each_observe(s, c, o->kids[i], d);
    return e;
}

static void drop_complex(struct tc_set *s, struct complex *c)
{
    for (size_t i = 0; i < c->n_exprs; i++) {
        struct expr *x = &s->exprs[c->exprs[i]];
        for (uint32_t k = 0; k < x->n_postings; k++) {
            uint32_t at = x->postings[k];
            unlink_posting(s, at);
            s->postings[at].expr = UINT32_MAX;
            s->postings[at].next = s->free_posting;
            s->free_posting = at;
        }
    }
    if (c->prev)
        c->prev->next = c->next;
    else if (s->all == c)
        s->all = c->next;
    if (c->next)
        c->next->prev = c->prev;
    uint32_t *freed = c->exprs;
    size_t n = c->n_exprs;
    c->exprs = NULL;
    c->n_exprs = 0;
    for (size_t i = 0; i < n; i++) {
        struct expr *x = &s->exprs[freed[i]];
        tc_set_nodes_fini(s, x);
        free(x->postings);
        *x = (struct expr){.k = s->free_expr};
        s->free_expr = freed[i];
    }
    free(freed);
    complex_free(s, c);
}

static tc_err part(struct tc_set *s, struct complex *c, const struct tc_path *per,
                   struct tc_diag *d)
{
    tc_err e = tc_paths_add(s->paths, per, &c->per_path, d);
    if (e)
        return e;
    c->parted = true;
    if (!tc_when_single(c->when) && tc_per_new(c->when, &s->budget, &c->per))
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    return TC_OK;
}

/* per: NULL without. */
static tc_err add_complex(struct tc_set *s, const struct tc_pattern *p, const struct tc_path *per,
                          uint32_t record, struct complex **out, struct tc_diag *d)
{
    struct complex *c = calloc(1, sizeof *c);
    if (!c)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    c->record = record;
    c->exprs = calloc(p->observations, sizeof *c->exprs);
    tc_err e = c->exprs ? tc_when_new(p, &c->when, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = each_observe(s, c, p->root, d);
    if (!e && per)
        e = part(s, c, per, d);
    if (e) {
        drop_complex(s, c);
        return e;
    }
    c->next = s->all;
    if (s->all)
        s->all->prev = c;
    s->all = c;
    *out = c;
    return TC_OK;
}

/* ---- adding, removing ---- */

static tc_err new_record(struct tc_set *s, struct tc_str id, uint32_t *out, struct tc_diag *d)
{
    uint32_t i = s->free_record, there;
    if (id.n > TC_SET_MAX_ID)
        return tc_diag_set(d, TC_E_LIMIT, "an id has at most %u bytes", TC_SET_MAX_ID);
    if (tc_set_find(s, id, &there))
        return tc_diag_set(d, TC_E_CONFLICT, "a pattern with this id is there already");
    if (i == UINT32_MAX) {
        if (s->n_records >= TC_SET_MAX_PATTERNS)
            return tc_diag_set(d, TC_E_LIMIT, "there are too many patterns");
        if (room(&s->records, s->n_records, &s->records_cap, sizeof *s->records))
            return tc_diag_set(d, TC_E_NOMEM, "out of memory");
        i = (uint32_t)s->n_records;
        s->records[i] = (struct record){.next = UINT32_MAX};
    }
    if (ids_grow(s) || id_put(s, id, &s->records[i]))
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (i == s->n_records)
        s->n_records++;
    else
        s->free_record = s->records[i].next;
    s->records[i].kind = RECORD_FREE;
    *out = i;
    return TC_OK;
}

static void free_record(struct tc_set *s, uint32_t i)
{
    struct record *r = &s->records[i];
    id_drop(s, r);
    *r = (struct record){.next = s->free_record};
    s->free_record = i;
}

static tc_err add_parsed(struct tc_set *s, const struct tc_pattern *p, const struct tc_path *per,
                         uint32_t i, struct tc_diag *d)
{
    bool is = false;
    uint32_t path = 0;
    struct tc_access a = {0};
    struct complex *c = NULL;
    tc_err e = per ? TC_OK : direct(s, p, &is, &path, &a, d);
    if (e)
        return e;
    struct record *r = &s->records[i];
    if (is) {
        r->u.key = a.key;
        r->stamp = 0;
        if (link_ref(s, i, path, &a))
            return tc_diag_set(d, TC_E_NOMEM, "out of memory");
        r->kind = RECORD_DIRECT;
        s->counts.direct++;
        return TC_OK;
    }
    e = add_complex(s, p, per, i, &c, d);
    if (e)
        return e;
    r->u.complex = c;
    r->kind = RECORD_COMPLEX;
    s->counts.residual += c->residual;
    return TC_OK;
}

/* A diagnosis that knows only the offset gets its line and column. */
static void locate(struct tc_str text, struct tc_diag *d)
{
    uint64_t line = 1, column = 1;
    if (!d || d->line || d->offset > text.n)
        return;
    for (size_t i = 0; i < d->offset; i++) {
        column++;
        if (text.p[i] == '\n') {
            line++;
            column = 1;
        }
    }
    tc_diag_at(d, line, column, d->offset);
}

/* The offset of what is wrong with per is one of its own text. */
static tc_err parse_per(struct tc_set *s, struct tc_str per, struct tc_path *path,
                        struct tc_diag *d)
{
    struct tc_diag own;
    tc_diag_init(&own);
    tc_err e = tc_pattern_parse_path(per, s->arena, path, &own);
    return e ? tc_diag_set(d, e, "per: %s", own.message) : TC_OK;
}

tc_err tc_set_add(struct tc_set *s, struct tc_str id, struct tc_str pattern, uint32_t *handle,
                  struct tc_diag *d)
{
    return tc_set_add_per(s, id, pattern, TC_STR(""), handle, d);
}

tc_err tc_set_add_per(struct tc_set *s, struct tc_str id, struct tc_str pattern, struct tc_str per,
                      uint32_t *handle, struct tc_diag *d)
{
    struct tc_pattern p;
    struct tc_path path;
    struct tc_diag own;
    uint32_t i = 0;
    if (!d) {
        tc_diag_init(&own);
        d = &own;
    }
    tc_arena_reset(s->arena);
    tc_err e = tc_pattern_parse(pattern, s->arena, &p, d);
    if (!e && per.n)
        e = parse_per(s, per, &path, d);
    if (!e)
        e = new_record(s, id, &i, d);
    if (e)
        return e;
    e = add_parsed(s, &p, per.n ? &path : NULL, i, d);
    if (e) {
        free_record(s, i);
        locate(pattern, d);
        return e;
    }
    s->by_id[id_slot(s, id)] = i + 1;
    s->counts.patterns++;
    if (handle)
        *handle = i;
    return TC_OK;
}

void tc_set_remove(struct tc_set *s, uint32_t handle)
{
    struct record *r = &s->records[handle];
    if (r->kind == RECORD_DIRECT) {
        unlink_ref(s, handle);
        s->counts.direct--;
    } else {
        s->counts.residual -= r->u.complex->residual;
        drop_complex(s, r->u.complex);
    }
    by_id_remove(s, tc_set_id(s, handle));
    s->counts.patterns--;
    free_record(s, handle);
}

/* ---- counts ---- */

static size_t ranges_count(const struct tc_ranges *r)
{
    return r ? tc_ranges_count(r) : 0;
}

struct tc_set_counts tc_set_counts(const struct tc_set *s)
{
    struct tc_set_counts c = s->counts;
    c.regex_gave_up = tc_values_gave_up(s->values);
    c.bytes = s->index.size * 12 + s->by_id_size * 4 + s->ids_cap +
              s->records_cap * sizeof *s->records + s->postings_cap * sizeof *s->postings +
              s->exprs_cap * sizeof *s->exprs + s->n_probes * sizeof *s->probes + sizeof *s;
    for (size_t i = 0; i < s->n_probes; i++)
        c.bytes += (s->probes[i].grams ? 8192 : 0) +
                   48 * (ranges_count(s->probes[i].ranges) + ranges_count(s->probes[i].spans));
    for (const struct complex *x = s->all; x; x = x->next) {
        struct tc_when_counts w = tc_when_counts(x->when);
        struct tc_per_counts p = x->per ? tc_per_counts(x->per) : (struct tc_per_counts){0};
        c.remembered += w.seen + p.seen;
        c.forgotten += w.forgotten + p.forgotten;
        c.undecided += w.undecided + p.undecided;
        c.partitions += p.partitions;
        c.dropped += p.dropped;
        c.bytes += sizeof *x + 200 + (w.seen + p.seen) * 48 + p.partitions * 400;
    }
    return c;
}

bool tc_set_any(const struct tc_set *s)
{
    return s->counts.patterns > 0;
}

int64_t tc_set_span(const struct tc_set *s)
{
    int64_t most = 0;
    for (const struct complex *x = s->all; x; x = x->next)
        most = tc_when_span(x->when) > most ? tc_when_span(x->when) : most;
    return most;
}

void tc_set_clock(struct tc_set *s, tc_time now)
{
    s->clock = now;
}

bool tc_set_residual(const struct tc_set *s, size_t *at, uint32_t *handle)
{
    for (; *at < s->n_records; ++*at) {
        const struct record *r = &s->records[*at];
        if (r->kind == RECORD_COMPLEX && r->u.complex->residual) {
            *handle = (uint32_t)(*at)++;
            return true;
        }
    }
    return false;
}
