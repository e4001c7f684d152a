/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/versus.h"

#include "cli/ask.h"
#include "codec/jsonw.h"
#include "impact/compare.h"
#include "impact/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE  60u /* seconds of difference that are none */
#define TABLE_ROWS 200u
#define MAX_OUTPUT ((size_t)4 << 30)

struct side {
    struct tc_failure *f;
    size_t n;
    struct tc_tally tally;
};

struct both {
    const struct tc_graph *g;
    struct side side[2];
    struct tc_comparison c;
};

static tc_err run(struct both *b, struct tc_cascade *c, const struct tc_scenario *s,
                  uint32_t horizon, struct side *out, struct tc_diag *d)
{
    const struct tc_cascade_opts o = {.horizon = horizon};
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
    return tc_tally_make(b->g, out->f, out->n, &out->tally);
}

/* ---- JSON ---- */

static void json_side(struct tc_jsonw *w, const char *name, const struct side *s)
{
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "failed", s->n);
    tc_jsonw_ku64(w, "people", s->tally.people);
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

static void json_row(struct tc_jsonw *w, const struct both *b, const struct tc_change *r)
{
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "change", tc_change_kind_word(r->kind));
    tc_jsonw_kstr(w, "asset", tc_graph_id(b->g, r->asset));
    if (r->first != TC_NEVER)
        tc_jsonw_ku64(w, "first", r->first);
    if (r->second != TC_NEVER)
        tc_jsonw_ku64(w, "second", r->second);
    tc_jsonw_object_end(w);
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
    for (int k = 0; k < TC_CHANGE_KINDS; k++) {
        tc_jsonw_name(&w, tc_change_kind_word((enum tc_change_kind)k));
        tc_jsonw_object(&w);
        tc_jsonw_ku64(&w, "assets", b->c.count[k]);
        tc_jsonw_ku64(&w, "people", b->c.people[k]);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_ku64(&w, "same", b->c.same);
    tc_jsonw_name(&w, "rows");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < b->c.n; i++)
        json_row(&w, b, &b->c.rows[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
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

static void print_side(const char *name, const struct side *s)
{
    (void)printf("%-7s %zu assets, %llu people, %u Member States:", name, s->n,
                 (unsigned long long)s->tally.people, s->tally.member_states);
    for (size_t i = 0; i < s->tally.country_count; i++)
        (void)printf(" %.*s", TC_FMT(s->tally.countries[i].name));
    (void)putchar('\n');
}

static void print_table(const struct both *b)
{
    print_side("first", &b->side[0]);
    print_side("second", &b->side[1]);
    (void)printf("\n%-8s %-12s %-2s %-28s %9s  %-12s %s\n", "", "asset", "", "", "people", "first",
                 "second");
    for (size_t i = 0; i < b->c.n && i < TABLE_ROWS; i++) {
        const struct tc_change *r = &b->c.rows[i];
        char x[32], y[32];
        (void)printf("%-8s %-12.*s %-2.*s %-28.*s %9llu  %-12s %s\n", tc_change_kind_word(r->kind),
                     TC_FMT(tc_graph_id(b->g, r->asset)), TC_FMT(tc_graph_country(b->g, r->asset)),
                     TC_FMT(tc_graph_name(b->g, r->asset)),
                     (unsigned long long)b->g->people[r->asset], when(r->first, x),
                     when(r->second, y));
    }
    if (b->c.n > TABLE_ROWS)
        (void)printf("... and %zu more (--json has all)\n", b->c.n - TABLE_ROWS);
    (void)putchar('\n');
    for (int k = 0; k < TC_CHANGE_KINDS; k++)
        (void)printf("%s%zu %s (%llu people)", k ? ", " : "", b->c.count[k],
                     tc_change_kind_word((enum tc_change_kind)k),
                     (unsigned long long)b->c.people[k]);
    (void)printf("; %zu the same.\n", b->c.same);
}

int tc_cli_versus(const struct tc_graph *g, const struct tc_scenario *first,
                  const struct tc_scenario *second, uint32_t horizon, bool json)
{
    struct both b = {.g = g};
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_diag d;
    bool ok = true;
    tc_diag_init(&d);
    tc_err e = c ? run(&b, c, first, horizon, &b.side[0], &d) : TC_E_NOMEM;
    e = e ? e : run(&b, c, second, horizon, &b.side[1], &d);
    e = e ? e : tc_compare(g, b.side[0].f, b.side[0].n, b.side[1].f, b.side[1].n, TOLERANCE, &b.c);
    if (!e && json)
        ok = print_json(&b);
    else if (!e)
        print_table(&b);
    tc_cascade_free(c);
    tc_comparison_fini(&b.c);
    for (int i = 0; i < 2; i++) {
        free(b.side[i].f);
        tc_tally_fini(&b.side[i].tally);
    }
    if (e)
        return tc_cli_fail("impact", e, &d);
    if (ok && !ferror(stdout) && !fflush(stdout))
        return 0;
    (void)fprintf(stderr, "tocsin impact: the answer could not be written\n");
    return 4;
}
