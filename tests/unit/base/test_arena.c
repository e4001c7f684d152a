/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void up_to_the_ceiling(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(64);
    assert_non_null(a);
    assert_non_null(tc_arena_alloc(a, 48));
    assert_non_null(tc_arena_alloc(a, 16));
    assert_int_equal(tc_arena_used(a), 64);
    assert_null(tc_arena_alloc(a, 1));
    assert_int_equal(tc_arena_err(a), TC_E_LIMIT);
    assert_null(tc_arena_alloc(a, 0)); /* sticky */
    tc_arena_reset(a);
    assert_int_equal(tc_arena_err(a), TC_OK);
    assert_non_null(tc_arena_alloc(a, 64));
    tc_arena_free(a);
    tc_arena_free(NULL);
}

static void tiny_pieces_count_what_they_take(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1600);
    int n = 0;
    while (tc_arena_alloc(a, 1))
        n++;
    assert_int_equal(n, 100);
    tc_arena_free(a);
}

static void sizes_that_overflow(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX - 31,
                                   SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tc_arena *a = tc_arena_new(1u << 20);
        assert_null(tc_arena_alloc(a, sizes[i]));
        assert_int_equal(tc_arena_err(a), TC_E_LIMIT);
        tc_arena_reset(a);
        assert_null(tc_arena_zalloc(a, sizes[i], 3));
        assert_int_equal(tc_arena_err(a), TC_E_LIMIT);
        tc_arena_reset(a);
        assert_null(tc_arena_cstr(a, tc_str_view("", SIZE_MAX)));
        tc_arena_free(a);
    }
}

/* Many pieces of all sizes: aligned, not overlapping, kept as written. */
static void pieces_stay_apart(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static unsigned char *piece[COUNT];
    static size_t size[COUNT];
    uint64_t r = test_seed();
    struct tc_arena *a = tc_arena_new((size_t)1 << 30);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            size[i] = test_rand(&r) % (i % 100 == 0 ? 200000 : 300);
            piece[i] = tc_arena_alloc(a, size[i]);
            assert_non_null(piece[i]);
            assert_int_equal((uintptr_t)piece[i] % 16, 0);
            memset(piece[i], (int)(i & 255), size[i]);
        }
        for (size_t i = 0; i < COUNT; i++)
            for (size_t j = 0; j < size[i]; j++)
                if (piece[i][j] != (i & 255))
                    fail_msg("piece %zu was written over", i);
        tc_arena_reset(a);
        assert_int_equal(tc_arena_used(a), 0);
    }
    tc_arena_free(a);
}

static void copies(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1000);
    assert_string_equal(tc_arena_cstr(a, tc_str_view(NULL, 0)), "");
    struct tc_str s = tc_arena_dup(a, TC_STR("tocsin"));
    assert_true(tc_str_is(s, "tocsin"));
    assert_string_equal(tc_arena_fmt(a, "%s-%d", "a", 7), "a-7");
    const unsigned char *zero = tc_arena_zalloc(a, 3, 7);
    for (int i = 0; i < 21; i++)
        assert_int_equal(zero[i], 0);
    assert_null(tc_arena_fmt(a, "%2000d", 1));
    assert_int_equal(tc_arena_err(a), TC_E_LIMIT);
    assert_null(tc_arena_dup(a, TC_STR("x")).p);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_the_ceiling),
        cmocka_unit_test(tiny_pieces_count_what_they_take),
        cmocka_unit_test(sizes_that_overflow),
        cmocka_unit_test(pieces_stay_apart),
        cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
