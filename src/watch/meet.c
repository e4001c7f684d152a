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

bool tc_audience_eq(const struct tc_audience *a, const struct tc_audience *b)
{
    return a->tlp == b->tlp && a->creator_org == b->creator_org &&
           a->creator_person == b->creator_person && a->community == b->community &&
           same_names(a, b);
}

/* Everyone, or everyone who is signed in: then the other one decides. */
static bool open_to_all(const struct tc_audience *a, enum tc_tlp tlp)
{
    return a->tlp == tlp && !names(a);
}

static bool amber(const struct tc_audience *a)
{
    return a->tlp == TC_TLP_AMBER || a->tlp == TC_TLP_AMBER_STRICT;
}

bool tc_audience_meet(const struct tc_audience *a, const struct tc_audience *b,
                      struct tc_audience *out)
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
    if (!amber(a) || !amber(b))
        return false;
    /* an organisation that made one of them does not read the other by that */
    struct tc_audience m = {.tlp = a->tlp > b->tlp ? a->tlp : b->tlp,
                            .creator_org = a->creator_org == b->creator_org ? a->creator_org : 0};
    if (a->community && a->community == b->community &&
        (!names(a) || !names(b) || same_names(a, b))) {
        m.community = a->community;
        m.orgs = names(a) ? a->orgs : b->orgs;
        m.people = names(a) ? a->people : b->people;
    } else if (!m.creator_org) {
        return false;
    }
    *out = m;
    return true;
}
