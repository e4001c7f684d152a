/* SPDX-License-Identifier: Apache-2.0 */
/* The provider that people may sign in with: what DIR/oidc.json says of it, what it says of itself
 * (OpenID Connect Discovery 1.0), and the texts of the two requests (authorisation code flow,
 * RFC 6749 section 4.1, with PKCE, RFC 7636). Who a token's bearer is here is asked of link.h. All
 * but the loading is pure. Views live in the arena.
 *
 *   {"issuer": "https://login.example.org", "client_id": "tocsin", "client_secret": "...",
 *    "label": "Sign in with the ministry", "scopes": "openid", "ca_file": "/etc/...",
 *    "person_by": "link" | "verified_email" | "preferred_username",
 *    "accept_as_second_factor": {"acr": ["..."], "amr": ["mfa"]},
 *    "algorithms": ["RS256"], "origins": ["https://keys.example.org"]}
 *
 * Only issuer and client_id must be there; a member that is not known is an error. */
#ifndef TC_ACCESS_PROVIDER_H
#define TC_ACCESS_PROVIDER_H

#include "access/oidc.h"

enum tc_provider_by {
    TC_PROVIDER_LINK,  /* issuer and subject were linked to a person by an administrator */
    TC_PROVIDER_EMAIL, /* or the login is the e-mail address, which the provider has verified */
    TC_PROVIDER_NAME   /* or the login is preferred_username */
};

struct tc_provider {
    struct tc_str issuer, client_id, client_secret, label, scopes;
    const char *ca_file; /* NULL = the system's */
    enum tc_provider_by by;
    struct tc_oidc_words acr, amr; /* a sign-in with one of these has its second factor there */
    unsigned algs;                 /* enum tc_jws_alg */
    const char *const *origins;    /* where it may be asked: the issuer's, then those named */
    size_t n_origins;
};

tc_err tc_provider_parse(struct tc_str text, struct tc_arena *a, struct tc_provider *out,
                         struct tc_diag *d) TC_MUST_USE;
/* DIR/oidc.json; *out NULL when there is no such file. DENIED: others than its owner may read it
 * or write to it. */
tc_err tc_provider_load(const char *dir, struct tc_arena *a, const struct tc_provider **out,
                        struct tc_diag *d) TC_MUST_USE;

/* ISSUER/.well-known/openid-configuration; NULL = no memory. */
const char *tc_provider_discovery_url(const struct tc_provider *p, struct tc_arena *a);

struct tc_endpoints {
    struct tc_str authorization, token, keys, userinfo; /* userinfo may be empty */
    bool says_iss;  /* its answers name it (RFC 9207): one that does not is refused */
    bool post_only; /* it takes the secret in the form, not as HTTP Basic */
};
/* INVALID: the issuer is not exactly ours, an address is not https (or loopback), or it cannot do
 * what is needed here (code flow, S256, one of our algorithms). */
tc_err tc_endpoints_parse(struct tc_str text, const struct tc_provider *p, struct tc_arena *a,
                          struct tc_endpoints *out, struct tc_diag *d) TC_MUST_USE;

/* Where to send the browser. challenge: base64url of the verifier's SHA-256. */
void tc_provider_go(const struct tc_provider *p, const struct tc_endpoints *e, const char *redirect,
                    const char *state, const char *nonce, const char *challenge,
                    struct tc_buf *out);

/* The form that trades a code for tokens, and Authorization ("" = none). */
tc_err tc_provider_trade(const struct tc_provider *p, const struct tc_endpoints *e,
                         struct tc_str code, const char *redirect, const char *verifier,
                         struct tc_arena *a, struct tc_str *form,
                         struct tc_str *authorization) TC_MUST_USE;

/* What it answers. INVALID: there is no id token, or not such tokens. */
struct tc_traded {
    struct tc_str id_token, access_token;
};
tc_err tc_traded_parse(struct tc_str text, struct tc_arena *a, struct tc_traded *out,
                       struct tc_diag *d) TC_MUST_USE;

/* The second factor was shown there, and the configuration trusts its word for it. */
bool tc_provider_second(const struct tc_provider *p, const struct tc_oidc_claims *c);

#endif
