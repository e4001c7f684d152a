/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pattern_words.h"

void tc_pattern_words_init(struct tc_pattern_words *w, struct tc_str pattern)
{
    *w = (struct tc_pattern_words){.s = pattern};
}

static bool word_char(char c)
{
    char l = (char)(c | 0x20);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool end(struct tc_pattern_words *w, const char *wrong)
{
    w->at = w->s.n;
    if (!w->wrong)
        w->wrong = wrong;
    return false;
}

/* Past the literal that begins at w->at; false when it does not end. */
static bool skip_quoted(struct tc_pattern_words *w)
{
    for (w->at++; w->at < w->s.n; w->at++) {
        if (w->s.p[w->at] == '\\')
            w->at++;
        else if (w->s.p[w->at] == '\'') {
            w->at++;
            return true;
        }
    }
    return false;
}

static bool skip_comment(struct tc_pattern_words *w)
{
    struct tc_str rest = {w->s.p + w->at, w->s.n - w->at};
    bool block = tc_str_starts(rest, TC_STR("/*"));
    if (!block && !tc_str_starts(rest, TC_STR("//")))
        return false;
    size_t to = tc_str_find(rest, block ? TC_STR("*/") : TC_STR("\n"));
    w->at = to == SIZE_MAX ? w->s.n : w->at + to + (block ? 2 : 1);
    return true;
}

static struct tc_str take_word(struct tc_pattern_words *w)
{
    size_t from = w->at;
    while (w->at < w->s.n && word_char(w->s.p[w->at]))
        w->at++;
    return tc_str_view(w->s.p + from, w->at - from);
}

/* The property after "type:", quoted or not. */
static bool take_property(struct tc_pattern_words *w, struct tc_str *prop)
{
    if (w->at < w->s.n && w->s.p[w->at] == '\'') {
        size_t from = w->at + 1;
        if (!skip_quoted(w))
            return false;
        *prop = tc_str_view(w->s.p + from, w->at - 1 - from);
        return true;
    }
    *prop = take_word(w);
    return prop->n > 0;
}

/* Brackets: an index like [0] or [*] after a path is balanced too, so counting is enough. */
static bool bracket(struct tc_pattern_words *w, char c)
{
    w->square += (c == '[') - (c == ']');
    w->round += (c == '(') - (c == ')');
    return w->square >= 0 && w->round >= 0;
}

bool tc_pattern_words_next(struct tc_pattern_words *w, struct tc_str *type, struct tc_str *prop)
{
    while (w->at < w->s.n) {
        char c = w->s.p[w->at];
        if (c == '\'') {
            if (!skip_quoted(w))
                return end(w, "a quote is not closed");
        } else if (c == '/' && skip_comment(w)) {
            continue;
        } else if (word_char(c)) {
            struct tc_str word = take_word(w);
            if (w->square == 0 || w->at == w->s.n || w->s.p[w->at] != ':')
                continue;
            w->at++;
            w->any = true;
            *type = word;
            if (!take_property(w, prop))
                return end(w, "a property is missing after a colon");
            return true;
        } else {
            w->at++;
            if (!bracket(w, c))
                return end(w, "a bracket is closed that was not opened");
        }
    }
    if (w->square || w->round)
        return end(w, "a bracket is not closed");
    return end(w, w->any ? NULL : "it compares nothing, as in [ipv4-addr:value = '192.0.2.1']");
}
