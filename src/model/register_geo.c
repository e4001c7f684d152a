/* SPDX-License-Identifier: Apache-2.0 */
/* A register in GeoJSON (RFC 7946), and the point that stands for a line or an area. */
#include "base/limits.h"
#include "base/num.h"
#include "model/register_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct path { /* x, y one after the other */
    double *p;
    size_t n;
};

static enum tc_reg_shape bad(struct tc_reg_spot *out, const char *where, const char *why)
{
    out->where = where;
    (void)snprintf(out->why, sizeof out->why, "%s", why);
    return TC_REG_BAD;
}

#define COORDINATES "geometry.coordinates"

/* ---- positions ---- */

static bool degree(yyjson_val *v, double most, double *out)
{
    struct tc_str s = {yyjson_get_raw(v), yyjson_get_len(v)};
    return yyjson_is_raw(v) && !tc_num_double(s, -most, most, out);
}

static bool position(yyjson_val *v, double out[2])
{
    size_t n = yyjson_arr_size(v);
    return n >= 2 && n <= 4 && degree(yyjson_arr_get(v, 0), 180, &out[0]) &&
           degree(yyjson_arr_get(v, 1), 90, &out[1]);
}

/* False: out->why says it. */
static bool take_path(yyjson_val *v, size_t least, struct path *out, struct tc_reg_spot *spot)
{
    size_t i, n, count = yyjson_arr_size(v);
    yyjson_val *at;
    const char *why = NULL;
    out->p = NULL;
    out->n = 0;
    if (count < least)
        why = least == 4 ? "a ring has at least four positions" : "a line has at least two";
    else if (count > TC_MAX_POLYGON)
        why = "it has more positions than are read";
    else if (!(out->p = calloc(count, 2 * sizeof *out->p)))
        spot->starved = (why = "out of memory") != NULL;
    if (!why)
        yyjson_arr_foreach (v, i, n, at) {
            if (!position(at, out->p + 2 * i)) {
                why = "a position is [longitude, latitude], within 180 and 90 degrees";
                break;
            }
            out->n++;
        }
    for (i = 1; !why && i < out->n; i++)
        if (fabs(out->p[2 * i] - out->p[2 * i - 2]) > 180)
            why = "it crosses the date line; RFC 7946 section 3.1.9 has it cut in two there";
    if (why)
        (void)bad(spot, COORDINATES, why);
    return !why;
}

/* ---- a point for it ---- */

static void middle_of_line(const struct path *l, struct tc_reg_spot *out)
{
    double all = 0, went = 0;
    for (size_t i = 1; i < l->n; i++)
        all += hypot(l->p[2 * i] - l->p[2 * i - 2], l->p[2 * i + 1] - l->p[2 * i - 1]);
    out->x = l->p[0];
    out->y = l->p[1];
    for (size_t i = 1; i < l->n; i++) {
        const double *a = l->p + 2 * i - 2, *b = a + 2;
        double step = hypot(b[0] - a[0], b[1] - a[1]);
        if (step > 0 && went + step >= all / 2) {
            double t = (all / 2 - went) / step;
            out->x = a[0] + t * (b[0] - a[0]);
            out->y = a[1] + t * (b[1] - a[1]);
            return;
        }
        went += step;
    }
}

static double side(const double *a, const double *b, const double *c)
{
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static bool crosses(const struct path *r)
{
    for (size_t i = 0; r->n <= TC_MAX_POLYGON_EXAMINED && i + 1 < r->n; i++)
        for (size_t j = i + 2; j + 1 < r->n; j++) {
            const double *a = r->p + 2 * i, *b = a + 2, *c = r->p + 2 * j, *d = c + 2;
            if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0)
                return true;
        }
    return false;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where the level y meets the outline of all rings, between two of which lies the inside; the
 * middle of the widest stretch. */
static bool widest(const struct path *rings, size_t count, double y, struct tc_reg_spot *out)
{
    size_t n = 0, all = 0;
    double width = 0;
    for (size_t k = 0; k < count; k++)
        all += rings[k].n;
    double *xs = calloc(all + 1, sizeof *xs);
    out->starved = out->starved || !xs;
    for (size_t k = 0; xs && k < count; k++)
        for (size_t i = 1; i < rings[k].n; i++) {
            const double *a = rings[k].p + 2 * i - 2, *b = a + 2;
            if ((a[1] > y) != (b[1] > y))
                xs[n++] = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        }
    if (xs)
        qsort(xs, n, sizeof *xs, ascending);
    for (size_t i = 0; i + 1 < n; i += 2)
        if (xs[i + 1] - xs[i] > width) {
            width = xs[i + 1] - xs[i];
            out->x = (xs[i] + xs[i + 1]) / 2;
        }
    free(xs);
    return width > 1e-9; /* a tenth of a millimetre */
}

/* Half the height of the outer ring, moved a little where that only touches corners. */
static bool inside(const struct path *rings, size_t count, struct tc_reg_spot *out)
{
    static const double try[] = {0.5, 0.48, 0.53, 0.4, 0.61, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9};
    double lo = 90, hi = -90;
    for (size_t i = 0; i < rings[0].n; i++) {
        double y = rings[0].p[2 * i + 1];
        lo = y < lo ? y : lo;
        hi = y > hi ? y : hi;
    }
    for (size_t i = 0; i < sizeof try / sizeof try[0]; i++) {
        out->y = lo + try[i] * (hi - lo);
        if (widest(rings, count, out->y, out))
            return true;
    }
    return false;
}

static double area_of(const struct path *r)
{
    double sum = 0;
    for (size_t i = 1; i < r->n; i++)
        sum += r->p[2 * i - 2] * r->p[2 * i + 1] - r->p[2 * i] * r->p[2 * i - 1];
    return fabs(sum) / 2;
}

#define MAX_RINGS 1000

static enum tc_reg_shape polygon(yyjson_val *v, struct tc_reg_spot *out, double *area)
{
    size_t i, n, count = yyjson_arr_size(v), taken = 0;
    yyjson_val *ring;
    if (!count || count > MAX_RINGS)
        return bad(out, COORDINATES, "a polygon has one to a thousand rings");
    struct path *rings = calloc(count, sizeof *rings);
    enum tc_reg_shape shape = rings ? TC_REG_AREA : bad(out, COORDINATES, "out of memory");
    out->starved = out->starved || !rings;
    yyjson_arr_foreach (v, i, n, ring) {
        if (shape != TC_REG_AREA)
            break;
        struct path *r = &rings[taken++];
        const double *end;
        if (!take_path(ring, 4, r, out))
            shape = TC_REG_BAD;
        else if (end = r->p + 2 * (r->n - 1),
                 end[0] < r->p[0] || end[0] > r->p[0] || end[1] < r->p[1] || end[1] > r->p[1])
            shape = bad(out, COORDINATES, "a ring ends where it began");
        else if (crosses(r))
            shape = bad(out, COORDINATES, "a ring crosses itself");
    }
    if (shape == TC_REG_AREA && !inside(rings, count, out))
        shape = bad(out, COORDINATES, "the polygon has no inside");
    if (shape == TC_REG_AREA)
        *area = area_of(&rings[0]);
    for (i = 0; i < taken; i++)
        free(rings[i].p);
    free(rings);
    return shape;
}

static enum tc_reg_shape line(yyjson_val *v, struct tc_reg_spot *out, double *length)
{
    struct path l;
    bool ok = take_path(v, 2, &l, out);
    if (ok)
        middle_of_line(&l, out);
    *length = 0;
    for (size_t i = 1; ok && i < l.n; i++)
        *length += hypot(l.p[2 * i] - l.p[2 * i - 2], l.p[2 * i + 1] - l.p[2 * i - 1]);
    free(l.p);
    return ok ? TC_REG_LINE : TC_REG_BAD;
}

static enum tc_reg_shape point(yyjson_val *v, struct tc_reg_spot *out)
{
    double at[2];
    if (!position(v, at))
        return bad(out, COORDINATES,
                   "a position is [longitude, latitude], within 180 and 90 degrees");
    yyjson_val *x = yyjson_arr_get(v, 0), *y = yyjson_arr_get(v, 1);
    out->lon = tc_str_view(yyjson_get_raw(x), yyjson_get_len(x));
    out->lat = tc_str_view(yyjson_get_raw(y), yyjson_get_len(y));
    return TC_REG_POINT;
}

typedef enum tc_reg_shape one_part(yyjson_val *v, struct tc_reg_spot *out, double *size);

/* Of several lines or areas the largest. */
static enum tc_reg_shape largest(yyjson_val *v, one_part *part, struct tc_reg_spot *out)
{
    struct tc_reg_spot best = {.x = 0};
    enum tc_reg_shape shape = bad(out, COORDINATES, "nothing is in it");
    double most = -1, size = 0;
    size_t i, n;
    yyjson_val *one;
    yyjson_arr_foreach (v, i, n, one) {
        shape = part(one, out, &size);
        if (shape == TC_REG_BAD)
            return shape;
        if (size > most) {
            most = size;
            best = *out;
        }
    }
    if (most >= 0)
        *out = best;
    return shape;
}

enum tc_reg_shape tc_reg_spot_of(yyjson_val *geometry, struct tc_reg_spot *out)
{
    struct tc_str type = {"", 0};
    double size;
    *out = (struct tc_reg_spot){.x = 0};
    if (!geometry || yyjson_is_null(geometry))
        return TC_REG_NOWHERE;
    yyjson_val *at = tc_json_get(geometry, "coordinates");
    if (!tc_json_str(geometry, "type", &type))
        return bad(out, "geometry", "is neither null nor a geometry with a type");
    if (tc_str_is(type, "Point"))
        return point(at, out);
    if (tc_str_is(type, "LineString"))
        return line(at, out, &size);
    if (tc_str_is(type, "Polygon"))
        return polygon(at, out, &size);
    if (tc_str_is(type, "MultiLineString"))
        return largest(at, line, out);
    if (tc_str_is(type, "MultiPolygon"))
        return largest(at, polygon, out);
    return bad(out, "geometry.type",
               "an asset stands at a Point, or on a line or an area that a point is chosen of");
}

/* ---- features ---- */

static void put_spot(struct tc_reg_into *x, yyjson_val *feature, size_t lat, size_t lon)
{
    struct tc_reg_spot spot;
    char text[2][32];
    enum tc_reg_shape shape = tc_reg_spot_of(tc_json_get(feature, "geometry"), &spot);
    struct tc_str *cell = x->cell[0];
    if (spot.starved)
        x->fatal = TC_E_NOMEM;
    if (shape == TC_REG_BAD) {
        tc_reg_into_wrong(x, spot.where, "%s", spot.why);
        return;
    }
    if (shape == TC_REG_LINE || shape == TC_REG_AREA) {
        /* a hundred-thousandth of a degree is about a metre */
        int n = snprintf(text[0], sizeof text[0], "%.5f", spot.x);
        int m = snprintf(text[1], sizeof text[1], "%.5f", spot.y);
        spot.lon = tc_str_view(text[0], n > 0 ? (size_t)n : 0);
        spot.lat = tc_str_view(text[1], m > 0 ? (size_t)m : 0);
        x->s->lines += shape == TC_REG_LINE;
        x->s->areas += shape == TC_REG_AREA;
    }
    if (shape != TC_REG_NOWHERE) {
        cell[lat] = spot.lat;
        cell[lon] = spot.lon;
    }
    tc_reg_into_put(x, false);
}

/* The id may stand outside of the properties (RFC 7946 section 3.2). */
static void take_asset(struct tc_reg_into *x, yyjson_val *feature, yyjson_val *properties)
{
    yyjson_val *id = tc_json_get(feature, "id");
    if (!tc_reg_into_members(x, false, properties))
        return;
    if (!x->cell[0][0].n && yyjson_is_str(id))
        x->cell[0][0] = tc_json_view(id);
    else if (!x->cell[0][0].n && yyjson_is_raw(id))
        x->cell[0][0] = tc_str_view(yyjson_get_raw(id), yyjson_get_len(id));
    put_spot(x, feature, tc_reg_column(false, "lat"), tc_reg_column(false, "lon"));
}

static void take_feature(struct tc_reg_into *x, yyjson_val *feature)
{
    struct tc_str type = {"", 0};
    yyjson_val *properties = tc_json_get(feature, "properties");
    bool ok = tc_json_str(feature, "type", &type) && tc_str_is(type, "Feature");
    if (!ok)
        tc_reg_into_wrong(x, "type", "is no Feature");
    else if (properties && !yyjson_is_null(properties) && !yyjson_is_obj(properties))
        tc_reg_into_wrong(x, "properties", "is no object");
    else if (!tc_json_get(properties, "supplier"))
        take_asset(x, feature, properties);
    else if (tc_reg_into_members(x, true, properties))
        tc_reg_into_put(x, true);
}

/* RFC 7946 knows only WGS 84; older files may name another reference system. */
static bool wgs84(yyjson_val *root)
{
    struct tc_str name = {"", 0};
    yyjson_val *crs = tc_json_get(root, "crs");
    if (!crs || yyjson_is_null(crs))
        return true;
    return tc_json_str(tc_json_get(crs, "properties"), "name", &name) &&
           (tc_str_ends(name, TC_STR("CRS84")) || tc_str_ends(name, TC_STR("EPSG::4326")) ||
            tc_str_ends(name, TC_STR("EPSG:4326")));
}

void tc_reg_into_geojson(struct tc_reg_into *x)
{
    yyjson_val *root = x->doc.root, *features = tc_json_get(root, "features"), *v;
    struct tc_str type = {"", 0};
    size_t i, n;
    x->within = NULL;
    if (!tc_json_str(root, "type", &type) || !tc_str_is(type, "FeatureCollection")) {
        tc_reg_into_wrong(x, "type", "a register is a FeatureCollection");
        return;
    }
    if (!wgs84(root)) {
        tc_reg_into_wrong(x, "crs", "coordinates are WGS 84, longitude first");
        return;
    }
    if (!yyjson_is_arr(features)) {
        tc_reg_into_wrong(x, "features", "is no array");
        return;
    }
    yyjson_arr_foreach (features, i, n, v) {
        if (x->fatal)
            return;
        tc_reg_into_at(x, "features", i, v);
        take_feature(x, v);
    }
    tc_reg_into_array(x, true, tc_json_get(root, "dependencies"), "dependencies");
}
