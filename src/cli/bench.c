/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin bench: measurements that a user can repeat. docs/commands/bench.txt is the manual. */
#include "base/cursor.h"
#include "base/limits.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/register_graph.h"
#include "impact/critical.h"
#include "impact/lean.h"
#include "impact/montecarlo.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 5 /* of one collapse; the best counts */

struct asked {
    const char *path;
    uint64_t threads, runs; /* runs: 0 = no Monte Carlo */
    bool untimed;
};

/* The graph file: u32 {N, G, E, 0}; u32 owner[G], need[G], buffer_minutes[G]; u64 start[G+1]; u32
 * supplier[E]; all little-endian. */
struct graph_file {
    uint32_t n, m, e;
    struct tc_cursor owner, need, minutes, start, supplier;
};

static struct tc_cursor words_of(struct tc_cursor *c, uint64_t count, uint64_t size)
{
    return tc_cursor_over(tc_cursor_bytes(c, (size_t)(count * size)));
}

static tc_err open_file(struct tc_str text, struct graph_file *f, struct tc_diag *diag)
{
    struct tc_cursor c = tc_cursor_over(text);
    f->n = tc_cursor_u32(&c);
    f->m = tc_cursor_u32(&c);
    f->e = tc_cursor_u32(&c);
    (void)tc_cursor_u32(&c);
    if (f->n > TC_MAX_ASSETS || f->m > TC_MAX_EDGES || f->e > TC_MAX_EDGES)
        return tc_diag_set(diag, TC_E_LIMIT, "the graph is over %u assets or %u dependencies",
                           TC_MAX_ASSETS, TC_MAX_EDGES);
    f->owner = words_of(&c, f->m, 4);
    f->need = words_of(&c, f->m, 4);
    f->minutes = words_of(&c, f->m, 4);
    f->start = words_of(&c, (uint64_t)f->m + 1, 8);
    f->supplier = words_of(&c, f->e, 4);
    if (tc_cursor_end(&c))
        return tc_diag_set(diag, TC_E_SYNTAX,
                           "not a graph file: its length does not fit its header");
    return TC_OK;
}

static tc_err add_assets(struct tc_graph_builder *b, uint32_t n, struct tc_diag *diag)
{
    for (uint32_t v = 0; v < n; v++) {
        char id[16];
        uint32_t handle;
        (void)snprintf(id, sizeof id, "%08u", v); /* so that ids sort as numbers do */
        struct tc_asset_spec s = {.id = tc_str_cstr(id)};
        tc_err e = tc_graph_add_asset(b, &s, &handle, diag);
        if (e)
            return e;
    }
    return TC_OK;
}

/* ranges: each buffer lasts up to twice as long as the file says. */
static tc_err add_groups(struct tc_graph_builder *b, struct graph_file *f, uint32_t *suppliers,
                         bool ranges, struct tc_diag *diag)
{
    uint64_t from = tc_cursor_u64(&f->start);
    for (uint32_t k = 0; k < f->m; k++) {
        uint64_t end = tc_cursor_u64(&f->start);
        if (end < from || end > f->e)
            return tc_diag_set(diag, TC_E_INVALID, "group %u: start[] runs back or over", k);
        for (uint64_t i = from; i < end; i++)
            suppliers[i - from] = tc_cursor_u32(&f->supplier);
        int64_t seconds = (int64_t)tc_cursor_u32(&f->minutes) * 60;
        struct tc_group_spec s = {.asset = tc_cursor_u32(&f->owner),
                                  .service = TC_STR("service"),
                                  .mode = TC_MODE_SUPPORT,
                                  .rule = TC_NEED_COUNT,
                                  .need = tc_cursor_u32(&f->need),
                                  .buffer_lo = seconds,
                                  .buffer_hi = ranges ? 2 * seconds : seconds,
                                  .suppliers = suppliers,
                                  .n = (size_t)(end - from),
                                  .line = k + 1u};
        tc_err e = tc_graph_add_group(b, &s, diag);
        if (e)
            return e;
        from = end;
    }
    return TC_OK;
}

static tc_err load(const char *path, bool ranges, struct tc_graph **out, struct tc_diag *diag)
{
    struct tc_buf text;
    struct graph_file f;
    tc_buf_init(&text, TC_MAX_REGISTER);
    struct tc_graph_builder *b = tc_graph_builder_new();
    uint32_t *suppliers = NULL;
    tc_err e = b ? tc_cli_read_file(path, &text, diag) : TC_E_NOMEM;
    if (!e)
        e = open_file(tc_buf_view(&text), &f, diag);
    if (!e) {
        suppliers = calloc(f.e + 1u, sizeof *suppliers);
        e = suppliers ? add_assets(b, f.n, diag) : TC_E_NOMEM;
    }
    if (!e)
        e = add_groups(b, &f, suppliers, ranges, diag);
    free(suppliers);
    tc_buf_fini(&text);
    if (e) {
        tc_graph_builder_free(b);
        return e;
    }
    return tc_graph_finish(b, out, diag);
}

/* Every single outage; *seconds is how long it took, on the clock. */
static tc_err sweep(const struct tc_graph *g, uint32_t threads, bool untimed,
                    struct tc_critical_row *rows, double *seconds)
{
    struct tc_critical_opts o = {
        .horizon = TC_CASCADE_MAX_TIME, .threads = threads, .untimed = untimed};
    int64_t from = tc_time_monotonic();
    tc_err e = tc_critical_run(g, &o, rows);
    *seconds = (double)(tc_time_monotonic() - from) / 1e6;
    return e;
}

/* Processor time of this thread in microseconds: what others do on the machine does not count. */
static int64_t cpu_time(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* As many random 4-byte reads as the collapse touches edges, in as many bytes as it works in. */
static int64_t gathers(size_t reads, size_t bytes)
{
    size_t words = bytes / 4 + 1;
    uint32_t *a = calloc(words, sizeof *a), sum = 0;
    if (!a)
        return -1;
    for (size_t i = 0; i < words; i++)
        a[i] = (uint32_t)i;
    uint64_t x = 88172645463325252u;
    int64_t from = cpu_time();
    for (size_t i = 0; i < reads; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += a[x % words];
    }
    int64_t took = cpu_time() - from;
    free(a);
    return sum == 1 ? took + 1 : took; /* so that the reads are not optimised away */
}

struct collapse {
    uint32_t asset;
    int64_t untimed, timed, full, limit; /* microseconds of processor time, the best of RUNS */
    uint32_t failed;
    size_t touched, bytes;
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* One collapse: who fails; who fails when; the full engine, with causes and first in time order. */
static tc_err collapse(const struct tc_graph *g, struct collapse *c)
{
    struct tc_lean l;
    struct tc_lean_space s = {.l = NULL};
    struct tc_lean_sum sum = {.failed = 0};
    uint32_t place = 0;
    tc_err e = tc_lean_make(g, 1, &l);
    if (e)
        return e;
    while (l.order[place] != c->asset)
        place++;
    struct tc_cascade *full = tc_cascade_new(g);
    if (!full || !tc_lean_space_init(&s, &l))
        e = TC_E_NOMEM;
    c->untimed = c->timed = c->full = INT64_MAX;
    for (int i = 0; !e && i < RUNS; i++) {
        const struct tc_cascade_opts o = {.horizon = TC_CASCADE_MAX_TIME};
        struct tc_outage outage = {c->asset, 0, TC_NEVER};
        int64_t t0 = cpu_time();
        (void)tc_lean_reach(&s, place, UINT32_MAX, &sum);
        int64_t t1 = cpu_time();
        (void)tc_lean_timed(&s, place, TC_CASCADE_MAX_TIME, UINT32_MAX, &sum);
        int64_t t2 = cpu_time();
        e = tc_cascade_run(full, &outage, 1, &o, NULL);
        c->untimed = least(c->untimed, t1 - t0);
        c->timed = least(c->timed, t2 - t1);
        c->full = least(c->full, cpu_time() - t2);
    }
    c->failed = sum.failed;
    for (uint32_t p = 0; !e && p < l.n; p++)
        if (s.asset[p].mark == 2 * s.epoch + 1)
            c->touched += s.asset[p + 1].out - s.asset[p].out;
    c->bytes = l.m * sizeof *l.group + (l.n + (size_t)1) * sizeof *l.asset + l.e * sizeof *l.out;
    c->limit = gathers(c->touched, c->bytes);
    tc_cascade_free(full);
    tc_lean_space_fini(&s);
    tc_lean_free(&l);
    return e;
}

static void print_collapse(const struct collapse *c)
{
    (void)printf("\"collapse\":{\"failed\":%u,\"edges\":%zu,\"static_ms\":%.3f,"
                 "\"timed_ms\":%.3f,\"full_ms\":%.3f,\"random_reads_ms\":%.3f},",
                 c->failed, c->touched, (double)c->untimed / 1e3, (double)c->timed / 1e3,
                 (double)c->full / 1e3, (double)c->limit / 1e3);
}

/* ---- many runs ---- */

struct many {
    uint32_t asset, failed; /* the outage, and how many fail in the worst case */
    uint32_t runs;
    double seconds, load; /* on the clock */
    bool same;            /* as on one thread */
};

/* Of the outages of this sweep, the one that fails nearest to 250. */
static void choose(const struct tc_critical_row *rows, uint32_t n, struct many *m)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t away = rows[v].failed > 250 ? rows[v].failed - 250 : 250 - rows[v].failed;
        if (away >= best)
            continue;
        best = away;
        m->asset = v;
        m->failed = rows[v].failed;
    }
}

static bool same_rows(const struct tc_mc *a, const struct tc_mc *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct tc_mc_row *p = &a->rows[i], *q = &b->rows[i];
        if (p->asset != q->asset || p->failed != q->failed || p->p5 != q->p5 || p->p50 != q->p50 ||
            p->p95 != q->p95)
            return false;
    }
    return true;
}

static tc_err monte_carlo(const struct tc_graph *g, uint32_t threads, struct many *m)
{
    const struct tc_outage o = {m->asset, 0, TC_NEVER};
    struct tc_mc_opts opts = {
        .horizon = TC_CASCADE_MAX_TIME, .seed = 1, .runs = m->runs, .threads = threads};
    struct tc_mc many = {.n = 0}, one = {.n = 0};
    int64_t from = tc_time_monotonic();
    tc_err e = tc_mc_run(g, &o, 1, &opts, &many, NULL);
    m->seconds = (double)(tc_time_monotonic() - from) / 1e6;
    opts.threads = 1;
    if (!e)
        e = tc_mc_run(g, &o, 1, &opts, &one, NULL);
    m->same = !e && same_rows(&many, &one);
    m->runs = many.runs;
    tc_mc_fini(&many);
    tc_mc_fini(&one);
    return e;
}

/* The same graph, with ranges. */
static tc_err many_runs(const struct asked *a, struct many *m, struct tc_diag *diag)
{
    struct tc_graph *g = NULL;
    tc_err e = load(a->path, true, &g, diag);
    if (e)
        return e;
    m->runs = (uint32_t)a->runs;
    e = g->n ? monte_carlo(g, (uint32_t)a->threads, m) : TC_OK;
    tc_graph_free(g);
    return e;
}

static void print_many(const struct many *m)
{
    (void)printf("\"monte_carlo\":{\"runs\":%u,\"failed\":%u,\"seconds\":%.4f,"
                 "\"same_on_one_thread\":%s},",
                 m->runs, m->failed, m->seconds, m->same ? "true" : "false");
}

/* ---- all of it ---- */

struct sums {
    uint64_t failed, timed_failed, seconds;
    uint32_t most;
    double took, timed_took;
};

static tc_err sweeps(const struct tc_graph *g, const struct asked *a, struct sums *s,
                     struct collapse *worst, struct many *m)
{
    struct tc_critical_row *rows = calloc(g->n + 1u, sizeof *rows);
    if (!rows)
        return TC_E_NOMEM;
    tc_err e = sweep(g, (uint32_t)a->threads, true, rows, &s->took);
    for (uint32_t v = 0; !e && v < g->n; v++) {
        s->failed += rows[v].failed;
        if (rows[v].failed > s->most) {
            s->most = rows[v].failed;
            worst->asset = v;
        }
    }
    if (!e)
        choose(rows, g->n, m);
    if (!e && !a->untimed)
        e = sweep(g, (uint32_t)a->threads, false, rows, &s->timed_took);
    for (uint32_t v = 0; !e && !a->untimed && v < g->n; v++) {
        s->timed_failed += rows[v].failed;
        s->seconds += rows[v].seconds;
    }
    free(rows);
    return e;
}

static tc_err measure(const struct tc_graph *g, const struct asked *a, double load_seconds,
                      struct tc_diag *diag)
{
    struct sums s = {.most = 0};
    struct collapse worst = {.asset = 0};
    struct many m = {.runs = 0};
    tc_err e = sweeps(g, a, &s, &worst, &m);
    if (!e && g->n)
        e = collapse(g, &worst);
    if (!e && a->runs)
        e = many_runs(a, &m, diag);
    if (e)
        return e;
    (void)printf("{\"assets\":%u,\"groups\":%u,\"dependencies\":%u,\"threads\":%u,"
                 "\"failed_sum\":%llu,\"failed_max\":%u,\"seconds\":%.4f,",
                 g->n, g->m, g->e, (unsigned)a->threads, (unsigned long long)s.failed, s.most,
                 s.took);
    if (!a->untimed)
        (void)printf("\"timed_failed_sum\":%llu,\"failure_minutes_sum\":%llu,"
                     "\"timed_seconds\":%.4f,",
                     (unsigned long long)s.timed_failed, (unsigned long long)(s.seconds / 60),
                     s.timed_took);
    print_collapse(&worst);
    if (a->runs)
        print_many(&m);
    (void)printf("\"load_seconds\":%.4f,\"graph_bytes\":%zu}\n", load_seconds, g->bytes);
    return TC_OK;
}

static tc_err bench_cascade(const struct asked *a, struct tc_diag *diag)
{
    struct tc_graph *g = NULL;
    int64_t from = tc_time_monotonic();
    tc_err e = load(a->path, false, &g, diag);
    if (!e)
        e = measure(g, a, (double)(tc_time_monotonic() - from) / 1e6, diag);
    tc_graph_free(g);
    return e;
}

int tc_cmd_bench(int argc, char **argv)
{
    struct asked a = {.threads = 1};
    const struct tc_opt opts[] = {
        TC_OPT_TEXT("graph", &a.path), TC_OPT_U64("threads", &a.threads, 1, 64),
        TC_OPT_U64("runs", &a.runs, 1, TC_MAX_RUNS), TC_OPT_FLAG("static", &a.untimed), TC_OPT_END};
    size_t words = 0;
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &words);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "cascade") != 0)
        return tc_cli_usage("bench", "there is no bench '%s'", argv[1]);
    if (!a.path)
        return tc_cli_usage("bench", "--graph FILE is missing");
    struct tc_diag diag;
    tc_diag_init(&diag);
    tc_err e = bench_cascade(&a, &diag);
    if (!e)
        return 0;
    char text[1200];
    tc_diag_format(&diag, text, sizeof text);
    (void)fprintf(stderr, "%s\n", e == TC_E_NOMEM ? tc_err_text(e) : text);
    return e == TC_E_NOTFOUND ? 3 : tc_err_exit(e);
}
