/* SPDX-License-Identifier: Apache-2.0 */
/* Paging while others append: several threads write, two read page by page with a new reader for
 * each page and a random limit. Every entry that the reader may see comes once, in order, nothing
 * else comes. Also the test to run under ThreadSanitizer.
 *
 *   test_journal_paging [ENTRIES]   default 100000 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/num.h"
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { WRITERS = 3, READERS = 2, BATCH = 50, TEXT = 48 };

static uint64_t entries = 100000;
static const tc_time one_moment = INT64_C(1790000000) * TC_SECOND;

/* Everything comes at the same moment. */
static tc_time stopped_clock(void)
{
    return one_moment;
}

struct shared {
    struct tc_journal *j;
    uint32_t open_to_all, hidden;
    _Atomic uint64_t next;
    _Atomic int failures;
    uint8_t *visible; /* by seq, written by the writers after their append */
};

static void *write_entries(void *arg)
{
    struct shared *w = arg;
    struct tc_entry_in in[BATCH];
    char bodies[BATCH][TEXT];
    for (;;) {
        uint64_t from = atomic_fetch_add(&w->next, BATCH);
        if (from >= entries)
            return NULL;
        for (uint64_t i = 0; i < BATCH; i++) {
            uint64_t k = from + i;
            (void)snprintf(bodies[i], TEXT, "{\"number\":%llu}", (unsigned long long)k);
            /* Every tenth number is a second version of the one before. */
            in[i] = tc_test_entry(k % 10 == 9 ? k - 1 : k, (int64_t)k + 1,
                                  k % 7 == 3 ? w->hidden : w->open_to_all, 7, bodies[i]);
        }
        if (tc_journal_append(w->j, in, BATCH))
            w->failures++;
        for (int i = 0; i < BATCH; i++)
            w->visible[in[i].seq] = in[i].audience == w->open_to_all;
    }
}

struct pager {
    struct shared *w;
    uint64_t state;
    uint8_t *seen;
    uint64_t rows;
};

static void read_page(struct pager *p, uint64_t *after)
{
    uint32_t mine[] = {7};
    struct tc_principal who = {.org = 5, .communities = {mine, 1}};
    p->state = p->state * 6364136223846793005u + 1442695040888963407u;
    struct tc_query q = {.community = 7,
                         .after = *after,
                         .limit = 1 + (p->state >> 33) % 1500,
                         .versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *r;
    struct tc_row row;
    if (tc_reader_open(p->w->j, &who, &q, &r)) {
        p->w->failures++;
        return;
    }
    while (tc_reader_next(r, &row) == TC_OK && row.seq) {
        if (row.seq <= *after || p->seen[row.seq] || row.audience != p->w->open_to_all ||
            row.body.n < 12 || row.added != one_moment + (tc_time)row.seq - 1)
            p->w->failures++;
        p->seen[row.seq] = 1;
        *after = row.seq;
        p->rows++;
    }
    tc_reader_close(r);
}

static void *page_on(void *arg)
{
    struct pager *p = arg;
    uint64_t after = 0, last = 0;
    while (tc_journal_wait(p->w->j, last, 30 * TC_SECOND) > last) {
        uint64_t head = tc_journal_head(p->w->j);
        for (uint64_t before = UINT64_MAX; before != after;) {
            before = after;
            read_page(p, &after);
        }
        last = head;
        if (head >= entries)
            break;
    }
    read_page(p, &after);
    return NULL;
}

static void test_paging(void **unused)
{
    (void)unused;
    char *dir = strdup(tc_test_dir());
    struct tc_journal_options o = {.clock = stopped_clock};
    struct tc_diag d;
    struct shared w = {.visible = calloc(entries + BATCH, 1)};
    struct pager p[READERS];
    pthread_t t[WRITERS + READERS];
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(dir, &o, &w.j, &d), TC_OK);
    w.open_to_all = tc_test_audience(w.j, TC_TLP_AMBER, 1, 7);
    w.hidden = tc_test_audience(w.j, TC_TLP_RED, 1, 7);
    for (int i = 0; i < READERS; i++) {
        p[i] = (struct pager){&w, (uint64_t)i + 1, calloc(entries + BATCH, 1), 0};
        assert_int_equal(pthread_create(&t[i], NULL, page_on, &p[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&t[READERS + i], NULL, write_entries, &w), 0);
    for (int i = 0; i < READERS + WRITERS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    assert_int_equal(w.failures, 0);
    assert_int_equal(tc_journal_head(w.j), entries);
    for (int i = 0; i < READERS; i++) {
        assert_memory_equal(p[i].seen, w.visible, entries + 1);
        free(p[i].seen);
    }
    assert_true(p[0].rows > entries / 2);
    free(w.visible);
    tc_journal_close(w.j);
    tc_test_dir_remove(dir);
    free(dir);
}

/* Deletions, counts and look-ups by id while others append: for ThreadSanitizer and ASan. */
static void *delete_some(void *arg)
{
    struct shared *w = arg;
    for (uint64_t k = 0; k < 200; k++) {
        struct tc_entry_in del = tc_test_entry(k * 5, 0, w->open_to_all, 7, "");
        del.kind = TC_ENTRY_DELETE;
        if (tc_journal_append(w->j, &del, 1))
            w->failures++;
    }
    return NULL;
}

static void *look_up(void *arg)
{
    struct shared *w = arg;
    for (uint64_t k = 0; k < 1000; k++) {
        char id[TC_ID_MAX];
        struct tc_uuid u = tc_test_uuid(k);
        tc_id_make(TC_STR("indicator"), &u, id);
        struct tc_str ids[] = {tc_str_cstr(id)};
        struct tc_query q = {.ids = ids, .n_ids = 1, .backwards = k % 2};
        struct tc_reader *r;
        struct tc_row row;
        uint64_t n;
        if (tc_reader_open(w->j, &tc_principal_system, &q, &r)) {
            w->failures++;
            continue;
        }
        while (tc_reader_next(r, &row) == TC_OK && row.seq)
            if (!tc_str_eq(row.id, ids[0]) || !row.body.n)
                w->failures++;
        tc_reader_close(r);
        if (k % 100 == 0 && tc_journal_count(w->j, &tc_principal_anonymous, &q, &n))
            w->failures++;
    }
    return NULL;
}

static void test_deletions_meanwhile(void **unused)
{
    (void)unused;
    uint64_t before = entries;
    entries = 5000;
    char *dir = strdup(tc_test_dir());
    struct tc_diag d;
    struct shared w = {.visible = calloc(2 * entries, 1)};
    pthread_t t[4];
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(dir, NULL, &w.j, &d), TC_OK);
    w.open_to_all = w.hidden = tc_test_audience(w.j, TC_TLP_GREEN, 1, 7);
    assert_int_equal(pthread_create(&t[0], NULL, write_entries, &w), 0);
    assert_int_equal(pthread_create(&t[1], NULL, delete_some, &w), 0);
    assert_int_equal(pthread_create(&t[2], NULL, look_up, &w), 0);
    assert_int_equal(pthread_create(&t[3], NULL, look_up, &w), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    assert_int_equal(w.failures, 0);
    free(w.visible);
    tc_journal_close(w.j);
    tc_test_dir_remove(dir);
    free(dir);
    entries = before;
}

int main(int argc, char **argv)
{
    if (argc > 1 && tc_num_u64(tc_str_cstr(argv[1]), 100000000, &entries))
        return 2;
    entries -= entries % BATCH;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paging),
                                       cmocka_unit_test(test_deletions_meanwhile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
