/* SPDX-License-Identifier: Apache-2.0 */
/* On random graphs, with returns and loops: a longer buffer makes nothing fail earlier, one more
 * outage or less capacity makes nothing fail later. (Not held for runs in which something
 * oscillates: there the limit of returns decides.) Usage: test_cascade_monotone [GRAPHS [SEED]]
 * (20000 and 1). */
#include "impact/cascade.h"

#include "rand.h"

enum { MOST = 9, GROUPS = 14 };

static uint64_t r;

static uint32_t rnd(uint32_t below)
{
    return (uint32_t)(test_rand(&r) >> 33) % below;
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "does not hold: %s\n", what);
        exit(1);
    }
}

/* The same graph for the same seed; group `which` gets `more` seconds of buffer. */
static struct tc_graph *make(uint64_t seed, uint32_t which, uint32_t more)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    r = seed;
    uint32_t n = 2 + rnd(MOST - 1);
    must(b != NULL, "memory");
    for (uint32_t v = 0; v < n; v++) {
        char id[2] = {(char)('a' + v), 0};
        uint32_t handle;
        struct tc_asset_spec s = {.id = tc_str_cstr(id)};
        must(tc_graph_add_asset(b, &s, &handle, NULL) == TC_OK, "an asset is refused");
    }
    for (uint32_t k = 0; k < GROUPS; k++) {
        uint32_t owner = rnd(n), x = rnd(n), y = rnd(n), list[2] = {x, y};
        uint32_t buffer = rnd(2) ? 0 : rnd(9), restore = rnd(2) ? 0 : rnd(5), need = 1 + rnd(2);
        bool flow = rnd(2), power = rnd(2);
        if (x == owner || y == owner)
            continue;
        struct tc_group_spec s = {.asset = owner,
                                  .service = power ? TC_STR("power") : TC_STR("water"),
                                  .mode = flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                  .rule = TC_NEED_COUNT,
                                  .need = x == y ? 1 : need,
                                  .buffer_lo = buffer + (k == which ? more : 0),
                                  .buffer_hi = buffer + (k == which ? more : 0),
                                  .restore_lo = restore,
                                  .restore_hi = restore,
                                  .suppliers = list,
                                  .n = x == y ? 1 : 2};
        must(tc_graph_add_group(b, &s, NULL) == TC_OK, "a group is refused");
    }
    must(tc_graph_finish(b, &g, NULL) == TC_OK, "finish");
    return g;
}

/* First failures; false when something oscillates. */
static bool run(const struct tc_graph *g, const struct tc_outage *o, size_t n,
                const struct tc_capacity *left, size_t n_left, uint32_t *at)
{
    const struct tc_scenario s = {.outages = o,
                                  .n_outages = n,
                                  .capacities = left,
                                  .n_capacities = n_left,
                                  .start = TC_TIME_NONE};
    struct tc_cascade *c = tc_cascade_new(g);
    const struct tc_cascade_opts opts = {.horizon = TC_CASCADE_MAX_TIME};
    size_t count;
    bool ok = true;
    must(c != NULL && tc_cascade_scenario(c, &s, &opts, NULL) == TC_OK, "run");
    const struct tc_failure *f = tc_cascade_failures(c, &count);
    for (uint32_t v = 0; v < g->n; v++)
        at[v] = TC_NEVER;
    for (size_t i = 0; i < count; i++) {
        at[f[i].asset] = f[i].at;
        ok = ok && !(f[i].flags & TC_FAIL_OSCILLATES);
    }
    tc_cascade_free(c);
    return ok;
}

int main(int argc, char **argv)
{
    uint64_t graphs = 20000, seed = 1, held = 0;
    if (argc > 1)
        must(tc_num_u64(tc_str_cstr(argv[1]), UINT32_MAX, &graphs) == TC_OK, "GRAPHS");
    if (argc > 2)
        must(tc_num_u64(tc_str_cstr(argv[2]), UINT64_MAX, &seed) == TC_OK, "SEED");
    for (uint64_t i = 0; i < graphs; i++) {
        uint64_t own = seed * 1000003 + i;
        uint32_t as_is[MOST + 1], longer[MOST + 1], worse[MOST + 1];
        r = own ^ 0x5bd1e995;
        uint32_t which = rnd(GROUPS), more = 1 + rnd(6);
        struct tc_graph *g = make(own, GROUPS, 0), *h = make(own, which, more);
        struct tc_outage o[3];
        for (int k = 0; k < 3; k++) {
            uint32_t start = rnd(6);
            o[k] = (struct tc_outage){rnd(g->n), start, rnd(3) ? start + 1 + rnd(9) : TC_NEVER};
        }
        bool calm = run(g, o, 2, NULL, 0, as_is);
        if (run(h, o, 2, NULL, 0, longer) && calm)
            for (uint32_t v = 0; v < g->n; v++, held++)
                must(longer[v] >= as_is[v], "a longer buffer makes nothing fail earlier");
        if (run(g, o, 3, NULL, 0, worse) && calm)
            for (uint32_t v = 0; v < g->n; v++, held++)
                must(worse[v] <= as_is[v], "one more outage makes nothing fail later");
        struct tc_capacity left[2];
        for (int k = 0; k < 2; k++) {
            uint32_t start = rnd(6);
            left[k] = (struct tc_capacity){rnd(g->n), start, rnd(3) ? start + 1 + rnd(9) : TC_NEVER,
                                           rnd(5) * 250000};
        }
        calm = run(g, o, 2, left, 2, as_is);
        if (run(h, o, 2, left, 2, longer) && calm)
            for (uint32_t v = 0; v < g->n; v++, held++)
                must(longer[v] >= as_is[v], "nor where suppliers are short");
        if (run(g, o, 3, left, 2, worse) && calm)
            for (uint32_t v = 0; v < g->n; v++, held++)
                must(worse[v] <= as_is[v], "nor does an outage where suppliers are short");
        left[0].left /= 2;
        if (run(g, o, 2, left, 2, worse) && calm)
            for (uint32_t v = 0; v < g->n; v++, held++)
                must(worse[v] <= as_is[v], "less capacity makes nothing fail later");
        tc_graph_free(g);
        tc_graph_free(h);
    }
    must(held > graphs || !graphs, "enough runs are calm");
    (void)printf("%llu graphs, %llu comparisons\n", (unsigned long long)graphs,
                 (unsigned long long)held);
    return 0;
}
