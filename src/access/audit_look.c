/* SPDX-License-Identifier: Apache-2.0 */
#include "access/audit_look.h"

#include "access/audit_files.h"
#include "access/audit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

tc_err tc_audit_read_tile(int dir, int level, uint64_t index, unsigned width, size_t each,
                          void *out)
{
    uint8_t whole[TC_AUDIT_TILE * (TC_AUDIT_ENTRY + 1)];
    char path[TC_AUDIT_PATH];
    size_t n = 0;
    tc_audit_tile_path(level, index, width, path);
    tc_err e = tc_audit_load(dir, path, whole, width * each, &n);
    if (e == TC_E_NOTFOUND && width < TC_AUDIT_TILE) { /* the log has grown over it meanwhile */
        width = TC_AUDIT_TILE;
        tc_audit_tile_path(level, index, width, path);
        e = tc_audit_load(dir, path, whole, width * each, &n);
    }
    if (e || n != width * each)
        return TC_E_CORRUPT;
    memcpy(out, whole, n);
    return TC_OK;
}

/* ---- opening ---- */

static tc_err open_files(struct tc_audit_look *l, const uint8_t *key, struct tc_diag *d)
{
    char vkey[TC_AUDIT_NOTE];
    size_t n = 0;
    tc_err e = tc_audit_load(l->dir, "vkey", vkey, sizeof vkey, &n);
    if (e || tc_audit_vkey_read(tc_str_view(vkey, n), l->origin, l->pub))
        return tc_diag_set(d, TC_E_CORRUPT, "audit/vkey is damaged or absent");
    if (key && memcmp(key, l->pub, sizeof l->pub) != 0)
        return tc_diag_set(d, TC_E_CORRUPT, "audit/vkey is not the key of this node");
    e = tc_audit_load(l->dir, "checkpoint", l->note, sizeof l->note - 1, &n);
    if (!e) {
        l->note[n] = 0;
        e = tc_audit_note_read(tc_str_view(l->note, n), l->origin, l->pub, &l->head);
    }
    if (e)
        return tc_diag_set(d, TC_E_CORRUPT, "audit/checkpoint %s",
                           e == TC_E_NOTFOUND ? "is absent"
                           : e == TC_E_DENIED ? "bears no signature that holds"
                                              : "is damaged");
    return TC_OK;
}

tc_err tc_audit_look_open(const char *node_dir, const uint8_t key[32], struct tc_audit_look **out,
                          struct tc_diag *d)
{
    char path[4200];
    struct tc_audit_look *l = calloc(1, sizeof *l);
    if (!l)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    for (unsigned i = 0; i < TC_AUDIT_CACHE; i++)
        l->cached[i].index = UINT64_MAX;
    (void)snprintf(path, sizeof path, "%s/audit", node_dir);
    l->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    tc_err e = l->dir < 0 ? tc_diag_set(d, tc_err_from_errno(errno), "there is no audit log here")
                          : open_files(l, key, d);
    if (e)
        tc_audit_look_close(l);
    else
        *out = l;
    return e;
}

void tc_audit_look_close(struct tc_audit_look *l)
{
    if (!l)
        return;
    if (l->dir >= 0)
        (void)close(l->dir);
    free(l);
}

const struct tc_audit_head *tc_audit_look_head(const struct tc_audit_look *l)
{
    return &l->head;
}

const char *tc_audit_look_note(const struct tc_audit_look *l)
{
    return l->note;
}

tc_err tc_audit_look_read(const struct tc_audit_look *l, struct tc_str note,
                          struct tc_audit_head *out)
{
    return tc_audit_note_read(note, l->origin, l->pub, out);
}

/* ---- proofs ---- */

/* The lowest level has two: one for the leaf's own tile, and one for the last tile, which most
 * proofs need beside it. */
static size_t slot_of(unsigned level, uint64_t index, uint64_t all)
{
    if (level)
        return 2 + (index + 5 * level) % (TC_AUDIT_CACHE - 2);
    return index == all >> 8 ? 1 : 0;
}

/* A tile with all hashes above it, since a proof needs eight of one tile. */
static tc_err nodes_of(struct tc_audit_look *l, unsigned level, uint64_t index,
                       const struct tc_audit_nodes **out)
{
    uint64_t all = l->head.size >> (8 * level);
    size_t slot = slot_of(level, index, all);
    struct tc_audit_nodes *c = &l->nodes[slot];
    unsigned width = all >> 8 > index ? TC_AUDIT_TILE : (unsigned)(all % TC_AUDIT_TILE);
    *out = c;
    if (l->cached[slot].level == level && l->cached[slot].index == index)
        return TC_OK;
    l->cached[slot].index = UINT64_MAX;
    tc_err e = tc_audit_read_tile(l->dir, (int)level, index, width, TC_MERKLE_HASH, c->v);
    if (e)
        return e;
    size_t from = 0, to = TC_AUDIT_TILE;
    for (size_t n = width / 2, k = TC_AUDIT_TILE; k > 1; n /= 2, k /= 2) {
        for (size_t i = 0; i < n; i++)
            tc_merkle_node(&c->v[from + 2 * i], &c->v[from + 2 * i + 1], &c->v[to + i]);
        from = to;
        to += k / 2;
    }
    l->cached[slot].level = level;
    l->cached[slot].index = index;
    return TC_OK;
}

static tc_err read_node(void *arg, unsigned level, uint64_t index, struct tc_merkle_hash *out)
{
    const struct tc_audit_nodes *c;
    unsigned sub = level % 8;
    tc_err e = nodes_of(arg, level / 8, index >> (8 - sub), &c);
    size_t from = 2 * TC_AUDIT_TILE - ((size_t)2 * TC_AUDIT_TILE >> sub);
    if (!e)
        *out = c->v[from + (index & ((TC_AUDIT_TILE >> sub) - 1u))];
    return e;
}

tc_err tc_audit_look_inclusion(struct tc_audit_look *l, uint64_t index, struct tc_merkle_hash *leaf,
                               struct tc_merkle_proof *out)
{
    const struct tc_merkle_tree t = {read_node, l};
    if (index >= l->head.size)
        return TC_E_INVALID;
    tc_err e = read_node(l, 0, index, leaf);
    return e ? e : tc_merkle_inclusion(&t, index, l->head.size, out);
}

tc_err tc_audit_look_consistency(struct tc_audit_look *l, uint64_t old, struct tc_merkle_proof *out)
{
    const struct tc_merkle_tree t = {read_node, l};
    return tc_merkle_consistency(&t, old, l->head.size, out);
}

tc_err tc_audit_look_root(struct tc_audit_look *l, struct tc_merkle_hash *out)
{
    const struct tc_merkle_tree t = {read_node, l};
    return tc_merkle_root(&t, l->head.size, out);
}

/* ---- records ---- */

tc_err tc_audit_look_each(struct tc_audit_look *l, uint64_t first, tc_audit_record_fn fn, void *arg)
{
    uint64_t segment = first / TC_AUDIT_SEGMENT;
    for (;; segment++) {
        struct tc_audit_map m = {NULL, 0};
        struct tc_audit_record r = {.index = segment * TC_AUDIT_SEGMENT};
        tc_err e = tc_audit_map(l->dir, segment, &m);
        if (e)
            return e == TC_E_NOTFOUND ? TC_OK : e;
        size_t at = 0, n;
        while (!e && (n = tc_audit_record_read(m.p + at, m.n - at, &r)) != 0) {
            if (r.index >= first)
                e = fn(arg, &r);
            r.index++;
            at += n;
        }
        tc_audit_unmap(&m);
        if (e)
            return e;
    }
}
