/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

int tc_str_cmp(struct tc_str a, struct tc_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool tc_str_starts(struct tc_str s, struct tc_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool tc_str_ends(struct tc_str s, struct tc_str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool tc_str_eq_nocase(struct tc_str a, struct tc_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

static bool space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct tc_str tc_str_trim(struct tc_str s)
{
    while (s.n && space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && space(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t tc_str_find(struct tc_str s, struct tc_str what)
{
    if (what.n == 0)
        return 0;
    if (s.n < what.n)
        return SIZE_MAX;
    const char *hit = memmem(s.p, s.n, what.p, what.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

/* Bytes of the well-formed character at p, 0 when there is none. p < end. */
static size_t utf8_length(const unsigned char *p, const unsigned char *end)
{
    unsigned char c = *p++;
    if (c < 0x80)
        return 1;
    size_t more;
    unsigned lo = 0x80, hi = 0xbf; /* bounds of the second byte, Unicode table 3-7 */
    if (c >= 0xc2 && c <= 0xdf) {
        more = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        more = 2;
        lo = c == 0xe0 ? 0xa0 : 0x80;
        hi = c == 0xed ? 0x9f : 0xbf;
    } else if (c >= 0xf0 && c <= 0xf4) {
        more = 3;
        lo = c == 0xf0 ? 0x90 : 0x80;
        hi = c == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if ((size_t)(end - p) < more || p[0] < lo || p[0] > hi)
        return 0;
    for (size_t i = 1; i < more; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return more + 1;
}

bool tc_str_utf8(struct tc_str s)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = s.n ? p + s.n : p;
    while (p < end) {
        size_t n = utf8_length(p, end);
        if (!n)
            return false;
        p += n;
    }
    return true;
}

/* Characters that drive a terminal or turn the order of what stands around them: C0, DEL, C1, line
 * and paragraph separators, the bidirectional embeddings, overrides and isolates. */
static bool drives(const unsigned char *p, size_t n)
{
    if (n == 1)
        return p[0] < 0x20 || p[0] == 0x7f;
    if (n == 2)
        return p[0] == 0xc2 && p[1] < 0xa0;
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x80)
        return p[2] >= 0xa8 && p[2] <= 0xae;
    return n == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

size_t tc_str_show(struct tc_str s, char *out, size_t size)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = s.n ? p + s.n : p;
    size_t at = 0, cut = 0; /* cut: last place where "..." would still fit */
    while (p < end) {
        size_t n = utf8_length(p, end);
        bool plain = n && !drives(p, n);
        size_t put = plain ? n : 1;
        if (at + put >= size) {
            at = cut;
            for (int i = 0; i < 3 && at + 1 < size; i++)
                out[at++] = '.';
            break;
        }
        if (plain)
            memcpy(out + at, p, n);
        else
            out[at] = '?';
        at += put;
        if (at + 3 < size)
            cut = at;
        p += n ? n : 1;
    }
    if (size)
        out[at] = '\0';
    return at;
}

bool tc_str_copy(struct tc_str s, char *out, size_t size)
{
    if (size == 0)
        return false;
    size_t n = s.n < size ? s.n : size - 1;
    if (n)
        memcpy(out, s.p, n);
    out[n] = '\0';
    return n == s.n;
}

void tc_buf_init(struct tc_buf *b, size_t max)
{
    *b = (struct tc_buf){.max = max};
}

void tc_buf_fini(struct tc_buf *b)
{
    free(b->p);
    *b = (struct tc_buf){.max = b->max};
}

void tc_buf_clear(struct tc_buf *b)
{
    b->n = 0;
    b->err = TC_OK;
}

char *tc_buf_room(struct tc_buf *b, size_t n)
{
    if (b->err)
        return NULL;
    if (n > b->max - b->n) { /* n <= max always holds, so this cannot wrap */
        b->err = TC_E_LIMIT;
        return NULL;
    }
    size_t need = b->n + n;
    if (need > b->cap || !b->p) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < need)
            cap = cap > b->max / 2 ? b->max : cap * 2;
        char *p = realloc(b->p, cap ? cap : 1);
        if (!p) {
            b->err = TC_E_NOMEM;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

void tc_buf_add(struct tc_buf *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    char *to = tc_buf_room(b, n);
    if (!to)
        return;
    memcpy(to, p, n);
    b->n += n;
}

void tc_buf_str(struct tc_buf *b, struct tc_str s)
{
    tc_buf_add(b, s.p, s.n);
}

void tc_buf_cstr(struct tc_buf *b, const char *z)
{
    tc_buf_add(b, z, strlen(z));
}

void tc_buf_char(struct tc_buf *b, char c)
{
    tc_buf_add(b, &c, 1);
}

size_t tc_u64_text(uint64_t v, char out[TC_U64_TEXT])
{
    char d[TC_U64_TEXT];
    size_t i = sizeof d;
    do
        d[--i] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    memcpy(out, d + i, sizeof d - i);
    return sizeof d - i;
}

void tc_buf_u64(struct tc_buf *b, uint64_t v)
{
    char d[TC_U64_TEXT];
    tc_buf_add(b, d, tc_u64_text(v, d));
}

void tc_buf_fmt(struct tc_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0) {
        /* one byte more for vsnprintf's NUL; refused at the maximum like any other append */
        char *to = tc_buf_room(b, (size_t)n + 1);
        if (to) {
            (void)vsnprintf(to, (size_t)n + 1, fmt, again);
            b->n += (size_t)n;
        }
    }
    va_end(again);
}

const char *tc_buf_z(struct tc_buf *b)
{
    char *to = tc_buf_room(b, 1);
    if (!to)
        return "";
    *to = '\0';
    return b->p;
}
