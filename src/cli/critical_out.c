/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/critical_out.h"

#include "cli/ask.h"
#include "cli/report.h"
#include "cli/results.h"
#include "codec/csv.h"
#include "codec/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_OUTPUT  ((size_t)4 << 30)
#define REPORT_BARS 20 /* of the chart; the table has all that were asked for */

static struct tc_str sector_of(const struct tc_critical_ranking *r, uint32_t v)
{
    return r->g->sectors[r->g->sector[v]];
}

static void join_services(struct tc_buf *b, const struct tc_critical_ranking *r,
                          const struct tc_critical_entry *x)
{
    const char *between = "";
    for (uint32_t s = 0; s < r->g->service_count; s++)
        if (x->services[s]) {
            tc_buf_cstr(b, between);
            tc_buf_str(b, r->g->services[s]);
            between = ", ";
        }
}

static void join_countries(struct tc_buf *b, const struct tc_critical_entry *x)
{
    for (size_t i = 0; i < x->tally.country_count; i++) {
        tc_buf_cstr(b, i ? " " : "");
        tc_buf_str(b, x->tally.countries[i].name);
    }
}

/* ---- CSV ---- */

static void write_csv(struct tc_buf *b, const struct tc_critical_ranking *r)
{
    char number[TC_JSON_NUMBER];
    struct tc_buf text;
    tc_buf_init(&text, 1u << 20);
    tc_buf_cstr(b, "rank,asset,name,sector,country,lat,lon,people_hours,people,assets,services,"
                   "countries,member_states\n");
    for (size_t i = 0; i < r->n && !b->err; i++) {
        const struct tc_critical_entry *x = &r->top[i];
        const struct tc_str cells[] = {tc_graph_id(r->g, x->asset), tc_graph_name(r->g, x->asset),
                                       sector_of(r, x->asset), tc_graph_country(r->g, x->asset)};
        tc_buf_u64(b, i + 1);
        for (size_t k = 0; k < 4; k++) {
            tc_buf_char(b, ',');
            tc_csv_quote(b, cells[k]);
        }
        for (int k = 0; k < 2; k++) {
            tc_buf_char(b, ',');
            if (r->places->placed[x->asset])
                tc_buf_add(b, number,
                           tc_json_number((k ? r->places->lon : r->places->lat)[x->asset], number));
        }
        tc_buf_fmt(b, ",%llu,%llu,%u,", (unsigned long long)x->row->people_seconds / 3600,
                   (unsigned long long)x->row->people, x->row->failed);
        tc_buf_clear(&text);
        join_services(&text, r, x);
        tc_csv_quote(b, tc_buf_view(&text));
        tc_buf_char(b, ',');
        tc_buf_clear(&text);
        join_countries(&text, x);
        tc_csv_quote(b, tc_buf_view(&text));
        tc_buf_fmt(b, ",%u\n", x->row->member_states);
    }
    tc_buf_fini(&text);
}

/* ---- GeoJSON ---- */

static void put_feature(struct tc_buf *b, const struct tc_critical_ranking *r, size_t i)
{
    const struct tc_critical_entry *x = &r->top[i];
    struct tc_jsonw w = tc_jsonw_into(b);
    struct tc_buf text;
    tc_buf_init(&text, 1u << 20);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "Feature");
    tc_jsonw_name(&w, "geometry");
    if (r->places->placed[x->asset]) {
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "type", "Point");
        tc_jsonw_name(&w, "coordinates");
        tc_jsonw_array(&w);
        tc_jsonw_double(&w, r->places->lon[x->asset]);
        tc_jsonw_double(&w, r->places->lat[x->asset]);
        tc_jsonw_array_end(&w);
        tc_jsonw_object_end(&w);
    } else {
        tc_jsonw_null(&w);
    }
    tc_jsonw_name(&w, "properties");
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "rank", i + 1);
    tc_jsonw_kstr(&w, "id", tc_graph_id(r->g, x->asset));
    tc_jsonw_ktext(&w, "name", tc_graph_name(r->g, x->asset));
    tc_jsonw_ktext(&w, "sector", sector_of(r, x->asset));
    tc_jsonw_ktext(&w, "country", tc_graph_country(r->g, x->asset));
    tc_jsonw_ku64(&w, "people_hours", x->row->people_seconds / 3600);
    tc_jsonw_ku64(&w, "people", x->row->people);
    tc_jsonw_ku64(&w, "assets", x->row->failed);
    join_services(&text, r, x);
    tc_jsonw_ktext(&w, "services", tc_buf_view(&text));
    tc_buf_clear(&text);
    join_countries(&text, x);
    tc_jsonw_ktext(&w, "countries", tc_buf_view(&text));
    tc_jsonw_ku64(&w, "member_states", x->row->member_states);
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
    tc_buf_fini(&text);
}

static void write_geojson(struct tc_buf *b, const struct tc_critical_ranking *r,
                          const char *marking)
{
    tc_buf_fmt(b, "{\"type\":\"FeatureCollection\",\"marking\":\"%s\",\"features\":[", marking);
    for (size_t i = 0; i < r->n && !b->err; i++) {
        tc_buf_cstr(b, i ? ",\n" : "\n");
        put_feature(b, r, i);
    }
    tc_buf_cstr(b, "]}\n");
}

/* ---- report ---- */

static uint64_t weight_of(const struct tc_critical_ranking *r, const struct tc_critical_row *row)
{
    switch (r->by[0]) {
    case 'a':
        return row->failed;
    case 's':
        return row->member_states;
    default:
        return r->by[6] ? row->people_seconds / 3600 : row->people; /* "people-hours", "people" */
    }
}

static const char *weight_is(const struct tc_critical_ranking *r)
{
    switch (r->by[0]) {
    case 'a':
        return "Assets that fail with it";
    case 's':
        return "Member States that it hits";
    default:
        return r->by[6] ? "People times hours until the horizon" : "People";
    }
}

static tc_err put_charts(struct tc_buf *b, const struct tc_critical_ranking *r)
{
    size_t n = r->n < REPORT_BARS ? r->n : REPORT_BARS, placed = 0;
    struct tc_report_bar *bars = calloc(n + 1, sizeof *bars);
    struct tc_report_dot *dots = calloc(r->n + 1, sizeof *dots);
    uint64_t most = 1;
    bool ok = bars && dots;
    for (size_t i = 0; ok && i < r->n; i++) {
        const struct tc_critical_entry *x = &r->top[i];
        struct tc_str name = tc_graph_name(r->g, x->asset);
        uint64_t v = weight_of(r, x->row);
        most = v > most ? v : most;
        if (i < n)
            bars[i] = (struct tc_report_bar){tc_graph_id(r->g, x->asset), name, v};
        if (r->places->placed[x->asset])
            dots[placed++] = (struct tc_report_dot){.lat = r->places->lat[x->asset],
                                                    .lon = r->places->lon[x->asset],
                                                    .weight = (double)v / (double)most,
                                                    .name = tc_graph_id(r->g, x->asset)};
    }
    if (ok) {
        tc_report_bars(b, weight_is(r), bars, n);
        tc_report_places(b, "Where they stand", "the larger, the graver its outage", NULL, dots,
                         placed);
    }
    free(bars);
    free(dots);
    return ok ? TC_OK : TC_E_NOMEM;
}

static void put_row(struct tc_buf *b, const struct tc_critical_ranking *r, size_t i)
{
    const struct tc_critical_entry *x = &r->top[i];
    struct tc_buf text;
    tc_buf_init(&text, 1u << 20);
    tc_report_row(b);
    tc_report_cell_number(b, i + 1);
    tc_report_cell(b, tc_graph_id(r->g, x->asset));
    tc_report_cell(b, tc_graph_name(r->g, x->asset));
    tc_report_cell(b, tc_graph_country(r->g, x->asset));
    tc_report_cell_number(b, x->row->people_seconds / 3600);
    tc_report_cell_number(b, x->row->people);
    tc_report_cell_number(b, x->row->failed);
    join_services(&text, r, x);
    tc_report_cell(b, tc_buf_view(&text));
    tc_buf_clear(&text);
    join_countries(&text, x);
    if (x->row->member_states >= 2)
        tc_buf_fmt(&text, " (%s)",
                   x->row->member_states >= TC_CRITICAL_MANY ? "6 or more MS" : "2 or more MS");
    tc_report_cell(b, tc_buf_view(&text));
    tc_report_row_end(b);
    tc_buf_fini(&text);
}

static void put_assumed(struct tc_buf *b, const struct tc_critical_ranking *r)
{
    char t[32];
    tc_report_heading(b, "What was assumed");
    tc_buf_cstr(b, "<ul><li>");
    tc_report_fmt(b, "Each asset fails alone, at once and for good; looked %s ahead.",
                  tc_cli_lead(r->horizon, t));
    tc_buf_cstr(b, "</li><li>");
    tc_report_fmt(b,
                  "A register of %u assets and %u dependencies; what fails without any outage is "
                  "not counted.",
                  r->g->n, r->g->e);
    tc_buf_cstr(b, "</li><li>");
    tc_report_fmt(
        b,
        "Ranges of buffers count with their shortest time. %s Nobody steps in. People are "
        "added up as the register gives them to assets, at any hour the same.",
        tc_graph_needs_engine(r->g)
            ? "A supplier that runs short sheds in the order of priority; calendars "
              "count with their highest hour."
            : "No capacity is in the register: nothing overloads.");
    tc_buf_cstr(b, "</li></ul>\n");
}

static tc_err write_report(struct tc_buf *b, const struct tc_critical_ranking *r,
                           const char *marking)
{
    static const char *const titles[] = {
        "#", "asset", "", "", "#people \xc3\x97 h", "#people", "#assets", "services", "countries"};
    const struct tc_report_head head = {.title = "Critical assets",
                                        .about = "What the outage of each asset alone would do, "
                                                 "the gravest first.",
                                        .marking = marking,
                                        .made = tc_time_now()};
    uint64_t two = 0, six = 0;
    for (uint32_t v = 0; v < r->g->n; v++) {
        two += r->rows[v].member_states >= 2;
        six += r->rows[v].member_states >= TC_CRITICAL_MANY;
    }
    tc_report_begin(b, &head);
    tc_report_facts_begin(b);
    tc_report_fact(b, r->g->n, "single outages");
    tc_report_fact(b, two, "hit two or more Member States");
    tc_report_fact(b, six, "hit six or more");
    tc_report_facts_end(b);
    put_assumed(b, r);
    tc_report_heading(b, "The gravest");
    tc_err e = put_charts(b, r);
    tc_report_heading(b, "The ranking");
    tc_report_table(b, titles, 9);
    for (size_t i = 0; i < r->n && !b->err; i++)
        put_row(b, r, i);
    tc_report_table_end(b);
    tc_report_end(b, &head);
    return e;
}

int tc_critical_write(const struct tc_critical_ranking *r, const char *format, const char *marking,
                      const char *out)
{
    struct tc_buf b;
    struct tc_diag d;
    tc_err e = TC_OK;
    tc_diag_init(&d);
    tc_buf_init(&b, MAX_OUTPUT);
    if (format[0] == 'c')
        write_csv(&b, r);
    else if (format[0] == 'g')
        write_geojson(&b, r, marking);
    else
        e = write_report(&b, r, marking);
    return tc_cli_results_end("critical", e, &d, &b, out);
}
