/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/facts.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "watch/sphere.h"

#include <math.h>

static yyjson_val *extension(yyjson_val *object, const char *id)
{
    return tc_json_get(tc_json_get(object, "extensions"), id);
}

static struct tc_str text_of(yyjson_val *o, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    return s;
}

/* What src/intake writes for a row of a register. */
static struct tc_str register_id(yyjson_val *object)
{
    yyjson_val *list = tc_json_get(object, "external_references"), *r;
    size_t i, n;
    if (yyjson_is_arr(list))
        yyjson_arr_foreach (list, i, n, r) {
            if (tc_str_is(text_of(r, "source_name"), "tocsin-register"))
                return text_of(r, "external_id");
        }
    return TC_STR("");
}

/* A capacity or demand; what it was before when there is none. */
static void read_amount(yyjson_val *e, const char *name, uint64_t *out)
{
    double v = 0;
    if (tc_json_double(e, name, &v) && v >= 0 && v <= (double)TC_MAX_CAPACITY)
        *out = (uint64_t)llround(v * TC_UNIT);
}

void tc_facts_causes(const struct tc_asset_facts *f, struct tc_buf *out)
{
    yyjson_val *one;
    size_t i, n;
    if (yyjson_is_arr(f->cause_list))
        yyjson_arr_foreach (f->cause_list, i, n, one) {
            if (!yyjson_is_str(one) || yyjson_get_len(one) > TC_GRAPH_ID_MAX)
                continue;
            tc_buf_str(out, tc_json_view(one));
            tc_buf_char(out, ';');
        }
}

bool tc_facts_asset(yyjson_val *object, struct tc_asset_facts *out)
{
    yyjson_val *e = extension(object, TC_EXT_ASSET);
    struct tc_asset_facts f = {0};
    if (!e || !tc_str_is(text_of(object, "type"), "infrastructure"))
        return false;
    f.name = text_of(object, "name");
    f.kind = text_of(e, "kind");
    f.sector = text_of(e, "sector");
    f.country = text_of(e, "country");
    f.operator_ref = text_of(e, "operator_ref");
    f.own_id = register_id(object);
    (void)tc_json_u64(e, "people", &f.people);
    f.placed = tc_json_double(e, "latitude", &f.lat) && tc_json_double(e, "longitude", &f.lon) &&
               fabs(f.lat) <= 90 && fabs(f.lon) <= 180;
    f.capacity = TC_UNLIMITED;
    read_amount(e, "capacity", &f.capacity);
    f.cause_list = tc_json_get(e, "common_causes");
    *out = f;
    return true;
}

/* ---- dependency ---- */

/* "1", "all", "60%"; empty = 1. A percentage counts shares, in millionths. */
static bool read_need(struct tc_str s, struct tc_dependency_facts *f)
{
    uint64_t n = 1;
    double percent = 0;
    if (tc_str_is(s, "all")) {
        f->rule = TC_NEED_ALL;
    } else if (s.n && s.p[s.n - 1] == '%') {
        if (tc_num_double(tc_str_view(s.p, s.n - 1), 0, 100, &percent))
            return false;
        f->rule = TC_NEED_SHARE;
        f->need = (uint32_t)lround(percent * (TC_SHARE_WHOLE / 100.0));
    } else {
        if (s.n && tc_num_u64(s, TC_MAX_ASSETS, &n))
            return false;
        f->rule = TC_NEED_COUNT;
        f->need = (uint32_t)n;
    }
    return true;
}

static bool read_range(yyjson_val *e, const char *name, int64_t *lo, int64_t *hi)
{
    struct tc_str s = text_of(e, name);
    *lo = *hi = 0;
    return !s.n || tc_duration_range(s, TC_MAX_DURATION, lo, hi) == TC_OK;
}

/* What cannot be is as if it had not been said: the check of the pack told whoever posted it. */
static void read_draw(yyjson_val *e, const char *name, int64_t lo, int64_t hi, enum tc_draw *kind,
                      int64_t *likely)
{
    if (tc_draw_parse(text_of(e, name), lo, hi, kind, likely)) {
        *kind = TC_DRAW_UNIFORM;
        *likely = lo;
    }
}

static void read_more(yyjson_val *e, struct tc_dependency_facts *f)
{
    struct tc_week week;
    struct tc_str s = text_of(e, "recharge");
    uint64_t priority = TC_LAST;
    f->demand = TC_UNIT;
    read_amount(e, "demand", &f->demand);
    if (tc_json_u64(e, "priority", &priority) && priority > TC_LAST)
        priority = TC_LAST;
    f->priority = (uint16_t)priority;
    if (s.n && tc_duration_parse(s, TC_MAX_DURATION, &f->recharge))
        f->recharge = 0;
    read_draw(e, "buffer_draw", f->buffer_lo, f->buffer_hi, &f->buffer_draw, &f->buffer_likely);
    read_draw(e, "restore_draw", f->restore_lo, f->restore_hi, &f->restore_draw,
              &f->restore_likely);
    s = text_of(e, "calendar");
    f->calendar = s.n && s.n <= TC_GRAPH_ID_MAX && !tc_week_parse(s, &week) ? s : TC_STR("");
}

bool tc_facts_dependency(yyjson_val *object, struct tc_dependency_facts *out)
{
    yyjson_val *e = extension(object, TC_EXT_DEPENDENCY);
    struct tc_dependency_facts f = {0};
    double share = 0;
    if (!e || !tc_str_is(text_of(object, "relationship_type"), "depends-on"))
        return false;
    f.asset = text_of(object, "source_ref");
    f.supplier = text_of(object, "target_ref");
    f.service = text_of(e, "service");
    f.group = text_of(e, "group");
    f.mode = tc_str_is(text_of(e, "mode"), "flow") ? TC_MODE_FLOW : TC_MODE_SUPPORT;
    if (tc_json_double(e, "share", &share) && share > 0 && share <= 1)
        f.share = (uint32_t)lround(share * TC_SHARE_WHOLE);
    if (!f.asset.n || !f.supplier.n || !f.service.n || !read_need(text_of(e, "need"), &f) ||
        !read_range(e, "buffer", &f.buffer_lo, &f.buffer_hi) ||
        !read_range(e, "restore", &f.restore_lo, &f.restore_hi))
        return false;
    read_more(e, &f);
    *out = f;
    return true;
}

/* ---- areas ---- */

/* The longitude nearest to that of the corner before, so that steps over the date line are short.
 */
static double unwrap(double lon, double before)
{
    while (lon - before > 180)
        lon -= 360;
    while (lon - before < -180)
        lon += 360;
    return lon;
}

/* Even-odd rule; a corner or edge counts as inside as far as doubles can tell. */
static bool ring_has(const struct tc_area *a, double lat, double lon)
{
    bool in = false;
    double before = a->points[1];
    double first = before;
    for (size_t i = 0; i + 1 < a->n; i++) {
        double y1 = a->points[2 * i], x1 = before;
        double y2 = a->points[2 * i + 2], x2 = unwrap(a->points[2 * i + 3], before);
        before = x2;
        if ((y1 > lat) != (y2 > lat) && lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1)
            in = !in;
    }
    return in && fabs(before - first) < 180; /* a ring round a pole does not come back */
}

bool tc_area_has(const struct tc_area *a, double lat, double lon)
{
    if (!a->points)
        return tc_sphere_metres(a->lat, a->lon, lat, lon) <= a->km * 1000;
    return a->n >= 4 &&
           (ring_has(a, lat, lon) || ring_has(a, lat, lon + 360) || ring_has(a, lat, lon - 360));
}

/* Across the date line all longitudes are looked at. */
static struct tc_area_box circle_box(const struct tc_area *a)
{
    struct tc_sphere_box s = tc_sphere_box(a->lat, a->lon, a->km * 1000);
    bool round = s.west > s.east || s.east - s.west >= 360;
    return round ? (struct tc_area_box){s.south, s.north, -180, 180, true}
                 : (struct tc_area_box){s.south, s.north, s.west, s.east, false};
}

struct tc_area_box tc_area_box(const struct tc_area *a)
{
    if (!a->points)
        return circle_box(a);
    struct tc_area_box b = {90, -90, 180, -180, false};
    double before = a->n ? a->points[1] : 0;
    for (size_t i = 0; i < a->n; i++) {
        double lat = a->points[2 * i], lon = unwrap(a->points[2 * i + 1], before);
        before = lon;
        b.south = lat < b.south ? lat : b.south;
        b.north = lat > b.north ? lat : b.north;
        b.west = lon < b.west ? lon : b.west;
        b.east = lon > b.east ? lon : b.east;
    }
    b.round = b.west < -180 || b.east > 180;
    return b;
}

/* ---- incident ---- */

static bool earthly(double lat, double lon)
{
    return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180;
}

static bool read_polygon(yyjson_val *list, struct tc_arena *a, struct tc_area *out)
{
    size_t n = yyjson_arr_size(list), i, max;
    yyjson_val *point;
    double *v = n >= 4 && n <= TC_MAX_LIST ? tc_arena_zalloc(a, 2 * n, sizeof *v) : NULL;
    if (!v)
        return false;
    yyjson_arr_foreach (list, i, max, point) {
        yyjson_val *lat = yyjson_arr_get(point, 0), *lon = yyjson_arr_get(point, 1);
        if (!yyjson_is_num(lat) || !yyjson_is_num(lon))
            return false;
        v[2 * i] = yyjson_get_num(lat);
        v[2 * i + 1] = yyjson_get_num(lon);
        if (!earthly(v[2 * i], v[2 * i + 1]))
            return false;
    }
    *out = (struct tc_area){.points = v, .n = n};
    return true;
}

bool tc_facts_area(yyjson_val *e, struct tc_arena *a, struct tc_area *out)
{
    yyjson_val *polygon = tc_json_get(e, "polygon"), *circle = tc_json_get(e, "circle");
    struct tc_area c = {0};
    if (yyjson_is_arr(polygon))
        return read_polygon(polygon, a, out);
    if (!tc_json_double(circle, "latitude", &c.lat) ||
        !tc_json_double(circle, "longitude", &c.lon) ||
        !tc_json_double(circle, "radius_km", &c.km) || !earthly(c.lat, c.lon) || !(c.km >= 0))
        return false;
    *out = c;
    return true;
}

static void read_areas(yyjson_val *e, struct tc_arena *a, struct tc_incident_facts *f)
{
    yyjson_val *list = tc_json_get(e, "areas"), *one;
    size_t n = yyjson_is_arr(list) ? yyjson_arr_size(list) : 0, i, max;
    struct tc_area *v = n && n <= TC_MAX_LIST ? tc_arena_zalloc(a, n, sizeof *v) : NULL;
    f->areas = v;
    if (!v)
        return;
    yyjson_arr_foreach (list, i, max, one)
        f->n_areas += tc_facts_area(one, a, &v[f->n_areas]);
}

static const struct tc_str *read_refs(yyjson_val *e, const char *name, struct tc_arena *a,
                                      size_t *count)
{
    yyjson_val *list = tc_json_get(e, name), *one;
    size_t n = yyjson_is_arr(list) ? yyjson_arr_size(list) : 0, i, max;
    struct tc_str *v = n && n <= TC_MAX_LIST ? tc_arena_zalloc(a, n, sizeof *v) : NULL;
    *count = 0;
    if (v)
        yyjson_arr_foreach (list, i, max, one) {
            if (yyjson_is_str(one))
                v[(*count)++] = tc_json_view(one);
        }
    return v;
}

static void read_measured(yyjson_val *e, struct tc_arena *a, struct tc_incident_facts *f)
{
    yyjson_val *list = tc_json_get(e, "capacities"), *one;
    size_t n = yyjson_is_arr(list) ? yyjson_arr_size(list) : 0, i, max;
    struct tc_measured *v = n && n <= TC_MAX_LIST ? tc_arena_zalloc(a, n, sizeof *v) : NULL;
    f->measured = v;
    if (!v)
        return;
    yyjson_arr_foreach (list, i, max, one) {
        struct tc_str asset = text_of(one, "asset_ref");
        double left = -1;
        if (asset.n && tc_json_double(one, "left", &left) && left >= 0 && left <= 1)
            v[f->n_measured++] =
                (struct tc_measured){asset, (uint32_t)lround(left * TC_SHARE_WHOLE)};
    }
}

static enum tc_report_cause read_cause(struct tc_str s)
{
    return tc_str_is(s, "own")       ? TC_CAUSE_OWN
           : tc_str_is(s, "supply")  ? TC_CAUSE_SUPPLY
           : tc_str_is(s, "unknown") ? TC_CAUSE_UNKNOWN
                                     : TC_CAUSE_NOT_SAID;
}

static tc_time time_of(yyjson_val *e, const char *name)
{
    tc_time t = TC_TIME_NONE;
    struct tc_str s = text_of(e, name);
    return s.n && tc_time_parse_z(s, &t) == TC_OK ? t : TC_TIME_NONE;
}

bool tc_facts_incident(yyjson_val *object, tc_time added, struct tc_arena *a,
                       struct tc_incident_facts *out)
{
    yyjson_val *e = extension(object, TC_EXT_EVENT);
    struct tc_incident_facts f = {.severity = TC_SEVERITY_UNKNOWN,
                                  .certainty = TC_CERTAINTY_UNKNOWN};
    if (!e || !tc_str_is(text_of(object, "type"), "incident"))
        return false;
    f.affected = read_refs(e, "affected_refs", a, &f.n_affected);
    f.standing = read_refs(e, "standing_refs", a, &f.n_standing);
    f.cause = read_cause(text_of(e, "cause"));
    read_measured(e, a, &f);
    read_areas(e, a, &f);
    f.started = time_of(e, "started");
    if (f.started == TC_TIME_NONE)
        f.started = added;
    f.expected_end = time_of(e, "expected_end");
    if (f.expected_end != TC_TIME_NONE && f.expected_end <= f.started)
        f.expected_end = TC_TIME_NONE;
    (void)tc_json_bool(object, "revoked", &f.over);
    f.over =
        f.over || time_of(e, "ended") != TC_TIME_NONE || tc_str_is(text_of(e, "status"), "closed");
    (void)tc_json_bool(e, "exercise", &f.exercise);
    (void)tc_severity_of(text_of(e, "severity"), &f.severity);
    (void)tc_certainty_of(text_of(e, "certainty"), &f.certainty);
    *out = f;
    return true;
}
