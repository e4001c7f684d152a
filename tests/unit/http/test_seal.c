/* SPDX-License-Identifier: Apache-2.0 */
#include "http/seal.h"

#include <sodium.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct tc_seal seal_with(uint8_t byte)
{
    struct tc_seal s;
    memset(s.key, byte, sizeof s.key);
    return s;
}

static void round_trip(void **state)
{
    (void)state;
    struct tc_seal s = seal_with(1);
    uint8_t bind[TC_SEAL_BIND];
    char text[TC_SEAL_TEXT];
    uint64_t n;
    tc_seal_bind(&s, "objects", NULL, 0, bind);
    static const uint64_t numbers[] = {0, 1, 12345678, UINT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        tc_seal_number(&s, bind, numbers[i], text);
        assert_int_equal(strlen(text), TC_SEAL_TEXT - 1);
        assert_int_equal(tc_seal_read(&s, bind, tc_str_cstr(text), &n), TC_OK);
        assert_true(n == numbers[i]);
    }
}

static void bound(void **state)
{
    (void)state;
    struct tc_seal s = seal_with(1), other = seal_with(2);
    uint8_t a[TC_SEAL_BIND], b[TC_SEAL_BIND];
    char text[TC_SEAL_TEXT];
    uint64_t n = 7;
    /* the same letters, cut at another place */
    const struct tc_str one[] = {TC_STR("ab"), TC_STR("c")}, two[] = {TC_STR("a"), TC_STR("bc")};
    tc_seal_bind(&s, "objects", one, 2, a);
    tc_seal_bind(&s, "objects", two, 2, b);
    tc_seal_number(&s, a, 42, text);
    assert_int_equal(tc_seal_read(&s, b, tc_str_cstr(text), &n), TC_E_SYNTAX);
    assert_int_equal(tc_seal_read(&other, a, tc_str_cstr(text), &n), TC_E_SYNTAX);
    tc_seal_bind(&s, "manifest", one, 2, b);
    assert_int_equal(tc_seal_read(&s, b, tc_str_cstr(text), &n), TC_E_SYNTAX);
    assert_int_equal(tc_seal_read(&s, a, TC_STR(""), &n), TC_E_SYNTAX);
    assert_int_equal(tc_seal_read(&s, a, tc_str_view(text, 31), &n), TC_E_SYNTAX);
    for (size_t i = 0; i < TC_SEAL_TEXT - 1; i++) {
        char c = text[i];
        text[i] = c == 'A' ? 'B' : 'A';
        assert_int_equal(tc_seal_read(&s, a, tc_str_cstr(text), &n), TC_E_SYNTAX);
        text[i] = c;
    }
    assert_int_equal(n, 7);
}

static void places(void **state)
{
    (void)state;
    struct tc_seal s = seal_with(3);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t segment = i * 7919u & 0xfffff, got;
        uint64_t offset = (uint64_t)i * 219902325553u & ((UINT64_C(1) << 42) - 1), at;
        struct tc_uuid u = tc_seal_place(&s, segment, offset);
        assert_int_equal(tc_uuid_version(&u), 4);
        assert_int_equal(u.b[8] & 0xc0, 0x80);
        assert_int_equal(tc_seal_place_read(&s, &u, &got, &at), TC_OK);
        assert_int_equal(got, segment);
        assert_true(at == offset);
        u.b[i % 16] ^= (uint8_t)(1u << (i % 6));
        assert_int_equal(tc_seal_place_read(&s, &u, &got, &at), TC_E_NOTFOUND);
        struct tc_uuid stranger = tc_uuid_v4();
        assert_int_equal(tc_seal_place_read(&s, &stranger, &got, &at), TC_E_NOTFOUND);
    }
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(bound),
                                       cmocka_unit_test(places)};
    return cmocka_run_group_tests_name("http seal", tests, NULL, NULL);
}
