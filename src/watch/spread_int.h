/* SPDX-License-Identifier: Apache-2.0 */
/* The open cascades as spread.c (components, runs) and spread_tell.c (what is told of a run) share
 * them. Nobody else includes this. */
#ifndef TC_WATCH_SPREAD_INT_H
#define TC_WATCH_SPREAD_INT_H

#include "watch/spread.h"

struct incident {
    struct tc_spread_outage *outages;
    uint32_t n;
    uint32_t component; /* number, or NO_COMPONENT */
    bool dirty, used;
};

struct marks { /* who holds what: component numbers */
    uint32_t *asset, *group, *loop;
};

struct component {
    uint32_t *incidents, *marks; /* marks: asset, n + group, n + m + loop */
    uint32_t n_incidents, n_marks;
    uint32_t next_free;
};

struct ids { /* a growing list of numbers */
    uint32_t *v;
    uint32_t n, cap;
};

struct tc_spread {
    struct tc_spread_options o;
    const struct tc_graph *g;
    struct tc_cascade *cascade;
    struct incident *incidents;
    uint32_t n_incidents;
    struct ids dirty;
    uint32_t *mark;               /* n + m + loops, and one for all */
    bool *always;                 /* n: down whatever happens */
    uint32_t *fail_of;            /* n: index + 1 into failures of this round */
    struct component *components; /* [0] is not used */
    uint32_t n_components, free_component;
    /* of one round */
    struct ids members, touched;
    struct tc_outage *outages;
    uint32_t outage_cap;
    struct tc_capacity *capacities; /* room for as many */
    uint32_t n_capacities;
    struct tc_failure *failures;
    uint32_t n_failures, failure_cap;
    uint32_t *roots; /* n_failures * TC_SPREAD_ROOTS */
    uint8_t *n_roots;
    uint32_t *times; /* n_failures * samples */
    int64_t base, last_start;
    uint32_t lead;              /* seconds from base to the first outage */
    struct tc_spread_hit *told; /* what the named outages do by themselves; NULL = told at once */
    uint32_t n_told, *told_of;  /* told_of: n, index + 1 */
    bool named;                 /* the last run was without what is out by area only */
    bool only_area;             /* nothing of the component is reported by name */
};

/* The outages of the members into s->outages, what was measured into s->capacities; named: without
 * what is out only because it stands in an area. */
tc_err tc_spread_gather(struct tc_spread *s, bool named, uint32_t *count) TC_MUST_USE;
struct tc_cascade_opts tc_spread_cascade_opts(const struct tc_spread *s);
/* One run of the members; its failures in s->failures. */
/* The outages that were gathered, at their clock time. */
struct tc_scenario tc_spread_scenario(const struct tc_spread *s, uint32_t n);
tc_err tc_spread_reckon(struct tc_spread *s, bool named) TC_MUST_USE;
/* Of the component that was reckoned last (spread_tell.c). */
tc_err tc_spread_tell_all(struct tc_spread *s, const struct tc_spread_tell *tell) TC_MUST_USE;

#endif
