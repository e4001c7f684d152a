/* SPDX-License-Identifier: Apache-2.0 */
/* What the TAXII handlers share: collections are communities. */
#ifndef TC_HTTP_TAXII_H
#define TC_HTTP_TAXII_H

#include "http/filters.h"
#include "http/internal.h"
#include "http/media.h"

/* The community behind an id or alias, if the caller may know of it. NOTFOUND otherwise, the same
 * whether it is hidden or absent; AUTH instead for a caller who has not signed in. DENIED, whatever
 * is asked for, to who has signed in and has no role that reads: an operator of the machine or an
 * auditor does not see content by being of a member organisation. */
tc_err tc_taxii_community(struct tc_request *r, struct tc_str id,
                          struct tc_community *out) TC_MUST_USE;
bool tc_taxii_can_read(const struct tc_request *r, const struct tc_community *c);
bool tc_taxii_can_write(const struct tc_request *r, const struct tc_community *c);

/* Version as TAXII shows it: three digits of fraction, six where they are needed. */
void tc_taxii_version(tc_time t, char out[TC_TIME_SIZE]);

#endif
