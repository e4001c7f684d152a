/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *line(uint64_t done, uint64_t total, const char *unit, double s, int columns)
{
    static char out[256];
    struct tc_progress p = {.what = "import", .unit = unit, .done = done, .total = total};
    tc_progress_format(&p, (int64_t)(s * (double)TC_SECOND), columns, out, sizeof out);
    return out;
}

static void known_total(void **state)
{
    (void)state;
    assert_string_equal(line(50, 200, "objects", 5, 120),
                        "import [#####...............]  25%  50 objects  10 objects/s  15 s left");
    assert_string_equal(line(200, 200, "objects", 10, 120),
                        "import [####################] 100%  200 objects  20 objects/s  0 s left");
    assert_string_equal(line(0, 200, "objects", 0, 120),
                        "import [....................]   0%  0 objects  0 objects/s  ");
    assert_string_equal(line(300, 200, "B", 1, 120),
                        "import [####################] 100%  0.0 MB  0.0 MB/s  0 s left");
}

static void unknown_total(void **state)
{
    (void)state;
    assert_string_equal(line(25000000, 0, "B", 10, 120), "import  25.0 MB  2.5 MB/s");
    assert_string_equal(line(UINT64_MAX, 0, "objects", 1, 24), "import  18446744073709.");
}

static void silent_without_a_terminal(void **state)
{
    (void)state;
    struct tc_progress p;
    assert_int_equal(unsetenv("TERM"), 0);
    tc_progress_start(&p, "import", "objects", 10);
    assert_false(p.on);
    tc_progress_at(&p, 5);
    tc_progress_end(&p);
    assert_int_equal(p.done, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_total),
        cmocka_unit_test(unknown_total),
        cmocka_unit_test(silent_without_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
