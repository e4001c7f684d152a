/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/impact_prevent.h"

#include "cli/results.h"

#include <stdio.h>

#define MAX_SETS 20u /* ways to keep an asset up */

tc_err tc_impact_prevent(struct tc_impact_prevent *x, struct tc_diag *diag)
{
    struct tc_prevent_opts p = {.asset = x->asset, .until = x->until, .sets = MAX_SETS};
    return x->asset == TC_NONE ? TC_OK : tc_prevent_find(x->g, x->scenario, &p, &x->found, diag);
}

/* The asset that a measure is about, and from when on it was out or cut down. */
static uint32_t asset_of(const struct tc_impact_prevent *x, const struct tc_measure *m,
                         uint32_t *start)
{
    const struct tc_scenario *s = x->scenario;
    *start = 0;
    if (m->kind == TC_LEVER_BUFFER)
        return x->g->group[m->index].owner;
    bool part = m->kind == TC_LEVER_CAPACITY;
    *start = part ? s->capacities[m->index].start : s->outages[m->index].start;
    return part ? s->capacities[m->index].asset : s->outages[m->index].asset;
}

static void json_measure(struct tc_jsonw *w, const struct tc_impact_prevent *x,
                         const struct tc_measure *m)
{
    static const char *const words[] = {[TC_LEVER_OUTAGE] = "outage",
                                        [TC_LEVER_CAPACITY] = "capacity",
                                        [TC_LEVER_BUFFER] = "buffer"};
    bool buffer = m->kind == TC_LEVER_BUFFER;
    uint32_t start;
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "measure", words[m->kind]);
    tc_jsonw_kstr(w, "asset", tc_graph_id(x->g, asset_of(x, m, &start)));
    if (buffer)
        tc_jsonw_kstr(w, "service", x->g->services[x->g->service[m->index]]);
    tc_jsonw_ku64(w, buffer ? "longer" : "end", m->amount);
    tc_jsonw_object_end(w);
}

void tc_impact_prevent_json(struct tc_jsonw *w, const struct tc_impact_prevent *x)
{
    if (x->asset == TC_NONE)
        return;
    tc_jsonw_name(w, "explain");
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "asset", tc_graph_id(x->g, x->asset));
    tc_jsonw_ku64(w, "until", x->until);
    tc_jsonw_name(w, "at");
    if (x->found.at == TC_NEVER)
        tc_jsonw_null(w);
    else
        tc_jsonw_u64(w, x->found.at);
    tc_jsonw_name(w, "prevented_by");
    tc_jsonw_array(w);
    for (size_t i = 0; i < x->found.n; i++) {
        tc_jsonw_array(w);
        for (uint32_t j = 0; j < x->found.sets[i].n; j++)
            json_measure(w, x, &x->found.sets[i].part[j]);
        tc_jsonw_array_end(w);
    }
    tc_jsonw_array_end(w);
    tc_jsonw_kbool(w, "complete", x->found.complete);
    tc_jsonw_object_end(w);
}

static void print_measure(const struct tc_impact_prevent *x, const struct tc_measure *m)
{
    const struct tc_graph *g = x->g;
    char t[32], clock[TC_TIME_SIZE];
    uint32_t start, v = asset_of(x, m, &start);
    const char *full = m->kind == TC_LEVER_CAPACITY ? " in full" : "";
    if (m->kind == TC_LEVER_BUFFER) {
        (void)printf("%s more of %.*s in stock at %.*s", tc_cli_lead(m->amount, t),
                     TC_FMT(g->services[g->service[m->index]]), TC_FMT(tc_graph_id(g, v)));
        return;
    }
    (void)printf("%.*s ", TC_FMT(tc_graph_id(g, v)));
    if (m->amount == start) {
        (void)printf("%s", *full ? "not cut down" : "not out");
    } else if (x->scenario->start != TC_TIME_NONE) {
        tc_time_format(x->scenario->start + (tc_time)m->amount * TC_SECOND, 0, clock);
        (void)printf("back%s by %s", full, clock);
    } else {
        (void)printf("back%s by %s from the start", full, tc_cli_lead(m->amount, t));
    }
}

void tc_impact_prevent_print(const struct tc_impact_prevent *x)
{
    char t[32], u[32];
    if (x->asset == TC_NONE)
        return;
    struct tc_str id = tc_graph_id(x->g, x->asset);
    if (x->found.at == TC_NEVER) {
        (void)printf("\n%.*s stands for %s.\n", TC_FMT(id), tc_cli_lead(x->until, t));
        return;
    }
    (void)printf("\n%.*s fails %s%s. ", TC_FMT(id), x->found.at ? "in " : "",
                 tc_cli_lead(x->found.at, t));
    if (!x->found.n)
        (void)printf("No three things together would keep it up for %s.\n",
                     tc_cli_lead(x->until, u));
    else
        (void)printf("To keep it up for %s any one of these would do:\n", tc_cli_lead(x->until, u));
    for (size_t i = 0; i < x->found.n; i++) {
        for (uint32_t j = 0; j < x->found.sets[i].n; j++) {
            (void)printf(j ? ", and " : "  - ");
            print_measure(x, &x->found.sets[i].part[j]);
        }
        (void)putchar('\n');
    }
    if (!x->found.complete)
        (void)printf("There may be more ways: not everything was tried.\n");
}
