/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded cases of the OASIS tools against the parser and the slow evaluator. Where they and
 * we differ, differences.txt says by which clause. */
#include "slow.h"

#include "codec/json.h"
#include "pattern/parse.h"
#include "pattern/set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static FILE *open_data(const char *name)
{
    char path[4096];
    const char *dir = getenv("TOCSIN_DATA");
    (void)snprintf(path, sizeof path, "%s/stix/%s", dir ? dir : TC_DEFAULT_DATA, name);
    FILE *f = fopen(path, "r");
    if (!f)
        print_message("skipped: %s is not there\n", path);
    return f;
}

/* Lines of differences.txt are "pattern<TAB>why"; '#' begins a remark. */
static bool explained(struct tc_str pattern)
{
    FILE *f = fopen(TC_DIFFERENCES, "r");
    char *line = NULL;
    size_t cap = 0;
    bool found = false;
    assert_non_null(f);
    for (ssize_t n; !found && (n = getline(&line, &cap, f)) > 0;) {
        const char *tab = memchr(line, '\t', (size_t)n);
        found =
            tab && line[0] != '#' && tc_str_eq(tc_str_view(line, (size_t)(tab - line)), pattern);
    }
    free(line);
    (void)fclose(f);
    return found;
}

typedef int (*judge)(yyjson_val *row, const struct tc_pattern *p, tc_err parsed, int *got);

static int judge_syntax(yyjson_val *row, const struct tc_pattern *p, tc_err parsed, int *got)
{
    *got = parsed == TC_OK && p->doubled == SIZE_MAX;
    return yyjson_get_bool(yyjson_obj_get(row, "valid"));
}

static int judge_match(yyjson_val *row, const struct tc_pattern *p, tc_err parsed, int *got)
{
    static struct slow_obs obs[SLOW_MAX_OBS];
    size_t n = 0, i, max;
    yyjson_val *b;
    yyjson_arr_foreach (yyjson_obj_get(row, "observations"), i, max, b)
        n = slow_from_bundle(b, obs, n);
    *got = parsed ? -1 : (int)slow_match(p, obs, n);
    return yyjson_obj_get(row, "error") ? -1 : yyjson_get_bool(yyjson_obj_get(row, "match"));
}

static tc_err note(void *arg, const struct tc_set_match *m)
{
    assert_true(m->n >= 1);
    *(bool *)arg = true;
    return TC_OK;
}

/* The same by the engine. */
static int judge_engine(yyjson_val *row, const struct tc_pattern *p, tc_err parsed, int *got)
{
    struct tc_set *s = tc_set_new(NULL);
    struct tc_observations *r = tc_observations_new();
    const struct tc_observation *v;
    struct tc_diag d;
    size_t n, i, max;
    yyjson_val *b;
    bool found = false;
    (void)p;
    tc_diag_init(&d);
    assert_non_null(s);
    assert_non_null(r);
    tc_err e = tc_set_add(s, TC_STR("p"), tc_json_view(yyjson_obj_get(row, "pattern")), NULL, &d);
    assert_true(parsed == TC_OK || e == parsed);
    yyjson_arr_foreach (yyjson_obj_get(row, "observations"), i, max, b) {
        assert_int_equal(tc_observations_read(r, b, &v, &n, &d), TC_OK);
        if (!e)
            assert_int_equal(tc_set_feed(s, v, n, note, &found), TC_OK);
    }
    *got = e ? -1 : found;
    tc_observations_free(r);
    tc_set_free(s);
    return yyjson_obj_get(row, "error") ? -1 : yyjson_get_bool(yyjson_obj_get(row, "match"));
}

static void run_cases(const char *name, judge verdict, size_t least)
{
    FILE *f = open_data(name);
    char *line = NULL;
    size_t cap = 0, cases = 0, differ = 0;
    if (!f)
        skip();
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0; cases++) {
        yyjson_doc *doc = yyjson_read(line, (size_t)n, 0);
        yyjson_val *row = yyjson_doc_get_root(doc), *v = yyjson_obj_get(row, "pattern");
        struct tc_str text = {yyjson_get_str(v), yyjson_get_len(v)};
        struct tc_arena *a = tc_arena_new(1 << 24);
        struct tc_pattern p;
        struct tc_diag d;
        int got;
        tc_diag_init(&d);
        assert_non_null(a);
        int want = verdict(row, &p, tc_pattern_parse(text, a, &p, &d), &got);
        if (got != want && !explained(text)) {
            print_message("%s: expected %d, got %d: %.*s %s\n", name, want, got, TC_FMT(text),
                          d.message);
            differ++;
        }
        tc_arena_free(a);
        yyjson_doc_free(doc);
    }
    free(line);
    (void)fclose(f);
    assert_true(cases >= least);
    assert_int_equal(differ, 0);
}

static void syntax(void **state)
{
    (void)state;
    run_cases("pattern-syntax-cases.jsonl", judge_syntax, 60);
}

static void match(void **state)
{
    (void)state;
    run_cases("pattern-match-cases.jsonl", judge_match, 202);
}

static void engine(void **state)
{
    (void)state;
    run_cases("pattern-match-cases.jsonl", judge_engine, 202);
}

static void carets_point_at_the_place(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1 << 16);
    struct tc_pattern p;
    struct tc_diag d;
    struct tc_buf b;
    struct tc_str text = TC_STR("[file:name = 'é' AND\n file:size = ]");
    assert_non_null(a);
    tc_diag_init(&d);
    tc_buf_init(&b, 1000);
    assert_int_equal(tc_pattern_parse(text, a, &p, &d), TC_E_SYNTAX);
    assert_int_equal(d.line, 2);
    assert_int_equal(d.column, 14);
    tc_pattern_caret(text, &d, &b);
    assert_string_equal(tc_buf_z(&b), " file:size = ]\n             ^\n");
    tc_buf_fini(&b);
    tc_arena_free(a);
}

static void limits_hold(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1 << 26);
    struct tc_pattern p;
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    tc_buf_init(&b, 2u << 20);
    for (int i = 0; i < 100000; i++)
        tc_buf_char(&b, '(');
    assert_int_equal(tc_pattern_parse(tc_buf_view(&b), a, &p, &d), TC_E_LIMIT);
    tc_buf_clear(&b);
    tc_buf_cstr(&b, "[a:b IN (1");
    for (int i = 0; i < 100000; i++)
        tc_buf_cstr(&b, ",1");
    tc_buf_cstr(&b, ")]");
    assert_int_equal(tc_pattern_parse(tc_buf_view(&b), a, &p, &d), TC_OK);
    assert_int_equal(p.root->cmp->n_lits, 100001);
    assert_int_equal(tc_pattern_parse(TC_STR("[a:b = 99999999999999999999]"), a, &p, &d),
                     TC_E_LIMIT);
    assert_int_equal(tc_pattern_parse(TC_STR("[a:b = 1] REPEATS 0 TIMES"), a, &p, &d),
                     TC_E_INVALID);
    tc_buf_fini(&b);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syntax), cmocka_unit_test(match), cmocka_unit_test(engine),
        cmocka_unit_test(carets_point_at_the_place), cmocka_unit_test(limits_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
