/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/csv.h"

#include <stdlib.h>

/* Rows as "field|field/" with '!LINE' for a row in error. */
static void expect(const char *text, size_t n, const char *want)
{
    struct tc_csv c;
    struct tc_buf got;
    struct tc_diag d;
    tc_err e;
    /* an exact copy, so that a read past the end is seen */
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    tc_buf_init(&got, 4096);
    tc_diag_init(&d);
    tc_csv_init(&c, tc_str_view(copy, n));
    while (tc_csv_next(&c, &e, &d)) {
        if (e)
            tc_buf_fmt(&got, "!%u", (unsigned)d.line);
        for (size_t i = 0; i < c.fields; i++) {
            if (i)
                tc_buf_char(&got, '|');
            tc_buf_str(&got, c.field[i]);
        }
        tc_buf_char(&got, '/');
    }
    assert_string_equal(tc_buf_z(&got), want);
    tc_csv_fini(&c);
    tc_buf_fini(&got);
    free(copy);
}

#define EXPECT(text, want) expect(text, sizeof(text) - 1, want)

static void plain(void **state)
{
    (void)state;
    EXPECT("", "");
    EXPECT("a,b\nc,d\n", "a|b/c|d/");
    EXPECT("a,b\r\nc,d", "a|b/c|d/");
    EXPECT(",\n,,\n", "|/||/");
    EXPECT("\xef\xbb\xbf"
           "a,b",
           "a|b/");
    EXPECT("\n\r\na\n\n", "a/");
    EXPECT("a\r", "a/");
    EXPECT("a\rb,c", "a\rb|c/");
}

static void quoted(void **state)
{
    (void)state;
    EXPECT("\"a\",\"\"\n", "a|/");
    EXPECT("\"a,b\",\"c\nd\"\ne", "a,b|c\nd/e/");
    EXPECT("\"say \"\"yes\"\"\",\"\"\"\",x", "say \"yes\"|\"|x/");
    EXPECT("\"a\"\r\n\"b\"\r\n", "a/b/");
}

static void malformed(void **state)
{
    (void)state;
    EXPECT("a\n\"b\nc", "a/!2/c/");
    EXPECT("a\"b,c\nd", "!1/d/");
    EXPECT("\"a\"b\nd", "!1/d/");
    EXPECT("a\n\"x\ny\"z\nq\n", "a/!3/q/");
    EXPECT("a\0b\nc", "!2/c/");
    EXPECT("a\xff\nc\n", "!2/c/");
    EXPECT("a\xff", "!1/");
}

static void limits(void **state)
{
    (void)state;
    char row[2 * TC_CSV_FIELDS + 2];
    for (size_t i = 0; i < TC_CSV_FIELDS; i++) {
        row[2 * i] = 'x';
        row[2 * i + 1] = ',';
    }
    struct tc_csv c;
    struct tc_diag d;
    tc_err e;
    tc_csv_init(&c, tc_str_view(row, 2 * TC_CSV_FIELDS - 1));
    assert_true(tc_csv_next(&c, &e, &d));
    assert_int_equal(e, TC_OK);
    assert_int_equal(c.fields, TC_CSV_FIELDS);
    tc_csv_init(&c, tc_str_view(row, 2 * TC_CSV_FIELDS));
    assert_true(tc_csv_next(&c, &e, &d));
    assert_int_equal(e, TC_E_LIMIT);
    assert_false(tc_csv_next(&c, &e, &d));
    char *big = malloc(TC_MAX_CSV_LINE + 4);
    assert_non_null(big);
    memset(big, 'x', TC_MAX_CSV_LINE + 4);
    big[TC_MAX_CSV_LINE + 1] = '\n';
    tc_csv_init(&c, tc_str_view(big, TC_MAX_CSV_LINE + 4));
    assert_true(tc_csv_next(&c, &e, &d));
    assert_int_equal(e, TC_E_LIMIT);
    assert_true(tc_csv_next(&c, &e, &d));
    assert_int_equal(e, TC_OK);
    assert_int_equal(c.field[0].n, 2);
    free(big);
}

static void writing(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 100);
    tc_csv_quote(&b, TC_STR("a b"));
    tc_buf_char(&b, ',');
    tc_csv_quote(&b, TC_STR("a,\"b\""));
    assert_string_equal(tc_buf_z(&b), "a b,\"a,\"\"b\"\"\"");
    tc_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),  cmocka_unit_test(quoted),  cmocka_unit_test(malformed),
        cmocka_unit_test(limits), cmocka_unit_test(writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
