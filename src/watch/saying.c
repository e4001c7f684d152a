/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/saying.h"

#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/parse.h"
#include "pattern/paths.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA     ((size_t)4 << 20)
#define MAX_PATHS 64 /* different ones in all sentences of a rule */
#define PLACES    200

struct wanted { /* a path, and what was seen there */
    struct tc_str text;
    uint32_t path;
    struct tc_str v[TC_SAYING_ABOUT];
    unsigned n;
};

struct tc_saying {
    const struct tc_rule *rule;
    struct tc_arena *a;
    struct tc_paths *paths;
    struct tc_path_values found;
    struct wanted wanted[MAX_PATHS];
    size_t n;
    char place[PLACES];
};

static tc_err want(struct tc_saying *s, struct tc_str text)
{
    struct tc_path path;
    struct tc_diag d;
    for (size_t i = 0; i < s->n; i++)
        if (tc_str_eq(s->wanted[i].text, text))
            return TC_OK;
    if (s->n == MAX_PATHS)
        return TC_E_LIMIT;
    struct wanted *w = &s->wanted[s->n];
    tc_diag_init(&d);
    tc_err e = tc_pattern_parse_path(text, s->a, &path, &d);
    e = e ? e : tc_paths_add(s->paths, &path, &w->path, &d);
    w->text = text;
    s->n += !e;
    return e;
}

tc_err tc_saying_new(const struct tc_rule *r, struct tc_saying **out)
{
    struct tc_saying *s = calloc(1, sizeof *s);
    if (!s)
        return TC_E_NOMEM;
    s->rule = r;
    s->a = tc_arena_new(ARENA);
    s->paths = tc_paths_new();
    tc_err e = s->a && s->paths ? TC_OK : TC_E_NOMEM;
    if (!e && r->about.n)
        e = want(s, r->about);
    for (size_t i = 0; !e && i < r->n_says; i++) {
        struct tc_str rest = r->says[i].text;
        for (struct tc_say_piece x; !e && (x = tc_say_next(&rest)).kind != TC_SAY_END;)
            if (x.kind == TC_SAY_PATH)
                e = want(s, x.text);
    }
    if (e)
        tc_saying_free(s);
    else
        *out = s;
    return e;
}

void tc_saying_free(struct tc_saying *s)
{
    if (!s)
        return;
    tc_arena_free(s->a);
    tc_paths_free(s->paths);
    free(s->found.v);
    free(s);
}

/* ---- values ---- */

/* Empty: a value that cannot be told in a sentence. */
static struct tc_str shown(struct tc_saying *s, yyjson_val *v)
{
    char text[TC_SAYING_VALUE];
    char number[TC_JSON_NUMBER];
    size_t n = 0;
    if (yyjson_is_str(v))
        n = tc_str_show(tc_json_view(v), text, sizeof text);
    else if (yyjson_is_bool(v))
        n = tc_str_show(tc_str_cstr(yyjson_get_bool(v) ? "true" : "false"), text, sizeof text);
    else if (yyjson_is_num(v))
        n = tc_str_show(tc_str_view(number, tc_json_number(yyjson_get_num(v), number)), text,
                        sizeof text);
    return n ? tc_arena_dup(s->a, tc_str_view(text, n)) : TC_STR("");
}

static void keep(struct tc_saying *s, struct wanted *w, yyjson_val *v)
{
    if (w->n == TC_SAYING_ABOUT)
        return;
    struct tc_str text = shown(s, v);
    for (unsigned i = 0; i < w->n; i++)
        if (tc_str_eq(w->v[i], text))
            return;
    if (text.p && text.n)
        w->v[w->n++] = text;
}

/* The first object that says where it is. */
static void look_for_place(struct tc_saying *s, yyjson_val *o)
{
    double lat, lon;
    struct tc_str name;
    char text[100];
    if (s->place[0])
        return;
    if (!tc_json_double(o, "latitude", &lat) || !tc_json_double(o, "longitude", &lon))
        return;
    text[0] = '\0';
    if (tc_json_str(o, "name", &name))
        (void)tc_str_show(name, text, sizeof text);
    (void)snprintf(s->place, sizeof s->place, "%s%s%.4f, %.4f", text, text[0] ? ", " : "", lat,
                   lon);
}

tc_err tc_saying_see(struct tc_saying *s, const struct tc_observation *o)
{
    bool cut = false;
    s->found.n = 0;
    tc_err e = tc_paths_values(s->paths, o, &s->found, &cut);
    for (size_t i = 0; !e && i < s->found.n; i++)
        for (size_t k = 0; k < s->n; k++)
            if (s->wanted[k].path == s->found.v[i].path)
                keep(s, &s->wanted[k], s->found.v[i].v);
    for (uint32_t i = 0; !e && i < o->n_roots; i++)
        look_for_place(s, o->roots[i]);
    return e;
}

/* ---- sentences ---- */

static void put_values(const struct tc_saying *s, struct tc_str path, struct tc_buf *out)
{
    size_t k = 0;
    while (k < s->n && !tc_str_eq(s->wanted[k].text, path))
        k++;
    if (k == s->n || !s->wanted[k].n) {
        tc_buf_cstr(out, "?");
        return;
    }
    const struct wanted *w = &s->wanted[k];
    for (unsigned i = 0; i < w->n && i < TC_SAYING_SHOWN; i++) {
        tc_buf_cstr(out, i ? ", " : "");
        tc_buf_str(out, w->v[i]);
    }
    tc_buf_cstr(out, w->n > TC_SAYING_SHOWN ? ", ..." : "");
}

/* "2026-11-21 20:15 UTC" */
static void put_time(tc_time t, struct tc_buf *out)
{
    char z[TC_TIME_SIZE];
    tc_time_format(t, 0, z);
    tc_buf_add(out, z, 10);
    tc_buf_char(out, ' ');
    tc_buf_add(out, z + 11, 5);
    tc_buf_cstr(out, " UTC");
}

static void put_piece(const struct tc_saying *s, const struct tc_say_piece *p,
                      const struct tc_saying_about *x, struct tc_buf *out)
{
    char text[TC_SAYING_VALUE];
    switch (p->kind) {
    case TC_SAY_PATH:
        put_values(s, p->text, out);
        break;
    case TC_SAY_PER:
        (void)tc_str_show(x->per, text, sizeof text);
        tc_buf_cstr(out, text);
        break;
    case TC_SAY_COUNT:
        tc_buf_u64(out, x->count);
        break;
    case TC_SAY_FIRST:
        put_time(x->first, out);
        break;
    case TC_SAY_LAST:
        put_time(x->last, out);
        break;
    case TC_SAY_PLACE:
        tc_buf_cstr(out, s->place[0] ? s->place : "?");
        break;
    default:
        tc_buf_str(out, p->text);
    }
}

void tc_saying_put(const struct tc_saying *s, size_t i, const struct tc_saying_about *x,
                   struct tc_buf *out)
{
    char text[TC_MAX_RULE_SAYS];
    struct tc_str rest = s->rule->says[i].text;
    struct tc_buf b;
    tc_buf_init(&b, (size_t)1 << 20);
    for (struct tc_say_piece p; (p = tc_say_next(&rest)).kind != TC_SAY_END;)
        put_piece(s, &p, x, &b);
    (void)tc_str_show(tc_buf_view(&b), text, sizeof text);
    tc_buf_cstr(out, text);
    tc_buf_fini(&b);
}

struct tc_str tc_saying_about(const struct tc_saying *s, size_t i)
{
    const struct wanted *w = s->n && s->rule->about.n ? &s->wanted[0] : NULL;
    return w && i < w->n ? w->v[i] : TC_STR("");
}
