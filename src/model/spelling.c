/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spelling.h"

static const struct {
    const char *name, *says;
} rows[] = {
    {"", ""},
#define TC_SPELLING(name, text, says) {text, says},
#include "model/spelling.def"
#undef TC_SPELLING
};

enum tc_spelling tc_spelling_find(struct tc_str name)
{
    int s = 1;
    while (s < TC_SPELLING_COUNT && !tc_str_is(name, rows[s].name))
        s++;
    return (enum tc_spelling)s;
}

const char *tc_spelling_name(enum tc_spelling s)
{
    return rows[s < TC_SPELLING_COUNT ? s : 0].name;
}

const char *tc_spelling_says(enum tc_spelling s)
{
    return rows[s < TC_SPELLING_COUNT ? s : 0].says;
}
