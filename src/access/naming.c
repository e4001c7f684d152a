/* SPDX-License-Identifier: Apache-2.0 */
#include "access/naming.h"

#include "base/id.h"
#include "base/limits.h"
#include "model/audience.h"

static tc_err bad(struct tc_diag *d, tc_err e, const char *path, const char *says)
{
    tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, e, "%s", says);
}

/* The code point at s.p[*at], which is well-formed UTF-8; moves *at on. */
static uint32_t next_point(struct tc_str s, size_t *at)
{
    const uint8_t *p = (const uint8_t *)s.p + *at;
    unsigned n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (unsigned i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    *at += n;
    return c;
}

static bool shown(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
        return false;
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e))
        return false;
    return !((c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
             (c >= 0xe0000 && c <= 0xe007f));
}

tc_err tc_naming_text(struct tc_str s, size_t min, size_t max, const char *path, struct tc_diag *d)
{
    if (s.n > max)
        return bad(d, TC_E_LIMIT, path, "too long");
    if (!tc_str_utf8(s))
        return bad(d, TC_E_INVALID, path, "not UTF-8");
    for (size_t at = 0; at < s.n;)
        if (!shown(next_point(s, &at)))
            return bad(d, TC_E_INVALID, path, "has a control or an invisible character");
    if (tc_str_trim(s).n != s.n)
        return bad(d, TC_E_INVALID, path, "begins or ends with a space");
    if (s.n < min)
        return bad(d, TC_E_INVALID, path, s.n ? "too short" : "must not be empty");
    return TC_OK;
}

tc_err tc_naming_login(struct tc_str s, char *out, struct tc_diag *d)
{
    if (s.n == 0 || s.n > TC_MAX_LOGIN)
        return bad(d, s.n ? TC_E_LIMIT : TC_E_INVALID, "login",
                   s.n ? "too long" : "must not be empty");
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._@+-", c));
        if (!ok)
            return bad(d, TC_E_INVALID, "login", "only letters a-z, digits and . _ @ + - are used");
        out[i] = c;
    }
    out[s.n] = '\0';
    return TC_OK;
}

tc_err tc_naming_code(struct tc_str s, bool list, size_t max, const char *path, struct tc_diag *d)
{
    if (s.n > max)
        return bad(d, TC_E_LIMIT, path, "too long");
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_' || (list && c == ',');
        if (!ok)
            return bad(d, TC_E_INVALID, path,
                       list ? "a list of codes (a-z 0-9 - . _) with commas between"
                            : "only a-z 0-9 - . _ are used");
    }
    return TC_OK;
}

tc_err tc_naming_country(struct tc_str s, struct tc_diag *d)
{
    if (s.n != 2 || s.p[0] < 'A' || s.p[0] > 'Z' || s.p[1] < 'A' || s.p[1] > 'Z')
        return bad(d, TC_E_INVALID, "country", "two capital letters are wanted, such as NL");
    return TC_OK;
}

tc_err tc_naming_identity(struct tc_str s, struct tc_diag *d)
{
    struct tc_str type;
    struct tc_uuid u;
    if (s.n == 0)
        return TC_OK;
    if (tc_id_split(s, &type, &u) || !tc_str_is(type, "identity"))
        return bad(d, TC_E_INVALID, "identity", "must be \"identity--\" and a UUID");
    return TC_OK;
}

static const struct {
    const char *name;
    uint32_t bit;
} roles[] = {
    {"reader", TC_ROLE_READER},     {"reporter", TC_ROLE_REPORTER}, {"analyst", TC_ROLE_ANALYST},
    {"releaser", TC_ROLE_RELEASER}, {"steward", TC_ROLE_STEWARD},   {"operator", TC_ROLE_OPERATOR},
    {"auditor", TC_ROLE_AUDITOR},
};

#define N_ROLES (sizeof roles / sizeof roles[0])

static uint32_t role_bit(struct tc_str name)
{
    uint32_t all = 0;
    for (size_t i = 0; i < N_ROLES; i++) {
        if (tc_str_is(name, roles[i].name))
            return roles[i].bit;
        all |= roles[i].bit;
    }
    return tc_str_is(name, "all") ? all : 0;
}

tc_err tc_naming_roles(struct tc_str list, uint32_t *out, struct tc_diag *d)
{
    uint32_t bits = 0;
    for (size_t at = 0; at <= list.n;) {
        size_t end = at;
        while (end < list.n && list.p[end] != ',')
            end++;
        struct tc_str name = tc_str_trim(tc_str_view(list.p + at, end - at));
        uint32_t bit = role_bit(name);
        if (!bit) {
            tc_diag_path(d, "roles", 5);
            return tc_diag_set(d, TC_E_INVALID,
                               "there is no role '%.*s'; there are reader, reporter, analyst, "
                               "releaser, steward, operator, auditor, all",
                               TC_FMT(name));
        }
        bits |= bit;
        at = end + 1;
    }
    *out = bits;
    return TC_OK;
}

void tc_naming_roles_text(uint32_t bits, char out[TC_ROLES_TEXT])
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < N_ROLES; i++) {
        size_t len = strlen(roles[i].name);
        if (!(bits & roles[i].bit) || n + len + 2 > TC_ROLES_TEXT)
            continue;
        if (n)
            out[n++] = ',';
        memcpy(out + n, roles[i].name, len + 1);
        n += len;
    }
}
