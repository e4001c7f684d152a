/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jcs.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void canonical_is(const char *in, const char *want)
{
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    tc_buf_init(&b, 1 << 16);
    assert_int_equal(tc_json_read(tc_str_cstr(in), 1 << 16, 0, &j, &d), TC_OK);
    tc_err e = tc_jcs_write(j.root, &b, &d);
    if (want) {
        assert_int_equal(e, TC_OK);
        assert_string_equal(tc_buf_z(&b), want);
    } else {
        assert_int_equal(e, TC_E_INVALID);
    }
    tc_buf_fini(&b);
    tc_json_fini(&j);
}

static void sorts_and_spells(void **state)
{
    (void)state;
    canonical_is(" { \"b\" : [ 1.0 , -0, 1E2 ] , \"a\" : { } }", "{\"a\":{},\"b\":[1,0,100]}");
    canonical_is("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
                 "\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    canonical_is("[56,{\"d\":true,\"10\":null,\"1\":[]}]",
                 "[56,{\"1\":[],\"10\":null,\"d\":true}]");
}

/* The example of RFC 8785 section 3.2.3. */
static void orders_names_by_utf16(void **state)
{
    (void)state;
    canonical_is("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
                 "\"\\u0080\":6,\"\\u00f6\":7}",
                 "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,"
                 "\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":3}");
    assert_true(tc_jcs_order(TC_STR("a"), TC_STR("ab")) < 0);
    assert_int_equal(tc_jcs_order(TC_STR("a"), TC_STR("a")), 0);
}

static void refuses_integers_that_would_change(void **state)
{
    (void)state;
    canonical_is("[9007199254740993]", NULL);
    canonical_is("[18446744073709551615]", NULL);
    canonical_is("[-9007199254740993]", NULL);
    canonical_is("[9007199254740994]", "[9007199254740994]");
}

/* 2^56 and more: the shortest text of such a double need not be its exact value (the first of these
 * as V8 prints it). */
static void its_own_output_is_canonical(void **state)
{
    (void)state;
    canonical_is("[90071992154740992]", "[90071992154741000]");
    canonical_is("[90071992154741000]", "[90071992154741000]");
    canonical_is("[-90071992154741000]", "[-90071992154741000]");
    canonical_is("[90071992154740990]", NULL);
    canonical_is("[90071992154740991]", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_and_spells),
        cmocka_unit_test(orders_names_by_utf16),
        cmocka_unit_test(refuses_integers_that_would_change),
        cmocka_unit_test(its_own_output_is_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
