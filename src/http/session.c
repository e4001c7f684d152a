/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out by the page, what a person has signed in with, and the second factor.
 *
 *   POST session {login, password}        -> session, or {"second": ticket}
 *   POST session/second {ticket, code}    -> session        (a passkey: passkey.c)
 *
 * Signing in makes a new session and ends the one that the browser showed, so that nobody can plant
 * one. A person sees and ends their own sessions and tokens only. */
#include "http/audited.h"
#include "http/internal.h"

#include "access/passkey.h"
#include "base/log.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "http/routes.h"

#include <sodium.h>

tc_err tc_http_set_cookie(struct tc_request *r, const char *session)
{
    char *c = tc_arena_fmt(r->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                           tc_cookie_name(r->http), session, r->http->tls ? "; Secure" : "",
                           *session ? "" : "; Max-Age=0");
    if (!c)
        return TC_E_NOMEM;
    tc_request_header(r, "Set-Cookie", c);
    return TC_OK;
}

/* What a list of sessions shows: the browser's own name for itself. */
static struct tc_str browser(struct tc_request *r)
{
    struct tc_str said = tc_request_get(r, "User-Agent");
    size_t n = 0;
    while (n < said.n && n < 100 && said.p[n] >= 0x20 && said.p[n] < 0x7f)
        n++;
    return n ? tc_str_view(said.p, n) : TC_STR("page");
}

/* The session that the browser showed until now goes. */
static void end_shown(struct tc_request *r)
{
    struct tc_str token;
    if (!tc_cookie_find(tc_request_get(r, "Cookie"), tc_cookie_name(r->http), &token) &&
        tc_access_token_revoke(r->node->access, token) != TC_OK)
        return; /* it was over already */
}

tc_err tc_http_session_new(struct tc_request *r, uint32_t person, char session[TC_TOKEN_SIZE])
{
    return tc_access_token_new(r->node->access, person, TC_TOKEN_SESSION, browser(r), TC_TIME_NONE,
                               session, &r->diag);
}

tc_err tc_http_take_place(struct tc_request *r, const char *session)
{
    end_shown(r);
    return tc_http_set_cookie(r, session);
}

tc_err tc_http_give_session(struct tc_request *r, const char *session)
{
    tc_err e = tc_http_take_place(r, session);
    return e ? e : tc_http_api_me(r);
}

void tc_http_rotate(struct tc_request *r)
{
    char session[TC_TOKEN_SIZE];
    /* routes for anyone are those that set the cookie themselves */
    if (r->shown.scheme != TC_SCHEME_COOKIE || !r->login || r->response ||
        r->route->family != TC_FAMILY_API || r->route->roles == TC_ANYONE ||
        tc_access_session_rotate(r->node->access, r->shown.secret, session) != TC_OK)
        return;
    if (tc_http_set_cookie(r, session) != TC_OK)
        tc_log(TC_LOG_WARN, "a session's new cookie could not be sent: its person signs in again");
    sodium_memzero(session, sizeof session);
}

static tc_err ask_second(struct tc_request *r)
{
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kbool(&w, "signed_in", false);
    tc_jsonw_kcstr(&w, "second", r->ticket_shown);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

static tc_err signed_in(struct tc_request *r)
{
    char session[TC_TOKEN_SIZE];
    if (!r->result && r->ticket_shown[0])
        return ask_second(r);
    if (r->login)
        tc_request_is(r);
    tc_err e = tc_audited_signin(r, r->result);
    if (e == TC_E_AUTH)
        return tc_request_fail(r, TC_E_AUTH, "login and password do not match");
    if (!e)
        e = tc_http_session_new(r, r->who->person, session);
    e = e ? e : tc_http_give_session(r, session);
    sodium_memzero(session, sizeof session);
    return e;
}

/* Two members of a form, kept as long as the request; INVALID when one is missing. */
static tc_err two(struct tc_request *r, const char *a, struct tc_str *va, const char *b,
                  struct tc_str *vb)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (e)
        return e;
    if (!tc_json_str(j.root, a, va) || (b && !tc_json_str(j.root, b, vb)))
        e = b ? tc_request_fail(r, TC_E_INVALID, "%s and %s are needed", a, b)
              : tc_request_fail(r, TC_E_INVALID, "%s is needed", a);
    if (!e) {
        *va = tc_arena_dup(r->arena, *va);
        if (b)
            *vb = tc_arena_dup(r->arena, *vb);
        e = va->p && (!b || vb->p) ? TC_OK : TC_E_NOMEM;
    }
    tc_json_fini(&j);
    return e;
}

tc_err tc_http_api_sign_in(struct tc_request *r)
{
    struct tc_str login, password;
    if (tc_request_foreign(r))
        return tc_request_fail(r, TC_E_DENIED, "sign in from this node's own page");
    tc_err e = two(r, "login", &login, "password", &password);
    if (e)
        return e;
    tc_login_unref(r->login); /* somebody else's session until now */
    r->login = NULL;
    r->shown = (struct tc_credentials){TC_SCHEME_BASIC, login, password};
    r->wants_session = true;
    return tc_passwords_check(r, signed_in);
}

tc_err tc_http_api_second(struct tc_request *r)
{
    struct tc_str ticket, code;
    char session[TC_TOKEN_SIZE];
    if (tc_request_foreign(r))
        return tc_request_fail(r, TC_E_DENIED, "sign in from this node's own page");
    tc_err e = two(r, "ticket", &ticket, "code", &code);
    if (e)
        return e;
    e = tc_address_take(r);
    if (e)
        return e;
    e = tc_access_second(r->node->access, ticket, code, session);
    if (e != TC_E_AUTH)
        tc_address_return(r);
    tc_login_unref(r->login);
    r->login = NULL;
    if (!e)
        e = tc_access_token(r->node->access, tc_str_cstr(session), &r->login);
    tc_request_is(r);
    e = tc_audited_signin(r, e);
    if (e == TC_E_AUTH)
        return tc_request_fail(r, e, "this code is not right, or was used, or it took too long");
    e = e ? e : tc_http_give_session(r, session);
    sodium_memzero(session, sizeof session);
    return e;
}

tc_err tc_http_api_sign_out(struct tc_request *r)
{
    if (r->shown.scheme == TC_SCHEME_COOKIE && r->login) {
        tc_err e = tc_access_token_revoke(r->node->access, r->shown.secret);
        if (e && e != TC_E_NOTFOUND)
            return e;
    }
    tc_err e = tc_http_set_cookie(r, "");
    return e ? e : tc_request_empty(r, 204);
}

/* ---- what somebody is signed in with ---- */

static void write_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char text[TC_TIME_SIZE];
    tc_time_format(t, 3, text);
    tc_jsonw_kcstr(w, name, text);
}

tc_err tc_http_api_sessions(struct tc_request *r)
{
    static const char *const uses[] = {
        [TC_TOKEN_API] = "token", [TC_TOKEN_SESSION] = "session", [TC_TOKEN_ONCE] = "once"};
    struct tc_token_info *v;
    size_t n;
    char now[17] = "";
    if (!r->who->person)
        return tc_request_fail(r, TC_E_NOTFOUND, "nobody is signed in");
    tc_err e = tc_access_tokens(r->node->access, r->who->person, r->arena, &v, &n);
    if (e)
        return e;
    if (r->shown.scheme == TC_SCHEME_COOKIE || r->shown.scheme == TC_SCHEME_BEARER)
        tc_access_token_id(r->shown.secret, now);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "sessions");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        if (v[i].use == TC_TOKEN_SECOND)
            continue;
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "id", v[i].id);
        tc_jsonw_kcstr(&w, "use", uses[v[i].use]);
        tc_jsonw_kstr(&w, "label", v[i].label);
        write_time(&w, "added", v[i].added);
        write_time(&w, "expires", v[i].expires);
        tc_jsonw_kbool(&w, "current", strcmp(now, v[i].id) == 0);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

tc_err tc_http_api_session_end(struct tc_request *r)
{
    struct tc_token_info *v;
    size_t n, i = 0;
    tc_err e = tc_access_tokens(r->node->access, r->who->person, r->arena, &v, &n);
    if (e)
        return e;
    while (r->who->person && i < n && !tc_str_is(r->param[0], v[i].id))
        i++;
    if (!r->who->person || i == n) /* somebody else's is not there */
        return tc_request_fail(r, TC_E_NOTFOUND, "there is no such session of yours");
    e = tc_access_token_revoke_id(r->node->access, r->param[0]);
    return e ? e : tc_request_empty(r, 204);
}

/* ---- the second factor ---- */

tc_err tc_http_api_factors(struct tc_request *r)
{
    bool totp;
    unsigned recovery;
    struct tc_passkey_info *v;
    size_t n;
    tc_err e = tc_access_passkeys(r->node->access, r->who->person, r->arena, &v, &n);
    if (e)
        return e;
    tc_access_factors(r->node->access, r->who->person, &totp, &recovery);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kbool(&w, "totp", totp);
    tc_jsonw_ku64(&w, "recovery_codes", recovery);
    tc_jsonw_name(&w, "passkeys");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "id", v[i].id);
        tc_jsonw_kstr(&w, "label", v[i].label);
        write_time(&w, "added", v[i].added);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

/* A stolen session must not be able to put its own device in the place of another. */
static tc_err not_enrolled(struct tc_request *r)
{
    bool totp;
    unsigned recovery;
    if (!r->who->person)
        return tc_request_fail(r, TC_E_DENIED, "this account is no person's");
    tc_access_factors(r->node->access, r->who->person, &totp, &recovery);
    if (totp)
        return tc_request_fail(r, TC_E_CONFLICT,
                               "there is a second factor: take it away first, with a code");
    return recovery ? tc_http_fresh(r) : TC_OK; /* there are passkeys */
}

tc_err tc_http_api_totp(struct tc_request *r)
{
    char secret[TC_TOTP_TEXT], *uri = NULL;
    struct tc_person p = {0};
    tc_err e = not_enrolled(r);
    if (!e)
        e = tc_access_person_by(r->node->access, r->who->person, TC_STR(""), r->arena, &p);
    if (!e)
        e = tc_access_totp_start(r->node->access, r->who->person, secret, &r->diag);
    if (e)
        return e;
    /* logins are letters, digits and . _ - @ only: nothing of it needs escaping but @ */
    uri = tc_arena_fmt(r->arena, "otpauth://totp/Tocsin:%.*s?secret=%s&issuer=Tocsin",
                       TC_FMT(p.login), secret);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "secret", secret);
    if (uri)
        tc_jsonw_kcstr(&w, "uri", uri);
    tc_jsonw_object_end(&w);
    sodium_memzero(secret, sizeof secret);
    return uri ? TC_OK : TC_E_NOMEM;
}

tc_err tc_http_api_totp_confirm(struct tc_request *r)
{
    struct tc_recovery_codes codes;
    struct tc_str code;
    tc_err e = not_enrolled(r);
    if (!e)
        e = two(r, "code", &code, NULL, NULL);
    if (!e)
        e = tc_access_totp_confirm(r->node->access, r->who->person, code, &codes, &r->diag);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "recovery_codes");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < TC_RECOVERY_CODES; i++)
        tc_jsonw_cstr(&w, codes.code[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    sodium_memzero(&codes, sizeof codes);
    return TC_OK;
}

tc_err tc_http_api_factors_drop(struct tc_request *r)
{
    struct tc_str code;
    tc_err e = two(r, "code", &code, NULL, NULL);
    if (!e)
        e = tc_access_code(r->node->access, r->who->person, code);
    if (e == TC_E_AUTH)
        return tc_request_fail(r, TC_E_DENIED, "this code is not right, or was used");
    if (!e)
        e = tc_access_factors_drop(r->node->access, r->who->person, &r->diag);
    return e ? e : tc_request_empty(r, 204);
}
