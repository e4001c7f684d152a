/* SPDX-License-Identifier: Apache-2.0 */
#include "model/scoid.h"

#include "codec/json.h"
#include "pack/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct tc_types *types;

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

static tc_err id_of(const char *text, char out[TC_ID_MAX])
{
    struct tc_json j = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_json_read(tc_str_cstr(text), 10000, 0, &j, &d), TC_OK);
    tc_err e = tc_scoid(types, j.root, out, &d);
    tc_json_fini(&j);
    return e;
}

static void golden_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *object, *id;
    } rows[] = {
        {"{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.3\"}",
         "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
        {"{\"type\":\"domain-name\",\"value\":\"example.com\",\"defanged\":false}",
         "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"},
        {"{\"type\":\"autonomous-system\",\"name\":\"X\",\"number\":15139}",
         "autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff"},
        {"{\"type\":\"url\",\"value\":\"https://example.com/research/index.html\"}",
         "url--47c3cf9a-5027-5bf0-997a-017c7edc7c55"},
        {"{\"type\":\"file\",\"hashes\":{\"SHA-256\":"
         "\"fe90a7e910cb3a4739bed9180e807e93fa70c90f25a8915476f5e4bfbac681db\"}}",
         "file--b91bcf06-0d11-5a89-9c3a-8d4279aefe56"},
        {"{\"type\":\"file\",\"name\":\"foo.exe\",\"size\":5}",
         "file--7af1312c-4402-5d2f-b169-b118d73b85c4"},
    };
    char id[TC_ID_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(id_of(rows[i].object, id), TC_OK);
        assert_string_equal(id, rows[i].id);
    }
}

static void one_hash_counts(void **state)
{
    (void)state;
    char both[TC_ID_MAX], one[TC_ID_MAX];
    assert_int_equal(
        id_of("{\"type\":\"file\",\"hashes\":{\"SHA-256\":\"ab\",\"MD5\":\"cd\"}}", both), TC_OK);
    assert_int_equal(id_of("{\"type\":\"file\",\"hashes\":{\"MD5\":\"cd\"}}", one), TC_OK);
    assert_string_equal(both, one);
    assert_int_equal(
        id_of("{\"type\":\"file\",\"hashes\":{\"TLSH\":\"ab\",\"SSDEEP\":\"cd\"}}", both), TC_OK);
    assert_int_equal(id_of("{\"type\":\"file\",\"hashes\":{\"TLSH\":\"ab\"}}", one), TC_OK);
    assert_string_equal(both, one);
}

static void nothing_to_derive_from(void **state)
{
    (void)state;
    char id[TC_ID_MAX];
    assert_int_equal(id_of("{\"type\":\"process\",\"pid\":5}", id), TC_E_NOTFOUND);
    assert_int_equal(id_of("{\"type\":\"tool\",\"name\":\"x\"}", id), TC_E_NOTFOUND);
    assert_int_equal(id_of("{\"type\":\"x-thing\"}", id), TC_E_NOTFOUND);
    assert_int_equal(id_of("[]", id), TC_E_NOTFOUND);
    assert_int_equal(id_of("{\"type\":\"file\",\"hashes\":{}}", id), TC_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_vectors),
        cmocka_unit_test(one_hash_counts),
        cmocka_unit_test(nothing_to_derive_from),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
