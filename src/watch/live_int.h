/* SPDX-License-Identifier: Apache-2.0 */
/* The register as live.c (rows into it) and live_graph.c (the graph of it) share it. Nobody else
 * includes this. */
#ifndef TC_WATCH_LIVE_INT_H
#define TC_WATCH_LIVE_INT_H

#include "base/list.h"
#include "watch/live.h"

/* More assets than these with other suppliers, and a new graph is cheaper. */
#define PATCHES_MAX 16
/* Suppliers of one asset beyond which the same holds. */
#define PATCH_EDGES 4096

struct asset {
    struct tc_live_asset pub;
    tc_time version;
    char *text;          /* holds the views of facts */
    uint32_t poster;     /* organisation; 0 = nobody yet, also in those below */
    uint32_t location;   /* index, or TC_NONE */
    uint32_t located_by; /* organisation that said so */
    bool own_place;      /* the asset itself says where it stands */
    bool changed, needs; /* since the last graph: something; (perhaps) whom it needs */
    uint32_t first;      /* its dependencies are a chain; TC_NONE = none */
};

struct dependency {
    uint32_t asset, supplier;
    uint32_t service, group; /* interned */
    uint32_t need, share;
    uint32_t buffer_lo, buffer_hi, restore_lo, restore_hi;
    uint32_t recharge, buffer_likely, restore_likely;
    uint32_t calendar; /* interned */
    uint64_t demand;
    uint16_t priority;
    uint8_t buffer_draw, restore_draw;
    uint8_t mode, rule;
    bool present, chained;
    uint32_t poster;
    uint32_t next; /* of the same asset */
    tc_time version;
};

struct spot { /* of an asset; lat is NAN where it does not stand anywhere */
    double lat, lon;
};

struct place {
    double lat, lon;
    bool present;
    uint32_t poster;
    tc_time version;
};

struct link { /* located-at */
    uint32_t asset, location;
    bool present;
    uint32_t poster;
    tc_time version;
};

struct tc_live {
    struct tc_list assets, dependencies, places, links, words;
    struct tc_map *asset_ids;  /* id -> index */
    struct tc_map *others;     /* kind letter + UUID -> index: dependencies, places, links */
    struct tc_map *word_index; /* text -> index into words */
    struct tc_json_reader *json;
    struct tc_standing *who;
    uint32_t poster;         /* organisation that posted the row at hand */
    uint64_t changes, built; /* the change that the graph stands for */
    struct tc_graph *graph;
    uint32_t *of_node;
    struct tc_list changed; /* assets: of which something changed since the last graph */
    struct tc_list spots;   /* of assets, by the same numbers: areas are looked for in these */
    uint32_t moved_needs;   /* how many of the changed need other suppliers */
    bool whole;             /* an asset is new */
    struct tc_graph_patch patches[PATCHES_MAX];
    size_t n_patches;
    struct tc_list told; /* what news points to */
};

static inline struct asset *asset_at(const struct tc_live *r, uint32_t i)
{
    return TC_LIST_AT(r->assets, struct asset, i);
}

/* What org says of where an asset stands or of what it needs. */
bool tc_live_speaks_for(struct tc_live *r, uint32_t org, uint32_t asset);
void tc_live_forget_patches(struct tc_live *r);

#endif
