/* SPDX-License-Identifier: Apache-2.0 */
/* The dependency graph: who needs whom for what, in compact arrays. Built once through a builder,
 * then read only: any number of threads may use one graph. The graph owns all its memory.
 *
 * An asset needs groups of suppliers, each for one service; all its groups must hold. Every kind
 * of need is brought to one integer rule, the loss budget: each supplier carries a loss, and a
 * group stops holding when the losses of its missing suppliers exceed the budget.
 *
 *     need           loss of a supplier   budget
 *     k of n         1                    n - k
 *     all            1                    0
 *     share S        its share            sum of shares - S         (shares in millionths)
 *
 * Loops of a flow service (sets of assets that can feed each other round) get a relay for each
 * member: the member as seen from inside the loop, where it counts only while it is fed from
 * outside or from a source. src/impact/cascade.c has the meaning; here are only the arrays.
 *
 * Times are whole seconds. Assets are numbered in the order of their ids (bytes), so ties by
 * number are ties by id and nothing depends on the order of the rows. */
#ifndef TC_IMPACT_GRAPH_H
#define TC_IMPACT_GRAPH_H

#include "base/draw.h"
#include "base/week.h"

#define TC_NONE         UINT32_MAX
#define TC_UNLIMITED    UINT64_MAX
#define TC_UNIT         1000u    /* a capacity or demand of 1, in thousandths */
#define TC_LAST         65535u   /* the priority of who has none */
#define TC_SHARE_WHOLE  1000000u /* a share of 1 */
#define TC_GRAPH_ID_MAX 1000     /* bytes of an id, name, service or sector */

enum tc_mode { TC_MODE_SUPPORT, TC_MODE_FLOW };
enum tc_need { TC_NEED_COUNT, TC_NEED_ALL, TC_NEED_SHARE };

/* ---- building ---- */

struct tc_asset_spec {
    struct tc_str id, name, sector, country; /* country: two letters or empty */
    uint64_t people;
    bool limited;         /* what it can carry has a bound: */
    uint64_t capacity;    /* thousandths */
    struct tc_str causes; /* names of common causes, ';' between; may be empty */
    bool placed;
    double lat, lon; /* degrees */
    uint64_t line;   /* for messages; 0 = not known */
};

struct tc_group_spec {
    uint32_t asset; /* handles given by tc_graph_add_asset */
    struct tc_str service;
    enum tc_mode mode;
    enum tc_need rule;
    uint32_t need; /* COUNT: 1..n. SHARE: millionths. ALL: not used */
    int64_t buffer_lo, buffer_hi, restore_lo, restore_hi; /* seconds, 0..TC_MAX_DURATION */
    const uint32_t *suppliers;                            /* handles, n of them */
    const uint32_t *shares;     /* millionths, for SHARE; else NULL or not used */
    const uint64_t *demands;    /* thousandths that it draws from each; NULL = 1 of each */
    const uint16_t *priorities; /* of who runs short, the low served first; NULL = all last */
    size_t n;
    int64_t recharge; /* seconds in which an empty stock fills; 0 = at once */
    enum tc_draw buffer_draw, restore_draw;
    int64_t buffer_likely, restore_likely; /* for TC_DRAW_TRIANGULAR, within the range */
    struct tc_str calendar;                /* use by the hour of the week (base/week.h); empty */
    uint64_t line;
};

struct tc_graph;
struct tc_graph_builder;

struct tc_graph_builder *tc_graph_builder_new(void); /* NULL = out of memory */
void tc_graph_builder_free(struct tc_graph_builder *b);

/* What a spec points at is copied. Errors name line, id and field (diag path) and leave the
 * builder as it was, so that a caller may go on and collect more: CONFLICT (id twice), INVALID,
 * LIMIT, NOMEM. handle: 0, 1, 2 ... in the order of calls. */
tc_err tc_graph_add_asset(struct tc_graph_builder *b, const struct tc_asset_spec *spec,
                          uint32_t *handle, struct tc_diag *diag) TC_MUST_USE;
tc_err tc_graph_add_group(struct tc_graph_builder *b, const struct tc_group_spec *spec,
                          struct tc_diag *diag) TC_MUST_USE;
/* What of a group can be said without a builder: service, times, suppliers (numbers below assets,
 * not its own), need; all but whether a supplier stands twice. id: for messages. */
tc_err tc_graph_check_group(const struct tc_group_spec *s, size_t assets, struct tc_str id,
                            uint32_t *budget, struct tc_diag *diag) TC_MUST_USE;
/* Frees the builder, whatever happens. Handles are meaningless afterwards: use tc_graph_find. */
tc_err tc_graph_finish(struct tc_graph_builder *b, struct tc_graph **out,
                       struct tc_diag *diag) TC_MUST_USE;

/* ---- the graph ---- */

struct tc_group { /* 16 bytes: four to a cache line */
    uint32_t owner;
    uint32_t budget; /* stops holding when more than this is lost */
    uint32_t buffer; /* seconds, the shortest of its range */
    uint32_t relay;  /* the owner's relay for this service, or TC_NONE */
};

struct tc_times { /* of a group; buffer's low end is in tc_group */
    uint32_t buffer_hi, restore_lo, restore_hi;
};

struct tc_spread_of {        /* of a group's ranges */
    uint8_t buffer, restore; /* enum tc_draw */
    uint32_t buffer_likely, restore_likely;
};

struct tc_place {
    double lat, lon; /* NAN = not known */
};

/* What most registers do not have. Each array is NULL where nobody says anything of the kind. */
struct tc_graph_more {
    uint64_t *capacity;        /* n: thousandths, TC_UNLIMITED */
    uint64_t *demand;          /* e; NULL = TC_UNIT each */
    uint16_t *priority;        /* e; NULL = TC_LAST each */
    uint32_t *recharge;        /* m: seconds */
    struct tc_spread_of *draw; /* m */
    uint16_t *calendar;        /* m: number of a week, 0 = none */
    struct tc_week *weeks;     /* [0] is not used */
    uint32_t week_count;
    struct tc_str *causes; /* names, in the order of their bytes */
    uint32_t cause_count;
    uint32_t *cause_first;  /* cause_count + 1 */
    uint32_t *cause_asset;  /* ascending within a cause */
    struct tc_place *place; /* n */
};

struct tc_graph {     /* read only */
    uint32_t n, m, e; /* assets, groups, edges */
    struct tc_group *group;
    uint32_t *group_first;  /* n+1: groups of an asset are group_first[v] .. group_first[v+1]-1 */
    uint32_t *in_first;     /* m+1: edges of a group */
    uint32_t *supplier;     /* e */
    uint32_t *loss;         /* e, or NULL when all are 1 */
    uint32_t *out_first;    /* n+1: edges that an asset's own failure cuts */
    uint32_t *out;          /* group numbers */
    uint32_t *out_loss;     /* NULL when all are 1 */
    struct tc_times *times; /* m, or NULL when all are one-valued buffers without restore */
    uint16_t *service;      /* m */
    uint8_t *mode;          /* m: enum tc_mode */
    bool ranges;            /* some buffer or restore is a range */
    uint32_t max_buffer;    /* the longest of buffer_hi */

    /* relays: r of them in loops, numbered by owner; all NULL when r is 0 */
    uint32_t r, loops;
    uint32_t *relay_owner;     /* r */
    uint32_t *relay_loop;      /* r */
    uint32_t *relay_first;     /* n+1: relays of an asset */
    uint32_t *relay_out_first; /* r+1 */
    uint32_t *relay_out;       /* group numbers: the edges inside the loop */
    uint32_t *relay_out_loss;
    uint32_t *supplier_relay; /* e: the supplier's relay when the edge is inside a loop, or NONE */
    uint32_t *loop_first;     /* loops+1 */
    uint32_t *loop_relay;     /* r: members of a loop */

    uint64_t *people;
    uint16_t *sector;
    char (*country)[2]; /* NULs when not known */
    uint32_t *text_at;  /* 2n+1: id and name of asset v are pieces 2v and 2v+1 of text */
    char *text;
    uint32_t *slots; /* id look-up */
    uint32_t slot_mask;
    struct tc_str *services, *sectors;
    uint32_t service_count, sector_count;
    struct tc_graph_more *more; /* NULL where the register has nothing of it */
    size_t bytes;               /* of all these arrays together */
};

void tc_graph_free(struct tc_graph *g);
/* The number of a common cause. */
bool tc_graph_cause(const struct tc_graph *g, struct tc_str name, uint32_t *cause);
/* Capacities or calendars: then only the full engine (cascade.h) knows what happens. */
bool tc_graph_needs_engine(const struct tc_graph *g);
bool tc_graph_find(const struct tc_graph *g, struct tc_str id, uint32_t *asset);
struct tc_str tc_graph_id(const struct tc_graph *g, uint32_t asset);
struct tc_str tc_graph_name(const struct tc_graph *g, uint32_t asset); /* empty when not given */
struct tc_str tc_graph_country(const struct tc_graph *g, uint32_t asset);

#endif
