/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"

#include "rand.h"

#include <inttypes.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void unsigned_limits(void **state)
{
    (void)state;
    uint64_t v = 7;
    assert_int_equal(tc_num_u64(TC_STR("18446744073709551615"), UINT64_MAX, &v), TC_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(tc_num_u64(TC_STR("00000000000000000000000000001"), 1, &v), TC_OK);
    assert_int_equal(v, 1);
    assert_int_equal(tc_num_u64(TC_STR("18446744073709551616"), UINT64_MAX, &v), TC_E_LIMIT);
    assert_int_equal(tc_num_u64(TC_STR("184467440737095516160"), UINT64_MAX, &v), TC_E_LIMIT);
    assert_int_equal(tc_num_u64(TC_STR("11"), 10, &v), TC_E_LIMIT);
    assert_int_equal(tc_num_u64(TC_STR("99999999999999999999999x"), 10, &v), TC_E_SYNTAX);
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "١"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tc_num_u64(tc_str_cstr(bad[i]), UINT64_MAX, &v), TC_E_SYNTAX);
    assert_int_equal(tc_num_u64(tc_str_view("12\0003", 4), UINT64_MAX, &v), TC_E_SYNTAX);
    assert_int_equal(v, 1);
}

static void signed_limits(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_int_equal(tc_num_i64(TC_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v), TC_OK);
    assert_true(v == INT64_MIN);
    assert_int_equal(tc_num_i64(TC_STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v), TC_OK);
    assert_true(v == INT64_MAX);
    assert_int_equal(tc_num_i64(TC_STR("-0"), 0, 0, &v), TC_OK);
    assert_int_equal(v, 0);
    v = 7;
    assert_int_equal(tc_num_i64(TC_STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v),
                     TC_E_LIMIT);
    assert_int_equal(tc_num_i64(TC_STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &v),
                     TC_E_LIMIT);
    assert_int_equal(tc_num_i64(TC_STR("-6"), -5, 5, &v), TC_E_LIMIT);
    assert_int_equal(tc_num_i64(TC_STR("6"), -5, 5, &v), TC_E_LIMIT);
    assert_int_equal(tc_num_i64(TC_STR("-"), INT64_MIN, INT64_MAX, &v), TC_E_SYNTAX);
    assert_int_equal(tc_num_i64(TC_STR("--1"), INT64_MIN, INT64_MAX, &v), TC_E_SYNTAX);
    assert_int_equal(tc_num_i64(TC_STR("-+1"), INT64_MIN, INT64_MAX, &v), TC_E_SYNTAX);
    assert_int_equal(v, 7);
}

static void random_round_trip(void **state)
{
    (void)state;
    uint64_t r = test_seed();
    char text[32];
    for (int i = 0; i < 100000; i++) {
        uint64_t want = test_rand(&r) >> (test_rand(&r) % 64), u;
        int64_t swant = (int64_t)test_rand(&r) >> (test_rand(&r) % 64), s;
        (void)snprintf(text, sizeof text, "%" PRIu64, want);
        assert_int_equal(tc_num_u64(tc_str_cstr(text), UINT64_MAX, &u), TC_OK);
        assert_true(u == want);
        (void)snprintf(text, sizeof text, "%" PRId64, swant);
        assert_int_equal(tc_num_i64(tc_str_cstr(text), INT64_MIN, INT64_MAX, &s), TC_OK);
        assert_true(s == swant);
    }
}

static void doubles(void **state)
{
    (void)state;
    double v = 7;
    assert_int_equal(tc_num_double(TC_STR("-90"), -90, 90, &v), TC_OK);
    assert_true(v == -90);
    assert_int_equal(tc_num_double(TC_STR("1.5e3"), 0, 1e9, &v), TC_OK);
    assert_true(v == 1500);
    assert_int_equal(tc_num_double(TC_STR("0.1"), 0, 1, &v), TC_OK);
    assert_true(v == 0.1);
    assert_int_equal(tc_num_double(TC_STR("1E-400"), 0, 1, &v), TC_OK); /* too small is nothing */
    assert_true(v == 0);
    v = 7;
    static const char *const over[] = {"91", "-90.0000001", "1e400", "-1e400", "1e99999999999999"};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        assert_int_equal(tc_num_double(tc_str_cstr(over[i]), -90, 90, &v), TC_E_LIMIT);
    static const char *const bad[] = {"",    "-",    ".5",  "5.",  "+1", "1e", "1e+",   "0x1p3",
                                      "inf", "-inf", "nan", "1,5", "1 ", " 1", "1.2.3", "1e1e1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tc_num_double(tc_str_cstr(bad[i]), -90, 90, &v), TC_E_SYNTAX);
    char digits[80];
    memset(digits, '0', sizeof digits);
    assert_int_equal(tc_num_double(tc_str_view(digits, 63), -1, 1, &v), TC_OK);
    v = 7;
    assert_int_equal(tc_num_double(tc_str_view(digits, 64), -1, 1, &v), TC_E_LIMIT);
    assert_true(v == 7);
}

/* In many locales the decimal point is a comma; numbers of a register must not change with it. */
static void doubles_in_any_locale(void **state)
{
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    for (size_t i = 0; i < 3; i++)
        (void)setlocale(LC_ALL, comma[i]); /* may not be installed; then this tests less */
    double v;
    assert_int_equal(tc_num_double(TC_STR("52.37"), -90, 90, &v), TC_OK);
    assert_true(v == 52.37);
    (void)setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_limits),       cmocka_unit_test(signed_limits),
        cmocka_unit_test(random_round_trip),     cmocka_unit_test(doubles),
        cmocka_unit_test(doubles_in_any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
