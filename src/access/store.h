/* SPDX-License-Identifier: Apache-2.0 */
/* access.db: the SQL of src/access, and nothing else. One connection, one thread at a time (the
 * caller's lock). Changes between tc_accessdb_begin and tc_accessdb_commit are durable together.
 *
 *   org        number | identity! | name! | country | sectors | role | inbox -> community | added
 *   person     number | org -> org | identity! | login! | name | roles | active | password | added
 *   community  number | uuid! | alias! or null | title | description | kind | open | added |
 *              state | since_joining | era | event | four_eyes | asks_reason | ends |
 *              days_after
 *   member     (community, org) | may_write (no longer read) | added | functions | since
 *   token      hash | person -> person | use | label | added | expires | since | roles | only
 *   factor     (person -> person, kind, id) | secret | counter | added
 *   cert       print | person -> person | subject | added | not_before | not_after
 *   link       (issuer, subject) | person -> person | added
 *   act        number | id! | community -> community | state | kind | ask | digest | org | person |
 *              people | why | asked | due | second_org | second | answered | answer
 *
 *   ! = unique. Times are microseconds (base/time.h). password is libsodium's "$argon2id$..." or
 *   empty. hash is BLAKE2b-256 of the whole token text. roles are bits of enum tc_role; of a token
 * 0 is all of the person's. only: numbers of communities, ascending, 4 bytes each, little-endian.
 *
 * PRAGMA user_version is the number of migrations applied; migration n brings n-1 to n and is
 * never changed once it was released. */
#ifndef TC_ACCESS_STORE_H
#define TC_ACCESS_STORE_H

#include "access/acts.h"
#include "access/cert.h"

#define TC_TOKEN_HASH 32

struct tc_accessdb;

struct tc_accessdb_token {
    const uint8_t *hash; /* TC_TOKEN_HASH bytes */
    uint32_t person;
    enum tc_token_use use;
    struct tc_str label;
    tc_time added, expires;
    tc_time since; /* the secret's own beginning; added is that of the session */
    struct tc_token_scope scope;
};

/* CORRUPT also when the file is of a newer program; NOTFOUND when read_only and absent. */
tc_err tc_accessdb_open(const char *dir, bool read_only, struct tc_accessdb **out,
                        struct tc_diag *d) TC_MUST_USE;
void tc_accessdb_close(struct tc_accessdb *s);

#define TC_FACTOR_ID 32

struct tc_accessdb_factor {
    uint32_t person;
    uint32_t kind;            /* enum tc_factor_kind */
    uint8_t id[TC_FACTOR_ID]; /* recovery: hash of the code; TOTP: zeros; passkey: of its id */
    struct tc_str secret;     /* TOTP: sealed; passkey: its public key and name, passkey.c */
    int64_t counter;          /* TOTP: last step used; passkey: the device's counter */
};

struct tc_accessdb_cert {
    const uint8_t *print; /* TC_CERT_PRINT bytes */
    uint32_t person;
    struct tc_str subject;
    tc_time added, from, until;
};

struct tc_accessdb_link {
    uint32_t person;
    struct tc_str issuer, subject;
    tc_time added;
};

/* Rows in order of number; views live during the call. A callback's error ends the walk. */
struct tc_accessdb_visit {
    void *arg;
    tc_err (*org)(void *arg, const struct tc_org *org);
    tc_err (*person)(void *arg, const struct tc_person *person, struct tc_str password);
    tc_err (*community)(void *arg, const struct tc_community *c);
    tc_err (*member)(void *arg, uint32_t community, uint32_t org, unsigned functions,
                     uint32_t since);
    tc_err (*token)(void *arg, const struct tc_accessdb_token *t);
    tc_err (*factor)(void *arg, const struct tc_accessdb_factor *f);
    tc_err (*cert)(void *arg, const struct tc_accessdb_cert *c);
    tc_err (*link)(void *arg, const struct tc_accessdb_link *l);
};
tc_err tc_accessdb_load(struct tc_accessdb *s, const struct tc_accessdb_visit *v) TC_MUST_USE;

tc_err tc_accessdb_begin(struct tc_accessdb *s) TC_MUST_USE;
tc_err tc_accessdb_commit(struct tc_accessdb *s) TC_MUST_USE; /* rolls back when it fails */
void tc_accessdb_rollback(struct tc_accessdb *s);

/* Inside a transaction. CONFLICT when something unique is taken. */
tc_err tc_accessdb_org(struct tc_accessdb *s, const struct tc_org *org) TC_MUST_USE;
tc_err tc_accessdb_person(struct tc_accessdb *s, const struct tc_person *p,
                          struct tc_str password) TC_MUST_USE;
tc_err tc_accessdb_person_set(struct tc_accessdb *s, uint32_t person, uint32_t roles,
                              bool active) TC_MUST_USE;
tc_err tc_accessdb_password(struct tc_accessdb *s, uint32_t person,
                            struct tc_str password) TC_MUST_USE;
tc_err tc_accessdb_community(struct tc_accessdb *s, const struct tc_community *c) TC_MUST_USE;
tc_err tc_accessdb_member(struct tc_accessdb *s, uint32_t community, uint32_t org,
                          unsigned functions, uint32_t since) TC_MUST_USE; /* 0 = none any more */
tc_err tc_accessdb_community_set(struct tc_accessdb *s, uint32_t community,
                                 enum tc_community_state state, uint32_t era) TC_MUST_USE;
tc_err tc_accessdb_community_end(struct tc_accessdb *s, uint32_t community, tc_time ends,
                                 uint32_t days_after) TC_MUST_USE;
tc_err tc_accessdb_rules_set(struct tc_accessdb *s, uint32_t community, unsigned four_eyes,
                             unsigned asks_reason) TC_MUST_USE;
/* Acts are not held in memory: they are few, and read when somebody looks. Rows newest first. */
tc_err tc_accessdb_acts(struct tc_accessdb *s, struct tc_str id, unsigned states, void *arg,
                        tc_err (*row)(void *arg, const struct tc_act *act)) TC_MUST_USE;
tc_err tc_accessdb_act_add(struct tc_accessdb *s, const struct tc_act *act) TC_MUST_USE;
/* As it is now; CONFLICT unless it is in that state. */
tc_err tc_accessdb_act_move(struct tc_accessdb *s, const char *id, enum tc_act_state from,
                            const struct tc_act *to) TC_MUST_USE;
tc_err tc_accessdb_acts_forget(struct tc_accessdb *s, tc_time before) TC_MUST_USE;
tc_err tc_accessdb_token_add(struct tc_accessdb *s, const struct tc_accessdb_token *t) TC_MUST_USE;
tc_err tc_accessdb_token_until(struct tc_accessdb *s, const uint8_t hash[TC_TOKEN_HASH],
                               tc_time expires) TC_MUST_USE;
tc_err tc_accessdb_token_drop(struct tc_accessdb *s, const uint8_t hash[TC_TOKEN_HASH]) TC_MUST_USE;
tc_err tc_accessdb_tokens_drop_of(struct tc_accessdb *s, uint32_t person) TC_MUST_USE;
tc_err tc_accessdb_tokens_expire(struct tc_accessdb *s, tc_time now) TC_MUST_USE;
tc_err tc_accessdb_factor_add(struct tc_accessdb *s,
                              const struct tc_accessdb_factor *f) TC_MUST_USE;
tc_err tc_accessdb_factors_drop(struct tc_accessdb *s, uint32_t person) TC_MUST_USE;
tc_err tc_accessdb_factor_drop(struct tc_accessdb *s, uint32_t person, uint32_t kind,
                               const uint8_t id[TC_FACTOR_ID]) TC_MUST_USE;
/* TOTP and recovery codes; passkeys stay. */
tc_err tc_accessdb_codes_drop(struct tc_accessdb *s, uint32_t person) TC_MUST_USE;
tc_err tc_accessdb_passkey_used(struct tc_accessdb *s, uint32_t person,
                                const uint8_t id[TC_FACTOR_ID], int64_t counter) TC_MUST_USE;
tc_err tc_accessdb_factor_used(struct tc_accessdb *s, uint32_t person, uint32_t kind,
                               int64_t counter) TC_MUST_USE;
tc_err tc_accessdb_recovery_spent(struct tc_accessdb *s, uint32_t person,
                                  const uint8_t id[TC_FACTOR_ID]) TC_MUST_USE;
tc_err tc_accessdb_cert_add(struct tc_accessdb *s, const struct tc_accessdb_cert *c) TC_MUST_USE;
tc_err tc_accessdb_cert_drop(struct tc_accessdb *s, const uint8_t print[TC_CERT_PRINT]) TC_MUST_USE;
tc_err tc_accessdb_link_add(struct tc_accessdb *s, const struct tc_accessdb_link *l) TC_MUST_USE;
tc_err tc_accessdb_link_drop(struct tc_accessdb *s, struct tc_str issuer,
                             struct tc_str subject) TC_MUST_USE;

#endif
