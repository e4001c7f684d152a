/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "base/num.h"

#include <stdio.h>
#include <time.h>

tc_time tc_time_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (tc_time)ts.tv_sec * TC_SECOND + ts.tv_nsec / 1000;
}

int64_t tc_time_monotonic(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * TC_SECOND + ts.tv_nsec / 1000;
}

/* Days since 1970-01-01 of a proleptic Gregorian date; years count from March so that the leap day
 * is the last of its year, and 400-year eras have equal length (146,097 days). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t z, int64_t *y, int *m, int *d)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

static bool number(struct tc_str s, size_t at, size_t n, int *out)
{
    if (at + n > s.n)
        return false;
    int v = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

static bool at_char(struct tc_str s, size_t i, char c)
{
    return i < s.n && s.p[i] == c;
}

/* Reads the fraction at i ('.' there), returns the index behind it, 0 when there is no digit. */
static size_t fraction(struct tc_str s, size_t i, int64_t *us)
{
    size_t first = ++i;
    int64_t unit = 100000;
    *us = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        *us += unit * (s.p[i] - '0');
        unit /= 10;
    }
    return i == first ? 0 : i;
}

static tc_err offset_seconds(struct tc_str s, size_t i, int64_t *seconds)
{
    int h, m;
    if (i + 6 != s.n || (s.p[i] != '+' && s.p[i] != '-') || !number(s, i + 1, 2, &h) ||
        !at_char(s, i + 3, ':') || !number(s, i + 4, 2, &m))
        return TC_E_SYNTAX;
    if (h > 23 || m > 59)
        return TC_E_INVALID;
    int64_t magnitude = h * INT64_C(3600) + m * INT64_C(60);
    *seconds = s.p[i] == '-' ? -magnitude : magnitude;
    return TC_OK;
}

static tc_err parse(struct tc_str s, bool offset_ok, tc_time *out)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y, mo, d, h, mi, sec;
    if (!number(s, 0, 4, &y) || !at_char(s, 4, '-') || !number(s, 5, 2, &mo) ||
        !at_char(s, 7, '-') || !number(s, 8, 2, &d) || !at_char(s, 10, 'T') ||
        !number(s, 11, 2, &h) || !at_char(s, 13, ':') || !number(s, 14, 2, &mi) ||
        !at_char(s, 16, ':') || !number(s, 17, 2, &sec))
        return TC_E_SYNTAX;
    size_t i = 19;
    int64_t us = 0, off = 0;
    if (at_char(s, i, '.')) {
        i = fraction(s, i, &us);
        if (!i)
            return TC_E_SYNTAX;
    }
    if (!(at_char(s, i, 'Z') && i + 1 == s.n)) {
        if (!offset_ok)
            return TC_E_SYNTAX;
        tc_err e = offset_seconds(s, i, &off);
        if (e)
            return e;
    }
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (y < 1 || mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1] + (mo == 2 && leap) ||
        h > 23 || mi > 59 || sec > 60)
        return TC_E_INVALID;
    int64_t t =
        days_from_civil(y, mo, d) * 86400 + h * INT64_C(3600) + mi * INT64_C(60) + sec - off;
    if (sec == 60 && (t % 86400 + 86400) % 86400 != 0)
        return TC_E_INVALID;
    t = t * TC_SECOND + us;
    if (t < TC_TIME_MIN || t > TC_TIME_MAX)
        return TC_E_INVALID;
    *out = t;
    return TC_OK;
}

tc_err tc_time_parse_z(struct tc_str s, tc_time *out)
{
    return parse(s, false, out);
}

tc_err tc_time_parse_offset(struct tc_str s, tc_time *out)
{
    return parse(s, true, out);
}

struct parts {
    int y, mo, d, h, mi, s, us;
};

static struct parts split(tc_time t)
{
    if (t < TC_TIME_MIN)
        t = TC_TIME_MIN;
    if (t > TC_TIME_MAX)
        t = TC_TIME_MAX;
    int64_t day = t / (86400 * TC_SECOND), rest = t % (86400 * TC_SECOND);
    if (rest < 0) {
        day--;
        rest += 86400 * TC_SECOND;
    }
    struct parts p;
    int64_t y;
    civil_from_days(day, &y, &p.mo, &p.d);
    p.y = (int)y;
    p.us = (int)(rest % TC_SECOND);
    int sec = (int)(rest / TC_SECOND);
    p.h = sec / 3600;
    p.mi = sec / 60 % 60;
    p.s = sec % 60;
    return p;
}

static char *two(char *o, int v)
{
    *o++ = (char)('0' + v / 10);
    *o++ = (char)('0' + v % 10);
    return o;
}

static char *date_and_time(const struct parts *p, char *o)
{
    o = two(two(o, p->y / 100), p->y % 100);
    *o++ = '-';
    o = two(o, p->mo);
    *o++ = '-';
    o = two(o, p->d);
    *o++ = 'T';
    o = two(o, p->h);
    *o++ = ':';
    o = two(o, p->mi);
    *o++ = ':';
    return two(o, p->s);
}

void tc_time_format(tc_time t, int digits, char out[TC_TIME_SIZE])
{
    struct parts p = split(t);
    char *o = date_and_time(&p, out);
    if (digits > 0) {
        *o++ = '.';
        for (int i = 0, unit = 100000; i < digits && i < 6; i++, unit /= 10)
            *o++ = (char)('0' + p.us / unit % 10);
    }
    *o++ = 'Z';
    *o = '\0';
}

void tc_time_format_cap(tc_time t, char out[TC_TIME_SIZE])
{
    struct parts p = split(t);
    memcpy(date_and_time(&p, out), "-00:00", 7);
}

tc_err tc_duration_parse(struct tc_str s, int64_t max, int64_t *seconds)
{
    static const struct {
        char unit;
        bool time;
        int64_t seconds;
    } units[] = {{'W', false, 604800},
                 {'D', false, 86400},
                 {'H', true, 3600},
                 {'M', true, 60},
                 {'S', true, 1}};
    if (!at_char(s, 0, 'P'))
        return TC_E_SYNTAX;
    size_t i = 1, next = 0;
    bool time = false, any = false;
    int64_t sum = 0;
    while (i < s.n) {
        if (!time && s.p[i] == 'T') {
            time = true;
            if (++i == s.n)
                return TC_E_SYNTAX;
            continue;
        }
        size_t at = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
            i++;
        uint64_t v;
        tc_err e = tc_num_u64(tc_str_view(s.p + at, i - at), INT64_MAX / 604800, &v);
        if (e)
            return e;
        while (next < 5 && !(i < s.n && units[next].unit == s.p[i] && units[next].time == time))
            next++;
        if (next == 5)
            return TC_E_SYNTAX;
        if (__builtin_add_overflow(sum, (int64_t)v * units[next].seconds, &sum))
            return TC_E_LIMIT;
        next++;
        i++;
        any = true;
    }
    if (!any)
        return TC_E_SYNTAX;
    if (sum > max)
        return TC_E_LIMIT;
    *seconds = sum;
    return TC_OK;
}

tc_err tc_duration_range(struct tc_str s, int64_t max, int64_t *lo, int64_t *hi)
{
    size_t dots = tc_str_find(s, TC_STR(".."));
    int64_t a, b;
    tc_err e = tc_duration_parse(dots == SIZE_MAX ? s : tc_str_view(s.p, dots), max, &a);
    if (e)
        return e;
    b = a;
    if (dots != SIZE_MAX) {
        e = tc_duration_parse(tc_str_view(s.p + dots + 2, s.n - dots - 2), max, &b);
        if (e)
            return e;
    }
    if (a > b)
        return TC_E_INVALID;
    *lo = a;
    *hi = b;
    return TC_OK;
}
