/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/finding.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct tc_finding sample(void)
{
    return (struct tc_finding){
        .id = TC_STR("finding--11111111-1111-4111-8111-111111111111"),
        .created = 1000,
        .modified = 2000,
        .creator = TC_STR("identity--55555555-5555-4555-8555-555555555555"),
        .incident = TC_STR("incident--1"),
        .asset = TC_STR("infrastructure--1"),
        .name = TC_STR("Site \"A\""),
        .operator_ref = TC_STR("identity--9"),
        .placed = true,
        .lat = 52.5,
        .lon = -0.25,
        .open = true,
        .change = TC_HIT_LATER,
        .how = TC_HIT_SUPPLY,
        .service = TC_STR("gas"),
        .at = 5 * TC_SECOND,
        .early = 4 * TC_SECOND,
        .late = 9 * TC_SECOND,
        .back = TC_TIME_NONE,
        .expires = TC_TIME_NONE,
        .percent = 60,
        .severity = TC_SEVERITY_MINOR,
        .certainty = TC_CERTAINTY_LIKELY,
        .exercise = true,
        .people = 12,
        .cause = {{TC_STR("infrastructure--2"), TC_STR("energy"), TC_STR("NL")}},
        .n_causes = 1};
}

static void write_read_write(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_finding f = sample(), back;
    struct tc_buf one, two;
    struct tc_json j = {0};
    tc_buf_init(&one, 1u << 16);
    tc_buf_init(&two, 1u << 16);
    tc_finding_write(&f, &one);
    assert_int_equal(tc_json_read(tc_buf_view(&one), 1u << 16, 0, &j, NULL), TC_OK);
    assert_int_equal(tc_finding_read(j.root, a, &back, NULL), TC_OK);
    tc_finding_write(&back, &two);
    assert_string_equal(tc_buf_z(&one), tc_buf_z(&two));
    assert_true(tc_finding_digest(&f) == tc_finding_digest(&back));
    tc_json_fini(&j);
    tc_buf_fini(&one);
    tc_buf_fini(&two);
    tc_arena_free(a);
}

static void digest_is_of_what_was_found(void **state)
{
    (void)state;
    struct tc_finding f = sample(), g = sample();
    uint64_t d = tc_finding_digest(&f);
    g.modified += 5;
    g.change = TC_HIT_SAME;
    assert_true(tc_finding_digest(&g) == d);
    g.at += TC_SECOND;
    assert_false(tc_finding_digest(&g) == d);
    g = sample();
    g.exercise = false;
    assert_false(tc_finding_digest(&g) == d);
    g = sample();
    g.open = false;
    assert_false(tc_finding_digest(&g) == d);
}

static void id_is_derived(void **state)
{
    (void)state;
    char a[TC_ID_MAX], b[TC_ID_MAX];
    tc_finding_id(TC_STR("incident--1"), TC_STR("x"), a);
    tc_finding_id(TC_STR("incident--1"), TC_STR("x"), b);
    assert_string_equal(a, b);
    tc_finding_id(TC_STR("incident--1"), TC_STR("y"), b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_read_write),
        cmocka_unit_test(digest_is_of_what_was_found),
        cmocka_unit_test(id_is_derived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
