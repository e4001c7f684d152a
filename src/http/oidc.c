/* SPDX-License-Identifier: Apache-2.0 */
#include "http/oidc.h"

#include "access/link.h"
#include "access/passkey.h"
#include "base/log.h"
#include "codec/json.h"
#include "http/audited.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"
#include "http/oidc_ask.h"
#include "http/oidc_note.h"

#include <sodium.h>
#include <stdlib.h>

#define THREADS  4
#define ARENA    (1u << 20)
#define MAX_CODE 2048u
#define PATH     "/signin/oidc"

struct tc_oidc {
    struct tc_http *http;
    struct tc_arena *arena; /* of p and redirect */
    const struct tc_provider *p;
    const char *redirect;
    struct tc_oidc_notes *notes;
    struct tc_oidc_asker *asker;
    pthread_t thread[THREADS];
    unsigned running;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct tc_request *first, **last;
    unsigned waiting;
    bool stop;
};

/* One request while it is with the provider; in its arena. */
struct job {
    tc_err (*work)(struct tc_oidc *o, struct tc_request *r, struct job *j);
    struct tc_oidc_note note;
    struct tc_endpoints where;
    struct tc_oidc_claims claims;
    uint32_t person; /* 0 = nobody here */
};

/* ---- the threads ---- */

static struct tc_request *take(struct tc_oidc *o)
{
    (void)pthread_mutex_lock(&o->lock);
    while (!o->first && !o->stop)
        (void)pthread_cond_wait(&o->more, &o->lock);
    struct tc_request *r = o->first;
    if (r) {
        o->first = r->next_job;
        if (!o->first)
            o->last = &o->first;
        o->waiting--;
    }
    (void)pthread_mutex_unlock(&o->lock);
    return r;
}

static void *oidc_main(void *arg)
{
    struct tc_oidc *o = arg;
    for (struct tc_request *r = take(o); r; r = take(o)) {
        struct job *j = r->state;
        tc_request_wake(r, j->work(o, r, j));
    }
    return NULL;
}

static tc_err enqueue(struct tc_request *r, struct job *j, tc_err (*resume)(struct tc_request *r))
{
    struct tc_oidc *o = r->http->oidc;
    (void)pthread_mutex_lock(&o->lock);
    bool full = o->waiting >= TC_MAX_OIDC_WAITING || o->stop;
    if (!full) {
        r->state = j;
        tc_request_wait(r, resume);
        r->next_job = NULL;
        *o->last = r;
        o->last = &r->next_job;
        o->waiting++;
        (void)pthread_cond_signal(&o->more);
    }
    (void)pthread_mutex_unlock(&o->lock);
    return full ? tc_request_fail(r, TC_E_BUSY, "so many sign in now: try again in a moment")
                : TC_OK;
}

/* ---- beginning ---- */

static const char *cookie_name(const struct tc_http *h)
{
    return h->tls ? "__Host-tocsin-oidc" : "tocsin-oidc";
}

/* Lax: it must come back when the provider sends the browser here. "" takes it away. */
static tc_err set_note(struct tc_request *r, const char *value)
{
    char *c = tc_arena_fmt(r->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s; Max-Age=%d",
                           cookie_name(r->http), value, r->http->tls ? "; Secure" : "",
                           *value ? TC_OIDC_SECONDS : 0);
    if (!c)
        return TC_E_NOMEM;
    tc_request_header(r, "Set-Cookie", c);
    return TC_OK;
}

static tc_err find_where(struct tc_oidc *o, struct tc_request *r, struct job *j)
{
    return tc_oidc_ask_where(o->asker, r->arena, &j->where, &r->diag);
}

/* RFC 7636 section 4.2. */
static void challenge_of(const char *verifier, char out[TC_OIDC_TEXT])
{
    uint8_t hash[32];
    (void)crypto_hash_sha256(hash, (const uint8_t *)verifier, strlen(verifier));
    (void)sodium_bin2base64(out, TC_OIDC_TEXT, hash, sizeof hash,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static tc_err write_go(struct tc_request *r, const struct job *j)
{
    const struct tc_oidc *o = r->http->oidc;
    char challenge[TC_OIDC_TEXT];
    struct tc_buf url;
    tc_buf_init(&url, 16384);
    challenge_of(j->note.verifier, challenge);
    tc_provider_go(o->p, &j->where, o->redirect, j->note.state, j->note.nonce, challenge, &url);
    tc_err e = url.err;
    if (!e) {
        struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "go", tc_buf_view(&url));
        tc_jsonw_object_end(&w);
    }
    tc_buf_fini(&url);
    return e;
}

static tc_err began(struct tc_request *r)
{
    struct job *j = r->state;
    const struct tc_oidc *o = r->http->oidc;
    char cookie[TC_OIDC_COOKIE], session[17] = "";
    if (r->result) {
        tc_log(TC_LOG_WARN, "sign-in: the provider cannot be used: %s: %s", r->diag.path,
               r->diag.message);
        return tc_request_fail(r, TC_E_BUSY,
                               "the provider cannot be asked now: try again, or sign in otherwise");
    }
    if (r->shown.scheme == TC_SCHEME_COOKIE && r->login)
        tc_access_token_id(r->shown.secret, session);
    tc_err e =
        tc_oidc_note_make(o->notes, session, tc_time_monotonic(), tc_time_now(), &j->note, cookie);
    e = e ? e : set_note(r, cookie);
    return e ? e : write_go(r, j);
}

tc_err tc_http_api_oidc(struct tc_request *r)
{
    struct tc_json form = {NULL, NULL};
    struct job *j = tc_arena_zalloc(r->arena, 1, sizeof *j);
    if (!r->http->oidc)
        return tc_request_fail(r, TC_E_NOTFOUND, "this node has no provider to sign in at");
    if (tc_request_foreign(r))
        return tc_request_fail(r, TC_E_DENIED, "sign in from this node's own page");
    tc_err e =
        j ? tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &form, &r->diag) : TC_E_NOMEM;
    tc_json_fini(&form);
    if (e)
        return e;
    j->work = find_where;
    return enqueue(r, j, began);
}

/* ---- coming back ---- */

static void escaped(struct tc_buf *b, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            tc_buf_fmt(b, "&#%d;", *text);
        else
            tc_buf_char(b, *text);
    }
}

/* A page with one sentence. The browser keeps nothing of what was under way. */
static tc_err says(struct tc_request *r, unsigned status, const char *sentence)
{
    tc_err e = set_note(r, "");
    if (e)
        return e;
    tc_buf_clear(&r->out);
    r->status = status;
    r->type = "text/html; charset=utf-8";
    if (status == 503)
        tc_request_header(r, "Retry-After", "5");
    tc_buf_cstr(&r->out, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tocsin: "
                         "sign in</title><link rel=\"icon\" href=\"/icon.svg\"><link "
                         "rel=\"stylesheet\" href=\"/page.css\"><main class=\"signin\"><h1>Tocsin"
                         "</h1><p class=\"error\" role=\"alert\">");
    escaped(&r->out, sentence);
    tc_buf_cstr(&r->out, "</p><p><a href=\"/\">Back to the page</a></p></main></html>");
    return TC_OK;
}

/* Not signed in: the cause (r->diag) is logged and on record. */
static tc_err refused(struct tc_request *r, unsigned status, const char *sentence)
{
    char word[40];
    (void)tc_str_show(tc_str_cstr(r->diag.path), word, sizeof word);
    tc_log(TC_LOG_WARN, "sign-in by the provider: %s: %s", word, r->diag.message);
    r->signin_why = tc_arena_fmt(r->arena, "failed: provider, %s", word);
    tc_login_unref(r->login);
    r->login = NULL;
    tc_request_is(r);
    tc_err e = tc_audited_signin(r, TC_E_AUTH);
    return e == TC_E_AUTH ? says(r, status, sentence) : e;
}

static tc_err cause(struct tc_diag *d, const char *word, const char *text)
{
    tc_diag_path(d, word, strlen(word));
    return tc_diag_set(d, TC_E_AUTH, "%s", text);
}

/* The provider's own no, RFC 6749 section 4.1.2.1; its words go to the log only. */
static tc_err provider_said(struct tc_request *r, struct tc_str error)
{
    struct tc_str more = TC_STR("");
    (void)tc_target_arg(&r->target, "error_description", &more);
    (void)cause(&r->diag, "denied", "");
    return tc_diag_set(&r->diag, TC_E_AUTH, "the provider said %.*s %.*s", TC_FMT(error),
                       TC_FMT(more));
}

/* RFC 9207: an answer of another provider must not be taken for one of this. Whether it had to name
 * itself is known when its description is at hand. */
static tc_err same_issuer(struct tc_oidc *o, struct tc_request *r, const struct tc_endpoints *where)
{
    struct tc_str iss;
    bool named = tc_target_arg(&r->target, "iss", &iss);
    if (named ? tc_str_eq(iss, o->p->issuer) : !where->says_iss)
        return TC_OK;
    return cause(&r->diag, "iss", "the answer does not come from the provider that was asked");
}

static uint32_t person_of(struct tc_oidc *o, struct tc_access *x, const struct tc_oidc_claims *c)
{
    uint32_t person = tc_access_link_person(x, o->p->issuer, c->subject);
    if (!person && o->p->by == TC_PROVIDER_EMAIL && c->email.n && c->email_verified)
        person = tc_access_link_login(x, c->email);
    if (!person && o->p->by == TC_PROVIDER_NAME && c->username.n)
        person = tc_access_link_login(x, c->username);
    return person;
}

static bool lacks(const struct tc_oidc *o, const struct tc_oidc_claims *c)
{
    return (o->p->by == TC_PROVIDER_EMAIL && !c->email.n) ||
           (o->p->by == TC_PROVIDER_NAME && !c->username.n);
}

/* On a thread of ours. */
static tc_err find_who(struct tc_oidc *o, struct tc_request *r, struct job *j)
{
    struct tc_str access, error;
    struct tc_diag *d = &r->diag;
    struct tc_oidc_back back = {.redirect = o->redirect,
                                .nonce = j->note.nonce,
                                .verifier = j->note.verifier,
                                .began = j->note.began};
    tc_err e = tc_oidc_ask_where(o->asker, r->arena, &j->where, d);
    e = e ? e : same_issuer(o, r, &j->where);
    if (!e && tc_target_arg(&r->target, "error", &error))
        e = provider_said(r, error);
    if (!e &&
        (!tc_target_arg(&r->target, "code", &back.code) || !back.code.n || back.code.n > MAX_CODE))
        e = cause(d, "code", "the provider sent no code");
    e = e ? e : tc_oidc_ask_who(o->asker, &back, r->arena, &j->claims, &access, d);
    if (e)
        return e;
    j->person = person_of(o, r->node->access, &j->claims);
    if (j->person || !lacks(o, &j->claims))
        return TC_OK;
    e = tc_oidc_ask_more(o->asker, access, r->arena, &j->claims, d);
    if (!e)
        j->person = person_of(o, r->node->access, &j->claims);
    return e;
}

static tc_err nobody(struct tc_request *r, const struct job *j)
{
    char subject[TC_MAX_SUBJECT + 1];
    (void)tc_str_show(j->claims.subject, subject, sizeof subject);
    (void)cause(&r->diag, "person", "");
    (void)tc_diag_set(&r->diag, TC_E_AUTH, "no active person is linked with the account '%s'",
                      subject);
    const char *sentence =
        tc_arena_fmt(r->arena,
                     "You have no account on this node: its administrator can link the one that "
                     "you have at the provider, which is \"%s\".",
                     subject);
    return sentence ? refused(r, 403, sentence) : TC_E_NOMEM;
}

/* A second factor is awaited, as behind a password. The part behind '#' stays in the browser. */
static tc_err ask_second(struct tc_request *r, uint32_t person)
{
    char ticket[TC_TOKEN_SIZE];
    tc_err e =
        tc_access_token_new(r->node->access, person, TC_TOKEN_SECOND,
                            TC_STR("the provider was right"), TC_TIME_NONE, ticket, &r->diag);
    e = e ? e : set_note(r, "");
    const char *to = e ? NULL : tc_arena_fmt(r->arena, "/#second=%s", ticket);
    if (e || !to)
        return e ? e : TC_E_NOMEM;
    tc_request_header(r, "Location", to);
    return tc_request_empty(r, 303);
}

static bool needs_second(struct tc_request *r, const struct job *j)
{
    struct tc_passkey_info *v;
    size_t n = 0;
    bool totp = false;
    unsigned recovery = 0;
    tc_access_factors(r->node->access, j->person, &totp, &recovery);
    if (tc_access_passkeys(r->node->access, j->person, r->arena, &v, &n) != TC_OK)
        n = 1; /* not known: asked for */
    return (totp || recovery || n) && !tc_provider_second(r->http->oidc->p, &j->claims);
}

/* The session that the browser had before ends, wherever its cookie was left out on the way. */
static tc_err give(struct tc_request *r, const struct job *j)
{
    char session[TC_TOKEN_SIZE];
    tc_err e = tc_http_session_new(r, j->person, session);
    tc_login_unref(r->login); /* somebody else's session until now */
    r->login = NULL;
    e = e ? e : tc_access_token(r->node->access, tc_str_cstr(session), &r->login);
    tc_request_is(r);
    r->signin_why = e ? "failed: provider, session" : "provider";
    e = tc_audited_signin(r, e);
    if (!e && j->note.session[0] &&
        tc_access_token_revoke_id(r->node->access, tc_str_cstr(j->note.session)) != TC_OK)
        tc_log(TC_LOG_DEBUG, "the session of before was over already");
    e = e ? e : tc_http_take_place(r, session);
    sodium_memzero(session, sizeof session);
    e = e ? e : set_note(r, "");
    if (e)
        return e;
    tc_request_header(r, "Location", "/");
    return tc_request_empty(r, 303);
}

static tc_err came_back(struct tc_request *r)
{
    struct job *j = r->state;
    bool denied = strcmp(r->diag.path, "denied") == 0;
    sodium_memzero(j->note.verifier, sizeof j->note.verifier);
    if (r->result == TC_E_NOMEM)
        return TC_E_NOMEM;
    if (r->result == TC_E_BUSY) {
        tc_address_return(r); /* not the person's doing */
        return refused(r, 503,
                       "The provider cannot be asked now: try again, or sign in otherwise.");
    }
    if (r->result)
        return refused(r, 403,
                       denied
                           ? "The provider did not let you in."
                           : "What the provider said does not count here: if that happens again, "
                             "tell the administrator of this node.");
    if (!j->person)
        return nobody(r, j);
    tc_address_return(r);
    return needs_second(r, j) ? ask_second(r, j->person) : give(r, j);
}

tc_err tc_http_signin_oidc(struct tc_request *r)
{
    static const char not_begun[] =
        "This sign-in was not begun in this browser, or took too long: begin it again.";
    struct tc_oidc *o = r->http->oidc;
    struct job *j = tc_arena_zalloc(r->arena, 1, sizeof *j);
    struct tc_str cookie = {"", 0}, state = {"", 0};
    if (!o)
        return tc_request_fail(r, TC_E_NOTFOUND, "there is nothing at this address");
    if (!j)
        return TC_E_NOMEM;
    if (tc_cookie_find(tc_request_get(r, "Cookie"), cookie_name(r->http), &cookie) != TC_OK)
        cookie = TC_STR("");
    (void)tc_target_arg(&r->target, "state", &state);
    /* without a note it is no sign-in: other sites' pages can send browsers here, and must not lock
     * their address out */
    if (!tc_oidc_note_is(o->notes, cookie))
        return says(r, 403, not_begun);
    if (tc_address_take(r) != TC_OK)
        return says(r, 503, "Too many sign-ins from this address went wrong: wait a minute.");
    tc_err e = tc_oidc_note_take(o->notes, cookie, state, tc_time_monotonic(), &j->note, &r->diag);
    if (e == TC_E_BUSY)
        return says(r, 503, "So many sign in now: try again in a moment.");
    if (e)
        return refused(r, 403, not_begun);
    j->work = find_who;
    e = enqueue(r, j, came_back);
    if (e)
        tc_address_return(r);
    return e;
}

/* ---- starting ---- */

struct tc_str tc_oidc_label(const struct tc_http *h)
{
    return h->oidc ? h->oidc->p->label : TC_STR("");
}

tc_err tc_oidc_origins(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d)
{
    const struct tc_provider *p = NULL;
    struct tc_arena *a = tc_arena_new(ARENA);
    tc_err e = a ? tc_provider_load(dir, a, &p, d) : TC_E_NOMEM;
    for (size_t i = 0; !e && p && i < p->n_origins; i++)
        e = tc_fetch_origin_add(o, tc_str_cstr(p->origins[i]), d);
    if (!e && p && p->ca_file)
        e = tc_fetch_ca_set(o, tc_str_cstr(p->ca_file), d);
    tc_arena_free(a);
    return e;
}

/* Where the provider sends people back to, letter by letter as it is registered there. */
static tc_err redirect_of(struct tc_oidc *o, struct tc_diag *d)
{
    const char *base = o->http->o.public_url ? o->http->o.public_url : o->http->url;
    struct tc_str s = tc_str_cstr(base);
    if (!o->http->o.public_url && (tc_str_find(s, TC_STR("//0.0.0.0:")) != SIZE_MAX ||
                                   tc_str_find(s, TC_STR("//[::]:")) != SIZE_MAX))
        return tc_diag_set(d, TC_E_USAGE,
                           "oidc.json needs the address of this node: give --public-url");
    if (tc_str_ends(s, TC_STR("/")))
        s.n--;
    o->redirect = tc_arena_fmt(o->arena, "%.*s" PATH, TC_FMT(s));
    return o->redirect ? TC_OK : TC_E_NOMEM;
}

static tc_err start_threads(struct tc_oidc *o)
{
    for (; o->running < THREADS; o->running++)
        if (pthread_create(&o->thread[o->running], NULL, oidc_main, o) != 0)
            return TC_E_IO;
    return TC_OK;
}

tc_err tc_oidc_start(struct tc_http *h, struct tc_oidc **out, struct tc_diag *d)
{
    struct tc_oidc *o = calloc(1, sizeof *o);
    if (!o)
        return TC_E_NOMEM;
    o->http = h;
    o->last = &o->first;
    (void)pthread_mutex_init(&o->lock, NULL);
    (void)pthread_cond_init(&o->more, NULL);
    o->arena = tc_arena_new(ARENA);
    tc_err e = o->arena ? tc_provider_load(h->node->dir, o->arena, &o->p, d) : TC_E_NOMEM;
    if (!e && o->p) {
        e = redirect_of(o, d);
        o->notes = tc_oidc_notes_new();
        o->asker = tc_oidc_asker_new(o->p, h->node->fetch);
        if (!e && (!o->notes || !o->asker))
            e = TC_E_NOMEM;
        e = e ? e : start_threads(o);
    }
    if (e || !o->p) {
        tc_oidc_stop(o);
        tc_oidc_free(o);
        return e;
    }
    *out = o;
    return TC_OK;
}

void tc_oidc_stop(struct tc_oidc *o)
{
    if (!o)
        return;
    if (o->asker)
        tc_oidc_asker_stop(o->asker);
    (void)pthread_mutex_lock(&o->lock);
    o->stop = true;
    (void)pthread_cond_broadcast(&o->more);
    (void)pthread_mutex_unlock(&o->lock);
    while (o->running)
        (void)pthread_join(o->thread[--o->running], NULL); /* the queue is empty then */
}

void tc_oidc_free(struct tc_oidc *o)
{
    if (!o)
        return;
    tc_oidc_notes_free(o->notes);
    tc_oidc_asker_free(o->asker);
    tc_arena_free(o->arena);
    (void)pthread_cond_destroy(&o->more);
    (void)pthread_mutex_destroy(&o->lock);
    free(o);
}
