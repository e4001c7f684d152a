/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/cursor.h"
#include "rand.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Decodes the obvious way: length from the first byte, value, then the rules of RFC 3629. */
static bool slow_utf8(const unsigned char *p, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < n;) {
        size_t len = p[i] < 0x80             ? 1
                     : (p[i] & 0xe0) == 0xc0 ? 2
                     : (p[i] & 0xf0) == 0xe0 ? 3
                     : (p[i] & 0xf8) == 0xf0 ? 4
                                             : 0;
        if (len == 0 || i + len > n)
            return false;
        uint32_t v = len == 1 ? p[i] : p[i] & (0x7fu >> len);
        for (size_t j = 1; j < len; j++) {
            if ((p[i + j] & 0xc0) != 0x80)
                return false;
            v = v << 6 | (p[i + j] & 0x3f);
        }
        if ((len > 1 && v < least[len]) || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
            return false;
        i += len;
    }
    return true;
}

static void utf8_against_the_twin(void **state)
{
    (void)state;
    /* bytes at which the table of well-formed sequences changes its mind */
    static const unsigned char edge[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                         0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                         0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
    enum { E = sizeof edge };
    unsigned char b[4];
    for (size_t n = 0; n <= 4; n++) {
        size_t all = 1;
        for (size_t i = 0; i < n; i++)
            all *= E;
        for (size_t k = 0; k < all; k++) {
            size_t rest = k;
            for (size_t i = 0; i < n; i++, rest /= E)
                b[i] = edge[rest % E];
            if (tc_str_utf8(tc_str_view((const char *)b, n)) != slow_utf8(b, n))
                fail_msg("%02x %02x %02x %02x (%zu)", b[0], b[1], b[2], b[3], n);
        }
    }
}

static void shown_text_is_harmless(void **state)
{
    (void)state;
    uint64_t r = test_seed();
    static const unsigned char some[] = {'a',  0x1b, '\n', 0x7f, 0xc2, 0x9b, 0xe2, 0x80,
                                         0xae, 0xf0, 0x9f, 0x94, 0x94, 0xff, 0x81, 0xa7};
    for (int i = 0; i < 200000; i++) {
        char in[24], out[24];
        size_t n = test_rand(&r) % sizeof in, size = 1 + test_rand(&r) % sizeof out;
        for (size_t j = 0; j < n; j++)
            in[j] = (char)some[test_rand(&r) % sizeof some];
        size_t len = tc_str_show(tc_str_view(in, n), out, size);
        struct tc_str s = tc_str_view(out, len);
        assert_true(len < size && out[len] == '\0' && strlen(out) == len);
        assert_true(tc_str_utf8(s));
        assert_true(tc_str_find(s, TC_STR("\x1b")) == SIZE_MAX);
        assert_true(tc_str_find(s, TC_STR("\n")) == SIZE_MAX);
        assert_true(tc_str_find(s, TC_STR("\xc2\x9b")) == SIZE_MAX);
        assert_true(tc_str_find(s, TC_STR("\xe2\x80\xae")) == SIZE_MAX);
    }
    char out[8];
    assert_int_equal(tc_str_show(TC_STR("1234567"), out, sizeof out), 7);
    assert_string_equal(out, "1234567");
    (void)tc_str_show(TC_STR("12345678"), out, sizeof out);
    assert_string_equal(out, "1234...");
    (void)tc_str_show(TC_STR("123\xe2\x82\xac 45"), out, sizeof out);
    assert_string_equal(out, "123...");
    (void)tc_str_show(TC_STR("abc"), out, 1);
    assert_string_equal(out, "");
    assert_int_equal(tc_str_show(TC_STR("abc"), out, 0), 0);
}

static void views(void **state)
{
    (void)state;
    assert_true(tc_str_cmp(TC_STR("a"), TC_STR("b")) < 0);
    assert_true(tc_str_cmp(TC_STR("ab"), TC_STR("a")) > 0);
    assert_true(tc_str_cmp(TC_STR(""), tc_str_view(NULL, 0)) == 0);
    assert_true(tc_str_cmp(TC_STR("\xff"), TC_STR("a")) > 0);
    assert_true(tc_str_starts(TC_STR("abc"), TC_STR("ab")));
    assert_false(tc_str_starts(TC_STR("a"), TC_STR("ab")));
    assert_true(tc_str_ends(TC_STR("abc"), TC_STR("bc")));
    assert_true(tc_str_ends(TC_STR(""), TC_STR("")));
    assert_true(tc_str_eq_nocase(TC_STR("TLP:Amber"), TC_STR("tlp:AMBER")));
    assert_false(tc_str_eq_nocase(TC_STR("[a"), TC_STR("{A")));
    assert_true(tc_str_is(tc_str_trim(TC_STR(" \t a b\r\n\v")), "a b"));
    assert_int_equal(tc_str_trim(TC_STR(" \n")).n, 0);
    assert_int_equal(tc_str_find(TC_STR("aab"), TC_STR("ab")), 1);
    assert_true(tc_str_find(TC_STR("ab"), TC_STR("abc")) == SIZE_MAX);
    assert_int_equal(tc_str_find(TC_STR("ab"), TC_STR("")), 0);
    char z[4];
    assert_true(tc_str_copy(TC_STR("abc"), z, 4));
    assert_false(tc_str_copy(TC_STR("abcd"), z, 4));
    assert_string_equal(z, "abc");
    assert_false(tc_str_copy(TC_STR(""), z, 0));
}

static void buffer_maximum(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 10);
    tc_buf_cstr(&b, "12345");
    tc_buf_str(&b, TC_STR("67890"));
    assert_int_equal(b.err, TC_OK);
    assert_int_equal(b.n, 10);
    tc_buf_add(&b, "", 0); /* nothing fits into nothing */
    assert_int_equal(b.err, TC_OK);
    tc_buf_char(&b, 'x');
    assert_int_equal(b.err, TC_E_LIMIT);
    assert_int_equal(b.n, 10);
    tc_buf_clear(&b);
    tc_buf_fmt(&b, "%d", 123456789); /* with its NUL exactly ten */
    assert_int_equal(b.err, TC_OK);
    assert_string_equal(tc_buf_z(&b), "123456789");
    tc_buf_clear(&b);
    tc_buf_fmt(&b, "%s", "0123456789");
    assert_int_equal(b.err, TC_E_LIMIT);
    assert_string_equal(tc_buf_z(&b), "");
    tc_buf_fini(&b);
    tc_buf_init(&b, SIZE_MAX);
    tc_buf_char(&b, 'x');
    assert_null(tc_buf_room(&b, SIZE_MAX));
    assert_int_equal(b.err, TC_E_LIMIT);
    tc_buf_fini(&b);
    tc_buf_init(&b, 0);
    tc_buf_char(&b, 'x');
    assert_int_equal(b.err, TC_E_LIMIT);
    tc_buf_fini(&b);
}

static void buffer_grows(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    for (uint64_t i = 0; i < 20000; i++)
        tc_buf_u64(&b, i % 10);
    assert_int_equal(b.n, 20000);
    for (size_t i = 0; i < b.n; i++)
        assert_int_equal(b.p[i], '0' + (int)(i % 10));
    assert_true(b.cap <= b.max);
    tc_buf_clear(&b);
    tc_buf_u64(&b, UINT64_MAX);
    assert_string_equal(tc_buf_z(&b), "18446744073709551615");
    tc_buf_fini(&b);
}

static void cursor_reads(void **state)
{
    (void)state;
    struct tc_cursor c =
        tc_cursor_over(TC_STR("\x01\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x80"
                              "end"));
    assert_int_equal(tc_cursor_u8(&c), 1);
    assert_int_equal(tc_cursor_u32(&c), 2);
    assert_true(tc_cursor_u64(&c) == 0x8000000000000003u);
    assert_true(tc_str_is(tc_cursor_bytes(&c, 3), "end"));
    assert_int_equal(tc_cursor_end(&c), TC_OK);
    assert_int_equal(tc_cursor_u8(&c), 0);
    assert_int_equal(tc_cursor_end(&c), TC_E_SYNTAX);
    c = tc_cursor_over(TC_STR("abc"));
    assert_int_equal(tc_cursor_u32(&c), 0);
    assert_int_equal(tc_cursor_left(&c), 3);
    assert_int_equal(tc_cursor_u8(&c), 0); /* the error is sticky: nothing is read after it */
    c = tc_cursor_over(TC_STR("abc"));
    assert_int_equal(tc_cursor_end(&c), TC_E_SYNTAX);
}

static void cursor_lines(void **state)
{
    (void)state;
    static const char *const want[] = {"one", "", "two\rx", "three"};
    struct tc_cursor c = tc_cursor_over(TC_STR("one\r\n\ntwo\rx\nthree"));
    struct tc_str line;
    for (size_t i = 0; i < 4; i++) {
        assert_true(tc_cursor_line(&c, &line));
        assert_true(tc_str_is(line, want[i]));
    }
    assert_false(tc_cursor_line(&c, &line));
    assert_int_equal(tc_cursor_end(&c), TC_OK);
    c = tc_cursor_over(tc_str_view(NULL, 0));
    assert_false(tc_cursor_line(&c, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_against_the_twin),
        cmocka_unit_test(shown_text_is_harmless),
        cmocka_unit_test(views),
        cmocka_unit_test(buffer_maximum),
        cmocka_unit_test(buffer_grows),
        cmocka_unit_test(cursor_reads),
        cmocka_unit_test(cursor_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
