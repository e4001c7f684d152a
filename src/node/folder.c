/* SPDX-License-Identifier: Apache-2.0 */
#include "node/folder.h"

#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define INFO_MAX (64u << 10) /* node.json, bytes: a title and some ids take under 1 KiB */

static tc_err system_error(struct tc_diag *d, const char *what)
{
    tc_err e = tc_err_from_errno(errno);
    return tc_diag_set(d, e, "%s: %s", what, tc_err_text(e));
}

static tc_err check_mode(int fd, const char *dir, struct tc_diag *d)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return system_error(d, dir);
    if (st.st_uid != geteuid())
        return tc_diag_set(d, TC_E_DENIED, "%s belongs to another user; run tocsin as that user",
                           dir);
    if (st.st_mode & 022)
        return tc_diag_set(d, TC_E_DENIED, "others may write to %s; forbid it first: chmod go-w",
                           dir);
    return TC_OK;
}

tc_err tc_folder_open(const char *dir, int *fd, char *path, size_t path_size, struct tc_diag *d)
{
    char *real = realpath(dir, NULL);
    int f = real ? open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    tc_err e = TC_OK;
    if (f < 0)
        e = errno == ENOENT || errno == ENOTDIR
                ? tc_diag_set(d, TC_E_USAGE, "there is no folder %s", dir)
                : system_error(d, dir);
    else if (!tc_str_copy(tc_str_cstr(real), path, path_size))
        e = tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    else
        e = check_mode(f, dir, d);
    free(real);
    if (e) {
        if (f >= 0)
            (void)close(f);
        return e;
    }
    *fd = f;
    return TC_OK;
}

static bool is_empty(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    if (!list) {
        if (copy >= 0)
            (void)close(copy);
        return false;
    }
    const struct dirent *item;
    bool empty = true;
    while (empty && (item = readdir(list)) != NULL)
        empty = strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0;
    (void)closedir(list);
    return empty;
}

tc_err tc_folder_make(const char *dir, int *fd, char *path, size_t path_size, bool *made,
                      struct tc_diag *d)
{
    *made = mkdir(dir, 0700) == 0;
    if (!*made && errno != EEXIST)
        return system_error(d, dir);
    int f;
    tc_err e = tc_folder_open(dir, &f, path, path_size, d);
    if (e)
        return e;
    if (!is_empty(f))
        e = faccessat(f, "node.json", F_OK, 0) == 0
                ? tc_diag_set(d, TC_E_CONFLICT, "there is a node in %s already", dir)
                : tc_diag_set(d, TC_E_CONFLICT, "%s is not empty", dir);
    else if (fchmod(f, 0700) != 0)
        e = system_error(d, dir);
    if (e) {
        (void)close(f);
        return e;
    }
    *fd = f;
    return TC_OK;
}

void tc_folder_unmake(int dir, const char *path, bool made)
{
    static const char *const files[] = {"key",
                                        "access.db",
                                        "access.db-wal",
                                        "access.db-shm",
                                        "access.db-journal",
                                        "journal.db",
                                        "journal.db-wal",
                                        "journal.db-shm",
                                        "journal.db-journal",
                                        "journal.lock",
                                        "node.json",
                                        "node.json.new",
                                        "lock"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)unlinkat(dir, files[i], 0);
    if (made)
        (void)rmdir(path);
}

/* The process that holds the lock, as it wrote it down; 0 = not known. */
static uint64_t holder(int fd)
{
    char text[24];
    uint64_t pid;
    ssize_t n = pread(fd, text, sizeof text, 0);
    if (n <= 0 || tc_num_u64(tc_str_trim(tc_str_view(text, (size_t)n)), UINT32_MAX, &pid))
        return 0;
    return pid;
}

tc_err tc_folder_lock(int dir, const char *path, int *fd, struct tc_diag *d)
{
    int f = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f < 0)
        return system_error(d, "lock");
    if (flock(f, LOCK_EX | LOCK_NB) != 0) {
        tc_err e = errno == EWOULDBLOCK ? TC_E_BUSY : tc_err_from_errno(errno);
        tc_diag_set(d, e, "process %llu works on %s", (unsigned long long)holder(f), path);
        (void)close(f);
        return e;
    }
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    /* only said to people, so a full disk does not stop us here */
    if (n > 0 && pwrite(f, text, (size_t)n, 0) == n)
        (void)!ftruncate(f, n);
    *fd = f;
    return TC_OK;
}

/* ---- node.json ---- */

tc_err tc_folder_info_parse(struct tc_str text, struct tc_folder_info *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_folder_info info = {.org = 0};
    struct tc_str title = {"", 0}, identity = {"", 0}, created = {"", 0}, type;
    uint64_t format = 0, org = 0;
    struct tc_uuid u;
    tc_err e = tc_json_read(text, INFO_MAX, 0, &j, d);
    if (e)
        return e;
    bool all = tc_json_u64(j.root, "format", &format) && tc_json_str(j.root, "title", &title) &&
               tc_json_str(j.root, "identity", &identity) &&
               tc_json_str(j.root, "created", &created) && tc_json_u64(j.root, "org", &org);
    if (all && format > TC_NODE_FORMAT)
        e = tc_diag_set(d, TC_E_UNSUPPORTED, "the node is of a newer tocsin (format %llu)",
                        (unsigned long long)format);
    else if (!all || org == 0 || org > UINT32_MAX || tc_id_split(identity, &type, &u) ||
             tc_time_parse_z(created, &info.created) ||
             !tc_str_copy(title, info.title, sizeof info.title) ||
             !tc_str_copy(identity, info.identity, sizeof info.identity))
        e = tc_diag_set(d, TC_E_CORRUPT, "node.json is damaged");
    info.org = (uint32_t)org;
    tc_json_fini(&j);
    if (!e)
        *out = info;
    return e;
}

/* At most max bytes of a small file, which is closed; f -1 = as errno says. NOTFOUND, IO, LIMIT. */
static tc_err read_open(int f, char *to, size_t max, size_t *n)
{
    if (f < 0)
        return tc_err_from_errno(errno);
    tc_err e = TC_OK;
    size_t at = 0;
    for (;;) {
        if (at == max) {
            e = TC_E_LIMIT;
            break;
        }
        ssize_t got = read(f, to + at, max - at);
        if (got < 0)
            e = tc_err_from_errno(errno);
        if (got <= 0)
            break;
        at += (size_t)got;
    }
    (void)close(f);
    *n = at;
    return e;
}

static tc_err read_small(int dir, const char *name, char *to, size_t max, size_t *n)
{
    return read_open(openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), to, max, n);
}

tc_err tc_folder_info_read(int dir, const char *path, struct tc_folder_info *out, struct tc_diag *d)
{
    char *text = malloc(INFO_MAX);
    size_t n = 0;
    if (!text)
        return TC_E_NOMEM;
    tc_err e = read_small(dir, "node.json", text, INFO_MAX, &n);
    if (e == TC_E_NOTFOUND)
        e = tc_diag_set(d, TC_E_USAGE, "there is no node in %s; make one with: tocsin init %s",
                        path, path);
    else if (e)
        tc_diag_set(d, e, "node.json cannot be read: %s", tc_err_text(e));
    else
        e = tc_folder_info_parse(tc_str_view(text, n), out, d);
    free(text);
    return e;
}

/* A new file, durable when this returns. */
static tc_err write_new(int dir, const char *name, struct tc_str bytes, struct tc_diag *d)
{
    int f = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f < 0)
        return system_error(d, name);
    tc_err e = TC_OK;
    for (size_t at = 0; !e && at < bytes.n;) {
        ssize_t n = write(f, bytes.p + at, bytes.n - at);
        if (n < 0)
            e = system_error(d, name);
        else
            at += (size_t)n;
    }
    if (!e && fsync(f) != 0)
        e = system_error(d, name);
    if (close(f) != 0 && !e)
        e = system_error(d, name);
    return e;
}

tc_err tc_folder_info_write(int dir, const struct tc_folder_info *info, struct tc_diag *d)
{
    struct tc_buf b;
    char when[TC_TIME_SIZE];
    tc_buf_init(&b, INFO_MAX);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_time_format(info->created, 3, when);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "format", TC_NODE_FORMAT);
    tc_jsonw_kcstr(&w, "title", info->title);
    tc_jsonw_kcstr(&w, "identity", info->identity);
    tc_jsonw_ku64(&w, "org", info->org);
    tc_jsonw_kcstr(&w, "created", when);
    tc_jsonw_object_end(&w);
    tc_buf_char(&b, '\n');
    tc_err e = b.err;
    if (!e)
        e = write_new(dir, "node.json.new", tc_buf_view(&b), d);
    if (!e && (renameat(dir, "node.json.new", dir, "node.json") != 0 || fsync(dir) != 0))
        e = system_error(d, "node.json");
    tc_buf_fini(&b);
    return e;
}

/* ---- the key ---- */

tc_err tc_folder_key_make(int dir, struct tc_diag *d)
{
    uint8_t key[TC_NODE_KEY];
    randombytes_buf(key, sizeof key);
    tc_err e = write_new(dir, "key", tc_str_view((const char *)key, sizeof key), d);
    sodium_memzero(key, sizeof key);
    return e;
}

/* Whoever may read it is the node. */
static bool nobody_elses(int f)
{
    struct stat st;
    return fstat(f, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0 &&
           (st.st_uid == geteuid() || st.st_uid == 0);
}

tc_err tc_folder_key_read(int dir, uint8_t key[TC_NODE_KEY], struct tc_diag *d)
{
    char bytes[TC_NODE_KEY + 1];
    size_t n = 0;
    int f = openat(dir, "key", O_RDONLY | O_CLOEXEC); /* may be a link */
    if (f >= 0 && !nobody_elses(f)) {
        (void)close(f);
        return tc_diag_set(d, TC_E_DENIED,
                           "the node's key file must belong to who runs the node, and to nobody "
                           "else (chmod 600)");
    }
    tc_err e = read_open(f, bytes, sizeof bytes, &n);
    if (e || n != TC_NODE_KEY)
        e = tc_diag_set(d, e ? e : TC_E_CORRUPT, "the node's key file cannot be read: %s",
                        tc_err_text(e ? e : TC_E_CORRUPT));
    else
        memcpy(key, bytes, TC_NODE_KEY);
    sodium_memzero(bytes, sizeof bytes);
    return e;
}
