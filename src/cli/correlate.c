/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin correlate: what else has this value. */
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

int tc_cmd_correlate(int argc, char **argv)
{
    struct given g = {.limit = 100};
    size_t n;
    const struct tc_opt opts[] = {
        TC_OPT_TEXT("as", &g.as),     TC_OPT_TEXT("kind", &g.kind),
        TC_OPT_TEXT("file", &g.file), TC_OPT_U64("limit", &g.limit, 1, TC_MAX_CORRELATED),
        TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1 + TC_MAX_LOOKUP, &n);
    if (status >= 0)
        return status;
    g.word = argv + 2;
    g.words = n - 1;
    if (!g.words && !g.file)
        return tc_cli_usage("correlate", "say VALUES, or --file FILE with one on each line");
    if (g.file) {
        g.lines = strcmp(g.file, "-") == 0 ? stdin : fopen(g.file, "r");
        if (!g.lines) {
            struct tc_diag d;
            tc_diag_init(&d);
            tc_diag_file(&d, g.file);
            tc_err e = tc_err_from_errno(errno);
            return tc_cli_fail("correlate", tc_diag_set(&d, e, "%s", tc_err_text(e)), &d);
        }
    }
    status = correlate(&g, argv[1]);
    free(g.line);
    if (g.lines && g.lines != stdin)
        (void)fclose(g.lines);
    return status;
}
