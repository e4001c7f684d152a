/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin hunt: a pattern against the observations that a node has already. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "cli/progress.h"
#include "node/node.h"

#include <stdio.h>
#include <stdlib.h>

struct given {
    const char *since, *as;
    uint64_t limit;
    bool json;
};

struct run {
    const struct given *g;
    struct tc_progress bar;
    bool bar_on;
};

static void bar_off(struct run *r)
{
    if (r->bar_on)
        tc_progress_end(&r->bar);
    r->bar_on = false;
}

static void on_progress(struct run *r, yyjson_val *p)
{
    uint64_t done = 0, all = 0;
    (void)tc_json_u64(p, "done", &done);
    (void)tc_json_u64(p, "all", &all);
    if (!r->bar_on)
        tc_progress_start(&r->bar, "hunt", "observations", all);
    r->bar_on = true;
    tc_progress_at(&r->bar, done);
}

/* When it was first seen, then the observations of one binding. */
static void say_match(yyjson_val *m)
{
    yyjson_val *list = tc_json_get(m, "observations"), *one;
    size_t i, n;
    struct tc_str first = {"", 0};
    uint64_t more = 0;
    (void)tc_json_str(m, "first_observed", &first);
    (void)printf("%.*s", TC_FMT(first));
    yyjson_arr_foreach (list, i, n, one) {
        char id[TC_ID_MAX];
        (void)tc_str_show(tc_json_view(one), id, sizeof id);
        (void)printf("  %s", id);
    }
    if (tc_json_u64(m, "more", &more))
        (void)printf("  and %llu more", (unsigned long long)more);
    (void)putchar('\n');
}

static void on_match(struct run *r, yyjson_val *m)
{
    bar_off(r);
    if (!r->g->json) {
        say_match(m);
        return;
    }
    char *text = yyjson_val_write(m, 0, NULL);
    if (text)
        (void)puts(text);
    free(text);
}

static void on_tell(void *arg, struct tc_str json)
{
    struct tc_json j;
    if (tc_json_read(json, TC_OP_REQUEST, 0, &j, NULL))
        return;
    if (tc_json_get(j.root, "progress"))
        on_progress(arg, tc_json_get(j.root, "progress"));
    else if (tc_json_get(j.root, "match"))
        on_match(arg, tc_json_get(j.root, "match"));
    else
        tc_ask_told(NULL, json);
    tc_json_fini(&j);
}

static void put_request(const struct given *g, const char *pattern, struct tc_buf *in)
{
    struct tc_jsonw w = tc_jsonw_into(in);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "pattern", pattern);
    tc_ask_reason(&w);
    if (g->since)
        tc_jsonw_kcstr(&w, "since", g->since);
    if (g->as)
        tc_jsonw_kcstr(&w, "as", g->as);
    tc_jsonw_ku64(&w, "limit", g->limit);
    tc_jsonw_object_end(&w);
}

static uint64_t number(const struct tc_json *j, const char *name)
{
    uint64_t n = 0;
    (void)tc_json_u64(j->root, name, &n);
    return n;
}

/* The sum goes to standard error: standard output is matches only. */
static int say_sum(const struct run *r, const struct tc_json *j)
{
    bool complete = true;
    uint64_t matches = number(j, "matches");
    (void)tc_json_bool(j->root, "complete", &complete);
    if (!r->g->json)
        (void)fprintf(stderr, "%llu of %llu observations complete a match%s\n",
                      (unsigned long long)matches, (unsigned long long)number(j, "observations"),
                      complete ? "" : "; there may be more, say --limit N");
    if (number(j, "unreadable"))
        (void)fprintf(stderr, "tocsin hunt: %llu observations could not be read\n",
                      (unsigned long long)number(j, "unreadable"));
    if (number(j, "undecided"))
        (void)fprintf(stderr, "tocsin hunt: %llu observations were too much work to decide\n",
                      (unsigned long long)number(j, "undecided"));
    return matches ? 0 : 1;
}

static int hunt(const struct given *g, const char *dir, const char *pattern)
{
    struct run r = {.g = g};
    struct tc_buf in, out;
    struct tc_json answer = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&in, TC_OP_REQUEST);
    tc_buf_init(&out, TC_OP_ANSWER);
    put_request(g, pattern, &in);
    tc_err e = tc_cli_parts();
    e = e ? e : in.err;
    if (!e)
        e = tc_node_call(dir, "hunt", tc_buf_view(&in), -1, &out, on_tell, &r, &d);
    bar_off(&r);
    if (!e)
        e = tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, &answer, &d);
    int status = e ? tc_cli_fail("hunt", e, &d) : say_sum(&r, &answer);
    tc_json_fini(&answer);
    tc_buf_fini(&in);
    tc_buf_fini(&out);
    return status;
}

int tc_cmd_hunt(int argc, char **argv)
{
    struct given g = {.limit = 0};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("since", &g.since), TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_U64("limit", &g.limit, 1, UINT32_MAX),
                                  TC_OPT_FLAG("json", &g.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 2, &n);
    return status >= 0 ? status : hunt(&g, argv[1], argv[2]);
}
