/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin warning: what a node warns of. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

struct given {
    const char *as, *why;
    uint64_t limit;
    bool json;
};

/* -1 to go on with *r, else the exit status. */
static int ask(const struct given *g, const char *dir, const char *op, const char *name,
               const char *value, struct tc_json *r)
{
    struct tc_ask a;
    tc_ask_init(&a);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    tc_jsonw_ku64(&a.w, "limit", g->limit);
    if (g->why)
        tc_jsonw_kcstr(&a.w, "why", g->why);
    if (value)
        tc_jsonw_kcstr(&a.w, name, value);
    return tc_ask_send(&a, "warning", dir, op, r);
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {
        {"STATE", "state"},   {"KIND", "message_type"},
        {"STATUS", "status"}, {"FOR", "recipient_name"},
        {"SENT", "sent"},     {"ACKNOWLEDGED", "acknowledged"},
        {"SAYS", "name"},     {"ID", "id"}};
    struct tc_json r;
    int status = ask(g, dir, "warning-list", NULL, NULL, &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "warnings"), columns, 8, "no warnings");
    tc_json_fini(&r);
    return 0;
}

/* Foreign text to a terminal: control characters but the line's end as '?'. */
static void print_text(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        (void)putchar(c == '\n' || (c >= 0x20 && c != 0x7f) ? c : '?');
    }
    (void)putchar('\n');
}

static void print_field(yyjson_val *w, const char *title, const char *name)
{
    struct tc_str s = {"", 0};
    if (!tc_json_str(w, name, &s) || !s.n)
        return;
    (void)printf("%-13s ", title);
    print_text(s);
}

static void print_warning(yyjson_val *w)
{
    print_field(w, "id", "id");
    print_field(w, "state", "state");
    print_field(w, "kind", "message_type");
    print_field(w, "status", "status");
    print_field(w, "for", "recipient_name");
    print_field(w, "sent", "sent");
    print_field(w, "urgency", "urgency");
    print_field(w, "severity", "severity");
    print_field(w, "certainty", "certainty");
    yyjson_val *t = yyjson_arr_get_first(tc_json_get(w, "texts"));
    static const char *const parts[] = {"headline", "description", "instruction"};
    for (size_t i = 0; i < 3; i++) {
        struct tc_str s = {"", 0};
        if (tc_json_str(t, parts[i], &s) && s.n) {
            (void)putchar('\n');
            print_text(s);
        }
    }
}

static int one(const struct given *g, const char *dir, const char *op, const char *id)
{
    struct tc_json r;
    struct tc_str waits;
    int status = ask(g, dir, op, "id", id, &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else if (tc_json_str(r.root, "waits", &waits))
        (void)printf("waits for a second person: approval %.*s\n", TC_FMT(waits));
    else
        print_warning(r.root);
    tc_json_fini(&r);
    return 0;
}

static int rule(const struct given *g, const char *dir, const char *word)
{
    struct tc_json r;
    struct tc_str now = {"", 0};
    int status = ask(g, dir, "warning-rule", "release", word, &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "release", &now);
    if (g->json)
        tc_cli_json(&r);
    else if (tc_str_is(now, "hand"))
        (void)puts("a releaser releases each warning");
    else if (tc_str_is(now, "exercise"))
        (void)puts("warnings of exercises release themselves, others a releaser");
    else
        (void)puts("all warnings release themselves");
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_warning(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as), TC_OPT_U64("limit", &g.limit, 1, 1000),
                                  TC_OPT_TEXT("why", &g.why), TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    if (strcmp(argv[1], "show") == 0 && n == 3)
        return one(&g, argv[2], "warning-show", argv[3]);
    if (strcmp(argv[1], "release") == 0 && n == 3)
        return one(&g, argv[2], "warning-release", argv[3]);
    if (strcmp(argv[1], "rule") == 0)
        return rule(&g, argv[2], n == 3 ? argv[3] : NULL);
    return tc_cli_usage("warning",
                        "it is 'list DIR', 'show DIR ID', 'release DIR ID' or 'rule DIR [WORD]'");
}
