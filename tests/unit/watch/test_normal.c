/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "watch/normal.h"

#include <stdio.h>
#include <stdlib.h>

static const char *normal(struct tc_str s)
{
    static char out[TC_MAX_VALUE + 1];
    out[tc_normal_value(s, out)] = '\0';
    return out;
}

static void test_table(void **state)
{
    static const char *const cases[][2] = {
        {" 198.51.100.7 ", "198.51.100.7"},
        {"198.51.100.7/32", "198.51.100.7"},
        {"10.1.2.3/8", "10.0.0.0/8"},
        {"10.1.2.3/0", "0.0.0.0/0"},
        {"10.255.255.255/13", "10.248.0.0/13"},
        {"198.51.100.07", "198.51.100.07"}, /* no address; then a domain by its shape */
        {"10.0.0.0/33", "10.0.0.0/33"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"2001:db8::1/128", "2001:db8::1"},
        {"2001:db8::ffff/64", "2001:db8::/64"},
        {"2001:db8::/101", "2001:db8::/101"},
        {"::ffff:198.51.100.7", "198.51.100.7"},
        {"00-1B-21-3A-4F-5C", "00:1b:21:3a:4f:5c"},
        {"001b.213a.4f5c", "00:1b:21:3a:4f:5c"},
        {"00:1b-21:3a:4f:5c", "00:1b-21:3a:4f:5c"},
        {"WWW.Example.ORG.", "www.example.org"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.Example",
         "xn--bcher-kva.example"},
        {"xn--bcher-KVA.example", "xn--bcher-kva.example"},
        {"\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95", "xn--fsqu00a.xn--0zwm56d"},
        {"_dmarc.Example.org", "_dmarc.example.org"},
        {"Duty.Officer@Example.ORG", "duty.officer@example.org"},
        {"HTTP://User@Example.ORG:80", "http://User@example.org/"},
        {"https://Example.org:443/A%7eb%2fc?Q#F", "https://example.org/A~b%2Fc?Q#F"},
        {"https://Example.org:8443/A", "https://example.org:8443/A"},
        {"http://[2001:DB8::0:1]:80/x", "http://[2001:db8::1]/x"},
        {"http://198.51.100.7:8080", "http://198.51.100.7:8080/"},
        {"http://example.org?q", "http://example.org/?q"},
        {"http://a%", "http://a%/"},
        {"+31 (20) 123-4567", "+31201234567"},
        {"+44 (0)20 7946 0018", "+442079460018"},
        {"+12", "+12"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* RFC 5952 section 4.2.3 */
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* section 4.2.2 */
        {"2001:0DB8::0001", "2001:db8::1"},
        {"CVE-2024-0001", "cve-2024-0001"},
        {"C:\\Windows\\A.EXE", "c:\\windows\\a.exe"},
        {"50-00-0", "50-00-0"},
        {"", ""},
        {" \t", ""},
        {"a..b", "a..b"},
        {"@", "@"},
        {"://", "://"},
        {"\xff.Org", "\xff.org"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(normal(tc_str_cstr(cases[i][0])), cases[i][1]);
}

static void test_kinds(void **state)
{
    static const struct {
        enum tc_spelling as;
        const char *text, *normal;
        bool is;
        enum tc_spelling apart;
    } cases[] = {
#define PLATE  TC_SPELLING_PLATE
#define CAS    TC_SPELLING_CAS
#define SERIAL TC_SPELLING_SERIAL
#define PHONE  TC_SPELLING_PHONE
#define EMAIL  TC_SPELLING_EMAIL
#define VALUE  TC_SPELLING_VALUE
        {PLATE, " ab-12-cd ", "AB12CD", true, PLATE},
        {PLATE,
         "AB 12\xc2\xb7"
         "CD",
         "AB12CD", true, PLATE},
        {PLATE, "M\xc3\xbc-\xc3\xb6 123",
         "M\xc3\x9c\xc3\x96"
         "123",
         true, PLATE},
        {PLATE, "\xd0\x90\xd0\x92 1234 \xd0\xa1\xd0\xa3", "AB1234CY", true, PLATE}, /* Cyrillic */
        {PLATE, "\xce\x99\xce\x9a\xce\xa1-1234", "IKP1234", true, PLATE},           /* Greek */
        {PLATE, "ABC", "abc", false, VALUE},
        {PLATE, "AB_12!", "ab_12!", false, VALUE},
        {PLATE, "AB 1234567890123", "ab 1234567890123", false, VALUE},
        {PLATE, "", "", false, VALUE},
        /* CAS's own example, and substances of Regulation (EU) 2019/1148, annexes I and II */
        {CAS, "107-07-3", "107-07-3", true, VALUE},
        {CAS, "7732-18-5", "7732-18-5", true, VALUE},
        {CAS, "7722-84-1", "7722-84-1", true, VALUE},
        {CAS, "75-52-5", "75-52-5", true, VALUE},
        {CAS, "7664-93-9", "7664-93-9", true, VALUE},
        {CAS, "6484-52-2", "6484-52-2", true, VALUE},
        {CAS, "7757-79-1", "7757-79-1", true, VALUE},
        {CAS, "100-97-0", "100-97-0", true, VALUE},
        {CAS, "67-64-1", "67-64-1", true, VALUE},
        {CAS, "CAS No. 0007732-18-5", "7732-18-5", true, VALUE},
        {CAS, "cas rn: 50-00-0", "50-00-0", true, VALUE},
        {CAS, "7732-18-4", "7732-18-4", false, VALUE},
        {CAS, "CAS 7732-18-4", "cas 7732-18-4", false, VALUE},
        {CAS, "77321-8-5", "77321-8-5", false, VALUE},
        {CAS, "12345678-18-5", "12345678-18-5", false, VALUE},
        {CAS, "7-18-5", "7-18-5", false, VALUE},
        {SERIAL, "36:f7:d4:32", "36F7D432", true, SERIAL},
        {SERIAL, "sn 1581-F4BN/0012", "SN1581F4BN0012", true, SERIAL},
        {SERIAL, "0012", "0012", true, SERIAL},
        {SERIAL, "unknown", "unknown", false, VALUE},
        {PHONE, "tel:+1-201-555-0123", "+12015550123", true, VALUE}, /* RFC 3966 section 6 */
        {PHONE, "tel:+1-201-555-0123;ext=5", "+12015550123", true, VALUE},
        {PHONE, "+44 (0)20 7946 0018", "+442079460018", true, VALUE},
        {PHONE, "0044 20 7946 0018", "+442079460018", true, VALUE},
        {PHONE, "+22 607 123 4567", "+226071234567", true, VALUE}, /* E.123 section 2.5 */
        {PHONE, "+39 (0)6 1234 5678", "+390612345678", true, VALUE},
        {PHONE, "(0607) 123 4567", "06071234567", true, PHONE}, /* E.123 section 2.4 */
        {PHONE, "112", "112", false, VALUE},
        {PHONE, "+1234567890123456", "+1234567890123456", false, VALUE},
        {PHONE, "call me", "call me", false, VALUE},
        {EMAIL, "Duty officer <Duty@Example.ORG>", "duty@example.org", true, VALUE},
        {EMAIL, "mailto:Duty@Example.ORG", "duty@example.org", true, VALUE},
        {EMAIL, "duty at example.org", "duty at example.org", false, VALUE},
        {VALUE, "HTTP://Example.org", "http://example.org/", true, VALUE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[TC_MAX_VALUE + 1];
        size_t n = 0;
        enum tc_spelling apart = TC_SPELLING_NONE;
        bool is = tc_normal_as(cases[i].as, tc_str_cstr(cases[i].text), out, &n, &apart);
        out[n] = '\0';
        assert_string_equal(out, cases[i].normal);
        if (is != cases[i].is || apart != cases[i].apart)
            fail_msg("'%s': %d %d", cases[i].text, is, apart);
    }
}

/* The check digit against the rule written out: ... + 3*c + 2*b + 1*a, modulo 10. */
static void test_cas_digit(void **state)
{
    (void)state;
    for (int a = 10; a < 10000000; a = a * 7 / 3 + 1)
        for (int b = 0; b < 100; b += 7) {
            char text[32];
            int sum = 1 * (b % 10) + 2 * (b / 10), place = 3;
            for (int rest = a; rest; rest /= 10)
                sum += place++ * (rest % 10);
            (void)snprintf(text, sizeof text, "%d-%02d-%d", a, b, sum % 10);
            assert_int_equal(tc_normal_cas_digit(tc_str_cstr(text)), sum % 10);
        }
    assert_int_equal(tc_normal_cas_digit(TC_STR("7732-18-1")), 5);
    assert_int_equal(tc_normal_cas_digit(TC_STR("7732-1a-1")), -1);
    assert_int_equal(tc_normal_cas_digit(TC_STR("")), -1);
}

/* As any kind: bounded, what is of the kind stays so, kinds that are apart do not meet. */
static void test_kinds_twice(void **state)
{
    static const char alphabet[] = "a.:/@0159fF-+ (0)<>\xc3\xbc\xd0\x90Z\xffmailto:tel:;";
    char text[40], once[TC_MAX_VALUE], twice[TC_MAX_VALUE];
    (void)state;
    srandom(9);
    for (int i = 0; i < 300000; i++) {
        enum tc_spelling as = (enum tc_spelling)(1 + i % (TC_SPELLING_COUNT - 1)), apart, again;
        size_t n = (size_t)random() % sizeof text, a, b;
        for (size_t k = 0; k < n; k++)
            text[k] = alphabet[(size_t)random() % (sizeof alphabet - 1)];
        if (!tc_normal_as(as, tc_str_view(text, n), once, &a, &apart))
            continue;
        bool is = tc_normal_as(as, tc_str_view(once, a), twice, &b, &again);
        assert_true(a <= TC_MAX_VALUE);
        if (!is || a != b || again != apart || memcmp(once, twice, a) != 0)
            fail_msg("%d '%.*s' '%.*s' '%.*s'", as, (int)n, text, (int)a, once, (int)b, twice);
    }
    const struct tc_hash_key key = {1, 2};
    uint64_t plate = tc_normal_hash(key, TC_SPELLING_PLATE, TC_STR("AB12CD"));
    assert_true(plate != tc_normal_hash(key, TC_SPELLING_SERIAL, TC_STR("AB12CD")));
    assert_true(plate != tc_normal_hash(key, TC_SPELLING_VALUE, TC_STR("AB12CD")));
}

/* Whatever the text: bounded, and written twice is written once. */
static void test_twice(void **state)
{
    static const char alphabet[] = "a.:/@%[]0159fF-+ xn--\xc3\xbc?#_(Z\xff";
    char text[64], once[TC_MAX_VALUE], twice[TC_MAX_VALUE];
    (void)state;
    srandom(7);
    for (int i = 0; i < 300000; i++) {
        size_t n = (size_t)random() % sizeof text;
        for (size_t k = 0; k < n; k++)
            text[k] = alphabet[(size_t)random() % (sizeof alphabet - 1)];
        size_t a = tc_normal_value(tc_str_view(text, n), once);
        size_t b = tc_normal_value(tc_str_view(once, a), twice);
        assert_true(a <= TC_MAX_VALUE);
        if (a != b || memcmp(once, twice, a) != 0)
            fail_msg("'%.*s' '%.*s' '%.*s'", (int)n, text, (int)a, once, (int)b, twice);
    }
    char *large = malloc(100000);
    memset(large, 'A', 100000);
    assert_int_equal(tc_normal_value(tc_str_view(large, 100000), once), TC_MAX_VALUE);
    for (size_t i = 0; i < 100000; i += 2)
        large[i] = '\xc3', large[i + 1] = '\xbc';
    assert_true(tc_normal_value(tc_str_view(large, 100000), once) <= TC_MAX_VALUE);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_twice), cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_cas_digit), cmocka_unit_test(test_kinds_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
