/* SPDX-License-Identifier: Apache-2.0 */
/* access.db: the SQL of src/access, and nothing else. One connection, one thread at a time (the
 * caller's lock). Changes between tc_store_begin and tc_store_commit are durable together.
 *
 *   org        number | identity! | name! | country | sectors | role | inbox -> community | added
 *   person     number | org -> org | identity! | login! | name | roles | active | password | added
 *   community  number | uuid! | alias! or null | title | description | kind | open | added
 *   member     (community, org) | may_write | added
 *   token      hash | person -> person | use | label | added | expires
 *
 *   ! = unique. Times are microseconds (base/time.h). password is libsodium's "$argon2id$..." or
 *   empty. hash is BLAKE2b-256 of the whole token text. roles are bits of enum tc_role.
 *
 * PRAGMA user_version is the number of migrations applied; migration n brings n-1 to n and is
 * never changed once it was released. */
#ifndef TC_ACCESS_STORE_H
#define TC_ACCESS_STORE_H

#include "access/access.h"

#define TC_TOKEN_HASH 32

struct tc_store;

struct tc_store_token {
    const uint8_t *hash; /* TC_TOKEN_HASH bytes */
    uint32_t person;
    enum tc_token_use use;
    struct tc_str label;
    tc_time added, expires;
};

/* CORRUPT also when the file is of a newer program; NOTFOUND when read_only and absent. */
tc_err tc_store_open(const char *dir, bool read_only, struct tc_store **out,
                     struct tc_diag *d) TC_MUST_USE;
void tc_store_close(struct tc_store *s);

/* Rows in order of number; views live during the call. A callback's error ends the walk. */
struct tc_store_visit {
    void *arg;
    tc_err (*org)(void *arg, const struct tc_org *org);
    tc_err (*person)(void *arg, const struct tc_person *person, struct tc_str password);
    tc_err (*community)(void *arg, const struct tc_community *c);
    tc_err (*member)(void *arg, uint32_t community, uint32_t org, bool may_write);
    tc_err (*token)(void *arg, const struct tc_store_token *t);
};
tc_err tc_store_load(struct tc_store *s, const struct tc_store_visit *v) TC_MUST_USE;

tc_err tc_store_begin(struct tc_store *s) TC_MUST_USE;
tc_err tc_store_commit(struct tc_store *s) TC_MUST_USE; /* rolls back when it fails */
void tc_store_rollback(struct tc_store *s);

/* Inside a transaction. CONFLICT when something unique is taken. */
tc_err tc_store_org(struct tc_store *s, const struct tc_org *org) TC_MUST_USE;
tc_err tc_store_person(struct tc_store *s, const struct tc_person *p,
                       struct tc_str password) TC_MUST_USE;
tc_err tc_store_person_set(struct tc_store *s, uint32_t person, uint32_t roles,
                           bool active) TC_MUST_USE;
tc_err tc_store_password(struct tc_store *s, uint32_t person, struct tc_str password) TC_MUST_USE;
tc_err tc_store_community(struct tc_store *s, const struct tc_community *c) TC_MUST_USE;
tc_err tc_store_member(struct tc_store *s, uint32_t community, uint32_t org, bool member,
                       bool may_write) TC_MUST_USE;
tc_err tc_store_token_add(struct tc_store *s, const struct tc_store_token *t) TC_MUST_USE;
tc_err tc_store_token_drop(struct tc_store *s, const uint8_t hash[TC_TOKEN_HASH]) TC_MUST_USE;
tc_err tc_store_tokens_drop_of(struct tc_store *s, uint32_t person) TC_MUST_USE;
tc_err tc_store_tokens_expire(struct tc_store *s, tc_time now) TC_MUST_USE;

#endif
