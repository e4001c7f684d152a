/* SPDX-License-Identifier: Apache-2.0 */
#include "access/jws.h"

#include "codec/json.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <sodium.h>

#define MAX_HEADER 4096u
#define RSA_LEAST  256u /* bytes: 2048 bits */
#define RSA_MOST   1024u
#define MAX_NUMBER 2048u /* letters of one number in base64url */
#define EC_SIZE    32u

static tc_err refuse(struct tc_diag *d, tc_err e, const char *cause, const char *text)
{
    if (d)
        tc_diag_path(d, cause, strlen(cause));
    return tc_diag_set(d, e, "%s", text);
}

unsigned tc_jws_alg_of(struct tc_str name)
{
    static const struct {
        const char *name;
        enum tc_jws_alg alg;
    } ours[] = {{"RS256", TC_JWS_RS256},
                {"PS256", TC_JWS_PS256},
                {"ES256", TC_JWS_ES256},
                {"EdDSA", TC_JWS_EDDSA}};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (tc_str_is(name, ours[i].name))
            return ours[i].alg;
    return 0;
}

/* Strictly: no padding, no other letters, no bits left over. SYNTAX. */
static tc_err from_base64url(struct tc_arena *a, struct tc_str text, struct tc_str *out)
{
    size_t n = 0;
    char *p = tc_arena_alloc(a, text.n + 1);
    if (!p)
        return tc_arena_err(a);
    if (!text.n || sodium_base642bin((uint8_t *)p, text.n, text.p, text.n, NULL, &n, NULL,
                                     sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return TC_E_SYNTAX;
    *out = tc_str_view(p, n);
    return TC_OK;
}

/* ---- key sets ---- */

static tc_err number(yyjson_val *key, const char *name, struct tc_arena *a, struct tc_str *out)
{
    struct tc_str text;
    if (!tc_json_str(key, name, &text) || text.n > MAX_NUMBER)
        return TC_E_SYNTAX;
    return from_base64url(a, text, out);
}

/* Kind and numbers of a key; algs stays 0 when it is not of ours. */
static tc_err read_kind(yyjson_val *key, struct tc_arena *a, struct tc_jwk *out)
{
    struct tc_str kty, crv = {"", 0};
    if (!tc_json_str(key, "kty", &kty))
        return TC_E_SYNTAX;
    (void)tc_json_str(key, "crv", &crv);
    bool rsa = tc_str_is(kty, "RSA"), ec = tc_str_is(kty, "EC") && tc_str_is(crv, "P-256");
    bool ed = tc_str_is(kty, "OKP") && tc_str_is(crv, "Ed25519");
    if (!rsa && !ec && !ed)
        return TC_OK;
    tc_err e = number(key, rsa ? "n" : "x", a, &out->a);
    if (!e && !ed)
        e = number(key, rsa ? "e" : "y", a, &out->b);
    if (!e && (rsa ? out->b.n > 8 : out->a.n != EC_SIZE || (ec && out->b.n != EC_SIZE)))
        e = TC_E_SYNTAX;
    if (e)
        return e;
    if (!rsa)
        out->algs = ec ? TC_JWS_ES256 : TC_JWS_EDDSA;
    else if (out->a.p[0] && out->a.n >= RSA_LEAST && out->a.n <= RSA_MOST)
        out->algs = TC_JWS_RS256 | TC_JWS_PS256;
    return TC_OK;
}

static tc_err read_key(yyjson_val *key, struct tc_arena *a, struct tc_jwk *out)
{
    struct tc_str use, alg, kid;
    *out = (struct tc_jwk){.kid = {"", 0}};
    tc_err e = read_kind(key, a, out);
    if (e || !out->algs)
        return e;
    if (tc_json_str(key, "use", &use) && !tc_str_is(use, "sig"))
        out->algs = 0;
    if (tc_json_str(key, "alg", &alg))
        out->algs &= tc_jws_alg_of(alg);
    if (tc_json_str(key, "kid", &kid) && kid.n)
        out->kid = tc_arena_dup(a, kid);
    return TC_OK;
}

tc_err tc_jwks_read(struct tc_str text, struct tc_arena *a, struct tc_jwks *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(text, TC_MAX_OIDC_ANSWER, 0, &j, d);
    if (e)
        return e;
    yyjson_val *keys = tc_json_get(j.root, "keys"), *key;
    size_t n = 0, i, max;
    struct tc_jwk *v = NULL;
    if (!yyjson_is_arr(keys))
        e = refuse(d, TC_E_SYNTAX, "keys", "this is no set of keys");
    else if (yyjson_arr_size(keys) > TC_MAX_OIDC_KEYS)
        e = refuse(d, TC_E_LIMIT, "keys", "there are more keys than anybody needs");
    else if (!(v = tc_arena_zalloc(a, TC_MAX_OIDC_KEYS, sizeof *v)))
        e = TC_E_NOMEM;
    if (!e) {
        yyjson_arr_foreach (keys, i, max, key) {
            e = e ? e : read_key(key, a, &v[n]);
            n += !e && v[n].algs;
        }
        if (e == TC_E_SYNTAX)
            (void)refuse(d, e, "keys", "a key of the set is malformed");
    }
    tc_json_fini(&j);
    if (!e && tc_arena_err(a))
        e = tc_arena_err(a);
    if (!e)
        *out = (struct tc_jwks){v, n};
    return e;
}

/* ---- signatures ---- */

static gnutls_datum_t datum(struct tc_str s)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.p, (unsigned)s.n};
}

static int import(gnutls_pubkey_t pub, const struct tc_jwk *k, enum tc_jws_alg alg)
{
    gnutls_datum_t a = datum(k->a), b = datum(k->b);
    switch (alg) {
    case TC_JWS_RS256:
    case TC_JWS_PS256:
        return gnutls_pubkey_import_rsa_raw(pub, &a, &b);
    case TC_JWS_ES256:
        return gnutls_pubkey_import_ecc_raw(pub, GNUTLS_ECC_CURVE_SECP256R1, &a, &b);
    case TC_JWS_EDDSA:
        return gnutls_pubkey_import_ecc_raw(pub, GNUTLS_ECC_CURVE_ED25519, &a, NULL);
    }
    return GNUTLS_E_INVALID_REQUEST;
}

/* JWS has r and s side by side (RFC 7518 section 3.4), GnuTLS wants them as DER. */
static int verify_es256(gnutls_pubkey_t pub, const gnutls_datum_t *text, struct tc_str sig)
{
    gnutls_datum_t der = {NULL, 0}, r, s;
    if (sig.n != (size_t)2 * EC_SIZE)
        return GNUTLS_E_PK_SIG_VERIFY_FAILED;
    r = datum(tc_str_view(sig.p, EC_SIZE));
    s = datum(tc_str_view(sig.p + EC_SIZE, EC_SIZE));
    int rc = gnutls_encode_rs_value(&der, &r, &s);
    if (rc == 0)
        rc = gnutls_pubkey_verify_data2(pub, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0, text, &der);
    gnutls_free(der.data);
    return rc;
}

/* AUTH: it is not signed by this key. */
static tc_err signed_by(const struct tc_jwk *k, enum tc_jws_alg alg, struct tc_str text,
                        struct tc_str sig)
{
    static const gnutls_sign_algorithm_t how[] = {[TC_JWS_RS256] = GNUTLS_SIGN_RSA_SHA256,
                                                  [TC_JWS_PS256] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
                                                  [TC_JWS_EDDSA] = GNUTLS_SIGN_EDDSA_ED25519};
    gnutls_pubkey_t pub;
    gnutls_datum_t t = datum(text), s = datum(sig);
    if (gnutls_pubkey_init(&pub) != 0)
        return TC_E_NOMEM;
    int rc = import(pub, k, alg);
    if (rc == 0)
        rc = alg == TC_JWS_ES256 ? verify_es256(pub, &t, sig)
                                 : gnutls_pubkey_verify_data2(pub, how[alg], 0, &t, &s);
    gnutls_pubkey_deinit(pub);
    if (rc == GNUTLS_E_MEMORY_ERROR)
        return TC_E_NOMEM;
    return rc < 0 ? TC_E_AUTH : TC_OK;
}

/* ---- tokens ---- */

/* a.b.c; five parts are an encrypted one (RFC 7516). */
static bool three(struct tc_str token, struct tc_str part[3])
{
    size_t n = 0, from = 0;
    for (size_t i = 0; i <= token.n; i++)
        if (i == token.n || token.p[i] == '.') {
            if (n == 3)
                return false;
            part[n++] = tc_str_view(token.p + from, i - from);
            from = i + 1;
        }
    return n == 3;
}

/* What a header says of how the token is signed. A token of another kind (RFC 8725 section 3.11)
 * says so in typ. */
static tc_err header(yyjson_val *h, unsigned algs, unsigned *alg, struct tc_str *kid,
                     struct tc_diag *d)
{
    struct tc_str name, typ;
    *kid = TC_STR("");
    if (!tc_json_str(h, "alg", &name))
        return refuse(d, TC_E_SYNTAX, "alg", "the token does not say how it is signed");
    *alg = tc_jws_alg_of(name) & algs;
    if (!*alg) {
        (void)refuse(d, TC_E_UNSUPPORTED, "alg", "");
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "the token is signed with '%.*s', which is not one "
                           "of those that count here",
                           TC_FMT(name));
    }
    if (tc_json_get(h, "crit"))
        return refuse(d, TC_E_UNSUPPORTED, "crit",
                      "the token has critical extensions, which are not known here");
    if (tc_json_get(h, "typ") &&
        (!tc_json_str(h, "typ", &typ) || !tc_str_eq_nocase(typ, TC_STR("JWT"))))
        return refuse(d, TC_E_UNSUPPORTED, "typ", "the token is of another kind");
    if (tc_json_get(h, "kid") && !tc_json_str(h, "kid", kid))
        return refuse(d, TC_E_SYNTAX, "key", "the name of the token's key is no text");
    return TC_OK;
}

/* By name; a token that names none must leave no choice (OpenID Connect Core section 10.1). */
static const struct tc_jwk *choose(const struct tc_jwks *keys, unsigned alg, struct tc_str kid)
{
    const struct tc_jwk *found = NULL;
    for (size_t i = 0; i < keys->n; i++) {
        const struct tc_jwk *k = &keys->v[i];
        if (!(k->algs & alg) || (kid.n && !tc_str_eq(k->kid, kid)))
            continue;
        if (found && !kid.n)
            return NULL;
        if (!found)
            found = k;
    }
    return found;
}

/* Bytes of a part; SYNTAX goes into d. */
static tc_err bytes_of(struct tc_arena *a, struct tc_str part, struct tc_str *out,
                       struct tc_diag *d)
{
    tc_err e = from_base64url(a, part, out);
    return e == TC_E_SYNTAX ? refuse(d, e, "token", "this is no signed token") : e;
}

tc_err tc_jws_verify(struct tc_str token, const struct tc_jwks *keys, unsigned algs,
                     struct tc_arena *a, struct tc_jws *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str part[3], head, payload, sig, kid;
    unsigned alg = 0;
    if (token.n > TC_MAX_ID_TOKEN)
        return refuse(d, TC_E_LIMIT, "token", "the token is too long");
    if (!three(token, part) || part[0].n > MAX_HEADER)
        return refuse(d, TC_E_SYNTAX, "token", "this is no signed token");
    tc_err e = bytes_of(a, part[0], &head, d);
    e = e ? e : tc_json_read(head, MAX_HEADER, 0, &j, NULL);
    if (e)
        return e == TC_E_NOMEM ? e : refuse(d, TC_E_SYNTAX, "token", "this is no signed token");
    e = header(j.root, algs, &alg, &kid, d);
    const struct tc_jwk *key = e ? NULL : choose(keys, alg, kid);
    if (!e && !key)
        e = refuse(d, TC_E_NOTFOUND, "key", "the token is signed with a key that is not known");
    tc_json_fini(&j);
    e = e ? e : bytes_of(a, part[1], &payload, d);
    e = e ? e : bytes_of(a, part[2], &sig, d);
    if (e)
        return e;
    e = signed_by(key, (enum tc_jws_alg)alg, tc_str_view(token.p, part[0].n + 1 + part[1].n), sig);
    if (e == TC_E_AUTH)
        return refuse(d, e, "signature", "the token's signature is not right");
    if (!e)
        *out = (struct tc_jws){(enum tc_jws_alg)alg, payload};
    return e;
}
