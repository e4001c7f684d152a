/* SPDX-License-Identifier: Apache-2.0 */
/* The routes as data: what is not in this table does not exist, and what is in it says who may call
 * it. The API description (docs/openapi.json) and the authorisation matrix of the tests are held
 * against it. */
#ifndef TC_HTTP_ROUTES_H
#define TC_HTTP_ROUTES_H

#include "http/request.h"

enum tc_family { TC_FAMILY_TAXII, TC_FAMILY_API, TC_FAMILY_CAP, TC_FAMILY_PAGE, TC_FAMILY_OPS };

enum tc_body {
    TC_BODY_NONE,  /* a body is refused */
    TC_BODY_TAXII, /* application/taxii+json */
    TC_BODY_JSON,  /* application/json, up to the limit of bodies */
    TC_BODY_FORM,  /* application/json, up to TC_MAX_FORM */
    TC_BODY_HTML,  /* application/x-www-form-urlencoded, up to TC_MAX_FORM */
    TC_BODY_TEXT   /* of whatever type, up to TC_COSIGN_ASK */
};

#define TC_ANYONE   0u    /* also without signing in */
#define TC_SIGNED   (~0u) /* whoever is signed in */
#define TC_SELF     (~1u) /* the same, but not by a token: it cannot change its person's account */
#define TC_AUDITS   TC_ROLE_AUDITOR
#define TC_REPORTS  (TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD)
#define TC_READS    (TC_ROLE_READER | TC_REPORTS)
#define TC_SUBJECTS (TC_READS | TC_AUDITS)
#define TC_ANALYSES (TC_ROLE_ANALYST)
#define TC_RELEASES (TC_ROLE_RELEASER)
#define TC_STEWARDS (TC_ROLE_STEWARD)
#define TC_WATCHES  (TC_ROLE_OPERATOR | TC_ROLE_AUDITOR)

struct tc_route {
    const char *method, *path; /* "/a/{x}/": a trailing slash is part of it */
    const char *how;           /* "GET /a/{x}/", for the audit log */
    const char *name;          /* operationId of the description */
    enum tc_family family;
    enum tc_body body;
    unsigned roles; /* any of these bits, TC_ANYONE, TC_SIGNED or TC_SELF */
    tc_err (*run)(struct tc_request *r);
};

extern const struct tc_route tc_routes[];
extern const size_t tc_route_count;

/* NOTFOUND: no route has this path. USAGE: one has, but not with this method; allow (of size
 * bytes) then lists those. params: TC_MAX_PARAMS views into target. */
tc_err tc_route_find(const char *method, const struct tc_target *target,
                     const struct tc_route **route, struct tc_str *params, char *allow,
                     size_t size) TC_MUST_USE;
/* Which family's form an error of a path without a route takes. */
enum tc_family tc_route_family(const struct tc_target *target);

#endif
