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
                                       cmocka_unit_test(what_is_wrong_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
