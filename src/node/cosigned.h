/* SPDX-License-Identifier: Apache-2.0 */
/* The witnesses of this node's audit log: a thread asks each of them for a cosignature whenever
 * there is a checkpoint that it has not cosigned, at most every so many seconds (access/cosign.h),
 * through the one way out (node/fetch.h).
 *
 *   DIR/audit/cosigned/HEX     newest checkpoint that one witness cosigned, with its line
 *   DIR/audit/cosigned/newest  the newest that any did, with the lines of all that did
 *
 * A cosignature is verified before it is kept. A witness that knows more records than there are, or
 * does not find that they go on from those that it knows, refuses: that is logged, and stands in
 * the status and the metrics, since it means that history was rewritten or cut here. One that
 * cannot be reached is late, and costs the node nothing else. */
#ifndef TC_NODE_COSIGNED_H
#define TC_NODE_COSIGNED_H

#include "access/cosign.h"
#include "model/audience.h"
#include "node/fetch.h"

struct tc_cosigned;
struct tc_jsonw;
struct tc_node;

/* Starts the thread. config: borrowed, must outlive it. */
tc_err tc_cosigned_start(struct tc_node *n, const struct tc_cosign_config *config,
                         struct tc_cosigned **out, struct tc_diag *d) TC_MUST_USE;
/* Waits for a request that is under way. NULL is fine. */
void tc_cosigned_stop(struct tc_cosigned *c);

struct tc_cosigned_state {
    const char *label;
    uint64_t records, seconds; /* cosigned last, and when; 0 = never */
    uint64_t behind;           /* seconds since there is a checkpoint that it has not cosigned */
    bool late;                 /* for long */
    bool refuses;              /* it does not find this log to go on from what it knows */
    char problem[200];         /* of the last attempt, or "" */
};
/* Of all of them, TC_COSIGN_PEERS at most; returns how many. Any thread. */
size_t tc_cosigned_states(struct tc_cosigned *c, struct tc_cosigned_state *out);

/* Where the witnesses of the node in dir may be asked; nothing without witnesses.json. */
tc_err tc_cosign_origins(const char *dir, struct tc_fetch_origins *o,
                         struct tc_diag *d) TC_MUST_USE;
/* For tc_node_status_add: both sides, to whoever watches over the node. */
void tc_cosign_status(struct tc_node *n, const struct tc_principal *p, struct tc_jsonw *w);

#endif
