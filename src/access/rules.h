/* SPDX-License-Identifier: Apache-2.0 */
/* What a community asks for beyond the rights of its members: a second person for some acts, a
 * reason for some. Decided by its stewards; of an inbox by the stewards of its organisation, and
 * what that says holds for whatever the organisation keeps to itself, too. Who acts on it:
 * node/approval.h (the second person), tc_access_withheld (reasons for reading). */
#ifndef TC_ACCESS_RULES_H
#define TC_ACCESS_RULES_H

#include "access/access.h"

/* Bits of tc_community.four_eyes. */
#define TC_TWO_RELEASE    1u
#define TC_TWO_DELETION   2u
#define TC_TWO_MEMBERSHIP 4u
#define TC_TWO_ALL        7u

/* Bits of tc_community.asks_reason. */
#define TC_WHY_CONSULTATION 1u /* any reading at all */
#define TC_WHY_SEARCH       2u
#define TC_WHY_EXPORT       4u /* TAXII and files */
#define TC_WHY_DELETION     8u
#define TC_WHY_RELEASE      16u
#define TC_WHY_MEMBERSHIP   32u
#define TC_WHY_READS        7u
#define TC_WHY_ALL          63u

#define TC_WHY_TEXT 500 /* bytes of a reason at most */

struct tc_rules {
    unsigned four_eyes, asks_reason;
};

/* "release"; NULL when bit is none, or past the last one. */
const char *tc_two_word(unsigned bit);
const char *tc_why_word(unsigned bit);
/* One word; false when it is none. */
bool tc_two_parse(struct tc_str word, unsigned *bit);
bool tc_why_parse(struct tc_str word, unsigned *bit);

/* Is p one of those who decide about it: a person with the role steward, of a member organisation
 * that is steward; of an inbox, of its organisation? */
bool tc_access_steward(struct tc_access *x, uint32_t community, const struct tc_principal *p);
/* Could these accounts be of one person: the same one, or of one organisation and of the same name
 * or with certificates of the same subject? */
bool tc_access_same_person(struct tc_access *x, uint32_t a, uint32_t b);
/* Are there two stewards who are not one person? */
bool tc_access_two_stewards(struct tc_access *x, uint32_t community);

/* Has any community of this node a rule? Cheap. */
bool tc_access_any_rules(struct tc_access *x);

/* Sets them, if they are still what they were: else CONFLICT. A second pair of eyes is asked for
 * only where there are two stewards, since it takes two to give it up: else CONFLICT. act: the act
 * (acts.h) that this carries out, done with it in one step; NULL = none. */
tc_err tc_access_rules_set(struct tc_access *x, uint32_t community, const struct tc_rules *was,
                           const struct tc_rules *to, const char *act,
                           struct tc_diag *d) TC_MUST_USE;

/* The communities of this node that ask for a reason for any of these (bits of TC_WHY_...),
 * ascending: what somebody who gives none does not read (tc_principal.withheld). */
tc_err tc_access_withheld(struct tc_access *x, unsigned what, struct tc_arena *a,
                          struct tc_u32s *out) TC_MUST_USE;

#endif
