/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what comes from a provider: a signed token (the first line) under a set of keys (the
 * rest), claims, what it says of itself, what it answers; and as oidc.json. Refused with one word
 * for the cause, or within bounds and, for a token, unlike with any other signature. */
#include "target.h"

#include "access/provider.h"
#include "base/limits.h"

#include <string.h>

static const struct tc_oidc_expect want = {.issuer = {"https://l", 9},
                                           .client_id = {"c", 1},
                                           .nonce = {"n", 1},
                                           .access_token = {"a", 1},
                                           .code = {"b", 1},
                                           .algs = TC_JWS_ALL,
                                           .began = 1311280960 * TC_SECOND,
                                           .now = 1311280980 * TC_SECOND};

static void token(struct tc_str in, struct tc_arena *a)
{
    struct tc_jwks keys = {NULL, 0};
    struct tc_jws jws;
    struct tc_diag d;
    tc_diag_init(&d);
    const char *end = in.n ? memchr(in.p, '\n', in.n) : NULL;
    size_t n = end ? (size_t)(end - in.p) : in.n;
    struct tc_str text = tc_str_view(in.p, n);
    struct tc_str set = end ? tc_str_view(end + 1, in.n - n - 1) : in;
    if (fuzz_err(tc_jwks_read(set, a, &keys, &d)) == TC_OK)
        HOLDS(keys.n <= TC_MAX_OIDC_KEYS);
    else
        HOLDS(d.message[0]);
    fuzz_tell(&keys.n, sizeof keys.n);
    tc_diag_init(&d);
    (void)fuzz_err(tc_jws_verify(text, &(struct tc_jwks){NULL, 0}, TC_JWS_ALL, a, &jws, &d));
    fuzz_hold(); /* the numbers of GMP end the program when there is no memory */
    tc_diag_init(&d);
    if (fuzz_err(tc_jws_verify(text, &keys, TC_JWS_ALL, a, &jws, &d))) {
        HOLDS(d.path[0] && d.message[0]);
        fuzz_go_on();
        return;
    }
    fuzz_tell(jws.payload.p, jws.payload.n);
    /* the last whole byte of the signature counts */
    char *other = tc_arena_cstr(a, text);
    if (other) {
        other[text.n - 3] = other[text.n - 3] == 'A' ? 'B' : 'A';
        HOLDS(tc_jws_verify(tc_str_view(other, text.n), &keys, TC_JWS_ALL, a, &jws, &d) != TC_OK);
    }
    fuzz_go_on();
}

static void claims(struct tc_str in, struct tc_arena *a)
{
    struct tc_oidc_claims c;
    struct tc_diag d;
    tc_diag_init(&d);
    if (fuzz_err(tc_oidc_claims_read(in, TC_JWS_ES256, &want, a, &c, &d)))
        HOLDS(d.path[0] && d.message[0]);
    else
        HOLDS(c.subject.n > 0 && c.subject.n <= TC_MAX_SUBJECT && c.amr.n <= 16 &&
              tc_str_find(in, TC_STR("nonce")) != SIZE_MAX);
    struct tc_oidc_claims io = {.subject = {"s", 1}};
    if (fuzz_err(tc_oidc_userinfo(in, a, &io, &d)) == TC_OK)
        HOLDS(tc_str_utf8(io.email) && tc_str_utf8(io.username));
}

static void provider(struct tc_str in, struct tc_arena *a)
{
    struct tc_provider p;
    struct tc_endpoints e;
    struct tc_traded t;
    struct tc_diag d;
    tc_diag_init(&d);
    if (fuzz_err(tc_provider_parse(in, a, &p, &d)))
        HOLDS(d.message[0] != 0);
    else
        HOLDS(p.issuer.n && p.client_id.n && p.algs && p.n_origins &&
              strncmp(p.origins[0], "http", 4) == 0);
    if (fuzz_err(
            tc_provider_parse(TC_STR("{\"issuer\":\"https://l\",\"client_id\":\"c\"}"), a, &p, &d)))
        return;
    if (fuzz_err(tc_endpoints_parse(in, &p, a, &e, &d)) == TC_OK) {
        struct tc_buf b;
        tc_buf_init(&b, 1 << 16);
        tc_provider_go(&p, &e, "https://n", "s", "n", "c", &b);
        if (!fuzz_err(b.err))
            HOLDS(b.n && !memchr(b.p, '\n', b.n) && !memchr(b.p, '#', b.n));
        tc_buf_fini(&b);
    }
    if (fuzz_err(tc_traded_parse(in, a, &t, &d)) == TC_OK)
        HOLDS(t.id_token.n && t.access_token.n);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str in = tc_str_view((const char *)data, size);
    struct tc_arena *a = tc_arena_new(4u << 20);
    if (!fuzz_have(a != NULL))
        return 0;
    token(in, a);
    claims(in, a);
    provider(in, a);
    tc_arena_free(a);
    return 0;
}
