/* SPDX-License-Identifier: Apache-2.0 */
#include "access/oidc.h"

#include "codec/json.h"

#include <sodium.h>

#define MAX_WORDS     16u  /* amr; audiences */
#define MAX_TEXT      320u /* an e-mail address, RFC 3696 erratum 1690 */
#define LATEST_SECOND 253402300799.0

static tc_err refuse(struct tc_diag *d, tc_err e, const char *cause, const char *text)
{
    if (d)
        tc_diag_path(d, cause, strlen(cause));
    return tc_diag_set(d, e, "%s", text);
}

bool tc_oidc_words_have(const struct tc_oidc_words *w, struct tc_str word)
{
    for (size_t i = 0; i < w->n; i++)
        if (tc_str_eq(w->v[i], word))
            return true;
    return false;
}

/* ---- audience ---- */

/* We alone: no other audience is trusted here, so none may stand beside us (3.1.3.7, 3 to 5). */
static tc_err audience(yyjson_val *claims, struct tc_str client, struct tc_diag *d)
{
    struct tc_str text;
    yyjson_val *aud = tc_json_get(claims, "aud"), *one = aud;
    if (yyjson_is_arr(aud))
        one = yyjson_arr_size(aud) == 1 ? yyjson_arr_get_first(aud) : NULL;
    if (!yyjson_is_str(one) || !tc_str_eq(tc_json_view(one), client))
        return refuse(d, TC_E_AUTH, "aud", "the token is not for this node alone");
    if (tc_json_get(claims, "azp") &&
        (!tc_json_str(claims, "azp", &text) || !tc_str_eq(text, client)))
        return refuse(d, TC_E_AUTH, "azp", "the token was made for another client");
    return TC_OK;
}

/* ---- times ---- */

/* NumericDate of RFC 7519: seconds, perhaps with a fraction. */
static bool date(yyjson_val *claims, const char *name, tc_time *out)
{
    double s;
    if (!tc_json_double(claims, name, &s) || !(s >= 0 && s <= LATEST_SECOND))
        return false;
    *out = (tc_time)(s * (double)TC_SECOND);
    return true;
}

static tc_err times(yyjson_val *claims, const struct tc_oidc_expect *w, struct tc_diag *d)
{
    tc_time t;
    if (!date(claims, "exp", &t) || w->now >= t + TC_OIDC_SKEW)
        return refuse(d, TC_E_AUTH, "exp", "the token is over, or does not say when it ends");
    if (!date(claims, "iat", &t) || t > w->now + TC_OIDC_SKEW || t < w->began - TC_OIDC_SKEW)
        return refuse(d, TC_E_AUTH, "iat",
                      "the token is not of now: is the clock right, here and at the provider?");
    if (tc_json_get(claims, "nbf") && (!date(claims, "nbf", &t) || t > w->now + TC_OIDC_SKEW))
        return refuse(d, TC_E_AUTH, "nbf", "the token is not good yet");
    return TC_OK;
}

/* ---- hashes ---- */

/* The left half of the hash that goes with the signature's algorithm (3.1.3.6); EdDSA with Ed25519
 * has SHA-512. */
static bool half_hash_is(struct tc_str text, enum tc_jws_alg alg, struct tc_str claim)
{
    uint8_t hash[64];
    char half[48];
    size_t n = alg == TC_JWS_EDDSA ? 32 : 16;
    const uint8_t *p = (const uint8_t *)(text.n ? text.p : "");
    if (alg == TC_JWS_EDDSA)
        (void)crypto_hash_sha512(hash, p, text.n);
    else
        (void)crypto_hash_sha256(hash, p, text.n);
    (void)sodium_bin2base64(half, sizeof half, hash, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return tc_str_is(claim, half);
}

static tc_err hashes(yyjson_val *claims, enum tc_jws_alg alg, const struct tc_oidc_expect *w,
                     struct tc_diag *d)
{
    struct tc_str text;
    if (tc_json_get(claims, "at_hash") &&
        (!tc_json_str(claims, "at_hash", &text) || !half_hash_is(w->access_token, alg, text)))
        return refuse(d, TC_E_AUTH, "at_hash", "the token came with another access token");
    if (tc_json_get(claims, "c_hash") &&
        (!tc_json_str(claims, "c_hash", &text) || !half_hash_is(w->code, alg, text)))
        return refuse(d, TC_E_AUTH, "c_hash", "the token is for another code");
    return TC_OK;
}

/* ---- who ---- */

static bool subject_ok(struct tc_str s)
{
    if (s.n == 0 || s.n > TC_MAX_SUBJECT)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

/* A text that may be absent; what is too long to be one is as good as absent. */
static struct tc_str said(yyjson_val *claims, const char *name, struct tc_arena *a)
{
    struct tc_str text;
    if (!tc_json_str(claims, name, &text) || !text.n || text.n > MAX_TEXT)
        return TC_STR("");
    return tc_arena_dup(a, text);
}

static struct tc_oidc_words words(yyjson_val *list, struct tc_arena *a)
{
    struct tc_oidc_words w = {NULL, 0};
    size_t i, max;
    yyjson_val *one;
    if (!yyjson_is_arr(list) || !(w.v = tc_arena_zalloc(a, MAX_WORDS, sizeof *w.v)))
        return w;
    yyjson_arr_foreach (list, i, max, one) {
        if (yyjson_is_str(one) && w.n < MAX_WORDS)
            w.v[w.n++] = tc_arena_dup(a, tc_json_view(one));
    }
    return w;
}

static void read_mail(yyjson_val *claims, struct tc_arena *a, struct tc_oidc_claims *out)
{
    out->email = said(claims, "email", a);
    out->email_verified = false;
    (void)tc_json_bool(claims, "email_verified", &out->email_verified);
}

tc_err tc_oidc_claims_read(struct tc_str payload, enum tc_jws_alg alg,
                           const struct tc_oidc_expect *want, struct tc_arena *a,
                           struct tc_oidc_claims *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str text;
    struct tc_oidc_claims c = {.subject = {"", 0}};
    tc_err e = tc_json_read(payload, TC_MAX_ID_TOKEN, 0, &j, NULL);
    if (e == TC_E_NOMEM)
        return e;
    if (e || !yyjson_is_obj(j.root)) {
        tc_json_fini(&j);
        return refuse(d, TC_E_SYNTAX, "token", "the token holds no claims");
    }
    if (!tc_json_str(j.root, "iss", &text) || !tc_str_eq(text, want->issuer))
        e = refuse(d, TC_E_AUTH, "iss", "the token is of another issuer");
    e = e ? e : audience(j.root, want->client_id, d);
    e = e ? e : times(j.root, want, d);
    if (!e &&
        (!want->nonce.n || !tc_json_str(j.root, "nonce", &text) || !tc_str_eq(text, want->nonce)))
        e = refuse(d, TC_E_AUTH, "nonce", "the token is not for this sign-in");
    e = e ? e : hashes(j.root, alg, want, d);
    if (!e && (!tc_json_str(j.root, "sub", &text) || !subject_ok(text)))
        e = refuse(d, TC_E_AUTH, "sub", "the token does not say who it is of");
    if (!e) {
        c.subject = tc_arena_dup(a, text);
        c.username = said(j.root, "preferred_username", a);
        c.acr = said(j.root, "acr", a);
        c.amr = words(tc_json_get(j.root, "amr"), a);
        read_mail(j.root, a, &c);
        e = tc_arena_err(a);
    }
    tc_json_fini(&j);
    if (!e)
        *out = c;
    return e;
}

tc_err tc_oidc_token(struct tc_str token, const struct tc_jwks *keys,
                     const struct tc_oidc_expect *want, struct tc_arena *a,
                     struct tc_oidc_claims *out, struct tc_diag *d)
{
    struct tc_jws jws;
    tc_err e = tc_jws_verify(token, keys, want->algs, a, &jws, d);
    return e ? e : tc_oidc_claims_read(jws.payload, jws.alg, want, a, out, d);
}

tc_err tc_oidc_userinfo(struct tc_str text, struct tc_arena *a, struct tc_oidc_claims *io,
                        struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str sub;
    tc_err e = tc_json_read(text, TC_MAX_OIDC_ANSWER, 0, &j, NULL);
    if (e)
        return e == TC_E_NOMEM ? e
                               : refuse(d, TC_E_SYNTAX, "userinfo",
                                        "the provider's user information is no JSON");
    if (!tc_json_str(j.root, "sub", &sub) || !tc_str_eq(sub, io->subject))
        e = refuse(d, TC_E_AUTH, "userinfo", "the user information is of somebody else");
    if (!e && !io->email.n)
        read_mail(j.root, a, io);
    if (!e && !io->username.n)
        io->username = said(j.root, "preferred_username", a);
    tc_json_fini(&j);
    return e ? e : tc_arena_err(a);
}
