/* SPDX-License-Identifier: Apache-2.0 */
/* What a request shows to say who it is from: Authorization (RFC 7617 Basic, RFC 6750 Bearer) and
 * Cookie (RFC 6265). Only reading; whether it is right is asked of src/access. Pure. */
#ifndef TC_HTTP_CREDENTIALS_H
#define TC_HTTP_CREDENTIALS_H

#include "base/arena.h"

enum tc_scheme {
    TC_SCHEME_NONE,
    TC_SCHEME_BASIC,
    TC_SCHEME_BEARER,
    TC_SCHEME_COOKIE,
    TC_SCHEME_CERTIFICATE /* of TLS; nothing of it is in the request */
};

struct tc_credentials {
    enum tc_scheme scheme;
    struct tc_str login, secret; /* in the arena (Basic) or in the header */
};

/* AUTH: a scheme that is not known, or malformed. */
tc_err tc_credentials_parse(struct tc_arena *a, struct tc_str authorization,
                            struct tc_credentials *out) TC_MUST_USE;

/* The value of one cookie. NOTFOUND, or SYNTAX when the name is there twice: somebody else may
 * have set one of them. */
tc_err tc_cookie_find(struct tc_str header, const char *name, struct tc_str *value) TC_MUST_USE;

#endif
