/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of packs: rules/ *.rules (packs/README.md), each an indicator with the extension "rule"
 * (model/rule.h) and a fixed id, made of the names of pack and rule. The node holds those of the
 * built-in packs against what it sees without anybody importing them.
 *
 * Each rule comes with observations that it must match and some that it must not; tc_pack_try
 * (trial.h) feeds them to the engine that the node runs. Made once, then read-only. */
#ifndef TC_PACK_RULES_H
#define TC_PACK_RULES_H

#include "model/rule.h"
#include "pack/compile.h"

/* Rules of one load; blocks of observations of one rule. */
#define TC_PACK_MAX_RULES  10000
#define TC_PACK_MAX_TRIALS 100

struct tc_pack_trial { /* a block "match" or "quiet" */
    bool match;
    unsigned line;      /* of its keyword */
    struct tc_str text; /* from the keyword on: label, then a line for each observation */
};

struct tc_pack_rule {
    struct tc_rule rule;
    struct tc_str pack, word; /* "critical-entities", "remote-access-tried" */
    const char *file;
    unsigned line, pattern_line;
    const struct tc_pack_trial *trials;
    size_t n_trials;
};

struct tc_pack_rules {
    struct tc_arena *arena; /* owns it all */
    const struct tc_pack_rule *v;
    size_t n;
};

/* The rules of the built-in packs (unless builtin is false; a folder of the same name stands in
 * the place of one) and of n folders. Every error is told
 * by file and line; d gets the first. INVALID, SYNTAX, IO, LIMIT, NOMEM. */
tc_err tc_pack_rules_load(const char *const *dirs, size_t n, bool builtin, tc_pack_tell tell,
                          void *arg, struct tc_pack_rules **out, struct tc_diag *d) TC_MUST_USE;
/* The same from one text (fuzzing, tests). */
tc_err tc_pack_rules_text(struct tc_str pack, struct tc_str text, tc_pack_tell tell, void *arg,
                          struct tc_pack_rules **out, struct tc_diag *d) TC_MUST_USE;
/* The same from one file. */
tc_err tc_pack_rules_file(const char *path, tc_pack_tell tell, void *arg,
                          struct tc_pack_rules **out, struct tc_diag *d) TC_MUST_USE;
void tc_pack_rules_free(struct tc_pack_rules *r); /* NULL is fine */

#endif
