/* SPDX-License-Identifier: Apache-2.0 */
/* Field keys: what the fields that packs and objects mark are sealed with at rest (model/sealed.h).
 *
 * A key file is one line, "tocsin-field-key-1 " and 64 hexadecimal digits, readable by its owner
 * only, and never in the node's folder: a copy of the folder must not hold it. Which is used:
 *   --field-key FILE, then TOCSIN_FIELD_KEY=FILE, then $CREDENTIALS_DIRECTORY/field-key (systemd).
 * From the file's 32 bytes crypto_kdf makes the key that seals (XChaCha20-Poly1305, a random nonce
 * for each object, everything that the entry says of itself and all that is not sealed
 * authenticated with it) and an id, by which a sealed text tells its key.
 *
 * DIR/field-keys lists the ids of the keys that the folder was sealed with, one a line: written
 * before the first use, so that a node never opens without the key that it needs. */
#ifndef TC_NODE_FIELDKEY_H
#define TC_NODE_FIELDKEY_H

#include "journal/journal.h"

struct tc_node;
struct tc_types;

#define TC_FIELD_KEY_ID 17 /* 16 hexadecimal digits as text */

/* A new key in a new file (0600). CONFLICT: the file is there. */
tc_err tc_field_key_make(const char *file, char id[TC_FIELD_KEY_ID], struct tc_diag *d) TC_MUST_USE;
/* What --field-key says, for this process; next: the one that `tocsin key rotate` changes to. Both
 * live as long as the program. Before the first node is opened. */
void tc_field_key_file(const char *file);
void tc_field_key_next(const char *file);
/* The file that will be read, NULL = none is configured. */
const char *tc_field_key_path(void);

struct tc_field_keys; /* in memory that is never swapped out */

/* Reads what is configured, for the folder dir (its file descriptor and absolute path). *out NULL:
 * no key, and none is needed. DENIED, with a sentence for who runs the node: the folder was sealed
 * with a key that was not given, a pack demands one, the file can be read by others or lies in the
 * folder. Unless read_only, a folder's first key is put down there. */
tc_err tc_field_keys_open(int dir, const char *path, const struct tc_types *types, bool read_only,
                          struct tc_field_keys **out, struct tc_diag *d) TC_MUST_USE;
void tc_field_keys_free(struct tc_field_keys *k); /* NULL is fine */
/* The key that seals, as text. */
const char *tc_field_keys_id(const struct tc_field_keys *k);
/* For the journal; lives as long as k. */
const struct tc_journal_sealer *tc_field_keys_sealer(const struct tc_field_keys *k);
struct tc_resealed {
    uint64_t entries, damaged;
    char key[TC_FIELD_KEY_ID];
};
/* Seals everything with the key that seals now (tc_field_key_next), and no longer asks for the one
 * before; on record. Broken off, it goes on when it is called again. USAGE: there is no key. */
tc_err tc_node_reseal(struct tc_node *n, struct tc_resealed *out, struct tc_diag *d) TC_MUST_USE;

#endif
