/* SPDX-License-Identifier: Apache-2.0 */
/* For whom a warning's release needs a second person or a reason: the communities that the incident
 * was posted to, the alert areas that it opened, and the organisation that runs the node (the rules
 * of its inbox). A warning does not name its incident; it is found by the ids that the incidents of
 * the findings would give. What cannot be found asks for whatever any community asks for. */
#ifndef TC_WARN_SECOND_H
#define TC_WARN_SECOND_H

#include "node/approval.h"

/* incident: its id. *community: one whose rule it is, for the record. */
tc_err tc_warn_rules_of(struct tc_node *n, struct tc_str incident, struct tc_rules *out,
                        uint32_t *community) TC_MUST_USE;
/* The same of a message to this recipient. */
tc_err tc_warn_rules_for(struct tc_node *n, struct tc_str warning, struct tc_str recipient,
                         struct tc_rules *out, uint32_t *community) TC_MUST_USE;

/* Adds the kind "warning-release". */
tc_err tc_warn_kind(void) TC_MUST_USE;

#endif
