/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken out of an object: key fields as packs declare them, in types, nested shapes, lists,
 * dictionaries, extensions of both kinds; constants of patterns spelled as their path says; places
 * and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pack/pack.h"
#include "watch/extract.h"

#include <stdio.h>

static const char pack[] = "shape part\n"
                           "  number string key serial\n"
                           "  note string\n"
                           "type x-sale sdo\n"
                           "  include common\n"
                           "  plate string key plate\n"
                           "  plates list string key plate\n"
                           "  substance string key cas\n"
                           "  phone string key phone\n"
                           "  count integer key value\n"
                           "  parts list struct part\n"
                           "  codes dict anycase of string key serial\n"
                           "extension extension-definition--00000000-0000-4000-8000-0000000000aa "
                           "property\n"
                           "  drone string key serial\n"
                           "extension extension-definition--00000000-0000-4000-8000-0000000000bb "
                           "toplevel\n"
                           "  badge string key serial\n";

struct fix {
    struct tc_types *t;
    struct tc_extract x;
    char said[4000];
};

static void on_value(void *arg, struct tc_str property, enum tc_spelling apart,
                     struct tc_str normal)
{
    struct fix *f = arg;
    size_t n = strlen(f->said);
    (void)snprintf(f->said + n, sizeof f->said - n, "%.*s %s %.*s\n", TC_FMT(property),
                   tc_spelling_name(apart), TC_FMT(normal));
}

static void on_edge(void *arg, struct tc_str property, struct tc_str id)
{
    struct fix *f = arg;
    size_t n = strlen(f->said);
    (void)snprintf(f->said + n, sizeof f->said - n, "%.*s > %.*s\n", TC_FMT(property), TC_FMT(id));
}

static int set_up(void **state)
{
    static struct fix f;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load_text(tc_str_cstr(pack), true, NULL, NULL, &f.t, &d), TC_OK);
    tc_extract_init(&f.x, f.t);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_extract_fini(&f->x);
    tc_types_free(f->t);
    return 0;
}

static const char *told(struct fix *f, const char *json)
{
    const struct tc_extract_sink sink = {on_value, on_edge, f};
    const struct tc_hash_key key = {1, 2};
    f->said[0] = '\0';
    f->x.sink = &sink;
    assert_int_equal(tc_extract_object(&f->x, key, TC_STR(""), tc_str_cstr(json)), TC_OK);
    f->x.sink = NULL;
    return f->said;
}

static void test_keys(void **state)
{
    struct fix *f = *state;
    assert_string_equal(
        told(f, "{\"type\":\"x-sale\",\"plate\":\"ab-12-cd\",\"plates\":[\"x 1\",\"y-2\"],"
                "\"substance\":\"CAS 7732-18-5\",\"phone\":\"0031 20 1234567\",\"count\":7,"
                "\"parts\":[{\"number\":\"a-1\",\"note\":\"b-2\"},{\"number\":\"c-3\"}],"
                "\"codes\":{\"Z\":\"d-4\"},\"name\":\"ef-56\",\"buyer_ref\":\"identity--1\","
                "\"extensions\":{\"extension-definition--00000000-0000-4000-8000-0000000000aa\":"
                "{\"drone\":\"k.9\"},\"extension-definition--00000000-0000-4000-8000-"
                "0000000000bb\":{\"extension_type\":\"toplevel-property-extension\"}},"
                "\"badge\":\"m 8\",\"external_references\":[{\"source_name\":\"x\","
                "\"external_id\":\"CVE-2024-0001\"}]}"),
        "plate plate AB12CD\nplates plate X1\nplates plate Y2\nsubstance value 7732-18-5\n"
        "phone value +31201234567\ncount value 7\nnumber serial A1\nnumber serial C3\n"
        "codes serial D4\nbuyer_ref > identity--1\ndrone serial K9\nbadge serial M8\n"
        "external_id value cve-2024-0001\n");
    assert_string_equal(told(f, "{\"type\":\"x-sale\",\"plate\":\"none\",\"substance\":"
                                "\"7732-18-4\",\"count\":-1,\"codes\":[{}],\"plates\":{}}"),
                        "plate value none\nsubstance value 7732-18-4\n");
    assert_string_equal(told(f, "{\"type\":\"x-other\",\"plate\":\"ab-12-cd\"}"), "");
}

static void test_stix(void **state)
{
    struct fix *f = *state;
    assert_string_equal(
        told(f, "{\"type\":\"observed-data\",\"objects\":{\"0\":{\"type\":\"file\",\"name\":"
                "\"A.exe\",\"hashes\":{\"MD5\":\"AB\"}},\"1\":{\"type\":\"domain-name\","
                "\"value\":\"Example.org\"}}}"),
        "name value a.exe\nhashes value ab\nvalue value example.org\n");
    assert_string_equal(told(f, "{\"type\":\"indicator\",\"pattern\":\"[x-sale:plate = "
                                "'ab-12-cd' OR x-sale:plate IN ('k-1','it\\\\'s') AND url:value = "
                                "'HTTP://example.org'] WITHIN 5 SECONDS\"}"),
                        "pattern plate AB12CD\npattern plate K1\npattern value it's\n"
                        "pattern value http://example.org/\n");
}

static void check_time(struct fix *f, const char *json, tc_time since, tc_time until)
{
    (void)told(f, json);
    assert_true(f->x.timed);
    assert_int_equal(f->x.since, since);
    assert_int_equal(f->x.until, until);
}

static void test_places_and_times(void **state)
{
    struct fix *f = *state;
    check_time(f,
               "{\"type\":\"observed-data\",\"first_observed\":\"1970-01-01T00:00:01Z\","
               "\"last_observed\":\"1970-01-01T00:00:03Z\"}",
               1 * TC_SECOND, 3 * TC_SECOND);
    check_time(f, "{\"extensions\":{\"a\":{\"started\":\"1970-01-01T00:00:01Z\"}}}", TC_SECOND,
               TC_TIME_MAX);
    check_time(f,
               "{\"x\":{\"started\":\"1970-01-01T00:00:01Z\",\"expected_end\":"
               "\"1970-01-01T00:00:02Z\"}}",
               TC_SECOND, 2 * TC_SECOND);
    check_time(f, "{\"first_seen\":\"1970-01-01T00:00:09Z\",\"last_seen\":\"x\"}", 9 * TC_SECOND,
               9 * TC_SECOND);
    check_time(f, /* turned round */
               "{\"start\":\"1970-01-01T00:00:09Z\",\"end\":\"1970-01-01T00:00:01Z\"}",
               9 * TC_SECOND, 9 * TC_SECOND);
    (void)told(f, "{\"type\":\"location\",\"latitude\":-17,\"longitude\":179.5}");
    assert_false(f->x.timed);
    assert_true(f->x.placed && f->x.south == -17 && f->x.east == 179.5);
}

/* What is kept of older objects is of no use when a pack declares other key fields. */
static void test_version(void **state)
{
    struct fix *f = *state;
    struct tc_types *plain = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &plain, &d), TC_OK);
    assert_true(tc_extract_version(plain) != tc_extract_version(f->t));
    assert_true(tc_extract_kinds(f->t) >> TC_SPELLING_PLATE & 1);
    assert_false(tc_extract_kinds(plain) >> TC_SPELLING_PLATE & 1);
    tc_types_free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys), cmocka_unit_test(test_stix),
                                       cmocka_unit_test(test_places_and_times),
                                       cmocka_unit_test(test_version)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
