/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of a warning in each language: packs/critical-entities/words/LANGUAGE.json, an
 * object {"language": "en", "countries": ["IE"], "words": {KEY: SENTENCE}} where {name} stands for
 * a value. A new language is a new file there; nothing in src/ knows which there are. English is
 * complete (a test holds the others against it) and is what a missing key falls back to. The
 * built-in languages are parsed once and live as long as the program; any thread. */
#ifndef TC_WARN_WORDS_H
#define TC_WARN_WORDS_H

#include "base/str.h"

struct tc_words;

struct tc_word {
    const char *name; /* as it stands between the braces */
    struct tc_str value;
};

/* One language from its file's text. SYNTAX or INVALID with the place in d. */
tc_err tc_words_parse(struct tc_str text, struct tc_words **out, struct tc_diag *d) TC_MUST_USE;
void tc_words_free(struct tc_words *w);

/* The built-in languages, English first. NULL at the end of the list. */
const struct tc_words *tc_words_builtin(size_t i);

struct tc_str tc_words_language(const struct tc_words *w);
/* The sentence of key ("service.water"); empty when the language has none. */
struct tc_str tc_words_get(const struct tc_words *w, struct tc_str key);
/* The sentence of prefix + code ("service." + "water"), of prefix + "other" when the code is not
 * known. */
struct tc_str tc_words_code(const struct tc_words *w, const char *prefix, struct tc_str code);
/* Appends the sentence with its {names} filled; a name without a value becomes nothing. */
void tc_words_fill(const struct tc_words *w, const char *key, const struct tc_word *values,
                   size_t n, struct tc_buf *out);
/* True when it is spoken to organisations of this country (ISO 3166-1 alpha-2). */
bool tc_words_serves(const struct tc_words *w, struct tc_str country);
size_t tc_words_count(const struct tc_words *w);

#endif
