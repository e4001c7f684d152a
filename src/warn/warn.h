/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings of a node: the reader "warn", which drafts them from findings, and what people and
 * routes do with them. A warning goes to one organisation (the operator of the assets hit) about
 * one incident. Its life, and where each version is posted:
 *
 *      draft (the node's organisation alone) --tc_warn_release, or the rule--> released (the
 *        |   ^                                                     recipient's inbox community)
 *        v   |  what is found changes
 *      withdrawn (nothing to say any more)
 *
 * A released message is never altered; what changes later is a new message that refers to it
 * (update, cancel). Ids are derived from (incident, organisation, place in the chain), so reading
 * everything again appends nothing. */
#ifndef TC_WARN_WARN_H
#define TC_WARN_WARN_H

#include "node/node.h"

struct tc_warn;

/* Both kinds of release by rule hold for vouched findings only (watch/finding.h). */
enum tc_warn_auto {
    TC_WARN_BY_HAND,       /* a releaser releases each warning */
    TC_WARN_AUTO_EXERCISE, /* those of exercises release themselves */
    TC_WARN_AUTO_ALL
};

/* Adds the reader to the node; before tc_node_start. Free after tc_node_close. */
tc_err tc_warn_watch(struct tc_node *n, enum tc_warn_auto rule, struct tc_warn **out) TC_MUST_USE;
void tc_warn_free(struct tc_warn *w); /* NULL is fine */
/* The rule can be changed while it runs; it holds for what is drafted from then on. */
void tc_warn_set_auto(struct tc_warn *w, enum tc_warn_auto rule);
/* The same for the reader that runs on this node, if one does. */
void tc_warn_rule_changed(const struct tc_node *n, enum tc_warn_auto rule);

/* The rule kept in the node's folder (DIR/warnings.json), BY_HAND when there is none. */
tc_err tc_warn_rule_get(const char *dir, enum tc_warn_auto *out, struct tc_diag *d) TC_MUST_USE;
tc_err tc_warn_rule_set(const char *dir, enum tc_warn_auto rule, struct tc_diag *d) TC_MUST_USE;
bool tc_warn_rule_parse(struct tc_str word, enum tc_warn_auto *out); /* hand, exercise, all */
const char *tc_warn_rule_word(enum tc_warn_auto rule);

/* ---- what people and routes do; any thread, whether or not the reader runs ---- */

/* {"warnings": [OBJECT ...]}, newest first, the newest version of each that the principal may
 * read; each with "acknowledged": true or false added. limit 0 = 200. */
tc_err tc_warn_list(struct tc_node *n, const struct tc_principal *p, size_t limit,
                    struct tc_buf *out) TC_MUST_USE;
/* One object in the same form; NOTFOUND. */
tc_err tc_warn_get(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                   struct tc_buf *out) TC_MUST_USE;
/* DENIED unless the principal is a releaser of the node's organisation (NOTFOUND when it may not
 * even read it); CONFLICT when it is not a draft. Durable when it returns. s: what comes along,
 * NULL = nothing; s->id says when it waits for a second person now (second.h). */
struct tc_second;
tc_err tc_warn_release(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                       struct tc_second *s, struct tc_diag *d) TC_MUST_USE;
/* By somebody of the recipient's organisation; the receipt is readable by it and by the node's
 * organisation. Again changes nothing. */
tc_err tc_warn_acknowledge(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                           struct tc_diag *d) TC_MUST_USE;
/* To be called when warnings were put on a page or stream that the principal read: appends the
 * receipt "delivered" for those that are for its organisation, once. Others are passed over. */
tc_err tc_warn_delivered(struct tc_node *n, const struct tc_principal *p, const struct tc_str *ids,
                         size_t count) TC_MUST_USE;

/* The operations "warning-list", "warning-show", "warning-release", "warning-rule". */
tc_err tc_warn_ops(void) TC_MUST_USE;

#endif
