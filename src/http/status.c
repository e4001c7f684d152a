/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses of TAXII posts, kept TC_STATUS_HOURS in NODE/status/HOUR.log, one file an hour. No
 * index: the id of a status is the sealed place where it stands. Written without fsync: a status
 * outlives the end of the process, after a power loss the last ones may be gone. What they report
 * on is durable in the journal either way.
 *
 *   record = owner u64 | length u32 | JSON, little-endian
 */
#include "http/internal.h"

#include "base/cursor.h"
#include "base/log.h"
#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD       12u
#define HOUR       (3600 * TC_SECOND)
#define MAX_STATUS (16u << 20)

struct tc_statuses {
    char dir[4112];
    const struct tc_seal *seal;
    pthread_mutex_t lock;
    int fd; /* of the segment written, -1 = none */
    uint32_t segment;
    uint64_t end;
};

tc_err tc_statuses_open(const char *dir, const struct tc_seal *seal, struct tc_statuses **out,
                        struct tc_diag *d)
{
    struct tc_statuses *s = calloc(1, sizeof *s);
    if (!s)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    (void)snprintf(s->dir, sizeof s->dir, "%s/status", dir);
    if (mkdir(s->dir, 0700) != 0 && errno != EEXIST) {
        tc_err e = tc_diag_set(d, tc_err_from_errno(errno), "%s cannot be made", s->dir);
        free(s);
        return e;
    }
    s->seal = seal;
    s->fd = -1;
    (void)pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return TC_OK;
}

void tc_statuses_close(struct tc_statuses *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static int open_segment(const struct tc_statuses *s, uint32_t segment, int flags)
{
    char path[4160];
    (void)snprintf(path, sizeof path, "%s/%u.log", s->dir, segment);
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* The place for size bytes; false when there is no file to write to. */
static bool reserve(struct tc_statuses *s, size_t size, uint32_t *segment, uint64_t *offset)
{
    uint32_t now = (uint32_t)((uint64_t)(tc_time_now() / HOUR) & 0xfffff);
    (void)pthread_mutex_lock(&s->lock);
    if (s->fd < 0 || s->segment != now) {
        struct stat st;
        if (s->fd >= 0)
            (void)close(s->fd);
        s->segment = now;
        s->fd = open_segment(s, now, O_WRONLY | O_CREAT);
        s->end = s->fd >= 0 && fstat(s->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    }
    *segment = s->segment;
    *offset = s->end;
    s->end += size;
    bool ok = s->fd >= 0;
    (void)pthread_mutex_unlock(&s->lock);
    return ok;
}

static void put_le(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* The lock keeps the descriptor; one write, so a record is whole or absent. */
static bool write_record(struct tc_statuses *s, uint32_t segment, uint64_t offset,
                         const char *record, size_t n)
{
    (void)pthread_mutex_lock(&s->lock);
    bool ok = s->segment == segment && s->fd >= 0 &&
              pwrite(s->fd, record, n, (off_t)offset) == (ssize_t)n;
    (void)pthread_mutex_unlock(&s->lock);
    return ok;
}

void tc_statuses_put(struct tc_statuses *s, uint64_t owner, char *json, size_t n, size_t id_at)
{
    uint32_t segment;
    uint64_t offset;
    char text[TC_UUID_TEXT];
    bool ok = reserve(s, HEAD + n, &segment, &offset);
    struct tc_uuid id = tc_seal_place(s->seal, segment, offset);
    tc_uuid_format(&id, text);
    memcpy(json + id_at, text, TC_UUID_TEXT - 1);
    char *record = ok ? malloc(HEAD + n) : NULL;
    if (record) {
        put_le((uint8_t *)record, owner, 8);
        put_le((uint8_t *)record + 8, n, 4);
        memcpy(record + HEAD, json, n);
        ok = write_record(s, segment, offset, record, HEAD + n);
    }
    if (!ok || !record)
        tc_log(TC_LOG_WARN, "the status of a post could not be kept");
    free(record);
}

tc_err tc_statuses_get(struct tc_statuses *s, uint64_t owner, const struct tc_uuid *id,
                       struct tc_buf *out)
{
    uint32_t segment;
    uint64_t offset;
    uint8_t head[HEAD];
    tc_err e = tc_seal_place_read(s->seal, id, &segment, &offset);
    if (e)
        return e;
    int fd = open_segment(s, segment, O_RDONLY);
    if (fd < 0)
        return TC_E_NOTFOUND;
    e = TC_E_NOTFOUND;
    if (pread(fd, head, HEAD, (off_t)offset) == (ssize_t)HEAD) {
        struct tc_cursor c = tc_cursor_over(tc_str_view((const char *)head, HEAD));
        uint64_t whose = tc_cursor_u64(&c);
        uint32_t n = tc_cursor_u32(&c);
        char *to = whose == owner && n && n <= MAX_STATUS ? tc_buf_room(out, n) : NULL;
        if (to && pread(fd, to, n, (off_t)(offset + HEAD)) == (ssize_t)n) {
            out->n += n;
            e = TC_OK;
        }
    }
    (void)close(fd);
    return e;
}

void tc_statuses_expire(struct tc_statuses *s, tc_time now)
{
    DIR *dir = opendir(s->dir);
    uint32_t hour = (uint32_t)((uint64_t)(now / HOUR) & 0xfffff);
    for (struct dirent *f = dir ? readdir(dir) : NULL; f; f = readdir(dir)) {
        struct tc_str name = tc_str_cstr(f->d_name);
        uint64_t segment;
        if (!tc_str_ends(name, TC_STR(".log")) ||
            tc_num_u64(tc_str_view(name.p, name.n - 4), 0xfffff, &segment))
            continue;
        uint32_t age = (hour - (uint32_t)segment) & 0xfffff;
        if (age > TC_STATUS_HOURS && age < 0x80000)
            (void)unlinkat(dirfd(dir), f->d_name, 0);
    }
    if (dir)
        (void)closedir(dir);
}
