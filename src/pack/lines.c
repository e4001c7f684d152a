/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/lines.h"

#include "base/cursor.h"
#include "base/limits.h"

struct reader {
    struct tc_arena *arena;
    const char *file;
    struct tc_diag *d;
    unsigned line;
    struct tc_pack_word words[TC_MAX_PACK_WORDS];
    uint32_t n_words;
    const char *const *raw; /* NULL = none */
};

void tc_pack_blocks_init(struct tc_pack_blocks *b)
{
    b->first = NULL;
    b->end = &b->first;
}

static tc_err refuse(struct reader *r, tc_err code, size_t column, const char *says)
{
    tc_diag_file(r->d, r->file);
    if (r->d)
        tc_diag_at(r->d, r->line, column + 1, UINT64_MAX);
    return tc_diag_set(r->d, code, "%s", says);
}

static bool word_char(char c)
{
    return (uint8_t)c > ' ' && c != '"' && c != 127;
}

static tc_err take_words(struct reader *r, struct tc_str text)
{
    size_t i = 0;
    r->n_words = 0;
    for (;;) {
        while (i < text.n && text.p[i] == ' ')
            i++;
        if (i == text.n || text.p[i] == '#')
            return TC_OK;
        if (r->n_words == TC_MAX_PACK_WORDS)
            return refuse(r, TC_E_LIMIT, i, "too many words in one line");
        struct tc_pack_word *w = &r->words[r->n_words++];
        size_t from = i;
        w->quoted = text.p[i] == '"';
        if (w->quoted) {
            for (i = ++from; i < text.n && text.p[i] != '"';)
                i++;
            if (i == text.n)
                return refuse(r, TC_E_SYNTAX, from, "a label begins here and has no closing quote");
        } else {
            while (i < text.n && word_char(text.p[i]))
                i++;
            if (i == from)
                return refuse(r, TC_E_SYNTAX, i, "a character that has no place here (a tab?)");
        }
        w->s = tc_str_view(text.p + from, i - from);
        i += w->quoted;
    }
}

static bool is_raw(const struct reader *r, struct tc_str word)
{
    for (const char *const *name = r->raw; name && *name; name++)
        if (tc_str_is(word, *name))
            return true;
    return false;
}

/* The first word, and the rest as it is. */
static bool take_raw(struct reader *r, struct tc_str line, unsigned indent)
{
    size_t end = indent;
    while (end < line.n && word_char(line.p[end]))
        end++;
    struct tc_str first = tc_str_view(line.p + indent, end - indent);
    if (!indent || !is_raw(r, first))
        return false;
    r->words[0] = (struct tc_pack_word){first, false};
    r->words[1] = (struct tc_pack_word){tc_str_view(line.p + end, line.n - end), false};
    r->n_words = 2;
    return true;
}

/* A line that is indented deeper than a raw item belongs to it, whatever it holds. */
static bool go_on_raw(const struct reader *r, struct tc_pack_line *item, struct tc_str line,
                      unsigned indent)
{
    if (!item || indent <= item->indent || indent == line.n || !is_raw(r, item->words[0].s))
        return false;
    item->words[1].s.n = (size_t)(line.p + line.n - item->words[1].s.p);
    return true;
}

static tc_err keep_line(struct reader *r, unsigned indent, struct tc_pack_line **out)
{
    struct tc_pack_line *l = tc_arena_zalloc(r->arena, 1, sizeof *l);
    struct tc_pack_word *w = tc_arena_zalloc(r->arena, r->n_words, sizeof *w);
    if (!l || !w)
        return refuse(r, tc_arena_err(r->arena), 0, "out of memory");
    memcpy(w, r->words, r->n_words * sizeof *w);
    *l = (struct tc_pack_line){
        .file = r->file, .line = r->line, .indent = indent, .n_words = r->n_words, .words = w};
    *out = l;
    return TC_OK;
}

static tc_err go_on(struct reader *r, struct tc_pack_line *l)
{
    struct tc_pack_word *w = tc_arena_zalloc(r->arena, l->n_words + r->n_words, sizeof *w);
    if (!w)
        return refuse(r, tc_arena_err(r->arena), 0, "out of memory");
    memcpy(w, l->words, l->n_words * sizeof *w);
    memcpy(w + l->n_words, r->words, r->n_words * sizeof *w);
    l->words = w;
    l->n_words += r->n_words;
    return l->n_words > TC_MAX_PACK_WORDS ? refuse(r, TC_E_LIMIT, 0, "too many words") : TC_OK;
}

/* A statement that has no items: what is indented below goes on with it. */
static bool one_line(const struct tc_pack_line *head)
{
    return tc_str_is(head->words[0].s, "relationship") || tc_str_is(head->words[0].s, "check");
}

static tc_err place_line(struct reader *r, unsigned indent, struct tc_pack_blocks *out,
                         struct tc_pack_block **block, struct tc_pack_line **item)
{
    struct tc_pack_line *l = NULL;
    if (indent && !*block)
        return refuse(r, TC_E_SYNTAX, 0, "an indented line needs a block above it");
    if (indent && !*item && one_line((*block)->head))
        return go_on(r, (*block)->head);
    if (indent && *item && indent > (*item)->indent)
        return go_on(r, *item);
    tc_err e = keep_line(r, indent, &l);
    if (e)
        return e;
    if (indent) {
        if (*item)
            (*item)->next = l;
        else
            (*block)->items = l;
        *item = l;
        return TC_OK;
    }
    struct tc_pack_block *b = tc_arena_zalloc(r->arena, 1, sizeof *b);
    if (!b)
        return refuse(r, tc_arena_err(r->arena), 0, "out of memory");
    b->head = l;
    *out->end = b;
    out->end = &b->next;
    *block = b;
    *item = NULL;
    return TC_OK;
}

tc_err tc_pack_read(struct tc_arena *a, const char *file, struct tc_str text,
                    const char *const *raw, struct tc_pack_blocks *out, struct tc_diag *d)
{
    struct reader *r = tc_arena_zalloc(a, 1, sizeof *r);
    struct tc_pack_block *block = NULL;
    struct tc_pack_line *item = NULL;
    struct tc_str line;
    if (!r)
        return tc_diag_set(d, tc_arena_err(a), "out of memory");
    *r = (struct reader){.arena = a, .file = file, .d = d, .raw = raw};
    if (text.n > TC_MAX_PACK_FILE)
        return refuse(r, TC_E_LIMIT, 0, "the file is too large for a pack");
    if (!tc_str_utf8(text))
        return refuse(r, TC_E_SYNTAX, 0, "the file is not UTF-8");
    struct tc_cursor c = tc_cursor_over(text);
    while (tc_cursor_line(&c, &line)) {
        unsigned indent = 0;
        r->line++;
        while (indent < line.n && line.p[indent] == ' ')
            indent++;
        if (go_on_raw(r, item, line, indent))
            continue;
        tc_err e = take_raw(r, line, indent) ? TC_OK : take_words(r, line);
        if (!e && r->n_words)
            e = place_line(r, indent, out, &block, &item);
        if (e)
            return e;
    }
    return TC_OK;
}
