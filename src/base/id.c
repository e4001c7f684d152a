/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

const struct tc_uuid tc_uuid_ns_sco = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01,
                                        0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};
/* uuid5(DNS namespace, "tocsin.example"), fixed for ever: ids derived from it are on other nodes */
const struct tc_uuid tc_uuid_ns_tocsin = {{0xea, 0xe1, 0x3c, 0xcd, 0x9c, 0x15, 0x53, 0x94, 0xbd,
                                           0x2a, 0xdb, 0xb7, 0xc4, 0x4c, 0xfa, 0x8c}};

struct tc_uuid tc_uuid_v4(void)
{
    struct tc_uuid u;
    if (getrandom(u.b, sizeof u.b, 0) != (ssize_t)sizeof u.b)
        abort(); /* see make_key in hash.c */
    u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x40);
    u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
    return u;
}

static struct tc_uuid uuid_of(const struct tc_id_name *n)
{
    struct tc_sha1 sum = n->sum;
    uint8_t h[20];
    tc_sha1_end(&sum, h);
    struct tc_uuid u;
    memcpy(u.b, h, sizeof u.b);
    u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x50);
    u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
    return u;
}

struct tc_uuid tc_uuid_v5(const struct tc_uuid *ns, struct tc_str name)
{
    struct tc_id_name n;
    tc_id_name_begin(&n, ns);
    tc_id_name_str(&n, name);
    return uuid_of(&n);
}

/* Value of a hexadecimal digit + 1, 0 = it is none. A table, because the digits of UUIDs are random
 * and branches on them are guessed wrong. */
static const uint8_t hex_value[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

tc_err tc_uuid_parse(struct tc_str s, struct tc_uuid *out)
{
    static const uint8_t at[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    if (s.n != 36 || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-')
        return TC_E_SYNTAX;
    struct tc_uuid u;
    unsigned bad = 0;
    for (int i = 0; i < 16; i++) {
        unsigned hi = hex_value[(uint8_t)s.p[at[i]]], lo = hex_value[(uint8_t)s.p[at[i] + 1]];
        bad |= (hi - 1) | (lo - 1); /* 0 - 1 sets the high bits */
        u.b[i] = (uint8_t)((hi - 1) << 4 | (lo - 1));
    }
    if (bad > 15)
        return TC_E_SYNTAX;
    *out = u;
    return TC_OK;
}

void tc_uuid_format(const struct tc_uuid *u, char out[TC_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[u->b[i] >> 4];
        *out++ = digits[u->b[i] & 15];
    }
    *out = '\0';
}

int tc_uuid_version(const struct tc_uuid *u)
{
    return u->b[6] >> 4;
}

static bool type_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

tc_err tc_id_split(struct tc_str s, struct tc_str *type, struct tc_uuid *uuid)
{
    if (s.n < 3 + 2 + 36 || s.n > 250 + 2 + 36)
        return TC_E_SYNTAX;
    struct tc_str t = {s.p, s.n - 38};
    if (s.p[t.n] != '-' || s.p[t.n + 1] != '-' || t.p[t.n - 1] == '-')
        return TC_E_SYNTAX;
    for (size_t i = 0; i < t.n; i++)
        if (!type_char(t.p[i]) || (t.p[i] == '-' && t.p[i + 1] == '-'))
            return TC_E_SYNTAX;
    if (uuid) {
        tc_err e = tc_uuid_parse(tc_str_view(s.p + t.n + 2, 36), uuid);
        if (e)
            return e;
    }
    *type = t;
    return TC_OK;
}

void tc_id_make(struct tc_str type, const struct tc_uuid *u, char out[TC_ID_MAX])
{
    size_t n = type.n > 250 ? 250 : type.n;
    if (n)
        memcpy(out, type.p, n);
    out[n] = out[n + 1] = '-';
    tc_uuid_format(u, out + n + 2);
}

void tc_id_derive(struct tc_str type, const struct tc_uuid *ns, struct tc_str name,
                  char out[TC_ID_MAX])
{
    struct tc_uuid u = tc_uuid_v5(ns, name);
    tc_id_make(type, &u, out);
}

void tc_id_name_begin(struct tc_id_name *n, const struct tc_uuid *ns)
{
    tc_sha1_begin(&n->sum);
    tc_sha1_add(&n->sum, ns->b, sizeof ns->b);
}

void tc_id_name_str(struct tc_id_name *n, struct tc_str s)
{
    tc_sha1_add(&n->sum, s.p, s.n);
}

void tc_id_name_cstr(struct tc_id_name *n, const char *z)
{
    tc_sha1_add(&n->sum, z, strlen(z));
}

void tc_id_name_u64(struct tc_id_name *n, uint64_t v)
{
    char d[20];
    size_t i = sizeof d;
    do {
        d[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    tc_sha1_add(&n->sum, d + i, sizeof d - i);
}

void tc_id_name_end(const struct tc_id_name *n, struct tc_str type, char out[TC_ID_MAX])
{
    struct tc_uuid u = uuid_of(n);
    tc_id_make(type, &u, out);
}
