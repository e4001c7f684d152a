/* SPDX-License-Identifier: Apache-2.0 */
/* The cascade of all open incidents, kept up to date by difference. Incidents that touch nothing in
 * common are reckoned apart; those that do (a group of suppliers that loses something to both, a
 * loop of a flow service) are reckoned together, since a hospital with two feeds stands one outage
 * and not two. A change of one incident costs its own component, not the country.
 *
 * Pure: a graph and outages in, hits out. Times are whole seconds since 1970. One thread; borrows
 * the graph. */
#ifndef TC_WATCH_SPREAD_H
#define TC_WATCH_SPREAD_H

#include "impact/patch.h"

struct tc_spread;

struct tc_spread_outage {
    uint32_t asset;     /* number in the graph */
    int64_t start, end; /* INT64_MAX = does not end as far as is known */
    bool area;          /* hit because of where it stands, not by name */
    bool measured;      /* it works, but carries only `left` of what it can; never by area */
    uint32_t left;      /* millionths */
};

#define TC_SPREAD_ROOTS  8 /* incidents that one hit is put down to; further ones are left out */
#define TC_SPREAD_CAUSES 8

struct tc_spread_hit {
    uint32_t asset;
    bool given, area;        /* one of the outages; by area */
    bool possible;           /* only if what stands in an area is really out */
    int64_t at, early, late; /* early == late == at when nothing about it is uncertain */
    int64_t back;            /* INT64_MAX = not within what was reckoned */
    unsigned percent;        /* of the runs in which it fails; 100 when nothing is uncertain */
    uint32_t group;          /* what it lacks, TC_NONE when given */
    uint32_t cause[TC_SPREAD_CAUSES]; /* suppliers of that group that were missing */
    uint32_t n_causes;
    uint32_t root[TC_SPREAD_ROOTS]; /* incidents, ascending */
    uint32_t n_roots;
};

/* What is told of each component that was reckoned anew: first its incidents (among them those
 * that ended: they have no hits), then its hits, then that these were all. What stands in an area
 * may be out; what was reported by name is. So a component with both is told twice: first what the
 * named outages do by themselves, then, of the incidents that were not told for that asset, what
 * happens if all in the areas is out as well: one asset then has a hit for either reason. incidents
 * is good until the end of the component. */
struct tc_spread_tell {
    void (*component)(void *arg, const uint32_t *incidents, size_t n);
    void (*hit)(void *arg, const struct tc_spread_hit *h);
    void (*end)(void *arg);
    void *arg;
};

struct tc_spread_options {
    int64_t horizon;  /* seconds after the last start of a component */
    uint32_t samples; /* runs over ranges of buffers; 0 = worst case only */
    uint64_t seed;
};

struct tc_spread *tc_spread_new(const struct tc_spread_options *o); /* NULL = out of memory */
void tc_spread_free(struct tc_spread *s);

/* Another graph: everything is reckoned anew by the next run, so outages are to be set again. */
tc_err tc_spread_graph(struct tc_spread *s, const struct tc_graph *g) TC_MUST_USE;
/* The same graph after n calls of tc_graph_set_groups: only what the changes can concern is
 * reckoned anew. When *whole is set, it cannot be done so: tc_spread_graph is to be called. */
tc_err tc_spread_follow(struct tc_spread *s, const struct tc_graph_patch *p, size_t n,
                        bool *whole) TC_MUST_USE;
/* What was told of this asset is to be told again by the next run. */
tc_err tc_spread_stir(struct tc_spread *s, uint32_t asset) TC_MUST_USE;
/* Outages of one incident (the caller's own small number); none = it is over. Copied. */
tc_err tc_spread_set(struct tc_spread *s, uint32_t incident, const struct tc_spread_outage *o,
                     size_t n) TC_MUST_USE;
/* Reckons what changed. After an error the same incidents are still to be reckoned. */
tc_err tc_spread_run(struct tc_spread *s, const struct tc_spread_tell *tell) TC_MUST_USE;

#endif
