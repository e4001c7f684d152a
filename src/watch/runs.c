/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/runs.h"

#include "base/str.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 72, CHUNK = 1 << 18, ENTRY = 16, VARINT = 10 };

struct tc_run {
    struct tc_run_info info;
    const unsigned char *p;
    uint64_t index, blocks;
};

struct tc_run_writer {
    int fd;
    struct tc_hash_key key;
    struct tc_run_info info;
    uint64_t sum, written; /* bytes after the header */
    unsigned char *chunk;
    size_t n;
    unsigned char *index;
    size_t blocks, cap;
    uint64_t groups, hash;
    tc_err err;
    char path[4200], temp[4208];
};

static void put64(unsigned char *p, uint64_t v)
{
    v = htole64(v);
    memcpy(p, &v, sizeof v);
}

static uint64_t get64(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static uint64_t add_sum(struct tc_hash_key key, uint64_t sum, const void *p, size_t n)
{
    key.k0 ^= sum;
    return tc_hash64(key, p, n);
}

void tc_group_join(struct tc_group *g, const struct tc_group *more)
{
    uint64_t count = g->count + more->count;
    size_t keep = count > TC_MAX_CORRELATED ? TC_HOT_KEPT : (size_t)count;
    size_t newer = more->n < keep ? more->n : keep, older = keep - newer;
    if (older > g->n)
        older = g->n;
    memmove(g->seq, g->seq + (g->n - older), older * sizeof *g->seq);
    memcpy(g->seq + older, more->seq + (more->n - newer), newer * sizeof *g->seq);
    g->n = (uint32_t)(older + newer);
    g->count = count;
}

/* ---- reading ---- */

static bool whole(const struct tc_run *r, struct tc_hash_key key)
{
    uint64_t sum = 0, size = r->info.bytes;
    if (memcmp(r->p, "tcvalue2", 8) != 0 || get64(r->p + 64) != tc_hash64(key, r->p, 64))
        return false;
    if (r->index < HEAD || r->index > size || r->blocks > size / ENTRY ||
        size - r->index != r->blocks * ENTRY || r->info.from > r->info.to)
        return false;
    for (uint64_t at = HEAD; at < size; at += CHUNK)
        sum = add_sum(key, sum, r->p + at, size - at < CHUNK ? (size_t)(size - at) : CHUNK);
    return sum == get64(r->p + 8);
}

tc_err tc_run_open(const char *path, struct tc_hash_key key, struct tc_run **out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return tc_err_from_errno(errno);
    struct tc_run *r = calloc(1, sizeof *r);
    void *p = MAP_FAILED;
    tc_err e = r ? TC_OK : TC_E_NOMEM;
    if (!e && (fstat(fd, &st) != 0 || st.st_size < HEAD))
        e = TC_E_CORRUPT;
    if (!e) {
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        e = p == MAP_FAILED ? TC_E_NOMEM : TC_OK;
    }
    (void)close(fd);
    if (!e) {
        r->p = p;
        r->info = (struct tc_run_info){get64(r->p + 16), get64(r->p + 24), get64(r->p + 32),
                                       (uint64_t)st.st_size, get64(r->p + 56)};
        r->index = get64(r->p + 40);
        r->blocks = get64(r->p + 48);
        e = whole(r, key) ? TC_OK : TC_E_CORRUPT;
        (void)madvise(p, (size_t)st.st_size, MADV_RANDOM);
    }
    if (e)
        tc_run_close(r);
    else
        *out = r;
    return e;
}

void tc_run_close(struct tc_run *r)
{
    if (r && r->p)
        (void)munmap((void *)(uintptr_t)r->p, (size_t)r->info.bytes);
    free(r);
}

const struct tc_run_info *tc_run_info(const struct tc_run *r)
{
    return &r->info;
}

void tc_run_seek(const struct tc_run *r, uint64_t hash, struct tc_run_at *at)
{
    uint64_t low = 0, high = r->blocks; /* first block that begins with hash or more */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (get64(r->p + r->index + middle * ENTRY) < hash)
            low = middle + 1;
        else
            high = middle;
    }
    if (low)
        low--;
    *at = (struct tc_run_at){.offset = r->index};
    if (r->blocks)
        at->offset = get64(r->p + r->index + low * ENTRY + 8);
}

static bool varint(const struct tc_run *r, struct tc_run_at *at, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && at->offset < r->index; shift += 7) {
        unsigned char c = r->p[at->offset++];
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *out = v;
            return true;
        }
    }
    return false;
}

tc_err tc_run_next(const struct tc_run *r, struct tc_run_at *at, struct tc_group *g)
{
    uint64_t hash, audience, count, step, seq = r->info.from;
    g->count = 0;
    if (at->offset >= r->index)
        return TC_OK;
    if (at->left == 0) {
        at->left = TC_RUN_BLOCK;
        at->hash = 0;
    }
    if (!varint(r, at, &hash) || !varint(r, at, &audience) || !varint(r, at, &count) || !count)
        return TC_E_CORRUPT;
    at->left--;
    at->hash += hash;
    g->n = count > TC_MAX_CORRELATED ? TC_HOT_KEPT : (uint32_t)count;
    for (uint32_t i = 0; i < g->n; i++) {
        if (!varint(r, at, &step))
            return TC_E_CORRUPT;
        seq += step;
        g->seq[i] = (uint32_t)seq;
    }
    g->hash = at->hash;
    g->audience = (uint32_t)audience;
    g->count = count;
    return TC_OK;
}

/* ---- writing ---- */

static tc_err write_all(int fd, const unsigned char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return tc_err_from_errno(errno);
        p += done;
        n -= (size_t)done;
    }
    return TC_OK;
}

static void flush(struct tc_run_writer *w)
{
    if (!w->n || w->err)
        return;
    w->sum = add_sum(w->key, w->sum, w->chunk, w->n);
    w->err = write_all(w->fd, w->chunk, w->n);
    w->written += w->n;
    w->n = 0;
}

static void put(struct tc_run_writer *w, unsigned char c)
{
    if (w->n == CHUNK)
        flush(w);
    if (!w->err)
        w->chunk[w->n++] = c;
}

static void put_varint(struct tc_run_writer *w, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        put(w, (unsigned char)(v | 0x80));
    put(w, (unsigned char)v);
}

tc_err tc_run_write(const char *path, struct tc_hash_key key, const struct tc_run_info *info,
                    struct tc_run_writer **out)
{
    static const unsigned char nothing[HEAD] = {0};
    struct tc_run_writer *w = calloc(1, sizeof *w);
    if (!w)
        return TC_E_NOMEM;
    *w = (struct tc_run_writer){.fd = -1, .key = key, .info = *info, .chunk = malloc(CHUNK)};
    tc_err e = w->chunk ? TC_OK : TC_E_NOMEM;
    if (snprintf(w->path, sizeof w->path, "%s", path) >= (int)sizeof w->path)
        e = TC_E_LIMIT;
    (void)snprintf(w->temp, sizeof w->temp, "%s.tmp", w->path);
    if (!e) {
        w->fd = open(w->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        e = w->fd < 0 ? tc_err_from_errno(errno) : write_all(w->fd, nothing, HEAD);
    }
    if (e)
        return tc_run_finish(w, e);
    *out = w;
    return TC_OK;
}

static tc_err add_block(struct tc_run_writer *w, uint64_t hash)
{
    if (w->blocks == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 1024;
        unsigned char *more = realloc(w->index, cap * ENTRY);
        if (!more)
            return w->err = TC_E_NOMEM;
        w->index = more;
        w->cap = cap;
    }
    put64(w->index + w->blocks * ENTRY, hash);
    put64(w->index + w->blocks * ENTRY + 8, HEAD + w->written + w->n);
    w->blocks++;
    w->hash = 0;
    return TC_OK;
}

tc_err tc_run_add(struct tc_run_writer *w, const struct tc_group *g)
{
    uint64_t seq = w->info.from;
    if (!w->err && w->groups++ % TC_RUN_BLOCK == 0)
        (void)add_block(w, g->hash);
    put_varint(w, g->hash - w->hash);
    w->hash = g->hash;
    put_varint(w, g->audience);
    put_varint(w, g->count);
    for (uint32_t i = 0; i < g->n; i++) {
        put_varint(w, g->seq[i] - seq);
        seq = g->seq[i];
    }
    return w->err;
}

static tc_err put_head(struct tc_run_writer *w, uint64_t index)
{
    unsigned char head[HEAD] = "tcvalue2";
    put64(head + 8, w->sum);
    put64(head + 16, w->info.from);
    put64(head + 24, w->info.to);
    put64(head + 32, w->info.mark);
    put64(head + 40, index);
    put64(head + 48, w->blocks);
    put64(head + 56, w->info.clean);
    put64(head + 64, tc_hash64(w->key, head, 64));
    ssize_t done = pwrite(w->fd, head, HEAD, 0);
    return done == HEAD ? TC_OK : done < 0 ? tc_err_from_errno(errno) : TC_E_IO;
}

tc_err tc_run_finish(struct tc_run_writer *w, tc_err so_far)
{
    tc_err e = so_far ? so_far : w->err;
    if (!e) {
        uint64_t index = HEAD + w->written + w->n;
        for (size_t i = 0; i < w->blocks * ENTRY; i++)
            put(w, w->index[i]);
        flush(w);
        e = w->err ? w->err : put_head(w, index);
    }
    if (!e && fsync(w->fd) != 0)
        e = tc_err_from_errno(errno);
    if (w->fd >= 0)
        (void)close(w->fd);
    if (!e && rename(w->temp, w->path) != 0)
        e = tc_err_from_errno(errno);
    if (e && w->fd >= 0)
        (void)unlink(w->temp);
    free(w->chunk);
    free(w->index);
    free(w);
    return e;
}
