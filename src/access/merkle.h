/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1 with SHA-256: hashes of leaves
 * and nodes, roots, proofs of inclusion and consistency, and their verification. Holds no tree:
 * whoever has one gives a function that reads the root of a complete subtree. Pure, any thread.
 *
 *   leaf  SHA-256(0x00 | data)        node  SHA-256(0x01 | left | right)      empty  SHA-256("") */
#ifndef TC_ACCESS_MERKLE_H
#define TC_ACCESS_MERKLE_H

#include "base/str.h"

#define TC_MERKLE_HASH  32
#define TC_MERKLE_PROOF 64 /* more than a proof of TC_MERKLE_MAX leaves has */
#define TC_MERKLE_MAX   (UINT64_C(1) << 62)

struct tc_merkle_hash {
    uint8_t b[TC_MERKLE_HASH];
};

struct tc_merkle_proof {
    struct tc_merkle_hash v[TC_MERKLE_PROOF];
    size_t n;
};

void tc_merkle_sha256(const void *p, size_t n, struct tc_merkle_hash *out);
/* data of at most TC_MERKLE_LEAF bytes */
#define TC_MERKLE_LEAF 1023
void tc_merkle_leaf(const void *data, size_t n, struct tc_merkle_hash *out);
/* out may be one of the two. */
void tc_merkle_node(const struct tc_merkle_hash *left, const struct tc_merkle_hash *right,
                    struct tc_merkle_hash *out);
bool tc_merkle_same(const struct tc_merkle_hash *a, const struct tc_merkle_hash *b);
/* The root over 2^k hashes of one level, which are overwritten. */
void tc_merkle_fold(struct tc_merkle_hash *v, size_t n, struct tc_merkle_hash *out);

/* The root of the complete subtree over the leaves [index << level, (index + 1) << level). */
struct tc_merkle_tree {
    tc_err (*read)(void *arg, unsigned level, uint64_t index, struct tc_merkle_hash *out);
    void *arg;
};

/* Of the first size leaves. Errors: those of read; INVALID when the numbers make no sense. */
tc_err tc_merkle_root(const struct tc_merkle_tree *t, uint64_t size,
                      struct tc_merkle_hash *out) TC_MUST_USE;
/* That leaf index (from 0) is in the tree of size leaves; RFC 9162 section 2.1.3.1. */
tc_err tc_merkle_inclusion(const struct tc_merkle_tree *t, uint64_t index, uint64_t size,
                           struct tc_merkle_proof *out) TC_MUST_USE;
/* That the tree of size leaves begins with that of old leaves; section 2.1.4.1. Empty when old is
 * 0 or size. */
tc_err tc_merkle_consistency(const struct tc_merkle_tree *t, uint64_t old, uint64_t size,
                             struct tc_merkle_proof *out) TC_MUST_USE;

/* Sections 2.1.3.2 and 2.1.4.2. */
bool tc_merkle_included(const struct tc_merkle_hash *leaf, uint64_t index, uint64_t size,
                        const struct tc_merkle_proof *p, const struct tc_merkle_hash *root);
bool tc_merkle_consistent(uint64_t old, const struct tc_merkle_hash *old_root, uint64_t size,
                          const struct tc_merkle_hash *root, const struct tc_merkle_proof *p);

#endif
