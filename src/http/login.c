/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks. A password check costs tens of milliseconds on purpose, so it is done on a thread of
 * its own while the connection sleeps; a right password is remembered by a keyed hash of the whole
 * header for some minutes, as long as tc_access_fresh says that nothing has changed. */
#include "http/audited.h"
#include "http/certificate.h"
#include "http/internal.h"
#include "http/routes.h"

#include "access/factor.h"
#include "access/throttle.h"
#include "base/hash.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>

#define SLOTS    1024u
#define REMEMBER (5 * 60 * TC_SECOND)

struct slot {
    struct tc_hash128 key;
    struct tc_login *login;
    int64_t until;
};

struct tc_login_cache {
    pthread_mutex_t lock;
    struct tc_hash_key secret;
    struct slot slot[SLOTS];
};

tc_err tc_login_cache_new(struct tc_login_cache **out)
{
    struct tc_login_cache *c = calloc(1, sizeof *c);
    if (!c)
        return TC_E_NOMEM;
    (void)pthread_mutex_init(&c->lock, NULL);
    randombytes_buf(&c->secret, sizeof c->secret);
    *out = c;
    return TC_OK;
}

void tc_login_cache_free(struct tc_login_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        if (c->slot[i].login)
            tc_login_unref(c->slot[i].login);
    (void)pthread_mutex_destroy(&c->lock);
    sodium_memzero(&c->secret, sizeof c->secret);
    free(c);
}

/* The two halves are hashed apart so that "a" + "b:c" is not "a:b" + "c". */
static struct tc_hash128 key_of(const struct tc_login_cache *c, const struct tc_credentials *s)
{
    struct tc_hash128 l = tc_hash128(c->secret, s->login.p, s->login.n);
    struct tc_hash_key k = {c->secret.k0 ^ l.a, c->secret.k1 ^ l.b};
    return tc_hash128(k, s->secret.p, s->secret.n);
}

static struct tc_login *recall(struct tc_http *h, const struct tc_credentials *s)
{
    struct tc_login_cache *c = h->cache;
    struct tc_hash128 key = key_of(c, s);
    struct slot *slot = &c->slot[key.a % SLOTS];
    struct tc_login *l = NULL;
    (void)pthread_mutex_lock(&c->lock);
    if (slot->login && slot->key.a == key.a && slot->key.b == key.b &&
        slot->until > tc_time_monotonic())
        l = tc_login_ref(slot->login);
    (void)pthread_mutex_unlock(&c->lock);
    if (l && !tc_access_fresh(h->node->access, l)) {
        tc_login_unref(l);
        return NULL;
    }
    return l;
}

static void remember(struct tc_http *h, const struct tc_credentials *s, struct tc_login *l)
{
    struct tc_login_cache *c = h->cache;
    struct tc_hash128 key = key_of(c, s);
    struct slot *slot = &c->slot[key.a % SLOTS];
    (void)pthread_mutex_lock(&c->lock);
    struct tc_login *old = slot->login;
    *slot = (struct slot){key, tc_login_ref(l), tc_time_monotonic() + REMEMBER};
    (void)pthread_mutex_unlock(&c->lock);
    if (old)
        tc_login_unref(old);
}

/* ---- the password thread ---- */

struct tc_passwords {
    struct tc_http *http;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct tc_request *first, **last;
    unsigned waiting;
    bool stop;
    struct tc_throttle *addresses;
};

/* Tries are counted for the address too; of IPv6 for the network of 64 bits, which is one house's.
 */
struct tc_str tc_address_key(struct tc_request *r)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = i ? i->client_addr : NULL;
    if (a && a->sa_family == AF_INET)
        return tc_str_view((const char *)&((const struct sockaddr_in *)(const void *)a)->sin_addr,
                           4);
    if (a && a->sa_family == AF_INET6)
        return tc_str_view((const char *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                           8);
    return TC_STR("?");
}

static struct tc_request *take(struct tc_passwords *p)
{
    (void)pthread_mutex_lock(&p->lock);
    while (!p->first && !p->stop)
        (void)pthread_cond_wait(&p->more, &p->lock);
    struct tc_request *r = p->first;
    if (r) {
        p->first = r->next_job;
        if (!p->first)
            p->last = &p->first;
        p->waiting--;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return r;
}

static void *passwords_main(void *arg)
{
    struct tc_passwords *p = arg;
    for (struct tc_request *r = take(p); r; r = take(p)) {
        struct tc_login *l = NULL;
        struct tc_access *x = p->http->node->access;
        tc_err e = r->wants_session ? tc_access_password_first(x, r->shown.login, r->shown.secret,
                                                               &l, r->ticket_shown)
                                    : tc_access_password(x, r->shown.login, r->shown.secret, &l);
        if (!e && l) {
            remember(p->http, &r->shown, l);
            r->login = l;
        }
        if (!e)
            tc_address_return(r);
        tc_request_wake(r, e);
    }
    return NULL;
}

tc_err tc_passwords_start(struct tc_http *h, struct tc_passwords **out)
{
    struct tc_passwords *p = calloc(1, sizeof *p);
    if (!p)
        return TC_E_NOMEM;
    p->http = h;
    p->last = &p->first;
    p->addresses = tc_throttle_new(TC_ADDRESS_FAILURES, TC_ADDRESS_FAILURE_SECONDS);
    if (!p->addresses) {
        free(p);
        return TC_E_NOMEM;
    }
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->more, NULL);
    if (pthread_create(&p->thread, NULL, passwords_main, p) != 0) {
        tc_throttle_free(p->addresses);
        free(p);
        return TC_E_IO;
    }
    *out = p;
    return TC_OK;
}

void tc_passwords_stop(struct tc_passwords *p)
{
    if (!p)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_signal(&p->more);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL); /* the queue is empty then */
}

void tc_passwords_free(struct tc_passwords *p)
{
    if (!p)
        return;
    (void)pthread_cond_destroy(&p->more);
    (void)pthread_mutex_destroy(&p->lock);
    tc_throttle_free(p->addresses);
    free(p);
}

tc_err tc_address_take(struct tc_request *r)
{
    if (tc_throttle_take(r->http->passwords->addresses, tc_address_key(r), tc_time_monotonic()))
        return TC_OK;
    return tc_request_fail(r, TC_E_BUSY,
                           "too many failed sign-ins came from this address: wait a minute");
}

void tc_address_return(struct tc_request *r)
{
    tc_throttle_return(r->http->passwords->addresses, tc_address_key(r), tc_time_monotonic());
}

tc_err tc_passwords_check(struct tc_request *r, tc_err (*resume)(struct tc_request *r))
{
    struct tc_passwords *p = r->http->passwords;
    tc_err e = tc_address_take(r);
    if (e)
        return e;
    (void)pthread_mutex_lock(&p->lock);
    bool full = p->waiting >= TC_MAX_PASSWORD_QUEUE || p->stop;
    if (!full) {
        tc_request_wait(r, resume);
        r->next_job = NULL;
        *p->last = r;
        p->last = &r->next_job;
        p->waiting++;
        (void)pthread_cond_signal(&p->more);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return full ? TC_E_BUSY : TC_OK;
}

/* ---- finding out ---- */

const char *tc_cookie_name(const struct tc_http *h)
{
    return h->tls ? "__Host-tocsin" : "tocsin";
}

bool tc_request_foreign(struct tc_request *r)
{
    struct tc_str origin = tc_request_get(r, "Origin");
    if (origin.n == 0)
        return false;
    const char *base = tc_request_base(r);
    return !base || !tc_str_is(origin, base);
}

/* A state-changing request that rests on a cookie must show that our page made it: a header that
 * other origins cannot send without asking, and no Origin but ours. */
static bool forged(struct tc_request *r)
{
    if (strcmp(r->method, "GET") == 0)
        return false;
    if (tc_request_foreign(r))
        return true;
    /* the sign-in form of the page is HTML and has no own headers */
    return r->route->family != TC_FAMILY_PAGE && !tc_str_is(tc_request_get(r, "X-Tocsin"), "1");
}

static tc_err by_cookie(struct tc_request *r)
{
    struct tc_str token;
    tc_err e = tc_cookie_find(tc_request_get(r, "Cookie"), tc_cookie_name(r->http), &token);
    if (e == TC_E_NOTFOUND)
        return TC_OK;
    if (e)
        return tc_diag_set(&r->diag, e, "the session cookie is there twice");
    r->shown = (struct tc_credentials){TC_SCHEME_COOKIE, TC_STR(""), token};
    e = tc_access_token(r->node->access, token, &r->login);
    if (e == TC_E_AUTH) /* an old cookie must not keep anybody from signing in again */
        return TC_OK;
    if (!e && forged(r))
        return tc_diag_set(&r->diag, TC_E_DENIED,
                           "a change with a session cookie needs the header X-Tocsin: 1 and comes "
                           "from this node's own page");
    return e;
}

tc_err tc_login_find(struct tc_request *r, bool *waits)
{
    *waits = false;
    struct tc_str header = tc_request_get(r, "Authorization");
    tc_err e = TC_OK;
    if (header.n == 0) {
        e = by_cookie(r);
        if (!e && !r->login)
            e = tc_certificate_login(r);
    } else {
        e = tc_credentials_parse(r->arena, header, &r->shown);
        if (!e && r->shown.scheme == TC_SCHEME_BEARER) {
            e = tc_access_token(r->node->access, r->shown.secret, &r->login);
        } else if (!e) {
            r->login = recall(r->http, &r->shown);
            if (!r->login) {
                *waits = true;
                e = tc_passwords_check(r, NULL);
            }
        }
    }
    tc_request_is(r);
    return e || header.n ? e : tc_certificate_record(r);
}

void tc_request_is(struct tc_request *r)
{
    const struct tc_u32s withheld = r->me.withheld; /* whoever it turns out to be */
    r->me = r->login ? r->login->principal : tc_principal_anonymous;
    r->me.withheld = withheld;
    r->witness = (struct tc_witness){tc_audited_saw, r};
    r->me.witness = r->node->audit ? &r->witness : NULL;
    r->who = &r->me;
}

bool tc_request_watches(const struct tc_request *r)
{
    return r->login && (r->who->roles & TC_WATCHES);
}
