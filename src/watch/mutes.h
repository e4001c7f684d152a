/* SPDX-License-Identifier: Apache-2.0 */
/* The mutes of a journal (model/rule.h): which findings are not wanted now. A mute counts when the
 * organisation that posted it is the one that posted the rule, or the node's own; what anybody else
 * posts is kept, and holds nothing back. The newest version of each holds; revoked or deleted it is
 * over.
 *
 * Bounded: TC_MUTES_MAX, of one organisation TC_MUTES_ORG; one over it holds nothing back, and is
 * counted. One thread. */
#ifndef TC_WATCH_MUTES_H
#define TC_WATCH_MUTES_H

#include "model/rule.h"

#define TC_MUTES_MAX 10000u
#define TC_MUTES_ORG 1000u

struct tc_mutes;
struct tc_mutes *tc_mutes_new(void);    /* NULL = out of memory */
void tc_mutes_free(struct tc_mutes *m); /* NULL is fine */

/* A version of a mute, posted by org to community. Copied. */
tc_err tc_mutes_take(struct tc_mutes *m, const struct tc_mute *mute, uint32_t org,
                     uint32_t community) TC_MUST_USE;
void tc_mutes_drop(struct tc_mutes *m, struct tc_str id, uint32_t community);
/* Frees what has ended. */
void tc_mutes_sweep(struct tc_mutes *m, tc_time now);

/* Is a finding of this rule (posted by rule_org; 0 = a pack's) of this value held back? own: the
 * node's organisation. */
bool tc_mutes_hold(const struct tc_mutes *m, struct tc_str rule, struct tc_str value,
                   uint32_t rule_org, uint32_t own, tc_time now);

size_t tc_mutes_count(const struct tc_mutes *m);
uint64_t tc_mutes_over(const struct tc_mutes *m);

#endif
