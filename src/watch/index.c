/* SPDX-License-Identifier: Apache-2.0 */
/* A step: entries are read by the system principal, their keys collected, sorted and inserted, so
 * that the tree of postings is gone through once from left to right instead of at random. Cursor
 * and contents change in one transaction; a crash leaves an older, whole index. */
#include "watch/index.h"

#include "base/limits.h"
#include "base/log.h"

#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCHEMA = 4, WINDOW = 500, MAX_WORDS = 16, KEY_BYTES = 12, BUSY_MS = 5000 };
#define ALWAYS 1e15 /* seconds: of what says no time */

static const char schema[] =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; BEGIN;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE posting(kind INTEGER, key INTEGER, seq INTEGER, PRIMARY KEY(kind,key,seq))"
    " WITHOUT ROWID;"
    "CREATE TABLE held(seq INTEGER PRIMARY KEY, community INTEGER, version INTEGER, keys BLOB);"
    "CREATE VIRTUAL TABLE words USING fts5(text, tokenize='unicode61 remove_diacritics 2');"
    "CREATE VIRTUAL TABLE place USING rtree(seq, south, north, west, east,"
    " since, until);"
    "INSERT INTO meta VALUES('schema',4);"
    "INSERT INTO meta VALUES('hash',randomblob(16));"
    "INSERT INTO meta VALUES('cursor',0);"
    "INSERT INTO meta VALUES('added',0);"
    "COMMIT;";

enum statement {
    ADD_POSTING,
    ADD_HELD,
    ADD_WORDS,
    ADD_PLACE,
    SET_META,
    FIND_HELD,
    DROP_POSTING,
    DROP_HELD,
    DROP_WORDS,
    DROP_PLACE,
    MERGE_WORDS,
    SEARCH_KEY,
    SEARCH_WORDS,
    SEARCH_BOX,
    SEARCH_BOX_OVER, /* over the date line */
    STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [ADD_POSTING] = "INSERT OR IGNORE INTO posting VALUES(?1,?2,?3)",
    [ADD_HELD] = "INSERT INTO held VALUES(?1,?2,?3,?4)",
    [ADD_WORDS] = "INSERT INTO words(rowid,text) VALUES(?1,?2)",
    [ADD_PLACE] = "INSERT INTO place VALUES(?1,?2,?3,?4,?5,?6,?7)",
    [SET_META] = "INSERT OR REPLACE INTO meta VALUES(?1,?2)",
    [FIND_HELD] = "SELECT held.seq, held.keys FROM posting JOIN held ON held.seq=posting.seq"
                  " WHERE kind=1 AND key=?1 AND posting.seq<?2 AND community=?3"
                  " AND (?4 IS NULL OR version=?4)",
    [DROP_POSTING] = "DELETE FROM posting WHERE kind=?1 AND key=?2 AND seq=?3",
    [DROP_HELD] = "DELETE FROM held WHERE seq=?1",
    [DROP_WORDS] = "DELETE FROM words WHERE rowid=?1",
    [DROP_PLACE] = "DELETE FROM place WHERE seq=?1",
    /* Rewrites all segments little by little: words of deleted texts disappear from the file. */
    [MERGE_WORDS] = "INSERT INTO words(words,rank) VALUES('merge',-200)",
    [SEARCH_KEY] = "SELECT seq FROM posting WHERE kind=?1 AND key=?2 AND seq<?3"
                   " ORDER BY seq DESC LIMIT ?4",
    [SEARCH_WORDS] = "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid<?3"
                     " ORDER BY rowid DESC LIMIT ?4",
    [SEARCH_BOX] = "SELECT seq FROM place WHERE north>=?1 AND south<=?2 AND east>=?5 AND west<=?6"
                   " AND until>=?7 AND since<=?8 AND seq<?3 ORDER BY seq DESC LIMIT ?4",
    [SEARCH_BOX_OVER] = "SELECT seq FROM place WHERE north>=?1 AND south<=?2 AND (east>=?5 OR"
                        " west<=?6) AND until>=?7 AND since<=?8 AND seq<?3 ORDER BY seq DESC"
                        " LIMIT ?4",
};

struct connection {
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
};

struct tc_index {
    struct tc_journal *j;
    struct connection write, read;
    pthread_mutex_t read_lock;
    struct tc_hash_key key;
    _Atomic uint64_t cursor;
    _Atomic bool deleted; /* words of deleted texts may still be in the file; meta "untidy" */
    char *path;
};

/* ---- SQLite ---- */

static tc_err error_of(int rc)
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
    default:
        return TC_E_IO;
    }
}

static void shut(struct connection *c)
{
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(c->st[i]);
    (void)sqlite3_close(c->db);
    *c = (struct connection){0};
}

static int connect_to(struct connection *c, const char *path, bool write)
{
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int rc = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (!rc)
        rc = sqlite3_busy_timeout(c->db, BUSY_MS);
    if (!rc)
        rc = sqlite3_exec(c->db,
                          "PRAGMA trusted_schema=OFF; PRAGMA synchronous=NORMAL;"
                          "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
                          "PRAGMA cache_size=-8192;",
                          NULL, NULL, NULL);
    return rc;
}

static int prepared(struct connection *c, enum statement which, sqlite3_stmt **st)
{
    int rc = SQLITE_OK;
    if (!c->st[which])
        rc = sqlite3_prepare_v3(c->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &c->st[which],
                                NULL);
    *st = c->st[which];
    return rc;
}

/* Runs a statement of whole numbers that gives no rows. */
static int run(struct connection *c, enum statement which, const int64_t *args, int n)
{
    sqlite3_stmt *st = NULL;
    int rc = prepared(c, which, &st);
    for (int i = 0; !rc && i < n; i++)
        rc = sqlite3_bind_int64(st, i + 1, args[i]);
    if (!rc)
        rc = sqlite3_step(st);
    if (st)
        (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int set_meta(struct connection *c, const char *name, int64_t value)
{
    sqlite3_stmt *st = NULL;
    int rc = prepared(c, SET_META, &st);
    if (!rc)
        rc = sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    if (!rc)
        rc = sqlite3_bind_int64(st, 2, value);
    if (!rc)
        rc = sqlite3_step(st);
    if (st)
        (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- opening ---- */

static tc_err read_meta(struct tc_index *x, int64_t *version, tc_time *added)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(x->write.db, "SELECT name,value FROM meta", -1, &st, NULL);
    while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);
        const void *blob = sqlite3_column_blob(st, 1);
        if (name && strcmp(name, "schema") == 0)
            *version = sqlite3_column_int64(st, 1);
        else if (name && strcmp(name, "cursor") == 0)
            x->cursor = (uint64_t)sqlite3_column_int64(st, 1);
        else if (name && strcmp(name, "untidy") == 0)
            x->deleted = sqlite3_column_int64(st, 1) != 0;
        else if (name && strcmp(name, "added") == 0)
            *added = sqlite3_column_int64(st, 1);
        else if (blob && sqlite3_column_bytes(st, 1) == sizeof x->key)
            memcpy(&x->key, blob, sizeof x->key);
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(st);
    return error_of(rc);
}

static tc_err try_open(struct tc_index *x)
{
    int64_t version = 0;
    tc_time added = 0;
    int rc = connect_to(&x->write, x->path, true);
    if (!rc && sqlite3_table_column_metadata(x->write.db, NULL, "meta", "name", NULL, NULL, NULL,
                                             NULL, NULL) != SQLITE_OK)
        rc = sqlite3_exec(x->write.db, schema, NULL, NULL, NULL);
    tc_err e = error_of(rc);
    if (!e)
        e = read_meta(x, &version, &added);
    /* Is the entry at the cursor the one that was indexed? Otherwise it is another journal. */
    if (!e && (version != SCHEMA || (x->cursor && tc_journal_added_of(x->j, x->cursor) != added)))
        e = TC_E_CORRUPT;
    if (!e)
        e = error_of(connect_to(&x->read, x->path, false));
    return e;
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    struct tc_buf b;
    tc_buf_init(&b, 8192);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        tc_buf_clear(&b);
        tc_buf_fmt(&b, "%s%s", path, ends[i]);
        if (!b.err)
            (void)unlink(tc_buf_z(&b));
    }
    tc_buf_fini(&b);
}

tc_err tc_index_open(const char *dir, struct tc_journal *j, struct tc_index **out,
                     struct tc_diag *d)
{
    struct tc_index *x = calloc(1, sizeof *x);
    size_t n = strlen(dir) + sizeof "/index.db";
    if (!x || !(x->path = malloc(n))) {
        free(x);
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    }
    (void)snprintf(x->path, n, "%s/index.db", dir);
    (void)pthread_mutex_init(&x->read_lock, NULL);
    x->j = j;
    tc_err e = try_open(x);
    if (e == TC_E_CORRUPT) {
        tc_log(TC_LOG_INFO, "index: not usable as it is, made anew");
        shut(&x->read);
        shut(&x->write);
        remove_files(x->path);
        x->cursor = 0;
        e = try_open(x);
    }
    if (e) {
        tc_diag_file(d, x->path);
        tc_index_close(x);
        return tc_diag_set(d, e, "cannot open the index: %s", tc_err_text(e));
    }
    *out = x;
    return TC_OK;
}

void tc_index_close(struct tc_index *x)
{
    if (!x)
        return;
    shut(&x->read);
    shut(&x->write);
    (void)pthread_mutex_destroy(&x->read_lock);
    free(x->path);
    free(x);
}

void tc_index_unlink(const char *dir)
{
    struct tc_buf b;
    tc_buf_init(&b, 8192);
    tc_buf_fmt(&b, "%s/index.db", dir);
    if (!b.err)
        remove_files(tc_buf_z(&b));
    tc_buf_fini(&b);
}

bool tc_index_untidy(const struct tc_index *x)
{
    return x->deleted;
}

uint64_t tc_index_seq(const struct tc_index *x)
{
    return x->cursor;
}

uint64_t tc_index_lag(struct tc_index *x)
{
    uint64_t at = x->cursor, head = tc_journal_head(x->j);
    return head > at ? head - at : 0;
}

/* ---- a step ---- */

struct posting {
    uint32_t kind;
    uint32_t seq;
    uint64_t hash;
};

struct batch {
    struct tc_index *x;
    struct tc_extract extract;
    struct posting *list;
    size_t n, cap;
    struct tc_buf keys;
    uint64_t last; /* entry up to which was read */
};

static void put_key(struct batch *b, struct tc_key k)
{
    unsigned char c[KEY_BYTES];
    memcpy(c, &k.kind, 4);
    memcpy(c + 4, &k.hash, 8);
    tc_buf_add(&b->keys, c, sizeof c);
}

static tc_err add_posting(struct batch *b, struct tc_key k, uint64_t seq)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 4096;
        struct posting *more = realloc(b->list, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        b->list = more;
        b->cap = cap;
    }
    b->list[b->n++] = (struct posting){k.kind, (uint32_t)seq, k.hash};
    put_key(b, k);
    return b->keys.err;
}

static int store_held(struct batch *b, const struct tc_row *row)
{
    sqlite3_stmt *st = NULL;
    int rc = prepared(&b->x->write, ADD_HELD, &st);
    if (!rc)
        rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)row->seq);
    if (!rc)
        rc = sqlite3_bind_int64(st, 2, row->community);
    if (!rc)
        rc = sqlite3_bind_int64(st, 3, row->version);
    if (!rc)
        rc = sqlite3_bind_blob64(st, 4, b->keys.n ? b->keys.p : "", b->keys.n, SQLITE_STATIC);
    if (!rc)
        rc = sqlite3_step(st);
    if (st)
        (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int store_words(struct batch *b, uint64_t seq)
{
    sqlite3_stmt *st = NULL;
    struct tc_buf *t = &b->extract.text;
    int rc = prepared(&b->x->write, ADD_WORDS, &st);
    if (!rc)
        rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
    if (!rc)
        rc = sqlite3_bind_text64(st, 2, t->p, t->n, SQLITE_STATIC, SQLITE_UTF8);
    if (!rc)
        rc = sqlite3_step(st);
    if (st)
        (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Seconds since 2000: the tree's numbers have 24 bits, rounded outward, so a minute or two. */
static double tree_time(tc_time t)
{
    return ((double)t - 946684800e6) / 1e6;
}

/* Sites are there at any time, and are looked up for the sake of what names them (near.h). */
static bool is_a_site(struct tc_str type)
{
    return tc_str_is(type, "location") || tc_str_is(type, "infrastructure");
}

static int store_place(struct batch *b, uint64_t seq, bool timed)
{
    const struct tc_extract *e = &b->extract;
    const double box[6] = {e->south,
                           e->north,
                           e->west,
                           e->east,
                           timed ? tree_time(e->since) : -ALWAYS,
                           timed ? tree_time(e->until) : ALWAYS};
    sqlite3_stmt *st = NULL;
    int rc = prepared(&b->x->write, ADD_PLACE, &st);
    if (!rc)
        rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
    for (int i = 0; !rc && i < 6; i++)
        rc = sqlite3_bind_double(st, i + 2, box[i]);
    if (!rc)
        rc = sqlite3_step(st);
    if (st)
        (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static tc_err add_object(struct batch *b, const struct tc_row *row)
{
    struct tc_hash_key key = b->x->key;
    struct tc_extract *x = &b->extract;
    tc_err e = tc_extract_object(x, key, row->type, row->body);
    if (e && e != TC_E_SYNTAX) /* no JSON: found by id and type only */
        return e;
    if (e) {
        x->n_keys = 0;
        x->placed = x->timed = false;
        tc_buf_clear(&x->text);
    }
    tc_buf_clear(&b->keys);
    e = add_posting(b, (struct tc_key){TC_KEY_ID, tc_extract_hash(key, TC_KEY_ID, row->id)},
                    row->seq);
    for (size_t i = 0; !e && i < x->n_keys; i++)
        e = add_posting(b, x->keys[i], row->seq);
    if (!e)
        e = error_of(store_held(b, row));
    if (!e && x->text.n)
        e = error_of(store_words(b, row->seq));
    if (!e && x->placed)
        e = error_of(store_place(b, row->seq, x->timed && !is_a_site(row->type)));
    return e;
}

static int by_key(const void *a, const void *b)
{
    const struct posting *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->hash != y->hash) /* as SQLite orders them: signed */
        return (int64_t)x->hash < (int64_t)y->hash ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static tc_err flush_postings(struct batch *b)
{
    int rc = SQLITE_OK;
    if (b->n)
        qsort(b->list, b->n, sizeof *b->list, by_key);
    for (size_t i = 0; !rc && i < b->n; i++) {
        const int64_t args[] = {b->list[i].kind, (int64_t)b->list[i].hash, b->list[i].seq};
        rc = run(&b->x->write, ADD_POSTING, args, 3);
    }
    b->n = 0;
    return error_of(rc);
}

static int drop_entry(struct connection *c, int64_t seq, const unsigned char *keys, size_t n)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; !rc && i + KEY_BYTES <= n; i += KEY_BYTES) {
        uint32_t kind;
        int64_t hash;
        memcpy(&kind, keys + i, 4);
        memcpy(&hash, keys + i + 4, 8);
        const int64_t args[] = {kind, hash, seq};
        rc = run(c, DROP_POSTING, args, 3);
    }
    if (!rc)
        rc = run(c, DROP_WORDS, &seq, 1);
    if (!rc)
        rc = run(c, DROP_PLACE, &seq, 1);
    return rc ? rc : run(c, DROP_HELD, &seq, 1);
}

/* Takes out what the deletion deleted. The row is looked for again after each one, because the
 * statement must not run while its tables change. */
static tc_err add_deletion(struct batch *b, const struct tc_row *row)
{
    struct connection *c = &b->x->write;
    tc_err e = flush_postings(b); /* the deleted may be of this very batch */
    for (bool more = true; !e && more;) {
        sqlite3_stmt *st = NULL;
        int rc = prepared(c, FIND_HELD, &st);
        if (!rc)
            rc = sqlite3_bind_int64(st, 1, (int64_t)tc_extract_hash(b->x->key, TC_KEY_ID, row->id));
        if (!rc)
            rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)row->seq);
        if (!rc)
            rc = sqlite3_bind_int64(st, 3, row->community);
        if (!rc)
            rc = row->unversioned ? sqlite3_bind_null(st, 4)
                                  : sqlite3_bind_int64(st, 4, row->version);
        if (!rc)
            rc = sqlite3_step(st);
        more = rc == SQLITE_ROW;
        int64_t seq = more ? sqlite3_column_int64(st, 0) : 0;
        const void *blob = more ? sqlite3_column_blob(st, 1) : NULL;
        tc_buf_clear(&b->keys);
        tc_buf_add(&b->keys, blob ? blob : "", more ? (size_t)sqlite3_column_bytes(st, 1) : 0);
        if (st)
            (void)sqlite3_reset(st);
        e = error_of(rc);
        if (!e)
            e = b->keys.err;
        if (!e && more) {
            e = error_of(drop_entry(c, seq, (const unsigned char *)b->keys.p, b->keys.n));
            b->x->deleted = true;
        }
    }
    return e;
}

static tc_err read_entries(struct batch *b, uint64_t head, size_t most)
{
    struct tc_query q = {.after = b->x->cursor,
                         .until = head,
                         .added_after = TC_TIME_NONE,
                         .limit = most,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    size_t rows = 0;
    tc_err e = tc_reader_open(b->x->j, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        e = row.kind == TC_ENTRY_DELETE ? add_deletion(b, &row) : add_object(b, &row);
        b->last = row.seq;
        rows++;
    }
    tc_reader_close(r);
    if (!e && rows < most)
        b->last = head; /* what gave no row has been deleted */
    return e ? e : flush_postings(b);
}

static tc_err keep_cursor(struct batch *b)
{
    struct connection *c = &b->x->write;
    int rc = set_meta(c, "cursor", (int64_t)b->last);
    if (!rc)
        rc = set_meta(c, "added", tc_journal_added_of(b->x->j, b->last));
    if (!rc && b->x->deleted)
        rc = set_meta(c, "untidy", 1);
    return error_of(rc);
}

/* Nothing new: use the time to get the words of deleted texts out of the file, and then out of its
 * log. BUSY when somebody reads in it: later. */
static tc_err tidy(struct tc_index *x)
{
    int before = sqlite3_total_changes(x->write.db), frames = 0, moved = 0;
    int rc = run(&x->write, MERGE_WORDS, NULL, 0);
    if (rc || sqlite3_total_changes(x->write.db) - before >= 2)
        return error_of(rc);
    (void)sqlite3_busy_timeout(x->write.db, 20);
    rc = sqlite3_wal_checkpoint_v2(x->write.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved);
    (void)sqlite3_busy_timeout(x->write.db, BUSY_MS);
    if (!rc && frames == moved) {
        x->deleted = false;
        rc = set_meta(&x->write, "untidy", 0);
    }
    return error_of(rc);
}

static void roll_back(sqlite3 *db)
{
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static tc_err index_up_to(struct batch *b, uint64_t head, size_t most)
{
    sqlite3 *db = b->x->write.db;
    roll_back(db); /* one that could not be, for want of memory */
    tc_err e = error_of(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    if (e)
        return e;
    e = read_entries(b, head, most);
    if (!e)
        e = keep_cursor(b);
    if (!e)
        e = error_of(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    if (e)
        roll_back(db);
    return e;
}

tc_err tc_index_step(struct tc_index *x, size_t most, size_t *done)
{
    uint64_t head = tc_journal_head(x->j);
    if (head <= x->cursor) {
        *done = 0;
        return x->deleted ? tidy(x) : TC_OK;
    }
    struct batch b = {.x = x};
    tc_extract_init(&b.extract, NULL);
    b.extract.no_values = true; /* src/watch/values.h keeps those, as counters where they are hot */
    tc_buf_init(&b.keys, (size_t)TC_MAX_LIST * KEY_BYTES * 2 + 1024);
    tc_err e = index_up_to(&b, head, most ? most : 1);
    if (!e) {
        *done = (size_t)(b.last - x->cursor);
        x->cursor = b.last;
    }
    tc_extract_fini(&b.extract);
    tc_buf_fini(&b.keys);
    free(b.list);
    return e;
}

/* ---- searching ---- */

struct tc_hits {
    struct tc_index *x;
    const struct tc_principal *p;
    struct tc_search s;
    struct tc_query q;
    char *words; /* FTS5 expression */
    uint64_t below;
    uint64_t seqs[WINDOW];
    struct tc_reader *r;
    size_t left; /* of q.limit, SIZE_MAX = no limit */
    bool end;
};

/* Foreign text as an FTS5 expression: each word in quotes, so that nothing in it is an operator. */
static tc_err words_of(struct tc_str text, char **out)
{
    struct tc_buf b;
    size_t words = 0, i = 0;
    tc_buf_init(&b, 16384);
    while (i < text.n && words < MAX_WORDS) {
        while (i < text.n && (unsigned char)text.p[i] <= ' ')
            i++;
        size_t from = i;
        while (i < text.n && (unsigned char)text.p[i] > ' ')
            i++;
        size_t to = i;
        bool beginning = to > from + 1 && text.p[to - 1] == '*';
        if (to == from)
            break;
        tc_buf_cstr(&b, words++ ? " \"" : "\"");
        for (size_t k = from; k < to - (beginning ? 1 : 0); k++) {
            if (text.p[k] == '"')
                tc_buf_char(&b, '"');
            tc_buf_char(&b, text.p[k]);
        }
        tc_buf_cstr(&b, beginning ? "\"*" : "\"");
    }
    tc_err e = !words || !tc_str_utf8(text) ? TC_E_USAGE : b.err;
    if (!e && !(*out = strdup(tc_buf_z(&b))))
        e = TC_E_NOMEM;
    tc_buf_fini(&b);
    return e;
}

static bool box_ok(const struct tc_search *s)
{
    return s->south >= -90 && s->south <= s->north && s->north <= 90 && fabs(s->west) <= 180 &&
           fabs(s->east) <= 180;
}

tc_err tc_index_search(struct tc_index *x, const struct tc_principal *p, const struct tc_search *s,
                       const struct tc_query *q, struct tc_hits **out)
{
    if (s->kind == TC_SEARCH_BOX && !box_ok(s))
        return TC_E_USAGE;
    struct tc_hits *h = calloc(1, sizeof *h);
    if (!h)
        return TC_E_NOMEM;
    *h = (struct tc_hits){.x = x, .p = p, .s = *s, .q = *q, .below = INT64_MAX};
    if (s->below)
        h->below = s->below;
    h->left = q->limit ? q->limit : SIZE_MAX;
    h->q.backwards = true;
    h->q.ids = NULL;
    h->q.n_ids = 0;
    h->q.limit = 0;
    h->q.seqs = h->seqs;
    tc_err e = s->kind == TC_SEARCH_WORDS ? words_of(s->text, &h->words) : TC_OK;
    if (e)
        tc_hits_close(h);
    else
        *out = h;
    return e;
}

static int bind_search(const struct tc_hits *h, sqlite3_stmt *st)
{
    const struct tc_search *s = &h->s;
    int rc = SQLITE_OK;
    if (s->kind == TC_SEARCH_WORDS) {
        rc = sqlite3_bind_text(st, 1, h->words, -1, SQLITE_STATIC);
    } else if (s->kind == TC_SEARCH_KEY) {
        rc = sqlite3_bind_int64(st, 1, s->key);
        if (!rc)
            rc = sqlite3_bind_int64(st, 2, (int64_t)tc_extract_hash(h->x->key, s->key, s->text));
    } else {
        bool any = s->since == 0 && s->until == 0;
        const double box[] = {s->south,
                              s->north,
                              0,
                              0,
                              s->west,
                              s->east,
                              any ? -ALWAYS : tree_time(s->since),
                              any ? ALWAYS : tree_time(s->until)};
        for (int i = 0; !rc && i < 8; i++)
            if (i != 2 && i != 3)
                rc = sqlite3_bind_double(st, i + 1, box[i]);
    }
    if (!rc)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)h->below);
    return rc ? rc : sqlite3_bind_int64(st, 4, WINDOW);
}

/* The next numbers that the index has, newest first. */
static tc_err next_window(struct tc_hits *h)
{
    static const enum statement which[] = {[TC_SEARCH_KEY] = SEARCH_KEY,
                                           [TC_SEARCH_WORDS] = SEARCH_WORDS,
                                           [TC_SEARCH_BOX] = SEARCH_BOX};
    sqlite3_stmt *st = NULL;
    h->q.n_seqs = 0;
    (void)pthread_mutex_lock(&h->x->read_lock);
    bool over = h->s.kind == TC_SEARCH_BOX && h->s.west > h->s.east;
    int rc = prepared(&h->x->read, over ? SEARCH_BOX_OVER : which[h->s.kind], &st);
    if (!rc)
        rc = bind_search(h, st);
    while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        h->seqs[h->q.n_seqs++] = (uint64_t)sqlite3_column_int64(st, 0);
        rc = h->q.n_seqs < WINDOW ? SQLITE_OK : SQLITE_DONE;
    }
    if (st) {
        (void)sqlite3_reset(st);
        (void)sqlite3_clear_bindings(st);
    }
    (void)pthread_mutex_unlock(&h->x->read_lock);
    if (h->q.n_seqs)
        h->below = h->seqs[h->q.n_seqs - 1];
    return error_of(rc);
}

tc_err tc_hits_next(struct tc_hits *h, struct tc_row *row)
{
    tc_err e = TC_OK;
    while (!h->end && h->left) {
        if (!h->r) {
            e = next_window(h);
            if (!e && !h->q.n_seqs)
                break;
            if (!e)
                e = tc_reader_open(h->x->j, h->p, &h->q, &h->r);
            if (e)
                return e;
        }
        e = tc_reader_next(h->r, row);
        if (e || row->seq) {
            h->left -= row->seq && !e;
            return e;
        }
        tc_reader_close(h->r);
        h->r = NULL;
        h->end = h->q.n_seqs < WINDOW;
    }
    *row = (struct tc_row){.seq = 0};
    return TC_OK;
}

void tc_hits_close(struct tc_hits *h)
{
    if (!h)
        return;
    tc_reader_close(h->r);
    free(h->words);
    free(h);
}
