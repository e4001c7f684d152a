/* SPDX-License-Identifier: Apache-2.0 */
#include "http/credentials.h"

#include <sodium.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static tc_err parse(struct tc_arena *a, const char *header, struct tc_credentials *c)
{
    return tc_credentials_parse(a, tc_str_cstr(header), c);
}

static void authorization(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_credentials c;
    assert_true(sodium_init() >= 0);
    /* admin:Pass:word0 - the first colon ends the login (RFC 7617 section 2) */
    assert_int_equal(parse(a, "basic  YWRtaW46UGFzczp3b3JkMA==", &c), TC_OK);
    assert_int_equal(c.scheme, TC_SCHEME_BASIC);
    assert_true(tc_str_is(c.login, "admin") && tc_str_is(c.secret, "Pass:word0"));
    assert_int_equal(parse(a, "Bearer abc.def", &c), TC_OK);
    assert_int_equal(c.scheme, TC_SCHEME_BEARER);
    assert_true(tc_str_is(c.secret, "abc.def"));
    static const char *const bad[] = {"",
                                      "Basic",
                                      "Basic ",
                                      "Basic !!!!",
                                      "Basic YWRtaW4=",     /* no colon */
                                      "Basic AGFkbWluOng=", /* NUL */
                                      "Basic /zp4",         /* not UTF-8 */
                                      "Digest username=x",
                                      "Bearer ",
                                      "Bearer a b",
                                      "Basicx YTpi"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(a, bad[i], &c), TC_E_AUTH);
    tc_arena_free(a);
}

static void cookies(void **state)
{
    (void)state;
    struct tc_str v;
    assert_int_equal(tc_cookie_find(TC_STR("a=1; tocsin=abc; b=2"), "tocsin", &v), TC_OK);
    assert_true(tc_str_is(v, "abc"));
    assert_int_equal(tc_cookie_find(TC_STR("tocsin=a=b"), "tocsin", &v), TC_OK);
    assert_true(tc_str_is(v, "a=b"));
    assert_int_equal(tc_cookie_find(TC_STR("tocsin=a;tocsin=b"), "tocsin", &v), TC_E_SYNTAX);
    assert_int_equal(tc_cookie_find(TC_STR("xtocsin=a; Tocsin=b; tocsin"), "tocsin", &v),
                     TC_E_NOTFOUND);
    assert_int_equal(tc_cookie_find(TC_STR(""), "tocsin", &v), TC_E_NOTFOUND);
    assert_int_equal(tc_cookie_find(TC_STR(";;;"), "tocsin", &v), TC_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(authorization), cmocka_unit_test(cookies)};
    return cmocka_run_group_tests_name("http credentials", tests, NULL, NULL);
}
