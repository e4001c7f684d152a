/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read: the one rule. Pure, so that it can be read, tested and proved by itself; the
 * journal asks it for every row, and nothing else decides. Of single fields too: each level of
 * granular markings is an audience, and model/cut.h takes out what its own says no to.
 *
 * Organisations, people and communities are this node's own numbers (src/access gives them);
 * 0 is "none" and matches nobody. Lists are sorted ascending without repeats, borrowed.
 *
 *   marking          read by
 *   TLP:CLEAR        everyone, also without signing in
 *   TLP:GREEN        every signed-in organisation
 *   TLP:AMBER        the creator's organisation; members of the community it was posted to
 *   TLP:AMBER+STRICT the same (what differs is forwarding and export)
 *   TLP:RED          the people named, and the author; never an organisation
 *
 * Named recipients narrow every marking: whoever is neither named (person, or through the
 * organisation) nor of the creator's organisation does not read. AMBER without a community and
 * without names is the creator's organisation alone; that is also what an unknown marking, an
 * empty group or an unknown organisation becomes.
 *
 * A community may ask for a reason (access/rules.h). Who gives none reads nothing that was posted
 * there, also of what is their own, but TLP:CLEAR that is for everybody.
 *
 * Release caveats ("releasable to") narrow further, each by itself: whoever is in none of one
 * caveat's lists does not read, however he is named elsewhere. What is held (embargo) is read by
 * its creator alone; when its time has come, the node appends it anew without the embargo, so that
 * no answer ever depends on the clock. */
#ifndef TC_MODEL_AUDIENCE_H
#define TC_MODEL_AUDIENCE_H

#include "base/str.h"

enum tc_tlp { TC_TLP_CLEAR, TC_TLP_GREEN, TC_TLP_AMBER, TC_TLP_AMBER_STRICT, TC_TLP_RED };

/* Permissible actions: what those who read it may do with it, from anything to nothing that an
 * adversary could notice. */
enum tc_pap { TC_PAP_NONE, TC_PAP_CLEAR, TC_PAP_GREEN, TC_PAP_AMBER, TC_PAP_RED };

struct tc_u32s {
    const uint32_t *v;
    uint32_t n;
};

/* One release caveat: whoever is in any of the lists. All empty: nobody. */
struct tc_release {
    struct tc_u32s orgs, communities;
    struct tc_u32s countries; /* of organisations: two capital letters, first << 8 | second */
};

struct tc_field;

struct tc_audience {
    enum tc_tlp tlp;
    uint32_t creator_org;
    uint32_t creator_person;
    uint32_t community;
    uint32_t era;                      /* of the community, see tc_principal.since */
    struct tc_u32s orgs;               /* named recipient organisations */
    struct tc_u32s people;             /* named recipient people */
    const struct tc_release *releases; /* every one of them must hold */
    uint32_t n_releases;
    bool owner_releases;           /* originator control: goes on only where its creator said so */
    int64_t held_until;            /* embargo: until then (tc_time) the creator alone; 0 = none */
    enum tc_pap pap;               /* what may be done with it; decides nothing about reading */
    const struct tc_field *fields; /* what granular markings mean, ascending by marking */
    uint32_t n_fields;
};

/* The fields that one granular marking covers are for whoever may read both the object and this
 * level. Which fields they are stands in the object. */
struct tc_field {
    uint8_t marking[16];      /* UUID of the marking-definition */
    struct tc_audience level; /* has no fields itself */
};

enum tc_role { /* bits of tc_principal.roles; what each may do is decided by the routes */
               TC_ROLE_READER = 1,
               TC_ROLE_REPORTER = 2,
               TC_ROLE_ANALYST = 4,
               TC_ROLE_RELEASER = 8,
               TC_ROLE_STEWARD = 16,
               TC_ROLE_OPERATOR = 32,
               TC_ROLE_AUDITOR = 64
};

/* Is told of each entry that a query gives to the principal who brings it, with its audience: so
 * what somebody was shown is noticed where it is read, whatever the route (src/http/audited.h). */
struct tc_witness {
    void (*saw)(void *arg, uint64_t entry, uint32_t audience);
    void *arg;
};

struct tc_principal {
    uint32_t org;               /* 0 = not signed in */
    uint32_t person;            /* 0 = a machine account of org, or not signed in */
    uint32_t roles;             /* bits of tc_role */
    uint32_t country;           /* of org, as in tc_release; 0 = none */
    struct tc_u32s communities; /* of which org is a member now */
    struct tc_u32s since; /* for each of them the first era that is read, in the same order (not
                             ascending); n = 0: all of all. An era ends when somebody joins a
                             community whose members do not read what was there before them */
    struct tc_u32s only; /* n > 0: nothing but what was posted to these communities (a token that is
                            good for no more, access.h) */
    struct tc_u32s withheld; /* communities that ask for a reason, when p gave none: nothing that
                                was posted there is read, but for what anybody may read */
    bool system;             /* the node's own readers; never made from anything outside */
    const struct tc_witness *witness; /* NULL = none */
};

/* The decision. Total: any values are fine, unknown ones read nothing. */
bool tc_may_read(const struct tc_principal *p, const struct tc_audience *a);

/* May it read every field of what it may read? */
bool tc_may_read_whole(const struct tc_principal *p, const struct tc_audience *a);

/* The next time at which an embargo on it, or on a field of it, is over; 0 = there is none. */
int64_t tc_audience_lifts_at(const struct tc_audience *a);

bool tc_u32s_has(struct tc_u32s set, uint32_t v);
/* "NL" as in tc_release; 0 when it is no such code. */
uint32_t tc_country_number(struct tc_str code);

/* Nobody in particular: reads TLP:CLEAR only. */
extern const struct tc_principal tc_principal_anonymous;
/* The node's own readers (index, impact, warn): see everything, because a warning is reckoned over
 * everyone's dependencies. What they conclude gets an audience of its own. */
extern const struct tc_principal tc_principal_system;

/* "TLP:AMBER+STRICT" and so on. */
const char *tc_tlp_label(enum tc_tlp tlp);
/* Label with or without "TLP:", any case, WHITE reads as CLEAR; false when it is none. */
bool tc_tlp_parse(struct tc_str label, enum tc_tlp *out);
/* By marking-definition id, TLP 2.0 or the built-in 1.0 family (then *tlp1 is true); false when
 * the id is of neither. */
bool tc_tlp_from_marking(struct tc_str marking_id, enum tc_tlp *out, bool *tlp1);
/* "PAP:AMBER", "" for none. By label with or without "PAP:", any case, WHITE reads as CLEAR; by the
 * id of one of the published marking-definitions. */
const char *tc_pap_label(enum tc_pap pap);
bool tc_pap_parse(struct tc_str label, enum tc_pap *out);
bool tc_pap_from_marking(struct tc_str marking_id, enum tc_pap *out);
/* The id of the TLP 2.0 marking-definition object. */
const char *tc_tlp_marking_id(enum tc_tlp tlp);

#endif
