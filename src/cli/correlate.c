/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin correlate: what else has this value; what else was there, then. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "watch/normal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void say_kinds(yyjson_val *v)
{
    yyjson_val *list = tc_json_get(v, "kinds"), *k;
    struct tc_str s = {"", 0};
    char kind[40], text[400];
    size_t i, n;
    yyjson_arr_foreach (list, i, n, k) {
        (void)tc_json_str(k, "kind", &s);
        (void)tc_str_show(s, kind, sizeof kind);
        (void)tc_json_str(k, "normal", &s);
        (void)tc_str_show(s, text, sizeof text);
        (void)printf("  as %s %s\n", kind, text);
    }
}

/* A CAS number with a wrong check digit is most often a slip of the pen: the right one is said. */
static void say_is_not(struct tc_str value, struct tc_str kind)
{
    enum tc_spelling s = tc_spelling_find(kind);
    int digit = s == TC_SPELLING_CAS ? tc_normal_cas_digit(tc_str_trim(value)) : -1;
    char text[400];
    (void)tc_str_show(value, text, sizeof text);
    (void)printf("%s is not %s", text, tc_spelling_says(s));
    if (digit >= 0)
        (void)printf(" (that would be %d)", digit);
    (void)puts("; looked for as it is");
}

static void say_one(yyjson_val *v)
{
    yyjson_val *list = tc_json_get(v, "objects"), *o;
    struct tc_str s = {"", 0}, value = {"", 0};
    char text[400];
    size_t i, n;
    bool hot = false, more = false;
    (void)tc_json_str(v, "value", &value);
    if (tc_json_str(v, "is_not", &s))
        say_is_not(value, s);
    (void)tc_json_str(v, "normal", &s);
    (void)tc_str_show(s, text, sizeof text);
    (void)tc_json_bool(v, "hot", &hot);
    (void)tc_json_bool(v, "more", &more);
    (void)printf("%s: %s\n", text,
                 hot                     ? "hot, in more than 1000 entries; the newest"
                 : yyjson_arr_size(list) ? "held by"
                                         : "held by nothing");
    say_kinds(v);
    yyjson_arr_foreach (list, i, n, o) {
        if (tc_json_str(o, "id", &s)) {
            (void)tc_str_show(s, text, sizeof text);
            (void)printf("  %s\n", text);
        }
    }
    if (more)
        (void)puts("  and more; say --limit N");
}

/* False: nothing was found. */
static bool say(const struct tc_json *r, bool json)
{
    yyjson_val *list = tc_json_get(r->root, "values"), *v;
    size_t i, n, found = 0;
    uint64_t lag = 0;
    yyjson_arr_foreach (list, i, n, v) {
        found += yyjson_arr_size(tc_json_get(v, "objects")) > 0;
        if (!json)
            say_one(v);
    }
    if (json)
        tc_cli_json(r);
    else if (tc_json_u64(r->root, "lag", &lag) && lag)
        (void)fprintf(stderr, "tocsin correlate: %llu entries are not looked into yet\n",
                      (unsigned long long)lag);
    return found > 0;
}

struct given {
    const char *as, *kind, *file;
    const char *near, *within, *during, *at;
    struct tc_opt_list types;
    uint64_t limit;
    bool json;
    /* where the values come from: words, then lines */
    char **word;
    size_t words;
    FILE *lines;
    char *line;
    size_t line_cap;
};

/* The next value; NULL = there is none. Empty lines are none. */
static const char *next_value(struct given *g)
{
    if (g->words) {
        g->words--;
        return *g->word++;
    }
    while (g->lines) {
        ssize_t n = getline(&g->line, &g->line_cap, g->lines);
        if (n < 0)
            return NULL;
        struct tc_str s = tc_str_trim(tc_str_view(g->line, (size_t)n));
        if (s.n) {
            memmove(g->line, s.p, s.n);
            g->line[s.n] = '\0';
            return g->line;
        }
    }
    return NULL;
}

/* One question: TC_MAX_LOOKUP values at most. *asked = how many there were. */
static int ask(struct given *g, const char *dir, size_t *asked, bool *found)
{
    struct tc_ask a;
    struct tc_json r;
    const char *v;
    size_t n = 0;
    tc_ask_init(&a);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    if (g->kind)
        tc_jsonw_kcstr(&a.w, "kind", g->kind);
    if (g->limit)
        tc_jsonw_ku64(&a.w, "limit", g->limit);
    tc_jsonw_name(&a.w, "values");
    tc_jsonw_array(&a.w);
    while (n < TC_MAX_LOOKUP && (v = next_value(g)) != NULL) {
        tc_jsonw_cstr(&a.w, v);
        n++;
    }
    tc_jsonw_array_end(&a.w);
    *asked = n;
    int status = tc_ask_send(&a, "correlate", dir, "correlate", &r);
    if (status >= 0)
        return status;
    if (n && say(&r, g->json))
        *found = true;
    tc_json_fini(&r);
    return -1;
}

static int correlate(struct given *g, const char *dir)
{
    bool found = false;
    size_t asked = TC_MAX_LOOKUP;
    int status = -1;
    while (status < 0 && asked == TC_MAX_LOOKUP)
        status = ask(g, dir, &asked, &found);
    if (status < 0 && g->lines && ferror(g->lines)) {
        (void)fprintf(stderr, "tocsin correlate: %s cannot be read\n", g->file);
        status = tc_err_exit(TC_E_IO);
    }
    return status >= 0 ? status : found ? 0 : 1;
}

/* ---- near ---- */

static void say_hit(yyjson_val *o)
{
    struct tc_str s = {"", 0};
    char id[200], place[200] = "";
    int64_t seconds;
    yyjson_val *after = tc_json_get(o, "seconds");
    (void)tc_json_str(o, "id", &s);
    (void)tc_str_show(s, id, sizeof id);
    if (tc_json_str(o, "place_ref", &s))
        (void)tc_str_show(s, place, sizeof place);
    (void)printf("%10.1f m", yyjson_get_num(tc_json_get(o, "metres")));
    seconds = yyjson_get_sint(after);
    if (!after)
        (void)printf("  %10s", "");
    else if (seconds)
        (void)printf("  %8lld s", (long long)seconds);
    else
        (void)printf("  %10s", "then");
    (void)printf("  %s%s%s\n", id, *place ? "  at " : "", place);
}

static bool say_near(const struct tc_json *r, bool json)
{
    yyjson_val *list = tc_json_get(r->root, "objects"), *o;
    size_t i, n;
    uint64_t lag = 0;
    bool more = false;
    if (json) {
        tc_cli_json(r);
        return yyjson_arr_size(list) > 0;
    }
    yyjson_arr_foreach (list, i, n, o)
        say_hit(o);
    if (!yyjson_arr_size(list))
        (void)puts("nothing else was there");
    if (tc_json_bool(r->root, "more", &more) && more)
        (void)puts("there is more; say --limit N, or a smaller distance");
    if (tc_json_u64(r->root, "lag", &lag) && lag)
        (void)fprintf(stderr, "tocsin correlate: the index is %llu entries behind\n",
                      (unsigned long long)lag);
    return yyjson_arr_size(list) > 0;
}

static int near(const struct given *g, const char *dir)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"around", g->near},
                 {"within", g->within},
                 {"during", g->during},
                 {"at", g->at},
                 {"as", g->as}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text)
            tc_jsonw_kcstr(&a.w, texts[i].name, texts[i].text);
    if (g->limit)
        tc_jsonw_ku64(&a.w, "limit", g->limit);
    tc_jsonw_name(&a.w, "types");
    tc_jsonw_array(&a.w);
    for (size_t i = 0; i < g->types.n; i++)
        tc_jsonw_cstr(&a.w, g->types.v[i]);
    tc_jsonw_array_end(&a.w);
    int status = tc_ask_send(&a, "correlate", dir, "near", &r);
    if (status >= 0)
        return status;
    bool found = say_near(&r, g->json);
    tc_json_fini(&r);
    return found ? 0 : 1;
}

static int by_value(struct given *g, const char *dir)
{
    if (g->file) {
        g->lines = strcmp(g->file, "-") == 0 ? stdin : fopen(g->file, "r");
        if (!g->lines) {
            struct tc_diag d;
            tc_diag_init(&d);
            tc_diag_file(&d, g->file);
            tc_err e = tc_err_from_errno(errno);
            return tc_cli_fail("correlate", tc_diag_set(&d, e, "%s", tc_err_text(e)), &d);
        }
    }
    int status = correlate(g, dir);
    free(g->line);
    if (g->lines && g->lines != stdin)
        (void)fclose(g->lines);
    return status;
}

int tc_cmd_correlate(int argc, char **argv)
{
    struct given g = {.limit = 0};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TEXT("kind", &g.kind),
                                  TC_OPT_TEXT("file", &g.file),
                                  TC_OPT_TEXT("near", &g.near),
                                  TC_OPT_TEXT("within", &g.within),
                                  TC_OPT_TEXT("during", &g.during),
                                  TC_OPT_TEXT("at", &g.at),
                                  TC_OPT_LIST("type", &g.types, 1, TC_MAX_MATCH),
                                  TC_OPT_U64("limit", &g.limit, 1, TC_MAX_CORRELATED),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1 + TC_MAX_LOOKUP, &n);
    if (status >= 0)
        return status;
    g.word = argv + 2;
    g.words = n - 1;
    bool there = g.within || g.during || g.at || g.types.n;
    if (g.near ? g.words || g.file || g.kind : there || (!g.words && !g.file))
        status = tc_cli_usage("correlate", "say VALUES, or --file FILE with one on each line, or "
                                           "--near with --within, --during, --at, --type");
    else
        status = g.near ? near(&g, argv[1]) : by_value(&g, argv[1]);
    tc_opt_list_free(&g.types);
    return status;
}
