/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of src/base that reads foreign text: times, durations, numbers, ids, UTF-8, lines.
 * What is accepted must survive writing and reading again. */
#include "target.h"

#include "base/cursor.h"
#include "base/id.h"
#include "base/num.h"
#include "base/time.h"

static void times(struct tc_str s)
{
    tc_time t, again;
    char text[TC_TIME_SIZE];
    if (tc_time_parse_offset(s, &t) != TC_OK)
        return;
    HOLDS(t >= TC_TIME_MIN && t <= TC_TIME_MAX);
    tc_time_format(t, 6, text);
    HOLDS(tc_time_parse_z(tc_str_cstr(text), &again) == TC_OK && again == t);
    tc_time_format_cap(t, text);
    HOLDS(tc_time_parse_offset(tc_str_cstr(text), &again) == TC_OK);
    HOLDS(again <= t && t - again < TC_SECOND);
}

static void durations(struct tc_str s)
{
    int64_t lo, hi;
    const int64_t max = INT64_C(10) * 366 * 86400;
    if (tc_duration_range(s, max, &lo, &hi) == TC_OK)
        HOLDS(lo >= 0 && lo <= hi && hi <= max);
}

static void numbers(struct tc_str s)
{
    uint64_t u;
    int64_t i;
    double d;
    if (tc_num_u64(s, UINT64_MAX, &u) == TC_OK && u <= INT64_MAX) {
        HOLDS(tc_num_i64(s, 0, INT64_MAX, &i) == TC_OK);
        HOLDS((uint64_t)i == u);
    }
    if (tc_num_double(s, -1e9, 1e9, &d) == TC_OK)
        HOLDS(d >= -1e9 && d <= 1e9);
}

static void ids(struct tc_str s)
{
    struct tc_str type, type2;
    struct tc_uuid u, u2;
    char text[TC_ID_MAX];
    if (tc_id_split(s, &type, &u) != TC_OK)
        return;
    tc_id_make(type, &u, text);
    HOLDS(tc_str_eq_nocase(s, tc_str_cstr(text)));
    HOLDS(tc_id_split(tc_str_cstr(text), &type2, &u2) == TC_OK && tc_str_eq(type, type2));
    HOLDS(memcmp(u.b, u2.b, sizeof u.b) == 0);
}

static void messages(struct tc_str s)
{
    struct tc_diag d;
    char text[1200];
    tc_diag_init(&d);
    tc_diag_object(&d, s.n ? s.p : "", s.n);
    (void)tc_diag_set(&d, TC_E_INVALID, "%.*s", TC_FMT(s));
    tc_diag_format(&d, text, sizeof text);
    HOLDS(strnlen(text, sizeof text) < sizeof text);
    HOLDS(tc_str_utf8(tc_str_cstr(text)));
    for (const char *p = text; *p; p++)
        HOLDS((unsigned char)*p >= 0x20 && *p != 0x7f);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_cursor c = tc_cursor_over((struct tc_str){(const char *)data, size});
    struct tc_str line;
    while (tc_cursor_line(&c, &line)) {
        times(line);
        durations(line);
        numbers(line);
        ids(line);
        messages(line);
    }
    HOLDS(tc_cursor_end(&c) == TC_OK);
    return 0;
}
