/* SPDX-License-Identifier: Apache-2.0 */
#include "access/audit_files.h"

#include "access/audit_form.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static tc_err failed(void)
{
    return tc_err_from_errno(errno);
}

tc_err tc_audit_load(int dir, const char *path, void *out, size_t max, size_t *n)
{
    int f = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f < 0)
        return failed();
    size_t at = 0;
    ssize_t got = 1;
    while (at < max && (got = read(f, (char *)out + at, max - at)) > 0)
        at += (size_t)got;
    tc_err e = got < 0 ? failed() : TC_OK;
    char more;
    if (!e && at == max && read(f, &more, 1) != 0)
        e = TC_E_LIMIT;
    (void)close(f);
    if (!e)
        *n = at;
    return e;
}

tc_err tc_audit_pwrite(int fd, const void *p, size_t n, uint64_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = pwrite(fd, (const char *)p + done, n - done, (off_t)(at + done));
        if (k < 0 && errno != EINTR)
            return failed();
        done += k > 0 ? (size_t)k : 0;
    }
    return TC_OK;
}

static void make_folders(int dir, const char *path)
{
    char part[TC_AUDIT_PATH];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
        if (tc_str_copy(tc_str_view(path, (size_t)(slash - path)), part, sizeof part))
            (void)mkdirat(dir, part, 0700); /* what is wrong shows when the file is opened */
}

tc_err tc_audit_store(int dir, const char *path, struct tc_str bytes, bool durable)
{
    char temp[TC_AUDIT_PATH + 8];
    (void)snprintf(temp, sizeof temp, "%s.new", path);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    int f = openat(dir, temp, flags, 0600);
    if (f < 0 && errno == ENOENT) {
        make_folders(dir, path);
        f = openat(dir, temp, flags, 0600);
    }
    if (f < 0)
        return failed();
    tc_err e = tc_audit_pwrite(f, bytes.p, bytes.n, 0);
    if (!e && durable && fsync(f) != 0)
        e = failed();
    if (close(f) != 0 && !e)
        e = failed();
    if (!e && renameat(dir, temp, dir, path) != 0)
        e = failed();
    if (e)
        (void)unlinkat(dir, temp, 0);
    return e;
}

tc_err tc_audit_sync(int dir, const char *path)
{
    int f = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f < 0)
        return failed();
    tc_err e = fsync(f) == 0 ? TC_OK : failed();
    (void)close(f);
    return e;
}

tc_err tc_audit_map(int dir, uint64_t segment, struct tc_audit_map *out)
{
    char path[TC_AUDIT_PATH];
    struct stat st;
    tc_audit_segment_path(segment, path);
    int f = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f < 0)
        return failed();
    tc_err e = fstat(f, &st) == 0 ? TC_OK : failed();
    out->p = (const uint8_t *)""; /* what is empty is no NULL: callers add to it */
    out->n = 0;
    if (!e && st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, f, 0);
        if (p == MAP_FAILED) {
            e = failed();
        } else {
            out->p = p;
            out->n = (size_t)st.st_size;
        }
    }
    (void)close(f);
    return e;
}

void tc_audit_unmap(struct tc_audit_map *m)
{
    if (m->n)
        (void)munmap((void *)(uintptr_t)m->p, m->n);
    m->p = NULL;
    m->n = 0;
}
