/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that are kept sealed at rest: which bytes of an object go out of its text, how they are
 * put back, and the form in which both are stored. No cryptography here: what went out is handed to
 * whoever seals it. Pure; any thread.
 *
 * A field is named by a JSON pointer (RFC 6901): "/display_name", "/contact/mail". A step
 * into a list means each of its items, whatever it says ("/people/0/mail" is the mail of all): the
 * place of an item must not decide, and who thinks of an object where a list came loses no secret.
 * The member goes with its name and one comma; what is left is JSON, byte for byte as it came. */
#ifndef TC_MODEL_SEALED_H
#define TC_MODEL_SEALED_H

#include "base/str.h"
#include "model/types.h"

#include <yyjson.h>

#define TC_MAX_SEALED      64   /* pointers for one object: a set of them is one 64-bit word */
#define TC_MAX_SEALED_CUTS 4096 /* places of one object */
/* What the stored form takes more than the text: head, places, the tag of the cipher. */
#define TC_SEALED_OVERHEAD (40 + 4 + 8 * TC_MAX_SEALED_CUTS + 16)

struct tc_sealed_set {
    struct tc_str path[TC_MAX_SEALED];
    size_t n;
};

/* Of the packs' marks for the type and of the object's own ("sealed" of its extension "personal
 * data"; root NULL: the packs' only). Views of both. INVALID: the object's are no pointers (then it
 * cannot be kept as it asks); LIMIT. */
tc_err tc_sealed_fields(const struct tc_types *t, struct tc_str type, yyjson_val *root,
                        struct tc_sealed_set *out) TC_MUST_USE;
/* Does the object itself ask for it? */
bool tc_sealed_asked(yyjson_val *root);
/* Types that the node itself must read: marking-definition, extension-definition. */
bool tc_sealed_never(struct tc_str type);
/* Is it a pointer to something within an object, which can be cut out? Not to what the node reads
 * an object by: type, id, created, granular_markings ... */
bool tc_sealed_pointer(struct tc_str path);

/* Text without these fields, appended to left; what went out with its places, appended to secret.
 * *cuts 0: nothing of them is there, left is to be forgotten. INVALID: not an object that can be
 * followed; LIMIT: too many places. A member whose name is written with escapes is found too, and
 * each one of a name that comes twice. */
tc_err tc_sealed_cut(struct tc_str text, const struct tc_sealed_set *set, struct tc_buf *left,
                     struct tc_buf *secret, size_t *cuts) TC_MUST_USE;
/* The text again, appended to out. CORRUPT: the two do not fit. */
tc_err tc_sealed_join(struct tc_str left, struct tc_str secret, struct tc_buf *out) TC_MUST_USE;

/* ---- the stored form ----
 *   0  4  "TcS1"      4  8  key id      12  24  nonce      36  4  bytes of left, little endian
 *   40    left, then the sealed bytes to the end (at least 16) */
struct tc_sealed_blob {
    uint8_t key_id[8], nonce[24];
    struct tc_str left, box;
};

tc_err tc_sealed_parse(struct tc_str stored, struct tc_sealed_blob *out) TC_MUST_USE; /* CORRUPT */
/* Head and left, appended to out; the box follows. */
void tc_sealed_write(struct tc_buf *out, const struct tc_sealed_blob *b);

#endif
