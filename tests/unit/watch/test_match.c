/* SPDX-License-Identifier: Apache-2.0 */
/* From an indicator and an observation to a sighting and a finding on a node in a temporary folder:
 * who may read them, what ends an indicator, and everything again from the first entry. */
#include "intake/intake.h"
#include "pack/pack.h"
#include "watch/match.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_match *match;
    const struct tc_types *types;
    uint32_t grid, care, sea; /* organisations: the first two share a community */
    uint32_t both, other;
    char grid_id[TC_ID_MAX], care_id[TC_ID_MAX], sea_id[TC_ID_MAX];
};

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void org(struct fix *f, const char *name, uint32_t community, uint32_t *number,
                char id[TC_ID_MAX])
{
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_org o = {.name = tc_str_cstr(name), .country = TC_STR("NL")};
    assert_int_equal(tc_access_org_add(f->n->access, &o, number, NULL), TC_OK);
    assert_int_equal(tc_access_org_by(f->n->access, *number, TC_STR(""), a, &o), TC_OK);
    assert_true(tc_str_copy(o.identity, id, TC_ID_MAX));
    assert_int_equal(tc_access_member_set(f->n->access, community, *number, true, true, NULL),
                     TC_OK);
    tc_arena_free(a);
}

static void start_at(struct fix *f, bool from_first)
{
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    if (!f->n->types)
        f->n->types = f->types;
    if (from_first)
        assert_int_equal(tc_journal_cursor_set(f->n->journal, "match", 0), TC_OK);
    assert_int_equal(tc_match_watch(f->n, &f->match, &d), TC_OK);
    assert_int_equal(tc_node_start(f->n, &d), TC_OK);
}

static void stop(struct fix *f)
{
    tc_node_close(f->n);
    tc_match_free(f->match);
    f->n = NULL;
    f->match = NULL;
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    const struct tc_org point = {.name = TC_STR("Contact point"), .country = TC_STR("NL")};
    const struct tc_community both = {.title = TC_STR("both"), .kind = TC_STR("sector")};
    const struct tc_community other = {.title = TC_STR("other"), .kind = TC_STR("sector")};
    struct tc_types *types = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-match-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &types, &d), TC_OK);
    f->types = types;
    assert_int_equal(tc_node_init(f->dir, "Test node", &point, &d), TC_OK);
    start_at(f, false);
    assert_int_equal(tc_access_community_add(f->n->access, &both, &f->both, NULL), TC_OK);
    assert_int_equal(tc_access_community_add(f->n->access, &other, &f->other, NULL), TC_OK);
    org(f, "Grid operator", f->both, &f->grid, f->grid_id);
    org(f, "Care group", f->both, &f->care, f->care_id);
    org(f, "Harbour", f->other, &f->sea, f->sea_id);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    stop(f);
    (void)nftw(f->root, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
    tc_types_free((struct tc_types *)(uintptr_t)f->types);
    free(f);
    return 0;
}

/* fmt: one object or bundle, '#' for '"'. */
__attribute__((format(printf, 3, 4))) static void post(struct fix *f, uint32_t community,
                                                       const char *fmt, ...)
{
    char text[8192];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *c = text; *c; c++)
        if (*c == '#')
            *c = '"';
    const struct tc_intake_from from = {&tc_principal_system, community, TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_intake_prepare(f->n, &from, tc_str_cstr(text), &b, &d), TC_OK);
    for (size_t i = 0; i < tc_intake_count(b); i++)
        assert_string_equal(tc_intake_item(b, i)->diag.message, "");
    assert_int_equal(tc_intake_append(b), TC_OK);
    tc_intake_free(b);
    assert_int_equal(tc_node_settle(f->n, 10 * TC_SECOND), TC_OK);
}

/* minute: of the version. more: further properties, each with a comma before it. */
static void indicator(struct fix *f, uint32_t community, unsigned number, const char *by,
                      int minute, const char *pattern, const char *more)
{
    post(f, community,
         "{#type#:#indicator#,#spec_version#:#2.1#,#id#:#indicator--10000000-0000-4000-8000-"
         "0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-01-01T00:00:00.000Z#,"
         "#modified#:#2026-01-01T00:%02d:00.000Z#,#name#:#Beacon#,#pattern_type#:#stix#,"
         "#pattern#:#%s#,#valid_from#:#2026-01-01T00:00:00Z#%s}",
         number, by, minute, pattern, more);
}

/* An address seen, with the address beside it. */
static void observe(struct fix *f, uint32_t community, unsigned number, const char *by,
                    unsigned second, unsigned address)
{
    post(f, community,
         "{#type#:#bundle#,#id#:#bundle--20000000-0000-4000-8000-0000000000%02u#,#objects#:["
         "{#type#:#observed-data#,#spec_version#:#2.1#,#id#:#observed-data--30000000-0000-4000-8000"
         "-0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-02-01T00:00:00.000Z#,"
         "#modified#:#2026-02-01T00:00:00.000Z#,#first_observed#:#2026-02-01T00:00:%02uZ#,"
         "#last_observed#:#2026-02-01T00:00:%02uZ#,#number_observed#:2,#object_refs#:"
         "[#ipv4-addr--40000000-0000-4000-8000-0000000000%02u#]},"
         "{#type#:#ipv4-addr#,#spec_version#:#2.1#,#id#:#ipv4-addr--40000000-0000-4000-8000-"
         "0000000000%02u#,#value#:#198.51.100.%u#}]}",
         number, number, by, second, second, address, address, address);
}

static uint64_t sees(struct fix *f, uint32_t number, const char *type)
{
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_principal p;
    const struct tc_str one = tc_str_cstr(type);
    const struct tc_query q = {.types = &one, .n_types = 1};
    uint64_t n = 0;
    assert_int_equal(tc_access_org_principal(f->n->access, number, a, &p), TC_OK);
    assert_int_equal(tc_journal_count(f->n->journal, number ? &p : &tc_principal_system, &q, &n),
                     TC_OK);
    tc_arena_free(a);
    return n;
}

static uint64_t all(struct fix *f, const char *type)
{
    const struct tc_str one = tc_str_cstr(type);
    const struct tc_query q = {.types = &one, .n_types = 1};
    uint64_t n = 0;
    assert_int_equal(tc_journal_count(f->n->journal, &tc_principal_system, &q, &n), TC_OK);
    return n;
}

static void again(struct fix *f)
{
    uint64_t head = tc_journal_head(f->n->journal);
    stop(f);
    start_at(f, true);
    assert_int_equal(tc_node_settle(f->n, 10 * TC_SECOND), TC_OK);
    assert_int_equal(tc_journal_head(f->n->journal), head);
}

#define SEVEN "[ipv4-addr:value = '198.51.100.7']"

static void test_seen(void **state)
{
    struct fix *f = *state;
    struct tc_reader *r = NULL;
    struct tc_row row;
    const struct tc_str type = TC_STR("sighting");
    const struct tc_query q = {.types = &type, .n_types = 1};
    observe(f, f->both, 1, f->care_id, 1, 7); /* before: not for this reader */
    indicator(f, f->both, 1, f->grid_id, 0, SEVEN, "");
    assert_int_equal(all(f, "sighting"), 0);
    observe(f, f->both, 2, f->care_id, 2, 7);
    observe(f, f->both, 3, f->care_id, 3, 8);
    assert_int_equal(all(f, "sighting"), 1);
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(sees(f, f->grid, "sighting"), 1);
    assert_int_equal(sees(f, f->care, "finding"), 1);
    assert_int_equal(sees(f, f->sea, "sighting"), 0);
    assert_int_equal(sees(f, f->sea, "finding"), 0);
    assert_int_equal(tc_reader_open(f->n->journal, &tc_principal_system, &q, &r), TC_OK);
    assert_int_equal(tc_reader_next(r, &row), TC_OK);
    assert_true(
        tc_str_find(row.body, TC_STR("\"count\":2,\"sighting_of_ref\":\"indicator--10000000-"
                                     "0000-4000-8000-000000000001\",\"observed_data_refs\":"
                                     "[\"observed-data--30000000-0000-4000-8000-"
                                     "000000000002\"]")) != SIZE_MAX);
    tc_reader_close(r);
    again(f);
}

static void test_ends(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, SEVEN, "");
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "sighting"), 1);
    indicator(f, f->both, 1, f->grid_id, 1, SEVEN, ",#revoked#:true");
    observe(f, f->both, 2, f->care_id, 2, 7);
    assert_int_equal(all(f, "sighting"), 1);
    indicator(f, f->both, 2, f->grid_id, 0, SEVEN, ",#valid_until#:#2026-01-02T00:00:00Z#");
    observe(f, f->both, 3, f->care_id, 3, 7);
    assert_int_equal(all(f, "sighting"), 1);
    indicator(f, f->both, 3, f->grid_id, 0, "[ipv4-addr:value = '198.51.100.9']", "");
    indicator(f, f->both, 3, f->grid_id, 1, SEVEN, ""); /* its newest version holds */
    observe(f, f->both, 4, f->care_id, 4, 9);
    assert_int_equal(all(f, "sighting"), 1);
    observe(f, f->both, 5, f->care_id, 5, 7);
    assert_int_equal(all(f, "sighting"), 2);
    assert_int_equal(tc_match_counts(f->match).indicators, 1);
    again(f);
}

static void test_deleted(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, SEVEN, "");
    struct tc_entry_in gone = {.kind = TC_ENTRY_DELETE,
                               .id = TC_STR("indicator--10000000-0000-4000-8000-000000000001"),
                               .type = TC_STR("indicator"),
                               .version = TC_TIME_NONE,
                               .creator = tc_str_cstr(f->grid_id),
                               .community = f->both};
    const struct tc_audience a = {
        .tlp = TC_TLP_AMBER, .creator_org = f->grid, .community = f->both};
    assert_int_equal(tc_uuid_parse(tc_str_cstr(gone.id.p + 11), &gone.uuid), TC_OK);
    assert_int_equal(tc_journal_audience(f->n->journal, &a, &gone.audience), TC_OK);
    assert_int_equal(tc_journal_append(f->n->journal, &gone, 1), TC_OK);
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "sighting"), 0);
    assert_int_equal(tc_match_counts(f->match).indicators, 0);
}

/* An indicator of another community, and evidence of one: nobody but who reads both. */
static void test_apart(void **state)
{
    struct fix *f = *state;
    indicator(f, f->other, 1, f->sea_id, 0, SEVEN, "");
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "sighting"), 0);
    assert_int_equal(tc_match_counts(f->match).nobody, 1);
    /* the node's organisation reads both: for it alone */
    assert_int_equal(tc_access_member_set(f->n->access, f->other, f->n->org, true, true, NULL),
                     TC_OK);
    assert_int_equal(tc_access_member_set(f->n->access, f->both, f->n->org, true, true, NULL),
                     TC_OK);
    observe(f, f->both, 2, f->care_id, 2, 7);
    assert_int_equal(all(f, "sighting"), 1);
    assert_int_equal(sees(f, f->n->org, "sighting"), 1);
    assert_int_equal(sees(f, f->sea, "sighting"), 0);
    assert_int_equal(sees(f, f->care, "sighting"), 0);
    assert_int_equal(sees(f, f->grid, "finding"), 0);
}

/* Over several observations; a start in between; what is one observation counts once. */
static void test_over_time(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0,
              "(" SEVEN " FOLLOWEDBY [ipv4-addr:value = '198.51.100.8']) WITHIN 10 SECONDS", "");
    observe(f, f->both, 1, f->care_id, 1, 7);
    stop(f);
    start_at(f, false);
    observe(f, f->both, 2, f->care_id, 5, 8);
    assert_int_equal(all(f, "sighting"), 1);
    observe(f, f->both, 3, f->care_id, 30, 8);
    assert_int_equal(all(f, "sighting"), 1);
    again(f);
}

static void test_refused(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0,
              "([ipv4-addr:value = '198.51.100.7'] REPEATS 900000 TIMES) REPEATS 900000 TIMES", "");
    assert_int_equal(tc_match_counts(f->match).refused, 1);
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "finding"), 0);
}

static void test_warning_list(void **state)
{
    struct fix *f = *state;
    char path[160];
    stop(f);
    (void)snprintf(path, sizeof path, "%s/warninglists", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/warninglists/own.json", f->dir);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    (void)fputs("{\"name\":\"Own ranges\",\"type\":\"cidr\",\"list\":[\"198.51.100.0/29\"]}", out);
    assert_int_equal(fclose(out), 0);
    start_at(f, false);
    indicator(f, f->both, 1, f->grid_id, 0, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "");
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "sighting"), 0);
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(tc_match_counts(f->match).suppressed, 1);
    observe(f, f->both, 2, f->care_id, 2, 9);
    assert_int_equal(all(f, "sighting"), 1);
    again(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_seen),        T(test_ends),      T(test_deleted),
                                       T(test_apart),       T(test_over_time), T(test_refused),
                                       T(test_warning_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
