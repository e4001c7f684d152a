/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in: passwords, tokens, one-time codes, and the logins that they give. A token is
 * "tc" + letter of its purpose + "_" + 256 random bits in base64url; only its BLAKE2b hash is
 * kept, so the file opens nothing. */
#include "access/factor.h"
#include "access/naming.h"
#include "access/passkey.h"
#include "access/state.h"
#include "access/weak.h"

#include <stdio.h>
#include <stdlib.h>

struct login { /* pub first: what the caller holds is this */
    struct tc_login pub;
    _Atomic uint32_t refs;
    tc_time expires;        /* of token or certificate; TC_TIME_NONE = by password */
    uint32_t communities[]; /* as many first eras, and what else is said of the scope */
};

/* Argon2id of 32 random bytes with our parameters: what an unknown login is checked against, so
 * that it costs what a known one costs. */
static const char nobody[crypto_pwhash_STRBYTES] =
    "$argon2id$v=19$m=19456,t=2,p=1$AL2Rcx3B5XwUi/Bq/1kgwQ$"
    "Z/iwrj9V7RGdpno1bWUX5NY+0TIw+nN/6T3U97iEItc";

/* ---- Argon2id, a few at a time ---- */

static bool gate_enter(struct tc_gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    bool in = g->inside < TC_MAX_HASHING || g->waiting < TC_MAX_HASHING_WAITING;
    if (in) {
        g->waiting++;
        while (g->inside >= TC_MAX_HASHING)
            (void)pthread_cond_wait(&g->free, &g->lock);
        g->waiting--;
        g->inside++;
    }
    (void)pthread_mutex_unlock(&g->lock);
    return in;
}

static void gate_leave(struct tc_gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->inside--;
    (void)pthread_cond_signal(&g->free);
    (void)pthread_mutex_unlock(&g->lock);
}

tc_err tc_access_password_check(struct tc_str login, struct tc_str password, struct tc_diag *d)
{
    if (password.n < TC_MIN_PASSWORD)
        return tc_diag_set(d, TC_E_INVALID, "the password is too short (at least %d bytes)",
                           TC_MIN_PASSWORD);
    tc_err e = tc_naming_text(password, TC_MIN_PASSWORD, TC_MAX_PASSWORD, "password", d);
    if (!e && tc_password_weak(password, login))
        e = tc_diag_set(d, TC_E_INVALID,
                        "the password is one of the first that somebody would try (common words, "
                        "runs of keys, repetition): take four words of your own with spaces");
    return e;
}

tc_err tc_access_hash(struct tc_access *x, struct tc_str password, char out[crypto_pwhash_STRBYTES])
{
    if (!gate_enter(&x->gate))
        return TC_E_BUSY;
    int rc = crypto_pwhash_str_alg(out, password.p, password.n, TC_ARGON_OPS, TC_ARGON_MEM,
                                   crypto_pwhash_ALG_ARGON2ID13);
    gate_leave(&x->gate);
    return rc == 0 ? TC_OK : TC_E_NOMEM;
}

/* ---- logins ---- */

static tc_err login_scoped(struct tc_access *x, uint32_t person, tc_time expires,
                           const struct tc_token_scope *scope, struct tc_login **out)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    const struct tc_org_rec *o = p ? tc_access_org_rec(x, p->pub.org) : NULL;
    if (!o || !p->pub.active)
        return TC_E_AUTH;
    struct tc_u32s to = scope->communities;
    struct login *l = malloc(sizeof *l + (o->n_in * 2 + to.n) * sizeof l->communities[0]);
    if (!l)
        return TC_E_NOMEM;
    uint32_t *since = l->communities + o->n_in, n = tc_access_reads(o, l->communities, since);
    uint32_t *only = since + o->n_in;
    if (to.n)
        memcpy(only, to.v, to.n * sizeof *only);
    l->pub = (struct tc_login){
        .principal = {.org = p->pub.org,
                      .person = person,
                      .roles = scope->roles ? scope->roles & p->pub.roles : p->pub.roles,
                      .country = tc_country_number(o->pub.country),
                      .communities = {l->communities, n},
                      .since = {since, n},
                      .only = {only, to.n}},
        .epoch = atomic_load(&x->epoch)};
    atomic_init(&l->refs, 1);
    l->expires = expires;
    *out = &l->pub;
    return TC_OK;
}

tc_err tc_access_login_make(struct tc_access *x, uint32_t person, tc_time expires,
                            struct tc_login **out)
{
    return login_scoped(x, person, expires, &(struct tc_token_scope){0, {NULL, 0}}, out);
}

struct tc_login *tc_login_ref(struct tc_login *l)
{
    atomic_fetch_add(&((struct login *)l)->refs, 1);
    return l;
}

void tc_login_unref(struct tc_login *l)
{
    if (l && atomic_fetch_sub(&((struct login *)l)->refs, 1) == 1)
        free(l);
}

bool tc_access_fresh(struct tc_access *x, const struct tc_login *l)
{
    tc_time expires = ((const struct login *)l)->expires;
    if (expires != TC_TIME_NONE && x->now() >= expires)
        return false;
    if (l->epoch == atomic_load(&x->epoch))
        return true;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_person_rec *p = tc_access_person_rec(x, l->principal.person);
    const struct tc_org_rec *o = tc_access_org_rec(x, l->principal.org);
    bool fresh =
        p && o && p->changed <= l->epoch && o->changed <= l->epoch && x->rules_changed <= l->epoch;
    (void)pthread_rwlock_unlock(&x->lock);
    return fresh;
}

tc_err tc_access_login_as(struct tc_access *x, uint32_t person, struct tc_login **out)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    tc_err e = tc_access_login_make(x, person, TC_TIME_NONE, out);
    (void)pthread_rwlock_unlock(&x->lock);
    return e == TC_E_AUTH ? TC_E_NOTFOUND : e;
}

/* ---- passwords ---- */

struct
try {
    char login[TC_MAX_LOGIN + 1];
    struct tc_known_key key;
    uint32_t person; /* 0 = there is none that may sign in with a password */
    uint64_t generation;
    char hash[crypto_pwhash_STRBYTES]; /* of the person, or of nobody */
};

static void look_up(struct tc_access *x, struct try *t)
{
    memcpy(t->hash, nobody, sizeof t->hash);
    (void)pthread_rwlock_rdlock(&x->lock);
    uint32_t number = tc_access_login_number(x, tc_str_cstr(t->login));
    const struct tc_person_rec *p = tc_access_person_rec(x, number);
    if (p && p->pub.active && p->hash[0]) {
        t->person = number;
        t->generation = p->generation;
        memcpy(t->hash, p->hash, sizeof t->hash);
    }
    (void)pthread_rwlock_unlock(&x->lock);
}

/* The password was right for this generation; is it still the one, and is it enough? */
static tc_err login_of(struct tc_access *x, const struct try *t, struct tc_login **out,
                       uint32_t *half)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_person_rec *p = tc_access_person_rec(x, t->person);
    tc_err e = p && p->generation == t->generation ? TC_OK : TC_E_AUTH;
    if (!e && p->factors)
        *half = t->person;
    else if (!e)
        e = tc_access_login_make(x, t->person, TC_TIME_NONE, out);
    (void)pthread_rwlock_unlock(&x->lock);
    return e;
}

/* *half: who has a second factor, and then no login is made; 0 = nobody. */
static tc_err password_right(struct tc_access *x, struct tc_str login, struct tc_str password,
                             struct tc_login **out, uint32_t *half)
{
    struct try t = {.person = 0};
    bool well_formed =
        tc_naming_login(login, t.login, NULL) == TC_OK && password.n <= TC_MAX_PASSWORD;
    if (!well_formed) { /* checked like any other, against nobody */
        (void)snprintf(t.login, sizeof t.login, "?");
        password.n = password.n < TC_MAX_PASSWORD ? password.n : TC_MAX_PASSWORD;
    }
    struct tc_str name = tc_str_cstr(t.login);
    look_up(x, &t);
    tc_known_key(x->known, name, password, &t.key);
    int64_t now = x->monotonic();
    tc_err e = TC_E_AUTH;
    if (t.person && tc_known_has(x->known, &t.key, t.person, t.generation, now)) {
        e = login_of(x, &t, out, half);
    } else if (!well_formed || tc_throttle_take(x->throttle, name, now)) {
        if (!gate_enter(&x->gate)) {
            e = TC_E_BUSY;
        } else {
            int rc = crypto_pwhash_str_verify(t.hash, password.n ? password.p : "", password.n);
            gate_leave(&x->gate);
            if (rc == 0 && t.person)
                e = login_of(x, &t, out, half);
        }
        if (e == TC_OK) {
            tc_throttle_clear(x->throttle, name);
            tc_known_put(x->known, &t.key, t.person, t.generation, x->monotonic());
        }
    }
    sodium_memzero(&t, sizeof t);
    return e;
}

tc_err tc_access_password(struct tc_access *x, struct tc_str login, struct tc_str password,
                          struct tc_login **out)
{
    uint32_t half = 0;
    tc_err e = password_right(x, login, password, out, &half);
    return !e && half ? TC_E_AUTH : e;
}

tc_err tc_access_password_first(struct tc_access *x, struct tc_str login, struct tc_str password,
                                struct tc_login **out, char ticket[TC_TOKEN_SIZE])
{
    uint32_t half = 0;
    tc_err e = password_right(x, login, password, out, &half);
    if (e || !half)
        return e;
    *out = NULL;
    return tc_access_token_new(x, half, TC_TOKEN_SECOND, TC_STR("password was right"), TC_TIME_NONE,
                               ticket, NULL);
}

/* ---- tokens ---- */

static struct tc_token_rec *as_token(uint64_t word)
{
    return (struct tc_token_rec *)(uintptr_t)word; /* NOLINT(performance-no-int-to-ptr) */
}

static void hash_token(struct tc_str token, uint8_t out[TC_TOKEN_HASH])
{
    (void)crypto_generichash(out, TC_TOKEN_HASH, (const uint8_t *)token.p, token.n, NULL, 0);
}

static void make_secret(enum tc_token_use use, char out[TC_TOKEN_SIZE])
{
    uint8_t random[32];
    randombytes_buf(random, sizeof random);
    memcpy(out, "tc?_", 4);
    out[2] = "aso2"[use];
    (void)sodium_bin2base64(out + 4, TC_TOKEN_SIZE - 4, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

static struct tc_token_rec *token_rec(const struct tc_accessdb_token *t)
{
    struct tc_u32s only = t->scope.communities;
    struct tc_token_rec *r = calloc(1, sizeof *r + only.n * sizeof *r->only + t->label.n);
    if (!r)
        return NULL;
    memcpy(r->hash, t->hash, TC_TOKEN_HASH);
    r->person = t->person;
    r->use = t->use;
    r->added = t->added;
    r->expires = t->expires;
    r->since = t->since;
    char *label = (char *)(r->only + only.n);
    if (only.n)
        memcpy(r->only, only.v, only.n * sizeof *r->only);
    r->scope = (struct tc_token_scope){t->scope.roles, {r->only, only.n}};
    if (t->label.n)
        memcpy(label, t->label.p, t->label.n);
    r->label = tc_str_view(label, t->label.n);
    return r;
}

static struct tc_str token_key(const uint8_t *hash)
{
    return tc_str_view((const char *)hash, TC_TOKEN_HASH);
}

/* Under the write lock (or while loading). */
static tc_err token_put(struct tc_access *x, struct tc_token_rec *r)
{
    return tc_map_put(x->tokens, token_key(r->hash), (uint64_t)(uintptr_t)r);
}

static void token_remove(struct tc_access *x, struct tc_token_rec *r)
{
    struct tc_person_rec *p = tc_access_person_rec(x, r->person);
    (void)tc_map_remove(x->tokens, token_key(r->hash));
    if (r->live && p)
        p->tokens--;
    free(r);
}

tc_err tc_access_token_load(struct tc_access *x, const struct tc_accessdb_token *t)
{
    struct tc_person_rec *p = tc_access_person_rec(x, t->person);
    if (!p)
        return TC_E_CORRUPT;
    struct tc_token_rec *r = token_rec(t);
    if (!r)
        return TC_E_NOMEM;
    tc_err e = token_put(x, r);
    if (e) {
        free(r);
        return e;
    }
    r->live = true;
    p->tokens++;
    return TC_OK;
}

/* Under lock. */
static struct tc_token_rec *token_find(const struct tc_access *x, struct tc_str token, tc_time now)
{
    uint8_t hash[TC_TOKEN_HASH];
    uint64_t word;
    if (token.n < 40 || token.n >= TC_TOKEN_SIZE)
        return NULL;
    hash_token(token, hash);
    if (!tc_map_get(x->tokens, token_key(hash), &word))
        return NULL;
    struct tc_token_rec *r = as_token(word);
    return r->live && r->expires > now ? r : NULL;
}

void tc_access_tokens_forget(struct tc_access *x, uint32_t person, tc_time now)
{
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    while (tc_map_next(x->tokens, &at, &key, &word)) {
        struct tc_token_rec *r = as_token(word);
        if (r->live && (r->person == person || r->expires <= now)) {
            token_remove(x, r);
            at = at ? at - 1 : 0; /* removal moves a follower into the hole that we stand on */
        }
    }
}

tc_err tc_access_token(struct tc_access *x, struct tc_str token, struct tc_login **out)
{
    tc_time now = x->now();
    tc_err e = TC_E_AUTH;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_token_rec *r = token_find(x, token, now);
    if (r && (r->use == TC_TOKEN_API || r->use == TC_TOKEN_SESSION))
        e = login_scoped(x, r->person, r->expires, &r->scope, out);
    (void)pthread_rwlock_unlock(&x->lock);
    return e;
}

static tc_time default_expiry(enum tc_token_use use, tc_time now)
{
    static const int64_t seconds[] = {[TC_TOKEN_API] = INT64_C(365) * 86400,
                                      [TC_TOKEN_SESSION] = 43200,
                                      [TC_TOKEN_ONCE] = 3600,
                                      [TC_TOKEN_SECOND] = 300};
    return now + seconds[use] * TC_SECOND;
}

/* Under writing, in a transaction: what is over goes, at most every ten minutes. */
static tc_err sweep_store(struct tc_access *x, tc_time now, bool must, bool *swept)
{
    *swept = must || now - x->swept > 600 * TC_SECOND;
    return *swept ? tc_accessdb_tokens_expire(x->store, now) : TC_OK;
}

/* Under writing, in a transaction: the token's record, in the map but not live. */
static tc_err token_prepare(struct tc_access *x, const struct tc_accessdb_token *t,
                            struct tc_token_rec **out)
{
    struct tc_token_rec *r = token_rec(t);
    if (!r)
        return TC_E_NOMEM;
    (void)pthread_rwlock_wrlock(&x->lock);
    tc_err e = token_put(x, r);
    (void)pthread_rwlock_unlock(&x->lock);
    if (e) {
        free(r);
        return e;
    }
    *out = r;
    return tc_accessdb_token_add(x->store, t);
}

static void token_cancel(struct tc_access *x, struct tc_token_rec *r)
{
    if (!r)
        return;
    (void)pthread_rwlock_wrlock(&x->lock);
    token_remove(x, r);
    (void)pthread_rwlock_unlock(&x->lock);
}

/* Under the write lock. */
static void token_live(struct tc_access *x, struct tc_token_rec *r)
{
    r->live = true;
    tc_access_person_rec(x, r->person)->tokens++;
}

static uint32_t count_live(const struct tc_access *x, uint32_t person, tc_time now)
{
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    uint32_t n = 0;
    while (tc_map_next(x->tokens, &at, &key, &word))
        n += as_token(word)->person == person && as_token(word)->expires > now;
    return n;
}

static tc_err may_have_token(struct tc_access *x, uint32_t person, tc_time now, bool *must_sweep,
                             struct tc_diag *d)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    if (!p || !p->pub.active)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such person, or not an active one");
    *must_sweep = p->tokens >= TC_MAX_PERSON_TOKENS || tc_map_count(x->tokens) >= TC_MAX_TOKENS;
    if (p->tokens >= TC_MAX_PERSON_TOKENS && count_live(x, person, now) >= TC_MAX_PERSON_TOKENS)
        return tc_diag_set(d, TC_E_LIMIT, "this person has %d tokens already",
                           TC_MAX_PERSON_TOKENS);
    return TC_OK;
}

/* Under writing: a scope that would open nothing is a mistake of whoever asks. */
static tc_err scope_check(const struct tc_access *x, uint32_t person,
                          const struct tc_token_scope *scope, struct tc_diag *d)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    const struct tc_org_rec *o = p ? tc_access_org_rec(x, p->pub.org) : NULL;
    if (p && scope->roles & ~p->pub.roles)
        return tc_diag_set(d, TC_E_INVALID, "the person has not all of these roles");
    for (uint32_t i = 0; o && i < scope->communities.n; i++)
        if (!tc_access_member_of(o, scope->communities.v[i]) ||
            (i && scope->communities.v[i] <= scope->communities.v[i - 1]))
            return tc_diag_set(d, TC_E_INVALID,
                               "the person's organisation is not in all of these communities");
    return TC_OK;
}

tc_err tc_access_token_new(struct tc_access *x, uint32_t person, enum tc_token_use use,
                           struct tc_str label, tc_time expires, char out[TC_TOKEN_SIZE],
                           struct tc_diag *d)
{
    return tc_access_token_scoped(x, person, use, &(struct tc_token_scope){0, {NULL, 0}}, label,
                                  expires, out, d);
}

tc_err tc_access_token_scoped(struct tc_access *x, uint32_t person, enum tc_token_use use,
                              const struct tc_token_scope *scope, struct tc_str label,
                              tc_time expires, char out[TC_TOKEN_SIZE], struct tc_diag *d)
{
    char secret[TC_TOKEN_SIZE];
    uint8_t hash[TC_TOKEN_HASH];
    tc_time now = x->now();
    if (expires == TC_TIME_NONE)
        expires = default_expiry(use, now);
    tc_err e = tc_naming_text(label, 0, TC_MAX_NAME, "label", d);
    if (!e && expires <= now)
        e = tc_diag_set(d, TC_E_INVALID, "the token would be over already");
    if (!e && scope->communities.n > TC_MAX_TOKEN_COMMUNITIES)
        e = tc_diag_set(d, TC_E_LIMIT, "a token is for at most %d communities",
                        TC_MAX_TOKEN_COMMUNITIES);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    make_secret(use, secret);
    hash_token(tc_str_cstr(secret), hash);
    struct tc_accessdb_token t = {hash, person, use, label, now, expires, now, *scope};
    struct tc_token_rec *rec = NULL;
    bool swept = false;
    e = may_have_token(x, person, now, &swept, d);
    if (!e)
        e = scope_check(x, person, scope, d);
    if (!e)
        e = sweep_store(x, now, swept, &swept);
    if (!e)
        e = token_prepare(x, &t, &rec);
    e = tc_access_durable(x, e, d);
    if (e) {
        token_cancel(x, rec);
        tc_access_undone(x);
    } else {
        token_live(x, rec);
        if (swept) {
            tc_access_tokens_forget(x, 0, now);
            x->swept = now;
        }
        tc_access_seen(x);
        memcpy(out, secret, sizeof secret);
    }
    sodium_memzero(secret, sizeof secret);
    return e;
}

/* What a session is given for: a token of one use (may be empty with a proof), a code of the second
 * factor, an answer of a passkey. All that is there must be right, and is spent. */
struct shown {
    struct tc_str token;
    enum tc_token_use use;
    const struct tc_str *code;
    const struct tc_passkey_proof *proof;
};

/* Under writing, in a transaction. */
static tc_err spend_shown(struct tc_access *x, const struct shown *s, tc_time now,
                          struct tc_token_rec **spent, struct tc_code_spent *with, uint32_t *person)
{
    bool sweep;
    struct tc_token_rec *t = s->token.n ? token_find(x, s->token, now) : NULL;
    *person = t ? t->person : s->proof && !s->token.n ? s->proof->person : 0;
    const struct tc_person_rec *p = tc_access_person_rec(x, *person);
    if (!p || (t && t->use != s->use) || !p->pub.active ||
        (s->proof && s->proof->person != *person) || (s->code && !tc_access_code_try(x, *person)))
        return TC_E_AUTH;
    *spent = t;
    tc_err e = s->code ? tc_access_code_find(x, p, *s->code, with) : TC_OK;
    if (!e && s->proof)
        e = tc_access_proof_use(x, s->proof);
    if (!e && !t)
        e = may_have_token(x, *person, now, &sweep, NULL);
    return e || !t ? e : tc_accessdb_token_drop(x->store, t->hash);
}

static tc_err session_for(struct tc_access *x, const struct shown *s, char session[TC_TOKEN_SIZE])
{
    char secret[TC_TOKEN_SIZE];
    uint8_t hash[TC_TOKEN_HASH];
    struct tc_code_spent with = {.rec = NULL};
    tc_time now = x->now();
    uint32_t person = 0;
    tc_err e = tc_access_begin(x, NULL);
    if (e)
        return e;
    struct tc_token_rec *spent = NULL, *rec = NULL;
    e = spend_shown(x, s, now, &spent, &with, &person);
    if (!e) {
        make_secret(TC_TOKEN_SESSION, secret);
        hash_token(tc_str_cstr(secret), hash);
        struct tc_accessdb_token t = {hash,
                                      person,
                                      TC_TOKEN_SESSION,
                                      TC_STR("page"),
                                      now,
                                      default_expiry(TC_TOKEN_SESSION, now),
                                      now,
                                      {0, {NULL, 0}}};
        e = token_prepare(x, &t, &rec);
    }
    e = tc_access_durable(x, e, NULL);
    if (e) {
        token_cancel(x, rec);
        tc_access_undone(x);
    } else {
        token_live(x, rec);
        if (spent)
            token_remove(x, spent);
        if (with.rec)
            tc_access_code_spent(tc_access_person_rec(x, person), &with);
        if (s->proof)
            tc_access_proof_used(x, s->proof);
        tc_access_seen(x);
        if (s->code)
            tc_access_code_right(x, person);
        memcpy(session, secret, sizeof secret);
    }
    sodium_memzero(secret, sizeof secret);
    return e;
}

tc_err tc_access_once(struct tc_access *x, struct tc_str code, char session[TC_TOKEN_SIZE])
{
    return session_for(x, &(struct shown){code, TC_TOKEN_ONCE, NULL, NULL}, session);
}

tc_err tc_access_second(struct tc_access *x, struct tc_str ticket, struct tc_str code,
                        char session[TC_TOKEN_SIZE])
{
    return session_for(x, &(struct shown){ticket, TC_TOKEN_SECOND, &code, NULL}, session);
}

tc_err tc_access_session_by_passkey(struct tc_access *x, struct tc_str ticket,
                                    const struct tc_passkey_proof *proof,
                                    char session[TC_TOKEN_SIZE])
{
    return session_for(x, &(struct shown){ticket, TC_TOKEN_SECOND, NULL, proof}, session);
}

uint32_t tc_access_ticket_person(struct tc_access *x, struct tc_str ticket)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_token_rec *r = token_find(x, ticket, x->now());
    uint32_t person = r && r->use == TC_TOKEN_SECOND ? r->person : 0;
    (void)pthread_rwlock_unlock(&x->lock);
    return person;
}

/* ---- a session of the page gets a new secret now and then ---- */

static bool due(const struct tc_token_rec *r, tc_time now)
{
    return r && r->use == TC_TOKEN_SESSION && !r->replaced &&
           r->since + TC_SESSION_ROTATES * TC_SECOND <= now &&
           r->expires > now + TC_SESSION_GRACE * TC_SECOND;
}

tc_err tc_access_session_rotate(struct tc_access *x, struct tc_str token, char out[TC_TOKEN_SIZE])
{
    char secret[TC_TOKEN_SIZE];
    uint8_t hash[TC_TOKEN_HASH];
    tc_time now = x->now(), until = now + TC_SESSION_GRACE * TC_SECOND;
    (void)pthread_rwlock_rdlock(&x->lock);
    bool is = due(token_find(x, token, now), now);
    (void)pthread_rwlock_unlock(&x->lock);
    tc_err e = is ? tc_access_begin(x, NULL) : TC_E_NOTFOUND;
    if (e)
        return e;
    struct tc_token_rec *old = token_find(x, token, now), *rec = NULL;
    if (!due(old, now)) /* another request was sooner */
        e = TC_E_NOTFOUND;
    if (!e) {
        make_secret(TC_TOKEN_SESSION, secret);
        hash_token(tc_str_cstr(secret), hash);
        struct tc_accessdb_token t = {hash,       old->person, TC_TOKEN_SESSION,
                                      old->label, old->added,  old->expires,
                                      now,        old->scope};
        e = token_prepare(x, &t, &rec);
    }
    e = e ? e : tc_accessdb_token_until(x->store, old->hash, until);
    e = tc_access_durable(x, e, NULL);
    if (e) {
        token_cancel(x, rec);
        tc_access_undone(x);
    } else {
        token_live(x, rec);
        old->expires = until;
        old->replaced = true;
        memcpy(old->next, hash, sizeof old->next);
        rec->replaces = true;
        memcpy(rec->before, old->hash, sizeof rec->before);
        tc_access_seen(x);
        memcpy(out, secret, sizeof secret);
    }
    sodium_memzero(secret, sizeof secret);
    return e;
}

static struct tc_token_rec *beside(const struct tc_access *x, bool is, const uint8_t *hash)
{
    uint64_t word;
    return is && tc_map_get(x->tokens, token_key(hash), &word) ? as_token(word) : NULL;
}

/* Takes the change over from its begin; r NULL = NOTFOUND. A session ends with the secret that it
 * had before and the one that it has now, whichever is shown. */
static tc_err revoke(struct tc_access *x, struct tc_token_rec *r)
{
    struct tc_token_rec *v[3] = {r, r ? beside(x, r->replaced, r->next) : NULL,
                                 r ? beside(x, r->replaces, r->before) : NULL};
    tc_err e = r ? TC_OK : TC_E_NOTFOUND;
    for (size_t i = 0; !e && i < 3; i++)
        if (v[i])
            e = tc_accessdb_token_drop(x->store, v[i]->hash);
    e = tc_access_durable(x, e, NULL);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    struct tc_person_rec *p = tc_access_person_rec(x, r->person);
    p->changed = atomic_load(&x->epoch); /* logins that rest on the token are not fresh any more */
    for (size_t i = 0; i < 3; i++)
        if (v[i])
            token_remove(x, v[i]);
    tc_access_seen(x);
    return TC_OK;
}

tc_err tc_access_token_revoke(struct tc_access *x, struct tc_str token)
{
    tc_err e = tc_access_begin(x, NULL);
    return e ? e : revoke(x, token_find(x, token, x->now()));
}

static void token_id(const struct tc_token_rec *r, char out[17])
{
    (void)sodium_bin2hex(out, 17, r->hash, 8);
}

void tc_access_token_id(struct tc_str token, char out[17])
{
    uint8_t hash[TC_TOKEN_HASH];
    hash_token(token, hash);
    (void)sodium_bin2hex(out, 17, hash, 8);
}

tc_err tc_access_token_revoke_id(struct tc_access *x, struct tc_str id)
{
    tc_err e = tc_access_begin(x, NULL);
    if (e)
        return e;
    struct tc_token_rec *found = NULL;
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    char text[17];
    unsigned n = 0;
    while (tc_map_next(x->tokens, &at, &key, &word)) {
        token_id(as_token(word), text);
        if (tc_str_is(id, text)) {
            found = as_token(word);
            n++;
        }
    }
    return revoke(x, n == 1 ? found : NULL);
}

static int by_added(const void *a, const void *b)
{
    tc_time x = ((const struct tc_token_info *)a)->added;
    tc_time y = ((const struct tc_token_info *)b)->added;
    return x < y ? -1 : x > y;
}

static void token_copy(const struct tc_token_rec *r, struct tc_arena *a, struct tc_token_info *to)
{
    token_id(r, to->id);
    to->person = r->person;
    to->use = r->use;
    to->added = r->added;
    to->expires = r->expires;
    to->label = r->label.n ? tc_arena_dup(a, r->label) : TC_STR("");
    to->scope = (struct tc_token_scope){r->scope.roles, {NULL, 0}};
    uint32_t n = r->scope.communities.n, *only = tc_arena_zalloc(a, n + (size_t)1, sizeof *only);
    if (only && n) {
        memcpy(only, r->scope.communities.v, n * sizeof *only);
        to->scope.communities = (struct tc_u32s){only, n};
    }
}

tc_err tc_access_tokens(struct tc_access *x, uint32_t person, struct tc_arena *a,
                        struct tc_token_info **out, size_t *n)
{
    tc_time now = x->now();
    size_t at = 0, count = 0;
    struct tc_str key;
    uint64_t word;
    (void)pthread_rwlock_rdlock(&x->lock);
    struct tc_token_info *v = tc_arena_zalloc(a, tc_map_count(x->tokens) + 1, sizeof *v);
    while (v && tc_map_next(x->tokens, &at, &key, &word)) {
        const struct tc_token_rec *r = as_token(word);
        if (r->live && !r->replaced && r->expires > now && (!person || r->person == person))
            token_copy(r, a, &v[count++]);
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || tc_arena_err(a))
        return TC_E_NOMEM;
    qsort(v, count, sizeof *v, by_added);
    *out = v;
    *n = count;
    return TC_OK;
}
