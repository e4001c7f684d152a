/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes against their published vectors, and at every length against libsodium and GnuTLS. */
#include "base/hash.h"

#include "base/id.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct tc_hash_key key_of(const uint8_t bytes[16])
{
    struct tc_hash_key k;
    memcpy(&k.k0, bytes, 8);
    memcpy(&k.k1, bytes + 8, 8);
    return k;
}

static uint8_t counting[256]; /* 00 01 02 ... */

/* Aumasson and Bernstein, 2012, appendix A: key 00..0f, message 00..0e; and the first rows of the
 * authors' tables for 64 and 128 bits (message of 0 bytes). */
static void siphash_published(void **state)
{
    (void)state;
    struct tc_hash_key k = key_of(counting);
    assert_int_equal(tc_hash64(k, counting, 15), 0xa129ca6149be45e5u);
    assert_int_equal(tc_hash64(k, counting, 0), 0x726fdb47dd0e0e31u);
    assert_int_equal(tc_hash64(k, counting, 1), 0x74f839c593dc67fdu);
    struct tc_hash128 h = tc_hash128(k, counting, 0);
    assert_int_equal(h.a, 0xe6a825ba047f81a3u);
    assert_int_equal(h.b, 0x930255c71472f66du);
}

static void siphash_every_length(void **state)
{
    (void)state;
    uint8_t key[16], out[16];
    for (size_t n = 0; n <= sizeof counting; n++) {
        randombytes_buf(key, sizeof key);
        struct tc_hash_key k = key_of(key);
        uint64_t small = tc_hash64(k, counting, n);
        struct tc_hash128 large = tc_hash128(k, counting, n);
        assert_int_equal(crypto_shorthash(out, counting, n, key), 0);
        assert_memory_equal(out, &small, 8);
        assert_int_equal(crypto_shorthash_siphashx24(out, counting, n, key), 0);
        assert_memory_equal(out, &large, 16);
    }
}

static void sha1_hex(struct tc_str s, char out[41])
{
    uint8_t d[20];
    tc_sha1(&s, 1, d);
    assert_non_null(sodium_bin2hex(out, 41, d, sizeof d));
}

/* RFC 3174 section 7.3, tests 1, 2 and 4; FIPS 180 for the empty message. */
static void sha1_published(void **state)
{
    (void)state;
    char hex[41];
    sha1_hex(TC_STR("abc"), hex);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1_hex(TC_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
    assert_string_equal(hex, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    sha1_hex(TC_STR(""), hex);
    assert_string_equal(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    struct tc_str pieces[80];
    for (size_t i = 0; i < 80; i++)
        pieces[i] = TC_STR("01234567");
    uint8_t d[20];
    tc_sha1(pieces, 80, d);
    assert_non_null(sodium_bin2hex(hex, sizeof hex, d, sizeof d));
    assert_string_equal(hex, "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

static void sha1_every_length(void **state)
{
    (void)state;
    uint8_t ours[20], theirs[20];
    for (size_t n = 0; n <= sizeof counting; n++) {
        struct tc_str pieces[] = {{(const char *)counting, n / 3},
                                  {(const char *)counting + n / 3, n - n / 3}};
        tc_sha1(pieces, 2, ours);
        assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA1, counting, n, theirs), 0);
        assert_memory_equal(ours, theirs, 20);
    }
}

static void *take_key(void *out)
{
    *(struct tc_hash_key *)out = tc_hash_process_key();
    return NULL;
}

/* All threads that come first get the one key. */
static void process_key_is_one(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t t[THREADS];
    struct tc_hash_key key[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, take_key, &key[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    for (int i = 1; i < THREADS; i++)
        assert_memory_equal(&key[0], &key[i], sizeof key[0]);
    assert_true(key[0].k0 != 0 || key[0].k1 != 0);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    for (size_t i = 0; i < sizeof counting; i++)
        counting[i] = (uint8_t)i;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_published),  cmocka_unit_test(siphash_every_length),
        cmocka_unit_test(sha1_published),     cmocka_unit_test(sha1_every_length),
        cmocka_unit_test(process_key_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
