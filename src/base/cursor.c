/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

struct tc_cursor tc_cursor_over(struct tc_str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    return (struct tc_cursor){p, s.n ? p + s.n : p, TC_OK};
}

struct tc_str tc_cursor_bytes(struct tc_cursor *c, size_t n)
{
    if (c->err || n > tc_cursor_left(c)) {
        c->err = TC_E_SYNTAX;
        return (struct tc_str){"", 0};
    }
    struct tc_str s = {(const char *)c->p, n};
    if (n)
        c->p += n;
    return s;
}

static uint64_t little(struct tc_cursor *c, size_t n)
{
    struct tc_str s = tc_cursor_bytes(c, n);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v |= (uint64_t)(uint8_t)s.p[i] << (8 * i);
    return v;
}

uint8_t tc_cursor_u8(struct tc_cursor *c)
{
    return (uint8_t)little(c, 1);
}

uint32_t tc_cursor_u32(struct tc_cursor *c)
{
    return (uint32_t)little(c, 4);
}

uint64_t tc_cursor_u64(struct tc_cursor *c)
{
    return little(c, 8);
}

bool tc_cursor_line(struct tc_cursor *c, struct tc_str *line)
{
    if (c->err || c->p == c->end)
        return false;
    const uint8_t *nl = memchr(c->p, '\n', tc_cursor_left(c));
    const uint8_t *stop = nl ? nl : c->end;
    *line = (struct tc_str){(const char *)c->p, (size_t)(stop - c->p)};
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    c->p = nl ? nl + 1 : stop;
    return true;
}

tc_err tc_cursor_end(const struct tc_cursor *c)
{
    if (c->err)
        return c->err;
    return c->p == c->end ? TC_OK : TC_E_SYNTAX;
}
