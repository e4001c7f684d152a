/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

tc_err tc_num_u64(struct tc_str s, uint64_t max, uint64_t *out)
{
    if (s.n == 0)
        return TC_E_SYNTAX;
    uint64_t v = 0;
    bool over = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return TC_E_SYNTAX;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        over = over || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, digit, &v);
    }
    if (over || v > max)
        return TC_E_LIMIT;
    *out = v;
    return TC_OK;
}

tc_err tc_num_i64(struct tc_str s, int64_t min, int64_t max, int64_t *out)
{
    bool neg = s.n && s.p[0] == '-';
    uint64_t v;
    tc_err e = tc_num_u64(neg ? tc_str_view(s.p + 1, s.n - 1) : s, (uint64_t)INT64_MAX + neg, &v);
    if (e)
        return e;
    int64_t r = neg ? (int64_t)(0 - v) : (int64_t)v;
    if (r < min || r > max)
        return TC_E_LIMIT;
    *out = r;
    return TC_OK;
}

static size_t digits(struct tc_str s, size_t i)
{
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i;
}

/* [-]d+[.d+][(e|E)[+-]d+] : the grammar is checked here, strtod only converts. */
static bool looks_decimal(struct tc_str s)
{
    size_t i = s.n && s.p[0] == '-', at = i;
    i = digits(s, i);
    if (i == at)
        return false;
    if (i < s.n && s.p[i] == '.') {
        at = ++i;
        i = digits(s, i);
        if (i == at)
            return false;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
            i++;
        at = i;
        i = digits(s, i);
        if (i == at)
            return false;
    }
    return i == s.n;
}

tc_err tc_num_double(struct tc_str s, double min, double max, double *out)
{
    char z[64];
    if (!looks_decimal(s))
        return TC_E_SYNTAX;
    if (!tc_str_copy(s, z, sizeof z))
        return TC_E_LIMIT;
    static locale_t c_locale; /* created once, never freed: a race makes at most one more */
    locale_t loc = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
    if (!loc) {
        loc = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (!loc)
            return TC_E_NOMEM;
        locale_t none = (locale_t)0;
        if (!__atomic_compare_exchange_n(&c_locale, &none, loc, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            freelocale(loc);
            loc = none;
        }
    }
    double v = strtod_l(z, NULL, loc);
    if (!isfinite(v) || v < min || v > max)
        return TC_E_LIMIT;
    *out = v;
    return TC_OK;
}
