/* SPDX-License-Identifier: Apache-2.0 */
/* This node as a witness of others' audit logs (C2SP tlog-witness; access/cosign.h): it cosigns a
 * checkpoint when the log's own key signed it and it goes on from what it cosigned before.
 *
 *   DIR/witnessed/HEX       newest checkpoint of a log, as that log signed it
 *   DIR/witnessed/HEX.fork  a second root that the log signed for one size: proof that it lied
 *
 * Always holds: what is cosigned was durable in witnessed/ before the signer was asked, so neither
 * kill -9 nor a new start makes the witness forget; sizes do not go back and no size gets two
 * roots, which the signer (node/signer.h) holds against its own memory of the same files. A file
 * that is damaged stops the cosigning of its log. Nothing here is recorded in the node's own log:
 * two nodes that cosign each other would then never rest. */
#ifndef TC_NODE_COSIGNER_H
#define TC_NODE_COSIGNER_H

#include "access/cosign.h"

struct tc_cosigner;
struct tc_jsonw;
struct tc_node;

/* config: borrowed, must outlive it. INVALID: one of the logs is the node's own. */
tc_err tc_cosigner_open(struct tc_node *n, const struct tc_cosign_config *config,
                        struct tc_cosigner **out, struct tc_diag *d) TC_MUST_USE;
void tc_cosigner_close(struct tc_cosigner *c); /* NULL is fine */

/* The body of a request, from whom (any bytes that tell addresses apart). line: the cosignature.
 * SYNTAX (400), DENIED (403): no signature of the log's key, NOTFOUND (404): no log of ours,
 * CONFLICT (409): *size is the one to go on from, INVALID (422): the proof does not hold, BUSY:
 * too many of these came from there that no log had signed; else IO, FULL, CORRUPT. Any thread. */
tc_err tc_cosigner_add(struct tc_cosigner *c, struct tc_str from, struct tc_str body,
                       char line[TC_AUDIT_LINE], uint64_t *size, struct tc_diag *d) TC_MUST_USE;

/* A list: of each log its origin, the size that was cosigned last, and whether it forked. */
void tc_cosigner_status(struct tc_cosigner *c, struct tc_jsonw *w);

#endif
