/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/whatif.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/time.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "impact/compare.h"
#include "impact/montecarlo.h"
#include "impact/tally.h"

#include <stdio.h>
#include <stdlib.h>

#define HORIZON      (INT64_C(72) * 3600)
#define OUTAGES_MAX  1000000u
#define LIMIT        1000u /* rows shown when nothing is said */
#define LIMIT_MAX    10000u
#define TOLERANCE    60u /* seconds */
#define CAUSES_SHOWN 8u
#define RUNS_MAX     10000u
#define RUNS_WORK    20000000u /* failures of all runs of a scenario: a second or so */

struct taken;

struct scenario {
    struct tc_scenario_list list;
    struct tc_failure *failures; /* of the run, copied */
    size_t n_failures;
    uint32_t *causes; /* n_failures * CAUSES_SHOWN: read from the run before the next one */
    uint8_t *n_causes;
    struct tc_tally tally;
    struct tc_mc mc;     /* runs 0 = not asked for, or no ranges */
    struct taken *taken; /* needs that the graph is to have again */
};

struct ask {
    struct tc_sitting s;
    struct tc_arena *arena;
    struct tc_diag *d;
    char at[64]; /* path of what is read */
    uint32_t horizon;
    tc_time start; /* what clock time second 0 is, or TC_TIME_NONE */
    uint64_t limit, runs, seed;
    struct scenario scenario[2];
    bool two;
};

static tc_err wrong(struct ask *a, const char *says)
{
    tc_diag_path(a->d, a->at, strlen(a->at));
    return tc_diag_set(a->d, TC_E_INVALID, "%s", says);
}

/* ---- the question ---- */

static tc_err take_seconds(struct ask *a, yyjson_val *o, const char *name, uint32_t *out)
{
    uint64_t n = 0;
    int64_t s = 0;
    struct tc_str text;
    if (!tc_json_get(o, name))
        return TC_OK;
    if (tc_json_u64(o, name, &n) && n <= TC_MAX_DURATION)
        s = (int64_t)n;
    else if (!tc_json_str(o, name, &text) || tc_duration_parse(text, TC_MAX_DURATION, &s))
        return wrong(a, "a time is seconds from the start or a duration such as PT8H, ten years at "
                        "most");
    *out = (uint32_t)s;
    return TC_OK;
}

static tc_err take_span(struct ask *a, yyjson_val *o, uint32_t *from, uint32_t *to)
{
    *from = 0;
    *to = TC_NEVER;
    tc_err e = take_seconds(a, o, "from", from);
    e = e ? e : take_seconds(a, o, "to", to);
    return !e && *to <= *from ? wrong(a, "it ends before it begins") : e;
}

static tc_err add(struct ask *a, struct scenario *x, uint32_t node, uint32_t from, uint32_t to)
{
    return x->list.n_outages == OUTAGES_MAX ? wrong(a, "more than 1,000,000 outages")
                                            : tc_scenario_outage(&x->list, node, from, to);
}

/* "asset" of an object. */
static tc_err take_asset(struct ask *a, yyjson_val *o, uint32_t *node)
{
    struct tc_str id = {"", 0};
    (void)tc_json_str(o, "asset", &id);
    tc_err e = tc_desk_asset(&a->s, id, node, a->d);
    if (e)
        tc_diag_path(a->d, a->at, strlen(a->at));
    return e;
}

/* A part of the whole, in millionths. */
static tc_err take_part(struct ask *a, yyjson_val *o, const char *name, uint32_t *out)
{
    double v = 1;
    if (tc_json_get(o, name) && (!tc_json_double(o, name, &v) || !(v >= 0 && v <= 1)))
        return wrong(a, "a part of the whole is a number from 0 to 1");
    *out = (uint32_t)(v * TC_SHARE_WHOLE + 0.5);
    return TC_OK;
}

static tc_err take_cause(struct ask *a, struct scenario *x, yyjson_val *o)
{
    struct tc_str name = {"", 0};
    uint32_t from = 0, to = TC_NEVER;
    if (yyjson_is_str(o))
        name = tc_json_view(o);
    else if (!tc_json_str(o, "cause", &name))
        return wrong(a, "a common cause is a name, or an object with \"cause\"");
    tc_err e = take_span(a, o, &from, &to);
    e = e ? e : tc_scenario_cause(&x->list, a->s.g, name, from, to);
    return e == TC_E_NOTFOUND ? wrong(a, "no asset that you may read has this common cause") : e;
}

static tc_err take_capacity(struct ask *a, struct scenario *x, yyjson_val *o)
{
    uint32_t node = 0, from = 0, to = TC_NEVER, left = 0;
    tc_err e = take_asset(a, o, &node);
    e = e ? e : take_span(a, o, &from, &to);
    e = e ? e : take_part(a, o, "left", &left);
    return e ? e : tc_scenario_capacity(&x->list, node, from, to, left);
}

static tc_err take_stock(struct ask *a, struct scenario *x, yyjson_val *o)
{
    uint32_t node = 0, buffer = TC_KEEP, fill = 0;
    struct tc_str service = {"", 0};
    (void)tc_json_str(o, "service", &service);
    tc_err e = take_asset(a, o, &node);
    e = e ? e : take_seconds(a, o, "buffer", &buffer);
    e = e ? e : take_part(a, o, "fill", &fill);
    e = e ? e : tc_scenario_stock(&x->list, a->s.g, node, service, buffer, fill);
    return e == TC_E_NOTFOUND ? wrong(a, "the asset needs no such service") : e;
}

static tc_err take_outage(struct ask *a, struct scenario *x, yyjson_val *o)
{
    struct tc_str id = {"", 0};
    uint32_t node = 0, from = 0, to = TC_NEVER;
    if (yyjson_is_str(o))
        id = tc_json_view(o);
    else if (!tc_json_str(o, "asset", &id))
        return wrong(a, "an outage is an asset's id, or an object with \"asset\"");
    tc_err e = tc_desk_asset(&a->s, id, &node, a->d);
    if (e)
        tc_diag_path(a->d, a->at, strlen(a->at));
    e = e ? e : take_span(a, o, &from, &to);
    return e ? e : add(a, x, node, from, to);
}

struct standing_in {
    struct ask *a;
    struct scenario *x;
    uint32_t from, to;
    tc_err err;
};

static void on_hit(void *arg, uint32_t asset)
{
    struct standing_in *in = arg;
    uint32_t node = tc_live_asset(in->a->s.live, asset)->node;
    if (node != TC_NONE && !in->err)
        in->err = add(in->a, in->x, node, in->from, in->to);
}

static tc_err take_area(struct ask *a, struct scenario *x, yyjson_val *o)
{
    struct standing_in in = {.a = a, .x = x};
    struct tc_area area;
    if (!tc_facts_area(o, a->arena, &area))
        return wrong(a, "an area is a polygon of [latitude, longitude] or a circle");
    tc_err e = take_span(a, o, &in.from, &in.to);
    if (!e)
        tc_live_in_area(a->s.live, &area, on_hit, &in);
    return e ? e : in.err;
}

typedef tc_err take_fn(struct ask *a, struct scenario *x, yyjson_val *o);

static tc_err take_list(struct ask *a, struct scenario *x, yyjson_val *o, const char *which,
                        const char *name, take_fn *take)
{
    yyjson_val *list = tc_json_get(o, name), *one;
    size_t i, n;
    tc_err e = TC_OK;
    if (!list)
        return TC_OK;
    (void)snprintf(a->at, sizeof a->at, "%s.%s", which, name);
    if (!yyjson_is_arr(list))
        return wrong(a, "must be a list");
    yyjson_arr_foreach (list, i, n, one) {
        (void)snprintf(a->at, sizeof a->at, "%s.%s[%zu]", which, name, i);
        if (!e)
            e = take(a, x, one);
    }
    return e;
}

/* ---- measures taken away ---- */

/* What a group was, to be put back after the run. */
struct taken {
    uint32_t group, budget;
    struct taken *next;
};

static struct tc_graph *writable(struct ask *a)
{
    return (struct tc_graph *)(uintptr_t)a->s.g; /* nobody else is sitting at this graph */
}

static void put_back(struct ask *a, const struct taken *t)
{
    for (; t; t = t->next)
        writable(a)->group[t->group].budget = t->budget;
}

/* The group holds whatever it loses. */
static tc_err without_need(struct ask *a, struct scenario *x, uint32_t group)
{
    struct tc_group *g = &writable(a)->group[group];
    struct taken *t = tc_arena_zalloc(a->arena, 1, sizeof *t);
    if (!t)
        return TC_E_NOMEM;
    *t = (struct taken){group, g->budget, x->taken};
    x->taken = t;
    g->budget = INT32_MAX;
    return TC_OK;
}

static tc_err take_without(struct ask *a, struct scenario *x, yyjson_val *o)
{
    struct tc_str service = {"", 0}, what = TC_STR("buffer");
    const struct tc_graph *g = a->s.g;
    uint32_t node = 0;
    bool any = false;
    (void)tc_json_str(o, "service", &service);
    (void)tc_json_str(o, "what", &what);
    if (!tc_str_is(what, "buffer") && !tc_str_is(what, "need"))
        return wrong(a, "what is taken away is a buffer or a need");
    tc_err e = take_asset(a, o, &node);
    if (!e && tc_str_is(what, "buffer")) {
        e = tc_scenario_stock(&x->list, g, node, service, 0, TC_SHARE_WHOLE);
        return e == TC_E_NOTFOUND ? wrong(a, "the asset needs no such service") : e;
    }
    for (uint32_t k = e ? 0 : g->group_first[node]; !e && k < g->group_first[node + 1]; k++) {
        if (service.n && !tc_str_eq(g->services[g->service[k]], service))
            continue;
        any = true;
        e = without_need(a, x, k);
    }
    return e || any ? e : wrong(a, "the asset needs no such service");
}

/* ---- the run ---- */

static tc_err keep(struct ask *a, struct scenario *x, struct tc_cascade *c)
{
    size_t n = 0;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    x->failures = calloc(n + 1, sizeof *x->failures);
    x->causes = calloc(n * CAUSES_SHOWN + 1, sizeof *x->causes);
    x->n_causes = calloc(n + 1, 1);
    if (!x->failures || !x->causes || !x->n_causes)
        return TC_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        size_t direct = 0, k = x->n_failures;
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        x->failures[x->n_failures++] = f[i];
        if (k < a->limit)
            x->n_causes[k] = (uint8_t)tc_cascade_cause(c, &f[i], x->causes + k * CAUSES_SHOWN,
                                                       CAUSES_SHOWN, &direct);
    }
    return tc_tally_make(a->s.g, x->failures, x->n_failures, &x->tally);
}

/* Both scenarios under one seed, so with the same luck. */
static tc_err many_runs(struct ask *a, struct scenario *x, const struct tc_scenario *s)
{
    uint64_t most = RUNS_WORK / (x->n_failures + 1);
    const struct tc_mc_opts o = {.horizon = a->horizon,
                                 .seed = a->seed,
                                 .runs = (uint32_t)(a->runs < most ? a->runs : most + !most)};
    return a->runs && a->s.g->ranges ? tc_mc_scenario(a->s.g, s, &o, &x->mc, a->d) : TC_OK;
}

static tc_err take_scenario(struct ask *a, struct scenario *x, yyjson_val *o, const char *which)
{
    static const struct {
        const char *name;
        take_fn *take;
    } lists[] = {{"outages", take_outage},      {"areas", take_area},   {"causes", take_cause},
                 {"capacities", take_capacity}, {"stocks", take_stock}, {"without", take_without}};
    tc_err e = TC_OK;
    (void)snprintf(a->at, sizeof a->at, "%s", which);
    if (!yyjson_is_obj(o))
        return wrong(a, "a scenario is an object");
    for (size_t i = 0; !e && i < sizeof lists / sizeof *lists; i++)
        e = take_list(a, x, o, which, lists[i].name, lists[i].take);
    return e;
}

static tc_err run(struct ask *a, struct scenario *x, yyjson_val *o, const char *which)
{
    const struct tc_cascade_opts opts = {.horizon = a->horizon};
    tc_err e = take_scenario(a, x, o, which);
    struct tc_cascade *own = !e && x->taken ? tc_cascade_new(a->s.g) : NULL;
    if (!e && x->taken && !own)
        e = TC_E_NOMEM;
    struct tc_cascade *c = own ? own : a->s.cascade;
    const struct tc_scenario s = tc_scenario_of(&x->list, a->start);
    e = e ? e : tc_cascade_scenario(c, &s, &opts, a->d);
    e = e ? e : keep(a, x, c);
    e = e ? e : many_runs(a, x, &s);
    tc_cascade_free(own);
    put_back(a, x->taken);
    return e;
}

/* ---- the answer ---- */

static void put_asset(struct tc_jsonw *w, struct ask *a, uint32_t v)
{
    const struct tc_graph *g = a->s.g;
    tc_jsonw_kstr(w, "asset", tc_graph_id(g, v));
    tc_jsonw_ktext(w, "name", tc_graph_name(g, v));
    tc_jsonw_ktext(w, "sector", g->sectors[g->sector[v]]);
    tc_jsonw_ktext(w, "country", tc_graph_country(g, v));
    tc_desk_saw(&a->s, v);
}

/* {"p","at_p5","at_p50","at_p95"} */
static void put_runs(struct tc_jsonw *w, const char *name, const struct scenario *x, uint32_t v)
{
    const struct tc_mc_row *r = x->mc.runs ? tc_mc_find(&x->mc, v) : NULL;
    if (!x->mc.runs)
        return;
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    tc_jsonw_name(w, "p");
    tc_jsonw_double(w, r ? (double)r->failed / x->mc.runs : 0);
    if (r) {
        tc_jsonw_ku64(w, "at_p5", r->p5);
        tc_jsonw_ku64(w, "at_p50", r->p50);
        tc_jsonw_ku64(w, "at_p95", r->p95);
    }
    tc_jsonw_object_end(w);
}

static void put_failure(struct tc_jsonw *w, struct ask *a, const struct scenario *x, size_t i)
{
    const struct tc_failure *f = &x->failures[i];
    tc_jsonw_object(w);
    put_asset(w, a, f->asset);
    tc_jsonw_ku64(w, "at", f->at);
    if (f->until != TC_NEVER)
        tc_jsonw_ku64(w, "until", f->until);
    if (f->group != TC_NONE)
        tc_jsonw_kstr(w, "service", a->s.g->services[a->s.g->service[f->group]]);
    tc_jsonw_name(w, "cause");
    tc_jsonw_array(w);
    for (uint32_t k = 0; k < x->n_causes[i]; k++) {
        uint32_t cause = x->causes[i * CAUSES_SHOWN + k];
        tc_jsonw_str(w, tc_graph_id(a->s.g, cause));
        if (x->n_failures > a->limit) /* else it has a row of its own */
            tc_desk_saw(&a->s, cause);
    }
    tc_jsonw_array_end(w);
    put_runs(w, "likely", x, f->asset);
    tc_jsonw_object_end(w);
}

static void put_parts(struct tc_jsonw *w, const char *name, const struct tc_tally_part *p, size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_namen(w, p[i].name);
        tc_jsonw_u64(w, p[i].assets);
    }
    tc_jsonw_object_end(w);
}

static void put_scenario(struct tc_jsonw *w, struct ask *a, const struct scenario *x)
{
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "failed", x->n_failures);
    if (x->mc.runs)
        tc_jsonw_ku64(w, "runs", x->mc.runs);
    tc_desk_people(&a->s, w, x->tally.people);
    put_parts(w, "countries", x->tally.countries, x->tally.country_count);
    put_parts(w, "sectors", x->tally.sectors, x->tally.sector_count);
    tc_jsonw_ku64(w, "member_states", x->tally.member_states);
    tc_jsonw_name(w, "failures");
    tc_jsonw_array(w);
    for (size_t i = 0; i < x->n_failures && i < a->limit; i++)
        put_failure(w, a, x, i);
    tc_jsonw_array_end(w);
    tc_jsonw_kbool(w, "complete", x->n_failures <= a->limit);
    tc_jsonw_object_end(w);
}

static void put_change(struct tc_jsonw *w, struct ask *a, const struct tc_change *c)
{
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "change", tc_change_kind_word(c->kind));
    put_asset(w, a, c->asset);
    if (c->first != TC_NEVER)
        tc_jsonw_ku64(w, "first", c->first);
    if (c->second != TC_NEVER)
        tc_jsonw_ku64(w, "second", c->second);
    put_runs(w, "first_likely", &a->scenario[0], c->asset);
    put_runs(w, "second_likely", &a->scenario[1], c->asset);
    tc_jsonw_object_end(w);
}

static bool counted(const struct tc_tally *t, struct tc_str country)
{
    for (size_t i = 0; i < t->country_count; i++)
        if (tc_str_eq(t->countries[i].name, country))
            return true;
    return false;
}

/* Countries of x that y does not hit. */
static void put_countries(struct tc_jsonw *w, const char *name, const struct tc_tally *x,
                          const struct tc_tally *y)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < x->country_count; i++)
        if (!counted(y, x->countries[i].name))
            tc_jsonw_str(w, x->countries[i].name);
    tc_jsonw_array_end(w);
}

static tc_err put_difference(struct tc_jsonw *w, struct ask *a)
{
    const struct scenario *x = &a->scenario[0], *y = &a->scenario[1];
    struct tc_comparison c;
    tc_err e =
        tc_compare(a->s.g, x->failures, x->n_failures, y->failures, y->n_failures, TOLERANCE, &c);
    if (e)
        return e;
    tc_jsonw_name(w, "difference");
    tc_jsonw_object(w);
    for (int k = 0; k < TC_CHANGE_KINDS; k++) {
        tc_jsonw_name(w, tc_change_kind_word((enum tc_change_kind)k));
        tc_jsonw_object(w);
        tc_jsonw_ku64(w, "assets", c.count[k]);
        tc_desk_people(&a->s, w, c.people[k]);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_ku64(w, "same", c.same);
    put_countries(w, "countries_new", &y->tally, &x->tally);
    put_countries(w, "countries_spared", &x->tally, &y->tally);
    tc_jsonw_name(w, "rows");
    tc_jsonw_array(w);
    for (size_t i = 0; i < c.n && i < a->limit; i++)
        put_change(w, a, &c.rows[i]);
    tc_jsonw_array_end(w);
    tc_jsonw_kbool(w, "complete", c.n <= a->limit);
    tc_jsonw_object_end(w);
    tc_comparison_fini(&c);
    return TC_OK;
}

static tc_err put_answer(struct ask *a, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_err e = TC_OK;
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "scope", a->s.scope == TC_DESK_ALL ? "all" : "readable");
    tc_jsonw_ku64(&w, "horizon", a->horizon);
    tc_jsonw_name(&w, "first");
    put_scenario(&w, a, &a->scenario[0]);
    if (a->two) {
        tc_jsonw_name(&w, "second");
        put_scenario(&w, a, &a->scenario[1]);
        e = put_difference(&w, a);
    }
    tc_jsonw_object_end(&w);
    e = e ? e : a->s.unnoted;
    return e ? e : out->err;
}

static void scenario_fini(struct scenario *x)
{
    tc_scenario_list_fini(&x->list);
    free(x->failures);
    free(x->causes);
    free(x->n_causes);
    tc_tally_fini(&x->tally);
    tc_mc_fini(&x->mc);
}

static tc_err ask_all(struct ask *a, yyjson_val *question, struct tc_buf *out)
{
    (void)snprintf(a->at, sizeof a->at, "horizon");
    tc_err e = take_seconds(a, question, "horizon", &a->horizon);
    struct tc_str start;
    (void)snprintf(a->at, sizeof a->at, "at");
    if (!e && tc_json_str(question, "at", &start) && tc_time_parse_z(start, &a->start))
        e = wrong(a, "must be a time in UTC, ending with Z");
    (void)tc_json_u64(question, "limit", &a->limit);
    (void)tc_json_u64(question, "runs", &a->runs);
    (void)tc_json_u64(question, "seed", &a->seed);
    a->runs = a->runs > RUNS_MAX ? RUNS_MAX : a->runs;
    a->limit = a->limit > LIMIT_MAX ? LIMIT_MAX : a->limit;
    a->two = tc_json_get(question, "second") != NULL;
    e = e ? e : run(a, &a->scenario[0], tc_json_get(question, "first"), "first");
    if (!e && a->two)
        e = run(a, &a->scenario[1], tc_json_get(question, "second"), "second");
    return e ? e : put_answer(a, out);
}

tc_err tc_whatif_ask(struct tc_desk *d, const struct tc_principal *p, yyjson_val *question,
                     struct tc_buf *out, struct tc_diag *diag)
{
    struct ask a = {
        .d = diag, .start = TC_TIME_NONE, .horizon = (uint32_t)HORIZON, .limit = LIMIT, .seed = 1};
    a.arena = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    tc_err e = a.arena ? tc_desk_begin(d, p, &a.s, diag) : TC_E_NOMEM;
    e = e ? e : ask_all(&a, question, out);
    scenario_fini(&a.scenario[0]);
    scenario_fini(&a.scenario[1]);
    tc_desk_end(&a.s);
    tc_arena_free(a.arena);
    return e;
}
