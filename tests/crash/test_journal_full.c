/* SPDX-License-Identifier: Apache-2.0 */
/* Disk full: this program puts itself between SQLite and the kernel for everything that makes a
 * file grow or writes to it, and lets so many bytes through. At every point where space can end,
 * each waiting batch must get FULL (or have been stored), nothing half may be seen, and service
 * must return with the space, also after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/log.h"
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

static _Atomic int64_t room = INT64_MAX; /* bytes that may still be written */
static _Atomic int failing = ENOSPC;
static _Atomic int refused;

static bool take(size_t n)
{
    if (atomic_load(&room) == INT64_MAX)
        return true;
    if (atomic_fetch_sub(&room, (int64_t)n) >= (int64_t)n)
        return true;
    atomic_store(&room, 0);
    atomic_fetch_add(&refused, 1);
    errno = failing;
    return false;
}

SEEN ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at);
SEEN ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
SEEN ssize_t write(int fd, const void *p, size_t n);
SEEN int ftruncate64(int fd, off64_t n);
SEEN int ftruncate(int fd, off_t n);
SEEN int fallocate64(int fd, int mode, off64_t at, off64_t n);
SEEN int fallocate(int fd, int mode, off_t at, off_t n);

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return fd <= 2 || take(n) ? syscall(SYS_pwrite64, fd, p, n, at) : -1;
}

ssize_t write(int fd, const void *p, size_t n)
{
    return fd <= 2 || take(n) ? syscall(SYS_write, fd, p, n) : -1;
}

int ftruncate64(int fd, off64_t n)
{
    return n == 0 || take(0) ? (int)syscall(SYS_ftruncate, fd, n) : -1;
}

int fallocate64(int fd, int mode, off64_t at, off64_t n)
{
    return take((size_t)n) ? (int)syscall(SYS_fallocate, fd, mode, at, n) : -1;
}

#undef pwrite
#undef ftruncate
#undef fallocate
#if !defined __USE_FILE_OFFSET64
ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return pwrite64(fd, p, n, at);
}

int ftruncate(int fd, off_t n)
{
    return ftruncate64(fd, n);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    return fallocate64(fd, mode, at, n);
}
#endif

/* ---- */

enum { MOST = 4000, BODY = 1500, THREADS = 3, PER_THREAD = 12 };

struct state {
    char *dir;
    struct tc_journal *j;
    uint32_t audience;
    pthread_mutex_t lock;
    uint8_t stored[MOST]; /* object numbers that were acknowledged */
    uint32_t next;
    int full, other, ok;
};

static size_t body_of(uint64_t number, char out[BODY])
{
    size_t n = 100 + number * 37 % (BODY - 100);
    memset(out, (int)('a' + number % 26), n);
    return n;
}

static void open_again(struct state *s)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_journal_close(s->j);
    s->j = NULL;
    assert_int_equal(tc_journal_open(s->dir, NULL, &s->j, &d), TC_OK);
    s->audience = tc_test_audience(s->j, TC_TLP_GREEN, 1, 7);
}

/* Three objects as one batch; the numbers are used once. */
static tc_err put_three(struct state *s)
{
    char bodies[3][BODY];
    struct tc_entry_in in[3];
    (void)pthread_mutex_lock(&s->lock);
    uint32_t first = s->next;
    s->next += 3;
    (void)pthread_mutex_unlock(&s->lock);
    for (uint32_t i = 0; i < 3; i++) {
        in[i] = tc_test_entry(first + i, 1, s->audience, 7, "");
        in[i].body = tc_str_view(bodies[i], body_of(first + i, bodies[i]));
        if (first % 9 == 0)
            in[i].type = TC_STR("malware"); /* names that a failed transaction wanted to keep */
    }
    tc_err e = tc_journal_append(s->j, in, 3);
    (void)pthread_mutex_lock(&s->lock);
    for (uint32_t i = 0; i < 3; i++) {
        s->stored[first + i] = e == TC_OK;
        if (e && (in[i].outcome != TC_OUT_PENDING || in[i].seq))
            s->other++;
    }
    *(e == TC_OK ? &s->ok : e == TC_E_FULL ? &s->full : &s->other) += 1;
    (void)pthread_mutex_unlock(&s->lock);
    return e;
}

static void *put_many(void *arg)
{
    for (int i = 0; i < PER_THREAD; i++)
        (void)put_three(arg);
    return NULL;
}

static void all_there(struct state *s)
{
    struct tc_query q = {.versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *r;
    struct tc_row row;
    uint8_t seen[MOST] = {0};
    char body[BODY];
    uint64_t seq = 0;
    assert_int_equal(tc_reader_open(s->j, &tc_principal_system, &q, &r), TC_OK);
    for (;;) {
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        if (!row.seq)
            break;
        assert_int_equal(row.seq, ++seq); /* no gap */
        uint64_t number = (uint64_t)row.uuid.b[14] << 8 | row.uuid.b[15];
        assert_in_range(number, 0, MOST - 1);
        assert_true(tc_str_eq(row.body, tc_str_view(body, body_of(number, body))));
        seen[number] = 1;
    }
    tc_reader_close(r);
    assert_memory_equal(seen, s->stored, MOST);
    assert_int_equal(seq, tc_journal_head(s->j));
}

static void test_space_ends_anywhere(void **unused)
{
    (void)unused;
    struct state *s = calloc(1, sizeof *s);
    assert_non_null(s);
    (void)pthread_mutex_init(&s->lock, NULL);
    s->dir = strdup(tc_test_dir());
    open_again(s);
    for (int64_t bytes = 0; s->next + 200 < MOST; bytes += bytes < 4096 ? 1500 : 21000) {
        pthread_t t[THREADS];
        atomic_store(&room, bytes);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&t[i], NULL, put_many, s), 0);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(t[i], NULL), 0);
        all_there(s); /* reading goes on while the disk is full */
        atomic_store(&room, INT64_MAX);
        assert_int_equal(put_three(s), TC_OK); /* and writing with the space */
        all_there(s);
        if (bytes % 2 == 0)
            open_again(s);
        all_there(s);
    }
    assert_true(refused > 10);
    assert_true(s->full > 20);
    assert_true(s->ok > 20);
    assert_int_equal(s->other, 0);
    tc_journal_close(s->j);
    tc_test_dir_remove(s->dir);
    free(s->dir);
    free(s);
}

static void test_input_output_error(void **unused)
{
    (void)unused;
    struct state *s = calloc(1, sizeof *s);
    assert_non_null(s);
    (void)pthread_mutex_init(&s->lock, NULL);
    s->dir = strdup(tc_test_dir());
    open_again(s);
    assert_int_equal(put_three(s), TC_OK);
    atomic_store(&failing, EIO);
    atomic_store(&room, 0);
    assert_int_equal(put_three(s), TC_E_IO);
    atomic_store(&room, INT64_MAX);
    atomic_store(&failing, ENOSPC);
    assert_int_equal(put_three(s), TC_OK);
    all_there(s);
    tc_journal_close(s->j);
    tc_test_dir_remove(s->dir);
    free(s->dir);
    free(s);
}

/* A deletion that does not fit leaves what it was to delete. */
static void test_deletion_does_not_fit(void **unused)
{
    (void)unused;
    struct state *s = calloc(1, sizeof *s);
    assert_non_null(s);
    (void)pthread_mutex_init(&s->lock, NULL);
    s->dir = strdup(tc_test_dir());
    open_again(s);
    assert_int_equal(put_three(s), TC_OK);
    struct tc_entry_in del = tc_test_entry(1, 0, s->audience, 7, "");
    del.kind = TC_ENTRY_DELETE;
    del.type = TC_STR("malware");
    atomic_store(&room, 0);
    assert_int_equal(tc_journal_append(s->j, &del, 1), TC_E_FULL);
    all_there(s);
    atomic_store(&room, INT64_MAX);
    all_there(s);
    assert_int_equal(tc_journal_append(s->j, &del, 1), TC_OK);
    assert_int_equal(del.outcome, TC_OUT_APPENDED);
    assert_int_equal(del.seq, 4);
    tc_journal_close(s->j);
    tc_test_dir_remove(s->dir);
    free(s->dir);
    free(s);
}

int main(void)
{
    tc_log_set_level(TC_LOG_WARN);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_space_ends_anywhere),
                                       cmocka_unit_test(test_input_output_error),
                                       cmocka_unit_test(test_deletion_does_not_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
