/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include "base/log.h"

#include <stdatomic.h>
#include <stdlib.h>

#define CHAIN 16 /* certificates at most */

struct tc_tls {
    struct tc_signer *signer;
    gnutls_pcert_st chain[CHAIN];
    unsigned length;
    gnutls_privkey_t key; /* an empty shell that asks the signer */
    int algorithm;
    unsigned bits;
};

static struct tc_tls *_Atomic current;

/* ---- what GnuTLS calls ---- */

static int sign(struct tc_tls *t, gnutls_sign_algorithm_t scheme, bool digest,
                const gnutls_datum_t *in, gnutls_datum_t *out)
{
    uint8_t sig[TC_SIGNER_SIGNATURE];
    size_t n = 0;
    tc_err e = tc_signer_tls(t->signer, (int)scheme, digest,
                             tc_str_view((const char *)in->data, in->size), sig, &n);
    if (e) {
        tc_log(TC_LOG_DEBUG, "no signature for a handshake: %s", tc_err_text(e));
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    out->data = gnutls_malloc(n);
    if (!out->data)
        return GNUTLS_E_MEMORY_ERROR;
    memcpy(out->data, sig, n);
    out->size = (unsigned)n;
    return 0;
}

static int sign_text(gnutls_privkey_t key, gnutls_sign_algorithm_t scheme, void *arg,
                     unsigned flags, const gnutls_datum_t *text, gnutls_datum_t *out)
{
    (void)key;
    (void)flags;
    return sign(arg, scheme, false, text, out);
}

static int sign_digest(gnutls_privkey_t key, gnutls_sign_algorithm_t scheme, void *arg,
                       unsigned flags, const gnutls_datum_t *digest, gnutls_datum_t *out)
{
    (void)key;
    (void)flags;
    return sign(arg, scheme, true, digest, out);
}

static int describe(gnutls_privkey_t key, unsigned flags, void *arg)
{
    const struct tc_tls *t = arg;
    (void)key;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return t->algorithm;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return (int)t->bits;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return gnutls_sign_supports_pk_algorithm(GNUTLS_FLAGS_TO_SIGN_ALGO(flags),
                                                 (gnutls_pk_algorithm_t)t->algorithm) != 0;
    return -1;
}

int tc_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
                    gnutls_pcert_st **chain, unsigned *length, gnutls_privkey_t *key)
{
    struct tc_tls *t = atomic_load(&current);
    (void)session;
    (void)authorities;
    (void)n_authorities;
    (void)algorithms;
    (void)n_algorithms;
    if (!t)
        return -1;
    *chain = t->chain;
    *length = t->length;
    *key = t->key;
    return 0;
}

/* ---- making ---- */

static tc_err read_chain(struct tc_tls *t, const char *text, struct tc_diag *d)
{
    const gnutls_datum_t pem = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
    unsigned n = CHAIN;
    int rc = gnutls_pcert_list_import_x509_raw(t->chain, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (rc != 0 || n == 0)
        return tc_diag_set(d, TC_E_USAGE, "what --tls-cert names holds no certificate: %s",
                           gnutls_strerror(rc));
    t->length = n;
    t->algorithm = gnutls_pubkey_get_pk_algorithm(t->chain[0].pubkey, &t->bits);
    return TC_OK;
}

/* The signature of a handshake that never was; with the digest of a text nobody else signs. */
static tc_err try_out(struct tc_tls *t, struct tc_diag *d)
{
    static const char side[] = "TLS 1.3, server CertificateVerify";
    uint8_t text[64 + sizeof side + 32] = {0};
    const gnutls_datum_t in = {text, sizeof text};
    gnutls_datum_t sig = {NULL, 0};
    unsigned hash;
    gnutls_sign_algorithm_t scheme;
    memset(text, ' ', 64);
    memcpy(text + 64, side, sizeof side);
    int rc = gnutls_pubkey_get_preferred_hash_algorithm(t->chain[0].pubkey,
                                                        (gnutls_digest_algorithm_t *)&hash, NULL);
    scheme = t->algorithm == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_SIGN_EDDSA_ED25519
             : t->algorithm == GNUTLS_PK_EDDSA_ED448
                 ? GNUTLS_SIGN_EDDSA_ED448
                 : gnutls_pk_to_sign((gnutls_pk_algorithm_t)t->algorithm,
                                     (gnutls_digest_algorithm_t)hash);
    if (rc == 0)
        rc = gnutls_privkey_sign_data2(t->key, scheme, 0, &in, &sig);
    if (rc == 0)
        rc = gnutls_pubkey_verify_data2(t->chain[0].pubkey, scheme, 0, &in, &sig);
    gnutls_free(sig.data);
    return rc >= 0 ? TC_OK
                   : tc_diag_set(d, TC_E_USAGE,
                                 "the server does not start: certificate and key do not fit (%s)",
                                 gnutls_strerror(rc));
}

tc_err tc_tls_new(const char *chain, struct tc_signer *s, struct tc_tls **out, struct tc_diag *d)
{
    struct tc_tls *none = NULL, *t = calloc(1, sizeof *t);
    if (!t)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    t->signer = s;
    tc_err e = read_chain(t, chain, d);
    if (!e && (gnutls_privkey_init(&t->key) != 0 ||
               gnutls_privkey_import_ext4(t->key, t, sign_text, sign_digest, NULL, NULL, describe,
                                          0) != 0))
        e = tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = try_out(t, d);
    if (!e && !atomic_compare_exchange_strong(&current, &none, t))
        e = tc_diag_set(d, TC_E_BUSY, "this process serves TLS already");
    if (e)
        tc_tls_free(t);
    else
        *out = t;
    return e;
}

void tc_tls_free(struct tc_tls *t)
{
    struct tc_tls *mine = t;
    if (!t)
        return;
    (void)atomic_compare_exchange_strong(&current, &mine, NULL);
    for (unsigned i = 0; i < t->length; i++)
        gnutls_pcert_deinit(&t->chain[i]);
    if (t->key)
        gnutls_privkey_deinit(t->key);
    free(t);
}
