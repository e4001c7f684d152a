/* SPDX-License-Identifier: Apache-2.0 */
/* The reason that somebody gives with a request: the header X-Tocsin-Reason, UTF-8 of at most 500
 * bytes, or in the form of RFC 8187 section 3.2.1 (UTF-8''percent-encoded) for who may send
 * ASCII only. X-Tocsin-Reason-For: ids of the communities that it is meant for, separated by
 * commas; without it, all. The event stream, to which a browser sends no headers of its own, also
 * takes them as reason and reason_for in the address. On record it is the audit log's "why".
 *
 * What was posted to a community that asks for a reason is withheld from who gives none
 * (tc_principal.withheld). Each answer says in X-Tocsin-Reason-Asked which of one's own communities
 * these were for this request: by membership alone, whatever is there. */
#ifndef TC_HTTP_REASON_H
#define TC_HTTP_REASON_H

#include "http/request.h"

/* Reads them and sets r->reason and r->me.withheld, when it is known who asks. SYNTAX. */
tc_err tc_reason_apply(struct tc_request *r) TC_MUST_USE;

/* Decodes a header's value into the arena. INVALID: no text of that form. Empty is fine. */
tc_err tc_reason_decode(struct tc_str value, struct tc_arena *a, struct tc_str *out) TC_MUST_USE;

#endif
