/* SPDX-License-Identifier: Apache-2.0 */
/* Kept up to date by difference = reckoned anew from everything at once. */
#include "watch/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ASSETS    40
#define INCIDENTS 6
#define HORIZON   1000000

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

static struct tc_graph *random_graph(void)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    uint32_t h;
    char id[16];
    assert_non_null(b);
    for (uint32_t i = 0; i < ASSETS; i++) {
        (void)snprintf(id, sizeof id, "a%02u", i);
        struct tc_asset_spec s = {.id = tc_str_cstr(id)};
        assert_int_equal(tc_graph_add_asset(b, &s, &h, NULL), TC_OK);
    }
    for (uint32_t i = 0; i < ASSETS; i++)
        for (uint32_t k = rnd(3); k > 0; k--) {
            uint32_t by[3] = {rnd(ASSETS), rnd(ASSETS), rnd(ASSETS)};
            uint32_t n = 1 + rnd(3), buffer = rnd(2) ? rnd(100) : 0;
            struct tc_group_spec s = {.asset = i,
                                      .service = k == 1 ? TC_STR("power") : TC_STR("staff"),
                                      .mode = k == 1 ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                      .rule = TC_NEED_COUNT,
                                      .need = 1 + rnd(n),
                                      .buffer_lo = buffer,
                                      .buffer_hi = buffer,
                                      .restore_lo = rnd(20),
                                      .suppliers = by,
                                      .n = n};
            s.restore_hi = s.restore_lo;
            tc_err e = tc_graph_add_group(b, &s, NULL); /* suppliers twice, itself: refused */
            assert_true(e == TC_OK || e == TC_E_INVALID || e == TC_E_CONFLICT);
        }
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    return g;
}

struct told {
    int64_t at[ASSETS], back[ASSETS]; /* INT64_MIN = not hit */
    uint32_t owner[ASSETS];           /* a root of it */
    int when[ASSETS], telling;        /* of which component */
};

static void forget(void *arg, const uint32_t *incidents, size_t n)
{
    struct told *t = arg;
    t->telling++;
    for (size_t i = 0; i < n; i++)
        for (uint32_t v = 0; v < ASSETS; v++)
            if (t->at[v] != INT64_MIN && t->owner[v] == incidents[i])
                t->at[v] = INT64_MIN;
}

static void take(void *arg, const struct tc_spread_hit *h)
{
    struct told *t = arg;
    assert_true(h->n_roots > 0);
    /* an asset is in one component only; another may still stand from before the component of its
     * incident is told */
    assert_true(t->at[h->asset] == INT64_MIN || t->when[h->asset] != t->telling);
    t->when[h->asset] = t->telling;
    t->at[h->asset] = h->at;
    t->back[h->asset] = h->back;
    t->owner[h->asset] = h->root[0];
    assert_true(h->given || h->n_causes > 0);
}

static void end(void *arg)
{
    (void)arg;
}

struct now {
    struct tc_spread_outage o[2];
    size_t n;
};

/* measures: one in three is a measurement. */
static struct tc_spread_outage random_outage(bool measures)
{
    int64_t start = rnd(200);
    struct tc_spread_outage o = {
        .asset = rnd(ASSETS), .start = start, .end = rnd(2) ? INT64_MAX : start + 1 + rnd(300)};
    if (measures && rnd(3) == 0) {
        o.measured = true;
        o.left = rnd(11) * (TC_SHARE_WHOLE / 10);
    }
    return o;
}

/* What is down without any outage is so from the beginning of time, not from the first outage on.
 */
static uint32_t always_down(struct tc_cascade *c, bool always[ASSETS])
{
    const struct tc_cascade_opts opts = {.horizon = HORIZON};
    size_t n = 0;
    uint32_t lead = 0;
    assert_int_equal(tc_cascade_run(c, NULL, 0, &opts, NULL), TC_OK);
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++) {
        always[f[i].asset] = true;
        lead = f[i].at + 1 > lead ? f[i].at + 1 : lead;
    }
    return lead;
}

static void compare(const struct tc_graph *g, const struct now *now, const struct told *told)
{
    struct tc_outage all[2 * INCIDENTS];
    struct tc_capacity measured[2 * INCIDENTS];
    size_t n = 0, k_n = 0, m = 0;
    const struct tc_cascade_opts opts = {.horizon = HORIZON};
    struct tc_cascade *c = tc_cascade_new(g);
    bool always[ASSETS] = {false};
    int64_t at[ASSETS], back[ASSETS];
    uint32_t lead = always_down(c, always);
    for (int i = 0; i < INCIDENTS; i++)
        for (size_t k = 0; k < now[i].n; k++) {
            const struct tc_spread_outage *o = &now[i].o[k];
            uint32_t end = o->end == INT64_MAX ? TC_NEVER : (uint32_t)o->end + lead;
            uint32_t start = (uint32_t)o->start + lead;
            if (o->measured)
                measured[k_n++] = (struct tc_capacity){o->asset, start, end, o->left};
            else
                all[n++] = (struct tc_outage){o->asset, start, end};
        }
    const struct tc_scenario x = {.outages = all,
                                  .n_outages = n,
                                  .capacities = measured,
                                  .n_capacities = k_n,
                                  .start = TC_TIME_NONE};
    assert_int_equal(tc_cascade_scenario(c, &x, &opts, NULL), TC_OK);
    const struct tc_failure *f = tc_cascade_failures(c, &m);
    for (uint32_t v = 0; v < ASSETS; v++)
        at[v] = back[v] = INT64_MIN;
    for (size_t i = 0; i < m; i++)
        if (!always[f[i].asset]) {
            at[f[i].asset] = (int64_t)f[i].at - lead;
            back[f[i].asset] = f[i].until == TC_NEVER ? INT64_MAX : (int64_t)f[i].until - lead;
        }
    for (uint32_t v = 0; v < ASSETS; v++)
        if (!always[v]) {
            assert_int_equal(told->at[v], at[v]);
            if (at[v] != INT64_MIN)
                assert_int_equal(told->back[v], back[v]);
        }
    tc_cascade_free(c);
}

static void differences(bool measuring)
{
    const struct tc_spread_options o = {.horizon = HORIZON};
    for (uint64_t world = 0; world < 300; world++) {
        seed = world * 7919 + 1;
        struct tc_graph *g = random_graph();
        struct tc_spread *s = tc_spread_new(&o);
        struct now now[INCIDENTS] = {0};
        struct told told = {.telling = 0};
        const struct tc_spread_tell tell = {forget, take, end, &told};
        for (uint32_t v = 0; v < ASSETS; v++)
            told.at[v] = INT64_MIN;
        assert_int_equal(tc_spread_graph(s, g), TC_OK);
        for (int step = 0; step < 20; step++) {
            for (uint32_t change = 1 + rnd(3); change > 0; change--) {
                uint32_t i = rnd(INCIDENTS);
                now[i].n = rnd(3);
                for (size_t k = 0; k < now[i].n; k++) {
                    now[i].o[k] = random_outage(measuring);
                }
                assert_int_equal(tc_spread_set(s, i, now[i].o, now[i].n), TC_OK);
            }
            assert_int_equal(tc_spread_run(s, &tell), TC_OK);
            compare(g, now, &told);
        }
        tc_spread_free(s);
        tc_graph_free(g);
    }
}

static void by_difference_is_as_at_once(void **state)
{
    (void)state;
    differences(false);
}

/* "Substation back at 40 %": who is shed depends on what else has failed. */
static void measurements_by_difference_are_as_at_once(void **state)
{
    (void)state;
    differences(true);
}

/* ---- a register that changes under open incidents ---- */

struct group {
    struct tc_group_spec spec;
    uint32_t by[3], share[3];
};

struct model {
    struct group group[ASSETS][3];
    uint32_t n[ASSETS];
};

static bool loops;

/* Suppliers of flow services come from below: without loops, but for one in eight if there may be
 * any. */
static void random_groups(struct model *m, uint32_t asset)
{
    m->n[asset] = rnd(4);
    for (uint32_t k = 0; k < m->n[asset]; k++) {
        struct group *x = &m->group[asset][k];
        bool flow = k == 0 && (loops || asset > 3);
        uint32_t n = 1 + rnd(3), buffer = rnd(2) ? rnd(100) : 0;
        for (uint32_t i = 0; i < 3; i++) {
            do {
                x->by[i] = flow && asset > 3 && (!loops || rnd(8)) ? rnd(asset) : rnd(ASSETS);
            } while (x->by[i] == asset || (i && x->by[i] == x->by[0]) ||
                     (i == 2 && x->by[2] == x->by[1]));
            x->share[i] = 1 + rnd(TC_SHARE_WHOLE);
        }
        x->spec = (struct tc_group_spec){.asset = asset,
                                         .service = flow ? TC_STR("power") : TC_STR("staff"),
                                         .mode = flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                                         .rule = k == 2 ? TC_NEED_SHARE : TC_NEED_COUNT,
                                         .need = k == 2 ? 1 + rnd(x->share[0]) : 1 + rnd(n),
                                         .buffer_lo = buffer,
                                         .buffer_hi = buffer + rnd(3),
                                         .restore_lo = rnd(20),
                                         .suppliers = x->by,
                                         .shares = x->share,
                                         .n = n};
        x->spec.restore_hi = x->spec.restore_lo;
    }
}

static struct tc_graph *graph_of(const struct model *m)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    uint32_t h;
    char id[16];
    for (uint32_t i = 0; i < ASSETS; i++) {
        (void)snprintf(id, sizeof id, "a%02u", i);
        struct tc_asset_spec s = {.id = tc_str_cstr(id)};
        assert_int_equal(tc_graph_add_asset(b, &s, &h, NULL), TC_OK);
    }
    for (uint32_t i = 0; i < ASSETS; i++)
        for (uint32_t k = 0; k < m->n[i]; k++)
            assert_int_equal(tc_graph_add_group(b, &m->group[i][k].spec, NULL), TC_OK);
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    return g;
}

#define SAME(x, y, n) assert_memory_equal(x, y, (n) * sizeof *(x))

/* Array by array. What a patch cannot take away again (shares, times) may be there without need. */
static void same_graph(const struct tc_graph *a, const struct tc_graph *b)
{
    assert_int_equal(a->m, b->m);
    assert_int_equal(a->e, b->e);
    SAME(a->group, b->group, a->m);
    SAME(a->group_first, b->group_first, a->n + 1);
    SAME(a->in_first, b->in_first, a->m + 1);
    SAME(a->supplier, b->supplier, a->e);
    SAME(a->out_first, b->out_first, a->n + 1);
    SAME(a->out, b->out, a->out_first[a->n]);
    SAME(a->mode, b->mode, a->m);
    for (uint32_t k = 0; k < a->m; k++)
        assert_true(tc_str_eq(a->services[a->service[k]], b->services[b->service[k]]));
    for (uint32_t i = 0; i < a->e && a->loss; i++)
        assert_int_equal(a->loss[i], b->loss ? b->loss[i] : 1);
    for (uint32_t i = 0; i < a->out_first[a->n] && a->loss; i++)
        assert_int_equal(a->out_loss[i], b->loss ? b->out_loss[i] : 1);
    if (a->times && b->times)
        SAME(a->times, b->times, a->m);
    assert_int_equal(a->r, b->r);
    if (!a->r)
        return;
    SAME(a->supplier_relay, b->supplier_relay, a->e);
    SAME(a->relay_out_first, b->relay_out_first, a->r + 1);
    SAME(a->relay_out, b->relay_out, a->relay_out_first[a->r]);
}

/* Exchanges the needs of one to three assets: as patches where it can be, else by a new graph. */
static struct tc_graph *change_register(struct model *m, struct tc_graph *g, struct tc_spread *s,
                                        unsigned *patched)
{
    struct tc_graph_patch p[3];
    uint32_t n = 0, wanted = 1 + rnd(3);
    bool whole = false;
    for (uint32_t i = 0; i < wanted; i++) {
        struct tc_group_spec specs[3];
        uint32_t v = rnd(ASSETS);
        random_groups(m, v);
        for (uint32_t k = 0; k < m->n[v]; k++)
            specs[k] = m->group[v][k].spec;
        if (whole)
            continue;
        assert_int_equal(tc_graph_set_groups(g, v, specs, m->n[v], &p[n]), TC_OK);
        whole = p[n++].whole;
    }
    struct tc_graph *fresh = graph_of(m);
    if (!whole)
        same_graph(g, fresh);
    *patched += !whole;
    if (!whole)
        assert_int_equal(tc_spread_follow(s, p, n, &whole), TC_OK);
    for (uint32_t i = 0; i < n; i++)
        tc_graph_patch_fini(&p[i]);
    if (!whole) {
        tc_graph_free(fresh);
        return g;
    }
    assert_int_equal(tc_spread_graph(s, fresh), TC_OK);
    tc_graph_free(g);
    return fresh;
}

static void random_incident(struct tc_spread *s, struct now now[INCIDENTS], uint32_t i, bool draw)
{
    if (draw) {
        now[i].n = rnd(3);
        for (size_t k = 0; k < now[i].n; k++) {
            now[i].o[k] = random_outage(rnd(8) == 0);
        }
    }
    assert_int_equal(tc_spread_set(s, i, now[i].o, now[i].n), TC_OK);
}

static void a_changed_register_is_as_a_new_one(void **state)
{
    (void)state;
    const struct tc_spread_options o = {.horizon = HORIZON};
    unsigned patched = 0;
    for (uint64_t world = 0; world < 200; world++) {
        static struct model m;
        seed = world * 104729 + 3;
        loops = world % 2;
        for (uint32_t v = 0; v < ASSETS; v++)
            random_groups(&m, v);
        struct tc_graph *g = graph_of(&m);
        struct tc_spread *s = tc_spread_new(&o);
        struct now now[INCIDENTS] = {0};
        struct told told = {.telling = 0};
        const struct tc_spread_tell tell = {forget, take, end, &told};
        for (uint32_t v = 0; v < ASSETS; v++)
            told.at[v] = INT64_MIN;
        assert_int_equal(tc_spread_graph(s, g), TC_OK);
        for (int step = 0; step < 20; step++) {
            struct tc_graph *was = g;
            g = change_register(&m, g, s, &patched);
            for (uint32_t i = 0; i < INCIDENTS; i++)
                if (was != g || rnd(4) == 0)
                    random_incident(s, now, i, rnd(4) == 0);
            assert_int_equal(tc_spread_run(s, &tell), TC_OK);
            compare(g, now, &told);
        }
        tc_spread_free(s);
        tc_graph_free(g);
    }
    assert_true(patched > 1000); /* of 4,000: it is this that is tested */
}

/* ---- areas ---- */

struct area_told {
    int64_t at[2];
    bool possible[2];
};

static void area_hit(void *arg, const struct tc_spread_hit *h)
{
    struct area_told *t = arg;
    for (uint32_t i = 0; i < h->n_roots; i++) {
        assert_int_equal(t->at[h->root[i]], h->asset == 1 ? -1 : t->at[h->root[i]]);
        if (h->asset == 1) {
            t->at[h->root[i]] = h->at;
            t->possible[h->root[i]] = h->possible;
        }
    }
}

static void area_nothing(void *arg, const uint32_t *incidents, size_t n)
{
    (void)arg;
    (void)incidents;
    (void)n;
}

/* The hospital stands in the storm; then its substation fails: it is told of both. */
static void who_is_in_an_area_is_told_of_the_outage_too(void **state)
{
    (void)state;
    const struct tc_spread_options o = {.horizon = HORIZON};
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    struct area_told t = {{-1, -1}, {false, false}};
    const struct tc_spread_tell tell = {area_nothing, area_hit, end, &t};
    const uint32_t by = 0;
    uint32_t h;
    for (uint32_t i = 0; i < 2; i++) {
        struct tc_asset_spec a = {.id = i ? TC_STR("b") : TC_STR("a")};
        assert_int_equal(tc_graph_add_asset(b, &a, &h, NULL), TC_OK);
    }
    struct tc_group_spec needs = {.asset = 1,
                                  .service = TC_STR("power"),
                                  .mode = TC_MODE_FLOW,
                                  .rule = TC_NEED_ALL,
                                  .buffer_lo = 8,
                                  .buffer_hi = 8,
                                  .suppliers = &by,
                                  .n = 1};
    assert_int_equal(tc_graph_add_group(b, &needs, NULL), TC_OK);
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    struct tc_spread *s = tc_spread_new(&o);
    assert_int_equal(tc_spread_graph(s, g), TC_OK);
    const struct tc_spread_outage storm[] =
        {{.asset = 0, .start = 100, .end = INT64_MAX, .area = true},
         {.asset = 1, .start = 100, .end = INT64_MAX, .area = true}},
                                  substation = {.asset = 0, .start = 500, .end = INT64_MAX};
    assert_int_equal(tc_spread_set(s, 0, storm, 2), TC_OK);
    assert_int_equal(tc_spread_run(s, &tell), TC_OK);
    assert_int_equal(t.at[0], 100);
    assert_true(t.possible[0]);
    t.at[0] = -1;
    assert_int_equal(tc_spread_set(s, 1, &substation, 1), TC_OK);
    assert_int_equal(tc_spread_run(s, &tell), TC_OK);
    assert_int_equal(t.at[0], 100);
    assert_true(t.possible[0]);
    assert_int_equal(t.at[1], 508);
    assert_false(t.possible[1]);
    tc_spread_free(s);
    tc_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_difference_is_as_at_once),
        cmocka_unit_test(measurements_by_difference_are_as_at_once),
        cmocka_unit_test(a_changed_register_is_as_a_new_one),
        cmocka_unit_test(who_is_in_an_area_is_told_of_the_outage_too)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
