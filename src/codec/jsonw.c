/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jsonw.h"

#include "base/num.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>

/* ---- numbers ---- */

/* "d.ddd" and exponent of v, rounded to the given number of digits, whatever the locale. */
static int round_digits(double v, int digits, char out[24])
{
    char text[48];
    int n = snprintf(text, sizeof text, "%.*e", digits - 1, v), k = 0, i = 0, exponent = 0;
    bool negative;
    assert(n > 0 && n < (int)sizeof text);
    for (; i < n && text[i] != 'e'; i++)
        if (text[i] >= '0' && text[i] <= '9')
            out[k++] = text[i];
    out[k] = 0;
    negative = text[++i] == '-';
    for (i++; i < n; i++)
        exponent = exponent * 10 + (text[i] - '0');
    return negative ? -exponent : exponent;
}

static bool reads_back(const char *digits, int exponent, double v)
{
    char text[48];
    double back = 0;
    int n = snprintf(text, sizeof text, "%c.%s0e%d", digits[0], digits + 1, exponent);
    return !tc_num_double(tc_str_view(text, (size_t)n), -DBL_MAX, DBL_MAX, &back) && back == v;
}

/* The next decimal up in the last place. At a power of two the gap above is twice that below, and
 * the shortest decimal can be the farther neighbour (2^-44 is 5.684341886080802e-14). */
static bool next_reads_back(char *digits, int exponent, double v)
{
    char up[24];
    size_t n = strlen(digits);
    memcpy(up, digits, n + 1);
    for (size_t i = n; i-- > 0; up[i] = '0')
        if (up[i] < '9') {
            up[i]++;
            break;
        }
    if (up[0] == '0' || !reads_back(up, exponent, v))
        return false;
    memcpy(digits, up, n + 1);
    return true;
}

/* Shortest digits that read back as v (> 0), and the decimal exponent of the first digit. */
static int shortest(double v, char digits[24])
{
    int fraction_exponent;
    bool power = frexp(v, &fraction_exponent) == 0.5;
    /* Every decimal of up to 15 digits survives a normal double, so fewer need no trying. */
    int p = v < DBL_MIN ? 1 : 15, exponent = 0;
    for (; p <= 17; p++) {
        exponent = round_digits(v, p, digits);
        if (reads_back(digits, exponent, v) || (power && next_reads_back(digits, exponent, v)))
            break;
    }
    for (size_t n = strlen(digits); n > 1 && digits[n - 1] == '0';)
        digits[--n] = 0;
    return exponent;
}

/* ECMAScript Number::toString: k digits, decimal point after the first e + 1 of them. */
static size_t place_point(const char *digits, int e, char *out)
{
    int k = (int)strlen(digits), n = e + 1, len;
    if (k <= n && n <= 21)
        len = snprintf(out, TC_JSON_NUMBER - 1, "%s%.*s", digits, n - k, "000000000000000000000");
    else if (0 < n && n <= 21)
        len = snprintf(out, TC_JSON_NUMBER - 1, "%.*s.%s", n, digits, digits + n);
    else if (-6 < n && n <= 0)
        len = snprintf(out, TC_JSON_NUMBER - 1, "0.%.*s%s", -n, "000000", digits);
    else
        len = snprintf(out, TC_JSON_NUMBER - 1, "%c%s%se%+d", digits[0], k > 1 ? "." : "",
                       digits + 1, e);
    return (size_t)len;
}

size_t tc_json_number(double v, char out[TC_JSON_NUMBER])
{
    char digits[24];
    size_t sign = 0;
    assert(isfinite(v));
    if (v == 0) { /* -0 too */
        memcpy(out, "0", 2);
        return 1;
    }
    if (v < 0) {
        out[sign++] = '-';
        v = -v;
    }
    if (v < 9007199254740992.0 && v == floor(v)) {
        int n = snprintf(out + sign, TC_JSON_NUMBER - 1, "%llu", (unsigned long long)v);
        return sign + (size_t)n;
    }
    int e = shortest(v, digits);
    return sign + place_point(digits, e, out + sign);
}

/* ---- strings ---- */

static const char short_escape[32] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

/* Length of the well-formed UTF-8 sequence at p, 0 when there is none. */
static size_t sequence(const uint8_t *p, size_t left)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : p[0] >= 0xC2 ? 2 : 0;
    if (n == 0 || n > left || !tc_str_utf8(tc_str_view((const char *)p, n)))
        return 0;
    return n;
}

static void escape_one(struct tc_buf *b, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (c >= 0x20)
        text[1] = (char)c;
    else if (short_escape[c])
        text[1] = short_escape[c];
    tc_buf_add(b, text, c < 0x20 && !short_escape[c] ? 6 : 2);
}

void tc_json_quote(struct tc_buf *b, struct tc_str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t from = 0, i = 0;
    tc_buf_char(b, '"');
    while (i < s.n) {
        bool escape = p[i] < 0x20 || p[i] == '"' || p[i] == '\\';
        size_t n = escape ? 0 : p[i] < 0x80 ? 1 : sequence(p + i, s.n - i);
        if (n) {
            i += n;
            continue;
        }
        if (i > from)
            tc_buf_add(b, p + from, i - from);
        if (escape)
            escape_one(b, p[i]);
        else
            tc_buf_add(b, "\xEF\xBF\xBD", 3);
        from = ++i;
    }
    if (s.n > from)
        tc_buf_add(b, p + from, s.n - from);
    tc_buf_char(b, '"');
}

/* ---- the writer ---- */

struct tc_jsonw tc_jsonw_into(struct tc_buf *b)
{
    return (struct tc_jsonw){.b = b};
}

static bool in_object(const struct tc_jsonw *w)
{
    return w->depth && (w->objects >> (w->depth - 1) & 1);
}

static void before_value(struct tc_jsonw *w)
{
    assert(w->named == in_object(w));
    if (w->comma && !w->named)
        tc_buf_char(w->b, ',');
    w->named = false;
    w->comma = true;
}

static void begin(struct tc_jsonw *w, char bracket)
{
    before_value(w);
    assert(w->depth < TC_MAX_DEPTH);
    uint64_t bit = UINT64_C(1) << w->depth++;
    w->objects = bracket == '{' ? w->objects | bit : w->objects & ~bit;
    w->comma = false;
    tc_buf_char(w->b, bracket);
}

static void end(struct tc_jsonw *w, char bracket)
{
    assert(w->depth && !w->named && in_object(w) == (bracket == '}'));
    w->depth--;
    w->comma = true;
    tc_buf_char(w->b, bracket);
}

void tc_jsonw_object(struct tc_jsonw *w)
{
    begin(w, '{');
}

void tc_jsonw_object_end(struct tc_jsonw *w)
{
    end(w, '}');
}

void tc_jsonw_array(struct tc_jsonw *w)
{
    begin(w, '[');
}

void tc_jsonw_array_end(struct tc_jsonw *w)
{
    end(w, ']');
}

void tc_jsonw_namen(struct tc_jsonw *w, struct tc_str name)
{
    assert(in_object(w) && !w->named);
    if (w->comma)
        tc_buf_char(w->b, ',');
    tc_json_quote(w->b, name);
    tc_buf_char(w->b, ':');
    w->named = true;
}

void tc_jsonw_name(struct tc_jsonw *w, const char *name)
{
    tc_jsonw_namen(w, tc_str_cstr(name));
}

void tc_jsonw_str(struct tc_jsonw *w, struct tc_str s)
{
    before_value(w);
    tc_json_quote(w->b, s);
}

void tc_jsonw_cstr(struct tc_jsonw *w, const char *z)
{
    if (z)
        tc_jsonw_str(w, tc_str_cstr(z));
    else
        tc_jsonw_null(w);
}

void tc_jsonw_u64(struct tc_jsonw *w, uint64_t v)
{
    before_value(w);
    tc_buf_u64(w->b, v);
}

void tc_jsonw_i64(struct tc_jsonw *w, int64_t v)
{
    before_value(w);
    if (v < 0)
        tc_buf_char(w->b, '-');
    tc_buf_u64(w->b, v < 0 ? ~(uint64_t)v + 1 : (uint64_t)v);
}

void tc_jsonw_double(struct tc_jsonw *w, double v)
{
    char text[TC_JSON_NUMBER];
    if (!isfinite(v)) {
        tc_jsonw_null(w);
        return;
    }
    before_value(w);
    tc_buf_add(w->b, text, tc_json_number(v, text));
}

void tc_jsonw_bool(struct tc_jsonw *w, bool v)
{
    before_value(w);
    tc_buf_cstr(w->b, v ? "true" : "false");
}

void tc_jsonw_null(struct tc_jsonw *w)
{
    before_value(w);
    tc_buf_cstr(w->b, "null");
}

void tc_jsonw_raw(struct tc_jsonw *w, struct tc_str json)
{
    before_value(w);
    tc_buf_str(w->b, json);
}

void tc_jsonw_kstr(struct tc_jsonw *w, const char *name, struct tc_str s)
{
    tc_jsonw_name(w, name);
    tc_jsonw_str(w, s);
}

void tc_jsonw_kbuf(struct tc_jsonw *w, const char *name, const struct tc_buf *b)
{
    if (b->err == TC_E_NOMEM && !w->b->err)
        w->b->err = b->err;
    tc_jsonw_kstr(w, name, tc_buf_view(b));
}

void tc_jsonw_kcstr(struct tc_jsonw *w, const char *name, const char *z)
{
    tc_jsonw_name(w, name);
    tc_jsonw_cstr(w, z);
}

void tc_jsonw_ku64(struct tc_jsonw *w, const char *name, uint64_t v)
{
    tc_jsonw_name(w, name);
    tc_jsonw_u64(w, v);
}

void tc_jsonw_kbool(struct tc_jsonw *w, const char *name, bool v)
{
    tc_jsonw_name(w, name);
    tc_jsonw_bool(w, v);
}

void tc_jsonw_ktext(struct tc_jsonw *w, const char *name, struct tc_str s)
{
    if (s.n)
        tc_jsonw_kstr(w, name, s);
}

void tc_jsonw_ktime(struct tc_jsonw *w, const char *name, tc_time t)
{
    char z[TC_TIME_SIZE];
    if (t == TC_TIME_NONE)
        return;
    tc_time_format(t, 3, z);
    tc_jsonw_kcstr(w, name, z);
}
