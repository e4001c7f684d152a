/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin community: the communities of a node and who belongs to them. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

struct given {
    const char *alias, *description, *kind, *takes_part, *title;
    const char *as, *why, *four_eyes, *asks_reason, *at;
    uint64_t days_after;
    bool open, read_only, since_joining, requested, json;
};

static void text(struct tc_ask *a, const char *name, const char *value)
{
    if (value)
        tc_jsonw_kcstr(&a->w, name, value);
}

static int add(const struct given *g, const char *dir, const char *title)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str id = {"", 0};
    tc_ask_init(&a);
    text(&a, "title", title);
    text(&a, "alias", g->alias);
    text(&a, "description", g->description);
    text(&a, "kind", g->kind);
    tc_jsonw_kbool(&a.w, "open", g->open);
    tc_jsonw_kbool(&a.w, "since_joining", g->since_joining);
    tc_jsonw_kbool(&a.w, "requested", g->requested);
    int status = tc_ask_send(&a, "community", dir, "community-add", &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(tc_json_get(r.root, "community"), "id", &id);
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("community %.*s: %s\n", TC_FMT(id), title);
    tc_json_fini(&r);
    return 0;
}

static int list(const struct given *g, const char *dir)
{
    static const struct tc_cli_column columns[] = {
        {"NUMBER", "number"},   {"ALIAS", "alias"}, {"TITLE", "title"},
        {"KIND", "kind"},       {"STATE", "state"}, {"OPEN", "open"},
        {"MEMBERS", "members"}, {"ID", "id"},       {"ARCHIVED BY ITSELF", "archived_by_itself"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    int status = tc_ask_send(&a, "community", dir, "community-list", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "communities"), columns, 9, "no communities");
    tc_json_fini(&r);
    return 0;
}

static int members(const struct given *g, const char *dir, const char *community)
{
    static const struct tc_cli_column columns[] = {{"NUMBER", "number"},
                                                   {"NAME", "name"},
                                                   {"COUNTRY", "country"},
                                                   {"TAKES PART", "takes_part"}};
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "community", community);
    int status = tc_ask_send(&a, "community", dir, "community-members", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        tc_cli_table(tc_json_get(r.root, "orgs"), columns, 4, "no members");
    tc_json_fini(&r);
    return 0;
}

static int member(const struct given *g, char **words, bool in)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "community", words[1]);
    text(&a, "org", words[2]);
    tc_jsonw_kbool(&a.w, "member", in);
    tc_jsonw_kbool(&a.w, "write", !g->read_only);
    text(&a, "takes_part", g->takes_part);
    text(&a, "why", g->why);
    int status = tc_ask_send(&a, "community", words[0], "member-set", &r);
    struct tc_str waits;
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else if (tc_json_str(r.root, "waits", &waits))
        (void)printf("waits for a second person: approval %.*s\n", TC_FMT(waits));
    else
        (void)printf("%s %s %s\n", words[2], in ? "belongs to" : "left", words[1]);
    tc_json_fini(&r);
    return 0;
}

static int set(const struct given *g, char **words)
{
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    text(&a, "community", words[1]);
    text(&a, "state", words[2]);
    int status = tc_ask_send(&a, "community", words[0], "community-state", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%s is %s\n", words[1], words[2]);
    tc_json_fini(&r);
    return 0;
}

/* "release,deletion" as a list of words; "none" is the empty one. */
static void words_of(struct tc_ask *a, const char *name, const char *value)
{
    if (!value)
        return;
    struct tc_str s = tc_str_cstr(value);
    tc_jsonw_name(&a->w, name);
    tc_jsonw_array(&a->w);
    while (s.n && !tc_str_is(s, "none")) {
        size_t n = tc_str_find(s, TC_STR(","));
        tc_jsonw_str(&a->w, tc_str_view(s.p, n == SIZE_MAX ? s.n : n));
        s = n == SIZE_MAX ? TC_STR("") : tc_str_view(s.p + n + 1, s.n - n - 1);
    }
    tc_jsonw_array_end(&a->w);
}

static void print_words(const struct tc_json *r, const char *title, const char *name)
{
    size_t i, n;
    yyjson_val *v;
    (void)printf("%-20s", title);
    yyjson_val *list = tc_json_get(r->root, name);
    yyjson_arr_foreach (list, i, n, v)
        (void)printf("%s%s", i ? ", " : "", yyjson_get_str(v));
    (void)puts(yyjson_arr_size(list) ? "" : "none");
}

static int rules(const struct given *g, char **words)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str waits;
    tc_ask_init(&a);
    text(&a, "community", words[1]);
    text(&a, "as", g->as);
    text(&a, "why", g->why);
    words_of(&a, "four_eyes", g->four_eyes);
    words_of(&a, "asks_reason", g->asks_reason);
    int status = tc_ask_send(&a, "community", words[0], "community-rules", &r);
    if (status >= 0)
        return status;
    if (g->json) {
        tc_cli_json(&r);
    } else {
        print_words(&r, "takes two people:", "four_eyes");
        print_words(&r, "asks for a reason:", "asks_reason");
        if (tc_json_str(r.root, "waits", &waits))
            (void)printf("waits for a second person: approval %.*s\n", TC_FMT(waits));
    }
    tc_json_fini(&r);
    return 0;
}

static int end(const struct given *g, char **words)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str when = TC_STR("only by hand");
    tc_ask_init(&a);
    text(&a, "community", words[1]);
    text(&a, "at", g->at);
    tc_jsonw_ku64(&a.w, "days_after", g->days_after);
    int status = tc_ask_send(&a, "community", words[0], "community-end", &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "archived_by_itself", &when);
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("%s is archived: %.*s\n", words[1], TC_FMT(when));
    tc_json_fini(&r);
    return 0;
}

static int alert(const struct given *g, const char *dir, const char *incident)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str id = {"", 0};
    uint64_t joined = 0;
    bool opened = false, archived = false;
    tc_ask_init(&a);
    text(&a, "incident", incident);
    text(&a, "title", g->title);
    int status = tc_ask_send(&a, "community", dir, "alert-open", &r);
    if (status >= 0)
        return status;
    (void)tc_json_str(r.root, "id", &id);
    (void)tc_json_u64(r.root, "joined", &joined);
    (void)tc_json_bool(r.root, "opened", &opened);
    (void)tc_json_bool(r.root, "archived", &archived);
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("alert area %.*s: %s, %llu joined\n", TC_FMT(id),
                     archived ? "archived, the incident is closed"
                     : opened ? "opened"
                              : "brought up to date",
                     (unsigned long long)joined);
    tc_json_fini(&r);
    return 0;
}

int tc_cmd_community(int argc, char **argv)
{
    struct given g = {.json = false};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("alias", &g.alias),
                                  TC_OPT_TEXT("description", &g.description),
                                  TC_OPT_TEXT("kind", &g.kind),
                                  TC_OPT_FLAG("open", &g.open),
                                  TC_OPT_FLAG("read-only", &g.read_only),
                                  TC_OPT_FLAG("since-joining", &g.since_joining),
                                  TC_OPT_FLAG("requested", &g.requested),
                                  TC_OPT_TEXT("takes-part", &g.takes_part),
                                  TC_OPT_TEXT("title", &g.title),
                                  TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_TEXT("why", &g.why),
                                  TC_OPT_TEXT("four-eyes", &g.four_eyes),
                                  TC_OPT_TEXT("asks-reason", &g.asks_reason),
                                  TC_OPT_TEXT("at", &g.at),
                                  TC_OPT_U64("days-after", &g.days_after, 1, 3660),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 4, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "list") == 0 && n == 2)
        return list(&g, argv[2]);
    if (strcmp(argv[1], "add") == 0 && n == 3)
        return add(&g, argv[2], argv[3]);
    if (strcmp(argv[1], "members") == 0 && n == 3)
        return members(&g, argv[2], argv[3]);
    if (strcmp(argv[1], "join") == 0 && n == 4)
        return member(&g, argv + 2, true);
    if (strcmp(argv[1], "leave") == 0 && n == 4)
        return member(&g, argv + 2, false);
    if (strcmp(argv[1], "set") == 0 && n == 4)
        return set(&g, argv + 2);
    if (strcmp(argv[1], "end") == 0 && n == 3)
        return end(&g, argv + 2);
    if (strcmp(argv[1], "rules") == 0 && n == 3)
        return rules(&g, argv + 2);
    if (strcmp(argv[1], "alert") == 0 && n == 3)
        return alert(&g, argv[2], argv[3]);
    return tc_cli_usage("community", "it is 'add DIR TITLE', 'list DIR', 'members DIR COMMUNITY', "
                                     "'join DIR COMMUNITY ORG', 'leave DIR COMMUNITY ORG', "
                                     "'set DIR COMMUNITY STATE', 'end DIR COMMUNITY', "
                                     "'rules DIR COMMUNITY' or "
                                     "'alert DIR INCIDENT'");
}
