/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jsonw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void writes_nested_values(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 1000);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "s", TC_STR("a\"\\\n\x01/"));
    tc_jsonw_name(&w, "list");
    tc_jsonw_array(&w);
    tc_jsonw_u64(&w, UINT64_MAX);
    tc_jsonw_i64(&w, INT64_MIN);
    tc_jsonw_double(&w, 0.1);
    tc_jsonw_double(&w, (double)INFINITY);
    tc_jsonw_bool(&w, false);
    tc_jsonw_object(&w);
    tc_jsonw_object_end(&w);
    tc_jsonw_raw(&w, TC_STR("1.50"));
    tc_jsonw_array_end(&w);
    tc_jsonw_kcstr(&w, "none", NULL);
    tc_jsonw_ku64(&w, "n", 0);
    tc_jsonw_kbool(&w, "t", true);
    tc_jsonw_object_end(&w);
    assert_string_equal(tc_buf_z(&b),
                        "{\"s\":\"a\\\"\\\\\\n\\u0001/\",\"list\":[18446744073709551615,"
                        "-9223372036854775808,0.1,null,false,{},1.50],\"none\":null,\"n\":0,"
                        "\"t\":true}");
    tc_buf_fini(&b);
}

static void repairs_bad_utf8(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 100);
    tc_json_quote(&b, TC_STR("a\xFFz\xE2\x82"
                             "b\xED\xA0\x80\xC3\xA9"));
    assert_string_equal(tc_buf_z(&b), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD"
                                      "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9\"");
    tc_buf_fini(&b);
}

static void buffer_carries_the_error(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 10);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_array(&w);
    for (int i = 0; i < 100; i++)
        tc_jsonw_u64(&w, 12345);
    tc_jsonw_array_end(&w);
    assert_int_equal(b.err, TC_E_LIMIT);
    tc_buf_fini(&b);
}

static void number_is(uint64_t bits, const char *want)
{
    char out[TC_JSON_NUMBER];
    double v;
    memcpy(&v, &bits, sizeof v);
    size_t n = tc_json_number(v, out);
    assert_string_equal(out, want);
    assert_int_equal(n, strlen(want));
}

/* RFC 8785 appendix B and the cases that trip shortest printing. */
static void numbers_are_those_of_ecmascript(void **state)
{
    (void)state;
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x4340000000000001, "9007199254740994"},
        {0x4340000000000002, "9007199254740996"},
        {0x3d30000000000000, "5.684341886080802e-14"}, /* 2^-44 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        number_is(rows[i].bits, rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nested_values),
        cmocka_unit_test(repairs_bad_utf8),
        cmocka_unit_test(buffer_carries_the_error),
        cmocka_unit_test(numbers_are_those_of_ecmascript),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
