/* SPDX-License-Identifier: Apache-2.0 */
#include "model/register_form.h"

#include "base/limits.h"
#include "codec/csv.h"
#include "model/register_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_LIST 2000 /* bytes of a list that becomes one field; a field has at most 1,000 */

/* ---- which form ---- */

static struct tc_str without_mark(struct tc_str s)
{
    return tc_str_starts(s, TC_STR("\xef\xbb\xbf")) ? tc_str_view(s.p + 3, s.n - 3) : s;
}

static bool has(struct tc_str s, const char *what)
{
    return tc_str_find(s, tc_str_cstr(what)) != SIZE_MAX;
}

static enum tc_reg_form csv_form(struct tc_str head)
{
    const char *end = head.n ? memchr(head.p, '\n', head.n) : NULL;
    struct tc_str line = end ? tc_str_view(head.p, (size_t)(end - head.p)) : head;
    if (has(line, "supplier") && has(line, "asset") && has(line, ","))
        return TC_REG_CSV_DEPENDENCIES;
    if (has(line, "id") && has(line, "name") && has(line, "kind") && has(line, ","))
        return TC_REG_CSV_ASSETS;
    return TC_REG_NONE;
}

/* The string that a text begins with behind one character; *rest is what follows it. */
static struct tc_str string_behind(struct tc_str s, struct tc_str *rest)
{
    s = tc_str_trim(tc_str_view(s.p + 1, s.n - 1));
    const char *end = s.n > 1 && s.p[0] == '"' ? memchr(s.p + 1, '"', s.n - 1) : NULL;
    *rest = tc_str_view("", 0);
    if (!end)
        return *rest;
    *rest = tc_str_trim(tc_str_view(end + 1, s.n - (size_t)(end + 1 - s.p)));
    return tc_str_view(s.p + 1, (size_t)(end - s.p) - 1);
}

enum tc_reg_form tc_reg_form_of(struct tc_str head)
{
    struct tc_str rest, type = {"", 0};
    head = tc_str_trim(without_mark(head));
    if (!head.n || head.p[0] != '{')
        return csv_form(head);
    struct tc_str first = string_behind(head, &rest);
    if (tc_str_is(first, "type") && rest.n && rest.p[0] == ':')
        type = string_behind(rest, &rest);
    if (tc_str_is(first, "assets") || tc_str_is(first, "dependencies"))
        return TC_REG_JSON;
    if (tc_str_is(type, "bundle"))
        return TC_REG_STIX;
    if (tc_str_is(type, "FeatureCollection") || tc_str_is(type, "Feature"))
        return TC_REG_GEOJSON;
    if (has(head, "\"bundle\"") || has(head, "\"spec_version\""))
        return TC_REG_STIX;
    if (has(head, "\"FeatureCollection\""))
        return TC_REG_GEOJSON;
    return has(head, "\"assets\"") || has(head, "\"dependencies\"") ? TC_REG_JSON : TC_REG_NONE;
}

/* ---- one element becomes one row ---- */

/* Strings lie in a copy of the text at the place where they stood in it, so the first name of an
 * object tells where the object is. Elements come in the order of the file; going back costs a new
 * count from the start. */
static uint64_t line_of(struct tc_reg_into *x, yyjson_val *element)
{
    yyjson_obj_iter it = yyjson_obj_iter_with(element);
    yyjson_val *name = yyjson_obj_iter_next(&it);
    const char *base = x->doc.doc->str_pool;
    if (!name || !base)
        return x->counted_line ? x->counted_line : 1;
    size_t at = (size_t)(yyjson_get_str(name) - base);
    at = at < x->text.n ? at : x->text.n;
    if (at < x->counted || !x->counted_line) {
        x->counted = 0;
        x->counted_line = 1;
    }
    while (x->counted < at) {
        const char *nl = memchr(x->text.p + x->counted, '\n', at - x->counted);
        if (!nl)
            break;
        x->counted = (size_t)(nl - x->text.p) + 1;
        x->counted_line++;
    }
    x->counted = at;
    return x->counted_line;
}

void tc_reg_into_at(struct tc_reg_into *x, const char *within, size_t index, yyjson_val *element)
{
    x->within = within;
    x->index = (uint32_t)index;
    x->line = line_of(x, element);
    tc_buf_clear(&x->words);
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < TC_REG_COLUMNS_MAX; i++)
            x->cell[t][i] = tc_str_view("", 0);
}

void tc_reg_into_wrong(struct tc_reg_into *x, const char *field, const char *fmt, ...)
{
    struct tc_diag d;
    char path[180], text[360];
    va_list ap;
    tc_diag_init(&d);
    tc_diag_file(&d, x->file);
    tc_diag_at(&d, x->line, 0, UINT64_MAX);
    if (x->within)
        (void)snprintf(path, sizeof path, "%s[%u]%s%s", x->within, x->index, *field ? "." : "",
                       field);
    else
        (void)snprintf(path, sizeof path, "%s", field);
    tc_diag_path(&d, path, strlen(path));
    struct tc_str id = x->cell[0][0].n ? x->cell[0][0] : x->cell[1][0];
    tc_diag_object(&d, id.p, id.n);
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", text);
    if (x->s->errors++ == 0 && x->first)
        *x->first = d;
    if (x->opts->report && x->s->errors <= TC_MAX_FINDINGS)
        x->opts->report(x->opts->report_ctx, &d);
}

size_t tc_reg_column(bool dependencies, const char *name)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    for (size_t i = 0; i < c.n; i++)
        if (strcmp(c.name[i], name) == 0)
            return i;
    return SIZE_MAX;
}

static bool control_inside(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    return false;
}

/* A list of texts as one, with "; " between; .p NULL when it is no such list. One to an element:
 * the buffer may move when it grows. */
static struct tc_str joined(struct tc_reg_into *x, yyjson_val *list)
{
    const struct tc_str none = {NULL, 0};
    size_t i, n;
    yyjson_val *v;
    if (x->words.n)
        return none;
    yyjson_arr_foreach (list, i, n, v) {
        if (!yyjson_is_str(v))
            return none;
        tc_buf_cstr(&x->words, i ? "; " : "");
        tc_buf_str(&x->words, tc_json_view(v));
    }
    return x->words.err ? none : tc_str_view(x->words.n ? x->words.p : "", x->words.n);
}

static bool take_member(struct tc_reg_into *x, const char *name, yyjson_val *v, struct tc_str *cell)
{
    struct tc_str s = tc_str_view("", 0);
    if (yyjson_is_str(v))
        s = tc_json_view(v);
    else if (yyjson_is_raw(v))
        s = tc_str_view(yyjson_get_raw(v), yyjson_get_len(v));
    else if (yyjson_is_arr(v) && strcmp(name, "common_causes") == 0)
        s = joined(x, v);
    else if (v && !yyjson_is_null(v))
        s.p = NULL;
    if (!s.p) {
        tc_reg_into_wrong(x, name, "is neither text nor a number");
        return false;
    }
    *cell = tc_str_trim(s);
    if (!control_inside(s))
        return true;
    tc_reg_into_wrong(x, name, "the field has a control character");
    return false;
}

bool tc_reg_into_members(struct tc_reg_into *x, bool dependencies, yyjson_val *obj)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    struct tc_str *cell = x->cell[dependencies];
    bool ok = true;
    for (size_t i = 0; i < c.n; i++) /* the first is the id: errors after it can name the asset */
        ok = take_member(x, c.name[i], tc_json_get(obj, c.name[i]), &cell[i]) && ok;
    return ok;
}

static bool origin_room(struct tc_reg_into *x, struct tc_reg_table *t)
{
    if (t->rows < t->cap)
        return true;
    size_t cap = t->cap ? t->cap * 2 : 256;
    struct tc_reg_origin *p = reallocarray(t->from, cap, sizeof *p);
    if (!p) {
        x->fatal = TC_E_NOMEM;
        return false;
    }
    t->from = p;
    t->cap = cap;
    return true;
}

void tc_reg_into_put(struct tc_reg_into *x, bool dependencies)
{
    struct tc_reg_table *t = &x->s->table[dependencies];
    struct tc_reg_columns c = tc_register_columns(dependencies);
    for (size_t i = 0; i < c.n; i++) /* a row is one line: its place is found by its number */
        if (control_inside(x->cell[dependencies][i])) {
            tc_reg_into_wrong(x, c.name[i], "the field has a control character");
            return;
        }
    if (x->fatal || !origin_room(x, t))
        return;
    if (t->rows >= (dependencies ? TC_MAX_EDGES : TC_MAX_ASSETS)) {
        x->fatal = TC_E_LIMIT;
        return;
    }
    t->from[t->rows++] = (struct tc_reg_origin){x->line, x->within, x->index};
    for (size_t i = 0; i < c.n; i++) {
        tc_csv_quote(&t->own, x->cell[dependencies][i]);
        tc_buf_char(&t->own, i + 1 < c.n ? ',' : '\n');
    }
    if (t->own.err)
        x->fatal = t->own.err;
}

void tc_reg_into_array(struct tc_reg_into *x, bool dependencies, yyjson_val *array,
                       const char *within)
{
    size_t i, n;
    yyjson_val *v;
    if (array && !yyjson_is_arr(array)) {
        x->within = NULL;
        x->line = 0;
        tc_reg_into_wrong(x, within, "is no array");
        return;
    }
    yyjson_arr_foreach (array, i, n, v) {
        if (x->fatal)
            return;
        tc_reg_into_at(x, within, i, v);
        if (!yyjson_is_obj(v))
            tc_reg_into_wrong(x, "", "is no object");
        else if (tc_reg_into_members(x, dependencies, v))
            tc_reg_into_put(x, dependencies);
    }
}

/* ---- files ---- */

static void begin_table(struct tc_reg_into *x, bool dependencies)
{
    struct tc_reg_table *t = &x->s->table[dependencies];
    struct tc_reg_columns c = tc_register_columns(dependencies);
    t->file = x->file;
    tc_buf_init(&t->own, TC_MAX_REGISTER);
    for (size_t i = 0; i < c.n; i++) {
        tc_buf_cstr(&t->own, c.name[i]);
        tc_buf_char(&t->own, i + 1 < c.n ? ',' : '\n');
    }
    if (t->own.err) /* rows without a header would be no register at all */
        x->fatal = t->own.err;
}

static void read_json(struct tc_reg_into *x)
{
    tc_reg_into_array(x, false, tc_json_get(x->doc.root, "assets"), "assets");
    tc_reg_into_array(x, true, tc_json_get(x->doc.root, "dependencies"), "dependencies");
}

static bool gives(const struct tc_reg_into *x, bool dependencies, enum tc_reg_form form)
{
    const char *name = dependencies ? "dependencies" : "assets";
    return form != TC_REG_JSON || tc_json_get(x->doc.root, name);
}

static tc_err convert(struct tc_reg_into *x, enum tc_reg_form form)
{
    uint64_t before = x->s->errors;
    for (int t = 0; t < 2; t++) {
        if (!gives(x, t, form))
            continue;
        if (x->s->table[t].csv.n)
            return tc_diag_set(x->first, TC_E_CONFLICT, "the %s were given already",
                               t ? "dependencies" : "assets");
        begin_table(x, t);
    }
    if (form == TC_REG_GEOJSON)
        tc_reg_into_geojson(x);
    else if (form == TC_REG_STIX)
        tc_reg_into_stix(x);
    else
        read_json(x);
    for (int t = 0; t < 2; t++)
        if (x->s->table[t].own.n)
            x->s->table[t].csv = tc_buf_view(&x->s->table[t].own);
    if (x->fatal)
        return tc_diag_set(x->first, x->fatal,
                           x->fatal == TC_E_LIMIT ? "the register is too large" : "out of memory");
    return x->s->errors > before && !x->opts->keep_going ? TC_E_INVALID : TC_OK;
}

static tc_err add_csv(struct tc_reg_source *s, struct tc_str text, const char *file, bool second,
                      struct tc_diag *diag)
{
    if (s->table[second].csv.n)
        return tc_diag_set(diag, TC_E_CONFLICT, "the %s were given already",
                           second ? "dependencies" : "assets");
    s->table[second].file = file;
    s->table[second].csv = text;
    return TC_OK;
}

tc_err tc_reg_source_add(struct tc_reg_source *s, struct tc_str text, const char *file,
                         enum tc_reg_form form, const struct tc_register_opts *opts,
                         struct tc_diag *diag)
{
    struct tc_reg_into x = {.s = s, .file = file, .opts = opts, .first = diag};
    tc_diag_file(diag, file);
    tc_buf_init(&x.words, MAX_LIST);
    if (form == TC_REG_CSV_ASSETS || form == TC_REG_CSV_DEPENDENCIES)
        return add_csv(s, text, file, form == TC_REG_CSV_DEPENDENCIES, diag);
    if (form == TC_REG_NONE)
        return tc_diag_set(diag, TC_E_UNSUPPORTED,
                           "this is no register: neither CSV with its columns in the first row, "
                           "nor JSON, GeoJSON or STIX");
    x.text = without_mark(text);
    tc_err e = tc_json_read(x.text, TC_MAX_REGISTER_JSON, TC_JSON_RAW_NUMBERS, &x.doc, diag);
    if (!e && !yyjson_is_obj(x.doc.root))
        e = tc_diag_set(diag, TC_E_INVALID, "this is no JSON object");
    if (!e)
        e = convert(&x, form);
    tc_json_fini(&x.doc);
    tc_buf_fini(&x.words);
    return e;
}

tc_err tc_reg_source_read(const struct tc_reg_source *s, const struct tc_register_opts *opts,
                          struct tc_register **out, struct tc_diag *diag)
{
    struct tc_register_opts o = *opts;
    o.from[0] = s->table[0].from;
    o.from[1] = s->table[1].from;
    o.assets_file = s->table[0].file;
    o.dependencies_file = s->table[1].file;
    return tc_register_read(s->table[0].csv, s->table[1].csv, &o, out, diag);
}

void tc_reg_source_fini(struct tc_reg_source *s)
{
    for (int t = 0; t < 2; t++) {
        tc_buf_fini(&s->table[t].own);
        free(s->table[t].from);
    }
    *s = (struct tc_reg_source){.errors = 0};
}

/* ---- rows again ---- */

struct tc_reg_walk {
    struct tc_csv csv;
    size_t at[TC_REG_COLUMNS_MAX]; /* of each column in the row; SIZE_MAX = not there */
    size_t n;
    tc_err err; /* NOMEM or OK: what is wrong with a row was told when it was read first */
};

tc_err tc_reg_walk_open(struct tc_str csv, bool dependencies, struct tc_reg_walk **out)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    struct tc_reg_walk *w = calloc(1, sizeof *w);
    tc_err e = TC_OK;
    if (!w)
        return TC_E_NOMEM;
    tc_csv_init(&w->csv, csv);
    w->n = c.n;
    for (size_t i = 0; i < TC_REG_COLUMNS_MAX; i++)
        w->at[i] = SIZE_MAX;
    bool header = csv.n && tc_csv_next(&w->csv, &e, NULL);
    if (header && e == TC_E_NOMEM) {
        w->err = e;
        return tc_reg_walk_close(w, e);
    }
    if (header && !e)
        for (size_t i = 0; i < c.n; i++)
            for (size_t j = 0; j < w->csv.fields; j++)
                if (tc_str_is(tc_str_trim(w->csv.field[j]), c.name[i]))
                    w->at[i] = j;
    *out = w;
    return TC_OK;
}

bool tc_reg_walk_next(struct tc_reg_walk *w, struct tc_str cell[TC_REG_COLUMNS_MAX])
{
    tc_err e;
    do {
        if (!tc_csv_next(&w->csv, &e, NULL))
            return false;
    } while (e && e != TC_E_NOMEM);
    if (e) {
        w->err = e;
        return false;
    }
    for (size_t i = 0; i < TC_REG_COLUMNS_MAX; i++)
        cell[i] =
            w->at[i] < w->csv.fields ? tc_str_trim(w->csv.field[w->at[i]]) : tc_str_view("", 0);
    return true;
}

tc_err tc_reg_walk_close(struct tc_reg_walk *w, tc_err e)
{
    if (!w)
        return e;
    e = e ? e : w->err;
    tc_csv_fini(&w->csv);
    free(w);
    return e;
}
