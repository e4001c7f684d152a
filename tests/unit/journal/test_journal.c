/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fix {
    char *dir;
    struct tc_journal *j;
    uint32_t green, amber7;
};

static tc_time fake_now;

static tc_time fake_clock(void)
{
    return fake_now;
}

static void reopen(struct fix *f)
{
    struct tc_journal_options o = {.clock = fake_clock};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_journal_close(f->j);
    f->j = NULL;
    assert_int_equal(tc_journal_open(f->dir, &o, &f->j, &d), TC_OK);
}

static int set_up(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->dir = strdup(tc_test_dir());
    fake_now = INT64_C(1790000000) * TC_SECOND;
    reopen(f);
    f->green = tc_test_audience(f->j, TC_TLP_GREEN, 1, 7);
    f->amber7 = tc_test_audience(f->j, TC_TLP_AMBER, 1, 7);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_journal_close(f->j);
    tc_test_dir_remove(f->dir);
    free(f->dir);
    free(f);
    return 0;
}

static enum tc_outcome put(struct fix *f, struct tc_entry_in in)
{
    assert_int_equal(tc_journal_append(f->j, &in, 1), TC_OK);
    return in.outcome;
}

/* Seqs of the answer as text "1 2 3 ". */
static const char *ask_as(struct fix *f, const struct tc_principal *p, struct tc_query q)
{
    static char text[4096];
    struct tc_reader *r;
    struct tc_row row;
    size_t n = 0;
    text[0] = '\0';
    assert_int_equal(tc_reader_open(f->j, p, &q, &r), TC_OK);
    for (;;) {
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        if (!row.seq)
            break;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu", n ? " " : "",
                              (unsigned long long)row.seq);
    }
    tc_reader_close(r);
    return text;
}

static const char *ask(struct fix *f, struct tc_query q)
{
    return ask_as(f, &tc_principal_system, q);
}

#define ALL .versions = 1u << TC_VERSIONS_ALL

static void check_body(struct fix *f, uint64_t seq, const char *body)
{
    struct tc_query q = {.after = seq - 1, .until = seq, ALL};
    struct tc_reader *r;
    struct tc_row row;
    assert_int_equal(tc_reader_open(f->j, &tc_principal_system, &q, &r), TC_OK);
    assert_int_equal(tc_reader_next(r, &row), TC_OK);
    assert_int_equal(row.seq, seq);
    assert_true(tc_str_is(row.body, body));
    tc_reader_close(r);
}

static void test_append_and_read(void **state)
{
    struct fix *f = *state;
    assert_int_equal(tc_journal_head(f->j), 0);
    assert_string_equal(ask(f, (struct tc_query){0}), "");
    struct tc_entry_in in = tc_test_entry(1, 10, f->green, 7, "{one}");
    in.creator = TC_STR("identity--a");
    assert_int_equal(tc_journal_append(f->j, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
    assert_int_equal(in.seq, 1);
    assert_int_equal(in.added, fake_now);
    for (int again = 0; again < 2; again++) {
        struct tc_query q = {0};
        struct tc_reader *r;
        struct tc_row row;
        char id[TC_ID_MAX];
        struct tc_uuid u = tc_test_uuid(1);
        tc_id_make(TC_STR("indicator"), &u, id);
        assert_int_equal(tc_reader_open(f->j, &tc_principal_system, &q, &r), TC_OK);
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        assert_int_equal(row.seq, 1);
        assert_true(tc_str_is(row.id, id));
        assert_true(tc_str_is(row.type, "indicator"));
        assert_true(tc_str_is(row.body, "{one}"));
        assert_true(tc_str_is(row.creator, "identity--a"));
        assert_int_equal(row.added, fake_now);
        assert_int_equal(row.version, 10 * TC_SECOND);
        assert_int_equal(row.audience, f->green);
        assert_int_equal(row.community, 7);
        assert_false(row.unversioned);
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        assert_int_equal(row.seq, 0);
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        assert_int_equal(row.seq, 0);
        tc_reader_close(r);
        reopen(f);
    }
    assert_int_equal(tc_journal_audience_of(f->j, f->green)->tlp, TC_TLP_GREEN);
    assert_null(tc_journal_audience_of(f->j, 0));
    assert_null(tc_journal_audience_of(f->j, 99));
}

/* created_by_ref is anybody's to write: a version comes from who posted one before, or from who is
 * entitled to. */
static void test_posters(void **state)
{
    struct fix *f = *state;
    uint32_t mine = tc_test_audience(f->j, TC_TLP_GREEN, 1, 7);
    uint32_t other = tc_test_audience(f->j, TC_TLP_AMBER, 2, 7);
    struct tc_entry_in a = tc_test_entry(1, 10, mine, 7, "{1}");
    a.creator = TC_STR("identity--a");
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    struct tc_entry_in b = tc_test_entry(1, 11, other, 7, "{2}");
    b.creator = TC_STR("identity--a");
    assert_int_equal(put(f, b), TC_OUT_NOT_CREATOR);
    b.revoked = true;
    b.community = 8;
    assert_int_equal(put(f, b), TC_OUT_NOT_CREATOR);
    b.revoked = false;
    b.entitled = true;
    assert_int_equal(put(f, b), TC_OUT_APPENDED);
    b.entitled = false;
    b.version = 12 * TC_SECOND;
    assert_int_equal(put(f, b), TC_OUT_APPENDED); /* it posted one before */
    reopen(f);
    a.version = 13 * TC_SECOND;
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    struct tc_entry_in gone = {.kind = TC_ENTRY_DELETE,
                               .type = a.type,
                               .uuid = a.uuid,
                               .version = TC_TIME_NONE,
                               .audience = mine,
                               .community = 7};
    assert_int_equal(put(f, gone), TC_OUT_APPENDED);
    struct tc_entry_in c =
        tc_test_entry(1, 14, tc_test_audience(f->j, TC_TLP_AMBER, 3, 7), 7, "{3}");
    c.creator = TC_STR("identity--a");
    assert_int_equal(put(f, c), TC_OUT_NOT_CREATOR); /* a deletion does not free the id */
}

static void test_outcomes(void **state)
{
    struct fix *f = *state;
    struct tc_entry_in a = tc_test_entry(1, 10, f->green, 7, "{1}");
    a.creator = TC_STR("identity--a");
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    assert_int_equal(put(f, a), TC_OUT_SAME);
    a.body = TC_STR("{2}");
    assert_int_equal(put(f, a), TC_OUT_DIFFERS);
    check_body(f, 1, "{1}");
    a.community = 8; /* the same version in another community is another entry */
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    a.community = 7;
    a.version = 11 * TC_SECOND;
    a.creator = TC_STR("identity--b");
    assert_int_equal(put(f, a), TC_OUT_NOT_CREATOR);
    a.creator = TC_STR("");
    assert_int_equal(put(f, a), TC_OUT_NOT_CREATOR);
    a.creator = TC_STR("identity--a");
    a.version = 12 * TC_SECOND;
    a.revoked = true;
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    a.revoked = false;
    a.version = 13 * TC_SECOND;
    assert_int_equal(put(f, a), TC_OUT_REVOKED);
    reopen(f);
    assert_int_equal(put(f, a), TC_OUT_REVOKED);
    a.version = 11 * TC_SECOND; /* older, late */
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    assert_string_equal(ask(f, (struct tc_query){.community = 7}), "3");
    assert_string_equal(ask(f, (struct tc_query){.community = 7, ALL}), "1 3 4");
}

static void test_same_batch(void **state)
{
    struct fix *f = *state;
    struct tc_entry_in b[5];
    for (int i = 0; i < 5; i++)
        b[i] = tc_test_entry(1, i < 3 ? 10 : 10 + i, f->green, 7, i == 2 ? "{x}" : "{y}");
    assert_int_equal(tc_journal_append(f->j, b, 5), TC_OK);
    assert_int_equal(b[0].outcome, TC_OUT_APPENDED);
    assert_int_equal(b[1].outcome, TC_OUT_SAME);
    assert_int_equal(b[1].seq, 1);
    assert_int_equal(b[2].outcome, TC_OUT_DIFFERS);
    assert_int_equal(b[3].outcome, TC_OUT_APPENDED);
    assert_int_equal(b[4].seq, 3);
    assert_true(b[4].added > b[3].added && b[3].added > b[0].added);
    assert_int_equal(tc_journal_append(f->j, b, 0), TC_OK);
}

static void test_unversioned(void **state)
{
    struct fix *f = *state;
    struct tc_entry_in a = tc_test_entry(1, 0, f->green, 7, "{1}");
    a.creator = TC_STR("identity--a");
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    a.creator = TC_STR("identity--b"); /* not versioned, so nobody's: the answer tells nothing */
    assert_int_equal(put(f, a), TC_OUT_SAME);
    a.community = 8;
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    a.body = TC_STR("{2}");
    assert_int_equal(put(f, a), TC_OUT_DIFFERS);
    struct tc_time_list {
        tc_time v[1];
    } given = {{fake_now}};
    assert_string_equal(
        ask(f,
            (struct tc_query){.versions = 1u << TC_VERSIONS_GIVEN, .given = given.v, .n_given = 1}),
        "1");
}

static void test_delete(void **state)
{
    struct fix *f = *state;
    struct tc_entry_in a = tc_test_entry(1, 10, f->green, 7, "{a secret}");
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    a.version = 11 * TC_SECOND;
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    struct tc_entry_in del = tc_test_entry(1, 10, f->green, 7, "");
    del.kind = TC_ENTRY_DELETE;
    struct tc_reader *open_before;
    struct tc_query q = {ALL};
    assert_int_equal(tc_reader_open(f->j, &tc_principal_system, &q, &open_before), TC_OK);
    assert_int_equal(put(f, del), TC_OUT_APPENDED); /* 3 */
    struct tc_row row;
    assert_int_equal(tc_reader_next(open_before, &row), TC_OK);
    assert_int_equal(row.seq, 2); /* also readers that were open do not get it any more */
    tc_reader_close(open_before);
    assert_int_equal(put(f, del), TC_OUT_GONE);
    assert_string_equal(ask(f, (struct tc_query){ALL}), "2");
    assert_string_equal(ask(f, (struct tc_query){ALL, .with_deletions = true}), "2 3");
    a.version = 10 * TC_SECOND;
    assert_int_equal(put(f, a), TC_OUT_APPENDED); /* 4: may come again */
    del.version = TC_TIME_NONE;
    del.community = 8;
    assert_int_equal(put(f, del), TC_OUT_GONE); /* there is none in that community */
    del.community = 7;
    assert_int_equal(put(f, del), TC_OUT_APPENDED); /* 5: all */
    for (int again = 0; again < 2; again++) {
        assert_string_equal(ask(f, (struct tc_query){ALL, .with_deletions = true}), "3 5");
        reopen(f);
    }
    a.version = 12 * TC_SECOND;
    a.creator = TC_STR("identity--z");
    assert_int_equal(put(f, a), TC_OUT_NOT_CREATOR); /* a deletion does not free the id */
}

/* What was erased is in no file any more once the writer had nothing else to do. */
static void test_erased_from_files(void **state)
{
    struct fix *f = *state;
    assert_int_equal(put(f, tc_test_entry(1, 10, f->green, 7, "needle-in-the-haystack")),
                     TC_OUT_APPENDED);
    struct tc_entry_in del = tc_test_entry(1, 0, f->green, 7, "");
    del.kind = TC_ENTRY_DELETE;
    assert_int_equal(put(f, del), TC_OUT_APPENDED);
    tc_journal_close(f->j);
    f->j = NULL;
    static const char *const files[] = {"journal.db", "journal.db-wal"};
    for (int i = 0; i < 2; i++) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        FILE *file = fopen(path, "rb");
        if (!file)
            continue;
        static char bytes[4 << 20];
        size_t n = fread(bytes, 1, sizeof bytes, file);
        (void)fclose(file);
        assert_true(n < sizeof bytes);
        assert_null(memmem(bytes, n, "needle-in", 9));
    }
}

static void test_clock_backwards(void **state)
{
    struct fix *f = *state;
    assert_int_equal(put(f, tc_test_entry(1, 10, f->green, 7, "{}")), TC_OUT_APPENDED);
    fake_now -= 3600 * TC_SECOND;
    reopen(f);
    struct tc_entry_in in = tc_test_entry(2, 10, f->green, 7, "{}");
    assert_int_equal(tc_journal_append(f->j, &in, 1), TC_OK);
    assert_int_equal(in.added, fake_now + 3600 * TC_SECOND + 1);
}

static void test_filters(void **state)
{
    struct fix *f = *state;
    uint32_t red = tc_test_audience(f->j, TC_TLP_RED, 2, 7);
    struct tc_entry_in e[6];
    for (int i = 0; i < 6; i++) {
        e[i] = tc_test_entry((uint64_t)i / 2, 10 + i % 2, f->green, 7, "{}");
        if (i / 2 == 1)
            e[i].type = TC_STR("malware");
    }
    e[5].entitled = true;
    e[5].audience = red; /* the newest version of object 2 is nobody's but the system's */
    e[2].spec_20 = true;
    assert_int_equal(tc_journal_append(f->j, e, 6), TC_OK);
    uint32_t mine[] = {7};
    struct tc_principal p = {.org = 5, .communities = {mine, 1}};
    assert_string_equal(ask(f, (struct tc_query){.community = 7}), "2 4 6");
    assert_string_equal(ask_as(f, &p, (struct tc_query){.community = 7}), "2 4 5");
    assert_string_equal(ask_as(f, &p, (struct tc_query){.community = 7, .backwards = true}),
                        "5 4 2");
    assert_string_equal(ask_as(f, &tc_principal_anonymous, (struct tc_query){.community = 7}), "");
    assert_string_equal(ask_as(f, &p, (struct tc_query){.community = 8}), "");
    assert_string_equal(ask(f, (struct tc_query){.versions = 1u << TC_VERSIONS_FIRST}), "1 3 5");
    assert_string_equal(
        ask(f, (struct tc_query){.versions = 1u << TC_VERSIONS_FIRST | 1u << TC_VERSIONS_LAST}),
        "1 2 3 4 5 6");
    struct tc_str malware[] = {TC_STR("malware"), TC_STR("no-such-type")};
    assert_string_equal(ask(f, (struct tc_query){.types = malware, .n_types = 2}), "4");
    assert_string_equal(ask(f, (struct tc_query){.types = malware + 1, .n_types = 1}), "");
    assert_string_equal(ask(f, (struct tc_query){.spec_20 = true}), "3");
    assert_string_equal(ask(f, (struct tc_query){.spec_21 = true}), "2 4 6");
    assert_string_equal(ask(f, (struct tc_query){.added_after = e[3].added}), "6");
    assert_string_equal(ask(f, (struct tc_query){.after = 1, .until = 5, ALL}), "2 3 4 5");
    /* As of 5: what came later beats nothing. */
    assert_string_equal(ask(f, (struct tc_query){.until = 5}), "2 4 5");
    assert_string_equal(ask(f, (struct tc_query){.limit = 2, ALL}), "1 2");
    assert_string_equal(ask(f, (struct tc_query){.after = UINT64_MAX}), "");
    tc_time given[] = {10 * TC_SECOND};
    assert_string_equal(
        ask(f,
            (struct tc_query){.versions = 1u << TC_VERSIONS_GIVEN, .given = given, .n_given = 1}),
        "1 3 5");
    char id[TC_ID_MAX], other[TC_ID_MAX];
    struct tc_uuid u = tc_test_uuid(1);
    tc_id_make(TC_STR("malware"), &u, id);
    tc_id_make(TC_STR("indicator"), &u, other); /* the same UUID, another type: another object */
    struct tc_str ids[] = {tc_str_cstr(id), tc_str_cstr(other), tc_str_cstr(id), TC_STR("rubbish")};
    assert_string_equal(ask(f, (struct tc_query){.ids = ids, .n_ids = 4, ALL}), "3 4");
    assert_string_equal(ask(f, (struct tc_query){.ids = ids + 1, .n_ids = 1, ALL}), "");
    uint64_t n = 99;
    struct tc_query q = {.community = 7};
    assert_int_equal(tc_journal_count(f->j, &p, &q, &n), TC_OK);
    assert_int_equal(n, 3);
}

static void test_usage(void **state)
{
    struct fix *f = *state;
    struct tc_entry_in a = tc_test_entry(1, 10, 0, 7, "{}");
    assert_int_equal(tc_journal_append(f->j, &a, 1), TC_E_USAGE); /* audience 0: fails closed */
    a.audience = 99;
    assert_int_equal(tc_journal_append(f->j, &a, 1), TC_E_USAGE);
    a.audience = f->green;
    a.body = TC_STR("");
    assert_int_equal(tc_journal_append(f->j, &a, 1), TC_E_USAGE);
    a.body = tc_str_view("", (size_t)TC_MAX_OBJECT + 1);
    assert_int_equal(tc_journal_append(f->j, &a, 1), TC_E_LIMIT);
    uint32_t twisted[] = {3, 2}, number = 77;
    struct tc_audience bad = {.tlp = TC_TLP_RED, .people = {twisted, 2}};
    assert_int_equal(tc_journal_audience(f->j, &bad, &number), TC_E_USAGE);
    bad.people.n = TC_MAX_RECIPIENTS + 1;
    assert_int_equal(tc_journal_audience(f->j, &bad, &number), TC_E_LIMIT);
    bad = (struct tc_audience){.tlp = (enum tc_tlp)9};
    assert_int_equal(tc_journal_audience(f->j, &bad, &number), TC_E_USAGE);
    assert_int_equal(number, 77);
    assert_int_equal(tc_journal_head(f->j), 0);
}

static void test_largest_body(void **state)
{
    struct fix *f = *state;
    char *big = malloc(TC_MAX_OBJECT);
    memset(big, 'x', TC_MAX_OBJECT);
    struct tc_entry_in a = tc_test_entry(1, 10, f->green, 7, "");
    a.body = tc_str_view(big, TC_MAX_OBJECT);
    assert_int_equal(put(f, a), TC_OUT_APPENDED);
    struct tc_query q = {0};
    struct tc_reader *r;
    struct tc_row row;
    assert_int_equal(tc_reader_open(f->j, &tc_principal_system, &q, &r), TC_OK);
    assert_int_equal(tc_reader_next(r, &row), TC_OK);
    assert_true(tc_str_eq(row.body, a.body));
    tc_reader_close(r);
    free(big);
}

/* More bytes than a reader holds at once, as neighbours and backwards: all come. */
static void test_many_large(void **state)
{
    struct fix *f = *state;
    enum { N = 40, SIZE = 300000 };
    char *big = malloc(SIZE);
    memset(big, 'y', SIZE);
    for (uint64_t i = 0; i < N; i++) {
        struct tc_entry_in a = tc_test_entry(i, 10, f->green, 7, "");
        a.body = tc_str_view(big, SIZE - i);
        assert_int_equal(put(f, a), TC_OUT_APPENDED);
    }
    for (int backwards = 0; backwards < 2; backwards++) {
        struct tc_query q = {.backwards = backwards};
        struct tc_reader *r;
        struct tc_row row;
        assert_int_equal(tc_reader_open(f->j, &tc_principal_system, &q, &r), TC_OK);
        for (uint64_t i = 0; i < N; i++) {
            uint64_t seq = backwards ? N - i : i + 1;
            assert_int_equal(tc_reader_next(r, &row), TC_OK);
            assert_int_equal(row.seq, seq);
            assert_int_equal(row.body.n, SIZE - (seq - 1));
            assert_int_equal(row.body.p[row.body.n - 1], 'y');
        }
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
        assert_int_equal(row.seq, 0);
        tc_reader_close(r);
    }
    free(big);
}

static void test_one_writer(void **state)
{
    struct fix *f = *state;
    struct tc_journal *second = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(f->dir, NULL, &second, &d), TC_E_BUSY);
    assert_null(second);
}

static void test_read_only(void **state)
{
    struct fix *f = *state;
    struct tc_journal_options o = {.read_only = true};
    struct tc_journal *ro = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(put(f, tc_test_entry(1, 10, f->green, 7, "{1}")), TC_OUT_APPENDED);
    assert_int_equal(tc_journal_open(f->dir, &o, &ro, &d), TC_OK);
    assert_int_equal(tc_journal_head(ro), 1);
    struct tc_entry_in in = tc_test_entry(2, 10, f->green, 7, "{2}");
    assert_int_equal(tc_journal_append(ro, &in, 1), TC_E_DENIED);
    uint32_t number;
    struct tc_audience a = {.tlp = TC_TLP_CLEAR};
    assert_int_equal(tc_journal_audience(ro, &a, &number), TC_E_DENIED);
    assert_int_equal(tc_journal_cursor_set(ro, "x", 1), TC_E_DENIED);
    /* A new audience, a new type, a new version and a deletion by the writer are all seen. */
    in.audience = tc_test_audience(f->j, TC_TLP_RED, 3, 7);
    in.type = TC_STR("note");
    assert_int_equal(put(f, in), TC_OUT_APPENDED);
    struct tc_entry_in del = tc_test_entry(1, 0, f->green, 7, "");
    del.kind = TC_ENTRY_DELETE;
    assert_int_equal(put(f, del), TC_OUT_APPENDED);
    assert_int_equal(tc_journal_wait(ro, 2, 5 * TC_SECOND), 3);
    struct fix other = {.j = ro};
    assert_string_equal(ask(&other, (struct tc_query){ALL}), "2");
    check_body(&other, 2, "{2}");
    tc_journal_close(ro);
    ro = NULL;
    char nowhere[300];
    (void)snprintf(nowhere, sizeof nowhere, "%s/nowhere", f->dir);
    assert_int_equal(tc_journal_open(nowhere, &o, &ro, &d), TC_E_NOTFOUND);
}

static void test_cursors(void **state)
{
    struct fix *f = *state;
    uint64_t seq = 77;
    assert_int_equal(tc_journal_cursor_get(f->j, "index", &seq), TC_E_NOTFOUND);
    assert_int_equal(seq, 77);
    assert_int_equal(tc_journal_cursor_set(f->j, "index", 5), TC_OK);
    assert_int_equal(tc_journal_cursor_set(f->j, "index", 6), TC_OK);
    assert_int_equal(tc_journal_cursor_set(f->j, "warn", 1), TC_OK);
    reopen(f);
    assert_int_equal(tc_journal_cursor_get(f->j, "index", &seq), TC_OK);
    assert_int_equal(seq, 6);
}

struct told {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t head;
    int done;
};

static void hear(void *arg, uint64_t head)
{
    struct told *t = arg;
    (void)pthread_mutex_lock(&t->lock);
    t->head = head;
    (void)pthread_mutex_unlock(&t->lock);
}

static void done(void *arg, tc_err e)
{
    struct told *t = arg;
    (void)pthread_mutex_lock(&t->lock);
    t->done += e == TC_OK;
    (void)pthread_cond_signal(&t->cond);
    (void)pthread_mutex_unlock(&t->lock);
}

static void test_submit_and_tell(void **state)
{
    struct fix *f = *state;
    struct told t = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    assert_int_equal(tc_journal_on_commit(f->j, hear, &t), TC_OK);
    struct tc_entry_in in[100];
    for (int i = 0; i < 100; i++) {
        in[i] = tc_test_entry((uint64_t)i, 10, f->green, 7, "{}");
        assert_int_equal(tc_journal_submit(f->j, &in[i], 1, done, &t), TC_OK);
    }
    (void)pthread_mutex_lock(&t.lock);
    while (t.done < 100)
        (void)pthread_cond_wait(&t.cond, &t.lock);
    assert_int_equal(t.head, 100); /* told before done */
    (void)pthread_mutex_unlock(&t.lock);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(in[i].seq, i + 1);
    assert_int_equal(tc_journal_wait(f->j, 99, 0), 100);
    assert_int_equal(tc_journal_wait(f->j, 100, 1000), 100);
    tc_journal_on_commit_end(f->j, hear, &t);
    assert_int_equal(put(f, tc_test_entry(1000, 10, f->green, 7, "{}")), TC_OUT_APPENDED);
    assert_int_equal(t.head, 100);
}

static void test_bad_database(void **state)
{
    struct fix *f = *state;
    tc_journal_close(f->j);
    f->j = NULL;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/journal.db", f->dir);
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 5000; i++)
        (void)fputs("this is no database ", file);
    (void)fclose(file);
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(f->dir, NULL, &f->j, &d), TC_E_CORRUPT);
    assert_null(f->j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_append_and_read),   T(test_posters),
        T(test_outcomes),          T(test_same_batch),
        T(test_unversioned),       T(test_delete),
        T(test_erased_from_files), T(test_clock_backwards),
        T(test_filters),           T(test_usage),
        T(test_largest_body),      T(test_many_large),
        T(test_one_writer),        T(test_read_only),
        T(test_cursors),           T(test_submit_and_tell),
        T(test_bad_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
