/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/evidence.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"
#include "watch/meet.h"

#include <stdlib.h>

#define CHUNK 2000u /* ids of one query */

struct object {
    struct tc_str id;
    struct tc_json json;
    const struct tc_audience *audience; /* of the entry that was taken; NULL = none is there */
    bool covers;                        /* its readers are all those of the observation */
    uint64_t seq;
};

struct tc_evidence {
    struct tc_journal *j;
    const struct tc_principal *p;
    const struct tc_audience *audience;
    uint64_t until;
    struct object *v;
    size_t n, cap;
    size_t bytes;
    struct tc_map *ids; /* id -> index into v */
    struct tc_arena *arena;
    struct tc_json *body;
    size_t n_bodies, cap_bodies;
    struct tc_observations *all; /* of v[0 .. known) */
    size_t known;
    size_t keep; /* bytes that may stay for the next call */
    const struct tc_str *types;
    size_t n_types;
    struct tc_evidence_counts counts;
};

/* ---- which objects ---- */

static tc_err want(struct tc_evidence *e, struct tc_str id)
{
    uint64_t at = e->n;
    bool added;
    if (tc_id_split(id, &(struct tc_str){0}, &(struct tc_uuid){{0}}))
        return TC_OK;
    if (e->n == TC_EVIDENCE_OBJECTS) {
        e->counts.cut++;
        return TC_OK;
    }
    tc_err err = tc_map_intern(e->ids, id, &at, &added);
    if (err || !added)
        return err;
    if (e->n == e->cap) {
        size_t cap = e->cap ? 2 * e->cap : 64;
        struct object *v = reallocarray(e->v, cap, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        e->v = v;
        e->cap = cap;
    }
    id = tc_arena_dup(e->arena, id);
    if (!id.p)
        return tc_arena_err(e->arena);
    e->v[e->n++] = (struct object){.id = id};
    return TC_OK;
}

static bool leads_on(struct tc_str name, bool many)
{
    if (tc_str_is(name, "created_by_ref") || tc_str_is(name, "object_marking_refs"))
        return false;
    return tc_str_ends(name, many ? TC_STR("_refs") : TC_STR("_ref"));
}

static bool wanted_type(const struct tc_evidence *e, struct tc_str id)
{
    for (size_t i = 0; i < e->n_types; i++)
        if (tc_str_starts(id, e->types[i]) && id.n > e->types[i].n && id.p[e->types[i].n] == '-')
            return true;
    return false;
}

/* The objects that an observed-data names, of the types that somebody looks at. */
static tc_err want_roots(struct tc_evidence *e, yyjson_val *observed)
{
    yyjson_val *one;
    size_t i, n;
    tc_err err = TC_OK;
    yyjson_arr_foreach (tc_json_get(observed, "object_refs"), i, n, one)
        if (!err && yyjson_is_str(one) && wanted_type(e, tc_json_view(one)))
            err = want(e, tc_json_view(one));
    return err;
}

/* Depth is bounded by the reader of the text (TC_MAX_DEPTH). */
static tc_err want_refs(struct tc_evidence *e, yyjson_val *v, unsigned depth)
{
    yyjson_val *key, *one, *item;
    size_t i, n, k, m;
    tc_err err = TC_OK;
    if (depth > TC_MAX_DEPTH)
        return TC_OK;
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, n, one)
            if (!err && yyjson_is_ctn(one))
                err = want_refs(e, one, depth + 1);
        return err;
    }
    yyjson_obj_foreach (v, i, n, key, one) {
        if (err)
            return err;
        if (yyjson_is_str(one) && leads_on(tc_json_view(key), false)) {
            err = want(e, tc_json_view(one));
        } else if (yyjson_is_arr(one) && leads_on(tc_json_view(key), true)) {
            yyjson_arr_foreach (one, k, m, item)
                if (!err && yyjson_is_str(item))
                    err = want(e, tc_json_view(item));
        } else if (yyjson_is_ctn(one)) {
            err = want_refs(e, one, depth + 1);
        }
    }
    return err;
}

/* ---- out of the journal ---- */

/* The one that all readers of the observation read, then the newer one. */
static bool better(const struct object *o, bool covers, uint64_t seq)
{
    if (!o->audience || covers != o->covers)
        return !o->audience || covers;
    return seq > o->seq;
}

static tc_err take(struct tc_evidence *e, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(e->j, row->audience);
    struct tc_audience m;
    struct tc_json json = {0};
    uint64_t at = 0;
    if (!a || !tc_map_get(e->ids, row->id, &at))
        return TC_OK;
    struct object *o = &e->v[at];
    bool covers =
        !e->audience || (tc_audience_meet(e->audience, a, &m) && tc_audience_eq(&m, e->audience));
    if (!better(o, covers, row->seq))
        return TC_OK;
    if (row->body.n > TC_EVIDENCE_BYTES - e->bytes) {
        e->counts.cut++;
        return TC_OK;
    }
    tc_err err = tc_json_read(row->body, TC_MAX_OBJECT, 0, &json, NULL);
    if (err)
        return err == TC_E_NOMEM ? err : TC_OK;
    tc_json_fini(&o->json);
    e->bytes += row->body.n;
    o->json = json;
    o->audience = a;
    o->covers = covers;
    o->seq = row->seq;
    return TC_OK;
}

static tc_err fetch(struct tc_evidence *e, size_t from, size_t to)
{
    struct tc_str ids[CHUNK];
    tc_err err = TC_OK;
    while (!err && from < to) {
        struct tc_reader *r = NULL;
        struct tc_row row;
        size_t n = 0;
        while (n < CHUNK && from < to)
            ids[n++] = e->v[from++].id;
        const struct tc_query q = {.ids = ids,
                                   .n_ids = n,
                                   .until = e->until,
                                   .versions =
                                       1u << (e->audience ? TC_VERSIONS_ALL : TC_VERSIONS_LAST)};
        err = tc_reader_open(e->j, e->p, &q, &r);
        while (!err && !(err = tc_reader_next(r, &row)) && row.seq)
            err = take(e, &row);
        tc_reader_close(r);
    }
    return err;
}

static tc_err fetch_all(struct tc_evidence *e, size_t from, bool *whole)
{
    tc_err err = TC_OK;
    for (int level = 0; !err && level < TC_EVIDENCE_LEVELS && from < e->n; level++) {
        size_t to = e->n;
        err = fetch(e, from, to);
        for (size_t i = from; !err && !e->n_types && i < to; i++)
            if (e->v[i].json.root)
                err = want_refs(e, e->v[i].json.root, 0);
        from = to;
    }
    *whole = from == e->n;
    return err;
}

/* ---- observations ---- */

/* All different audiences of what was put together; too many is as bad as one that is unknown. */
static tc_err list_audiences(const struct tc_evidence *e, const struct tc_audience **list,
                             size_t *n)
{
    *n = 0;
    if (!e->audience)
        return TC_OK;
    list[(*n)++] = e->audience;
    for (size_t i = 0; i < e->n; i++) {
        size_t k = 0;
        if (!e->v[i].audience || e->v[i].covers)
            continue;
        while (k < *n && list[k] != e->v[i].audience)
            k++;
        if (k == *n && k == TC_EVIDENCE_AUDIENCES)
            return TC_E_LIMIT;
        list[k] = e->v[i].audience;
        *n += k == *n;
    }
    return TC_OK;
}

static size_t list_missing(const struct tc_evidence *e, struct tc_str *list)
{
    size_t n = 0;
    for (size_t i = 0; e->audience && i < e->n && n < TC_EVIDENCE_MISSING; i++)
        if (!e->v[i].json.root)
            list[n++] = e->v[i].id;
    return n;
}

static tc_err each_body(struct tc_evidence *e, tc_evidence_each each, void *arg)
{
    const struct tc_audience *audiences[TC_EVIDENCE_AUDIENCES];
    struct tc_str missing[TC_EVIDENCE_MISSING];
    struct tc_evidence_of x = {
        .audiences = audiences, .missing = missing, .n_missing = list_missing(e, missing)};
    tc_err err = list_audiences(e, audiences, &x.n_audiences);
    if (err) {
        e->counts.cut++;
        return TC_OK;
    }
    for (size_t i = 0; !err && i < e->n_bodies; i++) {
        size_t n = 0;
        if (!e->body[i].root)
            continue;
        err = tc_observations_read(e->all, e->body[i].root, &x.o, &n, NULL);
        if (!err && n == 1) {
            x.i = i;
            x.object = e->body[i].root;
            err = each(arg, &x);
            if (err)
                return err;
        } else if (err != TC_E_NOMEM) {
            e->counts.unreadable++;
            err = TC_OK;
        }
    }
    return err;
}

static tc_err observe(struct tc_evidence *e, tc_evidence_each each, void *arg)
{
    tc_err err = TC_OK;
    for (; !err && e->known < e->n; e->known++)
        if (e->v[e->known].json.root)
            err = tc_observations_keep(e->all, e->v[e->known].json.root);
    return err ? err : each_body(e, each, arg);
}

static tc_err room_for_bodies(struct tc_evidence *e, size_t n)
{
    if (n > e->cap_bodies) {
        struct tc_json *v = reallocarray(e->body, n, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        e->body = v;
        e->cap_bodies = n;
    }
    if (n)
        memset(e->body, 0, n * sizeof *e->body);
    e->n_bodies = n;
    return TC_OK;
}

static tc_err parse_bodies(struct tc_evidence *e, const struct tc_str *bodies, size_t n)
{
    tc_err err = room_for_bodies(e, n);
    for (size_t i = 0; !err && i < n; i++) {
        err = tc_json_read(bodies[i], TC_MAX_OBJECT, 0, &e->body[i], NULL);
        err = err == TC_E_NOMEM ? err : TC_OK;
    }
    return err;
}

static void forget_objects(struct tc_evidence *e)
{
    for (size_t i = 0; i < e->n; i++)
        tc_json_fini(&e->v[i].json);
    tc_observations_free(e->all);
    tc_map_free(e->ids);
    e->all = NULL;
    e->ids = NULL;
    e->n = e->known = e->bytes = 0;
    tc_arena_reset(e->arena);
}

static void forget_bodies(struct tc_evidence *e)
{
    for (size_t i = 0; i < e->n_bodies; i++)
        tc_json_fini(&e->body[i]);
    e->n_bodies = 0;
}

/* *whole: all that they lead to is there, nothing was too deep or too much. */
static tc_err gather(struct tc_evidence *e, bool *whole)
{
    uint64_t cut = e->counts.cut;
    if (!e->ids)
        e->ids = tc_map_new(TC_EVIDENCE_OBJECTS);
    if (!e->all)
        e->all = tc_observations_new();
    size_t from = e->n;
    tc_err err = e->ids && e->all ? TC_OK : TC_E_NOMEM;
    for (size_t i = 0; !err && i < e->n_bodies; i++)
        if (e->body[i].root)
            err = e->n_types ? want_roots(e, e->body[i].root) : want_refs(e, e->body[i].root, 0);
    err = err ? err : fetch_all(e, from, whole);
    if (err || cut == e->counts.cut)
        return err;
    *whole = false;
    if (!from)
        return TC_OK;
    e->counts.cut = cut; /* too much together with what was kept: without that */
    forget_objects(e);
    return gather(e, whole);
}

/* What leads on to something too deep must not stay: named directly, it leads further. */
static bool may_stay(const struct tc_evidence *e, bool whole)
{
    return whole && e->keep && e->bytes <= e->keep && e->n <= TC_EVIDENCE_OBJECTS / 2;
}

tc_err tc_evidence_read(struct tc_evidence *e, const struct tc_str *bodies, size_t n,
                        const struct tc_audience *audience, uint64_t until, tc_evidence_each each,
                        void *arg)
{
    bool whole = false;
    e->audience = audience;
    e->until = until;
    tc_err err = parse_bodies(e, bodies, n);
    err = err ? err : gather(e, &whole);
    err = err ? err : observe(e, each, arg);
    forget_bodies(e);
    if (err || !may_stay(e, whole))
        forget_objects(e);
    return err;
}

void tc_evidence_keep(struct tc_evidence *e, size_t bytes, const struct tc_str *types, size_t n)
{
    e->keep = bytes;
    e->types = types;
    e->n_types = n;
}

/* ---- life ---- */

struct tc_evidence *tc_evidence_new(struct tc_journal *j, const struct tc_principal *p)
{
    struct tc_evidence *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->j = j;
    e->p = p;
    e->arena = tc_arena_new((size_t)TC_EVIDENCE_OBJECTS * 320);
    if (!e->arena) {
        free(e);
        return NULL;
    }
    return e;
}

void tc_evidence_free(struct tc_evidence *e)
{
    if (!e)
        return;
    forget_bodies(e);
    forget_objects(e);
    free(e->body);
    free(e->v);
    tc_arena_free(e->arena);
    free(e);
}

struct tc_evidence_counts tc_evidence_counts(const struct tc_evidence *e)
{
    return e->counts;
}
