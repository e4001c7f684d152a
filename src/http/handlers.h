/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the routes, one per row of routes.def: called on a server thread with the
 * route's roles already held against the caller. See request.h for what they return. */
#ifndef TC_HTTP_HANDLERS_H
#define TC_HTTP_HANDLERS_H

#include "http/request.h"

#define R(method, path, family, body, roles, name)                                                 \
    tc_err tc_http_##name(struct tc_request *r) TC_MUST_USE;
#include "http/routes.def"
#undef R

#endif
