/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin critical: the assets in the order of what the outage of each alone would do.
 * docs/commands/critical.txt is the manual. */
#include "impact/critical.h"

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/critical_more.h"
#include "cli/critical_out.h"
#include "cli/graph_of.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/results.h"
#include "codec/jsonw.h"
#include "impact/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_OUTPUT ((size_t)1 << 30) /* bytes of JSON */

struct ask {
    struct tc_opt_list files;
    int64_t horizon;
    uint64_t top, threads;
    const char *by, *format, *marking, *out;
    bool json;
};

static const struct {
    const char *name;
    enum tc_critical_by by;
} keys[] = {{"people-hours", TC_BY_PEOPLE_TIME},
            {"people", TC_BY_PEOPLE},
            {"assets", TC_BY_FAILED},
            {"states", TC_BY_MEMBER_STATES}};

static int take_by(const char *word, enum tc_critical_by *by)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(word, keys[i].name) == 0) {
            *by = keys[i].by;
            return 0;
        }
    return tc_cli_usage("critical", "--by is people-hours, people, assets or states");
}

/* The failures of the assets shown are worked out once more, now with who and why. */
static tc_err look_closer(struct tc_critical_ranking *r, struct tc_cascade *c,
                          struct tc_critical_entry *x)
{
    const struct tc_cascade_opts o = {.horizon = r->horizon};
    struct tc_outage outage = {x->asset, 0, TC_NEVER};
    size_t n = 0, kept = 0;
    tc_err e = tc_cascade_run(c, &outage, 1, &o, NULL);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    struct tc_failure *own = calloc(n + 1, sizeof *own);
    x->services = calloc(r->g->service_count + 1u, sizeof *x->services);
    if (!own || !x->services) {
        free(own);
        return TC_E_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        own[kept++] = f[i];
        if (f[i].group != TC_NONE)
            x->services[r->g->service[f[i].group]] = true;
    }
    e = tc_tally_make(r->g, own, kept, &x->tally);
    free(own);
    return e;
}

static tc_err rank(struct tc_critical_ranking *r, const struct ask *ask, enum tc_critical_by by)
{
    struct tc_critical_opts o = {.horizon = r->horizon, .threads = (uint32_t)ask->threads};
    struct tc_cascade *c = tc_cascade_new(r->g);
    r->n = ask->top < r->g->n ? (size_t)ask->top : r->g->n;
    r->rows = calloc(r->g->n + 1u, sizeof *r->rows);
    r->order = calloc(r->g->n + 1u, sizeof *r->order);
    r->top = calloc(r->n + 1, sizeof *r->top);
    tc_err e = c && r->rows && r->order && r->top ? tc_critical_run(r->g, &o, r->rows) : TC_E_NOMEM;
    if (!e)
        tc_critical_rank(r->rows, r->g->n, by, r->order);
    for (size_t i = 0; !e && i < r->n; i++) {
        r->top[i].asset = r->order[i];
        r->top[i].row = &r->rows[r->order[i]];
        e = look_closer(r, c, &r->top[i]);
    }
    tc_cascade_free(c);
    return e;
}

static void ranking_fini(struct tc_critical_ranking *r)
{
    for (size_t i = 0; r->top && i < r->n; i++) {
        tc_tally_fini(&r->top[i].tally);
        free(r->top[i].services);
    }
    free(r->top);
    free(r->order);
    free(r->rows);
}

/* ---- JSON ---- */

static void json_names(struct tc_jsonw *w, const char *name, const struct tc_tally_part *p,
                       size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        tc_jsonw_str(w, p[i].name);
    tc_jsonw_array_end(w);
}

static void json_entry(struct tc_jsonw *w, const struct tc_critical_ranking *r,
                       const struct tc_critical_entry *x, size_t at)
{
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "rank", at + 1);
    tc_jsonw_kstr(w, "asset", tc_graph_id(r->g, x->asset));
    tc_jsonw_kstr(w, "name", tc_graph_name(r->g, x->asset));
    tc_jsonw_kstr(w, "sector", r->g->sectors[r->g->sector[x->asset]]);
    tc_jsonw_kstr(w, "country", tc_graph_country(r->g, x->asset));
    tc_jsonw_ku64(w, "people_hours", x->row->people_seconds / 3600);
    tc_jsonw_ku64(w, "people", x->row->people);
    tc_jsonw_ku64(w, "failed", x->row->failed);
    tc_jsonw_name(w, "services");
    tc_jsonw_array(w);
    for (uint32_t s = 0; s < r->g->service_count; s++)
        if (x->services[s])
            tc_jsonw_str(w, r->g->services[s]);
    tc_jsonw_array_end(w);
    json_names(w, "sectors", x->tally.sectors, x->tally.sector_count);
    json_names(w, "countries", x->tally.countries, x->tally.country_count);
    tc_jsonw_ku64(w, "member_states", x->row->member_states);
    tc_jsonw_kbool(w, "two_or_more_states", x->row->member_states >= 2);
    tc_jsonw_kbool(w, "six_or_more_states", x->row->member_states >= TC_CRITICAL_MANY);
    tc_jsonw_object_end(w);
}

static bool print_json(const struct tc_critical_ranking *r, const char *by)
{
    struct tc_buf b;
    tc_buf_init(&b, MAX_OUTPUT);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "assets", r->g->n);
    tc_jsonw_ku64(&w, "horizon", r->horizon);
    tc_jsonw_kstr(&w, "by", tc_str_cstr(by));
    tc_jsonw_name(&w, "ranking");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < r->n; i++)
        json_entry(&w, r, &r->top[i], i);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_buf_char(&b, '\n');
    bool ok = !b.err && fwrite(b.p, 1, b.n, stdout) == b.n;
    tc_buf_fini(&b);
    return ok;
}

/* ---- for a person ---- */

static void print_list(const struct tc_critical_entry *x, const struct tc_critical_ranking *r)
{
    const char *between = "";
    for (uint32_t s = 0; s < r->g->service_count; s++)
        if (x->services[s]) {
            (void)printf("%s%.*s", between, TC_FMT(r->g->services[s]));
            between = ", ";
        }
    between = *between ? "; " : "";
    for (size_t i = 0; i < x->tally.country_count; i++, between = " ")
        (void)printf("%s%.*s", between, TC_FMT(x->tally.countries[i].name));
    if (x->row->member_states >= 2)
        (void)printf(" (%s Member States)",
                     x->row->member_states >= TC_CRITICAL_MANY ? "six or more" : "two or more");
}

static void print_table(const struct tc_critical_ranking *r)
{
    size_t two = 0, six = 0;
    (void)printf("%4s %-12s %-2s %-28s %14s %10s %8s  %s\n", "", "asset", "", "", "people x hours",
                 "people", "assets", "services; countries");
    for (size_t i = 0; i < r->n; i++) {
        const struct tc_critical_entry *x = &r->top[i];
        (void)printf("%4zu %-12.*s %-2.*s %-28.*s %14llu %10llu %8u  ", i + 1,
                     TC_FMT(tc_graph_id(r->g, x->asset)), TC_FMT(tc_graph_country(r->g, x->asset)),
                     TC_FMT(tc_graph_name(r->g, x->asset)),
                     (unsigned long long)(x->row->people_seconds / 3600),
                     (unsigned long long)x->row->people, x->row->failed);
        print_list(x, r);
        (void)putchar('\n');
    }
    for (uint32_t v = 0; v < r->g->n; v++) {
        two += r->rows[v].member_states >= 2;
        six += r->rows[v].member_states >= TC_CRITICAL_MANY;
    }
    (void)printf("\n%zu of %u assets; within %u h. Two or more Member States are hit by %zu single "
                 "outages, six or more by %zu.\n",
                 r->n, r->g->n, r->horizon / 3600, two, six);
    if (tc_graph_needs_engine(r->g))
        (void)printf("Suppliers can run short here, or calendars count: each outage was followed "
                     "by itself.\n");
}

static int answer(const struct tc_graph *g, const struct tc_cli_places *places,
                  const struct ask *ask, enum tc_critical_by by)
{
    struct tc_critical_ranking r = {
        .g = g, .places = places, .horizon = (uint32_t)ask->horizon, .by = ask->by};
    tc_err e = rank(&r, ask, by);
    bool ok = true;
    int status = 0;
    if (!e && ask->format)
        status = tc_critical_write(&r, ask->format, ask->marking, ask->out);
    else if (!e && ask->json)
        ok = print_json(&r, ask->by);
    else if (!e)
        print_table(&r);
    ranking_fini(&r);
    if (e) {
        (void)fprintf(stderr, "tocsin critical: %s\n", tc_err_text(e));
        return tc_err_exit(e);
    }
    if (!ok || ferror(stdout) || fflush(stdout)) {
        (void)fprintf(stderr, "tocsin critical: the answer could not be written\n");
        return 4;
    }
    return status;
}

static int answer_one(const struct tc_graph *g, const struct tc_cli_places *places,
                      const struct ask *ask, enum tc_critical_by by, struct tc_critical_more *more,
                      const char *dir)
{
    if (!tc_cli_critical_more_asked(more))
        return more->html ? tc_cli_usage("critical", "--html is for --case")
                          : answer(g, places, ask, by);
    if (ask->format && !(more->one && tc_str_is(tc_str_cstr(ask->format), "html")))
        return tc_cli_usage("critical", "--format is for the ranking; a case file is html or, "
                                        "without it, Markdown");
    more->html = more->html || ask->format;
    more->marking = ask->marking;
    more->out = ask->out;
    more->json = ask->json;
    more->horizon = (uint32_t)ask->horizon;
    more->top = ask->top;
    more->dir = dir;
    return tc_cli_critical_more(g, more);
}

int tc_cmd_critical(int argc, char **argv)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct ask ask = {.horizon = INT64_C(72) * 3600,
                      .top = 20,
                      .threads = cores < 1    ? 1
                                 : cores > 64 ? 64
                                              : (uint64_t)cores,
                      .by = "people-hours"};
    struct tc_critical_more more = {.one = NULL};
    const struct tc_opt opts[] = {TC_OPT_LIST("register", &ask.files, 1, 2),
                                  TC_OPT_U64("top", &ask.top, 1, TC_MAX_ASSETS),
                                  TC_OPT_TEXT("by", &ask.by),
                                  TC_OPT_DURATION("horizon", &ask.horizon, TC_MAX_DURATION),
                                  TC_OPT_U64("threads", &ask.threads, 1, 64),
                                  TC_OPT_FLAG("json", &ask.json),
                                  TC_OPT_TEXT("format", &ask.format),
                                  TC_OPT_TEXT("marking", &ask.marking),
                                  TC_OPT_TEXT("out", &ask.out),
                                  TC_OPT_LIST("pairs", &more.pairs, 1, TC_MAX_LIST),
                                  TC_OPT_FLAG("causes", &more.causes),
                                  TC_OPT_TEXT("case", &more.one),
                                  TC_OPT_FLAG("html", &more.html),
                                  TC_OPT_END};
    size_t words = 0;
    enum tc_critical_by by = TC_BY_PEOPLE_TIME;
    struct tc_graph *g = NULL;
    struct tc_cli_places places = {.lat = NULL};
    int status = tc_cli_opts(argc, argv, opts, 0, 1, &words);
    if (status >= 0)
        return status;
    status = take_by(ask.by, &by);
    bool case_page = more.one && !ask.json && !ask.format; /* has a marking, too */
    const char *page = "html";
    if (!status)
        status = tc_cli_results_ask("critical", case_page ? &page : &ask.format, ask.json,
                                    &ask.marking, ask.out);
    if (!status)
        status = tc_cli_graph("critical", words ? argv[1] : NULL, &ask.files, &g,
                              ask.format ? &places : NULL);
    if (!status)
        status = answer_one(g, &places, &ask, by, &more, words ? argv[1] : NULL);
    tc_cli_places_fini(&places);
    tc_graph_free(g);
    tc_opt_list_free(&more.pairs);
    tc_opt_list_free(&ask.files);
    return status;
}
