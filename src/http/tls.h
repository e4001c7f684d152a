/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side of TLS: its certificate is here, its private key with the signer
 * (node/signer.h), which is asked for each handshake's signature. TLS 1.2 and 1.3 with ephemeral
 * curves only, so a key is never needed for more than signing. */
#ifndef TC_HTTP_TLS_H
#define TC_HTTP_TLS_H

#include "node/signer.h"

#include <gnutls/abstract.h>

/* Forward secrecy and authenticated encryption only. No groups of integers: with large ones a
 * stranger makes the node reckon for nothing. Groups and signatures else as this GnuTLS has them,
 * so that newer ones are used. */
#define TC_TLS_PRIORITIES                                                                          \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"   \
    "+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:-GROUP-DH-ALL:%SERVER_PRECEDENCE"

struct tc_tls;

/* chain: PEM, the server's own certificate first. Makes one signature and verifies it. USAGE: it
 * holds no certificate, or the signer's key is not the certificate's. One at a time in a process:
 * the library's callback is told nothing of whose it is. */
tc_err tc_tls_new(const char *chain, struct tc_signer *s, struct tc_tls **out,
                  struct tc_diag *d) TC_MUST_USE;
void tc_tls_free(struct tc_tls *t); /* when no connection is left; NULL is fine */

/* A gnutls_certificate_retrieve_function2 (MHD_OPTION_HTTPS_CERT_CALLBACK). */
int tc_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
                    gnutls_pcert_st **chain, unsigned *length, gnutls_privkey_t *key);

#endif
