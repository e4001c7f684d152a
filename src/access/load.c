/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: access.db into the tables; and closing. */
#include "access/state.h"

#include <stdlib.h>

static tc_err load_org(void *arg, const struct tc_org *o)
{
    struct tc_access *x = arg;
    if (o->number != x->orgs.n + 1)
        return TC_E_CORRUPT;
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_ORG_IDENTITY, o->identity, o->number);
    tc_access_want(&k, KEY_ORG_NAME, o->name, o->number);
    tc_err e = tc_access_room(&x->orgs);
    if (!e)
        e = tc_access_reserve(x, &k, NULL);
    if (e)
        return e;
    struct tc_org_rec *r = tc_access_org_make(o);
    if (!r)
        return TC_E_NOMEM;
    x->orgs.v[x->orgs.n++] = r;
    return TC_OK;
}

static tc_err load_person(void *arg, const struct tc_person *p, struct tc_str password)
{
    struct tc_access *x = arg;
    if (p->number != x->people.n + 1 || !tc_access_org_rec(x, p->org))
        return TC_E_CORRUPT;
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_PERSON_IDENTITY, p->identity, p->number);
    tc_access_want(&k, KEY_LOGIN, p->login, p->number);
    tc_err e = tc_access_room(&x->people);
    if (!e)
        e = tc_access_reserve(x, &k, NULL);
    if (e)
        return e;
    struct tc_person_rec *r = tc_access_person_make(p);
    if (!r)
        return TC_E_NOMEM;
    x->people.v[x->people.n++] = r;
    return tc_str_copy(password, r->hash, sizeof r->hash) ? TC_OK : TC_E_CORRUPT;
}

static tc_err load_community(void *arg, const struct tc_community *c)
{
    struct tc_access *x = arg;
    if (c->number != x->communities.n + 1)
        return TC_E_CORRUPT;
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_UUID, tc_access_uuid_text(&c->uuid), c->number);
    tc_access_want(&k, KEY_ALIAS, c->alias, c->number);
    tc_err e = tc_access_room(&x->communities);
    if (!e)
        e = tc_access_reserve(x, &k, NULL);
    if (e)
        return e;
    struct tc_community_rec *r = tc_access_community_make(c);
    if (!r)
        return TC_E_NOMEM;
    x->communities.v[x->communities.n++] = r;
    tc_access_rules_count(x, c, true);
    return TC_OK;
}

/* Room for one more in a list without capacity of its own: it grows at powers of two. */
static void *one_more(void *v, uint32_t n, size_t size)
{
    if (v && (n & (n - 1)) != 0)
        return v;
    return realloc(v, (n ? (size_t)n * 2 : 1) * size);
}

/* Rows come by community, then org, so both lists grow ascending. */
static tc_err load_member(void *arg, uint32_t community, uint32_t org, unsigned functions,
                          uint32_t since)
{
    struct tc_access *x = arg;
    struct tc_community_rec *c = tc_access_community_rec(x, community);
    struct tc_org_rec *o = tc_access_org_rec(x, org);
    if (!c || !o)
        return TC_E_CORRUPT;
    uint32_t *orgs = one_more(c->orgs, c->n_orgs, sizeof *orgs);
    if (!orgs)
        return TC_E_NOMEM;
    c->orgs = orgs;
    struct tc_member_rec *in = one_more(o->in, o->n_in, sizeof *in);
    if (!in)
        return TC_E_NOMEM;
    o->in = in;
    orgs[c->n_orgs++] = org;
    in[o->n_in++] = (struct tc_member_rec){community, functions, since};
    return TC_OK;
}

static tc_err load_token(void *arg, const struct tc_accessdb_token *t)
{
    return tc_access_token_load(arg, t);
}

static tc_err load_factor(void *arg, const struct tc_accessdb_factor *f)
{
    return tc_access_factor_load(arg, f);
}

static tc_err load_cert(void *arg, const struct tc_accessdb_cert *c)
{
    return tc_access_cert_load(arg, c);
}

static tc_err load_link(void *arg, const struct tc_accessdb_link *l)
{
    return tc_access_link_load(arg, l);
}

static tc_err make_parts(struct tc_access *x)
{
    x->names = tc_map_new(2 * (size_t)TC_MAX_ORGS + 2 * (size_t)TC_MAX_PEOPLE +
                          2 * (size_t)TC_MAX_COMMUNITY_ROWS);
    x->tokens = tc_map_new(TC_MAX_TOKENS);
    randombytes_buf(x->passkeys.key, sizeof x->passkeys.key);
    x->certs = tc_map_new(TC_MAX_CERTS);
    x->links = tc_map_new(TC_MAX_LINKS);
    x->known = tc_known_new();
    x->throttle = tc_throttle_new(TC_LOGIN_FAILURES, TC_LOGIN_FAILURE_SECONDS);
    return x->names && x->tokens && x->certs && x->links && x->known && x->throttle ? TC_OK
                                                                                    : TC_E_NOMEM;
}

/* A steady stream of readers must not keep a change waiting for ever, as the default does. */
static void init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t a;
    (void)pthread_rwlockattr_init(&a);
    (void)pthread_rwlockattr_setkind_np(&a, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(lock, &a);
    (void)pthread_rwlockattr_destroy(&a);
}

static tc_err open_with(const char *dir, bool read_only, struct tc_access **out, struct tc_diag *d)
{
    if (sodium_init() < 0)
        return tc_diag_set(d, TC_E_INTERNAL, "libsodium cannot start");
    struct tc_access *x = calloc(1, sizeof *x);
    if (!x)
        return TC_E_NOMEM;
    x->read_only = read_only;
    x->now = tc_time_now;
    x->monotonic = tc_time_monotonic;
    atomic_init(&x->epoch, 1);
    (void)pthread_mutex_init(&x->writing, NULL);
    init_lock(&x->lock);
    (void)pthread_mutex_init(&x->gate.lock, NULL);
    (void)pthread_cond_init(&x->gate.free, NULL);
    tc_err e = make_parts(x);
    if (!e)
        e = tc_accessdb_open(dir, read_only, &x->store, d);
    if (!e) {
        struct tc_accessdb_visit v = {x,           load_org,   load_person, load_community,
                                      load_member, load_token, load_factor, load_cert,
                                      load_link};
        e = tc_accessdb_load(x->store, &v);
        if (e)
            tc_diag_set(d, e, "access.db cannot be loaded: %s", tc_err_text(e));
    }
    if (e) {
        tc_access_close(x);
        return e;
    }
    *out = x;
    return TC_OK;
}

tc_err tc_access_open(const char *dir, struct tc_access **out, struct tc_diag *d)
{
    return open_with(dir, false, out, d);
}

tc_err tc_access_open_read_only(const char *dir, struct tc_access **out, struct tc_diag *d)
{
    return open_with(dir, true, out, d);
}

static void free_tables(struct tc_access *x)
{
    for (uint32_t i = 0; i < x->orgs.n; i++) {
        struct tc_org_rec *o = x->orgs.v[i];
        free(o->in);
        free(o);
    }
    for (uint32_t i = 0; i < x->people.n; i++) {
        struct tc_person_rec *p = x->people.v[i];
        sodium_memzero(p->hash, sizeof p->hash);
        sodium_memzero(p->waiting, sizeof p->waiting);
        tc_access_factors_free(p->factors);
        free(p);
    }
    for (uint32_t i = 0; i < x->communities.n; i++) {
        struct tc_community_rec *c = x->communities.v[i];
        free(c->orgs);
        free(c);
    }
    free(x->orgs.v);
    free(x->people.v);
    free(x->communities.v);
}

/* A map whose words are records of their own. */
static void free_records(struct tc_map *m)
{
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    while (m && tc_map_next(m, &at, &key, &word))
        free((void *)(uintptr_t)word); /* NOLINT(performance-no-int-to-ptr): the map holds words */
    tc_map_free(m);
}

void tc_access_close(struct tc_access *x)
{
    if (!x)
        return;
    tc_accessdb_close(x->store);
    free_tables(x);
    free_records(x->tokens);
    free_records(x->certs);
    free_records(x->links);
    tc_map_free(x->names);
    tc_known_free(x->known);
    tc_throttle_free(x->throttle);
    (void)pthread_mutex_destroy(&x->writing);
    (void)pthread_rwlock_destroy(&x->lock);
    (void)pthread_mutex_destroy(&x->gate.lock);
    (void)pthread_cond_destroy(&x->gate.free);
    sodium_memzero(x->factor_key, sizeof x->factor_key);
    sodium_memzero(&x->passkeys, sizeof x->passkeys);
    free(x);
}
