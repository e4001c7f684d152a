/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/per.h"

#include "base/limits.h"
#include "pattern/when_parts.h"

#include <stdlib.h>

struct partition {
    struct tc_hash128 value;
    struct partition *chain;
    struct partition *newer, *older; /* by use */
    struct tc_when *when;
};

struct tc_per {
    const struct tc_when *like;
    struct tc_per_budget *budget;
    struct tc_per *prev, *next; /* of the budget */
    struct partition **table;
    size_t size, n, seen;
    struct partition *newest, *oldest;
    tc_time latest; /* latest first_observed so far, of all values */
    uint64_t dropped;
    uint64_t forgotten, undecided; /* of partitions that are gone, too */
};

tc_err tc_per_new(const struct tc_when *w, struct tc_per_budget *b, struct tc_per **out)
{
    struct tc_per *p = calloc(1, sizeof *p);
    if (!p)
        return TC_E_NOMEM;
    p->size = 16;
    p->table = calloc(p->size, sizeof(struct partition *));
    if (!p->table) {
        free(p);
        return TC_E_NOMEM;
    }
    p->like = w;
    p->budget = b;
    p->latest = INT64_MIN;
    p->next = b->first;
    if (b->first)
        b->first->prev = p;
    b->first = p;
    *out = p;
    return TC_OK;
}

/* ---- the table, and the order of use ---- */

static struct partition **place(struct tc_per *p, struct tc_hash128 v)
{
    struct partition **at = &p->table[v.a & (p->size - 1)];
    while (*at && ((*at)->value.a != v.a || (*at)->value.b != v.b))
        at = &(*at)->chain;
    return at;
}

static tc_err grow(struct tc_per *p)
{
    if (p->n < p->size)
        return TC_OK;
    struct partition **old = p->table;
    struct partition **table = calloc(p->size * 2, sizeof(struct partition *));
    size_t was = p->size;
    if (!table)
        return TC_E_NOMEM;
    p->table = table;
    p->size *= 2;
    for (size_t i = 0; i < was; i++)
        for (struct partition *x = old[i], *next; x; x = next) {
            next = x->chain;
            struct partition **at = &table[x->value.a & (p->size - 1)];
            x->chain = *at;
            *at = x;
        }
    free(old);
    return TC_OK;
}

static void unlink_use(struct tc_per *p, struct partition *x)
{
    *(x->newer ? &x->newer->older : &p->newest) = x->older;
    *(x->older ? &x->older->newer : &p->oldest) = x->newer;
}

static void link_newest(struct tc_per *p, struct partition *x)
{
    x->newer = NULL;
    x->older = p->newest;
    *(p->newest ? &p->newest->newer : &p->oldest) = x;
    p->newest = x;
}

static void let_go(struct tc_per *p, struct partition *x)
{
    struct tc_when_counts c = tc_when_counts(x->when);
    *place(p, x->value) = x->chain;
    unlink_use(p, x);
    p->n--;
    p->seen -= c.seen;
    p->budget->partitions--;
    p->budget->seen -= c.seen;
    tc_when_free(x->when);
    free(x);
}

void tc_per_free(struct tc_per *p)
{
    if (!p)
        return;
    while (p->oldest)
        let_go(p, p->oldest);
    *(p->prev ? &p->prev->next : &p->budget->first) = p->next;
    if (p->next)
        p->next->prev = p->prev;
    free(p->table);
    free(p);
}

/* ---- bounds ---- */

static void drop_oldest(struct tc_per *p)
{
    p->dropped++;
    let_go(p, p->oldest);
}

/* Some of the pattern that holds most give way, so that one with many values costs itself. */
static void relieve(struct tc_per_budget *b, bool by_seen)
{
    struct tc_per *most = b->first;
    for (struct tc_per *p = b->first; p; p = p->next)
        if (by_seen ? p->seen > most->seen : p->n > most->n)
            most = p;
    for (size_t some = most->n / 16 + 1; some && most->oldest; some--)
        drop_oldest(most);
}

/* at is the newest used. */
static void lighten(struct tc_per *p, struct partition *at)
{
    struct tc_when_counts was = tc_when_counts(at->when);
    if (was.seen < 8 || was.seen * 2 < p->seen / p->n) {
        drop_oldest(p);
        return;
    }
    tc_when_halve(at->when);
    struct tc_when_counts is = tc_when_counts(at->when);
    p->seen -= was.seen - is.seen;
    p->budget->seen -= was.seen - is.seen;
    p->forgotten += is.forgotten - was.forgotten;
}

/* Out of reach by event time, least recently used first; two a feed keep up with one that comes. */
static void expire(struct tc_per *p, int64_t late)
{
    for (int i = 0; i < 2 && p->oldest && tc_when_past(p->oldest->when, p->latest, late); i++)
        let_go(p, p->oldest);
}

static tc_err partition_of(struct tc_per *p, struct tc_hash128 value, struct partition **out)
{
    struct partition **at = place(p, value), *x = *at;
    if (x) {
        unlink_use(p, x);
        link_newest(p, x);
        *out = x;
        return TC_OK;
    }
    if (p->n >= TC_MAX_PARTITIONS)
        drop_oldest(p);
    if (p->budget->partitions >= p->budget->max_partitions)
        relieve(p->budget, false);
    tc_err e = grow(p);
    if (e || !(x = calloc(1, sizeof *x)))
        return TC_E_NOMEM;
    if ((e = tc_when_like(p->like, &x->when))) {
        free(x);
        return e;
    }
    x->value = value;
    at = place(p, value); /* what was dropped may have stood before it */
    x->chain = *at;
    *at = x;
    link_newest(p, x);
    p->n++;
    p->budget->partitions++;
    *out = x;
    return TC_OK;
}

tc_err tc_per_feed(struct tc_per *p, struct tc_hash128 value, const struct tc_when_event *x,
                   int64_t late, enum tc_when_verdict *out, struct tc_seen_id *const **ids,
                   size_t *n)
{
    struct partition *at = NULL;
    expire(p, late);
    while (p->budget->seen >= p->budget->max_seen && p->budget->partitions > 1)
        relieve(p->budget, true);
    tc_err e = partition_of(p, value, &at);
    if (e)
        return e;
    while (p->seen >= TC_MAX_PARTITION_SEEN && p->n > 1)
        lighten(p, at);
    struct tc_when_counts was = tc_when_counts(at->when);
    e = tc_when_feed(at->when, x, late, out, ids, n);
    struct tc_when_counts is = tc_when_counts(at->when);
    p->seen += is.seen - was.seen; /* may wrap down, as it should */
    p->budget->seen += is.seen - was.seen;
    p->forgotten += is.forgotten - was.forgotten;
    p->undecided += is.undecided - was.undecided;
    tc_time first = x->first < tc_when_clock(x) ? x->first : tc_when_clock(x);
    p->latest = first > p->latest ? first : p->latest;
    return e;
}

struct tc_per_counts tc_per_counts(const struct tc_per *p)
{
    return (struct tc_per_counts){p->n, p->dropped, p->seen, p->forgotten, p->undecided};
}
