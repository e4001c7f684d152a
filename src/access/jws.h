/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that others signed: JSON Web Signature in its compact form (RFC 7515) and key sets
 * (RFC 7517). RS256 and PS256 with 2048 to 8192 bits, ES256 (P-256), EdDSA (Ed25519, RFC 8037);
 * "none", keyed hashes, encrypted tokens and critical extensions are refused, and a header's own
 * keys and addresses (jwk, jku, x5c ...) are not looked at. Pure: any thread.
 *
 * When something is refused d->path is one word for the cause (alg, key, signature ...), which
 * holds nothing of what came; the message may. */
#ifndef TC_ACCESS_JWS_H
#define TC_ACCESS_JWS_H

#include "base/arena.h"

enum tc_jws_alg { /* bits */
                  TC_JWS_RS256 = 1,
                  TC_JWS_PS256 = 2,
                  TC_JWS_ES256 = 4,
                  TC_JWS_EDDSA = 8
};
#define TC_JWS_ALL 15u

/* A public key: n and e of RSA, x and y of a curve; bytes. */
struct tc_jwk {
    struct tc_str kid; /* empty = it has none */
    unsigned algs;     /* what it may be used with */
    struct tc_str a, b;
};

struct tc_jwks {
    const struct tc_jwk *v;
    size_t n;
};

struct tc_jws {
    enum tc_jws_alg alg;
    struct tc_str payload; /* in the arena */
};

/* 0 = none of ours. */
unsigned tc_jws_alg_of(struct tc_str name);

/* A JWK set into the arena. Keys for something else, and of kinds that are not ours, are left out;
 * a key of ours that is malformed spoils the set. SYNTAX, LIMIT (bytes, keys). */
tc_err tc_jwks_read(struct tc_str text, struct tc_arena *a, struct tc_jwks *out,
                    struct tc_diag *d) TC_MUST_USE;

/* SYNTAX, LIMIT: it is no such token; UNSUPPORTED: its algorithm, or a critical extension;
 * NOTFOUND: no key of the set fits (they may have changed); AUTH: the signature is not right. */
tc_err tc_jws_verify(struct tc_str token, const struct tc_jwks *keys, unsigned algs,
                     struct tc_arena *a, struct tc_jws *out, struct tc_diag *d) TC_MUST_USE;

#endif
