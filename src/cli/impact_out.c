/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/impact_out.h"

#include "cli/ask.h"
#include "cli/report.h"
#include "cli/results.h"
#include "codec/csv.h"
#include "codec/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_OUTPUT  ((size_t)4 << 30)
#define MAX_CAUSE   64  /* assets in one cause */
#define REPORT_ROWS 200 /* failures that a report lists */
#define TOP_CAUSES  12

static const char *clock_of(const struct tc_impact_answer *a, uint32_t at, char out[TC_TIME_SIZE])
{
    out[0] = '\0';
    if (a->start != TC_TIME_NONE && at != TC_NEVER)
        tc_time_format(a->start + (tc_time)at * TC_SECOND, 0, out);
    return out;
}

static struct tc_str service_of(const struct tc_impact_answer *a, const struct tc_failure *f)
{
    return f->group == TC_NONE ? tc_str_view("", 0) : a->g->services[a->g->service[f->group]];
}

static struct tc_str sector_of(const struct tc_impact_answer *a, uint32_t v)
{
    return a->g->sectors[a->g->sector[v]];
}

static const struct {
    uint32_t flag;
    const char *name;
} notes[] = {{TC_FAIL_UNSOURCED, "unsourced"},
             {TC_FAIL_OSCILLATES, "oscillates"},
             {TC_FAIL_DEADLOCK, "deadlock"},
             {TC_FAIL_SHED, "shed"},
             {TC_FAIL_PHANTOM, "phantom"}};

/* ---- CSV ---- */

static void put_csv(struct tc_buf *b, const struct tc_impact_answer *a, const struct tc_failure *f)
{
    char text[TC_TIME_SIZE], number[TC_JSON_NUMBER];
    uint32_t list[MAX_CAUSE];
    size_t direct, n = tc_cascade_cause(a->c, f, list, MAX_CAUSE, &direct);
    const struct tc_mc_row *row = a->ranges ? tc_mc_find(&a->mc, f->asset) : NULL;
    const struct tc_str cells[] = {tc_graph_id(a->g, f->asset), tc_graph_name(a->g, f->asset),
                                   sector_of(a, f->asset), tc_graph_country(a->g, f->asset)};
    for (size_t i = 0; i < 4; i++) {
        tc_csv_quote(b, cells[i]);
        tc_buf_char(b, ',');
    }
    tc_buf_fmt(b, "%llu,", (unsigned long long)a->g->people[f->asset]);
    if (a->places->placed[f->asset]) {
        tc_buf_add(b, number, tc_json_number(a->places->lat[f->asset], number));
        tc_buf_char(b, ',');
        tc_buf_add(b, number, tc_json_number(a->places->lon[f->asset], number));
        tc_buf_char(b, ',');
    } else {
        tc_buf_cstr(b, ",,");
    }
    tc_buf_fmt(b, "%u,%s,", f->at, clock_of(a, f->at, text));
    if (f->until != TC_NEVER)
        tc_buf_u64(b, f->until);
    tc_buf_fmt(b, ",%s,", clock_of(a, f->until, text));
    tc_csv_quote(b, service_of(a, f));
    tc_buf_char(b, ',');
    struct tc_buf cause;
    tc_buf_init(&cause, 1u << 20);
    for (size_t i = 0; i < n; i++) {
        tc_buf_cstr(&cause, i ? " " : "");
        tc_buf_str(&cause, tc_graph_id(a->g, list[i]));
    }
    tc_csv_quote(b, tc_buf_view(&cause));
    tc_buf_fini(&cause);
    if (row)
        tc_buf_fmt(b, ",%.4f,%u,%u,%u", (double)row->failed / a->mc.runs, row->p5, row->p50,
                   row->p95);
    else if (a->ranges)
        tc_buf_cstr(b, ",0,,,");
    tc_buf_char(b, ',');
    const char *between = "";
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (f->flags & notes[i].flag) {
            tc_buf_fmt(b, "%s%s", between, notes[i].name);
            between = " ";
        }
    tc_buf_char(b, '\n');
}

static void write_csv(struct tc_buf *b, const struct tc_impact_answer *a)
{
    tc_buf_cstr(b, "asset,name,sector,country,people,lat,lon,in_seconds,at,back_in_seconds,back_at,"
                   "for_want_of,because");
    tc_buf_cstr(b, a->ranges ? ",p,at_p5,at_p50,at_p95,note\n" : ",note\n");
    for (size_t i = 0; i < a->n && !b->err; i++)
        put_csv(b, a, &a->f[i]);
}

/* ---- GeoJSON ---- */

static void put_properties(struct tc_jsonw *w, const struct tc_impact_answer *a,
                           const struct tc_failure *f)
{
    char text[TC_TIME_SIZE];
    uint32_t list[MAX_CAUSE];
    size_t direct, n = tc_cascade_cause(a->c, f, list, MAX_CAUSE, &direct);
    const struct tc_mc_row *row = a->ranges ? tc_mc_find(&a->mc, f->asset) : NULL;
    tc_jsonw_kstr(w, "id", tc_graph_id(a->g, f->asset));
    tc_jsonw_ktext(w, "name", tc_graph_name(a->g, f->asset));
    tc_jsonw_ktext(w, "sector", sector_of(a, f->asset));
    tc_jsonw_ktext(w, "country", tc_graph_country(a->g, f->asset));
    tc_jsonw_ku64(w, "people", a->g->people[f->asset]);
    tc_jsonw_ku64(w, "in_seconds", f->at);
    tc_jsonw_ktext(w, "at", tc_str_cstr(clock_of(a, f->at, text)));
    if (f->until != TC_NEVER)
        tc_jsonw_ku64(w, "back_in_seconds", f->until);
    tc_jsonw_ktext(w, "back_at", tc_str_cstr(clock_of(a, f->until, text)));
    tc_jsonw_kbool(w, "given", f->group == TC_NONE);
    tc_jsonw_ktext(w, "for_want_of", service_of(a, f));
    tc_jsonw_name(w, "because");
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        tc_jsonw_str(w, tc_graph_id(a->g, list[i]));
    tc_jsonw_array_end(w);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (f->flags & notes[i].flag)
            tc_jsonw_kbool(w, notes[i].name, true);
    if (!row)
        return;
    tc_jsonw_name(w, "p");
    tc_jsonw_double(w, (double)row->failed / a->mc.runs);
    tc_jsonw_ku64(w, "in_seconds_p5", row->p5);
    tc_jsonw_ku64(w, "in_seconds_p50", row->p50);
    tc_jsonw_ku64(w, "in_seconds_p95", row->p95);
    for (size_t i = 0; i < TC_MC_HOURS; i++) { /* flat: what reads maps wants no objects inside */
        char name[24];
        (void)snprintf(name, sizeof name, "p_within_%uh", tc_mc_hours[i]);
        tc_jsonw_name(w, name);
        tc_jsonw_double(w, (double)row->by[i] / a->mc.runs);
    }
}

static void put_feature(struct tc_buf *b, const struct tc_impact_answer *a,
                        const struct tc_failure *f)
{
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "Feature");
    tc_jsonw_name(&w, "geometry");
    if (a->places->placed[f->asset]) {
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "type", "Point");
        tc_jsonw_name(&w, "coordinates");
        tc_jsonw_array(&w);
        tc_jsonw_double(&w, a->places->lon[f->asset]);
        tc_jsonw_double(&w, a->places->lat[f->asset]);
        tc_jsonw_array_end(&w);
        tc_jsonw_object_end(&w);
    } else {
        tc_jsonw_null(&w);
    }
    tc_jsonw_name(&w, "properties");
    tc_jsonw_object(&w);
    put_properties(&w, a, f);
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
}

static void write_geojson(struct tc_buf *b, const struct tc_impact_answer *a, const char *marking)
{
    tc_buf_fmt(b,
               "{\"type\":\"FeatureCollection\",\"marking\":\"%s\",\"people\":%llu,"
               "\"features\":[",
               marking, (unsigned long long)a->tally.people);
    for (size_t i = 0; i < a->n && !b->err; i++) {
        tc_buf_cstr(b, i ? ",\n" : "\n");
        put_feature(b, a, &a->f[i]);
    }
    tc_buf_cstr(b, "]}\n");
}

/* ---- report: curves ---- */

struct event {
    uint32_t at;
    int64_t people, assets;
};

static int by_time(const void *x, const void *y)
{
    const struct event *a = x, *b = y;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* What is down at a time: asset by asset from its failure until it is back. */
static tc_err put_curves(struct tc_buf *b, const struct tc_impact_answer *a)
{
    struct event *e = calloc(2 * a->n + 1, sizeof *e);
    struct tc_report_step *people = calloc(2 * a->n + 1, sizeof *people);
    struct tc_report_step *assets = calloc(2 * a->n + 1, sizeof *assets);
    size_t n = 0, steps = 0;
    int64_t hit = 0, down = 0;
    bool ok = e && people && assets;
    for (size_t i = 0; ok && i < a->n; i++) {
        int64_t p = (int64_t)a->g->people[a->f[i].asset];
        e[n++] = (struct event){a->f[i].at, p, 1};
        if (a->f[i].until != TC_NEVER)
            e[n++] = (struct event){a->f[i].until, -p, -1};
    }
    if (ok)
        qsort(e, n, sizeof *e, by_time);
    for (size_t i = 0; ok && i < n; i++) {
        hit += e[i].people;
        down += e[i].assets;
        if (i + 1 < n && e[i + 1].at == e[i].at)
            continue;
        people[steps] = (struct tc_report_step){e[i].at, (uint64_t)hit};
        assets[steps++] = (struct tc_report_step){e[i].at, (uint64_t)down};
    }
    if (ok) {
        if (a->tally.people)
            tc_report_steps(b, "People served by what is down", people, steps, a->horizon);
        tc_report_steps(b, "Assets that are down", assets, steps, a->horizon);
    }
    free(e);
    free(people);
    free(assets);
    return ok ? TC_OK : TC_E_NOMEM;
}

/* ---- report: who, where, why ---- */

static int part_by_weight(const void *x, const void *y)
{
    const struct tc_tally_part *a = x, *b = y;
    if (a->people != b->people)
        return a->people > b->people ? -1 : 1;
    if (a->assets != b->assets)
        return a->assets > b->assets ? -1 : 1;
    return tc_str_cmp(a->name, b->name);
}

static tc_err put_parts(struct tc_buf *b, const char *of, const struct tc_tally_part *parts,
                        size_t n)
{
    const char *titles[] = {of, "#assets", "#people"};
    struct tc_tally_part *sorted = calloc(n + 1, sizeof *sorted);
    if (!sorted)
        return TC_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        sorted[i] = parts[i];
    qsort(sorted, n, sizeof *sorted, part_by_weight);
    tc_report_table(b, titles, 3);
    for (size_t i = 0; i < n; i++) {
        tc_report_row(b);
        tc_report_cell(b, sorted[i].name);
        tc_report_cell_number(b, sorted[i].assets);
        tc_report_cell_number(b, sorted[i].people);
        tc_report_row_end(b);
    }
    tc_report_table_end(b);
    free(sorted);
    return TC_OK;
}

struct cause { /* the suppliers whose loss was one too many, for one service */
    uint32_t asset, service, assets;
    uint64_t people;
};

static int same_cause_together(const void *x, const void *y)
{
    const struct cause *a = x, *b = y;
    if (a->asset != b->asset)
        return a->asset < b->asset ? -1 : 1;
    return a->service < b->service ? -1 : a->service > b->service;
}

static int heaviest_cause_first(const void *x, const void *y)
{
    const struct cause *a = x, *b = y;
    if (a->people != b->people)
        return a->people > b->people ? -1 : 1;
    if (a->assets != b->assets)
        return a->assets > b->assets ? -1 : 1;
    return same_cause_together(x, y);
}

static size_t find_causes(const struct tc_impact_answer *a, struct cause *list)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct tc_failure *f = &a->f[i];
        uint32_t who[1];
        size_t direct;
        if (f->group == TC_NONE || f->flags & TC_FAIL_UNSOURCED ||
            !tc_cascade_cause(a->c, f, who, 1, &direct))
            continue;
        list[n++] = (struct cause){who[0], a->g->service[f->group], 1, a->g->people[f->asset]};
    }
    qsort(list, n, sizeof *list, same_cause_together);
    for (size_t i = 0; i < n; i++) {
        if (kept && same_cause_together(&list[kept - 1], &list[i]) == 0) {
            list[kept - 1].assets++;
            list[kept - 1].people += list[i].people;
        } else {
            list[kept++] = list[i];
        }
    }
    qsort(list, kept, sizeof *list, heaviest_cause_first);
    return kept;
}

static tc_err put_causes(struct tc_buf *b, const struct tc_impact_answer *a)
{
    static const char *const titles[] = {"supplier", "", "service", "#assets", "#people"};
    struct cause *list = calloc(a->n + 1, sizeof *list);
    if (!list)
        return TC_E_NOMEM;
    size_t n = find_causes(a, list);
    if (n) {
        tc_report_heading(b, "What brought them down");
        tc_report_table(b, titles, 5);
    }
    for (size_t i = 0; i < n && i < TOP_CAUSES; i++) {
        tc_report_row(b);
        tc_report_cell(b, tc_graph_id(a->g, list[i].asset));
        tc_report_cell(b, tc_graph_name(a->g, list[i].asset));
        tc_report_cell(b, a->g->services[list[i].service]);
        tc_report_cell_number(b, list[i].assets);
        tc_report_cell_number(b, list[i].people);
        tc_report_row_end(b);
    }
    if (n)
        tc_report_table_end(b);
    if (n > TOP_CAUSES) {
        tc_buf_cstr(b, "<p>");
        tc_report_fmt(b, "And %zu more.", n - TOP_CAUSES);
        tc_buf_cstr(b, "</p>\n");
    }
    free(list);
    return TC_OK;
}

static tc_err put_map(struct tc_buf *b, const struct tc_impact_answer *a)
{
    struct tc_report_dot *dots = calloc(a->n + 1, sizeof *dots);
    uint64_t most = 1;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        most = a->g->people[a->f[i].asset] > most ? a->g->people[a->f[i].asset] : most;
    for (size_t i = 0; dots && i < a->n; i++) {
        uint32_t v = a->f[i].asset;
        if (a->places->placed[v])
            dots[n++] = (struct tc_report_dot){.lat = a->places->lat[v],
                                               .lon = a->places->lon[v],
                                               .weight = (double)a->g->people[v] / (double)most,
                                               .given = a->f[i].group == TC_NONE,
                                               .name = tc_graph_id(a->g, v)};
    }
    if (dots)
        tc_report_places(b, "Where they stand", "fails; the larger, the more people",
                         "given outage", dots, n);
    free(dots);
    return dots ? TC_OK : TC_E_NOMEM;
}

/* "electricity from NL-EEM and 2 more, after P" */
static void put_because(struct tc_buf *b, const struct tc_impact_answer *a,
                        const struct tc_failure *f)
{
    uint32_t list[MAX_CAUSE];
    size_t direct, n = tc_cascade_cause(a->c, f, list, MAX_CAUSE, &direct);
    tc_buf_cstr(b, "<td>");
    if (f->group == TC_NONE) {
        tc_report_fmt(b, "given");
    } else {
        tc_report_fmt(b, "%sno %.*s from",
                      f->flags & TC_FAIL_UNSOURCED ? "even without the outage: " : "",
                      TC_FMT(service_of(a, f)));
        for (size_t i = 0; i < n && i < direct && i < 3; i++)
            tc_report_fmt(b, "%s %.*s", i ? "," : "", TC_FMT(tc_graph_id(a->g, list[i])));
        if (direct > 3)
            tc_report_fmt(b, " and %zu more", direct - 3);
        if (n > direct)
            tc_report_fmt(b, ", after %.*s", TC_FMT(tc_graph_id(a->g, list[n - 1])));
        if (f->flags & TC_FAIL_SHED)
            tc_report_fmt(b, "; shed: what is left does not carry it");
        if (f->flags & TC_FAIL_PHANTOM)
            tc_report_fmt(b, "; its suppliers only feed each other");
    }
    tc_buf_cstr(b, "</td>");
}

static void put_failure(struct tc_buf *b, const struct tc_impact_answer *a,
                        const struct tc_failure *f)
{
    char t[32], text[TC_TIME_SIZE];
    tc_report_row(b);
    tc_buf_fmt(b, "<td class=\"t\">%s</td>", tc_cli_lead(f->at, t));
    if (a->start != TC_TIME_NONE)
        tc_buf_fmt(b, "<td class=\"t\">%s</td>", clock_of(a, f->at, text));
    if (a->ranges) {
        const struct tc_mc_row *row = tc_mc_find(&a->mc, f->asset);
        (void)snprintf(text, sizeof text, "%.0f %%", row ? 100.0 * row->failed / a->mc.runs : 0.0);
        tc_report_cell(b, tc_str_cstr(text));
    }
    tc_report_cell(b, tc_graph_id(a->g, f->asset));
    tc_report_cell(b, tc_graph_name(a->g, f->asset));
    tc_report_cell(b, tc_graph_country(a->g, f->asset));
    tc_report_cell_number(b, a->g->people[f->asset]);
    put_because(b, a, f);
    tc_report_row_end(b);
}

static void put_failures(struct tc_buf *b, const struct tc_impact_answer *a)
{
    const char *titles[8];
    size_t n = 0;
    titles[n++] = "in";
    if (a->start != TC_TIME_NONE)
        titles[n++] = "at";
    if (a->ranges)
        titles[n++] = "how likely";
    titles[n++] = "asset";
    titles[n++] = "";
    titles[n++] = "";
    titles[n++] = "#people";
    titles[n++] = "because";
    tc_report_heading(b, "Who fails, in the order of time");
    tc_report_table(b, titles, n);
    for (size_t i = 0; i < a->n && i < REPORT_ROWS; i++)
        put_failure(b, a, &a->f[i]);
    tc_report_table_end(b);
    if (a->n <= REPORT_ROWS)
        return;
    tc_buf_cstr(b, "<p>");
    tc_report_fmt(b, "And %zu more; --format csv has all.", a->n - REPORT_ROWS);
    tc_buf_cstr(b, "</p>\n");
}

/* ---- report: what was assumed ---- */

static void put_assumed(struct tc_buf *b, const struct tc_impact_answer *a)
{
    char t[32], text[TC_TIME_SIZE];
    tc_report_heading(b, "What was assumed");
    tc_buf_cstr(b, "<ul><li>");
    tc_report_fmt(b, "Down from the start%s%s: ", a->start == TC_TIME_NONE ? "" : ", ",
                  clock_of(a, 0, text));
    size_t given = 0;
    bool ends = false;
    for (size_t i = 0; i < a->scenario->n_outages; i++)
        ends = ends || a->scenario->outages[i].end != TC_NEVER;
    for (size_t i = 0; i < a->n; i++) {
        if (a->f[i].group != TC_NONE)
            continue;
        struct tc_str name = tc_graph_name(a->g, a->f[i].asset);
        if (given++ < 40)
            tc_report_fmt(b, "%s%.*s%s%.*s%s", given > 1 ? ", " : "",
                          TC_FMT(tc_graph_id(a->g, a->f[i].asset)), name.n ? " (" : "",
                          TC_FMT(name), name.n ? ")" : "");
    }
    if (given > 40)
        tc_report_fmt(b, " and %zu more", given - 40);
    if (a->lasts)
        tc_report_fmt(b, "; for %s", tc_cli_lead((uint32_t)a->lasts, t));
    else
        tc_report_fmt(b, "; %s", ends ? "each for its own time" : "without an end");
    tc_buf_cstr(b, "</li><li>");
    if (a->scenario->n_capacities || a->scenario->n_stocks) {
        tc_report_fmt(b, "As measured: %zu changes of capacity, %zu stocks.",
                      a->scenario->n_capacities, a->scenario->n_stocks);
        tc_buf_cstr(b, "</li><li>");
    }
    tc_report_fmt(b, "Looked %s ahead, in a register of %u assets and %u dependencies.",
                  tc_cli_lead(a->horizon, t), a->g->n, a->g->e);
    tc_buf_cstr(b, "</li><li>");
    if (a->ranges)
        tc_report_fmt(b,
                      "Ranges of buffers count with their shortest, restores with their longest "
                      "time; how likely is from %u draws (seed %llu).",
                      a->mc.runs, (unsigned long long)a->seed);
    else
        tc_report_fmt(b, "Ranges of buffers count with their shortest, restores with their longest "
                         "time.");
    tc_buf_cstr(b, "</li><li>");
    tc_report_fmt(b, "All else runs as registered: nobody steps in, and nothing overloads but "
                     "what has a capacity there. People are "
                     "added up as the register gives them to assets.");
    tc_buf_cstr(b, "</li></ul>\n");
}

static void put_summary(struct tc_buf *b, const struct tc_impact_answer *a)
{
    tc_report_facts_begin(b);
    tc_report_fact(b, a->n, "assets fail");
    tc_report_fact(b, a->g->n - a->n, "are spared");
    tc_report_fact(b, a->tally.people, "people");
    tc_report_fact(b, a->tally.country_count, "countries");
    tc_report_fact(b, a->tally.member_states, "Member States of the EU");
    tc_report_facts_end(b);
    if (a->tally.member_states < 2)
        return;
    tc_buf_cstr(b, "<p>");
    tc_report_fmt(b, "%s Member States are hit.",
                  a->tally.member_states >= 6 ? "Six or more" : "Two or more");
    tc_buf_cstr(b, "</p>\n");
}

static tc_err write_report(struct tc_buf *b, const struct tc_impact_answer *a, const char *marking)
{
    char about[200], t[32];
    (void)snprintf(about, sizeof about,
                   "Who fails, and when, within %s of the outage, by the dependencies registered.",
                   tc_cli_lead(a->horizon, t));
    const struct tc_report_head head = {
        .title = "Impact of an outage", .about = about, .marking = marking, .made = tc_time_now()};
    tc_report_begin(b, &head);
    put_summary(b, a);
    put_assumed(b, a);
    tc_report_heading(b, "How it spreads");
    tc_err e = put_curves(b, a);
    e = e ? e : put_map(b, a);
    tc_report_heading(b, "Whom it hits");
    e = e ? e : put_parts(b, "sector", a->tally.sectors, a->tally.sector_count);
    e = e ? e : put_parts(b, "country", a->tally.countries, a->tally.country_count);
    e = e ? e : put_causes(b, a);
    put_failures(b, a);
    tc_report_end(b, &head);
    return e;
}

int tc_impact_write(const struct tc_impact_answer *a, const char *format, const char *marking,
                    const char *out)
{
    struct tc_buf b;
    struct tc_diag d;
    tc_err e = TC_OK;
    tc_diag_init(&d);
    tc_buf_init(&b, MAX_OUTPUT);
    if (format[0] == 'c')
        write_csv(&b, a);
    else if (format[0] == 'g')
        write_geojson(&b, a, marking);
    else
        e = write_report(&b, a, marking);
    return tc_cli_results_end("impact", e, &d, &b, out);
}
