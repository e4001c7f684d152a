/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON straight into a tc_buf: objects, arrays and commas are kept track of, text is
 * escaped. The buffer is the caller's and carries the sticky error (LIMIT, NOMEM); a call in the
 * wrong place (a value without a name inside an object, an end without a begin) is our own mistake
 * and an assert. Malformed UTF-8 becomes U+FFFD, so what comes out is always JSON. One thread. */
#ifndef TC_CODEC_JSONW_H
#define TC_CODEC_JSONW_H

#include "base/limits.h"
#include "base/time.h"

struct tc_jsonw {
    struct tc_buf *b;
    unsigned depth;
    uint64_t objects; /* bit per open level: it is an object */
    bool comma;       /* a value stands before, on this level */
    bool named;       /* a name was written and waits for its value */
};

#define TC_JSON_NUMBER 32 /* bytes that tc_json_number needs, with NUL */

struct tc_jsonw tc_jsonw_into(struct tc_buf *b);
void tc_jsonw_object(struct tc_jsonw *w);
void tc_jsonw_object_end(struct tc_jsonw *w);
void tc_jsonw_array(struct tc_jsonw *w);
void tc_jsonw_array_end(struct tc_jsonw *w);
void tc_jsonw_name(struct tc_jsonw *w, const char *name);
void tc_jsonw_namen(struct tc_jsonw *w, struct tc_str name);
void tc_jsonw_str(struct tc_jsonw *w, struct tc_str s);
void tc_jsonw_cstr(struct tc_jsonw *w, const char *z); /* NULL writes null */
void tc_jsonw_u64(struct tc_jsonw *w, uint64_t v);
void tc_jsonw_i64(struct tc_jsonw *w, int64_t v);
void tc_jsonw_double(struct tc_jsonw *w, double v); /* shortest that reads back; inf, nan: null */
void tc_jsonw_bool(struct tc_jsonw *w, bool v);
void tc_jsonw_null(struct tc_jsonw *w);
void tc_jsonw_raw(struct tc_jsonw *w, struct tc_str json); /* one whole value, as it is */
/* name and value in one */
void tc_jsonw_kstr(struct tc_jsonw *w, const char *name, struct tc_str s);
void tc_jsonw_kcstr(struct tc_jsonw *w, const char *name, const char *z);
void tc_jsonw_ku64(struct tc_jsonw *w, const char *name, uint64_t v);
void tc_jsonw_kbool(struct tc_jsonw *w, const char *name, bool v);
/* of a buffer; when that could not get memory, nor has the whole */
void tc_jsonw_kbuf(struct tc_jsonw *w, const char *name, const struct tc_buf *b);
/* the same for what may be absent: nothing is written of an empty text or of TC_TIME_NONE; a time
 * has milliseconds */
void tc_jsonw_ktext(struct tc_jsonw *w, const char *name, struct tc_str s);
void tc_jsonw_ktime(struct tc_jsonw *w, const char *name, tc_time t);

/* The quoted, escaped string alone; what JSON.stringify gives (RFC 8785 section 3.2.2.2). */
void tc_json_quote(struct tc_buf *b, struct tc_str s);
/* A finite double as ECMAScript prints it (RFC 8785 section 3.2.2.3); returns the length. */
size_t tc_json_number(double v, char out[TC_JSON_NUMBER]);

#endif
