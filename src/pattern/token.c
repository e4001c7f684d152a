/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/token.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct tc_lexer *l, size_t ahead)
{
    return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : '\0';
}

/* Length of the white-space character at the cursor, 0 = none. STIX takes Unicode's spaces. */
static size_t space(const struct tc_lexer *l)
{
    static const struct tc_str wide[] = {
        {"\xc2\x85", 2},     {"\xc2\xa0", 2},     {"\xe1\x9a\x80", 3}, {"\xe2\x80\xa8", 3},
        {"\xe2\x80\xa9", 3}, {"\xe2\x80\xaf", 3}, {"\xe2\x81\x9f", 3}, {"\xe3\x80\x80", 3}};
    char c = peek(l, 0);
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    struct tc_str rest = {l->text.p + l->at, l->text.n - l->at};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (tc_str_starts(rest, wide[i]))
            return wide[i].n;
    if (rest.n >= 3 && rest.p[0] == '\xe2' && rest.p[1] == '\x80' && (uint8_t)rest.p[2] >= 0x80 &&
        (uint8_t)rest.p[2] <= 0x8a)
        return 3;
    return 0;
}

/* Passes over space and comments; false when a comment has no end. */
static bool skip(struct tc_lexer *l)
{
    for (size_t n;;) {
        if (l->at < l->text.n && (n = space(l))) {
            l->at += n;
        } else if (peek(l, 0) == '/' && peek(l, 1) == '*') {
            struct tc_str rest = {l->text.p + l->at + 2, l->text.n - l->at - 2};
            size_t end = tc_str_find(rest, TC_STR("*/"));
            if (end == SIZE_MAX)
                return false;
            l->at += 2 + end + 2;
        } else if (peek(l, 0) == '/' && peek(l, 1) == '/') {
            while (l->at < l->text.n && peek(l, 0) != '\n' && peek(l, 0) != '\r')
                l->at++;
        } else {
            return true;
        }
    }
}

static struct tc_token make(const struct tc_lexer *l, enum tc_tok kind, size_t from)
{
    return (struct tc_token){kind, {l->text.p + from, l->at - from}, from, NULL};
}

static struct tc_token bad(const struct tc_lexer *l, size_t from, const char *why)
{
    struct tc_token t = make(l, TC_TOK_BAD, from);
    t.bad = why;
    return t;
}

/* The quoted part; the cursor stands on the opening quote. Only \' and \\ are escapes. */
static struct tc_token quoted(struct tc_lexer *l, enum tc_tok kind, size_t from)
{
    for (l->at++; l->at < l->text.n; l->at++) {
        char c = peek(l, 0);
        if (c == '\'') {
            l->at++;
            return make(l, kind, from);
        }
        if (c == '\\') {
            if (kind != TC_TOK_STRING || (peek(l, 1) != '\'' && peek(l, 1) != '\\')) {
                l->at++;
                return bad(l, from, "only \\' and \\\\ may follow a backslash in a string");
            }
            l->at++;
        }
    }
    return bad(l, from, "the string has no closing quote");
}

static struct tc_token number(struct tc_lexer *l, size_t from)
{
    bool point = false;
    if (peek(l, 0) == '-' || peek(l, 0) == '+')
        l->at++;
    size_t whole = l->at;
    while (digit(peek(l, 0)))
        l->at++;
    bool zero = l->at - whole > 1 && l->text.p[whole] == '0';
    if (peek(l, 0) == '.' && digit(peek(l, 1))) {
        point = true;
        for (l->at++; digit(peek(l, 0));)
            l->at++;
    }
    if (name_start(peek(l, 0)))
        return bad(l, from, "a number runs into a letter");
    if (zero && !point)
        return bad(l, from, "a whole number has no leading zero");
    if (!point && l->at == whole)
        return bad(l, from, "a sign without a number");
    return make(l, point ? TC_TOK_FLOAT : TC_TOK_INT, from);
}

struct tc_token tc_lexer_next(struct tc_lexer *l)
{
    size_t from = l->at;
    if (!skip(l))
        return bad(l, from, "the comment has no end");
    from = l->at;
    if (l->at >= l->text.n)
        return make(l, TC_TOK_END, from);
    char c = peek(l, 0), d = peek(l, 1);
    if (c == '\'')
        return quoted(l, TC_TOK_STRING, from);
    if ((c == 'h' || c == 'b' || c == 't') && d == '\'') {
        l->at++;
        return quoted(l, c == 'h' ? TC_TOK_HEX : c == 'b' ? TC_TOK_BINARY : TC_TOK_TIME, from);
    }
    if (digit(c) || c == '-' || c == '+' || (c == '.' && digit(d)))
        return number(l, from);
    if (name_start(c)) {
        /* a hyphen belongs to the word: only object types may have one, the parser sees to it */
        while (name_start(peek(l, 0)) || digit(peek(l, 0)) || peek(l, 0) == '-')
            l->at++;
        return make(l, TC_TOK_NAME, from);
    }
    if (c == '=' || c == '!' || c == '<' || c == '>') {
        l->at += d == '=' || (c == '<' && d == '>') ? 2 : 1;
        return c == '!' && d != '=' ? bad(l, from, "'!' stands only in '!='")
                                    : make(l, TC_TOK_OP, from);
    }
    l->at++;
    if (strchr("[]():.,*", c))
        return make(l, TC_TOK_PUNCT, from);
    return bad(l, from, "this character has no meaning here");
}
