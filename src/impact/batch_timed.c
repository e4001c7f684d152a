/* SPDX-License-Identifier: Apache-2.0 */
/* A group that outlives `budget` losses is lost with the next one: at the (budget+1)-th smallest of
 * its suppliers' times. Its owner fails a buffer later, at the earliest over its groups.
 *
 *      all needed       the smallest of the times      one needed      the largest
 *      otherwise        the smallest budget+1 are kept in order, one exchange for each supplier
 *
 * All times begin at NEVER, the outages at 0, and only fall; assets are worked out as in batch.c,
 * the lowest dirty place first. Every rule is monotone, so this ends at the largest times that obey
 * the rules: nobody fails but because of an outage. These are the times of cascade.c. */
#include "impact/batch_timed.h"

#include <stdlib.h>

enum { L = TC_BATCH_TIMED, KEPT = 8, STATES = 27 };

struct times {
    uint32_t t[L];
};

struct tc_batch_timed {
    const struct tc_lean *l;
    uint32_t horizon;
    void *memory; /* of at, which begins at the next 64 bytes */
    struct times *at;
    uint64_t *dirty, *touched, loop;
    uint64_t seconds[L], people_seconds[L];
    uint32_t failed[L];
    uint64_t people[L], state[STATES];
    void (*settle)(struct tc_batch_timed *b, uint32_t word);
    void (*add_up)(struct tc_batch_timed *b);
};

#define INLINE inline __attribute__((always_inline))

static INLINE void take_min(struct times *restrict a, const struct times *restrict b)
{
    for (int i = 0; i < L; i++)
        a->t[i] = a->t[i] < b->t[i] ? a->t[i] : b->t[i];
}

static INLINE void take_max(struct times *restrict a, const struct times *restrict b)
{
    for (int i = 0; i < L; i++)
        a->t[i] = a->t[i] > b->t[i] ? a->t[i] : b->t[i];
}

/* lo keeps the smaller, x the larger. */
static INLINE void exchange(struct times *restrict lo, struct times *restrict x)
{
    for (int i = 0; i < L; i++) {
        uint32_t a = lo->t[i], b = x->t[i];
        lo->t[i] = a < b ? a : b;
        x->t[i] = a < b ? b : a;
    }
}

static INLINE void kth(const struct tc_batch_timed *b, uint32_t first, uint32_t end, uint32_t k,
                       struct times *restrict out)
{
    struct times kept[KEPT];
    for (uint32_t j = 0; j <= k; j++)
        memset(&kept[j], 0xff, sizeof kept[j]);
    for (uint32_t i = first; i < end; i++) {
        struct times x = b->at[b->l->supplier[i]];
        for (uint32_t j = 0; j <= k; j++)
            exchange(&kept[j], &x);
    }
    *out = kept[k];
}

/* When group k is lost. */
static INLINE void lost_at(const struct tc_batch_timed *b, uint32_t k, struct times *restrict out)
{
    const struct tc_lean *l = b->l;
    uint32_t first = l->in_first[k], end = l->in_first[k + 1], budget = l->group[k].budget;
    if (budget && budget != TC_LEAN_LOOP && budget + 1 != end - first) {
        kth(b, first, end, budget, out);
        return;
    }
    *out = b->at[l->supplier[first]];
    for (uint32_t i = first + 1; i < end; i++) {
        if (budget && budget != TC_LEAN_LOOP)
            take_max(out, &b->at[l->supplier[i]]);
        else
            take_min(out, &b->at[l->supplier[i]]);
    }
}

static INLINE uint64_t not_never(const struct times *x)
{
    uint64_t bits = 0;
    for (int i = 0; i < L; i++)
        bits |= (uint64_t)(x->t[i] != TC_NEVER) << i;
    return bits;
}

static INLINE void fail_after(struct times *restrict a, const struct times *restrict lost,
                              uint32_t buffer, uint32_t horizon)
{
    for (int i = 0; i < L; i++) {
        uint32_t t = lost->t[i] + buffer;
        t = t < lost->t[i] ? TC_NEVER : t; /* NEVER and something */
        t = t > horizon ? TC_NEVER : t;
        a->t[i] = a->t[i] < t ? a->t[i] : t;
    }
}

static INLINE void set_bit(uint64_t *set, uint32_t i)
{
    set[i / 64] |= UINT64_C(1) << i % 64;
}

static INLINE uint32_t spread(struct tc_batch_timed *b, uint32_t v, uint32_t lowest)
{
    const struct tc_lean *l = b->l;
    for (uint32_t i = l->asset[v].out; i < l->asset[v + 1].out; i++) {
        uint32_t w = l->out_owner[i];
        set_bit(b->dirty, w);
        lowest = w / 64 < lowest ? w / 64 : lowest;
    }
    return lowest;
}

static INLINE void fetch(const struct tc_batch_timed *b, uint32_t v)
{
    const struct tc_lean *l = b->l;
    uint32_t i = l->in_first[l->group_first[v]], end = l->in_first[l->group_first[v + 1]];
    for (; i < end; i++)
        for (int line = 0; line < L; line += 16)
            __builtin_prefetch(&b->at[l->supplier[i]].t[line]);
}

static INLINE void settle(struct tc_batch_timed *b, uint32_t word)
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
        struct times own = b->at[v], lost;
        for (uint32_t k = l->group_first[v]; k < l->group_first[v + 1]; k++) {
            lost_at(b, k, &lost);
            if (l->group[k].budget == TC_LEAN_LOOP)
                b->loop |= not_never(&lost);
            else
                fail_after(&own, &lost, l->buffer[k], b->horizon);
        }
        if (memcmp(&own, &b->at[v], sizeof own) == 0)
            continue;
        b->at[v] = own;
        set_bit(b->touched, v);
        word = spread(b, v, word);
    }
}

static INLINE void add_one(struct tc_batch_timed *b, uint32_t v)
{
    const struct times *x = &b->at[v];
    uint64_t people = b->l->asset[v].people;
    for (int i = 0; i < L; i++) {
        uint32_t fails = x->t[i] != TC_NEVER;
        b->failed[i] += fails;
        b->seconds[i] += fails ? x->t[i] : 0;
    }
    if (people)
        for (int i = 0; i < L; i++) {
            bool fails = x->t[i] != TC_NEVER;
            b->people[i] += fails ? people : 0;
            b->people_seconds[i] += fails ? people * (b->horizon - x->t[i]) : 0;
        }
    if (b->l->state && b->l->state[v] >= 0)
        b->state[b->l->state[v]] |= not_never(x);
}

/* Adds up what has failed, and takes it off the times. */
static INLINE void add_up(struct tc_batch_timed *b)
{
    for (uint32_t word = 0; word < (b->l->n + 63) / 64; word++) {
        for (uint64_t bits = b->touched[word]; bits; bits &= bits - 1) {
            uint32_t v = word * 64 + (uint32_t)__builtin_ctzll(bits);
            add_one(b, v);
            memset(&b->at[v], 0xff, sizeof b->at[v]);
        }
        b->touched[word] = 0;
    }
}

/* The same text for the vectors of the machine at hand. */
static void settle_plain(struct tc_batch_timed *b, uint32_t word)
{
    settle(b, word);
}

static void add_up_plain(struct tc_batch_timed *b)
{
    add_up(b);
}

#if defined __x86_64__
#ifdef __clang__
#define WIDE(isa) __attribute__((target(isa)))
#else
#define WIDE(isa) __attribute__((target(isa), optimize("O3"))) /* at O2 most loops stay narrow */
#endif

WIDE("avx2") static void settle_256(struct tc_batch_timed *b, uint32_t word)
{
    settle(b, word);
}

WIDE("avx2") static void add_up_256(struct tc_batch_timed *b)
{
    add_up(b);
}

WIDE("avx512f,avx512bw,avx512vl") static void settle_512(struct tc_batch_timed *b, uint32_t word)
{
    settle(b, word);
}

WIDE("avx512f,avx512bw,avx512vl") static void add_up_512(struct tc_batch_timed *b)
{
    add_up(b);
}
#endif

static void choose(struct tc_batch_timed *b)
{
    b->settle = settle_plain;
    b->add_up = add_up_plain;
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
        b->settle = settle_512;
        b->add_up = add_up_512;
    } else if (__builtin_cpu_supports("avx2")) {
        b->settle = settle_256;
        b->add_up = add_up_256;
    }
#endif
}

bool tc_batch_timed_can(const struct tc_graph *g)
{
    if (g->loss)
        return false;
    for (uint32_t k = 0; k < g->m; k++)
        if (g->group[k].budget >= KEPT &&
            g->group[k].budget + 1 != g->in_first[k + 1] - g->in_first[k])
            return false;
    return true;
}

struct tc_batch_timed *tc_batch_timed_new(const struct tc_lean *l, uint32_t horizon)
{
    size_t words = (l->n + 63u) / 64 + 1, bytes = ((size_t)l->n + 1) * sizeof(struct times);
    struct tc_batch_timed *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->l = l;
    b->horizon = horizon;
    b->memory = malloc(bytes + 64);
    b->dirty = calloc(words, sizeof *b->dirty);
    b->touched = calloc(words, sizeof *b->touched);
    if (!b->memory || !b->dirty || !b->touched) {
        tc_batch_timed_free(b);
        return NULL;
    }
    b->at = (struct times *)(((uintptr_t)b->memory + 63) & ~(uintptr_t)63);
    memset(b->at, 0xff, bytes); /* NEVER */
    choose(b);
    return b;
}

void tc_batch_timed_free(struct tc_batch_timed *b)
{
    if (!b)
        return;
    free(b->memory);
    free(b->dirty);
    free(b->touched);
    free(b);
}

static void forget(struct tc_batch_timed *b)
{
    memset(b->seconds, 0, sizeof b->seconds);
    memset(b->people_seconds, 0, sizeof b->people_seconds);
    memset(b->failed, 0, sizeof b->failed);
    memset(b->people, 0, sizeof b->people);
    memset(b->state, 0, sizeof b->state);
    b->loop = 0;
}

void tc_batch_timed_run(struct tc_batch_timed *b, const uint32_t *places, uint32_t n,
                        struct tc_lean_sum *sums, bool *full)
{
    uint32_t word = UINT32_MAX;
    forget(b);
    for (uint32_t i = 0; i < n; i++) {
        b->at[places[i]].t[i] = 0;
        set_bit(b->touched, places[i]);
        word = spread(b, places[i], word);
    }
    b->settle(b, word);
    b->add_up(b);
    for (uint32_t i = 0; i < n; i++) {
        sums[i] = (struct tc_lean_sum){.failed = b->failed[i],
                                       .seconds = b->seconds[i],
                                       .people = b->people[i],
                                       .people_seconds = b->people_seconds[i]};
        full[i] = b->loop >> i & 1;
        for (int s = 0; s < STATES; s++)
            sums[i].states |= (b->state[s] >> i & 1) << s;
    }
}
