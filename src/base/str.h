/* SPDX-License-Identifier: Apache-2.0 */
/* tc_str is a view: pointer and length, borrowed, not NUL-terminated.
 * tc_buf owns a growable byte array with a maximum set at birth; its error is sticky, so a
 * sequence of appends is tested once at the end. Neither is shared between threads. */
#ifndef TC_BASE_STR_H
#define TC_BASE_STR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct tc_str {
    const char *p;
    size_t n;
};

#define TC_STR(lit) ((struct tc_str){(lit), sizeof(lit) - 1})
/* For printf's "%.*s": TC_FMT(s) gives the two arguments. */
#define TC_FMT(s) (int)((s).n > 4096 ? 4096 : (s).n), (s).n ? (s).p : ""

static inline struct tc_str tc_str_view(const char *p, size_t n)
{
    return (struct tc_str){p, n};
}

static inline struct tc_str tc_str_cstr(const char *z)
{
    return (struct tc_str){z, z ? strlen(z) : 0};
}

static inline bool tc_str_eq(struct tc_str a, struct tc_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool tc_str_is(struct tc_str a, const char *z)
{
    return tc_str_eq(a, tc_str_cstr(z));
}

int tc_str_cmp(struct tc_str a, struct tc_str b); /* bytes, then length; <0 0 >0 */
bool tc_str_starts(struct tc_str s, struct tc_str prefix);
bool tc_str_ends(struct tc_str s, struct tc_str suffix);
bool tc_str_eq_nocase(struct tc_str a, struct tc_str b); /* ASCII */
struct tc_str tc_str_trim(struct tc_str s);              /* ASCII white space at both ends */
size_t tc_str_find(struct tc_str s, struct tc_str what); /* SIZE_MAX = not there */
bool tc_str_utf8(struct tc_str s); /* well-formed UTF-8: no surrogates, no overlong forms */

/* Copies at most size-1 bytes and NUL-terminates; false when it did not fit. */
bool tc_str_copy(struct tc_str s, char *out, size_t size);

/* Foreign text for people's eyes: whatever could drive a terminal, forge a line or turn the reading
 * order, and every byte that is not UTF-8, becomes '?'. Cut at a whole character with "..." when it
 * is longer than size allows. NUL-terminated; returns the length. out must not overlap s. */
size_t tc_str_show(struct tc_str s, char *out, size_t size);

struct tc_buf {
    char *p;
    size_t n;
    size_t cap;
    size_t max;
    tc_err err; /* LIMIT or NOMEM, sticky */
};

void tc_buf_init(struct tc_buf *b, size_t max);
void tc_buf_fini(struct tc_buf *b);
void tc_buf_clear(struct tc_buf *b); /* keeps the memory, forgets the error */
void tc_buf_add(struct tc_buf *b, const void *p, size_t n);
void tc_buf_str(struct tc_buf *b, struct tc_str s);
void tc_buf_cstr(struct tc_buf *b, const char *z);
void tc_buf_char(struct tc_buf *b, char c);
#define TC_U64_TEXT 20
/* v in decimal, not ended; how many characters. */
size_t tc_u64_text(uint64_t v, char out[TC_U64_TEXT]);
void tc_buf_u64(struct tc_buf *b, uint64_t v);
void tc_buf_fmt(struct tc_buf *b, const char *fmt, ...) TC_PRINTF(2, 3);
/* Room for n more bytes at b->p + b->n, or NULL (then err is set); the caller advances b->n. */
char *tc_buf_room(struct tc_buf *b, size_t n);
/* NUL-terminates without counting the NUL; "" on error. */
const char *tc_buf_z(struct tc_buf *b);

static inline struct tc_str tc_buf_view(const struct tc_buf *b)
{
    return (struct tc_str){b->p, b->n};
}

#endif
