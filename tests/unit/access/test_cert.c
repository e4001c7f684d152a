/* SPDX-License-Identifier: Apache-2.0 */
/* Client certificates: reading one, and how long it opens an account. */
#include "access/cert.h"
#include "access/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fix {
    char dir[64];
    struct tc_access *x;
    struct tc_diag d;
    uint32_t person;
};

static tc_time clock_now;

static tc_time test_now(void)
{
    return clock_now;
}

static void open_it(struct fix *f)
{
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_OK);
    f->x->now = test_now;
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    uint32_t org;
    clock_now = 1000 * TC_SECOND;
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-cert-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    tc_diag_init(&f->d);
    open_it(f);
    struct tc_org o = {.name = TC_STR("Port authority"), .country = TC_STR("BE")};
    assert_int_equal(tc_access_org_add(f->x, &o, &org, &f->d), TC_OK);
    struct tc_person p = {
        .org = org, .roles = TC_ROLE_READER, .login = TC_STR("feed"), .active = true};
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &f->person, &f->d), TC_OK);
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

static struct tc_cert made(uint8_t first)
{
    struct tc_cert c = {.from = 900 * TC_SECOND, .until = 2000 * TC_SECOND, .subject = "CN=feed"};
    c.print[0] = first;
    return c;
}

static tc_err in(struct fix *f, const struct tc_cert *c)
{
    struct tc_login *l = NULL;
    tc_err e = tc_access_cert_login(f->x, c->print, &l);
    if (!e)
        assert_int_equal(l->principal.person, f->person);
    tc_login_unref(l);
    return e;
}

static void only_in_its_time(void **state)
{
    struct fix *f = *state;
    struct tc_cert c = made(1), later = made(2), over = made(3);
    struct tc_login *l = NULL;
    later.from = 1500 * TC_SECOND;
    over.until = clock_now;
    assert_int_equal(in(f, &c), TC_E_AUTH);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &c, &f->d), TC_OK);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &later, &f->d), TC_OK);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &over, &f->d), TC_E_INVALID);
    assert_int_equal(in(f, &c), TC_OK);
    assert_int_equal(in(f, &later), TC_E_AUTH);
    assert_int_equal(tc_access_cert_login(f->x, c.print, &l), TC_OK);
    clock_now = 1500 * TC_SECOND;
    assert_int_equal(in(f, &later), TC_OK);
    assert_true(tc_access_fresh(f->x, l));
    clock_now = 2000 * TC_SECOND;
    assert_false(tc_access_fresh(f->x, l));
    assert_int_equal(in(f, &c), TC_E_AUTH);
    tc_login_unref(l);
}

static void kept_and_taken_away(void **state)
{
    struct fix *f = *state;
    struct tc_cert c = made(1);
    struct tc_cert_info *v;
    struct tc_login *l = NULL;
    size_t n;
    struct tc_arena *a = tc_arena_new(1 << 16);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &c, &f->d), TC_OK);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &c, &f->d), TC_E_CONFLICT);
    assert_int_equal(tc_access_cert_add(f->x, 99, &c, &f->d), TC_E_NOTFOUND);
    tc_access_close(f->x);
    open_it(f);
    assert_int_equal(tc_access_certs(f->x, 0, a, &v, &n), TC_OK);
    assert_int_equal(n, 1);
    assert_true(tc_str_is(v[0].subject, "CN=feed"));
    assert_int_equal(v[0].until, c.until);
    assert_int_equal(tc_access_cert_login(f->x, c.print, &l), TC_OK);
    struct tc_str id = tc_str_cstr(v[0].id);
    assert_int_equal(tc_access_cert_drop(f->x, f->person + 1, id, &f->d), TC_E_NOTFOUND);
    assert_int_equal(tc_access_cert_drop(f->x, f->person, TC_STR("zz"), &f->d), TC_E_NOTFOUND);
    assert_true(tc_access_fresh(f->x, l));
    assert_int_equal(tc_access_cert_drop(f->x, f->person, id, &f->d), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    assert_int_equal(in(f, &c), TC_E_AUTH);
    assert_int_equal(tc_access_cert_drop(f->x, f->person, id, &f->d), TC_E_NOTFOUND);
    tc_login_unref(l);
    tc_arena_free(a);
}

static void bounded(void **state)
{
    struct fix *f = *state;
    for (uint8_t i = 0; i < TC_MAX_PERSON_CERTS; i++) {
        struct tc_cert c = made(i);
        assert_int_equal(tc_access_cert_add(f->x, f->person, &c, &f->d), TC_OK);
    }
    struct tc_cert c = made(TC_MAX_PERSON_CERTS);
    assert_int_equal(tc_access_cert_add(f->x, f->person, &c, &f->d), TC_E_LIMIT);
}

static void what_is_none(void **state)
{
    static char big[TC_MAX_CERT_FILE + 1];
    struct tc_cert c;
    (void)state;
    assert_int_equal(tc_cert_read(TC_STR(""), &c, NULL), TC_E_SYNTAX);
    assert_int_equal(tc_cert_read(TC_STR("-----BEGIN CERTIFICATE-----\nAA==\n"), &c, NULL),
                     TC_E_SYNTAX);
    assert_int_equal(tc_cert_read(TC_STR("0\x82\x01"), &c, NULL), TC_E_SYNTAX);
    assert_int_equal(tc_cert_read(tc_str_view(big, sizeof big), &c, NULL), TC_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_in_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_and_taken_away, setup, teardown),
        cmocka_unit_test_setup_teardown(bounded, setup, teardown),
        cmocka_unit_test(what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
