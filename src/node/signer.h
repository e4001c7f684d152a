/* SPDX-License-Identifier: Apache-2.0 */
/* The process that holds the node's keys and can only sign. tocsin serve forks it before its walls
 * and threads; it reads DIR/key, the audit log's newest checkpoint and the private key of TLS,
 * gives up everything but reading, writing and memory, and then answers small frames over one
 * socket:
 *
 *   serving process ── one packet, at most TC_SIGNER_FRAME ──► signer   (landlock: no file at all;
 *   (has no key)     ◄── one packet: outcome, then bytes ────          seccomp: a dozen calls)
 *
 *   i              who signs                                    struct tc_signer_info
 *   k context      a key of the node's own, by purpose          32 bytes; never a signing one
 *   c size root    a checkpoint of this node's own audit log    Ed25519 signature
 *   w time size root origin   a cosignature of another's log    Ed25519 signature
 *   t scheme text  what a TLS handshake signs (EdDSA)           signature
 *   h scheme hash  the same where GnuTLS gives only the digest  signature
 *
 * It composes what it signs itself. It never signs a checkpoint or cosignature of a size below the
 * last one of that log, nor two roots for one size (CONFLICT): it remembers, and reads what was
 * signed before it began from audit/checkpoint and witnessed/. Of t the text must have the form of
 * a handshake signature of TLS 1.2 or 1.3; of h the scheme must be one of TLS and the digest of its
 * length: what it is the digest of cannot be seen. It decrypts nothing. A frame that it does not
 * know ends it, and so does the end of the process that forked it. When it is gone nothing is
 * signed any more (IO, said once in the log). Any thread. */
#ifndef TC_NODE_SIGNER_H
#define TC_NODE_SIGNER_H

#include "access/audit_form.h"

struct tc_signer;

struct tc_signer_info {
    char origin[TC_AUDIT_ORIGIN];  /* of the audit log */
    char witness[TC_AUDIT_ORIGIN]; /* the name it cosigns under */
    uint8_t audit[32], cosign[32]; /* public keys */
    uint8_t alias[32];             /* what pseudonyms in the audit log are made with */
    bool tls;                      /* it has a key for TLS */
};

/* Forks: before the first thread and before tc_confine. tls_key: PEM, or NULL. Errors: those of
 * the folder, of the key file (NOTFOUND, DENIED, USAGE), CORRUPT. */
tc_err tc_signer_start(const char *dir, const char *tls_key, struct tc_signer **out,
                       struct tc_diag *d) TC_MUST_USE;
/* When nobody asks any more; NULL is fine. */
void tc_signer_stop(struct tc_signer *s);

const struct tc_signer_info *tc_signer_info(const struct tc_signer *s);
bool tc_signer_lives(struct tc_signer *s);

/* purpose: as tc_node_key; DENIED for those of the keys that sign. */
tc_err tc_signer_key(struct tc_signer *s, const char *purpose, uint8_t out[32]) TC_MUST_USE;
/* h->origin is not looked at: it is this node's. CONFLICT. */
tc_err tc_signer_checkpoint(struct tc_signer *s, const struct tc_audit_head *h,
                            uint8_t sig[64]) TC_MUST_USE;
/* seconds: since 1970. CONFLICT; LIMIT: more than TC_SIGNER_LOGS logs. */
#define TC_SIGNER_LOGS 64
tc_err tc_signer_cosign(struct tc_signer *s, const struct tc_audit_head *h, uint64_t seconds,
                        uint8_t sig[64]) TC_MUST_USE;
/* scheme: gnutls_sign_algorithm_t; digest: bytes is a digest (h), otherwise the text (t). *n: room
 * in sig, then bytes of it. DENIED, INVALID. */
#define TC_SIGNER_SIGNATURE 1024
tc_err tc_signer_tls(struct tc_signer *s, int scheme, bool digest, struct tc_str bytes,
                     uint8_t sig[TC_SIGNER_SIGNATURE], size_t *n) TC_MUST_USE;

#endif
