/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in at a provider (OpenID Connect, code flow with PKCE), where DIR/oidc.json names one
 * (access/provider.h):
 *
 *   POST session/oidc {} -> {"go": address} and a sealed cookie --browser--> the provider
 *   GET /signin/oidc?code&state --> note spent, code traded, token checked, person found
 *       --> a session, or a ticket for the second factor (session.c), or a page that says no
 *
 * A provider may be slow, so threads of its own ask it while the connection sleeps. What goes wrong
 * is told to the person in one sentence, its cause is logged and in the audit record, and it counts
 * against the address like a wrong password. */
#ifndef TC_HTTP_OIDC_H
#define TC_HTTP_OIDC_H

#include "node/fetch.h"

struct tc_http;
struct tc_oidc;

/* *out NULL when there is no oidc.json. INVALID: the file is wrong, or the node has no address that
 * a provider could send anybody back to. */
tc_err tc_oidc_start(struct tc_http *h, struct tc_oidc **out, struct tc_diag *d) TC_MUST_USE;
/* Ends the threads; what waits gets BUSY. Before the daemon stops; then free. NULL is fine. */
void tc_oidc_stop(struct tc_oidc *o);
void tc_oidc_free(struct tc_oidc *o);

/* What the button says; "" = there is no provider. */
struct tc_str tc_oidc_label(const struct tc_http *h);

/* Where the provider of the node in dir may be asked; nothing without oidc.json. */
tc_err tc_oidc_origins(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d) TC_MUST_USE;

#endif
