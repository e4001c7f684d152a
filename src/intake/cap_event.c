/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap_event.h"

#include "intake/cap_rules.h"

static const char *const severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Possible",
                                          "Unlikely", "Unknown", NULL};

struct event {
    tc_time started, until; /* TC_TIME_NONE = not said */
    bool open_end;          /* a block has no end */
    size_t severity, certainty;
    bool all_clear; /* every block says so */
    size_t blocks;
};

static struct tc_str text_of(const struct tc_xml *x, const char *name)
{
    return tc_xml_text(tc_xml_child(x, name));
}

static size_t rank(const char *const *words, struct tc_str s)
{
    size_t i = 0;
    while (words[i + 1] && !tc_str_is(s, words[i]))
        i++;
    return i;
}

static tc_time time_of(const struct tc_xml *info, const char *name)
{
    tc_time t = TC_TIME_NONE;
    struct tc_str s = text_of(info, name);
    return s.n && tc_cap_time(s, &t, NULL) == TC_OK ? t : TC_TIME_NONE;
}

static bool has_response(const struct tc_xml *info, const char *word)
{
    for (const struct tc_xml *x = info->child; x; x = x->next)
        if (tc_str_is(x->name, "responseType") && tc_str_is(tc_xml_text(x), word))
            return true;
    return false;
}

/* An info block in the language of the first one. */
static bool counts(const struct tc_xml *info, const struct tc_xml *first)
{
    return tc_str_is(info->name, "info") &&
           tc_str_eq(text_of(info, "language"), text_of(first, "language"));
}

static void add_block(struct event *e, const struct tc_cap *cap, const struct tc_xml *info)
{
    tc_time from = time_of(info, "onset"), until = time_of(info, "expires");
    if (from == TC_TIME_NONE)
        from = time_of(info, "effective");
    if (from == TC_TIME_NONE)
        from = cap->key.at;
    if (e->started == TC_TIME_NONE || from < e->started)
        e->started = from;
    if (until == TC_TIME_NONE)
        e->open_end = true;
    else if (e->until == TC_TIME_NONE || until > e->until)
        e->until = until;
    size_t severity = rank(severities, text_of(info, "severity"));
    size_t certainty = rank(certainties, text_of(info, "certainty"));
    if (!e->blocks || severity < e->severity)
        e->severity = severity;
    if (!e->blocks || certainty < e->certainty)
        e->certainty = certainty;
    e->all_clear = (e->all_clear || !e->blocks) && has_response(info, "AllClear");
    e->blocks++;
}

/* ---- areas ---- */

static void put_point(struct tc_jsonw *w, double lat, double lon)
{
    tc_jsonw_array(w);
    tc_jsonw_double(w, lat);
    tc_jsonw_double(w, lon);
    tc_jsonw_array_end(w);
}

static void put_shape(const struct tc_xml *x, struct tc_str label, struct tc_arena *a,
                      struct tc_jsonw *w)
{
    double *points, circle[3];
    size_t n;
    bool polygon = tc_str_is(x->name, "polygon") &&
                   tc_cap_polygon(tc_xml_text(x), a, &points, &n, NULL) == TC_OK;
    bool round =
        tc_str_is(x->name, "circle") && tc_cap_circle(tc_xml_text(x), circle, NULL) == TC_OK;
    if (!polygon && !round)
        return;
    tc_jsonw_object(w);
    if (label.n)
        tc_jsonw_kstr(w, "label", label);
    if (polygon) {
        tc_jsonw_name(w, "polygon");
        tc_jsonw_array(w);
        for (size_t i = 0; i < n; i++)
            put_point(w, points[2 * i], points[2 * i + 1]);
        tc_jsonw_array_end(w);
    } else {
        tc_jsonw_name(w, "circle");
        tc_jsonw_object(w);
        tc_jsonw_name(w, "latitude");
        tc_jsonw_double(w, circle[0]);
        tc_jsonw_name(w, "longitude");
        tc_jsonw_double(w, circle[1]);
        tc_jsonw_name(w, "radius_km");
        tc_jsonw_double(w, circle[2]);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_object_end(w);
}

/* One entry for each polygon and circle; an area without either is its name. */
static void put_area(const struct tc_xml *area, struct tc_arena *a, struct tc_jsonw *w)
{
    struct tc_str label = text_of(area, "areaDesc");
    if (!tc_xml_child(area, "polygon") && !tc_xml_child(area, "circle") && label.n) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "label", label);
        tc_jsonw_object_end(w);
    }
    for (const struct tc_xml *x = area->child; x; x = x->next)
        put_shape(x, label, a, w);
}

static void put_areas(const struct tc_xml *first, struct tc_arena *a, struct tc_jsonw *w)
{
    bool any = false;
    for (const struct tc_xml *i = first; i && !any; i = i->next)
        any = counts(i, first) && tc_xml_child(i, "area");
    if (!any)
        return;
    tc_jsonw_name(w, "areas");
    tc_jsonw_array(w);
    for (const struct tc_xml *i = first; i; i = i->next)
        for (const struct tc_xml *x = counts(i, first) ? i->child : NULL; x; x = x->next)
            if (tc_str_is(x->name, "area"))
                put_area(x, a, w);
    tc_jsonw_array_end(w);
}

/* ---- all ---- */

static void put_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char text[TC_TIME_SIZE];
    tc_time_format(t, 3, text);
    tc_jsonw_kcstr(w, name, text);
}

void tc_cap_event(const struct tc_cap *cap, struct tc_arena *a, struct tc_jsonw *w)
{
    struct event e = {.started = TC_TIME_NONE, .until = TC_TIME_NONE};
    const struct tc_xml *first = tc_xml_child(cap->alert, "info");
    for (const struct tc_xml *x = first; x; x = x->next)
        if (counts(x, first))
            add_block(&e, cap, x);
    if (!e.blocks)
        e.started = cap->key.at;
    bool over = cap->type == TC_CAP_CANCEL || (e.blocks && e.all_clear);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    put_time(w, "started", e.started);
    if (e.until != TC_TIME_NONE && !e.open_end && e.until > e.started)
        put_time(w, "expected_end", e.until);
    if (over)
        put_time(w, "ended", cap->key.at > e.started ? cap->key.at : e.started);
    tc_jsonw_kcstr(w, "status", over ? "closed" : "open");
    tc_jsonw_kbool(w, "exercise", !cap->actual);
    if (e.blocks) {
        tc_jsonw_kcstr(w, "severity", severities[e.severity]);
        tc_jsonw_kcstr(w, "certainty", certainties[e.certainty]);
        put_areas(first, a, w);
    }
    tc_jsonw_object_end(w);
}
