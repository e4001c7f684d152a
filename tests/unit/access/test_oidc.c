/* SPDX-License-Identifier: Apache-2.0 */
/* What an id token must say (OpenID Connect Core section 3.1.3.7, each rule once), and whole tokens
 * of each algorithm, signed here by GnuTLS. */
#include "access/oidc.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* appendix A.3 and A.4 of OpenID Connect Core */
#define ACCESS "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
#define CODE   "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"

struct fix {
    struct tc_arena *a;
    struct tc_diag d;
    struct tc_oidc_expect want;
    struct tc_oidc_claims claims;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->a = tc_arena_new(1 << 20);
    tc_diag_init(&f->d);
    f->want = (struct tc_oidc_expect){.issuer = TC_STR("https://server.example.com"),
                                      .client_id = TC_STR("s6BhdRkqt3"),
                                      .nonce = TC_STR("n-0S6_WzA2Mj"),
                                      .access_token = TC_STR(ACCESS),
                                      .code = TC_STR(CODE),
                                      .algs = TC_JWS_ALL,
                                      .began = 1311280960 * TC_SECOND,
                                      .now = 1311280980 * TC_SECOND};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_arena_free(f->a);
    free(f);
    return 0;
}

/* What every token of these tests says beside the row. */
static const struct member {
    const char *name, *value;
} usual[] = {
    {"iss", "\"https://server.example.com\""},
    {"sub", "\"248289761001\""},
    {"aud", "\"s6BhdRkqt3\""},
    {"nonce", "\"n-0S6_WzA2Mj\""},
    {"exp", "1311281970"},
    {"iat", "1311280970"},
};

/* The usual claims with one member more, another (value NULL: without it). */
static struct tc_str claims(struct fix *f, const char *name, const char *value)
{
    char text[2048];
    size_t n = 0;
    bool there = false;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        bool is = strcmp(usual[i].name, name) == 0;
        there = there || is;
        if (!is || value)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\":%s", n ? "," : "{",
                                  usual[i].name, is ? value : usual[i].value);
    }
    if (!there && value)
        n += (size_t)snprintf(text + n, sizeof text - n, ",\"%s\":%s", name, value);
    (void)snprintf(text + n, sizeof text - n, "}");
    return tc_str_cstr(tc_arena_cstr(f->a, tc_str_cstr(text)));
}

static const struct row {
    const char *name, *value; /* of a claim */
    const char *cause;        /* NULL = it counts */
} rows[] = {
    {"x", NULL, NULL},
    {"iss", NULL, "iss"},
    {"iss", "\"https://server.example.com/\"", "iss"},
    {"iss", "\"https://evil.example.com\"", "iss"},
    {"iss", "[\"https://server.example.com\"]", "iss"},
    {"aud", NULL, "aud"},
    {"aud", "\"another\"", "aud"},
    {"aud", "[]", "aud"},
    {"aud", "[\"s6BhdRkqt3\"]", NULL},
    {"aud", "[\"s6BhdRkqt3\",\"another\"]", "aud"},
    {"aud", "{\"a\":\"s6BhdRkqt3\"}", "aud"},
    {"azp", "\"s6BhdRkqt3\"", NULL},
    {"azp", "\"another\"", "azp"},
    {"azp", "null", "azp"},
    {"nonce", NULL, "nonce"},
    {"nonce", "\"n-0S6_WzA2M\"", "nonce"},
    {"nonce", "\"\"", "nonce"},
    {"nonce", "1", "nonce"},
    {"exp", NULL, "exp"},
    {"exp", "\"1311281970\"", "exp"},
    {"exp", "1311280860", "exp"}, /* the clock's 1311280980 less two minutes: over */
    {"exp", "1311280861", NULL},
    {"exp", "1311280861.5", NULL},
    {"exp", "-1", "exp"},
    {"exp", "1e300", "exp"},
    {"iat", NULL, "iat"},
    {"iat", "1311281100", NULL}, /* two minutes in the future */
    {"iat", "1311281101", "iat"},
    {"iat", "1311280840", NULL}, /* two minutes before it began */
    {"iat", "1311280839", "iat"},
    {"nbf", "1311280970", NULL},
    {"nbf", "1311281101", "nbf"},
    {"nbf", "\"no\"", "nbf"},
    {"at_hash", "\"77QmUPtjPfzWtF2AnpK9RQ\"", NULL},
    {"at_hash", "\"77QmUPtjPfzWtF2AnpK9RA\"", "at_hash"},
    {"at_hash", "\"\"", "at_hash"},
    {"at_hash", "7", "at_hash"},
    {"c_hash", "\"LDktKdoQak3Pk0cnXxCltA\"", NULL},
    {"c_hash", "\"LDktKdoQak3Pk0cnXxCltB\"", "c_hash"},
    {"sub", NULL, "sub"},
    {"sub", "\"\"", "sub"},
    {"sub", "\"a\\nb\"", "sub"},
    {"sub", "\"\\u00e9\"", "sub"},
    {"sub", "248289761001", "sub"},
    {"amr", "\"mfa\"", NULL},
    {"amr", "[\"pwd\",7,\"mfa\"]", NULL},
};

static void each_rule(void **state)
{
    struct fix *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        tc_diag_init(&f->d);
        tc_err e = tc_oidc_claims_read(claims(f, r->name, r->value), TC_JWS_RS256, &f->want, f->a,
                                       &f->claims, &f->d);
        if (r->cause ? (e != TC_E_AUTH || strcmp(f->d.path, r->cause) != 0) : e != TC_OK)
            fail_msg("%s %s: %s (%s)", r->name, r->value ? r->value : "absent", tc_err_name(e),
                     f->d.path);
    }
    f->want.nonce = TC_STR(""); /* nobody forgets to ask for one */
    assert_int_equal(tc_oidc_claims_read(claims(f, "nonce", "\"\""), TC_JWS_RS256, &f->want, f->a,
                                         &f->claims, &f->d),
                     TC_E_AUTH);
}

static void who_it_is(void **state)
{
    struct fix *f = *state;
    struct tc_str text = claims(f, "more",
                                "1,\"email\":\"duty@example.org\",\"email_verified\":true,"
                                "\"preferred_username\":\"duty\",\"acr\":\"high\","
                                "\"amr\":[\"pwd\",\"otp\"]");
    assert_int_equal(tc_oidc_claims_read(text, TC_JWS_RS256, &f->want, f->a, &f->claims, &f->d),
                     TC_OK);
    assert_true(tc_str_is(f->claims.subject, "248289761001"));
    assert_true(tc_str_is(f->claims.email, "duty@example.org"));
    assert_true(f->claims.email_verified);
    assert_true(tc_str_is(f->claims.username, "duty"));
    assert_true(tc_str_is(f->claims.acr, "high"));
    assert_int_equal(f->claims.amr.n, 2);
    assert_true(tc_oidc_words_have(&f->claims.amr, TC_STR("otp")));
    assert_false(tc_oidc_words_have(&f->claims.amr, TC_STR("mfa")));
    /* "true" as a text is not true */
    text = claims(f, "email", "\"duty@example.org\",\"email_verified\":\"true\"");
    assert_int_equal(tc_oidc_claims_read(text, TC_JWS_RS256, &f->want, f->a, &f->claims, &f->d),
                     TC_OK);
    assert_false(f->claims.email_verified);
}

static void user_information(void **state)
{
    struct fix *f = *state;
    struct tc_oidc_claims c = {.subject = TC_STR("7")};
    assert_int_equal(tc_oidc_userinfo(TC_STR("{\"sub\":\"8\",\"email\":\"a@b\"}"), f->a, &c, &f->d),
                     TC_E_AUTH);
    assert_int_equal(tc_oidc_userinfo(TC_STR("{\"email\":\"a@b\"}"), f->a, &c, &f->d), TC_E_AUTH);
    assert_int_equal(tc_oidc_userinfo(TC_STR("eyJh.."), f->a, &c, &f->d), TC_E_SYNTAX);
    assert_int_equal(c.email.n, 0);
    assert_int_equal(
        tc_oidc_userinfo(TC_STR("{\"sub\":\"7\",\"email\":\"a@b\",\"email_verified\":true,"
                                "\"preferred_username\":\"a\"}"),
                         f->a, &c, &f->d),
        TC_OK);
    assert_true(tc_str_is(c.email, "a@b") && c.email_verified && tc_str_is(c.username, "a"));
    /* what the token said stays */
    assert_int_equal(tc_oidc_userinfo(TC_STR("{\"sub\":\"7\",\"email\":\"x@y\"}"), f->a, &c, &f->d),
                     TC_OK);
    assert_true(tc_str_is(c.email, "a@b") && c.email_verified);
}

/* ---- whole tokens ---- */

static char *base64url(struct tc_arena *a, const void *p, size_t n)
{
    size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = tc_arena_alloc(a, size);
    return sodium_bin2base64(text, size, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static const struct kind {
    const char *name;
    gnutls_pk_algorithm_t pk;
    unsigned bits;
    gnutls_sign_algorithm_t sign;
    bool pairs; /* r and s */
} kinds[] = {
    {"RS256", GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_SHA256, false},
    {"PS256", GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, false},
    {"ES256", GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
     GNUTLS_SIGN_ECDSA_SHA256, true},
    {"EdDSA", GNUTLS_PK_EDDSA_ED25519, 256, GNUTLS_SIGN_EDDSA_ED25519, false},
};

static const char *key_set(struct fix *f, const struct kind *k, gnutls_privkey_t key)
{
    gnutls_datum_t a = {NULL, 0}, b = {NULL, 0};
    gnutls_ecc_curve_t curve;
    gnutls_pubkey_t pub;
    const char *set;
    assert_int_equal(gnutls_pubkey_init(&pub), 0);
    assert_int_equal(gnutls_pubkey_import_privkey(pub, key, 0, 0), 0);
    if (k->pk == GNUTLS_PK_RSA) {
        assert_int_equal(gnutls_pubkey_export_rsa_raw2(pub, &a, &b, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
        set = tc_arena_fmt(f->a,
                           "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"1\",\"n\":\"%s\",\"e\":\"%s\"}]}",
                           base64url(f->a, a.data, a.size), base64url(f->a, b.data, b.size));
    } else {
        assert_int_equal(
            gnutls_pubkey_export_ecc_raw2(pub, &curve, &a, &b, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
        uint8_t xy[64] = {0}; /* leading zeros belong to a coordinate */
        memcpy(xy + 32 - a.size, a.data, a.size);
        if (b.size)
            memcpy(xy + 64 - b.size, b.data, b.size);
        set = k->pairs ? tc_arena_fmt(f->a,
                                      "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\","
                                      "\"x\":\"%s\",\"y\":\"%s\"}]}",
                                      base64url(f->a, xy, 32), base64url(f->a, xy + 32, 32))
                       : tc_arena_fmt(f->a,
                                      "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                                      "\"kid\":\"1\",\"x\":\"%s\"}]}",
                                      base64url(f->a, xy, 32));
    }
    gnutls_free(a.data);
    gnutls_free(b.data);
    gnutls_pubkey_deinit(pub);
    return set;
}

static struct tc_str token_of(struct fix *f, const struct kind *k, gnutls_privkey_t key,
                              struct tc_str payload)
{
    const char *head =
        tc_arena_fmt(f->a, "{\"typ\":\"JWT\",\"alg\":\"%s\",\"kid\":\"1\"}", k->name);
    char *text = tc_arena_fmt(f->a, "%s.%s", base64url(f->a, head, strlen(head)),
                              base64url(f->a, payload.p, payload.n));
    gnutls_datum_t in = {(unsigned char *)text, (unsigned)strlen(text)}, sig, r, s;
    assert_int_equal(gnutls_privkey_sign_data2(key, k->sign, 0, &in, &sig), 0);
    uint8_t raw[512] = {0};
    size_t n = sig.size;
    if (k->pairs) {
        assert_int_equal(gnutls_decode_rs_value(&sig, &r, &s), 0);
        size_t rz = r.size > 32 ? r.size - 32 : 0, sz = s.size > 32 ? s.size - 32 : 0;
        memcpy(raw + 32 - (r.size - rz), r.data + rz, r.size - rz);
        memcpy(raw + 64 - (s.size - sz), s.data + sz, s.size - sz);
        n = 64;
        gnutls_free(r.data);
        gnutls_free(s.data);
    } else {
        memcpy(raw, sig.data, n);
    }
    gnutls_free(sig.data);
    return tc_str_cstr(tc_arena_fmt(f->a, "%s.%s", text, base64url(f->a, raw, n)));
}

static void whole_tokens(void **state)
{
    struct fix *f = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct kind *k = &kinds[i];
        gnutls_privkey_t key, other;
        struct tc_jwks keys, others;
        assert_int_equal(gnutls_privkey_init(&key), 0);
        assert_int_equal(gnutls_privkey_generate(key, k->pk, k->bits, 0), 0);
        assert_int_equal(gnutls_privkey_init(&other), 0);
        assert_int_equal(gnutls_privkey_generate(other, k->pk, k->bits, 0), 0);
        assert_int_equal(tc_jwks_read(tc_str_cstr(key_set(f, k, key)), f->a, &keys, &f->d), TC_OK);
        assert_int_equal(tc_jwks_read(tc_str_cstr(key_set(f, k, other)), f->a, &others, &f->d),
                         TC_OK);
        struct tc_str good = token_of(f, k, key, claims(f, "x", NULL));
        struct tc_str wrong = token_of(f, k, key, claims(f, "nonce", "\"another\""));
        assert_int_equal(tc_oidc_token(good, &keys, &f->want, f->a, &f->claims, &f->d), TC_OK);
        assert_true(tc_str_is(f->claims.subject, "248289761001"));
        assert_int_equal(tc_oidc_token(good, &others, &f->want, f->a, &f->claims, &f->d),
                         TC_E_AUTH);
        assert_string_equal(f->d.path, "signature");
        assert_int_equal(tc_oidc_token(wrong, &keys, &f->want, f->a, &f->claims, &f->d), TC_E_AUTH);
        assert_string_equal(f->d.path, "nonce");
        gnutls_privkey_deinit(key);
        gnutls_privkey_deinit(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_rule, setup, teardown),
        cmocka_unit_test_setup_teardown(who_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(user_information, setup, teardown),
        cmocka_unit_test_setup_teardown(whole_tokens, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
