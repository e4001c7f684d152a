/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario and the rarer columns of a register do, in closed form: overload, shedding in
 * order, tanks, calendars, common causes, draws; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "impact/critical.h"
#include "impact/montecarlo.h"

#include "base/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { H = 3600, HORIZON = 1000 * H };

static struct tc_graph_builder *b;
static struct tc_graph *g;
static struct tc_cascade *c;
static struct tc_scenario_list list;

static uint32_t asset(const char *id, uint64_t capacity, const char *causes)
{
    uint32_t handle;
    const struct tc_asset_spec s = {.id = tc_str_cstr(id),
                                    .limited = capacity > 0,
                                    .capacity = capacity,
                                    .causes = tc_str_cstr(causes),
                                    .people = 1};
    assert_int_equal(tc_graph_add_asset(b, &s, &handle, NULL), TC_OK);
    return handle;
}

static struct tc_group_spec one_of(uint32_t owner, const uint32_t *suppliers, size_t n)
{
    return (struct tc_group_spec){.asset = owner,
                                  .service = TC_STR("power"),
                                  .rule = TC_NEED_COUNT,
                                  .need = 1,
                                  .suppliers = suppliers,
                                  .n = n};
}

static void begin(void)
{
    b = tc_graph_builder_new();
    assert_non_null(b);
}

static void finish(void)
{
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    c = tc_cascade_new(g);
    assert_non_null(c);
    list = (struct tc_scenario_list){0};
}

static void end(void)
{
    tc_scenario_list_fini(&list);
    tc_cascade_free(c);
    tc_graph_free(g);
}

static uint32_t number(const char *id)
{
    uint32_t v = TC_NONE;
    assert_true(tc_graph_find(g, tc_str_cstr(id), &v));
    return v;
}

static const struct tc_failure *failure(const char *id)
{
    size_t n;
    uint32_t v = number(id);
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++)
        if (f[i].asset == v)
            return &f[i];
    return NULL;
}

static uint32_t at(const char *id)
{
    const struct tc_failure *f = failure(id);
    return f ? f->at : TC_NEVER;
}

static void run(tc_time start)
{
    const struct tc_cascade_opts o = {.horizon = HORIZON};
    const struct tc_scenario s = tc_scenario_of(&list, start);
    assert_int_equal(tc_cascade_scenario(c, &s, &o, NULL), TC_OK);
}

/* n lines side by side carry one each for a site that needs one of them; each can carry 1 + margin.
 * When one fails the others carry n / (n - 1): all go down at once exactly when that is too much.
 */
static void parallel_lines(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 8; n++)
        for (uint64_t margin = 0; margin <= 1000; margin += 50) {
            uint32_t lines[8];
            char id[8];
            begin();
            uint32_t site = asset("site", 0, "");
            for (uint32_t i = 0; i < n; i++) {
                (void)snprintf(id, sizeof id, "l%u", i);
                lines[i] = asset(id, 1000 + margin, "");
            }
            struct tc_group_spec s = one_of(site, lines, n);
            assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
            finish();
            assert_int_equal(tc_scenario_outage(&list, number("l0"), 5, TC_NEVER), TC_OK);
            run(TC_TIME_NONE);
            bool too_much = (1000 + margin) * (n - 1) < UINT64_C(1000) * n;
            assert_int_equal(at("site"), too_much ? 5 : TC_NEVER);
            if (too_much) {
                uint32_t why[4];
                size_t direct, k = tc_cascade_cause(c, failure("site"), why, 4, &direct);
                assert_true(failure("site")->flags & TC_FAIL_SHED);
                assert_true(k >= 1 && why[0] == number("l0"));
            }
            end();
        }
}

/* Five sites on one substation: who is served first follows priority, then id. */
static void shedding_in_order(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b", "c", "d", "e"};
    static const uint16_t priority[] = {3, 1, 2, 1, 9};
    static const uint32_t rank[] = {3, 0, 2, 1, 4}; /* b d c a e */
    begin();
    uint32_t sub = asset("sub", 0, "");
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t v = asset(ids[i], 0, "");
        struct tc_group_spec s = one_of(v, &sub, 1);
        s.priorities = &priority[i];
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    }
    finish();
    for (uint32_t percent = 0; percent <= 100; percent += 5) {
        tc_scenario_list_fini(&list);
        assert_int_equal(tc_scenario_capacity(&list, number("sub"), 2 * H, 5 * H, percent * 10000),
                         TC_OK);
        run(TC_TIME_NONE);
        for (uint32_t i = 0; i < 5; i++) {
            bool shed = rank[i] >= percent / 20;
            assert_int_equal(at(ids[i]), shed ? 2 * H : TC_NEVER);
            if (shed)
                assert_int_equal(failure(ids[i])->until, 5 * H);
        }
        assert_int_equal(at("sub"), TC_NEVER);
    }
    end();
}

/* 8 h of stock that take 16 h to fill: out for 6 h, back for 6 h, out again: 2 + 3 h are left. */
static void tanks(void **state)
{
    (void)state;
    begin();
    uint32_t p = asset("p", 0, ""), v = asset("v", 0, "");
    struct tc_group_spec s = one_of(v, &p, 1);
    s.buffer_lo = s.buffer_hi = 8 * H;
    s.recharge = 16 * H;
    assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    finish();
    assert_int_equal(tc_scenario_outage(&list, number("p"), 0, 6 * H), TC_OK);
    assert_int_equal(tc_scenario_outage(&list, number("p"), 12 * H, TC_NEVER), TC_OK);
    run(TC_TIME_NONE);
    assert_int_equal(at("v"), 17 * H);
    /* Half full at the start: 4 h, empty before the supply is back. */
    assert_int_equal(tc_scenario_stock(&list, g, number("v"), TC_STR("power"), TC_KEEP, 500000),
                     TC_OK);
    run(TC_TIME_NONE);
    assert_int_equal(at("v"), 4 * H);
    assert_int_equal(failure("v")->until, 6 * H);
    /* Twelve hours more: 20 h, of which 14 are left at 6 h and 21.5 would be at 12 h: full. */
    assert_int_equal(tc_scenario_stock(&list, g, number("v"), TC_STR(""), 20 * H, TC_SHARE_WHOLE),
                     TC_OK);
    run(TC_TIME_NONE);
    assert_int_equal(at("v"), 32 * H);
    assert_int_equal(tc_scenario_stock(&list, g, number("v"), TC_STR("gas"), 0, 0), TC_E_NOTFOUND);
    end();
}

/* 10 h of stock at full use; nights use half. From 20:00: 2 h, then 8 h at half, then full. */
static void calendars(void **state)
{
    (void)state;
    tc_time evening;
    assert_int_equal(tc_time_parse_z(TC_STR("2026-11-21T19:00:00Z"), &evening), TC_OK);
    begin();
    uint32_t p = asset("p", 0, ""), v = asset("v", 0, "");
    struct tc_group_spec s = one_of(v, &p, 1);
    s.buffer_lo = s.buffer_hi = 10 * H;
    s.calendar = TC_STR("22-06 50%; UTC+01:00");
    assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    finish();
    assert_int_equal(tc_scenario_outage(&list, number("p"), 0, TC_NEVER), TC_OK);
    run(evening);
    assert_int_equal(at("v"), 14 * H);
    run(TC_TIME_NONE);
    assert_int_equal(at("v"), 10 * H);
    assert_true(tc_graph_needs_engine(g));
    end();
}

/* Two draw 60 each of 100; at night both draw half and both are served. Noon, then 22:00, 06:00. */
static void demand_by_the_hour(void **state)
{
    (void)state;
    tc_time noon;
    assert_int_equal(tc_time_parse_z(TC_STR("2026-11-21T12:00:00Z"), &noon), TC_OK);
    const uint64_t sixty = 60000;
    begin();
    uint32_t p = asset("p", 100000, "");
    for (int i = 0; i < 2; i++) {
        uint32_t v = asset(i ? "b" : "a", 0, "");
        struct tc_group_spec s = one_of(v, &p, 1);
        s.demands = &sixty;
        s.calendar = TC_STR("22-06 50%");
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    }
    finish();
    /* a stands for ever, b is shed from noon to ten */
    run(noon);
    assert_int_equal(at("a"), TC_NEVER);
    assert_int_equal(at("b"), 0);
    assert_int_equal(failure("b")->until, 10 * H);
    /* only half is left: both at night, and nobody by day */
    assert_int_equal(tc_scenario_capacity(&list, number("p"), 12 * H, TC_NEVER, 600000), TC_OK);
    run(noon);
    assert_int_equal(at("a"), TC_NEVER);
    assert_int_equal(tc_scenario_capacity(&list, number("p"), 12 * H, TC_NEVER, 590000), TC_OK);
    run(noon);
    assert_int_equal(at("a"), 18 * H); /* 06:00 */
    assert_int_equal(failure("a")->until, 34 * H);
    end();
}

static void common_causes(void **state)
{
    (void)state;
    begin();
    (void)asset("a", 0, "Inn valley; duct 7");
    (void)asset("b", 0, " duct 7 ;; Inn valley; Inn valley");
    (void)asset("d", 0, "duct 7");
    finish();
    uint32_t k;
    assert_int_equal(g->more->cause_count, 2);
    assert_true(tc_graph_cause(g, TC_STR("Inn valley"), &k));
    assert_int_equal(g->more->cause_first[k + 1] - g->more->cause_first[k], 2);
    assert_false(tc_graph_cause(g, TC_STR("inn valley"), &k));
    assert_int_equal(tc_scenario_cause(&list, g, TC_STR("duct 7"), 3, 9), TC_OK);
    run(TC_TIME_NONE);
    assert_int_equal(list.n_outages, 3);
    assert_int_equal(at("a"), 3);
    assert_int_equal(failure("d")->until, 9);
    assert_int_equal(tc_scenario_cause(&list, g, TC_STR("duct 8"), 0, 1), TC_E_NOTFOUND);
    end();
}

/* Two that feed each other round, one of them from outside: when the outside fails, both are named
 * as standing on nothing. */
static void phantom_support_is_named(void **state)
{
    (void)state;
    begin();
    uint32_t p = asset("p", 0, ""), x = asset("x", 0, ""), y = asset("y", 0, "");
    struct tc_group_spec s = one_of(x, (uint32_t[]){p, y}, 2);
    s.mode = TC_MODE_FLOW;
    assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    s = one_of(y, &x, 1);
    s.mode = TC_MODE_FLOW;
    assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    finish();
    assert_int_equal(tc_scenario_outage(&list, number("p"), 7, TC_NEVER), TC_OK);
    run(TC_TIME_NONE);
    assert_int_equal(at("x"), 7);
    assert_int_equal(at("y"), 7);
    assert_true((failure("x")->flags | failure("y")->flags) & TC_FAIL_PHANTOM);
    end();
}

/* One asset on a stock of 4 to 12 h: the times are those of the distribution itself. */
static void draws(void **state)
{
    (void)state;
    static const double points[] = {0.05, 0.5, 0.95};
    for (int kind = 0; kind < 3; kind++) {
        double want[3], lo = 4 * H, hi = 12 * H, mode = 6 * H;
        begin();
        uint32_t p = asset("p", 0, ""), v = asset("v", 0, ""), w = asset("w", 0, "");
        struct tc_group_spec s = one_of(v, &p, 1);
        s.buffer_lo = 4 * H;
        s.buffer_hi = 12 * H;
        s.buffer_draw = (enum tc_draw)kind;
        s.buffer_likely = 6 * H;
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
        s.asset = w;
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
        finish();
        for (int i = 0; i < 3; i++) {
            double q = points[i], left = (mode - lo) / (hi - lo);
            /* of a normal within its 5 % and 95 % points, at 5, 50 and 95 % */
            static const double normal[] = {-1.3106, 0, 1.3106};
            want[i] = kind == TC_DRAW_UNIFORM ? lo + q * (hi - lo)
                      : kind == TC_DRAW_LOGNORMAL
                          ? sqrt(lo * hi) * exp(normal[i] * log(hi / lo) / (2 * 1.644854))
                      : q < left ? lo + sqrt(q * (hi - lo) * (mode - lo))
                                 : hi - sqrt((1 - q) * (hi - lo) * (hi - mode));
        }
        const struct tc_outage out[] = {{number("p"), 0, TC_NEVER}, {number("w"), 0, TC_NEVER}};
        const struct tc_mc_opts o = {.horizon = 72 * H, .seed = 5, .runs = 20000, .threads = 2};
        struct tc_mc mc, other;
        assert_int_equal(tc_mc_run(g, out, 2, &o, &mc, NULL), TC_OK);
        const struct tc_mc_row *r = tc_mc_find(&mc, number("v"));
        assert_non_null(r);
        const uint32_t got[] = {r->p5, r->p50, r->p95};
        for (int i = 0; i < 3; i++)
            assert_true(fabs(got[i] - want[i]) < 400);
        assert_int_equal(r->by[0], 0);
        assert_int_equal(r->by[3], 20000);
        assert_true(r->by[2] > r->by[1]);
        /* The same luck in another scenario: w's outage is none of v's business. */
        assert_int_equal(tc_mc_run(g, out, 1, &o, &other, NULL), TC_OK);
        assert_memory_equal(r, tc_mc_find(&other, number("v")), sizeof *r);
        tc_mc_fini(&mc);
        tc_mc_fini(&other);
        end();
    }
}

/* Where suppliers can run short every single outage is a run of the full engine. */
static void every_single_outage(void **state)
{
    (void)state;
    begin();
    uint32_t v[12];
    for (uint32_t i = 0; i < 12; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "n%02u", i);
        v[i] = asset(id, i < 4 ? 3000 : 0, "");
    }
    for (uint32_t i = 4; i < 12; i++) {
        uint32_t from[] = {v[i % 4], v[(i + 1) % 4]};
        struct tc_group_spec s = one_of(v[i], from, 2);
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    }
    finish();
    struct tc_critical_row rows[12];
    const struct tc_critical_opts o = {.horizon = HORIZON, .threads = 2};
    assert_int_equal(tc_critical_run(g, &o, rows), TC_OK);
    /* Without any outage all four carry four, and can three: somebody is always shed, and that is
     * not the consequence of an outage. */
    for (uint32_t i = 0; i < 12; i++) {
        size_t n, own = 0;
        tc_scenario_list_fini(&list);
        assert_int_equal(tc_scenario_outage(&list, i, 0, TC_NEVER), TC_OK);
        run(TC_TIME_NONE);
        const struct tc_failure *f = tc_cascade_failures(c, &n);
        for (size_t j = 0; j < n; j++)
            own += !(f[j].flags & TC_FAIL_UNSOURCED);
        assert_int_equal(rows[i].failed, own);
    }
    end();
}

static void refused(void **state)
{
    (void)state;
    struct tc_diag d;
    uint32_t handle;
    begin();
    uint32_t p = asset("p", 0, ""), v = asset("v", 0, "");
    struct tc_asset_spec a = {.id = TC_STR("x"), .limited = true, .capacity = UINT64_MAX};
    assert_int_equal(tc_graph_add_asset(b, &a, &handle, &d), TC_E_LIMIT);
    a = (struct tc_asset_spec){.id = TC_STR("x"), .placed = true, .lat = 91};
    assert_int_equal(tc_graph_add_asset(b, &a, &handle, &d), TC_E_INVALID);
    struct tc_group_spec s = one_of(v, &p, 1);
    s.recharge = -1;
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_E_INVALID);
    s.recharge = TC_MAX_DURATION + 1;
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_E_LIMIT);
    s.recharge = 0;
    s.calendar = TC_STR("always");
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_E_INVALID);
    s.calendar = TC_STR("");
    s.buffer_draw = TC_DRAW_TRIANGULAR;
    s.buffer_likely = 1;
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_E_INVALID);
    s.buffer_draw = TC_DRAW_UNIFORM;
    s.n = TC_MAX_SUPPLIERS + 1;
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_E_LIMIT);
    s.n = 1;
    assert_int_equal(tc_graph_add_group(b, &s, &d), TC_OK);
    finish();

    const struct tc_cascade_opts o = {.horizon = HORIZON};
    const struct tc_outage outages[] = {
        {9, 0, 1}, {0, 1, 1}, {0, TC_CASCADE_MAX_TIME + 1, TC_NEVER}};
    const struct tc_capacity capacities[] = {{0, 0, 1, TC_SHARE_WHOLE + 1}, {9, 0, 1, 0}};
    const struct tc_stock stocks[] = {{5, 0, 0},
                                      {0, (uint32_t)TC_MAX_DURATION + 1, 0},
                                      {0, 0, TC_SHARE_WHOLE + 1},
                                      {0, 0, 0},
                                      {0, 0, 0}};
    for (size_t i = 0; i < 3; i++) {
        struct tc_scenario x = {.outages = &outages[i], .n_outages = 1, .start = TC_TIME_NONE};
        assert_int_equal(tc_cascade_scenario(c, &x, &o, &d), i < 2 ? TC_E_INVALID : TC_E_LIMIT);
    }
    for (size_t i = 0; i < 2; i++) {
        struct tc_scenario x = {.capacities = &capacities[i], .n_capacities = 1};
        assert_int_equal(tc_cascade_scenario(c, &x, &o, &d), TC_E_INVALID);
    }
    for (size_t i = 0; i < 3; i++) {
        struct tc_scenario x = {.stocks = &stocks[i], .n_stocks = 1};
        assert_int_equal(tc_cascade_scenario(c, &x, &o, &d), i == 1 ? TC_E_LIMIT : TC_E_INVALID);
    }
    struct tc_scenario twice = {.stocks = stocks + 3, .n_stocks = 2};
    assert_int_equal(tc_cascade_scenario(c, &twice, &o, &d), TC_E_INVALID);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parallel_lines),
                                       cmocka_unit_test(shedding_in_order),
                                       cmocka_unit_test(tanks),
                                       cmocka_unit_test(calendars),
                                       cmocka_unit_test(common_causes),
                                       cmocka_unit_test(demand_by_the_hour),
                                       cmocka_unit_test(phantom_support_is_named),
                                       cmocka_unit_test(draws),
                                       cmocka_unit_test(every_single_outage),
                                       cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
