/* SPDX-License-Identifier: Apache-2.0 */
/* Fields sealed at rest, from the journal's side: who gets what of an entry, that every byte of
 * what is stored counts, and that random objects come back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log.h"
#include "node/fieldkey.h"
#include "node/node.h"
#include "rand.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define SEALED "extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e"
#define MARK   "00000000-0000-4000-8000-00000000ffff"

struct fix {
    char root[64], dir[96], key[96];
    struct tc_node *n;
    struct tc_diag d;
    uint32_t plain, marked; /* audiences: green; green with fields for organisation 7 */
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
static const struct tc_principal member = {.org = 5}, named = {.org = 7};

static void reopen(struct fix *f)
{
    uint32_t only = 7;
    struct tc_field field = {.level = {.tlp = TC_TLP_GREEN, .creator_org = 1, .orgs = {&only, 1}}};
    struct tc_audience a = {.tlp = TC_TLP_GREEN, .creator_org = 1};
    struct tc_uuid mark;
    tc_node_close(f->n);
    f->n = NULL;
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &f->d), TC_OK);
    assert_true(f->n->seals);
    assert_int_equal(tc_journal_audience(f->n->journal, &a, &f->plain), TC_OK);
    assert_int_equal(tc_uuid_parse(TC_STR(MARK), &mark), TC_OK);
    memcpy(field.marking, mark.b, sizeof field.marking);
    a.fields = &field;
    a.n_fields = 1;
    assert_int_equal(tc_journal_audience(f->n->journal, &a, &f->marked), TC_OK);
}

static int set_up(void **state)
{
    char id[TC_FIELD_KEY_ID];
    struct fix *f = calloc(1, sizeof *f);
    tc_diag_init(&f->d);
    tc_log_set_level(TC_LOG_ERROR);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-fieldkey-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    (void)snprintf(f->key, sizeof f->key, "%s/key", f->root);
    assert_int_equal(tc_field_key_make(f->key, id, &f->d), TC_OK);
    tc_field_key_file(f->key);
    assert_int_equal(tc_node_init(f->dir, "Test", &grid, &f->d), TC_OK);
    reopen(f);
    *state = f;
    return 0;
}

static void empty(const char *dir, int depth)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    char path[600];
    while (list && depth && (item = readdir(list)) != NULL) {
        if (item->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, item->d_name);
        if (unlink(path))
            empty(path, depth - 1);
    }
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_node_close(f->n);
    tc_field_key_file(NULL);
    empty(f->root, 8);
    free(f);
    return 0;
}

static uint64_t put(struct fix *f, const char *type, unsigned n, uint32_t audience, bool seals,
                    struct tc_str body)
{
    char id[TC_ID_MAX];
    struct tc_entry_in in = {.version = TC_TIME_NONE,
                             .audience = audience,
                             .community = 1,
                             .seals = seals,
                             .body = body};
    (void)snprintf(id, sizeof id, "%s--00000000-0000-4000-8000-%012u", type, n);
    in.id = tc_str_cstr(id);
    assert_int_equal(tc_id_split(in.id, &in.type, &in.uuid), TC_OK);
    assert_int_equal(tc_journal_append(f->n->journal, &in, 1), TC_OK);
    return in.outcome == TC_OUT_APPENDED ? in.seq : 0;
}

/* The body of an entry as p gets it, in out. */
static tc_err get(struct fix *f, const struct tc_principal *p, uint64_t seq, bool whole, char *out,
                  size_t size)
{
    const struct tc_query q = {.seqs = &seq,
                               .n_seqs = 1,
                               .added_after = TC_TIME_NONE,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .whole = whole};
    struct tc_reader *r = NULL;
    struct tc_row row = {.seq = 0};
    assert_int_equal(tc_reader_open(f->n->journal, p, &q, &r), TC_OK);
    tc_err e = tc_reader_next(r, &row);
    (void)snprintf(out, size, "%.*s", TC_FMT(row.body));
    if (!e)
        assert_true(row.seq == seq);
    tc_reader_close(r);
    return e;
}

static void reads(struct fix *f, const struct tc_principal *p, uint64_t seq, bool whole,
                  const char *want)
{
    char got[4096];
    assert_int_equal(get(f, p, seq, whole, got, sizeof got), TC_OK);
    assert_string_equal(got, want);
}

static void test_who_gets_what(void **state)
{
    struct fix *f = *state;
    static const char body[] = "{\"a\":1, \"display_name\":\"x\",\"credential\":\"y\" }";
    uint64_t seq = put(f, "user-account", 1, f->plain, false, tc_str_cstr(body));
    reads(f, &member, seq, false, body);
    reads(f, &tc_principal_system, seq, false, "{\"a\":1}");
    reads(f, &tc_principal_system, seq, true, body);
    assert_true(put(f, "user-account", 1, f->plain, false, tc_str_cstr(body)) == 0); /* the same */
    static const char none[] = "{\"a\":1}";
    seq = put(f, "user-account", 2, f->plain, false, tc_str_cstr(none)); /* nothing to seal */
    reads(f, &tc_principal_system, seq, false, none);
    reopen(f);
    reads(f, &member, 1, false, body);
}

/* A field that is both sealed and for few only; the object's own extension, cut for most of them,
 * still says what is sealed. */
static void test_marked_fields(void **state)
{
    struct fix *f = *state;
    static const char body[] =
        "{\"a\":\"p\",\"b\":\"q\",\"c\":\"r\",\"extensions\":{\"" SEALED
        "\":{\"sealed\":[\"/b\",\"/c\"]}},\"granular_markings\":[{\"marking_ref\":"
        "\"marking-definition--" MARK "\",\"selectors\":[\"c\",\"extensions\"]}]}";
    uint64_t seq = put(f, "x-acme-thing", 1, f->marked, true, tc_str_cstr(body));
    reads(f, &named, seq, false, body);
    reads(f, &member, seq, false, "{\"a\":\"p\",\"b\":\"q\"}");
    reads(f, &tc_principal_system, seq, true, body);
    reads(f, &tc_principal_system, seq, false, "{\"a\":\"p\"}");
}

static void set_body(struct fix *f, uint64_t seq, const void *p, int n)
{
    char path[160];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    (void)snprintf(path, sizeof path, "%s/journal.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 20000);
    assert_int_equal(sqlite3_prepare_v2(db, "UPDATE entry SET body=?1 WHERE seq=?2", -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_blob(st, 1, p, n, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(st, 2, (sqlite3_int64)seq), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
}

static size_t body_of(struct fix *f, uint64_t seq, uint8_t out[512])
{
    char path[160];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    (void)snprintf(path, sizeof path, "%s/journal.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 20000);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT body FROM entry WHERE seq=?1", -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(st, 1, (sqlite3_int64)seq), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    size_t n = (size_t)sqlite3_column_bytes(st, 0);
    assert_true(n <= 512);
    memcpy(out, sqlite3_column_blob(st, 0), n);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return n;
}

/* Each byte altered, each beginning of it: never another object, never a plain piece of it. */
static void test_every_byte_counts(void **state)
{
    struct fix *f = *state;
    static const char body[] = "{\"a\":1,\"credential\":\"zqsecret\"}";
    uint64_t seq = put(f, "user-account", 1, f->plain, false, tc_str_cstr(body));
    uint64_t next = put(f, "user-account", 2, f->plain, false, tc_str_cstr(body));
    uint8_t was[512], other[512], now[512];
    char got[4096];
    size_t n = body_of(f, seq, was), m = body_of(f, next, other);
    assert_null(memmem(was, n, "zqsecret", 8));
    for (size_t i = 0; i < n; i++) {
        memcpy(now, was, n);
        now[i] ^= 1;
        set_body(f, seq, now, (int)n);
        assert_int_equal(get(f, &member, seq, false, got, sizeof got), TC_E_CORRUPT);
        set_body(f, seq, was, (int)i);
        if (i) /* nothing at all is what erased looks like */
            assert_int_equal(get(f, &member, seq, false, got, sizeof got), TC_E_CORRUPT);
    }
    set_body(f, seq, other, (int)m); /* the same object's fields, of another entry */
    assert_int_equal(get(f, &member, seq, false, got, sizeof got), TC_E_CORRUPT);
    reads(f, &member, next, false, body);
    set_body(f, seq, was, (int)n);
    reads(f, &member, seq, false, body);
}

/* ---- random objects: put, read back, as members and as the node's own readers ---- */

static void text_of(uint64_t *s, struct tc_buf *b)
{
    static const char *const parts[] = {"zq", "\\u00e9", "\\\"", "}", ",", " ", "\\\\", "\xc3\xa9"};
    tc_buf_char(b, '"');
    for (uint64_t n = test_rand(s) % 6; n; n--)
        tc_buf_cstr(b, parts[test_rand(s) % 8]);
    tc_buf_char(b, '"');
}

static void object_of(uint64_t *s, struct tc_buf *b, bool *own)
{
    static const char *const names[] = {"credential", "display_name", "a", "b", "list", "user_id"};
    *own = test_rand(s) % 2;
    tc_buf_char(b, '{');
    for (unsigned i = 0; i < 6; i++) {
        if (test_rand(s) % 3 == 0)
            continue;
        tc_buf_fmt(b, "%s\"%s\" :", test_rand(s) % 2 ? " " : "", names[i]);
        if (i == 4)
            tc_buf_cstr(b, "[{\"x\":1,\"y\":2},{\"x\":3}, {}]");
        else
            text_of(s, b);
        tc_buf_char(b, ',');
    }
    if (*own)
        tc_buf_cstr(b, "\"extensions\":{\"" SEALED "\":{\"sealed\":[\"/a\",\"/list/0/x\"]}},");
    tc_buf_cstr(b, "\"type\":\"user-account\"}");
}

static void test_random(void **state)
{
    struct fix *f = *state;
    enum { MANY = 1500 };
    struct tc_buf *v = calloc(MANY, sizeof *v);
    uint64_t s = test_seed();
    char got[4096];
    for (unsigned i = 0; i < MANY; i++) {
        bool own;
        tc_buf_init(&v[i], 4096);
        object_of(&s, &v[i], &own);
        assert_true(put(f, "user-account", i, f->plain, own, tc_buf_view(&v[i])) == i + 1);
    }
    for (unsigned i = 0; i < MANY; i++) {
        reads(f, &member, i + 1, false, tc_buf_z(&v[i]));
        assert_int_equal(get(f, &tc_principal_system, i + 1, false, got, sizeof got), TC_OK);
        assert_null(strstr(got, "credential"));
        assert_null(strstr(got, "display_name"));
        if (strstr(v[i].p, "sealed"))
            assert_true(!strstr(got, "\"a\"") && !strstr(got, "\"x\""));
        tc_buf_fini(&v[i]);
    }
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_gets_what, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_marked_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_byte_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_random, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
