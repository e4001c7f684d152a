/* SPDX-License-Identifier: Apache-2.0 */
#include "http/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static bool taxii(const char *accept)
{
    return tc_media_accepts(tc_str_cstr(accept), "application", "taxii+json", "2.1");
}

static void accepts(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "*/*",
                                       "application/*",
                                       "application/taxii+json",
                                       "application/taxii+json;version=2.1",
                                       "application/taxii+json; version=2.1",
                                       "APPLICATION/Taxii+JSON;Version=\"2.1\"",
                                       "text/html, application/taxii+json;version=2.1;q=0.2",
                                       "application/taxii+json;version=2.0, */*;q=0.1",
                                       "text/html;level=1 , */*"};
    static const char *const bad[] = {"text/html",
                                      "application/json",
                                      "application/taxii+json;version=2.0",
                                      "application/taxii+json;version=2.1;q=0",
                                      "application/taxii+json;version=2.1;q=0.0, */*",
                                      "application/vnd.oasis.taxii+json; version=2.0",
                                      "garbage",
                                      "/",
                                      ",",
                                      "application/taxii+json;version=\"2.1",
                                      "*/taxii+json"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(taxii(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(taxii(bad[i]));
}

static void content_types(void **state)
{
    (void)state;
    assert_true(tc_media_is(TC_STR(TC_MEDIA_TAXII), "application", "taxii+json", "2.1"));
    assert_true(tc_media_is(TC_STR("application/taxii+json"), "application", "taxii+json", "2.1"));
    assert_true(tc_media_is(TC_STR("application/json; charset=utf-8"), "application", "json", ""));
    assert_false(tc_media_is(TC_STR("application/taxii+json;version=2.0"), "application",
                             "taxii+json", "2.1"));
    assert_false(tc_media_is(TC_STR("application/stix+json;version=2.1"), "application",
                             "taxii+json", "2.1"));
    assert_false(tc_media_is(TC_STR(""), "application", "json", ""));
    assert_false(tc_media_is(TC_STR("application/json, text/plain"), "application", "json", ""));
}

static void codings(void **state)
{
    (void)state;
    assert_true(tc_media_accepts_coding(TC_STR("gzip, deflate, br"), "gzip"));
    assert_true(tc_media_accepts_coding(TC_STR("br;q=1, gzip;q=0.5"), "gzip"));
    assert_false(tc_media_accepts_coding(TC_STR("gzip;q=0"), "gzip"));
    assert_false(tc_media_accepts_coding(TC_STR(""), "gzip"));
    assert_false(tc_media_accepts_coding(TC_STR("br"), "gzip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepts), cmocka_unit_test(content_types),
                                       cmocka_unit_test(codings)};
    return cmocka_run_group_tests_name("http media", tests, NULL, NULL);
}
