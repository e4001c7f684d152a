/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of src/access: the tables in memory, shared by access.c (who there is) and signin.c
 * (signing in). Nobody else includes it but their tests.
 *
 *   writing   one change at a time; owns the store. Taken before lock, never after it.
 *   lock      the tables; read by everybody, written only to put in what is durable.
 *
 * The life of a change, so that a grant is never seen before it is durable, and that nothing can
 * fail between durable and seen:
 *
 *   checked --reserve keys, allocate (may fail: undo)--> prepared
 *   prepared --tc_accessdb_begin .. tc_accessdb_commit (may fail: undo)--> durable
 *   durable --put in under the write lock, epoch + 1--> seen
 *
 * Keys are reserved in the name map with the number that the record will get; a look-up takes a
 * number only if it is at most the count, so a reserved key finds nothing. */
#ifndef TC_ACCESS_STATE_H
#define TC_ACCESS_STATE_H

#include "access/access.h"
#include "access/known.h"
#include "access/store.h"
#include "access/throttle.h"
#include "base/limits.h"
#include "base/map.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#define TC_ARGON_OPS UINT64_C(2)
#define TC_ARGON_MEM ((size_t)19 << 20)

struct tc_member_rec {
    uint32_t community;
    unsigned functions; /* TC_MEMBER_... */
    uint32_t since;     /* first era that it reads */
};

struct tc_org_rec {
    struct tc_org pub;
    uint64_t changed;         /* epoch of the last change that its logins rest on */
    struct tc_member_rec *in; /* ascending by community */
    uint32_t n_in;
};

struct tc_factor_rec {
    struct tc_factor_rec *next;
    uint32_t kind; /* enum tc_factor_kind */
    uint8_t id[TC_FACTOR_ID];
    int64_t counter;
    struct tc_str secret;
    char bytes[];
};

struct tc_person_rec {
    struct tc_person pub;
    uint64_t changed;
    uint64_t generation; /* of the password */
    uint32_t tokens;
    char hash[crypto_pwhash_STRBYTES]; /* "" = has no password */
    struct tc_factor_rec *factors;
    uint8_t waiting[20]; /* a secret of TOTP that is not confirmed yet, factor.h */
    int64_t waits_until; /* monotonic */
};

struct tc_community_rec {
    struct tc_community pub;
    uint32_t *orgs; /* ascending */
    uint32_t n_orgs;
};

struct tc_token_rec {
    uint8_t hash[TC_TOKEN_HASH];
    uint32_t person;
    enum tc_token_use use;
    tc_time added, expires, since;
    bool live; /* durable */
    /* hashes of the session's secret before and after this one; replaced: there is one after it,
     * and this is good for a moment still */
    bool replaced, replaces;
    uint8_t next[TC_TOKEN_HASH], before[TC_TOKEN_HASH];
    struct tc_token_scope scope;
    struct tc_str label;
    uint32_t only[]; /* and then the label */
};

struct tc_cert_rec {
    uint8_t print[TC_CERT_PRINT];
    uint32_t person;
    bool live; /* durable */
    tc_time added, from, until;
    char subject[TC_CERT_SUBJECT];
};

struct tc_table { /* of record pointers; number n is at n - 1 */
    void **v;
    uint32_t n, cap;
};

struct tc_passkeys {
    uint8_t key[32]; /* of challenges; new in each process */
    struct tc_passkey_spent {
        uint8_t number[12];
        int64_t until;             /* monotonic */
    } spent[TC_MAX_PASSKEY_SPENT]; /* under writing */
};

struct tc_gate { /* bounds Argon2id at once */
    pthread_mutex_t lock;
    pthread_cond_t free;
    int inside, waiting;
};

struct tc_access {
    pthread_mutex_t writing;
    struct tc_accessdb *store;
    bool read_only;

    pthread_rwlock_t lock;
    struct tc_table orgs, people, communities;
    struct tc_map *names;  /* kind letter + text -> number */
    struct tc_map *tokens; /* hash -> struct tc_token_rec * */
    struct tc_map *certs;  /* print -> struct tc_cert_rec * */
    struct tc_map *links;  /* issuer and subject -> struct tc_link_rec *, link.c */
    _Atomic uint64_t epoch;
    uint64_t rules_changed;   /* epoch; logins rest on who asks for a reason */
    _Atomic uint32_t reasons; /* communities that ask for one for reading of some kind */
    _Atomic uint32_t ruled;   /* communities that have rules at all */

    struct tc_known *known;
    struct tc_throttle *throttle;
    struct tc_gate gate;
    uint8_t factor_key[32];
    bool has_factor_key;
    struct tc_passkeys passkeys;
    tc_time swept;        /* tokens, last time; under writing */
    tc_time (*now)(void); /* wall clock; tests set their own */
    int64_t (*monotonic)(void);
};

/* ---- access.c: records, keys, the life of a change ---- */

enum tc_access_key {
    KEY_ORG_IDENTITY = 'O',
    KEY_ORG_NAME = 'N',
    KEY_PERSON_IDENTITY = 'P',
    KEY_LOGIN = 'L',
    KEY_UUID = 'U',
    KEY_ALIAS = 'A'
};

/* Keys of one change: all are reserved, or none. */
struct tc_access_keys {
    struct {
        enum tc_access_key kind;
        struct tc_str text;
        uint32_t number;
    } v[4];
    int n;
};

void tc_access_want(struct tc_access_keys *k, enum tc_access_key kind, struct tc_str text,
                    uint32_t number); /* empty text is left out */
/* CONFLICT when one is taken, and then none is reserved. */
tc_err tc_access_reserve(struct tc_access *x, const struct tc_access_keys *k,
                         struct tc_diag *d) TC_MUST_USE;
uint32_t tc_access_find(const struct tc_access *x, enum tc_access_key kind, struct tc_str text,
                        const struct tc_table *t); /* 0 = none */
struct tc_str tc_access_uuid_text(const struct tc_uuid *u);

tc_err tc_access_room(struct tc_table *t) TC_MUST_USE; /* for one more */
/* Copies, each one block; NULL = out of memory. */
struct tc_org_rec *tc_access_org_make(const struct tc_org *o);
struct tc_person_rec *tc_access_person_make(const struct tc_person *p);
struct tc_community_rec *tc_access_community_make(const struct tc_community *c);
/* What it takes part in; NULL = it is no member. */
const struct tc_member_rec *tc_access_member_of(const struct tc_org_rec *org, uint32_t community);
/* Communities that it reads and their first eras, into lists with room for n_in each; how many. */
uint32_t tc_access_reads(const struct tc_org_rec *org, uint32_t *communities, uint32_t *since);

/* Under lock; NULL when there is no such number. */
struct tc_org_rec *tc_access_org_rec(const struct tc_access *x, uint32_t number);
struct tc_person_rec *tc_access_person_rec(const struct tc_access *x, uint32_t number);
struct tc_community_rec *tc_access_community_rec(const struct tc_access *x, uint32_t number);
/* Number by login (folded), 0 = none. */
uint32_t tc_access_login_number(const struct tc_access *x, struct tc_str login);

/* Takes writing and begins the transaction; on failure nothing is held. */
tc_err tc_access_begin(struct tc_access *x, struct tc_diag *d) TC_MUST_USE;
/* Commits when e is OK, otherwise rolls back; on success returns with the write lock of the tables
 * held and the epoch raised: put in, then tc_access_seen. On failure only writing is held. */
tc_err tc_access_durable(struct tc_access *x, tc_err e, struct tc_diag *d) TC_MUST_USE;
void tc_access_seen(struct tc_access *x);   /* gives up lock and writing */
void tc_access_undone(struct tc_access *x); /* gives up writing */

/* rules.c: this community and its rules come in, or go out. */
void tc_access_rules_count(struct tc_access *x, const struct tc_community *c, bool in);

/* acts.c: inside of a change, the act that it carries out is done; NULL = none. */
tc_err tc_access_act_close(struct tc_access *x, const char *act) TC_MUST_USE;

/* signin.c: hashes a password that was checked (bounds, text); BUSY, NOMEM. */
tc_err tc_access_hash(struct tc_access *x, struct tc_str password,
                      char out[crypto_pwhash_STRBYTES]) TC_MUST_USE;
/* signin.c: puts a token in while loading. */
tc_err tc_access_token_load(struct tc_access *x, const struct tc_accessdb_token *t) TC_MUST_USE;
/* Under the write lock: forgets all tokens of a person (0 = of nobody) and those that are over. */
void tc_access_tokens_forget(struct tc_access *x, uint32_t person, tc_time now);

/* signin.c, under lock: a login of that person. AUTH when it is not there or not active. expires
 * TC_TIME_NONE = it does not by itself. */
tc_err tc_access_login_make(struct tc_access *x, uint32_t person, tc_time expires,
                            struct tc_login **out) TC_MUST_USE;

/* ---- cert.c ---- */

tc_err tc_access_cert_load(struct tc_access *x, const struct tc_accessdb_cert *c) TC_MUST_USE;

/* ---- link.c ---- */

tc_err tc_access_link_load(struct tc_access *x, const struct tc_accessdb_link *l) TC_MUST_USE;

/* ---- factor.c ---- */

tc_err tc_access_factor_load(struct tc_access *x, const struct tc_accessdb_factor *f) TC_MUST_USE;
void tc_access_factors_free(struct tc_factor_rec *list);
/* One code: may it be tried (counted); found and spent in the store, in the transaction of the
 * caller (AUTH); spent in memory, under the write lock; the try was right. */
struct tc_code_spent {
    struct tc_factor_rec *rec;
    int64_t step; /* of TOTP; 0 = a recovery code */
};
/* In a transaction: row and record of one factor, of new recovery codes; at the head of list. */
struct tc_recovery_codes;
tc_err tc_access_factor_new(struct tc_access *x, const struct tc_accessdb_factor *row,
                            struct tc_factor_rec **list) TC_MUST_USE;
tc_err tc_access_recovery_new(struct tc_access *x, uint32_t person, struct tc_recovery_codes *codes,
                              struct tc_factor_rec **list) TC_MUST_USE;
bool tc_access_code_try(struct tc_access *x, uint32_t person);
tc_err tc_access_code_find(struct tc_access *x, const struct tc_person_rec *p, struct tc_str code,
                           struct tc_code_spent *out) TC_MUST_USE;
void tc_access_code_spent(struct tc_person_rec *p, const struct tc_code_spent *s);
void tc_access_code_right(struct tc_access *x, uint32_t person);

/* ---- passkey.c ---- */

struct tc_passkey_note;
/* An answer of a device whose signature was right. */
struct tc_passkey_proof {
    uint32_t person;
    uint8_t id[TC_FACTOR_ID];
    int64_t counter;
    const struct tc_passkey_note *note; /* its challenge */
    tc_err (*spend)(struct tc_access *x, const struct tc_passkey_note *note);
};
/* Under writing, in a transaction: AUTH when it does not count any more; then under lock. */
tc_err tc_access_proof_use(struct tc_access *x, const struct tc_passkey_proof *proof) TC_MUST_USE;
void tc_access_proof_used(struct tc_access *x, const struct tc_passkey_proof *proof);
/* signin.c: spends the proof, and the ticket unless it is empty; gives a session. */
tc_err tc_access_session_by_passkey(struct tc_access *x, struct tc_str ticket,
                                    const struct tc_passkey_proof *proof,
                                    char session[TC_TOKEN_SIZE]) TC_MUST_USE;

#endif
