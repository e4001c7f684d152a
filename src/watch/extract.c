/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the document. Recursion is bounded by TC_MAX_DEPTH, which the door enforces too.
 * Markings are left out of the edges: nearly every object refers to the same few. */
#include "watch/extract.h"

#include "base/limits.h"
#include "watch/normal.h"

#include <stdlib.h>
#include <yyjson.h>

enum { MAX_TEXT = 1 << 20 };

/* Properties of an object of this type that are values; "hashes" stands for all its members. */
static const struct {
    const char *type, *property;
} values[] = {
    {"artifact", "hashes"},
    {"artifact", "url"},
    {"autonomous-system", "number"},
    {"directory", "path"},
    {"domain-name", "value"},
    {"email-addr", "value"},
    {"email-message", "message_id"},
    {"email-message", "subject"},
    {"file", "hashes"},
    {"file", "name"},
    {"ipv4-addr", "value"},
    {"ipv6-addr", "value"},
    {"mac-addr", "value"},
    {"mutex", "name"},
    {"process", "command_line"},
    {"software", "cpe"},
    {"software", "name"},
    {"url", "value"},
    {"user-account", "account_login"},
    {"user-account", "user_id"},
    {"vulnerability", "name"},
    {"windows-registry-key", "key"},
    {"x509-certificate", "hashes"},
    {"x509-certificate", "serial_number"},
};

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

void tc_extract_init(struct tc_extract *x)
{
    *x = (struct tc_extract){0};
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

static void add_key(struct walk *w, enum tc_key_kind kind, struct tc_str text)
{
    struct tc_extract *x = w->x;
    if (!text.n || w->err || x->n_keys >= TC_MAX_LIST)
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
    x->keys[x->n_keys++] = (struct tc_key){kind, tc_extract_hash(w->key, kind, text)};
}

static struct tc_str text_of(yyjson_val *v)
{
    return yyjson_is_str(v) ? tc_str_view(yyjson_get_str(v), yyjson_get_len(v))
                            : tc_str_view("", 0);
}

static void add_value(struct walk *w, yyjson_val *v)
{
    char number[24];
    if (yyjson_is_uint(v)) {
        struct tc_buf b;
        tc_buf_init(&b, sizeof number);
        tc_buf_u64(&b, yyjson_get_uint(v));
        add_key(w, TC_KEY_VALUE, tc_buf_view(&b));
        tc_buf_fini(&b);
    } else {
        add_key(w, TC_KEY_VALUE, text_of(v));
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
    add_key(w, TC_KEY_EDGE, id);
    if (kind != TC_KEY_EDGE)
        add_key(w, kind, id);
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

/* The texts that a STIX pattern names: string constants, '...' with \\' and \\\\ inside (STIX 2.1
 * section 9.2). No parser: what stands between quotes is looked for as a value, whatever it means.
 */
static void literals_of(struct walk *w, struct tc_str pattern)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_VALUE);
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] != '\'')
            continue;
        tc_buf_clear(&b);
        for (i++; i < pattern.n && pattern.p[i] != '\''; i++) {
            if (pattern.p[i] == '\\' && i + 1 < pattern.n)
                i++;
            tc_buf_char(&b, pattern.p[i]);
        }
        if (!b.err)
            add_key(w, TC_KEY_VALUE, tc_buf_view(&b));
    }
    tc_buf_fini(&b);
}

static void values_of(struct walk *w, struct tc_str type, struct tc_str name, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *k, *one;
    if (tc_str_is(name, "external_id"))
        add_value(w, v);
    if (tc_str_is(name, "pattern") && tc_str_is(type, "indicator"))
        literals_of(w, text_of(v));
    for (size_t t = 0; t < sizeof values / sizeof *values; t++) {
        if (!tc_str_is(name, values[t].property) || !tc_str_is(type, values[t].type))
            continue;
        if (yyjson_is_obj(v))
            yyjson_obj_foreach (v, i, n, k, one)
                add_value(w, one);
        else
            add_value(w, v);
    }
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

static void visit(struct walk *w, yyjson_val *v, struct tc_str outer_type, int depth)
{
    size_t i, n;
    yyjson_val *k, *one;
    if (depth > TC_MAX_DEPTH || w->err)
        return;
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, n, one)
            if (yyjson_is_ctn(one))
                visit(w, one, outer_type, depth + 1);
        return;
    }
    struct tc_str type = text_of(yyjson_obj_get(v, "type"));
    if (!type.n)
        type = outer_type;
    place_of(w, v);
    yyjson_obj_foreach (v, i, n, k, one) {
        struct tc_str name = text_of(k);
        edges_of(w, name, one);
        values_of(w, type, name, one);
        words_of(w, name, one);
        if (yyjson_is_ctn(one))
            visit(w, one, tc_str_view("", 0), depth + 1);
    }
}

tc_err tc_extract_object(struct tc_extract *x, struct tc_hash_key key, struct tc_str type,
                         struct tc_str json)
{
    struct walk w = {x, key, TC_OK};
    yyjson_doc *doc = yyjson_read(json.p, json.n, 0);
    x->n_keys = 0;
    x->placed = false;
    tc_buf_clear(&x->text);
    if (!doc || !yyjson_is_obj(yyjson_doc_get_root(doc))) {
        yyjson_doc_free(doc);
        return TC_E_SYNTAX;
    }
    visit(&w, yyjson_doc_get_root(doc), type, 1);
    yyjson_doc_free(doc);
    return w.err ? w.err : x->text.err == TC_E_NOMEM ? TC_E_NOMEM : TC_OK;
}
