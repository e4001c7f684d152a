/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be set up is said, and nothing is given up then. The walls themselves: walls.c. */
#include "node/confine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_missing_file(void **state)
{
    const char *const files[] = {"/tmp/tocsin-confine-none"};
    const char *missing = NULL;
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    tc_err e = tc_confine("/tmp/tocsin-confine-nowhere", NULL, 0, &missing, &d);
    if (e == TC_OK)
        skip(); /* no landlock here: nothing is opened */
    assert_int_equal(e, TC_E_NOTFOUND);
    assert_string_equal(d.message, "/tmp/tocsin-confine-nowhere: no such thing");
    assert_int_equal(tc_confine("/tmp", files, 1, &missing, &d), TC_E_NOTFOUND);
    assert_string_equal(d.message, "/tmp/tocsin-confine-none: no such thing");
    assert_int_equal(access("/etc/passwd", R_OK), 0);
}

static void test_too_many(void **state)
{
    const char *const files[TC_CONFINE_FILES + 1] = {NULL};
    const char *missing = NULL;
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    assert_int_equal(tc_confine("/tmp", files, TC_CONFINE_FILES + 1, &missing, &d), TC_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_missing_file),
                                       cmocka_unit_test(test_too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
