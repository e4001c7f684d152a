/* SPDX-License-Identifier: Apache-2.0 */
#include "model/format.h"

#include "base/draw.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/week.h"

/* ---- classes of ASCII characters ---- */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool letter(char c)
{
    return lower((char)(c | 0x20));
}

static bool alnum(char c)
{
    return digit(c) || letter(c);
}

static bool hex(char c)
{
    return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool among(char c, const char *set)
{
    for (; *set; set++)
        if (*set == c)
            return true;
    return false;
}

/* Every character is a letter, a digit or one of extra; not empty. */
static bool made_of(struct tc_str s, const char *extra)
{
    for (size_t i = 0; i < s.n; i++)
        if (!alnum(s.p[i]) && !among(s.p[i], extra))
            return false;
    return s.n > 0;
}

static bool made_of_lower(struct tc_str s, const char *extra)
{
    for (size_t i = 0; i < s.n; i++)
        if (!lower(s.p[i]) && !digit(s.p[i]) && !among(s.p[i], extra))
            return false;
    return s.n > 0;
}

/* Takes everything before the first c from the front of *rest; false when there is no c. */
static bool cut(struct tc_str *rest, char c, struct tc_str *head)
{
    const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
    if (!at)
        return false;
    *head = tc_str_view(rest->p, (size_t)(at - rest->p));
    *rest = tc_str_view(at + 1, rest->n - head->n - 1);
    return true;
}

/* ---- addresses ---- */

static bool small_number(struct tc_str s, uint64_t max)
{
    uint64_t v;
    return s.n && (s.n == 1 || s.p[0] != '0') && !tc_num_u64(s, max, &v);
}

/* Splits off "/n"; false when a slash is there without a proper number up to max. */
static bool block(struct tc_str *s, uint64_t max)
{
    struct tc_str head, tail = *s;
    if (!cut(&tail, '/', &head))
        return true;
    *s = head;
    return small_number(tail, max);
}

static bool four_octets(struct tc_str s)
{
    struct tc_str part;
    for (int i = 0; i < 3; i++)
        if (!cut(&s, '.', &part) || !small_number(part, 255))
            return false;
    return small_number(s, 255);
}

static bool ipv4(struct tc_str s)
{
    return block(&s, 32) && four_octets(s);
}

/* RFC 4291 section 2.2: up to eight groups, one "::", an IPv4 address as the last two. */
static bool ipv6(struct tc_str s)
{
    int groups = 0;
    bool gap = false;
    if (!block(&s, 128) || s.n < 2)
        return false;
    if (s.p[0] == ':' && s.p[1] != ':')
        return false;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && hex(s.p[i]))
            i++;
        if (i < s.n && s.p[i] == '.')
            return groups <= 6 && (gap ? groups < 6 : groups == 6) &&
                   four_octets(tc_str_view(s.p + from, s.n - from));
        if (i > from) {
            if (i - from > 4 || ++groups > 8)
                return false;
            if (i == s.n)
                break;
        }
        if (s.p[i] != ':')
            return false;
        bool twice = i + 1 < s.n && s.p[i + 1] == ':';
        if (twice && gap)
            return false;
        if (!twice && i + 1 == s.n)
            return false; /* a single colon at the end */
        gap |= twice;
        i += twice ? 2 : 1;
        if (i < s.n && s.p[i] == ':')
            return false;
    }
    return gap ? groups < 8 : groups == 8;
}

static bool mac(struct tc_str s)
{
    if (s.n != 17)
        return false;
    for (size_t i = 0; i < 17; i++)
        if (i % 3 == 2 ? s.p[i] != ':' : !digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
            return false;
    return true;
}

/* RFC 5322 addr-spec without comments and quoted parts, which nobody sends as an observable. */
static bool email(struct tc_str s)
{
    struct tc_str local;
    if (!cut(&s, '@', &local) || local.n == 0 || s.n == 0 || memchr(s.p, '@', s.n))
        return false;
    for (size_t i = 0; i < local.n; i++)
        if ((uint8_t)local.p[i] <= ' ' || among(local.p[i], "<>()[],;:\\\"") || local.p[i] == 127)
            return false;
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] <= ' ' || among(s.p[i], "<>(),;\\\"") || s.p[i] == 127)
            return false;
    return true;
}

static const uint8_t never_in_url[256] = {
    [0 ... 32] = 1, ['<'] = 1,  ['>'] = 1, ['"'] = 1, ['{'] = 1, ['}'] = 1,
    ['|'] = 1,      ['\\'] = 1, ['^'] = 1, ['`'] = 1, [127] = 1};

/* RFC 3986: a scheme, a colon and something after it, no space or control character. After "//"
 * there is an authority. */
static bool url(struct tc_str s)
{
    struct tc_str scheme, rest = s;
    if (!cut(&rest, ':', &scheme) || scheme.n == 0 || !letter(scheme.p[0]) || rest.n == 0)
        return false;
    if (!made_of(scheme, "+-."))
        return false;
    uint8_t bad = 0;
    for (size_t i = 0; i < rest.n; i++)
        bad |= never_in_url[(uint8_t)rest.p[i]];
    return !bad;
}

/* ---- encodings ---- */

static bool base64(struct tc_str s)
{
    size_t pad = 0;
    if (s.n % 4)
        return false;
    while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < s.n - pad; i++)
        if (!alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
            return false;
    return true;
}

static bool hex_text(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!hex(s.p[i]))
            return false;
    return s.n % 2 == 0;
}

/* ---- names ---- */

/* NIST IR 7695 section 6.2: thirteen components between colons; "\:" is not one. */
static bool cpe(struct tc_str s)
{
    struct tc_str prefix = TC_STR("cpe:2.3:");
    size_t parts = 0, length = 0;
    if (!tc_str_starts(s, prefix))
        return false;
    for (size_t i = prefix.n; i <= s.n; i++) {
        if (i == s.n || s.p[i] == ':') {
            if (length == 0 || (parts == 0 && (length != 1 || !among(s.p[i - 1], "aho*-"))))
                return false;
            parts++;
            length = 0;
            continue;
        }
        if (s.p[i] == '\\') {
            if (++i == s.n || alnum(s.p[i]) || (uint8_t)s.p[i] <= ' ')
                return false;
        } else if (!alnum(s.p[i]) && !among(s.p[i], "-._*?")) {
            return false;
        }
        length++;
    }
    return parts == 11;
}

/* RFC 5646 section 2.1 by its shape: subtags of 1 to 8 letters and digits, the first of letters. */
static bool lang(struct tc_str s)
{
    struct tc_str part;
    for (int i = 0;; i++) {
        bool more = cut(&s, '-', &part);
        if (!more)
            part = s;
        if (part.n > 8 || !made_of(part, ""))
            return false;
        for (size_t k = 0; i == 0 && k < part.n; k++)
            if (!letter(part.p[k]))
                return false;
        if (!more)
            return i > 0 || part.n >= 2;
    }
}

static bool lower_hyphen(struct tc_str s)
{
    bool letters = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if ((c >= 'A' && c <= 'Z') || c == '_' || c == ' ')
            return false;
        letters |= lower(c) || (uint8_t)c >= 0x80;
    }
    return letters;
}

static bool mime(struct tc_str s)
{
    static const char *const tops[] = {"application", "audio",     "font", "image", "message",
                                       "model",       "multipart", "text", "video"};
    struct tc_str top;
    if (!cut(&s, '/', &top) || s.n == 0 || !(alnum(s.p[0]) || among(s.p[0], ".+_-")))
        return false;
    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
        if (tc_str_is(top, tops[i]))
            return true; /* parameters may follow the subtype */
    return false;
}

static bool ipfix(struct tc_str s)
{
    return s.n >= 2 && lower(s.p[0]) && made_of(s, "");
}

static bool property_name(struct tc_str s)
{
    return s.n >= 3 && s.n <= 250 && lower(s.p[0]) && made_of_lower(s, "_");
}

static bool registry_key(struct tc_str s)
{
    static const char *const shorts[] = {"HKLM", "HKCC", "HKCR", "HKCU", "HKU"};
    struct tc_str hive, rest = s;
    if (!cut(&rest, '\\', &hive))
        hive = s;
    for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
        if (tc_str_eq_nocase(hive, tc_str_cstr(shorts[i])))
            return false;
    return s.n > 0;
}

static bool selector(struct tc_str s)
{
    struct tc_str part;
    for (int i = 0;; i++) {
        bool more = cut(&s, '.', &part);
        if (!more)
            part = s;
        if (i > 0 && part.n > 2 && part.p[0] == '[') {
            uint64_t ignored;
            if (part.p[part.n - 1] != ']' ||
                tc_num_u64(tc_str_view(part.p + 1, part.n - 2), TC_MAX_LIST, &ignored))
                return false;
        } else if (part.n > 250 || !made_of(part, "_-")) {
            return false;
        } else if (i == 0 && part.n < 3 && !tc_str_is(part, "id")) {
            return false;
        }
        if (!more)
            return true;
    }
}

static bool socket_option(struct tc_str s)
{
    static const char *const heads[] = {"SO_",   "ICMP_",  "ICMP6_", "IP_",
                                        "IPV6_", "MCAST_", "TCP_",   "IRLMP_"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (tc_str_starts(s, tc_str_cstr(heads[i])) && s.n > strlen(heads[i]))
            return made_of(s, "_");
    return false;
}

static bool calendar(struct tc_str s)
{
    struct tc_week ignored;
    return !tc_week_parse(s, &ignored);
}

static bool draw(struct tc_str s)
{
    enum tc_draw kind;
    int64_t likely;
    return s.n && !tc_draw_parse(s, 1, TC_MAX_DURATION, &kind, &likely);
}

static bool duration(struct tc_str s)
{
    int64_t ignored;
    return !tc_duration_parse(s, TC_MAX_DURATION, &ignored);
}

static bool durations(struct tc_str s)
{
    int64_t lo, hi;
    return !tc_duration_range(s, TC_MAX_DURATION, &lo, &hi);
}

static bool need(struct tc_str s)
{
    uint64_t n;
    double percent;
    if (tc_str_is(s, "all"))
        return true;
    if (s.n && s.p[s.n - 1] == '%')
        return !tc_num_double(tc_str_view(s.p, s.n - 1), 0, 100, &percent);
    return !tc_num_u64(s, TC_MAX_ASSETS, &n);
}

/* The grammar of patterns is src/pattern's; what can be said without it: something is there. */
/* Only how it begins; rule.h reads all of it. */
static bool object_path(struct tc_str s)
{
    size_t colon = tc_str_find(s, TC_STR(":"));
    return colon != SIZE_MAX && colon + 1 < s.n && made_of_lower(tc_str_view(s.p, colon), "-");
}

static bool pattern(struct tc_str s)
{
    return tc_str_trim(s).n > 0;
}

bool tc_format_ok(enum tc_format f, struct tc_str s)
{
    switch (f) {
    case TC_FORMAT_BASE64:
        return base64(s);
    case TC_FORMAT_CALENDAR:
        return calendar(s);
    case TC_FORMAT_CHARSET:
        return made_of(s, "_-()+:");
    case TC_FORMAT_CPE:
        return cpe(s);
    case TC_FORMAT_DRAW:
        return draw(s);
    case TC_FORMAT_DURATION:
        return duration(s);
    case TC_FORMAT_DURATIONS:
        return durations(s);
    case TC_FORMAT_EMAIL:
        return email(s);
    case TC_FORMAT_HEX:
        return hex_text(s);
    case TC_FORMAT_IPFIX:
        return ipfix(s);
    case TC_FORMAT_IPV4:
        return ipv4(s);
    case TC_FORMAT_IPV6:
        return ipv6(s);
    case TC_FORMAT_LANG:
        return lang(s);
    case TC_FORMAT_LINK: /* for people to follow: blanks around it harm nobody */
        return url(tc_str_trim(s));
    case TC_FORMAT_LOWER_HYPHEN:
        return lower_hyphen(s);
    case TC_FORMAT_MAC:
        return mac(s);
    case TC_FORMAT_MIME:
        return mime(s);
    case TC_FORMAT_NEED:
        return need(s);
    case TC_FORMAT_OBJECT_PATH:
        return object_path(s);
    case TC_FORMAT_PATTERN:
        return pattern(s);
    case TC_FORMAT_PRIORITY:
        return s.n > 6 && tc_str_ends(s, TC_STR("_CLASS"));
    case TC_FORMAT_PRODUCT:
        return made_of_lower(s, "-");
    case TC_FORMAT_PROPERTY:
        return property_name(s);
    case TC_FORMAT_PROTOCOL:
        return s.n <= 15 && made_of(s, "-");
    case TC_FORMAT_REGISTRY:
        return registry_key(s);
    case TC_FORMAT_RELATIONSHIP:
        return made_of_lower(s, "-");
    case TC_FORMAT_SELECTOR:
        return selector(s);
    case TC_FORMAT_SOCKOPT:
        return socket_option(s);
    case TC_FORMAT_URL:
        return url(s);
    case TC_FORMAT_NONE:
    case TC_FORMAT_COUNT:
        break;
    }
    return true;
}

static const struct {
    const char *name, *says;
} rows[] = {
    {"none", "anything"},
#define TC_FORMAT(name, text, says) {text, says},
#include "model/format.def"
#undef TC_FORMAT
};

enum tc_format tc_format_find(struct tc_str name)
{
    int f = 1;
    while (f < TC_FORMAT_COUNT && !tc_str_is(name, rows[f].name))
        f++;
    return (enum tc_format)f;
}

const char *tc_format_says(enum tc_format f)
{
    return rows[f < TC_FORMAT_COUNT ? f : 0].says;
}
