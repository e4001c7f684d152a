/* SPDX-License-Identifier: Apache-2.0 */
/* The tree against the reference inputs of RFC 6962 implementations, and against a slow twin that
 * is the recursive definition of section 2.1 word by word. */
#include "access/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#define MANY 3000

static struct tc_merkle_hash leaves[MANY];

static void hex(struct tc_merkle_hash *h, const char *text)
{
    size_t n = 0;
    assert_int_equal(sodium_hex2bin(h->b, 32, text, strlen(text), NULL, &n, NULL), 0);
    assert_int_equal(n, 32);
}

static void is_hex(const struct tc_merkle_hash *h, const char *text)
{
    struct tc_merkle_hash want;
    hex(&want, text);
    assert_memory_equal(h->b, want.b, 32);
}

/* ---- the twin ---- */

static size_t half(size_t n)
{
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    return k;
}

static struct tc_merkle_hash slow_root(const struct tc_merkle_hash *d, size_t n)
{
    struct tc_merkle_hash l, r;
    if (n == 0)
        tc_merkle_sha256("", 0, &l);
    if (n == 1)
        l = d[0];
    if (n > 1) {
        l = slow_root(d, half(n));
        r = slow_root(d + half(n), n - half(n));
        tc_merkle_node(&l, &r, &l);
    }
    return l;
}

static void slow_path(size_t m, const struct tc_merkle_hash *d, size_t n, struct tc_merkle_proof *p)
{
    if (n == 1)
        return;
    size_t k = half(n);
    if (m < k) {
        slow_path(m, d, k, p);
        p->v[p->n++] = slow_root(d + k, n - k);
    } else {
        slow_path(m - k, d + k, n - k, p);
        p->v[p->n++] = slow_root(d, k);
    }
}

static void slow_sub(size_t m, const struct tc_merkle_hash *d, size_t n, bool whole,
                     struct tc_merkle_proof *p)
{
    if (m == n) {
        if (!whole)
            p->v[p->n++] = slow_root(d, n);
        return;
    }
    size_t k = half(n);
    if (m <= k) {
        slow_sub(m, d, k, whole, p);
        p->v[p->n++] = slow_root(d + k, n - k);
    } else {
        slow_sub(m - k, d + k, n - k, false, p);
        p->v[p->n++] = slow_root(d, k);
    }
}

static tc_err read_slow(void *arg, unsigned level, uint64_t index, struct tc_merkle_hash *out)
{
    size_t n = (size_t)1 << level;
    struct tc_merkle_hash *copy = malloc(n * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, (struct tc_merkle_hash *)arg + (index << level), n * sizeof *copy);
    tc_merkle_fold(copy, n, out);
    free(copy);
    return TC_OK;
}

static const struct tc_merkle_tree tree = {read_slow, leaves};

static void same_proof(const struct tc_merkle_proof *a, const struct tc_merkle_proof *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->v, b->v, a->n * sizeof a->v[0]);
}

/* ---- vectors ---- */

static void reference_leaves(void)
{
    static const char *const inputs[] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
    for (size_t i = 0; i < 8; i++) {
        uint8_t b[16];
        size_t n = 0;
        assert_int_equal(sodium_hex2bin(b, sizeof b, inputs[i], strlen(inputs[i]), NULL, &n, NULL),
                         0);
        tc_merkle_leaf(b, n, &leaves[i]);
    }
}

static void test_roots(void **state)
{
    (void)state;
    static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    reference_leaves();
    for (uint64_t n = 0; n <= 8; n++) {
        struct tc_merkle_hash h;
        assert_int_equal(tc_merkle_root(&tree, n, &h), TC_OK);
        is_hex(&h, roots[n]);
    }
}

static void test_reference_proofs(void **state)
{
    (void)state;
    struct tc_merkle_proof p;
    reference_leaves();
    assert_int_equal(tc_merkle_inclusion(&tree, 5, 8, &p), TC_OK);
    assert_int_equal(p.n, 3);
    is_hex(&p.v[0], "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    is_hex(&p.v[1], "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
    is_hex(&p.v[2], "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    assert_int_equal(tc_merkle_consistency(&tree, 1, 8, &p), TC_OK);
    assert_int_equal(p.n, 3);
    is_hex(&p.v[0], "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
    is_hex(&p.v[1], "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
    is_hex(&p.v[2], "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
    assert_int_equal(tc_merkle_consistency(&tree, 6, 8, &p), TC_OK);
    assert_int_equal(p.n, 3);
    is_hex(&p.v[0], "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
    is_hex(&p.v[1], "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
    is_hex(&p.v[2], "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
}

/* ---- properties ---- */

static void many_leaves(void)
{
    for (uint32_t i = 0; i < MANY; i++)
        tc_merkle_leaf(&i, sizeof i, &leaves[i]);
}

/* Whatever is bent in a proof, it no longer holds. */
static void bent_inclusion(const struct tc_merkle_proof *p, size_t index, size_t n,
                           const struct tc_merkle_hash *root)
{
    struct tc_merkle_proof q = *p;
    size_t bit = (index * 31 + n) % 256;
    if (q.n) {
        q.v[(index + n) % q.n].b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(tc_merkle_included(&leaves[index], index, n, &q, root));
        q = *p;
        q.n--;
        assert_false(tc_merkle_included(&leaves[index], index, n, &q, root));
    }
    q = *p;
    q.v[q.n++] = *root;
    assert_false(tc_merkle_included(&leaves[index], index, n, &q, root));
    if (n > 1)
        assert_false(tc_merkle_included(&leaves[(index + 1) % n], index, n, p, root));
    assert_false(tc_merkle_included(&leaves[index], index + n, n, p, root));
}

static void one_size(size_t n, size_t step)
{
    struct tc_merkle_hash root, old, slow = slow_root(leaves, n);
    struct tc_merkle_proof p = {.n = 0}, twin;
    assert_int_equal(tc_merkle_root(&tree, n, &root), TC_OK);
    assert_memory_equal(root.b, slow.b, 32);
    for (size_t i = 0; i < n; i += step) {
        assert_int_equal(tc_merkle_inclusion(&tree, i, n, &p), TC_OK);
        twin.n = 0;
        slow_path(i, leaves, n, &twin);
        same_proof(&p, &twin);
        assert_true(tc_merkle_included(&leaves[i], i, n, &p, &root));
        bent_inclusion(&p, i, n, &root);

        assert_int_equal(tc_merkle_consistency(&tree, i + 1, n, &p), TC_OK);
        twin.n = 0;
        slow_sub(i + 1, leaves, n, true, &twin);
        same_proof(&p, &twin);
        assert_int_equal(tc_merkle_root(&tree, i + 1, &old), TC_OK);
        assert_true(tc_merkle_consistent(i + 1, &old, n, &root, &p));
        old.b[i % 32] ^= 1;
        assert_false(tc_merkle_consistent(i + 1, &old, n, &root, &p));
        old.b[i % 32] ^= 1;
        if (p.n) {
            p.v[i % p.n].b[n % 32] ^= 4;
            assert_false(tc_merkle_consistent(i + 1, &old, n, &root, &p));
            p.v[i % p.n].b[n % 32] ^= 4;
            p.n--;
            assert_false(tc_merkle_consistent(i + 1, &old, n, &root, &p));
        }
    }
}

static void test_small_all(void **state)
{
    (void)state;
    many_leaves();
    for (size_t n = 1; n <= 80; n++)
        one_size(n, 1);
}

static void test_larger(void **state)
{
    (void)state;
    static const size_t sizes[] = {127, 128, 129, 255, 256, 257, 511, 513, 1000, 2048, 2049, MANY};
    many_leaves();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        one_size(sizes[i], sizes[i] / 23 + 1);
}

static void test_senseless(void **state)
{
    (void)state;
    struct tc_merkle_proof p = {.n = 0};
    struct tc_merkle_hash h, empty;
    assert_int_equal(tc_merkle_inclusion(&tree, 0, 0, &p), TC_E_INVALID);
    assert_int_equal(tc_merkle_inclusion(&tree, 8, 8, &p), TC_E_INVALID);
    assert_int_equal(tc_merkle_consistency(&tree, 9, 8, &p), TC_E_INVALID);
    assert_int_equal(tc_merkle_root(&tree, UINT64_MAX, &h), TC_E_INVALID);
    assert_int_equal(tc_merkle_consistency(&tree, 0, 8, &p), TC_OK);
    assert_int_equal(p.n, 0);
    assert_int_equal(tc_merkle_root(&tree, 0, &empty), TC_OK);
    assert_int_equal(tc_merkle_root(&tree, 8, &h), TC_OK);
    assert_true(tc_merkle_consistent(0, &empty, 8, &h, &p));
    assert_false(tc_merkle_consistent(0, &h, 8, &h, &p));
    assert_false(tc_merkle_consistent(9, &h, 8, &h, &p));
    assert_false(tc_merkle_consistent(3, &h, 8, &h, &p));
    p.n = TC_MERKLE_PROOF + 1;
    assert_false(tc_merkle_included(&h, 0, 8, &p, &h));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots),     cmocka_unit_test(test_reference_proofs),
        cmocka_unit_test(test_small_all), cmocka_unit_test(test_larger),
        cmocka_unit_test(test_senseless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
