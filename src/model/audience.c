/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audience.h"

const struct tc_principal tc_principal_anonymous;
const struct tc_principal tc_principal_system = {.system = true};

bool tc_u32s_has(struct tc_u32s set, uint32_t v)
{
    uint32_t lo = 0, hi = set.n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (set.v[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return v != 0 && lo < set.n && set.v[lo] == v;
}

static bool any_of(struct tc_u32s a, struct tc_u32s b)
{
    for (uint32_t i = 0; i < a.n; i++)
        if (tc_u32s_has(b, a.v[i]))
            return true;
    return false;
}

static bool belongs(const struct tc_principal *p, const struct tc_audience *a)
{
    if (!tc_u32s_has(p->communities, a->community))
        return false;
    uint32_t i = 0;
    while (i < p->since.n && p->communities.v[i] != a->community)
        i++;
    return i >= p->since.n || a->era >= p->since.v[i];
}

static bool released_to(const struct tc_principal *p, const struct tc_release *r)
{
    return tc_u32s_has(r->orgs, p->org) || tc_u32s_has(r->countries, p->country) ||
           any_of(r->communities, p->communities);
}

/* What anybody reads without signing in. */
static bool is_public(const struct tc_audience *a)
{
    return a->tlp == TC_TLP_CLEAR && !a->orgs.n && !a->people.n && !a->n_releases && !a->held_until;
}

bool tc_may_read(const struct tc_principal *p, const struct tc_audience *a)
{
    if (p->withheld.n && tc_u32s_has(p->withheld, a->community) && !is_public(a))
        return false;
    if (p->system)
        return true;
    if (p->only.n && !tc_u32s_has(p->only, a->community))
        return false;
    if (a->tlp == TC_TLP_RED ? p->person != 0 && p->person == a->creator_person
                             : p->org != 0 && p->org == a->creator_org)
        return true;
    if (a->held_until)
        return false;
    for (uint32_t i = 0; i < a->n_releases; i++)
        if (!released_to(p, &a->releases[i]))
            return false;
    bool named_person = tc_u32s_has(a->people, p->person);
    bool names = a->orgs.n || a->people.n;
    if (names && !named_person && !tc_u32s_has(a->orgs, p->org))
        return false;
    switch (a->tlp) {
    case TC_TLP_CLEAR:
        return true;
    case TC_TLP_GREEN:
        return p->org != 0;
    case TC_TLP_AMBER:
    case TC_TLP_AMBER_STRICT:
        return a->community ? belongs(p, a) : names;
    case TC_TLP_RED:
        return named_person;
    }
    return false;
}

bool tc_may_read_whole(const struct tc_principal *p, const struct tc_audience *a)
{
    for (uint32_t i = 0; i < a->n_fields; i++)
        if (!tc_may_read(p, &a->fields[i].level))
            return false;
    return true;
}

int64_t tc_audience_lifts_at(const struct tc_audience *a)
{
    int64_t at = a->held_until;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        int64_t t = a->fields[i].level.held_until;
        if (t && (!at || t < at))
            at = t;
    }
    return at;
}

uint32_t tc_country_number(struct tc_str c)
{
    if (c.n != 2 || c.p[0] < 'A' || c.p[0] > 'Z' || c.p[1] < 'A' || c.p[1] > 'Z')
        return 0;
    return (uint32_t)(unsigned char)c.p[0] << 8 | (unsigned char)c.p[1];
}

static const struct {
    const char *label, *id, *id1;
} tlp[] = {
    [TC_TLP_CLEAR] = {"TLP:CLEAR", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
                      "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"},
    [TC_TLP_GREEN] = {"TLP:GREEN", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
                      "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"},
    [TC_TLP_AMBER] = {"TLP:AMBER", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
                      "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
    [TC_TLP_AMBER_STRICT] = {"TLP:AMBER+STRICT",
                             "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", ""},
    [TC_TLP_RED] = {"TLP:RED", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
                    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
};

const char *tc_tlp_label(enum tc_tlp t)
{
    return tlp[t].label;
}

const char *tc_tlp_marking_id(enum tc_tlp t)
{
    return tlp[t].id;
}

bool tc_tlp_parse(struct tc_str label, enum tc_tlp *out)
{
    if (label.n > 4 && tc_str_eq_nocase(tc_str_view(label.p, 4), TC_STR("TLP:"))) {
        label.p += 4;
        label.n -= 4;
    }
    if (tc_str_eq_nocase(label, TC_STR("WHITE")))
        label = TC_STR("CLEAR");
    for (int i = TC_TLP_CLEAR; i <= TC_TLP_RED; i++)
        if (tc_str_eq_nocase(label, tc_str_cstr(tlp[i].label + 4))) {
            *out = (enum tc_tlp)i;
            return true;
        }
    return false;
}

bool tc_tlp_from_marking(struct tc_str marking_id, enum tc_tlp *out, bool *tlp1)
{
    for (int i = TC_TLP_CLEAR; i <= TC_TLP_RED; i++) {
        bool one = marking_id.n && tc_str_is(marking_id, tlp[i].id1);
        if (one || tc_str_is(marking_id, tlp[i].id)) {
            *out = (enum tc_tlp)i;
            *tlp1 = one;
            return true;
        }
    }
    return false;
}

/* ids: extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b of the OASIS common objects */
static const struct {
    const char *label, *id;
} pap[] = {
    [TC_PAP_NONE] = {"", "-"},
    [TC_PAP_CLEAR] = {"PAP:CLEAR", "marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92"},
    [TC_PAP_GREEN] = {"PAP:GREEN", "marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9"},
    [TC_PAP_AMBER] = {"PAP:AMBER", "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab"},
    [TC_PAP_RED] = {"PAP:RED", "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e"},
};
#define PAP_WHITE "marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730"

const char *tc_pap_label(enum tc_pap p)
{
    return pap[p].label;
}

bool tc_pap_parse(struct tc_str label, enum tc_pap *out)
{
    if (label.n > 4 && tc_str_eq_nocase(tc_str_view(label.p, 4), TC_STR("PAP:"))) {
        label.p += 4;
        label.n -= 4;
    }
    if (tc_str_eq_nocase(label, TC_STR("WHITE")))
        label = TC_STR("CLEAR");
    for (int i = TC_PAP_CLEAR; i <= TC_PAP_RED; i++)
        if (tc_str_eq_nocase(label, tc_str_cstr(pap[i].label + 4))) {
            *out = (enum tc_pap)i;
            return true;
        }
    return false;
}

bool tc_pap_from_marking(struct tc_str id, enum tc_pap *out)
{
    for (int i = TC_PAP_CLEAR; i <= TC_PAP_RED; i++)
        if (tc_str_is(id, pap[i].id)) {
            *out = (enum tc_pap)i;
            return true;
        }
    *out = TC_PAP_CLEAR;
    return tc_str_is(id, PAP_WHITE);
}
