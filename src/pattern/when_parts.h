/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of when.*: the plan of a pattern, what it remembers, and the decision. */
#ifndef TC_PATTERN_WHEN_PARTS_H
#define TC_PATTERN_WHEN_PARTS_H

#include "pattern/when.h"

#define TC_WHEN_NONE INT64_MIN /* no binding */

enum tc_when_kind { TC_WHEN_LEAF, TC_WHEN_AND, TC_WHEN_OR, TC_WHEN_FOLLOWED };

/* A node has no kids (LEAF) or two. LEAF: need observations (counted) of one part. */
struct tc_when_node {
    enum tc_when_kind kind;
    int left, right;
    unsigned leaves; /* at and under it */
    uint32_t need, part;
    int64_t within; /* INT64_MAX: none */
};

/* START/STOP around a [...]: first < stop and last >= start. */
struct tc_when_observe {
    uint32_t part;
    bool never;
    tc_time start, stop;
};

/* The roles of a part: what of its observations can matter. */
#define TC_WHEN_USES_FIRST 1u
#define TC_WHEN_USES_LAST  2u

struct tc_when_plan {
    struct tc_when_node *nodes;
    size_t n_nodes, nodes_cap;
    struct tc_when_observe *observes;
    size_t n_observes, observes_cap;
    int root;
    unsigned n_parts;
    uint64_t need; /* most observations (counted) that a binding takes */
    int64_t span;  /* WITHIN of the whole; INT64_MAX: none */
    uint8_t roles[TC_WHEN_MAX_PARTS];
};

tc_err tc_when_plan_make(const struct tc_pattern *p, struct tc_when_plan *out,
                         struct tc_diag *d) TC_MUST_USE;
void tc_when_plan_fini(struct tc_when_plan *p);

struct tc_seen {
    tc_time first, last;
    uint64_t parts;
    uint32_t number;
    struct tc_seen_id *id;
};

/* Is there a binding with v[x]? v is sorted by first. When YES, used[i] of n flags are set. */
tc_err tc_when_solve(const struct tc_when_plan *p, const struct tc_seen *v, size_t n, size_t x,
                     enum tc_when_verdict *out, bool *used) TC_MUST_USE;

#endif
