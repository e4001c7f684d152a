/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void write_read_write(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_message m, back;
    struct tc_buf one, two;
    struct tc_json j = {0};
    tc_buf_init(&one, 1u << 20);
    tc_buf_init(&two, 1u << 20);
    sample(a, &m);
    tc_message_write(&m, &one);
    assert_int_equal(one.err, TC_OK);
    assert_int_equal(tc_json_read(tc_buf_view(&one), 1u << 20, 0, &j, NULL), TC_OK);
    assert_int_equal(tc_message_read(j.root, a, &back, NULL), TC_OK);
    tc_message_write(&back, &two);
    assert_string_equal(tc_buf_z(&one), tc_buf_z(&two));
    struct tc_uuid x = {{0}}, y = {{1}};
    assert_int_equal(tc_message_digest(&m, &x), TC_OK);
    assert_int_equal(tc_message_digest(&back, &y), TC_OK);
    assert_memory_equal(&x, &y, sizeof x);
    back.modified++;
    back.sent++;
    back.state = TC_WARN_DRAFT;
    assert_int_equal(tc_message_digest(&back, &y), TC_OK); /* no recipient would notice */
    assert_memory_equal(&x, &y, sizeof x);
    back.severity = TC_SEVERITY_MINOR;
    assert_int_equal(tc_message_digest(&back, &y), TC_OK);
    assert_memory_not_equal(&x, &y, sizeof x);
    tc_json_fini(&j);
    tc_buf_fini(&one);
    tc_buf_fini(&two);
    tc_arena_free(a);
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_json j = {0};
    struct tc_message m;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(
        tc_json_read(TC_STR("{\"id\":\"warning--x\",\"created\":\"nonsense\"}"), 1000, 0, &j, NULL),
        TC_OK);
    assert_int_equal(tc_message_read(j.root, a, &m, &d), TC_E_INVALID);
    assert_string_equal(d.path, "created");
    tc_json_fini(&j);
    tc_arena_free(a);
}

static void sentences(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_message m;
    struct tc_warn_text t;
    sample(a, &m);
    assert_int_equal(tc_warn_text(&m, tc_words_builtin(0), a, &t), TC_OK);
    assert_true(tc_str_is(t.headline, "EXERCISE, NOT REAL: Update: Hospital <East> & Co: loss of "
                                      "electricity supply from about 2026-11-21 14:10 UTC"));
    assert_true(tc_str_find(t.description, TC_STR("(between 2026-11-21 13:00 UTC and")) !=
                SIZE_MAX);
    assert_true(tc_str_find(t.description, TC_STR(", 80 % likely.")) != SIZE_MAX);
    assert_true(tc_str_find(t.description, TC_STR("Because of: energy in NL, Substation")) !=
                SIZE_MAX);
    assert_true(tc_str_find(t.description, TC_STR("Clinic West: no longer expected")) != SIZE_MAX);
    assert_true(tc_str_find(t.description, TC_STR("This is an exercise.")) == 0);
    for (size_t i = 0; tc_words_builtin(i); i++) { /* an exercise says so in every title */
        assert_int_equal(tc_warn_text(&m, tc_words_builtin(i), a, &t), TC_OK);
        assert_true(tc_str_starts(t.headline,
                                  tc_words_get(tc_words_builtin(i), TC_STR("prefix.exercise"))));
        assert_true(
            tc_str_starts(t.event, tc_words_get(tc_words_builtin(i), TC_STR("prefix.exercise"))));
    }
    m.status = TC_WARN_ACTUAL;
    assert_int_equal(tc_warn_text(&m, tc_words_builtin(0), a, &t), TC_OK);
    assert_true(tc_str_find(t.headline, TC_STR("EXERCISE")) == SIZE_MAX);
    tc_arena_free(a);
}

static void headlines_are_cut_between_characters(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_message m;
    struct tc_warn_text t;
    char name[301];
    for (size_t i = 0; i < 300; i += 2)
        memcpy(name + i, "\xC3\x9F", 2);
    sample(a, &m);
    struct tc_warn_hit h = m.hits[0];
    h.name = tc_str_view(name, 300);
    m.hits = &h;
    m.n_hits = 1;
    assert_int_equal(tc_warn_text(&m, tc_words_builtin(0), a, &t), TC_OK);
    assert_true(tc_str_utf8(t.headline));
    assert_true(tc_str_ends(t.headline, TC_STR("...")));
    size_t characters = 0;
    for (size_t i = 0; i < t.headline.n; i++)
        characters += ((unsigned char)t.headline.p[i] & 0xC0u) != 0x80u;
    assert_int_equal(characters, TC_HEADLINE_MAX);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_read_write),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(sentences),
        cmocka_unit_test(headlines_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
