/* SPDX-License-Identifier: Apache-2.0 */
/* A segment of 65,536 records is one tile of level 1 and its 256 tiles of level 0 and of leaves, so
 * threads take whole segments; the levels above are little and done at the end. */
#include "access/audit.h"
#include "access/audit_files.h"
#include "access/audit_read.h"

#include "base/num.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2

struct numbers {
    uint64_t *v;
    size_t n, cap;
};

struct job {
    struct tc_audit_look *l;
    uint64_t segments;
    _Atomic uint64_t next;
    struct tc_merkle_hash *tops; /* of each full segment */
    pthread_mutex_t lock;        /* over what follows */
    struct tc_audit_verdict *v;
    struct numbers erased, told;
    tc_err err;
};

struct seg {
    struct job *j;
    uint64_t number, n;
    struct tc_audit_map m;
    size_t at;
    struct tc_merkle_hash above[TC_AUDIT_TILE];
};

/* ---- what was found ---- */

static void broken(struct job *j, uint64_t leaf, const char *file, const char *message)
{
    struct tc_audit_verdict *v = j->v;
    (void)pthread_mutex_lock(&j->lock);
    if (!v->broken || leaf < v->leaf) {
        v->broken = true;
        v->leaf = leaf;
        (void)snprintf(v->file, sizeof v->file, "%s", file);
        (void)snprintf(v->message, sizeof v->message, "%s", message);
    }
    (void)pthread_mutex_unlock(&j->lock);
}

static void note(struct job *j, struct numbers *to, uint64_t index)
{
    (void)pthread_mutex_lock(&j->lock);
    if (to->n == to->cap) {
        size_t cap = to->cap ? 2 * to->cap : 64;
        uint64_t *v = realloc(to->v, cap * sizeof *v);
        if (v) {
            to->v = v;
            to->cap = cap;
        }
    }
    if (to->n < to->cap)
        to->v[to->n++] = index;
    else
        j->err = TC_E_NOMEM;
    (void)pthread_mutex_unlock(&j->lock);
}

static void tile_broken(struct job *j, int level, uint64_t index, unsigned w, uint64_t leaf,
                        const char *message)
{
    char path[TC_AUDIT_PATH];
    tc_audit_tile_path(level, index, w, path);
    broken(j, leaf, path, message);
}

/* ---- one tile of leaves ---- */

static void redaction(struct job *j, const struct tc_audit_record *r)
{
    static const struct tc_str start = {"\"object\":\"audit:", 16};
    size_t at = tc_str_find(r->payload, start), n = 0;
    uint64_t index;
    if (at == SIZE_MAX)
        return;
    const char *p = r->payload.p + at + start.n;
    size_t left = r->payload.n - at - start.n;
    while (n < left && p[n] >= '0' && p[n] <= '9')
        n++;
    if (!tc_num_u64(tc_str_view(p, n), UINT64_MAX, &index))
        note(j, &j->told, index);
}

/* Record, bundle and tile say the same leaf; which of them does not? */
static bool leaf_holds(struct seg *s, uint64_t leaf, const uint8_t *raw, const uint8_t *entry,
                       const struct tc_merkle_hash *tile, unsigned w)
{
    struct tc_merkle_hash h, other;
    char path[TC_AUDIT_PATH];
    tc_merkle_leaf(raw, TC_AUDIT_LEAF, &h);
    bool same =
        entry[0] == 0 && entry[1] == TC_AUDIT_LEAF && memcmp(entry + 2, raw, TC_AUDIT_LEAF) == 0;
    bool right = tc_merkle_same(&h, tile);
    if (same && right)
        return true;
    tc_merkle_leaf(entry + 2, TC_AUDIT_LEAF, &other);
    tc_audit_segment_path(s->number, path);
    if (right)
        tile_broken(s->j, -1, leaf >> 8, w, leaf, "the entry is not the leaf that was recorded");
    else if (!same && tc_merkle_same(&other, tile))
        broken(s->j, leaf, path, "the record is not the leaf that is in the tree");
    else
        tile_broken(s->j, 0, leaf >> 8, w, leaf, "the hash is not that of the leaf");
    return false;
}

static bool one_tile(struct seg *s, uint64_t first, unsigned w)
{
    uint8_t bundle[TC_AUDIT_TILE * TC_AUDIT_ENTRY];
    struct tc_merkle_hash tile[TC_AUDIT_TILE];
    struct tc_audit_record r;
    char path[TC_AUDIT_PATH];
    int dir = s->j->l->dir;
    if (tc_audit_read_tile(dir, -1, first >> 8, w, TC_AUDIT_ENTRY, bundle)) {
        tile_broken(s->j, -1, first >> 8, w, first, "absent or of the wrong length");
        return false;
    }
    if (tc_audit_read_tile(dir, 0, first >> 8, w, TC_MERKLE_HASH, tile)) {
        tile_broken(s->j, 0, first >> 8, w, first, "absent or of the wrong length");
        return false;
    }
    for (unsigned i = 0; i < w; i++) {
        size_t n = tc_audit_record_read(s->m.p + s->at, s->m.n - s->at, &r);
        if (!n || (r.erased && r.leaf.kind == TC_AUDIT_REDACTION)) {
            tc_audit_segment_path(s->number, path);
            broken(s->j, first + i, path, "the record is damaged or absent");
            return false;
        }
        if (!leaf_holds(s, first + i, r.raw, bundle + (size_t)i * TC_AUDIT_ENTRY, &tile[i], w))
            return false;
        if (r.erased)
            note(s->j, &s->j->erased, first + i);
        if (r.leaf.kind == TC_AUDIT_REDACTION)
            redaction(s->j, &r);
        s->at += n;
    }
    if (w == TC_AUDIT_TILE)
        tc_merkle_fold(tile, w, &s->above[(first >> 8) % TC_AUDIT_TILE]);
    return true;
}

/* ---- one segment ---- */

static bool level_holds(struct job *j, unsigned level, uint64_t index, unsigned w,
                        const struct tc_merkle_hash *want)
{
    struct tc_merkle_hash tile[TC_AUDIT_TILE];
    if (w == 0)
        return true;
    uint64_t first = index << (8 * (level + 1));
    if (tc_audit_read_tile(j->l->dir, (int)level, index, w, TC_MERKLE_HASH, tile)) {
        tile_broken(j, (int)level, index, w, first, "absent or of the wrong length");
        return false;
    }
    for (unsigned i = 0; i < w; i++)
        if (!tc_merkle_same(&tile[i], &want[i])) {
            tile_broken(j, (int)level, index, w, first + ((uint64_t)i << (8 * level)),
                        "the hash is not that of what is below it");
            return false;
        }
    return true;
}

static void one_segment(struct job *j, struct seg *s)
{
    uint64_t base = s->number * TC_AUDIT_SEGMENT;
    char path[TC_AUDIT_PATH];
    s->j = j;
    s->at = 0;
    s->n = j->l->head.size - base < TC_AUDIT_SEGMENT ? j->l->head.size - base : TC_AUDIT_SEGMENT;
    if (tc_audit_map(j->l->dir, s->number, &s->m)) {
        tc_audit_segment_path(s->number, path);
        broken(j, base, path, "absent");
        return;
    }
    bool good = true;
    for (uint64_t i = 0; good && i < s->n; i += TC_AUDIT_TILE)
        good =
            one_tile(s, base + i, s->n - i < TC_AUDIT_TILE ? (unsigned)(s->n - i) : TC_AUDIT_TILE);
    if (good && s->n == TC_AUDIT_SEGMENT && s->at != s->m.n) {
        tc_audit_segment_path(s->number, path);
        broken(j, base + s->n - 1, path, "there is more in it than its records");
    }
    tc_audit_unmap(&s->m);
    good = good && level_holds(j, 1, s->number, (unsigned)(s->n / TC_AUDIT_TILE), s->above);
    if (good && s->n == TC_AUDIT_SEGMENT)
        tc_merkle_fold(s->above, TC_AUDIT_TILE, &j->tops[s->number]);
}

static void *work(void *arg)
{
    struct job *j = arg;
    struct seg *s = calloc(1, sizeof *s);
    if (!s) {
        (void)pthread_mutex_lock(&j->lock);
        j->err = TC_E_NOMEM;
        (void)pthread_mutex_unlock(&j->lock);
        return NULL;
    }
    while ((s->number = atomic_fetch_add(&j->next, 1)) < j->segments)
        one_segment(j, s);
    free(s);
    return NULL;
}

/* ---- what is above the segments, and beside ---- */

static void upper_levels(struct job *j)
{
    uint64_t n = j->l->head.size / TC_AUDIT_SEGMENT;
    for (unsigned level = 2; level < TC_AUDIT_LEVELS && n && !j->v->broken; level++) {
        for (uint64_t i = 0; i < n; i += TC_AUDIT_TILE) {
            unsigned w = n - i < TC_AUDIT_TILE ? (unsigned)(n - i) : TC_AUDIT_TILE;
            if (!level_holds(j, level, i / TC_AUDIT_TILE, w, &j->tops[i]))
                return;
            if (w == TC_AUDIT_TILE)
                tc_merkle_fold(&j->tops[i], w, &j->tops[i / TC_AUDIT_TILE]);
        }
        n /= TC_AUDIT_TILE;
    }
}

/* Partial tiles of older checkpoints stay until the full one is there: each begins it. */
static void older_partials(struct job *j, int level, size_t each)
{
    uint8_t now[TC_AUDIT_TILE * TC_AUDIT_ENTRY], old[TC_AUDIT_TILE * TC_AUDIT_ENTRY];
    char path[TC_AUDIT_PATH];
    uint64_t all = level < 0 ? j->l->head.size : j->l->head.size >> (8 * level);
    unsigned w = (unsigned)(all % TC_AUDIT_TILE);
    size_t n = 0;
    if (w == 0 || tc_audit_read_tile(j->l->dir, level, all / TC_AUDIT_TILE, w, each, now))
        return;
    for (unsigned i = 1; i < w; i++) {
        tc_audit_tile_path(level, all / TC_AUDIT_TILE, i, path);
        tc_err e = tc_audit_load(j->l->dir, path, old, i * each, &n);
        if (e != TC_E_NOTFOUND && (e || n != i * each || memcmp(old, now, n) != 0))
            broken(j, UINT64_MAX, path, "it is not the beginning of the tile that grew from it");
    }
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Nothing is erased without a record that says so. */
static void erasures(struct job *j)
{
    char path[TC_AUDIT_PATH];
    if (j->told.n)
        qsort(j->told.v, j->told.n, sizeof *j->told.v, by_value);
    for (size_t i = 0; i < j->erased.n; i++) {
        uint64_t index = j->erased.v[i];
        if (j->told.n && bsearch(&index, j->told.v, j->told.n, sizeof index, by_value)) {
            j->v->redacted++;
            continue;
        }
        tc_audit_segment_path(index / TC_AUDIT_SEGMENT, path);
        broken(j, index, path, "its payload was erased and no record says so");
    }
}

static tc_err count_later(void *arg, const struct tc_audit_record *r)
{
    struct job *j = arg;
    j->v->later++;
    if (r->leaf.kind == TC_AUDIT_REDACTION)
        redaction(j, r);
    return TC_OK;
}

static void run(struct job *j)
{
    pthread_t t[THREADS - 1];
    bool up[THREADS - 1];
    for (size_t i = 0; i < THREADS - 1; i++)
        up[i] = pthread_create(&t[i], NULL, work, j) == 0;
    (void)work(j);
    for (size_t i = 0; i < THREADS - 1; i++)
        if (up[i])
            (void)pthread_join(t[i], NULL);
}

tc_err tc_audit_verify(struct tc_audit_look *l, struct tc_audit_verdict *out)
{
    struct tc_audit_verdict v = {.leaves = l->head.size, .leaf = UINT64_MAX};
    struct job j = {.l = l, .v = &v};
    struct tc_merkle_hash root;
    j.segments = (l->head.size + TC_AUDIT_SEGMENT - 1) / TC_AUDIT_SEGMENT;
    j.tops = calloc(j.segments + 1, sizeof *j.tops);
    if (!j.tops)
        return TC_E_NOMEM;
    (void)pthread_mutex_init(&j.lock, NULL);
    run(&j);
    if (!v.broken)
        upper_levels(&j);
    if (!v.broken)
        older_partials(&j, -1, TC_AUDIT_ENTRY);
    for (int level = 0; !v.broken && level < TC_AUDIT_LEVELS - 1; level++)
        older_partials(&j, level, TC_MERKLE_HASH);
    if (!v.broken && (tc_audit_look_root(l, &root) || !tc_merkle_same(&root, &l->head.root)))
        broken(&j, UINT64_MAX, "checkpoint", "its root is not that of the tree");
    if (!j.err)
        j.err = tc_audit_look_each(l, l->head.size, count_later, &j);
    erasures(&j);
    free(j.tops);
    free(j.erased.v);
    free(j.told.v);
    (void)pthread_mutex_destroy(&j.lock);
    if (!j.err)
        *out = v;
    return j.err;
}
