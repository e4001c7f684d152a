/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/versus.h"

#include "cli/ask.h"
#include "codec/jsonw.h"
#include "impact/compare.h"
#include "impact/tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE  60u /* seconds of difference that are none */
#define LIKELY     100 /* a difference of less than one run in so many is none */
#define TABLE_ROWS 200u
#define MAX_OUTPUT ((size_t)4 << 30)

struct side {
    struct tc_failure *f;
    size_t n;
    struct tc_tally tally;
    struct tc_mc mc; /* where there are ranges */
    double people;   /* on average over the runs */
};

/* Fails at the same time at the earliest, and not as likely. */
struct odds {
    uint32_t asset, at;
};

struct both {
    const struct tc_graph *g;
    struct side side[2];
    struct tc_comparison c;
    bool ranges;
    struct odds *odds[2]; /* likelier with the second; less likely */
    size_t n[2];
    uint64_t people[2];
};

static const char *const odds_word[2] = {"likelier", "less likely"}, *const odds_key[2] = {
                                                                         "likelier", "less_likely"};

static tc_err run(struct both *b, struct tc_cascade *c, const struct tc_scenario *s,
                  const struct tc_mc_opts *runs, struct side *out, struct tc_diag *d)
{
    const struct tc_cascade_opts o = {.horizon = runs->horizon};
    size_t n = 0;
    tc_err e = tc_cascade_scenario(c, s, &o, d);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    out->f = calloc(n + 1, sizeof *out->f);
    if (!out->f)
        return TC_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & TC_FAIL_UNSOURCED))
            out->f[out->n++] = f[i];
    e = b->ranges ? tc_mc_scenario(b->g, s, runs, &out->mc, d) : TC_OK;
    for (size_t i = 0; i < out->n && b->ranges && !e; i++) {
        const struct tc_mc_row *r = tc_mc_find(&out->mc, out->f[i].asset);
        out->people += r ? (double)r->failed / out->mc.runs * (double)b->g->people[r->asset] : 0;
    }
    return e ? e : tc_tally_make(b->g, out->f, out->n, &out->tally);
}

static double likely(const struct side *s, uint32_t asset)
{
    const struct tc_mc_row *r = tc_mc_find(&s->mc, asset);
    return r ? (double)r->failed / s->mc.runs : 0;
}

/* The assets that the comparison of earliest times calls the same, and chance does not. */
static tc_err compare_odds(struct both *b)
{
    uint32_t *seen = calloc(b->g->n + 1u, sizeof *seen);
    tc_err e = seen ? TC_OK : TC_E_NOMEM;
    for (int k = 0; k < 2 && !e; k++) {
        b->odds[k] = calloc(b->side[0].n + 1, sizeof *b->odds[k]);
        e = b->odds[k] ? TC_OK : TC_E_NOMEM;
    }
    for (size_t i = 0; i < b->c.n && !e; i++)
        seen[b->c.rows[i].asset] = 1;
    for (size_t i = 0; i < b->side[0].n && !e; i++) {
        uint32_t v = b->side[0].f[i].asset;
        double more = likely(&b->side[1], v) - likely(&b->side[0], v);
        if (seen[v] || (more * LIKELY < 1 && more * LIKELY > -1))
            continue;
        int k = more < 0;
        b->odds[k][b->n[k]++] = (struct odds){v, b->side[0].f[i].at};
        b->people[k] += b->g->people[v];
        b->c.same--;
    }
    free(seen);
    return e;
}

/* ---- JSON ---- */

static void json_side(struct tc_jsonw *w, const char *name, const struct side *s)
{
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "failed", s->n);
    tc_jsonw_ku64(w, "people", s->tally.people);
    if (s->mc.runs) {
        tc_jsonw_name(w, "people_expected");
        tc_jsonw_double(w, floor(s->people * 10 + 0.5) / 10);
    }
    tc_jsonw_name(w, "countries");
    tc_jsonw_object(w);
    for (size_t i = 0; i < s->tally.country_count; i++) {
        tc_jsonw_namen(w, s->tally.countries[i].name);
        tc_jsonw_u64(w, s->tally.countries[i].assets);
    }
    tc_jsonw_object_end(w);
    tc_jsonw_ku64(w, "member_states", s->tally.member_states);
    tc_jsonw_object_end(w);
}

static void json_runs(struct tc_jsonw *w, const char *name, const struct side *s, uint32_t asset)
{
    const struct tc_mc_row *r = tc_mc_find(&s->mc, asset);
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    tc_jsonw_name(w, "p");
    tc_jsonw_double(w, likely(s, asset));
    if (r) {
        tc_jsonw_ku64(w, "at_p5", r->p5);
        tc_jsonw_ku64(w, "at_p50", r->p50);
        tc_jsonw_ku64(w, "at_p95", r->p95);
    }
    tc_jsonw_object_end(w);
}

static void json_row(struct tc_jsonw *w, const struct both *b, const char *change, uint32_t asset,
                     uint32_t first, uint32_t second)
{
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "change", change);
    tc_jsonw_kstr(w, "asset", tc_graph_id(b->g, asset));
    if (first != TC_NEVER)
        tc_jsonw_ku64(w, "first", first);
    if (second != TC_NEVER)
        tc_jsonw_ku64(w, "second", second);
    if (b->ranges) {
        json_runs(w, "first_runs", &b->side[0], asset);
        json_runs(w, "second_runs", &b->side[1], asset);
    }
    tc_jsonw_object_end(w);
}

static void json_count(struct tc_jsonw *w, const char *name, size_t assets, uint64_t people)
{
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "assets", assets);
    tc_jsonw_ku64(w, "people", people);
    tc_jsonw_object_end(w);
}

static void json_rows(struct tc_jsonw *w, const struct both *b)
{
    tc_jsonw_name(w, "rows");
    tc_jsonw_array(w);
    for (size_t i = 0; i < b->c.n; i++)
        json_row(w, b, tc_change_kind_word(b->c.rows[i].kind), b->c.rows[i].asset,
                 b->c.rows[i].first, b->c.rows[i].second);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < b->n[k]; i++)
            json_row(w, b, odds_key[k], b->odds[k][i].asset, b->odds[k][i].at, b->odds[k][i].at);
    tc_jsonw_array_end(w);
}

static bool print_json(const struct both *b)
{
    struct tc_buf out;
    tc_buf_init(&out, MAX_OUTPUT);
    struct tc_jsonw w = tc_jsonw_into(&out);
    tc_jsonw_object(&w);
    json_side(&w, "first", &b->side[0]);
    json_side(&w, "second", &b->side[1]);
    tc_jsonw_name(&w, "difference");
    tc_jsonw_object(&w);
    for (int k = 0; k < TC_CHANGE_KINDS; k++)
        json_count(&w, tc_change_kind_word((enum tc_change_kind)k), b->c.count[k], b->c.people[k]);
    for (int k = 0; k < 2 && b->ranges; k++)
        json_count(&w, odds_key[k], b->n[k], b->people[k]);
    tc_jsonw_ku64(&w, "same", b->c.same);
    json_rows(&w, b);
    tc_jsonw_object_end(&w);
    if (b->ranges)
        tc_jsonw_ku64(&w, "runs", b->side[0].mc.runs);
    tc_jsonw_object_end(&w);
    tc_buf_char(&out, '\n');
    bool ok = !out.err && fwrite(out.p, 1, out.n, stdout) == out.n;
    tc_buf_fini(&out);
    return ok;
}

/* ---- for a person ---- */

static const char *when(uint32_t s, char out[32])
{
    if (s == TC_NEVER)
        (void)snprintf(out, 32, "-");
    else if (s < 60)
        (void)snprintf(out, 32, "%u s", s);
    else if (s < 3 * 86400)
        (void)snprintf(out, 32, "%u h %02u min", s / 3600, s / 60 % 60);
    else
        (void)snprintf(out, 32, "%u d %02u h", s / 86400, s / 3600 % 24);
    return out;
}

/* " 28% 4 h 04 min/4 h 50 min/5 h 53 min" */
static const char *chance(const struct side *s, uint32_t asset, char out[128])
{
    const struct tc_mc_row *r = tc_mc_find(&s->mc, asset);
    char p5[32], p50[32], p95[32];
    if (!r)
        (void)snprintf(out, 128, "  0%%");
    else if (r->p5 == r->p95)
        (void)snprintf(out, 128, "%3.0f%% %s", 100 * likely(s, asset), when(r->p50, p50));
    else
        (void)snprintf(out, 128, "%3.0f%% %s/%s/%s", 100 * likely(s, asset), when(r->p5, p5),
                       when(r->p50, p50), when(r->p95, p95));
    return out;
}

static void print_side(const char *name, const struct side *s)
{
    (void)printf("%-7s %zu assets, %llu people", name, s->n, (unsigned long long)s->tally.people);
    if (s->mc.runs)
        (void)printf(" (on average %.1f)", s->people);
    (void)printf(", %u Member States:", s->tally.member_states);
    for (size_t i = 0; i < s->tally.country_count; i++)
        (void)printf(" %.*s", TC_FMT(s->tally.countries[i].name));
    (void)putchar('\n');
}

static void print_row(const struct both *b, const char *change, uint32_t asset, uint32_t first,
                      uint32_t second)
{
    char x[128], y[128];
    (void)printf("%-11s %-12.*s %-2.*s %-28.*s %9llu  ", change, TC_FMT(tc_graph_id(b->g, asset)),
                 TC_FMT(tc_graph_country(b->g, asset)), TC_FMT(tc_graph_name(b->g, asset)),
                 (unsigned long long)b->g->people[asset]);
    if (b->ranges)
        (void)printf("%-38s %s\n", chance(&b->side[0], asset, x), chance(&b->side[1], asset, y));
    else
        (void)printf("%-12s %s\n", when(first, x), when(second, y));
}

static void print_rows(const struct both *b)
{
    size_t shown = 0, all = b->c.n + b->n[0] + b->n[1];
    for (size_t i = 0; i < b->c.n && shown < TABLE_ROWS; i++, shown++)
        print_row(b, tc_change_kind_word(b->c.rows[i].kind), b->c.rows[i].asset, b->c.rows[i].first,
                  b->c.rows[i].second);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < b->n[k] && shown < TABLE_ROWS; i++, shown++)
            print_row(b, odds_word[k], b->odds[k][i].asset, b->odds[k][i].at, b->odds[k][i].at);
    if (all > shown)
        (void)printf("... and %zu more (--json has all)\n", all - shown);
}

static void print_table(const struct both *b)
{
    print_side("first", &b->side[0]);
    print_side("second", &b->side[1]);
    if (b->ranges)
        (void)printf(
            "\nHow likely, and when in the earliest 5, the middle and the latest 5 of 100:\n");
    (void)printf("%s%-11s %-12s %-2s %-28s %9s  %-*s %s\n", b->ranges ? "" : "\n", "", "asset", "",
                 "", "people", b->ranges ? 38 : 12, "first", "second");
    print_rows(b);
    (void)putchar('\n');
    for (int k = 0; k < TC_CHANGE_KINDS; k++)
        (void)printf("%s%zu %s (%llu people)", k ? ", " : "", b->c.count[k],
                     tc_change_kind_word((enum tc_change_kind)k),
                     (unsigned long long)b->c.people[k]);
    for (int k = 0; k < 2 && b->ranges; k++)
        (void)printf(", %zu %s (%llu people)", b->n[k], odds_word[k],
                     (unsigned long long)b->people[k]);
    (void)printf("; %zu the same.\n", b->c.same);
}

int tc_cli_versus(const struct tc_graph *g, const struct tc_scenario *first,
                  const struct tc_scenario *second, const struct tc_mc_opts *runs, bool json)
{
    struct both b = {.g = g, .ranges = g->ranges && runs->runs};
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_diag d;
    bool ok = true;
    tc_diag_init(&d);
    tc_err e = c ? run(&b, c, first, runs, &b.side[0], &d) : TC_E_NOMEM;
    e = e ? e : run(&b, c, second, runs, &b.side[1], &d);
    e = e ? e : tc_compare(g, b.side[0].f, b.side[0].n, b.side[1].f, b.side[1].n, TOLERANCE, &b.c);
    if (!e && b.ranges)
        e = compare_odds(&b);
    if (!e && json)
        ok = print_json(&b);
    else if (!e)
        print_table(&b);
    tc_cascade_free(c);
    tc_comparison_fini(&b.c);
    for (int i = 0; i < 2; i++) {
        free(b.side[i].f);
        free(b.odds[i]);
        tc_mc_fini(&b.side[i].mc);
        tc_tally_fini(&b.side[i].tally);
    }
    if (e)
        return tc_cli_fail("impact", e, &d);
    if (ok && !ferror(stdout) && !fflush(stdout))
        return 0;
    (void)fprintf(stderr, "tocsin impact: the answer could not be written\n");
    return 4;
}
