/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/facts.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void polygons(void **state)
{
    (void)state;
    const double square[] = {50, 4, 52, 4, 52, 8, 50, 8, 50, 4};
    const struct tc_area a = {.points = square, .n = 5};
    assert_true(tc_area_has(&a, 51, 6));
    assert_false(tc_area_has(&a, 51, 9));
    assert_false(tc_area_has(&a, 49.9, 6));
}

static void a_polygon_over_the_date_line(void **state)
{
    (void)state;
    const double fiji[] = {-20, 176, -15, 176, -15, -178, -20, -178, -20, 176};
    const struct tc_area a = {.points = fiji, .n = 5};
    assert_true(tc_area_has(&a, -17, 178));
    assert_true(tc_area_has(&a, -17, -179));
    assert_true(tc_area_has(&a, -17, 180));
    assert_true(tc_area_has(&a, -17, -180));
    assert_false(tc_area_has(&a, -17, -177));
    assert_false(tc_area_has(&a, -17, 175));
    assert_false(tc_area_has(&a, -17, 0)); /* not the long way round */
}

static void a_polygon_round_a_pole_holds_nothing(void **state)
{
    (void)state;
    const double pole[] = {80, 0, 80, 120, 80, -120, 80, 0};
    const struct tc_area a = {.points = pole, .n = 4};
    assert_false(tc_area_has(&a, 85, 60));
    assert_false(tc_area_has(&a, 10, 60));
}

static void circles(void **state)
{
    (void)state;
    const struct tc_area a = {.lat = 52, .lon = 179.9, .km = 30};
    assert_true(tc_area_has(&a, 52, 179.9));
    assert_true(tc_area_has(&a, 52, -179.9)); /* 13.7 km over the date line */
    assert_false(tc_area_has(&a, 52, 179.4)); /* 34 km */
    assert_true(tc_area_has(&a, 52.26, 179.9));
    assert_false(tc_area_has(&a, 52.28, 179.9));
}

static yyjson_val *parsed(struct tc_json *j, const char *text)
{
    static char b[4096];
    size_t n = 0;
    for (; text[n]; n++)
        b[n] = text[n] == '#' ? '"' : text[n];
    assert_int_equal(tc_json_read(tc_str_view(b, n), sizeof b, 0, j, NULL), TC_OK);
    return j->root;
}

static bool dependency(const char *fields, struct tc_dependency_facts *f)
{
    char text[2048];
    struct tc_json j = {0};
    (void)snprintf(text, sizeof text,
                   "{#type#:#relationship#,#relationship_type#:#depends-on#,#source_ref#:#a#,"
                   "#target_ref#:#b#,#extensions#:{#" TC_EXT_DEPENDENCY "#:{%s}}}",
                   fields);
    bool is = tc_facts_dependency(parsed(&j, text), f);
    tc_json_fini(&j); /* what is looked at below is no text */
    return is;
}

static void needs(void **state)
{
    (void)state;
    struct tc_dependency_facts f;
    assert_true(dependency("#service#:#x#", &f));
    assert_int_equal(f.rule, TC_NEED_COUNT);
    assert_int_equal(f.need, 1);
    assert_int_equal(f.mode, TC_MODE_SUPPORT);
    assert_true(dependency("#service#:#x#,#mode#:#flow#,#need#:#all#,#buffer#:#PT4H..PT12H#", &f));
    assert_int_equal(f.rule, TC_NEED_ALL);
    assert_int_equal(f.mode, TC_MODE_FLOW);
    assert_int_equal(f.buffer_lo, 4 * 3600);
    assert_int_equal(f.buffer_hi, 12 * 3600);
    assert_true(dependency("#service#:#x#,#need#:#62.5%#,#share#:0.25", &f));
    assert_int_equal(f.rule, TC_NEED_SHARE);
    assert_int_equal(f.need, 625000);
    assert_int_equal(f.share, 250000);
    assert_false(dependency("#need#:#1#", &f)); /* no service */
    assert_false(dependency("#service#:#x#,#need#:#101%#", &f));
    assert_false(dependency("#service#:#x#,#need#:#-1#", &f));
    assert_false(dependency("#service#:#x#,#buffer#:#P1000Y#", &f));
}

static bool incident(const char *fields, struct tc_arena *a, struct tc_incident_facts *f)
{
    char text[2048];
    static struct tc_json j;
    tc_json_fini(&j);
    (void)snprintf(text, sizeof text, "{#type#:#incident#,#extensions#:{#" TC_EXT_EVENT "#:{%s}}}",
                   fields);
    return tc_facts_incident(parsed(&j, text), 77, a, f);
}

static void incidents(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_incident_facts f;
    assert_true(incident("#affected_refs#:[#x#,5,#y#]", a, &f));
    assert_int_equal(f.n_affected, 2);
    assert_int_equal(f.started, 77); /* when it came in */
    assert_false(f.over);
    assert_true(incident("#status#:#closed#,#exercise#:true,#severity#:#Severe#", a, &f));
    assert_true(f.over && f.exercise);
    assert_int_equal(f.severity, TC_SEVERITY_SEVERE);
    assert_true(
        incident("#started#:#2026-11-21T10:00:00Z#,#expected_end#:#2026-11-21T09:00:00Z#", a, &f));
    assert_int_equal(f.expected_end, TC_TIME_NONE); /* an end before the start is no end */
    assert_true(incident("#areas#:[{#label#:#x#},{#circle#:{#latitude#:91,#longitude#:0,"
                         "#radius_km#:1}},{#polygon#:[[0,0],[0,1],[1,#a#],[0,0]]},"
                         "{#polygon#:[[0,0],[0,1],[1,1],[0,0]]}]",
                         a, &f));
    assert_int_equal(f.n_areas, 1);
    assert_true(incident("#capacities#:[{#asset_ref#:#x#,#left#:0.4},{#asset_ref#:#y#},"
                         "{#asset_ref#:#y#,#left#:1.5},{#left#:0},7,{#asset_ref#:#z#,#left#:0}]",
                         a, &f));
    assert_int_equal(f.n_measured, 2);
    assert_int_equal(f.measured[0].left, TC_SHARE_WHOLE / 10 * 4);
    assert_int_equal(f.measured[1].left, 0);
    (void)incident("", a, &f);
    tc_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons),
        cmocka_unit_test(a_polygon_over_the_date_line),
        cmocka_unit_test(a_polygon_round_a_pole_holds_nothing),
        cmocka_unit_test(circles),
        cmocka_unit_test(needs),
        cmocka_unit_test(incidents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
