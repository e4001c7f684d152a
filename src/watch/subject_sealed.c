/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/subject_sealed.h"

#include "base/limits.h"
#include "codec/json.h"
#include "watch/extract.h"

#include <stdlib.h>

enum { AT_ONCE = 512 };

struct looking {
    struct tc_node *n;
    const struct tc_principal *eyes;
    struct tc_str value;
    struct tc_extract x;
    struct tc_hash_key key;
    uint64_t hash;
    uint32_t *seq; /* found, rising */
    size_t count, cap;
};

static tc_err found(struct looking *l, uint64_t seq)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        uint32_t *more = realloc(l->seq, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        l->seq = more;
        l->cap = cap;
    }
    l->seq[l->count++] = (uint32_t)seq;
    return TC_OK;
}

/* Is some text of it the value? Depth is bounded by the reader of the text (TC_MAX_DEPTH). */
static bool says(yyjson_val *v, struct tc_str value)
{
    size_t i, n;
    yyjson_val *key, *one;
    if (yyjson_is_str(v))
        return tc_str_eq(tc_str_trim(tc_json_view(v)), value);
    yyjson_arr_foreach (v, i, n, one)
        if (says(one, value))
            return true;
    yyjson_obj_foreach (v, i, n, key, one)
        if (says(one, value))
            return true;
    return false;
}

static tc_err look_at(struct looking *l, const struct tc_row *row)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(row->body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &j, NULL);
    if (e)
        return e == TC_E_NOMEM ? e : TC_OK;
    bool it = says(j.root, l->value);
    tc_json_fini(&j);
    if (!it)
        e = tc_extract_object(&l->x, l->key, row->type, row->body);
    for (size_t i = 0; !e && !it && i < l->x.n_keys; i++)
        it = l->x.keys[i].kind == TC_KEY_VALUE && l->x.keys[i].hash == l->hash;
    if (e == TC_E_SYNTAX)
        e = TC_OK;
    return !e && it ? found(l, row->seq) : e;
}

/* The next sealed entries behind *after, at most AT_ONCE of them. */
static tc_err some(struct looking *l, uint64_t *after, uint64_t until, bool *over)
{
    uint64_t seqs[AT_ONCE];
    struct tc_query q = {.until = until,
                         .seqs = seqs,
                         .added_after = TC_TIME_NONE,
                         .versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *r = NULL;
    struct tc_row row;
    while (q.n_seqs < AT_ONCE &&
           (seqs[q.n_seqs] = tc_journal_next_sealed(l->n->journal, *after, until)) != 0)
        *after = seqs[q.n_seqs++];
    *over = q.n_seqs < AT_ONCE;
    tc_err e = q.n_seqs ? tc_reader_open(l->n->journal, l->eyes, &q, &r) : TC_OK;
    while (r && !e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = look_at(l, &row);
    tc_reader_close(r);
    return e == TC_E_CORRUPT ? TC_OK : e; /* it is not given to anybody */
}

static bool has(const struct tc_value_found *f, size_t n, uint32_t seq)
{
    for (size_t i = 0; i < n; i++)
        if (f->seq[i] == seq)
            return true;
    return false;
}

static int falling(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static void add(const struct looking *l, struct tc_value_found *f)
{
    size_t before = f->n;
    for (size_t i = l->count; i-- > 0;) {
        if (has(f, before, l->seq[i]))
            continue;
        f->count++;
        if (f->n < TC_MAX_CORRELATED)
            f->seq[f->n++] = l->seq[i];
    }
    qsort(f->seq, f->n, sizeof *f->seq, falling);
}

tc_err tc_subject_sealed(struct tc_node *n, const struct tc_principal *eyes, struct tc_str value,
                         uint64_t until, struct tc_value_found *f)
{
    struct looking l = {.n = n, .eyes = eyes, .value = tc_str_trim(value)};
    uint64_t after = 0;
    bool over = !n->seals;
    tc_err e = TC_OK;
    l.key = tc_hash_process_key();
    l.hash = tc_extract_hash(l.key, TC_KEY_VALUE, l.value);
    tc_extract_init(&l.x, n->types);
    while (!e && !over)
        e = some(&l, &after, until, &over);
    if (!e)
        add(&l, f);
    tc_extract_fini(&l.x);
    free(l.seq);
    return e;
}
