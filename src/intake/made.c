/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/made.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"
#include "intake/source.h"

#include <stdio.h>
#include <stdlib.h>

/* Objects between two appends, and their text. */
#define FLUSH_OBJECTS 20000
#define FLUSH_BYTES   (64u << 20)
#define TIME_TEXT     24 /* "2026-11-21T20:15:00.000Z" */

/* One object of the list's earlier state. */
struct known {
    char created[TIME_TEXT], modified[TIME_TEXT];
    struct tc_hash128 hash; /* of its text */
    struct tc_str id;
    bool revoked, seen;
};

struct tc_made {
    struct tc_import_job *j;
    const struct tc_made_list *list;
    struct tc_hash_key key;
    struct tc_map *index; /* id -> known */
    struct known *known;
    size_t n_known, cap_known;
    struct tc_arena *ids;
    struct tc_stage *stage;
    tc_time now;
    /* the object at hand */
    struct tc_buf text;
    struct tc_jsonw w;
    size_t created_at, modified_at; /* in text */
    char id[TC_ID_MAX];
};

/* ---- the earlier state ---- */

/* Written by tc_made before: by its name and creator, with times that have three digits. */
static bool is_ours(const struct tc_made *m, yyjson_val *root, struct tc_str *created,
                    struct tc_str *modified)
{
    struct tc_str name, by;
    yyjson_val *first = yyjson_arr_get_first(tc_json_get(root, "external_references"));
    return tc_json_str(first, "source_name", &name) && tc_str_eq(name, m->list->name) &&
           tc_json_str(root, "created_by_ref", &by) && tc_str_eq(by, m->list->creator) &&
           tc_json_str(root, "created", created) && created->n == TIME_TEXT &&
           tc_json_str(root, "modified", modified) && modified->n == TIME_TEXT;
}

static tc_err remember(struct tc_made *m, const struct tc_row *row, struct tc_str created,
                       struct tc_str modified)
{
    if (m->n_known == m->cap_known) {
        size_t cap = m->cap_known ? m->cap_known * 2 : 1024;
        struct known *grown = realloc(m->known, cap * sizeof *grown);
        if (!grown)
            return TC_E_NOMEM;
        m->known = grown;
        m->cap_known = cap;
    }
    struct known *k = &m->known[m->n_known];
    *k = (struct known){.hash = tc_hash128(m->key, row->body.p, row->body.n),
                        .revoked = row->revoked,
                        .id = tc_arena_dup(m->ids, row->id)};
    if (!k->id.p)
        return tc_arena_err(m->ids);
    memcpy(k->created, created.p, TIME_TEXT);
    memcpy(k->modified, modified.p, TIME_TEXT);
    return tc_map_put(m->index, k->id, m->n_known++);
}

static tc_err load(struct tc_made *m, struct tc_diag *d)
{
    struct tc_query q = {.community = m->j->o->from.community,
                         .added_after = TC_TIME_NONE,
                         .types = m->list->types,
                         .n_types = m->list->n_types};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    tc_err e = json ? tc_reader_open(m->j->n->journal, &tc_principal_system, &q, &r) : TC_E_NOMEM;
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        yyjson_val *root;
        struct tc_str created, modified;
        if (row.kind == TC_ENTRY_OBJECT &&
            !tc_json_reader_read(json, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) &&
            is_ours(m, root, &created, &modified))
            e = remember(m, &row, created, modified);
    }
    tc_reader_close(r);
    tc_json_reader_free(json);
    return e ? tc_diag_set(d, e, "what is there already could not be read") : TC_OK;
}

tc_err tc_made_new(struct tc_import_job *j, const struct tc_made_list *list, struct tc_made **out,
                   struct tc_diag *d)
{
    struct tc_made *m = calloc(1, sizeof *m);
    if (!m)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    m->j = j;
    m->list = list;
    m->key = tc_hash_process_key();
    m->now = tc_time_now() / 1000 * 1000;
    m->index = tc_map_new(TC_MAX_ASSETS * (size_t)4 + TC_MAX_EDGES);
    m->ids = tc_arena_new((size_t)4 << 30);
    m->stage = tc_stage_new(j, 2 * (size_t)FLUSH_BYTES);
    tc_buf_init(&m->text, TC_MAX_OBJECT);
    tc_err e =
        m->index && m->ids && m->stage ? load(m, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (e)
        tc_made_free(m);
    else
        *out = m;
    return e;
}

void tc_made_free(struct tc_made *m)
{
    if (!m)
        return;
    tc_stage_free(m->stage);
    tc_map_free(m->index);
    tc_arena_free(m->ids);
    tc_buf_fini(&m->text);
    free(m->known);
    free(m);
}

static struct known *find(const struct tc_made *m, struct tc_str id)
{
    uint64_t at;
    return tc_map_get(m->index, id, &at) ? &m->known[at] : NULL;
}

bool tc_made_there(const struct tc_made *m, struct tc_str id)
{
    const struct known *k = find(m, id);
    return k && !k->revoked;
}

void tc_made_id(struct tc_made *m, const char *type, struct tc_str key, char out[TC_ID_MAX])
{
    struct tc_id_name name, again;
    const struct known *k;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_str(&name, m->list->name);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, m->list->creator);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, key);
    tc_id_name_end(&name, tc_str_cstr(type), out);
    for (unsigned turn = 2; (k = find(m, tc_str_cstr(out))) && k->revoked; turn++) {
        again = name;
        tc_id_name_cstr(&again, "|");
        tc_id_name_u64(&again, turn);
        tc_id_name_end(&again, tc_str_cstr(type), out);
    }
}

/* ---- writing ---- */

struct tc_jsonw *tc_made_begin(struct tc_made *m, const char *type, struct tc_str id,
                               struct tc_str external_id)
{
    static const char blank[] = "2026-01-01T00:00:00.000Z";
    struct tc_jsonw *w = &m->w;
    tc_buf_clear(&m->text);
    *w = tc_jsonw_into(&m->text);
    (void)tc_str_copy(id, m->id, sizeof m->id);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", type);
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kstr(w, "id", id);
    tc_jsonw_kstr(w, "created_by_ref", m->list->creator);
    tc_jsonw_kcstr(w, "created", blank);
    m->created_at = m->text.n - TIME_TEXT - 1;
    tc_jsonw_kcstr(w, "modified", blank);
    m->modified_at = m->text.n - TIME_TEXT - 1;
    tc_jsonw_name(w, "object_marking_refs");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, tc_tlp_marking_id(m->list->marking));
    tc_jsonw_array_end(w);
    if (!external_id.n)
        return w;
    tc_jsonw_name(w, "external_references");
    tc_jsonw_array(w);
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "source_name", m->list->name);
    tc_jsonw_kstr(w, "external_id", external_id);
    tc_jsonw_object_end(w);
    tc_jsonw_array_end(w);
    return w;
}

static void put_time(struct tc_made *m, size_t at, const char *text)
{
    memcpy(m->text.p + at, text, TIME_TEXT);
}

static void put_now(struct tc_made *m, size_t at, tc_time t)
{
    char text[TC_TIME_SIZE];
    tc_time_format(t, 3, text);
    put_time(m, at, text);
}

static tc_err flush(struct tc_made *m, struct tc_diag *d)
{
    tc_err e = tc_source_store(m->stage, d);
    tc_stage_clear(m->stage);
    if (!e && m->j->o->progress)
        m->j->o->progress(m->j->o->arg, m->j->result.read, 0, m->j->result.read);
    return e;
}

static tc_err put(struct tc_made *m, struct tc_str text, struct tc_diag *d)
{
    tc_err e = tc_stage_keep(m->stage, text, UINT64_MAX);
    if (e)
        return tc_diag_set(d, e, "the input takes too much memory");
    return tc_stage_count(m->stage) >= FLUSH_OBJECTS ? flush(m, d) : TC_OK;
}

/* A version must be later than the one before, even when the clock was set back. */
static tc_time later(const struct tc_made *m, const struct known *k, tc_time modified)
{
    tc_time before, t = modified == TC_TIME_NONE ? m->now : modified;
    if (!tc_time_parse_z(tc_str_view(k->modified, TIME_TEXT), &before) && t <= before)
        t = before + 1000;
    return t;
}

tc_err tc_made_end(struct tc_made *m, tc_time created, tc_time modified, struct tc_diag *d)
{
    struct known *k = find(m, tc_str_cstr(m->id));
    tc_jsonw_object_end(&m->w);
    if (m->text.err)
        return tc_diag_set(d, m->text.err, "a row is too large for one object");
    m->j->result.read++;
    if (k) {
        k->seen = true;
        put_time(m, m->created_at, k->created);
        put_time(m, m->modified_at, k->modified);
        struct tc_hash128 h = tc_hash128(m->key, m->text.p, m->text.n);
        if (h.a == k->hash.a && h.b == k->hash.b) {
            m->j->result.same++;
            return TC_OK;
        }
        put_now(m, m->modified_at, later(m, k, modified));
    } else {
        tc_time from = created == TC_TIME_NONE ? m->now : created;
        put_now(m, m->created_at, from);
        put_now(m, m->modified_at, modified == TC_TIME_NONE || modified < from ? from : modified);
    }
    return put(m, tc_buf_view(&m->text), d);
}

/* ---- what is gone ---- */

/* The stored text with revoked and a later modified. */
static tc_err revoke(struct tc_made *m, const struct known *k, struct tc_diag *d)
{
    struct tc_query q = {.community = m->j->o->from.community,
                         .added_after = TC_TIME_NONE,
                         .ids = &k->id,
                         .n_ids = 1,
                         .whole = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct tc_json json = {0};
    char *text = NULL, modified[TC_TIME_SIZE];
    size_t n = 0;
    tc_err e = tc_reader_open(m->j->n->journal, &tc_principal_system, &q, &r);
    if (!e)
        e = tc_reader_next(r, &row);
    if (!e && row.seq)
        e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &json, NULL);
    if (!e && row.seq) {
        yyjson_mut_doc *doc = yyjson_doc_mut_copy(json.doc, NULL);
        yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
        tc_time_format(later(m, k, TC_TIME_NONE), 3, modified);
        if (doc &&
            yyjson_mut_obj_put(root, yyjson_mut_str(doc, "modified"),
                               yyjson_mut_str(doc, modified)) &&
            yyjson_mut_obj_put(root, yyjson_mut_str(doc, "revoked"), yyjson_mut_bool(doc, true)))
            text = yyjson_mut_write(doc, 0, &n);
        yyjson_mut_doc_free(doc);
        e = text ? put(m, tc_str_view(text, n), d) : TC_E_NOMEM;
    }
    free(text);
    tc_json_fini(&json);
    tc_reader_close(r);
    return e ? tc_diag_set(d, e, "what is gone could not be revoked") : TC_OK;
}

tc_err tc_made_revoke_gone(struct tc_made *m, const char *const *types, size_t n, struct tc_diag *d)
{
    for (size_t i = 0; i < m->n_known; i++) {
        struct known *k = &m->known[i];
        struct tc_str type;
        bool wanted = false;
        if (k->seen || k->revoked || tc_id_split(k->id, &type, NULL))
            continue;
        for (size_t t = 0; t < n; t++)
            wanted = wanted || tc_str_is(type, types[t]);
        tc_err e = wanted ? revoke(m, k, d) : TC_OK;
        if (e)
            return e;
    }
    return TC_OK;
}

tc_err tc_made_finish(struct tc_made *m, struct tc_diag *d)
{
    return tc_stage_count(m->stage) ? flush(m, d) : TC_OK;
}
