/* SPDX-License-Identifier: Apache-2.0 */
/* The lists against a plain list of everything: random postings, audiences, askers, restarts,
 * damage, hot values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "watch/values.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct tc_hash_key key = {1, 2};

struct fix {
    char dir[64];
    struct tc_values *v;
    struct tc_posting *all; /* the twin */
    size_t n, cap;
    uint32_t seq;
};

static int set_up(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-values-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(tc_values_open(f->dir, key, NULL, NULL, &f->v), TC_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_values_close(f->v);
    tc_values_remove(f->dir);
    assert_int_equal(rmdir(f->dir), 0);
    free(f->all);
    free(f);
    return 0;
}

static bool may(void *arg, uint32_t audience)
{
    return (*(const unsigned *)arg >> audience & 1) != 0;
}

/* count entries, each with one value of so many, drawn so that small numbers come often. */
static void add(struct fix *f, size_t count, uint64_t values)
{
    struct tc_posting *p = malloc(count * sizeof *p);
    for (size_t i = 0; i < count; i++) {
        uint64_t r = (uint64_t)random();
        uint64_t value = r % 3 ? r / 3 % values : r / 3 % 7;
        p[i] = (struct tc_posting){value * 0x9e3779b97f4a7c15u, (uint32_t)(random() % 5), ++f->seq};
    }
    if (f->n + count > f->cap) {
        f->cap = (f->n + count) * 2;
        f->all = realloc(f->all, f->cap * sizeof *f->all);
    }
    memcpy(f->all + f->n, p, count * sizeof *p);
    f->n += count;
    assert_int_equal(tc_values_add(f->v, p, count, f->seq, f->seq * 10u), TC_OK);
    assert_int_equal(tc_values_seq(f->v), f->seq);
    free(p);
}

/* Puts in again what was in the tail when it was closed. */
static void open_again(struct fix *f)
{
    tc_values_close(f->v);
    assert_int_equal(tc_values_open(f->dir, key, NULL, NULL, &f->v), TC_OK);
    uint64_t from = tc_values_seq(f->v);
    assert_true(from <= f->seq && f->seq - from <= 400000);
    while (from < f->seq) {
        size_t n = f->seq - from < 1000 ? (size_t)(f->seq - from) : 1000;
        assert_int_equal(tc_values_add(f->v, f->all + from, n, from + n, (from + n) * 10), TC_OK);
        from += n;
    }
}

static void check(struct fix *f, uint64_t value, unsigned who)
{
    static struct tc_value_found got;
    uint64_t hash = value * 0x9e3779b97f4a7c15u, count = 0;
    uint32_t want[TC_MAX_CORRELATED];
    for (size_t i = f->n; i-- > 0;)
        if (f->all[i].hash == hash && (who >> f->all[i].audience & 1)) {
            if (count < TC_MAX_CORRELATED)
                want[count] = f->all[i].seq;
            count++;
        }
    assert_int_equal(tc_values_find(f->v, hash, may, &who, &got), TC_OK);
    assert_int_equal(got.count, count);
    assert_int_equal(got.n, count > TC_MAX_CORRELATED ? TC_HOT_KEPT : count);
    assert_memory_equal(got.seq, want, got.n * sizeof *want);
}

static void test_twin(void **state)
{
    struct fix *f = *state;
    srandom(11);
    for (int round = 0; round < 60; round++) {
        add(f, 1 + (size_t)random() % 60000, 100000);
        for (int i = 0; i < 10; i++)
            check(f, (uint64_t)random() % (i < 3 ? 7 : 100000), (unsigned)random() % 32);
        if (round % 13 == 7)
            open_again(f);
    }
    struct tc_values_stats s;
    tc_values_stats(f->v, &s);
    assert_true(s.runs > 0 && s.runs < 20);
    for (uint64_t i = 0; i < 30; i++)
        check(f, i, 31);
    check(f, 200000, 31); /* nobody has it */
}

/* The same value again and again is a counter. */
static void test_hot(void **state)
{
    struct fix *f = *state;
    struct tc_values_stats s;
    struct tc_value_found got;
    static struct tc_posting p[100000];
    unsigned who = 1;
    for (uint32_t round = 0; round < 60; round++) {
        for (uint32_t i = 0; i < 100000; i++)
            p[i] = (struct tc_posting){42, 0, ++f->seq};
        assert_int_equal(tc_values_add(f->v, p, 100000, f->seq, 0), TC_OK);
        tc_values_stats(f->v, &s);
        assert_true(s.disk_bytes < 20000); /* from the first to the last */
    }
    assert_int_equal(tc_values_find(f->v, 42, may, &who, &got), TC_OK);
    assert_int_equal(got.count, 6000000);
    assert_int_equal(got.n, TC_HOT_KEPT);
    for (uint32_t i = 0; i < got.n; i++)
        assert_int_equal(got.seq[i], f->seq - i);
    who = 2; /* of another audience: it is not there, not hot, not counted */
    assert_int_equal(tc_values_find(f->v, 42, may, &who, &got), TC_OK);
    assert_int_equal(got.count + got.n, 0);
    tc_values_stats(f->v, &s);
    assert_true(s.disk_bytes < 20000);
}

static bool not_ours(void *arg, uint64_t seq, uint64_t mark)
{
    assert_int_equal(mark, seq * 10);
    return seq <= *(const uint64_t *)arg;
}

/* What is damaged, cut, missing or of another journal is left out, with all that follows. */
static void test_damage(void **state)
{
    struct fix *f = *state;
    uint64_t most = 0;
    srandom(3);
    for (int i = 0; i < 8; i++)
        add(f, 50000, 1u << 30);
    uint64_t before = tc_values_seq(f->v);
    tc_values_close(f->v);
    DIR *list = opendir(f->dir);
    size_t files = 0, hit = 0;
    for (struct dirent *x; (x = readdir(list)) != NULL;)
        if (strncmp(x->d_name, "values-100000-", 14) == 0 && ++hit) {
            int fd = openat(dirfd(list), x->d_name, O_RDWR | O_CLOEXEC);
            char c;
            assert_int_equal(pread(fd, &c, 1, 5000), 1);
            c = (char)(c ^ 4);
            assert_int_equal(pwrite(fd, &c, 1, 5000), 1);
            (void)close(fd);
        } else {
            files += x->d_name[0] == 'v';
        }
    (void)closedir(list);
    assert_int_equal(hit, 1);
    assert_true(files > 1);
    assert_int_equal(tc_values_open(f->dir, key, NULL, NULL, &f->v), TC_OK);
    assert_int_equal(tc_values_seq(f->v), 100000);
    assert_true(before > 300000);
    open_again(f);
    for (int i = 0; i < 100; i++)
        check(f, (uint64_t)random() % 7, 31);
    tc_values_close(f->v);
    assert_int_equal(tc_values_open(f->dir, key, not_ours, &most, &f->v), TC_OK);
    assert_int_equal(tc_values_seq(f->v), 0); /* another journal: nothing of it is kept */
}

static bool every_third(void *arg, uint64_t seq)
{
    const bool *on = arg;
    return *on && seq % 3 == 0;
}

static size_t bytes_on_disk(struct fix *f)
{
    struct tc_values_stats s;
    tc_values_stats(f->v, &s);
    return (size_t)s.disk_bytes;
}

/* Values of one entry each: those of what is gone leave the files, also when the process ended
 * before; what else there is stays. */
static void test_forget(void **state)
{
    enum { N = 200000 };
    struct fix *f = *state;
    struct tc_value_found found;
    unsigned all = 31;
    bool on = false;
    struct tc_posting *p = malloc(N * sizeof *p);
    for (uint32_t i = 0; i < N; i++)
        p[i] = (struct tc_posting){(i + 1) * 0x9e3779b97f4a7c15u, 1, i + 1};
    tc_values_gone(f->v, every_third, &on);
    assert_int_equal(tc_values_add(f->v, p, N / 2, N / 2, 5), TC_OK);
    assert_int_equal(tc_values_add(f->v, p + N / 2, N / 2, N, 7), TC_OK);
    assert_int_equal(tc_values_add(f->v, NULL, 0, 2 * N + 1, 9), TC_OK);
    assert_int_equal(tc_values_add(f->v, NULL, 0, 4 * N + 1, 9), TC_OK); /* all of it is in runs */
    size_t before = bytes_on_disk(f);
    assert_true(before > N);
    assert_int_equal(tc_values_clean(f->v), N / 2);
    on = true;
    assert_false(tc_values_untidy(f->v));
    tc_values_forget(f->v, 4 * N, 4 * N + 1);
    tc_values_forget(f->v, 0, 4 * N);
    assert_true(tc_values_untidy(f->v));
    assert_int_equal(tc_values_tidy(f->v), TC_OK);
    assert_false(tc_values_untidy(f->v));
    assert_true(bytes_on_disk(f) < before * 3 / 4);
    assert_true(tc_values_clean(f->v) > N);
    for (int again = 0; again < 2; again++) {
        for (uint32_t i = 0; i < N; i += 97) {
            assert_int_equal(tc_values_find(f->v, p[i].hash, may, &all, &found), TC_OK);
            assert_int_equal(found.n, (i + 1) % 3 ? 1 : 0);
            if (found.n)
                assert_int_equal(found.seq[0], i + 1);
        }
        tc_values_close(f->v);
        assert_int_equal(tc_values_open(f->dir, key, NULL, NULL, &f->v), TC_OK);
    }
    free(p);
}

/* A hot value stays hot, and lists what is there. */
static void test_forget_hot(void **state)
{
    enum { N = 100000 };
    struct fix *f = *state;
    struct tc_value_found found;
    unsigned all = 31;
    bool on = true;
    struct tc_posting *p = malloc(N * sizeof *p);
    for (uint32_t i = 0; i < N; i++)
        p[i] = (struct tc_posting){77, 1, i + 1};
    tc_values_gone(f->v, every_third, &on);
    assert_int_equal(tc_values_add(f->v, p, N, N, 5), TC_OK);
    assert_int_equal(tc_values_add(f->v, NULL, 0, 3 * N, 9), TC_OK);
    assert_int_equal(tc_values_add(f->v, NULL, 0, 6 * N, 9), TC_OK);
    assert_int_equal(tc_values_find(f->v, 77, may, &all, &found), TC_OK);
    assert_int_equal(found.count, N);
    assert_true(found.n > 1 && found.n <= TC_HOT_KEPT);
    for (size_t i = 0; i < found.n; i++)
        assert_true(found.seq[i] % 3 && (!i || found.seq[i] < found.seq[i - 1]));
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_twin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forget_hot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
