/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever reads what two objects meet in reads both: every small audience with every other, asked
 * for every small principal. */
#include "watch/meet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint32_t one[] = {1}, two[] = {2}, three[] = {1, 2};
static const struct tc_u32s lists[] = {{NULL, 0}, {one, 1}, {two, 1}, {three, 2}};

#define LISTS 4u
#define ALL   (5u * 3 * 2 * 3 * LISTS * LISTS)

static struct tc_audience audience(unsigned i)
{
    struct tc_audience a = {.tlp = (enum tc_tlp)(i % 5)};
    i /= 5;
    a.creator_org = i % 3;
    i /= 3;
    a.creator_person = i % 2;
    i /= 2;
    a.community = i % 3;
    i /= 3;
    a.orgs = lists[i % LISTS];
    a.people = lists[i / LISTS];
    return a;
}

static void test_both(void **state)
{
    unsigned wide = 0;
    (void)state;
    for (unsigned i = 0; i < ALL; i++)
        for (unsigned k = 0; k < ALL; k++) {
            struct tc_audience a = audience(i), b = audience(k), m;
            if (!tc_audience_meet(&a, &b, &m))
                continue;
            for (unsigned p = 0; p < 4 * 3 * LISTS; p++) {
                /* people and memberships are always an organisation's (src/access) */
                const struct tc_principal who = {.org = p % 4,
                                                 .person = p % 4 ? p / 4 % 3 : 0,
                                                 .communities = lists[p % 4 ? p / 12 : 0]};
                bool may = tc_may_read(&who, &m);
                if (may && (!tc_may_read(&who, &a) || !tc_may_read(&who, &b)))
                    fail_msg("audiences %u and %u, principal %u", i, k, p);
                wide += may;
            }
        }
    assert_true(wide > 100000);
}

static void test_same_community(void **state)
{
    const struct tc_audience a = {.tlp = TC_TLP_AMBER, .creator_org = 1, .community = 1};
    const struct tc_audience b = {.tlp = TC_TLP_AMBER, .creator_org = 2, .community = 1};
    const struct tc_principal member = {.org = 3, .communities = {one, 1}}, left = {.org = 1};
    struct tc_audience m;
    (void)state;
    assert_true(tc_audience_meet(&a, &b, &m));
    assert_true(tc_may_read(&member, &m));
    assert_false(tc_may_read(&left, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both),
                                       cmocka_unit_test(test_same_community)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
