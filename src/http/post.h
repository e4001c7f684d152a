/* SPDX-License-Identifier: Apache-2.0 */
/* Handing things to the journal while the connection sleeps. The function given is called, on a
 * server thread, with r->result; r->state is then the batch, which lives as long as the request. */
#ifndef TC_HTTP_POST_H
#define TC_HTTP_POST_H

#include "http/request.h"
#include "intake/intake.h"

/* r->body: envelope, bundle, object or array, posted to this community (0 = own organisation). */
tc_err tc_post_body(struct tc_request *r, uint32_t community,
                    tc_err (*then)(struct tc_request *r)) TC_MUST_USE;
/* text instead of r->body. */
tc_err tc_post_text(struct tc_request *r, uint32_t community, struct tc_str text,
                    tc_err (*then)(struct tc_request *r)) TC_MUST_USE;
/* Entries of our own; they live in the request's arena. */
tc_err tc_post_entries(struct tc_request *r, struct tc_entry_in *entries, size_t n,
                       tc_err (*then)(struct tc_request *r)) TC_MUST_USE;

#endif
