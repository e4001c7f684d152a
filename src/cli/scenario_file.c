/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scenario_file.h"

#include "base/arena.h"
#include "cli/register_graph.h"
#include "codec/json.h"
#include "model/ring.h"
#include "watch/facts.h"

#include <math.h>
#include <stdio.h>

struct reading {
    const struct tc_graph *g;
    struct tc_scenario_list *l;
    tc_time start;
    struct tc_diag *d;
    char at[64]; /* path of what is read */
};

TC_PRINTF(3, 4)
static tc_err wrong(struct reading *r, const char *field, const char *fmt, ...)
{
    char path[96], text[300];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)snprintf(path, sizeof path, "%s%s%s", r->at, *field ? "." : "", field);
    tc_diag_path(r->d, path, strlen(path));
    return tc_diag_set(r->d, TC_E_INVALID, "%s", text);
}

/* ---- pieces ---- */

/* Seconds, a duration, or a clock time when the start is known. */
static tc_err second(struct reading *r, yyjson_val *o, const char *name, uint32_t *out)
{
    yyjson_val *v = tc_json_get(o, name);
    int64_t s = -1;
    tc_time t;
    if (!v)
        return TC_OK;
    struct tc_str text = yyjson_is_str(v) ? tc_json_view(v) : TC_STR("");
    if (text.n && tc_time_parse_z(text, &t) == TC_OK) {
        if (r->start == TC_TIME_NONE)
            return wrong(r, name, "a clock time needs \"at\", or --at");
        if (t < r->start)
            return wrong(r, name, "it lies before the start");
        s = (t - r->start) / TC_SECOND;
    } else if (text.n) {
        if (tc_duration_parse(text, TC_MAX_DURATION, &s))
            return wrong(r, name, "'%.*s' is neither a duration such as PT8H nor a time",
                         TC_FMT(text));
    } else if (!tc_json_i64(o, name, &s) || s < 0) {
        return wrong(r, name, "a time is seconds from the start, a duration, or a clock time");
    }
    if (s > TC_MAX_DURATION)
        return wrong(r, name, "it lies more than ten years after the start");
    *out = (uint32_t)s;
    return TC_OK;
}

static tc_err span(struct reading *r, yyjson_val *o, uint32_t *from, uint32_t *to)
{
    *from = 0;
    *to = TC_NEVER;
    tc_err e = second(r, o, "from", from);
    e = e ? e : second(r, o, "to", to);
    return e || *to > *from ? e : wrong(r, "to", "it ends before it begins");
}

static struct tc_str named(yyjson_val *o, const char *name)
{
    struct tc_str s = {"", 0};
    if (yyjson_is_str(o))
        return tc_json_view(o);
    (void)tc_json_str(o, name, &s);
    return s;
}

static tc_err asset(struct reading *r, yyjson_val *o, uint32_t *out)
{
    struct tc_str id = named(o, "asset");
    if (!id.n)
        return wrong(r, "asset", "no asset is named");
    if (tc_graph_find(r->g, id, out))
        return TC_OK;
    return wrong(r, "asset", "the register has no asset '%.*s'", TC_FMT(id));
}

/* 0..1 in millionths */
static tc_err part(struct reading *r, yyjson_val *o, const char *name, uint32_t *out)
{
    double v = 0;
    if (!tc_json_double(o, name, &v) || !(v >= 0 && v <= 1))
        return wrong(r, name, "it must be a number from 0 to 1");
    *out = (uint32_t)lround(v * TC_SHARE_WHOLE);
    return TC_OK;
}

/* ---- what the lists hold ---- */

static tc_err outage(struct reading *r, yyjson_val *o)
{
    uint32_t v, from, to;
    tc_err e = asset(r, o, &v);
    e = e ? e : span(r, o, &from, &to);
    return e ? e : tc_scenario_outage(r->l, v, from, to);
}

static tc_err cause(struct reading *r, yyjson_val *o)
{
    struct tc_str name = named(o, "cause");
    uint32_t from, to;
    tc_err e = span(r, o, &from, &to);
    e = e ? e : tc_scenario_cause(r->l, r->g, name, from, to);
    return e == TC_E_NOTFOUND
               ? wrong(r, "cause", "the register has no common cause '%.*s'", TC_FMT(name))
               : e;
}

static bool in_area(void *arg, double lat, double lon)
{
    return tc_area_has(arg, lat, lon);
}

static tc_err area(struct reading *r, yyjson_val *o)
{
    struct tc_area a = {0};
    struct tc_arena *arena = tc_arena_new((size_t)64 << 20);
    const char *why = NULL;
    uint32_t from, to;
    size_t hit;
    if (!arena)
        return TC_E_NOMEM;
    tc_err e = span(r, o, &from, &to);
    yyjson_val *ring = tc_json_get(o, "polygon"), *circle = tc_json_get(o, "circle");
    if (!e && ring) {
        double *points;
        e = tc_ring_read(ring, arena, &points, &a.n, &why);
        a.points = points;
        if (e == TC_E_INVALID)
            e = wrong(r, "polygon", "%s", why);
    } else if (!e && (!tc_json_double(circle, "latitude", &a.lat) ||
                      !tc_json_double(circle, "longitude", &a.lon) ||
                      !tc_json_double(circle, "radius_km", &a.km) || !(fabs(a.lat) <= 90) ||
                      !(fabs(a.lon) <= 180) || !(a.km >= 0 && a.km <= 20100))) {
        e = wrong(r, "",
                  "an area is a polygon of [latitude, longitude], or a circle with "
                  "latitude, longitude and radius_km");
    }
    e = e ? e : tc_scenario_area(r->l, r->g, in_area, &a, from, to, &hit);
    tc_arena_free(arena);
    return e;
}

static tc_err capacity(struct reading *r, yyjson_val *o)
{
    uint32_t v, from, to, left;
    tc_err e = asset(r, o, &v);
    e = e ? e : span(r, o, &from, &to);
    e = e ? e : part(r, o, "left", &left);
    return e ? e : tc_scenario_capacity(r->l, v, from, to, left);
}

static tc_err stock(struct reading *r, yyjson_val *o)
{
    uint32_t v, buffer = TC_KEEP, fill = TC_SHARE_WHOLE;
    struct tc_str service = {"", 0};
    (void)tc_json_str(o, "service", &service);
    tc_err e = asset(r, o, &v);
    e = e ? e : second(r, o, "buffer", &buffer);
    if (!e && tc_json_get(o, "fill"))
        e = part(r, o, "fill", &fill);
    e = e ? e : tc_scenario_stock(r->l, r->g, v, service, buffer, fill);
    return e == TC_E_NOTFOUND ? wrong(r, "service", "the asset needs no such service") : e;
}

/* ---- the file ---- */

static tc_err take_list(struct reading *r, const char *name, yyjson_val *list)
{
    static const struct {
        const char *name;
        tc_err (*take)(struct reading *r, yyjson_val *o);
    } lists[] = {{"outages", outage},
                 {"causes", cause},
                 {"areas", area},
                 {"capacities", capacity},
                 {"stocks", stock}};
    yyjson_val *one;
    size_t i, n;
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        if (strcmp(lists[k].name, name) != 0)
            continue;
        (void)snprintf(r->at, sizeof r->at, "%s", name);
        if (!yyjson_is_arr(list))
            return wrong(r, "", "it must be a list");
        yyjson_arr_foreach (list, i, n, one) {
            (void)snprintf(r->at, sizeof r->at, "%s[%zu]", name, i);
            tc_err e = lists[k].take(r, one);
            if (e)
                return e;
        }
        return TC_OK;
    }
    (void)snprintf(r->at, sizeof r->at, "%.60s", name);
    return wrong(r, "", "a scenario has at, outages, causes, areas, capacities and stocks");
}

tc_err tc_cli_scenario(const char *path, const struct tc_graph *g, struct tc_scenario_list *l,
                       tc_time *start, struct tc_diag *diag)
{
    struct tc_buf text;
    struct tc_json j = {0};
    struct reading r = {.g = g, .l = l, .start = *start, .d = diag};
    yyjson_val *key, *value;
    size_t i, n;
    tc_buf_init(&text, TC_MAX_BODY);
    tc_err e = tc_cli_read_file(path, &text, diag);
    e = e ? e : tc_json_read(tc_buf_view(&text), TC_MAX_BODY, 0, &j, diag);
    if (!e && !yyjson_is_obj(j.root))
        e = wrong(&r, "", "a scenario is an object");
    if (!e && tc_json_get(j.root, "at")) {
        struct tc_str at = named(j.root, "at");
        tc_time t;
        (void)snprintf(r.at, sizeof r.at, "at");
        if (tc_time_parse_z(at, &t))
            e = wrong(&r, "", "'%.*s' is not a time such as 2026-11-21T14:00:00Z", TC_FMT(at));
        else if (r.start == TC_TIME_NONE)
            r.start = t;
    }
    if (!e)
        yyjson_obj_foreach (j.root, i, n, key, value) {
            if (!e && strcmp(yyjson_get_str(key), "at") != 0)
                e = take_list(&r, yyjson_get_str(key), value);
        }
    if (e && !diag->code)
        (void)tc_diag_set(diag, e, "%s", tc_err_text(e));
    *start = e ? *start : r.start;
    tc_json_fini(&j);
    tc_buf_fini(&text);
    return e;
}
