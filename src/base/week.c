/* SPDX-License-Identifier: Apache-2.0 */
#include "base/week.h"

#include "base/num.h"

/* Takes what stands before the first `c` off s; all of it when there is none. */
static struct tc_str piece(struct tc_str *s, char c)
{
    const char *at = s->n ? memchr(s->p, c, s->n) : NULL;
    struct tc_str head = {s->p, at ? (size_t)(at - s->p) : s->n};
    size_t step = at ? head.n + 1 : head.n;
    s->p += step;
    s->n -= step;
    return tc_str_trim(head);
}

static bool day(struct tc_str s, unsigned *out)
{
    static const char names[] = "MoTuWeThFrSaSu";
    for (unsigned d = 0; d < 7; d++)
        if (tc_str_eq(s, tc_str_view(names + 2 * (size_t)d, 2))) {
            *out = d;
            return true;
        }
    return false;
}

/* "Mo-We,Fr": bits */
static bool days(struct tc_str s, unsigned *out)
{
    unsigned bits = 0;
    while (s.n) {
        struct tc_str one = piece(&s, ',');
        bool range = one.n == 5 && one.p[2] == '-';
        unsigned a = 0, b = 0;
        if (!day(range ? tc_str_view(one.p, 2) : one, &a) ||
            (range && !day(tc_str_view(one.p + 3, 2), &b)))
            return false;
        b = range ? b : a;
        for (unsigned d = a;; d = (d + 1) % 7) {
            bits |= 1u << d;
            if (d == b)
                break;
        }
    }
    *out = bits;
    return bits != 0;
}

static bool hours(struct tc_str s, unsigned *from, unsigned *to)
{
    struct tc_str head = piece(&s, '-');
    uint64_t a, b;
    if (head.n == 0 || head.n > 2 || s.n == 0 || s.n > 2 || tc_num_u64(head, 24, &a) ||
        tc_num_u64(s, 24, &b) || a == b || a == 24)
        return false;
    *from = (unsigned)a;
    *to = (unsigned)b;
    return true;
}

/* "UTC", "UTC+05:30" */
static bool offset(struct tc_str s, int32_t *out)
{
    uint64_t h, m;
    if (!tc_str_starts(s, TC_STR("UTC")))
        return false;
    *out = 0;
    if (s.n == 3)
        return true;
    if (s.n != 9 || (s.p[3] != '+' && s.p[3] != '-') || s.p[6] != ':' ||
        tc_num_u64(tc_str_view(s.p + 4, 2), 14, &h) || tc_num_u64(tc_str_view(s.p + 7, 2), 59, &m))
        return false;
    *out = (int32_t)(h * 3600 + m * 60) * (s.p[3] == '-' ? -1 : 1);
    return true;
}

static tc_err rule(struct tc_str s, struct tc_week *w)
{
    unsigned on = 0x7f, from = 0, to = 24;
    uint64_t percent = 0;
    bool had_days = false, had_hours = false, done = false;
    while (s.n) {
        struct tc_str word = piece(&s, ' ');
        if (!word.n)
            continue;
        if (done)
            return TC_E_SYNTAX;
        if (word.p[word.n - 1] == '%') {
            tc_err e = tc_num_u64(tc_str_view(word.p, word.n - 1), TC_WEEK_MOST, &percent);
            if (e)
                return e == TC_E_LIMIT ? e : TC_E_SYNTAX;
            done = true;
        } else if (!had_days && !had_hours && days(word, &on)) {
            had_days = true;
        } else if (!had_hours && hours(word, &from, &to)) {
            had_hours = true;
        } else {
            return TC_E_SYNTAX;
        }
    }
    for (unsigned h = 0; done && h < TC_WEEK_HOURS; h++) {
        unsigned of = h % 24;
        bool in = from < to ? of >= from && of < to : of >= from || of < to;
        if (in && (on >> (h / 24) & 1))
            w->percent[h] = (uint16_t)percent;
    }
    return done ? TC_OK : TC_E_SYNTAX;
}

tc_err tc_week_parse(struct tc_str s, struct tc_week *out)
{
    struct tc_week w = {.offset = 0};
    bool any = false;
    for (unsigned h = 0; h < TC_WEEK_HOURS; h++)
        w.percent[h] = 100;
    while (s.n) {
        struct tc_str one = piece(&s, ';');
        if (offset(one, &w.offset))
            continue;
        tc_err e = rule(one, &w);
        if (e)
            return e;
        any = true;
    }
    if (!any)
        return TC_E_SYNTAX;
    *out = w;
    return TC_OK;
}

uint32_t tc_week_second(const struct tc_week *w, tc_time t)
{
    const int64_t week = TC_WEEK_SECONDS,
                  monday = INT64_C(3) * 86400; /* 1970 began on a Thursday */
    int64_t s = (t / TC_SECOND - (t % TC_SECOND < 0) + w->offset + monday) % week;
    return (uint32_t)(s < 0 ? s + week : s);
}

uint16_t tc_week_most(const struct tc_week *w)
{
    uint16_t most = 0;
    for (unsigned h = 0; h < TC_WEEK_HOURS; h++)
        most = w->percent[h] > most ? w->percent[h] : most;
    return most;
}

/* From Monday 00:00 to second s of the week. */
static uint64_t up_to(const struct tc_week *w, uint32_t s)
{
    uint64_t sum = 0;
    for (uint32_t h = 0; h < s / 3600; h++)
        sum += (uint64_t)w->percent[h] * 3600;
    return s % 3600 ? sum + (uint64_t)w->percent[s / 3600] * (s % 3600) : sum;
}

uint64_t tc_week_use(const struct tc_week *w, uint32_t from, uint64_t n)
{
    uint64_t to = from + n;
    return to / TC_WEEK_SECONDS * up_to(w, TC_WEEK_SECONDS) +
           up_to(w, (uint32_t)(to % TC_WEEK_SECONDS)) - up_to(w, from);
}

uint64_t tc_week_lasts(const struct tc_week *w, uint32_t from, uint64_t amount)
{
    uint64_t whole = up_to(w, TC_WEEK_SECONDS), n = 0;
    if (!amount)
        return 0;
    if (!whole)
        return UINT64_MAX;
    n = (amount - 1) / whole * TC_WEEK_SECONDS;
    amount -= (amount - 1) / whole * whole; /* 1 .. whole */
    for (uint32_t s = from;; s = (s / 3600 + 1) * 3600 % TC_WEEK_SECONDS) {
        uint64_t p = w->percent[s / 3600], left = 3600 - s % 3600;
        if (p * left >= amount)
            return n + (amount + p - 1) / p;
        amount -= p * left;
        n += left;
    }
}
