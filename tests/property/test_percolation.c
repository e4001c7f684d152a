/* SPDX-License-Identifier: Apache-2.0 */
/* The cascade on large random graphs against what is published about them.
 *
 * 1. Two networks in which every node depends on its partner in the other (Buldyrev, Parshani,
 * Paul, Stanley and Havlin, Nature 464, 2010): of two Erdos-Renyi networks of mean degree k, of
 * which a part p of one is left, a part P stays that solves P = p (1 - exp(-k P))^2, and nothing
 * does below p = 2.4554 / k. Here a node of a network needs one of its neighbours (a flow service,
 * so it must hang on a source) and its partner (a support service). The sources, one node of a
 *    thousand, stand for "belongs to the giant component". Tolerance: 0.02 in P, 0.02 in p.
 * 2. The 3-core (Pittel, Spencer and Wormald, 1996): who needs three of its neighbours (a support
 *    service). In a random graph of mean degree c nothing is left below c = 3.3509; above, a part
 *    P(Poisson(x) >= 3) for the largest x with x = c P(Poisson(x) >= 2). Tolerance: 0.01; and
 *    exactly what peeling says, node by node. */
#include "impact/cascade.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 20000, SOURCES = 20, K = 4, CORE_N = 40000 };

static uint64_t state;
static int done, failed;

static uint32_t rnd(uint32_t below)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ (x >> 31)) >> 32) % below;
}

static void check(const char *what, bool ok, double got, double want)
{
    done++;
    failed += !ok;
    (void)printf("%s %d - %s: %.4f, published %.4f\n", ok ? "ok" : "not ok", done, what, got, want);
}

static void *need(size_t n, size_t item)
{
    void *p = calloc(n ? n : 1, item);
    if (!p)
        abort();
    return p;
}

/* ---- graphs ---- */

struct net { /* neighbours of node v: to[first[v]] .. to[first[v+1]-1] */
    uint32_t n, *first, *to;
};

static struct net random_net(uint32_t n, uint32_t edges)
{
    struct net g = {n, need(n + 2u, 4), need(2 * (size_t)edges, 4)};
    uint32_t(*pair)[2] = need(edges, sizeof *pair);
    for (uint32_t i = 0; i < edges; i++) {
        pair[i][0] = rnd(n);
        do
            pair[i][1] = rnd(n);
        while (pair[i][1] == pair[i][0]);
        g.first[pair[i][0] + 2]++;
        g.first[pair[i][1] + 2]++;
    }
    for (uint32_t v = 2; v <= n + 1; v++)
        g.first[v] += g.first[v - 1];
    for (uint32_t i = 0; i < edges; i++) {
        g.to[g.first[pair[i][0] + 1]++] = pair[i][1];
        g.to[g.first[pair[i][1] + 1]++] = pair[i][0];
    }
    free(pair);
    return g;
}

static void add_assets(struct tc_graph_builder *b, uint32_t n)
{
    for (uint32_t v = 0; v < n; v++) {
        char id[16];
        uint32_t handle;
        (void)snprintf(id, sizeof id, "%07u", v); /* numbers in the order of ids */
        struct tc_asset_spec spec = {.id = tc_str_cstr(id)};
        if (tc_graph_add_asset(b, &spec, &handle, NULL))
            abort();
    }
}

/* Different neighbours of v, counted from `base`; a pair may have been drawn twice. */
static uint32_t neighbours(const struct net *g, uint32_t v, uint32_t base, uint32_t *list)
{
    uint32_t n = 0;
    for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
        bool there = false;
        for (uint32_t j = 0; j < n; j++)
            there = there || list[j] == base + g->to[i];
        if (!there)
            list[n++] = base + g->to[i];
    }
    return n;
}

static void add_need(struct tc_graph_builder *b, uint32_t asset, const char *service,
                     enum tc_mode mode, uint32_t count, const uint32_t *list, uint32_t n)
{
    struct tc_group_spec spec = {.asset = asset,
                                 .service = tc_str_cstr(service),
                                 .mode = mode,
                                 .rule = TC_NEED_COUNT,
                                 .need = count,
                                 .suppliers = list,
                                 .n = n};
    if (tc_graph_add_group(b, &spec, NULL))
        abort();
}

/* ---- two networks that depend on each other ---- */

struct pair_of_nets {
    struct tc_graph *g;
    struct tc_cascade *c;
    struct tc_outage *out; /* isolated nodes first, then the first network in random order */
    uint32_t isolated;
};

static struct pair_of_nets make_pair(void)
{
    static const char *const services[] = {"electricity", "data"};
    struct pair_of_nets p = {.out = need(3 * N, sizeof *p.out)};
    struct tc_graph_builder *b = tc_graph_builder_new();
    uint32_t *list = need(2 * K * N, sizeof *list), *order = need(N, sizeof *order);
    if (!b)
        abort();
    add_assets(b, 2 * N);
    for (uint32_t side = 0; side < 2; side++) {
        struct net net = random_net(N, N * K / 2);
        for (uint32_t v = 0; v < N; v++) {
            uint32_t n = neighbours(&net, v, side * N, list), other = (1 - side) * N + v;
            if (v >= SOURCES && n)
                add_need(b, side * N + v, services[side], TC_MODE_FLOW, 1, list, n);
            else if (v >= SOURCES)
                p.out[p.isolated++] = (struct tc_outage){side * N + v, 0, TC_NEVER};
            add_need(b, side * N + v, "partner", TC_MODE_SUPPORT, 1, &other, 1);
        }
        free(net.first);
        free(net.to);
    }
    for (uint32_t v = 0; v < N; v++)
        order[v] = v;
    for (uint32_t i = N - 1; i; i--) {
        uint32_t j = rnd(i + 1), x = order[i];
        order[i] = order[j];
        order[j] = x;
    }
    for (uint32_t i = 0; i < N; i++)
        p.out[p.isolated + i] = (struct tc_outage){order[i], 0, TC_NEVER};
    free(list);
    free(order);
    if (tc_graph_finish(b, &p.g, NULL) || !(p.c = tc_cascade_new(p.g)))
        abort();
    return p;
}

/* The part of a network that stays when a part p of the first is left. */
static double stays(const struct pair_of_nets *x, double p)
{
    const struct tc_cascade_opts o = {.horizon = 1};
    size_t gone = (size_t)lround((1 - p) * N), n;
    if (tc_cascade_run(x->c, x->out, x->isolated + gone, &o, NULL))
        abort();
    (void)tc_cascade_failures(x->c, &n);
    return 1 - (double)n / (2.0 * N);
}

static double mutual_part(double p)
{
    double part = 1;
    for (int i = 0; i < 10000; i++)
        part = p * pow(1 - exp(-K * part), 2);
    return part;
}

static void two_networks(void)
{
    struct pair_of_nets x = make_pair();
    static const double left[] = {0.95, 0.8, 0.7, 0.65};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        char what[64];
        double got = stays(&x, left[i]), want = mutual_part(left[i]);
        (void)snprintf(what, sizeof what, "two networks, a part %.2f left", left[i]);
        check(what, fabs(got - want) < 0.02, got, want);
    }
    double got = stays(&x, 0.57);
    check("two networks, a part 0.57 left", got < 0.05, got, 0);
    double lo = 0.5, hi = 0.75; /* it collapses at once, so half the jump will do as a mark */
    for (int i = 0; i < 12; i++) {
        double mid = (lo + hi) / 2;
        if (stays(&x, mid) > 0.15)
            hi = mid;
        else
            lo = mid;
    }
    check("two networks, where they collapse", fabs(hi - 2.4554 / K) < 0.02, hi, 2.4554 / K);
    tc_cascade_free(x.c);
    tc_graph_free(x.g);
    free(x.out);
}

/* ---- cores ---- */

static double at_least(double x, int k) /* P(Poisson(x) >= k) */
{
    double p = exp(-x), sum = 0;
    for (int i = 0; i < k; i++, p *= x / i)
        sum += p;
    return 1 - sum;
}

static double core_part(double c)
{
    double x = c;
    for (int i = 0; i < 100000; i++)
        x = c * at_least(x, 2);
    return x < 0.01 ? 0 : at_least(x, 3);
}

static void core(double c)
{
    struct net net = random_net(CORE_N, (uint32_t)lround(c * CORE_N / 2));
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_outage *out = need(CORE_N, sizeof *out);
    uint32_t *list = need(2 * CORE_N, sizeof *list), *degree = need(CORE_N, sizeof *degree);
    bool *peeled = need(CORE_N, 1), exact = true;
    size_t gone = 0, n, left = CORE_N;
    struct tc_graph *g;
    if (!b)
        abort();
    add_assets(b, CORE_N);
    for (uint32_t v = 0; v < CORE_N; v++) {
        degree[v] = neighbours(&net, v, 0, list);
        if (degree[v] >= 3)
            add_need(b, v, "company", TC_MODE_SUPPORT, 3, list, degree[v]);
        else
            out[gone++] = (struct tc_outage){v, 0, TC_NEVER};
    }
    if (tc_graph_finish(b, &g, NULL))
        abort();
    for (bool changed = true; changed;) { /* the slow way */
        changed = false;
        for (uint32_t v = 0; v < CORE_N; v++) {
            if (peeled[v])
                continue;
            uint32_t k = neighbours(&net, v, 0, list), stand = 0;
            for (uint32_t i = 0; i < k; i++)
                stand += !peeled[list[i]];
            peeled[v] = stand < 3;
            left -= peeled[v];
            changed = changed || peeled[v];
        }
    }
    const struct tc_cascade_opts o = {.horizon = 1};
    struct tc_cascade *cascade = tc_cascade_new(g);
    if (!cascade || tc_cascade_run(cascade, out, gone, &o, NULL))
        abort();
    const struct tc_failure *f = tc_cascade_failures(cascade, &n);
    for (size_t i = 0; i < n; i++)
        exact = exact && peeled[f[i].asset];
    exact = exact && n + left == CORE_N;
    char what[64];
    double got = (double)left / CORE_N, want = core_part(c);
    (void)snprintf(what, sizeof what, "3-core at mean degree %.2f%s", c,
                   exact ? "" : " (peeling says something else)");
    check(what, exact && fabs(got - want) < 0.01, got, want);
    tc_cascade_free(cascade);
    tc_graph_free(g);
    free(net.first);
    free(net.to);
    free(out);
    free(list);
    free(degree);
    free(peeled);
}

int main(void)
{
    state = 1;
    two_networks();
    core(3.2);
    core(3.5);
    core(4);
    (void)printf("1..%d\n", done);
    return failed != 0;
}
