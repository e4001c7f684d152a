/* SPDX-License-Identifier: Apache-2.0 */
#include "http/media.h"

#include "base/num.h"

struct range {
    struct tc_str type, subtype, version;
    bool has_version, none; /* none: q=0 */
};

static bool token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void spaces(struct tc_str *s)
{
    while (s->n && (s->p[0] == ' ' || s->p[0] == '\t'))
        *s = tc_str_view(s->p + 1, s->n - 1);
}

static struct tc_str token(struct tc_str *s)
{
    size_t n = 0;
    while (n < s->n && token_char(s->p[n]))
        n++;
    struct tc_str t = tc_str_view(s->p, n);
    if (n)
        *s = tc_str_view(s->p + n, s->n - n);
    return t;
}

static bool eat(struct tc_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = tc_str_view(s->p + 1, s->n - 1);
    return true;
}

/* A token or a quoted string; of a quoted string with escapes only the raw inside is given, which
 * then equals no value that we look for. */
static bool parameter_value(struct tc_str *s, struct tc_str *value)
{
    if (!eat(s, '"')) {
        *value = token(s);
        return value->n > 0;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] == '\\') {
            i++;
        } else if (s->p[i] == '"') {
            *value = tc_str_view(s->p, i);
            *s = tc_str_view(s->p + i + 1, s->n - i - 1);
            return true;
        }
    }
    return false;
}

static bool zero(struct tc_str q)
{
    double v;
    return tc_num_double(q, 0, 1, &v) != TC_OK || v <= 0;
}

/* One "type/subtype;name=value" up to a comma or the end. */
static bool read_range(struct tc_str *s, struct range *r)
{
    *r = (struct range){0};
    spaces(s);
    r->type = token(s);
    if (r->type.n == 0 || !eat(s, '/'))
        return false;
    r->subtype = token(s);
    if (r->subtype.n == 0)
        return false;
    for (spaces(s); eat(s, ';'); spaces(s)) {
        spaces(s);
        struct tc_str name = token(s), value;
        if (name.n == 0) /* RFC 9110 section 5.6.6 allows an empty one */
            continue;
        if (!eat(s, '=') || !parameter_value(s, &value))
            return false;
        if (tc_str_eq_nocase(name, TC_STR("version"))) {
            r->version = value;
            r->has_version = true;
        } else if (tc_str_eq_nocase(name, TC_STR("q"))) {
            r->none = zero(value);
        }
    }
    return s->n == 0 || s->p[0] == ',';
}

static bool same(struct tc_str a, const char *b)
{
    return tc_str_eq_nocase(a, tc_str_cstr(b));
}

/* 0 = does not match, larger = more specific. */
static int fits(const struct range *r, const char *type, const char *subtype, const char *version)
{
    if (tc_str_is(r->type, "*"))
        return tc_str_is(r->subtype, "*") ? 1 : 0;
    if (!same(r->type, type))
        return 0;
    if (tc_str_is(r->subtype, "*"))
        return 2;
    if (!same(r->subtype, subtype))
        return 0;
    if (!r->has_version || !*version)
        return 3;
    return tc_str_is(r->version, version) ? 4 : 0;
}

bool tc_media_accepts(struct tc_str accept, const char *type, const char *subtype,
                      const char *version)
{
    accept = tc_str_trim(accept);
    if (accept.n == 0)
        return true;
    int best = 0;
    bool good = false;
    while (accept.n) {
        struct range r;
        if (!read_range(&accept, &r))
            return false;
        int f = fits(&r, type, subtype, version);
        if (f > best || (f == best && f && !r.none)) {
            best = f;
            good = !r.none;
        }
        if (!eat(&accept, ','))
            break;
        spaces(&accept);
    }
    return good;
}

bool tc_media_is(struct tc_str content_type, const char *type, const char *subtype,
                 const char *version)
{
    struct range r;
    struct tc_str s = tc_str_trim(content_type);
    if (!read_range(&s, &r) || s.n)
        return false;
    return same(r.type, type) && same(r.subtype, subtype) &&
           (!r.has_version || !*version || tc_str_is(r.version, version));
}

bool tc_media_accepts_coding(struct tc_str header, const char *coding)
{
    while (header.n) {
        spaces(&header);
        struct tc_str name = token(&header), q = TC_STR("1");
        spaces(&header);
        if (eat(&header, ';')) {
            spaces(&header);
            struct tc_str p = token(&header);
            if (!tc_str_eq_nocase(p, TC_STR("q")) || !eat(&header, '='))
                return false;
            q = token(&header);
            spaces(&header);
        }
        if (same(name, coding))
            return !zero(q);
        if (!eat(&header, ','))
            return false;
    }
    return false;
}
