/* SPDX-License-Identifier: Apache-2.0 */
/* The literal that every match of LIKE or MATCHES must hold. It may be missed (then a pattern is
 * looked at more often), it must never be wrong: what is not understood for certain ends a run; an
 * alternative outside of groups, an option that does not stand first, or a verb gives up. */
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

/* i stands on '['; returns the place behind the class; 0 = it is not understood. */
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
            return 0; /* [:alpha:] and the like */
    }
    return i < re.n ? i + 1 : 0;
}

/* i stands on '{'; returns the place behind a count like {2,}, or behind the brace alone. */
static size_t behind_count(struct tc_str re, size_t i)
{
    size_t at = i + 1;
    while (at < re.n &&
           ((re.p[at] >= '0' && re.p[at] <= '9') || re.p[at] == ',' || re.p[at] == ' '))
        at++;
    return at < re.n && re.p[at] == '}' ? at + 1 : i + 1;
}

/* Options at the very beginning, of which one may be "without regard to case": (?i), (?is). */
static size_t behind_options(struct tc_str re, bool *nocase)
{
    size_t i = 2;
    if (!tc_str_starts(re, TC_STR("(?")))
        return 0;
    while (i < re.n && re.p[i] && strchr("ims", re.p[i]))
        i++;
    if (i == 2 || i == re.n || re.p[i] != ')')
        return 0;
    *nocase = memchr(re.p + 2, 'i', i - 2) != NULL;
    return i + 1;
}

/* Groups that change nothing outside of themselves: ( (?: (?= (?!. i stands on '('. */
static bool plain_group(struct tc_str re, size_t i)
{
    if (i + 1 < re.n && re.p[i + 1] == '*')
        return false;
    return i + 1 >= re.n || re.p[i + 1] != '?' ||
           (i + 2 < re.n && re.p[i + 2] && strchr(":=!", re.p[i + 2]));
}

/* Anything that could make reading from left to right wrong. */
static bool plain_regex(struct tc_str re, size_t from)
{
    for (size_t i = from; i < re.n; i++) {
        if ((unsigned char)re.p[i] >= 0x80 || re.p[i] == '\0')
            return false;
        if (re.p[i] == '(' && !plain_group(re, i))
            return false;
        if (re.p[i] == '\\' && ++i < re.n && strchr("0123456789QEcoxNpPgkXRKGu", re.p[i]))
            return false;
    }
    return true;
}

static bool quantifier(char c)
{
    return c == '*' || c == '?' || c == '{' || c == '+';
}

/* The place behind what stands at i; 0 = an alternative to all of it, or not understood. */
static size_t behind(struct tc_str re, size_t i, unsigned *depth)
{
    switch (re.p[i]) {
    case '\\':
        return i + 2;
    case '[':
        return behind_class(re, i);
    case '{':
        return behind_count(re, i);
    case '|':
        return *depth ? i + 1 : 0;
    case '(':
        ++*depth;
        break;
    case ')':
        *depth -= *depth > 0;
    }
    return i + 1;
}

/* Every run of plain characters outside of groups and classes. "ab+c" has "ab" and "c". */
static struct tc_str regex_literal(struct tc_str re, bool *nocase)
{
    struct tc_str none = {NULL, 0};
    size_t from = behind_options(re, nocase);
    struct runs r = {.re = re, .from = from};
    unsigned depth = 0;
    if (!plain_regex(re, from))
        return none;
    for (size_t i = from, next; i < re.n; i = next) {
        bool literal = depth == 0 && !strchr("\\^$.[]()*+?{}|", re.p[i]);
        next = behind(re, i, &depth);
        if (!next)
            return none;
        if (!literal) {
            end_run(&r, i);
            r.from = next;
        } else if (next < re.n && quantifier(re.p[next])) {
            end_run(&r, re.p[next] == '+' ? next : i);
            r.from = next;
        }
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
    bool nocase = false;
    struct tc_str s = regex_literal(t->consts[0].s, &nocase);
    *where = nocase ? TC_KEY_FOLD4 : TC_KEY_GRAM4;
    return s.n >= 3 ? s : none;
}
