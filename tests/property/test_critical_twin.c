/* SPDX-License-Identifier: Apache-2.0 */
/* Every single outage by its fast ways (lean walk, many at once) against one run of the full engine
 * for each asset: all rows must be equal, timed and untimed, on one thread and on three. Random
 * graphs with cycles, loops of flow services, counts, shares, buffers, countries and people.
 * Usage: test_critical_twin [GRAPHS [SEED]] (default 1500 and 1). */
#include "impact/batch.h"
#include "impact/batch_timed.h"
#include "impact/critical.h"
#include "impact/order.h"
#include "impact/tally.h"

#include "rand.h"

enum { MOST = 120, BIG = 2600, HORIZON = 40 };

static uint64_t r;
static const char *const lands[] = {"NL", "DE", "GR", "EL", "CH", ""};

static uint32_t rnd(uint32_t below)
{
    return (uint32_t)(test_rand(&r) >> 33) % below;
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "not equal: %s\n", what);
        exit(1);
    }
}

/* Suppliers mostly come before their owner, as in life; some come after, which makes cycles. */
static void add_group(struct tc_graph_builder *b, uint32_t n, uint32_t owner, bool flows,
                      bool shares)
{
    uint32_t list[6], part[6], count = 0, want = 1 + rnd(5), sum = 0;
    for (uint32_t tries = 0; tries < 20 && count < want; tries++) {
        uint32_t s = owner && rnd(8) ? owner - 1 - rnd(owner < 12 ? owner : 12) : rnd(n);
        bool there = s == owner;
        for (uint32_t i = 0; i < count; i++)
            there = there || list[i] == s;
        if (!there)
            list[count++] = s;
    }
    if (!count)
        return;
    struct tc_group_spec spec = {.asset = owner,
                                 .service = rnd(2) ? TC_STR("power") : TC_STR("data"),
                                 .mode = flows && !rnd(3) ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                 .rule = shares && rnd(2) ? TC_NEED_SHARE : TC_NEED_COUNT,
                                 .need = 1 + rnd(count),
                                 .buffer_lo = rnd(2) ? 0 : rnd(15),
                                 .suppliers = list,
                                 .shares = part,
                                 .n = count};
    for (uint32_t i = 0; i < count; i++)
        sum += part[i] = 1 + rnd(1000000);
    if (spec.rule == TC_NEED_SHARE)
        spec.need = 1 + rnd(sum);
    spec.buffer_hi = spec.buffer_lo;
    must(tc_graph_add_group(b, &spec, NULL) == TC_OK, "a group is refused");
}

static struct tc_graph *make(uint32_t n, bool flows, bool shares)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    must(b != NULL, "memory");
    for (uint32_t v = 0; v < n; v++) {
        char id[16];
        uint32_t handle;
        (void)snprintf(id, sizeof id, "%06u", v);
        struct tc_asset_spec s = {.id = tc_str_cstr(id),
                                  .country = tc_str_cstr(lands[rnd(6)]),
                                  .people = rnd(2) ? 0 : rnd(100000)};
        must(tc_graph_add_asset(b, &s, &handle, NULL) == TC_OK, "an asset is refused");
    }
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t k = rnd(3); k; k--)
            add_group(b, n, v, flows, shares);
    must(tc_graph_finish(b, &g, NULL) == TC_OK, "finish");
    return g;
}

static struct tc_critical_row slow(const struct tc_graph *g, struct tc_cascade *c, uint32_t v,
                                   uint32_t horizon, bool untimed)
{
    const struct tc_cascade_opts o = {.horizon = untimed ? TC_CASCADE_MAX_TIME : horizon};
    struct tc_outage outage = {v, 0, TC_NEVER};
    struct tc_critical_row row = {.failed = 0};
    bool hit[6] = {false};
    size_t n;
    must(tc_cascade_run(c, &outage, 1, &o, NULL) == TC_OK, "run");
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        uint64_t people = g->people[f[i].asset];
        row.failed++;
        row.people += people;
        row.seconds += untimed ? 0 : f[i].at;
        row.people_seconds += untimed ? 0 : people * (horizon - f[i].at);
        for (int l = 0; l < 6; l++)
            hit[l] = hit[l] || tc_str_is(tc_graph_country(g, f[i].asset), lands[l]);
    }
    row.member_states = (uint32_t)hit[0] + hit[1] + (hit[2] || hit[3]);
    return row;
}

static bool same(const struct tc_critical_row *a, const struct tc_critical_row *b)
{
    return a->failed == b->failed && a->seconds == b->seconds && a->people == b->people &&
           a->people_seconds == b->people_seconds && a->member_states == b->member_states;
}

/* The masks on their own: tc_critical_run uses them only for large cascades. */
static void check_batch(const struct tc_graph *g, const struct tc_critical_row *want)
{
    struct tc_lean l;
    struct tc_lean_sum sums[TC_BATCH];
    bool full[TC_BATCH];
    uint32_t places[TC_BATCH];
    must(tc_lean_make(g, 1, &l) == TC_OK && tc_lean_pull(&l) == TC_OK, "lean");
    struct tc_batch *b = tc_batch_new(&l);
    must(b != NULL, "memory");
    for (int again = 0; again < 2; again++) { /* a batch leaves nothing behind */
        for (uint32_t p = 0; p < g->n; p++)
            places[p] = p;
        tc_batch_run(b, places, g->n, sums, full);
        for (uint32_t p = 0; p < g->n; p++) {
            const struct tc_critical_row *w = &want[l.order[p]];
            must(full[p] ? g->r > 0
                         : sums[p].failed == w->failed && sums[p].people == w->people &&
                               (uint32_t)__builtin_popcountll(sums[p].states) == w->member_states,
                 "batch");
        }
    }
    tc_batch_free(b);
    tc_lean_free(&l);
}

static void check_batch_timed(const struct tc_graph *g, const struct tc_critical_row *want)
{
    struct tc_lean l;
    struct tc_lean_sum sums[TC_BATCH_TIMED];
    bool full[TC_BATCH_TIMED];
    uint32_t places[TC_BATCH_TIMED];
    must(tc_lean_make(g, 1, &l) == TC_OK && tc_lean_pull(&l) == TC_OK, "lean");
    struct tc_batch_timed *b = tc_batch_timed_new(&l, HORIZON);
    must(b != NULL, "memory");
    for (uint32_t from = 0; from < g->n; from += TC_BATCH_TIMED) {
        uint32_t n = g->n - from < TC_BATCH_TIMED ? g->n - from : TC_BATCH_TIMED;
        for (uint32_t i = 0; i < n; i++)
            places[i] = from + i;
        must(tc_batch_timed_run(b, places, n, sums, full) == TC_OK, "batch with times");
        for (uint32_t i = 0; i < n; i++) {
            const struct tc_critical_row *w = &want[l.order[from + i]];
            must(full[i] ? g->r > 0
                         : sums[i].failed == w->failed && sums[i].people == w->people &&
                               sums[i].seconds == w->seconds &&
                               sums[i].people_seconds == w->people_seconds &&
                               (uint32_t)__builtin_popcountll(sums[i].states) == w->member_states,
                 "batch with times");
        }
    }
    tc_batch_timed_free(b);
    tc_lean_free(&l);
}

/* No supplier stands in a later component than its owner. */
static void check_order(const struct tc_graph *g)
{
    uint32_t *order = calloc(g->n, sizeof *order), *part = calloc(g->n, sizeof *part), parts = 0;
    uint64_t *joined = calloc(g->n / 64 + 1, sizeof *joined);
    must(order && part && joined && tc_order_make(g, order, joined) == TC_OK, "order");
    for (uint32_t p = 0; p < g->n; p++) {
        must(order[p] < g->n && !part[order[p]], "order is a permutation");
        parts += !p || !(joined[(p - 1) / 64] >> (p - 1) % 64 & 1);
        part[order[p]] = parts;
    }
    for (uint32_t k = 0; k < g->m; k++)
        for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1]; i++)
            must(part[g->supplier[i]] <= part[g->group[k].owner], "suppliers stand first");
    free(order);
    free(part);
    free(joined);
}

static void check(const struct tc_graph *g, bool batch)
{
    static struct tc_critical_row want[BIG], got[BIG];
    struct tc_cascade *c = tc_cascade_new(g);
    must(c != NULL, "memory");
    size_t anyway;
    const struct tc_cascade_opts nothing = {.horizon = TC_CASCADE_MAX_TIME};
    must(tc_cascade_run(c, NULL, 0, &nothing, NULL) == TC_OK, "run");
    (void)tc_cascade_failures(c, &anyway);
    check_order(g);
    for (int untimed = 0; untimed < 2; untimed++) {
        for (uint32_t v = 0; v < g->n; v++)
            want[v] = slow(g, c, v, HORIZON, untimed);
        for (uint32_t threads = 1; threads <= 3; threads += 2) {
            const struct tc_critical_opts o = {HORIZON, threads, untimed};
            must(tc_critical_run(g, &o, got) == TC_OK, "critical");
            for (uint32_t v = 0; v < g->n; v++)
                must(same(&want[v], &got[v]), untimed ? "untimed row" : "timed row");
        }
        if (batch && !anyway && !untimed && tc_batch_timed_can(g))
            check_batch_timed(g, want);
    }
    if (batch && !anyway)
        check_batch(g, want);
    tc_cascade_free(c);
}

int main(int argc, char **argv)
{
    uint64_t graphs = 1500;
    r = 1;
    if (argc > 1)
        must(tc_num_u64(tc_str_cstr(argv[1]), UINT32_MAX, &graphs) == TC_OK, "GRAPHS");
    if (argc > 2)
        must(tc_num_u64(tc_str_cstr(argv[2]), UINT64_MAX, &r) == TC_OK, "SEED");
    for (uint64_t i = 0; i < graphs; i++) {
        struct tc_graph *g = make(2 + rnd(MOST), i % 3 == 1, i % 2);
        check(g, true);
        tc_graph_free(g);
    }
    for (int i = 0; i < 3; i++) { /* cascades large enough for the masks, graphs for threads */
        struct tc_graph *g = make(BIG, i == 2, i == 1);
        check(g, false);
        tc_graph_free(g);
    }
    (void)printf("%llu graphs: every single outage agrees\n", (unsigned long long)graphs);
    return 0;
}
