/* SPDX-License-Identifier: Apache-2.0 */
/* The map against a plain list: random puts, interns, gets and removals must agree. */
#include "base/map.h"

#include "rand.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KEYS 600 /* few enough that the same key comes, goes and comes again */

struct twin {
    bool there[KEYS];
    uint64_t value[KEYS];
    size_t count;
};

static struct tc_str key_text(uint64_t k, char out[24])
{
    int n = snprintf(out, 24, "key %llu", (unsigned long long)k);
    return k == 0 ? tc_str_view(NULL, 0) : tc_str_view(out, (size_t)n); /* the empty key is one */
}

static void same_walk(const struct tc_map *m, const struct twin *t)
{
    bool seen[KEYS] = {false};
    char text[24];
    size_t at = 0, found = 0;
    struct tc_str key;
    uint64_t value;
    while (tc_map_next(m, &at, &key, &value)) {
        uint64_t k = 0;
        while (k < KEYS && !tc_str_eq(key, key_text(k, text)))
            k++;
        assert_true(k < KEYS && t->there[k] && !seen[k]);
        assert_int_equal(value, t->value[k]);
        seen[k] = true;
        found++;
    }
    assert_int_equal(found, t->count);
}

static void one_step(struct tc_map *m, struct twin *t, uint64_t *r)
{
    uint64_t k = test_rand(r) % KEYS, v = test_rand(r), got = 99;
    char text[24];
    struct tc_str key = key_text(k, text);
    bool added;
    switch (test_rand(r) % 5) {
    case 0:
        assert_int_equal(tc_map_put(m, key, v), TC_OK);
        t->count += !t->there[k];
        t->there[k] = true;
        t->value[k] = v;
        break;
    case 1:
        got = v;
        assert_int_equal(tc_map_intern(m, key, &got, &added), TC_OK);
        assert_int_equal(added, !t->there[k]);
        t->count += added;
        if (added)
            t->value[k] = v;
        t->there[k] = true;
        assert_int_equal(got, t->value[k]);
        break;
    case 2:
    case 3:
        assert_int_equal(tc_map_remove(m, key), t->there[k]);
        t->count -= t->there[k];
        t->there[k] = false;
        break;
    default:
        assert_int_equal(tc_map_get(m, key, &got), t->there[k]);
        assert_int_equal(got, t->there[k] ? t->value[k] : 99);
    }
    assert_int_equal(tc_map_count(m), t->count);
}

static void agrees_with_a_list(void **state)
{
    (void)state;
    uint64_t r = test_seed();
    for (int round = 0; round < 20; round++) {
        struct tc_map *m = tc_map_new(KEYS);
        static struct twin t;
        assert_non_null(m);
        memset(&t, 0, sizeof t);
        for (int i = 0; i < 20000; i++) {
            one_step(m, &t, &r);
            if (i % 1000 == 0)
                same_walk(m, &t);
        }
        tc_map_free(m);
    }
}

static void holds_its_maximum(void **state)
{
    (void)state;
    struct tc_map *m = tc_map_new(2);
    uint64_t v = 5;
    bool added = true;
    assert_non_null(m);
    assert_false(tc_map_get(m, TC_STR("a"), &v));
    assert_false(tc_map_remove(m, TC_STR("a")));
    assert_int_equal(tc_map_put(m, TC_STR("a"), 1), TC_OK);
    assert_int_equal(tc_map_put(m, TC_STR("b"), 2), TC_OK);
    assert_int_equal(tc_map_put(m, TC_STR("c"), 3), TC_E_LIMIT);
    assert_int_equal(tc_map_intern(m, TC_STR("c"), &v, &added), TC_E_LIMIT);
    assert_false(added);
    assert_int_equal(v, 5);
    assert_int_equal(tc_map_put(m, TC_STR("a"), 9), TC_OK); /* replacing is not adding */
    assert_true(tc_map_remove(m, TC_STR("b")));
    assert_int_equal(tc_map_put(m, TC_STR("c"), 3), TC_OK);
    tc_map_free(m);
    tc_map_free(NULL);
}

static void keys_are_bytes(void **state)
{
    (void)state;
    struct tc_map *m = tc_map_new(10);
    uint64_t v;
    assert_non_null(m);
    assert_int_equal(tc_map_put(m, tc_str_view("a\0b", 3), 1), TC_OK);
    assert_false(tc_map_get(m, TC_STR("a"), &v));
    assert_true(tc_map_get(m, tc_str_view("a\0b", 3), &v));
    tc_map_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(holds_its_maximum),
        cmocka_unit_test(keys_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
