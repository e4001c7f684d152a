/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of packs: those that come along and the one in packs/README.md do what they say; what is
 * wrong is told by line; ids stay. */
#include "pack/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct told {
    unsigned n;
    uint64_t line[10];
    char text[400];
};

static void tell(void *arg, const struct tc_diag *d)
{
    struct told *t = arg;
    if (t->n < 10)
        t->line[t->n] = d->line;
    if (t->n++ == 0)
        tc_diag_format(d, t->text, sizeof t->text);
}

static void those_that_come_along(void **state)
{
    (void)state;
    struct tc_pack_rules *r = NULL;
    struct told t = {0};
    struct tc_diag d;
    size_t trials = 0;
    tc_diag_init(&d);
    if (tc_pack_rules_load(NULL, 0, true, tell, &t, &r, &d) ||
        tc_pack_try(r, tell, &t, &trials, &d))
        fail_msg("%s", t.text);
    assert_true(r->n >= 4 && trials >= 2 * r->n);
    for (size_t i = 0; i < r->n; i++) {
        assert_true(r->v[i].rule.n_says >= 4); /* as many languages as the words of warnings */
        assert_true(r->v[i].rule.description.n > 0);
        if (tc_str_is(r->v[i].word, "control-protocols-probed")) /* never to change */
            assert_true(
                tc_str_is(r->v[i].rule.id, "indicator--ce97ac6b-3804-57f9-88de-cd1426c80fc7"));
    }
    tc_pack_rules_free(r);
}

/* The indented block behind the heading of packs/README.md. */
static void the_example_of_the_readme(void **state)
{
    (void)state;
    static char text[1 << 16], rule[1 << 16];
    FILE *f = fopen(README, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f), to = 0;
    (void)fclose(f);
    text[n] = '\0';
    const char *p = strstr(text, "    rule control-port-tried");
    assert_non_null(p);
    while (strncmp(p, "    ", 4) == 0) {
        const char *end = strchr(p, '\n');
        assert_non_null(end);
        memcpy(rule + to, p + 4, (size_t)(end - p) - 3);
        to += (size_t)(end - p) - 3;
        p = end + 1;
    }
    struct tc_pack_rules *r = NULL;
    struct told t = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_pack_rules_text(TC_STR("readme"), tc_str_view(rule, to), tell, &t, &r, &d) ||
        tc_pack_try(r, tell, &t, NULL, &d))
        fail_msg("%s", t.text);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->v[0].n_trials, 2);
    tc_pack_rules_free(r);
}

#define GOOD                                                                                       \
    "rule a\n  name \"A\"\n  as-of 2026-01-01\n  pattern [t:k = 1]\n  match\n    {\"type\":\"t\"," \
    "\"k\":1}\n  quiet\n    {\"type\":\"t\",\"k\":2}\n"

static void errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t line;
    } cases[] = {
        {"zebra a\n", 1},
        {"rule\n", 1},
        {GOOD "  per k\n", 9},
        {GOOD "  per t:k\n  per t:k\n", 10},
        {GOOD "  severity high\n", 9},
        {GOOD "  confidence 101\n", 9},
        {GOOD "  cooldown P40D\n", 9},
        {GOOD "  about\n", 9},
        {GOOD "  says en\n", 9},
        {GOOD "  says en \"{per}\"\n", 9},
        {GOOD "  colour red\n", 9},
        {GOOD "\nrule a\n  name \"B\"\n  as-of 2026-01-01\n  pattern [t:k = 1]\n", 10},
        {"rule a\n  name \"A\"\n  as-of 2026-02-30\n", 3},
        {"rule a\n  name \"A\"\n  as-of 2026-01-01\n  pattern\n    [t:k = 1]\n    OR x\n"
         "  match\n  {}\n  quiet\n",
         6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tc_pack_rules *r = NULL;
        struct told t = {0};
        struct tc_diag d;
        bool named = false;
        tc_diag_init(&d);
        if (!tc_pack_rules_text(TC_STR("p"), tc_str_cstr(cases[i].text), tell, &t, &r, &d))
            fail_msg("taken: %s", cases[i].text);
        for (unsigned k = 0; k < t.n && k < 10; k++)
            named = named || t.line[k] == cases[i].line;
        if (!named)
            fail_msg("%s: %s", cases[i].text, t.text);
    }
}

static void trials_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        uint64_t line;
    } cases[] = {
        {"  match\n    {\"type\":\"t\",\"k\":2}\n", 9},
        {"  match \"said\"\n\n    # a comment\n    {\"type\":\"t\",\n", 12},
        {"  match\n    x\n", 10},
        {"  match\n    10001 x {\"type\":\"t\"}\n", 10},
        {"  match\n    +1s {\"type\":\"t\"}\n", 10},
        {"  match\n    2 x +PT1S\n", 10},
        {"  match\n", 9},
        {"  quiet\n    {\"type\":\"t\",\"k\":1}\n", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1000];
        struct tc_pack_rules *r = NULL;
        struct told t = {0};
        struct tc_diag d;
        tc_diag_init(&d);
        (void)snprintf(text, sizeof text, "%s%s", GOOD, cases[i].block);
        assert_int_equal(tc_pack_rules_text(TC_STR("p"), tc_str_cstr(text), tell, &t, &r, &d),
                         TC_OK);
        assert_int_not_equal(tc_pack_try(r, tell, &t, NULL, &d), TC_OK);
        if (t.n != 1 || t.line[0] != cases[i].line)
            fail_msg("%s: %s", cases[i].block, t.text);
        tc_pack_rules_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_that_come_along), cmocka_unit_test(the_example_of_the_readme),
        cmocka_unit_test(errors_name_the_line), cmocka_unit_test(trials_name_the_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
