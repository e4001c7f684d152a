/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a pack's .types files as blocks of lines of words. A line without indent begins a
 * block, indented lines are its items, and a line indented deeper than the one before goes on with
 * it. '#' begins a comment; "..." is one word, a label. Some items are raw: all that stands after
 * their first word, with the lines indented deeper, is one word as it is (a pattern, JSON). The
 * words are views into the text, the rest lives in the arena given. */
#ifndef TC_PACK_LINES_H
#define TC_PACK_LINES_H

#include "base/arena.h"

struct tc_pack_word {
    struct tc_str s;
    bool quoted;
};

struct tc_pack_line {
    struct tc_pack_line *next;
    const char *file;
    unsigned line, indent;
    uint32_t n_words;
    struct tc_pack_word *words; /* at least one */
};

struct tc_pack_block {
    struct tc_pack_block *next;
    struct tc_pack_line *head;
    struct tc_pack_line *items;
};

struct tc_pack_blocks {
    struct tc_pack_block *first, **end;
};

void tc_pack_blocks_init(struct tc_pack_blocks *b);

/* Appends the blocks of one file. raw: the items that are, ended by NULL; or NULL. SYNTAX at the
 * first line that cannot be read, LIMIT, NOMEM. */
tc_err tc_pack_read(struct tc_arena *a, const char *file, struct tc_str text,
                    const char *const *raw, struct tc_pack_blocks *out,
                    struct tc_diag *d) TC_MUST_USE;

#endif
