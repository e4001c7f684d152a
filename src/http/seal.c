/* SPDX-License-Identifier: Apache-2.0 */
#include "http/seal.h"

#include "base/hash.h"

#include <sodium.h>

static void put64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get64(const uint8_t in[8])
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | in[i];
    return v;
}

void tc_seal_bind(const struct tc_seal *s, const char *purpose, const struct tc_str *pieces,
                  size_t n, uint8_t bind[TC_SEAL_BIND])
{
    crypto_generichash_state h;
    uint8_t len[8];
    (void)crypto_generichash_init(&h, s->key, sizeof s->key, TC_SEAL_BIND);
    (void)crypto_generichash_update(&h, (const uint8_t *)purpose, strlen(purpose) + 1);
    for (size_t i = 0; i < n; i++) {
        put64(len, pieces[i].n);
        (void)crypto_generichash_update(&h, len, sizeof len);
        if (pieces[i].n)
            (void)crypto_generichash_update(&h, (const uint8_t *)pieces[i].p, pieces[i].n);
    }
    (void)crypto_generichash_final(&h, bind, TC_SEAL_BIND);
}

static void mac_of(const struct tc_seal *s, const uint8_t bind[TC_SEAL_BIND], uint64_t number,
                   uint8_t mac[16])
{
    uint8_t in[1 + TC_SEAL_BIND + 8] = {'m'};
    memcpy(in + 1, bind, TC_SEAL_BIND);
    put64(in + 1 + TC_SEAL_BIND, number);
    (void)crypto_generichash(mac, 16, in, sizeof in, s->key, sizeof s->key);
}

static uint64_t pad_of(const struct tc_seal *s, const uint8_t mac[16])
{
    uint8_t in[17] = {'p'}, out[16];
    memcpy(in + 1, mac, 16);
    (void)crypto_generichash(out, sizeof out, in, sizeof in, s->key, sizeof s->key);
    return get64(out);
}

void tc_seal_number(const struct tc_seal *s, const uint8_t bind[TC_SEAL_BIND], uint64_t number,
                    char out[TC_SEAL_TEXT])
{
    uint8_t bytes[24];
    mac_of(s, bind, number, bytes);
    put64(bytes + 16, number ^ pad_of(s, bytes));
    (void)sodium_bin2base64(out, TC_SEAL_TEXT, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

tc_err tc_seal_read(const struct tc_seal *s, const uint8_t bind[TC_SEAL_BIND], struct tc_str text,
                    uint64_t *number)
{
    uint8_t bytes[24], mac[16];
    size_t n = 0;
    if (text.n != TC_SEAL_TEXT - 1 ||
        sodium_base642bin(bytes, sizeof bytes, text.p, text.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        n != sizeof bytes)
        return TC_E_SYNTAX;
    uint64_t v = get64(bytes + 16) ^ pad_of(s, bytes);
    mac_of(s, bind, v, mac);
    if (sodium_memcmp(mac, bytes, sizeof mac) != 0)
        return TC_E_SYNTAX;
    *number = v;
    return TC_OK;
}

/* ---- places as UUIDs ---- */

#define HALF_MASK ((UINT64_C(1) << 61) - 1)

static uint64_t feistel_round(const struct tc_seal *s, uint64_t round, uint64_t half)
{
    struct tc_hash_key k = {get64(s->key) ^ round, get64(s->key + 8)};
    uint8_t in[8];
    put64(in, half);
    return tc_hash64(k, in, sizeof in) & HALF_MASK;
}

/* 61 + 61 bits into the 122 bits of a UUID that are not its version and variant. */
static struct tc_uuid halves_out(uint64_t l, uint64_t r)
{
    struct tc_uuid u;
    uint64_t hi = (l >> 13 << 16) | 0x4000 | (l >> 1 & 0xfff);
    uint64_t lo = UINT64_C(0x8000000000000000) | (l & 1) << 61 | r;
    for (int i = 0; i < 8; i++) {
        u.b[i] = (uint8_t)(hi >> (56 - 8 * i));
        u.b[8 + i] = (uint8_t)(lo >> (56 - 8 * i));
    }
    return u;
}

static bool halves_in(const struct tc_uuid *u, uint64_t *l, uint64_t *r)
{
    uint64_t hi = 0, lo = 0;
    for (int i = 0; i < 8; i++) {
        hi = hi << 8 | u->b[i];
        lo = lo << 8 | u->b[8 + i];
    }
    if ((hi & 0xf000) != 0x4000 || lo >> 62 != 2)
        return false;
    *l = (hi >> 16 << 13) | (hi & 0xfff) << 1 | (lo >> 61 & 1);
    *r = lo & HALF_MASK;
    return true;
}

struct tc_uuid tc_seal_place(const struct tc_seal *s, uint32_t segment, uint64_t offset)
{
    uint64_t l = ((uint64_t)(segment & 0xfffff) << 41) | (offset >> 1 & HALF_MASK >> 20);
    uint64_t r = (offset & 1) << 60;
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t next = l ^ feistel_round(s, i + 1, r);
        l = r;
        r = next;
    }
    return halves_out(l, r);
}

tc_err tc_seal_place_read(const struct tc_seal *s, const struct tc_uuid *u, uint32_t *segment,
                          uint64_t *offset)
{
    uint64_t l, r;
    if (!halves_in(u, &l, &r))
        return TC_E_NOTFOUND;
    for (uint64_t i = 4; i > 0; i--) {
        uint64_t before = r ^ feistel_round(s, i, l);
        r = l;
        l = before;
    }
    if (r & (HALF_MASK >> 1))
        return TC_E_NOTFOUND;
    *segment = (uint32_t)(l >> 41);
    *offset = (l & HALF_MASK >> 20) << 1 | r >> 60;
    return TC_OK;
}
