/* SPDX-License-Identifier: Apache-2.0 */
/* Three rounds, each for what the one before left over:
 *
 *      every asset   lean.c     one after the other; costs what it touches
 *      HEAVY         batch.c    over CAP failures: 512 at once, or 64 with times (batch_timed.c)
 *      FULL          cascade.c  the cascade reaches a loop of a flow service
 *
 * Threads take pieces from a common counter, as the costs differ a thousandfold; each writes only
 * the rows of its pieces. Where a loop has no source at all, assets fail without any outage, and
 * everything is left to the full engine; so it is where suppliers can run short or stocks are used
 * by the hour (tc_graph_needs_engine). */
#include "impact/critical.h"

#include "impact/batch.h"
#include "impact/batch_timed.h"
#include "impact/lean.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define PIECE       64u   /* assets taken at a time */
#define CAP         500u  /* failures from which a bit for each outage is cheaper than a walk */
#define CAP_TIMED   2000u /* and from which a time for each is */
#define MAX_THREADS 64u
#define MAX_TIMES   (UINT64_C(2) << 30) /* bytes of times that all threads of a round may hold */

enum mark { DONE, HEAVY, FULL };

struct task {
    const struct tc_graph *g;
    const struct tc_critical_opts *opts;
    struct tc_critical_row *rows;
    struct tc_lean lean;
    uint8_t *mark;     /* per place */
    uint32_t *todo, n; /* places of this round, in order */
    uint32_t cap;
    atomic_uint next;
    atomic_int err;
};

static void write_row(const struct task *t, uint32_t place, const struct tc_lean_sum *sum)
{
    t->rows[t->lean.order[place]] =
        (struct tc_critical_row){.failed = sum->failed,
                                 .seconds = sum->seconds,
                                 .people = sum->people,
                                 .people_seconds = sum->people_seconds,
                                 .member_states = (uint32_t)__builtin_popcountll(sum->states)};
}

/* The next `many` of todo, or none. */
static bool take(struct task *t, uint32_t many, uint32_t *from, uint32_t *end)
{
    if (atomic_load(&t->err))
        return false;
    *from = atomic_fetch_add(&t->next, many);
    if (*from >= t->n)
        return false;
    *end = t->n - *from < many ? t->n : *from + many;
    return true;
}

static void *walk_each(void *arg)
{
    struct task *t = arg;
    struct tc_lean_space s;
    uint32_t i, end;
    bool ok = tc_lean_space_init(&s, &t->lean);
    while (ok && take(t, PIECE, &i, &end)) {
        for (; ok && i < end; i++) {
            struct tc_lean_sum sum;
            enum tc_lean_end how =
                t->opts->untimed ? tc_lean_reach(&s, t->todo[i], t->cap, &sum)
                                 : tc_lean_timed(&s, t->todo[i], t->opts->horizon, t->cap, &sum);
            if (how == TC_LEAN_DONE)
                write_row(t, t->todo[i], &sum);
            t->mark[t->todo[i]] = how == TC_LEAN_OVER ? HEAVY : how == TC_LEAN_FULL ? FULL : DONE;
            ok = how != TC_LEAN_NOMEM;
        }
    }
    if (!ok)
        atomic_store(&t->err, (int)TC_E_NOMEM);
    tc_lean_space_fini(&s);
    return NULL;
}

static void keep(struct task *t, uint32_t from, uint32_t end, const struct tc_lean_sum *sums,
                 const bool *full)
{
    for (uint32_t i = from; i < end; i++) {
        t->mark[t->todo[i]] = full[i - from] ? FULL : DONE;
        if (!full[i - from])
            write_row(t, t->todo[i], &sums[i - from]);
    }
}

static void *many_at_once(void *arg)
{
    struct task *t = arg;
    struct tc_lean_sum sums[TC_BATCH];
    bool full[TC_BATCH];
    uint32_t from, end;
    struct tc_batch *b = tc_batch_new(&t->lean);
    if (!b)
        atomic_store(&t->err, (int)TC_E_NOMEM);
    while (b && take(t, TC_BATCH, &from, &end)) {
        tc_batch_run(b, t->todo + from, end - from, sums, full);
        keep(t, from, end, sums, full);
    }
    tc_batch_free(b);
    return NULL;
}

static void *many_timed(void *arg)
{
    struct task *t = arg;
    struct tc_lean_sum sums[TC_BATCH_TIMED];
    bool full[TC_BATCH_TIMED];
    uint32_t from, end;
    struct tc_batch_timed *b = tc_batch_timed_new(&t->lean, t->opts->horizon);
    tc_err e = b ? TC_OK : TC_E_NOMEM;
    while (!e && take(t, TC_BATCH_TIMED, &from, &end)) {
        e = tc_batch_timed_run(b, t->todo + from, end - from, sums, full);
        if (!e)
            keep(t, from, end, sums, full);
    }
    if (e)
        atomic_store(&t->err, (int)e);
    tc_batch_timed_free(b);
    return NULL;
}

static void sum_up(const struct task *t, const uint32_t *place, const struct tc_failure *f,
                   size_t n, struct tc_lean_sum *sum)
{
    bool timed = !t->opts->untimed;
    *sum = (struct tc_lean_sum){.failed = 0};
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        uint64_t people = t->g->people[f[i].asset];
        int state = t->lean.state ? t->lean.state[place[f[i].asset]] : -1;
        sum->failed++;
        sum->people += people;
        if (timed) {
            sum->seconds += f[i].at;
            sum->people_seconds += people * (t->opts->horizon - f[i].at);
        }
        if (state >= 0)
            sum->states |= UINT64_C(1) << state;
    }
}

static void *run_each(void *arg)
{
    struct task *t = arg;
    struct tc_cascade *c = tc_cascade_new(t->g);
    uint32_t *place = calloc(t->g->n + 1u, sizeof *place), i, end;
    const struct tc_cascade_opts o = {.horizon = t->opts->untimed ? TC_CASCADE_MAX_TIME
                                                                  : t->opts->horizon};
    tc_err e = c && place ? TC_OK : TC_E_NOMEM;
    for (uint32_t p = 0; !e && p < t->g->n; p++)
        place[t->lean.order[p]] = p;
    while (!e && take(t, 1, &i, &end)) {
        struct tc_outage outage = {t->lean.order[t->todo[i]], 0, TC_NEVER};
        struct tc_lean_sum sum;
        size_t n = 0;
        e = tc_cascade_run(c, &outage, 1, &o, NULL);
        const struct tc_failure *f = tc_cascade_failures(c, &n);
        sum_up(t, place, f, e ? 0 : n, &sum);
        write_row(t, t->todo[i], &sum);
    }
    if (e)
        atomic_store(&t->err, (int)e);
    tc_cascade_free(c);
    free(place);
    return NULL;
}

static uint32_t timed_threads(uint32_t n)
{
    uint64_t most = MAX_TIMES / ((uint64_t)n * TC_BATCH_TIMED * sizeof(uint32_t));
    return most < 1 ? 1 : most < MAX_THREADS ? (uint32_t)most : MAX_THREADS;
}

/* One round over the places with this mark. */
static void round_of(struct task *t, enum mark which, uint32_t most, void *(*work)(void *))
{
    t->n = 0;
    for (uint32_t p = 0; p < t->g->n; p++)
        if (t->mark[p] == which)
            t->todo[t->n++] = p;
    if (!t->n || atomic_load(&t->err))
        return;
    atomic_store(&t->next, 0);
    uint32_t threads = t->opts->threads < most ? t->opts->threads : most, started = 0;
    pthread_t id[MAX_THREADS];
    while (started + 1 < threads && pthread_create(&id[started], NULL, work, t) == 0)
        started++; /* fewer threads than asked for do the same work */
    (void)work(t);
    for (uint32_t i = 0; i < started; i++)
        (void)pthread_join(id[i], NULL);
}

/* A few heavy ones may walk on: as long as all of them together cost no more than what the masks
 * need before their first step, which is a look at everything. True when some are left. */
static bool walk_on(struct task *t)
{
    uint32_t heavy = 0;
    for (uint32_t p = 0; p < t->g->n; p++)
        heavy += t->mark[p] == HEAVY;
    if (!heavy || t->g->n / heavy <= t->cap)
        return heavy;
    t->cap = t->g->n / heavy;
    round_of(t, HEAVY, MAX_THREADS, walk_each);
    return memchr(t->mark, HEAVY, t->g->n);
}

/* Must everything go through the full engine? That is so where something fails when nothing is out,
 * and where the fast ways do not know what happens (capacities, calendars). */
static tc_err fails_anyway(const struct tc_graph *g, bool *yes)
{
    *yes = tc_graph_needs_engine(g);
    if (!g->r || *yes)
        return TC_OK;
    struct tc_cascade *c = tc_cascade_new(g);
    const struct tc_cascade_opts o = {.horizon = TC_CASCADE_MAX_TIME};
    tc_err e = c ? tc_cascade_run(c, NULL, 0, &o, NULL) : TC_E_NOMEM;
    if (!e) {
        size_t n = 0;
        (void)tc_cascade_failures(c, &n);
        *yes = n > 0;
    }
    tc_cascade_free(c);
    return e;
}

tc_err tc_critical_run(const struct tc_graph *g, const struct tc_critical_opts *opts,
                       struct tc_critical_row *rows)
{
    struct task t = {.g = g, .opts = opts, .rows = rows};
    bool anyway = false;
    if (!opts->untimed && opts->horizon > TC_CASCADE_MAX_TIME)
        return TC_E_LIMIT;
    tc_err e = tc_lean_make(g, opts->threads, &t.lean);
    if (e)
        return e;
    t.cap = opts->untimed ? CAP : tc_batch_timed_can(g) ? CAP_TIMED : UINT32_MAX;
    atomic_init(&t.next, 0);
    atomic_init(&t.err, 0);
    t.mark = calloc(g->n + 1u, 1);
    t.todo = calloc(g->n + 1u, sizeof *t.todo);
    e = t.mark && t.todo ? fails_anyway(g, &anyway) : TC_E_NOMEM;
    if (!e) {
        if (anyway)
            memset(t.mark, FULL, g->n);
        else
            round_of(&t, DONE, MAX_THREADS, walk_each);
        bool heavy = walk_on(&t);
        if (heavy)
            e = tc_lean_pull(&t.lean);
        if (heavy && !e && opts->untimed)
            round_of(&t, HEAVY, MAX_THREADS, many_at_once);
        else if (heavy && !e)
            round_of(&t, HEAVY, timed_threads(g->n), many_timed);
        if (!e)
            round_of(&t, FULL, MAX_THREADS, run_each);
    }
    free(t.mark);
    free(t.todo);
    tc_lean_free(&t.lean);
    return e ? e : (tc_err)atomic_load(&t.err);
}

struct ranking {
    const struct tc_critical_row *rows;
    enum tc_critical_by by;
};

static uint64_t first_key(const struct tc_critical_row *r, enum tc_critical_by by)
{
    return by == TC_BY_PEOPLE_TIME ? r->people_seconds
           : by == TC_BY_PEOPLE    ? r->people
           : by == TC_BY_FAILED    ? r->failed
                                   : r->member_states;
}

static int graver(const void *x, const void *y, void *arg)
{
    const struct ranking *k = arg;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const struct tc_critical_row *p = &k->rows[a], *q = &k->rows[b];
    const uint64_t left[] = {first_key(p, k->by), p->people, p->failed},
                   right[] = {first_key(q, k->by), q->people, q->failed};
    for (int i = 0; i < 3; i++)
        if (left[i] != right[i])
            return left[i] > right[i] ? -1 : 1;
    return a < b ? -1 : a > b;
}

void tc_critical_rank(const struct tc_critical_row *rows, uint32_t n, enum tc_critical_by by,
                      uint32_t *order)
{
    struct ranking k = {rows, by};
    for (uint32_t v = 0; v < n; v++)
        order[v] = v;
    qsort_r(order, n, sizeof *order, graver, &k);
}
