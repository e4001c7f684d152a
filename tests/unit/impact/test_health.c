/* SPDX-License-Identifier: Apache-2.0 */
/* Hidden single points: small registers by hand, random ones against counting group by group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "impact/health.h"

#include <stdio.h>
#include <stdlib.h>

static struct tc_graph_builder *b;

static void asset(const char *id)
{
    const struct tc_asset_spec s = {.id = tc_str_cstr(id)};
    uint32_t handle;
    assert_int_equal(tc_graph_add_asset(b, &s, &handle, NULL), TC_OK);
}

static void group(uint32_t owner, enum tc_mode mode, uint32_t need, const uint32_t *who, size_t n)
{
    const struct tc_group_spec s = {.asset = owner,
                                    .service = TC_STR("electricity"),
                                    .mode = mode,
                                    .rule = TC_NEED_COUNT,
                                    .need = need,
                                    .suppliers = who,
                                    .n = n};
    assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
}

static struct tc_graph *finish(void)
{
    struct tc_graph *g;
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    return g;
}

/* X feeds A and B, which both feed H: H has two suppliers and one single point. */
static void a_common_supplier_is_found(void **state)
{
    const struct tc_health_opts o = {.work = 0};
    struct tc_health h;
    (void)state;
    b = tc_graph_builder_new();
    const char *const ids[] = {"A", "B", "H", "X", "Y"};
    for (size_t i = 0; i < 5; i++)
        asset(ids[i]);
    group(0, TC_MODE_FLOW, 1, (const uint32_t[]){3}, 1);
    group(1, TC_MODE_FLOW, 1, (const uint32_t[]){3}, 1);
    group(2, TC_MODE_FLOW, 1, (const uint32_t[]){0, 1}, 2);
    group(3, TC_MODE_FLOW, 1, (const uint32_t[]){4}, 1); /* Y takes X along, and five in all */
    struct tc_graph *g = finish();
    assert_int_equal(tc_health_run(g, &o, &h), TC_OK);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.looked_at, 5);
    assert_int_equal(g->group[h.hidden[0].group].owner, 2);
    assert_int_equal(h.hidden[0].asset, 3);
    assert_int_equal(h.hidden[0].lost, 2);
    assert_int_equal(h.hidden[0].others, 1);
    assert_int_equal(h.hidden[0].failed, 4);
    tc_health_fini(&h);
    tc_graph_free(g);
}

/* A and B have sources of their own, but lie in one duct. */
static void a_shared_cause_is_found(void **state)
{
    const uint32_t duct[] = {0, 1};
    const struct tc_health_set sets[] = {{duct, 2}};
    const struct tc_health_opts o = {.sets = sets, .sets_n = 1};
    struct tc_health h;
    (void)state;
    b = tc_graph_builder_new();
    asset("A");
    asset("B");
    asset("H");
    group(2, TC_MODE_SUPPORT, 1, (const uint32_t[]){0, 1}, 2);
    struct tc_graph *g = finish();
    assert_int_equal(tc_health_run(g, &o, &h), TC_OK);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.hidden[0].asset, TC_NONE);
    assert_int_equal(h.hidden[0].set, 0);
    tc_health_fini(&h);
    tc_graph_free(g);
}

static uint64_t seed;

static uint32_t any(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % n;
}

static struct tc_graph *random_graph(uint32_t n)
{
    char id[8];
    b = tc_graph_builder_new();
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(id, sizeof id, "a%02u", i);
        asset(id);
    }
    for (uint32_t i = 0; i < n + 2; i++) {
        uint32_t owner = any(n), who[4];
        size_t count = 0, want = 1 + any(3);
        for (uint32_t k = 0; count < want && k < 20; k++) {
            uint32_t v = any(n);
            bool there = v == owner;
            for (size_t j = 0; j < count; j++)
                there = there || who[j] == v;
            if (!there)
                who[count++] = v;
        }
        if (count)
            group(owner, any(2) ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                  1 + any((uint32_t)(count > 1 ? count - 1 : 1)), who, count);
    }
    return finish();
}

/* The suppliers of a group that are down in the end, counted one by one. */
static uint32_t down_of(const struct tc_graph *g, uint32_t k, const struct tc_failure *f, size_t n)
{
    uint32_t down = 0;
    for (uint32_t e = g->in_first[k]; e < g->in_first[k + 1]; e++)
        for (size_t i = 0; i < n; i++)
            down += f[i].asset == g->supplier[e] && !(f[i].flags & TC_FAIL_UNSOURCED);
    return down;
}

static void agrees_with_counting(void **state)
{
    const struct tc_cascade_opts co = {.horizon = TC_CASCADE_MAX_TIME};
    const struct tc_health_opts o = {.work = 0};
    size_t found = 0;
    (void)state;
    for (uint64_t round = 1; round <= 2000; round++) {
        seed = round * 0x9e3779b97f4a7c15u;
        struct tc_graph *g = random_graph(4 + any(9));
        struct tc_health h;
        struct tc_cascade *c = tc_cascade_new(g);
        assert_int_equal(tc_health_run(g, &o, &h), TC_OK);
        size_t at = 0;
        for (uint32_t k = 0; k < g->m; k++) {
            uint32_t breaks = 0, least = UINT32_MAX, who = TC_NONE;
            for (uint32_t v = 0; v < g->n && tc_health_spare(g, k); v++) {
                const struct tc_outage one = {v, 0, TC_NEVER};
                size_t n, own = 0;
                assert_int_equal(tc_cascade_run(c, &one, 1, &co, NULL), TC_OK);
                const struct tc_failure *f = tc_cascade_failures(c, &n);
                for (size_t i = 0; i < n; i++)
                    own += !(f[i].flags & TC_FAIL_UNSOURCED);
                if (v == g->group[k].owner || down_of(g, k, f, n) <= g->group[k].budget)
                    continue;
                breaks++;
                if (own < least) {
                    least = (uint32_t)own;
                    who = v;
                }
            }
            if (!breaks)
                continue;
            assert_true(at < h.n);
            assert_int_equal(h.hidden[at].group, k);
            assert_int_equal(h.hidden[at].asset, who);
            assert_int_equal(h.hidden[at].others, breaks - 1);
            assert_int_equal(h.hidden[at].failed, least);
            at++;
        }
        assert_int_equal(at, h.n);
        found += at;
        tc_health_fini(&h);
        tc_cascade_free(c);
        tc_graph_free(g);
    }
    assert_true(found > 500); /* the graphs are such that there is something to find */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_common_supplier_is_found),
        cmocka_unit_test(a_shared_cause_is_found),
        cmocka_unit_test(agrees_with_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
