/* SPDX-License-Identifier: Apache-2.0 */
/* Who shows a client certificate (--client-ca). TLS asks for one and goes on without; one counts
 * when its chain ends at that authority, it is for clients, it is of this time and somebody is
 * registered with it (access/cert.h). Anything else is nobody, as if none had been shown. What
 * follows from the chain is found out once for a connection, who it is with each request. Server
 * threads. */
#ifndef TC_HTTP_CERTIFICATE_H
#define TC_HTTP_CERTIFICATE_H

#include "http/request.h"

/* Sets r->login and r->shown when somebody is registered. Does nothing without --client-ca. DENIED:
 * another site's page sends it, since a browser shows its certificate to whoever asks. */
tc_err tc_certificate_login(struct tc_request *r) TC_MUST_USE;
/* After tc_request_is: the first use in a connection, and a certificate of the authority that
 * nobody is registered with, go on record. */
tc_err tc_certificate_record(struct tc_request *r) TC_MUST_USE;

#endif
