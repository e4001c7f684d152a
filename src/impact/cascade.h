/* SPDX-License-Identifier: Apache-2.0 */
/* Who fails, and when, given some outages. The meaning is written above the code in cascade.c.
 *
 * A tc_cascade is the working space for runs over one graph: it borrows the graph, belongs to one
 * thread, and forgets the last run when the next begins. A run costs what it touches, not the size
 * of the graph. Times are whole seconds from the start, 0 .. TC_CASCADE_MAX_TIME. */
#ifndef TC_IMPACT_CASCADE_H
#define TC_IMPACT_CASCADE_H

#include "impact/scenario.h"

#define TC_CASCADE_MAX_TIME 320000000u /* ten years and a little */
#define TC_CASCADE_TOGGLES  32u        /* returns of one asset before it counts as oscillating */

struct tc_cascade_opts {
    uint32_t horizon; /* failures after it are not reported */
    uint32_t toggles; /* 0 = TC_CASCADE_TOGGLES */
    /* Without sample each range counts with its worst end: shortest buffer, longest restore. With
     * it, run number `run` of `seed` draws a whole second evenly from each range; the draw depends
     * on nothing but seed, run and group, so two scenarios are compared with the same luck. */
    bool sample;
    uint64_t seed;
    uint32_t run;
    bool long_way; /* for tests: not by plain.c, where that would do */
};

enum {
    TC_FAIL_GIVEN = 1,      /* its first failure is one of the given outages */
    TC_FAIL_OSCILLATES = 2, /* came back `toggles` times, was then left down */
    TC_FAIL_UNSOURCED = 8,  /* fails at this time without any outage: no source behind its loop */
    TC_FAIL_SHED = 16,      /* a supplier that stands could not carry it any more */
    TC_FAIL_PHANTOM = 32,   /* its suppliers feed each other only: no source is behind them */
    TC_FAIL_DEADLOCK = 4,   /* down for ever after all outages, only for want of others like it */
};

struct tc_failure {
    uint32_t asset;
    uint32_t at;      /* first failure */
    uint32_t until;   /* end of that first failure, TC_NEVER */
    uint32_t group;   /* what it failed for want of; TC_NONE for a given outage */
    uint32_t lost_at; /* when that group stopped holding: at - lost_at is what the buffer gave */
    uint32_t via;     /* the supplier whose loss crossed the budget; TC_NONE */
    uint32_t flags;
};

struct tc_cascade;

struct tc_cascade *tc_cascade_new(const struct tc_graph *g); /* NULL = out of memory */
void tc_cascade_free(struct tc_cascade *c);

/* INVALID (no such asset, end not after start, time over the maximum) with diag, or NOMEM. */
tc_err tc_cascade_run(struct tc_cascade *c, const struct tc_outage *outages, size_t n,
                      const struct tc_cascade_opts *opts, struct tc_diag *diag) TC_MUST_USE;

/* The same for all that a scenario can say (scenario.h); tc_cascade_run is this with outages only.
 */
tc_err tc_cascade_scenario(struct tc_cascade *c, const struct tc_scenario *s,
                           const struct tc_cascade_opts *opts, struct tc_diag *diag) TC_MUST_USE;

/* Of the last run: the given outages first, then by time, then by id. Valid until the next run. */
const struct tc_failure *tc_cascade_failures(const struct tc_cascade *c, size_t *n);

/* Why failure f (one of tc_cascade_failures) happened, as asset numbers: first the suppliers of
 * its group that were missing when the group stopped holding, nearest to a given outage first,
 * then on along the shortest causal chain from the first of them to a given outage. Each asset
 * once. Returns the count, at most max; 0 for a given outage. *direct is how many of them are
 * suppliers of the group. */
size_t tc_cascade_cause(struct tc_cascade *c, const struct tc_failure *f, uint32_t *out, size_t max,
                        size_t *direct);

size_t tc_cascade_bytes(const struct tc_cascade *c);

#endif
