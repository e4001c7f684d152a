/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/export.h"

#include "base/limits.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/extensions.h"

#include <errno.h>
#include <unistd.h>

/* Written to the file in pieces of at least this. */
#define PIECE (1u << 20)

struct out {
    int fd;
    struct tc_buf b;
    uint64_t objects;
    struct tc_json_reader *json;
    struct tc_json_reader *names;
    struct tc_node *node;
    const struct tc_principal *who;
    struct tc_diag *d;
};

static tc_err drain(struct out *o)
{
    if (o->b.err)
        return tc_diag_set(o->d, o->b.err, "an object is too large to be written");
    for (size_t at = 0; at < o->b.n;) {
        ssize_t n = write(o->fd, o->b.p + at, o->b.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tc_diag_set(o->d, tc_err_from_errno(errno), "the file cannot be written");
        at += (size_t)n;
    }
    tc_buf_clear(&o->b);
    return TC_OK;
}

static struct tc_str text_of(yyjson_val *v, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(v, name, &s);
    return s;
}

static yyjson_val *extension(yyjson_val *root, const char *id)
{
    return tc_json_get(tc_json_get(root, "extensions"), id);
}

static yyjson_val *parse(struct out *o, const struct tc_row *row)
{
    yyjson_val *root = NULL;
    return row->revoked || tc_json_reader_read(o->json, row->body, TC_MAX_OBJECT,
                                               TC_JSON_REPEATS_OK, &root, NULL)
               ? NULL
               : root;
}

/* ---- STIX ---- */

static void put_stix(struct out *o, const struct tc_row *row)
{
    tc_buf_cstr(&o->b, o->objects++ ? ",\n" : "\n");
    tc_buf_str(&o->b, row->body);
}

/* ---- CSV: the columns that the import reads ---- */

static void put_field(struct out *o, struct tc_str s, char end)
{
    tc_csv_quote(&o->b, s);
    tc_buf_char(&o->b, end);
}

static void put_number(struct out *o, yyjson_val *v, const char *name, char end)
{
    char text[TC_JSON_NUMBER];
    double number;
    if (tc_json_double(v, name, &number))
        tc_buf_add(&o->b, text, tc_json_number(number, text));
    tc_buf_char(&o->b, end);
}

/* The name of an identity as the one who exports reads it; its id where there is none to read, so
 * that an import of the file makes the same operator again. */
static void put_identity(struct out *o, struct tc_str id, char end)
{
    struct tc_org org;
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    yyjson_val *root = NULL;
    struct tc_str name = id;
    const struct tc_query q = {.ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .limit = 1};
    struct tc_arena *a = id.n ? tc_arena_new(1u << 16) : NULL;
    if (a && tc_access_org_by(o->node->access, 0, id, a, &org) == TC_OK &&
        (o->who->org == o->node->org || o->who->org == org.number))
        name = org.name;
    else if (a && !tc_reader_open(o->node->journal, o->who, &q, &r) && !tc_reader_next(r, &row) &&
             row.seq &&
             !tc_json_reader_read(o->names, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root,
                                  NULL) &&
             text_of(root, "name").n)
        name = text_of(root, "name");
    put_field(o, name, end);
    tc_reader_close(r);
    tc_arena_free(a);
}

static void put_csv(struct out *o, const struct tc_row *row)
{
    yyjson_val *root = parse(o, row), *e = extension(root, TC_EXT_ASSET);
    yyjson_val *first = yyjson_arr_get_first(tc_json_get(root, "external_references"));
    if (!e)
        return;
    struct tc_str id = text_of(first, "external_id");
    put_field(o, id.n ? id : row->id, ',');
    put_field(o, text_of(root, "name"), ',');
    put_field(o, text_of(e, "kind"), ',');
    put_field(o, text_of(e, "sector"), ',');
    put_identity(o, text_of(e, "operator_ref"), ',');
    put_field(o, text_of(e, "country"), ',');
    put_number(o, e, "latitude", ',');
    put_number(o, e, "longitude", ',');
    put_number(o, e, "people", '\n');
    o->objects++;
}

/* ---- GeoJSON: longitude before latitude ---- */

static struct tc_jsonw begin_feature(struct out *o, const struct tc_row *row, yyjson_val *root,
                                     const char *geometry)
{
    tc_buf_cstr(&o->b, o->objects++ ? ",\n" : "\n");
    struct tc_jsonw w = tc_jsonw_into(&o->b);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "Feature");
    tc_jsonw_kstr(&w, "id", row->id);
    tc_jsonw_name(&w, "properties");
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "name", text_of(root, "name"));
    tc_jsonw_kstr(&w, "kind", row->type);
    tc_jsonw_object_end(&w);
    tc_jsonw_name(&w, "geometry");
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", geometry);
    tc_jsonw_name(&w, "coordinates");
    return w;
}

static void end_feature(struct tc_jsonw *w)
{
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static void put_position(struct tc_jsonw *w, double lat, double lon)
{
    tc_jsonw_array(w);
    tc_jsonw_double(w, lon);
    tc_jsonw_double(w, lat);
    tc_jsonw_array_end(w);
}

static void put_polygon(struct out *o, const struct tc_row *row, yyjson_val *root, yyjson_val *ring)
{
    struct tc_jsonw w = begin_feature(o, row, root, "Polygon");
    size_t i, n;
    yyjson_val *v;
    tc_jsonw_array(&w);
    tc_jsonw_array(&w);
    yyjson_arr_foreach (ring, i, n, v)
        put_position(&w, yyjson_get_num(yyjson_arr_get(v, 0)),
                     yyjson_get_num(yyjson_arr_get(v, 1)));
    tc_jsonw_array_end(&w);
    tc_jsonw_array_end(&w);
    end_feature(&w);
}

static void put_point(struct out *o, const struct tc_row *row, yyjson_val *root, yyjson_val *place)
{
    double lat, lon;
    if (!tc_json_double(place, "latitude", &lat) || !tc_json_double(place, "longitude", &lon))
        return;
    struct tc_jsonw w = begin_feature(o, row, root, "Point");
    put_position(&w, lat, lon);
    end_feature(&w);
}

static void put_geojson(struct out *o, const struct tc_row *row)
{
    yyjson_val *root = parse(o, row), *event = extension(root, TC_EXT_EVENT), *v;
    size_t i, n;
    if (tc_str_is(row->type, "infrastructure"))
        put_point(o, row, root, extension(root, TC_EXT_ASSET));
    yyjson_arr_foreach (tc_json_get(event, "areas"), i, n, v) {
        if (tc_json_get(v, "polygon"))
            put_polygon(o, row, root, tc_json_get(v, "polygon"));
        else
            put_point(o, row, root, tc_json_get(v, "circle"));
    }
}

/* ---- all ---- */

static void put_head(struct out *o, enum tc_export_format f)
{
    struct tc_uuid u = tc_uuid_v4();
    char id[TC_UUID_TEXT];
    tc_uuid_format(&u, id);
    if (f == TC_EXPORT_STIX)
        tc_buf_fmt(&o->b, "{\"type\":\"bundle\",\"id\":\"bundle--%s\",\"objects\":[", id);
    else if (f == TC_EXPORT_CSV)
        tc_buf_cstr(&o->b, "id,name,kind,sector,operator,country,lat,lon,people\n");
    else
        tc_buf_cstr(&o->b, "{\"type\":\"FeatureCollection\",\"features\":[");
}

static tc_err put_rows(struct out *o, struct tc_reader *r, enum tc_export_format f)
{
    struct tc_row row;
    tc_err e;
    while (!(e = tc_reader_next(r, &row)) && row.seq) {
        const struct tc_audience *a = tc_journal_audience_of(o->node->journal, row.audience);
        if (a && a->owner_releases && a->creator_org != o->who->org && !o->who->system)
            continue; /* its owner decides where it goes on (tocsin onward) */
        if (f == TC_EXPORT_STIX)
            put_stix(o, &row);
        else if (f == TC_EXPORT_CSV)
            put_csv(o, &row);
        else
            put_geojson(o, &row);
        if (o->b.n >= PIECE) {
            e = drain(o);
            if (e)
                return e;
        }
    }
    return e ? tc_diag_set(o->d, e, "the journal could not be read") : TC_OK;
}

tc_err tc_export(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                 enum tc_export_format format, int fd, uint64_t *objects, struct tc_diag *d)
{
    static const struct tc_str placed[] = {{"infrastructure", 14}, {"incident", 8}};
    struct tc_query q = {.community = community, .added_after = TC_TIME_NONE};
    struct out o = {.fd = fd, .node = n, .who = p, .d = d};
    struct tc_reader *r = NULL;
    if (format != TC_EXPORT_STIX) {
        q.types = placed;
        q.n_types = format == TC_EXPORT_CSV ? 1 : 2;
    }
    tc_buf_init(&o.b, PIECE + 4 * (size_t)TC_MAX_OBJECT);
    o.json = tc_json_reader_new();
    o.names = tc_json_reader_new();
    tc_err e = o.json && o.names ? tc_reader_open(n->journal, p, &q, &r) : TC_E_NOMEM;
    if (e)
        (void)tc_diag_set(d, e, "the journal could not be read");
    put_head(&o, format);
    if (!e)
        e = put_rows(&o, r, format);
    if (format != TC_EXPORT_CSV)
        tc_buf_cstr(&o.b, "\n]}\n");
    if (!e)
        e = drain(&o);
    if (!e)
        *objects = o.objects;
    tc_reader_close(r);
    tc_json_reader_free(o.json);
    tc_json_reader_free(o.names);
    tc_buf_fini(&o.b);
    return e;
}
