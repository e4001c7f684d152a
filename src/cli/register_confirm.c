/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin register confirm, confirmations: operators are asked by a due date whether their entries
 * still hold, and answer. */
#include "base/time.h"
#include "cli/ask.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/register_verbs.h"
#include "watch/confirm.h"

#include <stdio.h>

static const char command[] = "register";

struct given {
    const char *as, *answer, *note, *round;
    tc_time due;
    struct tc_opt_list operators;
    bool corrected, overdue, json;
};

static void say(struct tc_str s)
{
    char shown[512];
    (void)tc_str_show(s, shown, sizeof shown);
    (void)fputs(shown, stdout);
}

static void say_asked(const struct tc_json *r)
{
    yyjson_val *list = tc_json_get(r->root, "confirmations"), *o;
    struct tc_str s = {"", 0};
    uint64_t n = 0;
    size_t i, max;
    (void)tc_json_str(r->root, "round", &s);
    (void)fputs("round ", stdout);
    say(s);
    s = TC_STR("");
    (void)tc_json_str(r->root, "due", &s);
    (void)printf(", due %.10s\n", s.n >= 10 ? s.p : "?");
    yyjson_arr_foreach (list, i, max, o) {
        (void)tc_json_u64(o, "assets", &n);
        (void)tc_json_str(o, "operator", &s);
        (void)fputs("asked ", stdout);
        say(s);
        (void)tc_json_str(o, "id", &s);
        (void)printf(" about %llu %s: %.*s\n", (unsigned long long)n, n == 1 ? "entry" : "entries",
                     TC_FMT(s));
    }
    if (tc_json_u64(r->root, "unreadable", &n) && n)
        (void)printf("not asked about %llu that their operators may not read: import them to a "
                     "community of the operators\n",
                     (unsigned long long)n);
    if (tc_json_u64(r->root, "elsewhere", &n) && n)
        (void)printf("not asked about %llu whose operators are no organisations of this node\n",
                     (unsigned long long)n);
}

static int open_round(const struct given *g, const char *dir)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    if (g->round)
        tc_jsonw_kcstr(&a.w, "round", g->round);
    tc_jsonw_ktime(&a.w, "due", g->due);
    tc_jsonw_name(&a.w, "operators");
    tc_jsonw_array(&a.w);
    for (size_t i = 0; i < g->operators.n; i++)
        tc_jsonw_cstr(&a.w, g->operators.v[i]);
    tc_jsonw_array_end(&a.w);
    int status = tc_ask_send(&a, command, dir, "confirm-open", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        say_asked(&r);
    tc_json_fini(&r);
    return 0;
}

static int answer(const struct given *g, const char *dir)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "id", g->answer);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    if (g->note)
        tc_jsonw_kcstr(&a.w, "note", g->note);
    tc_jsonw_kbool(&a.w, "corrected", g->corrected);
    int status = tc_ask_send(&a, command, dir, "confirm-answer", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)puts(g->corrected ? "corrected" : "confirmed");
    tc_json_fini(&r);
    return 0;
}

int tc_register_confirm(int argc, char **argv)
{
    struct given g = {.due = TC_TIME_NONE};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TIME("due", &g.due),
                                  TC_OPT_TEXT("round", &g.round),
                                  TC_OPT_LIST("operator", &g.operators, 1, TC_CONFIRM_MOST),
                                  TC_OPT_TEXT("answer", &g.answer),
                                  TC_OPT_FLAG("corrected", &g.corrected),
                                  TC_OPT_TEXT("note", &g.note),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status < 0 && g.answer && (g.due != TC_TIME_NONE || g.round || g.operators.n))
        status = tc_cli_usage(command, "--answer goes with --as, --corrected and --note");
    else if (status < 0 && !g.answer && (g.corrected || g.note))
        status = tc_cli_usage(command, "--corrected and --note go with --answer");
    if (status < 0)
        status = g.answer ? answer(&g, argv[1]) : open_round(&g, argv[1]);
    tc_opt_list_free(&g.operators);
    return status;
}

int tc_register_confirmations(int argc, char **argv)
{
    static const struct tc_cli_column columns[] = {
        {"STATE", "state"},    {"DUE", "due"},   {"ROUND", "round"}, {"OPERATOR", "operator"},
        {"ENTRIES", "assets"}, {"NOTE", "note"}, {"ID", "id"}};
    struct given g = {.as = NULL};
    struct tc_ask a;
    struct tc_json r;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as), TC_OPT_FLAG("overdue", &g.overdue),
                                  TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    tc_ask_init(&a);
    if (g.as)
        tc_jsonw_kcstr(&a.w, "as", g.as);
    tc_jsonw_kbool(&a.w, "overdue", g.overdue);
    status = tc_ask_send(&a, command, argv[1], "confirm-list", &r);
    if (status >= 0)
        return status;
    if (g.json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "confirmations"), columns, 7,
                     g.overdue ? "nothing is overdue" : "no confirmations");
    tc_json_fini(&r);
    return 0;
}
