/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on links: whose account at a provider is whose here (access/link.h).
 *
 *   user-link         login issuer subject                             {"user":login}
 *   user-unlink       login issuer subject                             {"user":login}
 *   user-link-list    [login]                                          {"links":[...]}
 */
#ifndef TC_NODE_OPS_LINK_H
#define TC_NODE_OPS_LINK_H

#include "node/node.h"

tc_err tc_node_ops_link_add(void) TC_MUST_USE; /* once, before the first tc_node_call */

#endif
