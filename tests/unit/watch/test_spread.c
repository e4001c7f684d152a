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
};

static void forget(void *arg, const uint32_t *incidents, size_t n)
{
    struct told *t = arg;
    for (size_t i = 0; i < n; i++)
        for (uint32_t v = 0; v < ASSETS; v++)
            if (t->at[v] != INT64_MIN && t->owner[v] == incidents[i])
                t->at[v] = INT64_MIN;
}

static void take(void *arg, const struct tc_spread_hit *h)
{
    struct told *t = arg;
    assert_true(h->n_roots > 0);
    assert_true(t->at[h->asset] == INT64_MIN); /* an asset is in one component only */
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
    size_t n = 0, m = 0;
    const struct tc_cascade_opts opts = {.horizon = HORIZON};
    struct tc_cascade *c = tc_cascade_new(g);
    bool always[ASSETS] = {false};
    int64_t at[ASSETS], back[ASSETS];
    uint32_t lead = always_down(c, always);
    for (int i = 0; i < INCIDENTS; i++)
        for (size_t k = 0; k < now[i].n; k++) {
            const struct tc_spread_outage *o = &now[i].o[k];
            uint32_t end = o->end == INT64_MAX ? TC_NEVER : (uint32_t)o->end + lead;
            all[n++] = (struct tc_outage){o->asset, (uint32_t)o->start + lead, end};
        }
    assert_int_equal(tc_cascade_run(c, all, n, &opts, NULL), TC_OK);
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

static void by_difference_is_as_at_once(void **state)
{
    (void)state;
    const struct tc_spread_options o = {.horizon = HORIZON};
    for (uint64_t world = 0; world < 300; world++) {
        seed = world * 7919 + 1;
        struct tc_graph *g = random_graph();
        struct tc_spread *s = tc_spread_new(&o);
        struct now now[INCIDENTS] = {0};
        struct told told;
        const struct tc_spread_tell tell = {forget, take, end, &told};
        for (uint32_t v = 0; v < ASSETS; v++)
            told.at[v] = INT64_MIN;
        assert_int_equal(tc_spread_graph(s, g), TC_OK);
        for (int step = 0; step < 20; step++) {
            for (uint32_t change = 1 + rnd(3); change > 0; change--) {
                uint32_t i = rnd(INCIDENTS);
                now[i].n = rnd(3);
                for (size_t k = 0; k < now[i].n; k++) {
                    int64_t start = rnd(200);
                    now[i].o[k] = (struct tc_spread_outage){
                        rnd(ASSETS), start, rnd(2) ? INT64_MAX : start + 1 + rnd(300), false};
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_difference_is_as_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
