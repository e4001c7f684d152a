/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding, in groups of GROUP observations so that memory is fetched ahead:
 *   1. the values at the paths, their keys, and a prefetch for each
 *   2. for each observation: look-ups; direct patterns match at once, a posting leads to an
 *      expression, which is evaluated on the root object that the value came from
 *   3. patterns of which some [...] held: single ones match, the others go to when.h */
#include "base/limits.h"
#include "codec/jsonw.h"
#include "pattern/set_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define GROUP 16

struct feeding {
    struct tc_set *s;
    const struct tc_observation *o;
    size_t from, to; /* its values in s->found */
    bool chained;    /* the values are linked by path */
    struct complex *touched;
    struct tc_seen_id *id;
    tc_set_emit emit;
    void *arg;
};

/* ---- 1: values and keys ---- */

static tc_err more_probing(struct tc_set *s, size_t n)
{
    if (s->probing_n + n <= s->probing_cap)
        return TC_OK;
    size_t cap = (s->probing_n + n) * 2;
    struct probe_value *v = realloc(s->probing, cap * sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    s->probing = v;
    s->probing_cap = cap;
    return TC_OK;
}

static tc_err keys_of(struct tc_set *s, uint32_t value, bool *cut)
{
    const struct tc_path_value *f = &s->found.v[value];
    if (f->path >= s->n_probes || !s->probes[f->path].kinds)
        return TC_OK;
    struct tc_hash128 *keys = s->keys, *large = NULL;
    size_t room = sizeof s->keys / sizeof s->keys[0];
    /* text of this length can have more keys than the scratch: one at each byte, twice */
    if (yyjson_is_str(f->v) && yyjson_get_len(f->v) > room / 4) {
        room = TC_INDEX_MAX_KEYS;
        keys = large = malloc(room * sizeof *keys);
        if (!large)
            return TC_E_NOMEM;
    }
    size_t n = tc_probes_keys(&s->probes[f->path], f->path, tc_paths_reading(s->paths, f->path),
                              f->v, s->values, keys, room, cut);
    tc_err e = tc_values_starved(s->values) ? TC_E_NOMEM : more_probing(s, n);
    for (size_t i = 0; !e && i < n; i++) {
        tc_pattern_index_prefetch(&s->index, keys[i].a);
        s->probing[s->probing_n++] = (struct probe_value){value, keys[i]};
    }
    free(large);
    return e;
}

static tc_err extract(struct tc_set *s, const struct tc_observation *o)
{
    size_t from = s->found.n;
    bool cut = false, keys_cut = false;
    tc_err e = tc_paths_values(s->paths, o, &s->found, &cut);
    for (size_t i = from; !e && i < s->found.n; i++)
        e = keys_of(s, (uint32_t)i, &keys_cut);
    s->counts.cut += cut || keys_cut;
    return e;
}

/* ---- 2: expressions ---- */

/* Links the values of the observation by path, when the first expression asks. */
static tc_err chain(struct feeding *f)
{
    struct tc_set *s = f->s;
    size_t paths = tc_paths_count(s->paths), values = s->found.cap;
    if (paths > s->chain_paths) {
        uint32_t *h = realloc(s->chain_head, paths * sizeof *h);
        s->chain_head = h ? h : s->chain_head;
        uint64_t *t = realloc(s->chain_stamp, paths * sizeof *t);
        s->chain_stamp = t ? t : s->chain_stamp;
        if (!h || !t)
            return TC_E_NOMEM;
        memset(t + s->chain_paths, 0, (paths - s->chain_paths) * sizeof *t);
        s->chain_paths = paths;
    }
    if (values > s->chain_values) {
        uint32_t *n = realloc(s->chain_next, values * sizeof *n);
        if (!n)
            return TC_E_NOMEM;
        s->chain_next = n;
        s->chain_values = values;
    }
    for (size_t i = f->from; i < f->to; i++) {
        uint32_t path = s->found.v[i].path;
        s->chain_next[i] = s->chain_stamp[path] == s->observation ? s->chain_head[path] : 0;
        s->chain_head[path] = (uint32_t)i + 1;
        s->chain_stamp[path] = s->observation;
    }
    f->chained = true;
    return TC_OK;
}

static bool predicate_holds(struct tc_set *s, struct predicate *p, uint32_t root)
{
    if (p->stamp == s->object)
        return p->result;
    p->stamp = s->object;
    p->result = false;
    if (s->chain_stamp[p->path] != s->observation)
        return false;
    for (uint32_t i = s->chain_head[p->path]; i && !p->result; i = s->chain_next[i - 1])
        p->result = s->found.v[i - 1].root == root &&
                    tc_test_holds(&p->test, s->found.v[i - 1].v, s->values);
    return p->result;
}

/* Prefix order; as deep as the pattern's parentheses. */
static bool expr_holds(struct tc_set *s, const struct expr *e, uint32_t at, uint32_t root)
{
    const struct expr_node *n = &e->nodes[at];
    if (n->kind == TC_CMP_TEST)
        return predicate_holds(s, n->predicate, root);
    bool all = n->kind == TC_CMP_AND;
    for (uint32_t k = at + 1; k < n->end; k = e->nodes[k].end)
        if (expr_holds(s, e, k, root) != all)
            return !all;
    return all;
}

static tc_err try_expr(struct feeding *f, struct expr *e, uint32_t root)
{
    struct tc_set *s = f->s;
    uint64_t object = s->observation << 16 | root;
    if (e->done == s->observation || e->tried == object)
        return TC_OK;
    e->tried = object;
    if (!e->exact) {
        if (!f->chained && chain(f))
            return TC_E_NOMEM;
        s->object = object;
        bool holds = expr_holds(s, e, 0, root);
        if (tc_values_starved(s->values))
            return TC_E_NOMEM;
        if (!holds)
            return TC_OK;
    }
    e->done = s->observation;
    uint64_t part = tc_when_part(e->of->when, e->k, f->o->first, f->o->last);
    if (!part)
        return TC_OK;
    if (e->of->stamp != s->observation) {
        e->of->stamp = s->observation;
        e->of->parts = 0;
        e->of->touched = f->touched;
        f->touched = e->of;
    }
    e->of->parts |= part;
    return TC_OK;
}

/* per: NULL without. */
static tc_err tell(struct feeding *f, uint32_t handle, const struct tc_str *per,
                   const struct tc_str *ids, size_t n)
{
    const struct tc_set_match m = {.pattern = tc_set_id(f->s, handle),
                                   .handle = handle,
                                   .observations = ids,
                                   .n = n,
                                   .parted = per != NULL,
                                   .per = per ? *per : TC_STR("")};
    return f->emit(f->arg, &m);
}

struct in_range {
    struct feeding *f;
    uint32_t root;
};

static tc_err in_range(void *arg, uint32_t expr)
{
    const struct in_range *x = arg;
    return try_expr(x->f, &x->f->s->exprs[expr], x->root);
}

static tc_err look_up_range(struct feeding *f, const struct tc_path_value *v, uint64_t at)
{
    const struct tc_probes *p = &f->s->probes[v->path];
    struct in_range x = {f, v->root};
    return tc_ranges_holding(yyjson_is_num(v->v) ? p->ranges : p->spans, (int64_t)at, in_range, &x);
}

static tc_err look_up(struct feeding *f, const struct probe_value *p)
{
    struct tc_set *s = f->s;
    uint32_t root = s->found.v[p->value].root;
    tc_err e = TC_OK;
    if (!p->key.a)
        return look_up_range(f, &s->found.v[p->value], p->key.b);
    for (uint32_t at = tc_pattern_index_get(&s->index, p->key.a); !e && at != TC_INDEX_END;) {
        if (at & REF_POSTING) {
            const struct posting *t = &s->postings[at & ~REF_POSTING];
            if (t->key.b == p->key.b)
                e = try_expr(f, &s->exprs[t->expr], root);
            at = t->next;
            continue;
        }
        struct record *r = &s->records[at];
        if (r->u.key.b == p->key.b && r->stamp != s->stamp) {
            r->stamp = s->stamp;
            e = tell(f, at, NULL, &f->o->id, 1);
        }
        at = r->next;
    }
    return e;
}

/* ---- 3: patterns ---- */

static tc_err tell_binding(struct feeding *f, uint32_t handle, const struct tc_str *per,
                           struct tc_seen_id *const *ids, size_t n)
{
    struct tc_set *s = f->s;
    if (n > s->out_cap) {
        struct tc_str *v = realloc(s->out_ids, n * sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        s->out_ids = v;
        s->out_cap = n;
    }
    for (size_t i = 0; i < n; i++)
        s->out_ids[i] = tc_str_view(ids[i]->p, ids[i]->n);
    return tell(f, handle, per, s->out_ids, n);
}

static tc_err event_of(struct feeding *f, const struct complex *c, struct tc_when_event *x)
{
    if (!f->id)
        f->id = tc_seen_id_new(f->o->id);
    *x = (struct tc_when_event){.first = f->o->first,
                                .last = f->o->last,
                                .number = f->o->number,
                                .parts = c->parts,
                                .id = f->id,
                                .clock = f->s->clock,
                                .again = f->s->again};
    return f->id ? TC_OK : TC_E_NOMEM;
}

/* What two values of "per" are the same by, and how the value is shown. */
struct per_value {
    struct tc_hash128 key;
    struct tc_str text;
    char number[TC_JSON_NUMBER];
};

static bool read_per(yyjson_val *v, struct per_value *out)
{
    char kind = 's';
    if (yyjson_is_str(v)) {
        out->text = tc_str_view(yyjson_get_str(v), yyjson_get_len(v));
    } else if (yyjson_is_bool(v)) {
        out->text = tc_str_cstr(yyjson_get_bool(v) ? "true" : "false");
        kind = 'b';
    } else if (yyjson_is_num(v)) {
        /* 1 and 1.0 are equal (STIX 2.1 section 9.6); above 2^53 a double would confuse integers */
        bool exact = yyjson_is_uint(v) && yyjson_get_uint(v) >> 53;
        size_t n = exact ? (size_t)snprintf(out->number, sizeof out->number, "%llu",
                                            (unsigned long long)yyjson_get_uint(v))
                         : tc_json_number(yyjson_get_num(v), out->number);
        out->text = tc_str_view(out->number, n);
        kind = 'n';
    } else {
        return false;
    }
    struct tc_hash_key k = tc_hash_process_key();
    k.k1 ^= (uint64_t)kind;
    out->key = tc_hash128(k, out->text.p, out->text.n);
    return true;
}

static tc_err finish_value(struct feeding *f, struct complex *c, const struct per_value *v)
{
    struct tc_when_event x;
    enum tc_when_verdict verdict = TC_WHEN_NO;
    struct tc_seen_id *const *ids = NULL;
    size_t n = 0;
    if (!c->per)
        return tell(f, c->record, &v->text, &f->o->id, 1);
    tc_err e = event_of(f, c, &x);
    e = e ? e : tc_per_feed(c->per, v->key, &x, f->s->late, &verdict, &ids, &n);
    return e || verdict != TC_WHEN_YES ? e : tell_binding(f, c->record, &v->text, ids, n);
}

/* Each different value once. */
static tc_err finish_parts(struct feeding *f, struct complex *c)
{
    struct tc_set *s = f->s;
    struct tc_hash128 done[TC_MAX_PER_VALUES];
    size_t n = 0;
    tc_err e = f->chained ? TC_OK : chain(f);
    if (e || s->chain_stamp[c->per_path] != s->observation)
        return e;
    for (uint32_t i = s->chain_head[c->per_path]; !e && i; i = s->chain_next[i - 1]) {
        struct per_value v;
        size_t k = 0;
        if (!read_per(s->found.v[i - 1].v, &v))
            continue;
        while (k < n && (done[k].a != v.key.a || done[k].b != v.key.b))
            k++;
        if (k < n)
            continue;
        if (n == TC_MAX_PER_VALUES) {
            s->counts.cut++;
            break;
        }
        done[n++] = v.key;
        e = finish_value(f, c, &v);
    }
    return e;
}

static tc_err finish(struct feeding *f, struct complex *c)
{
    struct tc_when_event x;
    enum tc_when_verdict verdict = TC_WHEN_NO;
    struct tc_seen_id *const *ids = NULL;
    size_t n = 0;
    if (c->parted)
        return finish_parts(f, c);
    if (tc_when_single(c->when))
        return tell(f, c->record, NULL, &f->o->id, 1);
    tc_err e = event_of(f, c, &x);
    e = e ? e : tc_when_feed(c->when, &x, f->s->late, &verdict, &ids, &n);
    return e || verdict != TC_WHEN_YES ? e : tell_binding(f, c->record, NULL, ids, n);
}

static void next_stamp(struct tc_set *s)
{
    s->observation++;
    if (++s->stamp == 0) { /* after 4 G observations: old stamps must not look new */
        for (size_t i = 0; i < s->n_records; i++)
            s->records[i].stamp = 0;
        s->stamp = 1;
    }
}

static tc_err feed_one(struct feeding *f, size_t *probe)
{
    struct tc_set *s = f->s;
    tc_err e = TC_OK;
    next_stamp(s);
    for (; !e && *probe < s->probing_n && s->probing[*probe].value < f->to; ++*probe)
        e = look_up(f, &s->probing[*probe]);
    for (struct complex *c = f->touched; !e && c; c = c->touched)
        e = finish(f, c);
    tc_seen_id_unref(f->id);
    return e;
}

static tc_err feed_group(struct tc_set *s, const struct tc_observation *v, size_t n,
                         tc_set_emit emit, void *arg)
{
    size_t ends[GROUP], probe = 0, from = 0;
    tc_err e = TC_OK;
    s->found.n = s->probing_n = 0;
    for (size_t i = 0; !e && i < n; i++) {
        e = extract(s, &v[i]);
        ends[i] = s->found.n;
    }
    for (size_t i = 0; !e && i < n; i++) {
        struct feeding f = {
            .s = s, .o = &v[i], .from = from, .to = ends[i], .emit = emit, .arg = arg};
        e = feed_one(&f, &probe);
        from = ends[i];
    }
    return e;
}

tc_err tc_set_feed(struct tc_set *s, const struct tc_observation *v, size_t n, tc_set_emit emit,
                   void *arg)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < n; i += GROUP)
        e = feed_group(s, v + i, n - i < GROUP ? n - i : GROUP, emit, arg);
    return e;
}

tc_err tc_set_feed_again(struct tc_set *s, const struct tc_observation *o, tc_set_emit emit,
                         void *arg)
{
    s->again = true;
    tc_err e = feed_group(s, o, 1, emit, arg);
    s->again = false;
    return e;
}
