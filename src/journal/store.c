/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/store.h"

#include "base/limits.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 16384, BUSY_MS = 5000, VERSION = 1, APPLICATION = 0x546f6373 /* "Tocs" */ };

static const char migration_1[] =
    "CREATE TABLE entry(seq INTEGER PRIMARY KEY, added INTEGER NOT NULL, flags INTEGER NOT NULL,"
    " audience INTEGER NOT NULL, community INTEGER NOT NULL, type INTEGER NOT NULL,"
    " uuid BLOB NOT NULL, version INTEGER, prev INTEGER NOT NULL, creator INTEGER NOT NULL,"
    " body BLOB NOT NULL);"
    "CREATE TABLE audience(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE name(kind INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY(kind, number)) WITHOUT ROWID;"
    "CREATE TABLE cursor(reader TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;";

/* migrations[i] leads from schema i to i + 1; never changed once released. */
static const char *const migrations[VERSION] = {migration_1};

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    ENTRY,
    ERASE,
    BODY_SET,
    AUDIENCE,
    NAME,
    CURSOR_SET,
    CURSOR_GET,
    VIEW,
    VIEW_END,
    HEADS,
    AUDIENCES,
    NAMES,
    BODIES,
    BODIES_FALLING,
    STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [ENTRY] = "INSERT INTO entry(seq,added,flags,audience,community,type,uuid,version,prev,creator,"
              "body) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [ERASE] = "UPDATE entry SET body=x'' WHERE seq=?1",
    [BODY_SET] = "UPDATE entry SET body=?2 WHERE seq=?1",
    [AUDIENCE] = "INSERT INTO audience(number,bytes) VALUES(?1,?2)",
    [NAME] = "INSERT INTO name(kind,number,text) VALUES(?1,?2,?3)",
    [CURSOR_SET] = "INSERT INTO cursor(reader,seq) VALUES(?1,?2)"
                   " ON CONFLICT(reader) DO UPDATE SET seq=excluded.seq",
    [CURSOR_GET] = "SELECT seq FROM cursor WHERE reader=?1",
    [VIEW] = "BEGIN",
    [VIEW_END] = "COMMIT",
    [HEADS] = "SELECT seq,added,flags,audience,community,type,uuid,version,prev,creator FROM entry"
              " WHERE seq>?1 ORDER BY seq",
    [AUDIENCES] = "SELECT number,bytes FROM audience WHERE number>?1 ORDER BY number",
    [NAMES] = "SELECT number,text FROM name WHERE kind=?1 AND number>?2 ORDER BY number",
    [BODIES] = "SELECT seq,body FROM entry WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
    [BODIES_FALLING] = "SELECT seq,body FROM entry WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq DESC",
};

struct tc_store {
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS]; /* prepared at first use */
    int frames, moved;            /* in the log, and of these in the database too */
};

static tc_err error_of(struct tc_store *s, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return TC_OK;
    case SQLITE_FULL:
        return TC_E_FULL;
    case SQLITE_NOMEM:
        return TC_E_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TC_E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return TC_E_CORRUPT;
    case SQLITE_TOOBIG:
        return TC_E_LIMIT;
    case SQLITE_CANTOPEN:
        return TC_E_NOTFOUND;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return TC_E_DENIED;
    default:
        break;
    }
    int sys = s->db ? sqlite3_system_errno(s->db) : 0;
    if (sys == ENOSPC || sys == EDQUOT)
        return TC_E_FULL;
    return rc == SQLITE_IOERR_NOMEM ? TC_E_NOMEM : TC_E_IO;
}

static tc_err prepared(struct tc_store *s, enum statement which, sqlite3_stmt **out)
{
    if (!s->st[which]) {
        int rc = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s->st[which],
                                    NULL);
        if (rc)
            return error_of(s, rc);
    }
    *out = s->st[which];
    return TC_OK;
}

/* Steps a bound statement that gives no rows. */
static tc_err run(struct tc_store *s, sqlite3_stmt *st)
{
    tc_err e = error_of(s, sqlite3_step(st)); /* errno of the failure is gone after reset */
    (void)sqlite3_reset(st);
    return e;
}

static tc_err run_plain(struct tc_store *s, enum statement which)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, which, &st);
    return e ? e : run(s, st);
}

/* ---- opening ---- */

static int on_wal(void *ctx, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    struct tc_store *s = ctx;
    if (frames < s->frames) /* the log began anew */
        s->moved = 0;
    s->frames = frames;
    return SQLITE_OK;
}

static int pragma_int(struct tc_store *s, const char *pragma, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, pragma, -1, &st, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
            *out = sqlite3_column_int64(st, 0);
            rc = SQLITE_OK;
        }
    }
    (void)sqlite3_finalize(st);
    return rc;
}

static int exec(struct tc_store *s, const char *text)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL);
}

static int migrate(struct tc_store *s, int64_t from)
{
    int rc = exec(s, "BEGIN IMMEDIATE");
    for (int64_t v = from; !rc && v < VERSION; v++)
        rc = exec(s, migrations[v]);
    char text[96];
    (void)snprintf(text, sizeof text, "PRAGMA user_version=%d; PRAGMA application_id=%d", VERSION,
                   APPLICATION);
    if (!rc)
        rc = exec(s, text);
    if (!rc)
        rc = exec(s, "COMMIT");
    if (rc)
        (void)exec(s, "ROLLBACK");
    return rc;
}

static int settings(struct tc_store *s, bool write, size_t cache_bytes)
{
    char text[160];
    size_t kib = (cache_bytes ? cache_bytes : write ? 4u << 20 : 1u << 20) / 1024;
    (void)snprintf(text, sizeof text, "PRAGMA cache_size=-%zu; PRAGMA trusted_schema=OFF;",
                   kib > (1u << 20) ? (size_t)1 << 20 : kib);
    int rc = exec(s, text);
    if (rc || !write)
        return rc;
    (void)snprintf(text, sizeof text,
                   "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;",
                   PAGE);
    return exec(s, text);
}

static tc_err set_up(struct tc_store *s, const char *path, bool write, size_t cache_bytes,
                     struct tc_diag *d)
{
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int64_t version = 0;
    int rc =
        sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (!rc)
        rc = sqlite3_busy_timeout(s->db, BUSY_MS);
    if (!rc)
        rc = settings(s, write, cache_bytes);
    if (!rc)
        rc = pragma_int(s, "PRAGMA user_version", &version);
    if (!rc && version > VERSION)
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "the journal has schema %lld; this program knows %d", (long long)version,
                           VERSION);
    if (!rc && version < VERSION && write)
        rc = migrate(s, version < 0 ? 0 : version);
    else if (!rc && version < VERSION)
        return tc_diag_set(d, TC_E_NOTFOUND, "the journal is not set up yet");
    if (!rc && write) {
        (void)sqlite3_wal_autocheckpoint(s->db, 0);
        (void)sqlite3_wal_hook(s->db, on_wal, s);
    }
    if (rc) {
        tc_err e = error_of(s, rc);
        return tc_diag_set(d, e, "cannot open the journal: %s", sqlite3_errstr(rc));
    }
    return TC_OK;
}

tc_err tc_store_open(const char *dir, bool write, size_t cache_bytes, struct tc_store **out,
                     struct tc_diag *d)
{
    struct tc_store *s = calloc(1, sizeof *s);
    struct tc_buf path;
    tc_buf_init(&path, 4096);
    tc_buf_fmt(&path, "%s/journal.db", dir);
    const char *z = tc_buf_z(&path);
    tc_diag_file(d, z);
    tc_err e = !s || path.err ? TC_E_NOMEM : set_up(s, z, write, cache_bytes, d);
    tc_buf_fini(&path);
    if (e)
        tc_store_close(s);
    else
        *out = s;
    return e;
}

void tc_store_close(struct tc_store *s)
{
    if (!s)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(s->st[i]);
    (void)sqlite3_close(s->db);
    free(s);
}

/* ---- writing ---- */

tc_err tc_store_commit(struct tc_store *s)
{
    return run_plain(s, COMMIT);
}

void tc_store_rollback(struct tc_store *s)
{
    /* SQLite may have rolled back by itself (disk full, out of memory). */
    if (!sqlite3_get_autocommit(s->db) && run_plain(s, ROLLBACK))
        (void)exec(s, "ROLLBACK");
}

tc_err tc_store_begin(struct tc_store *s)
{
    tc_store_rollback(s); /* one that could not be, for want of memory */
    return run_plain(s, BEGIN);
}

static int bind_blob(sqlite3_stmt *st, int at, const void *p, size_t n)
{
    return sqlite3_bind_blob64(st, at, n ? p : "", n, SQLITE_STATIC);
}

tc_err tc_store_entry(struct tc_store *s, uint64_t seq, const struct tc_head *h, struct tc_str body)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, ENTRY, &st);
    if (e)
        return e;
    unsigned flags = h->flags & TC_HEAD_STORED;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
    rc |= sqlite3_bind_int64(st, 2, h->added);
    rc |= sqlite3_bind_int64(st, 3, flags);
    rc |= sqlite3_bind_int64(st, 4, h->audience);
    rc |= sqlite3_bind_int64(st, 5, h->community);
    rc |= sqlite3_bind_int64(st, 6, h->type);
    rc |= bind_blob(st, 7, h->uuid.b, sizeof h->uuid.b);
    rc |= h->flags & TC_HEAD_UNVERSIONED ? sqlite3_bind_null(st, 8)
                                         : sqlite3_bind_int64(st, 8, h->version);
    rc |= sqlite3_bind_int64(st, 9, h->prev);
    rc |= sqlite3_bind_int64(st, 10, h->creator);
    rc |= bind_blob(st, 11, body.p, body.n);
    return rc ? error_of(s, rc) : run(s, st);
}

tc_err tc_store_erase(struct tc_store *s, uint64_t seq)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, ERASE, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
    return rc ? error_of(s, rc) : run(s, st);
}

tc_err tc_store_body_set(struct tc_store *s, uint64_t seq, struct tc_str body)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, BODY_SET, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
    rc |= bind_blob(st, 2, body.p, body.n);
    return rc ? error_of(s, rc) : run(s, st);
}

tc_err tc_store_audience(struct tc_store *s, uint32_t number, struct tc_str bytes)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, AUDIENCE, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, number);
    rc |= bind_blob(st, 2, bytes.p, bytes.n);
    return rc ? error_of(s, rc) : run(s, st);
}

tc_err tc_store_name(struct tc_store *s, enum tc_name_kind kind, uint32_t number,
                     struct tc_str text)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, NAME, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, kind);
    rc |= sqlite3_bind_int64(st, 2, number);
    rc |= sqlite3_bind_text64(st, 3, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
    return rc ? error_of(s, rc) : run(s, st);
}

tc_err tc_store_cursor_set(struct tc_store *s, const char *reader, uint64_t seq)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, CURSOR_SET, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_text(st, 1, reader, -1, SQLITE_STATIC);
    rc |= sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
    return rc ? error_of(s, rc) : run(s, st);
}

int tc_store_wal_frames(const struct tc_store *s)
{
    return s->frames - s->moved;
}

int tc_store_log_frames(const struct tc_store *s)
{
    return s->frames;
}

tc_err tc_store_checkpoint(struct tc_store *s, bool truncate)
{
    int frames = 0, moved = 0;
    if (truncate) /* waits for readers: theirs are short, a stranger's may not be */
        (void)sqlite3_busy_timeout(s->db, 20);
    int rc = sqlite3_wal_checkpoint_v2(
        s->db, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &frames,
        &moved);
    if (truncate)
        (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    if (rc)
        return error_of(s, rc);
    s->frames = frames;
    s->moved = moved;
    return frames == moved ? TC_OK : TC_E_BUSY;
}

/* ---- reading ---- */

tc_err tc_store_view(struct tc_store *s)
{
    return run_plain(s, VIEW);
}

void tc_store_view_end(struct tc_store *s)
{
    if (!sqlite3_get_autocommit(s->db) && run_plain(s, VIEW_END))
        tc_store_rollback(s);
}

static uint32_t column_u32(sqlite3_stmt *st, int i, bool *bad)
{
    sqlite3_int64 v = sqlite3_column_int64(st, i);
    if (v < 0 || v > UINT32_MAX)
        *bad = true;
    return (uint32_t)v;
}

static struct tc_str column_bytes(sqlite3_stmt *st, int i)
{
    const void *p = sqlite3_column_blob(st, i);
    return p ? tc_str_view(p, (size_t)sqlite3_column_bytes(st, i)) : tc_str_view("", 0);
}

static tc_err head_of_row(sqlite3_stmt *st, struct tc_head *h)
{
    bool bad = false;
    *h = (struct tc_head){.added = sqlite3_column_int64(st, 1)};
    uint32_t flags = column_u32(st, 2, &bad);
    bad = bad || (flags & ~(uint32_t)TC_HEAD_STORED);
    h->audience = column_u32(st, 3, &bad);
    h->community = column_u32(st, 4, &bad);
    h->type = column_u32(st, 5, &bad);
    struct tc_str uuid = column_bytes(st, 6);
    if (uuid.n == sizeof h->uuid.b)
        memcpy(h->uuid.b, uuid.p, uuid.n);
    if (sqlite3_column_type(st, 7) == SQLITE_NULL)
        flags |= TC_HEAD_UNVERSIONED;
    h->version = sqlite3_column_int64(st, 7);
    h->prev = column_u32(st, 8, &bad);
    h->creator = column_u32(st, 9, &bad);
    h->flags = flags;
    return bad || uuid.n != sizeof h->uuid.b ? TC_E_CORRUPT : TC_OK;
}

tc_err tc_store_heads(struct tc_store *s, uint64_t after, tc_store_head cb, void *ctx)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, HEADS, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)after);
    while (!rc && !e && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct tc_head h;
        rc = SQLITE_OK;
        e = head_of_row(st, &h);
        if (!e)
            e = cb(ctx, (uint64_t)sqlite3_column_int64(st, 0), &h);
    }
    if (!e)
        e = error_of(s, rc);
    (void)sqlite3_reset(st);
    return e;
}

static tc_err texts(struct tc_store *s, sqlite3_stmt *st, tc_store_text cb, void *ctx)
{
    tc_err e = TC_OK;
    int rc = SQLITE_OK;
    while (!e && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        bool bad = false;
        uint32_t number = column_u32(st, 0, &bad);
        e = bad ? TC_E_CORRUPT : cb(ctx, number, column_bytes(st, 1));
    }
    if (!e)
        e = error_of(s, rc);
    (void)sqlite3_reset(st);
    return e;
}

tc_err tc_store_audiences(struct tc_store *s, uint32_t after, tc_store_text cb, void *ctx)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, AUDIENCES, &st);
    if (!e)
        e = error_of(s, sqlite3_bind_int64(st, 1, after));
    return e ? e : texts(s, st, cb, ctx);
}

tc_err tc_store_names(struct tc_store *s, enum tc_name_kind kind, uint32_t after, tc_store_text cb,
                      void *ctx)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, NAMES, &st);
    if (!e)
        e = error_of(s, sqlite3_bind_int64(st, 1, kind));
    if (!e)
        e = error_of(s, sqlite3_bind_int64(st, 2, after));
    return e ? e : texts(s, st, cb, ctx);
}

tc_err tc_store_bodies(struct tc_store *s, uint64_t lo, uint64_t hi, bool falling, tc_store_body cb,
                       void *ctx)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, falling ? BODIES_FALLING : BODIES, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)lo);
    rc |= sqlite3_bind_int64(st, 2, (sqlite3_int64)hi);
    while (!e && (!rc || rc == SQLITE_ROW) && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
        struct tc_str body = column_bytes(st, 1);
        /* An empty body means erased; it must not be what a failed allocation looks like. */
        if (!body.n && sqlite3_errcode(s->db) == SQLITE_NOMEM)
            e = TC_E_NOMEM;
        else
            e = cb(ctx, seq, body);
    }
    if (!e)
        e = error_of(s, rc);
    (void)sqlite3_reset(st);
    return e;
}

tc_err tc_store_cursor_get(struct tc_store *s, const char *reader, uint64_t *seq)
{
    sqlite3_stmt *st = NULL;
    tc_err e = prepared(s, CURSOR_GET, &st);
    if (e)
        return e;
    int rc = sqlite3_bind_text(st, 1, reader, -1, SQLITE_STATIC);
    if (!rc)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        *seq = (uint64_t)sqlite3_column_int64(st, 0);
    e = rc == SQLITE_DONE ? TC_E_NOTFOUND : error_of(s, rc);
    (void)sqlite3_reset(st);
    return e;
}
