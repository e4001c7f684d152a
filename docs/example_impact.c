/* SPDX-License-Identifier: Apache-2.0 */
/* A hospital hangs on a substation, the substation on a plant; the hospital has 8 hours of diesel.
 * The plant fails at second 0 for 12 hours.
 *
 *     cc example_impact.c $(pkg-config --cflags --libs tocsin) -o example && ./example
 *
 * prints
 *
 *     plant fails at 0 s, back at 43200 s
 *     substation fails at 0 s, back at 43800 s, because of plant
 *     hospital fails at 28800 s, back at 43800 s, because of substation plant
 *     with 40 % of the substation's capacity the hospital fails at 28800 s
 *     the worst single outage is that of plant: 3 assets, 64000 people x hours in three days
 */
#include <stdio.h>
#include <tocsin/impact.h>

static char why[400];

static int failed(const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

static struct tc_graph *make_graph(void)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    uint32_t plant, substation, hospital;
    const struct tc_impact_asset assets[] = {
        {.id = "plant", .sector = "energy", .country = "NL"},
        {.id = "substation", .sector = "energy", .country = "NL"},
        {.id = "hospital", .sector = "health", .country = "DE", .people = 1000},
    };
    if (!b || tc_graph_put_asset(b, &assets[0], &plant, why, sizeof why) ||
        tc_graph_put_asset(b, &assets[1], &substation, why, sizeof why) ||
        tc_graph_put_asset(b, &assets[2], &hospital, why, sizeof why)) {
        tc_graph_builder_free(b);
        return NULL;
    }
    const struct tc_impact_need needs[] = {
        {.asset = substation,
         .service = "electricity",
         .flow = true,
         .suppliers = &plant,
         .count = 1,
         .restore = 600},
        {.asset = hospital,
         .service = "electricity",
         .flow = true,
         .suppliers = &substation,
         .count = 1,
         .buffer = 8 * 3600},
    };
    for (int i = 0; i < 2; i++)
        if (tc_graph_put_need(b, &needs[i], why, sizeof why)) {
            tc_graph_builder_free(b);
            return NULL;
        }
    return tc_graph_build(b, &g, why, sizeof why) ? NULL : g;
}

static void print_failure(const struct tc_graph *g, struct tc_cascade *c, size_t i)
{
    struct tc_impact_failure f;
    uint32_t chain[8];
    char id[64];
    if (!tc_cascade_failure(c, i, &f))
        return;
    (void)tc_graph_copy_id(g, f.asset, id, sizeof id);
    (void)printf("%s fails at %u s, back at %u s", id, f.at, f.until);
    size_t n = tc_cascade_chain(c, i, chain, 8);
    for (size_t k = 0; k < n; k++) {
        (void)tc_graph_copy_id(g, chain[k], id, sizeof id);
        (void)printf("%s %s", k ? "" : ", because of", id);
    }
    (void)putchar('\n');
}

/* The plant stands; the substation carries only a part of what is drawn from it. */
static int measured(const struct tc_graph *g, struct tc_cascade *c)
{
    struct tc_impact_capacity part = {.end = TC_IMPACT_NEVER, .left = 400000};
    const struct tc_impact_scenario s = {.capacities = &part, .capacity_count = 1};
    struct tc_impact_failure f;
    char id[64];
    if (!tc_graph_lookup(g, "substation", &part.asset) ||
        tc_cascade_suppose(c, &s, 72 * 3600, why, sizeof why))
        return failed("suppose");
    for (size_t i = 0; tc_cascade_failure(c, i, &f); i++) {
        (void)tc_graph_copy_id(g, f.asset, id, sizeof id);
        (void)printf("with 40 %% of the substation's capacity the %s fails at %u s\n", id, f.at);
    }
    return 0;
}

static int worst(const struct tc_graph *g)
{
    struct tc_impact_row rows[3];
    uint32_t w = 0;
    char id[64];
    if (tc_cascade_every_outage(g, 72 * 3600, 1, rows, why, sizeof why))
        return failed("every outage");
    for (uint32_t v = 1; v < tc_graph_count(g); v++)
        if (rows[v].failed > rows[w].failed)
            w = v;
    (void)tc_graph_copy_id(g, w, id, sizeof id);
    (void)printf("the worst single outage is that of %s: %u assets, %llu people x hours in three "
                 "days\n",
                 id, rows[w].failed, (unsigned long long)(rows[w].people_seconds / 3600));
    return 0;
}

int main(void)
{
    struct tc_graph *g = make_graph();
    if (!g)
        return failed("graph");
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_impact_outage outage = {.end = 12 * 3600};
    int status = 1;
    if (c && tc_graph_lookup(g, "plant", &outage.asset) &&
        tc_cascade_follow(c, &outage, 1, 72 * 3600, why, sizeof why) == 0) {
        for (size_t i = 0; i < tc_cascade_count(c); i++)
            print_failure(g, c, i);
        status = measured(g, c) ? 1 : worst(g);
    } else {
        status = failed("cascade");
    }
    tc_cascade_free(c);
    tc_graph_free(g);
    return status;
}
