/* SPDX-License-Identifier: Apache-2.0 */
/* The quick forms against what reads the values properly. */
#include "model/fast.h"

#include "base/id.h"
#include "base/time.h"
#include "pattern/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static uint32_t seed = 7;

static unsigned draw(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Changes up to three characters into ones that are likely to matter. */
static size_t spoil(char *p, size_t n)
{
    static const char letters[] = "0123456789abcfgzAFGZ-:TZ. /@`{";
    for (unsigned k = draw(4); k; k--)
        p[draw((unsigned)n)] = letters[draw(sizeof letters - 1)];
    return draw(10) == 0 ? n - 1 : n;
}

static void times_agree(void **state)
{
    (void)state;
    unsigned fast = 0;
    for (int i = 0; i < 300000; i++) {
        char text[64];
        tc_time t;
        int n =
            snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u",
                     draw(3) ? 2026 : draw(9999), draw(14), draw(33), draw(25), draw(61), draw(62));
        n += snprintf(text + n, sizeof text - (size_t)n, "%sZ",
                      draw(2)   ? ".000"
                      : draw(2) ? ""
                                : ".123456");
        struct tc_str s = tc_str_view(text, spoil(text, (size_t)n));
        bool yes = tc_fast_time(s);
        fast += yes;
        if (yes && tc_time_parse_z(s, &t))
            fail_msg("taken for a time: %.*s", TC_FMT(s));
    }
    assert_true(fast > 1000);
    assert_true(tc_fast_time(TC_STR("2026-11-21T14:05:59.000Z")));
    assert_true(tc_fast_time(TC_STR("2026-11-21T14:05:59Z")));
    assert_false(tc_fast_time(TC_STR("2026-11-21T14:05:59.Z")));
}

static void ids_agree(void **state)
{
    (void)state;
    static const char *const types[] = {"url",
                                        "tool",
                                        "marking-definition",
                                        "x-a-long-type-name-here",
                                        "ipv4-addr",
                                        "exactly-sixteen0",
                                        "exactly-seventeen"};
    unsigned good = 0;
    for (int i = 0; i < 300000; i++) {
        char text[TC_ID_MAX];
        struct tc_uuid u = tc_uuid_v4();
        struct tc_str type = {0}, slow_type = {0};
        tc_id_make(tc_str_cstr(types[draw(7)]), &u, text);
        size_t n = strlen(text);
        struct tc_str s = tc_str_view(text, spoil(text, n));
        bool fast = tc_fast_id(s, &type), slow = !tc_id_split(s, &slow_type, &u);
        if (fast != slow || (fast && !tc_str_eq(type, slow_type)))
            fail_msg("%d, not %d: %.*s", fast, slow, TC_FMT(s));
        good += fast;
        if (fast)
            assert_int_equal(tc_fast_id_version(s), tc_uuid_version(&u));
    }
    assert_true(good > 50000);
}

static void patterns_agree(void **state)
{
    (void)state;
    static const char *const seeds[] = {"[url:value = 'http://a']", "[file:name='x']",
                                        "[ipv4-addr:value = '192.0.2.1']"};
    struct tc_arena *a = tc_arena_new(1 << 20);
    unsigned good = 0;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        struct tc_str type, property;
        struct tc_pattern p;
        struct tc_diag d;
        (void)snprintf(text, sizeof text, "%s", seeds[draw(3)]);
        static const char letters[] = "a1:=' []\\.-_A\n";
        for (unsigned k = draw(3); k; k--)
            text[draw((unsigned)strlen(text))] = letters[draw(sizeof letters - 1)];
        struct tc_str s = tc_str_cstr(text);
        tc_diag_init(&d);
        if (!tc_fast_pattern(s, &type, &property))
            continue;
        good++;
        /* The checker asks only for types and properties that a pack knows. */
        bool known =
            tc_str_is(type, "url") || tc_str_is(type, "file") || tc_str_is(type, "ipv4-addr");
        known = known && (tc_str_is(property, "value") || tc_str_is(property, "name"));
        if (known && tc_pattern_parse(s, a, &p, &d))
            fail_msg("taken for a pattern: %s: %s", text, d.message);
        tc_arena_reset(a);
    }
    assert_true(good > 10000);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_agree),
        cmocka_unit_test(ids_agree),
        cmocka_unit_test(patterns_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
