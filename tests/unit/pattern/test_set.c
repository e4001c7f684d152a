/* SPDX-License-Identifier: Apache-2.0 */
/* What the random tests do not reach: bounds, reuse of ids, many patterns, references, files of
 * another kind. */
#include "codec/json.h"
#include "pattern/set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static tc_err count(void *arg, const struct tc_set_match *m)
{
    *(uint64_t *)arg += m->n;
    return TC_OK;
}

static uint64_t feed(struct tc_set *s, const char *json)
{
    struct tc_json j;
    struct tc_observations *r = tc_observations_new();
    const struct tc_observation *v;
    uint64_t matches = 0;
    size_t n;
    assert_non_null(r);
    assert_int_equal(tc_json_read(tc_str_cstr(json), TC_MAX_OBJECT, 0, &j, NULL), TC_OK);
    assert_int_equal(tc_observations_read(r, j.root, &v, &n, NULL), TC_OK);
    assert_int_equal(tc_set_feed(s, v, n, count, &matches), TC_OK);
    tc_observations_free(r);
    tc_json_fini(&j);
    return matches;
}

#define HEAD                                                                                       \
    "{\"type\":\"observed-data\",\"id\":\"o\",\"first_observed\":\"2026-01-01T00:00:00Z\","        \
    "\"last_observed\":\"2026-01-01T00:00:00Z\",\"number_observed\":1,\"objects\":"

static void thousands_come_and_go(void **state)
{
    (void)state;
    struct tc_set *s = tc_set_new(NULL);
    char id[32], pattern[80];
    uint32_t handle[5000];
    assert_non_null(s);
    for (int turn = 0; turn < 3; turn++) {
        for (unsigned i = 0; i < 5000; i++) {
            (void)snprintf(id, sizeof id, "pattern-%u", i * (turn == 1 ? 1000000 : 1));
            (void)snprintf(pattern, sizeof pattern,
                           i % 3 ? "[t:k = %u]" : "[t:k IN (%u, 'x')] REPEATS 1 TIMES", i / 2);
            tc_err e = tc_set_add(s, tc_str_cstr(id), tc_str_cstr(pattern), &handle[i], NULL);
            assert_int_equal(e, i % 3 ? TC_OK : TC_E_INVALID);
        }
        assert_int_equal(feed(s, HEAD "{\"0\":{\"type\":\"t\",\"k\":50}}}"), 2);
        for (unsigned i = 0; i < 5000; i++)
            if (i % 3)
                tc_set_remove(s, handle[i]);
        assert_int_equal(tc_set_counts(s).patterns, 0);
        assert_int_equal(tc_set_counts(s).direct, 0);
        assert_int_equal(feed(s, HEAD "{\"0\":{\"type\":\"t\",\"k\":50}}}"), 0);
    }
    tc_set_free(s);
}

static void patterns_without_literal_are_bounded(void **state)
{
    (void)state;
    struct tc_set *s = tc_set_new(NULL);
    struct tc_diag d;
    char text[64];
    uint32_t handle;
    size_t at = 0, listed = 0;
    tc_err e = TC_OK;
    unsigned n = 0;
    assert_non_null(s);
    for (; !e; n++) {
        (void)snprintf(text, sizeof text, "[t:k != %u]", n);
        tc_diag_init(&d);
        e = tc_set_add(s, tc_str_cstr(text), tc_str_cstr(text), NULL, &d);
    }
    assert_int_equal(e, TC_E_LIMIT);
    assert_int_equal(n, TC_SET_MAX_RESIDUAL + 1);
    while (tc_set_residual(s, &at, &handle))
        listed++;
    assert_int_equal(listed, TC_SET_MAX_RESIDUAL);
    assert_int_equal(feed(s, HEAD "{\"0\":{\"type\":\"t\",\"k\":7}}}"), TC_SET_MAX_RESIDUAL - 1);
    tc_set_free(s);
}

static tc_err add(struct tc_set *s, const char *text)
{
    return tc_set_add(s, tc_str_cstr(text), tc_str_cstr(text), NULL, NULL);
}

/* Eight references are followed, around a circle, too; nine are refused. */
static void references_are_bounded(void **state)
{
    (void)state;
    struct tc_set *s = tc_set_new(NULL);
    assert_non_null(s);
    assert_int_equal(add(s, "[t:a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.k = 1]"), TC_OK);
    assert_int_equal(add(s, "[t:a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.a_ref.k = 1]"),
                     TC_E_LIMIT);
    assert_int_equal(feed(s, HEAD "{\"0\":{\"type\":\"t\",\"k\":1,\"a_ref\":\"0\"}}}"), 1);
    tc_set_free(s);
}

/* A hundred references to a hundred, eight times over, end at the bound and are counted. */
static void fan_out_is_bounded(void **state)
{
    (void)state;
    struct tc_set *s = tc_set_new(NULL);
    struct tc_buf b;
    assert_non_null(s);
    tc_buf_init(&b, 1 << 20);
    assert_int_equal(add(s, "[t:a_refs[*].a_refs[*].a_refs[*].a_refs[*].a_refs[*].k = 1]"), TC_OK);
    tc_buf_cstr(&b, HEAD "{\"0\":{\"type\":\"t\",\"k\":2,\"a_refs\":[");
    for (int i = 0; i < 100; i++)
        tc_buf_cstr(&b, i ? ",\"0\"" : "\"0\"");
    tc_buf_cstr(&b, "]}}}");
    assert_int_equal(feed(s, tc_buf_z(&b)), 0);
    assert_int_equal(tc_set_counts(s).cut, 1);
    tc_buf_fini(&b);
    tc_set_free(s);
}

static void regular_expressions_give_up(void **state)
{
    (void)state;
    struct tc_set *s = tc_set_new(NULL);
    assert_non_null(s);
    assert_int_equal(add(s, "[t:k MATCHES '^(([a-z])+.)+[A-Z]([a-z])+$']"), TC_OK);
    assert_int_equal(
        feed(
            s, HEAD
            "{\"0\":{\"type\":\"t\",\"k\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}}"),
        0);
    assert_int_equal(tc_set_counts(s).regex_gave_up, 1);
    tc_set_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thousands_come_and_go),
                                       cmocka_unit_test(patterns_without_literal_are_bounded),
                                       cmocka_unit_test(references_are_bounded),
                                       cmocka_unit_test(fan_out_is_bounded),
                                       cmocka_unit_test(regular_expressions_give_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
