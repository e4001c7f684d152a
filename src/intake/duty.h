/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of contacts: objects of the type duty-point (who answers, round the clock or when,
 * for which areas, in which languages), posted like any other object. Whether somebody answers is
 * found out by test calls, objects of the type test-call for the organisation that calls and the
 * one whose point it is:
 *
 *   called --tc_duty_answer--> answered, with the seconds that it took (also when it was late)
 *   called, and due is over --> overdue, until it is answered
 *
 * Any thread. */
#ifndef TC_INTAKE_DUTY_H
#define TC_INTAKE_DUTY_H

#include "node/node.h"

#define TC_DUTY_MINUTES     15 /* to answer, unless said */
#define TC_DUTY_MAX_MINUTES 1440

/* {"duty_points":[...]}: those that who may read, each with its newest call that who may read. */
tc_err tc_duty_list(struct tc_node *n, const struct tc_principal *who, size_t limit,
                    struct tc_buf *out) TC_MUST_USE;
/* {"test_calls":[...]}, newest first, with "state" as of now. */
tc_err tc_duty_calls(struct tc_node *n, const struct tc_principal *who, size_t limit,
                     struct tc_buf *out) TC_MUST_USE;
/* minutes 0 = TC_DUTY_MINUTES. NOTFOUND: no such duty point for who. id: of the call. */
tc_err tc_duty_call(struct tc_node *n, const struct tc_principal *who, struct tc_str duty_point,
                    uint64_t minutes, char id[TC_ID_MAX], struct tc_diag *d) TC_MUST_USE;
/* Somebody of the organisation whose point was called. DENIED for the caller; CONFLICT when it was
 * answered before. */
tc_err tc_duty_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str call,
                      uint64_t *seconds, struct tc_diag *d) TC_MUST_USE;

#endif
