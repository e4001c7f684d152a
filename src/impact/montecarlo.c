/* SPDX-License-Identifier: Apache-2.0 */
/* Each run leaves its failures as pairs (asset, time) in one 64-bit word. At the end all pairs are
 * sorted, so an asset's times stand together in order and its quantiles can be picked out. Which
 * thread made which pair does not matter then. */
#include "impact/montecarlo.h"

#include "base/limits.h"
#include "impact/sort.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_PAIRS   (32u << 20) /* 256 MB, and as much again while they are sorted */
#define MAX_THREADS 64u

struct worker {
    const struct tc_graph *g;
    const struct tc_scenario *scenario;
    const struct tc_mc_opts *opts;
    uint32_t first, step, runs;
    uint64_t *pairs;
    size_t count, cap;
    tc_err err;
};

static tc_err keep(struct worker *w, const struct tc_failure *f, size_t n)
{
    if (w->count + n > w->cap) {
        size_t cap = w->cap + w->cap / 2 + n + 1024;
        uint64_t *pairs = reallocarray(w->pairs, cap, sizeof *pairs);
        if (!pairs)
            return TC_E_NOMEM;
        w->pairs = pairs;
        w->cap = cap;
    }
    for (size_t i = 0; i < n; i++)
        w->pairs[w->count++] = (uint64_t)f[i].asset << 32 | f[i].at;
    return TC_OK;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct tc_cascade *c = tc_cascade_new(w->g);
    if (!c)
        w->err = TC_E_NOMEM;
    for (uint32_t run = w->first; !w->err && run < w->runs; run += w->step) {
        struct tc_cascade_opts o = {.horizon = w->opts->horizon,
                                    .toggles = w->opts->toggles,
                                    .sample = true,
                                    .seed = w->opts->seed,
                                    .run = run};
        w->err = tc_cascade_scenario(c, w->scenario, &o, NULL);
        size_t n = 0;
        const struct tc_failure *f = w->err ? NULL : tc_cascade_failures(c, &n);
        if (!w->err)
            w->err = keep(w, f, n);
    }
    tc_cascade_free(c);
    return NULL;
}

/* The worst case once: checks the call, and tells how many runs memory allows. */
static tc_err rehearse(const struct worker *w, uint32_t *runs, struct tc_diag *diag)
{
    struct tc_cascade *c = tc_cascade_new(w->g);
    struct tc_cascade_opts o = {.horizon = w->opts->horizon, .toggles = w->opts->toggles};
    tc_err e = c ? tc_cascade_scenario(c, w->scenario, &o, diag) : TC_E_NOMEM;
    size_t n = 0;
    if (!e)
        (void)tc_cascade_failures(c, &n);
    if (n && *runs > MAX_PAIRS / n)
        *runs = n >= MAX_PAIRS ? 1 : (uint32_t)(MAX_PAIRS / n);
    tc_cascade_free(c);
    return e;
}

static uint32_t quantile(const uint64_t *times, size_t n, unsigned percent)
{
    size_t rank = (n * percent + 99) / 100; /* nearest rank: 1 .. n */
    return (uint32_t)times[rank ? rank - 1 : 0];
}

const uint32_t tc_mc_hours[TC_MC_HOURS] = {1, 4, 8, 24, 72};

static void count_hours(const uint64_t *times, size_t n, uint32_t by[TC_MC_HOURS])
{
    for (size_t i = 0; i < n; i++)
        for (size_t h = 0; h < TC_MC_HOURS; h++)
            by[h] += (uint32_t)times[i] <= tc_mc_hours[h] * 3600;
}

static tc_err summarise(const uint64_t *pairs, size_t count, struct tc_mc *mc)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += i == 0 || pairs[i] >> 32 != pairs[i - 1] >> 32;
    mc->rows = calloc(n ? n : 1, sizeof *mc->rows);
    if (!mc->rows)
        return TC_E_NOMEM;
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i + 1; j < count && pairs[j] >> 32 == pairs[i] >> 32; j++)
            ;
        mc->rows[mc->n++] = (struct tc_mc_row){.asset = (uint32_t)(pairs[i] >> 32),
                                               .failed = (uint32_t)(j - i),
                                               .p5 = quantile(pairs + i, j - i, 5),
                                               .p50 = quantile(pairs + i, j - i, 50),
                                               .p95 = quantile(pairs + i, j - i, 95)};
        count_hours(pairs + i, j - i, mc->rows[mc->n - 1].by);
    }
    return TC_OK;
}

/* Runs the workers; the first works in the calling thread. */
static void run_all(struct worker *w, uint32_t threads)
{
    pthread_t id[MAX_THREADS];
    bool started[MAX_THREADS] = {false};
    for (uint32_t i = 1; i < threads; i++)
        started[i] = pthread_create(&id[i], NULL, work, &w[i]) == 0;
    for (uint32_t i = 0; i < threads; i++)
        if (!started[i])
            (void)work(&w[i]); /* number 0, and those the system had no thread for */
    for (uint32_t i = 1; i < threads; i++)
        if (started[i])
            (void)pthread_join(id[i], NULL);
}

static tc_err gather(struct worker *w, uint32_t threads, struct tc_mc *mc)
{
    size_t count = 0, at = 0;
    for (uint32_t i = 0; i < threads; i++) {
        if (w[i].err)
            return w[i].err;
        count += w[i].count;
    }
    uint64_t *all = calloc(count ? count : 1, 2 * sizeof *all);
    if (!all)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < threads; i++) {
        if (w[i].count)
            memcpy(all + at, w[i].pairs, w[i].count * sizeof *all);
        at += w[i].count;
    }
    tc_sort_u64(all, all + count, count);
    tc_err e = summarise(all, count, mc);
    free(all);
    return e;
}

tc_err tc_mc_run(const struct tc_graph *g, const struct tc_outage *outages, size_t n,
                 const struct tc_mc_opts *opts, struct tc_mc *out, struct tc_diag *diag)
{
    const struct tc_scenario s = {.outages = outages, .n_outages = n, .start = TC_TIME_NONE};
    return tc_mc_scenario(g, &s, opts, out, diag);
}

tc_err tc_mc_scenario(const struct tc_graph *g, const struct tc_scenario *s,
                      const struct tc_mc_opts *opts, struct tc_mc *out, struct tc_diag *diag)
{
    if (opts->runs == 0 || opts->runs > TC_MAX_RUNS)
        return tc_diag_set(diag, TC_E_LIMIT, "runs must be 1 to %u", TC_MAX_RUNS);
    struct worker w[MAX_THREADS] = {{.g = g, .scenario = s, .opts = opts, .runs = opts->runs}};
    struct tc_mc mc = {.runs = opts->runs};
    tc_err e = rehearse(&w[0], &mc.runs, diag);
    if (e)
        return e;
    uint32_t threads = opts->threads ? opts->threads : 1;
    threads = threads > MAX_THREADS ? MAX_THREADS : threads;
    threads = threads > mc.runs ? mc.runs : threads;
    for (uint32_t i = 0; i < threads; i++) {
        w[i] = w[0];
        w[i].first = i;
        w[i].step = threads;
        w[i].runs = mc.runs;
    }
    run_all(w, threads);
    e = gather(w, threads, &mc);
    for (uint32_t i = 0; i < threads; i++)
        free(w[i].pairs);
    if (e) {
        tc_mc_fini(&mc);
        return tc_diag_set(diag, e, "no memory for the runs");
    }
    *out = mc;
    return TC_OK;
}

void tc_mc_fini(struct tc_mc *mc)
{
    free(mc->rows);
    *mc = (struct tc_mc){.n = 0};
}

const struct tc_mc_row *tc_mc_find(const struct tc_mc *mc, uint32_t asset)
{
    size_t lo = 0, hi = mc->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (mc->rows[mid].asset < asset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < mc->n && mc->rows[lo].asset == asset ? &mc->rows[lo] : NULL;
}
