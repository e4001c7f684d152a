/* SPDX-License-Identifier: Apache-2.0 */
/* The observations that come with a new rule and show what it is for: some that it must match, some
 * that it must not. They are tried (pack/trial.h) before the rule is taken. Any thread. */
#ifndef TC_WATCH_RULETRIAL_H
#define TC_WATCH_RULETRIAL_H

#include "base/arena.h"
#include "model/rule.h"

#include <yyjson.h>

/* Blocks of one new rule. */
#define TC_RULE_TRIALS 20u

/* form: "match" and "quiet", each a list of blocks, both may be absent. A block is a text with an
 * observation on each line, as packs/README.md says, or a list of such lines and of objects.
 * INVALID when a block does not come out as it says, SYNTAX, LIMIT, NOMEM: d's path names the
 * block ("match[0]"). */
tc_err tc_rule_try(yyjson_val *form, const struct tc_rule *r, struct tc_arena *a,
                   struct tc_diag *d) TC_MUST_USE;

#endif
