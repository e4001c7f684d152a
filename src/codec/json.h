/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON (RFC 8259) with yyjson, strictly: UTF-8, no comments, no BOM, nothing after the
 * value, no lone surrogates, no name twice in one object. Size is looked at before memory is taken,
 * and depth (TC_MAX_DEPTH) too for texts over 1 MiB; nothing here recurses over the text. A failure
 * fills tc_diag with line, column and offset, or with the path where a name is repeated: SYNTAX,
 * LIMIT or NOMEM.
 *
 * Ownership: struct tc_json owns its tree; a reader owns the tree of its last read. Trees are
 * read-only and may be read by any thread; a reader is for one thread. */
#ifndef TC_CODEC_JSON_H
#define TC_CODEC_JSON_H

#include "base/limits.h"
#include "base/str.h"

#include <yyjson.h>

/* yyjson 0.10 adds one to NULL here when there is no object, which C leaves undefined. */
#undef yyjson_obj_foreach
#define yyjson_obj_foreach(obj, idx, max, key, val)                                                \
    for ((idx) = 0, (max) = yyjson_obj_size(obj),                                                  \
        (key) = (max) ? unsafe_yyjson_get_first(obj) : NULL, (val) = (key) ? (key) + 1 : NULL;     \
         (idx) < (max); (idx)++, (key) = unsafe_yyjson_get_next(val), (val) = (key) + 1)

/* Flags of a read. */
#define TC_JSON_RAW_NUMBERS 1u /* numbers stay text (yyjson_get_raw): digits survive exactly */
#define TC_JSON_REPEATS_OK  2u /* names may repeat in an object; the caller takes the first */

struct tc_json {
    yyjson_doc *doc;
    yyjson_val *root;
};

/* max: bytes of text allowed. */
tc_err tc_json_read(struct tc_str text, size_t max, unsigned flags, struct tc_json *out,
                    struct tc_diag *d) TC_MUST_USE;
void tc_json_fini(struct tc_json *j); /* a zeroed one is fine */

/* Reads many small documents without asking the system for memory each time. */
struct tc_json_reader;
struct tc_json_reader *tc_json_reader_new(void); /* NULL = out of memory */
void tc_json_reader_free(struct tc_json_reader *r);
/* *root lives until the next read or free. */
tc_err tc_json_reader_read(struct tc_json_reader *r, struct tc_str text, size_t max, unsigned flags,
                           yyjson_val **root, struct tc_diag *d) TC_MUST_USE;

/* Deepest nesting of brackets outside strings, counted up to limit + 1. It needs no valid JSON. */
unsigned tc_json_depth(struct tc_str text, unsigned limit);

/* Line and column (bytes, both from 1) of a byte offset, put into d together with it. */
void tc_json_locate(struct tc_str text, size_t offset, struct tc_diag *d);

/* ---- getters: NULL, false or empty when obj is no object, or the member is absent or of another
 * kind. A view lives as long as the tree. ---- */
yyjson_val *tc_json_get(yyjson_val *obj, const char *name);
yyjson_val *tc_json_getn(yyjson_val *obj, struct tc_str name);
bool tc_json_str(yyjson_val *obj, const char *name, struct tc_str *out);
bool tc_json_bool(yyjson_val *obj, const char *name, bool *out);
bool tc_json_u64(yyjson_val *obj, const char *name, uint64_t *out);
bool tc_json_i64(yyjson_val *obj, const char *name, int64_t *out);
bool tc_json_double(yyjson_val *obj, const char *name, double *out); /* integers too */

static inline struct tc_str tc_json_view(yyjson_val *str)
{
    return (struct tc_str){yyjson_get_str(str), yyjson_get_len(str)};
}

#endif
