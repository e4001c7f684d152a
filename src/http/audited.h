/* SPDX-License-Identifier: Apache-2.0 */
/* What people and machines do over HTTP, in the audit log: one record for each request that changes
 * something (queued before it is done, durable before it is answered) and for each that reads
 * objects (durable first only when one of them is TLP:RED). Server threads. */
#ifndef TC_HTTP_AUDITED_H
#define TC_HTTP_AUDITED_H

#include "http/request.h"

/* The witness of whoever asks (model/audience.h): every entry that the journal gives them while
 * their request is answered. arg: the request. */
void tc_audited_saw(void *arg, uint64_t entry, uint32_t audience);
/* Somebody showed a password, a one-time code or a certificate that was checked now: a record,
 * durable before it is answered when it was right. Gives e back, or why it could not be recorded.
 */
tc_err tc_audited_signin(struct tc_request *r, tc_err e) TC_MUST_USE;
/* Entries that were given to a login outside of a request's own answer (the event stream); red: one
 * of them is TLP:RED, so it waits until that is durable. from: address. */
tc_err tc_audited_given(struct tc_node *n, const struct tc_principal *p, const char *how,
                        const char *from, struct tc_str why, struct tc_audit_list *list,
                        bool red) TC_MUST_USE;
void tc_audited_address(struct MHD_Connection *mhd, char out[TC_ADDRESS_SIZE]);

/* Around a handler; an error means that it could not be recorded, and must not happen. */
tc_err tc_audited_begin(struct tc_request *r) TC_MUST_USE;
tc_err tc_audited_end(struct tc_request *r, tc_err e) TC_MUST_USE;

#endif
