/* SPDX-License-Identifier: Apache-2.0 */
/* OpenID Connect Core 1.0, the side that relies on a provider: what its id token says, and whether
 * that counts (section 3.1.3.7). Times may be TC_OIDC_SKEW off. Pure: any thread. Views live in the
 * arena. What is refused has one word for the cause in d->path (iss, aud, nonce ...), which holds
 * nothing of what came. */
#ifndef TC_ACCESS_OIDC_H
#define TC_ACCESS_OIDC_H

#include "access/jws.h"
#include "base/time.h"

#define TC_OIDC_SKEW (120 * TC_SECOND)

struct tc_oidc_words {
    struct tc_str *v;
    size_t n;
};
bool tc_oidc_words_have(const struct tc_oidc_words *w, struct tc_str word);

/* What the token must be about. */
struct tc_oidc_expect {
    struct tc_str issuer, client_id, nonce;
    struct tc_str access_token, code; /* what at_hash and c_hash, where there, are of */
    unsigned algs;                    /* enum tc_jws_alg */
    tc_time began, now;               /* of this sign-in; the clock */
};

/* Who it is, at the provider. */
struct tc_oidc_claims {
    struct tc_str subject;
    struct tc_str email, username; /* empty = not said */
    bool email_verified;
    struct tc_str acr; /* how they signed in there, in the provider's words */
    struct tc_oidc_words amr;
};

/* AUTH: a claim is not as expected; SYNTAX: it is no set of claims. */
tc_err tc_oidc_claims_read(struct tc_str payload, enum tc_jws_alg alg,
                           const struct tc_oidc_expect *want, struct tc_arena *a,
                           struct tc_oidc_claims *out, struct tc_diag *d) TC_MUST_USE;

/* The whole: signature, then claims. Errors of both; NOTFOUND: its key is not in the set. */
tc_err tc_oidc_token(struct tc_str token, const struct tc_jwks *keys,
                     const struct tc_oidc_expect *want, struct tc_arena *a,
                     struct tc_oidc_claims *out, struct tc_diag *d) TC_MUST_USE;

/* What the provider tells of them beside the token (section 5.3.2): e-mail and name, where the
 * token has none, and only of the same subject (AUTH). */
tc_err tc_oidc_userinfo(struct tc_str text, struct tc_arena *a, struct tc_oidc_claims *io,
                        struct tc_diag *d) TC_MUST_USE;

#endif
