/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the STIX pattern language (STIX 2.1 section 9). A token borrows from the text; its
 * place is a byte offset. The lexer never fails by itself: what is no word is TC_TOK_BAD with a
 * reason, so that the parser makes the one error. */
#ifndef TC_PATTERN_TOKEN_H
#define TC_PATTERN_TOKEN_H

#include "base/str.h"

enum tc_tok {
    TC_TOK_END,
    TC_TOK_BAD,
    TC_TOK_NAME,   /* identifier, or a keyword where a name is meant */
    TC_TOK_STRING, /* 'text', quotes and escapes still in it */
    TC_TOK_INT,
    TC_TOK_FLOAT,
    TC_TOK_HEX,    /* h'..' */
    TC_TOK_BINARY, /* b'..' */
    TC_TOK_TIME,   /* t'..' */
    TC_TOK_OP,     /* = == != <> < <= > >= */
    TC_TOK_PUNCT   /* [ ] ( ) : . , * */
};

struct tc_token {
    enum tc_tok kind;
    struct tc_str text;
    size_t at;       /* offset of its first byte */
    const char *bad; /* why, for TC_TOK_BAD */
};

struct tc_lexer {
    struct tc_str text;
    size_t at;
};

/* White space and comments are passed over. */
struct tc_token tc_lexer_next(struct tc_lexer *l);

#endif
