/* SPDX-License-Identifier: Apache-2.0 */
/* Four eyes: acts for which a community asks for a second person (access/rules.h). Whoever has the
 * right to one asks for it; it waits (access/acts.h) until somebody else with the same right
 * approves, and then it is done as the one who asked:
 *
 *   waiting --tc_approval_answer, yes--> approved --run--> done
 *      |                                    +-- cannot be any more --> lapsed
 *      +-- no --> refused    +--tc_approval_withdraw, who asked--> withdrawn
 *      +-- 72 hours are over, or what it rests on changed --> lapsed
 *
 * Always holds: 1. who answers is not who asked, nor another account that could be theirs, nor one
 * that was made after it was asked, and can do by right what was asked; who asked still can, too.
 * 2. What is done is what was asked: a digest binds kind, text and what it rested on. 3. Approved
 * is durable before it is begun; what was begun is ended by the timer after a crash, and a kind
 * says whether it was done already, so that it happens once. 4. Who asked and who could answer see
 * an act; for everybody else it is not there. 5. Each step is in the audit log, the doing with both
 * people. Any thread; answers one after the other. */
#ifndef TC_NODE_APPROVAL_H
#define TC_NODE_APPROVAL_H

#include "access/acts.h"
#include "access/rules.h"
#include "node/node.h"

#define TC_APPROVAL_US (INT64_C(72) * 3600 * TC_SECOND)

/* What a kind of act is. The functions read ask, the object that was given when it was asked;
 * "object" in it is the id that the act is about. All may be called by any thread. */
struct tc_approval_kind {
    const char *name;         /* "warning-release"; as long as the program */
    unsigned two;             /* TC_TWO_... */
    enum tc_audit_kind audit; /* of the doing */
    /* May p do it? DENIED or NOTFOUND when not. */
    tc_err (*may)(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                  struct tc_diag *d);
    /* What it rests on now, as text: another one later means that it lapses. */
    tc_err (*rests)(struct tc_node *n, yyjson_val *ask, struct tc_buf *out, struct tc_diag *d);
    /* Does it, as asker. A kind that changes access.db closes the act in the same step. */
    tc_err (*run)(struct tc_node *n, const struct tc_principal *asker, const struct tc_act *act,
                  yyjson_val *ask, struct tc_diag *d);
    /* Is it as it would be afterwards? NULL: run closes the act itself. */
    bool (*is_done)(struct tc_node *n, yyjson_val *ask);
};
/* Before the first call, by one thread. k must live as long as the program. CONFLICT, LIMIT. */
tc_err tc_approval_kind_add(const struct tc_approval_kind *k) TC_MUST_USE;

/* What comes along with an act: why, and for the audit log how and from where. */
struct tc_second {
    struct tc_str why, how, from;
    char id[TC_UUID_TEXT]; /* out: of the act that now waits; "" = nothing waits, it is done */
};

/* The rules of a community; of an organisation's inbox when community is 0. */
struct tc_rules tc_approval_rules(struct tc_node *n, uint32_t community, uint32_t org);
/* Does it need a second person (*second)? INVALID: a reason is asked for and none was given. */
tc_err tc_approval_gate(const struct tc_rules *r, unsigned two, unsigned why,
                        const struct tc_second *s, bool *second, struct tc_diag *d) TC_MUST_USE;
/* Asks for it; p may do it (the caller has looked). ask: JSON text of an object. CONFLICT: the same
 * waits already. */
tc_err tc_approval_ask(struct tc_node *n, const struct tc_principal *p, const char *kind,
                       uint32_t community, struct tc_str ask, struct tc_second *s,
                       struct tc_diag *d) TC_MUST_USE;

/* For run, under the lock that keeps what it rests on as it is: CONFLICT when it changed. */
tc_err tc_approval_still(struct tc_node *n, const struct tc_act *act, yyjson_val *ask,
                         struct tc_diag *d) TC_MUST_USE;

/* NOTFOUND: there is no such act for p; DENIED: p may not answer; CONFLICT: it does not wait any
 * more, or lapsed just now, d says why. *state: what it is now. answer: the reason, needed for a
 * no. how and from: for the audit log. */
tc_err tc_approval_answer(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                          bool yes, struct tc_str answer, const struct tc_second *by,
                          enum tc_act_state *state, struct tc_diag *d) TC_MUST_USE;
tc_err tc_approval_withdraw(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                            const struct tc_second *by, struct tc_diag *d) TC_MUST_USE;

/* {"approvals":[...]}, newest first, those that p may see; all: also those that are over. */
tc_err tc_approval_list(struct tc_node *n, const struct tc_principal *p, bool all,
                        struct tc_buf *out) TC_MUST_USE;
/* One of them, an object. NOTFOUND. */
tc_err tc_approval_get(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                       struct tc_buf *out) TC_MUST_USE;

/* Ends what was approved and not done, lets lapse what is over. */
tc_err tc_approval_tick(struct tc_node *n) TC_MUST_USE;
/* Adds the reader "approvals", which does that about every second. */
tc_err tc_approval_watch(struct tc_node *n) TC_MUST_USE;

/* ---- membership and rules, whose acts are of this part (member.c) ---- */

/* Sets what org takes part in (bits of TC_MEMBER_...; 0 leaves), or asks for it where the community
 * wants two people. p: a steward, or the system for who has the folder. */
tc_err tc_member_change(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                        uint32_t org, unsigned functions, struct tc_second *s,
                        struct tc_diag *d) TC_MUST_USE;
/* Sets its rules; giving up a second pair of eyes takes two. */
tc_err tc_rules_change(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                       const struct tc_rules *to, struct tc_second *s,
                       struct tc_diag *d) TC_MUST_USE;

/* "four_eyes" and "asks_reason" of an open object, as lists of words; read from form those that are
 * there. INVALID. */
struct tc_jsonw;
void tc_rules_put(struct tc_jsonw *w, unsigned four_eyes, unsigned asks_reason);
void tc_community_end_put(struct tc_jsonw *w, const struct tc_community *c); /* "ends" and so on */
tc_err tc_rules_read(yyjson_val *form, struct tc_rules *r, struct tc_diag *d) TC_MUST_USE;
tc_err tc_member_kinds(void) TC_MUST_USE; /* adds them; tc_approval_ops does */

/* "approval-list", "approval-show", "approval-answer", "approval-withdraw", "community-rules",
 * "community-end"; and
 * the kinds of this part. Once, before the first call. */
tc_err tc_approval_ops(void) TC_MUST_USE;

#endif
