/* SPDX-License-Identifier: Apache-2.0 */
#include "model/object.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct tc_json doc;
static struct tc_diag diag;

static tc_err head(const char *text, struct tc_object *o)
{
    tc_json_fini(&doc);
    tc_diag_init(&diag);
    assert_int_equal(tc_json_read(tc_str_cstr(text), 10000, 0, &doc, &diag), TC_OK);
    return tc_object_head(doc.root, tc_str_cstr(text), o, &diag);
}

#define UUID "5b2f7f5e-3c55-4f1e-9d8a-0d8f1c1a2b3c"

static void reads_an_sdo(void **state)
{
    (void)state;
    struct tc_object o;
    assert_int_equal(head("{\"type\":\"tool\",\"spec_version\":\"2.1\",\"id\":\"tool--" UUID "\","
                          "\"created\":\"2026-01-01T00:00:00Z\","
                          "\"modified\":\"2026-01-02T00:00:00.5Z\",\"revoked\":true,"
                          "\"created_by_ref\":\"identity--" UUID "\"}",
                          &o),
                     TC_OK);
    assert_true(tc_str_is(o.type, "tool"));
    assert_true(o.revoked);
    assert_false(o.spec_20);
    assert_int_equal(o.modified - o.created, 86400 * TC_SECOND + TC_SECOND / 2);
    assert_int_equal(o.version, o.modified);
    assert_true(tc_str_is(o.created_by, "identity--" UUID));
}

static void tells_versions_apart(void **state)
{
    (void)state;
    struct tc_object o;
    assert_int_equal(head("{\"type\":\"url\",\"id\":\"url--" UUID "\"}", &o), TC_OK);
    assert_false(o.spec_20);
    assert_int_equal(o.version, TC_TIME_NONE);
    assert_int_equal(head("{\"type\":\"tool\",\"id\":\"tool--" UUID "\","
                          "\"created\":\"2026-01-01T00:00:00Z\"}",
                          &o),
                     TC_OK);
    assert_true(o.spec_20);
    assert_int_equal(o.version, o.created);
}

static void refuses_a_bad_head(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path;
    } rows[] = {
        {"{\"type\":\"tool\"}", "id"},
        {"{\"id\":\"tool--" UUID "\"}", "type"},
        {"{\"type\":\"tool\",\"id\":\"url--" UUID "\"}", "id"},
        {"{\"type\":\"tool\",\"id\":\"tool--5\"}", "id"},
        {"{\"type\":\"tool\",\"id\":\"tool--" UUID "\",\"created\":\"2026-02-30T00:00:00Z\"}",
         "created"},
        {"{\"type\":\"tool\",\"id\":\"tool--" UUID "\",\"modified\":5}", "modified"},
        {"{\"type\":\"tool\",\"id\":\"tool--" UUID "\",\"created_by_ref\":\"us\"}",
         "created_by_ref"},
        {"{\"type\":\"tool\",\"id\":\"tool--" UUID "\",\"revoked\":\"yes\"}", "revoked"},
    };
    struct tc_object o;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(head(rows[i].text, &o), TC_E_INVALID);
        assert_string_equal(diag.path, rows[i].path);
    }
    assert_int_equal(head("[]", &o), TC_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_sdo),
        cmocka_unit_test(tells_versions_apart),
        cmocka_unit_test(refuses_a_bad_head),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tc_json_fini(&doc);
    return failed;
}
