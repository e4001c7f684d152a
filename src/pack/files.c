/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/files.h"

#include "base/limits.h"
#include "pack/lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

tc_err tc_pack_names(struct tc_arena *a, const char *dir, const char *sub, const char *suffix,
                     struct tc_pack_names *out)
{
    const struct dirent *e;
    const char *folder = tc_arena_fmt(a, "%s/%s", dir, sub);
    DIR *d = folder ? opendir(folder) : NULL;
    bool full = !folder;
    out->n = 0;
    out->there = d != NULL;
    while (d && !full && (e = readdir(d)) && out->n < TC_PACK_MAX_FILES) {
        if (e->d_name[0] == '.' || !tc_str_ends(tc_str_cstr(e->d_name), tc_str_cstr(suffix)))
            continue;
        out->v[out->n] = tc_arena_fmt(a, "%s/%s", folder, e->d_name);
        full = !out->v[out->n];
        out->n += !full;
    }
    if (d)
        (void)closedir(d);
    qsort(out->v, out->n, sizeof out->v[0], by_name);
    return full ? tc_arena_err(a) : TC_OK;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return path && !stat(path, &st) && S_ISDIR(st.st_mode);
}

tc_err tc_pack_folders(struct tc_arena *a, const char *dir, struct tc_pack_names *out,
                       struct tc_diag *d)
{
    const struct dirent *e;
    tc_err r = TC_OK;
    const char *packs = tc_arena_fmt(a, "%s/packs", dir);
    out->n = 0;
    if (!packs)
        return tc_diag_set(d, tc_arena_err(a), "out of memory");
    DIR *f = opendir(packs);
    int why = errno;
    out->there = f != NULL;
    if (!f && why == ENOENT)
        return TC_OK;
    if (!f)
        r = tc_diag_set(d, tc_err_from_errno(why), "cannot be read");
    while (!r && (e = readdir(f))) {
        if (e->d_name[0] == '.')
            continue;
        const char *path = tc_arena_fmt(a, "%s/%s", packs, e->d_name);
        if (!path)
            r = tc_diag_set(d, tc_arena_err(a), "out of memory");
        else if (!is_folder(path))
            continue;
        else if (out->n == TC_PACK_MAX_FILES)
            r = tc_diag_set(d, TC_E_LIMIT, "holds more than %d packs", TC_PACK_MAX_FILES);
        else
            out->v[out->n++] = path;
    }
    if (f)
        (void)closedir(f);
    if (r)
        tc_diag_file(d, packs);
    qsort(out->v, out->n, sizeof out->v[0], by_name);
    return r;
}

bool tc_pack_named(struct tc_arena *a, const char *const *dirs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (tc_str_is(tc_pack_name(a, dirs[i]), name))
            return true;
    return false;
}

static bool read_whole(int fd, char *p, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = read(fd, p + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static tc_err read_open(struct tc_arena *a, int fd, struct tc_str *out, struct tc_diag *d)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 0 ||
        (uint64_t)st.st_size > TC_MAX_PACK_FILE)
        return tc_diag_set(d, TC_E_LIMIT, "is no plain file, or too large for a pack");
    size_t size = (size_t)st.st_size;
    char *p = tc_arena_alloc(a, size + 1);
    if (!p)
        return tc_diag_set(d, tc_arena_err(a), "out of memory");
    if (!read_whole(fd, p, size))
        return tc_diag_set(d, TC_E_IO, "cannot be read");
    *out = tc_str_view(p, size);
    return TC_OK;
}

tc_err tc_pack_file(struct tc_arena *a, const char *path, struct tc_str *out, struct tc_diag *d)
{
    tc_diag_file(d, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "cannot be opened");
    tc_err e = read_open(a, fd, out, d);
    (void)close(fd);
    return e;
}

struct tc_str tc_pack_name(struct tc_arena *a, const char *dir)
{
    struct tc_str text, s = tc_str_cstr(dir);
    struct tc_pack_blocks blocks;
    const char *path = tc_arena_fmt(a, "%s/pack.txt", dir);
    tc_pack_blocks_init(&blocks);
    if (path && !tc_pack_file(a, path, &text, NULL) &&
        !tc_pack_read(a, path, text, NULL, &blocks, NULL))
        for (const struct tc_pack_block *b = blocks.first; b; b = b->next)
            if (tc_str_is(b->head->words[0].s, "name") && b->head->n_words == 2)
                return b->head->words[1].s;
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    for (size_t i = s.n; i-- > 0;)
        if (s.p[i] == '/')
            return tc_arena_dup(a, tc_str_view(s.p + i + 1, s.n - i - 1));
    return tc_arena_dup(a, s);
}
