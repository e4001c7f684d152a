/* SPDX-License-Identifier: Apache-2.0 */
#include "access/merkle.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>

#include <assert.h>

/* GnuTLS uses the processor's SHA instructions: four times as many nodes a second as libsodium. */
void tc_merkle_sha256(const void *p, size_t n, struct tc_merkle_hash *out)
{
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, p, n, out->b) != 0)
        (void)crypto_hash_sha256(out->b, p, n);
}

void tc_merkle_leaf(const void *data, size_t n, struct tc_merkle_hash *out)
{
    uint8_t b[1 + TC_MERKLE_LEAF] = {0};
    assert(n <= TC_MERKLE_LEAF);
    if (n)
        memcpy(b + 1, data, n);
    tc_merkle_sha256(b, n + 1, out);
}

void tc_merkle_node(const struct tc_merkle_hash *left, const struct tc_merkle_hash *right,
                    struct tc_merkle_hash *out)
{
    uint8_t b[1 + 2 * TC_MERKLE_HASH];
    b[0] = 1;
    memcpy(b + 1, left->b, TC_MERKLE_HASH);
    memcpy(b + 1 + TC_MERKLE_HASH, right->b, TC_MERKLE_HASH);
    tc_merkle_sha256(b, sizeof b, out);
}

bool tc_merkle_same(const struct tc_merkle_hash *a, const struct tc_merkle_hash *b)
{
    return memcmp(a->b, b->b, TC_MERKLE_HASH) == 0;
}

void tc_merkle_fold(struct tc_merkle_hash *v, size_t n, struct tc_merkle_hash *out)
{
    assert(n && (n & (n - 1)) == 0);
    for (; n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; i++)
            tc_merkle_node(&v[2 * i], &v[2 * i + 1], &v[i]);
    *out = v[0];
}

/* ---- making ---- */

/* MTH(D[lo : lo + n]) where lo is a multiple of the largest power of two that is at most n: the
 * complete subtrees from left to right, then folded from the right. */
static tc_err range(const struct tc_merkle_tree *t, uint64_t lo, uint64_t n,
                    struct tc_merkle_hash *out)
{
    struct tc_merkle_hash piece[64];
    size_t k = 0;
    for (unsigned level = 63; level-- > 0;) {
        if (!(n >> level & 1))
            continue;
        tc_err e = t->read(t->arg, level, lo >> level, &piece[k]);
        if (e)
            return e;
        k++;
        lo += UINT64_C(1) << level;
    }
    while (k > 1) {
        k--;
        tc_merkle_node(&piece[k - 1], &piece[k], &piece[k - 1]);
    }
    *out = piece[0];
    return TC_OK;
}

/* The largest power of two that is smaller than n, n > 1. */
static uint64_t split(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

tc_err tc_merkle_root(const struct tc_merkle_tree *t, uint64_t size, struct tc_merkle_hash *out)
{
    if (size > TC_MERKLE_MAX)
        return TC_E_INVALID;
    if (size)
        return range(t, 0, size, out);
    tc_merkle_sha256("", 0, out);
    return TC_OK;
}

static void turn(struct tc_merkle_proof *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        struct tc_merkle_hash h = p->v[i];
        p->v[i] = p->v[p->n - 1 - i];
        p->v[p->n - 1 - i] = h;
    }
}

/* Both proofs go down from the root to a place, and take the other half at each step; a proof is
 * written from below, so it is turned at the end. */
tc_err tc_merkle_inclusion(const struct tc_merkle_tree *t, uint64_t index, uint64_t size,
                           struct tc_merkle_proof *out)
{
    struct tc_merkle_proof p = {.n = 0};
    uint64_t lo = 0, n = size;
    if (index >= size || size > TC_MERKLE_MAX)
        return TC_E_INVALID;
    while (n > 1) {
        uint64_t k = split(n);
        bool left = index - lo < k;
        tc_err e = left ? range(t, lo + k, n - k, &p.v[p.n]) : range(t, lo, k, &p.v[p.n]);
        if (e)
            return e;
        p.n++;
        lo += left ? 0 : k;
        n = left ? k : n - k;
    }
    turn(&p);
    *out = p;
    return TC_OK;
}

tc_err tc_merkle_consistency(const struct tc_merkle_tree *t, uint64_t old, uint64_t size,
                             struct tc_merkle_proof *out)
{
    struct tc_merkle_proof p = {.n = 0};
    uint64_t lo = 0, n = size, m = old;
    bool whole = true; /* the old tree's root is known to whoever asks */
    tc_err e = TC_OK;
    if (old > size || size > TC_MERKLE_MAX)
        return TC_E_INVALID;
    if (old == 0)
        n = m = 0;
    while (!e && m != n) {
        uint64_t k = split(n);
        bool left = m <= k;
        e = left ? range(t, lo + k, n - k, &p.v[p.n]) : range(t, lo, k, &p.v[p.n]);
        p.n++;
        if (!left) {
            lo += k;
            m -= k;
            whole = false;
        }
        n = left ? k : n - k;
    }
    if (!e && !whole)
        e = range(t, lo, n, &p.v[p.n++]);
    if (e)
        return e;
    turn(&p);
    *out = p;
    return TC_OK;
}

/* ---- verifying ---- */

bool tc_merkle_included(const struct tc_merkle_hash *leaf, uint64_t index, uint64_t size,
                        const struct tc_merkle_proof *p, const struct tc_merkle_hash *root)
{
    if (index >= size || size > TC_MERKLE_MAX || p->n > TC_MERKLE_PROOF)
        return false;
    uint64_t fn = index, sn = size - 1;
    struct tc_merkle_hash r = *leaf;
    for (size_t i = 0; i < p->n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            tc_merkle_node(&p->v[i], &r, &r);
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tc_merkle_node(&r, &p->v[i], &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && tc_merkle_same(&r, root);
}

bool tc_merkle_consistent(uint64_t old, const struct tc_merkle_hash *old_root, uint64_t size,
                          const struct tc_merkle_hash *root, const struct tc_merkle_proof *p)
{
    struct tc_merkle_hash empty;
    if (old > size || size > TC_MERKLE_MAX || p->n > TC_MERKLE_PROOF)
        return false;
    tc_merkle_sha256("", 0, &empty);
    if (old == 0)
        return p->n == 0 && tc_merkle_same(old_root, &empty);
    if (old == size)
        return p->n == 0 && tc_merkle_same(old_root, root);
    uint64_t fn = old - 1, sn = size - 1;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    /* a tree of a power of two is itself the first subtree, which the proof leaves out */
    size_t i = (old & (old - 1)) == 0 ? 0 : 1;
    if (p->n < i)
        return false;
    struct tc_merkle_hash fr = i ? p->v[0] : *old_root, sr = fr;
    for (; i < p->n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            tc_merkle_node(&p->v[i], &fr, &fr);
            tc_merkle_node(&p->v[i], &sr, &sr);
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tc_merkle_node(&sr, &p->v[i], &sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && tc_merkle_same(&fr, old_root) && tc_merkle_same(&sr, root);
}
