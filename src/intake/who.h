/* SPDX-License-Identifier: Apache-2.0 */
/* "Who will see this?": asked before posting, with the same body and community. The objects go the
 * same way as when they are posted, up to the audience that they would get; then every organisation
 * and person of this node is put to tc_may_read, which decides afterwards too; the same for each
 * level of fields with a marking of their own. Nothing is stored.
 *
 * Where everybody, or everybody who signs in, may read, nobody is listed: the list would be the
 * node's whole directory. */
#ifndef TC_INTAKE_WHO_H
#define TC_INTAKE_WHO_H

#include "codec/jsonw.h"
#include "intake/intake.h"

/* Writes {"objects":[...]}. Errors as tc_intake_prepare; LIMIT: more than 100 objects. */
tc_err tc_who_reads(struct tc_node *n, const struct tc_intake_from *from, struct tc_str body,
                    struct tc_jsonw *w, struct tc_diag *d) TC_MUST_USE;
/* "marking", and what else there is: "pap", "originator_control", "embargo_until". */
void tc_who_handling(struct tc_jsonw *w, const struct tc_audience *a);

#endif
