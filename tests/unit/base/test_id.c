/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* Ids that the published implementations derive for these id contributing properties. */
static void ids_of_observables(void **state)
{
    (void)state;
    static const struct {
        const char *type, *properties, *id;
    } golden[] = {
        {"ipv4-addr", "{\"value\":\"198.51.100.3\"}",
         "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
        {"domain-name", "{\"value\":\"example.com\"}",
         "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"},
        {"autonomous-system", "{\"number\":15139}",
         "autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff"},
        {"url", "{\"value\":\"https://example.com/research/index.html\"}",
         "url--47c3cf9a-5027-5bf0-997a-017c7edc7c55"},
        {"file",
         "{\"hashes\":{\"SHA-256\":"
         "\"fe90a7e910cb3a4739bed9180e807e93fa70c90f25a8915476f5e4bfbac681db\"}}",
         "file--b91bcf06-0d11-5a89-9c3a-8d4279aefe56"},
        {"file", "{\"name\":\"foo.exe\"}", "file--7af1312c-4402-5d2f-b169-b118d73b85c4"},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char id[TC_ID_MAX];
        tc_id_derive(tc_str_cstr(golden[i].type), &tc_uuid_ns_sco,
                     tc_str_cstr(golden[i].properties), id);
        assert_string_equal(id, golden[i].id);
    }
}

static void a_name_in_pieces(void **state)
{
    (void)state;
    struct tc_id_name n;
    char whole[TC_ID_MAX], pieces[TC_ID_MAX];
    tc_id_derive(TC_STR("finding"), &tc_uuid_ns_tocsin, TC_STR("impact|a|18446744073709551615"),
                 whole);
    tc_id_name_begin(&n, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&n, "impact");
    tc_id_name_str(&n, TC_STR("|a"));
    tc_id_name_cstr(&n, "|");
    tc_id_name_u64(&n, UINT64_MAX);
    tc_id_name_end(&n, TC_STR("finding"), pieces);
    assert_string_equal(whole, pieces);
    tc_id_name_u64(&n, 0); /* it goes on */
    tc_id_name_end(&n, TC_STR("finding"), pieces);
    tc_id_derive(TC_STR("finding"), &tc_uuid_ns_tocsin, TC_STR("impact|a|184467440737095516150"),
                 whole);
    assert_string_equal(whole, pieces);
}

/* RFC 9562 appendix A.4: the DNS namespace and "www.example.com". Our own namespace is version 5
 * of the DNS namespace and "tocsin.example". */
static void version_5(void **state)
{
    (void)state;
    struct tc_uuid dns, u;
    char text[TC_UUID_TEXT];
    assert_int_equal(tc_uuid_parse(TC_STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &dns), TC_OK);
    assert_int_equal(tc_uuid_version(&dns), 1);
    u = tc_uuid_v5(&dns, TC_STR("www.example.com"));
    tc_uuid_format(&u, text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    u = tc_uuid_v5(&dns, TC_STR("tocsin.example"));
    assert_memory_equal(&u, &tc_uuid_ns_tocsin, sizeof u);
}

static void version_4(void **state)
{
    (void)state;
    struct tc_uuid last = {0};
    for (int i = 0; i < 1000; i++) {
        struct tc_uuid u = tc_uuid_v4();
        assert_int_equal(tc_uuid_version(&u), 4);
        assert_int_equal(u.b[8] >> 6, 2);
        assert_memory_not_equal(&u, &last, sizeof u);
        last = u;
    }
}

static void text_of_a_uuid(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "28bb3599-77cd-5a82-a950-b5bc3caf07c",
        "28bb3599-77cd-5a82-a950-b5bc3caf07c44",
        "28bb3599977cd-5a82-a950-b5bc3caf07c4",
        "28bb3599-77cd-5a82-a950-b5bc3caf07cg",
        "-8bb3599-77cd-5a82-a950-b5bc3caf07c4",
        "{8bb3599-77cd-5a82-a950-b5bc3caf07c}",
    };
    struct tc_uuid u, before;
    memset(&u, 0x55, sizeof u);
    before = u;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tc_uuid_parse(tc_str_cstr(bad[i]), &u), TC_E_SYNTAX);
    assert_memory_equal(&u, &before, sizeof u);
    char text[TC_UUID_TEXT];
    assert_int_equal(tc_uuid_parse(TC_STR("28BB3599-77CD-5A82-A950-B5BC3CAF07C4"), &u), TC_OK);
    tc_uuid_format(&u, text);
    assert_string_equal(text, "28bb3599-77cd-5a82-a950-b5bc3caf07c4");
}

#define U "28bb3599-77cd-5a82-a950-b5bc3caf07c4"

static void parts_of_an_id(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "ab--" U, /* two characters */
        "--" U,
        "abc-" U,
        "abc-----" U,
        "Abc--" U,
        "a_c--" U,
        "a--c--" U,
        "abc--" U "0",
        "abc--"
        "28bb3599-77cd-5a82-a950-b5bc3caf07cg",
        "abc---" U,
        "",
        U,
    };
    struct tc_str type = TC_STR("untouched");
    struct tc_uuid u;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (tc_id_split(tc_str_cstr(bad[i]), &type, &u) != TC_E_SYNTAX)
            fail_msg("'%s' was accepted", bad[i]);
    assert_true(tc_str_is(type, "untouched"));
    assert_int_equal(tc_id_split(TC_STR("x-my-type2--" U), &type, &u), TC_OK);
    assert_true(tc_str_is(type, "x-my-type2"));
    assert_int_equal(tc_id_split(TC_STR("abc--zzbb3599-77cd-5a82-a950-b5bc3caf07c4"), &type, NULL),
                     TC_OK);
}

static void longest_id(void **state)
{
    (void)state;
    char type[252], id[TC_ID_MAX];
    memset(type, 'a', sizeof type);
    struct tc_uuid u = tc_uuid_v4();
    tc_id_make(tc_str_view(type, 250), &u, id);
    assert_int_equal(strlen(id), 250 + 2 + 36);
    struct tc_str t;
    assert_int_equal(tc_id_split(tc_str_cstr(id), &t, &u), TC_OK);
    assert_int_equal(t.n, 250);
    char longer[TC_ID_MAX + 1] = "a";
    memcpy(longer + 1, id, strlen(id) + 1);
    assert_int_equal(tc_id_split(tc_str_cstr(longer), &t, &u), TC_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_observables), cmocka_unit_test(a_name_in_pieces),
        cmocka_unit_test(version_5),          cmocka_unit_test(version_4),
        cmocka_unit_test(text_of_a_uuid),     cmocka_unit_test(parts_of_an_id),
        cmocka_unit_test(longest_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
