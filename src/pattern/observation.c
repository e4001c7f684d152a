/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/observation.h"

#include "base/hash.h"
#include "base/limits.h"

#include <stdlib.h>

/* ---- objects by id: a list, and a table over it when there are many ---- */

#define FEW 12

struct named {
    struct tc_str id;
    yyjson_val *object;
};

struct tc_objects {
    struct named *v;
    uint32_t *table; /* index + 1 into v, 0 = empty */
    size_t n, cap, size;
    const struct tc_objects *also;
    struct tc_hash_key key;
};

static struct tc_str text_of(yyjson_val *v)
{
    return tc_str_view(yyjson_get_str(v), yyjson_get_len(v));
}

static size_t slot_of(const struct tc_objects *o, struct tc_str id)
{
    size_t at = tc_hash64(o->key, id.p, id.n) & (o->size - 1);
    while (o->table[at] && !tc_str_eq(o->v[o->table[at] - 1].id, id))
        at = (at + 1) & (o->size - 1);
    return at;
}

static yyjson_val *find(const struct tc_objects *o, struct tc_str id)
{
    if (o->n > FEW) {
        uint32_t at = o->table[slot_of(o, id)];
        return at ? o->v[at - 1].object : NULL;
    }
    for (size_t i = 0; i < o->n; i++)
        if (tc_str_eq(o->v[i].id, id))
            return o->v[i].object;
    return NULL;
}

static void put_in_table(struct tc_objects *o, size_t i)
{
    size_t at = slot_of(o, o->v[i].id);
    if (!o->table[at])
        o->table[at] = (uint32_t)i + 1;
}

static tc_err widen(struct tc_objects *o)
{
    size_t size = o->size ? o->size * 2 : 64;
    uint32_t *t = calloc(size, sizeof *t);
    if (!t)
        return TC_E_NOMEM;
    free(o->table);
    o->table = t;
    o->size = size;
    for (size_t i = 0; i < o->n; i++)
        put_in_table(o, i);
    return TC_OK;
}

static tc_err add(struct tc_objects *o, yyjson_val *object)
{
    yyjson_val *id = yyjson_obj_get(object, "id");
    if (!yyjson_is_str(id))
        return TC_OK;
    if (o->n == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 16;
        struct named *v = cap > UINT32_MAX / 2 ? NULL : realloc(o->v, cap * sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        o->v = v;
        o->cap = cap;
    }
    o->v[o->n] = (struct named){text_of(id), object};
    o->n++;
    if (o->n <= FEW)
        return TC_OK;
    if (o->n * 2 > o->size)
        return widen(o);
    put_in_table(o, o->n - 1);
    return TC_OK;
}

static void clear(struct tc_objects *o)
{
    if (o->n > FEW && o->n * 16 < o->size) { /* do not clear a large table for every small bundle */
        free(o->table);
        o->table = NULL;
        o->size = 0;
    } else if (o->n > FEW) {
        memset(o->table, 0, o->size * sizeof *o->table);
    }
    o->n = 0;
}

/* ---- reading ---- */

struct tc_observations {
    struct tc_objects kept, here;
    struct tc_observation *v;
    size_t n, cap;
    yyjson_val **roots; /* of all of v, in turn */
    size_t n_roots, roots_cap;
};

struct tc_observations *tc_observations_new(void)
{
    struct tc_observations *r = calloc(1, sizeof *r);
    if (r) {
        r->kept.key = r->here.key = tc_hash_process_key();
        r->here.also = &r->kept;
    }
    return r;
}

void tc_observations_free(struct tc_observations *r)
{
    if (!r)
        return;
    free(r->kept.v);
    free(r->kept.table);
    free(r->here.v);
    free(r->here.table);
    free(r->v);
    free(r->roots);
    free(r);
}

tc_err tc_observations_keep(struct tc_observations *r, yyjson_val *object)
{
    return add(&r->kept, object);
}

static yyjson_val *beside(const struct tc_objects *o, struct tc_str ref)
{
    for (yyjson_val *v; o; o = o->also)
        if ((v = find(o, ref)))
            return v;
    return NULL;
}

yyjson_val *tc_observation_object(const struct tc_observation *o, struct tc_str ref)
{
    yyjson_val *v = o->embedded ? yyjson_obj_getn(o->embedded, ref.p, ref.n) : NULL;
    return v ? v : beside(o->beside, ref);
}

static tc_err bad(const struct tc_observation *o, const char *path, const char *what,
                  struct tc_diag *d)
{
    if (d) {
        tc_diag_object(d, o->id.p ? o->id.p : "", o->id.n);
        tc_diag_path(d, path, strlen(path));
    }
    return tc_diag_set(d, TC_E_INVALID, "%s", what);
}

static tc_err read_time(const struct tc_observation *o, yyjson_val *v, const char *name,
                        tc_time *out, struct tc_diag *d)
{
    if (!yyjson_is_str(v) || tc_time_parse_z(text_of(v), out))
        return bad(o, name, "an observation needs a time here, such as 2026-01-31T08:00:00Z", d);
    return TC_OK;
}

/* One walk over the members: an observed-data has few, and asking for each by name costs more. */
struct members {
    yyjson_val *id, *first, *last, *number, *objects, *refs;
};

static struct members members_of(yyjson_val *od)
{
    struct members m = {0};
    yyjson_val *k, *v;
    size_t i, max;
    yyjson_obj_foreach (od, i, max, k, v) {
        struct tc_str name = text_of(k);
        yyjson_val **to = NULL;
        if (name.n == 2 && memcmp(name.p, "id", 2) == 0)
            to = &m.id;
        else if (name.n == 14 && memcmp(name.p, "first_observed", 14) == 0)
            to = &m.first;
        else if (name.n == 13 && memcmp(name.p, "last_observed", 13) == 0)
            to = &m.last;
        else if (name.n == 15 && memcmp(name.p, "number_observed", 15) == 0)
            to = &m.number;
        else if (name.n == 7 && memcmp(name.p, "objects", 7) == 0)
            to = &m.objects;
        else if (name.n == 11 && memcmp(name.p, "object_refs", 11) == 0)
            to = &m.refs;
        if (to && !*to)
            *to = v;
    }
    return m;
}

static tc_err read_head(const struct members *m, struct tc_observation *o, struct tc_diag *d)
{
    if (yyjson_is_str(m->id))
        o->id = text_of(m->id);
    tc_err e = read_time(o, m->first, "first_observed", &o->first, d);
    if (!e)
        e = read_time(o, m->last, "last_observed", &o->last, d);
    if (e)
        return e;
    if (o->last < o->first)
        return bad(o, "last_observed", "last_observed is before first_observed", d);
    o->number = 1;
    if (m->number) {
        uint64_t n = yyjson_is_uint(m->number) ? yyjson_get_uint(m->number) : 0;
        if (n < 1 || n > TC_OBSERVATION_MAX_NUMBER)
            return bad(o, "number_observed", "number_observed is from 1 to 999999999", d);
        o->number = (uint32_t)n;
    }
    return TC_OK;
}

static tc_err room_for_roots(struct tc_observations *r, size_t n)
{
    if (r->roots && r->n_roots + n <= r->roots_cap)
        return TC_OK;
    size_t cap = (r->n_roots + n) * 2 + 16;
    yyjson_val **v = realloc(r->roots, cap * sizeof(yyjson_val *));
    if (!v)
        return TC_E_NOMEM;
    r->roots = v;
    r->roots_cap = cap;
    return TC_OK;
}

static tc_err read_roots(struct tc_observations *r, const struct members *m,
                         struct tc_observation *o, struct tc_diag *d)
{
    yyjson_val *k, *v;
    size_t i, max, n = yyjson_obj_size(m->objects) + yyjson_arr_size(m->refs);
    if (n > TC_OBSERVATION_MAX_ROOTS)
        return bad(o, "object_refs", "the observation has too many objects", d);
    if (room_for_roots(r, n))
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    size_t from = r->n_roots;
    o->embedded = yyjson_is_obj(m->objects) ? m->objects : NULL;
    if (m->objects)
        yyjson_obj_foreach (m->objects, i, max, k, v)
            r->roots[r->n_roots++] = v;
    for (yyjson_arr_iter it = yyjson_arr_iter_with(m->refs); (v = yyjson_arr_iter_next(&it));) {
        yyjson_val *object = yyjson_is_str(v) ? beside(o->beside, text_of(v)) : NULL;
        if (object)
            r->roots[r->n_roots++] = object;
        else
            o->missing++;
    }
    o->n_roots = (uint32_t)(r->n_roots - from);
    return TC_OK;
}

static tc_err read_one(struct tc_observations *r, yyjson_val *od, struct tc_diag *d)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        struct tc_observation *v = realloc(r->v, cap * sizeof *v);
        if (!v)
            return tc_diag_set(d, TC_E_NOMEM, "out of memory");
        r->v = v;
        r->cap = cap;
    }
    struct members m = members_of(od);
    struct tc_observation *o = &r->v[r->n];
    *o = (struct tc_observation){.id = TC_STR(""), .beside = &r->here};
    tc_err e = read_head(&m, o, d);
    if (!e)
        e = read_roots(r, &m, o, d);
    r->n += !e;
    return e;
}

static bool is_observed(yyjson_val *v)
{
    return yyjson_equals_str(yyjson_obj_get(v, "type"), "observed-data");
}

tc_err tc_observations_read(struct tc_observations *r, yyjson_val *root,
                            const struct tc_observation **out, size_t *n, struct tc_diag *d)
{
    tc_err e = TC_OK;
    yyjson_val *v, *list = root;
    size_t i, max;
    clear(&r->here);
    r->n = r->n_roots = 0;
    if (is_observed(root)) {
        e = read_one(r, root, d);
    } else {
        if (yyjson_is_obj(root))
            list = yyjson_obj_get(root, "objects");
        yyjson_arr_foreach (list, i, max, v) {
            e = add(&r->here, v);
            if (e)
                return tc_diag_set(d, e, "out of memory");
        }
        yyjson_arr_foreach (list, i, max, v)
            if (!e && is_observed(v))
                e = read_one(r, v, d);
    }
    if (e)
        return e;
    for (size_t k = 0, at = 0; k < r->n; at += r->v[k++].n_roots)
        r->v[k].roots = r->roots + at;
    *out = r->v;
    *n = r->n;
    return TC_OK;
}
