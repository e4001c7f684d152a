/* SPDX-License-Identifier: Apache-2.0 */
/* Each shape has a function that writes and says true, or says false and has written nothing that
 * counts: the next shape starts at the beginning of the buffer again. */
#include "watch/normal.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <locale.h>
#include <pthread.h>
#include <wctype.h>

struct out {
    char *p;
    size_t n;
    bool full;
};

static void put(struct out *o, char c)
{
    if (o->n < TC_MAX_VALUE)
        o->p[o->n++] = c;
    else
        o->full = true;
}

static void put_all(struct out *o, struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        put(o, s.p[i]);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void put_lower(struct out *o, struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        put(o, lower(s.p[i]));
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex(char c)
{
    c = lower(c);
    return digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t find(struct tc_str s, char c)
{
    const char *p = s.n ? memchr(s.p, c, s.n) : NULL;
    return p ? (size_t)(p - s.p) : SIZE_MAX;
}

static struct tc_str from(struct tc_str s, size_t i)
{
    return tc_str_view(s.p + i, s.n - i);
}

/* ---- addresses ---- */

static void mask(unsigned char *a, size_t bytes, uint64_t bits)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned keep = bits >= 8 * (i + 1) ? 8 : bits <= 8 * i ? 0 : (unsigned)(bits - 8 * i);
        a[i] = (unsigned char)(a[i] & (0xff00u >> keep));
    }
}

static bool address(struct out *o, struct tc_str s)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char text[INET6_ADDRSTRLEN];
    unsigned char raw[16];
    const unsigned char *a = raw;
    size_t slash = find(s, '/');
    uint64_t most = 128, bits = 128;
    if (!s.n || (!digit(s.p[0]) && s.p[0] != ':' && hex(s.p[0]) < 0) ||
        !tc_str_copy(tc_str_view(s.p, slash < s.n ? slash : s.n), text, sizeof text))
        return false;
    int family = inet_pton(AF_INET6, text, raw) == 1 ? AF_INET6 : AF_INET;
    if (family == AF_INET) {
        most = bits = 32;
        if (inet_pton(AF_INET, text, raw) != 1)
            return false;
    }
    if (slash < s.n && tc_num_u64(from(s, slash + 1), most, &bits))
        return false;
    if (family == AF_INET6 && bits >= 96 && memcmp(raw, mapped, sizeof mapped) == 0) {
        family = AF_INET; /* an IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) */
        a = raw + 12;
        bits -= 96;
        most = 32;
    }
    mask(raw + (a - raw), most / 8, bits);
    if (!inet_ntop(family, a, text, sizeof text))
        return false;
    put_all(o, tc_str_cstr(text));
    if (bits < most) {
        put(o, '/');
        if (bits >= 100)
            put(o, '1');
        if (bits >= 10)
            put(o, (char)('0' + bits / 10 % 10));
        put(o, (char)('0' + bits % 10));
    }
    return true;
}

static bool hardware(struct out *o, struct tc_str s)
{
    size_t group = s.n == 17 ? 2 : s.n == 14 ? 4 : 0;
    char between = group == 2 ? s.p[2] : '.';
    if (!group || (group == 2 && between != ':' && between != '-'))
        return false;
    for (size_t i = 0, digits = 0; i < s.n; i++) {
        if (i % (group + 1) == group) {
            if (s.p[i] != between)
                return false;
            continue;
        }
        if (hex(s.p[i]) < 0)
            return false;
        if (digits && digits % 2 == 0)
            put(o, ':');
        put(o, lower(s.p[i]));
        digits++;
    }
    return true;
}

/* ---- domains ---- */

static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void make_unicode(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static uint32_t lower_point(uint32_t c)
{
    (void)pthread_once(&unicode_once, make_unicode);
    if (c < 0x80)
        return (uint32_t)lower((char)c);
    return unicode ? (uint32_t)towlower_l((wint_t)c, unicode) : c;
}

#define MAX_LABEL 63

/* Code points of a label, lowered; 0 = not UTF-8 or too long. */
static size_t points_of(struct tc_str s, uint32_t v[MAX_LABEL])
{
    size_t n = 0;
    if (!tc_str_utf8(s))
        return 0;
    for (size_t i = 0; i < s.n; n++) {
        unsigned char c = (unsigned char)s.p[i];
        size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        uint32_t point = more ? c & (0x3fu >> more) : c;
        if (n == MAX_LABEL)
            return 0;
        for (i++; more; more--, i++)
            point = point << 6 | ((unsigned char)s.p[i] & 0x3fu);
        v[n] = lower_point(point);
    }
    return n;
}

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / 700 : delta / 2;
    for (delta += delta / points; delta > 455; k += 36)
        delta /= 35;
    return k + 36 * delta / (delta + 38);
}

/* RFC 3492 section 6.3, with its parameters for IDNA. */
static void punycode(struct out *o, const uint32_t *v, size_t count)
{
    uint32_t n = 128, delta = 0, bias = 72, basic = 0;
    for (size_t i = 0; i < count; i++)
        if (v[i] < 128) {
            put(o, (char)v[i]);
            basic++;
        }
    if (basic)
        put(o, '-');
    for (uint32_t h = basic; h < count; n++, delta++) {
        uint32_t m = UINT32_MAX;
        for (size_t i = 0; i < count; i++)
            if (v[i] >= n && v[i] < m)
                m = v[i];
        delta += (m - n) * (h + 1); /* below 2^21 * 64 */
        n = m;
        for (size_t i = 0; i < count; i++) {
            if (v[i] < n)
                delta++;
            if (v[i] != n)
                continue;
            uint32_t q = delta;
            for (uint32_t k = 36;; k += 36) {
                uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
                uint32_t d = q < t ? q : t + (q - t) % (36 - t);
                put(o, (char)(d < 26 ? 'a' + d : '0' + (d - 26)));
                if (q < t)
                    break;
                q = (q - t) / (36 - t);
            }
            bias = adapt(delta, h + 1, h == basic);
            delta = 0;
            h++;
        }
    }
}

static bool label(struct out *o, struct tc_str s)
{
    bool plain = true;
    if (!s.n || s.n > 4 * MAX_LABEL)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool ok = c >= 0x80 || digit((char)c) || (unsigned)((c | 0x20) - 'a') < 26 || c == '-' ||
                  c == '_';
        plain = plain && c < 0x80;
        if (!ok)
            return false;
    }
    if (plain) {
        put_lower(o, s);
        return true;
    }
    uint32_t v[MAX_LABEL];
    size_t n = points_of(s, v);
    if (!n)
        return false;
    put_all(o, TC_STR("xn--"));
    punycode(o, v, n);
    return true;
}

static bool domain(struct out *o, struct tc_str s)
{
    size_t labels = 0;
    if (s.n > 1 && s.p[s.n - 1] == '.')
        s.n--;
    for (;; labels++) {
        size_t dot = find(s, '.');
        if (!label(o, tc_str_view(s.p, dot < s.n ? dot : s.n)))
            return false;
        if (dot == SIZE_MAX)
            break;
        put(o, '.');
        s = from(s, dot + 1);
    }
    return labels > 0;
}

/* ---- what has a domain in it ---- */

/* Writes the host, or puts o back and writes it as it is, in lower case. */
static void host(struct out *o, struct tc_str s)
{
    size_t start = o->n;
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
        put(o, '[');
        if (address(o, tc_str_view(s.p + 1, s.n - 2))) {
            put(o, ']');
            return;
        }
    } else if (address(o, s) || (o->n = start, domain(o, s))) {
        return;
    }
    o->n = start;
    put_lower(o, s);
}

static bool email(struct out *o, struct tc_str s)
{
    size_t at = find(s, '@');
    if (at == SIZE_MAX || at == 0 || find(from(s, at + 1), '@') != SIZE_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '/' || s.p[i] == ':')
            return false;
    put_lower(o, tc_str_view(s.p, at + 1));
    host(o, from(s, at + 1));
    return true;
}

static bool unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* RFC 3986 section 6.2.2: %7e is ~, %2f is %2F. */
static void put_path(struct out *o, struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex(s.p[i + 2]) : -1;
        if (low < 0) {
            put(o, s.p[i]);
        } else if (unreserved(high * 16 + low)) {
            put(o, (char)(high * 16 + low));
            i += 2;
        } else {
            put(o, '%');
            put(o, "0123456789ABCDEF"[high]);
            put(o, "0123456789ABCDEF"[low]);
            i += 2;
        }
    }
}

static bool default_port(struct tc_str scheme, struct tc_str port)
{
    return !port.n || (tc_str_eq_nocase(scheme, TC_STR("http")) && tc_str_is(port, "80")) ||
           (tc_str_eq_nocase(scheme, TC_STR("https")) && tc_str_is(port, "443")) ||
           (tc_str_eq_nocase(scheme, TC_STR("ftp")) && tc_str_is(port, "21"));
}

static bool url(struct out *o, struct tc_str s)
{
    size_t colon = tc_str_find(s, TC_STR("://"));
    if (colon == SIZE_MAX || !colon)
        return false;
    struct tc_str scheme = tc_str_view(s.p, colon), rest = from(s, colon + 3);
    for (size_t i = 0; i < scheme.n; i++)
        if (!unreserved(scheme.p[i]) && scheme.p[i] != '+')
            return false;
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    struct tc_str who = tc_str_view(rest.p, end), path = from(rest, end), port = {"", 0};
    put_lower(o, scheme);
    put_all(o, TC_STR("://"));
    size_t at = find(who, '@');
    if (at != SIZE_MAX) {
        put_all(o, tc_str_view(who.p, at + 1));
        who = from(who, at + 1);
    }
    size_t i = who.n;
    while (i && digit(who.p[i - 1]))
        i--;
    if (i && who.p[i - 1] == ':' && (i == 1 || who.p[0] == '[' || find(who, ':') == i - 1)) {
        port = from(who, i);
        who.n = i - 1;
    }
    host(o, who);
    if (!default_port(scheme, port)) {
        put(o, ':');
        put_all(o, port);
    }
    if (!path.n || path.p[0] != '/')
        put(o, '/');
    put_path(o, path);
    return true;
}

static bool telephone(struct out *o, struct tc_str s)
{
    size_t digits = 0;
    if (!s.n || s.p[0] != '+')
        return false;
    put(o, '+');
    for (size_t i = 1; i < s.n; i++) {
        if (digit(s.p[i])) {
            put(o, s.p[i]);
            digits++;
        } else if (!memchr(" -.()/", s.p[i], 6)) {
            return false;
        }
    }
    return digits >= 7 && digits <= 15;
}

size_t tc_normal_value(struct tc_str text, char out[TC_MAX_VALUE])
{
    static bool (*const shapes[])(struct out *, struct tc_str) = {address, hardware, url,
                                                                  email,   domain,   telephone};
    text = tc_str_trim(text);
    if (text.n > TC_MAX_VALUE)
        text.n = TC_MAX_VALUE;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct out o = {out, 0, false};
        if (shapes[i](&o, text) && !o.full)
            return o.n;
    }
    struct out o = {out, 0, false};
    put_lower(&o, text);
    return o.n;
}
