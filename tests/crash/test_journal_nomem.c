/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory at every place: the n-th allocation of our own code fails, for n = 1, 2, 3 ... An
 * append then answers NOMEM and has changed nothing, or OK and has stored everything; a reader
 * answers NOMEM or gives all. The program is linked with malloc and its like wrapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../unit/journal/fixture.h"
#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static _Atomic int64_t countdown = INT64_MAX;

static bool fails(void)
{
    return atomic_load(&countdown) != INT64_MAX && atomic_fetch_sub(&countdown, 1) == 1;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

enum { BATCH = 60 };

/* The batch of round k: new types, creators, versions of earlier objects, revocations, a deletion.
 */
static void batch_of(struct tc_entry_in in[BATCH], char names[BATCH][2][40], uint32_t audience,
                     uint64_t k)
{
    for (uint64_t i = 0; i < BATCH; i++) {
        in[i] = tc_test_entry(i % 20, (int64_t)(k * BATCH + i + 1), audience, 7, "{\"body\":1}");
        (void)snprintf(names[i][0], 40, "x-type-%llu", (unsigned long long)(k * 100 + i % 20));
        (void)snprintf(names[i][1], 40, "identity--%llu", (unsigned long long)(k * 100 + i % 20));
        in[i].type = tc_str_cstr(names[i][0]);
        in[i].creator = tc_str_cstr(names[i][1]);
        in[i].revoked = i >= 55;
    }
    in[50] = tc_test_entry(10, 0, audience, 7, "");
    in[50].type = tc_str_cstr(names[10][0]);
    in[50].kind = TC_ENTRY_DELETE;
}

static uint64_t rows(struct tc_journal *j, tc_err *e)
{
    uint32_t mine[] = {7};
    struct tc_principal p = {.org = 3, .communities = {mine, 1}};
    struct tc_query q = {.community = 7, .versions = 1u << TC_VERSIONS_ALL, .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    uint64_t n = 0;
    *e = tc_reader_open(j, &p, &q, &r);
    while (!*e && !(*e = tc_reader_next(r, &row)) && row.seq)
        n++;
    tc_reader_close(r);
    return n;
}

static void test_every_allocation(void **unused)
{
    (void)unused;
    struct tc_journal *j = NULL;
    struct tc_diag d;
    tc_err e;
    char *dir = strdup(tc_test_dir());
    static struct tc_entry_in in[BATCH];
    static char names[BATCH][2][40];
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(dir, NULL, &j, &d), TC_OK);
    uint64_t k = 0;
    int failed = 0, reads_failed = 0;
    bool whole = false; /* a batch went through without any failure on its way */
    batch_of(in, names, tc_test_audience(j, TC_TLP_AMBER, 1, 7), k++); /* something to read */
    assert_int_equal(tc_journal_append(j, in, BATCH), TC_OK);
    for (int64_t n = 1; !whole; n++) {
        uint32_t audience = tc_test_audience(j, TC_TLP_AMBER, 1, 7);
        uint64_t head = tc_journal_head(j), before = rows(j, &e);
        assert_int_equal(e, TC_OK);
        batch_of(in, names, audience, k++); /* names that nobody has interned */
        atomic_store(&countdown, n);
        e = tc_journal_append(j, in, BATCH);
        whole = atomic_exchange(&countdown, INT64_MAX) > 0;
        assert_true(e == TC_OK || e == TC_E_NOMEM);
        if (e) {
            failed++;
            assert_int_equal(tc_journal_head(j), head);
            assert_int_equal(rows(j, &e), before);
            assert_int_equal(in[0].outcome, TC_OUT_PENDING);
        } else {
            assert_int_equal(tc_journal_head(j), head + BATCH);
        }
        atomic_store(&countdown, n);
        uint64_t got = rows(j, &e);
        atomic_store(&countdown, INT64_MAX);
        assert_true(e == TC_OK || e == TC_E_NOMEM);
        reads_failed += e != TC_OK;
        if (!e)
            assert_int_equal(got, rows(j, &e));
    }
    assert_true(failed > 20);
    assert_true(reads_failed > 2);
    uint64_t last = rows(j, &e);
    tc_journal_close(j);
    j = NULL;
    /* Start-up too: fails plainly or is whole. */
    int starts_failed = 0;
    for (int64_t n = 1; !j; n += 1 + n / 8) {
        atomic_store(&countdown, n);
        e = tc_journal_open(dir, NULL, &j, &d);
        bool none = atomic_exchange(&countdown, INT64_MAX) > 0;
        assert_true(e == TC_OK || e == TC_E_NOMEM);
        starts_failed += e != TC_OK;
        if (j)
            assert_int_equal(rows(j, &e), last);
        if (j && !none) {
            tc_journal_close(j);
            j = NULL;
        }
    }
    assert_true(starts_failed > 10);
    tc_journal_close(j);
    tc_test_dir_remove(dir);
    free(dir);
}

int main(void)
{
    tc_log_set_level(TC_LOG_ERROR);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
