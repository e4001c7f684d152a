/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/meet.h"

static bool same_list(struct tc_u32s a, struct tc_u32s b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.v, b.v, a.n * sizeof *a.v) == 0);
}

static bool same_names(const struct tc_audience *a, const struct tc_audience *b)
{
    return same_list(a->orgs, b->orgs) && same_list(a->people, b->people);
}

static bool names(const struct tc_audience *a)
{
    return a->orgs.n || a->people.n;
}

static bool same_releases(const struct tc_audience *a, const struct tc_audience *b)
{
    if (a->n_releases != b->n_releases)
        return false;
    for (uint32_t i = 0; i < a->n_releases; i++)
        if (!same_list(a->releases[i].orgs, b->releases[i].orgs) ||
            !same_list(a->releases[i].communities, b->releases[i].communities) ||
            !same_list(a->releases[i].countries, b->releases[i].countries))
            return false;
    return true;
}

bool tc_audience_eq(const struct tc_audience *a, const struct tc_audience *b)
{
    return a->tlp == b->tlp && a->creator_org == b->creator_org &&
           a->creator_person == b->creator_person && a->community == b->community &&
           a->era == b->era && same_names(a, b) && same_releases(a, b) &&
           a->owner_releases == b->owner_releases && a->held_until == b->held_until;
}

/* Held back, or with caveats: only somebody who is asked about both may know. */
static bool caveats(const struct tc_audience *a)
{
    return a->held_until || a->n_releases || a->owner_releases;
}

static void without_fields(struct tc_audience *a)
{
    a->fields = NULL;
    a->n_fields = 0;
}

/* Everyone, or everyone who is signed in: then the other one decides. */
static bool open_to_all(const struct tc_audience *a, enum tc_tlp tlp)
{
    return a->tlp == tlp && !names(a) && !caveats(a);
}

static bool amber(const struct tc_audience *a)
{
    return a->tlp == TC_TLP_AMBER || a->tlp == TC_TLP_AMBER_STRICT;
}

static bool meet(const struct tc_audience *a, const struct tc_audience *b, struct tc_audience *out)
{
    if (tc_audience_eq(a, b) || open_to_all(b, TC_TLP_CLEAR)) {
        *out = *a;
        return true;
    }
    if (open_to_all(a, TC_TLP_CLEAR) || open_to_all(a, TC_TLP_GREEN)) {
        *out = *b;
        return true;
    }
    if (open_to_all(b, TC_TLP_GREEN)) {
        *out = *a;
        return true;
    }
    if (!amber(a) || !amber(b) || caveats(a) || caveats(b))
        return false;
    /* an organisation that made one of them does not read the other by that */
    struct tc_audience m = {.tlp = a->tlp > b->tlp ? a->tlp : b->tlp,
                            .creator_org = a->creator_org == b->creator_org ? a->creator_org : 0};
    if (a->community && a->community == b->community &&
        (!names(a) || !names(b) || same_names(a, b))) {
        m.community = a->community;
        m.era = a->era < b->era ? a->era : b->era; /* who reads the older reads both */
        m.orgs = names(a) ? a->orgs : b->orgs;
        m.people = names(a) ? a->people : b->people;
    } else if (!m.creator_org) {
        return false;
    }
    *out = m;
    return true;
}

bool tc_audience_meet(const struct tc_audience *a, const struct tc_audience *b,
                      struct tc_audience *out)
{
    struct tc_audience m;
    if (!meet(a, b, &m))
        return false;
    without_fields(&m);
    *out = m;
    return true;
}
