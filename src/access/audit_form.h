/* SPDX-License-Identifier: Apache-2.0 */
/* How the audit log looks on disk; see audit.h for what it is. Pure but for libsodium.
 *
 *   leaf, 58 bytes    0  1  version, 1          a record in audit/said/N, N = index >> 16
 *                     1  1  kind                  0  2  length of payload, big-endian
 *                     2  8  time, us, big-endian  2 58  leaf
 *                    10 16  actor's pseudonym    60 16  salt
 *                    26 32  SHA-256(salt|payload) 76  n  payload, JSON; erased: salt and payload 0
 *
 * Tiles: C2SP tlog-tiles, height 8. tile/L/N has the 256 hashes of level 8L from 256 N on,
 * tile/entries/N the leaves, each behind its length (u16, big-endian); the last one of each is
 * N.p/W, W of them. Checkpoints: C2SP tlog-checkpoint, a signed note with one Ed25519 signature. */
#ifndef TC_ACCESS_AUDIT_FORM_H
#define TC_ACCESS_AUDIT_FORM_H

#include "access/merkle.h"
#include "base/time.h"

#define TC_AUDIT_LEAF    58
#define TC_AUDIT_SALT    16
#define TC_AUDIT_ACTOR   16
#define TC_AUDIT_RECORD  (2 + TC_AUDIT_LEAF + TC_AUDIT_SALT) /* before the payload */
#define TC_AUDIT_PAYLOAD 4096                                /* bytes at most */
#define TC_AUDIT_TILE    256
#define TC_AUDIT_SEGMENT 65536
#define TC_AUDIT_LEVELS  8
#define TC_AUDIT_ENTRY   (2 + TC_AUDIT_LEAF) /* in a bundle */
#define TC_AUDIT_ORIGIN  200
#define TC_AUDIT_NOTE    4096 /* a checkpoint with all its signatures, bytes at most */
#define TC_AUDIT_PATH    96

struct tc_audit_leaf {
    uint8_t kind;
    tc_time at;
    uint8_t actor[TC_AUDIT_ACTOR];
    struct tc_merkle_hash digest;
};

void tc_audit_leaf_write(const struct tc_audit_leaf *l, uint8_t out[TC_AUDIT_LEAF]);
bool tc_audit_leaf_read(const uint8_t in[TC_AUDIT_LEAF], struct tc_audit_leaf *out);
/* salt and payload lie one behind the other. */
void tc_audit_digest(const uint8_t *salted, size_t payload, struct tc_merkle_hash *out);

/* One record at p of n bytes: its length, or 0 when no whole and sound record is there. */
struct tc_audit_record {
    uint64_t index; /* filled in by whoever knows it */
    struct tc_audit_leaf leaf;
    const uint8_t *raw; /* the leaf's bytes */
    struct tc_str payload;
    bool erased;
};
size_t tc_audit_record_read(const uint8_t *p, size_t n, struct tc_audit_record *out);

/* "tile/0/x001/234", with width < 256 "tile/0/x001/234.p/17"; level -1 = entries. */
void tc_audit_tile_path(int level, uint64_t index, unsigned width, char out[TC_AUDIT_PATH]);
void tc_audit_segment_path(uint64_t segment, char out[TC_AUDIT_PATH]);

/* The names of a node's log and of it as a witness of others; what pseudonyms are made with. */
void tc_audit_origin(const char *identity, char out[TC_AUDIT_ORIGIN]);
void tc_audit_witness_name(const char *identity, char out[TC_AUDIT_ORIGIN]);
void tc_audit_alias(const uint8_t seed[32], uint8_t out[32]);
/* May it stand as the name of a key? UTF-8, no space, no plus, under TC_AUDIT_ORIGIN bytes. */
bool tc_audit_origin_fits(struct tc_str s);

struct tc_audit_head {
    char origin[TC_AUDIT_ORIGIN];
    uint64_t size;
    struct tc_merkle_hash root;
};

/* "ORIGIN+HASH+BASE64": C2SP signed-note's verifier key of type 0x01 (Ed25519). */
void tc_audit_vkey_write(const char *origin, const uint8_t pub[32], char out[TC_AUDIT_NOTE]);
tc_err tc_audit_vkey_read(struct tc_str text, char origin[TC_AUDIT_ORIGIN],
                          uint8_t pub[32]) TC_MUST_USE;
/* "ORIGIN\nSIZE\nROOT\n": what is signed; returns its length. */
size_t tc_audit_head_text(const struct tc_audit_head *h, char out[TC_AUDIT_NOTE]);
/* With a signature over that text that was made elsewhere. */
void tc_audit_note_seal(const struct tc_audit_head *h, const uint8_t pub[32], const uint8_t sig[64],
                        char out[TC_AUDIT_NOTE]);
/* secret: libsodium's 64 bytes. */
void tc_audit_note_write(const struct tc_audit_head *h, const uint8_t secret[64],
                         char out[TC_AUDIT_NOTE]);
/* Takes a note apart and checks no signature: text is what they are over, lines are they. SYNTAX; a
 * checkpoint with lines beyond the first three is none that is read here. */
tc_err tc_audit_head_read(struct tc_str note, struct tc_audit_head *out, struct tc_str *text,
                          struct tc_str *lines) TC_MUST_USE;
/* SYNTAX: no checkpoint; DENIED: no signature of this key under this origin that holds. Signatures
 * of others may stand beside it. */
tc_err tc_audit_note_read(struct tc_str text, const char *origin, const uint8_t pub[32],
                          struct tc_audit_head *out) TC_MUST_USE;
/* The same where the key has another name than the log. */
tc_err tc_audit_note_read_as(struct tc_str text, const char *name, const char *origin,
                             const uint8_t pub[32], struct tc_audit_head *out) TC_MUST_USE;

/* ---- cosignatures: C2SP tlog-cosignature, cosignature/v1 (key type 0x04) ---- */

/* What is signed: "cosignature/v1\ntime SECONDS\n" and the text; returns its length. */
size_t tc_audit_cosigned_text(const struct tc_audit_head *h, uint64_t seconds,
                              char out[TC_AUDIT_NOTE]);
/* The key of a witness as tc_audit_vkey_write has that of a log. */
void tc_audit_cosign_vkey_write(const char *name, const uint8_t pub[32], char out[TC_AUDIT_NOTE]);
tc_err tc_audit_cosign_vkey_read(struct tc_str text, char name[TC_AUDIT_ORIGIN],
                                 uint8_t pub[32]) TC_MUST_USE;
/* Its line with a signature over tc_audit_cosigned_text, with the line's end. */
#define TC_AUDIT_LINE (TC_AUDIT_ORIGIN + 120)
void tc_audit_cosign_line(const char *name, const uint8_t pub[32], uint64_t seconds,
                          const uint8_t sig[64], char out[TC_AUDIT_LINE]);
/* The newest cosignature of that witness over h among lines: when, and the line with its end
 * (either may be NULL). DENIED: none that holds. */
tc_err tc_audit_cosigned_by(const struct tc_audit_head *h, struct tc_str lines, const char *name,
                            const uint8_t pub[32], uint64_t *seconds,
                            struct tc_str *line) TC_MUST_USE;

#endif
