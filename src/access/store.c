/* SPDX-License-Identifier: Apache-2.0 */
#include "access/store.h"

#include "access/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE org (number INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE, country TEXT NOT NULL, sectors TEXT NOT NULL, role TEXT NOT NULL,"
    " inbox INTEGER NOT NULL REFERENCES community(number), added INTEGER NOT NULL) STRICT;"
    "CREATE TABLE person (number INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES org(number),"
    " identity TEXT NOT NULL UNIQUE, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " roles INTEGER NOT NULL, active INTEGER NOT NULL, password TEXT NOT NULL,"
    " added INTEGER NOT NULL) STRICT;"
    "CREATE TABLE community (number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE,"
    " alias TEXT UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL, kind TEXT NOT NULL,"
    " open INTEGER NOT NULL, added INTEGER NOT NULL) STRICT;"
    "CREATE TABLE member (community INTEGER NOT NULL REFERENCES community(number),"
    " org INTEGER NOT NULL REFERENCES org(number), may_write INTEGER NOT NULL,"
    " added INTEGER NOT NULL, PRIMARY KEY (community, org)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE token (hash BLOB PRIMARY KEY,"
    " person INTEGER NOT NULL REFERENCES person(number), use INTEGER NOT NULL,"
    " label TEXT NOT NULL, added INTEGER NOT NULL, expires INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX token_person ON token(person);",
    /* 2 */
    "CREATE TABLE factor (person INTEGER NOT NULL REFERENCES person(number),"
    " kind INTEGER NOT NULL, id BLOB NOT NULL, secret BLOB NOT NULL, counter INTEGER NOT NULL,"
    " added INTEGER NOT NULL, PRIMARY KEY (person, kind, id)) STRICT, WITHOUT ROWID;",
    /* 3 */
    "ALTER TABLE community ADD COLUMN state INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE community ADD COLUMN since_joining INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE community ADD COLUMN era INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE community ADD COLUMN event TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE member ADD COLUMN functions INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE member ADD COLUMN since INTEGER NOT NULL DEFAULT 0;"
    "UPDATE member SET functions = CASE may_write WHEN 0 THEN 1 ELSE 7 END;",
    /* 4 */
    "CREATE TABLE cert (print BLOB PRIMARY KEY, person INTEGER NOT NULL REFERENCES person(number),"
    " subject TEXT NOT NULL, added INTEGER NOT NULL, not_before INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    /* 5 */
    "ALTER TABLE token ADD COLUMN since INTEGER NOT NULL DEFAULT 0;"
    "UPDATE token SET since = added;",
    /* 6 */
    "ALTER TABLE token ADD COLUMN roles INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN only BLOB NOT NULL DEFAULT x'';",
    /* 7 */
    "CREATE TABLE link (issuer TEXT NOT NULL, subject TEXT NOT NULL,"
    " person INTEGER NOT NULL REFERENCES person(number), added INTEGER NOT NULL,"
    " PRIMARY KEY (issuer, subject)) STRICT, WITHOUT ROWID;",
    /* 8 */
    "ALTER TABLE community ADD COLUMN four_eyes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE community ADD COLUMN asks_reason INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE act (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " community INTEGER NOT NULL REFERENCES community(number), state INTEGER NOT NULL,"
    " kind TEXT NOT NULL, ask TEXT NOT NULL, digest BLOB NOT NULL, org INTEGER NOT NULL,"
    " person INTEGER NOT NULL, people INTEGER NOT NULL, why TEXT NOT NULL,"
    " asked INTEGER NOT NULL, due INTEGER NOT NULL, second_org INTEGER NOT NULL,"
    " second INTEGER NOT NULL, answered INTEGER NOT NULL, answer TEXT NOT NULL) STRICT;"
    "CREATE INDEX act_state ON act(state);",
    /* 9 */
    "ALTER TABLE community ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE community ADD COLUMN days_after INTEGER NOT NULL DEFAULT 0;",
};

static const char *const sql[N_SQL] = {
    [ALL_ORGS] = "SELECT number, identity, name, country, sectors, role, inbox FROM org"
                 " ORDER BY number",
    [ALL_PEOPLE] = "SELECT number, org, identity, login, name, roles, active, password FROM person"
                   " ORDER BY number",
    [ALL_COMMUNITIES] = "SELECT number, uuid, alias, title, description, kind, open, state,"
                        " since_joining, era, event, four_eyes, asks_reason, ends,"
                        " days_after FROM community"
                        " ORDER BY number",
    [ALL_MEMBERS] = "SELECT community, org, functions, since FROM member ORDER BY community, org",
    [ALL_TOKENS] = "SELECT hash, person, use, label, added, expires, since, roles, only"
                   " FROM token ORDER BY added",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [ADD_ORG] = "INSERT INTO org (number, identity, name, country, sectors, role, inbox, added)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [ADD_PERSON] = "INSERT INTO person (number, org, identity, login, name, roles, active,"
                   " password, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SET_PERSON] = "UPDATE person SET roles = ?2, active = ?3 WHERE number = ?1",
    [SET_PASSWORD] = "UPDATE person SET password = ?2 WHERE number = ?1",
    [ADD_COMMUNITY] = "INSERT INTO community (number, uuid, alias, title, description, kind, open,"
                      " added, state, since_joining, era, event)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SET_COMMUNITY] = "UPDATE community SET state = ?2, era = ?3 WHERE number = ?1",
    [ADD_MEMBER] = "INSERT INTO member (community, org, may_write, added, functions, since)"
                   " VALUES (?1, ?2, 0, ?4, ?3, ?5)"
                   " ON CONFLICT (community, org) DO UPDATE SET functions = ?3, since = ?5",
    [DROP_MEMBER] = "DELETE FROM member WHERE community = ?1 AND org = ?2",
    [ADD_TOKEN] = "INSERT INTO token (hash, person, use, label, added, expires, since, roles, only)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [TOKEN_UNTIL] = "UPDATE token SET expires = ?2 WHERE hash = ?1",
    [DROP_TOKEN] = "DELETE FROM token WHERE hash = ?1",
    [DROP_TOKENS_OF] = "DELETE FROM token WHERE person = ?1",
    [EXPIRE_TOKENS] = "DELETE FROM token WHERE expires <= ?1",
    [ALL_FACTORS] = "SELECT person, kind, id, secret, counter FROM factor",
    [ADD_FACTOR] = "INSERT INTO factor (person, kind, id, secret, counter, added)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DROP_FACTORS] = "DELETE FROM factor WHERE person = ?1",
    [DROP_FACTOR] = "DELETE FROM factor WHERE person = ?1 AND kind = ?2 AND id = ?3",
    [DROP_CODES] = "DELETE FROM factor WHERE person = ?1 AND kind <> 3",
    [USE_PASSKEY] = "UPDATE factor SET counter = ?3 WHERE person = ?1 AND kind = 3 AND id = ?2",
    [USE_FACTOR] = "UPDATE factor SET counter = ?3 WHERE person = ?1 AND kind = ?2",
    [SPEND_RECOVERY] = "DELETE FROM factor WHERE person = ?1 AND kind = 2 AND id = ?2",
    [ALL_CERTS] = "SELECT print, person, subject, added, not_before, not_after FROM cert",
    [ADD_CERT] = "INSERT INTO cert (print, person, subject, added, not_before, not_after)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DROP_CERT] = "DELETE FROM cert WHERE print = ?1",
    [ALL_LINKS] = "SELECT issuer, subject, person, added FROM link",
    [ADD_LINK] = "INSERT INTO link (issuer, subject, person, added) VALUES (?1, ?2, ?3, ?4)",
    [DROP_LINK] = "DELETE FROM link WHERE issuer = ?1 AND subject = ?2",
    [SET_END] = "UPDATE community SET ends = ?2, days_after = ?3 WHERE number = ?1",
    [SET_RULES] = "UPDATE community SET four_eyes = ?2, asks_reason = ?3 WHERE number = ?1",
    [ALL_ACTS] = "SELECT id, community, state, kind, ask, digest, org, person, people, why, asked,"
                 " due, second_org, second, answered, answer FROM act"
                 " WHERE (?1 = '' OR id = ?1) AND (?2 >> state) & 1 ORDER BY number DESC",
    [ADD_ACT] = "INSERT INTO act (id, community, state, kind, ask, digest, org, person, people,"
                " why, asked, due, second_org, second, answered, answer) VALUES"
                " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [MOVE_ACT] = "UPDATE act SET state = ?3, second_org = ?4, second = ?5, answered = ?6,"
                 " answer = ?7 WHERE id = ?1 AND state = ?2",
    [FORGET_ACTS] = "DELETE FROM act WHERE state > 1 AND answered < ?1",
};

/* ---- opening ---- */

static tc_err exec(struct tc_accessdb *s, const char *text)
{
    return map_error(sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

static tc_err migrate(struct tc_accessdb *s, bool read_only, struct tc_diag *d)
{
    const int newest = (int)(sizeof migrations / sizeof migrations[0]);
    sqlite3_stmt *st = NULL;
    int version = -1;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL);
    if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        version = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    if (version < 0)
        return tc_diag_set(d, rc ? map_error(rc) : TC_E_IO, "access.db cannot be read: %s",
                           sqlite3_errmsg(s->db));
    if (version > newest)
        return tc_diag_set(d, TC_E_CORRUPT,
                           "access.db is of a newer tocsin (format %d, this one "
                           "knows %d)",
                           version, newest);
    if (version < newest && read_only)
        return tc_diag_set(d, TC_E_DENIED,
                           "access.db needs a migration, which reading only "
                           "does not do");
    for (; version < newest; version++) {
        char set[64];
        (void)snprintf(set, sizeof set, "PRAGMA user_version = %d; COMMIT", version + 1);
        tc_err e = exec(s, "BEGIN IMMEDIATE");
        if (!e)
            e = exec(s, migrations[version]);
        if (!e)
            e = exec(s, set);
        if (e) {
            tc_diag_set(d, e, "access.db: migration %d failed: %s", version + 1,
                        sqlite3_errmsg(s->db));
            (void)exec(s, "ROLLBACK");
            return e;
        }
    }
    return TC_OK;
}

static tc_err prepare(struct tc_accessdb *s, struct tc_diag *d)
{
    for (int i = 0; i < N_SQL; i++) {
        int rc = sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->st[i], NULL);
        if (rc != SQLITE_OK)
            return tc_diag_set(d, map_error(rc), "access.db: %s", sqlite3_errmsg(s->db));
    }
    return TC_OK;
}

/* SQLite would make the file with the umask's mode; -wal and -shm take over what it has. */
static tc_err make_private(const char *path, struct tc_diag *d)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "%s cannot be opened: %s", path,
                           tc_err_text(tc_err_from_errno(errno)));
    (void)close(fd);
    return TC_OK;
}

tc_err tc_accessdb_open(const char *dir, bool read_only, struct tc_accessdb **out,
                        struct tc_diag *d)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/access.db", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    tc_err e = TC_OK;
    if (!read_only)
        e = make_private(path, d);
    else if (access(path, F_OK) != 0)
        e = tc_diag_set(d, TC_E_NOTFOUND, "%s is not there", path);
    if (e)
        return e;
    struct tc_accessdb *s = calloc(1, sizeof *s);
    if (!s)
        return TC_E_NOMEM;
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (rc != SQLITE_OK)
        e = tc_diag_set(d, map_error(rc), "%s cannot be opened: %s", path, sqlite3_errstr(rc));
    if (!e) {
        (void)sqlite3_busy_timeout(s->db, 5000);
        e = exec(s, read_only ? "PRAGMA query_only = 1"
                              : "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                "PRAGMA foreign_keys = 1; PRAGMA cache_size = -256;"
                                "PRAGMA secure_delete = 1; PRAGMA temp_store = MEMORY;"
                                "PRAGMA trusted_schema = 0");
        if (e)
            tc_diag_set(d, e, "%s cannot be read: %s", path, sqlite3_errmsg(s->db));
    }
    if (!e)
        e = migrate(s, read_only, d);
    if (!e)
        e = prepare(s, d);
    if (e) {
        tc_accessdb_close(s);
        return e;
    }
    *out = s;
    return TC_OK;
}

void tc_accessdb_close(struct tc_accessdb *s)
{
    if (!s)
        return;
    for (int i = 0; i < N_SQL; i++)
        (void)sqlite3_finalize(s->st[i]);
    (void)sqlite3_close(s->db);
    free(s);
}

/* ---- loading ---- */

static tc_err row_org(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_org o = {u32(st, 0), get(st, 1), get(st, 2), get(st, 3),
                       get(st, 4), get(st, 5), u32(st, 6)};
    return v->org(v->arg, &o);
}

static tc_err row_person(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_person p = {.number = u32(st, 0),
                          .org = u32(st, 1),
                          .roles = u32(st, 5),
                          .identity = get(st, 2),
                          .login = get(st, 3),
                          .name = get(st, 4),
                          .active = u32(st, 6) != 0};
    return v->person(v->arg, &p, get(st, 7));
}

static tc_err row_community(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_community c = {.number = u32(st, 0),
                             .alias = get(st, 2),
                             .title = get(st, 3),
                             .description = get(st, 4),
                             .kind = get(st, 5),
                             .open_to_public = u32(st, 6) != 0,
                             .state = (enum tc_community_state)u32(st, 7),
                             .since_joining = u32(st, 8) != 0,
                             .era = u32(st, 9),
                             .event = get(st, 10),
                             .four_eyes = u32(st, 11),
                             .asks_reason = u32(st, 12),
                             .ends = sqlite3_column_int64(st, 13),
                             .days_after = u32(st, 14)};
    struct tc_str uuid = get(st, 1);
    if (uuid.n != sizeof c.uuid.b || c.state > TC_COMMUNITY_ARCHIVED)
        return TC_E_CORRUPT;
    memcpy(c.uuid.b, uuid.p, uuid.n);
    return v->community(v->arg, &c);
}

static tc_err row_member(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    return v->member(v->arg, u32(st, 0), u32(st, 1), u32(st, 2), u32(st, 3));
}

static tc_err row_token(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_str hash = get(st, 0);
    struct tc_str list = get(st, 8);
    uint32_t only[TC_MAX_TOKEN_COMMUNITIES];
    if (hash.n != TC_TOKEN_HASH || list.n % sizeof *only || list.n > sizeof only)
        return TC_E_CORRUPT;
    if (list.n)
        memcpy(only, list.p, list.n);
    struct tc_accessdb_token t = {
        (const uint8_t *)hash.p,       u32(st, 1),
        (enum tc_token_use)u32(st, 2), get(st, 3),
        sqlite3_column_int64(st, 4),   sqlite3_column_int64(st, 5),
        sqlite3_column_int64(st, 6),   {u32(st, 7), {only, (uint32_t)(list.n / sizeof *only)}},
    };
    return t.use <= TC_TOKEN_SECOND ? v->token(v->arg, &t) : TC_E_CORRUPT;
}

static tc_err row_factor(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_str id = get(st, 2);
    struct tc_accessdb_factor f = {.person = u32(st, 0),
                                   .kind = u32(st, 1),
                                   .secret = get(st, 3),
                                   .counter = sqlite3_column_int64(st, 4)};
    if (id.n != sizeof f.id)
        return TC_E_CORRUPT;
    memcpy(f.id, id.p, id.n);
    return v->factor(v->arg, &f);
}

static tc_err row_cert(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_str print = get(st, 0);
    struct tc_accessdb_cert c = {(const uint8_t *)print.p,
                                 u32(st, 1),
                                 get(st, 2),
                                 sqlite3_column_int64(st, 3),
                                 sqlite3_column_int64(st, 4),
                                 sqlite3_column_int64(st, 5)};
    return print.n == TC_CERT_PRINT && c.subject.n < TC_CERT_SUBJECT ? v->cert(v->arg, &c)
                                                                     : TC_E_CORRUPT;
}

static tc_err row_link(sqlite3_stmt *st, const struct tc_accessdb_visit *v)
{
    struct tc_accessdb_link l = {u32(st, 2), get(st, 0), get(st, 1), sqlite3_column_int64(st, 3)};
    return v->link(v->arg, &l);
}

static tc_err walk(struct tc_accessdb *s, int which, const struct tc_accessdb_visit *v,
                   tc_err (*row)(sqlite3_stmt *, const struct tc_accessdb_visit *))
{
    tc_err e = TC_OK;
    int rc = SQLITE_DONE;
    while (!e && (rc = sqlite3_step(s->st[which])) == SQLITE_ROW)
        e = row(s->st[which], v);
    (void)sqlite3_reset(s->st[which]);
    return e ? e : map_error(rc);
}

tc_err tc_accessdb_load(struct tc_accessdb *s, const struct tc_accessdb_visit *v)
{
    tc_err e = walk(s, ALL_ORGS, v, row_org);
    if (!e)
        e = walk(s, ALL_PEOPLE, v, row_person);
    if (!e)
        e = walk(s, ALL_COMMUNITIES, v, row_community);
    if (!e)
        e = walk(s, ALL_MEMBERS, v, row_member);
    if (!e)
        e = walk(s, ALL_TOKENS, v, row_token);
    if (!e)
        e = walk(s, ALL_FACTORS, v, row_factor);
    if (!e)
        e = walk(s, ALL_CERTS, v, row_cert);
    if (!e)
        e = walk(s, ALL_LINKS, v, row_link);
    return e;
}

/* ---- changes ---- */

void tc_accessdb_rollback(struct tc_accessdb *s)
{
    if (!sqlite3_get_autocommit(s->db))
        (void)run(s, ROLLBACK);
}

tc_err tc_accessdb_begin(struct tc_accessdb *s)
{
    tc_accessdb_rollback(s); /* one that could not be, for want of memory */
    return run(s, BEGIN);
}

tc_err tc_accessdb_commit(struct tc_accessdb *s)
{
    tc_err e = run(s, COMMIT);
    if (e)
        tc_accessdb_rollback(s);
    return e;
}

tc_err tc_accessdb_org(struct tc_accessdb *s, const struct tc_org *o)
{
    sqlite3_stmt *st = s->st[ADD_ORG];
    num(st, 1, o->number);
    text(st, 2, o->identity);
    text(st, 3, o->name);
    text(st, 4, o->country);
    text(st, 5, o->sectors);
    text(st, 6, o->role);
    num(st, 7, o->inbox);
    num(st, 8, tc_time_now());
    return run(s, ADD_ORG);
}

tc_err tc_accessdb_person(struct tc_accessdb *s, const struct tc_person *p, struct tc_str password)
{
    sqlite3_stmt *st = s->st[ADD_PERSON];
    num(st, 1, p->number);
    num(st, 2, p->org);
    text(st, 3, p->identity);
    text(st, 4, p->login);
    text(st, 5, p->name);
    num(st, 6, p->roles);
    num(st, 7, p->active);
    text(st, 8, password);
    num(st, 9, tc_time_now());
    return run(s, ADD_PERSON);
}

tc_err tc_accessdb_person_set(struct tc_accessdb *s, uint32_t person, uint32_t roles, bool active)
{
    num(s->st[SET_PERSON], 1, person);
    num(s->st[SET_PERSON], 2, roles);
    num(s->st[SET_PERSON], 3, active);
    return run(s, SET_PERSON);
}

tc_err tc_accessdb_password(struct tc_accessdb *s, uint32_t person, struct tc_str password)
{
    num(s->st[SET_PASSWORD], 1, person);
    text(s->st[SET_PASSWORD], 2, password);
    return run(s, SET_PASSWORD);
}

tc_err tc_accessdb_community(struct tc_accessdb *s, const struct tc_community *c)
{
    sqlite3_stmt *st = s->st[ADD_COMMUNITY];
    num(st, 1, c->number);
    (void)sqlite3_bind_blob(st, 2, c->uuid.b, sizeof c->uuid.b, SQLITE_STATIC);
    if (c->alias.n)
        text(st, 3, c->alias);
    else
        (void)sqlite3_bind_null(st, 3);
    text(st, 4, c->title);
    text(st, 5, c->description);
    text(st, 6, c->kind);
    num(st, 7, c->open_to_public);
    num(st, 8, tc_time_now());
    num(st, 9, (int64_t)c->state);
    num(st, 10, c->since_joining);
    num(st, 11, c->era);
    text(st, 12, c->event);
    return run(s, ADD_COMMUNITY);
}

tc_err tc_accessdb_member(struct tc_accessdb *s, uint32_t community, uint32_t org,
                          unsigned functions, uint32_t since)
{
    int which = functions ? ADD_MEMBER : DROP_MEMBER;
    sqlite3_stmt *st = s->st[which];
    num(st, 1, community);
    num(st, 2, org);
    if (functions) {
        num(st, 3, functions);
        num(st, 4, tc_time_now());
        num(st, 5, since);
    }
    return run(s, which);
}

tc_err tc_accessdb_community_set(struct tc_accessdb *s, uint32_t community,
                                 enum tc_community_state state, uint32_t era)
{
    num(s->st[SET_COMMUNITY], 1, community);
    num(s->st[SET_COMMUNITY], 2, (int64_t)state);
    num(s->st[SET_COMMUNITY], 3, era);
    return run(s, SET_COMMUNITY);
}

static void bind_hash(sqlite3_stmt *st, const uint8_t *hash)
{
    (void)sqlite3_bind_blob(st, 1, hash, TC_TOKEN_HASH, SQLITE_STATIC);
}

tc_err tc_accessdb_token_add(struct tc_accessdb *s, const struct tc_accessdb_token *t)
{
    sqlite3_stmt *st = s->st[ADD_TOKEN];
    bind_hash(st, t->hash);
    num(st, 2, t->person);
    num(st, 3, t->use);
    text(st, 4, t->label);
    num(st, 5, t->added);
    num(st, 6, t->expires);
    num(st, 7, t->since);
    num(st, 8, t->scope.roles);
    (void)sqlite3_bind_blob(
        st, 9, t->scope.communities.n ? (const void *)t->scope.communities.v : "",
        (int)(t->scope.communities.n * sizeof *t->scope.communities.v), SQLITE_STATIC);
    return run(s, ADD_TOKEN);
}

tc_err tc_accessdb_token_until(struct tc_accessdb *s, const uint8_t hash[TC_TOKEN_HASH],
                               tc_time expires)
{
    bind_hash(s->st[TOKEN_UNTIL], hash);
    num(s->st[TOKEN_UNTIL], 2, expires);
    return run(s, TOKEN_UNTIL);
}

tc_err tc_accessdb_token_drop(struct tc_accessdb *s, const uint8_t hash[TC_TOKEN_HASH])
{
    bind_hash(s->st[DROP_TOKEN], hash);
    return run(s, DROP_TOKEN);
}

tc_err tc_accessdb_tokens_drop_of(struct tc_accessdb *s, uint32_t person)
{
    num(s->st[DROP_TOKENS_OF], 1, person);
    return run(s, DROP_TOKENS_OF);
}

tc_err tc_accessdb_tokens_expire(struct tc_accessdb *s, tc_time now)
{
    num(s->st[EXPIRE_TOKENS], 1, now);
    return run(s, EXPIRE_TOKENS);
}
