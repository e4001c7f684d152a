/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_pattern.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/explain.h"
#include "pattern/parse.h"

#include <stdio.h>

#define ARENA ((size_t)512 << 20) /* of one pattern; TC_PATTERN_MAX_TEXT bounds what it takes */
#define SHOWN 200                 /* bytes of a pattern in its heading */

struct one {
    struct tc_check_patterns *c;
    const char *file; /* NULL: a word of the call */
    uint64_t line;    /* of the file; 0 = the pattern's own lines are those of the file */
    struct tc_str id, pattern;
};

bool tc_check_is_patterns(const char *file)
{
    struct tc_str s = tc_str_cstr(file);
    return tc_str_ends(s, TC_STR(".pattern")) || tc_str_ends(s, TC_STR(".patterns"));
}

/* ---- what is wrong ---- */

static void refuse_json(const struct one *o, const struct tc_diag *d, struct tc_str caret)
{
    struct tc_buf b;
    tc_buf_init(&b, 1u << 16);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "file", o->file ? o->file : "--pattern");
    tc_jsonw_kcstr(&w, "object", d->object);
    tc_jsonw_kcstr(&w, "path", "pattern");
    tc_jsonw_kcstr(&w, "level", "MUST");
    tc_jsonw_kcstr(&w, "rule", tc_err_name(d->code));
    tc_jsonw_kcstr(&w, "says", d->message);
    if (d->line) {
        tc_jsonw_ku64(&w, "line", d->line);
        tc_jsonw_ku64(&w, "column", d->column);
    }
    if (d->offset != UINT64_MAX)
        tc_jsonw_ku64(&w, "offset", d->offset);
    tc_jsonw_ktext(&w, "caret", caret);
    tc_jsonw_object_end(&w);
    (void)puts(tc_buf_z(&b));
    tc_buf_fini(&b);
}

static void refuse(const struct one *o, const struct tc_diag *d)
{
    struct tc_diag shown = *d; /* the line of the file, not of the pattern */
    char text[1200];
    struct tc_buf caret;
    o->c->refused++;
    o->c->worst = d->code;
    if (o->line && d->line <= 1)
        tc_diag_at(&shown, o->line, d->column, d->offset);
    tc_buf_init(&caret, 4096);
    if (d->offset != UINT64_MAX)
        tc_pattern_caret(o->pattern, d, &caret);
    if (o->c->json) {
        refuse_json(o, &shown, tc_buf_view(&caret));
    } else {
        tc_diag_format(&shown, text, sizeof text);
        (void)printf("%s\n%s", text, tc_buf_z(&caret));
    }
    tc_buf_fini(&caret);
}

/* ---- what it needs ---- */

static void put_keys(struct tc_jsonw *w, const struct tc_explained_observe *o)
{
    tc_jsonw_name(w, "keys");
    tc_jsonw_array(w);
    for (size_t i = 0; i < o->n_keys && i < TC_EXPLAIN_LISTED; i++) {
        const struct tc_explained_key *k = &o->keys[i];
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "path", k->path);
        tc_jsonw_kcstr(w, "value", k->is[0] ? k->is : "is there");
        tc_jsonw_ktext(w, "what", k->what);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    tc_jsonw_ku64(w, "keys_in_all", o->n_keys);
    tc_jsonw_kbool(w, "key_decides", o->exact && o->n_keys);
    tc_jsonw_kbool(w, "no_key", o->open != 0);
}

static void put_observe(struct tc_jsonw *w, const struct tc_explained_observe *o)
{
    tc_jsonw_object(w);
    tc_jsonw_name(w, "compares");
    tc_jsonw_array(w);
    for (size_t i = 0; i < o->n_tests && i < TC_EXPLAIN_LISTED; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "path", o->tests[i].path);
        tc_jsonw_kcstr(w, "operator", o->tests[i].op);
        if (o->tests[i].kind[0])
            tc_jsonw_kcstr(w, "with", o->tests[i].kind);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    tc_jsonw_ku64(w, "comparisons", o->n_tests);
    put_keys(w, o);
    tc_jsonw_object_end(w);
}

static void explain_json(const struct one *o, const struct tc_explained *x)
{
    struct tc_buf b;
    tc_buf_init(&b, (size_t)256 << 20);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "file", o->file ? o->file : "--pattern");
    if (o->line)
        tc_jsonw_ku64(&w, "line", o->line);
    tc_jsonw_ktext(&w, "id", o->id);
    tc_jsonw_kstr(&w, "pattern", o->pattern);
    tc_jsonw_name(&w, "types");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < x->n_types; i++)
        tc_jsonw_str(&w, x->types[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_name(&w, "observations");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < x->n_observes; i++)
        put_observe(&w, &x->observes[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_kbool(&w, "single", x->single);
    tc_jsonw_ku64(&w, "needs", x->needs);
    if (x->within != INT64_MAX) {
        tc_jsonw_name(&w, "within");
        tc_jsonw_double(&w, (double)x->within / TC_SECOND);
    }
    tc_jsonw_object_end(&w);
    (void)puts(tc_buf_z(&b));
    tc_buf_fini(&b);
}

/* The id, or the pattern's text on one line. */
static void heading(const struct one *o, char out[SHOWN])
{
    char line[SHOWN * 2];
    struct tc_str s = tc_str_trim(o->id.n ? o->id : o->pattern);
    size_t n = s.n < sizeof line ? s.n : sizeof line;
    memcpy(line, s.n ? s.p : "", n);
    for (size_t i = 0; i < n; i++)
        if (line[i] == '\n' || line[i] == '\t' || line[i] == '\r')
            line[i] = ' ';
    (void)tc_str_show(tc_str_view(line, n), out, SHOWN);
}

static void explain(const struct one *o, const struct tc_explained *x)
{
    char shown[SHOWN];
    struct tc_buf b;
    for (size_t i = 0; i < x->n_observes; i++)
        if (x->observes[i].open) {
            o->c->open++;
            break;
        }
    if (o->c->quiet)
        return;
    if (o->c->json) {
        explain_json(o, x);
        return;
    }
    tc_buf_init(&b, (size_t)256 << 20);
    if (o->file)
        tc_buf_fmt(&b, "%s:%llu: ", o->file, (unsigned long long)(o->line ? o->line : 1));
    heading(o, shown);
    tc_buf_fmt(&b, "%s\n", shown);
    tc_explained_say(x, "  ", &b);
    (void)fputs(tc_buf_z(&b), stdout);
    tc_buf_fini(&b);
}

/* ---- patterns ---- */

static tc_err check_one(const struct one *o)
{
    struct tc_arena *a = tc_arena_new(ARENA);
    struct tc_explained x;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_file(&d, o->file ? o->file : "");
    tc_diag_object(&d, o->id.p, o->id.n);
    o->c->patterns++;
    tc_err e = a ? tc_pattern_explain(o->pattern, a, &x, &d)
                 : tc_diag_set(&d, TC_E_NOMEM, "out of memory");
    if (!e && x.doubled != SIZE_MAX) {
        tc_json_locate(o->pattern, x.doubled, &d);
        e = tc_diag_set(&d, TC_E_INVALID,
                        "a second qualifier of the same kind on one observation (STIX 2.1 section "
                        "9.5 allows one of each)");
    }
    if (e)
        refuse(o, &d);
    else
        explain(o, &x);
    tc_arena_free(a);
    return e == TC_E_NOMEM ? e : TC_OK;
}

static tc_err check_json(struct one *o, struct tc_str line)
{
    struct tc_json j = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_file(&d, o->file);
    o->pattern = line;
    if (!tc_json_read(line, TC_MAX_OBJECT, 0, &j, &d)) {
        (void)tc_json_str(j.root, "id", &o->id);
        if (tc_json_str(j.root, "pattern", &o->pattern)) {
            tc_err e = check_one(o);
            tc_json_fini(&j);
            return e;
        }
        (void)tc_diag_set(&d, TC_E_INVALID, "this object has no \"pattern\"");
    }
    o->c->patterns++;
    refuse(o, &d);
    tc_json_fini(&j);
    return d.code == TC_E_NOMEM ? d.code : TC_OK;
}

static tc_err check_lines(struct tc_check_patterns *c, const char *file, struct tc_str text)
{
    uint64_t line = 0;
    tc_err e = TC_OK;
    for (size_t at = 0; !e && at < text.n;) {
        const char *p = text.p + at, *nl = memchr(p, '\n', text.n - at);
        size_t n = nl ? (size_t)(nl - p) : text.n - at;
        struct one o = {c, file, ++line, {"", 0}, tc_str_trim(tc_str_view(p, n))};
        if (o.pattern.n && o.pattern.p[0] == '{')
            e = check_json(&o, o.pattern);
        else if (o.pattern.n && o.pattern.p[0] != '#')
            e = check_one(&o);
        at += n + 1;
    }
    return e;
}

/* A pattern over several lines is no pattern when it is cut at their ends. */
static bool is_one(struct tc_str text)
{
    struct tc_arena *a = tc_arena_new(ARENA);
    struct tc_pattern p;
    struct tc_diag d;
    tc_diag_init(&d);
    bool yes = a && memchr(text.p, '\n', text.n) && !tc_pattern_parse(text, a, &p, &d);
    tc_arena_free(a);
    return yes;
}

tc_err tc_check_patterns(struct tc_check_patterns *c, const char *file, struct tc_str text)
{
    const struct one whole = {c, file, 0, {"", 0}, text};
    bool lines =
        file && !(tc_str_ends(tc_str_cstr(file), TC_STR(".pattern")) && is_one(tc_str_trim(text)));
    return lines ? check_lines(c, file, text) : check_one(&whole);
}
