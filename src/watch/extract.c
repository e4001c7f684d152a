/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the document. Recursion is bounded by TC_MAX_DEPTH, which the door enforces too.
 * Markings are left out of the edges: nearly every object refers to the same few. */
#include "watch/extract.h"

#include "base/limits.h"
#include "watch/normal.h"

#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

enum { MAX_TEXT = 1 << 20 };

/* Properties whose words are looked for, wherever they stand. */
static const char *const wordy[] = {
    "name",           "description", "abstract",    "content",     "explanation",
    "statement",      "headline",    "title",       "instruction", "summary",
    "labels",         "aliases",     "source_name", "external_id", "comment",
    "text",           "says",        "city",        "region",      "country",
    "street_address", "subject",     "opinion",     "goals",       "contact_information",
};

struct walk {
    struct tc_extract *x;
    struct tc_hash_key key;
    tc_err err;
};

void tc_extract_init(struct tc_extract *x, const struct tc_types *types)
{
    *x = (struct tc_extract){.types = types};
    tc_buf_init(&x->text, MAX_TEXT);
}

void tc_extract_fini(struct tc_extract *x)
{
    free(x->keys);
    tc_buf_fini(&x->text);
    *x = (struct tc_extract){0};
}

uint64_t tc_extract_hash(struct tc_hash_key key, enum tc_key_kind kind, struct tc_str text)
{
    char normal[TC_MAX_VALUE];
    if (kind != TC_KEY_VALUE)
        return tc_hash64(key, text.p, text.n);
    return tc_hash64(key, normal, tc_normal_value(text, normal));
}

static void add_key(struct walk *w, enum tc_key_kind kind, uint64_t hash)
{
    struct tc_extract *x = w->x;
    if (w->err || x->n_keys >= TC_MAX_LIST)
        return;
    if (x->n_keys == x->cap_keys) {
        size_t cap = x->cap_keys ? x->cap_keys * 2 : 64;
        struct tc_key *more = realloc(x->keys, cap * sizeof *more);
        if (!more) {
            w->err = TC_E_NOMEM;
            return;
        }
        x->keys = more;
        x->cap_keys = cap;
    }
    x->keys[x->n_keys++] = (struct tc_key){kind, hash};
}

static struct tc_str text_of(yyjson_val *v)
{
    return yyjson_is_str(v) ? tc_str_view(yyjson_get_str(v), yyjson_get_len(v))
                            : tc_str_view("", 0);
}

static void add_text(struct walk *w, struct tc_str property, enum tc_spelling as,
                     struct tc_str text)
{
    char normal[TC_MAX_VALUE];
    size_t n;
    enum tc_spelling apart;
    if (!text.n || w->x->no_values)
        return;
    (void)tc_normal_as(as, text, normal, &n, &apart);
    struct tc_str s = tc_str_view(normal, n);
    if (!w->x->sink)
        add_key(w, TC_KEY_VALUE, tc_normal_hash(w->key, apart, s));
    else if (w->x->sink->value)
        w->x->sink->value(w->x->sink->arg, property, apart, s);
}

/* A text, a number, or a list or a dictionary of them. */
static void add_value(struct walk *w, struct tc_str property, enum tc_spelling as, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *k, *one;
    if (yyjson_is_uint(v)) {
        char number[24];
        int size = snprintf(number, sizeof number, "%llu", (unsigned long long)yyjson_get_uint(v));
        add_text(w, property, as, tc_str_view(number, (size_t)size));
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, n, one)
            if (!yyjson_is_ctn(one))
                add_value(w, property, as, one);
    } else if (yyjson_is_obj(v)) {
        yyjson_obj_foreach (v, i, n, k, one)
            if (!yyjson_is_obj(one)) /* a dictionary of texts or of lists of them */
                add_value(w, property, as, one);
    } else {
        add_text(w, property, as, text_of(v));
    }
}

static void add_words(struct walk *w, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *one;
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, n, one)
            if (yyjson_is_str(one))
                add_words(w, one);
        return;
    }
    struct tc_str s = text_of(v);
    if (!s.n || s.n + w->x->text.n + 1 > MAX_TEXT)
        return;
    tc_buf_str(&w->x->text, s);
    tc_buf_char(&w->x->text, '\n');
}

static enum tc_key_kind edge_kind(struct tc_str property)
{
    static const struct {
        const char *name;
        enum tc_key_kind kind;
    } known[] = {{"source_ref", TC_KEY_EDGE_SOURCE},
                 {"target_ref", TC_KEY_EDGE_TARGET},
                 {"created_by_ref", TC_KEY_EDGE_CREATOR},
                 {"object_refs", TC_KEY_EDGE_OBJECTS},
                 {"sighting_of_ref", TC_KEY_EDGE_SIGHTING_OF}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (tc_str_is(property, known[i].name))
            return known[i].kind;
    return TC_KEY_EDGE;
}

static void add_edge(struct walk *w, struct tc_str property, struct tc_str id)
{
    enum tc_key_kind kind = edge_kind(property);
    if (!id.n)
        return;
    if (w->x->sink) {
        if (w->x->sink->edge)
            w->x->sink->edge(w->x->sink->arg, property, id);
        return;
    }
    uint64_t hash = tc_extract_hash(w->key, TC_KEY_EDGE, id);
    add_key(w, TC_KEY_EDGE, hash);
    if (kind != TC_KEY_EDGE)
        add_key(w, kind, hash);
}

static void edges_of(struct walk *w, struct tc_str name, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *one;
    if (tc_str_ends(name, TC_STR("marking_refs")) || tc_str_is(name, "marking_ref"))
        return;
    if (tc_str_ends(name, TC_STR("_ref")))
        add_edge(w, name, text_of(v));
    else if (tc_str_ends(name, TC_STR("_refs")) && yyjson_is_arr(v))
        yyjson_arr_foreach (v, i, n, one)
            add_edge(w, name, text_of(one));
}

/* The key field that a pattern's path "type:property" names; else spelled by its shape. */
static enum tc_spelling spelling_of(const struct tc_types *t, struct tc_str type,
                                    struct tc_str property)
{
    const struct tc_type *is = t ? tc_types_find(t, type) : NULL;
    unsigned i = is ? tc_shape_find(&t->shapes[is->shape], property) : TC_NONE;
    enum tc_spelling s = TC_SPELLING_NONE;
    if (i != TC_NONE)
        s = (enum tc_spelling)t->shapes[is->shape].props[i].spelling;
    return s ? s : TC_SPELLING_VALUE;
}

static bool name_char(char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26 || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The texts that a STIX pattern names: string constants, '...' with \\' and \\\\ inside (STIX 2.1
 * section 9.2). No parser: what stands between quotes is looked for as a value, whatever it means,
 * spelled as the path before it says. */
static void literals_of(struct walk *w, struct tc_str pattern)
{
    struct tc_buf b;
    enum tc_spelling as = TC_SPELLING_VALUE;
    tc_buf_init(&b, TC_MAX_VALUE);
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == ':') {
            size_t from = i, to = i + 1;
            while (from && name_char(pattern.p[from - 1]))
                from--;
            while (to < pattern.n && name_char(pattern.p[to]))
                to++;
            as = spelling_of(w->x->types, tc_str_view(pattern.p + from, i - from),
                             tc_str_view(pattern.p + i + 1, to - i - 1));
        }
        if (pattern.p[i] != '\'')
            continue;
        tc_buf_clear(&b);
        for (i++; i < pattern.n && pattern.p[i] != '\''; i++) {
            if (pattern.p[i] == '\\' && i + 1 < pattern.n)
                i++;
            tc_buf_char(&b, pattern.p[i]);
        }
        if (!b.err)
            add_text(w, TC_STR("pattern"), as, tc_buf_view(&b));
    }
    tc_buf_fini(&b);
}

static void words_of(struct walk *w, struct tc_str name, yyjson_val *v)
{
    for (size_t i = 0; i < sizeof wordy / sizeof *wordy; i++)
        if (tc_str_is(name, wordy[i])) {
            add_words(w, v);
            return;
        }
}

/* The first place wins: a location's own latitude and longitude stand at its top. */
static void place_of(struct walk *w, yyjson_val *object)
{
    yyjson_val *lat = yyjson_obj_get(object, "latitude"),
               *lon = yyjson_obj_get(object, "longitude");
    if (w->x->placed || !yyjson_is_num(lat) || !yyjson_is_num(lon))
        return;
    double a = yyjson_get_num(lat), o = yyjson_get_num(lon);
    if (!(a >= -90 && a <= 90 && o >= -180 && o <= 180))
        return;
    w->x->placed = true;
    w->x->south = w->x->north = a;
    w->x->west = w->x->east = o;
}

/* Names of when something was, the first that is there counts. A point has no end; what says that
 * it has started, and not when it ends, goes on. */
static void time_of(struct walk *w, yyjson_val *object)
{
    static const struct {
        const char *since, *until, *or_until;
        bool goes_on;
    } pairs[] = {{"first_observed", "last_observed", NULL, false},
                 {"first_seen", "last_seen", NULL, false},
                 {"started", "ended", "expected_end", true},
                 {"from", "until", NULL, false},
                 {"start", "end", NULL, false},
                 {"onset", "expires", NULL, false},
                 {"effective", "expires", NULL, false},
                 {"aware_at", NULL, NULL, false},
                 {"published", NULL, NULL, false}};
    tc_time since, until;
    for (size_t i = 0; !w->x->timed && i < sizeof pairs / sizeof *pairs; i++) {
        if (tc_time_parse_z(text_of(yyjson_obj_get(object, pairs[i].since)), &since))
            continue;
        if ((!pairs[i].until ||
             tc_time_parse_z(text_of(yyjson_obj_get(object, pairs[i].until)), &until)) &&
            (!pairs[i].or_until ||
             tc_time_parse_z(text_of(yyjson_obj_get(object, pairs[i].or_until)), &until)))
            until = pairs[i].goes_on ? TC_TIME_MAX : since;
        w->x->timed = true;
        w->x->since = since;
        w->x->until = until < since ? since : until;
    }
}

enum { TOPLEVEL = 4 }; /* extensions with properties at the top that are looked at, of one object */

struct shapes {
    const struct tc_shape *v[TOPLEVEL + 1];
    size_t n;
};

static void add_shape(struct shapes *s, const struct tc_types *t, unsigned i)
{
    if (i != TC_NONE && s->n <= TOPLEVEL)
        s->v[s->n++] = &t->shapes[i];
}

/* What the packs say of this object: its own type before what its place says that it is. */
static struct shapes shapes_of(const struct tc_types *t, yyjson_val *v, struct tc_str type,
                               const struct tc_shape *placed)
{
    struct shapes s = {.n = 0};
    const struct tc_type *is = t && type.n ? tc_types_find(t, type) : NULL;
    yyjson_val *extensions = yyjson_obj_get(v, "extensions"), *k, *one;
    size_t i, n;
    if (is)
        add_shape(&s, t, is->shape);
    else if (placed)
        s.v[s.n++] = placed;
    else if (t && type.n)
        add_shape(&s, t, t->common);
    if (t && yyjson_is_obj(extensions))
        yyjson_obj_foreach (extensions, i, n, k, one) {
            const struct tc_extension *x = tc_types_extension(t, text_of(k));
            if (x && x->kind != TC_EXT_PROPERTY)
                add_shape(&s, t, x->shape);
        }
    return s;
}

/* The property, when a pack knows it. */
static const struct tc_property *property_of(const struct shapes *s, struct tc_str name)
{
    for (size_t i = 0; i < s->n; i++) {
        unsigned p = s->v[i]->n_props ? tc_shape_find(s->v[i], name) : TC_NONE;
        if (p != TC_NONE)
            return &s->v[i]->props[p];
    }
    return NULL;
}

static void visit(struct walk *w, yyjson_val *v, struct tc_str outer_type,
                  const struct tc_shape *placed, int depth);

/* Each by its own key: "ntfs-ext" has that extension's properties. */
static void visit_extensions(struct walk *w, yyjson_val *v, int depth)
{
    const struct tc_types *t = w->x->types;
    size_t i, n;
    yyjson_val *k, *one;
    yyjson_obj_foreach (v, i, n, k, one) {
        const struct tc_extension *x = t ? tc_types_extension(t, text_of(k)) : NULL;
        if (yyjson_is_ctn(one))
            visit(w, one, tc_str_view("", 0), x ? &t->shapes[x->shape] : NULL, depth + 1);
    }
}

static void visit(struct walk *w, yyjson_val *v, struct tc_str outer_type,
                  const struct tc_shape *placed, int depth)
{
    const struct tc_types *t = w->x->types;
    size_t i, n;
    yyjson_val *k, *one;
    if (depth > TC_MAX_DEPTH || w->err)
        return;
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, n, one)
            if (yyjson_is_ctn(one))
                visit(w, one, outer_type, placed, depth + 1);
        return;
    }
    struct tc_str type = text_of(yyjson_obj_get(v, "type"));
    if (!type.n)
        type = outer_type;
    struct shapes shapes = shapes_of(t, v, type, placed);
    place_of(w, v);
    time_of(w, v);
    yyjson_obj_foreach (v, i, n, k, one) {
        struct tc_str name = text_of(k);
        const struct tc_property *p = property_of(&shapes, name);
        edges_of(w, name, one);
        words_of(w, name, one);
        if (p && p->spelling)
            add_value(w, name, (enum tc_spelling)p->spelling, one);
        if (tc_str_is(name, "pattern") && tc_str_is(type, "indicator"))
            literals_of(w, text_of(one));
        if (tc_str_is(name, "extensions") && yyjson_is_obj(one))
            visit_extensions(w, one, depth + 1);
        else if (yyjson_is_ctn(one))
            visit(w, one, tc_str_view("", 0),
                  p && p->value == TC_VALUE_STRUCT ? &t->shapes[p->index] : NULL, depth + 1);
    }
}

tc_err tc_extract_object(struct tc_extract *x, struct tc_hash_key key, struct tc_str type,
                         struct tc_str json)
{
    struct walk w = {x, key, TC_OK};
    yyjson_read_err why = {.code = 0};
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)json.p, json.n, 0, NULL, &why);
    x->n_keys = 0;
    x->placed = x->timed = false;
    tc_buf_clear(&x->text);
    if (!doc || !yyjson_is_obj(yyjson_doc_get_root(doc))) {
        yyjson_doc_free(doc);
        return why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION ? TC_E_NOMEM : TC_E_SYNTAX;
    }
    visit(&w, yyjson_doc_get_root(doc), type, NULL, 1);
    yyjson_doc_free(doc);
    return w.err ? w.err : x->text.err == TC_E_NOMEM ? TC_E_NOMEM : TC_OK;
}

uint64_t tc_extract_version(const struct tc_types *t)
{
    uint64_t sum = 2; /* of this file and of normal.c: one more when they change */
    for (uint32_t i = 0; i < t->n_shapes; i++)
        for (uint32_t k = 0; k < t->shapes[i].n_props; k++) {
            const struct tc_property *p = &t->shapes[i].props[k];
            if (!p->spelling)
                continue;
            struct tc_hash_key key = {sum, p->spelling};
            key.k0 = tc_hash64(key, t->shapes[i].name.p, t->shapes[i].name.n);
            sum = tc_hash64(key, p->name.p, p->name.n);
        }
    return sum;
}

unsigned tc_extract_kinds(const struct tc_types *t)
{
    unsigned kinds = 1u << TC_SPELLING_VALUE;
    for (uint32_t i = 0; i < t->n_shapes; i++)
        for (uint32_t k = 0; k < t->shapes[i].n_props; k++)
            kinds |= t->shapes[i].props[k].spelling ? 1u << t->shapes[i].props[k].spelling : 0;
    return kinds;
}
