/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/warnlist.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const texts[] = {
    ("{\"name\":\"nets\",\"type\":\"cidr\",\"list\":[\"192.0.2.0/25\",\"2001:db8::/"
     "33\",\"8.8.8.8\"]}"),
    "{\"name\":\"hosts\",\"type\":\"hostname\",\"list\":[\"Example.com\",\".example.org\"]}",
    "{\"name\":\"texts\",\"type\":\"string\",\"list\":[\"Notepad.exe\"]}",
    "{\"name\":\"parts\",\"type\":\"substring\",\"list\":[\"MicroSoft\"]}",
    "{\"name\":\"rules\",\"type\":\"regex\",\"list\":[\"/^10\\\\.0\\\\.[0-9]+x$/i\"]}"};

static const struct {
    const char *value, *list;
} cases[] = {{"192.0.2.127", "nets"},
             {"192.0.2.128", NULL},
             {"192.0.2.0/26", "nets"},
             {"192.0.2.0/24", NULL},
             {"8.8.8.8", "nets"},
             {"8.8.8.9", NULL},
             {"2001:db8:7fff::1", "nets"},
             {"2001:db8:8000::1", NULL},
             {"example.com", "hosts"},
             {"WWW.example.COM", "hosts"},
             {"notexample.com", NULL},
             {"https://user@a.example.org:8443/x?y", "hosts"},
             {"https://evil.test/example.org", NULL},
             {"somebody@example.com", "hosts"},
             {"notepad.EXE", "texts"},
             {"notepad.exe.", NULL},
             {"C:/microsoft/x", "parts"},
             {"10.0.12X", "rules"},
             {"10.0.12Xx", NULL},
             {"", NULL}};

static void test_kinds(void **state)
{
    struct tc_warnlists *w = tc_warnlists_new();
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(tc_warnlists_add(w, tc_str_cstr(texts[i]), &d), TC_OK);
    assert_int_equal(tc_warnlists_count(w), 5);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tc_buf b;
        struct tc_json j = {0};
        tc_buf_init(&b, 1000);
        tc_buf_fmt(&b, "\"%s\"", cases[i].value);
        assert_int_equal(tc_json_read(tc_buf_view(&b), 1000, 0, &j, NULL), TC_OK);
        const char *list = tc_warnlists_hit(w, j.root);
        if (cases[i].list)
            assert_string_equal(list ? list : cases[i].value, cases[i].list);
        else
            assert_null(list);
        tc_json_fini(&j);
        tc_buf_fini(&b);
    }
    tc_warnlists_free(w);
}

static void test_wrong(void **state)
{
    static const char *const wrong[] = {"[]",
                                        "{",
                                        "{\"name\":\"a\",\"type\":\"cidr\"}",
                                        "{\"name\":\"a\",\"type\":\"colour\",\"list\":[]}",
                                        "{\"name\":\"a\",\"type\":\"cidr\",\"list\":[\"x\"]}",
                                        "{\"name\":\"a\",\"type\":\"regex\",\"list\":[\"(\"]}"};
    struct tc_warnlists *w = tc_warnlists_new();
    struct tc_diag d;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tc_diag_init(&d);
        assert_int_not_equal(tc_warnlists_add(w, tc_str_cstr(wrong[i]), &d), TC_OK);
        assert_true(d.message[0]);
    }
    assert_int_equal(tc_warnlists_load(w, "/nonexistent-folder", &d), TC_OK);
    tc_warnlists_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
