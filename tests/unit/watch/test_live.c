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
static uint32_t audience; /* that of whoever posts next; the node's own organisation, 1, at first */
static uint64_t reached;
static struct tc_access *x;
static struct tc_standing *who;

enum { OWN = 1, GRID, CARE };
static char ids[4][TC_ID_MAX];

static void organisation(const char *name, uint32_t want)
{
    uint32_t number = 0;
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_org o = {.name = tc_str_cstr(name), .country = TC_STR("NL")};
    assert_int_equal(tc_access_org_add(x, &o, &number, NULL), TC_OK);
    assert_int_equal(number, want);
    assert_int_equal(tc_access_org_by(x, number, TC_STR(""), a, &o), TC_OK);
    assert_true(tc_str_copy(o.identity, ids[want], TC_ID_MAX));
    tc_arena_free(a);
}

static void as(uint32_t org)
{
    audience = tc_test_audience(j, TC_TLP_AMBER, org, 1);
}

static int setup(void **state)
{
    static char dir[256];
    (void)snprintf(dir, sizeof dir, "%s", tc_test_dir());
    assert_int_equal(tc_journal_open(dir, &(struct tc_journal_options){0}, &j, NULL), TC_OK);
    assert_int_equal(tc_access_open(dir, &x, NULL), TC_OK);
    organisation("Own", OWN);
    organisation("Grid", GRID);
    organisation("Care", CARE);
    who = tc_standing_new(OWN, x);
    assert_non_null(who);
    as(OWN);
    reached = 0;
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    tc_journal_close(j);
    tc_access_close(x);
    tc_standing_free(who);
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
    e.entitled = true; /* the register's rule is to hold without the journal's, too */
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
    struct tc_live *r = tc_live_new(who);
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
    struct tc_live *r = tc_live_new(who);
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
    struct tc_live *r = tc_live_new(who);
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

/* An asset of GRID's or CARE's, described by whoever posts. */
static void asset_of(uint64_t number, int64_t version, const char *name, uint32_t operator_org)
{
    char body[1024];
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"infrastructure\",\"name\":\"%s\"," EXT(
                       TC_EXT_ASSET) "\"operator_ref\":\"%s\"}}}",
                   name, ids[operator_org]);
    put("infrastructure", number, version, false, body);
}

static bool named(struct tc_live *r, uint64_t number, const char *name)
{
    char id[TC_ID_MAX];
    uint32_t i = 0;
    id_of("infrastructure", number, id);
    bool there = tc_live_find(r, tc_str_cstr(id), &i) && tc_live_asset(r, i)->present;
    return there ? tc_str_is(tc_live_asset(r, i)->facts.name, name) : !name;
}

static uint32_t edges(struct tc_live *r)
{
    const struct tc_graph *g = NULL;
    assert_int_equal(tc_live_graph(r, &g, NULL), TC_OK);
    return g->e;
}

static void only_who_has_standing_describes_an_asset(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new(who);
    as(CARE);
    asset_of(1, 10, "claimed for another", GRID);
    follow(r);
    assert_true(named(r, 1, NULL));
    as(GRID);
    asset_of(1, 11, "own", GRID);
    as(CARE);
    asset_of(1, 13, "not its own", GRID);
    asset_of(1, 14, "taken over", CARE);
    put("infrastructure", 1, 16, true, "{\"type\":\"infrastructure\",\"revoked\":true}");
    follow(r);
    assert_true(named(r, 1, "own"));
    as(OWN);
    asset_of(1, 15, "by a keeper", GRID); /* the keeper's newer version */
    follow(r);
    assert_true(named(r, 1, "by a keeper"));
    as(CARE); /* first come is not first served */
    asset_of(2, 1000000, "squatted", CARE);
    as(OWN);
    asset_of(2, 10, "by a keeper", GRID);
    as(CARE);
    asset_of(2, 2000000, "squatted", CARE);
    follow(r);
    assert_true(named(r, 2, "by a keeper"));
    struct tc_live *at_once = tc_live_new(who); /* as a command reads it */
    assert_int_equal(tc_live_load(at_once, j), TC_OK);
    assert_true(named(at_once, 1, "by a keeper"));
    assert_true(named(at_once, 2, "by a keeper"));
    tc_live_free(at_once);
    as(GRID);
    asset_of(2, 20, "newer", GRID);
    follow(r);
    assert_true(named(r, 2, "newer"));
    delete_version("infrastructure", 2, 20);
    follow(r);
    assert_true(named(r, 2, "by a keeper"));
    tc_live_free(r);
}

static void only_the_operator_says_what_it_needs(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new(who);
    as(CARE);
    depends(101, 10, 1, 2, "1"); /* before anybody knows whose asset it is */
    depends(102, 10, 3, 2, "1");
    as(OWN);
    asset_of(1, 10, "substation", GRID);
    asset_of(3, 10, "hospital", CARE);
    follow(r);
    assert_int_equal(edges(r), 1); /* the hospital's */
    as(GRID);
    depends(103, 10, 1, 4, "1");
    follow(r);
    assert_int_equal(edges(r), 2);
    as(CARE);
    depends(103, 20, 1, 5, "1"); /* another's dependency, altered and withdrawn */
    put("relationship", 103, 30, true, "{\"type\":\"relationship\",\"revoked\":true}");
    follow(r);
    assert_int_equal(edges(r), 2);
    as(OWN);
    asset_of(3, 20, "hospital, sold", GRID);
    follow(r);
    assert_int_equal(edges(r), 1); /* the word of who sold it counts no more */
    tc_live_free(r);
}

static void located(char *body, size_t size, const char *asset_id, const char *location_id)
{
    (void)snprintf(body, size,
                   "{\"type\":\"relationship\",\"relationship_type\":\"located-at\",\"source_ref\":"
                   "\"%s\",\"target_ref\":\"%s\"}",
                   asset_id, location_id);
}

static void only_the_operator_says_where_it_stands(void **state)
{
    (void)state;
    struct tc_live *r = tc_live_new(who);
    char a[TC_ID_MAX], b[TC_ID_MAX], c[TC_ID_MAX], body[1024];
    const struct tc_area area = {.lat = 52, .lon = 5, .km = 10};
    int n = 0;
    id_of("infrastructure", 1, a);
    id_of("location", 50, b);
    id_of("location", 51, c);
    asset_of(1, 10, "substation", GRID);
    as(CARE);
    put("location", 50, 10, false, "{\"type\":\"location\",\"latitude\":52,\"longitude\":5}");
    located(body, sizeof body, a, b);
    put("relationship", 60, 10, false, body);
    follow(r);
    tc_live_in_area(r, &area, stands, &n);
    assert_int_equal(n, 0);
    as(GRID);
    put("location", 51, 10, false, "{\"type\":\"location\",\"latitude\":52,\"longitude\":5}");
    located(body, sizeof body, a, c);
    put("relationship", 61, 10, false, body);
    as(CARE);
    put("location", 51, 20, false, "{\"type\":\"location\",\"latitude\":0,\"longitude\":0}");
    located(body, sizeof body, a, b);
    put("relationship", 62, 10, false, body);
    put("relationship", 61, 20, true, "{\"type\":\"relationship\",\"revoked\":true}");
    follow(r);
    tc_live_in_area(r, &area, stands, &n);
    assert_int_equal(n, 1);
    tc_live_free(r);
}

static void the_register_can_be_entrusted(void **state)
{
    const char *dir = *state;
    char path[512];
    struct tc_diag d;
    tc_diag_init(&d);
    (void)snprintf(path, sizeof path, "%s/register.json", dir);
    assert_false(tc_standing_keeper(who, CARE));
    assert_false(tc_standing_keeper(who, 0));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "{\"trusted\": [\"%s\"]}\n", ids[CARE]);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(tc_standing_load(who, dir, &d), TC_OK);
    assert_true(tc_standing_keeper(who, CARE));
    assert_false(tc_standing_own(who, CARE));
    assert_false(tc_standing_keeper(who, GRID));
    f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "{\"trusted\": [\"Grid\"]}\n"); /* a name is not enough */
    assert_int_equal(fclose(f), 0);
    assert_int_equal(tc_standing_load(who, dir, &d), TC_E_INVALID);
    assert_false(tc_standing_keeper(who, GRID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_and_deletions, setup, teardown),
        cmocka_unit_test_setup_teardown(dependencies, setup, teardown),
        cmocka_unit_test_setup_teardown(places, setup, teardown),
        cmocka_unit_test_setup_teardown(only_who_has_standing_describes_an_asset, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_operator_says_what_it_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_operator_says_where_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(the_register_can_be_entrusted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
