/* SPDX-License-Identifier: Apache-2.0 */
/* The builder's side of tc_graph_more: what few rows say is kept apart, row by row, and becomes
 * arrays only in the end and only where somebody said it. Used by graph.c alone. */
#ifndef TC_IMPACT_GRAPH_MORE_H
#define TC_IMPACT_GRAPH_MORE_H

#include "base/map.h"
#include "impact/graph.h"

struct tc_more_asset {
    uint32_t handle;
    uint64_t capacity;
    struct tc_place place;
};

struct tc_more_group {
    uint32_t group; /* as they were added */
    uint32_t recharge;
    struct tc_spread_of draw;
    uint16_t calendar; /* 0 = none */
    bool drawn;        /* what is drawn is said: */
    size_t at, n;      /* demands[at] .. */
};

struct tc_more_rows { /* zeroed = nothing said */
    struct tc_more_asset *assets;
    struct tc_more_group *groups;
    uint64_t *demands;
    uint16_t *priorities; /* parallel */
    uint64_t *members;    /* cause << 32 | handle */
    struct tc_str *causes;
    struct tc_week *weeks; /* [0] is not used */
    size_t n_assets, n_groups, n_demands, n_members, n_causes, n_weeks;
    size_t asset_cap, group_cap, demand_cap, priority_cap, member_cap, cause_cap, week_cap;
    struct tc_map *cause_of, *week_of; /* text -> number */
};

/* NULL = fine, else what is wrong, with its field and code. */
const char *tc_more_asset_wrong(const struct tc_asset_spec *s, const char **field, tc_err *code);
const char *tc_more_group_wrong(const struct tc_group_spec *s, const char **field, tc_err *code);

/* After the checks: NOMEM or LIMIT, and then nothing was kept. */
tc_err tc_more_take_asset(struct tc_more_rows *r, uint32_t handle,
                          const struct tc_asset_spec *s) TC_MUST_USE;
tc_err tc_more_take_group(struct tc_more_rows *r, uint32_t group,
                          const struct tc_group_spec *s) TC_MUST_USE;

/* asset[handle] and group[as added] are the numbers in g, whose groups and edges stand. */
tc_err tc_more_finish(struct tc_more_rows *r, struct tc_graph *g, const uint32_t *asset,
                      const uint32_t *group) TC_MUST_USE;
void tc_more_rows_fini(struct tc_more_rows *r);
void tc_graph_more_free(struct tc_graph_more *m); /* NULL is fine */

#endif
