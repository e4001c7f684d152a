/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static const char *shown(const struct tc_diag *d)
{
    static char out[1200];
    tc_diag_format(d, out, sizeof out);
    return out;
}

static void parts_that_are_there(void **state)
{
    (void)state;
    struct tc_diag d;
    tc_diag_init(&d);
    d.code = TC_E_LIMIT;
    assert_string_equal(shown(&d), "input is over a limit");
    assert_int_equal(tc_diag_set(&d, TC_E_INVALID, "%s must be after %s", "until", "from"),
                     TC_E_INVALID);
    assert_string_equal(shown(&d), "until must be after from");
    tc_diag_file(&d, "report.json");
    assert_string_equal(shown(&d), "report.json: until must be after from");
    tc_diag_at(&d, 0, 0, 99);
    assert_string_equal(shown(&d), "report.json: byte 99: until must be after from");
    tc_diag_at(&d, 12, 0, 99);
    assert_string_equal(shown(&d), "report.json:12: until must be after from");
    tc_diag_at(&d, 12, 5, 99);
    tc_diag_object(&d, "incident--1", 11);
    tc_diag_path(&d, "labels[2]", 9);
    assert_string_equal(shown(&d),
                        "report.json:12:5: incident--1: labels[2]: until must be after from");
    d.file[0] = '\0';
    assert_string_equal(shown(&d), "12:5: incident--1: labels[2]: until must be after from");
    tc_diag_at(&d, 0, 0, 0);
    assert_string_equal(shown(&d), "byte 0: incident--1: labels[2]: until must be after from");
}

static void long_and_hostile_text(void **state)
{
    (void)state;
    struct tc_diag d;
    char text[4000];
    memset(text, 'x', sizeof text);
    tc_diag_init(&d);
    (void)tc_diag_set(&d, TC_E_SYNTAX, "%.*s", 3999, text);
    assert_int_equal(strlen(d.message), sizeof d.message - 1);
    assert_true(tc_str_ends(tc_str_cstr(d.message), TC_STR("x...")));
    tc_diag_object(&d, text, sizeof text);
    tc_diag_path(&d, text, sizeof text);
    text[sizeof text - 1] = '\0';
    tc_diag_file(&d, text);
    assert_int_equal(strlen(d.file), sizeof d.file - 1);
    assert_true(strlen(shown(&d)) > 900);
    (void)tc_diag_set(&d, TC_E_SYNTAX, "a\x1b[31m\nb\xff");
    assert_string_equal(d.message, "a?[31m?b?");
    char tiny[5];
    tc_diag_format(&d, tiny, sizeof tiny);
    assert_string_equal(tiny, "x...");
    tc_diag_format(&d, tiny, 0);
    assert_int_equal(tc_diag_set(NULL, TC_E_IO, "nobody listens"), TC_E_IO);
    tc_diag_file(NULL, "x");
    tc_diag_at(NULL, 1, 1, 1);
}

static void every_code_has_its_row(void **state)
{
    (void)state;
    for (tc_err e = TC_OK; e < TC_E_COUNT; e++) {
        assert_true(strlen(tc_err_name(e)) > 0 && strlen(tc_err_text(e)) > 0);
        assert_in_range(tc_err_http(e), 200, 599);
        assert_in_range(tc_err_exit(e), 0, 4);
        assert_true((e == TC_OK) == (tc_err_exit(e) == 0));
    }
    assert_string_equal(tc_err_name(TC_E_COUNT), "UNKNOWN");
    assert_int_equal(tc_err_http(TC_E_COUNT), 500);
    assert_int_equal(tc_err_from_errno(ENOSPC), TC_E_FULL);
    assert_int_equal(tc_err_from_errno(EDQUOT), TC_E_FULL);
    assert_int_equal(tc_err_from_errno(EIO), TC_E_IO);
}

static void a_log_line_cannot_be_forged(void **state)
{
    (void)state;
    int ends[2], err = dup(2);
    char long_text[3000], got[4096];
    memset(long_text, 'y', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], 2);
    tc_log(TC_LOG_WARN, "from %s", "x\n2026 error forged\x1b[2J");
    tc_log(TC_LOG_DEBUG, "not at this level");
    tc_log(TC_LOG_INFO, "%s", long_text);
    dup2(err, 2);
    close(err);
    close(ends[1]);
    ssize_t n = read(ends[0], got, sizeof got);
    close(ends[0]);
    assert_true(n > 0);
    struct tc_str all = tc_str_view(got, (size_t)n);
    size_t first = tc_str_find(all, TC_STR("\n"));
    assert_true(
        tc_str_ends(tc_str_view(got, first), TC_STR(" warning from x?2026 error forged?[2J")));
    struct tc_str second = tc_str_view(got + first + 1, all.n - first - 1);
    assert_int_equal(second.n, 2047);
    assert_int_equal(tc_str_find(second, TC_STR("\n")), second.n - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_that_are_there),
        cmocka_unit_test(long_and_hostile_text),
        cmocka_unit_test(every_code_has_its_row),
        cmocka_unit_test(a_log_line_cannot_be_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
