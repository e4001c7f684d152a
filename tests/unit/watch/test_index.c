/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../journal/fixture.h"
#include "base/log.h"
#include "watch/index.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fix {
    char *dir;
    struct tc_journal *j;
    struct tc_index *x;
    uint32_t green, red;
};

static void open_index(struct fix *f)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_index_close(f->x);
    f->x = NULL;
    assert_int_equal(tc_index_open(f->dir, f->j, &f->x, &d), TC_OK);
}

static void open_journal(struct fix *f)
{
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(f->dir, NULL, &f->j, &d), TC_OK);
    f->green = tc_test_audience(f->j, TC_TLP_GREEN, 1, 7);
    f->red = tc_test_audience(f->j, TC_TLP_RED, 1, 7);
}

static int set_up(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->dir = strdup(tc_test_dir());
    open_journal(f);
    open_index(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_index_close(f->x);
    tc_journal_close(f->j);
    tc_test_dir_remove(f->dir);
    free(f->dir);
    free(f);
    return 0;
}

static void put(struct fix *f, uint64_t number, int64_t version, const char *type,
                uint32_t audience, const char *body)
{
    struct tc_entry_in in = tc_test_entry(number, version, audience, 7, body);
    in.type = tc_str_cstr(type);
    if (!*body)
        in.kind = TC_ENTRY_DELETE;
    assert_int_equal(tc_journal_append(f->j, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
}

static void catch_up(struct fix *f)
{
    size_t done = 1;
    while (done)
        assert_int_equal(tc_index_step(f->x, 2, &done), TC_OK);
    assert_int_equal(tc_index_lag(f->x), 0);
    assert_int_equal(tc_index_seq(f->x), tc_journal_head(f->j));
}

static const struct tc_principal member = {.org = 5};

static const char *search(struct fix *f, const struct tc_principal *p, struct tc_search s,
                          struct tc_query q)
{
    static char text[1024];
    struct tc_hits *h = NULL;
    struct tc_row row;
    size_t n = 0;
    text[0] = '\0';
    assert_int_equal(tc_index_search(f->x, p, &s, &q, &h), TC_OK);
    for (;;) {
        assert_int_equal(tc_hits_next(h, &row), TC_OK);
        if (!row.seq)
            break;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu", n ? " " : "",
                              (unsigned long long)row.seq);
    }
    tc_hits_close(h);
    return text;
}

static const char *key(struct fix *f, enum tc_key_kind kind, const char *text)
{
    return search(f, &member,
                  (struct tc_search){.kind = TC_SEARCH_KEY, .key = kind, .text = tc_str_cstr(text)},
                  (struct tc_query){0});
}

static const char *words(struct fix *f, const char *text)
{
    return search(f, &member,
                  (struct tc_search){.kind = TC_SEARCH_WORDS, .text = tc_str_cstr(text)},
                  (struct tc_query){0});
}

static const char *box(struct fix *f, double s, double n, double w, double e)
{
    return search(
        f, &member,
        (struct tc_search){.kind = TC_SEARCH_BOX, .south = s, .north = n, .west = w, .east = e},
        (struct tc_query){0});
}

static void fill(struct fix *f)
{
    put(f, 1, 1, "location", f->green,
        "{\"type\":\"location\",\"name\":\"Old harbour\",\"latitude\":52.1,\"longitude\":4.2}");
    put(f, 2, 1, "relationship", f->green,
        "{\"type\":\"relationship\",\"source_ref\":\"tool--a\",\"target_ref\":\"tool--b\","
        "\"created_by_ref\":\"identity--c\",\"object_marking_refs\":[\"marking-definition--m\"]}");
    put(f, 3, 1, "observed-data", f->green,
        "{\"type\":\"observed-data\",\"object_refs\":[\"tool--a\",\"tool--d\"],\"objects\":{\"0\":"
        "{\"type\":\"domain-name\",\"value\":\"Example.COM \"},\"1\":{\"type\":\"file\",\"hashes\":"
        "{\"MD5\":\"ABCDEF\"}},\"2\":{\"type\":\"autonomous-system\",\"number\":15139}}}");
    put(f, 4, 1, "malware", f->red,
        "{\"type\":\"malware\",\"name\":\"harbour worm\",\"sample_refs\":[\"tool--a\"]}");
    put(f, 1, 2, "location", f->green,
        "{\"type\":\"location\",\"name\":\"New h\\u00e4rbour \\\"gate\\\"\",\"latitude\":-17,"
        "\"longitude\":179.5}");
}

static void check(struct fix *f)
{
    assert_string_equal(key(f, TC_KEY_EDGE, "tool--a"), "3 2");
    assert_string_equal(key(f, TC_KEY_EDGE_SOURCE, "tool--a"), "2");
    assert_string_equal(key(f, TC_KEY_EDGE_TARGET, "tool--a"), "");
    assert_string_equal(key(f, TC_KEY_EDGE_CREATOR, "identity--c"), "2");
    assert_string_equal(key(f, TC_KEY_EDGE_OBJECTS, "tool--d"), "3");
    assert_string_equal(key(f, TC_KEY_EDGE, "marking-definition--m"), "");
    assert_string_equal(key(f, TC_KEY_VALUE, "example.com"), ""); /* lists keep those */
    assert_string_equal(words(f, "harbour"), "5"); /* 1 is not the last, 4 is for people */
    assert_string_equal(words(f, "NEW harb*"), "5");
    assert_string_equal(words(f, "old"), "");
    assert_string_equal(words(f, "\"gate\" OR ("), "");
    assert_string_equal(words(f, "gate\""), "5");
    assert_string_equal(box(f, -20, -10, 170, -170), "5");
    assert_string_equal(box(f, -20, -10, -170, 170), "");
    assert_string_equal(box(f, 50, 55, 0, 10), ""); /* it was there before */
    struct tc_search s = {.kind = TC_SEARCH_WORDS, .text = TC_STR("harbour")};
    assert_string_equal(search(f, &tc_principal_system, s, (struct tc_query){0}), "5 4");
    assert_string_equal(search(f, &tc_principal_system, s, (struct tc_query){.limit = 1}), "5");
    assert_string_equal(
        search(f, &tc_principal_system, s, (struct tc_query){.versions = 1u << TC_VERSIONS_ALL}),
        "5 4 1");
    assert_string_equal(search(f, &tc_principal_anonymous, s, (struct tc_query){0}), "");
}

static void test_search(void **state)
{
    struct fix *f = *state;
    fill(f);
    assert_int_equal(tc_index_lag(f->x), 5);
    assert_string_equal(words(f, "harbour"), ""); /* behind, and it says so */
    catch_up(f);
    check(f);
    open_index(f); /* goes on where it was */
    assert_int_equal(tc_index_lag(f->x), 0);
    check(f);
}

static void test_rebuilt_when_deleted(void **state)
{
    struct fix *f = *state;
    static const char *const files[] = {"index.db", "index.db-wal", "index.db-shm"};
    fill(f);
    catch_up(f);
    tc_index_close(f->x);
    f->x = NULL;
    for (int i = 0; i < 3; i++) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        (void)unlink(path);
    }
    tc_journal_close(f->j);
    open_journal(f);
    open_index(f);
    assert_int_equal(tc_index_lag(f->x), 5);
    catch_up(f);
    check(f);
}

static void test_rebuilt_when_damaged(void **state)
{
    struct fix *f = *state;
    char path[400];
    fill(f);
    catch_up(f);
    tc_index_close(f->x);
    f->x = NULL;
    (void)snprintf(path, sizeof path, "%s/index.db", f->dir);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 3000; i++)
        (void)fputs("no database", file);
    (void)fclose(file);
    open_index(f);
    catch_up(f);
    check(f);
}

static void test_other_journal(void **state)
{
    struct fix *f = *state;
    char path[400];
    fill(f);
    catch_up(f);
    tc_journal_close(f->j);
    (void)snprintf(path, sizeof path, "%s/journal.db", f->dir);
    assert_int_equal(unlink(path), 0);
    open_journal(f);
    for (uint64_t i = 0; i < 7; i++)
        put(f, 100 + i, 1, "note", f->green, "{\"type\":\"note\",\"content\":\"harbour\"}");
    open_index(f);
    assert_int_equal(tc_index_lag(f->x), 7);
    catch_up(f);
    assert_string_equal(words(f, "harbour"), "7 6 5 4 3 2 1");
}

static bool file_has(const char *dir, const char *name, const char *needle)
{
    char path[400];
    static char bytes[4 << 20];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t n = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return memmem(bytes, n, needle, strlen(needle)) != NULL;
}

static void test_deletion(void **state)
{
    struct fix *f = *state;
    fill(f);
    put(f, 9, 1, "note", f->green,
        "{\"type\":\"note\",\"content\":\"quicksilver\",\"object_refs\":[\"tool--a\"]}");
    catch_up(f);
    assert_string_equal(words(f, "quicksilver"), "6");
    assert_true(file_has(f->dir, "index.db-wal", "quicksilver") ||
                file_has(f->dir, "index.db", "quicksilver"));
    put(f, 9, 1, "note", f->green, "");               /* deletes */
    assert_string_equal(words(f, "quicksilver"), ""); /* at once, though the index is behind */
    catch_up(f);
    assert_string_equal(key(f, TC_KEY_EDGE, "tool--a"), "3 2");
    check(f);
    tc_index_close(f->x);
    f->x = NULL;
    assert_false(file_has(f->dir, "index.db", "quicksilver"));
    assert_false(file_has(f->dir, "index.db-wal", "quicksilver"));
}

/* More hits than one window, most of them hidden: all that may be read come, in order. */
static void test_many(void **state)
{
    struct fix *f = *state;
    enum { N = 1700 };
    struct tc_entry_in *in = calloc(N, sizeof *in);
    for (uint64_t i = 0; i < N; i++)
        in[i] = tc_test_entry(i, 1, i % 100 == 7 ? f->green : f->red, 7,
                              "{\"type\":\"indicator\",\"name\":\"alarm\"}");
    assert_int_equal(tc_journal_append(f->j, in, N), TC_OK);
    free(in);
    size_t done = 1;
    while (done)
        assert_int_equal(tc_index_step(f->x, 500, &done), TC_OK);
    assert_string_equal(words(f, "alarm"),
                        "1608 1508 1408 1308 1208 1108 1008 908 808 708 608 508 408 308 208 108 8");
}

struct racing {
    struct fix *f;
    _Atomic bool end;
    tc_err err;
};

static void *step_on(void *arg)
{
    struct racing *r = arg;
    size_t done = 0;
    while (!r->err && (done || !r->end || tc_index_lag(r->f->x)))
        r->err = tc_index_step(r->f->x, 50, &done);
    return NULL;
}

/* Appending, indexing and searching at once; what is found is always found again. */
static void test_meanwhile(void **state)
{
    struct fix *f = *state;
    struct racing r = {.f = f};
    pthread_t t;
    uint64_t found = 0;
    assert_int_equal(pthread_create(&t, NULL, step_on, &r), 0);
    for (uint64_t i = 0; i < 300; i++) {
        put(f, i, 1, "note", f->green, "{\"type\":\"note\",\"content\":\"bell\"}");
        struct tc_search s = {.kind = TC_SEARCH_WORDS, .text = TC_STR("bell")};
        struct tc_query q = {0};
        struct tc_hits *h = NULL;
        struct tc_row row;
        uint64_t n = 0;
        assert_int_equal(tc_index_search(f->x, &member, &s, &q, &h), TC_OK);
        while (tc_hits_next(h, &row) == TC_OK && row.seq)
            n++;
        tc_hits_close(h);
        assert_true(n >= found && n <= i + 1);
        found = n;
    }
    r.end = true;
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(r.err, TC_OK);
    assert_int_equal(tc_index_seq(f->x), 300);
}

static long long size_of_index(struct fix *f)
{
    struct stat st;
    char path[400];
    tc_index_close(f->x); /* what is in the log moves into the file */
    f->x = NULL;
    (void)snprintf(path, sizeof path, "%s/index.db", f->dir);
    assert_int_equal(stat(path, &st), 0);
    open_index(f);
    return st.st_size;
}

/* Values are no rows here: the same object with thirty values costs as much as with none. */
static void test_values_cost_nothing(void **state)
{
    struct fix *f = *state;
    long long size[2], before = size_of_index(f);
    char body[4000];
    for (int round = 0; round < 2; round++) {
        size_t n = (size_t)snprintf(body, sizeof body, "{\"type\":\"x-sale\",\"objects\":{");
        for (int i = 0; round && i < 30; i++)
            n += (size_t)snprintf(body + n, sizeof body - n,
                                  "%s\"%d\":{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.%d\"}",
                                  i ? "," : "", i, i);
        (void)snprintf(body + n, sizeof body - n, "}}");
        for (uint64_t i = 0; i < 3000; i++)
            put(f, (uint64_t)round * 3000 + i + 1, 1, "x-sale", f->green, body);
        for (size_t done = 1; done;)
            assert_int_equal(tc_index_step(f->x, 5000, &done), TC_OK);
        size[round] = size_of_index(f) - before;
        before += size[round];
    }
    assert_true(size[0] > 50000);
    assert_true(llabs(size[1] - size[0]) * 5 < size[0]); /* how full pages are differs */
}

static void test_usage(void **state)
{
    struct fix *f = *state;
    struct tc_hits *h = NULL;
    struct tc_query q = {0};
    struct tc_search none = {.kind = TC_SEARCH_WORDS, .text = TC_STR("  ")};
    assert_int_equal(tc_index_search(f->x, &member, &none, &q, &h), TC_E_USAGE);
    none.text = TC_STR("\xff");
    assert_int_equal(tc_index_search(f->x, &member, &none, &q, &h), TC_E_USAGE);
    struct tc_search bad = {.kind = TC_SEARCH_BOX, .south = 10, .north = -10, .east = 1};
    assert_int_equal(tc_index_search(f->x, &member, &bad, &q, &h), TC_E_USAGE);
    assert_null(h);
    put(f, 1, 1, "note", f->green, "not JSON at all"); /* kept, found by its id */
    catch_up(f);
    char id[TC_ID_MAX];
    char uuid[TC_UUID_TEXT + 1];
    struct tc_uuid u = tc_test_uuid(1);
    tc_uuid_format(&u, uuid);
    (void)snprintf(id, sizeof id, "note--%s", uuid);
    assert_string_equal(key(f, TC_KEY_ID, id), "1");
}

int main(void)
{
    tc_log_set_level(TC_LOG_WARN);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_search),
                                       T(test_rebuilt_when_deleted),
                                       T(test_values_cost_nothing),
                                       T(test_rebuilt_when_damaged),
                                       T(test_other_journal),
                                       T(test_deletion),
                                       T(test_many),
                                       T(test_meanwhile),
                                       T(test_usage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
