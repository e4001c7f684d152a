/* SPDX-License-Identifier: Apache-2.0 */
/* Single points that a graph hides: groups that have suppliers to spare, and lose more than they
 * can spare to one single outage, since the suppliers hang on the same thing further up, stand in
 * the same place, or cannot carry without each other what is drawn from them. Found exactly: each
 * outage is let run to its end (src/impact/cascade.c), with all buffers empty, and the suppliers
 * that it takes are counted against each group's budget.
 *
 * Pure. One thread; costs as much as tc_cascade_run of every asset. */
#ifndef TC_IMPACT_HEALTH_H
#define TC_IMPACT_HEALTH_H

#include "impact/cascade.h"

/* Several assets that one cause strikes at once. */
struct tc_health_set {
    const uint32_t *assets;
    size_t n;
};

struct tc_health_opts {
    const struct tc_health_set *sets; /* looked at beside every single asset */
    size_t sets_n;
    uint64_t work; /* failures to look at in all; 0 = no bound */
};

struct tc_hidden {   /* one group */
    uint32_t group;  /* number in the graph */
    uint32_t asset;  /* whose single outage breaks it: of several the one that takes the least with
                        it; TC_NONE when only a set does */
    uint32_t set;    /* of opts->sets, or TC_NONE: looked at only where no asset does it */
    uint32_t lost;   /* suppliers of the group that go with it */
    uint32_t others; /* further single assets that do it, too */
    uint32_t failed; /* all that fails with it, itself counted */
    bool shed;       /* suppliers stand, and cannot carry it: lost counts those that do not */
};

struct tc_health {
    struct tc_hidden *hidden; /* by group */
    size_t n;
    uint32_t looked_at; /* assets, of g->n; fewer when the bound was met */
};

/* NOMEM. */
tc_err tc_health_run(const struct tc_graph *g, const struct tc_health_opts *opts,
                     struct tc_health *out) TC_MUST_USE;
void tc_health_fini(struct tc_health *h);

/* Can it lose any one of its suppliers, having two or more? */
bool tc_health_spare(const struct tc_graph *g, uint32_t group);

#endif
