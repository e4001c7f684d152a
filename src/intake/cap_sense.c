/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap_rules.h"

#include "base/limits.h"
#include "base/num.h"

#include <math.h>

/* ---- areas ---- */

static tc_err point(struct tc_str s, double *lat, double *lon, struct tc_diag *d)
{
    const char *comma = s.n ? memchr(s.p, ',', s.n) : NULL;
    if (!comma)
        return tc_diag_set(d, TC_E_SYNTAX, "a point is latitude,longitude");
    struct tc_str a = tc_str_view(s.p, (size_t)(comma - s.p));
    struct tc_str b = tc_str_view(comma + 1, s.n - a.n - 1);
    double y, x;
    if (tc_num_double(a, -1e9, 1e9, &y) || tc_num_double(b, -1e9, 1e9, &x))
        return tc_diag_set(d, TC_E_SYNTAX, "\"%.*s\" is not latitude,longitude", TC_FMT(s));
    if (fabs(y) > 90)
        return tc_diag_set(d, TC_E_INVALID, "latitude %.*s is not between -90 and 90", TC_FMT(a));
    if (fabs(x) > 180)
        return tc_diag_set(d, TC_E_INVALID, "longitude %.*s is not between -180 and 180",
                           TC_FMT(b));
    *lat = y;
    *lon = x;
    return TC_OK;
}

/* The next word of white-space separated text; false at the end. */
static bool next_word(struct tc_str *rest, struct tc_str *word)
{
    *rest = tc_str_trim(*rest);
    size_t n = 0;
    while (n < rest->n && !memchr(" \t\r\n", rest->p[n], 4))
        n++;
    *word = tc_str_view(rest->p, n);
    rest->p += n;
    rest->n -= n;
    return n > 0;
}

tc_err tc_cap_polygon(struct tc_str text, struct tc_arena *a, double **points, size_t *n,
                      struct tc_diag *d)
{
    struct tc_str rest = text, word;
    size_t count = 0;
    while (next_word(&rest, &word))
        count++;
    if (count > TC_MAX_POLYGON)
        return tc_diag_set(d, TC_E_LIMIT, "a polygon of %zu points is over the limit", count);
    if (count < 4)
        return tc_diag_set(d, TC_E_INVALID, "a polygon has at least four points");
    double *out = tc_arena_zalloc(a, count * 2, sizeof *out);
    if (!out)
        return tc_diag_set(d, tc_arena_err(a), "the polygon takes too much memory");
    rest = text;
    for (size_t i = 0; next_word(&rest, &word); i += 2) {
        tc_err e = point(word, &out[i], &out[i + 1], d);
        if (e)
            return e;
    }
    const double *last = out + (count - 1) * 2;
    if (out[0] < last[0] || out[0] > last[0] || out[1] < last[1] || out[1] > last[1])
        return tc_diag_set(d, TC_E_INVALID,
                           "a polygon is closed: its first and last points are "
                           "the same");
    *points = out;
    *n = count;
    return TC_OK;
}

tc_err tc_cap_circle(struct tc_str text, double out[3], struct tc_diag *d)
{
    struct tc_str rest = text, centre, radius, more;
    double lat, lon, km;
    if (!next_word(&rest, &centre) || !next_word(&rest, &radius) || next_word(&rest, &more))
        return tc_diag_set(d, TC_E_SYNTAX, "a circle is latitude,longitude radius");
    tc_err e = point(centre, &lat, &lon, d);
    if (e)
        return e;
    if (tc_num_double(radius, 0, 20100, &km))
        return tc_diag_set(d, TC_E_INVALID, "\"%.*s\" is not a radius in kilometres",
                           TC_FMT(radius));
    out[0] = lat;
    out[1] = lon;
    out[2] = km;
    return TC_OK;
}

/* > 0 when c lies left of the line from a to b; a, b, c point to lat, lon */
static double side(const double *a, const double *b, const double *c)
{
    return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1]);
}

/* Edges that properly cross; touching in a point is left alone, rounding makes it. */
static bool crosses_itself(const double *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = i + 2; j + 1 < n; j++) {
            const double *a = p + 2 * i, *b = a + 2, *c = p + 2 * j, *d = c + 2;
            if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0)
                return true;
        }
    return false;
}

static void check_area(struct tc_cap_report *r, const struct tc_xml *area)
{
    const struct tc_xml *altitude = tc_xml_child(area, "altitude");
    const struct tc_xml *ceiling = tc_xml_child(area, "ceiling");
    double low, high, *points;
    size_t n;
    if (ceiling && !altitude)
        tc_cap_wrong(r, ceiling, true, "<ceiling> needs <altitude>");
    else if (ceiling && !tc_num_double(tc_xml_text(altitude), -1e6, 1e6, &low) &&
             !tc_num_double(tc_xml_text(ceiling), -1e6, 1e6, &high) && high < low)
        tc_cap_wrong(r, ceiling, true, "<ceiling> is below <altitude>");
    for (const struct tc_xml *x = area->child; x; x = x->next)
        if (tc_str_is(x->name, "polygon") &&
            !tc_cap_polygon(tc_xml_text(x), r->arena, &points, &n, NULL) &&
            n <= TC_MAX_POLYGON_EXAMINED && crosses_itself(points, n))
            tc_cap_wrong(r, x, false, "the polygon should not cross itself");
}

/* ---- info blocks ---- */

static void check_times(struct tc_cap_report *r, const struct tc_cap *cap,
                        const struct tc_xml *info)
{
    const struct tc_xml *effective = tc_xml_child(info, "effective");
    const struct tc_xml *expires = tc_xml_child(info, "expires");
    tc_time from = cap->key.at, until;
    if (!expires || tc_cap_time(tc_xml_text(expires), &until, NULL))
        return;
    if (effective && tc_cap_time(tc_xml_text(effective), &from, NULL))
        return;
    if (until < from && effective)
        tc_cap_wrong(r, expires, true, "<expires> is before <effective>");
    else if (until < from)
        tc_cap_wrong(r, expires, false, "<expires> is before <sent>");
}

static void check_resource(struct tc_cap_report *r, const struct tc_xml *x)
{
    struct tc_str uri = tc_xml_text(tc_xml_child(x, "uri"));
    const struct tc_xml *deref = tc_xml_child(x, "derefUri");
    if (uri.n && !deref && !memchr(uri.p, ':', uri.n))
        tc_cap_wrong(r, x, true, "a relative <uri> needs <derefUri> with the content");
}

/* Number of children of this name, and whether each is also in the other block. */
static bool same_values(const struct tc_xml *a, const struct tc_xml *b, const char *name)
{
    for (const struct tc_xml *x = a->child; x; x = x->next) {
        if (!tc_str_is(x->name, name))
            continue;
        bool there = false;
        for (const struct tc_xml *y = b->child; y && !there; y = y->next)
            there = tc_str_is(y->name, name) && tc_str_eq(tc_xml_text(x), tc_xml_text(y)) &&
                    tc_str_eq(tc_xml_text(tc_xml_child(x, "valueName")),
                              tc_xml_text(tc_xml_child(y, "valueName"))) &&
                    tc_str_eq(tc_xml_text(tc_xml_child(x, "value")),
                              tc_xml_text(tc_xml_child(y, "value")));
        if (!there)
            return false;
    }
    return true;
}

static void check_languages(struct tc_cap_report *r, const struct tc_xml *first,
                            const struct tc_xml *info)
{
    struct tc_str a = tc_xml_text(tc_xml_child(first, "description"));
    struct tc_str b = tc_xml_text(tc_xml_child(info, "description"));
    if (a.n && tc_str_eq(a, b) &&
        !tc_str_eq(tc_xml_text(tc_xml_child(first, "language")),
                   tc_xml_text(tc_xml_child(info, "language"))))
        tc_cap_wrong(r, info, false, "the same text stands in two languages");
}

static void check_infos(struct tc_cap_report *r, const struct tc_cap *cap)
{
    const struct tc_xml *first = tc_xml_child(cap->alert, "info");
    for (const struct tc_xml *x = first; x; x = x->next) {
        if (!tc_str_is(x->name, "info"))
            continue;
        check_times(r, cap, x);
        for (const struct tc_xml *c = x->child; c; c = c->next)
            if (tc_str_is(c->name, "area"))
                check_area(r, c);
            else if (tc_str_is(c->name, "resource"))
                check_resource(r, c);
        if (x == first)
            continue;
        if (!same_values(first, x, "category") || !same_values(x, first, "category"))
            tc_cap_wrong(r, x, false, "all <info> blocks should have the same categories");
        if (!same_values(first, x, "eventCode") || !same_values(x, first, "eventCode"))
            tc_cap_wrong(r, x, false, "all <info> blocks should have the same event codes");
        check_languages(r, first, x);
    }
}

/* ---- the alert ---- */

static void check_scope(struct tc_cap_report *r, const struct tc_xml *alert)
{
    const struct tc_xml *restriction = tc_xml_child(alert, "restriction");
    struct tc_str scope = tc_xml_text(tc_xml_child(alert, "scope"));
    bool restricted = tc_str_is(scope, "Restricted");
    if (restricted && !tc_xml_text(restriction).n)
        tc_cap_wrong(r, alert, true, "scope Restricted needs <restriction>");
    if (!restricted && tc_xml_text(restriction).n)
        tc_cap_wrong(r, restriction, true, "<restriction> is only for scope Restricted");
    if (tc_str_is(scope, "Private") && !tc_xml_text(tc_xml_child(alert, "addresses")).n)
        tc_cap_wrong(r, alert, true, "scope Private needs <addresses>");
}

static void check_references(struct tc_cap_report *r, const struct tc_cap *cap)
{
    const struct tc_xml *x = tc_xml_child(cap->alert, "references");
    if (cap->type != TC_CAP_ALERT && !tc_xml_text(x).n) {
        tc_cap_wrong(r, x ? x : cap->alert, true,
                     "%.*s must name in <references> the messages "
                     "that it is about",
                     TC_FMT(tc_xml_text(tc_xml_child(cap->alert, "msgType"))));
        return;
    }
    for (size_t i = 0; i < cap->n_refs; i++) {
        const struct tc_cap_key *k = &cap->refs[i];
        bool self = tc_str_eq(k->sender, cap->key.sender) &&
                    tc_str_eq(k->identifier, cap->key.identifier) && k->at == cap->key.at;
        if (self)
            tc_cap_wrong(r, x, true, "the message refers to itself");
        else if (k->at > cap->key.at)
            tc_cap_wrong(r, x, true, "reference %zu is to a message sent later than this one",
                         i + 1);
    }
}

void tc_cap_check_sense(struct tc_cap_report *r, const struct tc_cap *cap)
{
    const struct tc_xml *note = tc_xml_child(cap->alert, "note");
    check_scope(r, cap->alert);
    check_references(r, cap);
    check_infos(r, cap);
    if (tc_str_is(cap->status, "Exercise") && !tc_xml_text(note).n)
        tc_cap_wrong(r, cap->alert, false, "an exercise should be explained in <note>");
    if (cap->type == TC_CAP_ERROR && !tc_xml_text(note).n)
        tc_cap_wrong(r, cap->alert, false, "a rejection (Error) should be explained in <note>");
}
