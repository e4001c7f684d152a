/* SPDX-License-Identifier: Apache-2.0 */
#include "http/oidc_ask.h"

#include "base/limits.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FRESH      (3600 * TC_SECOND)
#define STALE      (86400 * TC_SECOND)
#define DOC_ARENA  (2u << 20)
#define TIME_NEVER INT64_MIN

/* One document of the provider; monotonic times. */
struct doc {
    struct tc_arena *arena; /* NULL = there is none yet */
    int64_t got, tried;
};

struct tc_oidc_asker {
    const struct tc_provider *p;
    struct tc_fetch *fetch;
    pthread_mutex_t lock; /* over the documents, also while one is fetched */
    struct doc where_doc, keys_doc;
    int64_t looked; /* for a key that is not known */
    struct tc_endpoints where;
    struct tc_jwks keys;
    _Atomic bool stopping;
};

struct tc_oidc_asker *tc_oidc_asker_new(const struct tc_provider *p, struct tc_fetch *f)
{
    struct tc_oidc_asker *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->p = p;
    s->fetch = f;
    s->where_doc.tried = s->keys_doc.tried = s->looked = TIME_NEVER;
    (void)pthread_mutex_init(&s->lock, NULL);
    return s;
}

void tc_oidc_asker_free(struct tc_oidc_asker *s)
{
    if (!s)
        return;
    (void)pthread_mutex_destroy(&s->lock);
    tc_arena_free(s->where_doc.arena);
    tc_arena_free(s->keys_doc.arena);
    free(s);
}

void tc_oidc_asker_stop(struct tc_oidc_asker *s)
{
    atomic_store(&s->stopping, true);
}

static tc_err cause(struct tc_diag *d, tc_err e, const char *word)
{
    if (e)
        tc_diag_path(d, word, strlen(word));
    return e;
}

/* The request; anything but 200 is an error: AUTH when the provider answered, BUSY when not. */
static tc_err ask(struct tc_oidc_asker *s, const struct tc_fetch_ask *ask, const char *word,
                  struct tc_arena *a, struct tc_str *body, struct tc_diag *d)
{
    struct tc_fetch_reply reply = {.status = 0};
    if (atomic_load(&s->stopping))
        return cause(d, tc_diag_set(d, TC_E_BUSY, "the node stops"), word);
    tc_err e = tc_fetch(s->fetch, ask, a, &reply, d);
    if (e == TC_E_LIMIT || (!e && reply.body.n > TC_MAX_OIDC_ANSWER))
        e = tc_diag_set(d, TC_E_AUTH, "the provider's answer is too long");
    else if (e && e != TC_E_NOMEM)
        e = TC_E_BUSY; /* d says why */
    else if (!e && reply.status != 200)
        e = tc_diag_set(d, TC_E_AUTH, "the provider answered with status %d", reply.status);
    if (!e)
        *body = reply.body;
    return cause(d, e, word);
}

static tc_err get(struct tc_oidc_asker *s, struct tc_str url, const char *word, struct tc_arena *a,
                  struct tc_str *body, struct tc_diag *d)
{
    const struct tc_fetch_ask q = {.method = "GET", .url = url};
    return ask(s, &q, word, a, body, d);
}

/* ---- the two documents; under lock ---- */

static bool good_for(const struct doc *d, int64_t now, int64_t time)
{
    return d->arena && now - d->got < time;
}

static bool lately(int64_t then, int64_t now, int64_t seconds)
{
    return then != TIME_NEVER && now - then < seconds * TC_SECOND;
}

static void put(struct doc *d, struct tc_arena *a, int64_t now)
{
    tc_arena_free(d->arena);
    d->arena = a;
    d->got = now;
}

static tc_err fetch_where(struct tc_oidc_asker *s, int64_t now, struct tc_diag *d)
{
    struct tc_str body;
    struct tc_endpoints e;
    struct tc_arena *a = tc_arena_new(DOC_ARENA);
    const char *url = a ? tc_provider_discovery_url(s->p, a) : NULL;
    s->where_doc.tried = now;
    tc_err err = url ? get(s, tc_str_cstr(url), "discovery", a, &body, d) : TC_E_NOMEM;
    err = err ? err : cause(d, tc_endpoints_parse(body, s->p, a, &e, d), "discovery");
    if (err) {
        tc_arena_free(a);
        return err;
    }
    put(&s->where_doc, a, now);
    s->where = e;
    return TC_OK;
}

static tc_err have_where(struct tc_oidc_asker *s, struct tc_diag *d)
{
    int64_t now = tc_time_monotonic();
    if (good_for(&s->where_doc, now, FRESH))
        return TC_OK;
    tc_err e = TC_E_BUSY;
    if (lately(s->where_doc.tried, now, TC_OIDC_RETRY_SECONDS))
        (void)cause(d, tc_diag_set(d, e, "the provider did not answer a moment ago"), "discovery");
    else
        e = fetch_where(s, now, d);
    if (e && good_for(&s->where_doc, now, STALE)) {
        tc_log(TC_LOG_WARN, "sign-in: what the provider said of itself before is used: %s",
               d->message);
        tc_diag_init(d);
        return TC_OK;
    }
    return e;
}

static tc_err fetch_keys(struct tc_oidc_asker *s, int64_t now, struct tc_diag *d)
{
    struct tc_str body;
    struct tc_jwks keys;
    struct tc_arena *a = tc_arena_new(DOC_ARENA);
    s->keys_doc.tried = now;
    tc_err e = a ? get(s, s->where.keys, "keys", a, &body, d) : TC_E_NOMEM;
    e = e ? e : cause(d, tc_jwks_read(body, a, &keys, d), "keys");
    if (e) {
        tc_arena_free(a);
        return e;
    }
    put(&s->keys_doc, a, now);
    s->keys = keys;
    return TC_OK;
}

static tc_err have_keys(struct tc_oidc_asker *s, struct tc_diag *d)
{
    int64_t now = tc_time_monotonic();
    if (good_for(&s->keys_doc, now, FRESH))
        return TC_OK;
    tc_err e = TC_E_BUSY;
    if (lately(s->keys_doc.tried, now, TC_OIDC_RETRY_SECONDS))
        (void)cause(d, tc_diag_set(d, e, "the provider did not answer a moment ago"), "keys");
    else
        e = fetch_keys(s, now, d);
    if (e && good_for(&s->keys_doc, now, STALE)) {
        tc_diag_init(d);
        return TC_OK;
    }
    return e;
}

tc_err tc_oidc_ask_where(struct tc_oidc_asker *s, struct tc_arena *a, struct tc_endpoints *out,
                         struct tc_diag *d)
{
    (void)pthread_mutex_lock(&s->lock);
    tc_err e = have_where(s, d);
    if (!e) {
        *out = s->where;
        out->authorization = tc_arena_dup(a, s->where.authorization);
        out->token = tc_arena_dup(a, s->where.token);
        out->keys = tc_arena_dup(a, s->where.keys);
        out->userinfo = s->where.userinfo.n ? tc_arena_dup(a, s->where.userinfo) : TC_STR("");
        e = tc_arena_err(a);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return e;
}

/* ---- who ---- */

static tc_err check(struct tc_oidc_asker *s, const struct tc_oidc_back *b,
                    const struct tc_traded *t, struct tc_arena *a, struct tc_oidc_claims *out,
                    struct tc_diag *d)
{
    const struct tc_oidc_expect want = {.issuer = s->p->issuer,
                                        .client_id = s->p->client_id,
                                        .nonce = tc_str_cstr(b->nonce),
                                        .access_token = t->access_token,
                                        .code = b->code,
                                        .algs = s->p->algs,
                                        .began = b->began,
                                        .now = tc_time_now()};
    (void)pthread_mutex_lock(&s->lock);
    tc_err e = have_keys(s, d);
    e = e ? e : tc_oidc_token(t->id_token, &s->keys, &want, a, out, d);
    int64_t now = tc_time_monotonic();
    if (e == TC_E_NOTFOUND && !lately(s->looked, now, TC_OIDC_KEYS_SECONDS)) {
        s->looked = now;
        tc_diag_init(d); /* the provider may have new keys */
        e = fetch_keys(s, now, d);
        e = e ? e : tc_oidc_token(t->id_token, &s->keys, &want, a, out, d);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return e;
}

tc_err tc_oidc_ask_who(struct tc_oidc_asker *s, const struct tc_oidc_back *b, struct tc_arena *a,
                       struct tc_oidc_claims *out, struct tc_str *access, struct tc_diag *d)
{
    struct tc_endpoints where;
    struct tc_traded t;
    struct tc_str body;
    struct tc_fetch_ask q = {.method = "POST",
                             .content_type = TC_STR("application/x-www-form-urlencoded")};
    tc_err e = tc_oidc_ask_where(s, a, &where, d);
    if (e)
        return e;
    q.url = where.token;
    e = tc_provider_trade(s->p, &where, b->code, b->redirect, b->verifier, a, &q.body,
                          &q.authorization);
    e = e ? e : ask(s, &q, "trade", a, &body, d);
    e = e ? e : cause(d, tc_traded_parse(body, a, &t, d), "trade");
    e = e ? e : check(s, b, &t, a, out, d);
    if (!e)
        *access = t.access_token;
    return e;
}

tc_err tc_oidc_ask_more(struct tc_oidc_asker *s, struct tc_str access, struct tc_arena *a,
                        struct tc_oidc_claims *io, struct tc_diag *d)
{
    struct tc_endpoints where;
    struct tc_str body;
    tc_err e = tc_oidc_ask_where(s, a, &where, d);
    if (e || !where.userinfo.n)
        return e;
    const char *bearer = tc_arena_fmt(a, "Bearer %.*s", (int)access.n, access.p);
    if (!bearer)
        return TC_E_NOMEM;
    const struct tc_fetch_ask q = {
        .method = "GET", .url = where.userinfo, .authorization = tc_str_cstr(bearer)};
    e = ask(s, &q, "userinfo", a, &body, d);
    return e ? e : cause(d, tc_oidc_userinfo(body, a, io, d), "userinfo");
}
