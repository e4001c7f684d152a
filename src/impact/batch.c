/* SPDX-License-Identifier: Apache-2.0 */
/* # Example: three outages (lanes 0..2) of assets a, b, c; d needs one of {a, b}, e needs d and c
 *
 *      place   a      b      c      d           e
 *      mask    001    010    100    001&010     000|100      lane 2 takes e along, nobody takes d
 *
 * An asset whose supplier's mask has grown is dirty. The dirty asset at the lowest place is worked
 * out next: places are in order.h's order, so its suppliers are done, unless they stand in one
 * component with it; then the component is settled before anything after it is looked at. Masks
 * only grow, and by the monotone rules of the groups, so the end is the least fixed point: exactly
 * what each outage does alone.
 *
 *      all of n needed     any supplier down        OR of the masks
 *      one of n needed     all suppliers down       AND
 *      otherwise           losses over the budget   512 counters at once, a plane for each bit
 *
 * Sums are counted the same way, as planes: two masks wait at each plane, and the third makes one
 * full adder of all lanes, whose carries go on to the next plane. So an asset costs a few steps,
 * not 512 additions. */
#include "impact/batch.h"

#include <stdlib.h>

enum { LANES = TC_BATCH / 64, PLANES = 64, STATES = 27 };

/* Masks are handed over only to what is inlined; no call has an ABI that could differ. */
#pragma GCC diagnostic ignored "-Wpsabi"
/* Aligned as the stack is: the sanitizers keep locals at no more than that. */
typedef uint64_t mask __attribute__((vector_size(64), aligned(16)));

struct counter { /* of each lane; at most two masks stand at a plane */
    mask have[PLANES], wait[PLANES];
    uint64_t waiting; /* bit p: wait[p] is filled */
    int top;          /* planes in use */
};

struct tc_batch {
    const struct tc_lean *l;
    mask *failed;    /* n */
    uint64_t *dirty; /* a bit for each place */
    uint64_t *touched;
    mask loop;
    struct counter count, people;
    mask state[STATES];
    void (*settle)(struct tc_batch *b, uint32_t word);
    void (*add_up)(struct tc_batch *b);
};

#define INLINE inline __attribute__((always_inline))

static INLINE bool any(const mask *m)
{
    uint64_t x = 0;
    for (int i = 0; i < LANES; i++)
        x |= (*m)[i];
    return x != 0;
}

/* ---- counting ---- */

static INLINE void count_mask(struct counter *c, int plane, mask x)
{
    while (c->waiting >> plane & 1) {
        mask a = c->have[plane], b = c->wait[plane], ab = a ^ b;
        c->have[plane] = ab ^ x;
        c->waiting &= ~(UINT64_C(1) << plane);
        x = (a & b) | (ab & x);
        plane++;
    }
    c->wait[plane] = x;
    c->waiting |= UINT64_C(1) << plane;
    if (plane >= c->top)
        c->top = plane + 1;
}

/* What waits is added; then have[] is the number. */
static void flush(struct counter *c)
{
    for (int plane = 0; plane < PLANES && c->waiting >> plane; plane++) {
        if (!(c->waiting >> plane & 1))
            continue;
        mask carry = c->have[plane] & c->wait[plane];
        c->have[plane] ^= c->wait[plane];
        c->waiting &= ~(UINT64_C(1) << plane);
        if (plane + 1 < PLANES && any(&carry))
            count_mask(c, plane + 1, carry);
    }
}

static uint64_t read_lane(const struct counter *c, uint32_t lane)
{
    uint64_t sum = 0;
    for (int p = 0; p < PLANES && p < c->top + 1; p++)
        sum |= (c->have[p][lane / 64] >> lane % 64 & 1) << p;
    return sum;
}

/* ---- groups ---- */

/* The lanes in which more than the budget is lost: counters of 32 planes, compared from the top. */
static INLINE mask over_budget(const struct tc_batch *b, uint32_t k)
{
    const struct tc_lean *l = b->l;
    uint32_t first = l->in_first[k], end = l->in_first[k + 1], budget = l->group[k].budget;
    mask plane[32], over = {0}, equal = ~(mask){0};
    int used = 0;
    for (uint32_t i = first; i < end; i++) {
        mask x = b->failed[l->supplier[i]];
        uint32_t loss = l->loss ? l->loss[i] : 1;
        for (int p = 0; loss >> p; p++) {
            if (!(loss >> p & 1))
                continue;
            mask carry = x;
            for (int q = p; any(&carry); q++) {
                while (used <= q)
                    plane[used++] = (mask){0};
                mask both = plane[q] & carry;
                plane[q] ^= carry;
                carry = both;
            }
        }
    }
    if (used < 32 && budget >> used)
        return over;
    for (int p = used - 1; p >= 0; p--) {
        if (budget >> p & 1) {
            equal &= plane[p];
        } else {
            over |= equal & plane[p];
            equal &= ~plane[p];
        }
    }
    return over;
}

static INLINE mask group_mask(struct tc_batch *b, uint32_t k)
{
    const struct tc_lean *l = b->l;
    uint32_t i = l->in_first[k], end = l->in_first[k + 1], budget = l->group[k].budget;
    mask x = b->failed[l->supplier[i++]];
    if (budget == 0 || budget == TC_LEAN_LOOP) {
        for (; i < end; i++)
            x |= b->failed[l->supplier[i]];
        if (budget == 0)
            return x;
        b->loop |= x;
        return (mask){0};
    }
    if (l->loss || budget + 1 != end - l->in_first[k])
        return over_budget(b, k);
    for (; i < end; i++)
        x &= b->failed[l->supplier[i]];
    return x;
}

/* ---- the pass ---- */

static INLINE void set_bit(uint64_t *set, uint32_t i)
{
    set[i / 64] |= UINT64_C(1) << i % 64;
}

/* The masks that the asset at v will need. */
static INLINE void fetch(const struct tc_batch *b, uint32_t v)
{
    const struct tc_lean *l = b->l;
    uint32_t i = l->in_first[l->group_first[v]], end = l->in_first[l->group_first[v + 1]];
    __builtin_prefetch(&b->failed[v], 1);
    for (; i < end; i++)
        __builtin_prefetch(&b->failed[l->supplier[i]]);
}

/* Marks who hangs on v; returns the lowest word of bits that changed. */
static INLINE uint32_t spread(struct tc_batch *b, uint32_t v, uint32_t lowest)
{
    const struct tc_lean *l = b->l;
    for (uint32_t i = l->asset[v].out; i < l->asset[v + 1].out; i++) {
        uint32_t w = l->out_owner[i];
        set_bit(b->dirty, w);
        lowest = w / 64 < lowest ? w / 64 : lowest;
    }
    return lowest;
}

static INLINE void settle(struct tc_batch *b, uint32_t word)
{
    const struct tc_lean *l = b->l;
    uint32_t words = (l->n + 63) / 64;
    while (word < words) {
        if (!b->dirty[word]) {
            word++;
            continue;
        }
        uint32_t v = word * 64 + (uint32_t)__builtin_ctzll(b->dirty[word]);
        b->dirty[word] &= b->dirty[word] - 1;
        if (b->dirty[word])
            fetch(b, word * 64 + (uint32_t)__builtin_ctzll(b->dirty[word]));
        mask old = b->failed[v], x = old;
        for (uint32_t k = l->group_first[v]; k < l->group_first[v + 1]; k++)
            x |= group_mask(b, k);
        mask grown = x ^ old;
        if (!any(&grown))
            continue;
        b->failed[v] = x;
        set_bit(b->touched, v);
        word = spread(b, v, word);
    }
}

/* Adds up what has failed, and takes it off the masks. */
static INLINE void add_up(struct tc_batch *b)
{
    const struct tc_lean *l = b->l;
    for (uint32_t word = 0; word < (l->n + 63) / 64; word++) {
        for (uint64_t bits = b->touched[word]; bits; bits &= bits - 1) {
            uint32_t v = word * 64 + (uint32_t)__builtin_ctzll(bits);
            mask x = b->failed[v];
            b->failed[v] = (mask){0};
            count_mask(&b->count, 0, x);
            for (uint32_t left = l->asset[v].people; left; left &= left - 1)
                count_mask(&b->people, __builtin_ctz(left), x);
            if (l->state && l->state[v] >= 0)
                b->state[l->state[v]] |= x;
        }
        b->touched[word] = 0;
    }
}

/* The same text for the vectors of the machine at hand. */
static void settle_plain(struct tc_batch *b, uint32_t word)
{
    settle(b, word);
}

static void add_up_plain(struct tc_batch *b)
{
    add_up(b);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void settle_256(struct tc_batch *b, uint32_t word)
{
    settle(b, word);
}

__attribute__((target("avx2"))) static void add_up_256(struct tc_batch *b)
{
    add_up(b);
}

__attribute__((target("avx512f"))) static void settle_512(struct tc_batch *b, uint32_t word)
{
    settle(b, word);
}

__attribute__((target("avx512f"))) static void add_up_512(struct tc_batch *b)
{
    add_up(b);
}
#endif

static void choose(struct tc_batch *b)
{
    b->settle = settle_plain;
    b->add_up = add_up_plain;
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f")) {
        b->settle = settle_512;
        b->add_up = add_up_512;
    } else if (__builtin_cpu_supports("avx2")) {
        b->settle = settle_256;
        b->add_up = add_up_256;
    }
#endif
}

struct tc_batch *tc_batch_new(const struct tc_lean *l)
{
    size_t words = (l->n + 63u) / 64 + 1, masks = (size_t)l->n + 1;
    struct tc_batch *b = aligned_alloc(64, (sizeof *b + 63) / 64 * 64);
    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    b->l = l;
    b->failed = aligned_alloc(64, masks * sizeof *b->failed);
    b->dirty = calloc(words, sizeof *b->dirty);
    b->touched = calloc(words, sizeof *b->touched);
    if (!b->failed || !b->dirty || !b->touched) {
        tc_batch_free(b);
        return NULL;
    }
    memset(b->failed, 0, masks * sizeof *b->failed);
    choose(b);
    return b;
}

void tc_batch_free(struct tc_batch *b)
{
    if (!b)
        return;
    free(b->failed);
    free(b->dirty);
    free(b->touched);
    free(b);
}

static void forget(struct tc_batch *b)
{
    memset(&b->count, 0, sizeof b->count);
    memset(&b->people, 0, sizeof b->people);
    memset(b->state, 0, sizeof b->state);
    b->loop = (mask){0};
}

void tc_batch_run(struct tc_batch *b, const uint32_t *places, uint32_t n, struct tc_lean_sum *sums,
                  bool *full)
{
    uint32_t word = UINT32_MAX;
    forget(b);
    for (uint32_t i = 0; i < n; i++) {
        b->failed[places[i]][i / 64] |= UINT64_C(1) << i % 64;
        set_bit(b->touched, places[i]);
        word = spread(b, places[i], word);
    }
    b->settle(b, word);
    b->add_up(b);
    flush(&b->count);
    flush(&b->people);
    for (uint32_t i = 0; i < n; i++) {
        sums[i] = (struct tc_lean_sum){.failed = (uint32_t)read_lane(&b->count, i),
                                       .people = read_lane(&b->people, i)};
        full[i] = b->loop[i / 64] >> i % 64 & 1;
        for (int s = 0; s < STATES; s++)
            sums[i].states |= (b->state[s][i / 64] >> i % 64 & 1) << s;
    }
}
