/* SPDX-License-Identifier: Apache-2.0 */
/* The short way of a run in which nothing returns and nothing is a loop: every group is lost once
 * at most, every asset fails once at most. Part of cascade.c, which decides when it may be taken;
 * nobody else includes this. The results are those of the long way, field by field
 * (tests/property/test_plain_twin.c). */
#ifndef TC_IMPACT_PLAIN_H
#define TC_IMPACT_PLAIN_H

#include "impact/cascade_int.h"

struct tc_plain_group { /* 16 bytes: four to a cache line */
    uint32_t owner, buffer, budget;
    int32_t left; /* budget minus losses */
};

/* May a run over this graph ever go the short way; and this run of this scenario? */
bool tc_plain_ever(const struct tc_graph *g);
bool tc_plain_can(const struct tc_cascade *c, const struct tc_scenario *s);
/* c->plain for c->g. */
void tc_plain_start(struct tc_cascade *c);
/* Only when tc_plain_can; c is clear. Sets c->asset, c->keys, c->touched_a and c->err. */
void tc_plain_run(struct tc_cascade *c, const struct tc_outage *outages, size_t n);
/* Before c->keys is forgotten: puts c->plain back. */
void tc_plain_clear(struct tc_cascade *c);

#endif
