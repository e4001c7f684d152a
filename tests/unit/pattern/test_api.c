/* SPDX-License-Identifier: Apache-2.0 */
#include "tocsin/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct heard {
    int times, stop_at;
    char pattern[64];
    size_t n;
};

static int told(void *arg, const char *pattern, const char *const *observations, size_t n)
{
    struct heard *h = arg;
    (void)snprintf(h->pattern, sizeof h->pattern, "%s", pattern);
    h->n = n;
    assert_non_null(observations[n - 1]);
    return ++h->times == h->stop_at;
}

#define SEEN(id)                                                                                   \
    "{\"type\":\"observed-data\",\"id\":\"" id "\",\"first_observed\":\"2026-01-01T00:00:00Z\","   \
    "\"last_observed\":\"2026-01-01T00:00:00Z\",\"number_observed\":1,"                            \
    "\"objects\":{\"0\":{\"type\":\"t\",\"k\":1}}}"

static int feed(tc_patterns *p, const char *json, struct heard *h, char *why)
{
    return tc_pattern_feed(p, json, strlen(json), told, h, why, 400);
}

static void patterns_come_and_go(void **state)
{
    (void)state;
    struct heard h = {0};
    char why[400] = "";
    tc_patterns *p = tc_patterns_new();
    assert_non_null(p);
    assert_int_equal(tc_pattern_compile(p, "a", "[t:k = 1]", why, sizeof why), TC_PATTERN_OK);
    assert_int_equal(tc_pattern_compile(p, "a", "[t:k = 2]", why, sizeof why), TC_PATTERN_CONFLICT);
    assert_int_equal(feed(p, "[" SEEN("o1") "," SEEN("o2") "]", &h, why), TC_PATTERN_OK);
    assert_int_equal(h.times, 2);
    assert_string_equal(h.pattern, "a");
    assert_int_equal(h.n, 1);
    assert_int_equal(tc_pattern_remove(p, "a"), 1);
    assert_int_equal(tc_pattern_remove(p, "a"), 0);
    assert_int_equal(feed(p, SEEN("o3"), &h, why), TC_PATTERN_OK);
    assert_int_equal(h.times, 2);
    tc_patterns_free(p);
}

struct parted {
    tc_patterns *p;
    int times;
    char value[32];
};

static int told_of_value(void *arg, const char *pattern, const char *const *observations, size_t n)
{
    struct parted *x = arg;
    (void)pattern;
    (void)observations;
    assert_int_equal(n, 2);
    x->times++;
    assert_non_null(tc_pattern_value(x->p));
    (void)snprintf(x->value, sizeof x->value, "%s", tc_pattern_value(x->p));
    return 0;
}

static void a_value_is_shared(void **state)
{
    (void)state;
    static const char more[] =
        "[" SEEN("o1") ",{\"type\":\"observed-data\",\"id\":\"o2\","
                       "\"first_observed\":\"2026-01-01T00:00:00Z\","
                       "\"last_observed\":\"2026-01-01T00:00:00Z\",\"number_observed\":1,"
                       "\"objects\":{\"0\":{\"type\":\"t\",\"k\":2}}}," SEEN("o3") "]";
    char why[400] = "";
    struct parted x = {.p = tc_patterns_new()};
    assert_non_null(x.p);
    assert_int_equal(tc_pattern_compile_per(x.p, "a", "[t:k > 0] REPEATS 2 TIMES", "t:k", why, 400),
                     TC_PATTERN_OK);
    assert_int_equal(tc_pattern_compile_per(x.p, "b", "[t:k > 0]", "k", why, 400),
                     TC_PATTERN_SYNTAX);
    assert_non_null(strstr(why, "per: "));
    assert_int_equal(tc_pattern_feed(x.p, more, strlen(more), told_of_value, &x, why, sizeof why),
                     TC_PATTERN_OK);
    assert_int_equal(x.times, 1);
    assert_string_equal(x.value, "1");
    assert_null(tc_pattern_value(x.p));
    tc_patterns_free(x.p);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    struct heard h = {.stop_at = 1};
    char why[400] = "";
    tc_patterns *p = tc_patterns_new();
    assert_non_null(p);
    assert_int_equal(tc_pattern_compile(p, "a", "[t:k = ]", why, sizeof why), TC_PATTERN_SYNTAX);
    assert_non_null(strstr(why, "1:8"));
    assert_int_equal(tc_pattern_compile(p, "a", "[t:k MATCHES '(']", why, sizeof why),
                     TC_PATTERN_INVALID);
    assert_int_equal(tc_pattern_compile(p, "a", "[t:k = 1]", NULL, 0), TC_PATTERN_OK);
    assert_int_equal(feed(p, "{", &h, why), TC_PATTERN_SYNTAX);
    assert_int_equal(feed(p, "{\"type\":\"observed-data\"}", &h, why), TC_PATTERN_INVALID);
    assert_int_equal(feed(p, "[" SEEN("o1") "," SEEN("o2") "]", &h, why), TC_PATTERN_STOPPED);
    assert_int_equal(h.times, 1);
    tc_patterns_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(patterns_come_and_go),
                                       cmocka_unit_test(a_value_is_shared),
                                       cmocka_unit_test(what_is_wrong_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
