/* SPDX-License-Identifier: Apache-2.0 */
/* What a pattern remembers: observations sorted by first_observed. */
#include "pattern/when.h"

#include "pattern/when_parts.h"

#include <stdlib.h>

struct tc_when {
    const struct tc_when_plan *plan;
    bool borrowed; /* the plan is another's */
    struct tc_seen *v;
    size_t n, cap, reduced; /* reduced: n after the last reduction */
    tc_time latest;         /* latest first_observed so far */
    tc_time last;           /* latest last_observed so far */
    int64_t longest;        /* longest interval among v */
    uint64_t forgotten, undecided;
    struct tc_seen_id **ids; /* of the last match */
    size_t ids_cap;
};

struct tc_seen_id *tc_seen_id_new(struct tc_str id)
{
    if (id.n > UINT32_MAX)
        return NULL;
    struct tc_seen_id *s = malloc(sizeof *s + id.n + 1);
    if (s) {
        s->refs = 1;
        s->n = (uint32_t)id.n;
        if (id.n)
            memcpy(s->p, id.p, id.n);
        s->p[id.n] = '\0';
    }
    return s;
}

void tc_seen_id_unref(struct tc_seen_id *id)
{
    if (id && --id->refs == 0)
        free(id);
}

tc_err tc_when_new(const struct tc_pattern *p, struct tc_when **out, struct tc_diag *d)
{
    struct tc_when *w = calloc(1, sizeof *w);
    struct tc_when_plan *plan = calloc(1, sizeof *plan);
    tc_err e =
        w && plan ? tc_when_plan_make(p, plan, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (e) {
        free(plan);
        free(w);
        return e;
    }
    w->plan = plan;
    w->latest = w->last = INT64_MIN;
    *out = w;
    return TC_OK;
}

tc_err tc_when_like(const struct tc_when *like, struct tc_when **out)
{
    struct tc_when *w = calloc(1, sizeof *w);
    if (!w)
        return TC_E_NOMEM;
    w->plan = like->plan;
    w->borrowed = true;
    w->latest = w->last = INT64_MIN;
    *out = w;
    return TC_OK;
}

void tc_when_free(struct tc_when *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++)
        tc_seen_id_unref(w->v[i].id);
    if (!w->borrowed) {
        struct tc_when_plan *plan = (struct tc_when_plan *)(uintptr_t)w->plan;
        tc_when_plan_fini(plan);
        free(plan);
    }
    free(w->v);
    free(w->ids);
    free(w);
}

bool tc_when_single(const struct tc_when *w)
{
    const struct tc_when_node *n = &w->plan->nodes[w->plan->root];
    return n->kind == TC_WHEN_LEAF && n->need == 1;
}

uint64_t tc_when_part(const struct tc_when *w, size_t k, tc_time first, tc_time last)
{
    const struct tc_when_observe *o = &w->plan->observes[k];
    return !o->never && first < o->stop && last >= o->start ? UINT64_C(1) << o->part : 0;
}

struct tc_when_counts tc_when_counts(const struct tc_when *w)
{
    return (struct tc_when_counts){w->n, w->forgotten, w->undecided};
}

int64_t tc_when_span(const struct tc_when *w)
{
    return tc_when_single(w) ? 0 : w->plan->span;
}

/* ---- what is remembered ---- */

/* first_observed of what can still come and join; false: no end is set. */
static bool horizon_of(const struct tc_when *w, tc_time latest, int64_t late, int64_t *out)
{
    return w->plan->span != INT64_MAX && latest != INT64_MIN &&
           !__builtin_sub_overflow(latest, w->plan->span, out) &&
           !__builtin_sub_overflow(*out, late, out);
}

bool tc_when_past(const struct tc_when *w, tc_time latest, int64_t late)
{
    int64_t horizon;
    return horizon_of(w, latest, late, &horizon) && w->last < horizon;
}

static void forget(struct tc_when *w, size_t i)
{
    tc_seen_id_unref(w->v[i].id);
    w->v[i].id = NULL;
}

static void close_gaps(struct tc_when *w)
{
    size_t n = 0;
    w->longest = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].id) {
            int64_t length = w->v[i].last - w->v[i].first;
            w->longest = length > w->longest ? length : w->longest;
            w->v[n++] = w->v[i];
        }
    w->n = n;
}

static uint8_t roles_of(const struct tc_when *w, uint64_t parts)
{
    uint8_t r = 0;
    for (unsigned i = 0; i < w->plan->n_parts; i++)
        if (parts >> i & 1)
            r |= w->plan->roles[i];
    return r;
}

static int by_last(const void *a, const void *b)
{
    const struct tc_seen *x = *(struct tc_seen *const *)a, *y = *(struct tc_seen *const *)b;
    return x->last < y->last ? 1 : x->last > y->last ? -1 : 0;
}

/* Of observations for the same parts, of which only the first (or last, or nothing but the count)
 * can matter, no binding needs more than plan.need: the earliest (latest) of them. */
static tc_err keep_best(struct tc_when *w, uint64_t parts, uint8_t role, struct tc_seen **order)
{
    size_t n = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].id && w->v[i].parts == parts)
            order[n++] = &w->v[i]; /* already by first */
    if (role == TC_WHEN_USES_LAST)
        qsort(order, n, sizeof(struct tc_seen *), by_last);
    for (size_t i = 0; i < n; i++) {
        if (sum >= w->plan->need) {
            tc_seen_id_unref(order[i]->id);
            order[i]->id = NULL;
        }
        sum += order[i]->number;
    }
    return TC_OK;
}

#define KINDS 32 /* sets of parts that are looked at in one reduction; the others wait */

static tc_err reduce(struct tc_when *w)
{
    uint64_t done[KINDS];
    size_t n = 0;
    struct tc_seen **order = calloc(w->n, sizeof(struct tc_seen *));
    if (!order)
        return TC_E_NOMEM;
    for (size_t i = 0; i < w->n && n < KINDS; i++) {
        uint64_t parts = w->v[i].parts;
        uint8_t role = roles_of(w, parts);
        size_t k = 0;
        while (k < n && done[k] != parts)
            k++;
        if (!w->v[i].id || k < n || role == (TC_WHEN_USES_FIRST | TC_WHEN_USES_LAST))
            continue;
        done[n++] = parts;
        (void)keep_best(w, parts, role, order);
    }
    free(order);
    close_gaps(w);
    w->reduced = w->n;
    return TC_OK;
}

/* Out of reach of everything that may still come: first_observed from horizon on. */
static void expire(struct tc_when *w, int64_t late)
{
    int64_t horizon;
    if (!horizon_of(w, w->latest, late, &horizon))
        return;
    if (w->n && w->v[w->n / 4].last >= horizon)
        return; /* a quarter at a time, so that each arrival pays for little */
    size_t gone = 0;
    for (size_t i = 0; i < w->n && w->v[i].first < horizon; i++)
        if (w->v[i].last < horizon) {
            forget(w, i);
            gone++;
        }
    if (gone)
        close_gaps(w);
}

static void forget_oldest(struct tc_when *w, size_t some)
{
    for (size_t i = 0; i < some; i++)
        forget(w, i);
    w->forgotten += some;
    close_gaps(w);
}

void tc_when_halve(struct tc_when *w)
{
    forget_oldest(w, w->n / 2);
}

static tc_err make_room(struct tc_when *w)
{
    if (w->n >= 64 && w->n >= w->reduced * 2) {
        tc_err e = reduce(w);
        if (e)
            return e;
    }
    if (w->n >= TC_WHEN_MAX_SEEN)
        forget_oldest(w, TC_WHEN_MAX_SEEN / 16);
    if (w->n < w->cap)
        return TC_OK;
    size_t cap = w->cap ? w->cap * 2 : 4;
    struct tc_seen *v = realloc(w->v, cap * sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    w->v = v;
    w->cap = cap;
    return TC_OK;
}

static tc_err insert(struct tc_when *w, const struct tc_when_event *x, size_t *at)
{
    tc_err e = make_room(w);
    if (e)
        return e;
    size_t i = w->n;
    while (i && w->v[i - 1].first > x->first)
        i--;
    memmove(w->v + i + 1, w->v + i, (w->n - i) * sizeof *w->v);
    w->v[i] = (struct tc_seen){x->first, x->last, x->parts, x->number, x->id};
    x->id->refs++;
    w->n++;
    w->longest = x->last - x->first > w->longest ? x->last - x->first : w->longest;
    tc_time first = x->first < tc_when_clock(x) ? x->first : tc_when_clock(x);
    w->latest = first > w->latest ? first : w->latest;
    w->last = x->last > w->last ? x->last : w->last;
    *at = i;
    return TC_OK;
}

/* How many have first_observed before t. */
static size_t before(const struct tc_when *w, int64_t t)
{
    size_t lo = 0, hi = w->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->v[mid].first < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The same observation, fed before: its place, or w->n. */
static size_t same(const struct tc_when *w, const struct tc_when_event *x)
{
    for (size_t i = before(w, x->first); i < w->n && w->v[i].first == x->first; i++)
        if (w->v[i].id->n == x->id->n && memcmp(w->v[i].id->p, x->id->p, x->id->n) == 0)
            return i;
    return w->n;
}

/* ---- deciding ---- */

/* Could the counts suffice, times aside? */
static bool enough(const struct tc_when *w, int at, const uint64_t *counts)
{
    const struct tc_when_node *n = &w->plan->nodes[at];
    switch (n->kind) {
    case TC_WHEN_LEAF:
        return counts[n->part] >= n->need;
    case TC_WHEN_OR:
        return enough(w, n->left, counts) || enough(w, n->right, counts);
    default:
        return enough(w, n->left, counts) && enough(w, n->right, counts);
    }
}

/* The observations from *from on, *n of them, of which some could stand in one binding with x. */
static void window(const struct tc_when *w, size_t x, size_t *from, size_t *n)
{
    int64_t lo, hi;
    *from = 0;
    *n = w->n;
    if (w->plan->span == INT64_MAX || __builtin_sub_overflow(w->v[x].first, w->plan->span, &lo) ||
        __builtin_sub_overflow(lo, w->longest, &lo) ||
        __builtin_add_overflow(w->v[x].last, w->plan->span, &hi))
        return;
    *from = before(w, lo);
    *n = before(w, hi + 1) - *from;
}

/* REPEATS n of one part with x the latest: those that reach back into the window of x count, and
 * the nearest are looked at first, so this ends after about n of them. */
static bool quick_repeats(const struct tc_when *w, size_t from, size_t x, bool *used)
{
    const struct tc_when_node *root = &w->plan->nodes[w->plan->root];
    uint64_t sum = 0;
    for (size_t i = x + 1; i-- > from && sum < root->need;) {
        const struct tc_seen *o = &w->v[i];
        if (root->within == INT64_MAX || o->last >= w->v[x].first ||
            w->v[x].first - o->last <= root->within) {
            used[i - from] = true;
            sum += o->number;
        }
    }
    return sum >= root->need;
}

static tc_err decide(struct tc_when *w, size_t x, enum tc_when_verdict *out, size_t *from,
                     size_t *n, bool **used)
{
    uint64_t counts[TC_WHEN_MAX_PARTS] = {0};
    window(w, x, from, n);
    if (w->plan->nodes[w->plan->root].kind == TC_WHEN_LEAF && x + 1 == w->n) {
        *used = calloc(*n, sizeof **used);
        if (!*used)
            return TC_E_NOMEM;
        *out = quick_repeats(w, *from, x, *used) ? TC_WHEN_YES : TC_WHEN_NO;
        return TC_OK;
    }
    for (size_t i = *from; i < *from + *n; i++)
        for (uint64_t m = w->v[i].parts; m; m &= m - 1)
            counts[__builtin_ctzll(m)] += w->v[i].number;
    *out = TC_WHEN_NO;
    if (!enough(w, w->plan->root, counts))
        return TC_OK;
    *used = calloc(*n, sizeof **used);
    if (!*used)
        return TC_E_NOMEM;
    return tc_when_solve(w->plan, w->v + *from, *n, x - *from, out, *used);
}

static tc_err hand_out(struct tc_when *w, size_t from, size_t n, const bool *used, size_t *count)
{
    if (n > w->ids_cap) {
        struct tc_seen_id **v = realloc(w->ids, n * sizeof(struct tc_seen_id *));
        if (!v)
            return TC_E_NOMEM;
        w->ids = v;
        w->ids_cap = n;
    }
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (used[i])
            w->ids[(*count)++] = w->v[from + i].id;
    return TC_OK;
}

tc_err tc_when_feed(struct tc_when *w, const struct tc_when_event *x, int64_t late,
                    enum tc_when_verdict *out, struct tc_seen_id *const **ids, size_t *n)
{
    size_t at, from = 0, many = 0;
    bool *used = NULL;
    expire(w, late); /* before x comes in: what a match hands out stays until the next call */
    tc_err e = TC_OK;
    *ids = w->ids;
    *n = 0;
    *out = TC_WHEN_NO;
    if (x->again && (at = same(w, x)) < w->n) {
        if ((w->v[at].parts | x->parts) == w->v[at].parts)
            return TC_OK; /* nothing that was not known */
        w->v[at].parts |= x->parts;
    } else if ((e = insert(w, x, &at))) {
        return e;
    }
    e = decide(w, at, out, &from, &many, &used);
    if (!e && *out == TC_WHEN_YES)
        e = hand_out(w, from, many, used, n);
    free(used);
    *ids = w->ids;
    w->undecided += !e && *out == TC_WHEN_UNDECIDED;
    return e;
}
