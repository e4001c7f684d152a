/* SPDX-License-Identifier: Apache-2.0 */
/* A group that outlives `budget` losses is lost with the next one: at the (budget+1)-th smallest of
 * its suppliers' times. Its owner fails a buffer later, at the earliest over its groups.
 *
 *      all needed       the smallest of the times      one needed      the largest
 *      otherwise        the smallest budget+1 are kept in order, one exchange for each supplier
 *
 * All times begin at NEVER, the outages at 0, and only fall. Every rule is monotone, so however the
 * assets are worked out, the end is the largest times that obey the rules: nobody fails but because
 * of an outage. These are the times of cascade.c. What the order decides is how often an asset is
 * worked out:
 *
 *      a component of its own     once, when its place comes (order.h): its suppliers are done
 *      assets that supply each    by a queue: next is the one that a time that has fallen in some
 *      other round                lane could reach first. For that lane this is the walk of lean.c;
 *                                 the others are mostly right by then as well, since what spreads
 *                                 from neighbours spreads alike. Some seven times each where
 *                                 26,000 of a million hang together; by place it did not end. */
#include "impact/batch_timed.h"

#include <stdlib.h>

enum { L = TC_BATCH_TIMED, KEPT = 8, STATES = 27 };

struct times {
    uint32_t t[L];
};

struct tc_batch_timed {
    const struct tc_lean *l;
    uint32_t horizon;
    struct times *at;
    uint64_t *dirty, *touched, *counted, loop; /* bits: touched is to be added up */
    struct tc_queue queue;                     /* of a component, while it is settled */
    uint32_t *queued; /* n: the time at which a place stands in the queue, or NEVER */
    tc_err err;
    uint64_t seconds[L], people_seconds[L];
    uint32_t failed[L];
    uint64_t people[L], state[STATES];
    void (*settle)(struct tc_batch_timed *b);
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

static INLINE bool all_never(const struct times *x)
{
    uint32_t any = 0;
    for (int i = 0; i < L; i++)
        any |= ~x->t[i];
    return !any;
}

/* NEVER: none has. */
static INLINE uint32_t least_fallen(const struct times *restrict now,
                                    const struct times *restrict before)
{
    uint32_t least = TC_NEVER;
    for (int i = 0; i < L; i++) {
        uint32_t same = now->t[i] == before->t[i], t = now->t[i] | (0u - same);
        least = t < least ? t : least;
    }
    return least;
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

static INLINE bool joined(const struct tc_batch_timed *b, uint32_t v)
{
    return b->l->joined[v / 64] >> v % 64 & 1;
}

static INLINE void spread(struct tc_batch_timed *b, uint32_t v)
{
    const struct tc_lean *l = b->l;
    for (uint32_t i = l->asset[v].out; i < l->asset[v + 1].out; i++)
        set_bit(b->dirty, l->out_owner[i]);
}

static INLINE void fetch(const struct tc_batch_timed *b, uint32_t v)
{
    const struct tc_lean *l = b->l;
    uint32_t i = l->in_first[l->group_first[v]], end = l->in_first[l->group_first[v + 1]];
    for (; i < end; i++)
        for (int line = 0; line < L; line += 16)
            __builtin_prefetch(&b->at[l->supplier[i]].t[line]);
}

/* own: the times of v, brought down to what its groups say with their suppliers as they are now. */
static INLINE void reckon(struct tc_batch_timed *b, uint32_t v, struct times *restrict own)
{
    const struct tc_lean *l = b->l;
    struct times lost;
    for (uint32_t k = l->group_first[v]; k < l->group_first[v + 1]; k++) {
        lost_at(b, k, &lost);
        if (l->group[k].budget == TC_LEAN_LOOP)
            b->loop |= not_never(&lost);
        else
            fail_after(own, &lost, l->buffer[k], b->horizon);
    }
}

static void queue_up(struct tc_batch_timed *b, uint32_t at, uint32_t v)
{
    if (at >= b->queued[v])
        return;
    b->queued[v] = at;
    tc_err e = tc_queue_push(&b->queue, tc_queue_key(at, 0, v));
    if (e)
        b->err = e;
}

/* One asset of a component: whoever hangs on it inside is due when the earliest of the times that
 * have fallen could reach it. */
static INLINE void settle_member(struct tc_batch_timed *b, uint32_t v, uint32_t first, uint32_t end)
{
    const struct tc_lean *l = b->l;
    struct times own = b->at[v];
    reckon(b, v, &own);
    uint32_t least = least_fallen(&own, &b->at[v]);
    if (least == TC_NEVER)
        return;
    b->at[v] = own;
    set_bit(b->touched, v);
    for (uint32_t i = l->asset[v].out; i < l->asset[v + 1].out; i++) {
        uint32_t w = l->out_owner[i];
        if (w >= first && w < end)
            queue_up(b, least + l->out_buffer[i], w);
        else
            set_bit(b->dirty, w);
    }
}

/* The component around v, of whose places some are dirty. */
static INLINE void settle_component(struct tc_batch_timed *b, uint32_t v)
{
    uint32_t first = v, end = v + 1;
    while (first && joined(b, first - 1))
        first--;
    while (joined(b, end - 1))
        end++;
    tc_queue_clear(&b->queue);
    for (uint32_t w = first; w < end; w++)
        if (b->dirty[w / 64] >> w % 64 & 1) {
            b->dirty[w / 64] &= ~(UINT64_C(1) << w % 64);
            queue_up(b, 0, w);
        }
    do {
        for (uint32_t i = 0; i < b->queue.bucket[0].n; i++) {
            uint32_t w = (uint32_t)b->queue.bucket[0].keys[i];
            if (b->queued[w] != b->queue.now)
                continue; /* was worked out earlier */
            b->queued[w] = TC_NEVER;
            settle_member(b, w, first, end);
        }
    } while (!b->err && tc_queue_next(&b->queue, &b->err));
}

static INLINE void add_one(struct tc_batch_timed *b, uint32_t v, const struct times *restrict x)
{
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

/* An asset outside of any component: its suppliers are done, so this is its end, and it is counted
 * at once. Its times are kept only for those that hang on it. */
static INLINE void settle_alone(struct tc_batch_timed *b, uint32_t v)
{
    const struct tc_lean *l = b->l;
    struct times own;
    bool given = b->touched[v / 64] >> v % 64 & 1;
    if (given)
        own = b->at[v];
    else
        memset(&own, 0xff, sizeof own);
    reckon(b, v, &own);
    if (all_never(&own))
        return;
    add_one(b, v, &own);
    if (!given && l->asset[v].out == l->asset[v + 1].out)
        return;
    b->touched[v / 64] &= ~(UINT64_C(1) << v % 64);
    b->at[v] = own;
    set_bit(b->counted, v);
    spread(b, v);
}

static INLINE void settle(struct tc_batch_timed *b)
{
    uint32_t words = (b->l->n + 63) / 64, word = 0;
    while (word < words && !b->err) {
        if (!b->dirty[word]) {
            word++;
            continue;
        }
        uint32_t v = word * 64 + (uint32_t)__builtin_ctzll(b->dirty[word]);
        if (joined(b, v) || (v && joined(b, v - 1))) {
            settle_component(b, v);
            continue;
        }
        b->dirty[word] &= b->dirty[word] - 1;
        if (b->dirty[word])
            fetch(b, word * 64 + (uint32_t)__builtin_ctzll(b->dirty[word]));
        settle_alone(b, v);
    }
}

/* Adds up what is not counted yet, and takes all off the times. */
static INLINE void add_up(struct tc_batch_timed *b)
{
    for (uint32_t word = 0; word < (b->l->n + 63) / 64; word++) {
        for (uint64_t bits = b->touched[word]; bits; bits &= bits - 1) {
            uint32_t v = word * 64 + (uint32_t)__builtin_ctzll(bits);
            add_one(b, v, &b->at[v]);
        }
        for (uint64_t bits = b->touched[word] | b->counted[word]; bits; bits &= bits - 1)
            memset(&b->at[word * 64 + (uint32_t)__builtin_ctzll(bits)], 0xff, sizeof *b->at);
        b->touched[word] = b->counted[word] = 0;
    }
}

/* The same text for the vectors of the machine at hand. */
static void settle_plain(struct tc_batch_timed *b)
{
    settle(b);
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

WIDE("avx2") static void settle_256(struct tc_batch_timed *b)
{
    settle(b);
}

WIDE("avx2") static void add_up_256(struct tc_batch_timed *b)
{
    add_up(b);
}

WIDE("avx512f,avx512bw,avx512vl") static void settle_512(struct tc_batch_timed *b)
{
    settle(b);
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
    size_t words = (l->n + 63u) / 64 + 1, n = (size_t)l->n + 1;
    struct tc_batch_timed *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->l = l;
    b->horizon = horizon;
    b->at = aligned_alloc(64, n * sizeof *b->at);
    b->dirty = calloc(words, sizeof *b->dirty);
    b->touched = calloc(words, sizeof *b->touched);
    b->counted = calloc(words, sizeof *b->counted);
    b->queued = malloc(n * sizeof *b->queued);
    tc_queue_init(&b->queue);
    if (!b->at || !b->dirty || !b->touched || !b->counted || !b->queued) {
        tc_batch_timed_free(b);
        return NULL;
    }
    memset(b->at, 0xff, n * sizeof *b->at); /* NEVER */
    memset(b->queued, 0xff, n * sizeof *b->queued);
    choose(b);
    return b;
}

void tc_batch_timed_free(struct tc_batch_timed *b)
{
    if (!b)
        return;
    free(b->at);
    free(b->dirty);
    free(b->touched);
    free(b->counted);
    free(b->queued);
    tc_queue_fini(&b->queue);
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

tc_err tc_batch_timed_run(struct tc_batch_timed *b, const uint32_t *places, uint32_t n,
                          struct tc_lean_sum *sums, bool *full)
{
    forget(b);
    for (uint32_t i = 0; i < n; i++) {
        b->at[places[i]].t[i] = 0;
        set_bit(b->touched, places[i]);
        spread(b, places[i]);
    }
    b->settle(b);
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
    return b->err;
}
