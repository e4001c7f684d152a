/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars against a walk second by second; draws against their closed forms. */
#include "base/draw.h"
#include "base/week.h"

#include "rand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct tc_week week(const char *text)
{
    struct tc_week w;
    assert_int_equal(tc_week_parse(tc_str_cstr(text), &w), TC_OK);
    return w;
}

static void rules(void **state)
{
    (void)state;
    struct tc_week w = week("40%; Mo-Fr 07-19 100%; Sa,Su 22-06 10%; UTC+01:00");
    assert_int_equal(w.offset, 3600);
    assert_int_equal(w.percent[6], 40);
    assert_int_equal(w.percent[7], 100);
    assert_int_equal(w.percent[18], 100);
    assert_int_equal(w.percent[19], 40);
    assert_int_equal(w.percent[5 * 24 + 5], 10);
    assert_int_equal(w.percent[5 * 24 + 6], 40);
    assert_int_equal(w.percent[6 * 24 + 22], 10);
    assert_int_equal(tc_week_most(&w), 100);
    w = week("Fr-Mo 150%");
    assert_int_equal(w.percent[0], 150);
    assert_int_equal(w.percent[24], 100);
    assert_int_equal(w.percent[4 * 24], 150);
    /* Saturday 2026-11-21 20:15 UTC is 21:15 at UTC+01:00 */
    tc_time t;
    assert_int_equal(tc_time_parse_z(TC_STR("2026-11-21T20:15:00Z"), &t), TC_OK);
    w = week("50%; UTC+01:00");
    assert_int_equal(tc_week_second(&w, t), 5 * 86400 + 21 * 3600 + 15 * 60);
    assert_int_equal(tc_week_second(&w, -1), 3 * 86400 + 3600 - 1); /* a Thursday begins */
    w = week("UTC-05:30; 1000%");
    assert_int_equal(w.offset, -19800);
}

static void refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    "UTC",     "Mo",     "Mo-Fr 25-26 10%", "8-8 10%",       "24-6 10%",
        "-5%", "Mo- 10%", "10% Mo", "Mo Tu 10%",       "UTC+15:00; 5%", "UTC+0100; 5%",
        "10",  ";10%",    "Xx 10%", "07-19 Mo 10%"};
    struct tc_week w;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tc_week_parse(tc_str_cstr(bad[i]), &w) != TC_E_SYNTAX)
            fail_msg("'%s' was read", bad[i]);
    assert_int_equal(tc_week_parse(TC_STR("1001%"), &w), TC_E_LIMIT);
}

/* What is used and how long an amount lasts, against a walk. */
static void walk(void **state)
{
    (void)state;
    uint64_t r = test_seed();
    for (int i = 0; i < 200; i++) {
        struct tc_week w = {.offset = 0};
        for (int h = 0; h < TC_WEEK_HOURS; h++)
            w.percent[h] = (uint16_t)(test_rand(&r) % 3 ? test_rand(&r) % 200 : 0);
        uint32_t from = (uint32_t)(test_rand(&r) % TC_WEEK_SECONDS);
        uint64_t n = test_rand(&r) % 300000, sum = 0;
        for (uint64_t s = 0; s < n; s++)
            sum += w.percent[(from + s) % TC_WEEK_SECONDS / 3600];
        assert_int_equal(tc_week_use(&w, from, n), sum);
        uint64_t lasts = tc_week_lasts(&w, from, sum);
        assert_true(tc_week_use(&w, from, lasts) >= sum && lasts <= n);
        assert_true(!lasts || tc_week_use(&w, from, lasts - 1) < sum);
    }
    struct tc_week none = week("0%"), one = week("100%");
    assert_true(tc_week_lasts(&none, 5, 1) == UINT64_MAX);
    assert_int_equal(tc_week_lasts(&none, 5, 0), 0);
    assert_int_equal(tc_week_lasts(&one, 77, UINT64_C(100) * 3000000), 3000000);
}

static void draws(void **state)
{
    (void)state;
    enum tc_draw kind;
    int64_t likely;
    assert_int_equal(tc_draw_parse(TC_STR(""), 5, 9, &kind, &likely), TC_OK);
    assert_int_equal(kind, TC_DRAW_UNIFORM);
    assert_int_equal(tc_draw_parse(TC_STR("triangular PT6H"), 3600, 40000, &kind, &likely), TC_OK);
    assert_int_equal(likely, 21600);
    assert_int_equal(tc_draw_parse(TC_STR("triangular PT6H"), 0, 9, &kind, &likely), TC_E_INVALID);
    assert_int_equal(tc_draw_parse(TC_STR("triangular"), 0, 9, &kind, &likely), TC_E_SYNTAX);
    assert_int_equal(tc_draw_parse(TC_STR("lognormal"), 0, 9, &kind, &likely), TC_E_INVALID);
    assert_int_equal(tc_draw_parse(TC_STR("normal"), 0, 9, &kind, &likely), TC_E_SYNTAX);

    uint64_t r = 3;
    const uint32_t lo = 10000, likely32 = 20000, hi = 60000;
    double sum[3] = {0, 0, 0};
    const int n = 200000;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            uint32_t x = tc_draw_take((enum tc_draw)k, lo, likely32, hi, test_rand(&r));
            assert_true(x >= lo && x <= hi);
            sum[k] += x;
        }
    assert_true(fabs(sum[TC_DRAW_UNIFORM] / n - 35000) < 150);
    assert_true(fabs(sum[TC_DRAW_TRIANGULAR] / n - 30000) < 150);
    /* The middle of a lognormal is the geometric mean of its ends; the ends are its ends. */
    assert_int_equal(tc_draw_take(TC_DRAW_LOGNORMAL, lo, lo, hi, UINT64_C(1) << 63), 24495);
    assert_int_equal(tc_draw_take(TC_DRAW_LOGNORMAL, lo, lo, hi, 0), lo);
    assert_int_equal(tc_draw_take(TC_DRAW_LOGNORMAL, lo, lo, hi, UINT64_MAX), hi);
    assert_int_equal(tc_draw_take(TC_DRAW_LOGNORMAL, 7, 7, 7, 99), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules), cmocka_unit_test(refused),
                                       cmocka_unit_test(walk), cmocka_unit_test(draws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
