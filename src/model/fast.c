/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fast.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Eight characters at once: each lane of (text XOR pattern) must be at most 9 where a digit is
 * wanted (pattern '0') and 0 where a sign is. Adding 0x76 or 0x7F carries into the lane's top bit
 * exactly when it is not; a top bit that is set already is a fault as well, so no carry between
 * lanes can hide one. */
static bool lanes(uint64_t x, uint64_t add)
{
    return (((x + add) | x) & UINT64_C(0x8080808080808080)) == 0;
}

static uint64_t load(const char *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

static unsigned two(uint64_t x, unsigned lane)
{
    unsigned d = (unsigned)(x >> (8 * lane));
    return (d & 0xFF) * 10 + (d >> 8 & 0xFF);
}

bool tc_fast_time(struct tc_str s)
{
    if (s.n < 20 || s.p[s.n - 1] != 'Z')
        return false;
    uint64_t a = load(s.p) ^ UINT64_C(0x2D30302D30303030);      /* "0000-00-" */
    uint64_t b = load(s.p + 8) ^ UINT64_C(0x30303A3030543030);  /* "00T00:00" */
    uint64_t c = load(s.p + 12) ^ UINT64_C(0x0030303A00000000); /* ":00" in lanes 4 to 6 */
    if (!lanes(a, UINT64_C(0x7F76767F76767676)) || !lanes(b, UINT64_C(0x76767F76767F7676)) ||
        !lanes(c & UINT64_C(0x00FFFFFF00000000), UINT64_C(0x0076767F00000000)))
        return false;
    unsigned month = two(a, 5), day = two(b, 0);
    if (month - 1 > 11 || day - 1 > 27 || two(b, 3) > 23 || two(b, 6) > 59 || two(c, 5) > 59 ||
        (a & 0xFFFFFFFF) == 0)
        return false; /* also 29 to 31, which need the calendar, and second 60 */
    if (s.n == 20)
        return true;
    for (size_t i = 20; i < s.n - 1; i++)
        if ((uint8_t)(s.p[i] - '0') > 9)
            return false;
    return s.p[19] == '.' && s.n > 21;
}

enum { HEX = 1, TYPE = 2 };

static const uint8_t class_of[256] = {['0' ... '9'] = HEX | TYPE,
                                      ['a' ... 'f'] = HEX | TYPE,
                                      ['g' ... 'z'] = TYPE,
                                      ['A' ... 'F'] = HEX,
                                      ['-'] = TYPE};

static uint8_t classes(const char *p, size_t n)
{
    uint8_t all = 255;
    for (size_t i = 0; i < n; i++)
        all &= class_of[(uint8_t)p[i]];
    return all;
}

#ifdef __SSE2__
/* Bit i of the result: byte i of v is between lo and hi (all below 0x80). */
static unsigned between(__m128i v, char lo, char hi)
{
    __m128i above = _mm_cmpgt_epi8(v, _mm_set1_epi8((char)(lo - 1)));
    __m128i below = _mm_cmpgt_epi8(_mm_set1_epi8((char)(hi + 1)), v);
    return (unsigned)_mm_movemask_epi8(_mm_and_si128(above, below));
}

static unsigned dashes(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
}

static __m128i sixteen(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static bool hex_and_dashes(__m128i v, unsigned where)
{
    __m128i small = _mm_or_si128(v, _mm_set1_epi8(0x20));
    return dashes(v) == where &&
           ((between(v, '0', '9') | between(small, 'a', 'f')) ^ where) == 0xFFFF;
}

/* Hyphens of a UUID stand at 8, 13, 18 and 23. */
static bool uuid_form(const char *u)
{
    return hex_and_dashes(sixteen(u), 1u << 8 | 1u << 13) &&
           hex_and_dashes(sixteen(u + 16), 1u << 2 | 1u << 7) &&
           hex_and_dashes(sixteen(u + 20), 1u << 3);
}

/* p has at least 41 bytes behind it. */
static bool type_form(const char *p, size_t n)
{
    if (n <= 16) {
        __m128i v = sixteen(p);
        unsigned want = (1u << n) - 1, dash = dashes(v) & want;
        unsigned good = between(v, 'a', 'z') | between(v, '0', '9') | dash;
        return (good & want) == want && !(dash & dash << 1);
    }
    for (size_t i = 1; i < n; i++)
        if (p[i] == '-' && p[i - 1] == '-')
            return false;
    return classes(p, n) & TYPE;
}
#else
static bool uuid_form(const char *u)
{
    uint8_t h = classes(u, 8) & classes(u + 9, 4) & classes(u + 14, 4) & classes(u + 19, 4) &
                classes(u + 24, 12);
    return (h & HEX) && u[8] == '-' && u[13] == '-' && u[18] == '-' && u[23] == '-';
}

static bool type_form(const char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i] == '-' && p[i - 1] == '-')
            return false;
    return classes(p, n) & TYPE;
}
#endif

bool tc_fast_id(struct tc_str s, struct tc_str *type)
{
    if (s.n < 3 + 2 + 36 || s.n > 250 + 2 + 36)
        return false;
    const char *u = s.p + s.n - 36;
    size_t n = s.n - 38;
    if (u[-1] != '-' || u[-2] != '-' || u[-3] == '-' || !uuid_form(u) || !type_form(s.p, n))
        return false;
    *type = tc_str_view(s.p, n);
    return true;
}

static struct tc_str lower_word(struct tc_str s, size_t *at, char extra)
{
    size_t from = *at;
    while (*at < s.n && (((uint8_t)(s.p[*at] - 'a') < 26) || ((uint8_t)(s.p[*at] - '0') < 10) ||
                         s.p[*at] == extra))
        (*at)++;
    return tc_str_view(s.p + from, *at - from);
}

static bool one(struct tc_str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c)
        return false;
    (*at)++;
    return true;
}

bool tc_fast_pattern(struct tc_str s, struct tc_str *type, struct tc_str *property)
{
    size_t at = 0;
    if (s.n < 4 || s.p[s.n - 1] != ']' || s.p[s.n - 2] != '\'' || !one(s, &at, '['))
        return false;
    struct tc_str t = lower_word(s, &at, '-');
    if (!one(s, &at, ':'))
        return false;
    struct tc_str p = lower_word(s, &at, '_');
    (void)one(s, &at, ' ');
    if (!one(s, &at, '='))
        return false;
    (void)one(s, &at, ' ');
    if (!one(s, &at, '\'') || at > s.n - 2)
        return false;
    for (; at < s.n - 2; at++)
        if ((uint8_t)s.p[at] < ' ' || (uint8_t)s.p[at] > '~' || s.p[at] == '\'' || s.p[at] == '\\')
            return false;
    *type = t;
    *property = p;
    return t.n > 0 && p.n > 0;
}

int tc_fast_id_version(struct tc_str id)
{
    char c = id.p[id.n - 36 + 14];
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
