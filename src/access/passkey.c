/* SPDX-License-Identifier: Apache-2.0 */
#include "access/passkey.h"

#include "access/naming.h"
#include "access/state.h"
#include "codec/json.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <stdio.h>
#include <stdlib.h>

#define GOOD_FOR        (120 * TC_SECOND)
#define MAX_CLIENT_DATA 4096u
#define MAX_CREDENTIAL  1023u

/* ---- challenges ---- */

/* number random | until | purpose | person | MAC over them and the key of this process */
struct tc_passkey_note {
    uint8_t number[12];
    uint8_t until[8], purpose, person[4];
    uint8_t mac[32];
};

static void note_mac(const struct tc_access *x, const struct tc_passkey_note *n, uint8_t out[32])
{
    (void)crypto_generichash(out, 32, (const uint8_t *)n, offsetof(struct tc_passkey_note, mac),
                             x->passkeys.key, sizeof x->passkeys.key);
}

void tc_access_passkey_challenge(struct tc_access *x, enum tc_passkey_purpose purpose,
                                 uint32_t person, char out[TC_PASSKEY_CHALLENGE])
{
    struct tc_passkey_note n = {.purpose = (uint8_t)purpose};
    int64_t until = x->monotonic() + GOOD_FOR;
    randombytes_buf(n.number, sizeof n.number);
    memcpy(n.until, &until, sizeof n.until);
    memcpy(n.person, &person, sizeof n.person);
    note_mac(x, &n, n.mac);
    (void)sodium_bin2base64(out, TC_PASSKEY_CHALLENGE, (const uint8_t *)&n, sizeof n,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool note_read(struct tc_access *x, const uint8_t *bytes, size_t size,
                      enum tc_passkey_purpose purpose, struct tc_passkey_note *n, uint32_t *person)
{
    uint8_t mac[32];
    int64_t until;
    if (size != sizeof *n)
        return false;
    memcpy(n, bytes, sizeof *n);
    note_mac(x, n, mac);
    memcpy(&until, n->until, sizeof until);
    memcpy(person, n->person, sizeof *person);
    return sodium_memcmp(mac, n->mac, sizeof mac) == 0 && n->purpose == purpose &&
           until > x->monotonic();
}

/* Under writing. A challenge whose answer was right is good no more; BUSY: so many people sign in
 * that one would have to be forgotten too soon. */
static tc_err note_spend(struct tc_access *x, const struct tc_passkey_note *n)
{
    struct tc_passkeys *k = &x->passkeys;
    int64_t now = x->monotonic();
    struct tc_passkey_spent *room = NULL;
    for (size_t i = 0; i < TC_MAX_PASSKEY_SPENT; i++) {
        if (k->spent[i].until <= now)
            room = &k->spent[i];
        else if (memcmp(k->spent[i].number, n->number, sizeof n->number) == 0)
            return TC_E_AUTH;
    }
    if (!room)
        return TC_E_BUSY;
    memcpy(room->number, n->number, sizeof room->number);
    memcpy(&room->until, n->until, sizeof room->until);
    return TC_OK;
}

tc_err tc_passkey_client_data(struct tc_str json, bool enrol, struct tc_str origin,
                              uint8_t challenge[TC_PASSKEY_CHALLENGE], size_t *n)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str type, from, text;
    bool cross = false;
    tc_err e = tc_json_read(json, MAX_CLIENT_DATA, 0, &j, NULL);
    if (e)
        return e;
    if (!tc_json_str(j.root, "type", &type) || !tc_json_str(j.root, "origin", &from) ||
        !tc_json_str(j.root, "challenge", &text) ||
        !tc_str_is(type, enrol ? "webauthn.create" : "webauthn.get") || !tc_str_eq(from, origin) ||
        (tc_json_bool(j.root, "crossOrigin", &cross) && cross) ||
        sodium_base642bin(challenge, TC_PASSKEY_CHALLENGE, text.p, text.n, NULL, n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        e = TC_E_AUTH;
    tc_json_fini(&j);
    return e;
}

static bool asked_here(struct tc_access *x, const struct tc_passkey_site *site,
                       const struct tc_passkey_answer *a, enum tc_passkey_purpose purpose,
                       struct tc_passkey_note *n, uint32_t *person)
{
    uint8_t challenge[TC_PASSKEY_CHALLENGE];
    size_t size = 0;
    return tc_passkey_client_data(a->client_data, purpose == TC_PASSKEY_ENROL, site->origin,
                                  challenge, &size) == TC_OK &&
           note_read(x, challenge, size, purpose, n, person);
}

/* ---- what is kept of one: in the secret of a factor's row ----
 *
 *   0 version = 1 | 1 algorithm: 0 ES256, 1 EdDSA, 2 RS256 | 2..33 SHA-256 of rp | 34..41 added |
 *   42 length of label | 43..44 length of credential id, big-endian | label | id | public key */

#define HEAD 45u

static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};

struct kept {
    unsigned algorithm;
    const uint8_t *rp;
    tc_time added;
    struct tc_str label, credential, key;
};

static bool kept_read(struct tc_str s, struct kept *out)
{
    const uint8_t *p = (const uint8_t *)s.p;
    if (s.n < HEAD || p[0] != 1 || p[1] >= sizeof algorithms / sizeof algorithms[0])
        return false;
    size_t label = p[42], id = (size_t)p[43] << 8 | p[44];
    if (s.n < HEAD + label + id)
        return false;
    *out = (struct kept){.algorithm = p[1],
                         .rp = p + 2,
                         .label = tc_str_view(s.p + HEAD, label),
                         .credential = tc_str_view(s.p + HEAD + label, id),
                         .key = tc_str_view(s.p + HEAD + label + id, s.n - HEAD - label - id)};
    memcpy(&out->added, p + 34, sizeof out->added);
    return true;
}

static void kept_write(const struct kept *k, struct tc_buf *b)
{
    const char head[2] = {1, (char)k->algorithm};
    tc_buf_add(b, head, sizeof head);
    tc_buf_add(b, k->rp, 32);
    tc_buf_add(b, &k->added, sizeof k->added);
    tc_buf_char(b, (char)k->label.n);
    tc_buf_char(b, (char)(k->credential.n >> 8));
    tc_buf_char(b, (char)(k->credential.n & 255));
    tc_buf_str(b, k->label);
    tc_buf_str(b, k->credential);
    tc_buf_str(b, k->key);
}

static void sha256(struct tc_str s, uint8_t out[32])
{
    (void)crypto_hash_sha256(out, (const uint8_t *)s.p, s.n);
}

static struct tc_factor_rec *passkey_of(const struct tc_person_rec *p, const uint8_t id[32])
{
    for (struct tc_factor_rec *f = p ? p->factors : NULL; f; f = f->next)
        if (f->kind == TC_FACTOR_PASSKEY && memcmp(f->id, id, 32) == 0)
            return f;
    return NULL;
}

/* ---- enrolling ---- */

/* libfido2 reads the key only when it is told its algorithm, so each is tried. */
static fido_cred_t *read_new(struct tc_str data, unsigned *algorithm)
{
    for (unsigned i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        fido_cred_t *c = fido_cred_new();
        if (c && fido_cred_set_type(c, algorithms[i]) == FIDO_OK &&
            fido_cred_set_authdata_raw(c, (const uint8_t *)data.p, data.n) == FIDO_OK &&
            fido_cred_id_len(c) > 0 && fido_cred_id_len(c) <= MAX_CREDENTIAL &&
            fido_cred_pubkey_len(c) > 0) {
            *algorithm = i;
            return c;
        }
        fido_cred_free(&c);
    }
    return NULL;
}

/* rp: the hash that the device's data begins with, which must be of this site. */
static tc_err describe(const struct tc_passkey_site *site, const struct tc_passkey_answer *a,
                       struct tc_str label, tc_time now, struct tc_buf *row, uint8_t id[32])
{
    uint8_t rp[32];
    struct kept k = {.rp = rp, .added = now, .label = label};
    sha256(site->rp, rp);
    if (a->authenticator_data.n < 37 || memcmp(a->authenticator_data.p, rp, sizeof rp) != 0)
        return TC_E_AUTH;
    fido_cred_t *c = read_new(a->authenticator_data, &k.algorithm);
    if (!c)
        return TC_E_AUTH;
    tc_err e = TC_E_AUTH;
    if (fido_cred_flags(c) & 1) { /* somebody was there */
        k.credential = tc_str_view((const char *)fido_cred_id_ptr(c), fido_cred_id_len(c));
        k.key = tc_str_view((const char *)fido_cred_pubkey_ptr(c), fido_cred_pubkey_len(c));
        sha256(k.credential, id);
        kept_write(&k, row);
        e = row->err;
    }
    fido_cred_free(&c);
    return e;
}

static unsigned count_passkeys(const struct tc_person_rec *p)
{
    unsigned n = 0;
    for (const struct tc_factor_rec *f = p->factors; f; f = f->next)
        n += f->kind == TC_FACTOR_PASSKEY;
    return n;
}

static tc_err add_checked(struct tc_access *x, uint32_t person,
                          const struct tc_accessdb_factor *row, const struct tc_passkey_note *n,
                          struct tc_recovery_codes *codes, struct tc_factor_rec **list,
                          struct tc_diag *d)
{
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    if (!p || !p->pub.active)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such person, or not an active one");
    if (passkey_of(p, row->id))
        return tc_diag_set(d, TC_E_CONFLICT, "this passkey is enrolled already");
    if (count_passkeys(p) >= TC_MAX_PERSON_PASSKEYS)
        return tc_diag_set(d, TC_E_LIMIT, "there are %d passkeys already", TC_MAX_PERSON_PASSKEYS);
    tc_err e = note_spend(x, n);
    e = e ? e : tc_access_factor_new(x, row, list);
    return e || p->factors ? e : tc_access_recovery_new(x, person, codes, list);
}

tc_err tc_access_passkey_add(struct tc_access *x, uint32_t person,
                             const struct tc_passkey_site *site,
                             const struct tc_passkey_answer *answer, struct tc_str label,
                             struct tc_recovery_codes *codes, bool *with_codes, struct tc_diag *d)
{
    struct tc_accessdb_factor row = {.person = person, .kind = TC_FACTOR_PASSKEY};
    struct tc_factor_rec *list = NULL;
    struct tc_recovery_codes made;
    struct tc_passkey_note n;
    struct tc_buf b;
    uint32_t whose = 0;
    tc_err e = tc_naming_text(label, 1, TC_MAX_NAME, "label", d);
    if (e)
        return e;
    tc_buf_init(&b, 4096);
    if (!asked_here(x, site, answer, TC_PASSKEY_ENROL, &n, &whose) || whose != person ||
        describe(site, answer, label, x->now(), &b, row.id))
        e = tc_diag_set(d, TC_E_INVALID,
                        "this is no answer to what was asked, or it took too long: start again");
    row.secret = tc_buf_view(&b);
    e = e ? e : tc_access_begin(x, d);
    if (e) {
        tc_buf_fini(&b);
        return e;
    }
    e = add_checked(x, person, &row, &n, &made, &list, d);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_factors_free(list);
        tc_access_undone(x);
    } else {
        struct tc_person_rec *p = tc_access_person_rec(x, person);
        struct tc_factor_rec **end = &list;
        while (*end)
            end = &(*end)->next;
        *with_codes = !p->factors;
        *end = p->factors;
        p->factors = list;
        if (*with_codes) {
            p->changed = atomic_load(&x->epoch); /* a password alone was enough */
            *codes = made;
        }
        tc_access_seen(x);
    }
    sodium_memzero(&made, sizeof made);
    tc_buf_fini(&b);
    return e;
}

/* Under the write lock. */
static void forget(struct tc_person_rec *p, const struct tc_factor_rec *gone, bool all)
{
    if (all) {
        tc_access_factors_free(p->factors);
        p->factors = NULL;
        return;
    }
    for (struct tc_factor_rec **at = &p->factors; *at; at = &(*at)->next)
        if (*at == gone) {
            struct tc_factor_rec *f = *at;
            *at = f->next;
            free(f);
            return;
        }
}

tc_err tc_access_passkey_drop(struct tc_access *x, uint32_t person, struct tc_str id,
                              struct tc_diag *d)
{
    uint8_t bytes[32];
    size_t n = 0;
    bool others = false;
    bool hex = id.n == 64 && sodium_hex2bin(bytes, sizeof bytes, id.p, id.n, NULL, &n, NULL) == 0 &&
               n == 32;
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_person_rec *p = tc_access_person_rec(x, person);
    struct tc_factor_rec *gone = hex ? passkey_of(p, bytes) : NULL;
    for (struct tc_factor_rec *f = p ? p->factors : NULL; f; f = f->next)
        others = others || (f != gone && f->kind != TC_FACTOR_RECOVERY);
    if (!gone)
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such passkey of yours");
    else if (others)
        e = tc_accessdb_factor_drop(x->store, person, gone->kind, gone->id);
    else
        e = tc_accessdb_factors_drop(x->store, person);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    forget(p, gone, !others);
    p->changed = atomic_load(&x->epoch);
    tc_access_seen(x);
    return TC_OK;
}

/* ---- looking ---- */

tc_err tc_access_passkeys(struct tc_access *x, uint32_t person, struct tc_arena *a,
                          struct tc_passkey_info **out, size_t *n)
{
    size_t count = 0;
    struct tc_passkey_info *v = tc_arena_zalloc(a, TC_MAX_PERSON_PASSKEYS, sizeof *v);
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    for (const struct tc_factor_rec *f = p ? p->factors : NULL; v && f; f = f->next) {
        struct kept k;
        if (f->kind != TC_FACTOR_PASSKEY || count == TC_MAX_PERSON_PASSKEYS ||
            !kept_read(f->secret, &k))
            continue;
        size_t at = count++;
        for (; at && v[at - 1].added > k.added; at--)
            v[at] = v[at - 1];
        (void)sodium_bin2hex(v[at].id, sizeof v[at].id, f->id, sizeof f->id);
        v[at].credential = tc_arena_dup(a, k.credential);
        v[at].label = tc_arena_dup(a, k.label);
        v[at].added = k.added;
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || tc_arena_err(a))
        return TC_E_NOMEM;
    *out = v;
    *n = count;
    return TC_OK;
}

/* ---- signing in ---- */

/* The device's name for the person -> the person; 0 = nobody. */
static uint32_t person_of(struct tc_access *x, struct tc_str user)
{
    struct tc_uuid u;
    char text[TC_UUID_TEXT], identity[64];
    if (user.n != sizeof u.b)
        return 0;
    memcpy(u.b, user.p, sizeof u.b);
    tc_uuid_format(&u, text);
    (void)snprintf(identity, sizeof identity, "identity--%s", text);
    (void)pthread_rwlock_rdlock(&x->lock);
    uint32_t n = tc_access_find(x, KEY_PERSON_IDENTITY, tc_str_cstr(identity), &x->people);
    (void)pthread_rwlock_unlock(&x->lock);
    return n;
}

static int verify_with(fido_assert_t *s, const struct kept *k)
{
    int rc = FIDO_ERR_INVALID_ARGUMENT;
    es256_pk_t *es = NULL;
    eddsa_pk_t *ed = NULL;
    rs256_pk_t *rs = NULL;
    const void *key = NULL;
    if (k->algorithm == 0 && (es = es256_pk_new()) != NULL)
        key = es256_pk_from_ptr(es, k->key.p, k->key.n) == FIDO_OK ? es : NULL;
    else if (k->algorithm == 1 && (ed = eddsa_pk_new()) != NULL)
        key = eddsa_pk_from_ptr(ed, k->key.p, k->key.n) == FIDO_OK ? ed : NULL;
    else if (k->algorithm == 2 && (rs = rs256_pk_new()) != NULL)
        key = rs256_pk_from_ptr(rs, k->key.p, k->key.n) == FIDO_OK ? rs : NULL;
    if (key)
        rc = fido_assert_verify(s, 0, algorithms[k->algorithm], key);
    es256_pk_free(&es);
    eddsa_pk_free(&ed);
    rs256_pk_free(&rs);
    return rc;
}

/* Signature, site, presence; with verified also who holds the device. */
static bool signed_by(const struct kept *k, const struct tc_passkey_site *site,
                      const struct tc_passkey_answer *a, bool verified, int64_t *counter)
{
    uint8_t hash[32], rp[32];
    char name[256];
    sha256(a->client_data, hash);
    sha256(site->rp, rp);
    fido_assert_t *s = fido_assert_new();
    bool good =
        s && memcmp(rp, k->rp, sizeof rp) == 0 && tc_str_copy(site->rp, name, sizeof name) &&
        fido_assert_set_clientdata_hash(s, hash, sizeof hash) == FIDO_OK &&
        fido_assert_set_rp(s, name) == FIDO_OK && fido_assert_set_count(s, 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(s, 0, (const uint8_t *)a->authenticator_data.p,
                                     a->authenticator_data.n) == FIDO_OK &&
        fido_assert_set_sig(s, 0, (const uint8_t *)a->signature.p, a->signature.n) == FIDO_OK &&
        fido_assert_set_up(s, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(s, verified ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK &&
        verify_with(s, k) == FIDO_OK;
    if (good)
        *counter = fido_assert_sigcount(s, 0);
    fido_assert_free(&s);
    return good;
}

/* The row's copy of this credential, in the buffer. */
static bool find_kept(struct tc_access *x, uint32_t person, const uint8_t id[32], struct tc_buf *b)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_factor_rec *f = passkey_of(tc_access_person_rec(x, person), id);
    if (f)
        tc_buf_str(b, f->secret);
    (void)pthread_rwlock_unlock(&x->lock);
    return f && !b->err;
}

tc_err tc_access_passkey_sign_in(struct tc_access *x, const struct tc_passkey_site *site,
                                 const struct tc_passkey_answer *answer, struct tc_str ticket,
                                 char session[TC_TOKEN_SIZE])
{
    struct tc_passkey_proof proof = {.person = 0};
    struct tc_passkey_note n;
    struct tc_buf b;
    struct kept k;
    uint32_t whose = 0;
    proof.person = ticket.n ? tc_access_ticket_person(x, ticket) : person_of(x, answer->user);
    sha256(answer->id, proof.id);
    tc_buf_init(&b, 4096);
    bool good = proof.person && asked_here(x, site, answer, TC_PASSKEY_SIGN_IN, &n, &whose) &&
                (!whose || whose == proof.person) && find_kept(x, proof.person, proof.id, &b) &&
                kept_read(tc_buf_view(&b), &k) &&
                signed_by(&k, site, answer, !ticket.n, &proof.counter);
    tc_buf_fini(&b);
    if (!good)
        return TC_E_AUTH;
    proof.spend = note_spend;
    proof.note = &n;
    return tc_access_session_by_passkey(x, ticket, &proof, session);
}

/* Under writing, in a transaction: still enrolled, and not a copy of a device that went on. */
tc_err tc_access_proof_use(struct tc_access *x, const struct tc_passkey_proof *proof)
{
    const struct tc_factor_rec *f = passkey_of(tc_access_person_rec(x, proof->person), proof->id);
    if (!f || (proof->counter <= f->counter && (proof->counter || f->counter)))
        return TC_E_AUTH;
    tc_err e = proof->spend(x, proof->note);
    return e ? e : tc_accessdb_passkey_used(x->store, proof->person, proof->id, proof->counter);
}

/* Under the write lock. */
void tc_access_proof_used(struct tc_access *x, const struct tc_passkey_proof *proof)
{
    struct tc_factor_rec *f = passkey_of(tc_access_person_rec(x, proof->person), proof->id);
    if (f)
        f->counter = proof->counter;
}
