/* SPDX-License-Identifier: Apache-2.0 */
/* What people and machines do over HTTP, in the audit log: one record for each request that changes
 * something (queued before it is done, durable before it is answered) and for each that reads
 * objects (durable first only when one of them is TLP:RED). Server threads. */
#ifndef TC_HTTP_AUDITED_H
#define TC_HTTP_AUDITED_H

#include "http/request.h"

/* A reading handler tells which entries its answer speaks of. */
void tc_audited_saw(struct tc_request *r, const struct tc_row *row);
/* Around a handler; an error means that it could not be recorded, and must not happen. */
tc_err tc_audited_begin(struct tc_request *r) TC_MUST_USE;
tc_err tc_audited_end(struct tc_request *r, tc_err e) TC_MUST_USE;

#endif
