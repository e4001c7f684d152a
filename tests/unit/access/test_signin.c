/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords, tokens, one-time codes, epochs; time is the test's own. */
#include "access/state.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSWORD TC_STR("seven quiet bells")

struct fix {
    char dir[64];
    struct tc_access *x;
    struct tc_arena *a;
    struct tc_diag d;
    uint32_t org, person;
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
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_OK);
    f->x->now = test_now;
    f->x->monotonic = test_monotonic;
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    clock_us = 0;
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-signin-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    tc_diag_init(&f->d);
    open_it(f);
    f->a = tc_arena_new(1 << 20);
    struct tc_org o = {.name = TC_STR("Port authority"), .country = TC_STR("BE")};
    assert_int_equal(tc_access_org_add(f->x, &o, &f->org, &f->d), TC_OK);
    struct tc_person p = {
        .org = f->org, .roles = TC_ROLE_READER, .login = TC_STR("officer"), .active = true};
    assert_int_equal(tc_access_person_add(f->x, &p, PASSWORD, &f->person, &f->d), TC_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_access_close(f->x);
    tc_arena_free(f->a);
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

static tc_err sign_in(struct fix *f, struct tc_str login, struct tc_str password)
{
    struct tc_login *l = NULL;
    tc_err e = tc_access_password(f->x, login, password, &l);
    assert_true((e == TC_OK) == (l != NULL));
    if (l) {
        assert_int_equal(l->principal.org, f->org);
        assert_int_equal(l->principal.person, f->person);
        assert_false(l->principal.system);
        assert_int_equal(l->principal.communities.n, 1); /* the inbox */
        tc_login_unref(l);
    }
    return e;
}

static void test_password(void **state)
{
    struct fix *f = *state;
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    assert_int_equal(sign_in(f, TC_STR("OFFICER"), PASSWORD), TC_OK);
    assert_int_equal(sign_in(f, TC_STR("officer"), TC_STR("seven quiet bellz")), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("officer"), TC_STR("")), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("nobody"), PASSWORD), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR(""), PASSWORD), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("off icer"), PASSWORD), TC_E_AUTH);
    static char big[TC_MAX_PASSWORD + 1];
    for (size_t i = 0; i < sizeof big; i++) /* no word, no row, no repetition */
        big[i] = (char)('a' + (i * i * 7 + i / 5) % 26);
    assert_int_equal(sign_in(f, TC_STR("officer"), tc_str_view(big, sizeof big)), TC_E_AUTH);
    assert_int_equal(tc_access_password_set(f->x, f->person, tc_str_view(big, sizeof big), &f->d),
                     TC_E_LIMIT);
    assert_int_equal(tc_access_password_set(f->x, f->person, TC_STR("eleven byte"), &f->d),
                     TC_E_INVALID);
    assert_int_equal(
        tc_access_password_set(f->x, f->person, tc_str_view(big, TC_MAX_PASSWORD), &f->d), TC_OK);
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("officer"), tc_str_view(big, TC_MAX_PASSWORD)), TC_OK);
    tc_access_close(f->x);
    open_it(f);
    assert_int_equal(sign_in(f, TC_STR("officer"), tc_str_view(big, TC_MAX_PASSWORD)), TC_OK);
}

static void test_no_password_never_matches(void **state)
{
    struct fix *f = *state;
    struct tc_person p = {
        .org = f->org, .roles = TC_ROLE_READER, .login = TC_STR("machine"), .active = true};
    uint32_t n;
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_OK);
    assert_int_equal(sign_in(f, TC_STR("machine"), TC_STR("")), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("machine"), PASSWORD), TC_E_AUTH);
}

/* The work for an unknown login is Argon2id with the parameters of a known one: the stand-in
 * must be well-formed, or verifying it would return at once. */
static void test_same_work(void **state)
{
    struct fix *f = *state;
    int64_t t0 = tc_time_monotonic();
    assert_int_equal(sign_in(f, TC_STR("officer"), TC_STR("wrong wrong wrong")), TC_E_AUTH);
    int64_t known = tc_time_monotonic() - t0;
    t0 = tc_time_monotonic();
    assert_int_equal(sign_in(f, TC_STR("not-there"), TC_STR("wrong wrong wrong")), TC_E_AUTH);
    int64_t unknown = tc_time_monotonic() - t0;
    t0 = tc_time_monotonic();
    assert_int_equal(sign_in(f, TC_STR("not:there"), TC_STR("wrong wrong wrong")), TC_E_AUTH);
    int64_t malformed = tc_time_monotonic() - t0;
    assert_true(unknown > known / 10); /* a skipped check takes microseconds, not milliseconds */
    assert_true(malformed > known / 10);
}

static void test_known(void **state)
{
    struct fix *f = *state;
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    int64_t t0 = tc_time_monotonic();
    for (int i = 0; i < 100; i++)
        assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    assert_true(tc_time_monotonic() - t0 < 1000000); /* 100 x Argon2id takes over a second */
    struct tc_known_key key, other;
    tc_known_key(f->x->known, TC_STR("officer"), PASSWORD, &key);
    tc_known_key(f->x->known, TC_STR("office"), TC_STR("rseven quiet bells"), &other);
    assert_memory_not_equal(&key, &other, sizeof key);
    uint64_t g = ((struct tc_person_rec *)f->x->people.v[0])->generation;
    assert_true(tc_known_has(f->x->known, &key, f->person, g, test_monotonic()));
    assert_false(tc_known_has(f->x->known, &key, f->person, g + 1, test_monotonic()));
    assert_false(tc_known_has(f->x->known, &key, f->person + 1, g, test_monotonic()));
    clock_us += TC_KNOWN_SECONDS * TC_SECOND;
    assert_false(tc_known_has(f->x->known, &key, f->person, g, test_monotonic()));
}

static void test_throttle(void **state)
{
    struct fix *f = *state;
    struct tc_throttle *t = tc_throttle_new(TC_LOGIN_FAILURES, TC_LOGIN_FAILURE_SECONDS);
    for (int i = 0; i < TC_LOGIN_FAILURES; i++)
        assert_true(tc_throttle_take(t, TC_STR("a"), 5));
    assert_false(tc_throttle_take(t, TC_STR("a"), 5));
    assert_true(tc_throttle_take(t, TC_STR("b"), 5));
    int64_t later = 5 + TC_LOGIN_FAILURE_SECONDS * TC_SECOND;
    assert_false(tc_throttle_take(t, TC_STR("a"), later - 1));
    assert_true(tc_throttle_take(t, TC_STR("a"), later));
    assert_false(tc_throttle_take(t, TC_STR("a"), later));
    tc_throttle_clear(t, TC_STR("a"));
    assert_true(tc_throttle_take(t, TC_STR("a"), later));
    for (int i = 0; i < 100000; i++) { /* a flood of logins stays inside the table */
        char name[32];
        (void)snprintf(name, sizeof name, "flood%d", i);
        (void)tc_throttle_take(t, tc_str_cstr(name), later);
    }
    tc_throttle_free(t);

    /* somebody guesses; the owner, who signed in a moment ago, is not locked out */
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    for (int i = 0; i < TC_LOGIN_FAILURES; i++)
        assert_int_equal(sign_in(f, TC_STR("officer"), TC_STR("guess guess guess")), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    clock_us += TC_KNOWN_SECONDS * TC_SECOND; /* forgotten, but tries have come back */
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
}

static void test_throttled_is_refused(void **state)
{
    struct fix *f = *state;
    for (int i = 0; i < TC_LOGIN_FAILURES; i++)
        assert_int_equal(sign_in(f, TC_STR("officer"), TC_STR("guess guess guess")), TC_E_AUTH);
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_E_AUTH);
    clock_us += TC_LOGIN_FAILURE_SECONDS * TC_SECOND;
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
}

static tc_err by_token(struct fix *f, const char *token, struct tc_login **l)
{
    *l = NULL;
    return tc_access_token(f->x, tc_str_cstr(token), l);
}

static void test_token(void **state)
{
    struct fix *f = *state;
    char secret[TC_TOKEN_SIZE], second[TC_TOKEN_SIZE];
    struct tc_login *l;
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR("feed reader"),
                                         TC_TIME_NONE, secret, &f->d),
                     TC_OK);
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR("two"),
                                         test_now() + 5 * TC_SECOND, second, &f->d),
                     TC_OK);
    assert_string_not_equal(secret, second);
    assert_int_equal(strlen(secret), 4 + 43);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(by_token(f, secret, &l), TC_OK);
        assert_int_equal(l->principal.person, f->person);
        tc_login_unref(tc_login_ref(l));
        tc_login_unref(l);
        tc_access_close(f->x);
        open_it(f);
    }
    char wrong[TC_TOKEN_SIZE];
    memcpy(wrong, secret, sizeof wrong);
    wrong[10] = wrong[10] == 'a' ? 'b' : 'a';
    assert_int_equal(by_token(f, wrong, &l), TC_E_AUTH);
    assert_int_equal(by_token(f, "", &l), TC_E_AUTH);
    assert_int_equal(tc_access_token(f->x, tc_str_view(secret, strlen(secret) - 1), &l), TC_E_AUTH);
    struct tc_token_info *v;
    size_t n;
    assert_int_equal(tc_access_tokens(f->x, 0, f->a, &v, &n), TC_OK);
    assert_int_equal(n, 2);
    assert_null(strstr(secret, v[0].id));
    /* expiry */
    assert_int_equal(by_token(f, second, &l), TC_OK);
    assert_true(tc_access_fresh(f->x, l));
    clock_us += 5 * TC_SECOND;
    assert_false(tc_access_fresh(f->x, l));
    tc_login_unref(l);
    assert_int_equal(by_token(f, second, &l), TC_E_AUTH);
    assert_int_equal(tc_access_tokens(f->x, f->person, f->a, &v, &n), TC_OK);
    assert_int_equal(n, 1);
    assert_true(tc_str_is(v[0].label, "feed reader"));
    /* revocation, by id and by the secret */
    assert_int_equal(by_token(f, secret, &l), TC_OK);
    assert_int_equal(tc_access_token_revoke_id(f->x, tc_str_cstr("0000000000000000")),
                     TC_E_NOTFOUND);
    assert_int_equal(tc_access_token_revoke_id(f->x, tc_str_cstr(v[0].id)), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    tc_login_unref(l);
    assert_int_equal(by_token(f, secret, &l), TC_E_AUTH);
    assert_int_equal(tc_access_token_revoke(f->x, tc_str_cstr(secret)), TC_E_NOTFOUND);
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR(""), test_now(), secret, &f->d),
        TC_E_INVALID);
    assert_int_equal(
        tc_access_token_new(f->x, 99, TC_TOKEN_API, TC_STR(""), TC_TIME_NONE, secret, &f->d),
        TC_E_NOTFOUND);
}

/* The file holds no secret: neither the token nor the password stands in it. */
static void test_file_opens_nothing(void **state)
{
    struct fix *f = *state;
    char secret[TC_TOKEN_SIZE], path[128];
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR("x"), TC_TIME_NONE,
                                         secret, &f->d),
                     TC_OK);
    static const char *const files[] = {"access.db", "access.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        static char bytes[1 << 20];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        FILE *r = fopen(path, "rb");
        assert_non_null(r);
        size_t n = fread(bytes, 1, sizeof bytes, r);
        (void)fclose(r);
        struct tc_str all = tc_str_view(bytes, n);
        assert_true(tc_str_find(all, tc_str_view(secret + 4, 43)) == SIZE_MAX);
        assert_true(tc_str_find(all, PASSWORD) == SIZE_MAX);
    }
}

static void test_once(void **state)
{
    struct fix *f = *state;
    char code[TC_TOKEN_SIZE], session[TC_TOKEN_SIZE], again[TC_TOKEN_SIZE];
    struct tc_login *l;
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_ONCE, TC_STR(""), TC_TIME_NONE, code, &f->d),
        TC_OK);
    assert_int_equal(by_token(f, code, &l), TC_E_AUTH); /* not a session by itself */
    assert_int_equal(tc_access_once(f->x, tc_str_cstr(code), session), TC_OK);
    assert_int_equal(tc_access_once(f->x, tc_str_cstr(code), again), TC_E_AUTH);
    assert_int_equal(tc_access_once(f->x, tc_str_cstr(session), again), TC_E_AUTH);
    assert_int_equal(by_token(f, session, &l), TC_OK);
    tc_login_unref(l);
    clock_us += INT64_C(43200) * TC_SECOND;
    assert_int_equal(by_token(f, session, &l), TC_E_AUTH);
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_ONCE, TC_STR(""), TC_TIME_NONE, code, &f->d),
        TC_OK);
    clock_us += INT64_C(3600) * TC_SECOND;
    assert_int_equal(tc_access_once(f->x, tc_str_cstr(code), session), TC_E_AUTH);
}

static void test_epochs(void **state)
{
    struct fix *f = *state;
    struct tc_login *l;
    uint32_t other, c;
    struct tc_org o = {.name = TC_STR("other"), .country = TC_STR("FR")};
    struct tc_community com = {.title = TC_STR("x")};
    assert_int_equal(tc_access_login_as(f->x, f->person, &l), TC_OK);
    uint64_t e0 = tc_access_epoch(f->x);
    assert_int_equal(tc_access_org_add(f->x, &o, &other, &f->d), TC_OK);
    assert_int_equal(tc_access_community_add(f->x, &com, &c, &f->d), TC_OK);
    assert_int_equal(tc_access_member_set(f->x, c, other, true, true, &f->d), TC_OK);
    assert_true(tc_access_epoch(f->x) == e0 + 3);
    assert_true(tc_access_fresh(f->x, l)); /* nothing of it concerned this person */
    assert_int_equal(tc_access_member_set(f->x, c, f->org, true, false, &f->d), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    assert_false(tc_u32s_has(l->principal.communities, c)); /* a running request is not changed */
    tc_login_unref(l);
    assert_int_equal(tc_access_login_as(f->x, f->person, &l), TC_OK);
    assert_true(tc_u32s_has(l->principal.communities, c));
    assert_int_equal(tc_access_member_set(f->x, c, f->org, false, false, &f->d), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    tc_login_unref(l);
    assert_int_equal(tc_access_login_as(f->x, f->person, &l), TC_OK);
    assert_false(tc_u32s_has(l->principal.communities, c));
    assert_int_equal(tc_access_person_set(f->x, f->person, TC_ROLE_AUDITOR, true, &f->d), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    tc_login_unref(l);
    assert_int_equal(tc_access_login_as(f->x, 99, &l), TC_E_NOTFOUND);
}

static void test_deactivate(void **state)
{
    struct fix *f = *state;
    char secret[TC_TOKEN_SIZE];
    struct tc_login *l, *m;
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR(""), TC_TIME_NONE, secret, &f->d),
        TC_OK);
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
    assert_int_equal(by_token(f, secret, &l), TC_OK);
    assert_int_equal(tc_access_person_set(f->x, f->person, TC_ROLE_READER, false, &f->d), TC_OK);
    assert_false(tc_access_fresh(f->x, l));
    tc_login_unref(l);
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_E_AUTH); /* remembered, yet no */
    assert_int_equal(by_token(f, secret, &m), TC_E_AUTH);
    assert_int_equal(tc_access_login_as(f->x, f->person, &m), TC_E_NOTFOUND);
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR(""), TC_TIME_NONE, secret, &f->d),
        TC_E_NOTFOUND);
    assert_int_equal(tc_access_person_set(f->x, f->person, TC_ROLE_READER, true, &f->d), TC_OK);
    assert_int_equal(by_token(f, secret, &m), TC_E_AUTH); /* the token does not come back */
    assert_int_equal(sign_in(f, TC_STR("officer"), PASSWORD), TC_OK);
}

static void test_token_limit(void **state)
{
    struct fix *f = *state;
    char secret[TC_TOKEN_SIZE];
    tc_time soon = test_now() + TC_SECOND;
    for (int i = 0; i < TC_MAX_PERSON_TOKENS; i++)
        assert_int_equal(
            tc_access_token_new(f->x, f->person, TC_TOKEN_SESSION, TC_STR(""), soon, secret, &f->d),
            TC_OK);
    assert_int_equal(
        tc_access_token_new(f->x, f->person, TC_TOKEN_SESSION, TC_STR(""), soon, secret, &f->d),
        TC_E_LIMIT);
    clock_us += TC_SECOND; /* over: room again */
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_SESSION, TC_STR(""),
                                         TC_TIME_NONE, secret, &f->d),
                     TC_OK);
    assert_int_equal(tc_map_count(f->x->tokens), 1);
    struct tc_login *l;
    assert_int_equal(by_token(f, secret, &l), TC_OK);
    tc_login_unref(l);
}

static void test_rotation(void **state)
{
    struct fix *f = *state;
    struct tc_token_info *v;
    char first[TC_TOKEN_SIZE], second[TC_TOKEN_SIZE], third[TC_TOKEN_SIZE], api[TC_TOKEN_SIZE];
    struct tc_login *l = NULL;
    size_t n;
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_SESSION, TC_STR("desk"),
                                         TC_TIME_NONE, first, &f->d),
                     TC_OK);
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_API, TC_STR("feed"),
                                         TC_TIME_NONE, api, &f->d),
                     TC_OK);
    struct tc_str old = tc_str_cstr(first);
    clock_us += TC_SESSION_ROTATES * TC_SECOND - 1;
    assert_int_equal(tc_access_session_rotate(f->x, old, second), TC_E_NOTFOUND);
    clock_us++;
    assert_int_equal(tc_access_session_rotate(f->x, tc_str_cstr(api), second), TC_E_NOTFOUND);
    assert_int_equal(by_token(f, first, &l), TC_OK);
    assert_int_equal(tc_access_session_rotate(f->x, old, second), TC_OK);
    assert_string_not_equal(first, second);
    assert_true(tc_access_fresh(f->x, l)); /* what is under way, streams too, goes on */
    tc_login_unref(l);
    assert_int_equal(tc_access_session_rotate(f->x, old, third), TC_E_NOTFOUND); /* once */
    assert_int_equal(tc_access_tokens(f->x, f->person, f->a, &v, &n), TC_OK);
    assert_int_equal(n, 2); /* one session, as before */
    assert_true(tc_str_is(v[0].label, "desk") || tc_str_is(v[1].label, "desk"));
    assert_int_equal(v[0].added, test_now() - TC_SESSION_ROTATES * TC_SECOND);
    clock_us += TC_SESSION_GRACE * TC_SECOND - 1;
    assert_int_equal(by_token(f, first, &l), TC_OK);
    tc_login_unref(l);
    clock_us++;
    assert_int_equal(by_token(f, first, &l), TC_E_AUTH);
    assert_int_equal(by_token(f, second, &l), TC_OK);
    tc_login_unref(l);
    /* ended by its old secret, it has ended */
    clock_us += TC_SESSION_ROTATES * TC_SECOND;
    assert_int_equal(tc_access_session_rotate(f->x, tc_str_cstr(second), third), TC_OK);
    assert_int_equal(tc_access_token_revoke(f->x, tc_str_cstr(second)), TC_OK);
    assert_int_equal(by_token(f, third, &l), TC_E_AUTH);
    assert_int_equal(by_token(f, api, &l), TC_OK);
    tc_login_unref(l);
}

static void test_rotation_never_lengthens(void **state)
{
    struct fix *f = *state;
    char a[TC_TOKEN_SIZE], b[TC_TOKEN_SIZE];
    struct tc_login *l = NULL;
    int64_t begin = clock_us;
    assert_int_equal(tc_access_token_new(f->x, f->person, TC_TOKEN_SESSION, TC_STR("desk"),
                                         TC_TIME_NONE, a, &f->d),
                     TC_OK);
    for (int hour = 1; hour < 12; hour++) {
        clock_us = begin + hour * 3600 * TC_SECOND;
        assert_int_equal(tc_access_session_rotate(f->x, tc_str_cstr(a), b), TC_OK);
        memcpy(a, b, sizeof a);
    }
    clock_us = begin + 12 * 3600 * TC_SECOND - 1;
    assert_int_equal(by_token(f, a, &l), TC_OK);
    tc_login_unref(l);
    clock_us++;
    assert_int_equal(by_token(f, a, &l), TC_E_AUTH);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_password, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_password_never_matches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_work, setup, teardown),
        cmocka_unit_test_setup_teardown(test_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_throttle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_throttled_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_epochs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deactivate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rotation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rotation_never_lengthens, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
