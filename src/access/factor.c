/* SPDX-License-Identifier: Apache-2.0 */
#include "access/factor.h"

#include "access/state.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#define STEP_SECONDS 30
#define DRIFT        1
#define WAITS        (600 * TC_SECOND)
#define SEALED       (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + TC_TOTP_SECRET)

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* ---- codes ---- */

static void hmac_sha1(const uint8_t *key, size_t n, struct tc_str text, uint8_t out[20])
{
    uint8_t inner[64] = {0}, outer[64] = {0}, hash[20];
    memcpy(inner, key, n < sizeof inner ? n : sizeof inner);
    memcpy(outer, inner, sizeof outer);
    for (size_t i = 0; i < sizeof inner; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    const struct tc_str first[] = {tc_str_view((const char *)inner, sizeof inner), text};
    tc_sha1(first, 2, hash);
    const struct tc_str second[] = {tc_str_view((const char *)outer, sizeof outer),
                                    tc_str_view((const char *)hash, sizeof hash)};
    tc_sha1(second, 2, out);
    sodium_memzero(inner, sizeof inner);
    sodium_memzero(outer, sizeof outer);
}

uint32_t tc_totp(const uint8_t *secret, size_t n, uint64_t step)
{
    uint8_t mac[20];
    char counter[8];
    for (int i = 0; i < 8; i++)
        counter[i] = (char)(step >> (56 - 8 * i));
    hmac_sha1(secret, n, tc_str_view(counter, sizeof counter), mac);
    size_t at = mac[19] & 15;
    uint32_t word = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
                    (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    return word % 1000000;
}

/* The step of this code among those that count now and were not used; 0 = none. Every step is
 * compared, whatever was found. */
static int64_t step_of(const uint8_t secret[TC_TOTP_SECRET], struct tc_str code, tc_time now,
                       int64_t used)
{
    int64_t found = 0, middle = now / (STEP_SECONDS * TC_SECOND);
    for (int64_t s = middle - DRIFT; s <= middle + DRIFT; s++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%06u", tc_totp(secret, TC_TOTP_SECRET, (uint64_t)s));
        if (sodium_memcmp(text, code.p, 6) == 0 && s > used)
            found = s;
    }
    return found;
}

static bool is_totp(struct tc_str code)
{
    for (size_t i = 0; i < code.n; i++)
        if (code.p[i] < '0' || code.p[i] > '9')
            return false;
    return code.n == 6;
}

/* Without hyphens and blanks, in capitals. */
static void hash_recovery(uint32_t person, struct tc_str code, uint8_t out[TC_FACTOR_ID])
{
    crypto_generichash_state st;
    (void)crypto_generichash_init(&st, NULL, 0, TC_FACTOR_ID);
    (void)crypto_generichash_update(&st, (const uint8_t *)&person, sizeof person);
    for (size_t i = 0; i < code.n; i++) {
        uint8_t c = (uint8_t)(code.p[i] >= 'a' && code.p[i] <= 'z' ? code.p[i] - 32 : code.p[i]);
        if (c != '-' && c != ' ')
            (void)crypto_generichash_update(&st, &c, 1);
    }
    (void)crypto_generichash_final(&st, out, TC_FACTOR_ID);
}

static void make_recovery(char out[TC_RECOVERY_TEXT])
{
    uint8_t random[16];
    randombytes_buf(random, sizeof random);
    for (size_t i = 0, at = 0; i < sizeof random; i++) {
        if (i && i % 4 == 0)
            out[at++] = '-';
        out[at++] = (char)(base32[random[i] & 31] | 32);
    }
    out[TC_RECOVERY_TEXT - 1] = '\0';
    sodium_memzero(random, sizeof random);
}

/* ---- sealing ---- */

void tc_access_factor_key(struct tc_access *x, const uint8_t key[32])
{
    memcpy(x->factor_key, key, sizeof x->factor_key);
    x->has_factor_key = true;
}

static void seal(const struct tc_access *x, const uint8_t *secret, uint8_t out[SEALED])
{
    randombytes_buf(out, crypto_secretbox_NONCEBYTES);
    (void)crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, secret, TC_TOTP_SECRET, out,
                                x->factor_key);
}

static bool unseal(const struct tc_access *x, struct tc_str sealed, uint8_t out[TC_TOTP_SECRET])
{
    const uint8_t *p = (const uint8_t *)sealed.p;
    return x->has_factor_key && sealed.n == SEALED &&
           crypto_secretbox_open_easy(out, p + crypto_secretbox_NONCEBYTES,
                                      SEALED - crypto_secretbox_NONCEBYTES, p, x->factor_key) == 0;
}

/* ---- records ---- */

static struct tc_factor_rec *make_rec(const struct tc_accessdb_factor *f)
{
    struct tc_factor_rec *r = calloc(1, sizeof *r + f->secret.n);
    if (!r)
        return NULL;
    r->kind = f->kind;
    r->counter = f->counter;
    memcpy(r->id, f->id, sizeof r->id);
    if (f->secret.n)
        memcpy(r->bytes, f->secret.p, f->secret.n);
    r->secret = tc_str_view(r->bytes, f->secret.n);
    return r;
}

void tc_access_factors_free(struct tc_factor_rec *list)
{
    while (list) {
        struct tc_factor_rec *next = list->next;
        free(list);
        list = next;
    }
}

tc_err tc_access_factor_load(struct tc_access *x, const struct tc_accessdb_factor *f)
{
    struct tc_person_rec *p = tc_access_person_rec(x, f->person);
    struct tc_factor_rec *r = p ? make_rec(f) : NULL;
    if (!r)
        return p ? TC_E_NOMEM : TC_E_CORRUPT;
    r->next = p->factors;
    p->factors = r;
    return TC_OK;
}

void tc_access_factors(struct tc_access *x, uint32_t person, bool *totp, unsigned *recovery)
{
    *totp = false;
    *recovery = 0;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    for (const struct tc_factor_rec *f = p ? p->factors : NULL; f; f = f->next) {
        *totp = *totp || f->kind == TC_FACTOR_TOTP;
        *recovery += f->kind == TC_FACTOR_RECOVERY;
    }
    (void)pthread_rwlock_unlock(&x->lock);
}

/* ---- enrolling ---- */

tc_err tc_access_totp_start(struct tc_access *x, uint32_t person, char secret[TC_TOTP_TEXT],
                            struct tc_diag *d)
{
    uint8_t random[TC_TOTP_SECRET];
    if (!x->has_factor_key || x->read_only)
        return tc_diag_set(d, TC_E_USAGE, "second factors cannot be kept here");
    randombytes_buf(random, sizeof random);
    (void)pthread_rwlock_wrlock(&x->lock);
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    if (p) {
        memcpy(p->waiting, random, sizeof p->waiting);
        p->waits_until = x->monotonic() + WAITS;
    }
    (void)pthread_rwlock_unlock(&x->lock);
    for (size_t i = 0; i < 32; i++) { /* 32 times 5 bits */
        size_t bit = i * 5, at = bit / 8;
        unsigned pair = (unsigned)random[at] << 8 | (at + 1 < sizeof random ? random[at + 1] : 0u);
        secret[i] = base32[pair >> (11 - bit % 8) & 31];
    }
    secret[32] = '\0';
    sodium_memzero(random, sizeof random);
    return p ? TC_OK : tc_diag_set(d, TC_E_NOTFOUND, "there is no such person");
}

tc_err tc_access_factor_new(struct tc_access *x, const struct tc_accessdb_factor *row,
                            struct tc_factor_rec **list)
{
    struct tc_factor_rec *r = make_rec(row);
    if (!r)
        return TC_E_NOMEM;
    r->next = *list;
    *list = r;
    return tc_accessdb_factor_add(x->store, row);
}

tc_err tc_access_recovery_new(struct tc_access *x, uint32_t person, struct tc_recovery_codes *codes,
                              struct tc_factor_rec **list)
{
    tc_err e = TC_OK;
    for (int i = 0; !e && i < TC_RECOVERY_CODES; i++) {
        struct tc_accessdb_factor f = {.person = person, .kind = TC_FACTOR_RECOVERY};
        make_recovery(codes->code[i]);
        hash_recovery(person, tc_str_cstr(codes->code[i]), f.id);
        e = tc_access_factor_new(x, &f, list);
    }
    return e;
}

/* Under writing, in a transaction: rows and records of what is enrolled. */
static tc_err enrol(struct tc_access *x, uint32_t person, int64_t step, const uint8_t *secret,
                    struct tc_recovery_codes *codes, struct tc_factor_rec **list)
{
    uint8_t sealed[SEALED];
    struct tc_accessdb_factor f = {.person = person, .kind = TC_FACTOR_TOTP, .counter = step};
    tc_err e = tc_accessdb_codes_drop(x->store, person);
    seal(x, secret, sealed);
    f.secret = tc_str_view((const char *)sealed, sizeof sealed);
    e = e ? e : tc_access_factor_new(x, &f, list);
    return e ? e : tc_access_recovery_new(x, person, codes, list);
}

/* Under the write lock: codes in the place of those before; passkeys stay. */
static void put_codes(struct tc_person_rec *p, struct tc_factor_rec *list)
{
    while (p->factors) {
        struct tc_factor_rec *f = p->factors;
        p->factors = f->next;
        if (f->kind == TC_FACTOR_PASSKEY) {
            f->next = list;
            list = f;
        } else {
            free(f);
        }
    }
    p->factors = list;
}

tc_err tc_access_totp_confirm(struct tc_access *x, uint32_t person, struct tc_str code,
                              struct tc_recovery_codes *out, struct tc_diag *d)
{
    struct tc_factor_rec *list = NULL;
    struct tc_recovery_codes codes;
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    int64_t step = 0;
    if (!p || !x->has_factor_key || p->waits_until < x->monotonic())
        e = tc_diag_set(d, TC_E_NOTFOUND, "nothing waits to be confirmed: start again");
    else if (!is_totp(code) || !(step = step_of(p->waiting, code, x->now(), 0)))
        e = tc_diag_set(d, TC_E_INVALID,
                        "this code is not the one of now: is the clock of the device right?");
    if (!e)
        e = enrol(x, person, step, p->waiting, &codes, &list);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        tc_access_factors_free(list);
    } else {
        put_codes(p, list);
        p->waits_until = 0;
        sodium_memzero(p->waiting, sizeof p->waiting);
        p->changed = atomic_load(&x->epoch); /* a password alone was enough for some */
        tc_access_seen(x);
        *out = codes;
    }
    sodium_memzero(&codes, sizeof codes);
    return e;
}

tc_err tc_access_factors_drop(struct tc_access *x, uint32_t person, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    if (!p)
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such person");
    e = tc_access_durable(x, e ? e : tc_accessdb_factors_drop(x->store, person), d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    tc_access_factors_free(p->factors);
    p->factors = NULL;
    p->changed = atomic_load(&x->epoch);
    tc_access_seen(x);
    return TC_OK;
}

/* ---- signing in ---- */

tc_err tc_access_code_find(struct tc_access *x, const struct tc_person_rec *p, struct tc_str code,
                           struct tc_code_spent *out)
{
    uint8_t id[TC_FACTOR_ID], secret[TC_TOTP_SECRET];
    bool totp = is_totp(code);
    *out = (struct tc_code_spent){.rec = NULL};
    hash_recovery(p->pub.number, code, id);
    for (struct tc_factor_rec *f = p->factors; f; f = f->next) {
        if (totp && f->kind == TC_FACTOR_TOTP && unseal(x, f->secret, secret)) {
            int64_t step = step_of(secret, code, x->now(), f->counter);
            if (step)
                *out = (struct tc_code_spent){f, step};
        } else if (!totp && f->kind == TC_FACTOR_RECOVERY &&
                   sodium_memcmp(f->id, id, sizeof id) == 0) {
            *out = (struct tc_code_spent){f, 0};
        }
    }
    sodium_memzero(secret, sizeof secret);
    if (!out->rec)
        return TC_E_AUTH;
    return out->step ? tc_accessdb_factor_used(x->store, p->pub.number, out->rec->kind, out->step)
                     : tc_accessdb_recovery_spent(x->store, p->pub.number, out->rec->id);
}

void tc_access_code_spent(struct tc_person_rec *p, const struct tc_code_spent *s)
{
    if (s->step) {
        s->rec->counter = s->step;
        return;
    }
    for (struct tc_factor_rec **at = &p->factors; *at; at = &(*at)->next)
        if (*at == s->rec) {
            *at = s->rec->next;
            free(s->rec);
            return;
        }
}

bool tc_access_code_try(struct tc_access *x, uint32_t person)
{
    char name[32];
    (void)snprintf(name, sizeof name, "\x01second:%u", person); /* no login begins so */
    return tc_throttle_take(x->throttle, tc_str_cstr(name), x->monotonic());
}

void tc_access_code_right(struct tc_access *x, uint32_t person)
{
    char name[32];
    (void)snprintf(name, sizeof name, "\x01second:%u", person);
    tc_throttle_clear(x->throttle, tc_str_cstr(name));
}

tc_err tc_access_code(struct tc_access *x, uint32_t person, struct tc_str code)
{
    struct tc_code_spent spent;
    if (!tc_access_code_try(x, person))
        return TC_E_AUTH;
    tc_err e = tc_access_begin(x, NULL);
    if (e)
        return e;
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    e = p ? tc_access_code_find(x, p, code, &spent) : TC_E_AUTH;
    e = tc_access_durable(x, e, NULL);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    tc_access_code_spent(p, &spent);
    tc_access_seen(x);
    tc_access_code_right(x, person);
    return TC_OK;
}
