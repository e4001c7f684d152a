/* SPDX-License-Identifier: Apache-2.0 */
/* Who belongs to a community, with what, and the life of the community. */
#include "access/state.h"

#include <stdlib.h>

const struct tc_member_rec *tc_access_member_of(const struct tc_org_rec *org, uint32_t community)
{
    for (uint32_t lo = 0, hi = org->n_in; lo < hi;) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (org->in[mid].community == community)
            return &org->in[mid];
        if (org->in[mid].community < community)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

uint32_t tc_access_reads(const struct tc_org_rec *org, uint32_t *communities, uint32_t *since)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < org->n_in; i++)
        if (org->in[i].functions & TC_MEMBER_RECEIVES) {
            communities[n] = org->in[i].community;
            since[n++] = org->in[i].since;
        }
    return n;
}

unsigned tc_access_functions(struct tc_access *x, uint32_t community, uint32_t org)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_org_rec *o = tc_access_org_rec(x, org);
    const struct tc_member_rec *m = o ? tc_access_member_of(o, community) : NULL;
    unsigned functions = m ? m->functions : 0;
    (void)pthread_rwlock_unlock(&x->lock);
    return functions;
}

/* ---- members ---- */

/* New lists for both sides with the pair put in or left out. Allocated for one more than there
 * are, so that size is never 0. */
struct swap {
    struct tc_member_rec *in;
    uint32_t n_in;
    uint32_t *orgs;
    uint32_t n_orgs;
};

static tc_err swap_make(const struct tc_org_rec *org, const struct tc_community_rec *com,
                        const struct tc_member_rec *m, struct swap *w)
{
    uint32_t c = com->pub.number, o = org->pub.number;
    w->in = malloc((org->n_in + (size_t)1) * sizeof *w->in);
    w->orgs = malloc((com->n_orgs + (size_t)1) * sizeof *w->orgs);
    if (!w->in || !w->orgs)
        return TC_E_NOMEM;
    uint32_t i = 0;
    for (; i < org->n_in && org->in[i].community < c; i++)
        w->in[w->n_in++] = org->in[i];
    if (m->functions)
        w->in[w->n_in++] = *m;
    for (; i < org->n_in; i++)
        if (org->in[i].community != c)
            w->in[w->n_in++] = org->in[i];
    for (i = 0; i < com->n_orgs && com->orgs[i] < o; i++)
        w->orgs[w->n_orgs++] = com->orgs[i];
    if (m->functions)
        w->orgs[w->n_orgs++] = o;
    for (; i < com->n_orgs; i++)
        if (com->orgs[i] != o)
            w->orgs[w->n_orgs++] = com->orgs[i];
    return TC_OK;
}

/* Who begins to read begins with an era of its own where the past is not for newcomers. */
static struct tc_member_rec new_member(const struct tc_org_rec *o, const struct tc_community_rec *c,
                                       unsigned functions, uint32_t *era)
{
    struct tc_member_rec m = {.community = c->pub.number, .functions = functions};
    const struct tc_member_rec *was = tc_access_member_of(o, c->pub.number);
    bool read = was && was->functions & TC_MEMBER_RECEIVES;
    *era = c->pub.era;
    if (read)
        m.since = was->since;
    else if (c->pub.since_joining && functions & TC_MEMBER_RECEIVES)
        m.since = ++*era;
    return m;
}

static tc_err may_change(const struct tc_org_rec *o, const struct tc_community_rec *c,
                         unsigned functions, struct tc_diag *d)
{
    if (!o || !c)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such %s",
                           o ? "community" : "organisation");
    if (tc_str_is(c->pub.kind, "inbox"))
        return tc_diag_set(d, TC_E_INVALID, "the members of an inbox cannot be changed");
    if (functions & ~TC_MEMBER_ALL)
        return tc_diag_set(d, TC_E_INVALID, "no such function of a member");
    if (functions && c->pub.state == TC_COMMUNITY_ARCHIVED)
        return tc_diag_set(d, TC_E_CONFLICT, "nobody joins what is archived");
    if (c->pub.era >= (1u << 24) - 1)
        return tc_diag_set(d, TC_E_LIMIT, "too many have joined this community");
    return TC_OK;
}

/* was NULL = whatever it is. */
static tc_err set_functions(struct tc_access *x, uint32_t community, uint32_t org,
                            const unsigned *was, unsigned functions, const char *act,
                            struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_org_rec *o = tc_access_org_rec(x, org);
    struct tc_community_rec *c = tc_access_community_rec(x, community);
    struct swap w = {NULL, 0, NULL, 0};
    struct tc_member_rec m = {.community = community};
    uint32_t era = 0;
    e = may_change(o, c, functions, d);
    const struct tc_member_rec *now = e ? NULL : tc_access_member_of(o, community);
    if (!e && was && *was != (now ? now->functions : 0))
        e = tc_diag_set(d, TC_E_CONFLICT, "what it takes part in was changed meanwhile");
    if (!e) {
        m = new_member(o, c, functions, &era);
        e = swap_make(o, c, &m, &w);
    }
    if (!e)
        e = tc_accessdb_member(x->store, community, org, functions, m.since);
    if (!e && era != c->pub.era)
        e = tc_accessdb_community_set(x->store, community, c->pub.state, era);
    e = e ? e : tc_access_act_close(x, act);
    e = tc_access_durable(x, e, d);
    if (!e) {
        struct swap old = {o->in, o->n_in, c->orgs, c->n_orgs};
        o->in = w.in;
        o->n_in = w.n_in;
        c->orgs = w.orgs;
        c->n_orgs = w.n_orgs;
        c->pub.era = era;
        o->changed = atomic_load(&x->epoch);
        tc_access_seen(x);
        w = old;
    } else {
        tc_access_undone(x);
    }
    free(w.in);
    free(w.orgs);
    return e;
}

tc_err tc_access_member_functions(struct tc_access *x, uint32_t community, uint32_t org,
                                  unsigned functions, struct tc_diag *d)
{
    return set_functions(x, community, org, NULL, functions, NULL, d);
}

tc_err tc_access_member_act(struct tc_access *x, uint32_t community, uint32_t org, unsigned was,
                            unsigned functions, const char *act, struct tc_diag *d)
{
    return set_functions(x, community, org, &was, functions, act, d);
}

tc_err tc_access_member_set(struct tc_access *x, uint32_t community, uint32_t org, bool member,
                            bool may_write, struct tc_diag *d)
{
    const unsigned writes = TC_MEMBER_RECEIVES | TC_MEMBER_CONTRIBUTES | TC_MEMBER_RELEASES;
    unsigned functions = may_write ? writes : TC_MEMBER_RECEIVES;
    return tc_access_member_functions(x, community, org, member ? functions : 0, d);
}

/* ---- life ---- */

static const char *const states[] = {
    [TC_COMMUNITY_OPEN] = "open",
    [TC_COMMUNITY_REQUESTED] = "requested",
    [TC_COMMUNITY_READ_ONLY] = "read-only",
    [TC_COMMUNITY_ARCHIVED] = "archived",
};

const char *tc_community_state_word(enum tc_community_state state)
{
    return states[state];
}

bool tc_community_state_parse(struct tc_str word, enum tc_community_state *out)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (tc_str_is(word, states[i])) {
            *out = (enum tc_community_state)i;
            return true;
        }
    return false;
}

static bool may_become(enum tc_community_state from, enum tc_community_state to)
{
    switch (to) {
    case TC_COMMUNITY_OPEN:
        return from == TC_COMMUNITY_REQUESTED || from == TC_COMMUNITY_READ_ONLY;
    case TC_COMMUNITY_READ_ONLY:
        return from == TC_COMMUNITY_OPEN;
    case TC_COMMUNITY_ARCHIVED:
        return from != TC_COMMUNITY_ARCHIVED;
    case TC_COMMUNITY_REQUESTED:
        break;
    }
    return false;
}

tc_err tc_access_community_state(struct tc_access *x, uint32_t community,
                                 enum tc_community_state state, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_community_rec *c = tc_access_community_rec(x, community);
    if (!c)
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such community");
    else if (tc_str_is(c->pub.kind, "inbox"))
        e = tc_diag_set(d, TC_E_INVALID, "an inbox stays open");
    else if (!may_become(c->pub.state, state))
        e = tc_diag_set(d, TC_E_CONFLICT, "what is %s does not become %s", states[c->pub.state],
                        states[state]);
    if (!e)
        e = tc_accessdb_community_set(x->store, community, state, c->pub.era);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    c->pub.state = state;
    tc_access_seen(x);
    return TC_OK;
}

static tc_err may_end(struct tc_access *x, const struct tc_community_rec *c, tc_time ends,
                      uint32_t days_after, struct tc_diag *d)
{
    if (!c)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such community");
    if (tc_str_is(c->pub.kind, "inbox"))
        return tc_diag_set(d, TC_E_INVALID, "an inbox stays open");
    if (c->pub.state == TC_COMMUNITY_ARCHIVED)
        return tc_diag_set(d, TC_E_CONFLICT, "it is archived");
    if (ends && days_after)
        return tc_diag_set(d, TC_E_INVALID, "either a time or days after the event");
    if (days_after && !c->pub.event.n)
        return tc_diag_set(d, TC_E_INVALID, "no event opened it: give a time");
    if (days_after > TC_MAX_DAYS_AFTER)
        return tc_diag_set(d, TC_E_LIMIT, "at most %u days", TC_MAX_DAYS_AFTER);
    if (ends && ends <= x->now())
        return tc_diag_set(d, TC_E_INVALID, "that time is over");
    return TC_OK;
}

tc_err tc_access_community_end(struct tc_access *x, uint32_t community, tc_time ends,
                               uint32_t days_after, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_community_rec *c = tc_access_community_rec(x, community);
    e = may_end(x, c, ends, days_after, d);
    e = e ? e : tc_accessdb_community_end(x->store, community, ends, days_after);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    c->pub.ends = ends;
    c->pub.days_after = days_after;
    tc_access_seen(x);
    return TC_OK;
}
