/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads sign in, look and spend codes while membership, roles and tokens change: made for
 * ThreadSanitizer. What a login says must have been true at its epoch; a grant is never seen
 * half; a one-time code is spent once. */
#include "access/access.h"
#include "base/limits.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define READERS 4
#define ROUNDS  150
#define CODES   20

static struct tc_access *x;
static uint32_t org[2], person[2], left, right; /* org[0] is in left or in right, never both */
static char token[2][TC_TOKEN_SIZE];
static _Atomic bool stop;
static _Atomic int wrong, signed_in;

static void check(const struct tc_login *l)
{
    bool in_left = tc_u32s_has(l->principal.communities, left);
    bool in_right = tc_u32s_has(l->principal.communities, right);
    if (l->principal.org == org[0] && in_left && in_right)
        atomic_fetch_add(&wrong, 1);
    if (l->principal.org == org[1] && (in_left || in_right))
        atomic_fetch_add(&wrong, 1);
}

static void *reader(void *arg)
{
    struct tc_arena *a = tc_arena_new(1 << 20);
    struct tc_login *kept = NULL;
    size_t i = (size_t)(uintptr_t)arg;
    while (!atomic_load(&stop)) {
        struct tc_login *l = NULL;
        struct tc_community *v;
        struct tc_org *orgs;
        struct tc_u32s members;
        size_t n;
        i++;
        if (kept && !tc_access_fresh(x, kept)) {
            tc_login_unref(kept);
            kept = NULL;
        }
        if (i % 16 == 0 ? tc_access_password(x, TC_STR("one"), TC_STR("seven quiet bells"), &l)
                        : tc_access_token(x, tc_str_cstr(token[i % 2]), &l))
            continue;
        atomic_fetch_add(&signed_in, 1);
        check(l);
        if (tc_access_communities_for(x, &l->principal, a, &v, &n) || n < 1 || n > 2)
            atomic_fetch_add(&wrong, 1);
        if (tc_access_members(x, &tc_principal_system, left, a, &members) || members.n > 1)
            atomic_fetch_add(&wrong, 1);
        (void)tc_access_may_write(x, &l->principal, left);
        if (tc_access_orgs(x, a, &orgs, &n) || n < 2)
            atomic_fetch_add(&wrong, 1);
        if (!kept)
            kept = tc_login_ref(l);
        tc_login_unref(l);
        tc_arena_reset(a);
    }
    tc_login_unref(kept);
    tc_arena_free(a);
    return NULL;
}

static char code[CODES][TC_TOKEN_SIZE];
static _Atomic int spent;

static void *spender(void *arg)
{
    char session[TC_TOKEN_SIZE];
    (void)arg;
    for (int i = 0; i < CODES; i++)
        if (tc_access_once(x, tc_str_cstr(code[i]), session) == TC_OK)
            atomic_fetch_add(&spent, 1);
    return NULL;
}

static void must(tc_err e)
{
    assert_int_equal(e, TC_OK);
}

static void people(struct tc_diag *d)
{
    static const char *const names[] = {"one", "two"};
    for (int i = 0; i < 2; i++) {
        struct tc_org o = {.name = tc_str_cstr(names[i]), .country = TC_STR("NL")};
        must(tc_access_org_add(x, &o, &org[i], d));
        struct tc_person p = {
            .org = org[i], .roles = TC_ROLE_READER, .login = tc_str_cstr(names[i]), .active = true};
        must(tc_access_person_add(x, &p, TC_STR("seven quiet bells"), &person[i], d));
        must(
            tc_access_token_new(x, person[i], TC_TOKEN_API, TC_STR(""), TC_TIME_NONE, token[i], d));
    }
    struct tc_community l = {.title = TC_STR("left")}, r = {.title = TC_STR("right")};
    must(tc_access_community_add(x, &l, &left, d));
    must(tc_access_community_add(x, &r, &right, d));
    for (int i = 0; i < CODES; i++)
        must(
            tc_access_token_new(x, person[0], TC_TOKEN_ONCE, TC_STR(""), TC_TIME_NONE, code[i], d));
}

static void change(int i, struct tc_diag *d)
{
    char secret[TC_TOKEN_SIZE], name[32];
    uint32_t n;
    must(tc_access_member_set(x, i % 2 ? left : right, org[0], false, false, d));
    must(tc_access_member_set(x, i % 2 ? right : left, org[0], true, i % 3 == 0, d));
    must(tc_access_token_new(x, person[1], TC_TOKEN_SESSION, TC_STR("x"), TC_TIME_NONE, secret, d));
    if (i % 2)
        must(tc_access_token_revoke(x, tc_str_cstr(secret)));
    must(tc_access_person_set(x, person[1], i % 2 ? TC_ROLE_READER : TC_ROLE_ANALYST, true, d));
    (void)snprintf(name, sizeof name, "more %d", i);
    struct tc_org o = {.name = tc_str_cstr(name), .country = TC_STR("FR")};
    must(tc_access_org_add(x, &o, &n, d));
    if (i % 50 == 0)
        must(tc_access_password_set(x, person[0], TC_STR("seven quiet bells"), d));
}

static void test_together(void **state)
{
    char dir[] = "/tmp/tocsin-together-XXXXXX";
    pthread_t readers[READERS], spenders[2];
    struct tc_diag d;
    (void)state;
    tc_diag_init(&d);
    assert_non_null(mkdtemp(dir));
    must(tc_access_open(dir, &x, &d));
    people(&d);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, reader, (void *)(uintptr_t)i), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&spenders[i], NULL, spender, NULL), 0);
    for (int i = 0; i < ROUNDS; i++)
        change(i, &d);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(spenders[i], NULL), 0);
    for (int i = ROUNDS; atomic_load(&signed_in) < 100; i++) /* let them have had their turn */
        change(i, &d);
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(readers[i], NULL), 0);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_int_equal(atomic_load(&spent), CODES);
    tc_access_close(x);
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
