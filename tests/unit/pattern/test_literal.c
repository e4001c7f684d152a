/* SPDX-License-Identifier: Apache-2.0 */
/* What leads to a regular expression must never hide a match: of MATCHES and NOT MATCHES exactly
 * one holds for a value, and NOT MATCHES is looked at for every value. Random expressions out of
 * what is hard to read from left to right; values out of their letters. */
#include "codec/json.h"
#include "pattern/set.h"

#include "../../rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static tc_err count(void *arg, const struct tc_set_match *m)
{
    (void)m;
    ++*(uint64_t *)arg;
    return TC_OK;
}

static void put_quoted(struct tc_buf *b, struct tc_str s, char quote)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' || s.p[i] == quote)
            tc_buf_char(b, '\\');
        tc_buf_char(b, s.p[i]);
    }
}

/* How many of the two patterns match; 0 when the expression is refused. */
struct pair {
    struct tc_set *set;
    bool taken;
};

static struct pair pair_of(struct tc_str re)
{
    struct pair p = {tc_set_new(NULL), true};
    static const char *const form[] = {"[t:k MATCHES '", "[t:k NOT MATCHES '"};
    assert_non_null(p.set);
    for (int i = 0; i < 2; i++) {
        struct tc_buf b;
        tc_buf_init(&b, 1 << 16);
        tc_buf_cstr(&b, form[i]);
        put_quoted(&b, re, '\'');
        tc_buf_cstr(&b, "']");
        p.taken = p.taken && !tc_set_add(p.set, tc_str_cstr(form[i]), tc_buf_view(&b), NULL, NULL);
        tc_buf_fini(&b);
    }
    return p;
}

static uint64_t matches(const struct pair *p, struct tc_str value)
{
    struct tc_json j;
    struct tc_buf b;
    struct tc_observations *r = tc_observations_new();
    const struct tc_observation *v;
    uint64_t got = 0;
    size_t n;
    tc_buf_init(&b, 1 << 16);
    tc_buf_cstr(
        &b, "{\"type\":\"observed-data\",\"id\":\"o\",\"first_observed\":\"2026-01-01T00:00:00Z\","
            "\"last_observed\":\"2026-01-01T00:00:00Z\",\"number_observed\":1,\"objects\":"
            "{\"0\":{\"type\":\"t\",\"k\":\"");
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '\n')
            tc_buf_cstr(&b, "\\n");
        else
            put_quoted(&b, tc_str_view(value.p + i, 1), '"');
    tc_buf_cstr(&b, "\"}}}");
    assert_non_null(r);
    assert_int_equal(tc_json_read(tc_buf_view(&b), TC_MAX_OBJECT, 0, &j, NULL), TC_OK);
    assert_int_equal(tc_observations_read(r, j.root, &v, &n, NULL), TC_OK);
    assert_int_equal(tc_set_feed(p->set, v, n, count, &got), TC_OK);
    tc_observations_free(r);
    tc_json_fini(&j);
    tc_buf_fini(&b);
    return got;
}

static void one_of_both(const char *re, const char *value)
{
    struct pair p = pair_of(tc_str_cstr(re));
    if (!p.taken)
        fail_msg("refused: %s", re);
    if (matches(&p, tc_str_cstr(value)) != 1)
        fail_msg("/%s/ on '%s'", re, value);
    tc_set_free(p.set);
}

static void found_by_hand(void **state)
{
    static const char *const cases[][2] = {
        {"\\0123abc", "\n3abc"},       /* an octal number ends where it ends */
        {"ab{(c}defg)?", "ab{"},       /* a brace that is none of a count hides no group */
        {"abc{|def}", "def}"},         /* nor an alternative */
        {"abc[[:alpha:]]|xyz", "xyz"}, /* nor does a class that is not understood */
        {"(?i)shadow", "SHADOW"},
        {"(?i)shadow", "\xc5\xbfhadow"},
        {"(?i)tasks", "tas\xe2\x84\xaas"},
        {"(?i)desk", "DE\xc5\xbf\xe2\x84\xaa"},
        {"(?is)a.bcde", "A\nBCDE"},
        {"abc(?i)def", "abcDEF"},
        {"abc(d|e)fgh", "abcefgh"},
        {"(?i)(abc|def)+ghij", "DEFGHIJ"},
        {"(abc|d(e|f))?ghi", "ghi"},
        {"((a|b)|abcd)", "abcd"},
        {"(?i:abc)def", "ABCdef"},
        {"abc(?#|)def", "abcdef"},
        {"(?x)a b c d", "abcd"},
        {"(?ix)a b c d", "ABCD"},
        {"a[|]bcd|efgh", "efgh"},
        {"a[]|)(]bcd", "a|bcd"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        one_of_both(cases[i][0], cases[i][1]);
}

static size_t below(uint64_t *r, size_t n)
{
    return test_rand(r) % n;
}

static const char *const parts[] = {
    "abk", "skS", "Kab",         "12",       "a",    "b",    "k",    "s",    "3",    "|",
    "(",   ")",   ")",           ")?",       "?",    "*",    "+",    "{2}",  "{0,}", "{",
    "}",   "{,",  "[",           "]",        "[^",   "[ab]", "\\0",  "\\1",  "\\d",  "\\.",
    "\\|", "\\(", "[[:alpha:]]", "(?:",      "(?=",  "(?!",  "(?i)", "(?i:", "(?s)", "(?im)",
    ".",   "^",   "$",           "\xc5\xbf", "(?<=", "(?>",  "\\b",  "\\\\", "#",    " ",
};
static const char *const letters[] = {
    "abk",      "skS", "KAB", "12", "a", "b", "k", "s", "3",  "|",
    "{",        "}",   "(",   ")",  ".", "A", "S", "K", "\n", "\xe2\x84\xaa",
    "\xc5\xbf", "\\",  " ",   "#"};

static void no_match_is_hidden(void **state)
{
    uint64_t r = test_seed();
    size_t taken = 0;
    (void)state;
    for (int turn = 0; turn < 30000; turn++) {
        struct tc_buf re;
        tc_buf_init(&re, 1 << 12);
        if (below(&r, 3) == 0)
            tc_buf_cstr(&re, below(&r, 2) ? "(?i)" : "(?si)");
        for (size_t n = 1 + below(&r, 7); n; n--)
            tc_buf_cstr(&re, parts[below(&r, sizeof parts / sizeof parts[0])]);
        struct pair p = pair_of(tc_buf_view(&re));
        taken += p.taken;
        for (int i = 0; p.taken && i < 12; i++) {
            struct tc_buf v;
            tc_buf_init(&v, 1 << 12);
            for (size_t n = below(&r, 6); n; n--)
                tc_buf_cstr(&v, letters[below(&r, sizeof letters / sizeof letters[0])]);
            tc_buf_cstr(&v, "");
            if (matches(&p, tc_buf_view(&v)) != 1)
                fail_msg("/%.*s/ on '%.*s'", TC_FMT(tc_buf_view(&re)), TC_FMT(tc_buf_view(&v)));
            tc_buf_fini(&v);
        }
        tc_set_free(p.set);
        tc_buf_fini(&re);
    }
    assert_true(taken > 3000);
}

/* These have a key: they cost nothing for what cannot match. */
static void without_case_there_is_a_key(void **state)
{
    static const char *const res[] = {"(?i)vssadmin(\\.exe)?\\s+delete",
                                      "abc(d|e)f",
                                      "(?i)wbadmin\\s+delete\\s+(catalog|systemstatebackup)",
                                      "(?is)a.(b|c)+delete",
                                      "x(?:a|b)powershell",
                                      "(?m)^shadow$"};
    (void)state;
    for (size_t i = 0; i < sizeof res / sizeof res[0]; i++) {
        struct pair p = pair_of(tc_str_cstr(res[i]));
        assert_true(p.taken);
        if (tc_set_counts(p.set).residual != 1)
            fail_msg("no key: %s", res[i]);
        tc_set_free(p.set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_hand),
        cmocka_unit_test(no_match_is_hidden),
        cmocka_unit_test(without_case_there_is_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
