/* SPDX-License-Identifier: Apache-2.0 */
/* How the node is: for "tocsin status" and whoever else wants it as JSON. Numbers and names of
 * parts only; nothing of what the node holds. */
#ifndef TC_NODE_STATUS_H
#define TC_NODE_STATUS_H

#include "base/arena.h"
#include "codec/jsonw.h"
#include "node/node.h"

/* Members of an object that is open: title, identity, created, dir, running, pid, head, counts of
 * organisations, people, communities and tokens, readers with cursor and lag, files with bytes. */
tc_err tc_node_status(struct tc_node *n, struct tc_arena *a, struct tc_jsonw *w) TC_MUST_USE;

#endif
