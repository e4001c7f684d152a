/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static struct tc_hash_key process_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
    /* Without kernel randomness nothing in this program is safe to run. */
    if (getrandom(&process_key, sizeof process_key, 0) != (ssize_t)sizeof process_key)
        abort();
}

struct tc_hash_key tc_hash_process_key(void)
{
    (void)pthread_once(&once, make_key);
    return process_key;
}

static uint64_t rotl(uint64_t x, int b)
{
    return (x << b) | (x >> (64 - b));
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static struct sip sip_absorb(struct tc_hash_key key, const uint8_t *p, size_t n, uint64_t tweak)
{
    struct sip s = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du ^ tweak,
                    key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u};
    uint64_t tail = (uint64_t)n << 56;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t m;
        memcpy(&m, p, 8); /* the algorithm is little-endian, and so is every machine we build for */
        s.v3 ^= m;
        sip_round(&s);
        sip_round(&s);
        s.v0 ^= m;
    }
    for (size_t i = 0; i < n; i++)
        tail |= (uint64_t)p[i] << (8 * i);
    s.v3 ^= tail;
    sip_round(&s);
    sip_round(&s);
    s.v0 ^= tail;
    return s;
}

static uint64_t sip_squeeze(struct sip *s)
{
    for (int i = 0; i < 4; i++)
        sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t tc_hash64(struct tc_hash_key key, const void *p, size_t n)
{
    struct sip s = sip_absorb(key, p, n, 0);
    s.v2 ^= 0xff;
    return sip_squeeze(&s);
}

struct tc_hash128 tc_hash128(struct tc_hash_key key, const void *p, size_t n)
{
    struct sip s = sip_absorb(key, p, n, 0xee);
    struct tc_hash128 h;
    s.v2 ^= 0xee;
    h.a = sip_squeeze(&s);
    s.v1 ^= 0xdd;
    h.b = sip_squeeze(&s);
    return h;
}

static uint32_t rotl32(uint32_t x, int b)
{
    return (x << b) | (x >> (32 - b));
}

static void sha1_block(struct tc_sha1 *s)
{
    uint32_t w[80];
    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 |
               (uint32_t)s->block[4 * i + 2] << 8 | s->block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999;
        } else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ed9eba1;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdc;
        } else {
            f = b ^ c ^ d;
            k = 0xca62c1d6;
        }
        uint32_t t = rotl32(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotl32(b, 30);
        b = a;
        a = t;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

void tc_sha1_begin(struct tc_sha1 *s)
{
    *s = (struct tc_sha1){.h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
}

void tc_sha1_add(struct tc_sha1 *s, const void *p, size_t n)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++) {
        s->block[s->bytes++ % 64] = b[i];
        if (s->bytes % 64 == 0)
            sha1_block(s);
    }
}

void tc_sha1_end(struct tc_sha1 *s, uint8_t out[20])
{
    uint64_t bits = s->bytes * 8;
    uint8_t len[8];
    tc_sha1_add(s, "\x80", 1);
    while (s->bytes % 64 != 56)
        tc_sha1_add(s, "", 1);
    for (int i = 0; i < 8; i++)
        len[i] = (uint8_t)(bits >> (56 - 8 * i));
    tc_sha1_add(s, len, 8);
    for (int i = 0; i < 20; i++)
        out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void tc_sha1(const struct tc_str *pieces, size_t count, uint8_t out[20])
{
    struct tc_sha1 s;
    tc_sha1_begin(&s);
    for (size_t i = 0; i < count; i++)
        tc_sha1_add(&s, pieces[i].p, pieces[i].n);
    tc_sha1_end(&s, out);
}
