/* SPDX-License-Identifier: Apache-2.0 */
/* Criticality over the register as the asker has it (desk.h): the ranking of all single outages,
 * the pairs of a chosen set, the case file of one asset. */
#ifndef TC_WATCH_RANKING_H
#define TC_WATCH_RANKING_H

#include "impact/critical.h"
#include "watch/desk.h"

#define TC_RANKING_TOP  200u
#define TC_RANKING_PAIR 50u /* members of the set of which pairs are made */

struct tc_ranking_ask {
    enum tc_critical_by by;
    uint32_t horizon, top;
    const struct tc_str *pairs; /* ids */
    size_t n_pairs;
};

bool tc_critical_by_parse(struct tc_str word, enum tc_critical_by *out);
const char *tc_critical_by_word(enum tc_critical_by by);

/* {"scope","assets","horizon","by","ranking":[{"rank", the case ...}],"pairs":[...]} */
tc_err tc_ranking_ask(struct tc_desk *d, const struct tc_principal *p,
                      const struct tc_ranking_ask *ask, struct tc_buf *out,
                      struct tc_diag *diag) TC_MUST_USE;

enum tc_case_form { TC_CASE_JSON, TC_CASE_HTML, TC_CASE_TEXT };
/* NOTFOUND when it is no asset, or none that the asker may read. */
tc_err tc_ranking_case(struct tc_desk *d, const struct tc_principal *p, struct tc_str id,
                       uint32_t horizon, enum tc_case_form form, struct tc_buf *out,
                       struct tc_diag *diag) TC_MUST_USE;

#endif
