/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the store: its statements by name, and how they are bound and read. Shared by store.c
 * (opening, loading, who there is) and store_more.c (factors, certificates, links, acts). */
#ifndef TC_ACCESS_STORE_INT_H
#define TC_ACCESS_STORE_INT_H

#include "access/store.h"

#include <sqlite3.h>

enum {
    ALL_ORGS,
    ALL_PEOPLE,
    ALL_COMMUNITIES,
    ALL_MEMBERS,
    ALL_TOKENS,
    ALL_FACTORS,
    ALL_CERTS,
    BEGIN,
    COMMIT,
    ROLLBACK,
    ADD_ORG,
    ADD_PERSON,
    SET_PERSON,
    SET_PASSWORD,
    ADD_COMMUNITY,
    SET_COMMUNITY,
    ADD_MEMBER,
    DROP_MEMBER,
    ADD_TOKEN,
    TOKEN_UNTIL,
    DROP_TOKEN,
    DROP_TOKENS_OF,
    EXPIRE_TOKENS,
    ADD_FACTOR,
    DROP_FACTORS,
    DROP_FACTOR,
    DROP_CODES,
    USE_PASSKEY,
    USE_FACTOR,
    SPEND_RECOVERY,
    ADD_CERT,
    DROP_CERT,
    ALL_LINKS,
    ADD_LINK,
    DROP_LINK,
    SET_END,
    SET_RULES,
    ALL_ACTS,
    ADD_ACT,
    MOVE_ACT,
    FORGET_ACTS,
    N_SQL
};

struct tc_accessdb {
    sqlite3 *db;
    sqlite3_stmt *st[N_SQL];
};

static inline tc_err map_error(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return TC_OK;
    case SQLITE_CONSTRAINT:
        return TC_E_CONFLICT;
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
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return TC_E_DENIED;
    default:
        return TC_E_IO;
    }
}

static inline void text(sqlite3_stmt *st, int i, struct tc_str v)
{
    (void)sqlite3_bind_text64(st, i, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}

static inline void num(sqlite3_stmt *st, int i, int64_t v)
{
    (void)sqlite3_bind_int64(st, i, v);
}

static inline tc_err run(struct tc_accessdb *s, int which)
{
    int rc = sqlite3_step(s->st[which]);
    (void)sqlite3_reset(s->st[which]);
    (void)sqlite3_clear_bindings(s->st[which]);
    return map_error(rc);
}

static inline struct tc_str get(sqlite3_stmt *st, int i)
{
    const void *p = sqlite3_column_blob(st, i);
    return (struct tc_str){p, (size_t)sqlite3_column_bytes(st, i)};
}

static inline uint32_t u32(sqlite3_stmt *st, int i)
{
    return (uint32_t)sqlite3_column_int64(st, i);
}

static inline void blob(sqlite3_stmt *st, int at, const void *p, size_t n)
{
    (void)sqlite3_bind_blob(st, at, n ? p : "", (int)n, SQLITE_STATIC);
}

#endif
