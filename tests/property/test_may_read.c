/* SPDX-License-Identifier: Apache-2.0 */
/* tc_may_read against a slow twin written from the table of the design and the header's words on
 * named recipients: a million random pairs over few numbers, so that everything meets. The twin
 * walks lists one by one and has one row for each marking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/num.h"
#include "model/audience.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static uint32_t roll(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* Who reads a marking, as the table says it. */
static const struct {
    bool without_signing_in, every_organisation, members, only_people;
} table[] = {
    [TC_TLP_CLEAR] = {.without_signing_in = true},
    [TC_TLP_GREEN] = {.every_organisation = true},
    [TC_TLP_AMBER] = {.members = true},
    [TC_TLP_AMBER_STRICT] = {.members = true},
    [TC_TLP_RED] = {.only_people = true},
};

static bool among(uint32_t who, struct tc_u32s list)
{
    if (who == 0) /* none: matches nobody */
        return false;
    for (uint32_t i = 0; i < list.n; i++)
        if (list.v[i] == who)
            return true;
    return false;
}

static bool in_caveat(const struct tc_principal *p, const struct tc_release *r)
{
    bool in = among(p->org, r->orgs) || among(p->country, r->countries);
    for (uint32_t i = 0; i < p->communities.n; i++)
        in = in || among(p->communities.v[i], r->communities);
    return in;
}

/* A member, and what was posted in an era that it reads. */
static bool in_time(const struct tc_principal *p, const struct tc_audience *a)
{
    for (uint32_t i = 0; i < p->communities.n; i++)
        if (p->communities.v[i] == a->community)
            return p->since.n == 0 || a->era >= p->since.v[i];
    return false;
}

static bool twin(const struct tc_principal *p, const struct tc_audience *a)
{
    bool for_all = a->tlp == TC_TLP_CLEAR && a->orgs.n + a->people.n + a->n_releases == 0 &&
                   a->held_until == 0;
    if (among(a->community, p->withheld) && !for_all) /* a reason is asked for, none was given */
        return false;
    if (p->system)
        return true;
    if (p->only.n && !among(a->community, p->only)) /* a token that is for other communities */
        return false;
    if ((int)a->tlp < 0 || (size_t)a->tlp >= sizeof table / sizeof *table)
        return p->org != 0 && p->org == a->creator_org;
    bool is_named_person = among(p->person, a->people);
    if (table[a->tlp].only_people) {
        bool is_author = p->person != 0 && p->person == a->creator_person, may = !a->held_until;
        for (uint32_t i = 0; i < a->n_releases; i++)
            may = may && in_caveat(p, &a->releases[i]);
        return (is_named_person && may) || is_author;
    }
    bool own = p->org != 0 && p->org == a->creator_org;
    if (!own && a->held_until)
        return false;
    for (uint32_t i = 0; !own && i < a->n_releases; i++)
        if (!in_caveat(p, &a->releases[i]))
            return false;
    bool somebody_is_named = a->orgs.n != 0 || a->people.n != 0;
    bool is_named = is_named_person || among(p->org, a->orgs);
    bool marking_lets_in = false;
    if (table[a->tlp].without_signing_in)
        marking_lets_in = true;
    if (table[a->tlp].every_organisation && p->org != 0)
        marking_lets_in = true;
    if (table[a->tlp].members && a->community != 0)
        marking_lets_in = in_time(p, a);
    if (table[a->tlp].members && a->community == 0)
        marking_lets_in = is_named; /* posted to nobody but those named */
    bool names_let_in = !somebody_is_named || is_named;
    return own || (marking_lets_in && names_let_in);
}

static struct tc_u32s some(uint32_t *room, uint32_t most, uint32_t below)
{
    uint32_t n = roll(3) ? roll(most + 1) : 0, k = 0;
    for (uint32_t v = 1; v < below && k < n; v++)
        if (roll(2))
            room[k++] = v;
    return (struct tc_u32s){room, k};
}

static void test_million_pairs(void **unused)
{
    enum { PAIRS = 1000000 };
    (void)unused;
    const char *seed = getenv("TOCSIN_SEED");
    state = 20261121;
    if (seed)
        assert_int_equal(tc_num_u64(tc_str_cstr(seed), UINT64_MAX, &state), TC_OK);
    uint32_t yes = 0;
    for (int i = 0; i < PAIRS; i++) {
        uint32_t orgs[4], people[4], communities[4], only[4], withheld[4], lists[2][3][4];
        struct tc_release releases[2];
        for (int k = 0; k < 2; k++)
            releases[k] = (struct tc_release){.orgs = some(lists[k][0], 3, 5),
                                              .communities = some(lists[k][1], 3, 5),
                                              .countries = some(lists[k][2], 3, 5)};
        struct tc_audience a = {.tlp = (enum tc_tlp)roll(5),
                                .creator_org = roll(4),
                                .creator_person = roll(5),
                                .community = roll(4),
                                .orgs = some(orgs, 3, 5),
                                .people = some(people, 3, 6),
                                .era = roll(4),
                                .releases = releases,
                                .n_releases = roll(3) ? 0 : roll(3),
                                .held_until = roll(8) ? 0 : 1};
        struct tc_principal p = {.org = roll(4),
                                 .person = roll(5),
                                 .roles = roll(128),
                                 .country = roll(5),
                                 .communities = some(communities, 3, 5),
                                 .system = roll(50) == 0};
        uint32_t since[4];
        if (!roll(4))
            p.only = some(only, 3, 5);
        if (!roll(4))
            p.withheld = some(withheld, 3, 5);
        for (uint32_t k = 0; k < p.communities.n; k++)
            since[k] = roll(3);
        if (roll(2))
            p.since = (struct tc_u32s){since, p.communities.n};
        bool expected = twin(&p, &a), got = tc_may_read(&p, &a);
        if (got != expected) {
            print_error("pair %d: tlp %d by %u/%u community %u names %u+%u, org %u person %u: "
                        "twin says %d\n",
                        i, (int)a.tlp, a.creator_org, a.creator_person, a.community, a.orgs.n,
                        a.people.n, p.org, p.person, expected);
            fail();
        }
        yes += got;
        /* combined with anything more, nobody reads more */
        struct tc_principal whole = p;
        whole.only.n = 0;
        assert_true(!got || tc_may_read(&whole, &a));
        struct tc_principal reasoned = p;
        reasoned.withheld.n = 0;
        assert_true(!got || tc_may_read(&reasoned, &a));
        struct tc_audience stricter = a;
        stricter.n_releases = 2;
        assert_true(got || !tc_may_read(&p, &stricter));
    }
    assert_in_range(yes, PAIRS / 5, PAIRS * 4 / 5); /* both answers are well tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_million_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
