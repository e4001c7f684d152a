/* SPDX-License-Identifier: Apache-2.0 */
/* The checker over a whole tree in memory: one object, a bundle, a TAXII envelope or a list of
 * objects, and what can only be said of objects together: the same id twice (duplicate-ids) and
 * references that lead out of the bundle. */
#ifndef TC_MODEL_CHECK_TREE_H
#define TC_MODEL_CHECK_TREE_H

#include "model/check.h"

struct tc_check_totals {
    uint64_t objects, bad; /* bad: with a broken MUST */
    uint64_t musts, shoulds, notes;
};

struct tc_check_tree {
    const struct tc_types *types;
    const struct tc_check_options *options;
    bool refs_inside; /* references must lead to an object of the same tree */
    /* Called for every object (and the bundle itself) after its check; the report and its findings
     * live until it returns. An error stops the walk. May be NULL. */
    tc_err (*each)(void *arg, yyjson_val *object, const struct tc_check_report *report);
    void *arg;
};

/* Totals are added to. NOMEM, LIMIT, or what each returned. */
tc_err tc_check_tree_run(const struct tc_check_tree *c, yyjson_val *root,
                         struct tc_check_totals *totals) TC_MUST_USE;

/* The list of objects of a bundle or an envelope ({"objects":[...]} without a type), or NULL. */
yyjson_val *tc_check_members(yyjson_val *root);

#endif
