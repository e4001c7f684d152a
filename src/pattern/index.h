/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of a value for a pattern to matter, as 128-bit keys in one hash table. A key is
 * SipHash-2-4 under the process key of the kind, the path and the bytes: two different ones are
 * taken to be the same with a chance of 2^-100 or less, and nobody outside can work towards it.
 *
 *   slot    key.a (8 bytes, 0 = empty) and a number (4 bytes), in two arrays: a miss reads one line
 *   number  the first of a chain; what a number means and where its chain goes on is the owner's
 *
 * The probes of a path say which kinds are there, so that a value is asked for those only. Probes
 * stay when patterns are removed: they cost a look-up that finds nothing. One thread. */
#ifndef TC_PATTERN_INDEX_H
#define TC_PATTERN_INDEX_H

#include "base/hash.h"
#include "pattern/ranges.h"
#include "pattern/value.h"

#define TC_INDEX_END UINT32_MAX /* end of a chain */

struct tc_pattern_index {
    uint64_t *keys;
    uint32_t *heads;
    size_t size, count; /* size: 0 or a power of two */
};

void tc_pattern_index_fini(struct tc_pattern_index *t);
tc_err tc_pattern_index_grow(struct tc_pattern_index *t) TC_MUST_USE; /* room for one more key */
/* Where key a is, or would be put (t grown before). */
size_t tc_pattern_index_slot(const struct tc_pattern_index *t, uint64_t a);
void tc_pattern_index_remove(struct tc_pattern_index *t, size_t slot);

static inline uint32_t tc_pattern_index_get(const struct tc_pattern_index *t, uint64_t a)
{
    if (!t->size)
        return TC_INDEX_END;
    for (size_t at = a & (t->size - 1);; at = (at + 1) & (t->size - 1)) {
        if (t->keys[at] == a)
            return t->heads[at];
        if (!t->keys[at])
            return TC_INDEX_END;
    }
}

static inline void tc_pattern_index_prefetch(const struct tc_pattern_index *t, uint64_t a)
{
    if (t->size)
        __builtin_prefetch(&t->keys[a & (t->size - 1)]);
}

/* ---- keys ---- */

enum tc_key_kind {
    TC_KEY_ANY, /* the path has a value at all */
    TC_KEY_TEXT,
    TC_KEY_NUMBER,
    TC_KEY_BOOL,
    TC_KEY_TIME,
    TC_KEY_NET,    /* its first n bits */
    TC_KEY_PREFIX, /* of tc_values_text */
    TC_KEY_SUFFIX,
    TC_KEY_GRAM3,
    TC_KEY_GRAM4,
    TC_KEY_FOLD3, /* the same without regard to case: tc_fold_at */
    TC_KEY_FOLD4,
    TC_KEY_RANGE, /* numbers between two, not in the table: struct tc_probes keeps them */
    TC_KEY_SPAN   /* times between two, the same */
};

struct tc_hash128 tc_pattern_index_key(enum tc_key_kind kind, uint32_t path, const void *p,
                                       size_t n);

/* What a path is asked for. */
struct tc_probes {
    uint32_t kinds;                   /* bit per tc_key_kind */
    uint64_t v4;                      /* bit per prefix length 0..32 */
    uint64_t v6[3];                   /* 0..128 */
    uint16_t prefixes, suffixes;      /* bit per length in tc_pattern_index_lengths */
    uint64_t *grams;                  /* 2^16 bits: a gram that is in the table has its bit set */
    struct tc_ranges *ranges, *spans; /* by tc_ranges_ordinate; by time */
};

/* Lengths of prefix and suffix keys; a literal is cut to the longest that fits. */
#define TC_INDEX_LENGTHS 12
extern const uint8_t tc_pattern_index_lengths[TC_INDEX_LENGTHS];

/* A key that must be among those of a value for the test to hold. */
struct tc_access {
    enum tc_key_kind kind;
    unsigned length; /* PREFIX, SUFFIX: place in tc_pattern_index_lengths; NET: bits */
    bool v6;
    uint32_t gram;
    struct tc_hash128 key;
    int64_t lo, hi; /* RANGE, SPAN: both inside */
    /* for a person; borrowed from the test */
    const struct tc_const
        *equal;               /* what the value must be equal to; of a one-sided range its end */
    enum tc_cmp_op op;        /* RANGE, SPAN: of that end */
    const struct tc_net *net; /* NET */
    struct tc_str text;       /* PREFIX, SUFFIX, grams */
};

/* A one-sided range or span: half of all values lie in it. */
static inline bool tc_access_wide(const struct tc_access *a)
{
    return (a->kind == TC_KEY_RANGE || a->kind == TC_KEY_SPAN) &&
           (a->lo == INT64_MIN || a->hi == INT64_MAX);
}

/* Makes the path ask for it from now on. */
tc_err tc_probes_add(struct tc_probes *p, const struct tc_access *a) TC_MUST_USE;

/* Equality with a constant. false: it holds for no value. */
bool tc_access_equal(uint32_t path, const struct tc_test *t, const struct tc_const *c,
                     struct tc_access *out);
/* < <= > >= with a number or a time; false when values of that kind have no such key (text). */
bool tc_access_order(const struct tc_test *t, struct tc_access *out);
/* Is a value of that key equal to the constant, without looking again? (not: whole numbers that a
 * double cannot hold, long h'..' and b'..') */
bool tc_access_exact(const struct tc_const *c);
/* net is borrowed. */
struct tc_access tc_access_net(uint32_t path, const struct tc_net *net);
struct tc_access tc_access_any(uint32_t path);
/* The text that every value must hold for LIKE or MATCHES; n 0 = none is known. where: PREFIX,
 * SUFFIX, GRAM4 for anywhere, FOLD4 for anywhere without regard to case. Borrowed from the test. */
struct tc_str tc_access_literal(const struct tc_test *t, enum tc_key_kind *where);
/* The character at i as one that PCRE2 takes for the same without regard to case: a letter of ASCII
 * as a small one, the Kelvin sign as k, the long s as s, other bytes as they are. *n: its bytes. */
char tc_fold_at(struct tc_str s, size_t i, size_t *n);
/* The i-th way to ask for a literal; false when there are no more. */
bool tc_access_text(uint32_t path, struct tc_str literal, enum tc_key_kind where, size_t i,
                    struct tc_access *out);

/* The keys of a value; one with a 0 asks the ranges (of a number) or the spans (of a text) for
 * those that hold b. out has room for TC_INDEX_MAX_KEYS, more are cut off and *cut is set. */
#define TC_INDEX_MAX_KEYS 65536u
size_t tc_probes_keys(const struct tc_probes *p, uint32_t path, enum tc_reading reading,
                      yyjson_val *value, struct tc_values *v, struct tc_hash128 *out, size_t room,
                      bool *cut);

#endif
