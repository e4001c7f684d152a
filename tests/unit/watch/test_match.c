/* SPDX-License-Identifier: Apache-2.0 */
/* From an indicator and an observation to a sighting and a finding on a node in a temporary folder:
 * who may read them, what ends an indicator, and everything again from the first entry. */
#include "codec/jsonw.h"
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
    uint32_t as; /* who posts; 0 = the node itself */
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
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_principal p = tc_principal_system;
    if (f->as)
        assert_int_equal(tc_access_org_principal(f->n->access, f->as, a, &p), TC_OK);
    const struct tc_intake_from from = {&p, community, TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_intake_prepare(f->n, &from, tc_str_cstr(text), &b, &d), TC_OK);
    for (size_t i = 0; i < tc_intake_count(b); i++)
        assert_string_equal(tc_intake_item(b, i)->diag.message, "");
    assert_int_equal(tc_intake_append(b), TC_OK);
    tc_intake_free(b);
    tc_arena_free(a);
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

/* ---- rules ---- */

#define RULE(members)                                                                              \
    ",#confidence#:70,#extensions#:{#extension-definition--522d5a34-03c1-5bf5-aeba-"               \
    "304766ac6688#:{#extension_type#:#property-extension#," members "}}"
#define ANY_OF_NET "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"
#define PER        "#per#:#ipv4-addr:value#"

/* The newest version of the n-th finding (from 0), or NULL; freed with the next call. */
static const char *finding(struct fix *f, unsigned n)
{
    static char text[1 << 16];
    const struct tc_str type = TC_STR("finding");
    const struct tc_query q = {.types = &type, .n_types = 1};
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool found = false;
    assert_int_equal(tc_reader_open(f->n->journal, &tc_principal_system, &q, &r), TC_OK);
    do
        assert_int_equal(tc_reader_next(r, &row), TC_OK);
    while (row.seq && n--);
    if (row.seq)
        found = tc_str_copy(row.body, text, sizeof text);
    tc_reader_close(r);
    return found ? text : NULL;
}

static void says(const char *text, const char *what)
{
    if (!text || !strstr(text, what))
        fail_msg("%s is not in %s", what, text ? text : "nothing");
}

static void test_per(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET " REPEATS 4 TIMES WITHIN 30 SECONDS",
              RULE(PER ",#severity#:#Severe#,#says#:{#en#:#{per}: {count} from {first} to {last}, "
                       "{ipv4-addr:value} at {place}#,#de#:#{per}, {count}-mal#}"));
    observe(f, f->both, 1, f->care_id, 1, 7);
    observe(f, f->both, 2, f->care_id, 2, 8);
    observe(f, f->both, 3, f->care_id, 3, 9);
    assert_int_equal(all(f, "finding"), 0);
    stop(f);
    start_at(f, false); /* the states of all values come back */
    observe(f, f->both, 4, f->care_id, 4, 8);
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(all(f, "sighting"), 1);
    const char *x = finding(f, 0);
    says(x, "\"value\":\"198.51.100.8\"");
    says(x, "\"severity\":\"Severe\"");
    says(x, "\"confidence\":70");
    says(x, "\"count\":4");
    says(x, "\"en\":\"198.51.100.8: 4 from 2026-02-01 00:00 UTC to 2026-02-01 00:00 UTC, "
            "198.51.100.8 at ?\"");
    says(x, "\"de\":\"198.51.100.8, 4-mal\"");
    says(x, "\"description\":\"198.51.100.8: 4 from");
    observe(f, f->both, 5, f->care_id, 59, 9); /* too late for its own first */
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(tc_match_counts(f->match).partitions, 3);
    again(f);
}

/* The same observations, two values: two findings. */
static void test_per_of_one_observation(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET, RULE(PER));
    post(f, f->both,
         "{#type#:#bundle#,#id#:#bundle--20000000-0000-4000-8000-000000000001#,#objects#:["
         "{#type#:#observed-data#,#spec_version#:#2.1#,#id#:#observed-data--30000000-0000-4000-8000"
         "-000000000001#,#created_by_ref#:#%s#,#created#:#2026-02-01T00:00:00.000Z#,"
         "#modified#:#2026-02-01T00:00:00.000Z#,#first_observed#:#2026-02-01T00:00:00Z#,"
         "#last_observed#:#2026-02-01T00:00:00Z#,#number_observed#:1,#object_refs#:"
         "[#ipv4-addr--40000000-0000-4000-8000-000000000001#,"
         "#ipv4-addr--40000000-0000-4000-8000-000000000002#]},"
         "{#type#:#ipv4-addr#,#spec_version#:#2.1#,#id#:#ipv4-addr--40000000-0000-4000-8000-"
         "000000000001#,#value#:#198.51.100.1#},"
         "{#type#:#ipv4-addr#,#spec_version#:#2.1#,#id#:#ipv4-addr--40000000-0000-4000-8000-"
         "000000000002#,#value#:#198.51.100.2#}]}",
         f->care_id);
    assert_int_equal(all(f, "finding"), 2);
    again(f);
}

static void test_cooldown(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET,
              RULE(PER ",#cooldown#:#PT1H#,#says#:{#en#:#{count} times#}"));
    for (unsigned i = 1; i <= 5; i++)
        observe(f, f->both, i, f->care_id, i, 7);
    observe(f, f->both, 6, f->care_id, 6, 8); /* another value: its own */
    assert_int_equal(all(f, "finding"), 2);
    assert_int_equal(all(f, "sighting"), 2);
    assert_int_equal(tc_match_counts(f->match).counted, 4);
    says(finding(f, 1), "\"198.51.100.8\"");
    again(f);
    stop(f);
    start_at(f, false); /* goes on with the finding that stands */
    for (unsigned i = 7; i <= 40; i++)
        observe(f, f->both, i, f->care_id, i, 7);
    assert_int_equal(all(f, "finding"), 2);
    const char *x = finding(f, 1); /* its newest version is a later entry */
    says(x, "\"matches\":20");     /* from here on at each doubling */
    says(x, "\"count\":40");
    says(x, "\"description\":\"40 times\"");
    says(x, "\"change\":\"same\"");
    observe(f, f->both, 41, f->care_id, 41, 7);
    for (unsigned i = 42; i <= 42; i++)
        observe(f, f->both, i, f->care_id, i, 7);
    again(f);
}

/* Nobody else learns of a value by the count of a finding that is not for them. */
static void test_cooldown_by_audience(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET, RULE(PER ",#cooldown#:#PT1H#"));
    indicator(f, f->other, 1, f->grid_id, 0, ANY_OF_NET, RULE(PER ",#cooldown#:#PT1H#"));
    observe(f, f->both, 1, f->care_id, 1, 7);
    observe(f, f->other, 2, f->sea_id, 2, 7);
    observe(f, f->both, 3, f->care_id, 3, 7);
    assert_int_equal(sees(f, f->care, "finding"), 1);
    assert_int_equal(sees(f, f->sea, "finding"), 1);
    assert_int_equal(all(f, "finding"), 2); /* not one that both see */
    again(f);
}

static void mute(struct fix *f, unsigned number, const char *by, int minute, const char *more)
{
    f->as = by == f->grid_id ? f->grid : f->care;
    post(f, f->both,
         "{#type#:#mute#,#spec_version#:#2.1#,#id#:#mute--50000000-0000-4000-8000-0000000000%02u#,"
         "#created_by_ref#:#%s#,#created#:#2026-01-01T00:00:00.000Z#,#modified#:#2026-01-01T00:%02d"
         ":00.000Z#,#rule_ref#:#indicator--10000000-0000-4000-8000-000000000001#,#reason#:#known#,"
         "#extensions#:{#extension-definition--77b5a826-fe42-52d3-9ac2-fe630a78da5f#:"
         "{#extension_type#:#new-sdo#}}%s}",
         number, by, minute, more);
    f->as = 0;
}

static void test_mute(void **state)
{
    struct fix *f = *state;
    f->as = f->grid;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET, RULE(PER));
    mute(f, 1, f->care_id, 0, ""); /* not their rule: holds nothing back */
    observe(f, f->both, 1, f->care_id, 1, 7);
    assert_int_equal(all(f, "finding"), 1);
    mute(f, 2, f->grid_id, 0, ",#value#:#198.51.100.7#");
    observe(f, f->both, 2, f->care_id, 2, 7);
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(tc_match_counts(f->match).muted, 1);
    observe(f, f->both, 3, f->care_id, 3, 8);
    assert_int_equal(all(f, "finding"), 2);
    mute(f, 3, f->grid_id, 0, ""); /* all of it */
    observe(f, f->both, 4, f->care_id, 4, 8);
    assert_int_equal(all(f, "finding"), 2);
    stop(f);
    start_at(f, false);
    observe(f, f->both, 5, f->care_id, 5, 8); /* after a start, too */
    assert_int_equal(all(f, "finding"), 2);
    mute(f, 3, f->grid_id, 1, ",#revoked#:true");
    observe(f, f->both, 6, f->care_id, 6, 8);
    assert_int_equal(all(f, "finding"), 3);
    mute(f, 2, f->grid_id, 1, ",#value#:#198.51.100.7#,#until#:#2026-01-02T00:00:00Z#");
    observe(f, f->both, 7, f->care_id, 7, 7); /* it has ended */
    assert_int_equal(all(f, "finding"), 4);
    again(f);
}

/* What an observation refers to comes in later, once and again. */
static void test_awaited(void **state)
{
    struct fix *f = *state;
    indicator(f, f->both, 1, f->grid_id, 0, ANY_OF_NET " REPEATS 2 TIMES WITHIN 30 SECONDS", "");
    for (unsigned i = 1; i <= 2; i++)
        post(f, f->both,
             "{#type#:#observed-data#,#spec_version#:#2.1#,#id#:#observed-data--30000000-0000-4000-"
             "8000-0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-02-01T00:00:00.000Z#,"
             "#modified#:#2026-02-01T00:00:00.000Z#,#first_observed#:#2026-02-01T00:00:0%uZ#,"
             "#last_observed#:#2026-02-01T00:00:0%uZ#,#number_observed#:1,#object_refs#:"
             "[#ipv4-addr--40000000-0000-4000-8000-000000000001#]}",
             i, f->care_id, i, i);
    assert_int_equal(tc_match_counts(f->match).awaited, 2);
    assert_int_equal(all(f, "finding"), 0);
    stop(f);
    start_at(f, false); /* goes on waiting */
    post(f, f->both,
         "{#type#:#ipv4-addr#,#spec_version#:#2.1#,#id#:#ipv4-addr--40000000-0000-4000-8000-"
         "000000000001#,#value#:#198.51.100.1#}");
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(tc_match_counts(f->match).awaited, 0);
    again(f);
}

/* Live without an import; who may know is up to the evidence; no sighting. */
static void test_rule_of_a_pack(void **state)
{
    struct fix *f = *state;
    assert_int_equal(tc_match_counts(f->match).rules, 0); /* no step yet */
    for (unsigned i = 1; i <= 2; i++)
        post(f, f->both,
             "{#type#:#bundle#,#id#:#bundle--20000000-0000-4000-8000-0000000000%02u#,#objects#:["
             "{#type#:#observed-data#,#spec_version#:#2.1#,#id#:#observed-data--30000000-0000-4000-"
             "8000-0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-02-01T00:00:00.000Z#,"
             "#modified#:#2026-02-01T00:00:00.000Z#,#first_observed#:#2026-02-01T00:00:0%uZ#,"
             "#last_observed#:#2026-02-01T00:00:0%uZ#,#number_observed#:1,#object_refs#:"
             "[#process--40000000-0000-4000-8000-0000000000%02u#,"
             "#user-account--40000000-0000-4000-8000-000000000009#]},"
             "{#type#:#process#,#spec_version#:#2.1#,#id#:#process--40000000-0000-4000-8000-"
             "0000000000%02u#,#command_line#:#vssadmin delete shadows /all#,#creator_user_ref#:"
             "#user-account--40000000-0000-4000-8000-000000000009#},"
             "{#type#:#user-account#,#spec_version#:#2.1#,#id#:#user-account--40000000-0000-4000-"
             "8000-000000000009#,#account_login#:#svc-print#}]}",
             i, i, f->care_id, i, i, i, i);
    assert_true(tc_match_counts(f->match).rules > 0);
    assert_int_equal(tc_match_counts(f->match).indicators, 0);
    assert_int_equal(all(f, "finding"), 1);
    assert_int_equal(all(f, "sighting"), 0);
    const char *x = finding(f, 0);
    says(x, "\"severity\":\"Extreme\"");
    says(x, "\"en\":\"The account svc-print deleted backups");
    says(x, "\"de\":\"Das Konto svc-print hat");
    assert_int_equal(sees(f, f->care, "finding"), 1);
    assert_int_equal(sees(f, f->grid, "finding"), 1);
    assert_int_equal(sees(f, f->sea, "finding"), 0);
    again(f);
}

static void asset(struct fix *f, unsigned number, uint32_t community)
{
    post(f, community,
         "{#type#:#infrastructure#,#spec_version#:#2.1#,#id#:#infrastructure--60000000-0000-4000-"
         "8000-0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-01-01T00:00:00.000Z#,"
         "#modified#:#2026-01-01T00:00:00.000Z#,#name#:#Substation#}",
         number, community == f->both ? f->grid_id : f->sea_id);
}

/* An asset is named only where all readers of the finding may read of it. */
static void test_about(void **state)
{
    struct fix *f = *state;
    asset(f, 1, f->both);
    asset(f, 2, f->other);
    indicator(f, f->both, 1, f->grid_id, 0, "[user-account:account_login = 'x']",
              RULE("#about#:#user-account:user_id#"));
    for (unsigned i = 1; i <= 3; i++)
        post(f, f->both,
             "{#type#:#bundle#,#id#:#bundle--20000000-0000-4000-8000-0000000000%02u#,#objects#:["
             "{#type#:#observed-data#,#spec_version#:#2.1#,#id#:#observed-data--30000000-0000-4000-"
             "8000-0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-02-01T00:00:00.000Z#,"
             "#modified#:#2026-02-01T00:00:00.000Z#,#first_observed#:#2026-02-01T00:00:0%uZ#,"
             "#last_observed#:#2026-02-01T00:00:0%uZ#,#number_observed#:1,#object_refs#:"
             "[#user-account--40000000-0000-4000-8000-0000000000%02u#]},"
             "{#type#:#user-account#,#spec_version#:#2.1#,#id#:#user-account--40000000-0000-4000-"
             "8000-0000000000%02u#,#account_login#:#x#,#user_id#:#%s%02u#}]}",
             i, i, f->care_id, i, i, i, i,
             i < 3 ? "infrastructure--60000000-0000-4000-8000-0000000000" : "SUB-", i);
    assert_int_equal(all(f, "finding"), 3);
    says(finding(f, 0), "000001\",\"infrastructure--60000000-0000-4000-8000-000000000001\"]");
    says(finding(f, 1),
         "\"about_keys\":[\"infrastructure--60000000-0000-4000-8000-000000000002\"]");
    says(finding(f, 2), "\"about_keys\":[\"SUB-03\"]");
    again(f);
}

/* What the engine does not take is said, to those who may read it. */
static void test_status(void **state)
{
    struct fix *f = *state;
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_principal p;
    struct tc_buf b;
    indicator(f, f->both, 1, f->grid_id, 0, "(" SEVEN " REPEATS 900000 TIMES) REPEATS 900000 TIMES",
              "");
    indicator(f, f->both, 2, f->grid_id, 0, "[ipv4-addr:value NOT MATCHES '[0-9]']", "");
    indicator(f, f->both, 3, f->grid_id, 0, SEVEN,
              RULE("#per#:#ipv4-addr:value#,#says#:{#en#:#{nothing}#}"));
    for (int i = 0; i < 3; i++) {
        tc_buf_init(&b, 1 << 16);
        struct tc_jsonw w = tc_jsonw_into(&b);
        assert_int_equal(tc_access_org_principal(f->n->access, i == 0 ? f->grid : f->sea, a, &p),
                         TC_OK);
        tc_jsonw_object(&w);
        tc_node_watch_status(f->n, &p, i == 2, &w);
        tc_jsonw_object_end(&w);
        const char *text = tc_buf_z(&b);
        assert_int_equal(strstr(text, "000001") != NULL, i == 0);
        assert_int_equal(strstr(text, "000002") != NULL, i == 0);
        /* every rule of the packs has a key: only the organisation's own pattern has none */
        assert_int_equal(strstr(text, "\"state\":\"unindexed\"") != NULL, i == 0);
        assert_int_equal(strstr(text, "\"refused\":2") != NULL, i == 2);
        if (i == 0) {
            says(text, "in {} stands an object path");
            says(text, "000002\",\"state\":\"unindexed\"");
        }
        tc_buf_fini(&b);
    }
    tc_arena_free(a);
    indicator(f, f->both, 3, f->grid_id, 1, SEVEN, RULE(PER)); /* mended */
    assert_int_equal(tc_match_counts(f->match).refused, 1);
    again(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_seen),
                                       T(test_ends),
                                       T(test_deleted),
                                       T(test_apart),
                                       T(test_over_time),
                                       T(test_refused),
                                       T(test_warning_list),
                                       T(test_per),
                                       T(test_per_of_one_observation),
                                       T(test_cooldown),
                                       T(test_cooldown_by_audience),
                                       T(test_mute),
                                       T(test_awaited),
                                       T(test_rule_of_a_pack),
                                       T(test_about),
                                       T(test_status)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
