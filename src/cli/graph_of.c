/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/graph_of.h"

#include "base/log.h"
#include "cli/ask.h"
#include "cli/help.h"
#include "cli/register_files.h"
#include "cli/register_graph.h"
#include "node/node.h"
#include "watch/live.h"
#include "watch/standing.h"

#include <stdlib.h>

/* ---- places ---- */

static tc_err places_new(struct tc_cli_places *p, const struct tc_graph *g)
{
    p->lat = calloc(g->n + 1u, sizeof *p->lat);
    p->lon = calloc(g->n + 1u, sizeof *p->lon);
    p->placed = calloc(g->n + 1u, sizeof *p->placed);
    if (p->lat && p->lon && p->placed)
        return TC_OK;
    tc_cli_places_fini(p);
    return TC_E_NOMEM;
}

void tc_cli_places_fini(struct tc_cli_places *p)
{
    free(p->lat);
    free(p->lon);
    free(p->placed);
    *p = (struct tc_cli_places){.lat = NULL};
}

static void put_place(struct tc_cli_places *p, const struct tc_graph *g, struct tc_str id,
                      double lat, double lon)
{
    uint32_t v;
    if (!tc_graph_find(g, id, &v))
        return;
    p->lat[v] = lat;
    p->lon[v] = lon;
    p->placed[v] = true;
}

/* An asset is in the graph under its own id, or under its STIX id. */
static void live_places(const struct tc_live *live, const struct tc_graph *g,
                        struct tc_cli_places *p)
{
    uint32_t v;
    for (uint32_t i = 0; i < tc_live_count(live); i++) {
        const struct tc_live_asset *a = tc_live_asset(live, i);
        bool own = a->facts.own_id.n && !tc_graph_find(g, a->id, &v);
        if (a->present && a->facts.placed)
            put_place(p, g, own ? a->facts.own_id : a->id, a->facts.lat, a->facts.lon);
    }
}

/* The register of a node, as far as it is durable now; the node may be served meanwhile. */
static int node_register(const char *command, const char *dir, struct tc_graph **g,
                         struct tc_cli_places *places)
{
    struct tc_node *n = NULL;
    struct tc_live *live = NULL;
    struct tc_standing *who = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_log_set_level(TC_LOG_WARN);
    tc_err e = tc_node_open(dir, TC_NODE_READ_ONLY, &n, &d);
    if (!e && (!(who = tc_standing_new(n->org, n->access)) || !(live = tc_live_new(who))))
        e = TC_E_NOMEM;
    e = e ? e : tc_standing_load(who, n->dir, &d);
    e = e ? e : tc_live_load(live, n->journal);
    e = e ? e : tc_live_graph_own(live, g, &d);
    if (!e && places && !(e = places_new(places, *g)))
        live_places(live, *g, places);
    tc_live_free(live);
    tc_standing_free(who);
    tc_node_close(n);
    return e ? tc_cli_fail(command, e, &d) : 0;
}

static int files_register(const char *command, const struct tc_opt_list *files, struct tc_graph **g,
                          struct tc_cli_places *places)
{
    struct tc_cli_files f;
    struct tc_diag d;
    tc_diag_init(&d);
    int status = tc_cli_files_read(command, files->v, files->n, NULL, &f);
    if (status)
        return status;
    tc_err e = tc_register_graph(f.r, g, &d);
    if (!e && places && !(e = places_new(places, *g)))
        for (size_t i = 0; i < f.r->asset_count; i++)
            if (f.r->assets[i].placed)
                put_place(places, *g, f.r->assets[i].id, f.r->assets[i].lat, f.r->assets[i].lon);
    tc_cli_files_fini(&f);
    return e ? tc_cli_fail(command, e, &d) : 0;
}

int tc_cli_graph(const char *command, const char *dir, const struct tc_opt_list *files,
                 struct tc_graph **g, struct tc_cli_places *places)
{
    if (!dir && !files->n)
        return tc_cli_usage(command, "a node's folder or --register FILES is missing");
    if (dir && files->n)
        return tc_cli_usage(command, "it is a node's folder or --register, not both");
    return dir ? node_register(command, dir, g, places) : files_register(command, files, g, places);
}
