/* SPDX-License-Identifier: Apache-2.0 */
#include "access/audit_form.h"

#include "base/num.h"

#include <sodium.h>
#include <stdio.h>

#define LEAF_VERSION 1
#define KEY_LOG      1 /* Ed25519, C2SP signed-note */
#define KEY_COSIGN   4 /* cosignature/v1, C2SP tlog-cosignature */
#define SIGNATURE    (4 + crypto_sign_BYTES)
#define COSIGNATURE  (4 + 8 + crypto_sign_BYTES)
#define B64          sodium_base64_VARIANT_ORIGINAL

/* ---- leaves and records ---- */

void tc_audit_leaf_write(const struct tc_audit_leaf *l, uint8_t out[TC_AUDIT_LEAF])
{
    out[0] = LEAF_VERSION;
    out[1] = l->kind;
    for (int i = 0; i < 8; i++)
        out[2 + i] = (uint8_t)((uint64_t)l->at >> (56 - 8 * i));
    memcpy(out + 10, l->actor, TC_AUDIT_ACTOR);
    memcpy(out + 26, l->digest.b, TC_MERKLE_HASH);
}

bool tc_audit_leaf_read(const uint8_t in[TC_AUDIT_LEAF], struct tc_audit_leaf *out)
{
    uint64_t at = 0;
    for (int i = 0; i < 8; i++)
        at = at << 8 | in[2 + i];
    out->kind = in[1];
    out->at = (tc_time)at;
    memcpy(out->actor, in + 10, TC_AUDIT_ACTOR);
    memcpy(out->digest.b, in + 26, TC_MERKLE_HASH);
    return in[0] == LEAF_VERSION;
}

void tc_audit_digest(const uint8_t *salted, size_t payload, struct tc_merkle_hash *out)
{
    tc_merkle_sha256(salted, TC_AUDIT_SALT + payload, out);
}

size_t tc_audit_record_read(const uint8_t *p, size_t n, struct tc_audit_record *out)
{
    if (n < TC_AUDIT_RECORD)
        return 0;
    size_t payload = (size_t)p[0] << 8 | p[1];
    const uint8_t *salted = p + 2 + TC_AUDIT_LEAF;
    if (payload == 0 || payload > TC_AUDIT_PAYLOAD || n < TC_AUDIT_RECORD + payload ||
        !tc_audit_leaf_read(p + 2, &out->leaf))
        return 0;
    struct tc_merkle_hash h;
    tc_audit_digest(salted, payload, &h);
    out->erased = !tc_merkle_same(&h, &out->leaf.digest);
    if (out->erased && !sodium_is_zero(salted, TC_AUDIT_SALT + payload))
        return 0;
    out->raw = p + 2;
    out->payload = tc_str_view((const char *)p + TC_AUDIT_RECORD, payload);
    return TC_AUDIT_RECORD + payload;
}

/* ---- paths ---- */

void tc_audit_tile_path(int level, uint64_t index, unsigned width, char out[TC_AUDIT_PATH])
{
    char number[40];
    int at = 0;
    unsigned groups = 1;
    for (uint64_t rest = index / 1000; rest; rest /= 1000)
        groups++;
    for (unsigned g = groups; g-- > 0;) {
        uint64_t v = index;
        for (unsigned i = 0; i < g; i++)
            v /= 1000;
        at += snprintf(number + at, sizeof number - (size_t)at, g ? "x%03u/" : "%03u",
                       (unsigned)(v % 1000));
    }
    char kind[16] = "entries";
    if (level >= 0)
        (void)snprintf(kind, sizeof kind, "%d", level);
    if (width < TC_AUDIT_TILE)
        (void)snprintf(out, TC_AUDIT_PATH, "tile/%s/%s.p/%u", kind, number, width);
    else
        (void)snprintf(out, TC_AUDIT_PATH, "tile/%s/%s", kind, number);
}

void tc_audit_segment_path(uint64_t segment, char out[TC_AUDIT_PATH])
{
    (void)snprintf(out, TC_AUDIT_PATH, "said/%09llu", (unsigned long long)segment);
}

/* ---- names ---- */

void tc_audit_origin(const char *identity, char out[TC_AUDIT_ORIGIN])
{
    (void)snprintf(out, TC_AUDIT_ORIGIN, "tocsin/%.100s", identity);
}

void tc_audit_witness_name(const char *identity, char out[TC_AUDIT_ORIGIN])
{
    (void)snprintf(out, TC_AUDIT_ORIGIN, "tocsin/%.100s/witness", identity);
}

void tc_audit_alias(const uint8_t seed[32], uint8_t out[32])
{
    (void)crypto_kdf_derive_from_key(out, 32, 1, "pseudnym", seed);
}

bool tc_audit_origin_fits(struct tc_str s)
{
    if (s.n == 0 || s.n >= TC_AUDIT_ORIGIN || !tc_str_utf8(s))
        return false;
    for (size_t i = 0; i < s.n; i++) /* the spaces of Unicode beyond ASCII are left alone */
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '+' || s.p[i] == 0x7f)
            return false;
    return true;
}

/* ---- signed notes ---- */

static void key_hash(const char *origin, uint8_t type, const uint8_t pub[32], uint8_t out[4])
{
    char text[TC_AUDIT_ORIGIN + 2 + 32];
    struct tc_merkle_hash h;
    size_t n = strlen(origin);
    memcpy(text, origin, n);
    text[n++] = '\n';
    text[n++] = (char)type;
    memcpy(text + n, pub, 32);
    tc_merkle_sha256(text, n + 32, &h);
    memcpy(out, h.b, 4);
}

static void vkey_write(const char *origin, uint8_t type, const uint8_t pub[32],
                       char out[TC_AUDIT_NOTE])
{
    uint8_t id[4], key[33];
    char b64[64], hex[9];
    key_hash(origin, type, pub, id);
    key[0] = type;
    memcpy(key + 1, pub, 32);
    (void)snprintf(out, TC_AUDIT_NOTE, "%s+%s+%s\n", origin, sodium_bin2hex(hex, sizeof hex, id, 4),
                   sodium_bin2base64(b64, sizeof b64, key, sizeof key, B64));
}

static tc_err vkey_read(struct tc_str text, uint8_t type, char origin[TC_AUDIT_ORIGIN],
                        uint8_t pub[32])
{
    char again[TC_AUDIT_NOTE];
    uint8_t key[33];
    size_t n = 0;
    const char *plus = text.n ? memchr(text.p, '+', text.n) : NULL;
    if (!plus || text.p[text.n - 1] != '\n' ||
        !tc_str_copy(tc_str_view(text.p, (size_t)(plus - text.p)), origin, TC_AUDIT_ORIGIN))
        return TC_E_SYNTAX;
    size_t at = (size_t)(plus - text.p) + 1 + 8 + 1;
    if (at >= text.n ||
        sodium_base642bin(key, sizeof key, text.p + at, text.n - 1 - at, NULL, &n, NULL, B64) !=
            0 ||
        n != sizeof key || key[0] != type)
        return TC_E_SYNTAX;
    memcpy(pub, key + 1, 32);
    vkey_write(origin, type, pub, again); /* the hash of the key is right, and nothing is odd */
    return tc_str_is(text, again) ? TC_OK : TC_E_SYNTAX;
}

void tc_audit_vkey_write(const char *origin, const uint8_t pub[32], char out[TC_AUDIT_NOTE])
{
    vkey_write(origin, KEY_LOG, pub, out);
}

tc_err tc_audit_vkey_read(struct tc_str text, char origin[TC_AUDIT_ORIGIN], uint8_t pub[32])
{
    return vkey_read(text, KEY_LOG, origin, pub);
}

void tc_audit_cosign_vkey_write(const char *name, const uint8_t pub[32], char out[TC_AUDIT_NOTE])
{
    vkey_write(name, KEY_COSIGN, pub, out);
}

tc_err tc_audit_cosign_vkey_read(struct tc_str text, char name[TC_AUDIT_ORIGIN], uint8_t pub[32])
{
    return vkey_read(text, KEY_COSIGN, name, pub);
}

size_t tc_audit_head_text(const struct tc_audit_head *h, char out[TC_AUDIT_NOTE])
{
    char b64[48];
    return (size_t)snprintf(out, TC_AUDIT_NOTE, "%s\n%llu\n%s\n", h->origin,
                            (unsigned long long)h->size,
                            sodium_bin2base64(b64, sizeof b64, h->root.b, TC_MERKLE_HASH, B64));
}

void tc_audit_note_seal(const struct tc_audit_head *h, const uint8_t pub[32], const uint8_t sig[64],
                        char out[TC_AUDIT_NOTE])
{
    uint8_t line[SIGNATURE];
    char b64[128];
    size_t n = tc_audit_head_text(h, out);
    key_hash(h->origin, KEY_LOG, pub, line);
    memcpy(line + 4, sig, crypto_sign_BYTES);
    (void)snprintf(out + n, TC_AUDIT_NOTE - n, "\n\xe2\x80\x94 %s %s\n", h->origin,
                   sodium_bin2base64(b64, sizeof b64, line, sizeof line, B64));
}

void tc_audit_note_write(const struct tc_audit_head *h, const uint8_t secret[64],
                         char out[TC_AUDIT_NOTE])
{
    uint8_t sig[crypto_sign_BYTES], pub[32];
    size_t n = tc_audit_head_text(h, out);
    (void)crypto_sign_ed25519_sk_to_pk(pub, secret);
    (void)crypto_sign_detached(sig, NULL, (const uint8_t *)out, n, secret);
    tc_audit_note_seal(h, pub, sig, out);
}

/* The signature in a line of that name, with the hash of its key: exactly n bytes, in the one way
 * of writing them. */
static bool line_bytes(struct tc_str line, const char *name, uint8_t *out, size_t n)
{
    char start[TC_AUDIT_ORIGIN + 8], again[128];
    size_t got = 0;
    int k = snprintf(start, sizeof start, "\xe2\x80\x94 %s ", name);
    return tc_str_starts(line, tc_str_view(start, (size_t)k)) &&
           sodium_base642bin(out, n, line.p + k, line.n - (size_t)k, NULL, &got, NULL, B64) == 0 &&
           got == n &&
           tc_str_is(tc_str_view(line.p + k, line.n - (size_t)k),
                     sodium_bin2base64(again, sizeof again, out, n, B64));
}

/* A line of the signatures: is it ours, and does it hold? */
static bool line_holds(struct tc_str line, struct tc_str text, const char *name,
                       const uint8_t pub[32])
{
    uint8_t sig[SIGNATURE], id[4];
    key_hash(name, KEY_LOG, pub, id);
    return line_bytes(line, name, sig, sizeof sig) && memcmp(id, sig, 4) == 0 &&
           crypto_sign_verify_detached(sig + 4, (const uint8_t *)text.p, text.n, pub) == 0;
}

static bool next_line(struct tc_str *rest, struct tc_str *line)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!end)
        return false;
    *line = tc_str_view(rest->p, (size_t)(end - rest->p));
    *rest = tc_str_view(end + 1, rest->n - line->n - 1);
    return true;
}

tc_err tc_audit_head_read(struct tc_str note, struct tc_audit_head *out, struct tc_str *text,
                          struct tc_str *lines)
{
    struct tc_audit_head h;
    struct tc_str rest = note, line;
    char again[TC_AUDIT_NOTE];
    size_t n = 0;
    if (note.n >= TC_AUDIT_NOTE || !next_line(&rest, &line) ||
        !tc_str_copy(line, h.origin, sizeof h.origin) || !next_line(&rest, &line) ||
        tc_num_u64(line, TC_MERKLE_MAX, &h.size) || !next_line(&rest, &line) ||
        sodium_base642bin(h.root.b, TC_MERKLE_HASH, line.p, line.n, NULL, &n, NULL, B64) ||
        n != TC_MERKLE_HASH)
        return TC_E_SYNTAX;
    struct tc_str said = tc_str_view(note.p, note.n - rest.n);
    (void)tc_audit_head_text(&h, again);
    if (!tc_str_is(said, again) || !next_line(&rest, &line) || line.n)
        return TC_E_SYNTAX;
    struct tc_str all = rest;
    while (next_line(&rest, &line))
        if (!tc_str_starts(line, TC_STR("\xe2\x80\x94 ")))
            return TC_E_SYNTAX;
    if (rest.n)
        return TC_E_SYNTAX;
    *out = h;
    *text = said;
    *lines = all;
    return TC_OK;
}

tc_err tc_audit_note_read_as(struct tc_str note, const char *name, const char *origin,
                             const uint8_t pub[32], struct tc_audit_head *out)
{
    struct tc_audit_head h;
    struct tc_str text, lines, line;
    tc_err e = tc_audit_head_read(note, &h, &text, &lines);
    if (e)
        return e;
    bool holds = false;
    while (!holds && next_line(&lines, &line))
        holds = line_holds(line, text, name, pub);
    if (!holds || strcmp(h.origin, origin) != 0)
        return TC_E_DENIED;
    *out = h;
    return TC_OK;
}

tc_err tc_audit_note_read(struct tc_str note, const char *origin, const uint8_t pub[32],
                          struct tc_audit_head *out)
{
    return tc_audit_note_read_as(note, origin, origin, pub, out);
}

/* ---- cosignatures ---- */

size_t tc_audit_cosigned_text(const struct tc_audit_head *h, uint64_t seconds,
                              char out[TC_AUDIT_NOTE])
{
    char text[TC_AUDIT_NOTE];
    (void)tc_audit_head_text(h, text);
    return (size_t)snprintf(out, TC_AUDIT_NOTE, "cosignature/v1\ntime %llu\n%.1000s",
                            (unsigned long long)seconds, text);
}

void tc_audit_cosign_line(const char *name, const uint8_t pub[32], uint64_t seconds,
                          const uint8_t sig[64], char out[TC_AUDIT_LINE])
{
    uint8_t bytes[COSIGNATURE];
    char b64[128];
    key_hash(name, KEY_COSIGN, pub, bytes);
    for (int i = 0; i < 8; i++)
        bytes[4 + i] = (uint8_t)(seconds >> (56 - 8 * i));
    memcpy(bytes + 12, sig, crypto_sign_BYTES);
    (void)snprintf(out, TC_AUDIT_LINE, "\xe2\x80\x94 %s %s\n", name,
                   sodium_bin2base64(b64, sizeof b64, bytes, sizeof bytes, B64));
}

static bool cosigned(const struct tc_audit_head *h, struct tc_str line, const char *name,
                     const uint8_t pub[32], uint64_t *seconds)
{
    uint8_t bytes[COSIGNATURE], id[4];
    char text[TC_AUDIT_NOTE];
    uint64_t at = 0;
    key_hash(name, KEY_COSIGN, pub, id);
    if (!line_bytes(line, name, bytes, sizeof bytes) || memcmp(id, bytes, 4) != 0)
        return false;
    for (int i = 0; i < 8; i++)
        at = at << 8 | bytes[4 + i];
    *seconds = at;
    size_t n = at > INT64_MAX ? 0 : tc_audit_cosigned_text(h, at, text);
    return n && crypto_sign_verify_detached(bytes + 12, (const uint8_t *)text, n, pub) == 0;
}

tc_err tc_audit_cosigned_by(const struct tc_audit_head *h, struct tc_str lines, const char *name,
                            const uint8_t pub[32], uint64_t *seconds, struct tc_str *line)
{
    struct tc_str one;
    uint64_t at = 0, best = 0;
    tc_err e = TC_E_DENIED;
    while (next_line(&lines, &one)) {
        if (!cosigned(h, one, name, pub, &at) || (!e && at < best))
            continue;
        best = at;
        e = TC_OK;
        if (line)
            *line = tc_str_view(one.p, one.n + 1);
    }
    if (!e && seconds)
        *seconds = best;
    return e;
}
