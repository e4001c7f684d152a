/* SPDX-License-Identifier: Apache-2.0 */
/* Whose account at a provider (OpenID Connect: issuer and subject) is whose here. An administrator
 * links them; nothing that a provider says makes a person or gives a role. A subject is one
 * person's; a link that is taken away opens nothing at once, the sessions that it opened last until
 * they end. Any thread. Errors as in access.h. */
#ifndef TC_ACCESS_LINK_H
#define TC_ACCESS_LINK_H

#include "access/access.h"

/* INVALID: the issuer is no https address (http: this machine), the subject no text of 1 to
 * TC_MAX_SUBJECT printable ASCII characters; CONFLICT: it is linked already; LIMIT. */
tc_err tc_access_link_add(struct tc_access *x, uint32_t person, struct tc_str issuer,
                          struct tc_str subject, struct tc_diag *d) TC_MUST_USE;
/* NOTFOUND also when it is somebody else's. */
tc_err tc_access_link_drop(struct tc_access *x, uint32_t person, struct tc_str issuer,
                           struct tc_str subject, struct tc_diag *d) TC_MUST_USE;
/* Who it is; 0 = nobody, or nobody active. */
uint32_t tc_access_link_person(struct tc_access *x, struct tc_str issuer, struct tc_str subject);
/* Who has this login; 0 = nobody active. For what a provider says where the configuration lets it
 * name people. */
uint32_t tc_access_link_login(struct tc_access *x, struct tc_str login);

struct tc_link_info {
    uint32_t person;
    struct tc_str issuer, subject;
    tc_time added;
};
/* Oldest first; person 0 = of all. */
tc_err tc_access_links(struct tc_access *x, uint32_t person, struct tc_arena *a,
                       struct tc_link_info **out, size_t *n) TC_MUST_USE;

#endif
