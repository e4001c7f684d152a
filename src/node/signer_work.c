/* SPDX-License-Identifier: Apache-2.0 */
#include "node/signer_work.h"

#include "access/audit_files.h"
#include "access/cosign.h"
#include "node/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct tc_signer_keys {
    uint8_t master[TC_NODE_KEY], audit[64], cosign[64]; /* the last two: secret keys of Ed25519 */
    struct tc_signer_info info;
    gnutls_privkey_t tls;      /* NULL = none */
    bool unsure;               /* the checkpoint that is there does not hold: nothing is signed */
    bool unsure_logs;          /* what is kept of others cannot be read: nothing is cosigned */
    struct tc_audit_head last; /* of the own log */
    struct tc_audit_head logs[TC_SIGNER_LOGS];
    size_t n_logs;
};

/* ---- reading the keys ---- */

static void context_of(const char *purpose, char out[crypto_kdf_CONTEXTBYTES])
{
    memset(out, 0, crypto_kdf_CONTEXTBYTES);
    memcpy(out, purpose, strnlen(purpose, crypto_kdf_CONTEXTBYTES));
}

static void pair(const uint8_t *master, const char *purpose, uint8_t pub[32], uint8_t secret[64],
                 uint8_t *alias)
{
    char context[crypto_kdf_CONTEXTBYTES];
    uint8_t seed[32];
    context_of(purpose, context);
    (void)crypto_kdf_derive_from_key(seed, sizeof seed, 1, context, master);
    (void)crypto_sign_seed_keypair(pub, secret, seed);
    if (alias)
        tc_audit_alias(seed, alias);
    sodium_memzero(seed, sizeof seed);
}

static tc_err read_tls(struct tc_signer_keys *k, const char *file, struct tc_diag *d)
{
    gnutls_datum_t text = {NULL, 0};
    if (!file)
        return TC_OK;
    int f = open(file, O_RDONLY | O_CLOEXEC);
    if (f < 0) {
        tc_err e = tc_err_from_errno(errno);
        return tc_diag_set(d, e == TC_E_NOTFOUND || e == TC_E_DENIED ? TC_E_USAGE : e, "%s: %s",
                           file, tc_err_text(e));
    }
    (void)close(f);
    int rc = gnutls_load_file(file, &text);
    if (rc == 0)
        rc = gnutls_privkey_init(&k->tls);
    if (rc == 0)
        rc = gnutls_privkey_import_x509_raw(k->tls, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (text.data)
        sodium_memzero(text.data, text.size);
    gnutls_free(text.data);
    k->info.tls = rc == 0;
    return rc == 0 ? TC_OK
                   : tc_diag_set(d, TC_E_USAGE, "%s holds no private key: %s", file,
                                 gnutls_strerror(rc));
}

/* What was signed before this process began: nothing smaller is signed again. */
static void read_last(struct tc_signer_keys *k, int dir)
{
    char note[TC_AUDIT_NOTE];
    size_t n = 0;
    tc_err e = tc_audit_load(dir, "audit/checkpoint", note, sizeof note, &n);
    if (!e)
        e = tc_audit_note_read(tc_str_view(note, n), k->info.origin, k->info.audit, &k->last);
    k->unsure = e && e != TC_E_NOTFOUND;
}

/* What was cosigned before (node/cosigner.h), name by name of its folder. */
static bool read_one(struct tc_signer_keys *k, int dir, const char *name)
{
    char path[TC_AUDIT_PATH], note[TC_AUDIT_NOTE];
    struct tc_str text, lines;
    size_t n = 0;
    if (k->n_logs == TC_SIGNER_LOGS ||
        snprintf(path, sizeof path, TC_COSIGN_KEPT "/%s", name) >= (int)sizeof path)
        return false;
    struct tc_audit_head *h = &k->logs[k->n_logs];
    if (tc_audit_load(dir, path, note, sizeof note, &n) ||
        tc_audit_head_read(tc_str_view(note, n), h, &text, &lines))
        return false;
    k->n_logs++;
    return true;
}

static void read_logs(struct tc_signer_keys *k, int dir)
{
    const struct dirent *item;
    int fd = openat(dir, TC_COSIGN_KEPT, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        k->unsure_logs = errno != ENOENT;
        return;
    }
    DIR *list = fdopendir(fd);
    k->unsure_logs = !list;
    while (list && (item = readdir(list)) != NULL)
        if (!strchr(item->d_name, '.') && !read_one(k, dir, item->d_name))
            k->unsure_logs = true;
    if (list)
        (void)closedir(list);
    else
        (void)close(fd);
}

tc_err tc_signer_keys_read(const char *dir, const char *tls_key, struct tc_signer_keys **out,
                           struct tc_diag *d)
{
    char path[4096];
    struct tc_folder_info info;
    int fd = -1;
    struct tc_signer_keys *k = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *k);
    if (!k)
        return tc_diag_set(d, TC_E_NOMEM, "no memory for keys");
    sodium_memzero(k, sizeof *k);
    tc_err e = tc_folder_open(dir, &fd, path, sizeof path, d);
    if (!e)
        e = tc_folder_info_read(fd, path, &info, d);
    if (!e)
        e = tc_folder_key_read(fd, k->master, d);
    if (!e) {
        tc_audit_origin(info.identity, k->info.origin);
        tc_audit_witness_name(info.identity, k->info.witness);
        pair(k->master, "audit", k->info.audit, k->audit, k->info.alias);
        pair(k->master, "witness", k->info.cosign, k->cosign, NULL);
        read_last(k, fd);
        read_logs(k, fd);
        e = read_tls(k, tls_key, d);
    }
    if (fd >= 0)
        (void)close(fd);
    if (e)
        tc_signer_keys_free(k);
    else
        *out = k;
    return e;
}

void tc_signer_keys_free(struct tc_signer_keys *k)
{
    if (!k)
        return;
    if (k->tls)
        gnutls_privkey_deinit(k->tls);
    sodium_free(k); /* wipes it */
}

/* ---- frames ---- */

static uint64_t u64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

void tc_signer_info_write(const struct tc_signer_info *i, uint8_t *out, size_t *n)
{
    memcpy(out, i, sizeof *i); /* both sides are one program */
    *n = sizeof *i;
}

bool tc_signer_info_read(const uint8_t *p, size_t n, struct tc_signer_info *out)
{
    if (n != sizeof *out)
        return false;
    memcpy(out, p, n);
    out->origin[sizeof out->origin - 1] = out->witness[sizeof out->witness - 1] = 0;
    return true;
}

static tc_err derive(const struct tc_signer_keys *k, const uint8_t *in, uint8_t *out, size_t *n)
{
    static const char *const kept[] = {"audit", "witness"};
    char context[crypto_kdf_CONTEXTBYTES];
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        context_of(kept[i], context);
        if (memcmp(in, context, sizeof context) == 0)
            return TC_E_DENIED;
    }
    memcpy(context, in, sizeof context);
    (void)crypto_kdf_derive_from_key(out, 32, 1, context, k->master);
    *n = 32;
    return TC_OK;
}

/* Nothing smaller, and never two roots for one size. */
static bool goes_on(const struct tc_audit_head *last, const struct tc_audit_head *h)
{
    return h->size > last->size || last->origin[0] == 0 ||
           (h->size == last->size && tc_merkle_same(&h->root, &last->root));
}

static tc_err checkpoint(struct tc_signer_keys *k, const uint8_t *in, uint8_t *out, size_t *n)
{
    struct tc_audit_head h = {.size = u64(in)};
    char text[TC_AUDIT_NOTE];
    memcpy(h.origin, k->info.origin, sizeof h.origin);
    memcpy(h.root.b, in + 8, TC_MERKLE_HASH);
    if (k->unsure || h.size > TC_MERKLE_MAX || !goes_on(&k->last, &h))
        return TC_E_CONFLICT;
    size_t length = tc_audit_head_text(&h, text);
    (void)crypto_sign_detached(out, NULL, (const uint8_t *)text, length, k->audit);
    k->last = h;
    *n = crypto_sign_BYTES;
    return TC_OK;
}

static struct tc_audit_head *log_of(struct tc_signer_keys *k, const char *origin)
{
    for (size_t i = 0; i < k->n_logs; i++)
        if (strcmp(k->logs[i].origin, origin) == 0)
            return &k->logs[i];
    if (k->n_logs == TC_SIGNER_LOGS)
        return NULL;
    return &k->logs[k->n_logs++];
}

static tc_err cosign(struct tc_signer_keys *k, const uint8_t *in, size_t n_in, uint8_t *out,
                     size_t *n)
{
    struct tc_audit_head h = {.size = u64(in + 8)};
    struct tc_str origin = tc_str_view((const char *)in + 48, n_in - 48);
    char text[TC_AUDIT_NOTE];
    memcpy(h.root.b, in + 16, TC_MERKLE_HASH);
    if (u64(in) > INT64_MAX || h.size > TC_MERKLE_MAX || !tc_audit_origin_fits(origin) ||
        tc_str_is(origin, k->info.origin) || !tc_str_copy(origin, h.origin, sizeof h.origin))
        return TC_E_INVALID;
    struct tc_audit_head *last = log_of(k, h.origin);
    if (!last)
        return TC_E_LIMIT;
    if (k->unsure_logs || !goes_on(last, &h))
        return TC_E_CONFLICT;
    size_t length = tc_audit_cosigned_text(&h, u64(in), text);
    (void)crypto_sign_detached(out, NULL, (const uint8_t *)text, length, k->cosign);
    *last = h;
    *n = crypto_sign_BYTES;
    return TC_OK;
}

/* ---- TLS ---- */

/* RFC 8446 section 4.4.3: 64 spaces, the name of the signer's side, a zero, the transcript's hash.
 * RFC 8422 section 5.4: both randoms, then the parameters of a named curve. */
static bool handshake_text(const uint8_t *p, size_t n)
{
    static const char side[] = "TLS 1.3, server CertificateVerify";
    const size_t head = 64 + sizeof side;
    if (n >= head && memcmp(p + 64, side, sizeof side) == 0) {
        for (size_t i = 0; i < 64; i++)
            if (p[i] != ' ')
                return false;
        return n - head == 32 || n - head == 48;
    }
    return n > 68 && p[64] == 3 && n == 68u + p[67];
}

static bool scheme_fits(gnutls_sign_algorithm_t s, bool digest, size_t n)
{
    static const struct {
        gnutls_sign_algorithm_t scheme;
        size_t digest; /* 0 = the text is signed */
    } known[] = {{GNUTLS_SIGN_RSA_SHA256, 32},
                 {GNUTLS_SIGN_RSA_SHA384, 48},
                 {GNUTLS_SIGN_RSA_SHA512, 64},
                 {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 32},
                 {GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, 48},
                 {GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, 64},
                 {GNUTLS_SIGN_RSA_PSS_SHA256, 32},
                 {GNUTLS_SIGN_RSA_PSS_SHA384, 48},
                 {GNUTLS_SIGN_RSA_PSS_SHA512, 64},
                 {GNUTLS_SIGN_ECDSA_SHA256, 32},
                 {GNUTLS_SIGN_ECDSA_SHA384, 48},
                 {GNUTLS_SIGN_ECDSA_SHA512, 64},
                 {GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 32},
                 {GNUTLS_SIGN_ECDSA_SECP384R1_SHA384, 48},
                 {GNUTLS_SIGN_ECDSA_SECP521R1_SHA512, 64},
                 {GNUTLS_SIGN_EDDSA_ED25519, 0},
                 {GNUTLS_SIGN_EDDSA_ED448, 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].scheme == s)
            return digest ? known[i].digest == n : known[i].digest == 0;
    return false;
}

/* For the old padding of RSA GnuTLS hands over the digest in its DigestInfo (RFC 8017 section 9.2):
 * taken apart again, so that nothing else can be signed under that name. */
static gnutls_sign_algorithm_t bare_digest(gnutls_datum_t *b)
{
    static const uint8_t oid[] = {0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};
    static const gnutls_sign_algorithm_t schemes[] = {
        GNUTLS_SIGN_RSA_SHA256, GNUTLS_SIGN_RSA_SHA384, GNUTLS_SIGN_RSA_SHA512};
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t digest = (uint8_t)(32 + 16 * i);
        const uint8_t start[] = {0x30, (uint8_t)(17 + digest), 0x30, 0x0d};
        const uint8_t end[] = {(uint8_t)(i + 1), 0x05, 0x00, 0x04, digest};
        if (b->size == 19u + digest && memcmp(b->data, start, 4) == 0 &&
            memcmp(b->data + 4, oid, sizeof oid) == 0 && memcmp(b->data + 14, end, 5) == 0) {
            b->data += 19;
            b->size = digest;
            return schemes[i];
        }
    }
    return GNUTLS_SIGN_UNKNOWN;
}

static tc_err tls(struct tc_signer_keys *k, bool digest, const uint8_t *in, size_t n_in,
                  uint8_t *out, size_t *n)
{
    gnutls_sign_algorithm_t scheme = (gnutls_sign_algorithm_t)(in[0] << 8 | in[1]);
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)(in + 2), (unsigned)(n_in - 2)};
    gnutls_datum_t sig = {NULL, 0};
    if (!k->tls)
        return TC_E_DENIED;
    if (digest && scheme == GNUTLS_SIGN_RSA_RAW)
        scheme = bare_digest(&bytes);
    if (!scheme_fits(scheme, digest, bytes.size) ||
        (!digest && !handshake_text(bytes.data, bytes.size)))
        return TC_E_INVALID;
    int rc = digest ? gnutls_privkey_sign_hash2(k->tls, scheme, 0, &bytes, &sig)
                    : gnutls_privkey_sign_data2(k->tls, scheme, 0, &bytes, &sig);
    bool fits = rc == 0 && sig.size <= TC_SIGNER_SIGNATURE;
    if (fits) {
        memcpy(out, sig.data, sig.size);
        *n = sig.size;
    }
    gnutls_free(sig.data);
    return fits ? TC_OK : TC_E_INVALID;
}

tc_err tc_signer_answer(struct tc_signer_keys *k, const uint8_t *in, size_t n, uint8_t *out,
                        size_t *out_n)
{
    *out_n = 0;
    if (n == 0)
        return TC_E_UNSUPPORTED;
    const uint8_t *p = in + 1;
    switch (in[0]) {
    case 'i':
        if (n != 1)
            return TC_E_UNSUPPORTED;
        tc_signer_info_write(&k->info, out, out_n);
        return TC_OK;
    case 'k':
        return n == 1 + crypto_kdf_CONTEXTBYTES ? derive(k, p, out, out_n) : TC_E_UNSUPPORTED;
    case 'c':
        return n == 1 + 8 + TC_MERKLE_HASH ? checkpoint(k, p, out, out_n) : TC_E_UNSUPPORTED;
    case 'w':
        return n > 1 + 48 && n < 1 + 48 + TC_AUDIT_ORIGIN ? cosign(k, p, n - 1, out, out_n)
                                                          : TC_E_UNSUPPORTED;
    case 't':
    case 'h':
        return n > 3 ? tls(k, in[0] == 'h', p, n - 1, out, out_n) : TC_E_UNSUPPORTED;
    default:
        return TC_E_UNSUPPORTED;
    }
}
