/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of intake, for the command line (node/node.h says how they are called).
 *
 *   import  files: one, or assets and dependencies of a register
 *           {"names":[...], "community", "marking", "format", "keep_going", "as"}
 *           answers {"read","added","same","skipped","first_seq","last_seq"}
 *           tells {"progress":{"done","all","objects"}} and {"skipped":{...}} on the way
 *   export  files: where to write
 *           {"community", "format", "as"}                        answers {"objects"}
 *
 * as: a login; without it the node's own organisation. community: alias, UUID or number. */
#ifndef TC_INTAKE_OPS_H
#define TC_INTAKE_OPS_H

#include "node/node.h"

tc_err tc_intake_ops_add(void) TC_MUST_USE; /* once, before the first tc_node_call */

#endif
