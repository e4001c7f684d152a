/* SPDX-License-Identifier: Apache-2.0 */
/* Client certificates (X.509, RFC 5280): for which person, mostly a machine's account, one stands.
 * An administrator registers the very certificate; what is kept is its SHA-256, so a new one of the
 * same authority is registered anew and one that is taken away opens nothing at once. Whether it
 * is whole, of the right authority and of this time is the TLS side's to say
 * (http/certificate.h); here its own end counts too. Any thread. Errors as in access.h. */
#ifndef TC_ACCESS_CERT_H
#define TC_ACCESS_CERT_H

#include "access/access.h"
#include "base/limits.h"

#define TC_CERT_PRINT 32 /* SHA-256 of the certificate's DER */
#define TC_CERT_ID    (2 * TC_CERT_PRINT + 1)

struct tc_cert {
    uint8_t print[TC_CERT_PRINT];
    tc_time from, until;
    char subject[TC_CERT_SUBJECT]; /* for people: who it says it is of, cut when long */
};

/* One certificate, PEM (the first of the file) or DER. SYNTAX: it is none; LIMIT: longer than
 * TC_MAX_CERT_FILE. Pure. */
tc_err tc_cert_read(struct tc_str text, struct tc_cert *out, struct tc_diag *d) TC_MUST_USE;

/* INVALID when it is over already, CONFLICT when somebody has it, LIMIT over TC_MAX_PERSON_CERTS.
 */
tc_err tc_access_cert_add(struct tc_access *x, uint32_t person, const struct tc_cert *c,
                          struct tc_diag *d) TC_MUST_USE;
/* id: the print in hexadecimal. Takes effect at once. NOTFOUND also when it is somebody else's. */
tc_err tc_access_cert_drop(struct tc_access *x, uint32_t person, struct tc_str id,
                           struct tc_diag *d) TC_MUST_USE;
/* Who shows it, as TLS proved. AUTH: nobody. The login ends with the certificate. */
tc_err tc_access_cert_login(struct tc_access *x, const uint8_t print[TC_CERT_PRINT],
                            struct tc_login **out) TC_MUST_USE;

struct tc_cert_info {
    char id[TC_CERT_ID];
    uint32_t person;
    struct tc_str subject;
    tc_time added, from, until;
};
/* Oldest first; person 0 = of all. */
tc_err tc_access_certs(struct tc_access *x, uint32_t person, struct tc_arena *a,
                       struct tc_cert_info **out, size_t *n) TC_MUST_USE;

#endif
