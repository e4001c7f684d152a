/* SPDX-License-Identifier: Apache-2.0 */
/* Acts that wait for a second person, kept: who asked for what and why, until when, who answered.
 * What an act is and who may answer is node/approval.h; here each step is durable when it returns,
 * and taken by one caller only:
 *
 *   waiting --> approved --> done        lapsed: too late, or what it rests on is not so any more
 *      |            +------> lapsed
 *      +--> refused, withdrawn, lapsed
 *
 * An act that is over is kept TC_ACT_KEPT, then the audit log alone tells of it. */
#ifndef TC_ACCESS_ACTS_H
#define TC_ACCESS_ACTS_H

#include "access/access.h"

enum tc_act_state {
    TC_ACT_WAITING,
    TC_ACT_APPROVED,
    TC_ACT_DONE,
    TC_ACT_REFUSED,
    TC_ACT_WITHDRAWN,
    TC_ACT_LAPSED
};
#define TC_ACT_ALL    ((1u << (TC_ACT_LAPSED + 1)) - 1)
#define TC_ACT_DIGEST 32
#define TC_ACT_KEPT   (INT64_C(90) * 86400 * TC_SECOND)
#define TC_ACT_MOST   1000 /* that wait at once */
#define TC_ACT_ASK    (256u << 10)

const char *tc_act_state_word(enum tc_act_state s);

/* Views live in the arena given. */
struct tc_act {
    char id[TC_UUID_TEXT];
    uint32_t community; /* whose rule asks for a second person */
    enum tc_act_state state;
    struct tc_str kind;            /* "warning-release": node/approval.h */
    struct tc_str ask;             /* what is to be done, JSON */
    uint8_t digest[TC_ACT_DIGEST]; /* of kind, ask and what it rested on when it was asked */
    uint32_t org, person;          /* who asked; person 0 = with the folder, on the machine */
    uint32_t people;               /* how many there were then: who came later is no second */
    struct tc_str why;
    tc_time asked, due;
    uint32_t second_org, second; /* who answered; 0 = nobody */
    tc_time answered;            /* or when it lapsed; TC_TIME_NONE = not yet */
    struct tc_str answer;        /* the reason of who answered, or why it lapsed */
};

/* id, state, people and asked are set here. CONFLICT: the same is waiting already; LIMIT. */
tc_err tc_access_act_add(struct tc_access *x, struct tc_act *act, struct tc_diag *d) TC_MUST_USE;
tc_err tc_access_act_by(struct tc_access *x, struct tc_str id, struct tc_arena *a,
                        struct tc_act *out) TC_MUST_USE;
/* Those in one of the states (bits 1 << state), newest first. */
tc_err tc_access_acts(struct tc_access *x, unsigned states, struct tc_arena *a, struct tc_act **out,
                      size_t *n) TC_MUST_USE;
/* From one state into another; CONFLICT when it is not in that state any more. person 0 and an
 * empty text leave what stands there. */
tc_err tc_access_act_move(struct tc_access *x, const char *id, enum tc_act_state from,
                          enum tc_act_state to, uint32_t org, uint32_t person, struct tc_str text,
                          struct tc_diag *d) TC_MUST_USE;

/* tc_access_member_functions, if what org takes part in is still was; and the act is done with it,
 * in one step. */
tc_err tc_access_member_act(struct tc_access *x, uint32_t community, uint32_t org, unsigned was,
                            unsigned functions, const char *act, struct tc_diag *d) TC_MUST_USE;

#endif
