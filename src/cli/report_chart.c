/* SPDX-License-Identifier: Apache-2.0 */
/* The charts of a report. Units are those of an SVG of 700 wide; the page scales it. */
#include "cli/report.h"

#include <math.h>
#include <stdio.h>

#define WIDE 700.0

static void figure(struct tc_buf *b, const char *title, double high)
{
    tc_buf_cstr(b, "<figure><figcaption>");
    tc_report_text(b, tc_str_cstr(title));
    tc_buf_fmt(b, "</figcaption><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", WIDE,
               high);
    tc_report_text(b, tc_str_cstr(title));
    tc_buf_cstr(b, "\">\n");
}

static void figure_end(struct tc_buf *b)
{
    tc_buf_cstr(b, "</svg></figure>\n");
}

/* 1, 2 or 5 times a power of ten: at most `most` steps of it reach v. */
static double step_for(double v, int most)
{
    double unit = pow(10, floor(log10(v / most > 1e-9 ? v / most : 1e-9)));
    static const double times[] = {1, 2, 5, 10};
    for (size_t i = 0; i < 4; i++)
        if (v / (unit * times[i]) <= most)
            return unit * times[i];
    return unit * 10;
}

static void label(struct tc_buf *b, double x, double y, const char *anchor)
{
    tc_buf_fmt(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
}

static void rule(struct tc_buf *b, double x1, double y1, double x2, double y2, const char *colour)
{
    tc_buf_fmt(b, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", x1, y1,
               x2, y2, colour);
}

/* ---- a value over time ---- */

enum { LEFT = 78, RIGHT = 14, TOP = 12, HIGH = 165, BELOW = 42 };

static double time_step(double horizon) /* seconds between two marks */
{
    static const double steps[] = {1,     2,      5,      10,     30,      60,      300,
                                   600,   1800,   3600,   7200,   10800,   21600,   43200,
                                   86400, 172800, 432000, 864000, 2592000, 8640000, 31536000};
    size_t n = sizeof steps / sizeof steps[0], i = 0;
    while (i + 1 < n && horizon / steps[i] > 12)
        i++;
    return steps[i];
}

static void time_scale(struct tc_buf *b, uint32_t horizon)
{
    double step = time_step(horizon), width = WIDE - LEFT - RIGHT;
    bool days = step >= 86400, hours = !days && step >= 3600,
         minutes = !days && !hours && step >= 60;
    double unit = days ? 86400 : hours ? 3600 : minutes ? 60 : 1;
    const char *name = days ? "days" : hours ? "hours" : minutes ? "minutes" : "seconds";
    for (double t = 0; t <= horizon + 0.5; t += step) {
        double x = LEFT + t / horizon * width;
        rule(b, x, TOP, x, TOP + HIGH + 4, "#ddd");
        label(b, x, TOP + HIGH + 18, "middle");
        tc_buf_fmt(b, "%.0f</text>\n", t / unit);
    }
    label(b, LEFT + width / 2, TOP + HIGH + 34, "middle");
    tc_buf_fmt(b, "%s from the start</text>\n", name);
}

static void value_scale(struct tc_buf *b, double step, double top)
{
    for (double v = 0; v <= top + step / 2; v += step) {
        double y = TOP + HIGH - v / top * HIGH;
        rule(b, LEFT, y, WIDE - RIGHT, y, "#ddd");
        label(b, LEFT - 6, y + 4, "end");
        tc_report_number(b, (uint64_t)llround(v));
        tc_buf_cstr(b, "</text>\n");
    }
}

void tc_report_steps(struct tc_buf *b, const char *title, const struct tc_report_step *s, size_t n,
                     uint32_t horizon)
{
    double most = 1, width = WIDE - LEFT - RIGHT;
    for (size_t i = 0; i < n; i++)
        most = (double)s[i].v > most ? (double)s[i].v : most;
    double step = step_for(most, 5);
    step = step < 1 ? 1 : step;
    double top = ceil(most / step) * step;
    if (!horizon)
        return;
    figure(b, title, TOP + HIGH + BELOW);
    time_scale(b, horizon);
    value_scale(b, step, top);
    struct tc_buf line;
    tc_buf_init(&line, 64u << 20);
    double y = TOP + HIGH, last = -1;
    tc_buf_fmt(&line, "M%d %.1f", LEFT, y);
    for (size_t i = 0; i < n && s[i].at <= horizon; i++) {
        double x = LEFT + (double)s[i].at / horizon * width;
        if (i + 1 < n && x - last < 0.2 && i) /* less than a printer shows */
            continue;
        last = x;
        y = TOP + HIGH - (double)s[i].v / top * HIGH;
        tc_buf_fmt(&line, "H%.1fV%.1f", x, y);
    }
    tc_buf_fmt(&line, "H%.1f", WIDE - RIGHT);
    tc_buf_fmt(b, "<path d=\"%sV%dH%dZ\" fill=\"#cfe0f3\"/>", tc_buf_z(&line), TOP + HIGH, LEFT);
    tc_buf_fmt(b, "<path d=\"%s\" fill=\"none\" stroke=\"#1d4e89\" stroke-width=\"2\"/>\n",
               tc_buf_z(&line));
    tc_buf_fini(&line);
    rule(b, LEFT, TOP + HIGH, WIDE - RIGHT, TOP + HIGH, "#111");
    figure_end(b);
}

/* ---- bars ---- */

enum { BAR = 22, NAMES = 190, NUMBERS = 110 };

static void short_name(struct tc_buf *b, struct tc_str s, size_t most)
{
    size_t n = s.n;
    if (n > most) {
        n = most - 1;
        while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
            n--;
    }
    tc_report_text(b, tc_str_view(s.p, n));
    if (n < s.n)
        tc_buf_cstr(b, "\xe2\x80\xa6");
}

void tc_report_bars(struct tc_buf *b, const char *title, const struct tc_report_bar *bars, size_t n)
{
    double most = 1, width = WIDE - NAMES - NUMBERS;
    for (size_t i = 0; i < n; i++)
        most = (double)bars[i].v > most ? (double)bars[i].v : most;
    if (!n)
        return;
    figure(b, title, (double)n * BAR + 6);
    for (size_t i = 0; i < n; i++) {
        double y = (double)i * BAR, w = (double)bars[i].v / most * width;
        label(b, NAMES - 8, y + 15, "end");
        short_name(b, bars[i].id, bars[i].name.n ? 12 : 30);
        if (bars[i].id.n && bars[i].name.n)
            tc_buf_char(b, ' ');
        short_name(b, bars[i].name, bars[i].id.n ? 20 : 30);
        tc_buf_fmt(b,
                   "</text><rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
                   "fill=\"#1d4e89\"/>",
                   NAMES, y + 4, w, BAR - 7);
        label(b, NAMES + w + 6, y + 15, "start");
        tc_report_number(b, bars[i].v);
        tc_buf_cstr(b, "</text>\n");
    }
    rule(b, NAMES, 0, NAMES, (double)n * BAR + 2, "#111");
    figure_end(b);
}

/* ---- places ---- */

struct window {
    double west, east, south, north, scale, squeeze, high;
};

/* What holds all dots, with a margin; degrees of longitude are narrower away from the equator. */
static struct window window_of(const struct tc_report_dot *d, size_t n)
{
    struct window w = {180, -180, 90, -90, 0, 1, 0};
    for (size_t i = 0; i < n; i++) {
        w.west = fmin(w.west, d[i].lon);
        w.east = fmax(w.east, d[i].lon);
        w.south = fmin(w.south, d[i].lat);
        w.north = fmax(w.north, d[i].lat);
    }
    double margin = fmax(0.05, 0.06 * fmax(w.east - w.west, w.north - w.south));
    w.west -= margin;
    w.east += margin;
    w.south -= margin;
    w.north += margin;
    w.squeeze = fmax(0.2, cos((w.south + w.north) / 2 * 0.017453292519943295));
    double wide = (w.east - w.west) * w.squeeze, tall = w.north - w.south;
    w.scale = fmin((WIDE - 60) / wide, 420 / tall);
    w.high = tall * w.scale;
    return w;
}

static double x_of(const struct window *w, double lon)
{
    return 46 + (lon - w->west) * w->squeeze * w->scale;
}

static double y_of(const struct window *w, double lat)
{
    return 6 + (w->north - lat) * w->scale;
}

static void degrees(struct tc_buf *b, const struct window *w)
{
    double step = step_for(fmax(w->north - w->south, (w->east - w->west) * w->squeeze), 6);
    int digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
    for (double v = ceil(w->west / step) * step; v <= w->east; v += step) {
        rule(b, x_of(w, v), 6, x_of(w, v), 6 + w->high, "#ddd");
        label(b, x_of(w, v), w->high + 20, "middle");
        tc_buf_fmt(b, "%.*f\xc2\xb0 %s</text>\n", digits, fabs(v), v < 0 ? "W" : "E");
    }
    for (double v = ceil(w->south / step) * step; v <= w->north; v += step) {
        rule(b, 46, y_of(w, v), x_of(w, w->east), y_of(w, v), "#ddd");
        label(b, 42, y_of(w, v) + 4, "end");
        tc_buf_fmt(b, "%.*f\xc2\xb0 %s</text>\n", digits, fabs(v), v < 0 ? "S" : "N");
    }
}

static void dot(struct tc_buf *b, const struct window *w, const struct tc_report_dot *d)
{
    double x = x_of(w, d->lon), y = y_of(w, d->lat), r = 2.5 + 7 * sqrt(d->weight);
    if (d->given)
        tc_buf_fmt(b,
                   "<path d=\"M%.1f %.1fl10 10m0 -10l-10 10\" stroke=\"#a4161a\" "
                   "stroke-width=\"3\" fill=\"none\">",
                   x - 5, y - 5);
    else
        tc_buf_fmt(b,
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#1d4e89\" "
                   "fill-opacity=\".55\" stroke=\"#fff\" stroke-width=\".6\">",
                   x, y, r);
    tc_buf_cstr(b, "<title>");
    tc_report_text(b, d->name);
    tc_buf_cstr(b, d->given ? "</title></path>\n" : "</title></circle>\n");
}

static void key(struct tc_buf *b, double y, const char *dots_are, const char *crosses_are)
{
    tc_buf_fmt(b, "<circle cx=\"54\" cy=\"%.1f\" r=\"5\" fill=\"#1d4e89\" fill-opacity=\".55\"/>",
               y);
    label(b, 64, y + 4, "start");
    tc_report_text(b, tc_str_cstr(dots_are));
    tc_buf_cstr(b, "</text>");
    if (!crosses_are)
        return;
    tc_buf_fmt(b,
               "<path d=\"M375 %.1fl10 10m0 -10l-10 10\" stroke=\"#a4161a\" stroke-width=\"3\" "
               "fill=\"none\"/>",
               y - 5);
    label(b, 391, y + 4, "start");
    tc_report_text(b, tc_str_cstr(crosses_are));
    tc_buf_cstr(b, "</text>\n");
}

void tc_report_places(struct tc_buf *b, const char *title, const char *dots_are,
                      const char *crosses_are, const struct tc_report_dot *dots, size_t n)
{
    if (!n)
        return;
    struct window w = window_of(dots, n);
    figure(b, title, w.high + 48);
    degrees(b, &w);
    tc_buf_fmt(b,
               "<rect x=\"46\" y=\"6\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
               "stroke=\"#111\"/>\n",
               x_of(&w, w.east) - 46, w.high);
    for (int given = 0; given < 2; given++)
        for (size_t i = 0; i < n; i++)
            if (dots[i].given == (given == 1))
                dot(b, &w, &dots[i]);
    key(b, w.high + 38, dots_are, crosses_are);
    figure_end(b);
}
