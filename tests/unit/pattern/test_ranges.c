/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of intervals beside a plain list; and that a number meets only the patterns whose range
 * it lies in. */
#include "codec/json.h"
#include "pattern/set.h"
#include "rand.h"

#include "pattern/ranges.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 400

struct plain {
    int64_t lo, hi;
    uint32_t at;
    bool there;
};

static tc_err mark(void *arg, uint32_t tag)
{
    unsigned *seen = arg;
    seen[tag]++;
    return TC_OK;
}

static void compare(const struct tc_ranges *r, const struct plain *v, int64_t x)
{
    unsigned seen[MANY] = {0};
    assert_int_equal(tc_ranges_holding(r, x, mark, seen), TC_OK);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(seen[i], v[i].there && v[i].lo <= x && x <= v[i].hi);
}

static void test_twin(void **state)
{
    static struct plain v[MANY];
    struct tc_ranges *r = tc_ranges_new();
    uint64_t seed = test_seed();
    (void)state;
    assert_non_null(r);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned i = (unsigned)(test_rand(&seed) % MANY);
        int64_t a = (int64_t)(test_rand(&seed) % 100), b = (int64_t)(test_rand(&seed) % 100);
        if (v[i].there) {
            tc_ranges_remove(r, v[i].at);
            v[i].there = false;
        } else {
            v[i] = (struct plain){a < b ? a : b, a < b ? b : a, 0, true};
            v[i].lo = test_rand(&seed) % 5 ? v[i].lo : INT64_MIN;
            v[i].hi = test_rand(&seed) % 5 ? v[i].hi : INT64_MAX;
            assert_int_equal(tc_ranges_add(r, v[i].lo, v[i].hi, i, &v[i].at), TC_OK);
        }
        if (round % 10 == 0)
            compare(r, v, (int64_t)(test_rand(&seed) % 102) - 1);
    }
    compare(r, v, INT64_MIN);
    compare(r, v, INT64_MAX);
    tc_ranges_free(r);
}

static tc_err counted(void *arg, uint32_t tag)
{
    (void)tag;
    ++*(unsigned *)arg;
    return *(unsigned *)arg == 3 ? TC_E_COUNT : TC_OK;
}

/* In order: the tree must not become a list. And an answer can be ended. */
static void test_deep(void **state)
{
    struct tc_ranges *r = tc_ranges_new();
    uint32_t at[4000];
    unsigned n = 0;
    (void)state;
    for (uint32_t i = 0; i < 4000; i++)
        assert_int_equal(tc_ranges_add(r, i, INT64_MAX, i, &at[i]), TC_OK);
    assert_int_equal(tc_ranges_holding(r, 3999, counted, &n), TC_E_COUNT);
    assert_int_equal(n, 3);
    for (uint32_t i = 0; i < 4000; i++)
        tc_ranges_remove(r, at[i]);
    assert_int_equal(tc_ranges_count(r), 0);
    assert_int_equal(tc_ranges_holding(r, 5, counted, &n), TC_OK);
    tc_ranges_free(r);
}

static void test_ordinate(void **state)
{
    static const double v[] = {-INFINITY, -1e300, -1.5, -1, -1e-300, 0, 1e-300, 1, 1.5, 1e300};
    (void)state;
    for (size_t i = 0; i + 1 < sizeof v / sizeof *v; i++)
        assert_true(tc_ranges_ordinate(v[i]) < tc_ranges_ordinate(v[i + 1]));
    assert_int_equal(tc_ranges_ordinate(-0.0), tc_ranges_ordinate(0.0));
    assert_int_equal(tc_ranges_ordinate(nextafter(1, 2)), tc_ranges_ordinate(1) + 1);
    assert_int_equal(tc_ranges_ordinate(nextafter(-1, -2)), tc_ranges_ordinate(-1) - 1);
}

static tc_err matched(void *arg, const struct tc_set_match *m)
{
    (void)m;
    ++*(uint64_t *)arg;
    return TC_OK;
}

static uint64_t feed(struct tc_set *s, const char *text)
{
    struct tc_observations *reader = tc_observations_new();
    struct tc_json j;
    const struct tc_observation *v;
    size_t n = 0;
    uint64_t matches = 0;
    assert_int_equal(tc_json_read(tc_str_cstr(text), TC_MAX_OBJECT, 0, &j, NULL), TC_OK);
    assert_int_equal(tc_observations_read(reader, j.root, &v, &n, NULL), TC_OK);
    assert_int_equal(tc_set_feed(s, v, n, matched, &matches), TC_OK);
    tc_json_fini(&j);
    tc_observations_free(reader);
    return matches;
}

#define SEEN(property, value)                                                                      \
    "{\"type\":\"observed-data\",\"id\":\"o\",\"first_observed\":\"2026-01-01T00:00:00Z\","        \
    "\"last_observed\":\"2026-01-01T00:00:00Z\",\"number_observed\":1,\"objects\":{\"0\":{"        \
    "\"type\":"                                                                                    \
    "\"t\",\"" property "\":" value "}}}"

/* 50,000 ranges, of which a number lies in few: they count as patterns with a literal, and the
 * number of regular expressions that are tried says that no others were looked at. */
static void test_only_those(void **state)
{
    struct tc_set *s = tc_set_new(NULL);
    char text[200], id[20];
    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        (void)snprintf(text, sizeof text, "[t:n > %u AND t:n <= %u AND t:s != 'x']", i * 10,
                       i * 10 + 10);
        (void)snprintf(id, sizeof id, "%u", i);
        assert_int_equal(tc_set_add(s, tc_str_cstr(id), tc_str_cstr(text), NULL, NULL), TC_OK);
    }
    assert_int_equal(tc_set_counts(s).residual, 0);
    assert_int_equal(feed(s, SEEN("s", "\"y\",\"n\":12345")), 1);
    assert_int_equal(feed(s, SEEN("s", "\"y\",\"n\":12350.5")), 1);
    assert_int_equal(feed(s, SEEN("s", "\"y\",\"n\":\"12345\"")), 0);
    assert_int_equal(feed(s, SEEN("s", "\"x\",\"n\":12345")), 0);
    assert_int_equal(feed(s, SEEN("s", "\"y\",\"n\":-3")), 0);
    /* one-sided and not decided by it alone: counted with those without a literal */
    assert_int_equal(tc_set_add(s, TC_STR("wide"), TC_STR("[t:n > 3 AND t:s != 'x']"), NULL, NULL),
                     TC_OK);
    assert_int_equal(tc_set_counts(s).residual, 1);
    assert_int_equal(tc_set_add(s, TC_STR("alone"), TC_STR("[t:n > 3]"), NULL, NULL), TC_OK);
    assert_int_equal(tc_set_counts(s).residual, 1);
    tc_set_free(s);
}

static void test_bounds(void **state)
{
    static const struct {
        const char *pattern, *seen;
        uint64_t matches;
    } v[] = {
        {"[t:n < 3]", SEEN("n", "3"), 0},
        {"[t:n < 3]", SEEN("n", "2.9999999999999996"), 1},
        {"[t:n > 3]", SEEN("n", "3.0000000000000004"), 1},
        {"[t:n <= 3]", SEEN("n", "3.0"), 1},
        {"[t:n > -0.0]", SEEN("n", "0"), 0},
        {"[t:n >= 0]", SEEN("n", "-0.0"), 1},
        {"[t:n > 9007199254740992]", SEEN("n", "9007199254740993"), 1},
        {"[t:n < 9007199254740993]", SEEN("n", "9007199254740992"), 1},
        {"[t:n < 9007199254740993]", SEEN("n", "9007199254740993"), 0},
        {"[t:n > 9223372036854775806]", SEEN("n", "18446744073709551615"), 1},
        {"[t:n > 5 AND t:n < 3]", SEEN("n", "4"), 0},
        {"[t:n[*] > 5 AND t:n[*] < 3]", SEEN("n", "[1,9]"), 1}, /* different values will do */
        {"[t:n > 1 AND t:n > 2 AND t:n < 9 AND t:n < 8]", SEEN("n", "3"), 1},
        {"[t:w < t'2026-01-01T00:00:00.000001Z']", SEEN("w", "\"2026-01-01T00:00:00Z\""), 1},
        {"[t:w < t'2026-01-01T00:00:00Z']", SEEN("w", "\"2026-01-01T00:00:00Z\""), 0},
        {"[t:w >= t'2026-01-01T00:00:00Z']", SEEN("w", "\"2026-01-01T00:00:00Z\""), 1},
        {"[t:w >= t'2026-01-01T00:00:00Z']", SEEN("w", "5"), 0},
        {"[NOT t:n > 3]", SEEN("n", "4"), 0},
        {"[t:n NOT > 3]", SEEN("n", "2"), 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        struct tc_set *s = tc_set_new(NULL);
        if (tc_set_add(s, TC_STR("p"), tc_str_cstr(v[i].pattern), NULL, NULL) == TC_OK &&
            feed(s, v[i].seen) != v[i].matches)
            fail_msg("%s on %s", v[i].pattern, v[i].seen);
        tc_set_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twin),     cmocka_unit_test(test_deep),
        cmocka_unit_test(test_ordinate), cmocka_unit_test(test_only_those),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
