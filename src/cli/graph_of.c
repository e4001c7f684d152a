/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/graph_of.h"

#include "base/log.h"
#include "cli/ask.h"
#include "cli/help.h"
#include "cli/register_graph.h"
#include "node/node.h"
#include "watch/live.h"
#include "watch/standing.h"

/* The register of a node, as far as it is durable now; the node may be served meanwhile. */
static int node_register(const char *command, const char *dir, struct tc_graph **g)
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
    tc_live_free(live);
    tc_standing_free(who);
    tc_node_close(n);
    return e ? tc_cli_fail(command, e, &d) : 0;
}

int tc_cli_graph(const char *command, const char *dir, const struct tc_opt_list *files,
                 struct tc_graph **g)
{
    if (!dir && !files->n)
        return tc_cli_usage(command, "a node's folder or --register FILES is missing");
    if (dir && files->n)
        return tc_cli_usage(command, "it is a node's folder or --register, not both");
    return dir ? node_register(command, dir, g) : tc_cli_register(command, files->v, files->n, g);
}
