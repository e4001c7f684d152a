/* SPDX-License-Identifier: Apache-2.0 */
#include "access/audit_edge.h"

#include "access/audit_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void tc_audit_edge_init(struct tc_audit_edge *e, int dir)
{
    e->dir = dir;
    e->size = e->published = 0;
    e->broken = false;
    memset(e->partial, 1, sizeof e->partial);
}

static unsigned width(uint64_t size, unsigned level)
{
    return (unsigned)(size >> (8 * level)) % TC_AUDIT_TILE;
}

static tc_err load_one(struct tc_audit_edge *e, int level, uint64_t index, unsigned w, void *out,
                       size_t each)
{
    char path[TC_AUDIT_PATH];
    size_t n = 0;
    if (w == 0)
        return TC_OK;
    tc_audit_tile_path(level, index, w, path);
    tc_err err = tc_audit_load(e->dir, path, out, TC_AUDIT_TILE * each, &n);
    return err ? err : n == w * each ? TC_OK : TC_E_CORRUPT;
}

tc_err tc_audit_edge_load(struct tc_audit_edge *e, const struct tc_audit_head *h)
{
    struct tc_merkle_hash root;
    tc_err err = load_one(e, -1, h->size >> 8, width(h->size, 0), e->bundle, TC_AUDIT_ENTRY);
    for (unsigned l = 0; !err && l < TC_AUDIT_LEVELS - 1; l++)
        err = load_one(e, (int)l, h->size >> (8 * (l + 1)), width(h->size, l), e->level[l],
                       TC_MERKLE_HASH);
    if (err)
        return err;
    e->size = e->published = h->size;
    tc_audit_edge_root(e, &root);
    return tc_merkle_same(&root, &h->root) ? TC_OK : TC_E_CORRUPT;
}

/* The full tile takes the place of the partial ones. */
static void drop_partials(struct tc_audit_edge *e, int level, uint64_t index)
{
    char path[TC_AUDIT_PATH];
    for (unsigned w = 1; w < TC_AUDIT_TILE; w++) {
        tc_audit_tile_path(level, index, w, path);
        (void)unlinkat(e->dir, path, 0);
    }
    *strrchr(path, '/') = 0;
    (void)unlinkat(e->dir, path, AT_REMOVEDIR);
}

static void write_tile(struct tc_audit_edge *e, int level, uint64_t index, const void *p, size_t n)
{
    char path[TC_AUDIT_PATH];
    tc_audit_tile_path(level, index, TC_AUDIT_TILE, path);
    if (tc_audit_store(e->dir, path, tc_str_view(p, n), false))
        e->broken = true;
    else if (e->partial[level + 1])
        drop_partials(e, level, index);
    e->partial[level + 1] = false;
}

void tc_audit_edge_add(struct tc_audit_edge *e, const uint8_t leaf[TC_AUDIT_LEAF])
{
    struct tc_merkle_hash h, copy[TC_AUDIT_TILE];
    unsigned at = width(e->size, 0);
    uint8_t *entry = e->bundle + (size_t)at * TC_AUDIT_ENTRY;
    entry[0] = 0;
    entry[1] = TC_AUDIT_LEAF;
    memcpy(entry + 2, leaf, TC_AUDIT_LEAF);
    tc_merkle_leaf(leaf, TC_AUDIT_LEAF, &h);
    if (at == TC_AUDIT_TILE - 1)
        write_tile(e, -1, e->size >> 8, e->bundle, sizeof e->bundle);
    for (unsigned l = 0; l < TC_AUDIT_LEVELS; l++) {
        at = width(e->size, l);
        e->level[l][at] = h;
        if (at < TC_AUDIT_TILE - 1)
            break;
        write_tile(e, (int)l, e->size >> (8 * (l + 1)), e->level[l], sizeof e->level[l]);
        memcpy(copy, e->level[l], sizeof copy);
        tc_merkle_fold(copy, TC_AUDIT_TILE, &h);
    }
    e->size++;
}

static tc_err read_edge(void *arg, unsigned level, uint64_t index, struct tc_merkle_hash *out)
{
    const struct tc_audit_edge *e = arg;
    struct tc_merkle_hash copy[TC_AUDIT_TILE];
    unsigned l = level / 8, sub = level % 8;
    size_t n = (size_t)1 << sub, at = (size_t)(index << sub) % TC_AUDIT_TILE;
    memcpy(copy, &e->level[l][at], n * sizeof copy[0]);
    tc_merkle_fold(copy, n, out);
    return TC_OK;
}

/* The complete subtrees that a root is made of all lie in the edge. */
void tc_audit_edge_root(const struct tc_audit_edge *e, struct tc_merkle_hash *out)
{
    const struct tc_merkle_tree t = {read_edge, (void *)(uintptr_t)e};
    (void)!tc_merkle_root(&t, e->size, out);
}

static tc_err write_partial(struct tc_audit_edge *e, int level, uint64_t index, unsigned w,
                            const void *p, size_t each)
{
    char path[TC_AUDIT_PATH];
    if (w == 0)
        return TC_OK;
    tc_audit_tile_path(level, index, w, path);
    return tc_audit_store(e->dir, path, tc_str_view(p, w * each), false);
}

tc_err tc_audit_edge_publish(struct tc_audit_edge *e)
{
    if (e->broken)
        return TC_E_IO;
    memset(e->partial, 1, sizeof e->partial);
    tc_err err = write_partial(e, -1, e->size >> 8, width(e->size, 0), e->bundle, TC_AUDIT_ENTRY);
    for (unsigned l = 0; !err && l < TC_AUDIT_LEVELS - 1; l++)
        err = write_partial(e, (int)l, e->size >> (8 * (l + 1)), width(e->size, l), e->level[l],
                            TC_MERKLE_HASH);
    if (!err)
        e->published = e->size;
    return err;
}
