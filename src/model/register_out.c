/* SPDX-License-Identifier: Apache-2.0 */
#include "model/register_out.h"

#include "base/id.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "codec/csv.h"
#include "codec/jsonw.h"
#include "model/extensions.h"
#include "model/register_parts.h"

#include <stdlib.h>

typedef struct tc_str cells[TC_REG_COLUMNS_MAX];

/* Which columns are written: those that must be, and those with something in them. */
static tc_err used(struct tc_str csv, bool dependencies, bool use[TC_REG_COLUMNS_MAX])
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    struct tc_reg_walk *w = NULL;
    cells cell;
    for (size_t i = 0; i < TC_REG_COLUMNS_MAX; i++)
        use[i] = i < c.required;
    if (c.n == c.required)
        return TC_OK;
    tc_err e = tc_reg_walk_open(csv, dependencies, &w);
    while (!e && tc_reg_walk_next(w, cell))
        for (size_t i = c.required; i < c.n; i++)
            use[i] = use[i] || cell[i].n;
    return tc_reg_walk_close(w, e);
}

tc_err tc_reg_out_csv(struct tc_str csv, bool dependencies, struct tc_buf *out)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    bool use[TC_REG_COLUMNS_MAX];
    struct tc_reg_walk *w = NULL;
    cells cell;
    tc_err e = used(csv, dependencies, use);
    e = e ? e : tc_reg_walk_open(csv, dependencies, &w);
    for (size_t i = 0; !e && i < c.n; i++)
        if (use[i]) {
            tc_buf_cstr(out, i ? "," : "");
            tc_buf_cstr(out, c.name[i]);
        }
    tc_buf_char(out, '\n');
    while (!e && tc_reg_walk_next(w, cell)) {
        for (size_t i = 0; i < c.n; i++)
            if (use[i]) {
                tc_buf_cstr(out, i ? "," : "");
                tc_csv_quote(out, cell[i]);
            }
        tc_buf_char(out, '\n');
        e = out->err;
    }
    e = tc_reg_walk_close(w, e);
    return e ? e : out->err;
}

/* ---- members ---- */

/* Is it a number as JSON writes one (RFC 8259 section 6)? */
static bool json_number(struct tc_str s)
{
    size_t i = s.n && s.p[0] == '-';
    double v;
    if (i >= s.n || s.p[i] < '0' || s.p[i] > '9' || tc_num_double(s, -1e15, 1e15, &v))
        return false;
    return s.p[i] != '0' || i + 1 == s.n || s.p[i + 1] == '.';
}

/* Numbers only in columns of numbers: the id "007" or the service "1" is text. */
static bool of_numbers(const char *name)
{
    static const char *const numbers[] = {"lat",      "lon",    "people",  "share",
                                          "capacity", "demand", "priority"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(name, numbers[i]) == 0)
            return true;
    return false;
}

static void put_cell(struct tc_jsonw *w, const char *name, struct tc_str cell)
{
    if (!cell.n)
        return;
    tc_jsonw_name(w, name);
    if (of_numbers(name) && json_number(cell))
        tc_jsonw_raw(w, cell);
    else
        tc_jsonw_str(w, cell);
}

static bool of_place(const char *name)
{
    return strcmp(name, "lat") == 0 || strcmp(name, "lon") == 0;
}

static void put_members(struct tc_jsonw *w, bool dependencies, const cells cell, bool with_place)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    for (size_t i = 0; i < c.n; i++)
        if (with_place || dependencies || !of_place(c.name[i]))
            put_cell(w, c.name[i], cell[i]);
}

/* Each row through put, one to a line. */
static tc_err each(struct tc_str csv, bool dependencies, struct tc_buf *out,
                   void (*put)(struct tc_jsonw *w, bool dependencies, const cells cell))
{
    struct tc_reg_walk *walk = NULL;
    cells cell;
    const char *between = "\n";
    tc_err e = tc_reg_walk_open(csv, dependencies, &walk);
    tc_buf_char(out, '[');
    while (!e && tc_reg_walk_next(walk, cell)) {
        struct tc_jsonw w = tc_jsonw_into(out);
        tc_buf_cstr(out, between);
        between = ",\n";
        put(&w, dependencies, cell);
        e = out->err;
    }
    tc_buf_char(out, ']');
    return tc_reg_walk_close(walk, e);
}

static void put_object(struct tc_jsonw *w, bool dependencies, const cells cell)
{
    tc_jsonw_object(w);
    put_members(w, dependencies, cell, true);
    tc_jsonw_object_end(w);
}

tc_err tc_reg_out_json(const struct tc_reg_source *s, struct tc_buf *out)
{
    tc_buf_cstr(out, "{\"assets\":");
    tc_err e = each(s->table[0].csv, false, out, put_object);
    tc_buf_cstr(out, ",\n\"dependencies\":");
    e = e ? e : each(s->table[1].csv, true, out, put_object);
    tc_buf_cstr(out, "}\n");
    return e ? e : out->err;
}

/* ---- GeoJSON (RFC 7946): longitude first ---- */

static void put_feature(struct tc_jsonw *w, bool dependencies, const cells cell)
{
    struct tc_str lat = cell[tc_reg_column(false, "lat")], lon = cell[tc_reg_column(false, "lon")];
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "Feature");
    tc_jsonw_kstr(w, "id", cell[0]);
    tc_jsonw_name(w, "geometry");
    if (lat.n && lon.n && json_number(lat) && json_number(lon)) {
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "type", "Point");
        tc_jsonw_name(w, "coordinates");
        tc_jsonw_array(w);
        tc_jsonw_raw(w, lon);
        tc_jsonw_raw(w, lat);
        tc_jsonw_array_end(w);
        tc_jsonw_object_end(w);
    } else {
        tc_jsonw_null(w);
    }
    tc_jsonw_name(w, "properties");
    tc_jsonw_object(w);
    put_members(w, dependencies, cell, false);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

tc_err tc_reg_out_geojson(const struct tc_reg_source *s, struct tc_buf *out)
{
    tc_buf_cstr(out, "{\"type\":\"FeatureCollection\",\n\"features\":");
    tc_err e = each(s->table[0].csv, false, out, put_feature);
    tc_buf_cstr(out, ",\n\"dependencies\":");
    e = e ? e : each(s->table[1].csv, true, out, put_object);
    tc_buf_cstr(out, "}\n");
    return e ? e : out->err;
}

/* ---- STIX 2.1 ---- */

#define LIST "tocsin-register"

struct stix {
    struct tc_buf *out, key;
    struct tc_jsonw w;
    struct tc_map *operators;
    char now[TC_TIME_SIZE], creator[TC_ID_MAX], id[TC_ID_MAX];
    bool some;
};

static void id_of(struct stix *x, const char *type, struct tc_str key, char out[TC_ID_MAX])
{
    struct tc_buf name;
    tc_buf_init(&name, TC_MAX_CSV_LINE * 5);
    tc_buf_fmt(&name, LIST "|%s|", type);
    tc_buf_str(&name, key);
    if (name.err)
        x->out->err = name.err;
    else
        tc_id_derive(tc_str_cstr(type), &tc_uuid_ns_tocsin, tc_buf_view(&name), out);
    tc_buf_fini(&name);
}

static struct tc_jsonw *begin(struct stix *x, const char *type, struct tc_str key)
{
    struct tc_jsonw *w = &x->w;
    id_of(x, type, key, x->id);
    tc_buf_cstr(x->out, x->some ? ",\n" : "\n");
    x->some = true;
    *w = tc_jsonw_into(x->out);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", type);
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kcstr(w, "id", x->id);
    if (x->creator[0])
        tc_jsonw_kcstr(w, "created_by_ref", x->creator);
    tc_jsonw_kcstr(w, "created", x->now);
    tc_jsonw_kcstr(w, "modified", x->now);
    if (!x->creator[0])
        return w;
    tc_jsonw_name(w, "external_references");
    tc_jsonw_array(w);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "source_name", LIST);
    tc_jsonw_kstr(w, "external_id", key);
    tc_jsonw_object_end(w);
    tc_jsonw_array_end(w);
    return w;
}

static void put_creator(struct stix *x)
{
    struct tc_jsonw *w = begin(x, "identity", TC_STR("the register itself"));
    tc_jsonw_kcstr(w, "name", "Register");
    tc_jsonw_kcstr(w, "identity_class", "system");
    tc_jsonw_object_end(w);
    (void)tc_str_copy(tc_str_cstr(x->id), x->creator, sizeof x->creator);
}

static tc_err put_operator(struct stix *x, struct tc_str name)
{
    uint64_t at = 1;
    bool added = false;
    tc_err e = name.n ? tc_map_intern(x->operators, name, &at, &added) : TC_OK;
    if (e || !added)
        return e;
    struct tc_jsonw *w = begin(x, "identity", name);
    tc_jsonw_kstr(w, "name", name);
    tc_jsonw_kcstr(w, "identity_class", "organization");
    tc_jsonw_object_end(w);
    return TC_OK;
}

static void begin_extension(struct tc_jsonw *w, const char *id)
{
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, id);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
}

static void end_extension(struct tc_jsonw *w)
{
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

/* "Inn valley; duct 7" as a list. */
static void put_list(struct tc_jsonw *w, const char *name, struct tc_str s)
{
    if (!s.n)
        return;
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    while (s.n) {
        const char *end = memchr(s.p, ';', s.n);
        struct tc_str one = tc_str_view(s.p, end ? (size_t)(end - s.p) : s.n);
        size_t step = end ? one.n + 1 : one.n;
        one = tc_str_trim(one);
        if (one.n)
            tc_jsonw_str(w, one);
        s = tc_str_view(s.p + step, s.n - step);
    }
    tc_jsonw_array_end(w);
}

/* The columns that are members of the extension under their own names. */
static void put_rest(struct tc_jsonw *w, bool dependencies, const cells cell,
                     const char *const *except)
{
    struct tc_reg_columns c = tc_register_columns(dependencies);
    for (size_t i = 0; i < c.n; i++)
        if (strcmp(c.name[i], "common_causes") == 0)
            put_list(w, c.name[i], cell[i]);
        else if (!is_one_of(c.name[i], except))
            put_cell(w, c.name[i], cell[i]);
}

static tc_err put_asset(struct stix *x, const cells cell)
{
    static const char *const except[] = {"id", "name", "operator", "lat", "lon", NULL};
    struct tc_str by = cell[tc_reg_column(false, "operator")];
    struct tc_str name = cell[tc_reg_column(false, "name")];
    struct tc_str lat = cell[tc_reg_column(false, "lat")], lon = cell[tc_reg_column(false, "lon")];
    char operator_id[TC_ID_MAX];
    tc_err e = put_operator(x, by);
    if (e)
        return e;
    struct tc_jsonw *w = begin(x, "infrastructure", cell[0]);
    tc_jsonw_kstr(w, "name", name.n ? name : cell[0]);
    begin_extension(w, TC_EXT_ASSET);
    put_rest(w, false, cell, except);
    if (by.n) {
        id_of(x, "identity", by, operator_id);
        tc_jsonw_kcstr(w, "operator_ref", operator_id);
    }
    if (json_number(lat) && json_number(lon)) {
        tc_jsonw_name(w, "latitude");
        tc_jsonw_raw(w, lat);
        tc_jsonw_name(w, "longitude");
        tc_jsonw_raw(w, lon);
    }
    end_extension(w);
    return x->out->err;
}

static void put_share(struct tc_jsonw *w, struct tc_str s)
{
    double v;
    bool hundred = tc_str_ends(s, TC_STR("%"));
    if (!s.n)
        return;
    tc_jsonw_name(w, "share");
    if (!hundred && json_number(s))
        tc_jsonw_raw(w, s);
    else if (tc_num_double(tc_str_trim(tc_str_view(s.p, s.n - hundred)), 0, 100, &v))
        tc_jsonw_null(w);
    else
        tc_jsonw_double(w, hundred ? v / 100 : v);
}

/* "asset|service|group|supplier", what makes a row one of a register. */
static void row_key(struct stix *x, const cells cell)
{
    static const char *const parts[] = {"asset", "service", "group", "supplier"};
    tc_buf_clear(&x->key);
    for (size_t i = 0; i < 4; i++) {
        tc_buf_cstr(&x->key, i ? "|" : "");
        tc_buf_str(&x->key, cell[tc_reg_column(true, parts[i])]);
    }
}

static tc_err put_dependency(struct stix *x, const cells cell)
{
    static const char *const except[] = {"asset", "supplier", "need", "share", NULL};
    char asset[TC_ID_MAX], supplier[TC_ID_MAX];
    struct tc_str need = cell[tc_reg_column(true, "need")];
    row_key(x, cell);
    if (x->key.err)
        return x->key.err;
    id_of(x, "infrastructure", cell[tc_reg_column(true, "asset")], asset);
    id_of(x, "infrastructure", cell[tc_reg_column(true, "supplier")], supplier);
    struct tc_jsonw *w = begin(x, "relationship", tc_buf_view(&x->key));
    tc_jsonw_kcstr(w, "relationship_type", "depends-on");
    tc_jsonw_kcstr(w, "source_ref", asset);
    tc_jsonw_kcstr(w, "target_ref", supplier);
    begin_extension(w, TC_EXT_DEPENDENCY);
    put_rest(w, true, cell, except);
    tc_jsonw_kstr(w, "need", need.n ? need : TC_STR("1"));
    put_share(w, cell[tc_reg_column(true, "share")]);
    end_extension(w);
    return x->out->err;
}

static tc_err put_table(struct stix *x, struct tc_str csv, bool dependencies,
                        tc_err (*put)(struct stix *x, const cells cell))
{
    struct tc_reg_walk *walk = NULL;
    cells cell;
    tc_err e = tc_reg_walk_open(csv, dependencies, &walk);
    while (!e && tc_reg_walk_next(walk, cell))
        e = put(x, cell);
    return tc_reg_walk_close(walk, e);
}

tc_err tc_reg_out_stix(const struct tc_reg_source *s, tc_time now, struct tc_buf *out)
{
    struct stix x = {.out = out, .operators = tc_map_new(TC_MAX_ASSETS)};
    char bundle[TC_ID_MAX];
    tc_err e = x.operators ? TC_OK : TC_E_NOMEM;
    tc_buf_init(&x.key, TC_MAX_CSV_LINE);
    tc_time_format(now, 3, x.now);
    id_of(&x, "bundle", TC_STR(""), bundle);
    tc_buf_fmt(out, "{\"type\":\"bundle\",\"id\":\"%s\",\"objects\":[", bundle);
    put_creator(&x);
    e = e ? e : put_table(&x, s->table[0].csv, false, put_asset);
    e = e ? e : put_table(&x, s->table[1].csv, true, put_dependency);
    tc_buf_cstr(out, "\n]}\n");
    tc_map_free(x.operators);
    tc_buf_fini(&x.key);
    return e ? e : out->err;
}
