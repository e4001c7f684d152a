/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes in; '+' is a space in a query (HTML forms) and itself in a path. */
static tc_err decode(struct tc_arena *a, struct tc_str in, bool query, struct tc_str *out,
                     struct tc_diag *d)
{
    char *to = tc_arena_alloc(a, in.n + 1);
    if (!to)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        int c = (unsigned char)in.p[i];
        if (c == '%') {
            if (in.n - i < 3 || hex(in.p[i + 1]) < 0 || hex(in.p[i + 2]) < 0)
                return tc_diag_set(d, TC_E_SYNTAX, "the request target has a bad percent-encoding");
            c = hex(in.p[i + 1]) * 16 + hex(in.p[i + 2]);
            i += 2;
            if (!query && (c == '/' || c == '\\'))
                return tc_diag_set(d, TC_E_SYNTAX, "the path hides a separator");
        } else if (c == '+' && query) {
            c = ' ';
        }
        if (c < 0x20 || c == 0x7f)
            return tc_diag_set(d, TC_E_SYNTAX, "the request target has a control character");
        to[n++] = (char)c;
    }
    if (!tc_str_utf8(tc_str_view(to, n)))
        return tc_diag_set(d, TC_E_SYNTAX, "the request target is not UTF-8");
    *out = tc_str_view(to, n);
    return TC_OK;
}

static struct tc_str cut(struct tc_str *rest, char at)
{
    const char *p = rest->n ? memchr(rest->p, at, rest->n) : NULL;
    size_t n = p ? (size_t)(p - rest->p) : rest->n;
    struct tc_str head = tc_str_view(rest->p, n);
    size_t skip = p ? n + 1 : n;
    *rest = tc_str_view(rest->p + skip, rest->n - skip);
    return head;
}

static tc_err add_arg(struct tc_arena *a, struct tc_str piece, struct tc_target *t,
                      struct tc_diag *d)
{
    if (t->n_args == TC_MAX_ARGS)
        return tc_diag_set(d, TC_E_LIMIT, "there are more than %d parameters", TC_MAX_ARGS);
    struct tc_str raw_name = cut(&piece, '=');
    struct tc_arg arg;
    tc_err e = decode(a, raw_name, true, &arg.name, d);
    if (!e)
        e = decode(a, piece, true, &arg.value, d);
    if (e)
        return e;
    for (size_t i = 0; i < t->n_args; i++)
        if (tc_str_eq(t->arg[i].name, arg.name))
            return tc_diag_set(d, TC_E_SYNTAX, "the parameter '%.*s' is given twice",
                               TC_FMT(arg.name));
    t->arg[t->n_args++] = arg;
    return TC_OK;
}

tc_err tc_args_parse(struct tc_arena *a, struct tc_str raw, struct tc_target *out,
                     struct tc_diag *d)
{
    out->n_args = 0;
    while (raw.n) {
        struct tc_str piece = cut(&raw, '&');
        tc_err e = piece.n ? add_arg(a, piece, out, d) : TC_OK;
        if (e)
            return e;
    }
    return TC_OK;
}

static tc_err add_segment(struct tc_arena *a, struct tc_str raw, struct tc_target *t,
                          struct tc_diag *d)
{
    if (t->n_segments == TC_MAX_SEGMENTS)
        return tc_diag_set(d, TC_E_LIMIT, "the path has more than %d parts", TC_MAX_SEGMENTS);
    struct tc_str s;
    tc_err e = decode(a, raw, false, &s, d);
    if (e)
        return e;
    if (s.n == 0 || tc_str_is(s, ".") || tc_str_is(s, ".."))
        return tc_diag_set(d, TC_E_SYNTAX, "the path has an empty or dot part");
    t->segment[t->n_segments++] = s;
    return TC_OK;
}

tc_err tc_target_parse(struct tc_arena *a, struct tc_str raw, struct tc_target *out,
                       struct tc_diag *d)
{
    memset(out, 0, sizeof *out);
    if (raw.n > TC_MAX_TARGET)
        return tc_diag_set(d, TC_E_LIMIT, "the request target is longer than %d bytes",
                           TC_MAX_TARGET);
    if (raw.n == 0 || raw.p[0] != '/')
        return tc_diag_set(d, TC_E_SYNTAX, "the request target must start with '/'");
    if (memchr(raw.p, '#', raw.n))
        return tc_diag_set(d, TC_E_SYNTAX, "the request target has a fragment");
    struct tc_str query = raw;
    struct tc_str path = cut(&query, '?');
    path = tc_str_view(path.p + 1, path.n - 1);
    out->slash = path.n == 0 || path.p[path.n - 1] == '/';
    while (path.n) {
        tc_err e = add_segment(a, cut(&path, '/'), out, d);
        if (e)
            return e;
    }
    return tc_args_parse(a, query, out, d);
}

bool tc_target_arg(const struct tc_target *t, const char *name, struct tc_str *value)
{
    for (size_t i = 0; i < t->n_args; i++)
        if (tc_str_is(t->arg[i].name, name)) {
            *value = t->arg[i].value;
            return true;
        }
    return false;
}

bool tc_list_next(struct tc_str *rest, struct tc_str *value)
{
    if (!rest->p)
        return false;
    const char *comma = rest->n ? memchr(rest->p, ',', rest->n) : NULL;
    if (!comma) {
        *value = *rest;
        *rest = tc_str_view(NULL, 0);
        return true;
    }
    size_t n = (size_t)(comma - rest->p);
    *value = tc_str_view(rest->p, n);
    *rest = tc_str_view(comma + 1, rest->n - n - 1);
    return true;
}
