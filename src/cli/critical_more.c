/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/critical_more.h"

#include "base/time.h"
#include "cli/ask.h"
#include "cli/help.h"
#include "cli/results.h"
#include "impact/pairs.h"
#include "watch/casefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_OF   200u /* members of the set */
#define MAX_OUTPUT ((size_t)1 << 28)

static const char command[] = "critical";

bool tc_cli_critical_more_asked(const struct tc_critical_more *m)
{
    return m->pairs.n || m->causes || m->one;
}

static int no_such(struct tc_str id)
{
    char text[200];
    (void)tc_str_show(id, text, sizeof text);
    (void)fprintf(stderr, "tocsin critical: %s: the register has no such asset\n", text);
    return 3;
}

static int done(bool ok)
{
    if (ok && !ferror(stdout) && !fflush(stdout))
        return 0;
    (void)fprintf(stderr, "tocsin critical: the answer could not be written\n");
    return 4;
}

/* ---- several at once ---- */

static void json_together(struct tc_jsonw *w, const struct tc_together *t)
{
    tc_jsonw_ku64(w, "failed", t->failed);
    tc_jsonw_ku64(w, "people", t->people);
    tc_jsonw_ku64(w, "people_hours", t->people_seconds / 3600);
    tc_jsonw_ku64(w, "people_hours_alone", t->alone / 3600);
    tc_jsonw_ku64(w, "member_states", t->member_states);
    tc_jsonw_kbool(w, "two_or_more_states", t->member_states >= 2);
    tc_jsonw_kbool(w, "six_or_more_states", t->member_states >= 6);
}

static void print_together(const struct tc_together *t)
{
    (void)printf("%14llu %14llu %10llu %8u", (unsigned long long)(t->people_seconds / 3600),
                 (unsigned long long)(t->alone / 3600), (unsigned long long)t->people, t->failed);
    if (t->member_states >= 2)
        (void)printf("  (%s Member States)", t->member_states >= 6 ? "six or more" : "two or more");
    (void)putchar('\n');
}

#define TITLES "people x hours", "of that alone", "people", "assets"

static bool put(struct tc_buf *b)
{
    tc_buf_char(b, '\n');
    bool ok = !b->err && fwrite(b->p, 1, b->n, stdout) == b->n;
    tc_buf_fini(b);
    return ok;
}

static bool json_pairs(const struct tc_graph *g, const struct tc_together *t, size_t n,
                       uint32_t horizon)
{
    struct tc_buf b;
    tc_buf_init(&b, MAX_OUTPUT);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "horizon", horizon);
    tc_jsonw_name(&w, "pairs");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "first", tc_graph_id(g, t[i].first));
        tc_jsonw_kstr(&w, "second", tc_graph_id(g, t[i].second));
        json_together(&w, &t[i]);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return put(&b);
}

static void print_pairs(const struct tc_graph *g, const struct tc_together *t, size_t n)
{
    (void)printf("%-12s %-12s %14s %14s %10s %8s\n", "first", "second", TITLES);
    for (size_t i = 0; i < n; i++) {
        (void)printf("%-12.*s %-12.*s ", TC_FMT(tc_graph_id(g, t[i].first)),
                     TC_FMT(tc_graph_id(g, t[i].second)));
        print_together(&t[i]);
    }
}

/* Ids with commas between, or one by one. */
static int take_set(const struct tc_graph *g, const struct tc_critical_more *m,
                    uint32_t assets[PAIRS_OF], size_t *n)
{
    for (size_t i = 0; i < m->pairs.n; i++) {
        struct tc_str word = tc_str_cstr(m->pairs.v[i]);
        while (word.n) {
            const char *comma = memchr(word.p, ',', word.n);
            struct tc_str id = tc_str_view(word.p, comma ? (size_t)(comma - word.p) : word.n);
            size_t step = id.n + (comma != NULL);
            word = tc_str_view(word.p + step, word.n - step);
            if (*n == PAIRS_OF)
                return tc_cli_usage(command, "--pairs takes at most %u assets", PAIRS_OF);
            if (!tc_graph_find(g, id, &assets[(*n)++]))
                return no_such(id);
        }
    }
    return *n < 2 ? tc_cli_usage(command, "--pairs needs two assets at least") : 0;
}

static int pairs(const struct tc_graph *g, const struct tc_critical_more *m)
{
    uint32_t assets[PAIRS_OF];
    size_t n = 0;
    int status = take_set(g, m, assets, &n);
    if (status)
        return status;
    size_t count = n * (n - 1) / 2, top = m->top < count ? (size_t)m->top : count;
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_together *rows = calloc(count, sizeof *rows);
    tc_err e = c && rows ? tc_pairs_run(c, g, assets, n, m->horizon, rows, NULL, NULL) : TC_E_NOMEM;
    bool ok = true;
    if (!e && m->json)
        ok = json_pairs(g, rows, top, m->horizon);
    else if (!e)
        print_pairs(g, rows, top);
    tc_cascade_free(c);
    free(rows);
    return e ? tc_cli_fail(command, e, NULL) : done(ok);
}

/* ---- common causes ---- */

static int gravest_first(const void *x, const void *y)
{
    const struct tc_together *a = x, *b = y;
    if (a->people_seconds != b->people_seconds)
        return a->people_seconds > b->people_seconds ? -1 : 1;
    if (a->failed != b->failed)
        return a->failed > b->failed ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static bool json_causes(const struct tc_graph *g, const struct tc_together *t, size_t n,
                        uint32_t horizon)
{
    struct tc_buf b;
    tc_buf_init(&b, MAX_OUTPUT);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "horizon", horizon);
    tc_jsonw_name(&w, "causes");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        uint32_t k = t[i].first;
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "cause", g->more->causes[k]);
        tc_jsonw_name(&w, "assets");
        tc_jsonw_array(&w);
        for (uint32_t j = g->more->cause_first[k]; j < g->more->cause_first[k + 1]; j++)
            tc_jsonw_str(&w, tc_graph_id(g, g->more->cause_asset[j]));
        tc_jsonw_array_end(&w);
        json_together(&w, &t[i]);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return put(&b);
}

static void print_causes(const struct tc_graph *g, const struct tc_together *t, size_t n)
{
    (void)printf("%-30s %14s %14s %10s %8s\n", "common cause", TITLES);
    for (size_t i = 0; i < n; i++) {
        (void)printf("%-30.*s ", TC_FMT(g->more->causes[t[i].first]));
        print_together(&t[i]);
    }
    if (!n)
        (void)printf("The register names no common cause.\n");
}

static int causes(const struct tc_graph *g, const struct tc_critical_more *m)
{
    uint32_t n = g->more ? g->more->cause_count : 0;
    size_t top = m->top < n ? (size_t)m->top : n;
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_together *rows = calloc(n + 1u, sizeof *rows);
    tc_err e = c && rows ? TC_OK : TC_E_NOMEM;
    bool ok = true;
    for (uint32_t k = 0; !e && k < n; k++) {
        uint32_t from = g->more->cause_first[k];
        rows[k].first = k;
        e = tc_together_run(c, g, g->more->cause_asset + from, g->more->cause_first[k + 1] - from,
                            m->horizon, &rows[k]);
    }
    if (!e && n)
        qsort(rows, n, sizeof *rows, gravest_first);
    if (!e && m->json)
        ok = json_causes(g, rows, top, m->horizon);
    else if (!e)
        print_causes(g, rows, top);
    tc_cascade_free(c);
    free(rows);
    return e ? tc_cli_fail(command, e, NULL) : done(ok);
}

/* ---- the case file ---- */

static int case_file(const struct tc_graph *g, const struct tc_critical_more *m)
{
    struct tc_impact_settings s = {.suppress_below = 0};
    struct tc_case x = {0};
    struct tc_buf b;
    struct tc_diag d;
    char at[TC_TIME_SIZE];
    uint32_t asset;
    tc_diag_init(&d);
    if (!tc_graph_find(g, tc_str_cstr(m->one), &asset))
        return no_such(tc_str_cstr(m->one));
    tc_err e = m->dir ? tc_impact_settings_get(m->dir, &s, &d) : TC_OK;
    s.suppress_below = 0; /* whoever holds the folder has the right to all of it */
    struct tc_cascade *c = e ? NULL : tc_cascade_new(g);
    if (!e)
        e = c ? tc_case_make(g, c, asset, m->horizon, &x) : TC_E_NOMEM;
    tc_cascade_free(c);
    if (e)
        return tc_cli_fail(command, e, &d);
    tc_buf_init(&b, MAX_OUTPUT);
    tc_time_format(tc_time_now(), 0, at);
    if (m->json) {
        struct tc_jsonw w = tc_jsonw_into(&b);
        tc_jsonw_object(&w);
        tc_case_json(&x, g, &s, &w);
        tc_jsonw_object_end(&w);
    } else if (m->html) {
        tc_case_html(&x, g, &s, at, m->marking, &b);
    } else {
        tc_case_text(&x, g, &s, at, m->marking, &b);
    }
    tc_case_fini(&x);
    if (m->json)
        return done(put(&b));
    int status = tc_cli_results_write(command, &b, m->out);
    tc_buf_fini(&b);
    return status;
}

int tc_cli_critical_more(const struct tc_graph *g, const struct tc_critical_more *m)
{
    if ((m->pairs.n > 0) + m->causes + (m->one != NULL) > 1)
        return tc_cli_usage(command, "--pairs, --causes and --case exclude each other");
    if (m->html && !m->one)
        return tc_cli_usage(command, "--html is for --case");
    return m->one ? case_file(g, m) : m->causes ? causes(g, m) : pairs(g, m);
}
