/* SPDX-License-Identifier: Apache-2.0 */
/* The working space of a run, shared by cascade.c (the run), explain.c (what is read from it
 * afterwards) and patch.c. Nobody else includes this. */
#ifndef TC_IMPACT_CASCADE_INT_H
#define TC_IMPACT_CASCADE_INT_H

#include "impact/cascade.h"
#include "impact/queue.h"
#include "impact/stock.h"
#include "impact/supply.h"

enum gstate { G_HOLDS, G_DRAINING, G_EMPTY, G_RESTORING };

struct grun {       /* a group in this run, 32 bytes: two to a cache line */
    int32_t left;   /* budget minus losses; the group holds while left >= 0 */
    uint32_t since; /* when it stopped holding */
    uint32_t due;   /* DRAINING, RESTORING: when that ends */
    uint32_t back;  /* the instant of the last change for the better */
    uint32_t via;   /* the supplier whose loss crossed the budget */
    uint32_t owner;
    uint32_t relay;
    uint8_t state, prev; /* prev: the state before `back` */
    bool touched;
};

struct arun {     /* an asset, 32 bytes */
    uint32_t bad; /* active outages and groups that are EMPTY or RESTORING: up means 0 */
    uint32_t at, until;
    uint32_t group, lost_at, via;
    uint32_t up_since;
    uint16_t ups;
    uint8_t flags;
    bool touched;
};

struct rrun {       /* a relay */
    uint32_t block; /* owner down, and groups for this service that do not hold */
    uint32_t rank; /* derived from outside, sources and relays of lower rank; NONE = from nothing */
    uint32_t off_at, on_at; /* first time off: [off_at, on_at) */
    bool on, touched, suspect;
    bool phantom; /* went off the first time because it was derived from nothing */
};

struct tc_cascade {
    const struct tc_graph *g;
    struct tc_cascade_opts opts;
    struct grun *group;
    struct tc_plain_group *plain; /* plain.h; NULL where the graph never lets it be used */
    struct arun *asset;
    struct rrun *relay;
    uint32_t *rank0; /* relay ranks with everything up */
    uint32_t next_rank;
    bool *loop_dirty;
    uint32_t *dirty, dirty_n; /* loops to be looked at again */
    uint32_t *work;           /* assets, and relays + g->n, whose edges are to be cut or mended */
    uint32_t work_head, work_tail, work_cap;
    uint32_t *touched_g, *touched_a, *touched_r;
    uint32_t touched_gn, touched_an, touched_rn;
    uint32_t *unfed0, unfed0_n; /* loops with members that no source reaches, even at the start */
    uint32_t *unsourced;        /* per asset: when it fails without any outage; NULL = none does */
    int64_t *floss;             /* per group, while a loop is derived again; only when r > 0 */
    struct tc_supply *supply;   /* of this run: NULL when nothing can run short */
    struct tc_tanks *tanks;     /* of this run: NULL when stocks are mere time spans */
    struct tc_supply *own_supply; /* made when first wanted */
    struct tc_tanks *own_tanks;
    struct tc_queue queue;
    uint32_t now;
    tc_err err; /* sticky: NOMEM */

    struct tc_failure *fail;
    size_t fail_n, fail_cap;
    uint64_t *keys; /* 2n: key_n first failures as they happened, and room to sort them */
    size_t key_n;

    uint32_t *parent, *depth; /* explain.c: per asset and relay, made on the first question */
    bool explained;
    size_t bytes;
};

/* For supply.c: the group loses a supplier that carries `loss`, or has it again. */
void tc_cascade_lose(struct tc_cascade *c, uint32_t group, uint32_t loss, uint32_t via);
void tc_cascade_gain(struct tc_cascade *c, uint32_t group, uint32_t loss);

/* space.c: everything up; and the parts that only some graphs and scenarios want. */
void tc_cascade_clear(struct tc_cascade *c);
tc_err tc_cascade_begin_more(struct tc_cascade *c, const struct tc_scenario *s) TC_MUST_USE;
/* cascade.c: gives each relay of the loop that is on and fed a new rank; the others keep `suspect`
 * set. list has room for the loop. Returns how many are suspect. */
uint32_t tc_cascade_derive(struct tc_cascade *c, uint32_t loop, uint32_t *list);
/* As the register says, drawn when the run is a sample. */
uint32_t tc_cascade_buffer(const struct tc_cascade *c, uint32_t group);

/* explain.c: marks TC_FAIL_DEADLOCK in c->asset[].flags. The queue has run empty. */
tc_err tc_explain_deadlocks(struct tc_cascade *c) TC_MUST_USE;

#endif
