/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the way out: origins, frames. What it does on the wire is in
 * tests/api/test_fetch.py. */
#include "node/fetch_wire.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_origins(void **state)
{
    static const struct {
        const char *url, *origin; /* NULL = refused */
    } cases[] = {
        {"https://idp.example", "https://idp.example:443"},
        {"https://IdP.Example:8443/path?x=1", "https://idp.example:8443"},
        {"https://[2001:db8::1]/", "https://[2001:db8::1]:443"},
        {"http://127.0.0.1:9000/x", "http://127.0.0.1:9000"},
        {"http://127.1:9000/x", "http://127.0.0.1:9000"},
        {"http://localhost/", "http://localhost:80"},
        {"http://[::1]:1/", "http://[::1]:1"},
        {"http://idp.example/", NULL},
        {"http://127.example.org/", NULL},
        {"http://127.0.0.1.example.org/", NULL},
        {"http://localhost.example/", NULL},
        {"http://128.0.0.1/", NULL},
        {"https://user@idp.example/", NULL},
        {"https://idp.example@evil.example/", NULL},
        {"https://idp.example/#f", NULL},
        {"https://idp.example:0/", NULL},
        {"https://idp.example:99999/", NULL},
        {"ftp://idp.example/", NULL},
        {"file:///etc/passwd", NULL},
        {"gopher://localhost/", NULL},
        {"unix:///run/x", NULL},
        {"idp.example", NULL},
        {"https:/%34", NULL},
        {"/path", NULL},
        {"", NULL},
        {"https://idp.example/a\r\nHost: b", NULL},
        {"https://idp.example\t/", NULL},
    };
    struct tc_fetch_origin o;
    struct tc_diag d;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tc_diag_init(&d);
        tc_err e = tc_fetch_origin_of(tc_str_cstr(cases[i].url), &o, &d);
        if (!cases[i].origin) {
            if (e != TC_E_INVALID)
                print_error("%s is taken\n", cases[i].url);
            assert_int_equal(e, TC_E_INVALID);
            assert_true(d.message[0] != '\0');
            continue;
        }
        assert_int_equal(e, TC_OK);
        assert_string_equal(o.text, cases[i].origin);
    }
}

static void test_collected(void **state)
{
    struct tc_fetch_origins o = {.n = 0};
    struct tc_diag d;
    char url[64];
    (void)state;
    tc_diag_init(&d);
    assert_int_equal(tc_fetch_origin_add(&o, TC_STR("https://a.example/x"), &d), TC_OK);
    assert_int_equal(tc_fetch_origin_add(&o, TC_STR("https://A.example:443"), &d), TC_OK);
    assert_int_equal(o.n, 1);
    for (int i = 1; i < TC_FETCH_ORIGINS; i++) {
        (void)snprintf(url, sizeof url, "https://a.example:%d", i);
        assert_int_equal(tc_fetch_origin_add(&o, tc_str_cstr(url), &d), TC_OK);
    }
    assert_int_equal(tc_fetch_origin_add(&o, TC_STR("https://b.example"), &d), TC_E_LIMIT);
    assert_int_equal(tc_fetch_ca_set(&o, TC_STR(""), &d), TC_OK);
    assert_int_equal(tc_fetch_ca_set(&o, TC_STR("/a"), &d), TC_OK);
    assert_int_equal(tc_fetch_ca_set(&o, TC_STR("/a"), &d), TC_OK);
    assert_int_equal(tc_fetch_ca_set(&o, TC_STR("/b"), &d), TC_E_CONFLICT);
    assert_string_equal(o.ca_file, "/a");
}

static void test_ask(void **state)
{
    const struct tc_fetch_ask ask = {"POST", TC_STR("https://a.example/"), TC_STR("text/plain"),
                                     TC_STR("Bearer x"), TC_STR("\0\r\nbody")};
    struct tc_fetch_ask bent, back;
    struct tc_buf b;
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    tc_buf_init(&b, TC_FETCH_FRAME);
    assert_int_equal(tc_fetch_ask_write(&b, &ask, &d), TC_OK);
    assert_int_equal(tc_fetch_ask_read(tc_str_view(b.p + 4, b.n - 4), &back), TC_OK);
    assert_string_equal(back.method, "POST");
    assert_true(tc_str_eq(back.url, ask.url) && tc_str_eq(back.content_type, ask.content_type));
    assert_true(tc_str_eq(back.authorization, ask.authorization) && tc_str_eq(back.body, ask.body));
    for (size_t n = 0; n + 4 < b.n; n++) /* no piece of it is one */
        assert_int_equal(tc_fetch_ask_read(tc_str_view(b.p + 4, n), &back), TC_E_INVALID);
    tc_buf_char(&b, 'x');
    assert_int_equal(tc_fetch_ask_read(tc_str_view(b.p + 4, b.n - 4), &back), TC_E_INVALID);
    bent = ask, bent.authorization = TC_STR("Bearer x\r\nHost: b");
    assert_int_equal(tc_fetch_ask_write(&b, &bent, &d), TC_E_INVALID);
    bent = ask, bent.content_type = TC_STR("a\nb");
    assert_int_equal(tc_fetch_ask_write(&b, &bent, &d), TC_E_INVALID);
    bent = ask, bent.method = "DELETE";
    assert_int_equal(tc_fetch_ask_write(&b, &bent, &d), TC_E_INVALID);
    char *large = calloc(1, TC_FETCH_BODY + 1);
    assert_non_null(large);
    bent = ask, bent.body = tc_str_view(large, TC_FETCH_BODY + 1);
    assert_int_equal(tc_fetch_ask_write(&b, &bent, &d), TC_E_LIMIT);
    bent.body.n--;
    assert_int_equal(tc_fetch_ask_write(&b, &bent, &d), TC_OK);
    free(large);
    tc_buf_fini(&b);
}

static void test_answer(void **state)
{
    const struct tc_fetch_answer answer = {
        TC_OK, {599, TC_STR("application/json"), TC_STR("{}")}, TC_STR("")};
    struct tc_fetch_answer back;
    struct tc_buf b;
    (void)state;
    tc_buf_init(&b, TC_FETCH_FRAME);
    assert_int_equal(tc_fetch_answer_write(&b, &answer), TC_OK);
    assert_int_equal(tc_fetch_answer_read(tc_str_view(b.p + 4, b.n - 4), &back), TC_OK);
    assert_int_equal(back.reply.status, 599);
    assert_true(tc_str_is(back.reply.body, "{}") && back.err == TC_OK);
    for (size_t n = 0; n + 4 < b.n; n++)
        assert_int_equal(tc_fetch_answer_read(tc_str_view(b.p + 4, n), &back), TC_E_INVALID);
    b.p[4] = (char)TC_E_COUNT;
    assert_int_equal(tc_fetch_answer_read(tc_str_view(b.p + 4, b.n - 4), &back), TC_E_INVALID);
    tc_buf_fini(&b);
}

static void test_nothing_to_ask(void **state)
{
    const struct tc_fetch_ask ask = {.method = "GET", .url = TC_STR("https://a.example/")};
    struct tc_fetch *f = NULL;
    struct tc_fetch_reply r;
    struct tc_diag d;
    const char *const bad[] = {"http://a.example"};
    (void)state;
    tc_diag_init(&d);
    assert_int_equal(tc_fetch_start(NULL, 0, NULL, &f, &d), TC_OK);
    assert_null(f);
    assert_int_equal(tc_fetch(f, &ask, NULL, &r, &d), TC_E_DENIED);
    assert_int_equal(tc_fetch_start(bad, 1, NULL, &f, &d), TC_E_INVALID);
    tc_fetch_stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_collected),
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_nothing_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
