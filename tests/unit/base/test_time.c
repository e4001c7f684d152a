/* SPDX-License-Identifier: Apache-2.0 */
/* Times: a calendar that walks day by day is the slow twin of the arithmetic one. */
#include "base/time.h"

#include "rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY (86400 * TC_SECOND)

static tc_time z(const char *text)
{
    tc_time t = TC_TIME_NONE;
    assert_int_equal(tc_time_parse_z(tc_str_cstr(text), &t), TC_OK);
    return t;
}

static void known_instants(void **state)
{
    (void)state;
    assert_int_equal(z("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(z("2000-03-01T00:00:00Z"), INT64_C(951868800) * TC_SECOND);
    assert_int_equal(z("2026-11-21T20:15:00.123456Z"), INT64_C(1795292100123456));
    assert_int_equal(z("1969-12-31T23:59:59.999999Z"), -1);
    assert_int_equal(z("0001-01-01T00:00:00Z"), TC_TIME_MIN);
    assert_int_equal(z("9999-12-31T23:59:59.999999Z"), TC_TIME_MAX);
}

static bool leap(int y)
{
    return y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
}

/* Every day of all 9,999 years, walked one by one. */
static void every_day(void **state)
{
    (void)state;
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    tc_time t = TC_TIME_MIN;
    char want[40], got[TC_TIME_SIZE];
    for (int y = 1; y <= 9999; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= length[m - 1] + (m == 2 && leap(y)); d++, t += DAY) {
                (void)snprintf(want, sizeof want, "%04d-%02d-%02dT00:00:00Z", y, m, d);
                tc_time_format(t, 0, got);
                assert_string_equal(got, want);
                assert_int_equal(z(want), t);
            }
    assert_int_equal(t - 1, TC_TIME_MAX);
}

static void round_trip_of_random_times(void **state)
{
    (void)state;
    uint64_t r = test_seed();
    for (int i = 0; i < 200000; i++) {
        uint64_t span = (uint64_t)(TC_TIME_MAX - TC_TIME_MIN) + 1;
        tc_time t = TC_TIME_MIN + (tc_time)(test_rand(&r) % span);
        char text[TC_TIME_SIZE], cap[TC_TIME_SIZE];
        tc_time_format(t, 6, text);
        assert_int_equal(strlen(text), TC_TIME_SIZE - 1);
        assert_int_equal(z(text), t);
        tc_time_format(t, 3, text);
        tc_time second = t - ((t % TC_SECOND) + TC_SECOND) % TC_SECOND, back;
        assert_int_equal(z(text), second + (t - second) / 1000 * 1000);
        tc_time_format_cap(t, cap);
        assert_int_equal(tc_time_parse_offset(tc_str_cstr(cap), &back), TC_OK);
        assert_int_equal(back, second);
    }
}

static void offsets(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc;
    } same[] = {
        {"2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"},
        {"2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"},
        {"2026-12-31T23:59:59.5-12:00", "2027-01-01T11:59:59.5Z"},
        {"2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00Z"},
        {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
        {"2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        tc_time t;
        assert_int_equal(tc_time_parse_offset(tc_str_cstr(same[i].text), &t), TC_OK);
        assert_int_equal(t, z(same[i].utc));
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        tc_err why;
    } bad[] = {
        {"", TC_E_SYNTAX},
        {"2026-11-21", TC_E_SYNTAX},
        {"2026-11-21T20:15Z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00", TC_E_SYNTAX},
        {"2026-11-21 20:15:00Z", TC_E_SYNTAX},
        {"2026-11-21t20:15:00Z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00.Z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00,5Z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00Z ", TC_E_SYNTAX},
        {" 2026-11-21T20:15:00Z", TC_E_SYNTAX},
        {"+026-11-21T20:15:00Z", TC_E_SYNTAX},
        {"2026-11-21T20:15:00+1:00", TC_E_SYNTAX},
        {"2026-11-21T20:15:00+01:0", TC_E_SYNTAX},
        {"2026-11-21T20:15:00+0100", TC_E_SYNTAX},
        {"2026-02-29T00:00:00Z", TC_E_INVALID},
        {"2100-02-29T00:00:00Z", TC_E_INVALID},
        {"2026-04-31T00:00:00Z", TC_E_INVALID},
        {"2026-00-10T00:00:00Z", TC_E_INVALID},
        {"2026-13-10T00:00:00Z", TC_E_INVALID},
        {"2026-01-00T00:00:00Z", TC_E_INVALID},
        {"0000-01-01T00:00:00Z", TC_E_INVALID},
        {"2026-01-01T24:00:00Z", TC_E_INVALID},
        {"2026-01-01T00:60:00Z", TC_E_INVALID},
        {"2026-01-01T00:00:61Z", TC_E_INVALID},
        {"2026-01-01T00:00:60Z", TC_E_INVALID},
        {"2017-01-01T00:59:60+05:30", TC_E_INVALID},
        {"2026-01-01T00:00:00+24:00", TC_E_INVALID},
        {"2026-01-01T00:00:00+01:60", TC_E_INVALID},
        {"0001-01-01T00:00:00+00:01", TC_E_INVALID},
        {"9999-12-31T23:59:00-00:01", TC_E_INVALID},
        {"9999-12-31T23:59:60Z", TC_E_INVALID},
    };
    tc_time t = 42;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tc_err e = tc_time_parse_offset(tc_str_cstr(bad[i].text), &t);
        if (e != bad[i].why)
            fail_msg("'%s' gave %s", bad[i].text, tc_err_name(e));
    }
    assert_int_equal(tc_time_parse_z(TC_STR("2026-01-01T00:00:00+00:00"), &t), TC_E_SYNTAX);
    assert_int_equal(t, 42);
}

static void fractions(void **state)
{
    (void)state;
    assert_int_equal(z("1970-01-01T00:00:00.1Z"), 100000);
    assert_int_equal(z("1970-01-01T00:00:00.0000019Z"), 1);
    assert_int_equal(z("1970-01-01T00:00:00.999999999999999999999Z"), 999999);
    assert_int_equal(z("2016-12-31T23:59:60Z"), z("2017-01-01T00:00:00Z"));
}

static void format_holds_its_bounds(void **state)
{
    (void)state;
    char text[TC_TIME_SIZE];
    tc_time_format(TC_TIME_NONE, 6, text);
    assert_string_equal(text, "0001-01-01T00:00:00.000000Z");
    tc_time_format(INT64_MAX, 99, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
    tc_time_format(0, 0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        tc_err err;
        int64_t seconds;
    } rows[] = {
        {"PT8H", TC_OK, 28800},
        {"P1DT30M", TC_OK, 86400 + 1800},
        {"P2W", TC_OK, 1209600},
        {"PT0S", TC_OK, 0},
        {"P1W2DT3H4M5S", TC_OK, 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5},
        {"PT1000000S", TC_OK, 1000000},
        {"PT1000001S", TC_E_LIMIT, 0},
        {"P15250284452471W", TC_E_LIMIT, 0},
        {"P15250284452470WT9223372036854775807S", TC_E_LIMIT, 0},
        {"PT99999999999999999999S", TC_E_LIMIT, 0},
        {"", TC_E_SYNTAX, 0},
        {"P", TC_E_SYNTAX, 0},
        {"PT", TC_E_SYNTAX, 0},
        {"P1DT", TC_E_SYNTAX, 0},
        {"P1", TC_E_SYNTAX, 0},
        {"1H", TC_E_SYNTAX, 0},
        {"PT1.5H", TC_E_SYNTAX, 0},
        {"-PT1H", TC_E_SYNTAX, 0},
        {"PT-1H", TC_E_SYNTAX, 0},
        {"P1H", TC_E_SYNTAX, 0},
        {"PT1D", TC_E_SYNTAX, 0},
        {"P1Y", TC_E_SYNTAX, 0},
        {"P1M", TC_E_SYNTAX, 0},
        {"PT1M1H", TC_E_SYNTAX, 0},
        {"PT1H1H", TC_E_SYNTAX, 0},
        {"PTT1H", TC_E_SYNTAX, 0},
        {"pt1h", TC_E_SYNTAX, 0},
        {"PT1H ", TC_E_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t s = -7;
        tc_err e = tc_duration_parse(tc_str_cstr(rows[i].text), 1000000, &s);
        if (rows[i].seconds > 1000000)
            e = tc_duration_parse(tc_str_cstr(rows[i].text), INT64_MAX, &s);
        if (e != rows[i].err)
            fail_msg("'%s' gave %s", rows[i].text, tc_err_name(e));
        assert_int_equal(s, e ? -7 : rows[i].seconds);
    }
}

static void ranges(void **state)
{
    (void)state;
    int64_t lo = -1, hi = -1;
    assert_int_equal(tc_duration_range(TC_STR("PT4H..PT12H"), 86400, &lo, &hi), TC_OK);
    assert_int_equal(lo, 14400);
    assert_int_equal(hi, 43200);
    assert_int_equal(tc_duration_range(TC_STR("PT4H"), 86400, &lo, &hi), TC_OK);
    assert_int_equal(hi, 14400);
    lo = hi = -1;
    assert_int_equal(tc_duration_range(TC_STR("PT12H..PT4H"), 86400, &lo, &hi), TC_E_INVALID);
    assert_int_equal(tc_duration_range(TC_STR("PT4H.."), 86400, &lo, &hi), TC_E_SYNTAX);
    assert_int_equal(tc_duration_range(TC_STR("..PT4H"), 86400, &lo, &hi), TC_E_SYNTAX);
    assert_int_equal(tc_duration_range(TC_STR("PT4H...PT5H"), 86400, &lo, &hi), TC_E_SYNTAX);
    assert_int_equal(tc_duration_range(TC_STR("PT4H..PT25H"), 86400, &lo, &hi), TC_E_LIMIT);
    assert_int_equal(lo, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),
        cmocka_unit_test(every_day),
        cmocka_unit_test(round_trip_of_random_times),
        cmocka_unit_test(offsets),
        cmocka_unit_test(refused),
        cmocka_unit_test(fractions),
        cmocka_unit_test(format_holds_its_bounds),
        cmocka_unit_test(durations),
        cmocka_unit_test(ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
