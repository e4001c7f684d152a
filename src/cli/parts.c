/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parts.h"

#include "base/log.h"
#include "http/oidc.h"
#include "intake/ops.h"
#include "node/approval.h"
#include "node/cosigned.h"
#include "node/ops.h"
#include "warn/warn.h"
#include "watch/alert.h"
#include "watch/confirm.h"
#include "watch/correlate.h"
#include "watch/erase.h"
#include "watch/find.h"
#include "watch/hunt.h"
#include "watch/impact.h"
#include "watch/lift.h"
#include "watch/match.h"
#include "watch/retention.h"
#include "watch/rulebook.h"
#include "watch/subject.h"

#include <stdlib.h>

tc_err tc_cli_parts(void)
{
    static bool done;
    if (done)
        return TC_OK;
    done = true;
    tc_log_set_level(TC_LOG_WARN);
    tc_err e = tc_node_ops_add();
    e = e ? e : tc_intake_ops_add();
    e = e ? e : tc_find_ops();
    e = e ? e : tc_correlate_ops();
    e = e ? e : tc_hunt_ops();
    e = e ? e : tc_rule_ops();
    e = e ? e : tc_alert_ops();
    e = e ? e : tc_erase_ops();
    e = e ? e : tc_retention_ops();
    e = e ? e : tc_confirm_ops_add();
    e = e ? e : tc_subject_ops();
    e = e ? e : tc_node_status_add("witnesses", tc_cosign_status);
    return e ? e : tc_warn_ops();
}

tc_err tc_cli_origins(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d)
{
    typedef tc_err (*origins_fn)(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d);
    static const origins_fn parts[] = {tc_oidc_origins, tc_cosign_origins,
                                       NULL}; /* ends with NULL */
    tc_err e = TC_OK;
    for (size_t i = 0; !e && parts[i]; i++)
        e = parts[i](dir, o, d);
    return e;
}

struct tc_cli_readers {
    struct tc_impact *impact;
    struct tc_warn *warn;
    struct tc_find *find;
    struct tc_correlate *correlate;
    struct tc_match *match;
    struct tc_retention *retention;
};

tc_err tc_cli_readers(struct tc_node *n, struct tc_cli_readers **out, struct tc_diag *d)
{
    enum tc_warn_auto rule;
    struct tc_cli_readers *r = calloc(1, sizeof *r);
    if (!r)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_warn_rule_get(n->dir, &rule, d);
    if (!e)
        e = tc_impact_watch(n, &r->impact);
    if (!e)
        e = tc_warn_watch(n, rule, &r->warn);
    if (!e)
        e = tc_find_watch(n, &r->find);
    if (!e)
        e = tc_correlate_watch(n, &r->correlate);
    if (!e)
        e = tc_match_watch(n, &r->match, d);
    if (!e)
        e = tc_retention_watch(n, &r->retention);
    if (!e)
        e = tc_lift_watch(n);
    if (!e)
        e = tc_erase_watch(n);
    if (!e)
        e = tc_approval_watch(n);
    if (!e)
        e = tc_alert_watch(n);
    /* also on failure: what was added lives until the node is closed */
    *out = r;
    return e;
}

void tc_cli_readers_free(struct tc_cli_readers *r)
{
    if (!r)
        return;
    tc_retention_free(r->retention);
    tc_correlate_free(r->correlate);
    tc_match_free(r->match);
    tc_find_free(r->find);
    tc_warn_free(r->warn);
    tc_impact_free(r->impact);
    free(r);
}
