/* SPDX-License-Identifier: Apache-2.0 */
/* How sure, and when about: the cascade many times over, with a draw from each range of buffer and
 * restore (cascade.h says how). The same runs give the same answer on any number of threads.
 * The result owns its memory; the graph is borrowed during the call only. */
#ifndef TC_IMPACT_MONTECARLO_H
#define TC_IMPACT_MONTECARLO_H

#include "impact/cascade.h"

struct tc_mc_opts {
    uint32_t horizon, toggles;
    uint64_t seed;
    uint32_t runs;    /* 1 .. TC_MAX_RUNS */
    uint32_t threads; /* 0 = 1 */
};

#define TC_MC_HOURS 5
extern const uint32_t tc_mc_hours[TC_MC_HOURS]; /* 1, 4, 8, 24, 72 */

struct tc_mc_row {
    uint32_t asset;
    uint32_t failed; /* in how many runs */
    uint32_t p5, p50,
        p95; /* seconds: of the runs in which it fails, the given part does so by then */
    uint32_t by[TC_MC_HOURS]; /* in how many runs it fails within tc_mc_hours[i] hours */
};

struct tc_mc {
    struct tc_mc_row *rows; /* by asset; only those that fail in some run */
    size_t n;
    uint32_t runs; /* done: fewer than asked for when the failures of all would not fit in memory */
};

/* INVALID or LIMIT with diag (outages, runs), NOMEM. */
tc_err tc_mc_run(const struct tc_graph *g, const struct tc_outage *outages, size_t n,
                 const struct tc_mc_opts *opts, struct tc_mc *out,
                 struct tc_diag *diag) TC_MUST_USE;
/* The same of a whole scenario. Two scenarios of one graph under one seed are compared with the
 * same luck: a draw depends on seed, run and group alone. */
tc_err tc_mc_scenario(const struct tc_graph *g, const struct tc_scenario *s,
                      const struct tc_mc_opts *opts, struct tc_mc *out,
                      struct tc_diag *diag) TC_MUST_USE;
void tc_mc_fini(struct tc_mc *mc);
const struct tc_mc_row *tc_mc_find(const struct tc_mc *mc, uint32_t asset); /* NULL = never */

#endif
