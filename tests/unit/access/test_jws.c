/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens: the examples of RFC 7515 (appendix A) and RFC 8037 (appendix A.4), and what must
 * not pass. */
#include "access/jws.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define CLAIMS                                                                                     \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"  \
    "lfQ"
#define RSA_SIG                                                                                    \
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5" \
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"  \
    "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9"  \
    "QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define RSA_N                                                                                      \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4" \
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re" \
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX" \
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_SIG                                                                                     \
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define EC_KEY  "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define ED_KEY  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"
#define SET     "{\"keys\":[" RSA_KEY "," EC_KEY "," ED_KEY "]}"

#define RS256 "eyJhbGciOiJSUzI1NiJ9." CLAIMS "." RSA_SIG
#define ES256 "eyJhbGciOiJFUzI1NiJ9." CLAIMS "." EC_SIG
#define EDDSA                                                                                      \
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."                                    \
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
/* appendix A.1 and A.5 */
#define HS256                                                                                      \
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." CLAIMS                                             \
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define NONE "eyJhbGciOiJub25lIn0." CLAIMS "."

struct fix {
    struct tc_arena *a;
    struct tc_diag d;
    struct tc_jws jws;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->a = tc_arena_new(1 << 20);
    tc_diag_init(&f->d);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_arena_free(f->a);
    free(f);
    return 0;
}

static struct tc_jwks set_of(struct fix *f, const char *json)
{
    struct tc_jwks keys = {NULL, 0};
    assert_int_equal(tc_jwks_read(tc_str_cstr(json), f->a, &keys, &f->d), TC_OK);
    return keys;
}

static tc_err verify(struct fix *f, const char *token, const char *set, unsigned algs)
{
    struct tc_jwks keys = set_of(f, set);
    tc_diag_init(&f->d);
    tc_err e = tc_jws_verify(tc_str_cstr(token), &keys, algs, f->a, &f->jws, &f->d);
    assert_int_equal(e, f->d.code);
    assert_int_equal(e != TC_OK, f->d.path[0] != 0);
    return e;
}

static void examples(void **state)
{
    struct fix *f = *state;
    assert_int_equal(verify(f, RS256, SET, TC_JWS_ALL), TC_OK);
    assert_int_equal(f->jws.alg, TC_JWS_RS256);
    assert_true(tc_str_starts(f->jws.payload, TC_STR("{\"iss\":\"joe\",\r\n")));
    assert_int_equal(verify(f, ES256, SET, TC_JWS_ALL), TC_OK);
    assert_int_equal(f->jws.alg, TC_JWS_ES256);
    assert_int_equal(verify(f, EDDSA, SET, TC_JWS_ALL), TC_OK);
    assert_true(tc_str_is(f->jws.payload, "Example of Ed25519 signing"));
}

static void algorithms(void **state)
{
    struct fix *f = *state;
    assert_int_equal(verify(f, HS256, SET, TC_JWS_ALL), TC_E_UNSUPPORTED);
    assert_string_equal(f->d.path, "alg");
    assert_int_equal(verify(f, NONE, SET, TC_JWS_ALL), TC_E_UNSUPPORTED);
    assert_string_equal(f->d.path, "alg");
    assert_int_equal(verify(f, RS256, SET, TC_JWS_ES256 | TC_JWS_EDDSA), TC_E_UNSUPPORTED);
    /* a key is of one kind, whatever the header says: RS256's signature under ES256's name */
    assert_int_equal(verify(f, "eyJhbGciOiJFUzI1NiJ9." CLAIMS "." RSA_SIG, SET, TC_JWS_ALL),
                     TC_E_AUTH);
    assert_int_equal(verify(f, "eyJhbGciOiJQUzI1NiJ9." CLAIMS "." RSA_SIG, SET, TC_JWS_ALL),
                     TC_E_AUTH);
}

/* Every byte of the three parts counts. */
static void any_byte(void **state)
{
    struct fix *f = *state;
    static const char *const tokens[] = {ES256, EDDSA};
    for (size_t t = 0; t < 2; t++) {
        char token[1024];
        size_t n = strlen(tokens[t]);
        for (size_t i = 0; i < n; i++) {
            memcpy(token, tokens[t], n + 1);
            token[i] = token[i] == 'A' ? 'B' : 'A';
            assert_int_not_equal(verify(f, token, SET, TC_JWS_ALL), TC_OK);
            tc_arena_reset(f->a);
        }
    }
}

static void shapes(void **state)
{
    struct fix *f = *state;
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d.e",
        ES256 ".",
        "eyJhbGciOiJFUzI1NiJ9=." CLAIMS "." EC_SIG,
        "bm9qc29u." CLAIMS "." EC_SIG,        /* nojson */
        "W10." CLAIMS "." EC_SIG,             /* [] */
        "e30." CLAIMS "." EC_SIG,             /* {} */
        "eyJhbGciOiJFUzI1NiJ9." CLAIMS ".",   /* no signature */
        "eyJhbGciOiJFUzI1NiJ9." CLAIMS ".AA", /* not of that size */
        "eyJhbGciOiJFUzI1NiJ9.." EC_SIG,      /* no payload */
        "eyJhbGciOiJFUzI1NiJ9 ." CLAIMS "." EC_SIG,
        "eyJhbGciOiJFUzI1NiIsImFsZyI6Im5vbmUifQ." CLAIMS "." EC_SIG, /* alg twice */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(verify(f, bad[i], SET, TC_JWS_ALL), TC_OK);
    /* {"alg":"ES256","crit":["exp"]}, {"alg":"ES256","typ":"at+jwt"} */
    assert_int_equal(
        verify(f, "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsiZXhwIl19." CLAIMS "." EC_SIG, SET, TC_JWS_ALL),
        TC_E_UNSUPPORTED);
    assert_string_equal(f->d.path, "crit");
    assert_int_equal(
        verify(f, "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9." CLAIMS "." EC_SIG, SET, TC_JWS_ALL),
        TC_E_UNSUPPORTED);
    assert_string_equal(f->d.path, "typ");
    char *huge = calloc(1, TC_MAX_ID_TOKEN + 2);
    memset(huge, 'a', TC_MAX_ID_TOKEN + 1);
    assert_int_equal(verify(f, huge, SET, TC_JWS_ALL), TC_E_LIMIT);
    free(huge);
}

/* {"alg":"ES256","kid":"b"} */
#define NAMED "eyJhbGciOiJFUzI1NiIsImtpZCI6ImIifQ." CLAIMS "." EC_SIG
#define KEY(more)                                                                                  \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"," more "}"

static void which_key(void **state)
{
    struct fix *f = *state;
    /* by its name only (the header is not what was signed: AUTH says that a key was found) */
    assert_int_equal(verify(f, NAMED, SET, TC_JWS_ALL), TC_E_NOTFOUND);
    assert_string_equal(f->d.path, "key");
    assert_int_equal(verify(f, NAMED, "{\"keys\":[" KEY("\"kid\":\"a\"") "]}", TC_JWS_ALL),
                     TC_E_NOTFOUND);
    assert_int_equal(verify(f, NAMED, "{\"keys\":[" KEY("\"kid\":\"b\"") "]}", TC_JWS_ALL),
                     TC_E_AUTH);
    /* without a name: one that fits is used, two leave a choice */
    assert_int_equal(verify(f, ES256, "{\"keys\":[" KEY("\"kid\":\"a\"") "]}", TC_JWS_ALL), TC_OK);
    assert_int_equal(verify(f, ES256,
                            "{\"keys\":[" KEY("\"kid\":\"a\"") "," KEY("\"kid\":\"b\"") "]}",
                            TC_JWS_ALL),
                     TC_E_NOTFOUND);
    assert_int_equal(verify(f, ES256, "{\"keys\":[]}", TC_JWS_ALL), TC_E_NOTFOUND);
    /* for something else, or for another algorithm */
    assert_int_equal(verify(f, ES256, "{\"keys\":[" KEY("\"use\":\"enc\"") "]}", TC_JWS_ALL),
                     TC_E_NOTFOUND);
    assert_int_equal(verify(f, ES256, "{\"keys\":[" KEY("\"alg\":\"ES384\"") "]}", TC_JWS_ALL),
                     TC_E_NOTFOUND);
    assert_int_equal(
        verify(f, ES256, "{\"keys\":[" KEY("\"use\":\"sig\",\"alg\":\"ES256\"") "]}", TC_JWS_ALL),
        TC_OK);
}

static void key_sets(void **state)
{
    struct fix *f = *state;
    struct tc_jwks keys = {NULL, 0};
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[1]}",
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(tc_jwks_read(tc_str_cstr(bad[i]), f->a, &keys, &f->d), TC_OK);
    /* too small for RSA, other kinds: left out, not an error */
    keys = set_of(f, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
                     "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"},"
                     "{\"kty\":\"oct\",\"k\":\"AAAA\"}," ED_KEY "]}");
    assert_int_equal(keys.n, 1);
    struct tc_buf b;
    tc_buf_init(&b, 1 << 16);
    tc_buf_cstr(&b, "{\"keys\":[");
    for (int i = 0; i < TC_MAX_OIDC_KEYS + 1; i++)
        tc_buf_cstr(&b, i ? "," ED_KEY : ED_KEY);
    tc_buf_cstr(&b, "]}");
    assert_int_equal(tc_jwks_read(tc_buf_view(&b), f->a, &keys, &f->d), TC_E_LIMIT);
    tc_buf_fini(&b);
    /* not on the curve: nothing is right under it */
    assert_int_equal(verify(f, ES256,
                            "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
                            "\",\"y\":\"" EC_X "\"}]}",
                            TC_JWS_ALL),
                     TC_E_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(examples, setup, teardown),
        cmocka_unit_test_setup_teardown(algorithms, setup, teardown),
        cmocka_unit_test_setup_teardown(any_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(which_key, setup, teardown),
        cmocka_unit_test_setup_teardown(key_sets, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
