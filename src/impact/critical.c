/* SPDX-License-Identifier: Apache-2.0 */
/* A cascade costs what it touches, and most touch little: so each asset's cascade is simply run.
 * Threads take pieces of the assets from a common counter, as the costs differ a thousandfold; each
 * writes only the rows of its pieces. */
#include "impact/critical.h"

#include "impact/tally.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define PIECE       64u /* assets taken at a time */
#define MAX_THREADS 64u

struct task {
    const struct tc_graph *g;
    const struct tc_critical_opts *opts;
    struct tc_critical_row *rows;
    int8_t *state; /* per asset: number of its Member State, -1 = none */
    atomic_uint next;
    atomic_int err;
};

/* Member States are numbered by the order of their first asset, so a set of them is a word. */
static void number_states(const struct tc_graph *g, int8_t *state)
{
    struct tc_str known[64];
    int n = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        struct tc_str code = tc_graph_country(g, v);
        state[v] = -1;
        if (!tc_country_is_member(code))
            continue;
        if (tc_str_is(code, "EL"))
            code = TC_STR("GR");
        int i = 0;
        while (i < n && !tc_str_eq(known[i], code))
            i++;
        if (i == n)
            known[n++] = code; /* at most 27 */
        state[v] = (int8_t)i;
    }
}

static void sum_up(const struct task *s, const struct tc_failure *f, size_t n,
                   struct tc_critical_row *row)
{
    uint64_t states = 0;
    *row = (struct tc_critical_row){.failed = 0};
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        row->failed++;
        row->seconds += f[i].at;
        row->people += s->g->people[f[i].asset];
        row->people_seconds += s->g->people[f[i].asset] * (s->opts->horizon - f[i].at);
        if (s->state[f[i].asset] >= 0)
            states |= UINT64_C(1) << s->state[f[i].asset];
    }
    row->member_states = (uint32_t)__builtin_popcountll(states);
}

static void *work(void *arg)
{
    struct task *s = arg;
    struct tc_cascade *c = tc_cascade_new(s->g);
    const struct tc_cascade_opts o = {.horizon = s->opts->horizon};
    tc_err e = c ? TC_OK : TC_E_NOMEM;
    while (!e && !atomic_load(&s->err)) {
        uint32_t from = atomic_fetch_add(&s->next, PIECE);
        if (from >= s->g->n)
            break;
        for (uint32_t v = from; !e && v < s->g->n && v < from + PIECE; v++) {
            struct tc_outage outage = {v, 0, TC_NEVER};
            size_t n = 0;
            e = tc_cascade_run(c, &outage, 1, &o, NULL);
            const struct tc_failure *f = tc_cascade_failures(c, &n);
            if (!e)
                sum_up(s, f, n, &s->rows[v]);
        }
    }
    if (e)
        atomic_store(&s->err, (int)e);
    tc_cascade_free(c);
    return NULL;
}

tc_err tc_critical_run(const struct tc_graph *g, const struct tc_critical_opts *opts,
                       struct tc_critical_row *rows)
{
    struct task s = {.g = g, .opts = opts, .rows = rows};
    s.state = calloc(g->n + 1u, sizeof *s.state);
    if (!s.state)
        return TC_E_NOMEM;
    number_states(g, s.state);
    atomic_init(&s.next, 0);
    atomic_init(&s.err, 0);
    uint32_t threads = opts->threads < MAX_THREADS ? opts->threads : MAX_THREADS, started = 0;
    pthread_t id[MAX_THREADS];
    while (started + 1 < threads && pthread_create(&id[started], NULL, work, &s) == 0)
        started++; /* fewer threads than asked for do the same work */
    (void)work(&s);
    for (uint32_t i = 0; i < started; i++)
        (void)pthread_join(id[i], NULL);
    free(s.state);
    return (tc_err)atomic_load(&s.err);
}
