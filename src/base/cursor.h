/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reader over borrowed bytes with a sticky error: read ten fields, test once. A read past
 * the end returns zeros and sets err to SYNTAX. Integers are little-endian. */
#ifndef TC_BASE_CURSOR_H
#define TC_BASE_CURSOR_H

#include "base/str.h"

struct tc_cursor {
    const uint8_t *p, *end;
    tc_err err;
};

struct tc_cursor tc_cursor_over(struct tc_str s);
uint8_t tc_cursor_u8(struct tc_cursor *c);
uint32_t tc_cursor_u32(struct tc_cursor *c);
uint64_t tc_cursor_u64(struct tc_cursor *c);
struct tc_str tc_cursor_bytes(struct tc_cursor *c, size_t n);
/* The next line without its "\n" or "\r\n"; false at the end of input. */
bool tc_cursor_line(struct tc_cursor *c, struct tc_str *line);
/* OK when nothing went wrong and nothing is left over. */
tc_err tc_cursor_end(const struct tc_cursor *c) TC_MUST_USE;

static inline size_t tc_cursor_left(const struct tc_cursor *c)
{
    return (size_t)(c->end - c->p);
}

#endif
