/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack.h"

#include "codec/json.h"
#include "model/check_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

struct told {
    unsigned n;
    char text[4000];
};

static void tell(void *arg, const struct tc_diag *d)
{
    struct told *t = arg;
    size_t at = strlen(t->text);
    t->n++;
    (void)snprintf(t->text + at, sizeof t->text - at, "%llu: %s\n", (unsigned long long)d->line,
                   d->message);
}

static tc_err load(const char *text, bool builtin, struct told *t, struct tc_types **out)
{
    struct tc_diag d;
    tc_diag_init(&d);
    *t = (struct told){0};
    tc_err e = tc_pack_load_text(tc_str_cstr(text), builtin, tell, t, out, &d);
    if (e) {
        assert_true(t->n > 0);
        assert_true(d.message[0] != 0);
    }
    return e;
}

static void builtin_packs_load(void **state)
{
    (void)state;
    struct tc_types *t = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &t, &d), TC_OK);
    const struct tc_type *type = tc_types_find(t, TC_STR("indicator"));
    assert_non_null(type);
    assert_int_equal(type->kind, TC_KIND_SDO);
    assert_int_equal(tc_types_find(t, TC_STR("url"))->kind, TC_KIND_SCO);
    assert_null(tc_types_find(t, TC_STR("no-such-type")));
    assert_non_null(tc_types_extension(t, TC_STR("ntfs-ext")));
    const struct tc_vocab *v = tc_types_vocab(t, TC_STR("sector"));
    assert_non_null(v);
    assert_true(tc_vocab_has(v, TC_STR("drinking_water")));
    assert_true(tc_str_is(tc_vocab_label(v, TC_STR("fmi")), "Financial market infrastructure"));
    assert_true(tc_str_is(tc_vocab_label(v, TC_STR("other")), "other"));
    assert_true(tc_vocab_has(tc_types_vocab(t, TC_STR("country")), TC_STR("nl")));
    tc_types_free(t);
}

/* All the types that the standard defines are there, and no more. */
static void stix_is_whole(void **state)
{
    (void)state;
    unsigned kinds[5] = {0};
    struct tc_types *t = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &t, &d), TC_OK);
    for (uint32_t i = 0; i < t->n_types; i++)
        kinds[t->types[i].kind]++;
    /* finding, warning, receipt, mute, release-request, duty-point, test-call, confirmation */
    assert_int_equal(kinds[TC_KIND_SDO], 19 + 8);
    assert_int_equal(kinds[TC_KIND_SCO], 18);
    assert_int_equal(kinds[TC_KIND_SRO], 2);
    assert_int_equal(kinds[TC_KIND_META], 4); /* with bundle */
    tc_types_free(t);
}

static void errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"  name string\n", "1: an indented line needs a block"},
        {"thing x\n", "1: 'thing' begins no block"},
        {"vocab v\n  a\n", "1: write \"vocab NAME open|closed"},
        {"vocab v open\n", "1: a vocabulary needs at least one value"},
        {"vocab v open\n  a b a\n", "2: the value 'a' stands twice"},
        {"vocab v open\n  \"Label\" a\n", "2: a label needs its value"},
        {"vocab v open\n  a \"Label\n", "2: a label begins here"},
        {"vocab v open check nothing\n  a\n", "1: there is no check 'nothing'"},
        {"shape s\n  a string\n\n# comment\n  a integer\n", "5: the property 'a' stands twice"},
        {"shape s\n  a number\n", "2: 'number' is no kind of value"},
        {"shape s\n  a string must\n", "2: 'must' says nothing of a property"},
        {"shape s\n  a vocab v\n", "2: there is no vocabulary 'v'"},
        {"shape s\n  a struct t\n", "2: there is no shape 't'"},
        {"shape s\n  a ref thing\n", "2: there is no type 'thing'"},
        {"shape s\n  a integer 5..1\n", "2: '5..1' is no range"},
        {"shape s\n  a string format none-such\n", "2: there is no such format"},
        {"shape s\n  a string should-format url\n", "2: a recommendation needs \"check NAME\""},
        {"shape s\n  include t\n", "2: there is no shape 't' to include"},
        {"shape s\n  include s\n", "2: 's' includes itself"},
        {"shape s\n  a string\n  rule one-of a b\n", "3: there is no property 'b' here"},
        {"shape s\n  a string\n  rule some a\n", "3: there is no such rule"},
        {"shape s\n  a string\n  rule if a requires a\n", "3: write \"rule if"},
        {"shape s\n  a string\nshape s\n", "3: 's' is there already"},
        {"type t thing\n", "1: write \"type NAME"},
        {"type t sdo extension e\n", "1: there is no extension 'e'"},
        {"extension e property of t\n", "1: there is no type 't'"},
        {"relationship a b\n", "1: write \"relationship"},
        {"relationship a uses b\n", "1: there is no type 'a'"},
        {"shape s\n\ta string\n", "2: a character that has no place here"},
    };
    struct told t;
    struct tc_types *types = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tc_err e = load(rows[i].text, false, &t, &types);
        if (!e || !strstr(t.text, rows[i].says))
            fail_msg("row %zu wants \"%s\", got %d:\n%s", i, rows[i].says, (int)e, t.text);
    }
}

static void all_errors_are_told(void **state)
{
    (void)state;
    struct told t;
    struct tc_types *types = NULL;
    assert_int_equal(
        load("shape s\n  a number\n  b string odd\nshape t\n  c ref x\n", false, &t, &types),
        TC_E_INVALID);
    assert_int_equal(t.n, 3);
}

/* A domain without C: a type of one's own beside those of the standard. */
static void a_pack_of_ones_own(void **state)
{
    (void)state;
    static const char pack[] = "check colour\n"
                               "vocab colour open check colour\n"
                               "  red \"Rot\" green\n"
                               "type x-acme-lamp sdo\n"
                               "  include common\n"
                               "  colour      vocab colour required\n"
                               "  watts       integer 1..100\n"
                               "  lit         timestamp\n"
                               "  out         timestamp\n"
                               "  site_ref    ref infrastructure\n"
                               "  property rule string\n"
                               "  rule after out lit\n"
                               "  rule if colour=red requires\n"
                               "    watts\n";
    static const char lamp[] =
        "{\"type\":\"x-acme-lamp\",\"spec_version\":\"2.1\","
        "\"id\":\"x-acme-lamp--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\","
        "\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-01T00:00:00Z\","
        "\"colour\":\"red\",\"lit\":\"2026-01-02T00:00:00Z\",\"out\":\"2026-01-01T00:00:00.5Z\","
        "\"rule\":\"x\",\"site_ref\":\"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"}";
    struct told t;
    struct tc_types *types = NULL;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_check_report r = {0};
    tc_diag_init(&d);
    if (load(pack, true, &t, &types))
        fail_msg("%s", t.text);
    assert_int_equal(tc_json_read(tc_str_cstr(lamp), 10000, 0, &j, &d), TC_OK);
    assert_int_equal(tc_check_object(types, j.root, NULL, &r), TC_OK);
    assert_int_equal(r.musts, 3); /* watts, the order of times, the reference */
    tc_json_fini(&j);
    tc_types_free(types);
}

static void folders_are_read(void **state)
{
    (void)state;
    const char *none[] = {"/nonexistent-folder"};
    struct tc_types *types = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load(none, 1, NULL, NULL, &types, &d), TC_E_NOTFOUND);
    assert_string_equal(d.file, "/nonexistent-folder");
}

static tc_err no_findings(void *arg, yyjson_val *object, const struct tc_check_report *r)
{
    (void)arg;
    (void)object;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->findings[i].level == TC_LEVEL_MUST ||
            (r->findings[i].level == TC_LEVEL_SHOULD && strcmp(r->findings[i].rule, "uuid-check")))
            fail_msg("%s: %s", r->findings[i].path, r->findings[i].says);
    return TC_OK;
}

static void check_text(struct tc_str text)
{
    struct tc_types *types = NULL;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_check_totals n = {0};
    const struct tc_check_options o = {.shoulds = true};
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &types, &d), TC_OK);
    assert_int_equal(tc_json_read(text, 1 << 20, 0, &j, &d), TC_OK);
    struct tc_check_tree c = {.types = types, .options = &o, .each = no_findings};
    assert_int_equal(tc_check_tree_run(&c, j.root, &n), TC_OK);
    assert_true(n.objects > 5);
    tc_json_fini(&j);
    tc_types_free(types);
}

static void published_objects_are_good(void **state)
{
    (void)state;
    struct tc_str text = tc_pack_builtin_text("critical-entities", "objects/extensions.json");
    assert_true(text.n > 0);
    check_text(text);
    assert_int_equal(tc_pack_builtin_text("critical-entities", "no/such").n, 0);
}

static void examples_are_good(void **state)
{
    (void)state;
    static char text[1 << 16];
    FILE *f = fopen(EXAMPLES, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    check_text(tc_str_view(text, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builtin_packs_load),         cmocka_unit_test(stix_is_whole),
        cmocka_unit_test(errors_name_the_line),       cmocka_unit_test(all_errors_are_told),
        cmocka_unit_test(a_pack_of_ones_own),         cmocka_unit_test(folders_are_read),
        cmocka_unit_test(published_objects_are_good), cmocka_unit_test(examples_are_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
