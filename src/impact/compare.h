/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists of failures side by side: who is hit only by the second, earlier, later, or spared.
 * What fails without any outage (TC_FAIL_UNSOURCED) is in neither. The result owns its rows. */
#ifndef TC_IMPACT_COMPARE_H
#define TC_IMPACT_COMPARE_H

#include "impact/cascade.h"

enum tc_change_kind { TC_CHANGE_NEW, TC_CHANGE_EARLIER, TC_CHANGE_LATER, TC_CHANGE_SPARED };
#define TC_CHANGE_KINDS 4

struct tc_change {
    uint32_t asset;
    enum tc_change_kind kind;
    uint32_t first, second; /* when it fails in each, TC_NEVER = it does not */
};

struct tc_comparison {
    struct tc_change *rows; /* by kind, then time (of the first for the spared), then asset */
    size_t n;
    size_t count[TC_CHANGE_KINDS];
    uint64_t people[TC_CHANGE_KINDS];
    size_t same; /* hit by both, at the same time within the tolerance */
};

const char *tc_change_kind_word(enum tc_change_kind k); /* "new", "earlier", "later", "spared" */
/* tolerance: seconds of difference that are none. NOMEM. */
tc_err tc_compare(const struct tc_graph *g, const struct tc_failure *first, size_t n_first,
                  const struct tc_failure *second, size_t n_second, uint32_t tolerance,
                  struct tc_comparison *out) TC_MUST_USE;
void tc_comparison_fini(struct tc_comparison *c);

#endif
