/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: what was acknowledged is there after kill -9, and whatever is bent is noticed. */
#include "access/audit.h"
#include "access/audit_files.h"
#include "access/audit_look.h"

#include "base/num.h"
#include "codec/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ORIGIN "tocsin/identity--9c5be2d4-4f6c-4a0e-9a5a-0f5a7b5d2f10"

struct fix {
    char dir[64];
    uint8_t seed[32];
    struct tc_diag d;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-audit-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    memset(f->seed, 7, sizeof f->seed);
    tc_diag_init(&f->d);
    *state = f;
    return 0;
}

static int gone(const char *path, const struct stat *st, int kind, struct FTW *w)
{
    (void)st;
    (void)kind;
    (void)w;
    return remove(path);
}

static void empty(const char *dir)
{
    (void)nftw(dir, gone, 16, FTW_DEPTH | FTW_PHYS);
}

static int teardown(void **state)
{
    struct fix *f = *state;
    empty(f->dir);
    free(f);
    return 0;
}

static struct tc_audit *open_log(struct fix *f)
{
    struct tc_audit *a = NULL;
    tc_err e = tc_audit_open(f->dir, ORIGIN, f->seed, &a, &f->d);
    if (e)
        print_error("%s\n", f->d.message);
    assert_int_equal(e, TC_OK);
    return a;
}

static struct tc_audit_event event(enum tc_audit_kind kind, const char *object)
{
    return (struct tc_audit_event){.kind = kind,
                                   .org = 1,
                                   .person = 2,
                                   .object = tc_str_cstr(object),
                                   .how = TC_STR("GET /api/v1/objects/{object}"),
                                   .from = TC_STR("127.0.0.1")};
}

static void fill(struct fix *f, size_t n)
{
    struct tc_audit *a = open_log(f);
    for (size_t i = 0; i < n; i++) {
        char object[64];
        (void)snprintf(object, sizeof object, "report--%zu", i);
        struct tc_audit_event e = event(TC_AUDIT_CONSULTATION, object);
        assert_int_equal(i % 20000 == 19999 ? tc_audit_must(a, &e) : tc_audit_write(a, &e, NULL),
                         TC_OK);
    }
    tc_audit_close(a);
}

static tc_err verdict(struct fix *f, struct tc_audit_verdict *v)
{
    struct tc_audit_look *l = NULL;
    tc_err e = tc_audit_look_open(f->dir, NULL, &l, &f->d);
    if (!e)
        e = tc_audit_verify(l, v);
    tc_audit_look_close(l);
    return e;
}

static void sound(struct fix *f, uint64_t leaves)
{
    struct tc_audit_verdict v;
    assert_int_equal(verdict(f, &v), TC_OK);
    if (v.broken)
        print_error("%s leaf %llu: %s\n", v.file, (unsigned long long)v.leaf, v.message);
    assert_false(v.broken);
    assert_int_equal(v.leaves, leaves);
}

static bool noticed(struct fix *f)
{
    struct tc_audit_verdict v;
    return verdict(f, &v) != TC_OK || v.broken;
}

/* ---- form ---- */

static void test_paths(void **state)
{
    (void)state;
    char p[TC_AUDIT_PATH];
    tc_audit_tile_path(0, 1234067, 256, p);
    assert_string_equal(p, "tile/0/x001/x234/067");
    tc_audit_tile_path(1, 0, 17, p);
    assert_string_equal(p, "tile/1/000.p/17");
    tc_audit_tile_path(-1, 1000, 256, p);
    assert_string_equal(p, "tile/entries/x001/000");
}

static void test_note(void **state)
{
    (void)state;
    struct tc_audit_head h = {.size = 20852163}, back;
    uint8_t seed[32] = {1}, pub[32], secret[64], again[32];
    char note[TC_AUDIT_NOTE], vkey[TC_AUDIT_NOTE], origin[TC_AUDIT_ORIGIN];
    memset(h.root.b, 0xab, sizeof h.root.b);
    (void)snprintf(h.origin, sizeof h.origin, "%s", ORIGIN);
    assert_int_equal(crypto_sign_seed_keypair(pub, secret, seed), 0);
    tc_audit_note_write(&h, secret, note);
    assert_int_equal(tc_audit_note_read(tc_str_cstr(note), ORIGIN, pub, &back), TC_OK);
    assert_int_equal(back.size, h.size);
    assert_memory_equal(back.root.b, h.root.b, 32);
    assert_int_equal(tc_audit_note_read(tc_str_cstr(note), "other", pub, &back), TC_E_DENIED);
    for (size_t i = 0; i < strlen(note); i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            note[i] = (char)(note[i] ^ (1 << bit));
            assert_int_not_equal(
                tc_audit_note_read(tc_str_view(note, strlen(note)), ORIGIN, pub, &back), TC_OK);
            note[i] = (char)(note[i] ^ (1 << bit));
        }
    tc_audit_vkey_write(ORIGIN, pub, vkey);
    assert_int_equal(tc_audit_vkey_read(tc_str_cstr(vkey), origin, again), TC_OK);
    assert_string_equal(origin, ORIGIN);
    assert_memory_equal(again, pub, 32);
    vkey[strlen(ORIGIN) + 2] ^= 1;
    assert_int_equal(tc_audit_vkey_read(tc_str_cstr(vkey), origin, again), TC_E_SYNTAX);
}

/* The example key of the C2SP signed-note text: name, hash and key belong together. */
static void test_note_vector(void **state)
{
    (void)state;
    char origin[TC_AUDIT_ORIGIN];
    uint8_t pub[32];
    assert_int_equal(
        tc_audit_vkey_read(
            TC_STR("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"), origin,
            pub),
        TC_OK);
    assert_string_equal(origin, "PeterNeumann");
}

static void test_ranges(void **state)
{
    (void)state;
    struct tc_audit_list l;
    tc_audit_list_init(&l);
    static const uint64_t seqs[] = {5, 6, 7, 9, 20, 21};
    for (size_t i = 0; i < 6; i++)
        tc_audit_list_add(&l, seqs[i]);
    tc_audit_list_add(&l, 100); /* 20-21 is written when the range ends */
    struct tc_str r = tc_str_view(l.ranges, l.at);
    assert_true(tc_str_is(r, "5-7,9,20-21"));
    for (size_t i = 0; i < 6; i++)
        assert_true(tc_audit_ranges_have(r, seqs[i]));
    assert_false(tc_audit_ranges_have(r, 8));
    assert_false(tc_audit_ranges_have(r, 22));
    assert_false(tc_audit_ranges_have(TC_STR("x-3"), 2));
}

struct told {
    const uint64_t *added;
    size_t at, n;
    bool right;
};

static tc_err on_told(void *arg, const struct tc_audit_record *r)
{
    struct told *t = arg;
    struct tc_json j = {NULL, NULL};
    struct tc_str entries = {"", 0};
    uint64_t count = 0;
    assert_int_equal(tc_json_read(r->payload, TC_AUDIT_PAYLOAD, 0, &j, NULL), TC_OK);
    assert_true(tc_json_str(j.root, "entries", &entries));
    assert_true(tc_json_u64(j.root, "count", &count));
    for (uint64_t i = 0; i < count && t->at < t->n; i++, t->at++) {
        uint64_t v = t->added[t->at];
        bool next = t->at + 1 < t->n && t->added[t->at + 1] == v + 1;
        t->right = t->right && tc_audit_ranges_have(entries, v) &&
                   (next || !tc_audit_ranges_have(entries, v + 1));
    }
    tc_json_fini(&j);
    return TC_OK;
}

/* Whatever comes, also the largest numbers: what the pieces of a full list tell is what was added.
 */
static void test_full_list(void **state)
{
    static struct tc_audit_list l;
    uint64_t added[4000], v = 0;
    struct fix *f = *state;
    struct tc_audit *a = open_log(f);
    size_t from = 0, pieces = 0;
    tc_audit_list_init(&l);
    for (size_t i = 0; i < 4000; i++) {
        v = i == 3000 ? UINT64_MAX - 2500 : v + 1 + randombytes_uniform(3) / 2;
        added[i] = v;
        if (tc_audit_list_full(&l)) {
            assert_int_equal(l.n, i - from);
            struct tc_audit_event e = event(TC_AUDIT_CONSULTATION, "");
            e.list = &l;
            assert_int_equal(tc_audit_write(a, &e, NULL), TC_OK);
            assert_int_equal(l.n, 0);
            from = i;
            pieces++;
        }
        tc_audit_list_add(&l, v);
    }
    tc_audit_close(a);
    assert_true(pieces > 3);
    struct told t = {added, 0, from, true};
    struct tc_audit_look *look = NULL;
    assert_int_equal(tc_audit_look_open(f->dir, NULL, &look, &f->d), TC_OK);
    assert_int_equal(tc_audit_look_each(look, 0, on_told, &t), TC_OK);
    tc_audit_look_close(look);
    assert_true(t.right);
    assert_int_equal(t.at, from);
}

/* ---- the log ---- */

static void test_grow(void **state)
{
    struct fix *f = *state;
    static const size_t more[] = {0, 1, 1, 253, 1, 1, 300, 1000, 66000, 5};
    uint64_t all = 0;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        fill(f, more[i]);
        all += more[i];
        sound(f, all);
    }
}

static void test_proofs(void **state)
{
    struct fix *f = *state;
    struct tc_audit_head old;
    struct tc_audit_look *l = NULL;
    struct tc_merkle_proof p;
    struct tc_merkle_hash leaf;
    char note[TC_AUDIT_NOTE];
    fill(f, 700);
    struct tc_audit *a = open_log(f);
    assert_int_equal(tc_audit_publish(a, note), TC_OK);
    tc_audit_close(a);
    fill(f, 70000);
    assert_int_equal(tc_audit_look_open(f->dir, NULL, &l, &f->d), TC_OK);
    const struct tc_audit_head *h = tc_audit_look_head(l);
    assert_int_equal(h->size, 70700);
    for (uint64_t i = 0; i < h->size; i += 501) {
        assert_int_equal(tc_audit_look_inclusion(l, i, &leaf, &p), TC_OK);
        assert_true(tc_merkle_included(&leaf, i, h->size, &p, &h->root));
    }
    assert_int_equal(tc_audit_look_inclusion(l, h->size, &leaf, &p), TC_E_INVALID);
    assert_int_equal(tc_audit_look_read(l, tc_str_cstr(note), &old), TC_OK);
    assert_int_equal(old.size, 700);
    assert_int_equal(tc_audit_look_consistency(l, old.size, &p), TC_OK);
    assert_true(tc_merkle_consistent(old.size, &old.root, h->size, &h->root, &p));
    tc_audit_look_close(l);
}

static tc_err last_object(void *arg, const struct tc_audit_record *r)
{
    (void)tc_str_copy(r->payload, arg, 512);
    return TC_OK;
}

static void test_said(void **state)
{
    struct fix *f = *state;
    struct tc_audit_look *l = NULL;
    struct tc_audit_list list;
    char text[512] = "", note[TC_AUDIT_NOTE];
    struct tc_audit *a = open_log(f);
    struct tc_audit_event e = event(TC_AUDIT_DISCLOSURE, "");
    tc_audit_list_init(&list);
    for (uint64_t i = 40; i < 50; i++)
        tc_audit_list_add(&list, i);
    e.list = &list;
    e.why = TC_STR("exercise \"north\"");
    assert_int_equal(tc_audit_must(a, &e), TC_OK);
    assert_int_equal(tc_audit_publish(a, note), TC_OK);
    assert_int_equal(tc_audit_look_open(f->dir, NULL, &l, &f->d), TC_OK);
    assert_string_equal(tc_audit_look_note(l), note);
    assert_int_equal(tc_audit_look_each(l, 0, last_object, text), TC_OK);
    assert_string_equal(
        text, "{\"kind\":\"disclosure\",\"org\":1,\"person\":2,\"count\":10,\"entries\":\"40-49\","
              "\"how\":\"GET /api/v1/objects/{object}\",\"from\":\"127.0.0.1\","
              "\"why\":\"exercise \\\"north\\\"\"}");
    tc_audit_look_close(l);
    tc_audit_close(a);
}

static void test_redact(void **state)
{
    struct fix *f = *state;
    struct tc_audit_verdict v;
    char path[160];
    fill(f, 600);
    struct tc_audit *a = open_log(f);
    struct tc_audit_event e = event(TC_AUDIT_REDACTION, "");
    assert_int_equal(tc_audit_redact(a, 9999, &e), TC_E_NOTFOUND);
    assert_int_equal(tc_audit_redact(a, 300, &e), TC_OK);
    assert_int_equal(tc_audit_redact(a, 600, &e), TC_E_NOTFOUND); /* the word of it stays */
    tc_audit_close(a);
    sound(f, 601);
    assert_int_equal(verdict(f, &v), TC_OK);
    assert_int_equal(v.redacted, 1);
    (void)snprintf(path, sizeof path, "grep -rq 'report--300\"' %s/audit", f->dir);
    assert_int_not_equal(system(path), 0); /* nothing is left of what it said */
    a = open_log(f);
    tc_audit_close(a);
    sound(f, 601);
}

/* ---- bending ---- */

static char files[64][160];
static size_t n_files;

static int list_file(const char *path, const struct stat *st, int kind, struct FTW *w)
{
    if (kind == FTW_F && st->st_size > 0 && n_files < 64 && strcmp(path + w->base, "boot") != 0)
        (void)snprintf(files[n_files++], sizeof files[0], "%s", path);
    return 0;
}

static void read_all(const char *path, struct tc_buf *b)
{
    FILE *r = fopen(path, "rb");
    assert_non_null(r);
    tc_buf_init(b, 16u << 20);
    int c;
    while ((c = fgetc(r)) != EOF)
        tc_buf_char(b, (char)c);
    (void)fclose(r);
}

static void write_all(const char *path, const void *p, size_t n)
{
    FILE *w = fopen(path, "wb");
    assert_non_null(w);
    assert_int_equal(fwrite(p, 1, n, w), n);
    assert_int_equal(fclose(w), 0);
}

static void test_each_byte(void **state)
{
    struct fix *f = *state;
    char dir[100];
    fill(f, 5);
    fill(f, 4); /* leaves an older partial tile beside the newer */
    sound(f, 9);
    (void)snprintf(dir, sizeof dir, "%s/audit", f->dir);
    n_files = 0;
    assert_int_equal(nftw(dir, list_file, 16, FTW_PHYS), 0);
    assert_int_equal(n_files, 7); /* vkey, checkpoint, said, and two of entries and tiles */
    for (size_t i = 0; i < n_files; i++) {
        struct tc_buf b;
        read_all(files[i], &b);
        for (size_t at = 0; at < b.n; at++) {
            b.p[at] = (char)(b.p[at] ^ (1 << at % 8));
            write_all(files[i], b.p, b.n);
            if (!noticed(f))
                fail_msg("%s byte %zu", files[i], at);
            b.p[at] = (char)(b.p[at] ^ (1 << at % 8));
        }
        for (size_t n = 0; n < b.n; n++) {
            write_all(files[i], b.p, n);
            if (!noticed(f))
                fail_msg("%s cut to %zu", files[i], n);
        }
        write_all(files[i], b.p, b.n);
        tc_buf_fini(&b);
    }
    sound(f, 9);
}

static void test_drop_reorder(void **state)
{
    struct fix *f = *state;
    char path[160];
    struct tc_buf b;
    struct tc_audit_record r;
    struct tc_audit_verdict v;
    fill(f, 9); /* records of the same length */
    (void)snprintf(path, sizeof path, "%s/audit/said/000000000", f->dir);
    read_all(path, &b);
    size_t n = tc_audit_record_read((const uint8_t *)b.p, b.n, &r);
    assert_true(n > 0 && b.n == 9 * n);
    char *bent = malloc(b.n);
    for (size_t i = 0; i < 9; i++) { /* without one */
        memcpy(bent, b.p, i * n);
        memcpy(bent + i * n, b.p + (i + 1) * n, b.n - (i + 1) * n);
        write_all(path, bent, b.n - n);
        assert_int_equal(verdict(f, &v), TC_OK);
        assert_true(v.broken);
        assert_int_equal(v.leaf, i);
    }
    for (size_t i = 0; i < 8; i++) { /* two of them swapped */
        memcpy(bent, b.p, b.n);
        memcpy(bent + i * n, b.p + (i + 1) * n, n);
        memcpy(bent + (i + 1) * n, b.p + i * n, n);
        write_all(path, bent, b.n);
        assert_int_equal(verdict(f, &v), TC_OK);
        assert_true(v.broken);
        assert_int_equal(v.leaf, i);
        assert_string_equal(v.file, "said/000000000");
    }
    memcpy(bent, b.p, b.n); /* erased without a word */
    memset(bent + 3 * n + 2 + TC_AUDIT_LEAF, 0, n - 2 - TC_AUDIT_LEAF);
    write_all(path, bent, b.n);
    assert_int_equal(verdict(f, &v), TC_OK);
    assert_true(v.broken);
    assert_int_equal(v.leaf, 3);
    free(bent);
    tc_buf_fini(&b);
}

/* Tiles are made again from what was said, and only if they give the root that was signed. */
static void test_tiles_lost(void **state)
{
    struct fix *f = *state;
    char path[200];
    fill(f, 70000);
    (void)snprintf(path, sizeof path, "%s/audit/tile", f->dir);
    empty(path);
    assert_true(noticed(f));
    fill(f, 1);
    sound(f, 70001);
    struct tc_audit *a = NULL;
    empty(path);
    (void)snprintf(path, sizeof path, "%s/audit/said/000000000", f->dir);
    assert_int_equal(truncate(path, 4000000), 0);
    assert_int_equal(tc_audit_open(f->dir, ORIGIN, f->seed, &a, &f->d), TC_E_CORRUPT);
    assert_null(a);
}

static void test_other_history(void **state)
{
    struct fix *f = *state;
    struct tc_audit_look *l = NULL;
    struct tc_audit_head old;
    struct tc_merkle_proof p;
    char note[TC_AUDIT_NOTE], path[200];
    struct tc_audit *a = open_log(f);
    struct tc_audit_event e = event(TC_AUDIT_ERASURE, "report--x");
    assert_int_equal(tc_audit_must(a, &e), TC_OK);
    assert_int_equal(tc_audit_publish(a, note), TC_OK);
    tc_audit_close(a);
    (void)snprintf(path, sizeof path, "%s/audit", f->dir);
    empty(path);
    fill(f, 20); /* whoever has the key writes another history: it verifies ... */
    sound(f, 20);
    assert_int_equal(tc_audit_look_open(f->dir, NULL, &l, &f->d), TC_OK);
    assert_int_equal(tc_audit_look_read(l, tc_str_cstr(note), &old), TC_OK);
    assert_int_equal(tc_audit_look_consistency(l, old.size, &p), TC_OK);
    const struct tc_audit_head *h =
        tc_audit_look_head(l); /* ... but not with the kept checkpoint */
    assert_false(tc_merkle_consistent(old.size, &old.root, h->size, &h->root, &p));
    tc_audit_look_close(l);
}

/* ---- kill -9 ---- */

static void write_until_killed(struct fix *f, int to)
{
    struct tc_audit *a = open_log(f);
    for (uint64_t i = 0;; i++) {
        struct tc_audit_event e = event(TC_AUDIT_ALTERATION, "report--crash");
        if (i % 16 ? tc_audit_write(a, &e, NULL) : tc_audit_must(a, &e))
            _exit(1);
        if (i % 16 == 0 && write(to, "x", 1) != 1)
            _exit(1);
        char note[TC_AUDIT_NOTE];
        if (i % 160 == 0 && tc_audit_publish(a, note))
            _exit(1);
    }
}

static void test_kill(void **state)
{
    struct fix *f = *state;
    uint64_t leaves = 0;
    unsigned seed = 11;
    for (int round = 0; round < 8; round++) {
        int fd[2];
        char c[4096];
        assert_int_equal(pipe(fd), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(fd[0]);
            write_until_killed(f, fd[1]);
        }
        (void)close(fd[1]);
        uint64_t acked = 0, until = 1 + (uint64_t)rand_r(&seed) % 400;
        ssize_t n = 0;
        while (acked < until && (n = read(fd[0], c, sizeof c)) > 0)
            acked += (uint64_t)n;
        assert_int_equal(kill(child, SIGKILL), 0);
        while ((n = read(fd[0], c, sizeof c)) > 0)
            acked += (uint64_t)n;
        (void)close(fd[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct tc_audit *a = open_log(f);
        tc_audit_close(a);
        struct tc_audit_verdict v;
        assert_int_equal(verdict(f, &v), TC_OK);
        assert_false(v.broken);
        /* each letter is a record that was waited for, and the 15 before it */
        assert_true(v.leaves >= leaves + (acked - 1) * 16 + 1);
        leaves = v.leaves;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_note_vector),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test_setup_teardown(test_full_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_proofs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_said, setup, teardown),
        cmocka_unit_test_setup_teardown(test_redact, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drop_reorder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tiles_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
