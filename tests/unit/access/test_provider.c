/* SPDX-License-Identifier: Apache-2.0 */
/* oidc.json, what a provider says of itself, the requests to it, and links to its accounts. */
#include "access/link.h"
#include "access/provider.h"
#include "access/state.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ISSUER "https://login.example.org/realm"
#define BASE   "\"issuer\":\"" ISSUER "\",\"client_id\":\"tocsin\""

struct fix {
    struct tc_arena *a;
    struct tc_diag d;
    struct tc_provider p;
    char dir[64];
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->a = tc_arena_new(1 << 20);
    tc_diag_init(&f->d);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-provider-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(tc_provider_parse(TC_STR("{" BASE "}"), f->a, &f->p, &f->d), TC_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm", "oidc.json"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(f->dir);
    tc_arena_free(f->a);
    free(f);
    return 0;
}

static void configuration(void **state)
{
    struct fix *f = *state;
    assert_int_equal(f->p.by, TC_PROVIDER_LINK);
    assert_int_equal(f->p.algs, TC_JWS_ALL);
    assert_true(tc_str_is(f->p.scopes, "openid"));
    assert_int_equal(f->p.n_origins, 1);
    assert_string_equal(f->p.origins[0], "https://login.example.org");
    assert_string_equal(tc_provider_discovery_url(&f->p, f->a),
                        ISSUER "/.well-known/openid-configuration");
    struct tc_str all =
        TC_STR("{\"issuer\":\"http://127.0.0.1:9/\",\"client_id\":\"a\",\"client_secret\":\"s\","
               "\"label\":\"Grid\",\"scopes\":\"openid email\",\"ca_file\":\"/ca.pem\","
               "\"person_by\":\"verified_email\",\"origins\":[\"https://keys.example.org:8443\"],"
               "\"accept_as_second_factor\":{\"acr\":[\"high\"],\"amr\":[\"mfa\",\"otp\"]},"
               "\"algorithms\":[\"ES256\",\"EdDSA\"]}");
    assert_int_equal(tc_provider_parse(all, f->a, &f->p, &f->d), TC_OK);
    assert_int_equal(f->p.by, TC_PROVIDER_EMAIL);
    assert_int_equal(f->p.algs, TC_JWS_ES256 | TC_JWS_EDDSA);
    assert_int_equal(f->p.n_origins, 2);
    assert_string_equal(f->p.origins[1], "https://keys.example.org:8443");
    assert_string_equal(f->p.ca_file, "/ca.pem");
    assert_string_equal(tc_provider_discovery_url(&f->p, f->a),
                        "http://127.0.0.1:9/.well-known/openid-configuration");
}

static void wrong_configurations(void **state)
{
    struct fix *f = *state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"issuer\":\"" ISSUER "\"}",
        "{" BASE ",\"clientid\":\"x\"}",
        "{" BASE ",\"client_secret\":7}",
        "{" BASE ",\"label\":\"\"}",
        "{" BASE ",\"label\":\"a\\u0007\"}",
        "{" BASE ",\"scopes\":\"email\"}",
        "{" BASE ",\"scopes\":\"openidx\"}",
        "{" BASE ",\"person_by\":\"email\"}",
        "{" BASE ",\"person_by\":null}",
        "{" BASE ",\"algorithms\":[\"none\"]}",
        "{" BASE ",\"algorithms\":[\"HS256\"]}",
        "{" BASE ",\"algorithms\":\"RS256\"}",
        "{" BASE ",\"origins\":[\"https://keys.example.org/path\"]}",
        "{" BASE ",\"origins\":[\"http://keys.example.org\"]}",
        "{" BASE ",\"origins\":[\"https://a@keys.example.org\"]}",
        "{" BASE ",\"accept_as_second_factor\":[\"mfa\"]}",
        "{" BASE ",\"accept_as_second_factor\":{\"amrs\":[\"mfa\"]}}",
        "{\"client_id\":\"a\",\"issuer\":\"http://login.example.org\"}",
        "{\"client_id\":\"a\",\"issuer\":\"http://127.0.0.1.example.org\"}",
        "{\"client_id\":\"a\",\"issuer\":\"https://login.example.org/?a\"}",
        "{\"client_id\":\"a\",\"issuer\":\"https://login.example.org/#a\"}",
        "{\"client_id\":\"a\",\"issuer\":\"https://\"}",
        "{\"client_id\":\"a\",\"issuer\":\"https://b@c\"}",
        "{\"client_id\":\"a\",\"issuer\":\"https://b c\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tc_provider_parse(tc_str_cstr(bad[i]), f->a, &f->p, &f->d) == TC_OK)
            fail_msg("%s", bad[i]);
}

static tc_err load(struct fix *f, mode_t mode, const char *text, const struct tc_provider **out)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/oidc.json", f->dir);
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT, mode);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    return tc_provider_load(f->dir, f->a, out, &f->d);
}

static void loading(void **state)
{
    struct fix *f = *state;
    const struct tc_provider *p = &f->p;
    assert_int_equal(tc_provider_load(f->dir, f->a, &p, &f->d), TC_OK);
    assert_null(p);
    assert_int_equal(load(f, 0600, "{" BASE "}", &p), TC_OK);
    assert_true(p && tc_str_is(p->issuer, ISSUER));
    assert_int_equal(load(f, 0640, "{" BASE "}", &p), TC_E_DENIED);
    assert_int_equal(load(f, 0600, "{", &p), TC_E_SYNTAX);
    assert_non_null(strstr(f->d.file, "oidc.json"));
}

#define SAYS                                                                                       \
    "\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://login.example.org/a\","        \
    "\"token_endpoint\":\"https://login.example.org/t\","                                          \
    "\"jwks_uri\":\"https://login.example.org/k\""

static void discovery(void **state)
{
    struct fix *f = *state;
    struct tc_endpoints e;
    static const char *const bad[] = {
        "{}",
        "{" SAYS ",\"issuer\":\"" ISSUER "\"}", /* twice */
        "{\"issuer\":\"" ISSUER "/\",\"authorization_endpoint\":\"https://l/a\","
        "\"token_endpoint\":\"https://l/t\",\"jwks_uri\":\"https://l/k\"}",
        "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"javascript:alert(1)\","
        "\"token_endpoint\":\"https://l/t\",\"jwks_uri\":\"https://l/k\"}",
        "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://l/a\","
        "\"token_endpoint\":\"http://l/t\",\"jwks_uri\":\"https://l/k\"}",
        "{" SAYS ",\"response_types_supported\":[\"id_token\"]}",
        "{" SAYS ",\"code_challenge_methods_supported\":[\"plain\"]}",
        "{" SAYS ",\"id_token_signing_alg_values_supported\":[\"HS256\",\"none\"]}",
        "{" SAYS ",\"userinfo_endpoint\":\"file:///etc/passwd\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tc_endpoints_parse(tc_str_cstr(bad[i]), &f->p, f->a, &e, &f->d) == TC_OK)
            fail_msg("%s", bad[i]);
    assert_int_equal(tc_endpoints_parse(TC_STR("{" SAYS "}"), &f->p, f->a, &e, &f->d), TC_OK);
    assert_false(e.says_iss || e.post_only);
    assert_int_equal(e.userinfo.n, 0);
    assert_int_equal(
        tc_endpoints_parse(
            TC_STR("{" SAYS ",\"authorization_response_iss_parameter_supported\":true,"
                   "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"],"
                   "\"code_challenge_methods_supported\":[\"plain\",\"S256\"],"
                   "\"userinfo_endpoint\":\"https://login.example.org/u\"}"),
            &f->p, f->a, &e, &f->d),
        TC_OK);
    assert_true(e.says_iss && e.post_only);
    assert_true(tc_str_is(e.userinfo, "https://login.example.org/u"));
}

static void requests(void **state)
{
    struct fix *f = *state;
    struct tc_endpoints e = {.authorization = TC_STR("https://l/a?b=c"), .token = TC_STR("x")};
    struct tc_buf b;
    struct tc_str form, auth;
    tc_buf_init(&b, 4096);
    tc_provider_go(&f->p, &e, "https://node/signin/oidc", "st", "no", "ch", &b);
    assert_string_equal(tc_buf_z(&b),
                        "https://l/a?b=c&response_type=code&client_id=tocsin&redirect_uri="
                        "https%3A%2F%2Fnode%2Fsignin%2Foidc&scope=openid&state=st&nonce=no"
                        "&code_challenge=ch&code_challenge_method=S256");
    tc_buf_fini(&b);
    struct tc_str code = TC_STR("a&b=c");
    assert_int_equal(tc_provider_trade(&f->p, &e, code, "https://n/", "v", f->a, &form, &auth),
                     TC_OK);
    assert_true(tc_str_is(form, "grant_type=authorization_code&code=a%26b%3Dc&redirect_uri="
                                "https%3A%2F%2Fn%2F&code_verifier=v&client_id=tocsin"));
    assert_int_equal(auth.n, 0);
    f->p.client_secret = TC_STR("s:1");
    assert_int_equal(tc_provider_trade(&f->p, &e, code, "https://n/", "v", f->a, &form, &auth),
                     TC_OK);
    assert_true(tc_str_is(auth, "Basic dG9jc2luOnMlM0Ex")); /* tocsin:s%3A1 */
    assert_int_equal(tc_str_find(form, TC_STR("client")), SIZE_MAX);
    e.post_only = true;
    assert_int_equal(tc_provider_trade(&f->p, &e, code, "https://n/", "v", f->a, &form, &auth),
                     TC_OK);
    assert_true(tc_str_ends(form, TC_STR("&client_id=tocsin&client_secret=s%3A1")));
    assert_int_equal(auth.n, 0);
}

static void answers(void **state)
{
    struct fix *f = *state;
    struct tc_traded t;
    static const char *const bad[] = {
        "{}",
        "{\"id_token\":\"a\",\"access_token\":\"b\"}",
        "{\"id_token\":\"a\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"b\",\"token_type\":\"Bearer\"}",
        "{\"id_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"DPoP\"}",
        "<html>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(tc_traded_parse(tc_str_cstr(bad[i]), f->a, &t, &f->d), TC_OK);
    assert_int_equal(
        tc_traded_parse(
            TC_STR("{\"id_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"bearer\"}"), f->a,
            &t, &f->d),
        TC_OK);
    assert_true(tc_str_is(t.id_token, "a") && tc_str_is(t.access_token, "b"));
}

static void second_factor(void **state)
{
    struct fix *f = *state;
    struct tc_str amr[] = {TC_STR("pwd"), TC_STR("mfa")}, high = TC_STR("high"),
                  mfa = TC_STR("mfa");
    struct tc_oidc_claims c = {.acr = TC_STR("high"), .amr = {amr, 2}};
    assert_false(tc_provider_second(&f->p, &c)); /* nothing is trusted unless it is said */
    f->p.amr = (struct tc_oidc_words){&mfa, 1};
    assert_true(tc_provider_second(&f->p, &c));
    c.amr.n = 1;
    assert_false(tc_provider_second(&f->p, &c));
    f->p.acr = (struct tc_oidc_words){&high, 1};
    assert_true(tc_provider_second(&f->p, &c));
    c.acr = TC_STR("");
    assert_false(tc_provider_second(&f->p, &c));
}

static struct tc_access *people(struct fix *f, uint32_t *first, uint32_t *second)
{
    struct tc_access *x;
    uint32_t org;
    assert_int_equal(tc_access_open(f->dir, &x, &f->d), TC_OK);
    struct tc_org o = {.name = TC_STR("Port authority"), .country = TC_STR("BE")};
    assert_int_equal(tc_access_org_add(x, &o, &org, &f->d), TC_OK);
    struct tc_person p = {
        .org = org, .roles = TC_ROLE_READER, .login = TC_STR("duty@example.org"), .active = true};
    assert_int_equal(tc_access_person_add(x, &p, TC_STR(""), first, &f->d), TC_OK);
    p.login = TC_STR("night");
    assert_int_equal(tc_access_person_add(x, &p, TC_STR(""), second, &f->d), TC_OK);
    return x;
}

static void links(void **state)
{
    struct fix *f = *state;
    uint32_t duty, night;
    struct tc_link_info *v;
    size_t n;
    const struct tc_str issuer = TC_STR(ISSUER), sub = TC_STR("a 1"), other = TC_STR("a 2");
    struct tc_access *x = people(f, &duty, &night);
    assert_int_equal(tc_access_link_person(x, issuer, sub), 0);
    assert_int_equal(tc_access_link_add(x, duty, issuer, sub, &f->d), TC_OK);
    assert_int_equal(tc_access_link_add(x, night, issuer, sub, &f->d), TC_E_CONFLICT);
    assert_int_equal(tc_access_link_add(x, 99, issuer, other, &f->d), TC_E_NOTFOUND);
    assert_int_equal(tc_access_link_add(x, night, TC_STR("login"), other, &f->d), TC_E_INVALID);
    assert_int_equal(tc_access_link_add(x, night, issuer, TC_STR(""), &f->d), TC_E_INVALID);
    assert_int_equal(tc_access_link_add(x, night, TC_STR(ISSUER " a"), sub, &f->d), TC_E_INVALID);
    assert_int_equal(tc_access_link_add(x, night, issuer, other, &f->d), TC_OK);
    tc_access_close(x);
    assert_int_equal(tc_access_open(f->dir, &x, &f->d), TC_OK);
    assert_int_equal(tc_access_link_person(x, issuer, sub), duty);
    assert_int_equal(tc_access_link_person(x, issuer, other), night);
    assert_int_equal(tc_access_link_person(x, TC_STR(ISSUER "/"), sub), 0);
    assert_int_equal(tc_access_links(x, duty, f->a, &v, &n), TC_OK);
    assert_true(n == 1 && tc_str_eq(v[0].issuer, issuer) && tc_str_eq(v[0].subject, sub));
    assert_int_equal(tc_access_person_set(x, duty, TC_ROLE_READER, false, &f->d), TC_OK);
    assert_int_equal(tc_access_link_person(x, issuer, sub), 0);
    assert_int_equal(tc_access_link_login(x, TC_STR("duty@example.org")), 0);
    assert_int_equal(tc_access_link_login(x, TC_STR("Night")), night);
    assert_int_equal(tc_access_link_login(x, TC_STR("night ")), 0);
    assert_int_equal(tc_access_link_drop(x, duty, issuer, other, &f->d), TC_E_NOTFOUND);
    assert_int_equal(tc_access_link_drop(x, night, issuer, other, &f->d), TC_OK);
    assert_int_equal(tc_access_link_person(x, issuer, other), 0);
    assert_int_equal(tc_access_links(x, 0, f->a, &v, &n), TC_OK);
    assert_int_equal(n, 1);
    tc_access_close(x);
}

static void so_many_links(void **state)
{
    struct fix *f = *state;
    uint32_t duty, night;
    struct tc_access *x = people(f, &duty, &night);
    for (unsigned i = 0; i <= TC_MAX_PERSON_LINKS; i++) {
        char sub[16];
        (void)snprintf(sub, sizeof sub, "%u", i);
        assert_int_equal(tc_access_link_add(x, duty, TC_STR(ISSUER), tc_str_cstr(sub), &f->d),
                         i < TC_MAX_PERSON_LINKS ? TC_OK : TC_E_LIMIT);
    }
    tc_access_close(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(configuration, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_configurations, setup, teardown),
        cmocka_unit_test_setup_teardown(loading, setup, teardown),
        cmocka_unit_test_setup_teardown(discovery, setup, teardown),
        cmocka_unit_test_setup_teardown(requests, setup, teardown),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(second_factor, setup, teardown),
        cmocka_unit_test_setup_teardown(links, setup, teardown),
        cmocka_unit_test_setup_teardown(so_many_links, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
