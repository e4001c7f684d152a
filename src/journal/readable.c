/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/readable.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEPT = 64 };

/* One allocation: this, the bits twice, the communities of the principal. */
struct answers {
    struct tc_readable pub;
    struct tc_principal who;
    unsigned refs;
    uint64_t used;
};

struct tc_readable_cache {
    pthread_mutex_t lock;
    const struct tc_audiences *audiences;
    struct answers *kept[KEPT];
    uint64_t clock;
};

struct tc_readable_cache *tc_readable_cache_new(const struct tc_audiences *audiences)
{
    struct tc_readable_cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    (void)pthread_mutex_init(&c->lock, NULL);
    c->audiences = audiences;
    return c;
}

static void unref(struct answers *a)
{
    if (a && --a->refs == 0)
        free(a);
}

void tc_readable_cache_free(struct tc_readable_cache *c)
{
    if (!c)
        return;
    for (int i = 0; i < KEPT; i++)
        unref(c->kept[i]);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool same_list(struct tc_u32s a, struct tc_u32s b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.v, b.v, a.n * sizeof *a.v) == 0);
}

static bool same_principal(const struct tc_principal *a, const struct tc_principal *b)
{
    return a->org == b->org && a->person == b->person && a->system == b->system &&
           a->country == b->country && same_list(a->since, b->since) &&
           same_list(a->communities, b->communities) && same_list(a->only, b->only) &&
           same_list(a->withheld, b->withheld);
}

/* The answers for all audiences 1 .. n; those of known are copied. */
static struct answers *ask(const struct tc_readable_cache *c, const struct tc_principal *p,
                           uint32_t n, const struct answers *known)
{
    size_t bytes = n / 8 + 1,
           lists = (p->communities.n + p->since.n + p->only.n + p->withheld.n) * sizeof(uint32_t);
    size_t at = sizeof(struct answers), at_lists = (at + 2 * bytes + 3) & ~(size_t)3;
    struct answers *a = calloc(1, at_lists + lists);
    if (!a)
        return NULL;
    uint8_t *bits = (uint8_t *)a + at, *whole = bits + bytes;
    uint32_t from = 1;
    if (known) {
        from = known->pub.n + 1;
        memcpy(bits, known->pub.bits, known->pub.n / 8 + 1);
        memcpy(whole, known->pub.whole, known->pub.n / 8 + 1);
    }
    for (uint32_t i = from; i <= n; i++) {
        const struct tc_audience *x = tc_audiences_of(c->audiences, i);
        if (tc_may_read(p, x))
            bits[i >> 3] = (uint8_t)(bits[i >> 3] | 1u << (i & 7));
        if (tc_may_read_whole(p, x))
            whole[i >> 3] = (uint8_t)(whole[i >> 3] | 1u << (i & 7));
    }
    uint32_t *communities = (uint32_t *)(void *)((char *)a + at_lists);
    uint32_t *since = communities + p->communities.n, *only = since + p->since.n;
    uint32_t *withheld = only + p->only.n;
    if (p->communities.n)
        memcpy(communities, p->communities.v, p->communities.n * sizeof *communities);
    if (p->since.n)
        memcpy(since, p->since.v, p->since.n * sizeof *since);
    if (p->only.n)
        memcpy(only, p->only.v, p->only.n * sizeof *only);
    if (p->withheld.n)
        memcpy(withheld, p->withheld.v, p->withheld.n * sizeof *withheld);
    a->who = *p;
    a->who.withheld.v = withheld;
    a->who.communities.v = communities;
    a->who.since.v = since;
    a->who.only.v = only;
    a->pub = (struct tc_readable){n, bits, whole};
    a->refs = 1;
    return a;
}

tc_err tc_readable_get(struct tc_readable_cache *c, const struct tc_principal *p,
                       const struct tc_readable **out)
{
    uint32_t n = tc_audiences_count(c->audiences);
    (void)pthread_mutex_lock(&c->lock);
    int place = 0;
    struct answers *a = NULL;
    for (int i = 0; i < KEPT && !a; i++) {
        struct answers *k = c->kept[i];
        if (k && same_principal(&k->who, p)) {
            a = k;
            place = i;
        } else if (c->kept[place] && (!k || k->used < c->kept[place]->used)) {
            place = i; /* an empty place, or the one not used for longest */
        }
    }
    if (!a || a->pub.n < n) {
        struct answers *fresh = ask(c, p, n, a);
        if (fresh) {
            unref(c->kept[place]);
            c->kept[place] = fresh;
        }
        a = fresh;
    }
    if (a) {
        a->refs++;
        a->used = ++c->clock;
        *out = &a->pub;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return a ? TC_OK : TC_E_NOMEM;
}

void tc_readable_unref(struct tc_readable_cache *c, const struct tc_readable *r)
{
    if (!r)
        return;
    (void)pthread_mutex_lock(&c->lock);
    unref((struct answers *)(uintptr_t)r);
    (void)pthread_mutex_unlock(&c->lock);
}
