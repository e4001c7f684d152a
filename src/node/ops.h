/* SPDX-License-Identifier: Apache-2.0 */
/* The node's own operations: who there is, tokens, status. Requests and answers as JSON; ORG is an
 * organisation's name, identity or number, COMMUNITY an alias, UUID or number.
 *
 *   org-add           name country [sectors role identity]             {"org":{...}}
 *   org-list                                                           {"orgs":[...]}
 *   user-add          org login [name roles password once identity]    {"user":{...},"once":...}
 *   user-list         [org]                                            {"users":[...]}
 *   user-set          login [roles active]                             {"user":{...}}
 *   user-password     login password                                   {"user":{...}}
 *   community-add     title [alias description kind open]              {"community":{...}}
 *   community-list                                                     {"communities":[...]}
 *   community-members community {"community":..,"orgs":[...]} member-set        community org
 * member [write]                     {"community":..,"org":...} token-new         login [use label
 * expires]                        {"token":...,"expires":...} token-list        [login]
 * {"tokens":[...]} token-revoke      id                                               {"id":...}
 *   status                                                             {...}
 *
 * Whoever may ask (owner of the folder, root) is trusted with all of it: it is the command line of
 * the node's own machine. */
#ifndef TC_NODE_OPS_H
#define TC_NODE_OPS_H

#include "node/node.h"

tc_err tc_node_ops_add(void) TC_MUST_USE; /* once, before the first tc_node_call */

#endif
