/* SPDX-License-Identifier: Apache-2.0 */
/* The literal that every match of LIKE or MATCHES must hold. It may be missed (then a pattern is
 * looked at more often), it must never be wrong: what is not understood for certain ends a run, and
 * an alternative, an inline option or a verb anywhere gives up. */
#include "pattern/index.h"

static struct tc_str like_literal(struct tc_str p, enum tc_key_kind *where)
{
    struct tc_str best = {NULL, 0};
    size_t from = 0;
    for (size_t i = 0; i <= p.n; i++) {
        if (i < p.n && p.p[i] != '%' && p.p[i] != '_')
            continue;
        size_t n = i - from;
        bool prefix = from == 0, suffix = i == p.n;
        size_t least = prefix || suffix ? 2 : 3;
        if (n >= least && n > best.n) {
            best = tc_str_view(p.p + from, n);
            *where = prefix ? TC_KEY_PREFIX : suffix ? TC_KEY_SUFFIX : TC_KEY_GRAM4;
        }
        from = i + 1;
    }
    return best;
}

struct runs {
    struct tc_str re, best;
    size_t from, i;
};

static void end_run(struct runs *r, size_t at)
{
    if (at > r->from && at - r->from > r->best.n)
        r->best = tc_str_view(r->re.p + r->from, at - r->from);
}

/* i stands on '['; returns the place behind the class, or the end. */
static size_t behind_class(struct tc_str re, size_t i)
{
    i++;
    if (i < re.n && re.p[i] == '^')
        i++;
    if (i < re.n && re.p[i] == ']')
        i++; /* first in a class: itself */
    for (; i < re.n && re.p[i] != ']'; i++) {
        if (re.p[i] == '\\')
            i++;
        else if (re.p[i] == '[')
            return re.n; /* [:alpha:] and the like: give up */
    }
    return i < re.n ? i + 1 : re.n;
}

/* Anything that could make reading from left to right wrong. */
static bool plain_regex(struct tc_str re)
{
    for (size_t i = 0; i < re.n; i++) {
        if (re.p[i] == '|' || (unsigned char)re.p[i] >= 0x80 || re.p[i] == '\0')
            return false;
        if (re.p[i] == '(' && i + 1 < re.n && (re.p[i + 1] == '?' || re.p[i + 1] == '*'))
            return false;
        if (re.p[i] == '\\' && ++i < re.n && strchr("QEcoxNpPgkXRKGu", re.p[i]))
            return false;
    }
    return true;
}

static bool quantifier(char c)
{
    return c == '*' || c == '?' || c == '{' || c == '+';
}

/* Every run of plain characters outside of groups and classes. "ab+c" has "ab" and "c". */
static struct tc_str regex_literal(struct tc_str re)
{
    struct runs r = {.re = re};
    unsigned depth = 0;
    if (!plain_regex(re))
        return r.best;
    for (size_t i = 0; i < re.n;) {
        char c = re.p[i];
        size_t next = i + 1;
        bool literal = depth == 0 && !strchr("\\^$.[]()*+?{}", c);
        if (c == '\\')
            next = i + 2;
        else if (c == '[')
            next = behind_class(re, i);
        else if (c == '(')
            depth++;
        else if (c == ')' && depth)
            depth--;
        if (!literal) {
            end_run(&r, i);
            r.from = next;
        } else if (next < re.n && quantifier(re.p[next])) {
            end_run(&r, re.p[next] == '+' ? next : i);
            r.from = next;
        }
        if (c == '{') { /* a count, or a brace that is meant: nothing in it is taken */
            while (next < re.n && re.p[next - 1] != '}')
                next++;
            r.from = next;
        }
        i = next;
    }
    if (r.from < re.n)
        end_run(&r, re.n);
    return r.best;
}

struct tc_str tc_access_literal(const struct tc_test *t, enum tc_key_kind *where)
{
    struct tc_str none = {NULL, 0};
    *where = TC_KEY_GRAM4;
    if (t->negated || t->consts[0].never)
        return none;
    if (t->op == TC_OP_LIKE)
        return like_literal(t->consts[0].s, where);
    struct tc_str s = regex_literal(t->consts[0].s);
    return s.n >= 3 ? s : none;
}
