/* SPDX-License-Identifier: Apache-2.0 */
#include "access/provider.h"

#include "codec/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CONFIG  65536u
#define MAX_URL     2048u
#define MAX_SECRET  1024u
#define MAX_LIST    16u
#define MAX_TOKEN   16384u
#define MAX_CHARS   200u
#define TOO_MANY(n) ((n) > MAX_LIST)

/* ---- addresses ---- */

static bool loopback(struct tc_str host)
{
    static const char *const ours[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        struct tc_str o = tc_str_cstr(ours[i]);
        if (tc_str_starts(host, o) && (host.n == o.n || host.p[o.n] == ':'))
            return true;
    }
    return false;
}

/* scheme://host[:port] of an address; empty unless it is https, or http to this machine, of plain
 * letters, with nothing before the host. */
static struct tc_str origin_of(struct tc_str url)
{
    size_t scheme = tc_str_starts(url, TC_STR("https://"))  ? 8
                    : tc_str_starts(url, TC_STR("http://")) ? 7
                                                            : 0;
    size_t n = scheme;
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= 0x20 || url.p[i] > 0x7e || strchr("\"<>\\^`{|}", url.p[i]))
            return TC_STR("");
    while (n < url.n && !strchr("/?#", url.p[n]))
        n++;
    struct tc_str host = tc_str_view(url.p + scheme, n - scheme);
    if (!scheme || !host.n || url.n > MAX_URL || memchr(host.p, '@', host.n) ||
        (scheme == 7 && !loopback(host)))
        return TC_STR("");
    return tc_str_view(url.p, n);
}

static bool url_ok(struct tc_str url)
{
    return origin_of(url).n && tc_str_find(url, TC_STR("#")) == SIZE_MAX;
}

/* ---- oidc.json ---- */

static tc_err wrong(struct tc_diag *d, const char *member, const char *text)
{
    tc_diag_path(d, member, strlen(member));
    return tc_diag_set(d, TC_E_INVALID, "%s", text);
}

static bool chars_ok(struct tc_str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n <= max;
}

/* A text of at most max bytes into the arena, as it was set before when it is absent. */
static tc_err text(yyjson_val *o, const char *name, size_t max, struct tc_arena *a,
                   struct tc_str *out, struct tc_diag *d)
{
    struct tc_str s;
    if (!tc_json_get(o, name))
        return TC_OK;
    if (!tc_json_str(o, name, &s) || !s.n || !chars_ok(s, max))
        return wrong(d, name, "it must be a text, and not so long");
    *out = tc_arena_dup(a, s);
    return out->p ? TC_OK : TC_E_NOMEM;
}

static tc_err list(yyjson_val *o, const char *name, struct tc_arena *a, struct tc_oidc_words *out,
                   struct tc_diag *d)
{
    yyjson_val *v = tc_json_get(o, name), *one;
    size_t i, max;
    if (!v)
        return TC_OK;
    if (!yyjson_is_arr(v) || TOO_MANY(yyjson_arr_size(v)))
        return wrong(d, name, "it must be a list of a few texts");
    out->v = tc_arena_zalloc(a, MAX_LIST, sizeof *out->v);
    if (!out->v)
        return TC_E_NOMEM;
    yyjson_arr_foreach (v, i, max, one) {
        struct tc_str s = tc_json_view(one);
        if (!yyjson_is_str(one) || !s.n || !chars_ok(s, MAX_URL))
            return wrong(d, name, "it must be a list of a few texts");
        out->v[out->n++] = tc_arena_dup(a, s);
    }
    return tc_arena_err(a);
}

static tc_err known(yyjson_val *o, const char *const *names, size_t n, struct tc_diag *d)
{
    size_t i, max;
    yyjson_val *k, *v;
    yyjson_obj_foreach (o, i, max, k, v) {
        size_t at = 0;
        while (at < n && !tc_str_is(tc_json_view(k), names[at]))
            at++;
        if (at < n)
            continue;
        tc_diag_path(d, yyjson_get_str(k), yyjson_get_len(k));
        return tc_diag_set(d, TC_E_INVALID, "oidc.json has no such member");
    }
    return TC_OK;
}

static tc_err read_by(yyjson_val *o, struct tc_provider *out, struct tc_diag *d)
{
    static const char *const words[] = {[TC_PROVIDER_LINK] = "link",
                                        [TC_PROVIDER_EMAIL] = "verified_email",
                                        [TC_PROVIDER_NAME] = "preferred_username"};
    struct tc_str s = TC_STR("link");
    if (tc_json_get(o, "person_by") && !tc_json_str(o, "person_by", &s))
        s = TC_STR("");
    for (size_t i = 0; i < 3; i++)
        if (tc_str_is(s, words[i])) {
            out->by = (enum tc_provider_by)i;
            return TC_OK;
        }
    return wrong(d, "person_by", "it is link, verified_email or preferred_username");
}

static tc_err read_algorithms(yyjson_val *o, struct tc_arena *a, struct tc_provider *out,
                              struct tc_diag *d)
{
    struct tc_oidc_words w = {NULL, 0};
    tc_err e = list(o, "algorithms", a, &w, d);
    out->algs = w.n ? 0 : TC_JWS_ALL;
    for (size_t i = 0; !e && i < w.n; i++) {
        unsigned alg = tc_jws_alg_of(w.v[i]);
        if (!alg)
            e = wrong(d, "algorithms", "it is RS256, PS256, ES256 or EdDSA");
        out->algs |= alg;
    }
    return e;
}

static tc_err read_second(yyjson_val *o, struct tc_arena *a, struct tc_provider *out,
                          struct tc_diag *d)
{
    static const char *const names[] = {"acr", "amr"};
    yyjson_val *v = tc_json_get(o, "accept_as_second_factor");
    if (!v)
        return TC_OK;
    if (!yyjson_is_obj(v))
        return wrong(d, "accept_as_second_factor", "it holds lists \"acr\" and \"amr\"");
    tc_err e = known(v, names, 2, d);
    e = e ? e : list(v, "acr", a, &out->acr, d);
    return e ? e : list(v, "amr", a, &out->amr, d);
}

/* The issuer's first. */
static tc_err read_origins(yyjson_val *o, struct tc_arena *a, struct tc_provider *out,
                           struct tc_diag *d)
{
    struct tc_oidc_words w = {NULL, 0};
    tc_err e = list(o, "origins", a, &w, d);
    const char **v = e ? NULL : tc_arena_zalloc(a, w.n + 1, sizeof *v);
    if (e || !v)
        return e ? e : TC_E_NOMEM;
    v[0] = tc_arena_cstr(a, origin_of(out->issuer));
    for (size_t i = 0; i < w.n; i++) {
        if (!w.v[i].n || origin_of(w.v[i]).n != w.v[i].n)
            return wrong(d, "origins", "each is https://host, without a path");
        v[i + 1] = tc_arena_cstr(a, w.v[i]);
    }
    out->origins = v;
    out->n_origins = w.n + 1;
    return tc_arena_err(a);
}

static tc_err read_texts(yyjson_val *o, struct tc_arena *a, struct tc_provider *out,
                         struct tc_diag *d)
{
    struct tc_str ca = {"", 0};
    tc_err e = text(o, "issuer", TC_MAX_ISSUER, a, &out->issuer, d);
    e = e ? e : text(o, "client_id", MAX_CHARS, a, &out->client_id, d);
    e = e ? e : text(o, "client_secret", MAX_SECRET, a, &out->client_secret, d);
    e = e ? e : text(o, "label", MAX_CHARS, a, &out->label, d);
    e = e ? e : text(o, "scopes", MAX_CHARS, a, &out->scopes, d);
    e = e ? e : text(o, "ca_file", MAX_URL, a, &ca, d);
    if (e)
        return e;
    if (ca.n && !(out->ca_file = tc_arena_cstr(a, ca)))
        return TC_E_NOMEM;
    if (!url_ok(out->issuer) || tc_str_find(out->issuer, TC_STR("?")) != SIZE_MAX)
        return wrong(d, "issuer", "it must be the provider's https address, letter by letter");
    if (!out->client_id.n)
        return wrong(d, "client_id", "it is missing");
    struct tc_str s = out->scopes;
    if (!(tc_str_is(s, "openid") || tc_str_starts(s, TC_STR("openid ")) ||
          tc_str_ends(s, TC_STR(" openid")) || tc_str_find(s, TC_STR(" openid ")) != SIZE_MAX))
        return wrong(d, "scopes", "\"openid\" must be one of them");
    return TC_OK;
}

tc_err tc_provider_parse(struct tc_str json, struct tc_arena *a, struct tc_provider *out,
                         struct tc_diag *d)
{
    static const char *const names[] = {
        "issuer",    "client_id", "client_secret",           "label",      "scopes", "ca_file",
        "person_by", "origins",   "accept_as_second_factor", "algorithms",
    };
    struct tc_json j = {NULL, NULL};
    struct tc_provider p = {.issuer = {"", 0},
                            .client_id = {"", 0},
                            .client_secret = {"", 0},
                            .label = TC_STR("Sign in with the organisation's account"),
                            .scopes = TC_STR("openid")};
    tc_err e = tc_json_read(json, MAX_CONFIG, 0, &j, d);
    if (e)
        return e;
    if (!yyjson_is_obj(j.root))
        e = tc_diag_set(d, TC_E_INVALID, "oidc.json must be an object");
    e = e ? e : known(j.root, names, sizeof names / sizeof names[0], d);
    e = e ? e : read_texts(j.root, a, &p, d);
    e = e ? e : read_by(j.root, &p, d);
    e = e ? e : read_algorithms(j.root, a, &p, d);
    e = e ? e : read_second(j.root, a, &p, d);
    e = e ? e : read_origins(j.root, a, &p, d);
    tc_json_fini(&j);
    if (!e)
        *out = p;
    return e;
}

static tc_err read_private(const char *path, struct tc_buf *b, bool *there, struct tc_diag *d)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *there = fd >= 0;
    if (fd < 0)
        return errno == ENOENT ? TC_OK
                               : tc_diag_set(d, tc_err_from_errno(errno), "it cannot be opened");
    tc_err e = TC_OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        e = tc_diag_set(d, TC_E_IO, "it is no file");
    else if (st.st_mode & 077)
        e = tc_diag_set(d, TC_E_DENIED, "others may read it, and it may hold a secret: chmod 600");
    char *p = e ? NULL : tc_buf_room(b, MAX_CONFIG);
    ssize_t n = p ? read(fd, p, MAX_CONFIG) : -1;
    (void)close(fd);
    if (!e && n < 0)
        e = tc_diag_set(d, TC_E_IO, "it cannot be read");
    if (!e)
        b->n += (size_t)n;
    return e;
}

tc_err tc_provider_load(const char *dir, struct tc_arena *a, const struct tc_provider **out,
                        struct tc_diag *d)
{
    struct tc_buf b;
    bool there = false;
    const char *path = tc_arena_fmt(a, "%s/oidc.json", dir);
    struct tc_provider *p = tc_arena_zalloc(a, 1, sizeof *p);
    if (!path || !p)
        return TC_E_NOMEM;
    tc_buf_init(&b, MAX_CONFIG + 1);
    tc_err e = read_private(path, &b, &there, d);
    if (!e && there)
        e = tc_provider_parse(tc_buf_view(&b), a, p, d);
    if (b.p)
        sodium_memzero(b.p, b.n);
    tc_buf_fini(&b);
    if (e)
        tc_diag_file(d, path);
    else
        *out = there ? p : NULL;
    return e;
}

/* ---- what the provider says of itself ---- */

const char *tc_provider_discovery_url(const struct tc_provider *p, struct tc_arena *a)
{
    struct tc_str s = p->issuer;
    if (tc_str_ends(s, TC_STR("/")))
        s.n--;
    return tc_arena_fmt(a, "%.*s/.well-known/openid-configuration", TC_FMT(s));
}

static tc_err endpoint(yyjson_val *o, const char *name, bool must, struct tc_arena *a,
                       struct tc_str *out, struct tc_diag *d)
{
    struct tc_str s;
    *out = TC_STR("");
    if (!must && !tc_json_get(o, name))
        return TC_OK;
    if (!tc_json_str(o, name, &s) || !url_ok(s))
        return wrong(d, name, "the provider's address for this is missing, or is not https");
    *out = tc_arena_dup(a, s);
    return out->p ? TC_OK : TC_E_NOMEM;
}

/* Is one of ours in a list of the document? A list that is absent says nothing. */
static bool offers(yyjson_val *o, const char *name, bool (*ours)(struct tc_str, unsigned),
                   unsigned arg)
{
    yyjson_val *v = tc_json_get(o, name), *one;
    size_t i, max;
    if (!v)
        return true;
    yyjson_arr_foreach (v, i, max, one) {
        if (yyjson_is_str(one) && ours(tc_json_view(one), arg))
            return true;
    }
    return false;
}

static bool is_s256(struct tc_str s, unsigned unused)
{
    (void)unused;
    return tc_str_is(s, "S256");
}

static bool is_code(struct tc_str s, unsigned unused)
{
    (void)unused;
    return tc_str_is(s, "code");
}

static bool is_alg(struct tc_str s, unsigned algs)
{
    return (tc_jws_alg_of(s) & algs) != 0;
}

static bool is_basic(struct tc_str s, unsigned unused)
{
    (void)unused;
    return tc_str_is(s, "client_secret_basic");
}

static tc_err check_offers(yyjson_val *o, const struct tc_provider *p, struct tc_diag *d)
{
    if (!offers(o, "response_types_supported", is_code, 0))
        return wrong(d, "response_types_supported", "the provider has no code flow");
    if (!offers(o, "code_challenge_methods_supported", is_s256, 0))
        return wrong(d, "code_challenge_methods_supported", "the provider has no PKCE with S256");
    if (!offers(o, "id_token_signing_alg_values_supported", is_alg, p->algs))
        return wrong(d, "id_token_signing_alg_values_supported",
                     "the provider signs with nothing that counts here");
    return TC_OK;
}

tc_err tc_endpoints_parse(struct tc_str json, const struct tc_provider *p, struct tc_arena *a,
                          struct tc_endpoints *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_endpoints e = {.says_iss = false};
    struct tc_str issuer;
    tc_err err = tc_json_read(json, TC_MAX_OIDC_ANSWER, 0, &j, d);
    if (err)
        return err;
    if (!tc_json_str(j.root, "issuer", &issuer) || !tc_str_eq(issuer, p->issuer))
        err = wrong(d, "issuer", "the provider says that it is another issuer");
    err = err ? err : endpoint(j.root, "authorization_endpoint", true, a, &e.authorization, d);
    err = err ? err : endpoint(j.root, "token_endpoint", true, a, &e.token, d);
    err = err ? err : endpoint(j.root, "jwks_uri", true, a, &e.keys, d);
    err = err ? err : endpoint(j.root, "userinfo_endpoint", false, a, &e.userinfo, d);
    err = err ? err : check_offers(j.root, p, d);
    (void)tc_json_bool(j.root, "authorization_response_iss_parameter_supported", &e.says_iss);
    e.post_only = !offers(j.root, "token_endpoint_auth_methods_supported", is_basic, 0);
    tc_json_fini(&j);
    if (!err)
        *out = e;
    return err;
}

/* ---- the requests ---- */

/* application/x-www-form-urlencoded, with every byte that is not plain as %XX. */
static void encoded(struct tc_buf *b, struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~')
            tc_buf_char(b, (char)c);
        else
            tc_buf_fmt(b, "%%%02X", c);
    }
}

static void pair(struct tc_buf *b, const char *name, struct tc_str value)
{
    tc_buf_char(b, '&');
    tc_buf_cstr(b, name);
    tc_buf_char(b, '=');
    encoded(b, value);
}

void tc_provider_go(const struct tc_provider *p, const struct tc_endpoints *e, const char *redirect,
                    const char *state, const char *nonce, const char *challenge, struct tc_buf *out)
{
    tc_buf_str(out, e->authorization);
    tc_buf_cstr(out, memchr(e->authorization.p, '?', e->authorization.n) ? "&" : "?");
    tc_buf_cstr(out, "response_type=code");
    pair(out, "client_id", p->client_id);
    pair(out, "redirect_uri", tc_str_cstr(redirect));
    pair(out, "scope", p->scopes);
    pair(out, "state", tc_str_cstr(state));
    pair(out, "nonce", tc_str_cstr(nonce));
    pair(out, "code_challenge", tc_str_cstr(challenge));
    pair(out, "code_challenge_method", TC_STR("S256"));
}

/* RFC 6749 section 2.3.1: name and secret are encoded as a form before they are Basic. */
static tc_err basic(const struct tc_provider *p, struct tc_arena *a, struct tc_str *out)
{
    struct tc_buf b;
    tc_buf_init(&b, 8192);
    encoded(&b, p->client_id);
    tc_buf_char(&b, ':');
    encoded(&b, p->client_secret);
    size_t size = sodium_base64_encoded_len(b.n, sodium_base64_VARIANT_ORIGINAL);
    char *text64 = b.err ? NULL : tc_arena_alloc(a, 6 + size);
    if (text64) {
        memcpy(text64, "Basic ", 6);
        (void)sodium_bin2base64(text64 + 6, size, (const uint8_t *)b.p, b.n,
                                sodium_base64_VARIANT_ORIGINAL);
        *out = tc_str_cstr(text64);
    }
    if (b.p)
        sodium_memzero(b.p, b.n);
    tc_buf_fini(&b);
    return text64 ? TC_OK : TC_E_NOMEM;
}

tc_err tc_provider_trade(const struct tc_provider *p, const struct tc_endpoints *e,
                         struct tc_str code, const char *redirect, const char *verifier,
                         struct tc_arena *a, struct tc_str *form, struct tc_str *authorization)
{
    struct tc_buf b;
    bool secret = p->client_secret.n > 0, in_form = !secret || e->post_only;
    tc_buf_init(&b, 32768);
    tc_buf_cstr(&b, "grant_type=authorization_code");
    pair(&b, "code", code);
    pair(&b, "redirect_uri", tc_str_cstr(redirect));
    pair(&b, "code_verifier", tc_str_cstr(verifier));
    if (in_form)
        pair(&b, "client_id", p->client_id);
    if (in_form && secret)
        pair(&b, "client_secret", p->client_secret);
    *authorization = TC_STR("");
    tc_err err = b.err;
    if (!err && !in_form)
        err = basic(p, a, authorization);
    if (!err) {
        *form = tc_arena_dup(a, tc_buf_view(&b));
        err = form->p ? TC_OK : TC_E_NOMEM;
    }
    if (b.p)
        sodium_memzero(b.p, b.n);
    tc_buf_fini(&b);
    return err;
}

tc_err tc_traded_parse(struct tc_str json, struct tc_arena *a, struct tc_traded *out,
                       struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str type, id, access;
    tc_err e = tc_json_read(json, TC_MAX_OIDC_ANSWER, 0, &j, d);
    if (e)
        return e;
    if (!tc_json_str(j.root, "token_type", &type) || !tc_str_eq_nocase(type, TC_STR("Bearer")) ||
        !tc_json_str(j.root, "id_token", &id) || !tc_json_str(j.root, "access_token", &access) ||
        !id.n || !access.n || access.n > MAX_TOKEN)
        e = wrong(d, "answer", "the provider's answer is no id token with an access token");
    if (!e) {
        *out = (struct tc_traded){tc_arena_dup(a, id), tc_arena_dup(a, access)};
        e = tc_arena_err(a);
    }
    tc_json_fini(&j);
    return e;
}

bool tc_provider_second(const struct tc_provider *p, const struct tc_oidc_claims *c)
{
    if (c->acr.n && tc_oidc_words_have(&p->acr, c->acr))
        return true;
    for (size_t i = 0; i < c->amr.n; i++)
        if (tc_oidc_words_have(&p->amr, c->amr.v[i]))
            return true;
    return false;
}
