/* SPDX-License-Identifier: Apache-2.0 */
/* Closed forms, and the sentences of the essay in src/impact/cascade.c one by one. Graphs are
 * written as text: one group a line, "owner service mode need buffer restore supplier ...". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "impact/cascade.h"
#include "impact/montecarlo.h"
#include "impact/critical.h"
#include "impact/tally.h"

#include "base/cursor.h"
#include "base/num.h"

#include <stdio.h>

enum { HORIZON = 1000000 };

static struct tc_str word(struct tc_str *line)
{
    *line = tc_str_trim(*line);
    size_t n = tc_str_find(*line, TC_STR(" "));
    struct tc_str w = tc_str_view(line->p, n == SIZE_MAX ? line->n : n);
    line->p += w.n;
    line->n -= w.n;
    return w;
}

static char known[64]; /* assets of the graph that is being made, by handle */
static size_t known_n;

static uint32_t asset(struct tc_graph_builder *b, struct tc_str id)
{
    assert_int_equal(id.n, 1);
    for (size_t i = 0; i < known_n; i++)
        if (known[i] == id.p[0])
            return (uint32_t)i;
    struct tc_asset_spec s = {.id = id, .country = TC_STR("NL"), .people = 10};
    uint32_t handle;
    assert_int_equal(tc_graph_add_asset(b, &s, &handle, NULL), TC_OK);
    assert_int_equal(handle, known_n);
    known[known_n++] = id.p[0];
    return handle;
}

static void range(struct tc_str w, int64_t *lo, int64_t *hi)
{
    size_t dots = tc_str_find(w, TC_STR(".."));
    struct tc_str a = tc_str_view(w.p, dots == SIZE_MAX ? w.n : dots);
    assert_int_equal(tc_num_i64(a, 0, INT64_MAX, lo), TC_OK);
    *hi = *lo;
    if (dots != SIZE_MAX)
        assert_int_equal(tc_num_i64(tc_str_view(w.p + dots + 2, w.n - dots - 2), 0, INT64_MAX, hi),
                         TC_OK);
}

/* A supplier is "a", or "a:250" with a share in thousandths (then need is one, too: "600t"). */
static struct tc_graph *graph(const char *text)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_cursor c = tc_cursor_over(tc_str_cstr(text));
    struct tc_str line;
    struct tc_graph *g = NULL;
    assert_non_null(b);
    known_n = 0;
    while (tc_cursor_line(&c, &line)) {
        uint32_t suppliers[16], shares[16];
        struct tc_group_spec s = {.suppliers = suppliers, .shares = shares};
        s.asset = asset(b, word(&line));
        s.service = word(&line);
        s.mode = tc_str_is(word(&line), "flow") ? TC_MODE_FLOW : TC_MODE_SUPPORT;
        struct tc_str need = word(&line);
        uint64_t v = 0;
        s.rule = tc_str_is(need, "all")           ? TC_NEED_ALL
                 : tc_str_ends(need, TC_STR("t")) ? TC_NEED_SHARE
                                                  : TC_NEED_COUNT;
        need.n -= s.rule == TC_NEED_SHARE;
        if (s.rule != TC_NEED_ALL)
            assert_int_equal(tc_num_u64(need, 100000, &v), TC_OK);
        s.need = (uint32_t)v * (s.rule == TC_NEED_SHARE ? 1000 : 1);
        range(word(&line), &s.buffer_lo, &s.buffer_hi);
        range(word(&line), &s.restore_lo, &s.restore_hi);
        for (struct tc_str w = word(&line); w.n; w = word(&line)) {
            shares[s.n] = 0;
            if (w.n > 2) {
                assert_int_equal(tc_num_u64(tc_str_view(w.p + 2, w.n - 2), 1000, &v), TC_OK);
                shares[s.n] = (uint32_t)v * 1000;
            }
            suppliers[s.n++] = asset(b, tc_str_view(w.p, 1));
        }
        assert_int_equal(tc_graph_add_group(b, &s, NULL), TC_OK);
    }
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    return g;
}

/* "a 0 -1": asset, start, end (-1 none). */
static struct tc_cascade *run(const struct tc_graph *g, const char *text)
{
    struct tc_outage list[8];
    size_t n = 0;
    struct tc_cursor c = tc_cursor_over(tc_str_cstr(text));
    struct tc_str line;
    while (tc_cursor_line(&c, &line)) {
        int64_t start, end;
        assert_true(tc_graph_find(g, word(&line), &list[n].asset));
        assert_int_equal(tc_num_i64(word(&line), 0, INT64_MAX, &start), TC_OK);
        assert_int_equal(tc_num_i64(word(&line), -1, INT64_MAX, &end), TC_OK);
        list[n].start = (uint32_t)start;
        list[n++].end = end < 0 ? TC_NEVER : (uint32_t)end;
    }
    struct tc_cascade *k = tc_cascade_new(g);
    const struct tc_cascade_opts o = {.horizon = HORIZON};
    assert_non_null(k);
    assert_int_equal(tc_cascade_run(k, list, n, &o, NULL), TC_OK);
    return k;
}

/* "a0 b60 c60+30": each failure in order with its time, and how long it lasts when it ends. */
static void expect(const char *graph_text, const char *outages, const char *want)
{
    struct tc_graph *g = graph(graph_text);
    struct tc_cascade *c = run(g, outages);
    struct tc_buf got;
    tc_buf_init(&got, 4096);
    size_t n;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n; i++) {
        tc_buf_fmt(&got, "%s%.*s%u", i ? " " : "", TC_FMT(tc_graph_id(g, f[i].asset)), f[i].at);
        if (f[i].until != TC_NEVER)
            tc_buf_fmt(&got, "+%u", f[i].until - f[i].at);
        if (f[i].flags & TC_FAIL_OSCILLATES)
            tc_buf_cstr(&got, "~");
        if (f[i].flags & TC_FAIL_DEADLOCK)
            tc_buf_cstr(&got, "!");
        if (f[i].flags & TC_FAIL_UNSOURCED)
            tc_buf_cstr(&got, "?");
    }
    assert_string_equal(tc_buf_z(&got), want);
    tc_buf_fini(&got);
    tc_cascade_free(c);
    tc_graph_free(g);
}

static void chains_add_up(void **state)
{
    (void)state;
    static const char *const modes[] = {"flow", "support"};
    for (int i = 0; i < 2; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "b w %s 1 10 0 a\nc w %s 1 20 0 b\nd w %s 1 0 0 c",
                       modes[i], modes[i], modes[i]);
        expect(text, "a 5 -1", "a5 b15 c35 d35");
    }
}

static void trees(void **state)
{
    (void)state;
    expect("b x support 1 1 0 a\nc x support 1 2 0 a\nd x support 1 4 0 b\ne x support 1 4 0 c",
           "a 0 -1", "a0 b1 c2 d5 e6");
}

static void k_of_n(void **state)
{
    (void)state;
    const char *two_of_three = "d x support 2 7 0 a b c";
    expect(two_of_three, "a 0 -1", "a0");
    expect(two_of_three, "a 0 -1\nc 3 -1", "a0 c3 d10");
    expect("d x support all 0 0 a b c", "b 4 -1", "b4 d4");
    expect("d x support 1 0 0 a b c", "a 0 -1\nb 1 -1", "a0 b1");
    expect("d x support 1 0 0 a b c", "a 0 -1\nb 1 -1\nc 2 -1", "a0 b1 c2 d2");
}

static void shares(void **state)
{
    (void)state;
    const char *text = "d x flow 600t 3 0 a:500 b:300 c:200"; /* 60 % */
    expect(text, "b 0 -1", "b0");                             /* 70 % left */
    expect(text, "a 0 -1", "a0 d3");                          /* 50 % left */
    expect(text, "b 0 -1\nc 9 -1", "b0 c9 d12");
}

static void all_groups_are_needed(void **state)
{
    (void)state;
    expect("d power support 1 9 0 a\nd water support 1 4 0 b", "a 0 -1\nb 0 -1", "a0 b0 d4");
}

static void support_pairs_hold_each_other(void **state)
{
    (void)state;
    const char *text = "a x support 1 0 0 p b\nb x support 1 0 0 a";
    expect(text, "p 0 -1", "p0");
    /* Once both are down, neither raises the other. */
    expect("a x support 1 0 0 b\nb x support 1 0 0 a", "a 0 10", "a0! b0!");
}

static void flow_pairs_are_grounded(void **state)
{
    (void)state;
    const char *text = "a x flow 1 0 0 p b\nb x flow 1 0 0 a";
    expect(text, "p 0 -1", "p0 a0 b0");
    expect(text, "p 0 60", "p0+60 a0+60 b0+60");
    expect(text, "b 0 -1", "b0");
    /* another plant behind b */
    expect("a x flow 1 0 0 p b\nb x flow 1 0 0 a q", "p 0 -1", "p0");
    expect("a x flow 1 0 0 p b\nb x flow 1 0 0 a q", "p 0 -1\nq 5 -1", "p0 q5 a5 b5");
}

static void loops_open_their_stocks_together(void **state)
{
    (void)state;
    /* the drawing above the code: P --> A <==> B --> T */
    expect("A x flow 1 7200 0 P B\nB x flow 1 0 0 A\nT x flow 1 0 0 B", "P 0 -1", "P0 B0 T0 A7200");
    expect("A x flow 1 7200 0 P\nB x flow 1 0 0 A\nT x flow 1 0 0 B", "P 0 -1",
           "P0 A7200 B7200 T7200");
    expect("A x flow 1 60 0 P B\nB x flow 1 90 0 A", "P 0 -1", "P0 A60 B90");
}

static void islands_are_told_apart(void **state)
{
    (void)state;
    const char *text = "a x flow 1 0 0 b\nb x flow 1 0 0 a\nd x flow 1 0 0 c";
    expect(text, "c 0 -1", "c0 a0? b0? d0");
    /* another service is another ground: gas for the plant, electricity for the compressor */
    expect("p gas flow 1 0 0 c\nc power flow 1 0 0 p", "", "");
}

static void buffers_end_in_time(void **state)
{
    (void)state;
    const char *text = "b x support 1 60 30 a";
    expect(text, "a 0 59", "a0+59");
    expect(text, "a 0 60", "a0+60"); /* back in the very second */
    expect(text, "a 0 61", "a0+61 b60+31");
    /* the stock is full again after a short break */
    expect(text, "a 0 59\na 70 129", "a0+59");
    /* handed over without a break, the clock goes on */
    expect("c x support all 60 0 a b", "a 0 40\nb 40 -1", "a0+40 b40 c60");
}

static void restores_need_the_whole_time(void **state)
{
    (void)state;
    expect("b x support 1 0 30 a", "a 0 10\na 20 50", "a0+10 b0+80");
    expect("b x support 1 0 5 a\nc x support 1 0 5 b", "a 0 10", "a0+10 b0+15 c0+20");
}

static void deadlock_across_services(void **state)
{
    (void)state;
    /* plant needs telecontrol, telecontrol needs its electricity */
    const char *text = "p control support 1 3600 0 t\nt power flow 1 600 0 p";
    expect(text, "p 0 300", "p0+300");
    expect(text, "p 0 5000", "p0! t600!");
    /* with a plant that never returns it is no deadlock but want */
    expect("a x flow 1 0 0 p b\nb x flow 1 0 0 a", "p 0 -1\nb 3 5", "p0 a0 b0");
}

static void oscillation_is_reported(void **state)
{
    (void)state;
    /* A pulse of 10 s runs round a ring of 4 with 4 s of buffer and 4 s of restore: it neither
     * grows nor shrinks, and takes longer round than it is long. In a ring of 3 it meets its own
     * end. */
    expect("a x support 1 4 4 d\nb x support 1 4 4 a\nc x support 1 4 4 b\nd x support 1 4 4 c",
           "a 0 10", "a0+10~ b4+10 c8+10 d12+10");
    expect("a x support 1 4 4 c\nb x support 1 4 4 a\nc x support 1 4 4 b", "a 0 10",
           "a0+10! b4! c8!");
}

static void given_first_then_time_then_id(void **state)
{
    (void)state;
    expect("b x support 1 0 0 z\na x support 1 0 0 z\nc x support 1 0 0 y", "z 0 -1\ny 0 -1",
           "y0 z0 a0 b0 c0");
}

static void causes(void **state)
{
    (void)state;
    struct tc_graph *g = graph("b x support 1 0 0 a\nc x support 1 0 0 b\nd x support 1 5 0 c e");
    struct tc_cascade *c = run(g, "a 0 -1\ne 2 -1");
    size_t n, direct;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    assert_int_equal(n, 5);
    uint32_t list[8];
    assert_int_equal(tc_cascade_cause(c, &f[0], list, 8, &direct), 0);
    /* d is down for want of e (given, so the nearest) and c */
    assert_true(tc_str_is(tc_graph_id(g, f[4].asset), "d"));
    assert_int_equal(f[4].at, 7);
    assert_int_equal(f[4].lost_at, 2);
    assert_int_equal(tc_cascade_cause(c, &f[4], list, 8, &direct), 2);
    assert_int_equal(direct, 2);
    assert_true(tc_str_is(tc_graph_id(g, list[0]), "e"));
    assert_true(tc_str_is(tc_graph_id(g, list[1]), "c"));
    /* c: b, then on to a */
    assert_int_equal(tc_cascade_cause(c, &f[3], list, 8, &direct), 2);
    assert_int_equal(direct, 1);
    assert_true(tc_str_is(tc_graph_id(g, list[1]), "a"));
    assert_int_equal(tc_cascade_cause(c, &f[3], list, 1, &direct), 1);
    tc_cascade_free(c);
    tc_graph_free(g);
}

static void causes_go_through_loops(void **state)
{
    (void)state;
    /* P -> A <=> B -> T; B is down at once, A lives on its stock: T for want of B, B of A, A of P
     */
    struct tc_graph *g = graph("A x flow 1 99 0 P B\nB x flow 1 0 0 A\nT x flow 1 0 0 B");
    struct tc_cascade *c = run(g, "P 0 -1");
    size_t n, direct;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    uint32_t list[8];
    assert_int_equal(n, 4);
    assert_true(tc_str_is(tc_graph_id(g, f[2].asset), "T"));
    assert_int_equal(tc_cascade_cause(c, &f[2], list, 8, &direct), 3);
    assert_true(tc_str_is(tc_graph_id(g, list[0]), "B"));
    assert_true(tc_str_is(tc_graph_id(g, list[1]), "A"));
    assert_true(tc_str_is(tc_graph_id(g, list[2]), "P"));
    tc_cascade_free(c);
    tc_graph_free(g);
}

static void horizon_is_the_last_second(void **state)
{
    (void)state;
    struct tc_graph *g = graph("b x support 1 10 0 a\nc x support 1 1 0 b");
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_outage o = {0, 0, TC_NEVER};
    struct tc_cascade_opts opts = {.horizon = 10};
    size_t n;
    assert_int_equal(tc_cascade_run(c, &o, 1, &opts, NULL), TC_OK);
    (void)tc_cascade_failures(c, &n);
    assert_int_equal(n, 2);
    opts.horizon = 9;
    assert_int_equal(tc_cascade_run(c, &o, 1, &opts, NULL), TC_OK);
    (void)tc_cascade_failures(c, &n);
    assert_int_equal(n, 1);
    tc_cascade_free(c);
    tc_graph_free(g);
}

static void bad_outages_are_refused(void **state)
{
    (void)state;
    struct tc_graph *g = graph("b x support 1 10 0 a");
    struct tc_cascade *c = tc_cascade_new(g);
    struct tc_diag d;
    const struct tc_outage none = {2, 0, TC_NEVER}, back = {0, 5, 5},
                           late = {0, UINT32_MAX - 1, TC_NEVER};
    const struct tc_cascade_opts opts = {.horizon = 10}, far = {.horizon = UINT32_MAX};
    assert_int_equal(tc_cascade_run(c, &none, 1, &opts, &d), TC_E_INVALID);
    assert_int_equal(tc_cascade_run(c, &back, 1, &opts, &d), TC_E_INVALID);
    assert_int_equal(tc_cascade_run(c, &late, 1, &opts, &d), TC_E_LIMIT);
    assert_int_equal(tc_cascade_run(c, NULL, 0, &far, &d), TC_E_LIMIT);
    tc_cascade_free(c);
    tc_graph_free(g);
}

static void monte_carlo(void **state)
{
    (void)state;
    struct tc_graph *g = graph("b x support 1 100..200 0 a\nc x support 1 50 0 b");
    const struct tc_outage o = {0, 0, TC_NEVER};
    struct tc_mc one, two;
    struct tc_mc_opts opts = {.horizon = 199, .seed = 7, .runs = 4000, .threads = 1};
    assert_int_equal(tc_mc_run(g, &o, 1, &opts, &one, NULL), TC_OK);
    opts.threads = 3;
    assert_int_equal(tc_mc_run(g, &o, 1, &opts, &two, NULL), TC_OK);
    assert_int_equal(one.n, two.n);
    assert_memory_equal(one.rows, two.rows, one.n * sizeof *one.rows);
    const struct tc_mc_row *a = tc_mc_find(&one, 0), *b = tc_mc_find(&one, 1);
    const struct tc_mc_row *c = tc_mc_find(&one, 2);
    assert_int_equal(a->failed, 4000);
    assert_int_equal(a->p95, 0);
    assert_in_range(b->failed, 3920, 3999); /* 100 of 101 seconds are within the horizon */
    assert_in_range(b->p5, 102, 108);
    assert_in_range(b->p50, 145, 154);
    assert_in_range(b->p95, 190, 198);
    assert_in_range(c->failed, 1860, 2100); /* b by 149: half of the range */
    assert_null(tc_mc_find(&one, 3));
    tc_mc_fini(&one);
    tc_mc_fini(&two);
    opts.runs = 0;
    assert_int_equal(tc_mc_run(g, &o, 1, &opts, &one, NULL), TC_E_LIMIT);
    tc_graph_free(g);
}

static void every_single_outage(void **state)
{
    (void)state;
    struct tc_graph *g = graph("b x support 1 60 0 a\nc x support 1 60 0 b\n"
                               "d y flow 1 0 0 e\ne y flow 1 0 0 d");
    struct tc_critical_row rows[5], again[5];
    struct tc_critical_opts o = {.horizon = 1000, .threads = 1};
    assert_int_equal(tc_critical_run(g, &o, rows), TC_OK);
    assert_int_equal(rows[0].failed, 3);
    assert_int_equal(rows[0].seconds, 180);
    assert_int_equal(rows[0].people, 30);
    assert_int_equal(rows[0].people_seconds, 10 * (1000 + 940 + 880));
    assert_int_equal(rows[0].member_states, 1);
    assert_int_equal(rows[1].failed, 2);
    assert_int_equal(rows[3].failed, 1); /* e has no source anyway */
    o.threads = 2;
    assert_int_equal(tc_critical_run(g, &o, again), TC_OK);
    assert_memory_equal(rows, again, sizeof rows);
    tc_graph_free(g);
}

static void tally(void **state)
{
    (void)state;
    static const char *const lands[] = {"NL", "DE", "GR", "EL", "", "CH"};
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g;
    struct tc_failure f[6];
    for (uint32_t i = 0; i < 6; i++) {
        char id[2] = {(char)('a' + i), 0};
        struct tc_asset_spec s = {.id = tc_str_cstr(id),
                                  .country = tc_str_cstr(lands[i]),
                                  .sector = tc_str_cstr(i % 2 ? "energy" : ""),
                                  .people = i};
        uint32_t handle;
        assert_int_equal(tc_graph_add_asset(b, &s, &handle, NULL), TC_OK);
        f[i] = (struct tc_failure){.asset = i};
    }
    assert_int_equal(tc_graph_finish(b, &g, NULL), TC_OK);
    struct tc_tally t;
    assert_int_equal(tc_tally_make(g, f, 6, &t), TC_OK);
    assert_int_equal(t.people, 15);
    assert_int_equal(t.country_count, 5);
    assert_true(tc_str_is(t.countries[0].name, "CH"));
    assert_int_equal(t.member_states, 3);
    assert_int_equal(t.sector_count, 1);
    assert_int_equal(t.sectors[0].assets, 3);
    assert_int_equal(t.sectors[0].people, 9);
    tc_tally_fini(&t);
    tc_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_add_up),
        cmocka_unit_test(trees),
        cmocka_unit_test(k_of_n),
        cmocka_unit_test(shares),
        cmocka_unit_test(all_groups_are_needed),
        cmocka_unit_test(support_pairs_hold_each_other),
        cmocka_unit_test(flow_pairs_are_grounded),
        cmocka_unit_test(loops_open_their_stocks_together),
        cmocka_unit_test(islands_are_told_apart),
        cmocka_unit_test(buffers_end_in_time),
        cmocka_unit_test(restores_need_the_whole_time),
        cmocka_unit_test(deadlock_across_services),
        cmocka_unit_test(oscillation_is_reported),
        cmocka_unit_test(given_first_then_time_then_id),
        cmocka_unit_test(causes),
        cmocka_unit_test(causes_go_through_loops),
        cmocka_unit_test(horizon_is_the_last_second),
        cmocka_unit_test(bad_outages_are_refused),
        cmocka_unit_test(monte_carlo),
        cmocka_unit_test(every_single_outage),
        cmocka_unit_test(tally),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
