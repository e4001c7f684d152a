/* SPDX-License-Identifier: Apache-2.0 */
/* One wrong thing at a time: level, rule and path of what is found. The verdicts of whole objects
 * are in tests/spec. */
#include "model/check_tree.h"

#include "codec/json.h"
#include "pack/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct tc_types *types;

#define U "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
#define HEAD(type)                                                                                 \
    "{\"type\":\"" type "\",\"spec_version\":\"2.1\",\"id\":\"" type "--" U                        \
    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-01T00:00:00Z\""
#define IND                                                                                        \
    HEAD("indicator")                                                                              \
    ",\"name\":\"n\",\"description\":\"d\",\"pattern\":\"[url:value = "                            \
    "'x']\",\"pattern_type\":\"stix\","                                                            \
    "\"valid_from\":\"2026-01-01T00:00:00Z\""

static int load(void **state)
{
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    return tc_pack_load(NULL, 0, NULL, NULL, &types, &d) ? -1 : 0;
}

static int unload(void **state)
{
    (void)state;
    tc_types_free(types);
    return 0;
}

static struct tc_check_report run(struct tc_arena *a, const char *text,
                                  const struct tc_check_options *o)
{
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_check_report r = {.arena = a};
    tc_diag_init(&d);
    if (tc_json_read(tc_str_cstr(text), 1 << 20, 0, &j, &d))
        fail_msg("%s: %s", d.message, text);
    assert_int_equal(tc_check_object(types, j.root, o, &r), TC_OK);
    tc_json_fini(&j);
    return r;
}

struct row {
    const char *text;
    enum tc_level level;
    const char *rule, *path; /* of the only finding of that level */
};

static void each_finds(const struct row *rows, size_t n)
{
    const struct tc_check_options all = {.shoulds = true};
    struct tc_arena *a = tc_arena_new(1 << 20);
    for (size_t i = 0; i < n; i++) {
        struct tc_check_report r = run(a, rows[i].text, &all);
        unsigned hits = 0;
        for (uint32_t k = 0; k < r.n; k++)
            if (r.findings[k].level == rows[i].level) {
                hits++;
                if (strcmp(r.findings[k].rule, rows[i].rule) ||
                    strcmp(r.findings[k].path, rows[i].path))
                    fail_msg("row %zu: [%s] at '%s': %s", i, r.findings[k].rule, r.findings[k].path,
                             r.findings[k].says);
            }
        if (hits != 1)
            fail_msg("row %zu: %u findings: %s", i, hits, rows[i].text);
        tc_arena_reset(a);
    }
    tc_arena_free(a);
}

static void good_ones_are_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        IND "}",
        HEAD("location") ",\"latitude\":-90,\"longitude\":180.0,\"precision\":10}",
        HEAD("x-thing") ",\"anything\":{\"at\":[\"all\"]}}",
        HEAD("tool") ",\"name\":\"t\",\"x_acme_thing\":5}",
        "{\"type\":\"mutex\",\"id\":\"mutex--" U "\",\"name\":\"m\"}",
        "{\"type\":\"bundle\",\"id\":\"bundle--" U "\"}",
        "{\"type\":\"tool\",\"id\":\"tool--" U
        "\",\"created\":\"2016-01-01T00:00:00.000Z\",\"modified\":"
        "\"2016-01-01T00:00:00.000Z\",\"name\":\"t\",\"labels\":[\"remote-access\"]}",
    };
    struct tc_arena *a = tc_arena_new(1 << 20);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct tc_check_report r = run(a, good[i], NULL);
        if (r.musts)
            fail_msg("%s: %s", r.findings[0].says, good[i]);
        assert_int_equal(r.shoulds + r.notes, 0); /* MUST only, unless asked */
        tc_arena_reset(a);
    }
    tc_arena_free(a);
}

static void musts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"[]", TC_LEVEL_MUST, "kind", ""},
        {"{\"id\":\"tool--" U "\"}", TC_LEVEL_MUST, "required", "type"},
        {HEAD("tool") "}", TC_LEVEL_MUST, "required", "name"},
        {HEAD("tool") ",\"name\":5}", TC_LEVEL_MUST, "kind", "name"},
        {HEAD("tool") ",\"name\":null}", TC_LEVEL_MUST, "kind", "name"},
        {HEAD("tool") ",\"name\":\"t\",\"labels\":[]}", TC_LEVEL_MUST, "empty", "labels"},
        {HEAD("tool") ",\"name\":\"t\",\"labels\":[\"a\",5]}", TC_LEVEL_MUST, "kind", "labels[1]"},
        {HEAD("tool") ",\"name\":\"t\",\"confidence\":101}", TC_LEVEL_MUST, "range", "confidence"},
        {HEAD("tool") ",\"name\":\"t\",\"confidence\":1.5}", TC_LEVEL_MUST, "kind", "confidence"},
        {HEAD("tool") ",\"name\":\"t\",\"lang\":\"qq\"}", TC_LEVEL_MUST, "format", "lang"},
        {HEAD("tool") ",\"name\":\"t\",\"severity\":\"x\"}", TC_LEVEL_MUST, "reserved", "severity"},
        {HEAD("tool") ",\"name\":\"t\",\"Bad-Name\":1}", TC_LEVEL_MUST, "property-name",
         "Bad-Name"},
        {HEAD("tool") ",\"name\":\"t\",\"data_bin\":\"!\"}", TC_LEVEL_MUST, "format", "data_bin"},
        {HEAD("tool") ",\"name\":\"t\",\"created_by_ref\":\"me\"}", TC_LEVEL_MUST, "reference",
         "created_by_ref"},
        {HEAD("tool") ",\"name\":\"t\",\"object_marking_refs\":[\"tool--" U "\"]}", TC_LEVEL_MUST,
         "reference", "object_marking_refs[0]"},
        {HEAD("tool") ",\"name\":\"t\",\"external_references\":[{\"source_name\":\"a\"}]}",
         TC_LEVEL_MUST, "one-of", "external_references[0]"},
        {HEAD("tool") ",\"name\":\"t\",\"external_references\":[{\"source_name\":\"cve\","
                      "\"external_id\":\"CVE-20-1\"}]}",
         TC_LEVEL_MUST, "external-id", "external_references[0].external_id"},
        {HEAD("tool") ",\"name\":\"t\",\"granular_markings\":[{\"lang\":\"en\",\"selectors\":"
                      "[\"labels.[0]\"]}]}",
         TC_LEVEL_MUST, "selector", "granular_markings[0].selectors[0]"},
        {HEAD("tool") ",\"name\":\"t\",\"extensions\":{\"extension-definition--" U
                      "\":{\"extension_type\":\"other\"}}}",
         TC_LEVEL_MUST, "vocabulary", "extensions.extension-definition--" U ".extension_type"},
        {IND ",\"valid_until\":\"2026-01-01T00:00:00.000Z\"}", TC_LEVEL_MUST, "time-order",
         "valid_until"},
        {IND ",\"valid_until\":\"2026-02-30T00:00:00Z\"}", TC_LEVEL_MUST, "timestamp",
         "valid_until"},
        {HEAD("location") "}", TC_LEVEL_MUST, "one-of", ""},
        {HEAD("location") ",\"region\":\"europe\",\"latitude\":1}", TC_LEVEL_MUST, "required", ""},
        {HEAD("location") ",\"latitude\":91,\"longitude\":0}", TC_LEVEL_MUST, "range", "latitude"},
        {HEAD("opinion") ",\"opinion\":\"maybe\",\"object_refs\":[\"tool--" U "\"]}", TC_LEVEL_MUST,
         "vocabulary", "opinion"},
        {HEAD("relationship") ",\"relationship_type\":\"uses\",\"source_ref\":\"bundle--" U
                              "\",\"target_ref\":\"tool--" U "\"}",
         TC_LEVEL_MUST, "reference", "source_ref"},
        {HEAD("language-content") ",\"object_ref\":\"tool--" U
                                  "\",\"contents\":{\"qq\":{\"name\":\"x\"}}}",
         TC_LEVEL_MUST, "format", "contents.qq"},
        {"{\"type\":\"file\",\"id\":\"file--" U "\",\"name\":\"a\",\"hashes\":{\"MD5\":\"12\"}}",
         TC_LEVEL_MUST, "hash", "hashes.MD5"},
        {"{\"type\":\"file\",\"id\":\"file--" U "\",\"name\":\"a\",\"extensions\":{\"pdf-ext\":"
         "{\"version\":7}}}",
         TC_LEVEL_MUST, "kind", "extensions.pdf-ext.version"},
        {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--" U "\",\"value\":\"1.2.3.256\"}",
         TC_LEVEL_MUST, "format", "value"},
        {"{\"type\":\"user-account\",\"id\":\"user-account--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f\","
         "\"is_disabled\":true}",
         TC_LEVEL_MUST, "sco-id", "id"},
        {"{\"type\":\"bundle\",\"id\":\"bundle--" U "\",\"objects\":[5]}", TC_LEVEL_MUST, "kind",
         "objects[0]"},
    };
    each_finds(rows, sizeof rows / sizeof rows[0]);
}

static void shoulds(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {HEAD("tool") ",\"name\":\"t\",\"tool_types\":[\"hammer\"]}", TC_LEVEL_SHOULD, "tool-types",
         "tool_types[0]"},
        {HEAD("tool") ",\"name\":\"t\",\"mine\":1}", TC_LEVEL_SHOULD, "extensions-use", "mine"},
        {HEAD("x-thing") "}", TC_LEVEL_SHOULD, "extensions-use", "type"},
        {HEAD("location") ",\"country\":\"Narnia\"}", TC_LEVEL_SHOULD, "countries", "country"},
        {HEAD("relationship") ",\"relationship_type\":\"paints\",\"source_ref\":\"tool--" U
                              "\",\"target_ref\":\"tool--" U "\"}",
         TC_LEVEL_SHOULD, "relationship-types", ""},
        {"{\"type\":\"url\",\"id\":\"url--" U "\",\"value\":\"http://a\"}", TC_LEVEL_SHOULD,
         "uuid-check", "id"},
        {"{\"type\":\"tool\",\"id\":\"tool--" U
         "\",\"created\":\"2016-01-01T00:00:00.000Z\",\"modified\":"
         "\"2016-01-01T00:00:00.000Z\",\"name\":\"t\",\"labels\":[\"remote-access\"]}",
         TC_LEVEL_NOTE, "stix-2.0", ""},
    };
    each_finds(rows, sizeof rows / sizeof rows[0]);
}

static void options_change_the_verdict(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1 << 20);
    struct tc_check_options o = {.shoulds = true, .strict_types = true};
    assert_int_equal(run(a, HEAD("x-acme-thing") "}", &o).musts, 1);
    o = (struct tc_check_options){.shoulds = true, .strict_properties = true};
    assert_int_equal(run(a, HEAD("tool") ",\"name\":\"t\",\"mine\":1}", &o).musts, 1);
    o = (struct tc_check_options){.shoulds = true};
    assert_true(tc_types_checks(types, TC_STR("extensions-use"), &o.off));
    assert_int_equal(run(a, HEAD("tool") ",\"name\":\"t\",\"x_a_mine\":1}", &o).shoulds, 0);
    assert_int_equal(run(a, HEAD("tool") ",\"name\":\"t\",\"mine\":1}", &o).shoulds, 1);
    assert_false(tc_types_checks(types, TC_STR("no-such-check"), &o.off));
    o = (struct tc_check_options){.interop = true};
    assert_int_equal(run(a, HEAD("tool") ",\"name\":\"t\"}", &o).musts, 1);
    tc_arena_free(a);
}

/* All errors, but not more than a screen can hold; MUST is never crowded out. */
static void many_errors_are_counted(void **state)
{
    (void)state;
    const struct tc_check_options all = {.shoulds = true};
    struct tc_arena *a = tc_arena_new(4 << 20);
    struct tc_buf b;
    tc_buf_init(&b, 1 << 20);
    tc_buf_cstr(&b, HEAD("tool"));
    for (int i = 0; i < 500; i++)
        tc_buf_fmt(&b, ",\"mine_%d\":1", i);
    tc_buf_cstr(&b, ",\"labels\":[");
    for (int i = 0; i < 500; i++)
        tc_buf_fmt(&b, "%s%d", i ? "," : "", i);
    tc_buf_cstr(&b, "]}");
    struct tc_check_report r = run(a, tc_buf_z(&b), &all);
    assert_int_equal(r.musts, 501); /* 500 labels, and no name */
    assert_int_equal(r.shoulds, 500);
    assert_int_equal(r.n, TC_MAX_FINDINGS);
    tc_buf_fini(&b);
    tc_arena_free(a);
}

struct seen {
    unsigned objects;
    char rules[400];
};

static tc_err note(void *arg, yyjson_val *object, const struct tc_check_report *r)
{
    struct seen *s = arg;
    (void)object;
    s->objects++;
    for (uint32_t i = 0; i < r->n; i++)
        if (strlen(s->rules) + strlen(r->findings[i].rule) + 2 < sizeof s->rules) {
            memcpy(s->rules + strlen(s->rules), " ", 2);
            memcpy(s->rules + strlen(s->rules), r->findings[i].rule,
                   strlen(r->findings[i].rule) + 1);
        }
    return TC_OK;
}

static void bundles_are_looked_at_together(void **state)
{
    (void)state;
    const struct tc_check_options all = {.shoulds = true};
    struct seen seen = {0};
    struct tc_check_totals n = {0};
    struct tc_json j = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(
        tc_json_read(TC_STR("{\"type\":\"bundle\",\"id\":\"bundle--" U "\",\"objects\":[" HEAD(
                         "tool") ",\"name\":\"t\",\"created_by_ref\":\"identity--" U
                                 "\"}," HEAD("tool") ",\"name\":\"t\"}]}"),
                     10000, 0, &j, &d),
        TC_OK);
    struct tc_check_tree c = {
        .types = types, .options = &all, .refs_inside = true, .each = note, .arg = &seen};
    assert_int_equal(tc_check_tree_run(&c, j.root, &n), TC_OK);
    assert_int_equal(seen.objects, 3);
    assert_string_equal(seen.rules, " enforce-refs duplicate-ids");
    assert_int_equal(n.objects, 3);
    assert_int_equal(n.bad, 1);
    tc_json_fini(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_good),
        cmocka_unit_test(musts),
        cmocka_unit_test(shoulds),
        cmocka_unit_test(options_change_the_verdict),
        cmocka_unit_test(many_errors_are_counted),
        cmocka_unit_test(bundles_are_looked_at_together),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
