/* SPDX-License-Identifier: Apache-2.0 */
/* One collapse in a register of 100,000 assets and about 500,000 dependencies, made here: four
 * tiers (sources, transmission, distribution, sites), two groups an asset, suppliers nearby. The
 * whole first tier fails. Prints one line of JSON: milliseconds of processor time of the best run,
 * failures, bytes of graph and working space, and beside it the time of as many random reads as the
 * cascade touched edges (the limit of the machine). */
#include "impact/cascade.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N = 100000, RUNS = 15 };

/* Microseconds of this thread: what others do on the machine does not count. */
#define WANTED_MS    30
#define WANTED_BYTES 40000000
static int64_t cpu_time(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static uint64_t state = 1;

static uint32_t rnd(uint32_t below)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ (x >> 31)) >> 32) % below;
}

static const uint32_t tier[5] = {0, N / 200, N / 20, N / 4, N};

/* A supplier of the tier above, near the same relative place. */
static uint32_t supplier(uint32_t v, int t)
{
    uint64_t width = tier[t] - tier[t - 1];
    uint64_t at = (uint64_t)(v - tier[t]) * width / (tier[t + 1] - tier[t]);
    return tier[t - 1] + (uint32_t)((at + rnd(16)) % width);
}

static bool add_group(struct tc_graph_builder *b, uint32_t v, int t, const char *service)
{
    uint32_t list[4], n = 0;
    while (n < 2 + rnd(2)) {
        uint32_t s = supplier(v, t);
        bool there = false;
        for (uint32_t i = 0; i < n; i++)
            there = there || list[i] == s;
        if (!there)
            list[n++] = s;
    }
    int64_t buffer = rnd(3) ? (int64_t)rnd(8 * 3600) : 0;
    struct tc_group_spec s = {.asset = v,
                              .service = tc_str_cstr(service),
                              .mode = TC_MODE_FLOW,
                              .rule = TC_NEED_COUNT,
                              .need = 1,
                              .buffer_lo = buffer,
                              .buffer_hi = buffer,
                              .suppliers = list,
                              .n = n};
    return tc_graph_add_group(b, &s, NULL) == TC_OK;
}

static struct tc_graph *make(void)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    bool ok = b != NULL;
    for (uint32_t v = 0; ok && v < N; v++) {
        char id[16];
        uint32_t handle;
        (void)snprintf(id, sizeof id, "A%07u", v);
        struct tc_asset_spec s = {.id = tc_str_cstr(id), .country = TC_STR("NL"), .people = 7};
        ok = tc_graph_add_asset(b, &s, &handle, NULL) == TC_OK;
    }
    for (int t = 1; ok && t < 4; t++)
        for (uint32_t v = tier[t]; ok && v < tier[t + 1]; v++)
            ok = add_group(b, v, t, "electricity") && add_group(b, v, t, "data");
    if (!ok) {
        tc_graph_builder_free(b);
        return NULL;
    }
    return tc_graph_finish(b, &g, NULL) ? NULL : g;
}

/* The best of RUNS. */
static int64_t cascade(struct tc_cascade *c, const struct tc_outage *o, size_t n, size_t *failed)
{
    const struct tc_cascade_opts opts = {.horizon = 72 * 3600};
    int64_t best = INT64_MAX;
    for (int i = 0; i < RUNS; i++) {
        int64_t from = cpu_time();
        if (tc_cascade_run(c, o, n, &opts, NULL))
            return -1;
        int64_t took = cpu_time() - from;
        best = took < best ? took : best;
    }
    (void)tc_cascade_failures(c, failed);
    return best;
}

/* As many random 4-byte reads in as many bytes as the cascade works in. */
static int64_t gathers(size_t reads, size_t bytes)
{
    size_t words = bytes / 4;
    uint32_t *a = calloc(words, sizeof *a);
    if (!a)
        return -1;
    for (size_t i = 0; i < words; i++)
        a[i] = (uint32_t)i;
    uint64_t x = 88172645463325252u;
    uint32_t sum = 0;
    int64_t from = cpu_time();
    for (size_t i = 0; i < reads; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += a[x % words];
    }
    int64_t took = cpu_time() - from;
    if (sum == 1)
        took++; /* so that the reads are not optimised away */
    free(a);
    return took;
}

int main(void)
{
    int64_t from = cpu_time();
    struct tc_graph *g = make();
    int64_t built = cpu_time() - from;
    struct tc_cascade *c = g ? tc_cascade_new(g) : NULL;
    struct tc_outage *o = calloc(tier[1], sizeof *o);
    if (!c || !o)
        return 4;
    for (uint32_t v = 0; v < tier[1]; v++)
        o[v] = (struct tc_outage){v, 0, TC_NEVER};
    size_t failed = 0, one = 0;
    int64_t all = cascade(c, o, tier[1], &failed), single = cascade(c, o, 1, &one);
    int64_t limit = gathers(g->e, g->bytes + tc_cascade_bytes(c));
    (void)printf("{\"bench\":\"cascade\",\"assets\":%u,\"dependencies\":%u,\"failures\":%zu,"
                 "\"ms\":%.3f,\"wanted_ms\":%d,\"holds\":%s,\"limit_ms\":%.3f,"
                 "\"single_outage_us\":%lld,\"build_ms\":%.1f,\"graph_bytes\":%zu,"
                 "\"wanted_bytes\":%d,\"bytes_hold\":%s,\"work_bytes\":%zu}\n",
                 g->n, g->e, failed, (double)all / 1000, WANTED_MS,
                 all < WANTED_MS * 1000 ? "true" : "false", (double)limit / 1000, (long long)single,
                 (double)built / 1000, g->bytes, WANTED_BYTES,
                 g->bytes < WANTED_BYTES ? "true" : "false", tc_cascade_bytes(c));
    free(o);
    tc_cascade_free(c);
    tc_graph_free(g);
    return all < 0 || single < 0 || limit < 0 ? 4 : 0;
}
