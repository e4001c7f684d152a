/* SPDX-License-Identifier: Apache-2.0 */
/* Who fails when, given what has failed: the cascade of Tocsin for programs of others.
 * docs/example_impact.c is a whole program with what it prints.
 *
 * A graph is made once through a builder and then only read, by any number of threads. A cascade is
 * the working space of one thread over one graph, which must outlive it. All times are whole
 * seconds; texts are UTF-8 with a NUL at the end, copied where they are kept. Functions that can
 * fail return 0 when done, else a number that is not 0, leave their results untouched, and write a
 * sentence into why (of `size` bytes; NULL and 0 when nobody wants it). */
#ifndef TOCSIN_IMPACT_H
#define TOCSIN_IMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TC_IMPACT_NEVER   UINT32_MAX
#define TC_IMPACT_NOBODY  UINT32_MAX
#define TC_IMPACT_LONGEST 320000000u /* the longest horizon: ten years and a little */

struct tc_graph;
struct tc_graph_builder;
struct tc_cascade;

struct tc_impact_asset {
    const char *id;                      /* unique, not empty */
    const char *name, *sector, *country; /* NULL = not known; country: two letters */
    uint64_t people;                     /* who hang on this asset; below 2^32 */
    uint64_t capacity;         /* thousandths of what it can carry; 0 = as much as is asked for */
    const char *common_causes; /* names, ';' between, of what would strike it with others; NULL */
};

/* An asset needs a service from a group of suppliers, all its groups together. */
struct tc_impact_need {
    uint32_t asset; /* as tc_graph_put_asset numbered it */
    const char *service;
    bool flow;     /* it must come from a source (electricity, water); else sites that support each
                      other keep each other up (control, staff) */
    uint32_t need; /* how many of the suppliers; 0 = all. With shares: millionths */
    const uint32_t *suppliers;
    const uint32_t *shares; /* millionths, one for each supplier; NULL = count heads */
    size_t count;
    uint32_t buffer;            /* how long the asset lasts without */
    uint32_t restore;           /* how long it needs to come back */
    const uint64_t *demands;    /* thousandths that it draws from each; NULL = 1000 */
    const uint16_t *priorities; /* low ones are served first by who runs short; NULL = all last */
    uint32_t recharge;          /* how long an empty buffer takes to fill; 0 = no time */
    const char *calendar;       /* use by the hour, "50%; Mo-Fr 07-19 100%; UTC+01:00"; NULL */
};

struct tc_graph_builder *tc_graph_builder_new(void); /* NULL = out of memory */
void tc_graph_builder_free(struct tc_graph_builder *b);
/* Numbers the assets 0, 1, 2 ... for tc_graph_put_need; those of the graph are others. */
int tc_graph_put_asset(struct tc_graph_builder *b, const struct tc_impact_asset *asset,
                       uint32_t *number, char *why, size_t size);
int tc_graph_put_need(struct tc_graph_builder *b, const struct tc_impact_need *need, char *why,
                      size_t size);
/* Frees the builder, whatever happens. */
int tc_graph_build(struct tc_graph_builder *b, struct tc_graph **out, char *why, size_t size);
void tc_graph_free(struct tc_graph *g);

/* Assets of a graph are numbered in the order of their ids. */
uint32_t tc_graph_count(const struct tc_graph *g);
bool tc_graph_lookup(const struct tc_graph *g, const char *id, uint32_t *asset);
/* false when it does not fit into size bytes or there is no such asset: then out is "" */
bool tc_graph_copy_id(const struct tc_graph *g, uint32_t asset, char *out, size_t size);

struct tc_impact_outage {
    uint32_t asset;
    uint32_t start, end; /* end TC_IMPACT_NEVER: it stays out */
};

struct tc_impact_failure {
    uint32_t asset;
    uint32_t at;     /* when it fails for the first time */
    uint32_t until;  /* when it is back; TC_IMPACT_NEVER */
    uint32_t via;    /* the supplier whose loss was one too many; TC_IMPACT_NOBODY for an outage */
    bool given;      /* one of the outages */
    bool unsourced;  /* fails even without any: no source stands behind it */
    bool oscillates; /* comes and goes without end */
    bool deadlock;   /* cannot start again by itself */
    bool shed;       /* `via` stands, but cannot carry it any more */
    bool phantom;    /* its suppliers only feed each other */
};

struct tc_impact_capacity { /* from start to end an asset carries only a part of what it can */
    uint32_t asset;
    uint32_t start, end;
    uint32_t left; /* millionths */
};

struct tc_impact_scenario {
    const struct tc_impact_outage *outages;
    size_t outage_count;
    const struct tc_impact_capacity *capacities;
    size_t capacity_count;
    bool clock;    /* second 0 is: */
    int64_t start; /* seconds since 1970; without a clock calendars count with their highest hour */
};

struct tc_cascade *tc_cascade_new(const struct tc_graph *g); /* NULL = out of memory */
void tc_cascade_free(struct tc_cascade *c);
/* Failures after the horizon (at most TC_IMPACT_LONGEST) are not told. */
int tc_cascade_follow(struct tc_cascade *c, const struct tc_impact_outage *outages, size_t count,
                      uint32_t horizon, char *why, size_t size);
int tc_cascade_suppose(struct tc_cascade *c, const struct tc_impact_scenario *scenario,
                       uint32_t horizon, char *why, size_t size);
/* The assets of a common cause, at most `most` of them; returns how many it has. */
size_t tc_graph_common_cause(const struct tc_graph *g, const char *name, uint32_t *assets,
                             size_t most);
/* Of the last run: the outages first, then by time, then by asset. */
size_t tc_cascade_count(const struct tc_cascade *c);
bool tc_cascade_failure(const struct tc_cascade *c, size_t i, struct tc_impact_failure *out);
/* Why: the suppliers that were missing, then the way back to an outage. Returns how many. */
size_t tc_cascade_chain(struct tc_cascade *c, size_t i, uint32_t *assets, size_t most);

struct tc_impact_row { /* what the outage of one asset alone would do; itself counted */
    uint32_t failed, member_states;
    uint64_t people, people_seconds;
};

/* rows: one for each asset of the graph, the caller's. */
int tc_cascade_every_outage(const struct tc_graph *g, uint32_t horizon, uint32_t threads,
                            struct tc_impact_row *rows, char *why, size_t size);

#ifdef __cplusplus
}
#endif

#endif
