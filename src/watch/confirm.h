/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of confirmation: the authority (the node's own organisation) asks each operator by a due
 * date whether its entries of the register still hold. One object of the type confirmation for each
 * operator and round (more when it has more than TC_CONFIRM_ASSETS entries), for the two of them
 * alone:
 *
 *   asked --tc_confirm_answer--> confirmed, or corrected (with a note, or with new versions posted)
 *   asked, and due is over   --> overdue to who reads it, until it is answered
 *
 * An operator is asked only about entries that it may read, posted by somebody with standing
 * (watch/standing.h): a round tells nobody of an entry that was kept from him.
 *
 * Any thread. */
#ifndef TC_WATCH_CONFIRM_H
#define TC_WATCH_CONFIRM_H

#include "node/node.h"

#define TC_CONFIRM_ASSETS 5000  /* entries of one object */
#define TC_CONFIRM_DAYS   30    /* to answer, unless said */
#define TC_CONFIRM_NOTE   4000  /* bytes of a note */
#define TC_CONFIRM_MOST   10000 /* operators of a round */

struct tc_confirm_ask {
    struct tc_str round;            /* its name; empty = after the due date */
    tc_time due;                    /* TC_TIME_NONE = TC_CONFIRM_DAYS from now */
    const struct tc_str *operators; /* by name or identity; none = all */
    size_t n_operators;
};

/* Opens a round. {"round","due","confirmations":[{"id","operator_ref","operator","assets"}],
 * "unreadable": entries that their operator may not read, "elsewhere": entries whose operator is no
 * organisation of this node}. DENIED but for the node's organisation; CONFLICT when there is such a
 * round; NOTFOUND when there is nobody to ask. */
tc_err tc_confirm_open(struct tc_node *n, const struct tc_principal *who,
                       const struct tc_confirm_ask *ask, struct tc_buf *out,
                       struct tc_diag *d) TC_MUST_USE;

/* Somebody of the operator. corrected needs a note. DENIED for the authority; CONFLICT when it was
 * answered before. */
tc_err tc_confirm_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                         bool corrected, struct tc_str note, struct tc_diag *d) TC_MUST_USE;

/* {"confirmations":[...],"overdue":N}, newest first, those that who may read; only what is overdue
 * when asked so. */
tc_err tc_confirm_list(struct tc_node *n, const struct tc_principal *who, bool overdue,
                       size_t limit, struct tc_buf *out) TC_MUST_USE;

struct tc_confirm_counts {
    uint64_t asked, overdue, answered; /* asked: not yet due */
};
tc_err tc_confirm_count(struct tc_node *n, const struct tc_principal *who,
                        struct tc_confirm_counts *out) TC_MUST_USE;

/* Calls with each entry that a confirmation which who may read confirmed, and when; an entry once
 * for each time. seen returns false to end. */
tc_err tc_confirm_each(struct tc_node *n, const struct tc_principal *who,
                       bool (*seen)(void *arg, struct tc_str asset, tc_time at),
                       void *arg) TC_MUST_USE;

/* The operations "confirm-open", "confirm-answer", "confirm-list", and the counts in a node's
 * status. */
tc_err tc_confirm_ops_add(void) TC_MUST_USE;

#endif
