/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static tc_err read_z(const char *z, unsigned flags, struct tc_diag *d)
{
    struct tc_json j = {0};
    tc_diag_init(d);
    tc_err e = tc_json_read(tc_str_cstr(z), 1 << 20, flags, &j, d);
    tc_json_fini(&j);
    return e;
}

static void reads_members(void **state)
{
    (void)state;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_str s;
    uint64_t u;
    int64_t i;
    double x;
    bool b;
    tc_diag_init(&d);
    assert_int_equal(tc_json_read(TC_STR("{\"s\":\"a\\u0000b\",\"u\":7,\"i\":-7,\"x\":1.5,"
                                         "\"b\":true,\"n\":null}"),
                                  1000, 0, &j, &d),
                     TC_OK);
    assert_true(tc_json_str(j.root, "s", &s));
    assert_int_equal(s.n, 3);
    assert_memory_equal(s.p, "a\0b", 3);
    assert_true(tc_json_u64(j.root, "u", &u) && u == 7);
    assert_true(tc_json_i64(j.root, "i", &i) && i == -7);
    assert_true(tc_json_double(j.root, "x", &x) && x == 1.5);
    assert_true(tc_json_double(j.root, "i", &x) && x == -7);
    assert_true(tc_json_bool(j.root, "b", &b) && b);
    assert_false(tc_json_str(j.root, "n", &s));
    assert_false(tc_json_u64(j.root, "i", &u));
    assert_null(tc_json_get(j.root, "none"));
    tc_json_fini(&j);
}

static void says_where(void **state)
{
    (void)state;
    struct tc_diag d;
    assert_int_equal(read_z("{\"a\": 1,\n  \"b\": tru}", 0, &d), TC_E_SYNTAX);
    assert_int_equal(d.line, 2);
    assert_int_equal(d.column, 8);
    assert_int_equal(d.offset, 16);
    assert_int_equal(read_z("{\"a\": 1", 0, &d), TC_E_SYNTAX);
    assert_int_equal(d.line, 1);
    assert_non_null(strstr(d.message, "too early"));
    assert_int_equal(read_z("", 0, &d), TC_E_SYNTAX);
}

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char *const bad[] = {"[1,]",     "{\"a\":1,}",  "// x\n1",
                                      "nan",      "[1] 2",       "\xEF\xBB\xBF{}",
                                      "\"\xC3\"", "\"\\ud800\"", "\"\xED\xA0\x80\"",
                                      "01",       "'a'",         "\"a\nb\"",
                                      "1e999",    "{\"a\" 1}",   "[1 2]",
                                      "+1"};
    struct tc_diag d;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (read_z(bad[i], 0, &d) != TC_E_SYNTAX)
            fail_msg("accepted: %s", bad[i]);
}

static void refuses_repeated_names(void **state)
{
    (void)state;
    struct tc_diag d;
    assert_int_equal(read_z("{\"a\":[{\"b\":{\"c\":1,\"d\":2,\"c\":3}}]}", 0, &d), TC_E_SYNTAX);
    assert_string_equal(d.path, "a[0].b.c");
    /* The same name, spelled with an escape. */
    assert_int_equal(read_z("{\"ab\":1,\"\\u0061b\":1}", 0, &d), TC_E_SYNTAX);
    assert_int_equal(read_z("{\"ab\":1,\"ab\":1}", TC_JSON_REPEATS_OK, &d), TC_OK);
    /* Many members take the other way. */
    struct tc_buf b;
    tc_buf_init(&b, 1 << 20);
    for (int twice = 0; twice < 2; twice++) {
        tc_buf_clear(&b);
        tc_buf_cstr(&b, "{\"n999\":0");
        for (int i = 0; i < 999; i++)
            tc_buf_fmt(&b, ",\"n%d\":0", i);
        tc_buf_cstr(&b, twice ? ",\"n500\":1}" : "}");
        assert_int_equal(read_z(tc_buf_z(&b), 0, &d), twice ? TC_E_SYNTAX : TC_OK);
    }
    assert_string_equal(d.path, "n500");
    tc_buf_fini(&b);
}

static void bounds_size_and_depth(void **state)
{
    (void)state;
    struct tc_json j = {0};
    struct tc_diag d;
    char text[2 * TC_MAX_DEPTH + 3];
    tc_diag_init(&d);
    assert_int_equal(tc_json_read(TC_STR("[1,2]"), 4, 0, &j, &d), TC_E_LIMIT);
    for (size_t n = TC_MAX_DEPTH; n <= TC_MAX_DEPTH + 1; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);
        tc_err e = tc_json_read(tc_str_view(text, 2 * n), sizeof text, 0, &j, &d);
        assert_int_equal(e, n == TC_MAX_DEPTH ? TC_OK : TC_E_LIMIT);
        tc_json_fini(&j);
    }
    /* A gigabyte of '[' never reaches the parser: the scan stops at the limit. */
    memset(text, '[', sizeof text);
    assert_int_equal(tc_json_depth(tc_str_view(text, TC_MAX_DEPTH + 1), TC_MAX_DEPTH),
                     TC_MAX_DEPTH + 1);
}

/* The slow, obvious twin of the block scan. */
static unsigned depth_slowly(const char *p, size_t n, unsigned limit)
{
    unsigned depth = 0, deepest = 0;
    bool in = false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\')
            i += i + 1 < n && (p[i + 1] == '"' || p[i + 1] == '\\');
        else if (p[i] == '"')
            in = !in;
        else if (!in && (p[i] == '[' || p[i] == '{')) {
            if (++depth > deepest)
                deepest = depth;
            if (depth > limit)
                return deepest;
        } else if (!in && (p[i] == ']' || p[i] == '}'))
            depth -= depth > 0;
    }
    return deepest;
}

static void depth_agrees_with_its_twin(void **state)
{
    (void)state;
    static const char letters[] = "[[{{]}\"\\a ";
    char text[400];
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)round % sizeof text;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = letters[(seed >> 24) % (sizeof letters - 1)];
        }
        unsigned limit = (seed >> 8) % 2 ? 5 : 1000;
        assert_int_equal(tc_json_depth(tc_str_view(text, n), limit), depth_slowly(text, n, limit));
    }
}

static void keeps_digits_when_raw(void **state)
{
    (void)state;
    struct tc_json j = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_json_read(TC_STR("[1.10, 123456789012345678901234567890]"), 100,
                                  TC_JSON_RAW_NUMBERS, &j, &d),
                     TC_OK);
    yyjson_val *v = yyjson_arr_get(j.root, 1);
    assert_true(yyjson_is_raw(v));
    assert_int_equal(yyjson_get_len(v), 30);
    assert_memory_equal(yyjson_get_raw(yyjson_arr_get(j.root, 0)), "1.10", 4);
    tc_json_fini(&j);
}

static void reader_reads_again_and_again(void **state)
{
    (void)state;
    struct tc_json_reader *r = tc_json_reader_new();
    struct tc_diag d;
    struct tc_buf b;
    yyjson_val *root;
    tc_diag_init(&d);
    tc_buf_init(&b, 8 << 20);
    assert_non_null(r);
    for (int i = 0; i < 200; i++) {
        tc_buf_clear(&b);
        tc_buf_cstr(&b, "[");
        for (int k = 0; k < (i % 50 == 49 ? 100000 : i); k++)
            tc_buf_fmt(&b, "{\"k\":%d},", k);
        tc_buf_cstr(&b, "\"end\"]");
        assert_int_equal(tc_json_reader_read(r, tc_buf_view(&b), 8 << 20, 0, &root, &d), TC_OK);
        assert_string_equal(yyjson_get_str(yyjson_arr_get_last(root)), "end");
        assert_int_equal(tc_json_reader_read(r, TC_STR("[1"), 100, 0, &root, &d), TC_E_SYNTAX);
    }
    tc_buf_fini(&b);
    tc_json_reader_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_members),
        cmocka_unit_test(says_where),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(refuses_repeated_names),
        cmocka_unit_test(bounds_size_and_depth),
        cmocka_unit_test(depth_agrees_with_its_twin),
        cmocka_unit_test(keeps_digits_when_raw),
        cmocka_unit_test(reader_reads_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
