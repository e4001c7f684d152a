/* SPDX-License-Identifier: Apache-2.0 */
/* What is supposed to have happened, or to be going to: everything a run starts from besides the
 * graph. A plain value that borrows its lists; tc_scenario_list fills one by names.
 *
 *      outages     an asset is down from start until just before end: failures, planned work (start
 *                  in the future), what a hazard area or a common cause hits
 *      capacities  from start to end an asset carries only `left` of what it can ("substation back
 *                  at 40 %"). Where several hold at once the lowest counts. An asset without a
 *                  capacity of its own is measured by all that could be drawn from it together.
 *      stocks      a group has another buffer than the register says (a measure removed: 0; twelve
 *                  hours more diesel), or begins with a stock that is not full
 *      start       what clock time second 0 is, for calendars. Without it each calendar counts with
 *                  its highest hour.
 *
 * Seconds are those of a run, 0 .. TC_CASCADE_MAX_TIME; an end may be TC_NEVER. */
#ifndef TC_IMPACT_SCENARIO_H
#define TC_IMPACT_SCENARIO_H

#include "base/time.h"
#include "impact/graph.h"

#define TC_NEVER UINT32_MAX
#define TC_KEEP  UINT32_MAX /* a buffer: as the register has it */

struct tc_outage {
    uint32_t asset;
    uint32_t start, end; /* down from start until just before end; TC_NEVER = does not end */
};

struct tc_capacity {
    uint32_t asset;
    uint32_t start, end;
    uint32_t left; /* millionths of what it can carry, 0 .. TC_SHARE_WHOLE */
};

struct tc_stock {
    uint32_t group;  /* each at most once */
    uint32_t buffer; /* seconds instead of the register's (and of its range), or TC_KEEP */
    uint32_t fill;   /* millionths of the buffer that are there at second 0 */
};

struct tc_scenario {
    const struct tc_outage *outages;
    const struct tc_capacity *capacities;
    const struct tc_stock *stocks;
    size_t n_outages, n_capacities, n_stocks;
    tc_time start; /* TC_TIME_NONE = not known */
};

/* A scenario under construction; zeroed = empty. Owns its lists. */
struct tc_scenario_list {
    struct tc_outage *outages;
    struct tc_capacity *capacities;
    struct tc_stock *stocks;
    size_t n_outages, n_capacities, n_stocks, outage_cap, capacity_cap, stock_cap;
};

void tc_scenario_list_fini(struct tc_scenario_list *l);
/* Borrows the lists: good until the next change. */
struct tc_scenario tc_scenario_of(const struct tc_scenario_list *l, tc_time start);

tc_err tc_scenario_outage(struct tc_scenario_list *l, uint32_t asset, uint32_t start,
                          uint32_t end) TC_MUST_USE;
tc_err tc_scenario_capacity(struct tc_scenario_list *l, uint32_t asset, uint32_t start,
                            uint32_t end, uint32_t left) TC_MUST_USE;
/* All groups of the asset for this service (all its groups when service is empty). NOTFOUND when
 * it has none. A later word about a group replaces the earlier one. */
tc_err tc_scenario_stock(struct tc_scenario_list *l, const struct tc_graph *g, uint32_t asset,
                         struct tc_str service, uint32_t buffer, uint32_t fill) TC_MUST_USE;
/* All assets that the register names under this common cause; NOTFOUND when there are none. */
tc_err tc_scenario_cause(struct tc_scenario_list *l, const struct tc_graph *g, struct tc_str name,
                         uint32_t start, uint32_t end) TC_MUST_USE;
/* All assets that stand where `has` says so; *hit is how many. Assets without a place stand
 * nowhere. */
tc_err tc_scenario_area(struct tc_scenario_list *l, const struct tc_graph *g,
                        bool (*has)(void *arg, double lat, double lon), void *arg, uint32_t start,
                        uint32_t end, size_t *hit) TC_MUST_USE;

/* INVALID or LIMIT with what is wrong and which one; OK. */
tc_err tc_scenario_check(const struct tc_scenario *s, const struct tc_graph *g,
                         struct tc_diag *diag) TC_MUST_USE;

#endif
