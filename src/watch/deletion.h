/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting and erasing where a community wants two people for it: the acts "delete" (versions of an
 * object in one community, as TAXII deletes them) and "erase" (watch/erase.h). */
#ifndef TC_WATCH_DELETION_H
#define TC_WATCH_DELETION_H

#include "node/approval.h"
#include "watch/erase.h"

/* Asks for the deletion of these entries of one object in one community; p may delete them. */
tc_err tc_delete_ask(struct tc_node *n, const struct tc_principal *p,
                     const struct tc_entry_in *entries, size_t count, struct tc_second *s,
                     struct tc_diag *d) TC_MUST_USE;
/* May p delete what this organisation posted? Its own organisation, or a steward. */
bool tc_delete_may(const struct tc_principal *p, const struct tc_audience *a);
/* Asks for an erasure that p may do. community: whose rule it is. */
tc_err tc_erase_ask_second(struct tc_node *n, const struct tc_erase_ask *ask, uint32_t community,
                           char id[TC_UUID_TEXT], struct tc_diag *d) TC_MUST_USE;

/* Adds both kinds; tc_erase_ops does. */
tc_err tc_deletion_kinds(void) TC_MUST_USE;

#endif
