/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/glance.h"

struct tc_str tc_glance_title(yyjson_val *o)
{
    static const char *const names[] = {"name",     "value",      "headline",
                                        "abstract", "path",       "relationship_type",
                                        "pattern",  "definition", "content"};
    struct tc_str s = {"", 0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tc_json_str(o, names[i], &s) && s.n)
            return s;
    return tc_str_view("", 0);
}

/* As much as fits, without half a character. */
static void cut(struct tc_str s, char *out, size_t size)
{
    size_t n = s.n < size ? s.n : size - 1;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    memcpy(out, s.p, n);
    out[n] = '\0';
}

static void member(yyjson_val *o, const char *name, char *out, size_t size)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    if (s.n < size)
        cut(s, out, size);
}

void tc_glance_read(struct tc_str json, struct tc_glance *out)
{
    yyjson_doc *doc = yyjson_read(json.p, json.n, 0);
    yyjson_val *o = yyjson_doc_get_root(doc);
    *out = (struct tc_glance){.title = ""};
    cut(tc_glance_title(o), out->title, sizeof out->title);
    member(o, "relationship_type", out->relationship, sizeof out->relationship);
    member(o, "source_ref", out->source, sizeof out->source);
    member(o, "target_ref", out->target, sizeof out->target);
    yyjson_doc_free(doc);
}
