/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that are tried first are refused, phrases and random ones are not. */
#include "access/access.h"
#include "access/weak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_weak(void **state)
{
    (void)state;
    static const char *const weak[] = {
        "password1234",   "qwerty123456",      "1q2w3e4r5t6y",  "123456789123",  "qazwsxedcrfv",
        "P@ssw0rd2026!",  "aaaaaaaaaaaaaaaa",  "abcabcabcabc",  "officer2026!!", "administrator",
        "Summer2026!!",   "iloveyou12345",     "zxcvbnm,./12",  "012345678901",  "peanutbutter",
        "officerofficer", "letmeinletmein123", "michaeljackson"};
    static const char *const fine[] = {"correct horse battery staple",
                                       "seven quiet bells",
                                       "kX9#mmvQ2p!z",
                                       "blue harbour nine",
                                       "officer, quiet bells",
                                       "\xd0\xbb\xd1\x83\xd0\xbd\xd0\xb0 ridge seven"};
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
        if (!tc_password_weak(tc_str_cstr(weak[i]), TC_STR("officer")))
            fail_msg("not weak: %s", weak[i]);
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (tc_password_weak(tc_str_cstr(fine[i]), TC_STR("officer")))
            fail_msg("weak: %s", fine[i]);
}

static void test_lengths(void **state)
{
    char long_one[1024];
    struct tc_diag d;
    (void)state;
    for (size_t i = 0; i < sizeof long_one; i++)
        long_one[i] = (char)('a' + i % 3);
    tc_diag_init(&d);
    assert_true(tc_password_weak(tc_str_view(long_one, sizeof long_one), TC_STR("")));
    assert_true(tc_password_weak(TC_STR(""), TC_STR("")));
    assert_int_equal(tc_access_password_check(TC_STR("o"), TC_STR("password1234"), &d),
                     TC_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weak), cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
