/* SPDX-License-Identifier: Apache-2.0 */
/* Sending what a handler has filled in. Server threads only. */
#ifndef TC_HTTP_REPLY_H
#define TC_HTTP_REPLY_H

#include "http/internal.h"
#include "http/media.h"
#include "http/routes.h"

#include "base/log.h"

/* Fills the answer with an error; r->status, when it is 400 or more, wins over the error's own. */
void tc_reply_error(struct tc_request *r, tc_err e);
enum MHD_Result tc_reply_send(struct tc_request *r);

#endif
