/* SPDX-License-Identifier: Apache-2.0 */
/* What the demo prints, read from the node as the principal given. One thread. */
#ifndef TC_CLI_DEMO_SHOW_H
#define TC_CLI_DEMO_SHOW_H

#include "node/node.h"

/* The assets that a principal may read, by id and by name. Owned; free when done. */
struct tc_demo_assets;

tc_err tc_demo_assets_read(struct tc_node *n, const struct tc_principal *p,
                           struct tc_demo_assets **out, struct tc_diag *d) TC_MUST_USE;
void tc_demo_assets_free(struct tc_demo_assets *a); /* NULL is fine */
struct tc_str tc_demo_asset_named(const struct tc_demo_assets *a, struct tc_str name); /* its id */
void tc_demo_say_register(const struct tc_demo_assets *a, uint64_t added, int64_t us);

/* The open findings, by time. */
tc_err tc_demo_findings(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_demo_assets *a, struct tc_diag *d) TC_MUST_USE;

struct tc_demo_ids {
    char id[64][TC_ID_MAX];
    size_t n;
};
tc_err tc_demo_drafts(struct tc_node *n, const struct tc_principal *p, struct tc_demo_ids *out,
                      struct tc_diag *d) TC_MUST_USE;
/* The released warnings that p reads, headed by who. */
tc_err tc_demo_warnings(struct tc_node *n, const struct tc_principal *p, const char *who,
                        struct tc_diag *d) TC_MUST_USE;

#endif
