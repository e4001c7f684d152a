/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations, people, communities, and how they sign in. Kept in access.db beside the journal,
 * small enough to be held in memory; every change is durable when the call returns, takes effect
 * at once and raises the epoch. A grant is visible to others only after it is durable. Default is
 * deny: who is in no table reads TLP:CLEAR only. Numbers start at 1 and are never given twice;
 * people are not removed, they are deactivated. All functions may be called from any thread.
 *
 * Errors of a change: INVALID or LIMIT (a field breaks a rule; path in d), CONFLICT (the name,
 * login, alias or id is taken), NOTFOUND, DENIED (opened read-only), FULL or IO (not done). */
#ifndef TC_ACCESS_ACCESS_H
#define TC_ACCESS_ACCESS_H

#include "base/arena.h"
#include "base/id.h"
#include "base/time.h"
#include "model/audience.h"

struct tc_access;

/* dir holds access.db; made (mode 0600) when absent. The caller sees to it that no other process
 * changes it meanwhile (src/node holds the lock). */
tc_err tc_access_open(const char *dir, struct tc_access **out, struct tc_diag *d) TC_MUST_USE;
/* What is there now, for looking only: signing in works, changes are DENIED. */
tc_err tc_access_open_read_only(const char *dir, struct tc_access **out,
                                struct tc_diag *d) TC_MUST_USE;
void tc_access_close(struct tc_access *x);

/* ---- who there is (views borrowed from the arena given) ---- */

struct tc_org {
    uint32_t number;
    struct tc_str identity; /* "identity--..." */
    struct tc_str name;
    struct tc_str country; /* ISO 3166-1 alpha-2, upper case */
    struct tc_str sectors; /* codes of packs/critical-entities, comma-separated */
    struct tc_str role;    /* authority, operator, cell, csirt, other */
    uint32_t inbox;        /* the community of which it is the only member: its warnings */
};

struct tc_person {
    uint32_t number, org, roles;
    struct tc_str identity, login, name;
    bool active;
};

/* The life of a community:
 *
 *   requested --> open <--> read-only      nothing is posted but while it is open;
 *       |           |           |          members read all the time
 *       +-----------+-----------+--> archived, for good
 */
enum tc_community_state {
    TC_COMMUNITY_OPEN,
    TC_COMMUNITY_REQUESTED,
    TC_COMMUNITY_READ_ONLY,
    TC_COMMUNITY_ARCHIVED
};

/* What a member organisation takes part in, bits. */
#define TC_MEMBER_RECEIVES    1u /* reads what is posted */
#define TC_MEMBER_CONTRIBUTES 2u /* posts */
#define TC_MEMBER_RELEASES    4u /* lets what it posted there go on to others */
#define TC_MEMBER_STEWARD     8u /* its stewards decide who belongs */
#define TC_MEMBER_ALL         15u

struct tc_community {
    uint32_t number;
    struct tc_uuid uuid; /* also the id of its TAXII collection */
    struct tc_str title, description, alias;
    struct tc_str kind;  /* sector, contact-points, network, expert-group, project, inbox ... */
    struct tc_str event; /* of an alert area: id of the incident that opened it */
    enum tc_community_state state;
    bool since_joining;              /* who joins does not read what was there before */
    uint32_t era;                    /* how often somebody joined such a one */
    bool open_to_public;             /* anonymous may list it and read what is TLP:CLEAR in it */
    unsigned four_eyes, asks_reason; /* rules.h; a new one has none */
    tc_time ends;                    /* archived then; 0 = no such date */
    uint32_t days_after; /* archived so many days after its event is over; 0 = not by that */
};

/* Empty identity or zero uuid = a new one is made; empty role = "other"; empty alias = none. */
tc_err tc_access_org_add(struct tc_access *x, const struct tc_org *org, uint32_t *number,
                         struct tc_diag *d) TC_MUST_USE; /* makes its inbox too */
tc_err tc_access_person_add(struct tc_access *x, const struct tc_person *person,
                            struct tc_str password, uint32_t *number,
                            struct tc_diag *d) TC_MUST_USE; /* empty password = none yet */
tc_err tc_access_community_add(struct tc_access *x, const struct tc_community *c, uint32_t *number,
                               struct tc_diag *d) TC_MUST_USE;
/* The members of an inbox cannot be changed. */
tc_err tc_access_member_set(struct tc_access *x, uint32_t community, uint32_t org, bool member,
                            bool may_write, struct tc_diag *d) TC_MUST_USE;
/* The same with bits of TC_MEMBER_...; 0 leaves. Leaving takes the past away too. */
tc_err tc_access_member_functions(struct tc_access *x, uint32_t community, uint32_t org,
                                  unsigned functions, struct tc_diag *d) TC_MUST_USE;
/* What org takes part in; 0 = it is no member. */
unsigned tc_access_functions(struct tc_access *x, uint32_t community, uint32_t org);
/* CONFLICT: this step is not in its life; INVALID: an inbox. */
tc_err tc_access_community_state(struct tc_access *x, uint32_t community,
                                 enum tc_community_state state, struct tc_diag *d) TC_MUST_USE;
/* When it is archived by itself (watch/alert.h does it): at a time, or some days after its event is
 * over; neither: not by itself. INVALID: both, a time that is over, an inbox, days of one without
 * an event; CONFLICT: it is archived. */
#define TC_MAX_DAYS_AFTER 3660u
tc_err tc_access_community_end(struct tc_access *x, uint32_t community, tc_time ends,
                               uint32_t days_after, struct tc_diag *d) TC_MUST_USE;
/* Those for which that was set and which are not archived. */
tc_err tc_access_ending(struct tc_access *x, struct tc_arena *a, struct tc_community **out,
                        size_t *n) TC_MUST_USE;
const char *tc_community_state_word(enum tc_community_state state);
bool tc_community_state_parse(struct tc_str word, enum tc_community_state *out);
/* Takes effect at once: what the person signed in with before rests on nothing any more. A person
 * who is deactivated also loses every token. */
tc_err tc_access_person_set(struct tc_access *x, uint32_t person, uint32_t roles, bool active,
                            struct tc_diag *d) TC_MUST_USE;

tc_err tc_access_org_by(struct tc_access *x, uint32_t number, struct tc_str identity_or_name,
                        struct tc_arena *a, struct tc_org *out) TC_MUST_USE;
tc_err tc_access_person_by(struct tc_access *x, uint32_t number, struct tc_str login_or_identity,
                           struct tc_arena *a, struct tc_person *out) TC_MUST_USE;
tc_err tc_access_community_by(struct tc_access *x, uint32_t number, const struct tc_uuid *uuid,
                              struct tc_str alias, struct tc_arena *a,
                              struct tc_community *out) TC_MUST_USE;
tc_err tc_access_orgs(struct tc_access *x, struct tc_arena *a, struct tc_org **out,
                      size_t *n) TC_MUST_USE;
/* org 0 = of all organisations. */
tc_err tc_access_people(struct tc_access *x, uint32_t org, struct tc_arena *a,
                        struct tc_person **out, size_t *n) TC_MUST_USE;

/* What this principal may know of: its own communities, and open ones. */
tc_err tc_access_communities_for(struct tc_access *x, const struct tc_principal *p,
                                 struct tc_arena *a, struct tc_community **out,
                                 size_t *n) TC_MUST_USE;
/* community 0 = none: everybody, but a token that is for some communities. */
bool tc_access_may_write(struct tc_access *x, const struct tc_principal *p, uint32_t community);
/* What the organisation as such may read now, for what the node sends it by itself (warnings):
 * no person, role reader. The communities live in the arena. */
tc_err tc_access_org_principal(struct tc_access *x, uint32_t org, struct tc_arena *a,
                               struct tc_principal *out) TC_MUST_USE;
/* The member organisations, ascending; DENIED unless p is a member itself (or the system), which
 * is also what asking for a community that is not there gives. */
tc_err tc_access_members(struct tc_access *x, const struct tc_principal *p, uint32_t community,
                         struct tc_arena *a, struct tc_u32s *orgs) TC_MUST_USE;

/* ---- signing in ---- */

/* A session of trust: counted, so that a change of membership does not pull it from under a
 * running request. tc_login_unref when done. */
struct tc_login {
    struct tc_principal principal;
    uint64_t epoch;
};

/* Argon2id (libsodium). A right password is remembered for some minutes by a keyed hash, so that
 * clients which send it with every request (TAXII: HTTP Basic) do not pay it each time. AUTH for
 * every kind of failure, after the same work; also AUTH, at once and whether or not there is such
 * a login, when this login has failed too often lately; and for whoever has a second factor
 * (factor.h). BUSY when too many wait to be checked. */
tc_err tc_access_password(struct tc_access *x, struct tc_str login, struct tc_str password,
                          struct tc_login **out) TC_MUST_USE;
/* API and session tokens; a one-time code is not taken here. */
tc_err tc_access_token(struct tc_access *x, struct tc_str token, struct tc_login **out) TC_MUST_USE;
/* One-time sign-in codes (printed by "tocsin serve" and "tocsin demo") and page sessions are
 * tokens with a purpose; a one-time code is spent by the first use. */
enum tc_token_use {
    TC_TOKEN_API,
    TC_TOKEN_SESSION,
    TC_TOKEN_ONCE,
    TC_TOKEN_SECOND /* a password was right, a second factor is awaited: factor.h */
};
#define TC_TOKEN_SIZE 64
/* out: the secret, shown once; only its hash is kept. expires TC_TIME_NONE = an API token a year,
 * a session 12 hours, a one-time code an hour, a ticket five minutes. A person has at most
 * TC_MAX_PERSON_TOKENS. */
tc_err tc_access_token_new(struct tc_access *x, uint32_t person, enum tc_token_use use,
                           struct tc_str label, tc_time expires, char out[TC_TOKEN_SIZE],
                           struct tc_diag *d) TC_MUST_USE;
/* Spends a one-time code and gives a session token. */
tc_err tc_access_once(struct tc_access *x, struct tc_str code,
                      char session[TC_TOKEN_SIZE]) TC_MUST_USE;
/* A session ends with its secret of before and after (tc_access_session_rotate), too. */
tc_err tc_access_token_revoke(struct tc_access *x, struct tc_str token) TC_MUST_USE;
/* A session of the page whose secret is TC_SESSION_ROTATES seconds old gets a new one, good for as
 * long as the session was; the old one stays good for TC_SESSION_GRACE seconds, for requests that
 * are under way. Its beginning and its label stay. NOTFOUND: it is not time, or no such session. */
tc_err tc_access_session_rotate(struct tc_access *x, struct tc_str token,
                                char out[TC_TOKEN_SIZE]) TC_MUST_USE;

/* The same for a program that is to do less than its person may. INVALID: a role that the person
 * has not, a community that its organisation is not in (LIMIT: TC_MAX_TOKEN_COMMUNITIES). What is
 * taken from the person later is taken from the token too. */
struct tc_token_scope {
    uint32_t roles;             /* bits of tc_role; 0 = all that the person has */
    struct tc_u32s communities; /* ascending: reads and posts only what is of these; empty = all */
};
tc_err tc_access_token_scoped(struct tc_access *x, uint32_t person, enum tc_token_use use,
                              const struct tc_token_scope *scope, struct tc_str label,
                              tc_time expires, char out[TC_TOKEN_SIZE],
                              struct tc_diag *d) TC_MUST_USE;

struct tc_token_info {
    char id[17]; /* first 16 hex digits of the hash: names it in lists, opens nothing */
    uint32_t person;
    enum tc_token_use use;
    struct tc_str label;
    tc_time added, expires;
    struct tc_token_scope scope;
};
/* Those that still work, oldest first; person 0 = of all. */
tc_err tc_access_tokens(struct tc_access *x, uint32_t person, struct tc_arena *a,
                        struct tc_token_info **out, size_t *n) TC_MUST_USE;
/* The id of a token that somebody shows, whether or not there is such a one. */
void tc_access_token_id(struct tc_str token, char out[17]);
/* NOTFOUND unless exactly one token has this id. */
tc_err tc_access_token_revoke_id(struct tc_access *x, struct tc_str id) TC_MUST_USE;
/* TC_MIN_PASSWORD to TC_MAX_PASSWORD bytes of UTF-8 without control characters, none that is tried
 * first (weak.h). Pure; password_set and person_add ask it too. */
tc_err tc_access_password_check(struct tc_str login, struct tc_str password,
                                struct tc_diag *d) TC_MUST_USE;
tc_err tc_access_password_set(struct tc_access *x, uint32_t person, struct tc_str password,
                              struct tc_diag *d) TC_MUST_USE;
/* For the command line on the node's own machine: acts as that person. */
tc_err tc_access_login_as(struct tc_access *x, uint32_t person, struct tc_login **out) TC_MUST_USE;

struct tc_login *tc_login_ref(struct tc_login *l);
void tc_login_unref(struct tc_login *l);
/* True while nothing that it rests on has changed since it was made (the person, its roles and
 * password, its organisation's memberships, the token and its expiry); otherwise sign in again.
 * Cheap while the epoch stands. */
bool tc_access_fresh(struct tc_access *x, const struct tc_login *l);
uint64_t tc_access_epoch(struct tc_access *x);

#endif
