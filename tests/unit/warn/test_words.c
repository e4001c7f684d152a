/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/words.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void builtin_languages_are_complete(void **state)
{
    (void)state;
    const struct tc_words *en = tc_words_builtin(0);
    assert_non_null(en);
    assert_true(tc_str_is(tc_words_language(en), "en"));
    size_t n = 0;
    for (; tc_words_builtin(n); n++)
        assert_int_equal(tc_words_count(tc_words_builtin(n)), tc_words_count(en));
    assert_int_equal(n, 4);
    assert_null(tc_words_builtin(1000));
}

static void fills_names(void **state)
{
    (void)state;
    struct tc_words *w = NULL;
    struct tc_buf b;
    const struct tc_word v[] = {{"a", TC_STR("1")}, {"b", TC_STR("{a}")}};
    assert_int_equal(
        tc_words_parse(TC_STR("{\"language\":\"xx\",\"words\":{\"k\":\"<{a}{b}{c}> {open\"}}"), &w,
                       NULL),
        TC_OK);
    tc_buf_init(&b, 1000);
    tc_words_fill(w, "k", v, 2, &b);
    assert_string_equal(tc_buf_z(&b), "<1{a}> {open"); /* a value is never expanded again */
    tc_buf_fini(&b);
    /* what the language lacks is said in English */
    assert_true(tc_str_is(tc_words_code(w, "service.", TC_STR("gas")), "gas"));
    assert_true(tc_str_is(tc_words_code(w, "sector.", TC_STR("nonsense")), "infrastructure"));
    tc_words_free(w);
}

static void refuses(void **state)
{
    (void)state;
    struct tc_words *w = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_words_parse(TC_STR("{}"), &w, &d), TC_E_INVALID);
    assert_int_equal(tc_words_parse(TC_STR("{\"language\":\"x\",\"words\":{\"k\":1}}"), &w, &d),
                     TC_E_INVALID);
    assert_string_equal(d.path, "k");
    assert_int_equal(tc_words_parse(TC_STR("{"), &w, &d), TC_E_SYNTAX);
    assert_null(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builtin_languages_are_complete),
        cmocka_unit_test(fills_names),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
