/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of a rule (model/rule.h) about one match: the values at the paths that they name,
 * looked up in the observations of the match, put in the place of the braces. Values are foreign
 * text: what could drive a terminal or turn the reading order is replaced (tc_str_show), and each
 * is cut at TC_SAYING_VALUE bytes, a sentence at TC_MAX_RULE_SAYS. Pure. */
#ifndef TC_WATCH_SAYING_H
#define TC_WATCH_SAYING_H

#include "model/rule.h"
#include "pattern/observation.h"

#define TC_SAYING_VALUE 200
/* Different values at one path that are told; of about, that are taken. */
#define TC_SAYING_SHOWN 3
#define TC_SAYING_ABOUT 10

struct tc_saying;

/* r must outlive it. LIMIT, INVALID: a path cannot be looked up; NOMEM. */
tc_err tc_saying_new(const struct tc_rule *r, struct tc_saying **out) TC_MUST_USE;
void tc_saying_free(struct tc_saying *s); /* NULL is fine */

tc_err tc_saying_see(struct tc_saying *s, const struct tc_observation *o) TC_MUST_USE;

struct tc_saying_about {
    struct tc_str per; /* value of per, or empty */
    uint64_t count;
    tc_time first, last;
};
/* The i-th sentence, appended to out (not escaped). */
void tc_saying_put(const struct tc_saying *s, size_t i, const struct tc_saying_about *x,
                   struct tc_buf *out);
/* The i-th value at the path about; empty = no more. */
struct tc_str tc_saying_about(const struct tc_saying *s, size_t i);

#endif
