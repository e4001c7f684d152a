/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static tc_err parse(struct tc_arena *a, const char *z, struct tc_target *t)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_arena_reset(a);
    return tc_target_parse(a, tc_str_cstr(z), t, &d);
}

static void splits(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_target t;
    struct tc_str v;
    assert_int_equal(parse(a, "/", &t), TC_OK);
    assert_int_equal(t.n_segments, 0);
    assert_true(t.slash);
    assert_int_equal(parse(a, "/a/b%20c/?match[type]=x%2cy&limit=5&z&e=", &t), TC_OK);
    assert_int_equal(t.n_segments, 2);
    assert_true(t.slash && tc_str_is(t.segment[1], "b c"));
    assert_int_equal(t.n_args, 4);
    assert_true(tc_target_arg(&t, "match[type]", &v) && tc_str_is(v, "x,y"));
    assert_true(tc_target_arg(&t, "z", &v) && v.n == 0);
    assert_false(tc_target_arg(&t, "Z", &v));
    assert_int_equal(parse(a, "/a", &t), TC_OK);
    assert_false(t.slash);
    assert_int_equal(parse(a, "/a+b?q=a+b", &t), TC_OK);
    assert_true(tc_str_is(t.segment[0], "a+b"));
    assert_true(tc_target_arg(&t, "q", &v) && tc_str_is(v, "a b"));
    tc_arena_free(a);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "a",       "*",        "http://h/a",  "//",
                                      "/a//b",  "/./a",    "/a/..",    "/%2e%2e/",    "/a%2fb",
                                      "/a%5Cb", "/%00",    "/a%0d",    "/%",          "/%4",
                                      "/%zz",   "/a?b=%1", "/a?b=%00", "/a?b&b=2",    "/a#b",
                                      "/%ff",   "/%c0%af", "/a?q=%80", "/a?%6a=1&j=2"};
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_target t;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(a, bad[i], &t), TC_E_SYNTAX);
    tc_arena_free(a);
}

static void bounds(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_target t;
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    tc_buf_char(&b, '/');
    while (b.n < TC_MAX_TARGET)
        tc_buf_char(&b, 'a');
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_OK);
    tc_buf_char(&b, 'a');
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_E_LIMIT);
    tc_buf_clear(&b);
    for (int i = 0; i < TC_MAX_SEGMENTS; i++)
        tc_buf_cstr(&b, "/a");
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_OK);
    tc_buf_cstr(&b, "/a");
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_E_LIMIT);
    tc_buf_clear(&b);
    tc_buf_cstr(&b, "/?");
    for (int i = 0; i < TC_MAX_ARGS; i++)
        tc_buf_fmt(&b, "k%d=v&", i);
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_OK);
    tc_buf_cstr(&b, "one=more");
    assert_int_equal(parse(a, tc_buf_z(&b), &t), TC_E_LIMIT);
    tc_buf_fini(&b);
    tc_arena_free(a);
}

static void lists(void **state)
{
    (void)state;
    struct tc_str rest = TC_STR("a,,b"), v;
    assert_true(tc_list_next(&rest, &v) && tc_str_is(v, "a"));
    assert_true(tc_list_next(&rest, &v) && v.n == 0);
    assert_true(tc_list_next(&rest, &v) && tc_str_is(v, "b"));
    assert_false(tc_list_next(&rest, &v));
    rest = TC_STR("a,");
    assert_true(tc_list_next(&rest, &v) && tc_list_next(&rest, &v) && v.n == 0);
    assert_false(tc_list_next(&rest, &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits), cmocka_unit_test(refuses),
                                       cmocka_unit_test(bounds), cmocka_unit_test(lists)};
    return cmocka_run_group_tests_name("http target", tests, NULL, NULL);
}
