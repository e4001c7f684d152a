/* SPDX-License-Identifier: Apache-2.0 */
#include "http/certificate.h"

#include "access/cert.h"
#include "base/log.h"
#include "http/audited.h"
#include "http/internal.h"

#include <gnutls/x509.h>

/* The certificate that the handshake brought, if it is good. */
static bool proven(struct tc_request *r, uint8_t print[TC_CERT_PRINT])
{
    gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID,
                                     (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT, 0};
    struct tc_cert c;
    unsigned n = 0, status = 0;
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = i ? i->tls_session : NULL;
    const gnutls_datum_t *chain = session ? gnutls_certificate_get_peers(session, &n) : NULL;
    if (!chain || n == 0)
        return false;
    if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) != 0 || status != 0) {
        tc_log(TC_LOG_INFO, "a client certificate does not count (GnuTLS status 0x%x)", status);
        return false;
    }
    if (tc_cert_read(tc_str_view((const char *)chain[0].data, chain[0].size), &c, NULL))
        return false;
    memcpy(print, c.print, sizeof c.print);
    return true;
}

/* Sec-Fetch-Site is what browsers say of where a request began; programs do not send it. */
static bool from_elsewhere(struct tc_request *r)
{
    struct tc_str site = tc_request_get(r, "Sec-Fetch-Site");
    return tc_request_foreign(r) ||
           (site.n && !tc_str_is(site, "same-origin") && !tc_str_is(site, "none"));
}

tc_err tc_certificate_login(struct tc_request *r)
{
    struct tc_conn *c = r->conn;
    if (!r->http->o.client_ca || !c)
        return TC_OK;
    if (c->cert == TC_CONN_CERT_UNKNOWN)
        c->cert = proven(r, c->print) ? TC_CONN_CERT_NEW : TC_CONN_CERT_NONE;
    if (c->cert == TC_CONN_CERT_NONE)
        return TC_OK;
    tc_err e = tc_access_cert_login(r->node->access, c->print, &r->login);
    if (e)
        return e == TC_E_AUTH ? TC_OK : e;
    r->shown = (struct tc_credentials){TC_SCHEME_CERTIFICATE, TC_STR(""), TC_STR("")};
    if (strcmp(r->method, "GET") != 0 && from_elsewhere(r))
        return tc_diag_set(&r->diag, TC_E_DENIED,
                           "a change with a client certificate does not come from another site");
    return TC_OK;
}

tc_err tc_certificate_record(struct tc_request *r)
{
    struct tc_conn *c = r->conn;
    if (!c || c->cert != TC_CONN_CERT_NEW || (r->login && r->shown.scheme != TC_SCHEME_CERTIFICATE))
        return TC_OK;
    c->cert = TC_CONN_CERT_TOLD;
    tc_err e = tc_audited_signin(r, r->login ? TC_OK : TC_E_AUTH);
    return e == TC_E_AUTH ? TC_OK : e;
}
