/* SPDX-License-Identifier: Apache-2.0 */
/* What would keep an asset up (impact/prevent.h), as tocsin impact --explain tells it. */
#ifndef TC_CLI_IMPACT_PREVENT_H
#define TC_CLI_IMPACT_PREVENT_H

#include "codec/jsonw.h"
#include "impact/prevent.h"

struct tc_impact_prevent {
    const struct tc_graph *g;
    const struct tc_scenario *scenario;
    uint32_t asset, until; /* TC_NONE = nobody is asked about */
    struct tc_prevent found;
};

tc_err tc_impact_prevent(struct tc_impact_prevent *x, struct tc_diag *diag) TC_MUST_USE;
/* The member "explain" of an object. */
void tc_impact_prevent_json(struct tc_jsonw *w, const struct tc_impact_prevent *x);
void tc_impact_prevent_print(const struct tc_impact_prevent *x);

#endif
