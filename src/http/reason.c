/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reason.h"

#include "access/naming.h"
#include "access/rules.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static tc_err percent(struct tc_str s, struct tc_arena *a, struct tc_str *out)
{
    char *to = tc_arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (!to)
        return TC_E_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            to[n++] = s.p[i];
            continue;
        }
        int hi = i + 2 < s.n ? hex(s.p[i + 1]) : -1, lo = i + 2 < s.n ? hex(s.p[i + 2]) : -1;
        if (hi < 0 || lo < 0)
            return TC_E_INVALID;
        to[n++] = (char)(hi << 4 | lo);
        i += 2;
    }
    *out = tc_str_view(to, n);
    return TC_OK;
}

tc_err tc_reason_decode(struct tc_str value, struct tc_arena *a, struct tc_str *out)
{
    static const struct tc_str form = {"UTF-8''", 7};
    struct tc_str s = tc_str_trim(value);
    tc_err e = TC_OK;
    if (s.n >= form.n && tc_str_eq_nocase(tc_str_view(s.p, form.n), form))
        e = percent(tc_str_view(s.p + form.n, s.n - form.n), a, &s);
    s = tc_str_trim(s);
    if (!e && s.n)
        e = tc_naming_text(s, 1, TC_WHY_TEXT, "reason", NULL) ? TC_E_INVALID : TC_OK;
    if (!e)
        *out = s;
    return e;
}
