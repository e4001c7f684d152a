/* SPDX-License-Identifier: Apache-2.0 */
/* Second factors: the vectors of RFC 6238, and the life of an account that has one. */
#include "access/factor.h"
#include "access/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSWORD TC_STR("seven quiet bells")

struct fix {
    char dir[64], secret[TC_TOTP_TEXT];
    struct tc_access *x;
    struct tc_diag d;
    uint32_t person;
    struct tc_recovery_codes codes;
};

static int64_t clock_us;

static tc_time test_now(void)
{
    return INT64_C(1790000000000000) + clock_us;
}

static int64_t test_monotonic(void)
{
    return 1 + clock_us;
}

static void open_it(struct fix *f)
{
    static const uint8_t key[32] = {7};
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_OK);
    tc_access_factor_key(f->x, key);
    f->x->now = test_now;
    f->x->monotonic = test_monotonic;
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    uint32_t org;
    clock_us = 0;
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-factor-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    tc_diag_init(&f->d);
    open_it(f);
    struct tc_org o = {.name = TC_STR("Port authority"), .country = TC_STR("BE")};
    assert_int_equal(tc_access_org_add(f->x, &o, &org, &f->d), TC_OK);
    struct tc_person p = {
        .org = org, .roles = TC_ROLE_READER, .login = TC_STR("officer"), .active = true};
    assert_int_equal(tc_access_person_add(f->x, &p, PASSWORD, &f->person, &f->d), TC_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm"};
    tc_access_close(f->x);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

static void test_vectors(void **state)
{
    (void)state;
    /* RFC 6238, appendix B, SHA-1; the last six of its eight digits */
    static const struct {
        uint64_t time;
        uint32_t code;
    } v[] = {{59, 287082},       {1111111109, 81804},  {1111111111, 50471},
             {1234567890, 5924}, {2000000000, 279037}, {UINT64_C(20000000000), 353130}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
        assert_int_equal(tc_totp((const uint8_t *)"12345678901234567890", 20, v[i].time / 30),
                         v[i].code);
}

/* The device: base32 back to bytes, and the code of a time. */
static struct tc_str code_at(const struct fix *f, int64_t later, char out[16])
{
    uint8_t secret[20] = {0};
    for (size_t i = 0; i < 32; i++) {
        char c = f->secret[i];
        unsigned v = (unsigned)(c >= 'A' ? c - 'A' : c - '2' + 26);
        for (size_t b = 0; b < 5; b++)
            if (v >> (4 - b) & 1)
                secret[(i * 5 + b) / 8] |= (uint8_t)(128 >> (i * 5 + b) % 8);
    }
    uint64_t step = (uint64_t)(test_now() / TC_SECOND + later) / 30;
    (void)snprintf(out, 16, "%06u", tc_totp(secret, sizeof secret, step));
    return tc_str_cstr(out);
}

static void enrol(struct fix *f)
{
    char code[16];
    assert_int_equal(tc_access_totp_start(f->x, f->person, f->secret, &f->d), TC_OK);
    assert_int_equal(tc_access_totp_confirm(f->x, f->person, code_at(f, 0, code), &f->codes, &f->d),
                     TC_OK);
    clock_us += 60 * TC_SECOND;
}

static tc_err first(struct fix *f, char ticket[TC_TOKEN_SIZE])
{
    struct tc_login *l = NULL;
    ticket[0] = '\0';
    tc_err e = tc_access_password_first(f->x, TC_STR("officer"), PASSWORD, &l, ticket);
    assert_true(e || !l == (ticket[0] != '\0'));
    tc_login_unref(l);
    return e;
}

static void test_life(void **state)
{
    struct fix *f = *state;
    struct tc_login *l = NULL;
    char ticket[TC_TOKEN_SIZE], session[TC_TOKEN_SIZE], code[16];
    assert_int_equal(tc_access_password(f->x, TC_STR("officer"), PASSWORD, &l), TC_OK);
    enrol(f);
    assert_false(tc_access_fresh(f->x, l)); /* it rests on a password alone */
    tc_login_unref(l);
    assert_int_equal(tc_access_password(f->x, TC_STR("officer"), PASSWORD, &l), TC_E_AUTH);

    assert_int_equal(first(f, ticket), TC_OK);
    assert_int_equal(tc_access_token(f->x, tc_str_cstr(ticket), &l), TC_E_AUTH);
    assert_int_equal(tc_access_once(f->x, tc_str_cstr(ticket), session), TC_E_AUTH);
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), TC_STR("000000"), session),
                     TC_E_AUTH);
    struct tc_str right = code_at(f, 0, code);
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), right, session), TC_OK);
    assert_int_equal(tc_access_token(f->x, tc_str_cstr(session), &l), TC_OK);
    tc_login_unref(l);

    /* neither ticket nor code is good again; the next step is */
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), code_at(f, 30, code), session),
                     TC_E_AUTH);
    assert_int_equal(first(f, ticket), TC_OK);
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), code_at(f, 0, code), session),
                     TC_E_AUTH);
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), code_at(f, 30, code), session),
                     TC_OK);

    /* a ticket is over after five minutes */
    assert_int_equal(first(f, ticket), TC_OK);
    clock_us += 301 * TC_SECOND;
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), code_at(f, 0, code), session),
                     TC_E_AUTH);
    assert_int_equal(tc_access_factors_drop(f->x, f->person, &f->d), TC_OK);
    assert_int_equal(tc_access_password(f->x, TC_STR("officer"), PASSWORD, &l), TC_OK);
    tc_login_unref(l);
}

static void test_recovery(void **state)
{
    struct fix *f = *state;
    char ticket[TC_TOKEN_SIZE], session[TC_TOKEN_SIZE];
    bool totp;
    unsigned left;
    enrol(f);
    tc_access_close(f->x);
    open_it(f); /* what was enrolled is on disk */
    tc_access_factors(f->x, f->person, &totp, &left);
    assert_true(totp && left == TC_RECOVERY_CODES);
    struct tc_str code = tc_str_cstr(f->codes.code[4]);
    assert_int_equal(first(f, ticket), TC_OK);
    assert_int_equal(tc_access_second(f->x, tc_str_cstr(ticket), code, session), TC_OK);
    assert_int_equal(tc_access_code(f->x, f->person, code), TC_E_AUTH);
    char loose[32] = "";
    size_t n = 0;
    for (const char *c = f->codes.code[5]; *c; c++)
        if (*c != '-')
            loose[n++] = (char)(*c >= 'a' ? *c - 32 : *c);
    assert_int_equal(tc_access_code(f->x, f->person, tc_str_cstr(loose)), TC_OK);
    tc_access_factors(f->x, f->person, &totp, &left);
    assert_int_equal(left, TC_RECOVERY_CODES - 2);
}

static void test_guessing(void **state)
{
    struct fix *f = *state;
    char code[16];
    enrol(f);
    for (int i = 0; i < TC_LOGIN_FAILURES; i++)
        assert_int_equal(tc_access_code(f->x, f->person, TC_STR("no such code")), TC_E_AUTH);
    /* even the right one now, until tries come back */
    assert_int_equal(tc_access_code(f->x, f->person, code_at(f, 0, code)), TC_E_AUTH);
    clock_us += (TC_LOGIN_FAILURE_SECONDS + 1) * TC_SECOND;
    assert_int_equal(tc_access_code(f->x, f->person, code_at(f, 0, code)), TC_OK);
}

static void test_confirm(void **state)
{
    struct fix *f = *state;
    char code[16];
    assert_int_equal(tc_access_totp_confirm(f->x, f->person, TC_STR("123456"), &f->codes, &f->d),
                     TC_E_NOTFOUND);
    assert_int_equal(tc_access_totp_start(f->x, f->person, f->secret, &f->d), TC_OK);
    assert_int_equal(
        tc_access_totp_confirm(f->x, f->person, code_at(f, 300, code), &f->codes, &f->d),
        TC_E_INVALID);
    clock_us += 601 * TC_SECOND;
    assert_int_equal(tc_access_totp_confirm(f->x, f->person, code_at(f, 0, code), &f->codes, &f->d),
                     TC_E_NOTFOUND);
    assert_int_equal(tc_access_totp_start(f->x, 99, f->secret, &f->d), TC_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recovery, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guessing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_confirm, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
