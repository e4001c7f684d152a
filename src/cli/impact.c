/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin impact: who fails when, given what has failed. docs/commands/impact.txt is the manual. */
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/graph_of.h"
#include "cli/help.h"
#include "cli/versus.h"
#include "cli/impact_out.h"
#include "cli/impact_prevent.h"
#include "cli/opts.h"
#include "cli/results.h"
#include "cli/scenario_file.h"
#include "codec/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CAUSE   64           /* assets in one cause */
#define MAX_OUTAGES 100000       /* on one command line */
#define MAX_OUTPUT  (4ull << 30) /* bytes of JSON */
#define TABLE_ROWS  200          /* that a person is shown */

struct ask {
    struct tc_opt_list files, outages, causes, versus;
    const char *scenario, *explain, *versus_file;
    int64_t until;
    tc_time at, end;
    int64_t lasts, horizon;
    uint64_t runs, seed, threads;
    bool json;
    const char *format, *out, *marking;
};

/* ---- what was asked ---- */

static int unknown(const char *option, const char *says, struct tc_str id)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_object(&d, id.p, id.n);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", says);
    char text[300];
    tc_diag_format(&d, text, sizeof text);
    (void)fprintf(stderr, "tocsin impact: --%s: %s\n", option, text);
    return 3;
}

/* The longest id at the beginning of the list that ends where a comma stands or the word ends: ids
 * may have commas inside. n is 0 when there is none. */
static struct tc_str first_id(const struct tc_graph *g, struct tc_str word, uint32_t *asset)
{
    struct tc_str id = word;
    while (id.n && !tc_graph_find(g, id, asset)) {
        const char *comma = memrchr(id.p, ',', id.n);
        id.n = comma ? (size_t)(comma - id.p) : 0;
    }
    return id;
}

static int take_word(const struct tc_graph *g, struct tc_str word, struct tc_scenario_list *list,
                     uint32_t end)
{
    while (word.n) {
        uint32_t v;
        struct tc_str id = first_id(g, word, &v);
        if (!id.n) {
            const char *comma = memchr(word.p, ',', word.n);
            return unknown("outage", "the register has no such asset",
                           tc_str_view(word.p, comma ? (size_t)(comma - word.p) : word.n));
        }
        if (list->n_outages == MAX_OUTAGES)
            return tc_cli_usage("impact", "more than %d outages", MAX_OUTAGES);
        if (tc_scenario_outage(list, v, 0, end))
            return 4;
        size_t step = id.n < word.n ? id.n + 1 : id.n;
        word.p += step;
        word.n -= step;
    }
    return 0;
}

static int take_file(const struct tc_graph *g, const char *path, struct tc_scenario_list *list,
                     tc_time *start)
{
    struct tc_diag d;
    char text[1200];
    tc_diag_init(&d);
    tc_err e = tc_cli_scenario(path, g, list, start, &d);
    if (!e)
        return 0;
    tc_diag_format(&d, text, sizeof text);
    (void)fprintf(stderr, "%s\n", text);
    return e == TC_E_NOTFOUND ? 3 : tc_err_exit(e);
}

static int take_scenario(const struct tc_graph *g, const struct ask *ask,
                         struct tc_scenario_list *list, tc_time *start)
{
    uint32_t end = ask->lasts ? (uint32_t)ask->lasts : TC_NEVER;
    int status = 0;
    for (size_t i = 0; i < ask->outages.n && !status; i++)
        status = take_word(g, tc_str_cstr(ask->outages.v[i]), list, end);
    for (size_t i = 0; i < ask->causes.n && !status; i++) {
        struct tc_str name = tc_str_cstr(ask->causes.v[i]);
        tc_err e = tc_scenario_cause(list, g, name, 0, end);
        status = e == TC_E_NOTFOUND
                     ? unknown("cause", "the register has no such common cause", name)
                     : tc_err_exit(e);
    }
    if (status)
        return status;
    if (ask->scenario)
        return take_file(g, ask->scenario, list, start);
    return list->n_outages ? 0 : tc_cli_usage("impact", "--outage names no asset");
}

/* --end becomes a length. */
static int check_times(struct ask *ask)
{
    if (ask->end != TC_TIME_NONE && ask->lasts)
        return tc_cli_usage("impact", "--end and --for exclude each other");
    if (ask->end != TC_TIME_NONE) {
        if (ask->at == TC_TIME_NONE)
            return tc_cli_usage("impact", "--end needs --at");
        ask->lasts = (ask->end - ask->at) / TC_SECOND;
        if (ask->lasts <= 0 || ask->lasts > TC_MAX_DURATION)
            return tc_cli_usage("impact", "--end must be after --at and within ten years of it");
    }
    return 0;
}

/* ---- JSON ---- */

static void json_cause(struct tc_jsonw *w, const struct tc_impact_answer *a,
                       const struct tc_failure *f)
{
    uint32_t list[MAX_CAUSE];
    size_t direct, n = tc_cascade_cause(a->c, f, list, MAX_CAUSE, &direct);
    tc_jsonw_name(w, "cause");
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        tc_jsonw_str(w, tc_graph_id(a->g, list[i]));
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "service");
    if (f->group == TC_NONE)
        tc_jsonw_null(w);
    else
        tc_jsonw_str(w, a->g->services[a->g->service[f->group]]);
}

static void json_failure(struct tc_jsonw *w, const struct tc_impact_answer *a,
                         const struct tc_failure *f)
{
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "asset", tc_graph_id(a->g, f->asset));
    tc_jsonw_ku64(w, "at", f->at);
    json_cause(w, a, f);
    if (f->until != TC_NEVER)
        tc_jsonw_ku64(w, "until", f->until);
    if (f->flags & TC_FAIL_OSCILLATES)
        tc_jsonw_kbool(w, "oscillates", true);
    if (f->flags & TC_FAIL_DEADLOCK)
        tc_jsonw_kbool(w, "deadlock", true);
    if (f->flags & TC_FAIL_UNSOURCED)
        tc_jsonw_kbool(w, "unsourced", true);
    if (f->flags & TC_FAIL_SHED)
        tc_jsonw_kbool(w, "shed", true);
    if (f->flags & TC_FAIL_PHANTOM)
        tc_jsonw_kbool(w, "phantom", true);
    const struct tc_mc_row *row = a->ranges ? tc_mc_find(&a->mc, f->asset) : NULL;
    if (a->ranges) {
        tc_jsonw_name(w, "p");
        tc_jsonw_double(w, row ? (double)row->failed / a->mc.runs : 0);
    }
    if (row) {
        tc_jsonw_ku64(w, "at_p5", row->p5);
        tc_jsonw_ku64(w, "at_p50", row->p50);
        tc_jsonw_ku64(w, "at_p95", row->p95);
        tc_jsonw_name(w, "p_within");
        tc_jsonw_object(w);
        for (size_t i = 0; i < TC_MC_HOURS; i++) {
            char hours[16];
            (void)snprintf(hours, sizeof hours, "PT%uH", tc_mc_hours[i]);
            tc_jsonw_name(w, hours);
            tc_jsonw_double(w, (double)row->by[i] / a->mc.runs);
        }
        tc_jsonw_object_end(w);
    }
    tc_jsonw_object_end(w);
}

static void json_parts(struct tc_jsonw *w, const char *name, const struct tc_tally_part *p,
                       size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_namen(w, p[i].name);
        tc_jsonw_u64(w, p[i].assets);
    }
    tc_jsonw_object_end(w);
}

static int print_json(const struct tc_impact_answer *a, const struct tc_impact_prevent *prevent)
{
    struct tc_buf b;
    tc_buf_init(&b, MAX_OUTPUT);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "failures");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < a->n; i++)
        json_failure(&w, a, &a->f[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_ku64(&w, "spared", a->g->n - a->n);
    tc_jsonw_ku64(&w, "people", a->tally.people);
    json_parts(&w, "countries", a->tally.countries, a->tally.country_count);
    json_parts(&w, "sectors", a->tally.sectors, a->tally.sector_count);
    tc_jsonw_ku64(&w, "member_states", a->tally.member_states);
    if (a->ranges)
        tc_jsonw_ku64(&w, "runs", a->mc.runs);
    tc_impact_prevent_json(&w, prevent);
    tc_jsonw_object_end(&w);
    tc_buf_char(&b, '\n');
    bool ok = !b.err && fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
    tc_buf_fini(&b);
    if (!ok)
        (void)fprintf(stderr, "tocsin impact: the answer could not be written\n");
    return ok ? 0 : 4;
}

/* ---- for a person ---- */

static void print_because(const struct tc_impact_answer *a, const struct tc_failure *f)
{
    uint32_t list[MAX_CAUSE];
    size_t direct, n = tc_cascade_cause(a->c, f, list, MAX_CAUSE, &direct);
    if (f->group == TC_NONE) {
        (void)printf("given\n");
        return;
    }
    if (f->flags & TC_FAIL_UNSOURCED)
        (void)printf("even without the outage: ");
    (void)printf("no %.*s from", TC_FMT(a->g->services[a->g->service[f->group]]));
    for (size_t i = 0; i < n && i < direct && i < 3; i++)
        (void)printf("%s %.*s", i ? "," : "", TC_FMT(tc_graph_id(a->g, list[i])));
    if (direct > 3)
        (void)printf(" and %zu more", direct - 3);
    if (n > direct)
        (void)printf(", after %.*s", TC_FMT(tc_graph_id(a->g, list[n - 1])));
    if (f->flags & TC_FAIL_SHED)
        (void)printf("; %.*s stands but cannot carry it", TC_FMT(tc_graph_id(a->g, f->via)));
    if (f->flags & TC_FAIL_PHANTOM)
        (void)printf("; no source is behind %.*s", TC_FMT(tc_graph_id(a->g, f->via)));
    if (f->lost_at < f->at) {
        char t[32];
        (void)printf("; ran %s on its own", tc_cli_lead(f->at - f->lost_at, t));
    }
    if (f->flags & TC_FAIL_OSCILLATES)
        (void)printf("; comes and goes without end");
    if (f->flags & TC_FAIL_DEADLOCK)
        (void)printf("; cannot start again by itself");
    (void)putchar('\n');
}

static void print_row(const struct tc_impact_answer *a, const struct tc_failure *f)
{
    char t[32], range[80] = "", clock[TC_TIME_SIZE] = "";
    (void)printf("%-12s ", tc_cli_lead(f->at, t));
    if (a->start != TC_TIME_NONE) {
        tc_time_format(a->start + (tc_time)f->at * TC_SECOND, 0, clock);
        (void)printf("%s ", clock);
    }
    if (a->ranges) {
        const struct tc_mc_row *r = tc_mc_find(&a->mc, f->asset);
        char lo[32], hi[32];
        if (r && r->p5 != r->p95)
            (void)snprintf(range, sizeof range, "%3.0f%% %s..%s", 100.0 * r->failed / a->mc.runs,
                           tc_cli_lead(r->p5, lo), tc_cli_lead(r->p95, hi));
        else
            (void)snprintf(range, sizeof range, "%3.0f%%",
                           r ? 100.0 * r->failed / a->mc.runs : 0.0);
        (void)printf("%-30s ", range);
    }
    struct tc_str name = tc_graph_name(a->g, f->asset), land = tc_graph_country(a->g, f->asset);
    (void)printf("%-12.*s %-2.*s %-28.*s %9llu  ", TC_FMT(tc_graph_id(a->g, f->asset)),
                 TC_FMT(land), TC_FMT(name), (unsigned long long)a->g->people[f->asset]);
    print_because(a, f);
}

static int print_table(const struct tc_impact_answer *a, const struct tc_impact_prevent *prevent)
{
    (void)printf("%-12s ", "in");
    if (a->start != TC_TIME_NONE)
        (void)printf("%-20s ", "at");
    if (a->ranges)
        (void)printf("%-30s ", "how likely, when (5..95 %)");
    (void)printf("%-12s %-2s %-28s %9s  %s\n", "asset", "", "", "people", "because");
    size_t shown = 0, unsourced = 0, shed = 0;
    for (size_t i = 0; i < a->n; i++) {
        bool without = a->f[i].flags & TC_FAIL_UNSOURCED;
        unsourced += without;
        shed += without && a->f[i].flags & TC_FAIL_SHED;
    }
    for (int pass = 0; pass < 2; pass++) /* what the outage did not cause comes last */
        for (size_t i = 0; i < a->n && shown < TABLE_ROWS; i++)
            if (!(a->f[i].flags & TC_FAIL_UNSOURCED) == !pass) {
                print_row(a, &a->f[i]);
                shown++;
            }
    if (a->n > shown)
        (void)printf("... and %zu more (--json has all)\n", a->n - shown);
    char t[32];
    (void)printf("\n%zu of %u assets fail within %s, %zu are spared; %llu people.\n", a->n, a->g->n,
                 tc_cli_lead(a->horizon, t), a->g->n - a->n, (unsigned long long)a->tally.people);
    if (unsourced)
        (void)printf("%zu of them fail even without the outage: %s.\n", unsourced,
                     shed ? "what supplies them has no source behind it or cannot carry them"
                          : "no source stands behind them");
    for (size_t i = 0; i < a->tally.country_count; i++)
        (void)printf("%s%.*s %u", i ? ", " : "Countries: ", TC_FMT(a->tally.countries[i].name),
                     a->tally.countries[i].assets);
    (void)printf("%s", a->tally.country_count ? ".\n" : "");
    if (a->tally.member_states >= 2)
        (void)printf("%u Member States of the EU are hit: %s.\n", a->tally.member_states,
                     a->tally.member_states >= 6 ? "six or more" : "two or more");
    tc_impact_prevent_print(prevent);
    if (ferror(stdout) || fflush(stdout)) {
        (void)fprintf(stderr, "tocsin impact: the answer could not be written\n");
        return 4;
    }
    return 0;
}

/* ---- the command ---- */

static struct tc_mc_opts runs_of(const struct ask *ask)
{
    return (struct tc_mc_opts){.horizon = (uint32_t)ask->horizon,
                               .seed = ask->seed,
                               .runs = (uint32_t)ask->runs,
                               .threads = (uint32_t)ask->threads};
}

static tc_err compute(struct tc_impact_answer *a, const struct ask *ask,
                      struct tc_impact_prevent *prevent, struct tc_diag *diag)
{
    const struct tc_scenario *s = prevent->scenario;
    struct tc_cascade_opts o = {.horizon = a->horizon};
    a->c = tc_cascade_new(a->g);
    tc_err e = a->c ? tc_cascade_scenario(a->c, s, &o, diag)
                    : tc_diag_set(diag, TC_E_NOMEM, "out of memory");
    if (e)
        return e;
    a->f = tc_cascade_failures(a->c, &a->n);
    a->ranges = a->g->ranges && ask->runs;
    if (a->ranges) {
        const struct tc_mc_opts m = runs_of(ask);
        e = tc_mc_scenario(a->g, s, &m, &a->mc, diag);
    }
    if (!e && tc_tally_make(a->g, a->f, a->n, &a->tally))
        e = tc_diag_set(diag, TC_E_NOMEM, "out of memory");
    return e ? e : tc_impact_prevent(prevent, diag);
}

static int answer(const struct tc_graph *g, const struct tc_cli_places *places,
                  const struct ask *ask)
{
    struct tc_impact_answer a = {.g = g,
                                 .places = places,
                                 .start = ask->at,
                                 .horizon = (uint32_t)ask->horizon,
                                 .lasts = ask->lasts,
                                 .seed = ask->seed};
    struct tc_scenario_list list = {0};
    struct tc_scenario s;
    struct tc_impact_prevent prevent = {
        .g = g, .scenario = &s, .asset = TC_NONE, .until = (uint32_t)ask->until};
    struct tc_diag diag;
    tc_diag_init(&diag);
    int status = take_scenario(g, ask, &list, &a.start);
    if (!status && ask->explain && !tc_graph_find(g, tc_str_cstr(ask->explain), &prevent.asset))
        status = unknown("explain", "the register has no such asset", tc_str_cstr(ask->explain));
    if (!status) {
        s = tc_scenario_of(&list, a.start);
        a.scenario = &s;
        tc_err e = compute(&a, ask, &prevent, &diag);
        if (e)
            (void)fprintf(stderr, "tocsin impact: %s\n", diag.message);
        status = e             ? tc_err_exit(e)
                 : ask->format ? tc_impact_write(&a, ask->format, ask->marking, ask->out)
                 : ask->json   ? print_json(&a, &prevent)
                               : print_table(&a, &prevent);
    }
    tc_cascade_free(a.c);
    tc_mc_fini(&a.mc);
    tc_tally_fini(&a.tally);
    tc_prevent_fini(&prevent.found);
    tc_scenario_list_fini(&list);
    return status;
}

/* The scenario, and beside it that of --versus. */
static int side_by_side(const struct tc_graph *g, const struct ask *ask)
{
    const struct ask other = {
        .outages = ask->versus, .scenario = ask->versus_file, .lasts = ask->lasts, .at = ask->at};
    struct tc_scenario_list first = {0}, second = {0};
    tc_time start = ask->at, other_start = ask->at;
    int status = ask->format || ask->explain
                     ? tc_cli_usage("impact", "--format and --explain are for one scenario")
                     : 0;
    status = status ? status : take_scenario(g, ask, &first, &start);
    status = status ? status : take_scenario(g, &other, &second, &other_start);
    const struct tc_scenario one = tc_scenario_of(&first, start),
                             two = tc_scenario_of(&second, other_start);
    const struct tc_mc_opts runs = runs_of(ask);
    if (!status)
        status = tc_cli_versus(g, &one, &two, &runs, ask->json);
    tc_scenario_list_fini(&first);
    tc_scenario_list_fini(&second);
    return status;
}

int tc_cmd_impact(int argc, char **argv)
{
    struct ask ask = {.at = TC_TIME_NONE,
                      .end = TC_TIME_NONE,
                      .horizon = INT64_C(72) * 3600,
                      .runs = 1000,
                      .seed = 1,
                      .threads = 1};
    const struct tc_opt opts[] = {TC_OPT_LIST("register", &ask.files, 1, 2),
                                  TC_OPT_LIST("outage", &ask.outages, 1, MAX_OUTAGES),
                                  TC_OPT_LIST("cause", &ask.causes, 1, MAX_OUTAGES),
                                  TC_OPT_TEXT("scenario", &ask.scenario),
                                  TC_OPT_TEXT("explain", &ask.explain),
                                  TC_OPT_DURATION("until", &ask.until, TC_MAX_DURATION),
                                  TC_OPT_LIST("versus", &ask.versus, 1, MAX_OUTAGES),
                                  TC_OPT_TEXT("versus-scenario", &ask.versus_file),
                                  TC_OPT_TIME("at", &ask.at),
                                  TC_OPT_TIME("end", &ask.end),
                                  TC_OPT_DURATION("for", &ask.lasts, TC_MAX_DURATION),
                                  TC_OPT_DURATION("horizon", &ask.horizon, TC_MAX_DURATION),
                                  TC_OPT_U64("runs", &ask.runs, 0, TC_MAX_RUNS),
                                  TC_OPT_U64("seed", &ask.seed, 0, UINT64_MAX),
                                  TC_OPT_U64("threads", &ask.threads, 1, 64),
                                  TC_OPT_FLAG("json", &ask.json),
                                  TC_OPT_TEXT("format", &ask.format),
                                  TC_OPT_TEXT("marking", &ask.marking),
                                  TC_OPT_TEXT("out", &ask.out),
                                  TC_OPT_END};
    size_t words = 0;
    struct tc_graph *g = NULL;
    struct tc_cli_places places = {.lat = NULL};
    int status = tc_cli_opts(argc, argv, opts, 0, 1, &words);
    if (status >= 0)
        return status;
    if (!ask.until)
        ask.until = ask.horizon;
    status =
        ask.outages.n || ask.causes.n || ask.scenario
            ? check_times(&ask)
            : tc_cli_usage("impact", "--outage ID, --cause NAME or --scenario FILE is missing");
    if (!status)
        status = tc_cli_results_ask("impact", &ask.format, ask.json, &ask.marking, ask.out);
    if (!status)
        status = tc_cli_graph("impact", words ? argv[1] : NULL, &ask.files, &g,
                              ask.format ? &places : NULL);
    if (!status)
        status = ask.versus.n || ask.versus_file ? side_by_side(g, &ask) : answer(g, &places, &ask);
    tc_cli_places_fini(&places);
    tc_graph_free(g);
    tc_opt_list_free(&ask.files);
    tc_opt_list_free(&ask.outages);
    tc_opt_list_free(&ask.causes);
    tc_opt_list_free(&ask.versus);
    return status;
}
