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
        if ((unsigned char)s.p[i] <= ' ' || memchr("/:<>", s.p[i], 4))
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

/* "+CC(0)NNN": the zero is dialled at home only (E.123 section 7 speaks against writing it). Not in
 * Italy, whose numbers begin with their zero abroad too. */
static bool zero_for_home(const struct out *o, struct tc_str s, size_t i)
{
    return i + 2 < s.n && s.p[i] == '(' && s.p[i + 1] == '0' && s.p[i + 2] == ')' &&
           !tc_str_starts(tc_str_view(o->p, o->n), TC_STR("+39"));
}

/* What stands behind the "+" or "00", at i. */
static bool abroad(struct out *o, struct tc_str s, size_t i)
{
    size_t digits = 0;
    put(o, '+');
    for (; i < s.n; i++) {
        if (digit(s.p[i])) {
            put(o, s.p[i]);
            digits++;
        } else if (digits && zero_for_home(o, s, i)) {
            i += 2;
        } else if (!memchr(" -.()/", s.p[i], 6)) {
            return false;
        }
    }
    return digits >= 7 && digits <= 15;
}

static bool telephone(struct out *o, struct tc_str s)
{
    return s.n && s.p[0] == '+' && abroad(o, s, 1);
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

/* ---- key fields ---- */

/* The code point at s.p[*i] (UTF-8, checked before), *i after it. */
static uint32_t next_point(struct tc_str s, size_t *i)
{
    unsigned char c = (unsigned char)s.p[(*i)++];
    size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    uint32_t point = more ? c & (0x3fu >> more) : c;
    for (; more; more--)
        point = point << 6 | ((unsigned char)s.p[(*i)++] & 0x3fu);
    return point;
}

static void put_point(struct out *o, uint32_t c)
{
    if (c < 0x80) {
        put(o, (char)c);
    } else if (c < 0x800) {
        put(o, (char)(0xc0 | c >> 6));
        put(o, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        put(o, (char)(0xe0 | c >> 12));
        put(o, (char)(0x80 | (c >> 6 & 0x3f)));
        put(o, (char)(0x80 | (c & 0x3f)));
    } else {
        put(o, (char)(0xf0 | c >> 18));
        put(o, (char)(0x80 | (c >> 12 & 0x3f)));
        put(o, (char)(0x80 | (c >> 6 & 0x3f)));
        put(o, (char)(0x80 | (c & 0x3f)));
    }
}

static uint32_t upper_point(uint32_t c)
{
    (void)pthread_once(&unicode_once, make_unicode);
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
    return unicode ? (uint32_t)towupper_l((wint_t)c, unicode) : c;
}

/* Greek and Cyrillic capitals that a plate shares with the Latin ones. */
static uint32_t latin_point(uint32_t c)
{
    static const struct {
        uint16_t of;
        char latin;
    } like[] = {{0x391, 'A'}, {0x392, 'B'}, {0x395, 'E'}, {0x396, 'Z'}, {0x397, 'H'}, {0x399, 'I'},
                {0x39a, 'K'}, {0x39c, 'M'}, {0x39d, 'N'}, {0x39f, 'O'}, {0x3a1, 'P'}, {0x3a4, 'T'},
                {0x3a5, 'Y'}, {0x3a7, 'X'}, {0x406, 'I'}, {0x410, 'A'}, {0x412, 'B'}, {0x415, 'E'},
                {0x41a, 'K'}, {0x41c, 'M'}, {0x41d, 'H'}, {0x41e, 'O'}, {0x420, 'P'}, {0x421, 'C'},
                {0x422, 'T'}, {0x423, 'Y'}, {0x425, 'X'}};
    for (size_t i = 0; i < sizeof like / sizeof *like; i++)
        if (like[i].of == c)
            return (uint32_t)like[i].latin;
    return c;
}

/* White space and dashes, also those of typesetters, and what else stands between groups. */
static bool separator(uint32_t c)
{
    return (c < 0x80 && memchr(" \t-._/:", (int)c, 7)) || c == 0xa0 || c == 0xad || c == 0xb7 ||
           (c >= 0x2000 && c <= 0x200b) || (c >= 0x2010 && c <= 0x2015) || c == 0x2022 ||
           c == 0x202f || c == 0x2212;
}

/* Letters and digits in upper case, most of them at most; at least one digit. */
static bool upper_case(struct out *o, struct tc_str s, size_t most, bool latin)
{
    size_t letters = 0;
    bool digits = false;
    if (!tc_str_utf8(s))
        return false;
    for (size_t i = 0; i < s.n;) {
        uint32_t c = upper_point(next_point(s, &i));
        if (separator(c))
            continue;
        if (latin)
            c = latin_point(c);
        bool is_digit = c < 0x80 && digit((char)c);
        if (c < 0x80 && !is_digit && (c < 'A' || c > 'Z'))
            return false;
        digits = digits || is_digit;
        put_point(o, c);
        letters++;
    }
    return letters >= 2 && letters <= most && digits;
}

static bool plate(struct out *o, struct tc_str s)
{
    return upper_case(o, s, 12, true);
}

static bool serial(struct out *o, struct tc_str s)
{
    return upper_case(o, s, 64, false);
}

static bool starts_nocase(struct tc_str s, struct tc_str with)
{
    return s.n >= with.n && tc_str_eq_nocase(tc_str_view(s.p, with.n), with);
}

int tc_normal_cas_digit(struct tc_str s)
{
    int sum = 0, place = 0;
    if (s.n < 7 || s.n > 12 || s.p[s.n - 2] != '-' || s.p[s.n - 5] != '-' || !digit(s.p[s.n - 1]))
        return -1;
    for (size_t i = s.n - 2; i-- > 0;) {
        if (i == s.n - 5)
            continue;
        if (!digit(s.p[i]))
            return -1;
        sum += ++place * (s.p[i] - '0');
    }
    return sum % 10;
}

/* "CAS", "CAS No." and zeros before the number are not of it. */
static bool cas(struct out *o, struct tc_str s)
{
    static const char *const before[] = {"CAS", "RN", "No", "#", ".", ":"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (starts_nocase(s, tc_str_cstr(before[i])))
            s = tc_str_trim(from(s, strlen(before[i])));
    while (s.n > 7 && s.p[0] == '0')
        s = from(s, 1);
    int want = tc_normal_cas_digit(s);
    if (want < 0 || s.p[s.n - 1] != '0' + want)
        return false;
    put_all(o, s);
    return true;
}

/* Without a country: digits alone, at least five. */
static bool phone_at_home(struct out *o, struct tc_str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (digit(s.p[i])) {
            put(o, s.p[i]);
            digits++;
        } else if (!memchr(" -.()/", s.p[i], 6)) {
            return false;
        }
    }
    return digits >= 5 && digits <= 15;
}

/* The place behind two zeros that a country follows, however they are grouped; 0 = none do. */
static size_t behind_zeros(struct tc_str s)
{
    size_t zeros = 0, at = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '0' && zeros < 2)
            at = ++zeros == 2 ? i + 1 : 0;
        else if (digit(s.p[i]))
            return s.p[i] == '0' ? 0 : at;
        else if (!memchr(" -.()/", s.p[i], 6))
            return at;
    }
    return 0;
}

static bool phone(struct out *o, struct tc_str s)
{
    if (starts_nocase(s, TC_STR("tel:")))
        s = from(s, 4);
    size_t parameters = find(s, ';');
    if (parameters != SIZE_MAX)
        s.n = parameters;
    s = tc_str_trim(s);
    size_t zeros = behind_zeros(s);
    if (zeros)
        return abroad(o, s, zeros);
    return s.n && s.p[0] == '+' ? telephone(o, s) : phone_at_home(o, s);
}

static bool mailbox(struct out *o, struct tc_str s)
{
    size_t open = find(s, '<');
    if (open != SIZE_MAX && s.p[s.n - 1] == '>')
        s = tc_str_trim(tc_str_view(s.p + open + 1, s.n - open - 2));
    if (starts_nocase(s, TC_STR("mailto:")))
        s = from(s, 7);
    return email(o, s);
}

bool tc_normal_as(enum tc_spelling as, struct tc_str text, char out[TC_MAX_VALUE], size_t *n,
                  enum tc_spelling *apart)
{
    static bool (*const kinds[TC_SPELLING_COUNT])(struct out *,
                                                  struct tc_str) = {[TC_SPELLING_PLATE] = plate,
                                                                    [TC_SPELLING_CAS] = cas,
                                                                    [TC_SPELLING_SERIAL] = serial,
                                                                    [TC_SPELLING_PHONE] = phone,
                                                                    [TC_SPELLING_EMAIL] = mailbox};
    struct out o = {out, 0, false};
    *apart = TC_SPELLING_VALUE;
    text = tc_str_trim(text);
    if (!kinds[as] || !text.n || text.n > TC_MAX_VALUE || !kinds[as](&o, text) || o.full) {
        *n = tc_normal_value(text, out);
        return as == TC_SPELLING_VALUE;
    }
    *n = o.n;
    if (as == TC_SPELLING_PLATE || as == TC_SPELLING_SERIAL ||
        (as == TC_SPELLING_PHONE && out[0] != '+'))
        *apart = as;
    return true;
}

uint64_t tc_normal_hash(struct tc_hash_key key, enum tc_spelling apart, struct tc_str normal)
{
    if (apart != TC_SPELLING_VALUE)
        key.k1 ^= (uint64_t)apart * 0x9e3779b97f4a7c15u;
    return tc_hash64(key, normal.p, normal.n);
}
