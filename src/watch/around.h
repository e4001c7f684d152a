/* SPDX-License-Identifier: Apache-2.0 */
/* The graph around an object, as the asker may see it: what it refers to, what refers to it,
 * relationships as edges, values that others hold too, and on request what was near it then.
 *
 *   node    an object, or a value ("value:KIND:TEXT")
 *   edge    how: "relationship" (says its type), "reference" (says the property), "value" (says the
 *           property), "near" (says metres)
 *
 * Made breadth first, newest first, and bounded: so many nodes, TC_AROUND_EDGES edges for each of
 * them, TC_AROUND_FAN neighbours of one kind at each, TC_AROUND_READ entries read in all; what was
 * left out is said, on the node and for the whole. A hot value is one node, marked, and goes no
 * further. created_by_ref and markings are no edges: they tie nearly everything together. Nothing
 * counts that the asker may not read. Any thread. */
#ifndef TC_WATCH_AROUND_H
#define TC_WATCH_AROUND_H

#include "watch/correlate.h"
#include "watch/index.h"

#define TC_AROUND_NODES 500
#define TC_AROUND_EDGES 4
#define TC_AROUND_FAN   50
#define TC_AROUND_READ  20000

struct tc_around_ask {
    struct tc_str id;
    unsigned depth; /* 1 or 2: how far from the object */
    size_t nodes;   /* 1 to TC_AROUND_NODES */
    double metres;  /* over 0: also what was so near ... */
    int64_t during; /* ... in so many seconds before or after; -1 = at any time */
};

/* Appends {"nodes":[{"id","type","name","depth","hot","more"}...],"edges":[{"from","to","how",
 * "says"}...],"more":true without the last brace. NOTFOUND: the asker can read no such object. */
tc_err tc_around_put(struct tc_node *n, struct tc_index *x, struct tc_correlate *c,
                     const struct tc_principal *p, const struct tc_around_ask *ask,
                     struct tc_buf *out, struct tc_diag *d) TC_MUST_USE;

#endif
