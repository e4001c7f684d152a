/* SPDX-License-Identifier: Apache-2.0 */
/* Time at a scale that the twin cannot do: windows of thousands, expiry, late arrival, bounds. */
#include "base/arena.h"
#include "pattern/parse.h"
#include "pattern/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct stream {
    struct tc_when *w;
    struct tc_seen_id *id;
    size_t n; /* of the last match */
};

static struct stream open_stream(const char *pattern)
{
    struct tc_arena *a = tc_arena_new(1 << 20);
    struct tc_pattern p;
    struct tc_diag d;
    struct stream s = {.id = tc_seen_id_new(TC_STR("o"))};
    assert_non_null(a);
    assert_non_null(s.id);
    tc_diag_init(&d);
    assert_int_equal(tc_pattern_parse(tc_str_cstr(pattern), a, &p, &d), TC_OK);
    assert_int_equal(tc_when_new(&p, &s.w, &d), TC_OK);
    tc_arena_free(a);
    return s;
}

static void close_stream(struct stream *s)
{
    tc_when_free(s->w);
    assert_int_equal(s->id->refs, 1);
    tc_seen_id_unref(s->id);
}

/* The k-th [...] sees something at t seconds. */
static enum tc_when_verdict see(struct stream *s, unsigned k, int64_t t)
{
    struct tc_seen_id *const *ids;
    enum tc_when_verdict v;
    uint64_t parts = tc_when_part(s->w, k, t * TC_SECOND, t * TC_SECOND);
    const struct tc_when_event x = {
        .first = t * TC_SECOND, .last = t * TC_SECOND, .number = 1, .parts = parts, .id = s->id};
    assert_int_equal(tc_when_feed(s->w, &x, TC_WHEN_LATE, &v, &ids, &s->n), TC_OK);
    return v;
}

static void repeats_of_a_thousand(void **state)
{
    (void)state;
    struct stream s = open_stream("[t:k = 1] REPEATS 1000 TIMES WITHIN 999 SECONDS");
    for (int64_t t = 0; t < 5000; t++) {
        assert_int_equal(see(&s, 0, t), t >= 999 ? TC_WHEN_YES : TC_WHEN_NO);
        if (t >= 999)
            assert_int_equal(s.n, 1000);
    }
    assert_true(tc_when_counts(s.w).seen < 3000); /* window and lateness, and a third more */
    close_stream(&s);
}

static void order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    struct stream s = open_stream("([t:k = 1] FOLLOWEDBY [t:k = 2]) WITHIN 10 SECONDS");
    assert_int_equal(see(&s, 1, 100), TC_WHEN_NO);
    assert_int_equal(see(&s, 0, 101), TC_WHEN_NO); /* after it */
    assert_int_equal(see(&s, 0, 89), TC_WHEN_NO);  /* too long before */
    assert_int_equal(see(&s, 0, 90), TC_WHEN_YES); /* came later, was before */
    assert_int_equal(s.n, 2);
    assert_int_equal(see(&s, 1, 5000), TC_WHEN_NO);
    assert_int_equal(see(&s, 0, 5001 - 11 + 1), TC_WHEN_YES);
    close_stream(&s);
}

/* Without WITHIN only the earliest on the left and the latest on the right can matter. */
static void unbounded_patterns_remember_little(void **state)
{
    (void)state;
    struct stream s = open_stream("[t:k = 1] REPEATS 2 TIMES FOLLOWEDBY [t:k = 2]");
    for (int64_t t = 0; t < 100000; t++)
        assert_int_equal(see(&s, 0, t), TC_WHEN_NO);
    assert_true(tc_when_counts(s.w).seen <= 128);
    assert_int_equal(see(&s, 1, 0), TC_WHEN_NO);
    assert_int_equal(see(&s, 1, 1), TC_WHEN_YES);
    assert_int_equal(tc_when_counts(s.w).forgotten, 0);
    close_stream(&s);
}

static void what_is_forgotten_is_counted(void **state)
{
    (void)state;
    struct stream s = open_stream("([t:k = 1] FOLLOWEDBY [t:k = 2]) WITHIN 1000000 SECONDS");
    for (int64_t t = 0; t < (int64_t)TC_WHEN_MAX_SEEN + 10; t++)
        assert_int_equal(see(&s, 0, t), TC_WHEN_NO);
    assert_true(tc_when_counts(s.w).seen <= TC_WHEN_MAX_SEEN);
    assert_true(tc_when_counts(s.w).forgotten > 0);
    close_stream(&s);
}

static void what_cannot_be_bounded_is_refused(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1 << 20);
    struct tc_pattern p;
    struct tc_diag d;
    struct tc_when *w = NULL;
    tc_diag_init(&d);
    assert_non_null(a);
    assert_int_equal(
        tc_pattern_parse(TC_STR("([a:b = 1] FOLLOWEDBY [a:b = 2]) REPEATS 1000 TIMES"), a, &p, &d),
        TC_OK);
    assert_int_equal(tc_when_new(&p, &w, &d), TC_E_LIMIT);
    assert_null(w);
    assert_int_equal(
        tc_pattern_parse(TC_STR("([a:b = 1] AND [a:b = 2]) REPEATS 1000 TIMES"), a, &p, &d), TC_OK);
    assert_int_equal(tc_when_new(&p, &w, &d), TC_OK); /* only counts: nothing to write out */
    tc_when_free(w);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(repeats_of_a_thousand),
                                       cmocka_unit_test(order_of_arrival_does_not_matter),
                                       cmocka_unit_test(unbounded_patterns_remember_little),
                                       cmocka_unit_test(what_is_forgotten_is_counted),
                                       cmocka_unit_test(what_cannot_be_bounded_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
