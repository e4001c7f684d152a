/* SPDX-License-Identifier: Apache-2.0 */
/* The end of personal data by a clock of our own: rules of packs, dates of objects, whose word
 * counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/log.h"
#include "watch/retention.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY (86400 * TC_SECOND)

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_retention *r;
    uint32_t audience[3]; /* of organisation 1, 2 */
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
static tc_time later;

static tc_time clock_of_tests(void)
{
    return tc_time_now() + later;
}

static int set_up(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    struct tc_diag d;
    tc_diag_init(&d);
    tc_log_set_level(TC_LOG_ERROR);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-retention-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    assert_int_equal(tc_node_init(f->dir, "Test", &grid, &d), TC_OK);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    for (uint32_t i = 1; i < 3; i++) {
        const struct tc_audience a = {.tlp = TC_TLP_GREEN, .creator_org = i};
        assert_int_equal(tc_journal_audience(f->n->journal, &a, &f->audience[i]), TC_OK);
    }
    assert_int_equal(tc_retention_alone(f->n, &f->r), TC_OK);
    tc_retention_clock(f->r, clock_of_tests);
    later = 0;
    *state = f;
    return 0;
}

static void empty(const char *dir, int depth)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    char path[600];
    while (list && depth && (item = readdir(list)) != NULL) {
        if (item->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, item->d_name);
        if (unlink(path))
            empty(path, depth - 1);
    }
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_retention_free(f->r);
    tc_node_close(f->n);
    empty(f->root, 8);
    free(f);
    return 0;
}

static void put(struct fix *f, const char *type, unsigned n, uint32_t org, uint32_t community,
                const char *extension)
{
    char id[TC_ID_MAX], body[1024];
    struct tc_entry_in in = {.version = TC_TIME_NONE};
    (void)snprintf(id, sizeof id, "%s--00000000-0000-4000-8000-%012u", type, n);
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"%s\",\"id\":\"%s\",\"value\":\"a@b.example\",\"extensions\":"
                   "{\"extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e\":{%s}}}",
                   type, id, extension);
    in.id = tc_str_cstr(id);
    in.body = tc_str_cstr(body);
    in.audience = f->audience[org];
    in.community = community;
    assert_int_equal(tc_id_split(in.id, &in.type, &in.uuid), TC_OK);
    assert_int_equal(tc_journal_append(f->n->journal, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
}

static size_t run_after(struct fix *f, int64_t days)
{
    size_t erased = 0;
    later = days * DAY;
    assert_int_equal(tc_retention_read(f->r, tc_journal_head(f->n->journal)), TC_OK);
    assert_int_equal(tc_retention_run(f->r, &erased), TC_OK);
    return erased;
}

static uint64_t objects(struct fix *f)
{
    const struct tc_query q = {.added_after = TC_TIME_NONE, .versions = 1u << TC_VERSIONS_ALL};
    uint64_t n = 0;
    assert_int_equal(tc_journal_count(f->n->journal, &tc_principal_system, &q, &n), TC_OK);
    return n;
}

static void test_rule_of_a_type(void **state)
{
    struct fix *f = *state;
    uint64_t before = objects(f);
    put(f, "email-addr", 1, 1, 1, "");
    put(f, "email-addr", 2, 1, 1, "\"erase_due\":\"9000-01-01T00:00:00Z\"");
    put(f, "ipv4-addr", 3, 1, 1, "");
    assert_int_equal(run_after(f, 1094), 0);
    assert_int_equal(objects(f), before + 3);
    assert_int_equal(run_after(f, 1096), 1); /* the object's own date goes before */
    assert_int_equal(objects(f), before + 2);
    assert_int_equal(run_after(f, 1096), 0);
    put(f, "email-addr", 1, 1, 1, ""); /* posted again: it counts anew */
    assert_int_equal(run_after(f, 1094), 0);
    assert_int_equal(run_after(f, 1096), 1);
}

/* One organisation's date does not take away what another posted under the same id. */
static void test_whose_word(void **state)
{
    struct fix *f = *state;
    uint64_t before = objects(f);
    put(f, "url", 1, 1, 1, "");
    put(f, "url", 1, 2, 2, "\"erase_due\":\"2001-01-01T00:00:00Z\"");
    assert_int_equal(run_after(f, 0), 1);
    assert_int_equal(objects(f), before + 1);
    assert_int_equal(run_after(f, 9999), 0);
}

/* More than one round takes at once, and a new reader finds the same. */
static void test_many_and_again(void **state)
{
    struct fix *f = *state;
    uint64_t before = objects(f);
    for (unsigned i = 0; i < 250; i++)
        put(f, "url", i, 1, 1, "\"erase_due\":\"2100-01-01T00:00:00Z\"");
    assert_int_equal(run_after(f, 1), 0);
    tc_retention_free(f->r);
    assert_int_equal(tc_retention_alone(f->n, &f->r), TC_OK);
    tc_retention_clock(f->r, clock_of_tests);
    assert_int_equal(run_after(f, INT64_C(200) * 366), 250);
    assert_int_equal(objects(f), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rule_of_a_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whose_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_and_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
