/* SPDX-License-Identifier: Apache-2.0 */
#include "model/register_more.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/week.h"

#include <math.h>
#include <stdio.h>

enum { DEMAND, PRIORITY, RECHARGE, BUFFER_DRAW, RESTORE_DRAW, CALENDAR, TESTED };

/* ISO 3166-1 alpha-2, and EL and UK as EU texts write them, and XK. */
bool tc_country_known(struct tc_str code)
{
    static const char codes[] = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBT"
                                "BVBWBYBZCACCCDCFCGCHCICKCL"
                                "CMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHELERESETFIFJFKFMFOFRGAGBGD"
                                "GEGFGGGHGIGLGMGNGPGQGRGSGT"
                                "GUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKY"
                                "KZLALBLCLILKLRLSLTLULVLYMA"
                                "MCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNU"
                                "NZOMPAPEPFPGPHPKPLPMPNPRPS"
                                "PTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTF"
                                "TGTHTJTKTLTMTNTOTRTTTVTWTZ"
                                "UAUGUKUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";
    if (code.n != 2)
        return false;
    for (const char *p = codes; *p; p += 2)
        if (p[0] == code.p[0] && p[1] == code.p[1])
            return true;
    return false;
}

struct teller {
    tc_reg_say *say;
    void *arg;
};

TC_PRINTF(3, 4)
static void wrong(const struct teller *t, const char *column, const char *fmt, ...)
{
    char text[320];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->say(t->arg, column, text);
}

/* A capacity or demand in thousandths. */
static void amount(const struct teller *t, struct tc_str s, const char *column, uint64_t *out)
{
    double v = 0;
    tc_err e = tc_num_double(s, 0, (double)TC_MAX_CAPACITY, &v);
    if (e == TC_E_LIMIT)
        wrong(t, column, "%.*s is outside 0 to 1000000000", TC_FMT(s));
    else if (e)
        wrong(t, column, "'%.*s' is not a number", TC_FMT(s));
    else
        *out = (uint64_t)llround(v * TC_REGISTER_UNIT);
}

/* A day ("2026-03-01") or a moment (RFC 3339), from 1970 on. */
static void when(const struct teller *t, struct tc_str s, const char *column, tc_time *out)
{
    char text[40];
    *out = TC_TIME_NONE;
    if (!s.n)
        return;
    int n = snprintf(text, sizeof text, "%.*s%s", TC_FMT(s), s.n == 10 ? "T00:00:00Z" : "");
    if (n <= 0 || (size_t)n >= sizeof text || tc_time_parse_offset(tc_str_cstr(text), out))
        wrong(t, column, "'%.*s' is not a day such as 2026-03-01", TC_FMT(s));
    else if (*out < 0)
        wrong(t, column, "%.*s is before 1970", TC_FMT(s));
}

void tc_reg_more_asset(const struct tc_str *f, struct tc_reg_asset *a, tc_reg_say *say, void *arg)
{
    const struct teller t = {say, arg};
    if (f[0].n)
        amount(&t, f[0], "capacity", &a->capacity);
    when(&t, f[2], "as_of", &a->as_of);
}

static void recharge(const struct teller *t, struct tc_str s, int64_t *out)
{
    tc_err e = s.n ? tc_duration_parse(s, TC_MAX_DURATION, out) : TC_OK;
    if (e == TC_E_LIMIT)
        wrong(t, "recharge", "'%.*s' is longer than ten years", TC_FMT(s));
    else if (e && s.p[0] == '-')
        wrong(t, "recharge", "'%.*s' is negative", TC_FMT(s));
    else if (e)
        wrong(t, "recharge", "'%.*s' is not a duration such as PT8H", TC_FMT(s));
}

static void draw(const struct teller *t, struct tc_str s, const char *column, int64_t lo,
                 int64_t hi, enum tc_draw *kind, int64_t *likely)
{
    tc_err e = tc_draw_parse(s, lo, hi, kind, likely);
    if (e == TC_E_INVALID)
        wrong(t, column, "'%.*s' does not fit the range", TC_FMT(s));
    else if (e)
        wrong(t, column, "'%.*s' is neither uniform nor lognormal nor such as 'triangular PT6H'",
              TC_FMT(s));
}

void tc_reg_more_row(const struct tc_str *f, struct tc_reg_row *row, struct tc_reg_group *g,
                     tc_reg_say *say, void *arg)
{
    const struct teller t = {say, arg};
    uint64_t priority = TC_REGISTER_LAST;
    struct tc_week week;
    row->demand = TC_REGISTER_UNIT;
    row->has_demand = f[DEMAND].n > 0;
    if (row->has_demand)
        amount(&t, f[DEMAND], "demand", &row->demand);
    row->has_priority = f[PRIORITY].n > 0;
    if (row->has_priority && tc_num_u64(f[PRIORITY], TC_REGISTER_LAST, &priority))
        wrong(&t, "priority", "'%.*s' is not a whole number from 0 to 65535", TC_FMT(f[PRIORITY]));
    row->priority = (uint16_t)priority;
    recharge(&t, f[RECHARGE], &g->recharge);
    draw(&t, f[BUFFER_DRAW], "buffer_draw", g->buffer_lo, g->buffer_hi, &g->buffer_draw,
         &g->buffer_likely);
    draw(&t, f[RESTORE_DRAW], "restore_draw", g->restore_lo, g->restore_hi, &g->restore_draw,
         &g->restore_likely);
    tc_err e = f[CALENDAR].n ? tc_week_parse(f[CALENDAR], &week) : TC_OK;
    if (e == TC_E_LIMIT)
        wrong(&t, "calendar", "'%.*s' has more than 1000%%", TC_FMT(f[CALENDAR]));
    else if (e)
        wrong(&t, "calendar", "'%.*s' is not such as '40%%; Mo-Fr 07-19 100%%; UTC+01:00'",
              TC_FMT(f[CALENDAR]));
    when(&t, f[TESTED], "tested", &g->tested);
}
