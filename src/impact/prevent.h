/* SPDX-License-Identifier: Apache-2.0 */
/* What would have kept an asset up, or would keep it up longer: the smallest sets of things that
 * would have to be otherwise, each with the least of it that is enough.
 *
 *      an outage (or a loss of capacity) that is over sooner, or never happens
 *      a longer buffer of a group
 *
 * Both only ever help (cascade.h, except where something oscillates), so a set that is enough
 * stays enough with more of each, and a search by halving finds the least. A set is told when it
 * is enough and none of its parts alone is; sets have at most TC_PREVENT_MOST parts. Within a set
 * each amount is the least while those before it are as told and those after it as much as can be;
 * so other mixtures of the same set may do as well.
 *
 * The result owns its memory; graph and scenario are borrowed during the call. One thread. */
#ifndef TC_IMPACT_PREVENT_H
#define TC_IMPACT_PREVENT_H

#include "impact/cascade.h"

#define TC_PREVENT_MOST   3u
#define TC_PREVENT_LEVERS 64u /* that are tried; the nearest to the asset first */

enum tc_lever { TC_LEVER_OUTAGE, TC_LEVER_CAPACITY, TC_LEVER_BUFFER };

struct tc_measure {
    enum tc_lever kind;
    uint32_t index;  /* of the scenario's outage or capacity; the group's number */
    uint32_t amount; /* the latest end that is soon enough, its start when it must not happen at
                        all; seconds that the buffer must be longer */
};

struct tc_prevent_set {
    struct tc_measure part[TC_PREVENT_MOST]; /* by kind, then index */
    uint32_t n;
};

struct tc_prevent_opts {
    uint32_t asset;
    uint32_t until; /* it shall not fail up to this second, this one included */
    uint32_t sets;  /* at most so many are told */
    uint32_t runs;  /* the search gives up after so many; 0 = 20,000 */
};

struct tc_prevent {
    struct tc_prevent_set *sets; /* smaller ones first, then by parts */
    size_t n;
    uint32_t at;   /* when it fails now; TC_NEVER = not up to `until`, and then there are no sets */
    bool complete; /* all sets are told: neither levers nor runs nor sets were cut off */
};

/* INVALID or LIMIT (as tc_cascade_scenario, and for asset and until), NOMEM. */
tc_err tc_prevent_find(const struct tc_graph *g, const struct tc_scenario *s,
                       const struct tc_prevent_opts *opts, struct tc_prevent *out,
                       struct tc_diag *diag) TC_MUST_USE;
void tc_prevent_fini(struct tc_prevent *p);

#endif
