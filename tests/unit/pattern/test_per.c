/* SPDX-License-Identifier: Apache-2.0 */
/* States by value: what is let go, what is dropped and counted, and that one pattern with many
 * values costs itself and not the others. That the answers are right: tests/pattern/test_per.c. */
#include "pattern/per.h"

#include "base/limits.h"
#include "pattern/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct stream {
    struct tc_arena *a;
    struct tc_when *w;
    struct tc_per *p;
    struct tc_seen_id *id;
    size_t n;
};

static void open_stream(struct stream *s, struct tc_per_budget *b, const char *text)
{
    struct tc_pattern p;
    struct tc_diag d;
    tc_diag_init(&d);
    s->a = tc_arena_new(1 << 20);
    s->id = tc_seen_id_new(TC_STR("o"));
    assert_non_null(s->a);
    assert_int_equal(tc_pattern_parse(tc_str_cstr(text), s->a, &p, &d), TC_OK);
    assert_int_equal(tc_when_new(&p, &s->w, &d), TC_OK);
    assert_int_equal(tc_per_new(s->w, b, &s->p), TC_OK);
}

static void close_stream(struct stream *s)
{
    tc_per_free(s->p);
    tc_when_free(s->w);
    tc_seen_id_unref(s->id);
    tc_arena_free(s->a);
}

static bool see_by(struct stream *s, uint64_t value, int64_t t, int64_t clock)
{
    struct tc_seen_id *const *ids;
    enum tc_when_verdict v;
    const struct tc_when_event x = {.first = t * TC_SECOND,
                                    .last = t * TC_SECOND,
                                    .number = 1,
                                    .parts = 1,
                                    .id = s->id,
                                    .clock = clock * TC_SECOND};
    const struct tc_hash128 key = {value * 31, value};
    assert_int_equal(tc_per_feed(s->p, key, &x, TC_WHEN_LATE, &v, &ids, &s->n), TC_OK);
    return v == TC_WHEN_YES;
}

static bool see(struct stream *s, uint64_t value, int64_t t)
{
    return see_by(s, value, t, 0);
}

static struct tc_per_budget budget(void)
{
    return (struct tc_per_budget){.max_partitions = TC_MAX_ALL_PARTITIONS,
                                  .max_seen = TC_MAX_ALL_PARTITION_SEEN};
}

static void values_are_apart(void **state)
{
    (void)state;
    struct tc_per_budget b = budget();
    struct stream s;
    open_stream(&s, &b, "[t:k = 1] REPEATS 3 TIMES WITHIN 60 SECONDS");
    assert_false(see(&s, 1, 0));
    assert_false(see(&s, 2, 1));
    assert_false(see(&s, 1, 2));
    assert_false(see(&s, 2, 3));
    assert_true(see(&s, 1, 4));
    assert_int_equal(s.n, 3);
    assert_int_equal(tc_per_counts(s.p).partitions, 2);
    close_stream(&s);
    assert_int_equal(b.partitions + b.seen, 0);
}

/* Nothing is lost that could still matter, and what cannot is not kept. */
static void the_past_is_let_go(void **state)
{
    (void)state;
    struct tc_per_budget b = budget();
    struct stream s;
    open_stream(&s, &b, "[t:k = 1] REPEATS 2 TIMES WITHIN 60 SECONDS");
    for (uint64_t i = 0; i < 100000; i++)
        (void)see(&s, i, (int64_t)i);
    struct tc_per_counts c = tc_per_counts(s.p);
    assert_true(c.partitions < 60 + 600 + 10); /* WITHIN, and what may be late */
    assert_int_equal(c.dropped, 0);
    assert_true(see(&s, 99999 - 500, 99999 - 500 + 60)); /* late, in the bound */
    close_stream(&s);
}

/* Somebody's clock that is wrong by a year must not blind the pattern for everybody. */
static void the_future_lets_nothing_go(void **state)
{
    (void)state;
    struct tc_per_budget b = budget();
    struct stream s;
    open_stream(&s, &b, "[t:k = 1] REPEATS 2 TIMES WITHIN 60 SECONDS");
    assert_false(see_by(&s, 1, 1000, 1000));
    for (uint64_t i = 0; i < 10; i++)
        assert_false(see_by(&s, 100 + i, 1000 + 365 * 86400, 1001));
    assert_false(see_by(&s, 1, 1000 + 365 * 86400, 1001));
    assert_true(see_by(&s, 1, 1030, 1030));
    close_stream(&s);
}

static void over_the_bound_the_least_used_goes_and_is_counted(void **state)
{
    (void)state;
    struct tc_per_budget b = budget();
    struct stream s;
    open_stream(&s, &b, "[t:k = 1] REPEATS 2 TIMES");
    for (uint64_t i = 0; i < TC_MAX_PARTITIONS; i++)
        assert_false(see(&s, i, 0));
    assert_int_equal(tc_per_counts(s.p).dropped, 0);
    assert_true(see(&s, 0, 1)); /* used again: now 1 is the oldest */
    assert_false(see(&s, TC_MAX_PARTITIONS, 1));
    assert_int_equal(tc_per_counts(s.p).partitions, TC_MAX_PARTITIONS);
    assert_int_equal(tc_per_counts(s.p).dropped, 1);
    assert_false(see(&s, 1, 2)); /* forgotten */
    assert_true(see(&s, 0, 2));
    close_stream(&s);
}

static void observations_are_bounded_over_all_values(void **state)
{
    (void)state;
    struct tc_per_budget b = budget();
    struct stream s;
    open_stream(&s, &b, "[t:k = 1] FOLLOWEDBY [t:k = 2] FOLLOWEDBY [t:k = 3]");
    for (uint64_t i = 0; i < 2000; i++)
        for (int64_t k = 0; k < 200; k++)
            (void)see(&s, i, k);
    struct tc_per_counts c = tc_per_counts(s.p);
    assert_true(c.seen <= TC_MAX_PARTITION_SEEN);
    assert_int_equal(c.seen, b.seen);
    close_stream(&s);
}

static void one_that_holds_most_gives(void **state)
{
    (void)state;
    struct tc_per_budget b = {.max_partitions = 1000, .max_seen = 1u << 20};
    struct stream many, few;
    open_stream(&many, &b, "[t:k = 1] REPEATS 2 TIMES");
    open_stream(&few, &b, "[t:k = 1] REPEATS 2 TIMES");
    for (uint64_t i = 0; i < 10; i++)
        (void)see(&few, i, 0);
    for (uint64_t i = 0; i < 100000; i++)
        (void)see(&many, i, 0);
    assert_true(b.partitions <= 1000);
    assert_int_equal(tc_per_counts(few.p).partitions, 10);
    assert_int_equal(tc_per_counts(few.p).dropped, 0);
    assert_int_equal(tc_per_counts(many.p).partitions + tc_per_counts(many.p).dropped, 100000);
    close_stream(&many);
    assert_int_equal(b.partitions, 10);
    assert_true(see(&few, 3, 1));
    close_stream(&few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_apart),
        cmocka_unit_test(the_past_is_let_go),
        cmocka_unit_test(the_future_lets_nothing_go),
        cmocka_unit_test(over_the_bound_the_least_used_goes_and_is_counted),
        cmocka_unit_test(observations_are_bounded_over_all_values),
        cmocka_unit_test(one_that_holds_most_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
