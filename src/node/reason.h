/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons for reading, on the command line. A community that asks for one is not read without it:
 * what was posted there is withheld from the principal (tc_principal.withheld), so that nothing
 * goes round it. */
#ifndef TC_NODE_REASON_H
#define TC_NODE_REASON_H

#include "node/node.h"

/* Of an operation: "reason" in its request, else p reads nothing of those communities, and who
 * asked is told {"reason_asked":[title ...]} of those that its organisation belongs to (all, for
 * the folder's own view) - the same whether or not there was something to read. The list lives in
 * a. USAGE: a reason that is no text of 1 to 500 bytes. */
tc_err tc_reason_of_op(struct tc_op *op, struct tc_arena *a, struct tc_principal *p) TC_MUST_USE;

#endif
