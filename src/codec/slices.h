/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the bytes of each object in a STIX bundle, a TAXII envelope, a JSON array of objects, a
 * single object, or any number of these one after another (JSON lines, RFC 8259 texts), without
 * holding more than one object. Feed chunks of any size; each object found is handed to emit as a
 * view of the exact bytes received: order, digits and escapes are untouched.
 *
 * What is inside an object is only bracketed here, its syntax is for the JSON parser that reads
 * the slice; everything outside of the objects is checked here. Depth is bounded by TC_MAX_DEPTH
 * counted inside the object, size by max_object; there is no recursion.
 *
 * A root object is a list of objects when it has a member "objects" that is an array and its type
 * is absent or "bundle"; otherwise it is itself the one object. One scanner is for one thread. */
#ifndef TC_CODEC_SLICES_H
#define TC_CODEC_SLICES_H

#include "base/str.h"

struct tc_slice {
    struct tc_str bytes; /* until emit returns; when fed from memory: as long as that lives */
    uint64_t offset;     /* of its first byte from the start of the input */
    uint64_t index;      /* 0, 1, 2 ... over the whole input */
};

/* Anything but OK stops the scan; tc_slices_feed returns it. */
typedef tc_err (*tc_slice_emit)(void *arg, const struct tc_slice *s);

struct tc_slices;

struct tc_slices *tc_slices_new(size_t max_object, tc_slice_emit emit,
                                void *arg); /* NULL = NOMEM */
void tc_slices_free(struct tc_slices *s);   /* NULL is fine */

/* After an error the scanner is dead. SYNTAX, INVALID or LIMIT with the offset in d. */
tc_err tc_slices_feed(struct tc_slices *s, struct tc_str chunk, struct tc_diag *d) TC_MUST_USE;
/* The input is over: SYNTAX when it stops in the middle or holds nothing at all. */
tc_err tc_slices_end(struct tc_slices *s, struct tc_diag *d) TC_MUST_USE;

/* All of a text in memory; slices are views into it. */
tc_err tc_slices_memory(struct tc_str text, size_t max_object, tc_slice_emit emit, void *arg,
                        struct tc_diag *d) TC_MUST_USE;

#endif
