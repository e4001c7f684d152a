/* SPDX-License-Identifier: Apache-2.0 */
/* The register follows the journal: versions in any order, revocation, deletion, places. */
#include "../journal/fixture.h"

#include "watch/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define EXT(id) "\"extensions\":{\"" id "\":{"

static struct tc_journal *j;
static uint32_t audience;
static uint64_t reached;

static int setup(void **state)
{
    static char dir[256];
    (void)snprintf(dir, sizeof dir, "%s", tc_test_dir());
    assert_int_equal(tc_journal_open(dir, &(struct tc_journal_options){0}, &j, NULL), TC_OK);
    audience = tc_test_audience(j, TC_TLP_AMBER, 1, 1);
    reached = 0;
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    tc_journal_close(j);
    tc_test_dir_remove(*state);
    return 0;
}

static void id_of(const char *type, uint64_t number, char out[TC_ID_MAX])
{
    struct tc_uuid u = tc_test_uuid(number);
    tc_id_make(tc_str_cstr(type), &u, out);
}

static void put(const char *type, uint64_t number, int64_t version, bool revoked, const char *body)
{
    char id[TC_ID_MAX];
    struct tc_entry_in e = tc_test_entry(number, version, audience, 1, body);
    id_of(type, number, id);
    e.id = tc_str_cstr(id);
    e.type = tc_str_cstr(type);
    e.revoked = revoked;
    assert_int_equal(tc_journal_append(j, &e, 1), TC_OK);
    assert_int_equal(e.outcome, TC_OUT_APPENDED);
}

static void delete_version(const char *type, uint64_t number, int64_t version)
{
    char id[TC_ID_MAX];
    struct tc_entry_in e = tc_test_entry(number, version, audience, 1, "");
    id_of(type, number, id);
    e.kind = TC_ENTRY_DELETE;
    e.id = tc_str_cstr(id);
    e.type = tc_str_cstr(type);
    e.body = TC_STR("");
    if (!version)
        e.version = TC_TIME_NONE;
    assert_int_equal(tc_journal_append(j, &e, 1), TC_OK);
    assert_int_equal(e.outcome, TC_OUT_APPENDED);
}

static void asset(uint64_t number, int64_t version, const char *name, const char *own)
{
    char body[1024];
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"infrastructure\",\"name\":\"%s\",\"external_references\":[{"
                   "\"source_name\":\"tocsin-register\",\"external_id\":\"%s\"}]," EXT(
                       TC_EXT_ASSET) "\"sector\":\"energy\",\"country\":\"NL\"}}}",
                   name, own);
    put("infrastructure", number, version, false, body);
}

static void depends(uint64_t number, int64_t version, uint64_t from, uint64_t to, const char *need)
{
    char a[TC_ID_MAX], b[TC_ID_MAX], body[2048];
    id_of("infrastructure", from, a);
    id_of("infrastructure", to, b);
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"relationship\",\"relationship_type\":\"depends-on\",\"source_ref\":"
                   "\"%s\",\"target_ref\":\"%s\"," EXT(
                       TC_EXT_DEPENDENCY) "\"service\":\"gas\",\"need\":\"%s\"}}}",
                   a, b, need);
    put("relationship", number, version, false, body);
}

static void follow(struct tc_live *r)
{
    uint64_t head = tc_journal_head(j);
    const struct tc_query q = {.after = reached,
                               .types = tc_live_types,
                               .n_types = tc_live_type_count,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .with_deletions = true};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    assert_int_equal(tc_reader_open(j, &tc_principal_system, &q, &reader), TC_OK);
    while (tc_reader_next(reader, &row) == TC_OK && row.seq)
        assert_int_equal(tc_live_row(r, j, &row), TC_OK);
    tc_reader_close(reader);
    reached = head;
}

static const struct tc_live_asset *at(struct tc_live *r, uint64_t number)
{
    char id[TC_ID_MAX];
    uint32_t i = 0;
    id_of("infrastructure", number, id);
    assert_true(tc_live_find(r, tc_str_cstr(id), &i));
    return tc_live_asset(r, i);
}

static void versions_and_deletions(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new();
    asset(1, 20, "second", "A");
    asset(1, 10, "first", "A");
    follow(r);
    assert_true(tc_str_is(at(r, 1)->facts.name, "second")); /* the newest version, not the latest */
    asset(1, 30, "third", "A");
    follow(r);
    assert_true(tc_str_is(at(r, 1)->facts.name, "third"));
    delete_version("infrastructure", 1, 30);
    follow(r);
    assert_true(tc_str_is(at(r, 1)->facts.name, "second"));
    delete_version("infrastructure", 1, 0);
    follow(r);
    assert_false(at(r, 1)->present);
    asset(2, 10, "x", "B");
    put("infrastructure", 2, 20, true, "{\"type\":\"infrastructure\",\"revoked\":true}");
    follow(r);
    assert_false(at(r, 2)->present);
    tc_live_free(r);
}

static void dependencies(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new();
    const struct tc_graph *g = NULL;
    asset(1, 10, "works", "W");
    depends(101, 10, 1, 2, "1"); /* before its supplier is known */
    depends(102, 10, 1, 3, "1");
    follow(r);
    assert_int_equal(tc_live_graph(r, &g, NULL), TC_OK);
    assert_int_equal(g->n, 3);
    assert_int_equal(g->m, 1); /* one group of two */
    assert_int_equal(g->e, 2);
    const struct tc_graph *same = g;
    follow(r);
    assert_int_equal(tc_live_graph(r, &g, NULL), TC_OK);
    assert_ptr_equal(g, same); /* nothing changed, nothing is built */
    delete_version("relationship", 102, 0);
    depends(103, 10, 1, 2, "7"); /* another group would need seven: this one is said by the first */
    follow(r);
    assert_int_equal(tc_live_graph(r, &g, NULL), TC_OK);
    assert_int_equal(g->m, 1);
    assert_int_equal(g->e, 1); /* the supplier that was named twice counts once */
    struct tc_graph *own = NULL;
    uint32_t v = 0;
    assert_int_equal(tc_live_graph_own(r, &own, NULL), TC_OK);
    assert_true(tc_graph_find(own, TC_STR("W"), &v));
    assert_true(tc_str_is(tc_graph_name(own, v), "works"));
    tc_graph_free(own);
    tc_live_free(r);
}

static void stands(void *arg, uint32_t a)
{
    (void)a;
    ++*(int *)arg;
}

static void places(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new();
    char a[TC_ID_MAX], b[TC_ID_MAX], body[1024];
    const struct tc_area area = {.lat = 52, .lon = 5, .km = 10};
    int n = 0;
    asset(1, 10, "works", "W");
    id_of("infrastructure", 1, a);
    id_of("location", 50, b);
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"relationship\",\"relationship_type\":\"located-at\",\"source_ref\":"
                   "\"%s\",\"target_ref\":\"%s\"}",
                   a, b);
    put("relationship", 60, 10, false, body);
    follow(r);
    assert_false(at(r, 1)->facts.placed);
    put("location", 50, 10, false, "{\"type\":\"location\",\"latitude\":52,\"longitude\":5}");
    follow(r);
    tc_live_in_area(r, &area, stands, &n);
    assert_int_equal(n, 1);
    put("location", 50, 20, false, "{\"type\":\"location\",\"latitude\":53,\"longitude\":5}");
    follow(r);
    tc_live_in_area(r, &area, stands, &n);
    assert_int_equal(n, 1); /* it moved */
    delete_version("relationship", 60, 0);
    follow(r);
    assert_false(at(r, 1)->facts.placed);
    tc_live_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_and_deletions, setup, teardown),
        cmocka_unit_test_setup_teardown(dependencies, setup, teardown),
        cmocka_unit_test_setup_teardown(places, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
