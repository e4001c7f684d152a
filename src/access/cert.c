/* SPDX-License-Identifier: Apache-2.0 */
#include "access/cert.h"

#include "access/state.h"

#include <gnutls/x509.h>
#include <stdlib.h>

/* ---- reading one ---- */

static tc_time from_unix(time_t t)
{
    return (int64_t)t > INT64_MAX / TC_SECOND ? INT64_MAX : (int64_t)t * TC_SECOND;
}

static tc_err take(gnutls_x509_crt_t crt, struct tc_cert *out)
{
    struct tc_cert c = {.from = TC_TIME_NONE};
    size_t n = sizeof c.print;
    gnutls_datum_t dn = {NULL, 0};
    time_t from = gnutls_x509_crt_get_activation_time(crt);
    time_t until = gnutls_x509_crt_get_expiration_time(crt);
    if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, c.print, &n) != 0 ||
        n != sizeof c.print || from == (time_t)-1 || until == (time_t)-1)
        return TC_E_SYNTAX;
    c.from = from_unix(from);
    c.until = from_unix(until);
    if (gnutls_x509_crt_get_dn3(crt, &dn, 0) == 0)
        (void)tc_str_show(tc_str_view((const char *)dn.data, dn.size), c.subject, sizeof c.subject);
    gnutls_free(dn.data);
    *out = c;
    return TC_OK;
}

tc_err tc_cert_read(struct tc_str text, struct tc_cert *out, struct tc_diag *d)
{
    gnutls_x509_crt_t crt;
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)text.p, (unsigned)text.n};
    if (text.n > TC_MAX_CERT_FILE)
        return tc_diag_set(d, TC_E_LIMIT, "a certificate has at most %d bytes", TC_MAX_CERT_FILE);
    if (gnutls_x509_crt_init(&crt) != 0)
        return TC_E_NOMEM;
    bool der = text.n && (uint8_t)text.p[0] == 0x30; /* a SEQUENCE; PEM is letters */
    tc_err e = TC_E_SYNTAX;
    if (text.n &&
        gnutls_x509_crt_import(crt, &in, der ? GNUTLS_X509_FMT_DER : GNUTLS_X509_FMT_PEM) == 0)
        e = take(crt, out);
    gnutls_x509_crt_deinit(crt);
    return e ? tc_diag_set(d, e, "this is no X.509 certificate (PEM, -----BEGIN CERTIFICATE-----)")
             : TC_OK;
}

/* ---- records ---- */

static struct tc_cert_rec *as_cert(uint64_t word)
{
    return (struct tc_cert_rec *)(uintptr_t)word; /* NOLINT(performance-no-int-to-ptr) */
}

static struct tc_str key_of(const uint8_t *print)
{
    return tc_str_view((const char *)print, TC_CERT_PRINT);
}

static struct tc_cert_rec *make_rec(const struct tc_accessdb_cert *c)
{
    struct tc_cert_rec *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    memcpy(r->print, c->print, sizeof r->print);
    r->person = c->person;
    r->added = c->added;
    r->from = c->from;
    r->until = c->until;
    (void)tc_str_copy(c->subject, r->subject, sizeof r->subject);
    return r;
}

/* Under the write lock (or while loading). */
static tc_err put(struct tc_access *x, struct tc_cert_rec *r)
{
    return tc_map_put(x->certs, key_of(r->print), (uint64_t)(uintptr_t)r);
}

static void take_out(struct tc_access *x, struct tc_cert_rec *r)
{
    (void)tc_map_remove(x->certs, key_of(r->print));
    free(r);
}

tc_err tc_access_cert_load(struct tc_access *x, const struct tc_accessdb_cert *c)
{
    struct tc_cert_rec *r = tc_access_person_rec(x, c->person) ? make_rec(c) : NULL;
    if (!r)
        return tc_access_person_rec(x, c->person) ? TC_E_NOMEM : TC_E_CORRUPT;
    r->live = true;
    tc_err e = put(x, r);
    if (e)
        free(r);
    return e;
}

/* ---- changes ---- */

static unsigned count_of(const struct tc_access *x, uint32_t person)
{
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    unsigned n = 0;
    while (tc_map_next(x->certs, &at, &key, &word))
        n += as_cert(word)->person == person;
    return n;
}

static tc_err may_add(const struct tc_access *x, uint32_t person, const struct tc_cert *c,
                      tc_time now, struct tc_diag *d)
{
    uint64_t word;
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    if (!p || !p->pub.active)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such person, or not an active one");
    if (c->until <= now)
        return tc_diag_set(d, TC_E_INVALID, "this certificate is over already");
    if (tc_map_get(x->certs, key_of(c->print), &word))
        return tc_diag_set(d, TC_E_CONFLICT, "this certificate is registered already");
    if (count_of(x, person) >= TC_MAX_PERSON_CERTS)
        return tc_diag_set(d, TC_E_LIMIT, "this person has %d certificates already",
                           TC_MAX_PERSON_CERTS);
    return TC_OK;
}

tc_err tc_access_cert_add(struct tc_access *x, uint32_t person, const struct tc_cert *c,
                          struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    const struct tc_accessdb_cert row = {c->print, person,  tc_str_cstr(c->subject),
                                         x->now(), c->from, c->until};
    struct tc_cert_rec *r = NULL;
    bool in = false;
    e = may_add(x, person, c, x->now(), d);
    if (!e) {
        r = make_rec(&row);
        (void)pthread_rwlock_wrlock(&x->lock);
        e = r ? put(x, r) : TC_E_NOMEM; /* found by nobody while it is not live */
        in = r && !e;
        (void)pthread_rwlock_unlock(&x->lock);
    }
    if (!e)
        e = tc_accessdb_cert_add(x->store, &row);
    e = tc_access_durable(x, e, d);
    if (!e) {
        r->live = true;
        tc_access_seen(x);
        return TC_OK;
    }
    (void)pthread_rwlock_wrlock(&x->lock);
    if (in)
        take_out(x, r);
    else
        free(r);
    (void)pthread_rwlock_unlock(&x->lock);
    tc_access_undone(x);
    return e;
}

tc_err tc_access_cert_drop(struct tc_access *x, uint32_t person, struct tc_str id,
                           struct tc_diag *d)
{
    uint8_t print[TC_CERT_PRINT];
    size_t n = 0;
    uint64_t word = 0;
    bool hex = id.n == TC_CERT_ID - 1 &&
               sodium_hex2bin(print, sizeof print, id.p, id.n, NULL, &n, NULL) == 0 &&
               n == sizeof print;
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_cert_rec *r =
        hex && tc_map_get(x->certs, key_of(print), &word) ? as_cert(word) : NULL;
    if (!r || r->person != person)
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such certificate of this person");
    e = tc_access_durable(x, e ? e : tc_accessdb_cert_drop(x->store, print), d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    /* what was signed in with it rests on nothing any more */
    tc_access_person_rec(x, person)->changed = atomic_load(&x->epoch);
    take_out(x, r);
    tc_access_seen(x);
    return TC_OK;
}

/* ---- looking ---- */

tc_err tc_access_cert_login(struct tc_access *x, const uint8_t print[TC_CERT_PRINT],
                            struct tc_login **out)
{
    tc_time now = x->now();
    tc_err e = TC_E_AUTH;
    uint64_t word;
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_cert_rec *r = tc_map_get(x->certs, key_of(print), &word) ? as_cert(word) : NULL;
    if (r && r->live && r->from <= now && r->until > now)
        e = tc_access_login_make(x, r->person, r->until, out);
    (void)pthread_rwlock_unlock(&x->lock);
    return e;
}

static int by_added(const void *a, const void *b)
{
    const struct tc_cert_info *x = a, *y = b;
    return x->added != y->added ? (x->added < y->added ? -1 : 1) : strcmp(x->id, y->id);
}

tc_err tc_access_certs(struct tc_access *x, uint32_t person, struct tc_arena *a,
                       struct tc_cert_info **out, size_t *n)
{
    size_t at = 0, count = 0;
    struct tc_str key;
    uint64_t word;
    (void)pthread_rwlock_rdlock(&x->lock);
    struct tc_cert_info *v = tc_arena_zalloc(a, tc_map_count(x->certs) + 1, sizeof *v);
    while (v && tc_map_next(x->certs, &at, &key, &word)) {
        const struct tc_cert_rec *r = as_cert(word);
        if (!r->live || (person && r->person != person))
            continue;
        struct tc_cert_info *i = &v[count++];
        (void)sodium_bin2hex(i->id, sizeof i->id, r->print, sizeof r->print);
        i->person = r->person;
        i->added = r->added;
        i->from = r->from;
        i->until = r->until;
        i->subject = r->subject[0] ? tc_arena_dup(a, tc_str_cstr(r->subject)) : TC_STR("");
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || tc_arena_err(a))
        return TC_E_NOMEM;
    qsort(v, count, sizeof *v, by_added);
    *out = v;
    *n = count;
    return TC_OK;
}
