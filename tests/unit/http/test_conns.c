/* SPDX-License-Identifier: Apache-2.0 */
#include "http/internal.h"

#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct pair {
    int ours, theirs;
    struct tc_conn *conn;
};

static struct pair connected(struct tc_conns *s)
{
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    return (struct pair){fd[0], fd[1], tc_conns_add(s, fd[0])};
}

static bool was_shut(const struct pair *p)
{
    char c;
    return recv(p->theirs, &c, 1, MSG_DONTWAIT) == 0;
}

static void finish(struct tc_conns *s, struct pair *p)
{
    tc_conns_remove(s, p->conn);
    (void)close(p->ours);
    (void)close(p->theirs);
}

/* Each phase has its time; work and streams have none. */
static void phases(void **state)
{
    (void)state;
    static const struct {
        enum tc_phase phase;
        int64_t after_s;
        bool shut;
    } cases[] = {
        {TC_PHASE_FIRST, 29, false},    {TC_PHASE_FIRST, 31, true}, {TC_PHASE_RECEIVE, 29, false},
        {TC_PHASE_RECEIVE, 31, true},   {TC_PHASE_IDLE, 59, false}, {TC_PHASE_IDLE, 61, true},
        {TC_PHASE_SEND, 599, false},    {TC_PHASE_SEND, 601, true}, {TC_PHASE_WORK, 9999, false},
        {TC_PHASE_STREAM, 9999, false},
    };
    struct tc_conns s = {.max = 100,
                         .request_us = 30 * TC_SECOND,
                         .idle_us = 60 * TC_SECOND,
                         .send_us = 600 * TC_SECOND};
    tc_conns_init(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair p = connected(&s);
        tc_conns_phase(p.conn, cases[i].phase);
        unsigned n = tc_conns_run(&s, tc_time_monotonic() + cases[i].after_s * TC_SECOND);
        assert_int_equal(n, cases[i].shut);
        assert_int_equal(was_shut(&p), cases[i].shut);
        finish(&s, &p);
    }
    assert_int_equal(s.count, 0);
    tc_conns_fini(&s);
}

static void crowded(void **state)
{
    (void)state;
    struct tc_conns s = {.max = 10, .request_us = 30 * TC_SECOND, .idle_us = 60 * TC_SECOND};
    struct pair p[10];
    tc_conns_init(&s);
    for (size_t i = 0; i < 10; i++) {
        p[i] = connected(&s);
        tc_conns_phase(p[i].conn, TC_PHASE_IDLE);
    }
    assert_int_equal(tc_conns_run(&s, tc_time_monotonic() + 6 * TC_SECOND), 10);
    for (size_t i = 0; i < 10; i++)
        finish(&s, &p[i]);
    tc_conns_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(phases), cmocka_unit_test(crowded)};
    return cmocka_run_group_tests_name("http sweep", tests, NULL, NULL);
}
