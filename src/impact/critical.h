/* SPDX-License-Identifier: Apache-2.0 */
/* Every single outage: for each asset, what its failure alone, from second 0 and for good, would
 * do. The same meaning as tc_cascade_run with that one outage; what fails without any outage
 * (TC_FAIL_UNSOURCED) is not counted. The same on any number of threads. */
#ifndef TC_IMPACT_CRITICAL_H
#define TC_IMPACT_CRITICAL_H

#include "impact/cascade.h"

struct tc_critical_opts {
    uint32_t horizon; /* TC_CASCADE_MAX_TIME: everything that ever fails */
    uint32_t threads; /* 0 = 1 */
    /* Only who fails in the end, however long the buffers: much faster where cascades are large.
     * The horizon is not looked at, seconds and people_seconds stay 0. */
    bool untimed;
};

struct tc_critical_row { /* of one asset's outage, itself counted */
    uint32_t failed;
    uint32_t member_states;
    uint64_t seconds; /* sum of the failure times of all that fail: small is bad */
    uint64_t people;
    uint64_t people_seconds; /* people times what is left of the horizon when they are hit */
};

/* rows: one per asset, the caller's. LIMIT (horizon), NOMEM. */
tc_err tc_critical_run(const struct tc_graph *g, const struct tc_critical_opts *opts,
                       struct tc_critical_row *rows) TC_MUST_USE;

enum tc_critical_by { /* equal ones by the next of people, failed, id */
                      TC_BY_PEOPLE_TIME,
                      TC_BY_PEOPLE,
                      TC_BY_FAILED,
                      TC_BY_MEMBER_STATES
};

/* order: n, the caller's; the asset with the gravest outage first. */
void tc_critical_rank(const struct tc_critical_row *rows, uint32_t n, enum tc_critical_by by,
                      uint32_t *order);

#endif
