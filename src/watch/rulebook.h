/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a node for those who keep them: live patterns (indicators, with or without the
 * extension "rule", src/model/rule.h) and what mutes them. Listing, the text of new ones, and
 * trying one on the past without writing anything. What a rule does when it matches is match.h's.
 *
 * All is as one principal may read it. Texts made here go through the door like everything else
 * (src/intake). Any thread. */
#ifndef TC_WATCH_RULEBOOK_H
#define TC_WATCH_RULEBOOK_H

#include "node/node.h"

/* Rules of one page; matches that a test counts; of them, shown; its time when nobody says. */
#define TC_RULES_PAGE       1000u
#define TC_RULE_TEST_COUNT  100000u
#define TC_RULE_TEST_SHOWN  100u
#define TC_RULE_TEST_WINDOW (INT64_C(7) * 86400 * TC_SECOND)

struct tc_rules_ask {
    size_t limit;   /* 1 to TC_RULES_PAGE */
    uint64_t after; /* tc_rules_page.next of the page before, 0 = the first */
    uint64_t until; /* tc_rules_page.until of it */
    bool extended;  /* only those with the extension */
    tc_time now;
};

struct tc_rules_page {
    size_t rules;
    uint64_t next, until; /* next 0 = that was all. Speak of the journal: seal before they leave */
};

/* Appends, with commas between and in the order in which they came in:
 *   {"rule":<the indicator>,"state":"live","key":true,"mutes":[{"id","value","until","reason"}]}
 * state: live, early (valid_from is to come), over (valid_until has passed), refused (the engine
 * does not take it, then "why"). key false: no literal leads to it, it costs time for every
 * observation. Revoked ones are not listed. Behind them those of the packs, with "pack": its name.
 * A page can have fewer than limit and a next. */
tc_err tc_rules_list(struct tc_node *n, const struct tc_principal *p, const struct tc_rules_ask *a,
                     struct tc_buf *out, struct tc_rules_page *page) TC_MUST_USE;
/* One of them. NOTFOUND: none that p may read. */
tc_err tc_rules_one(struct tc_node *n, const struct tc_principal *p, struct tc_str id, tc_time now,
                    struct tc_buf *out) TC_MUST_USE;

/* A new rule of p's organisation, out of {"name","pattern"} and, where given, "description",
 * "valid_from", "valid_until", "confidence", "per", "about", "severity", "cooldown" (ISO 8601),
 * "says" {language: sentence}, "marking" (TLP label), "match" and "quiet" (observations that it is
 * tried on first: ruletrial.h). id: its new one. INVALID, SYNTAX, LIMIT with
 * the place in d: what live matching would refuse is refused here. */
tc_err tc_rules_new(struct tc_node *n, const struct tc_principal *p, yyjson_val *form,
                    struct tc_buf *out, char id[TC_ID_MAX], struct tc_diag *d) TC_MUST_USE;
/* A mute of a rule, out of {"reason"} and "value", "from", "until". NOTFOUND; DENIED: only the
 * organisation that posted the rule and the node's own can mute it; a pack's the latter. */
tc_err tc_rules_mute(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                     yyjson_val *form, struct tc_buf *out, char id[TC_ID_MAX],
                     struct tc_diag *d) TC_MUST_USE;
/* The mutes of the rule that p's organisation made and that are not over, taken back: a list of
 * objects. With "value" in the form those of that value only. *count: how many; NOTFOUND: no such
 * rule. */
tc_err tc_rules_unmute(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                       yyjson_val *form, struct tc_buf *out, size_t *count,
                       struct tc_diag *d) TC_MUST_USE;

/* Holds {"id"} or {"pattern", "per"} against what came in since "since" (without it, 7 days),
 * writes nothing, and answers
 *   {"since","matches":N,"observations":N,"complete",["cut":"time" or "count"],
 *    "shown":[{"first_observed","last_observed",["per"],"observations":[ids]}...]}
 * with at most "limit" shown (100), of those that p may read. time: microseconds, 0 = as long as
 * it takes. */
tc_err tc_rules_test(struct tc_node *n, const struct tc_principal *p, yyjson_val *form,
                     int64_t time, struct tc_buf *out, struct tc_diag *d) TC_MUST_USE;

/* The operations rule-list, rule-show, rule-add, rule-test, rule-mute, rule-unmute (rule_ops.c). */
tc_err tc_rule_ops(void) TC_MUST_USE;

#endif
