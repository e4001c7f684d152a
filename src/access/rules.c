/* SPDX-License-Identifier: Apache-2.0 */
#include "access/rules.h"

#include "access/state.h"

static const char *const two_words[] = {"release", "deletion", "membership"};
static const char *const why_words[] = {"consultation", "search",  "export",
                                        "deletion",     "release", "membership"};

static const char *word_of(const char *const *words, size_t n, unsigned bit)
{
    for (size_t i = 0; i < n; i++)
        if (bit == 1u << i)
            return words[i];
    return NULL;
}

static bool parse(const char *const *words, size_t n, struct tc_str word, unsigned *bit)
{
    for (size_t i = 0; i < n; i++)
        if (tc_str_is(word, words[i])) {
            *bit = 1u << i;
            return true;
        }
    return false;
}

const char *tc_two_word(unsigned bit)
{
    return word_of(two_words, sizeof two_words / sizeof *two_words, bit);
}

const char *tc_why_word(unsigned bit)
{
    return word_of(why_words, sizeof why_words / sizeof *why_words, bit);
}

bool tc_two_parse(struct tc_str word, unsigned *bit)
{
    return parse(two_words, sizeof two_words / sizeof *two_words, word, bit);
}

bool tc_why_parse(struct tc_str word, unsigned *bit)
{
    return parse(why_words, sizeof why_words / sizeof *why_words, word, bit);
}

/* ---- who ---- */

/* Under lock. */
static bool steward_org(const struct tc_access *x, const struct tc_community_rec *c, uint32_t org)
{
    const struct tc_org_rec *o = tc_access_org_rec(x, org);
    const struct tc_member_rec *m = o ? tc_access_member_of(o, c->pub.number) : NULL;
    return m && (m->functions & TC_MEMBER_STEWARD || tc_str_is(c->pub.kind, "inbox"));
}

bool tc_access_steward(struct tc_access *x, uint32_t community, const struct tc_principal *p)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_community_rec *c = tc_access_community_rec(x, community);
    bool is = c && (p->roles & TC_ROLE_STEWARD) && steward_org(x, c, p->org);
    (void)pthread_rwlock_unlock(&x->lock);
    return is;
}

/* Under lock: has a certificate of this person the subject of one of the other? */
static bool same_subject(const struct tc_access *x, uint32_t a, uint32_t b)
{
    size_t at = 0, in;
    struct tc_str key;
    uint64_t v, w;
    while (tc_map_next(x->certs, &at, &key, &v)) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the map holds words */
        const struct tc_cert_rec *c = (const struct tc_cert_rec *)(uintptr_t)v;
        in = 0;
        while (c->person == a && c->subject[0] && tc_map_next(x->certs, &in, &key, &w)) {
            /* NOLINTNEXTLINE(performance-no-int-to-ptr): the map holds words */
            const struct tc_cert_rec *o = (const struct tc_cert_rec *)(uintptr_t)w;
            if (o->person == b && strcmp(c->subject, o->subject) == 0)
                return true;
        }
    }
    return false;
}

/* Under lock. */
static bool same_person(const struct tc_access *x, uint32_t a, uint32_t b)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, a), *q = tc_access_person_rec(x, b);
    if (a == b || !p || !q)
        return a == b;
    if (p->pub.org != q->pub.org)
        return false;
    struct tc_str n = tc_str_trim(p->pub.name), m = tc_str_trim(q->pub.name);
    return (n.n && tc_str_eq_nocase(n, m)) || same_subject(x, a, b);
}

bool tc_access_same_person(struct tc_access *x, uint32_t a, uint32_t b)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    bool same = same_person(x, a, b);
    (void)pthread_rwlock_unlock(&x->lock);
    return same;
}

/* Under lock. */
static bool two_stewards(const struct tc_access *x, const struct tc_community_rec *c)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i <= x->people.n; i++) {
        const struct tc_person_rec *p = tc_access_person_rec(x, i);
        if (!p->pub.active || !(p->pub.roles & TC_ROLE_STEWARD) || !steward_org(x, c, p->pub.org))
            continue;
        if (first && !same_person(x, first, i))
            return true;
        first = first ? first : i;
    }
    return false;
}

bool tc_access_two_stewards(struct tc_access *x, uint32_t community)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_community_rec *c = tc_access_community_rec(x, community);
    bool are = c && two_stewards(x, c);
    (void)pthread_rwlock_unlock(&x->lock);
    return are;
}

/* ---- setting them ---- */

bool tc_access_any_rules(struct tc_access *x)
{
    return atomic_load(&x->ruled) != 0;
}

/* Under the write lock, or while loading: keeps count of who has rules at all. */
void tc_access_rules_count(struct tc_access *x, const struct tc_community *c, bool in)
{
    uint32_t one = in ? 1u : UINT32_MAX; /* minus one */
    if (c->asks_reason & TC_WHY_READS)
        atomic_fetch_add(&x->reasons, one);
    if (c->asks_reason || c->four_eyes)
        atomic_fetch_add(&x->ruled, one);
}

static tc_err may_set(const struct tc_access *x, const struct tc_community_rec *c,
                      const struct tc_rules *was, const struct tc_rules *to, struct tc_diag *d)
{
    if (!c)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such community");
    if (to->four_eyes & ~TC_TWO_ALL || to->asks_reason & ~TC_WHY_ALL)
        return tc_diag_set(d, TC_E_INVALID, "there is no such rule");
    if (c->pub.four_eyes != was->four_eyes || c->pub.asks_reason != was->asks_reason)
        return tc_diag_set(d, TC_E_CONFLICT, "the rules were changed meanwhile");
    if (to->four_eyes & ~was->four_eyes && !two_stewards(x, c))
        return tc_diag_set(d, TC_E_CONFLICT,
                           "it has not two stewards, and it takes two to give this up again");
    return TC_OK;
}

tc_err tc_access_rules_set(struct tc_access *x, uint32_t community, const struct tc_rules *was,
                           const struct tc_rules *to, const char *act, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_community_rec *c = tc_access_community_rec(x, community);
    e = may_set(x, c, was, to, d);
    e = e ? e : tc_accessdb_rules_set(x->store, community, to->four_eyes, to->asks_reason);
    e = e ? e : tc_access_act_close(x, act);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    tc_access_rules_count(x, &c->pub, false);
    c->pub.four_eyes = to->four_eyes;
    c->pub.asks_reason = to->asks_reason;
    tc_access_rules_count(x, &c->pub, true);
    x->rules_changed = atomic_load(&x->epoch);
    tc_access_seen(x);
    return TC_OK;
}

/* ---- reasons ---- */

tc_err tc_access_withheld(struct tc_access *x, unsigned what, struct tc_arena *a,
                          struct tc_u32s *out)
{
    uint32_t n = 0, *v = NULL;
    *out = (struct tc_u32s){NULL, 0};
    if (!atomic_load(&x->reasons))
        return TC_OK;
    (void)pthread_rwlock_rdlock(&x->lock);
    v = tc_arena_zalloc(a, x->communities.n + (size_t)1, sizeof *v);
    for (uint32_t i = 1; v && i <= x->communities.n; i++)
        if (tc_access_community_rec(x, i)->pub.asks_reason & what)
            v[n++] = i;
    (void)pthread_rwlock_unlock(&x->lock);
    *out = (struct tc_u32s){v, n};
    return v ? TC_OK : TC_E_NOMEM;
}
