/* SPDX-License-Identifier: Apache-2.0 */
/* Passkeys over HTTP: what the page hands to the browser, and what the device answered.
 *
 *   POST factors/passkey/options {}                -> challenge;  then  POST factors/passkey
 *   POST session/passkey/options {ticket?}         -> challenge;  then  POST session/passkey
 *
 * Bytes are base64url without padding. They are enrolled and taken away in a session that began at
 * most ten minutes ago: one that was stolen later must not get a key of its own. */
#include "access/passkey.h"
#include "codec/json.h"
#include "http/audited.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"

#include <sodium.h>

#define FRESH (600 * TC_SECOND)

tc_err tc_http_fresh(struct tc_request *r)
{
    struct tc_token_info *v;
    size_t n, i = 0;
    char now[17] = "";
    tc_err e = tc_access_tokens(r->node->access, r->who->person, r->arena, &v, &n);
    if (e)
        return e;
    if (r->shown.scheme == TC_SCHEME_COOKIE)
        tc_access_token_id(r->shown.secret, now);
    while (i < n && strcmp(now, v[i].id) != 0)
        i++;
    if (!r->who->person || i == n || v[i].added + FRESH < tc_time_now())
        return tc_request_fail(r, TC_E_DENIED,
                               "for this sign in on the page again: it is at most ten minutes "
                               "after that");
    return TC_OK;
}

/* ---- forms ---- */

/* A member in base64url as bytes in the arena; absent = empty when it may be. */
static bool bytes_of(struct tc_request *r, yyjson_val *form, const char *name, bool must,
                     struct tc_str *out)
{
    struct tc_str text = {"", 0};
    size_t n = 0;
    *out = TC_STR("");
    if (!tc_json_str(form, name, &text) || !text.n)
        return !must;
    char *p = tc_arena_alloc(r->arena, text.n);
    if (!p || sodium_base642bin((uint8_t *)p, text.n, text.p, text.n, NULL, &n, NULL,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *out = tc_str_view(p, n);
    return true;
}

static void put_bytes(struct tc_request *r, struct tc_jsonw *w, const char *name, const void *p,
                      size_t n)
{
    size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = tc_arena_alloc(r->arena, size);
    if (!text)
        return; /* the arena remembers */
    (void)sodium_bin2base64(text, size, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (name)
        tc_jsonw_kcstr(w, name, text);
    else
        tc_jsonw_cstr(w, text);
}

static tc_err read_form(struct tc_request *r, struct tc_json *j)
{
    return tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, j, &r->diag);
}

/* A passkey belongs to a host name; browsers know none for an address in numbers. */
static tc_err site_of(struct tc_request *r, struct tc_passkey_site *out)
{
    const char *base = tc_request_base(r);
    if (!base)
        return TC_E_NOMEM;
    struct tc_str origin = tc_str_cstr(base);
    size_t at = tc_str_find(origin, TC_STR("://"));
    struct tc_str host =
        at == SIZE_MAX ? TC_STR("") : tc_str_view(origin.p + at + 3, origin.n - at - 3);
    size_t n = 0;
    bool letter = false;
    while (n < host.n && host.p[n] != ':' && host.p[n] != '/' && host.p[n] != '[') {
        letter = letter || (host.p[n] | 32) >= 'a';
        n++;
    }
    if (!n || !letter)
        return tc_request_fail(r, TC_E_INVALID,
                               "a passkey needs a host name: open the page by its name, not by an "
                               "address in numbers");
    at = tc_str_find(host, TC_STR("/"));
    out->rp = tc_str_view(host.p, n);
    out->origin = at == SIZE_MAX ? origin : tc_str_view(origin.p, (size_t)(host.p - origin.p) + at);
    return TC_OK;
}

static void put_credentials(struct tc_request *r, struct tc_jsonw *w, const char *name,
                            const struct tc_passkey_info *v, size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        put_bytes(r, w, NULL, v[i].credential.p, v[i].credential.n);
    tc_jsonw_array_end(w);
}

static tc_err end(struct tc_request *r, struct tc_jsonw *w)
{
    tc_jsonw_object_end(w);
    return tc_arena_err(r->arena) ? TC_E_NOMEM : TC_OK;
}

/* ---- enrolling ---- */

tc_err tc_http_api_passkey_options(struct tc_request *r)
{
    struct tc_passkey_site site;
    struct tc_passkey_info *v;
    struct tc_person p;
    struct tc_uuid u;
    size_t n;
    char challenge[TC_PASSKEY_CHALLENGE];
    struct tc_access *x = r->node->access;
    tc_err e = tc_http_fresh(r);
    e = e ? e : site_of(r, &site);
    e = e ? e : tc_access_person_by(x, r->who->person, TC_STR(""), r->arena, &p);
    e = e ? e : tc_access_passkeys(x, r->who->person, r->arena, &v, &n);
    const size_t head = sizeof "identity--" - 1;
    if (!e && (p.identity.n <= head ||
               tc_uuid_parse(tc_str_view(p.identity.p + head, p.identity.n - head), &u)))
        e = TC_E_INTERNAL;
    if (e)
        return e;
    tc_access_passkey_challenge(x, TC_PASSKEY_ENROL, r->who->person, challenge);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "challenge", challenge);
    tc_jsonw_kstr(&w, "rp", site.rp);
    put_bytes(r, &w, "user", u.b, sizeof u.b);
    tc_jsonw_kstr(&w, "login", p.login);
    tc_jsonw_kstr(&w, "name", p.name.n ? p.name : p.login);
    put_credentials(r, &w, "exclude", v, n);
    return end(r, &w);
}

tc_err tc_http_api_passkey_add(struct tc_request *r)
{
    struct tc_passkey_site site;
    struct tc_passkey_answer a = {.id = {"", 0}};
    struct tc_recovery_codes codes;
    struct tc_json j = {NULL, NULL};
    struct tc_str label = {"", 0};
    bool with_codes = false;
    tc_err e = tc_http_fresh(r);
    e = e ? e : site_of(r, &site);
    e = e ? e : read_form(r, &j);
    if (!e && (!tc_json_str(j.root, "label", &label) ||
               !bytes_of(r, j.root, "client_data", true, &a.client_data) ||
               !bytes_of(r, j.root, "authenticator_data", true, &a.authenticator_data)))
        e = tc_request_fail(r, TC_E_INVALID,
                            "label, client_data and authenticator_data are needed");
    e = e ? e
          : tc_access_passkey_add(r->node->access, r->who->person, &site, &a, label, &codes,
                                  &with_codes, &r->diag);
    tc_json_fini(&j);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 201, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "recovery_codes");
    tc_jsonw_array(&w);
    for (size_t i = 0; with_codes && i < TC_RECOVERY_CODES; i++)
        tc_jsonw_cstr(&w, codes.code[i]);
    tc_jsonw_array_end(&w);
    if (with_codes)
        sodium_memzero(&codes, sizeof codes);
    return end(r, &w);
}

tc_err tc_http_api_passkey_drop(struct tc_request *r)
{
    tc_err e = tc_http_fresh(r);
    e = e ? e : tc_access_passkey_drop(r->node->access, r->who->person, r->param[0], &r->diag);
    return e ? e : tc_request_empty(r, 204);
}

/* ---- signing in ---- */

static tc_err ours(struct tc_request *r)
{
    return tc_request_foreign(r)
               ? tc_request_fail(r, TC_E_DENIED, "sign in from this node's own page")
               : TC_OK;
}

tc_err tc_http_api_passkey_ask(struct tc_request *r)
{
    struct tc_passkey_site site;
    struct tc_passkey_info *v = NULL;
    struct tc_json j = {NULL, NULL};
    struct tc_str ticket = {"", 0};
    size_t n = 0;
    char challenge[TC_PASSKEY_CHALLENGE];
    uint32_t person = 0;
    tc_err e = ours(r);
    e = e ? e : site_of(r, &site);
    e = e ? e : read_form(r, &j);
    if (!e && tc_json_str(j.root, "ticket", &ticket))
        person = tc_access_ticket_person(r->node->access, ticket);
    if (!e && person)
        e = tc_access_passkeys(r->node->access, person, r->arena, &v, &n);
    tc_json_fini(&j);
    if (e)
        return e;
    tc_access_passkey_challenge(r->node->access, TC_PASSKEY_SIGN_IN, person, challenge);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "challenge", challenge);
    tc_jsonw_kstr(&w, "rp", site.rp);
    tc_jsonw_kcstr(&w, "verification", person ? "preferred" : "required");
    put_credentials(r, &w, "credentials", v, n);
    return end(r, &w);
}

tc_err tc_http_api_passkey_sign_in(struct tc_request *r)
{
    struct tc_passkey_site site;
    struct tc_passkey_answer a;
    struct tc_json j = {NULL, NULL};
    struct tc_str ticket = {"", 0};
    char session[TC_TOKEN_SIZE];
    tc_err e = ours(r);
    e = e ? e : site_of(r, &site);
    e = e ? e : read_form(r, &j);
    if (!e &&
        (!bytes_of(r, j.root, "id", true, &a.id) || !bytes_of(r, j.root, "user", false, &a.user) ||
         !bytes_of(r, j.root, "client_data", true, &a.client_data) ||
         !bytes_of(r, j.root, "authenticator_data", true, &a.authenticator_data) ||
         !bytes_of(r, j.root, "signature", true, &a.signature)))
        e = tc_request_fail(r, TC_E_INVALID,
                            "id, client_data, authenticator_data and signature are needed");
    e = e ? e : tc_address_take(r);
    if (e) {
        tc_json_fini(&j);
        return e;
    }
    (void)tc_json_str(j.root, "ticket", &ticket);
    e = tc_access_passkey_sign_in(r->node->access, &site, &a, ticket, session);
    if (e != TC_E_AUTH)
        tc_address_return(r);
    tc_json_fini(&j);
    tc_login_unref(r->login); /* somebody else's session until now */
    r->login = NULL;
    if (!e)
        e = tc_access_token(r->node->access, tc_str_cstr(session), &r->login);
    tc_request_is(r);
    e = tc_audited_signin(r, e);
    if (e == TC_E_AUTH)
        return tc_request_fail(r, e, "this passkey is not known here, or it took too long");
    e = e ? e : tc_http_give_session(r, session);
    sodium_memzero(session, sizeof session);
    return e;
}
