/* SPDX-License-Identifier: Apache-2.0 */
/* What another register would change for the incidents that are open on a node: who would be hit
 * that is not foretold now, who no longer, who earlier or later. Each is a finding of the node that
 * would change, and with it the warning to who operates the asset. Nothing is written. */
#ifndef TC_CLI_REGISTER_LIVE_H
#define TC_CLI_REGISTER_LIVE_H

#include "base/list.h"
#include "cli/register_files.h"
#include "impact/cascade.h"

enum tc_live_change { TC_LIVE_NEW, TC_LIVE_EARLIER, TC_LIVE_LATER, TC_LIVE_SPARED };

struct tc_live_difference {
    enum tc_live_change change;
    struct tc_str asset, operated_by; /* views into the registers */
    tc_time before, after;            /* when it fails; TC_TIME_NONE = does not */
};

extern const char *const tc_live_change_names[]; /* "newly_hit" ... */

/* before is a node's, with its graph; after what would be imported. out: tc_live_difference, in the
 * order of ids; the caller frees out->v. */
tc_err tc_register_live(const struct tc_cli_files *before, const struct tc_graph *g_before,
                        const struct tc_cli_files *after, const struct tc_graph *g_after,
                        struct tc_list *out) TC_MUST_USE;

#endif
