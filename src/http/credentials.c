/* SPDX-License-Identifier: Apache-2.0 */
#include "http/credentials.h"

#include <sodium.h>

static bool scheme_is(struct tc_str *s, struct tc_str name)
{
    if (s->n <= name.n || !tc_str_eq_nocase(tc_str_view(s->p, name.n), name) || s->p[name.n] != ' ')
        return false;
    *s = tc_str_trim(tc_str_view(s->p + name.n, s->n - name.n));
    return true;
}

static tc_err basic(struct tc_arena *a, struct tc_str b64, struct tc_credentials *out)
{
    char *plain = tc_arena_alloc(a, b64.n + 1);
    if (!plain)
        return TC_E_NOMEM;
    size_t n = 0;
    if (sodium_base642bin((unsigned char *)plain, b64.n + 1, b64.p, b64.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return TC_E_AUTH;
    const char *colon = n ? memchr(plain, ':', n) : NULL;
    if (!colon || memchr(plain, 0, n) || !tc_str_utf8(tc_str_view(plain, n)))
        return TC_E_AUTH;
    size_t at = (size_t)(colon - plain);
    *out = (struct tc_credentials){TC_SCHEME_BASIC, tc_str_view(plain, at),
                                   tc_str_view(plain + at + 1, n - at - 1)};
    return TC_OK;
}

tc_err tc_credentials_parse(struct tc_arena *a, struct tc_str authorization,
                            struct tc_credentials *out)
{
    struct tc_str s = tc_str_trim(authorization);
    if (scheme_is(&s, TC_STR("Basic")))
        return basic(a, s, out);
    if (scheme_is(&s, TC_STR("Bearer")) && s.n && s.n <= 256 && !memchr(s.p, ' ', s.n)) {
        *out = (struct tc_credentials){TC_SCHEME_BEARER, TC_STR(""), s};
        return TC_OK;
    }
    return TC_E_AUTH;
}

tc_err tc_cookie_find(struct tc_str header, const char *name, struct tc_str *value)
{
    bool found = false;
    while (header.n) {
        const char *semi = memchr(header.p, ';', header.n);
        size_t n = semi ? (size_t)(semi - header.p) : header.n;
        struct tc_str pair = tc_str_trim(tc_str_view(header.p, n));
        size_t skip = semi ? n + 1 : n;
        header = tc_str_view(header.p + skip, header.n - skip);
        const char *eq = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
        if (!eq || !tc_str_is(tc_str_view(pair.p, (size_t)(eq - pair.p)), name))
            continue;
        if (found)
            return TC_E_SYNTAX;
        found = true;
        size_t at = (size_t)(eq - pair.p) + 1;
        *value = tc_str_view(pair.p + at, pair.n - at);
    }
    return found ? TC_OK : TC_E_NOTFOUND;
}
