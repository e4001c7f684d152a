/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/index.h"

#include <stdlib.h>
#include <sys/mman.h>

const uint8_t tc_pattern_index_lengths[TC_INDEX_LENGTHS] = {2,  3,  4,  6,  8,  12,
                                                            16, 20, 24, 32, 48, 64};

/* ---- the table ---- */

void tc_pattern_index_fini(struct tc_pattern_index *t)
{
    free(t->keys);
    free(t->heads);
    memset(t, 0, sizeof *t);
}

size_t tc_pattern_index_slot(const struct tc_pattern_index *t, uint64_t a)
{
    size_t at = a & (t->size - 1);
    while (t->keys[at] && t->keys[at] != a)
        at = (at + 1) & (t->size - 1);
    return at;
}

#define HUGE_PAGE ((size_t)2 << 20)

/* A large table in large pages where the system has them: else nearly every look-up misses in the
 * table of pages, too. */
static uint64_t *cleared(size_t bytes)
{
    void *p;
    if (bytes < HUGE_PAGE)
        return calloc(1, bytes);
    if (posix_memalign(&p, HUGE_PAGE, bytes))
        return NULL;
    (void)madvise(p, bytes, MADV_HUGEPAGE);
    memset(p, 0, bytes);
    return p;
}

tc_err tc_pattern_index_grow(struct tc_pattern_index *t)
{
    if (t->size && (t->count + 1) * 10 <= t->size * 7)
        return TC_OK;
    struct tc_pattern_index more = {.size = t->size ? t->size * 2 : 1024, .count = t->count};
    more.keys = cleared(more.size * sizeof *more.keys);
    more.heads = malloc(more.size * sizeof *more.heads);
    if (!more.keys || !more.heads) {
        tc_pattern_index_fini(&more);
        return TC_E_NOMEM;
    }
    for (size_t i = 0; i < t->size; i++)
        if (t->keys[i]) {
            size_t at = tc_pattern_index_slot(&more, t->keys[i]);
            more.keys[at] = t->keys[i];
            more.heads[at] = t->heads[i];
        }
    tc_pattern_index_fini(t);
    *t = more;
    return TC_OK;
}

/* The followers move back over the gap: no tombstones. */
void tc_pattern_index_remove(struct tc_pattern_index *t, size_t slot)
{
    size_t mask = t->size - 1, gap = slot;
    for (size_t at = (gap + 1) & mask; t->keys[at]; at = (at + 1) & mask) {
        size_t home = t->keys[at] & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        t->keys[gap] = t->keys[at];
        t->heads[gap] = t->heads[at];
        gap = at;
    }
    t->keys[gap] = 0;
    t->count--;
}

/* ---- keys ---- */

struct tc_hash128 tc_pattern_index_key(enum tc_key_kind kind, uint32_t path, const void *p,
                                       size_t n)
{
    struct tc_hash_key key = tc_hash_process_key();
    key.k0 ^= (uint64_t)path * 0x9e3779b97f4a7c15u;
    key.k1 ^= (uint64_t)kind + 1;
    struct tc_hash128 h = tc_hash128(key, n ? p : "", n);
    h.a += h.a == 0; /* 0 means empty */
    return h;
}

static struct tc_hash128 net_key(uint32_t path, const struct tc_net *net, unsigned bits)
{
    uint8_t b[18] = {net->family, (uint8_t)bits};
    unsigned whole = bits / 8, rest = bits % 8;
    memcpy(b + 2, net->b, whole);
    if (rest)
        b[2 + whole] = (uint8_t)(net->b[whole] & 0xff << (8 - rest));
    return tc_pattern_index_key(TC_KEY_NET, path, b, sizeof b);
}

static struct tc_hash128 number_key(uint32_t path, double d)
{
    d = d == 0 ? 0 : d; /* -0.0 */
    return tc_pattern_index_key(TC_KEY_NUMBER, path, &d, sizeof d);
}

static size_t bit_of(uint32_t gram)
{
    return gram * 0x9E3779B1u >> 16;
}

/* "abc" -> 3 bytes; a 4-byte gram never has the same bits set by chance alone: only a filter. */
static uint32_t gram_of(const char *p, size_t n)
{
    uint32_t g = 0;
    memcpy(&g, p, n);
    return n == 3 ? g ^ 0x5a000000u : g;
}

tc_err tc_probes_add(struct tc_probes *p, const struct tc_access *a)
{
    if (a->kind >= TC_KEY_GRAM3 && a->kind <= TC_KEY_FOLD4) {
        if (!p->grams)
            p->grams = calloc(1024, sizeof *p->grams);
        if (!p->grams)
            return TC_E_NOMEM;
        size_t bit = bit_of(a->gram);
        p->grams[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    struct tc_ranges **ranges = a->kind == TC_KEY_RANGE  ? &p->ranges
                                : a->kind == TC_KEY_SPAN ? &p->spans
                                                         : NULL;
    if (ranges && !*ranges && !(*ranges = tc_ranges_new()))
        return TC_E_NOMEM;
    p->kinds |= 1u << a->kind;
    if (a->kind == TC_KEY_PREFIX)
        p->prefixes |= (uint16_t)(1u << a->length);
    if (a->kind == TC_KEY_SUFFIX)
        p->suffixes |= (uint16_t)(1u << a->length);
    if (a->kind == TC_KEY_NET && a->v6)
        p->v6[a->length / 64] |= UINT64_C(1) << a->length % 64;
    else if (a->kind == TC_KEY_NET)
        p->v4 |= UINT64_C(1) << a->length;
    return TC_OK;
}

/* ---- from constants ---- */

#define EXACT (INT64_C(1) << 53)
#define SHORT 256 /* bytes of h'..' or b'..' against a text */

static bool long_bytes(const struct tc_const *c)
{
    return (c->kind == TC_LIT_HEX || c->kind == TC_LIT_BINARY) && c->s.n > SHORT;
}

bool tc_access_exact(const struct tc_const *c)
{
    if (long_bytes(c))
        return false;
    return c->kind != TC_LIT_INT || (c->i > -EXACT && c->i < EXACT);
}

/* Bytes as the text that has them as its characters; short ones, see tc_access_exact. */
static struct tc_hash128 bytes_as_text(uint32_t path, struct tc_str s)
{
    char b[2 * SHORT] = "";
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80)
            b[n++] = (char)(0xc0 | c >> 6);
        b[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    return tc_pattern_index_key(TC_KEY_TEXT, path, b, n);
}

bool tc_access_equal(uint32_t path, const struct tc_test *t, const struct tc_const *c,
                     struct tc_access *out)
{
    struct tc_access a = {.kind = TC_KEY_TEXT, .equal = c};
    if (c->never)
        return false;
    switch (c->kind) {
    case TC_LIT_INT:
    case TC_LIT_FLOAT:
        a.kind = TC_KEY_NUMBER;
        a.key = number_key(path, c->kind == TC_LIT_INT ? (double)c->i : c->d);
        break;
    case TC_LIT_BOOL:
        a.kind = TC_KEY_BOOL;
        a.key = tc_pattern_index_key(TC_KEY_BOOL, path, c->b ? "t" : "f", 1);
        break;
    case TC_LIT_TIME:
        a.kind = TC_KEY_TIME;
        a.key = tc_pattern_index_key(TC_KEY_TIME, path, &c->i, sizeof c->i);
        break;
    default:
        if (long_bytes(c))
            a = tc_access_any(path);
        else
            a.key = c->bytes && t->reading == TC_READ_PLAIN
                        ? bytes_as_text(path, c->s)
                        : tc_pattern_index_key(TC_KEY_TEXT, path, c->s.p, c->s.n);
    }
    *out = a;
    return true;
}

bool tc_access_order(const struct tc_test *t, struct tc_access *out)
{
    const struct tc_const *c = &t->consts[0];
    bool number = c->kind == TC_LIT_INT || c->kind == TC_LIT_FLOAT;
    if (t->negated || (!number && c->kind != TC_LIT_TIME) || t->op < TC_OP_LT || t->op > TC_OP_GE)
        return false;
    int64_t at = !number ? c->i : tc_ranges_ordinate(c->kind == TC_LIT_INT ? (double)c->i : c->d);
    /* a whole number that no double is: its neighbours have the same ordinate, it stays inside */
    int64_t step = tc_access_exact(c) && at > INT64_MIN && at < INT64_MAX;
    struct tc_access a = {.kind = number ? TC_KEY_RANGE : TC_KEY_SPAN,
                          .lo = INT64_MIN,
                          .hi = INT64_MAX,
                          .equal = c,
                          .op = t->op};
    if (t->op == TC_OP_LT || t->op == TC_OP_LE)
        a.hi = t->op == TC_OP_LT ? at - step : at;
    else
        a.lo = t->op == TC_OP_GT ? at + step : at;
    *out = a;
    return true;
}

struct tc_access tc_access_net(uint32_t path, const struct tc_net *net)
{
    return (struct tc_access){.kind = TC_KEY_NET,
                              .length = net->bits,
                              .v6 = net->family == 6,
                              .key = net_key(path, net, net->bits),
                              .net = net};
}

struct tc_access tc_access_any(uint32_t path)
{
    return (struct tc_access){.kind = TC_KEY_ANY,
                              .key = tc_pattern_index_key(TC_KEY_ANY, path, NULL, 0)};
}

static bool at_end(struct tc_str literal, enum tc_key_kind where, struct tc_access *a,
                   uint32_t path)
{
    unsigned k = TC_INDEX_LENGTHS;
    while (k && tc_pattern_index_lengths[k - 1] > literal.n)
        k--;
    if (!k)
        return false;
    size_t n = tc_pattern_index_lengths[--k];
    const char *from = where == TC_KEY_PREFIX ? literal.p : literal.p + literal.n - n;
    *a = (struct tc_access){.kind = where, .length = k, .text = tc_str_view(from, n)};
    a->key = tc_pattern_index_key(where, path, from, n);
    return true;
}

char tc_fold_at(struct tc_str s, size_t i, size_t *n)
{
    const unsigned char *p = (const unsigned char *)s.p + i;
    *n = 1;
    if (p[0] == 0xc5 && s.n - i >= 2 && p[1] == 0xbf) { /* U+017F */
        *n = 2;
        return 's';
    }
    if (p[0] == 0xe2 && s.n - i >= 3 && p[1] == 0x84 && p[2] == 0xaa) { /* U+212A */
        *n = 3;
        return 'k';
    }
    return s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
}

bool tc_access_text(uint32_t path, struct tc_str literal, enum tc_key_kind where, size_t i,
                    struct tc_access *out)
{
    bool nocase = where == TC_KEY_FOLD4;
    if (where != TC_KEY_GRAM4 && !nocase)
        return i == 0 && at_end(literal, where, out, path);
    size_t n = literal.n == 3 ? 3 : 4;
    if (literal.n < 3 || i + n > literal.n)
        return false;
    enum tc_key_kind kind = nocase   ? (n == 3 ? TC_KEY_FOLD3 : TC_KEY_FOLD4)
                            : n == 3 ? TC_KEY_GRAM3
                                     : TC_KEY_GRAM4;
    char b[4];
    for (size_t k = 0; k < n; k++) /* a literal without regard to case is ASCII */
        b[k] = nocase ? tc_fold_at(literal, i + k, &(size_t){0}) : literal.p[i + k];
    *out = (struct tc_access){
        .kind = kind, .gram = gram_of(b, n), .text = tc_str_view(literal.p + i, n)};
    out->key = tc_pattern_index_key(kind, path, b, n);
    return true;
}

/* ---- from values ---- */

struct keys {
    struct tc_hash128 *v;
    size_t n, room;
    bool cut;
};

static void put(struct keys *k, struct tc_hash128 h)
{
    if (k->n < k->room)
        k->v[k->n++] = h;
    else
        k->cut = true;
}

static void put_nets(const struct tc_probes *p, uint32_t path, struct tc_str s, struct keys *k)
{
    struct tc_net net = tc_net_of(s);
    if (!net.family)
        return;
    for (unsigned bits = 0; bits <= net.bits; bits++) {
        bool asked = net.family == 6 ? p->v6[bits / 64] >> bits % 64 & 1 : p->v4 >> bits & 1;
        if (asked)
            put(k, net_key(path, &net, bits));
    }
}

static void put_grams(const struct tc_probes *p, uint32_t path, struct tc_str s, size_t n,
                      struct keys *k)
{
    enum tc_key_kind kind = n == 3 ? TC_KEY_GRAM3 : TC_KEY_GRAM4;
    for (size_t i = 0; i + n <= s.n; i++) {
        size_t bit = bit_of(gram_of(s.p + i, n));
        if (p->grams[bit / 64] >> bit % 64 & 1)
            put(k, tc_pattern_index_key(kind, path, s.p + i, n));
    }
}

static void put_folded(const struct tc_probes *p, uint32_t path, struct tc_str s, size_t n,
                       struct keys *k)
{
    enum tc_key_kind kind = n == 3 ? TC_KEY_FOLD3 : TC_KEY_FOLD4;
    char b[4];
    for (size_t i = 0, have = 0, step; i < s.n; i += step) {
        if (have == n)
            memmove(b, b + 1, --have);
        b[have++] = tc_fold_at(s, i, &step);
        size_t bit = have == n ? bit_of(gram_of(b, n)) : 0;
        if (have == n && p->grams[bit / 64] >> bit % 64 & 1)
            put(k, tc_pattern_index_key(kind, path, b, n));
    }
}

static void put_text(const struct tc_probes *p, uint32_t path, struct tc_str s, struct keys *k)
{
    for (unsigned i = 0; i < TC_INDEX_LENGTHS && tc_pattern_index_lengths[i] <= s.n; i++) {
        size_t n = tc_pattern_index_lengths[i];
        if (p->prefixes >> i & 1)
            put(k, tc_pattern_index_key(TC_KEY_PREFIX, path, s.p, n));
        if (p->suffixes >> i & 1)
            put(k, tc_pattern_index_key(TC_KEY_SUFFIX, path, s.p + s.n - n, n));
    }
    if (p->kinds & 1u << TC_KEY_GRAM3)
        put_grams(p, path, s, 3, k);
    if (p->kinds & 1u << TC_KEY_GRAM4)
        put_grams(p, path, s, 4, k);
    if (p->kinds & 1u << TC_KEY_FOLD3)
        put_folded(p, path, s, 3, k);
    if (p->kinds & 1u << TC_KEY_FOLD4)
        put_folded(p, path, s, 4, k);
}

#define LIKE_KINDS                                                                                 \
    (1u << TC_KEY_PREFIX | 1u << TC_KEY_SUFFIX | 1u << TC_KEY_GRAM3 | 1u << TC_KEY_GRAM4 |         \
     1u << TC_KEY_FOLD3 | 1u << TC_KEY_FOLD4)

static void put_string(const struct tc_probes *p, uint32_t path, enum tc_reading reading,
                       struct tc_str s, struct tc_values *v, struct keys *k)
{
    struct tc_str t = s;
    tc_time at;
    if (p->kinds & 1u << TC_KEY_TEXT &&
        (reading == TC_READ_PLAIN || tc_values_decode(v, s, reading, &t)))
        put(k, tc_pattern_index_key(TC_KEY_TEXT, path, t.p, t.n));
    if (p->kinds & (1u << TC_KEY_TIME | 1u << TC_KEY_SPAN) && tc_time_parse_z(s, &at) == TC_OK) {
        if (p->kinds & 1u << TC_KEY_TIME)
            put(k, tc_pattern_index_key(TC_KEY_TIME, path, &at, sizeof at));
        if (p->kinds & 1u << TC_KEY_SPAN)
            put(k, (struct tc_hash128){0, (uint64_t)at});
    }
    if (p->kinds & 1u << TC_KEY_NET)
        put_nets(p, path, s, k);
    if (p->kinds & LIKE_KINDS && tc_values_text(v, s, reading, &t))
        put_text(p, path, t, k);
}

static void put_number(const struct tc_probes *p, uint32_t path, double d, struct keys *k)
{
    if (p->kinds & 1u << TC_KEY_NUMBER)
        put(k, number_key(path, d));
    if (p->kinds & 1u << TC_KEY_RANGE)
        put(k, (struct tc_hash128){0, (uint64_t)tc_ranges_ordinate(d)});
}

size_t tc_probes_keys(const struct tc_probes *p, uint32_t path, enum tc_reading reading,
                      yyjson_val *value, struct tc_values *v, struct tc_hash128 *out, size_t room,
                      bool *cut)
{
    struct keys k = {out, 0, room, false};
    if (p->kinds & 1u << TC_KEY_ANY)
        put(&k, tc_pattern_index_key(TC_KEY_ANY, path, NULL, 0));
    if (yyjson_is_str(value))
        put_string(p, path, reading, tc_str_view(yyjson_get_str(value), yyjson_get_len(value)), v,
                   &k);
    else if (yyjson_is_num(value))
        put_number(p, path, yyjson_get_num(value), &k);
    else if (p->kinds & 1u << TC_KEY_BOOL && yyjson_is_bool(value))
        put(&k, tc_pattern_index_key(TC_KEY_BOOL, path, yyjson_get_bool(value) ? "t" : "f", 1));
    *cut = *cut || k.cut;
    return k.n;
}
