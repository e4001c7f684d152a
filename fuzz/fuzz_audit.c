/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log. An input whose first byte is a letter replaces a file of a sound log, or bytes of
 * it (letter, 'w' and the whole file, or 'b', four digits of an offset and bytes): verification
 * ends, and notices whatever differs in what the checkpoint speaks of. Any other input is read as
 * each of the small texts: record, checkpoint, key, proof, list of entries. */
#include "target.h"

#include "access/audit.h"
#include "access/audit_files.h"
#include "access/audit_look.h"

#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAVES 300u /* a full tile and a part of the next */
#define ORIGIN "fuzz.example/audit"
#define LARGE  (1u << 17)

/* tight: the checkpoint covers every byte, so none may differ. */
static const struct {
    const char *path;
    bool tight;
} files[] = {{"said/000000000", true},   {"checkpoint", false},          {"vkey", false},
             {"tile/0/000", true},       {"tile/0/001.p/44", true},      {"tile/1/000.p/1", true},
             {"tile/entries/000", true}, {"tile/entries/001.p/44", true}};
#define FILES (sizeof files / sizeof *files)

static char dir[64];
static int audit_dir = -1;
static struct kept {
    uint8_t p[LARGE];
    size_t n;
} kept[FILES];

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void forget(void)
{
    (void)close(audit_dir);
    (void)nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void make(void)
{
    const uint8_t seed[32] = {7};
    struct tc_audit *a = NULL;
    struct tc_diag d;
    char path[96], note[TC_AUDIT_NOTE];
    tc_diag_init(&d);
    (void)snprintf(dir, sizeof dir, "%s/tocsin-audit-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    bool ok = mkdtemp(dir) && tc_audit_open(dir, ORIGIN, seed, &a, &d) == TC_OK;
    assert(ok);
    (void)atexit(forget);
    for (unsigned i = 0; i < LEAVES; i++) {
        const struct tc_audit_event e = {.kind = 1 + i % 5,
                                         .org = 1,
                                         .person = i,
                                         .count = i,
                                         .object = TC_STR("indicator--1"),
                                         .how = TC_STR("api_object")};
        ok = tc_audit_must(a, &e) == TC_OK;
        assert(ok);
    }
    ok = tc_audit_publish(a, note) == TC_OK;
    tc_audit_close(a);
    (void)snprintf(path, sizeof path, "%s/audit", dir);
    audit_dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < FILES && ok; i++)
        ok = tc_audit_load(audit_dir, files[i].path, kept[i].p, LARGE, &kept[i].n) == TC_OK;
    if (!ok)
        fuzz_broken("a log", __FILE__, __LINE__);
}

static void put(size_t i, struct tc_str bytes)
{
    int fd = openat(audit_dir, files[i].path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(fd >= 0);
    ssize_t n = write(fd, bytes.p, bytes.n);
    assert(n == (ssize_t)bytes.n);
    (void)close(fd);
}

static void changed(size_t i, struct tc_str bytes)
{
    struct tc_audit_look *l = NULL;
    struct tc_audit_verdict v = {0};
    struct tc_diag d;
    struct tc_str before = {(const char *)kept[i].p, kept[i].n};
    tc_diag_init(&d);
    fuzz_hold();
    put(i, bytes);
    fuzz_go_on();
    tc_err e = fuzz_err(tc_audit_look_open(dir, NULL, &l, &d));
    HOLDS(!e || d.message[0] || e == TC_E_NOMEM);
    e = e ? e : fuzz_err(tc_audit_verify(l, &v));
    if (!e && !v.broken) {
        HOLDS(v.leaves == LEAVES);
        /* what stands behind the last record is not what was signed */
        HOLDS(!files[i].tight || tc_str_starts(bytes, before));
    }
    fuzz_tell(&v.broken, sizeof v.broken);
    fuzz_tell(&v.leaf, sizeof v.leaf);
    tc_audit_look_close(l);
    fuzz_hold();
    put(i, before);
    fuzz_go_on();
}

static void patch(struct tc_str s)
{
    static uint8_t text[LARGE];
    size_t i = (size_t)(s.p[0] - 'a') % FILES, at = 0;
    if (s.p[1] == 'w') {
        changed(i, tc_str_view(s.p + 2, s.n - 2));
        return;
    }
    if (s.n < 7)
        return;
    for (int k = 2; k < 6; k++)
        at = at * 10 + (uint8_t)s.p[k] % 10;
    at %= kept[i].n;
    size_t n = s.n - 6 < kept[i].n - at ? s.n - 6 : kept[i].n - at;
    memcpy(text, kept[i].p, kept[i].n);
    memcpy(text + at, s.p + 6, n);
    changed(i, tc_str_view((const char *)text, kept[i].n));
}

static void record(struct tc_str s)
{
    struct tc_audit_record r;
    uint8_t leaf[TC_AUDIT_LEAF];
    size_t n = tc_audit_record_read((const uint8_t *)s.p, s.n, &r);
    if (!n)
        return;
    assert(n <= s.n && r.payload.n <= TC_AUDIT_PAYLOAD);
    tc_audit_leaf_write(&r.leaf, leaf);
    assert(memcmp(leaf, r.raw, sizeof leaf) == 0);
    (void)tc_audit_ranges_have(r.payload, 7);
}

static void texts(struct tc_str s)
{
    struct tc_audit_head h;
    char origin[TC_AUDIT_ORIGIN], text[TC_AUDIT_NOTE];
    uint8_t pub[32];
    if (tc_audit_vkey_read(s, origin, pub) == TC_OK) {
        tc_audit_vkey_write(origin, pub, text);
        assert(tc_str_eq(tc_str_trim(s), tc_str_trim(tc_str_cstr(text))));
    }
    if (tc_audit_note_read(s, ORIGIN, kept[0].p, &h) == TC_OK)
        fuzz_broken("a checkpoint that nobody signed", __FILE__, __LINE__);
    (void)tc_audit_ranges_have(s, s.n);
}

/* A proof of the bytes that there are: it holds only when it is the one proof. */
static void proof(struct tc_str s)
{
    static struct tc_merkle_proof p;
    struct tc_merkle_hash root = {{1}}, leaf = {{2}};
    uint64_t n[2];
    if (s.n < sizeof n)
        return;
    memcpy(n, s.p, sizeof n);
    p.n = (s.n - sizeof n) / TC_MERKLE_HASH;
    p.n = p.n > TC_MERKLE_PROOF ? TC_MERKLE_PROOF : p.n;
    if (p.n)
        memcpy(p.v, s.p + sizeof n, p.n * TC_MERKLE_HASH);
    assert(!tc_merkle_included(&leaf, n[0], n[1], &p, &root));
    assert(!tc_merkle_consistent(n[0], &leaf, n[1], &root, &p) || n[0] == 0);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    if (audit_dir < 0) {
        fuzz_hold();
        make();
        fuzz_go_on();
    }
    if (size >= 2 && size < LARGE && data[0] >= 'a' && data[0] <= 'z') {
        patch(s);
        return 0;
    }
    record(s);
    texts(s);
    proof(s);
    return 0;
}
