/* SPDX-License-Identifier: Apache-2.0 */
/* A child adds organisations, people and tokens and is killed with -9 after a random number of
 * acknowledged ones; each time everything acknowledged is there afterwards, and nothing is half:
 * every organisation has its inbox with one member. */
#include "access/access.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS 25

static char dir[] = "/tmp/tocsin-kill-XXXXXX";

struct ack {
    uint32_t org, person;
    char token[TC_TOKEN_SIZE];
};

/* Until it is killed. */
static void child(int to, unsigned round)
{
    struct tc_access *x;
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_access_open(dir, &x, &d))
        _exit(1);
    for (unsigned i = 0;; i++) {
        char name[64];
        struct ack a = {.org = 0};
        (void)snprintf(name, sizeof name, "r%u.%u", round, i);
        struct tc_org o = {.name = tc_str_cstr(name), .country = TC_STR("NL")};
        if (tc_access_org_add(x, &o, &a.org, &d))
            _exit(2);
        struct tc_person p = {.org = a.org, .login = tc_str_cstr(name), .active = true};
        if (tc_access_person_add(x, &p, TC_STR(""), &a.person, &d) ||
            tc_access_token_new(x, a.person, TC_TOKEN_API, TC_STR(""), TC_TIME_NONE, a.token, &d))
            _exit(3);
        if (write(to, &a, sizeof a) != (ssize_t)sizeof a)
            _exit(4);
    }
}

static void check_token(struct tc_access *x, const struct ack *a)
{
    struct tc_login *l;
    assert_int_equal(tc_access_token(x, tc_str_cstr(a->token), &l), TC_OK);
    assert_int_equal(l->principal.org, a->org);
    assert_int_equal(l->principal.person, a->person);
    tc_login_unref(l);
}

static void check_whole(struct tc_access *x, const struct ack *last)
{
    struct tc_arena *a = tc_arena_new(16 << 20);
    struct tc_org *v;
    struct tc_u32s members;
    size_t n;
    assert_int_equal(tc_access_orgs(x, a, &v, &n), TC_OK);
    assert_true(n >= last->org);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(tc_access_members(x, &tc_principal_system, v[i].inbox, a, &members),
                         TC_OK);
        assert_int_equal(members.n, 1);
        assert_int_equal(members.v[0], v[i].number);
    }
    tc_arena_free(a);
}

static void one_round(unsigned round)
{
    int p[2], status;
    struct ack a = {.org = 0};
    struct tc_access *x;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(p[1], round);
    (void)close(p[1]);
    for (int acks = 1 + rand() % 12; acks > 0; acks--)
        assert_int_equal(read(p[0], &a, sizeof a), sizeof a);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    struct ack more; /* acknowledged between our last look and its death */
    while (read(p[0], &more, sizeof more) == (ssize_t)sizeof more)
        a = more;
    (void)close(p[0]);
    assert_int_equal(tc_access_open(dir, &x, &d), TC_OK);
    check_token(x, &a);
    check_whole(x, &a);
    tc_access_close(x);
}

static void test_kill(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    srand(20261121);
    for (unsigned i = 0; i < ROUNDS; i++)
        one_round(i);
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
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
