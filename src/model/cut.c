/* SPDX-License-Identifier: Apache-2.0 */
/* A selector leads to a node of the tree. The hidden nodes are kept as addresses in order; a parent
 * of which all is hidden is hidden too; what is left is written. */
#include "model/cut.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdlib.h>

#define MOST_HIDDEN ((size_t)TC_MAX_FIELD_SELECTORS * 4)

struct cutting {
    yyjson_val *root;
    bool (*hides)(const void *ctx, const struct tc_uuid *marking);
    const void *ctx;
    const yyjson_val *hidden[MOST_HIDDEN]; /* ascending */
    size_t n;
    struct tc_buf *out;
};

/* ---- hidden nodes ---- */

static bool is_hidden(const struct cutting *c, const yyjson_val *v)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if ((uintptr_t)c->hidden[mid] < (uintptr_t)v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->n && c->hidden[lo] == v;
}

static tc_err hide(struct cutting *c, const yyjson_val *v)
{
    size_t at = c->n;
    if (is_hidden(c, v))
        return TC_OK;
    if (c->n == MOST_HIDDEN)
        return TC_E_LIMIT;
    for (; at && (uintptr_t)c->hidden[at - 1] > (uintptr_t)v; at--)
        c->hidden[at] = c->hidden[at - 1];
    c->hidden[at] = v;
    c->n++;
    return TC_OK;
}

static bool all_hidden(const struct cutting *c, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *key, *one;
    yyjson_arr_foreach (v, i, n, one)
        if (!is_hidden(c, one))
            return false;
    yyjson_obj_foreach (v, i, n, key, one)
        if (!is_hidden(c, one))
            return false;
    return true;
}

/* ---- selectors (section 7.2.3) ---- */

struct step {
    yyjson_val *in, *to;
    struct tc_str part; /* "name" or "[3]" */
    bool item;
    size_t index;
};

/* The way of a selector; false when it leads nowhere. */
static bool follow(yyjson_val *root, struct tc_str sel, struct step way[TC_MAX_DEPTH], size_t *n)
{
    yyjson_val *v = root;
    for (*n = 0; *n < TC_MAX_DEPTH; (*n)++) {
        struct step *s = &way[*n];
        size_t dot = tc_str_find(sel, TC_STR("."));
        uint64_t i = 0;
        *s = (struct step){.in = v, .part = {sel.p, dot == SIZE_MAX ? sel.n : dot}};
        s->item = yyjson_is_arr(v);
        if (s->item && (s->part.n < 3 || s->part.p[0] != '[' || s->part.p[s->part.n - 1] != ']' ||
                        tc_num_u64(tc_str_view(s->part.p + 1, s->part.n - 2), UINT32_MAX, &i)))
            return false;
        s->index = (size_t)i;
        v = s->to = s->item ? yyjson_arr_get(v, s->index) : tc_json_getn(v, s->part);
        if (!v)
            return false;
        if (dot == SIZE_MAX) {
            (*n)++;
            return true;
        }
        sel = tc_str_view(sel.p + dot + 1, sel.n - dot - 1);
    }
    return false;
}

static tc_err hide_selected(struct cutting *c, yyjson_val *selector)
{
    struct step way[TC_MAX_DEPTH];
    size_t n;
    if (!yyjson_is_str(selector) || !follow(c->root, tc_json_view(selector), way, &n))
        return TC_E_CORRUPT;
    return hide(c, way[n - 1].to);
}

/* Whose fields are all gone goes too, from the inside out. */
static tc_err hide_parents(struct cutting *c, yyjson_val *selector)
{
    struct step way[TC_MAX_DEPTH];
    size_t n;
    tc_err e = TC_OK;
    if (!follow(c->root, tc_json_view(selector), way, &n))
        return TC_E_CORRUPT;
    while (!e && --n > 0 && all_hidden(c, way[n].in))
        e = hide(c, way[n].in);
    return e;
}

/* "marking_ref" of an entry; false when it has none and tells of a language. */
static tc_err marking_of(yyjson_val *entry, struct tc_uuid *marking, bool *has)
{
    struct tc_str type;
    yyjson_val *ref = tc_json_get(entry, "marking_ref");
    *has = ref != NULL;
    if (!yyjson_is_obj(entry) || !yyjson_is_arr(tc_json_get(entry, "selectors")))
        return TC_E_CORRUPT;
    if (!ref)
        return TC_OK;
    return yyjson_is_str(ref) && !tc_id_split(tc_json_view(ref), &type, marking) ? TC_OK
                                                                                 : TC_E_CORRUPT;
}

static bool entry_hidden(const struct cutting *c, yyjson_val *entry)
{
    struct tc_uuid marking;
    bool has = false;
    return marking_of(entry, &marking, &has) || (has && c->hides(c->ctx, &marking));
}

static tc_err each_selector(struct cutting *c, tc_err (*visit)(struct cutting *, yyjson_val *))
{
    size_t i, n, k, m;
    yyjson_val *entry, *selector;
    yyjson_arr_foreach (tc_json_get(c->root, "granular_markings"), i, n, entry) {
        if (!entry_hidden(c, entry))
            continue;
        yyjson_arr_foreach (tc_json_get(entry, "selectors"), k, m, selector) {
            tc_err e = visit(c, selector);
            if (e)
                return e;
        }
    }
    return TC_OK;
}

/* A parent that goes may be the last of its own parent, which another selector passes too: so it
 * is done until nothing more goes. */
static tc_err find_hidden(struct cutting *c)
{
    tc_err e = each_selector(c, hide_selected);
    for (size_t before = 0; !e && before != c->n;) {
        before = c->n;
        e = each_selector(c, hide_parents);
    }
    return e;
}

/* ---- writing what is left ---- */

static void write_value(struct cutting *c, yyjson_val *v);

static void write_members(struct cutting *c, yyjson_val *v)
{
    size_t i, n, written = 0;
    yyjson_val *key, *one;
    tc_buf_char(c->out, '{');
    yyjson_obj_foreach (v, i, n, key, one) {
        if (is_hidden(c, one))
            continue;
        if (written++)
            tc_buf_char(c->out, ',');
        tc_json_quote(c->out, tc_json_view(key));
        tc_buf_char(c->out, ':');
        write_value(c, one);
    }
    tc_buf_char(c->out, '}');
}

static void write_items(struct cutting *c, yyjson_val *v)
{
    size_t i, n, written = 0;
    yyjson_val *one;
    tc_buf_char(c->out, '[');
    yyjson_arr_foreach (v, i, n, one) {
        if (is_hidden(c, one))
            continue;
        if (written++)
            tc_buf_char(c->out, ',');
        write_value(c, one);
    }
    tc_buf_char(c->out, ']');
}

/* Depth is bounded by the reader of the text (TC_MAX_DEPTH). */
static void write_value(struct cutting *c, yyjson_val *v)
{
    if (yyjson_is_obj(v))
        write_members(c, v);
    else if (yyjson_is_arr(v))
        write_items(c, v);
    else if (yyjson_is_str(v))
        tc_json_quote(c->out, tc_json_view(v));
    else if (yyjson_is_raw(v))
        tc_buf_str(c->out, tc_str_view(yyjson_get_raw(v), yyjson_get_len(v)));
    else
        tc_buf_cstr(c->out, yyjson_is_true(v) ? "true" : yyjson_is_false(v) ? "false" : "null");
}

/* A selector as it leads now; nothing when it led to what is gone. */
static bool write_selector(struct cutting *c, yyjson_val *selector, bool first)
{
    struct step way[TC_MAX_DEPTH];
    size_t n = 0;
    if (!yyjson_is_str(selector) || !follow(c->root, tc_json_view(selector), way, &n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (is_hidden(c, way[i].to))
            return false;
    tc_buf_cstr(c->out, first ? "\"" : ",\"");
    for (size_t i = 0; i < n; i++) {
        size_t index = way[i].index;
        for (size_t k = 0; way[i].item && k < way[i].index; k++)
            index -= is_hidden(c, yyjson_arr_get(way[i].in, k));
        tc_buf_cstr(c->out, i ? "." : "");
        if (way[i].item)
            tc_buf_fmt(c->out, "[%zu]", index);
        else
            tc_buf_str(c->out, way[i].part); /* led somewhere: letters, digits, '_' and '-' */
    }
    tc_buf_char(c->out, '"');
    return true;
}

/* False, and nothing written, when no selector is left. */
static bool write_entry(struct cutting *c, yyjson_val *entry, bool first)
{
    size_t i, n, start = c->out->n, written = 0;
    yyjson_val *key, *one, *selector;
    tc_buf_cstr(c->out, first ? "{\"selectors\":[" : ",{\"selectors\":[");
    yyjson_arr_foreach (tc_json_get(entry, "selectors"), i, n, selector)
        written += write_selector(c, selector, written == 0);
    tc_buf_char(c->out, ']');
    yyjson_obj_foreach (entry, i, n, key, one) {
        if (tc_str_is(tc_json_view(key), "selectors"))
            continue;
        tc_buf_char(c->out, ',');
        tc_json_quote(c->out, tc_json_view(key));
        tc_buf_char(c->out, ':');
        write_value(c, one);
    }
    tc_buf_char(c->out, '}');
    if (!written && !c->out->err)
        c->out->n = start;
    return written;
}

static void write_granular(struct cutting *c, yyjson_val *list, bool comma)
{
    size_t i, n, written = 0, start = c->out->n;
    yyjson_val *entry;
    tc_buf_cstr(c->out, comma ? ",\"granular_markings\":[" : "\"granular_markings\":[");
    yyjson_arr_foreach (list, i, n, entry)
        if (!entry_hidden(c, entry))
            written += write_entry(c, entry, written == 0);
    tc_buf_char(c->out, ']');
    if (!written && !c->out->err)
        c->out->n = start;
}

static void write_object(struct cutting *c)
{
    size_t i, n;
    bool comma = false;
    yyjson_val *key, *one;
    tc_buf_char(c->out, '{');
    yyjson_obj_foreach (c->root, i, n, key, one) {
        if (is_hidden(c, one))
            continue;
        if (tc_str_is(tc_json_view(key), "granular_markings")) {
            size_t before = c->out->n;
            write_granular(c, one, comma);
            comma = comma || c->out->n != before;
            continue;
        }
        if (comma)
            tc_buf_char(c->out, ',');
        comma = true;
        tc_json_quote(c->out, tc_json_view(key));
        tc_buf_char(c->out, ':');
        write_value(c, one);
    }
    tc_buf_char(c->out, '}');
}

static tc_err cut(struct tc_str body, bool (*hides)(const void *, const struct tc_uuid *),
                  const void *ctx, struct tc_buf *out)
{
    struct tc_json json;
    struct cutting *c = calloc(1, sizeof *c);
    if (!c)
        return TC_E_NOMEM;
    tc_err e = tc_json_read(body, TC_MAX_OBJECT, TC_JSON_RAW_NUMBERS, &json, NULL);
    if (e) {
        free(c);
        return e == TC_E_NOMEM ? e : TC_E_CORRUPT;
    }
    c->root = json.root;
    c->hides = hides;
    c->ctx = ctx;
    c->out = out;
    e = yyjson_is_obj(json.root) ? find_hidden(c) : TC_E_CORRUPT;
    if (!e) {
        write_object(c);
        e = out->err;
    }
    tc_json_fini(&json);
    free(c);
    return e;
}

/* ---- by principal ---- */

struct by_principal {
    const struct tc_principal *p;
    const struct tc_audience *a;
};

/* A marking that the audience does not know hides. */
static bool hides_from(const void *ctx, const struct tc_uuid *marking)
{
    const struct by_principal *x = ctx;
    for (uint32_t i = 0; x->p && i < x->a->n_fields; i++)
        if (memcmp(x->a->fields[i].marking, marking->b, sizeof marking->b) == 0)
            return !tc_may_read(x->p, &x->a->fields[i].level);
    return true;
}

tc_err tc_cut(struct tc_str body, const struct tc_principal *p, const struct tc_audience *a,
              struct tc_buf *out)
{
    const struct by_principal x = {p, a};
    return cut(body, hides_from, &x, out);
}

/* ---- by marking ---- */

struct by_marking {
    const struct tc_uuid *v;
    size_t n;
};

static bool hides_these(const void *ctx, const struct tc_uuid *marking)
{
    const struct by_marking *x = ctx;
    for (size_t i = 0; i < x->n; i++)
        if (memcmp(x->v[i].b, marking->b, sizeof marking->b) == 0)
            return true;
    return false;
}

tc_err tc_cut_without(struct tc_str body, const struct tc_uuid *markings, size_t n,
                      struct tc_buf *out)
{
    const struct by_marking x = {markings, n};
    return cut(body, hides_these, &x, out);
}

tc_err tc_cut_markings(yyjson_val *root, struct tc_uuid *markings, size_t most, size_t *n)
{
    struct step way[TC_MAX_DEPTH];
    struct tc_uuid marking;
    size_t i, max, k, m, steps, selectors = 0;
    yyjson_val *entry, *selector;
    *n = 0;
    yyjson_arr_foreach (tc_json_get(root, "granular_markings"), i, max, entry) {
        bool has = false;
        if (marking_of(entry, &marking, &has))
            return TC_E_INVALID;
        yyjson_arr_foreach (tc_json_get(entry, "selectors"), k, m, selector) {
            if (!yyjson_is_str(selector) || !follow(root, tc_json_view(selector), way, &steps))
                return TC_E_INVALID;
            if (++selectors > TC_MAX_FIELD_SELECTORS)
                return TC_E_LIMIT;
        }
        struct by_marking known = {markings, *n};
        if (!has || hides_these(&known, &marking))
            continue;
        if (*n == most)
            return TC_E_LIMIT;
        markings[(*n)++] = marking;
    }
    return TC_OK;
}
