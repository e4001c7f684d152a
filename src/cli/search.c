/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin search: what a node holds about something. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "watch/glance.h"

#include <stdio.h>

#define MAX_WORDS 16

struct given {
    const char *value, *ref, *box, *as;
    struct tc_opt_list types;
    uint64_t limit;
    bool json;
};

static void put_words(struct tc_jsonw *w, char **word, size_t n)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_FORM);
    for (size_t i = 0; i < n; i++) {
        tc_buf_cstr(&b, i ? " " : "");
        tc_buf_cstr(&b, word[i]);
    }
    if (n)
        tc_jsonw_kcstr(w, "words", tc_buf_z(&b));
    tc_buf_fini(&b);
}

static void put_request(struct tc_jsonw *w, const struct given *g, char **word, size_t n)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"value", g->value}, {"ref", g->ref}, {"box", g->box}, {"as", g->as}};
    put_words(w, word, n);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text)
            tc_jsonw_kcstr(w, texts[i].name, texts[i].text);
    tc_jsonw_ku64(w, "limit", g->limit);
    tc_jsonw_name(w, "types");
    tc_jsonw_array(w);
    for (size_t i = 0; i < g->types.n; i++)
        tc_jsonw_cstr(w, g->types.v[i]);
    tc_jsonw_array_end(w);
}

/* Type, id and title, one line each; foreign text cannot drive the terminal. */
static void say(const struct tc_json *r)
{
    yyjson_val *list = tc_json_get(r->root, "objects"), *o;
    size_t i, n;
    uint64_t lag = 0;
    bool more = false, hot = false;
    yyjson_arr_foreach (list, i, n, o) {
        char text[3][200];
        struct tc_str type = {"", 0}, id = {"", 0};
        (void)tc_json_str(o, "type", &type);
        (void)tc_json_str(o, "id", &id);
        (void)tc_str_show(type, text[0], sizeof text[0]);
        (void)tc_str_show(tc_glance_title(o), text[1], sizeof text[1]);
        (void)tc_str_show(id, text[2], sizeof text[2]);
        (void)printf("%-20s %-60s %s\n", text[0], text[2], text[1]);
    }
    if (!yyjson_arr_size(list))
        (void)puts("nothing found");
    (void)tc_json_bool(r->root, "more", &more);
    if (tc_json_bool(r->root, "hot", &hot) && hot)
        (void)puts("the value is hot, in more than 1000 entries: these are the newest");
    if (more)
        (void)puts("there is more; say --limit N, or ask for less");
    if (tc_json_u64(r->root, "lag", &lag) && lag)
        (void)fprintf(stderr, "tocsin search: the index is %llu entries behind\n",
                      (unsigned long long)lag);
}

static int search(const struct given *g, const char *dir, char **word, size_t n)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    put_request(&a.w, g, word, n);
    int status = tc_ask_send(&a, "search", dir, "search", &r);
    if (status >= 0)
        return status;
    bool found = yyjson_arr_size(tc_json_get(r.root, "objects")) > 0;
    if (g->json)
        tc_cli_json(&r);
    else
        say(&r);
    tc_json_fini(&r);
    return found ? 0 : 1;
}

int tc_cmd_search(int argc, char **argv)
{
    struct given g = {.limit = 100};
    size_t n;
    const struct tc_opt opts[] = {
        TC_OPT_TEXT("value", &g.value), TC_OPT_TEXT("ref", &g.ref),
        TC_OPT_TEXT("box", &g.box),     TC_OPT_LIST("type", &g.types, 1, TC_MAX_MATCH),
        TC_OPT_TEXT("as", &g.as),       TC_OPT_U64("limit", &g.limit, 1, TC_MAX_PAGE),
        TC_OPT_FLAG("json", &g.json),   TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1 + MAX_WORDS, &n);
    if (status >= 0)
        return status;
    int kinds = (n > 1) + (g.value != NULL) + (g.ref != NULL) + (g.box != NULL);
    if (kinds == 1)
        status = search(&g, argv[1], argv + 2, n - 1);
    else
        status = tc_cli_usage("search", "look for one thing: WORDS, --value, --ref or --box");
    tc_opt_list_free(&g.types);
    return status;
}
