/* SPDX-License-Identifier: Apache-2.0 */
#include "model/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct row {
    enum tc_format f;
    const char *good[6], *bad[10];
};

static const struct row rows[] = {
    {TC_FORMAT_IPV4,
     {"0.0.0.0", "255.255.255.255", "10.0.0.0/8", "1.2.3.4/32"},
     {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/01",
      "a.b.c.d"}},
    {TC_FORMAT_IPV6,
     {"::", "::1", "2001:db8::/32", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "fe80::1"},
     {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "fe80::1/129",
      "1:2:3:4:5:6:7:8::", "::1/00"}},
    {TC_FORMAT_MAC,
     {"d2:fb:49:24:37:18"},
     {"", "D2:FB:49:24:37:18", "d2-fb-49-24-37-18", "d2:fb:49:24:37", "d2:fb:49:24:37:1g"}},
    {TC_FORMAT_EMAIL,
     {"a@b", "first.last+tag@example.com"},
     {"", "@b", "a@", "a b@c", "a@b@c", "N <a@b>"}},
    {TC_FORMAT_URL,
     {"https://example.com/", "mailto:a@b", "urn:x:y", "http://[2001:db8::1]/a?b#c"},
     {"", "foo", "www.example.com", "http:", "http://a b", "http://a/<b>", "://a", "1http://a"}},
    {TC_FORMAT_LINK, {"https://example.com/ "}, {"", " ", "foo"}},
    {TC_FORMAT_BASE64, {"", "YQ==", "YWI=", "YWJj"}, {"Y", "YQ=", "YQ===", "Y!==", "=YQ="}},
    {TC_FORMAT_HEX, {"", "0f", "DEADbeef"}, {"0", "0g", "0x00"}},
    {TC_FORMAT_CPE,
     {"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", "cpe:2.3:o:a\\:b:c:-:*:*:*:*:*:*:*"},
     {"", "cpe:/a:microsoft:word", "cpe:2.3:a:b", "cpe:2.3:x:b:c:d:*:*:*:*:*:*:*",
      "cpe:2.3:a:b:c:d:*:*:*:*:*:*:*:*", "cpe:2.3:a::c:d:*:*:*:*:*:*:*"}},
    {TC_FORMAT_LANG,
     {"en", "de-AT", "zh-Hant-TW", "x-own"},
     {"", "e", "en_US", "en-", "12", "toolonglang"}},
    {TC_FORMAT_LOWER_HYPHEN, {"a-b", "x86", "é"}, {"", "A", "a b", "a_b", "1"}},
    {TC_FORMAT_MIME,
     {"application/pdf", "text/html; charset=utf-8", "image/svg+xml"},
     {"", "pdf", "bla/bla", "application/", "Application/pdf"}},
    {TC_FORMAT_CHARSET, {"utf-8", "ISO_8859-1:1987"}, {"", "a b", "bla.bla"}},
    {TC_FORMAT_PROPERTY, {"abc", "a_1"}, {"", "ab", "1abc", "Abc", "a-b", "_abc"}},
    {TC_FORMAT_PROTOCOL, {"tcp", "Ipv4", "x-y"}, {"", "tcp/ip", "longer-than-15-cha"}},
    {TC_FORMAT_REGISTRY, {"HKEY_LOCAL_MACHINE\\a", "hkey_users"}, {"", "HKLM\\a", "hkcu"}},
    {TC_FORMAT_RELATIONSHIP, {"uses", "a-1"}, {"", "Uses", "a_b"}},
    {TC_FORMAT_SELECTOR,
     {"id", "labels", "labels.[0]", "external_references.[1].url", "extensions.x-y-ext.a"},
     {"", "ab", "[0]", "labels.[x]", "labels.", "a b c", ".labels"}},
    {TC_FORMAT_SOCKOPT, {"SO_KEEPALIVE", "IP_MTU"}, {"", "SO_", "so_keepalive", "KEEPALIVE"}},
    {TC_FORMAT_PRIORITY, {"HIGH_PRIORITY_CLASS"}, {"", "_CLASS", "HIGH"}},
    {TC_FORMAT_PRODUCT, {"clam-av"}, {"", "Clam", "clam av"}},
    {TC_FORMAT_IPFIX, {"octetDeltaCount"}, {"", "Octet", "o"}},
    {TC_FORMAT_CALENDAR, {"40%; Mo-Fr 07-19 100%; UTC+01:00"}, {"", "UTC", "Mo", "40", "1001%"}},
    {TC_FORMAT_DRAW,
     {"uniform", "lognormal", "triangular PT6H"},
     {"", "normal", "triangular", "triangular 6h"}},
    {TC_FORMAT_DURATION, {"PT8H", "P1D"}, {"", "8h", "P1Y"}},
    {TC_FORMAT_DURATIONS, {"PT8H", "PT4H..PT12H"}, {"", "PT12H..PT4H"}},
    {TC_FORMAT_NEED, {"1", "all", "60%", "2.5%"}, {"", "-1", "101%", "most", "%"}},
    {TC_FORMAT_PATTERN, {"[a:b = 1]"}, {"", "  "}},
};

static void forms_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        for (size_t k = 0; k < 6 && r->good[k]; k++)
            if (!tc_format_ok(r->f, tc_str_cstr(r->good[k])))
                fail_msg("refused as %s: %s", tc_format_says(r->f), r->good[k]);
        for (size_t k = 0; k < 10 && r->bad[k]; k++)
            if (tc_format_ok(r->f, tc_str_cstr(r->bad[k])))
                fail_msg("accepted as %s: %s", tc_format_says(r->f), r->bad[k]);
    }
}

static void names_are_found(void **state)
{
    (void)state;
    assert_int_equal(tc_format_find(TC_STR("ipv4")), TC_FORMAT_IPV4);
    assert_int_equal(tc_format_find(TC_STR("url")), TC_FORMAT_URL);
    assert_int_equal(tc_format_find(TC_STR("no-such")), TC_FORMAT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_told_apart),
        cmocka_unit_test(names_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
