/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin rule: the patterns that a node matches what comes in with. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "cli/progress.h"
#include "node/node.h"
#include "pack/trial.h"

#include <stdio.h>

struct given {
    const char *as, *description, *per, *about, *severity, *cooldown, *marking, *community;
    const char *from, *until, *reason, *value, *since, *file;
    struct tc_opt_list says;
    uint64_t confidence, limit;
    bool json, extended;
};

static void text(struct tc_ask *a, const char *name, const char *value)
{
    if (value)
        tc_jsonw_kcstr(&a->w, name, value);
}

static void start(struct tc_ask *a, const struct given *g)
{
    tc_ask_init(a);
    text(a, "as", g->as);
    if (g->limit)
        tc_jsonw_ku64(&a->w, "limit", g->limit);
}

static struct tc_str member(yyjson_val *o, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    return s;
}

static uint64_t number(const struct tc_json *r, const char *name)
{
    uint64_t n = 0;
    (void)tc_json_u64(r->root, name, &n);
    return n;
}

static void print_to(FILE *f, struct tc_str s)
{
    char z[200];
    (void)tc_str_show(s, z, sizeof z);
    (void)fputs(z, f);
}

static void print_shown(struct tc_str s, size_t most)
{
    char z[1200];
    (void)tc_str_show(s, z, most < sizeof z ? most : sizeof z);
    (void)fputs(z, stdout);
}

/* ---- list, show ---- */

static void say_mutes(yyjson_val *mutes)
{
    yyjson_val *m;
    size_t i, n;
    yyjson_arr_foreach (mutes, i, n, m) {
        (void)fputs("    muted", stdout);
        if (member(m, "value").n) {
            (void)fputs(" for ", stdout);
            print_shown(member(m, "value"), 120);
        }
        if (member(m, "from").n)
            (void)printf(" from %.*s", TC_FMT(member(m, "from")));
        if (member(m, "until").n)
            (void)printf(" until %.*s", TC_FMT(member(m, "until")));
        (void)fputs(": ", stdout);
        print_shown(member(m, "reason"), 400);
        (void)putchar('\n');
    }
}

static void say_rule(yyjson_val *row)
{
    yyjson_val *rule = tc_json_get(row, "rule");
    bool key = true;
    (void)tc_json_bool(row, "key", &key);
    print_shown(member(rule, "id"), 120);
    (void)printf("  %.*s%s  ", TC_FMT(member(row, "state")), key ? "" : ", no index key");
    print_shown(member(rule, "name"), 200);
    (void)fputs("\n    ", stdout);
    print_shown(member(rule, "pattern"), 1000);
    (void)putchar('\n');
    if (member(row, "why").n) {
        (void)fputs("    refused: ", stdout);
        print_shown(member(row, "why"), 400);
        (void)putchar('\n');
    }
    say_mutes(tc_json_get(row, "mutes"));
}

static int list(const struct given *g, const char *dir)
{
    struct tc_ask a;
    struct tc_json r;
    bool more = false;
    start(&a, g);
    tc_jsonw_kbool(&a.w, "extended", g->extended);
    int status = tc_ask_send(&a, "rule", dir, "rule-list", &r);
    if (status >= 0)
        return status;
    yyjson_val *rows = tc_json_get(r.root, "rules"), *row;
    size_t i, n;
    if (g->json) {
        tc_cli_json(&r);
    } else {
        yyjson_arr_foreach (rows, i, n, row)
            say_rule(row);
        if (!yyjson_arr_size(rows))
            (void)puts("no rules");
        if (tc_json_bool(r.root, "more", &more) && more)
            (void)fputs("there are more, say --limit N\n", stderr);
    }
    tc_json_fini(&r);
    return 0;
}

static int show(const struct given *g, const char *dir, const char *id)
{
    struct tc_ask a;
    struct tc_json r;
    start(&a, g);
    text(&a, "id", id);
    int status = tc_ask_send(&a, "rule", dir, "rule-show", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        say_rule(r.root);
    tc_json_fini(&r);
    return 0;
}

/* ---- add ---- */

/* -1 to go on. */
static int put_says(struct tc_ask *a, const struct tc_opt_list *says)
{
    if (!says->n)
        return -1;
    tc_jsonw_name(&a->w, "says");
    tc_jsonw_object(&a->w);
    for (size_t i = 0; i < says->n; i++) {
        const char *eq = strchr(says->v[i], '=');
        if (!eq || eq == says->v[i])
            return tc_cli_usage("rule",
                                "--says is LANGUAGE=SENTENCE, as in en='Seen {count} times'");
        tc_jsonw_namen(&a->w, tc_str_view(says->v[i], (size_t)(eq - says->v[i])));
        tc_jsonw_cstr(&a->w, eq + 1);
    }
    tc_jsonw_object_end(&a->w);
    return -1;
}

static int add(const struct given *g, const char *dir, const char *name, const char *pattern)
{
    struct tc_ask a;
    struct tc_json r;
    start(&a, g);
    text(&a, "name", name);
    text(&a, "pattern", pattern);
    text(&a, "description", g->description);
    text(&a, "per", g->per);
    text(&a, "about", g->about);
    text(&a, "severity", g->severity);
    text(&a, "cooldown", g->cooldown);
    text(&a, "marking", g->marking);
    text(&a, "community", g->community);
    text(&a, "valid_from", g->from);
    text(&a, "valid_until", g->until);
    if (g->confidence != UINT64_MAX)
        tc_jsonw_ku64(&a.w, "confidence", g->confidence);
    int status = put_says(&a, &g->says);
    if (status >= 0) {
        tc_buf_fini(&a.buf);
        return status;
    }
    status = tc_ask_send(&a, "rule", dir, "rule-add", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%.*s\n", TC_FMT(member(r.root, "id")));
    tc_json_fini(&r);
    return 0;
}

/* ---- add, from a file of rules ---- */

static void tell(void *arg, const struct tc_diag *d)
{
    char z[1200];
    (void)arg;
    tc_diag_format(d, z, sizeof z);
    (void)fprintf(stderr, "tocsin rule: %s\n", z);
}

static void view(struct tc_ask *a, const char *name, struct tc_str value)
{
    if (value.n)
        tc_jsonw_kstr(&a->w, name, value);
}

static void put_trials(struct tc_ask *a, const struct tc_pack_rule *r, bool match)
{
    tc_jsonw_name(&a->w, match ? "match" : "quiet");
    tc_jsonw_array(&a->w);
    for (size_t i = 0; i < r->n_trials; i++)
        if (r->trials[i].match == match)
            tc_jsonw_str(&a->w, r->trials[i].text);
    tc_jsonw_array_end(&a->w);
}

static void put_rule(struct tc_ask *a, const struct tc_pack_rule *p)
{
    const struct tc_rule *r = &p->rule;
    char z[32];
    view(a, "name", r->name);
    view(a, "pattern", r->pattern);
    view(a, "description", r->description);
    view(a, "per", r->per);
    view(a, "about", r->about);
    view(a, "severity", r->severity);
    if (r->cooldown) {
        (void)snprintf(z, sizeof z, "PT%lldS", (long long)r->cooldown);
        tc_jsonw_kcstr(&a->w, "cooldown", z);
    }
    if (r->confidence >= 0)
        tc_jsonw_ku64(&a->w, "confidence", (uint64_t)r->confidence);
    tc_jsonw_name(&a->w, "says");
    tc_jsonw_object(&a->w);
    for (size_t i = 0; i < r->n_says; i++) {
        tc_jsonw_namen(&a->w, r->says[i].language);
        tc_jsonw_str(&a->w, r->says[i].text);
    }
    tc_jsonw_object_end(&a->w);
    put_trials(a, p, true);
    put_trials(a, p, false);
}

/* What it would have found of late; nothing is written. */
static int say_lately(const struct given *g, const char *dir, const struct tc_rule *r)
{
    struct tc_ask a;
    struct tc_json answer;
    start(&a, g);
    view(&a, "pattern", r->pattern);
    view(&a, "per", r->per);
    int status = tc_ask_send(&a, "rule", dir, "rule-test", &answer);
    if (status >= 0)
        return status;
    print_to(stderr, r->name);
    (void)fprintf(stderr, ": against the last 7 days: %llu match%s among %llu observations\n",
                  (unsigned long long)number(&answer, "matches"),
                  number(&answer, "matches") == 1 ? "" : "es",
                  (unsigned long long)number(&answer, "observations"));
    tc_json_fini(&answer);
    return 0;
}

static int add_one(const struct given *g, const char *dir, const struct tc_pack_rule *r)
{
    struct tc_ask a;
    struct tc_json answer;
    start(&a, g);
    text(&a, "marking", g->marking);
    text(&a, "community", g->community);
    text(&a, "valid_from", g->from);
    text(&a, "valid_until", g->until);
    put_rule(&a, r);
    int status = tc_ask_send(&a, "rule", dir, "rule-add", &answer);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&answer);
    else
        (void)printf("%.*s\n", TC_FMT(member(answer.root, "id")));
    tc_json_fini(&answer);
    return say_lately(g, dir, &r->rule);
}

/* All of the file holds, also what its rules are tried on, before the first is added. */
static int add_file(const struct given *g, const char *dir)
{
    struct tc_pack_rules *rules = NULL;
    struct tc_diag d;
    int status = 0;
    tc_diag_init(&d);
    tc_err e = tc_pack_rules_file(g->file, tell, NULL, &rules, &d);
    e = e ? e : tc_pack_try(rules, tell, NULL, NULL, &d);
    if (e)
        status = e == TC_E_NOTFOUND ? 3 : tc_err_exit(e);
    else if (!rules->n) {
        (void)fprintf(stderr, "tocsin rule: %s: there is no rule in it\n", g->file);
        status = 3;
    }
    for (size_t i = 0; !status && i < rules->n; i++)
        status = add_one(g, dir, &rules->v[i]);
    tc_pack_rules_free(rules);
    return status;
}

/* ---- test ---- */

static void say_match(yyjson_val *m)
{
    yyjson_val *list = tc_json_get(m, "observations"), *one;
    size_t i, n;
    uint64_t more = 0;
    (void)printf("%.*s", TC_FMT(member(m, "first_observed")));
    if (member(m, "per").n) {
        (void)fputs("  ", stdout);
        print_shown(member(m, "per"), 120);
    }
    yyjson_arr_foreach (list, i, n, one) {
        (void)fputs("  ", stdout);
        print_shown(tc_json_view(one), 200);
    }
    if (tc_json_u64(m, "more", &more))
        (void)printf("  and %llu more", (unsigned long long)more);
    (void)putchar('\n');
}

static void say_tested(const struct tc_json *r)
{
    yyjson_val *shown = tc_json_get(r->root, "shown"), *m;
    size_t i, n;
    bool complete = true;
    yyjson_arr_foreach (shown, i, n, m)
        say_match(m);
    if (number(r, "matches") > yyjson_arr_size(shown))
        (void)printf("and %llu more\n",
                     (unsigned long long)(number(r, "matches") - yyjson_arr_size(shown)));
    (void)tc_json_bool(r->root, "complete", &complete);
    (void)fprintf(stderr, "%llu match%s among %llu observations since %.*s%s\n",
                  (unsigned long long)number(r, "matches"), number(r, "matches") == 1 ? "" : "es",
                  (unsigned long long)number(r, "observations"), TC_FMT(member(r->root, "since")),
                  complete ? "" : "; cut, there are more");
}

static int test(const struct given *g, const char *dir, const char *what)
{
    struct tc_ask a;
    struct tc_json r;
    start(&a, g);
    bool id = tc_str_starts(tc_str_cstr(what), TC_STR("indicator--"));
    text(&a, id ? "id" : "pattern", what);
    text(&a, "per", g->per);
    text(&a, "since", g->since);
    int status = tc_ask_send(&a, "rule", dir, "rule-test", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        say_tested(&r);
    status = number(&r, "matches") ? 0 : 1;
    tc_json_fini(&r);
    return status;
}

/* ---- mute ---- */

static int mute(const struct given *g, const char *dir, const char *id)
{
    struct tc_ask a;
    struct tc_json r;
    start(&a, g);
    text(&a, "id", id);
    text(&a, "reason", g->reason);
    text(&a, "value", g->value);
    text(&a, "from", g->from);
    text(&a, "until", g->until);
    int status = tc_ask_send(&a, "rule", dir, "rule-mute", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%.*s\n", TC_FMT(member(r.root, "id")));
    tc_json_fini(&r);
    return 0;
}

static int unmute(const struct given *g, const char *dir, const char *id)
{
    struct tc_ask a;
    struct tc_json r;
    start(&a, g);
    text(&a, "id", id);
    text(&a, "value", g->value);
    int status = tc_ask_send(&a, "rule", dir, "rule-unmute", &r);
    if (status >= 0)
        return status;
    uint64_t n = number(&r, "unmuted");
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%llu mute%s taken back\n", (unsigned long long)n, n == 1 ? "" : "s");
    tc_json_fini(&r);
    return n ? 0 : 1;
}

/* ---- run ---- */

struct bar {
    struct tc_progress p;
    bool on;
};

static void on_tell(void *arg, struct tc_str json)
{
    struct bar *b = arg;
    struct tc_json j;
    uint64_t done = 0;
    if (tc_json_read(json, TC_OP_REQUEST, 0, &j, NULL))
        return;
    if (tc_json_u64(tc_json_get(j.root, "progress"), "done", &done)) {
        if (!b->on)
            tc_progress_start(&b->p, "rule", "observations", 0);
        b->on = true;
        tc_progress_at(&b->p, done);
    } else {
        tc_ask_told(NULL, json);
    }
    tc_json_fini(&j);
}

static void say_run(const struct tc_json *r)
{
    static const char *const more[][2] = {{"counted", "counted into a finding that stands"},
                                          {"muted", "muted"},
                                          {"suppressed", "on a warning list"},
                                          {"over_day", "over the bound of a day"},
                                          {"nobody", "for nobody to know"},
                                          {"undecided", "too much work to decide"}};
    (void)printf("%llu new sighting%s among %llu observations\n",
                 (unsigned long long)number(r, "sightings"), number(r, "sightings") == 1 ? "" : "s",
                 (unsigned long long)number(r, "observations"));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (number(r, more[i][0]))
            (void)printf("%llu matches %s\n", (unsigned long long)number(r, more[i][0]),
                         more[i][1]);
}

static int run_past(const struct given *g, const char *dir, const char *id)
{
    struct tc_buf in, out;
    struct tc_json r = {0};
    struct bar bar = {.on = false};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&in, TC_OP_REQUEST);
    tc_buf_init(&out, TC_OP_ANSWER);
    struct tc_jsonw w = tc_jsonw_into(&in);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", id);
    tc_ask_reason(&w);
    if (g->since)
        tc_jsonw_kcstr(&w, "since", g->since);
    tc_jsonw_object_end(&w);
    tc_err e = tc_cli_parts();
    e = e ? e : in.err;
    e = e ? e : tc_node_call(dir, "rule-run", tc_buf_view(&in), -1, &out, on_tell, &bar, &d);
    if (bar.on)
        tc_progress_end(&bar.p);
    e = e ? e : tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, &r, &d);
    int status = e ? tc_cli_fail("rule", e, &d) : 0;
    if (!e && g->json)
        tc_cli_json(&r);
    else if (!e)
        say_run(&r);
    tc_json_fini(&r);
    tc_buf_fini(&in);
    tc_buf_fini(&out);
    return status;
}

static int run(const struct given *g, char **words, size_t n)
{
    if (strcmp(words[0], "list") == 0 && n == 2)
        return list(g, words[1]);
    if (strcmp(words[0], "show") == 0 && n == 3)
        return show(g, words[1], words[2]);
    if (strcmp(words[0], "add") == 0 && n == 2 && g->file)
        return add_file(g, words[1]);
    if (strcmp(words[0], "add") == 0 && n == 4 && !g->file)
        return add(g, words[1], words[2], words[3]);
    if (strcmp(words[0], "test") == 0 && n == 3)
        return test(g, words[1], words[2]);
    if (strcmp(words[0], "run") == 0 && n == 3)
        return run_past(g, words[1], words[2]);
    if (strcmp(words[0], "mute") == 0 && n == 3)
        return mute(g, words[1], words[2]);
    if (strcmp(words[0], "unmute") == 0 && n == 3)
        return unmute(g, words[1], words[2]);
    return tc_cli_usage(
        "rule",
        "it is 'list DIR', 'show DIR ID', 'add DIR NAME PATTERN', 'add DIR --file FILE', 'test DIR "
        "ID|PATTERN', 'run DIR ID', 'mute DIR ID' or 'unmute DIR ID'");
}

int tc_cmd_rule(int argc, char **argv)
{
    struct given g = {.confidence = UINT64_MAX};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TEXT("description", &g.description),
                                  TC_OPT_TEXT("per", &g.per),
                                  TC_OPT_TEXT("about", &g.about),
                                  TC_OPT_TEXT("severity", &g.severity),
                                  TC_OPT_TEXT("cooldown", &g.cooldown),
                                  TC_OPT_TEXT("marking", &g.marking),
                                  TC_OPT_TEXT("community", &g.community),
                                  TC_OPT_TEXT("from", &g.from),
                                  TC_OPT_TEXT("until", &g.until),
                                  TC_OPT_TEXT("reason", &g.reason),
                                  TC_OPT_TEXT("value", &g.value),
                                  TC_OPT_TEXT("since", &g.since),
                                  TC_OPT_TEXT("file", &g.file),
                                  TC_OPT_LIST("says", &g.says, 1, 1),
                                  TC_OPT_U64("confidence", &g.confidence, 0, 100),
                                  TC_OPT_U64("limit", &g.limit, 1, 1000000),
                                  TC_OPT_FLAG("extended", &g.extended),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 4, &n);
    if (status >= 0)
        return status;
    status = run(&g, argv + 1, n);
    tc_opt_list_free(&g.says);
    return status;
}
