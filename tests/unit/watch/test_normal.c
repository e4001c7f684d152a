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
        {"+12", "+12"},
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
