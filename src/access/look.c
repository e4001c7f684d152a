/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up: copies into the caller's arena, made under the lock. */
#include "access/naming.h"
#include "access/state.h"

struct copy {
    struct tc_arena *a;
    bool failed;
};

static struct tc_str dup(struct copy *c, struct tc_str s)
{
    if (!s.n)
        return (struct tc_str){"", 0};
    struct tc_str t = tc_arena_dup(c->a, s);
    if (!t.p)
        c->failed = true;
    return t;
}

static void org_copy(struct copy *c, const struct tc_org *from, struct tc_org *to)
{
    *to = *from;
    to->identity = dup(c, from->identity);
    to->name = dup(c, from->name);
    to->country = dup(c, from->country);
    to->sectors = dup(c, from->sectors);
    to->role = dup(c, from->role);
}

static void person_copy(struct copy *c, const struct tc_person *from, struct tc_person *to)
{
    *to = *from;
    to->identity = dup(c, from->identity);
    to->login = dup(c, from->login);
    to->name = dup(c, from->name);
}

static void community_copy(struct copy *c, const struct tc_community *from, struct tc_community *to)
{
    *to = *from;
    to->title = dup(c, from->title);
    to->description = dup(c, from->description);
    to->alias = dup(c, from->alias);
    to->kind = dup(c, from->kind);
    to->event = dup(c, from->event);
}

tc_err tc_access_org_by(struct tc_access *x, uint32_t number, struct tc_str text,
                        struct tc_arena *a, struct tc_org *out)
{
    struct copy c = {a, false};
    struct tc_org o;
    (void)pthread_rwlock_rdlock(&x->lock);
    if (!number)
        number = tc_access_find(x, KEY_ORG_IDENTITY, text, &x->orgs);
    if (!number)
        number = tc_access_find(x, KEY_ORG_NAME, text, &x->orgs);
    const struct tc_org_rec *r = tc_access_org_rec(x, number);
    if (r)
        org_copy(&c, &r->pub, &o);
    (void)pthread_rwlock_unlock(&x->lock);
    if (!r || c.failed)
        return r ? TC_E_NOMEM : TC_E_NOTFOUND;
    *out = o;
    return TC_OK;
}

tc_err tc_access_person_by(struct tc_access *x, uint32_t number, struct tc_str text,
                           struct tc_arena *a, struct tc_person *out)
{
    struct copy c = {a, false};
    struct tc_person p;
    char login[TC_MAX_LOGIN + 1];
    bool may_be_login = tc_naming_login(text, login, NULL) == TC_OK;
    (void)pthread_rwlock_rdlock(&x->lock);
    if (!number && may_be_login)
        number = tc_access_login_number(x, tc_str_cstr(login));
    if (!number)
        number = tc_access_find(x, KEY_PERSON_IDENTITY, text, &x->people);
    const struct tc_person_rec *r = tc_access_person_rec(x, number);
    if (r)
        person_copy(&c, &r->pub, &p);
    (void)pthread_rwlock_unlock(&x->lock);
    if (!r || c.failed)
        return r ? TC_E_NOMEM : TC_E_NOTFOUND;
    *out = p;
    return TC_OK;
}

tc_err tc_access_community_by(struct tc_access *x, uint32_t number, const struct tc_uuid *uuid,
                              struct tc_str alias, struct tc_arena *a, struct tc_community *out)
{
    struct copy c = {a, false};
    struct tc_community com;
    (void)pthread_rwlock_rdlock(&x->lock);
    if (!number && uuid)
        number = tc_access_find(x, KEY_UUID, tc_access_uuid_text(uuid), &x->communities);
    if (!number)
        number = tc_access_find(x, KEY_ALIAS, alias, &x->communities);
    const struct tc_community_rec *r = tc_access_community_rec(x, number);
    if (r)
        community_copy(&c, &r->pub, &com);
    (void)pthread_rwlock_unlock(&x->lock);
    if (!r || c.failed)
        return r ? TC_E_NOMEM : TC_E_NOTFOUND;
    *out = com;
    return TC_OK;
}

tc_err tc_access_orgs(struct tc_access *x, struct tc_arena *a, struct tc_org **out, size_t *n)
{
    struct copy c = {a, false};
    (void)pthread_rwlock_rdlock(&x->lock);
    size_t count = x->orgs.n;
    struct tc_org *v = tc_arena_zalloc(a, count + 1, sizeof *v);
    for (size_t i = 0; v && i < count; i++)
        org_copy(&c, &((struct tc_org_rec *)x->orgs.v[i])->pub, &v[i]);
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || c.failed)
        return TC_E_NOMEM;
    *out = v;
    *n = count;
    return TC_OK;
}

tc_err tc_access_people(struct tc_access *x, uint32_t org, struct tc_arena *a,
                        struct tc_person **out, size_t *n)
{
    struct copy c = {a, false};
    (void)pthread_rwlock_rdlock(&x->lock);
    size_t count = 0;
    struct tc_person *v = tc_arena_zalloc(a, x->people.n + (size_t)1, sizeof *v);
    for (size_t i = 0; v && i < x->people.n; i++) {
        const struct tc_person_rec *r = x->people.v[i];
        if (!org || r->pub.org == org)
            person_copy(&c, &r->pub, &v[count++]);
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || c.failed)
        return TC_E_NOMEM;
    *out = v;
    *n = count;
    return TC_OK;
}

/* Under lock: may p know that this community is there? Current membership counts, not what was
 * written into p when it signed in. */
static bool may_know(const struct tc_access *x, const struct tc_principal *p,
                     const struct tc_community_rec *c)
{
    if (p->only.n && !tc_u32s_has(p->only, c->pub.number))
        return false;
    if (p->system || c->pub.open_to_public)
        return true;
    const struct tc_org_rec *org = tc_access_org_rec(x, p->org);
    return org && tc_access_member_of(org, c->pub.number);
}

tc_err tc_access_org_principal(struct tc_access *x, uint32_t org, struct tc_arena *a,
                               struct tc_principal *out)
{
    tc_err e = TC_OK;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_org_rec *o = tc_access_org_rec(x, org);
    uint32_t *v = o ? tc_arena_zalloc(a, 2 * (o->n_in + 1u), sizeof *v) : NULL;
    if (!v)
        e = o ? TC_E_NOMEM : TC_E_NOTFOUND;
    uint32_t *since = v ? v + o->n_in + 1 : NULL, n = v ? tc_access_reads(o, v, since) : 0;
    if (v)
        *out = (struct tc_principal){.org = org,
                                     .roles = TC_ROLE_READER,
                                     .country = tc_country_number(o->pub.country),
                                     .communities = {v, n},
                                     .since = {since, n}};
    (void)pthread_rwlock_unlock(&x->lock);
    return e;
}

tc_err tc_access_communities_for(struct tc_access *x, const struct tc_principal *p,
                                 struct tc_arena *a, struct tc_community **out, size_t *n)
{
    struct copy c = {a, false};
    size_t count = 0, at = 0;
    (void)pthread_rwlock_rdlock(&x->lock);
    for (size_t i = 0; i < x->communities.n; i++)
        count += may_know(x, p, x->communities.v[i]);
    struct tc_community *v = tc_arena_zalloc(a, count + 1, sizeof *v);
    for (size_t i = 0; v && i < x->communities.n; i++) {
        const struct tc_community_rec *r = x->communities.v[i];
        if (may_know(x, p, r))
            community_copy(&c, &r->pub, &v[at++]);
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || c.failed)
        return TC_E_NOMEM;
    *out = v;
    *n = count;
    return TC_OK;
}

static bool ending(const struct tc_community_rec *c)
{
    return (c->pub.ends || c->pub.days_after) && c->pub.state != TC_COMMUNITY_ARCHIVED;
}

tc_err tc_access_ending(struct tc_access *x, struct tc_arena *a, struct tc_community **out,
                        size_t *n)
{
    struct copy c = {a, false};
    size_t count = 0, at = 0;
    (void)pthread_rwlock_rdlock(&x->lock);
    for (size_t i = 0; i < x->communities.n; i++)
        count += ending(x->communities.v[i]);
    struct tc_community *v = count ? tc_arena_zalloc(a, count, sizeof *v) : NULL;
    for (size_t i = 0; v && i < x->communities.n; i++)
        if (ending(x->communities.v[i]))
            community_copy(&c, &((struct tc_community_rec *)x->communities.v[i])->pub, &v[at++]);
    (void)pthread_rwlock_unlock(&x->lock);
    *out = v;
    *n = count;
    return (count && !v) || c.failed ? TC_E_NOMEM : TC_OK;
}

bool tc_access_may_write(struct tc_access *x, const struct tc_principal *p, uint32_t community)
{
    bool may = false;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_community_rec *c = tc_access_community_rec(x, community);
    const struct tc_org_rec *org = tc_access_org_rec(x, p->org);
    const struct tc_member_rec *m = org ? tc_access_member_of(org, community) : NULL;
    if (p->system)
        may = c != NULL || community == 0;
    else if (community == 0)
        may = p->only.n == 0;
    else
        may = c && c->pub.state == TC_COMMUNITY_OPEN && m && m->functions & TC_MEMBER_CONTRIBUTES &&
              may_know(x, p, c);
    (void)pthread_rwlock_unlock(&x->lock);
    return may;
}

tc_err tc_access_members(struct tc_access *x, const struct tc_principal *p, uint32_t community,
                         struct tc_arena *a, struct tc_u32s *orgs)
{
    uint32_t *v = NULL, n = 0;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_community_rec *c = tc_access_community_rec(x, community);
    const struct tc_org_rec *org = tc_access_org_rec(x, p->org);
    bool may =
        c && (p->system || (org && tc_access_member_of(org, community) && may_know(x, p, c)));
    if (may) {
        n = c->n_orgs;
        v = tc_arena_zalloc(a, n + (size_t)1, sizeof *v);
        if (v && n)
            memcpy(v, c->orgs, n * sizeof *v);
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!may || !v)
        return may ? TC_E_NOMEM : TC_E_DENIED;
    *orgs = (struct tc_u32s){v, n};
    return TC_OK;
}

uint64_t tc_access_epoch(struct tc_access *x)
{
    return atomic_load(&x->epoch);
}
