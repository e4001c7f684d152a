/* SPDX-License-Identifier: Apache-2.0 */
/* A hunt through a journal finds what the engine finds when it is given everything at once: what a
 * hunt does not read (other types), keeps (objects, over batches) and passes over changes nothing.
 */
#include "codec/json.h"
#include "intake/intake.h"
#include "pattern/set.h"
#include "rand.h"
#include "watch/hunt.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define POOL         300u
#define OBSERVATIONS 2600u /* more than two batches */

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_buf text;
    struct tc_json json;
    struct tc_observations *reader;
    const struct tc_observation *v;
    size_t n_v;
};

static uint64_t seed = 7;

static unsigned pick(unsigned n)
{
    return (unsigned)(test_rand(&seed) % n);
}

static const char *const types[] = {"ipv4-addr", "domain-name", "file", "process"};

static void put_id(struct tc_buf *b, const char *type, unsigned i)
{
    tc_buf_fmt(b, "\"%s--00000000-0000-4000-8000-%012u\"", type, i);
}

static void put_value(struct tc_buf *b, unsigned i)
{
    switch (i % 4) {
    case 0:
        tc_buf_fmt(b, "\"value\":\"198.51.%u.%u\"", i / 4 % 3, i / 4);
        return;
    case 1:
        tc_buf_fmt(b, "\"value\":\"h%u.example\"", i);
        return;
    case 2:
        tc_buf_fmt(b, "\"name\":\"f%u\",\"size\":%u", i, i * 10);
        return;
    default: /* a chain of parents, some longer than what is read at once */
        tc_buf_fmt(b, "\"command_line\":\"c%u\"", i / 4 % 10);
        if (i / 4 % 10 == 0)
            return;
        tc_buf_cstr(b, ",\"parent_ref\":");
        put_id(b, "process", i - 4);
    }
}

static void put_object(struct tc_buf *b, unsigned i)
{
    tc_buf_fmt(b, "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":", types[i % 4]);
    put_id(b, types[i % 4], i);
    tc_buf_char(b, ',');
    put_value(b, i);
    tc_buf_cstr(b, "},\n");
}

static void put_inside(struct tc_buf *b, unsigned i)
{
    static const char *const hidden[] = {"ipv4-addr", "d\\u006fmain-name", "file"};
    tc_buf_fmt(b, "{\"type\":\"%s\",", hidden[i % 4 % 3]);
    put_value(b, i / 4 * 4 + i % 4 % 3);
    tc_buf_char(b, '}');
}

/* A chain longer than what is read with one observation: the first names its start, the last its
 * middle. */
static void put_chain(struct tc_buf *b)
{
    for (unsigned i = 0; i < 7; i++) {
        tc_buf_cstr(b, "{\"type\":\"process\",\"spec_version\":\"2.1\",\"id\":");
        put_id(b, "process", 1000 + i);
        tc_buf_fmt(b, ",\"command_line\":\"%s\"", i == 6 ? "deep" : "step");
        if (i < 6) {
            tc_buf_cstr(b, ",\"parent_ref\":");
            put_id(b, "process", 1001 + i);
        }
        tc_buf_cstr(b, "},\n");
    }
}

static void put_observation(struct tc_buf *b, unsigned i)
{
    unsigned at = pick(3000), n = 1 + pick(3);
    bool ends = i == 0 || i + 1 == OBSERVATIONS, inside = !ends && pick(4) == 0;
    tc_buf_cstr(b, "{\"type\":\"observed-data\",\"id\":");
    put_id(b, "observed-data", i);
    tc_buf_fmt(b,
               "%s,\"created\":\"2026-01-02T00:00:00.000Z\",\"modified\":\"2026-01-02T00:00:00."
               "000Z\",\"first_observed\":\"2026-01-01T00:%02u:%02uZ\",\"last_observed\"%s:"
               "\"2026-01-01T01:%02u:%02uZ\",\"number_observed\":%u,",
               inside ? "" : ",\"spec_version\":\"2.1\"", at / 60, at % 60, pick(3) ? "" : " ",
               at / 60, at % 60, 1 + pick(2));
    tc_buf_cstr(b, inside ? "\"objects\":{" : "\"object_refs\":[");
    if (ends)
        put_id(b, "process", i ? 1003 : 1000);
    for (unsigned k = 0; !ends && k < n; k++) {
        unsigned which = pick(POOL);
        tc_buf_cstr(b, k ? "," : "");
        if (inside) {
            tc_buf_fmt(b, "\"%u\":", k);
            put_inside(b, which);
        } else {
            put_id(b, types[which % 4], which);
        }
    }
    tc_buf_cstr(b, inside ? "}}" : "]}");
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void fill(struct fix *f)
{
    const struct tc_intake_from from = {&tc_principal_system, 0, TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_cstr(&f->text, "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-"
                          "000000000000\",\"objects\":[\n");
    for (unsigned i = 0; i < POOL; i++)
        put_object(&f->text, i);
    put_chain(&f->text);
    for (unsigned i = 0; i < OBSERVATIONS; i++) {
        put_observation(&f->text, i);
        tc_buf_cstr(&f->text, i + 1 < OBSERVATIONS ? ",\n" : "\n]}");
    }
    assert_int_equal(tc_intake_prepare(f->n, &from, tc_buf_view(&f->text), &b, &d), TC_OK);
    for (size_t i = 0; i < tc_intake_count(b); i++)
        assert_string_equal(tc_intake_item(b, i)->diag.message, "");
    assert_int_equal(tc_intake_append(b), TC_OK);
    tc_intake_free(b);
    assert_int_equal(tc_json_read(tc_buf_view(&f->text), TC_MAX_BODY, 0, &f->json, NULL), TC_OK);
    assert_int_equal(tc_observations_read(f->reader, f->json.root, &f->v, &f->n_v, NULL), TC_OK);
    assert_int_equal(f->n_v, OBSERVATIONS);
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    const struct tc_org point = {.name = TC_STR("Contact point"), .country = TC_STR("NL")};
    struct tc_diag d;
    tc_diag_init(&d);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-hunt-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    tc_buf_init(&f->text, TC_MAX_BODY);
    f->reader = tc_observations_new();
    assert_non_null(f->reader);
    assert_int_equal(tc_node_init(f->dir, "Test node", &point, &d), TC_OK);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    fill(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_node_close(f->n);
    tc_observations_free(f->reader);
    tc_json_fini(&f->json);
    tc_buf_fini(&f->text);
    (void)nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static void note(struct tc_buf *b, const struct tc_str *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tc_buf_str(b, tc_str_view(ids[i].p + ids[i].n - 5, 5));
        tc_buf_char(b, i + 1 < n ? ' ' : '\n');
    }
}

static tc_err told(void *arg, const struct tc_set_match *m)
{
    note(arg, m->observations, m->n);
    return TC_OK;
}

static tc_err hunted(void *arg, const struct tc_hunt_match *m)
{
    note(arg, m->observations, m->n);
    return TC_OK;
}

/* Matches at once, one by one, each a line of numbers. */
static void at_once(const struct fix *f, const char *pattern, tc_time since, struct tc_buf *out)
{
    const struct tc_set_options o = {.late = INT64_C(7) * 86400 * TC_SECOND};
    struct tc_set *s = tc_set_new(&o);
    assert_non_null(s);
    assert_int_equal(tc_set_add(s, TC_STR("p"), tc_str_cstr(pattern), NULL, NULL), TC_OK);
    for (size_t i = 0; i < f->n_v; i++)
        if (since == TC_TIME_NONE || f->v[i].last >= since)
            assert_int_equal(tc_set_feed(s, &f->v[i], 1, told, out), TC_OK);
    tc_set_free(s);
}

static const char *const patterns[] = {
    "[ipv4-addr:value = '198.51.1.4']",
    "[ipv4-addr:value ISSUBSET '198.51.2.0/24']",
    "[domain-name:value MATCHES '^h1[0-9]+[.]']",
    "[file:size > 2900 OR file:size < 60]",
    "[file:name = 'f10' AND file:size = 100]",
    "[process:command_line = 'c9']",
    "[process:parent_ref.parent_ref.parent_ref.parent_ref.command_line = 'c0']",
    "[process:parent_ref.parent_ref.parent_ref.command_line = 'deep']",
    "[process:parent_ref.parent_ref.command_line = 'c0' OR file:size = 1000]",
    "([file:name LIKE 'f1%'] FOLLOWEDBY [domain-name:value LIKE 'h2%']) WITHIN 20 SECONDS",
    "[ipv4-addr:value ISSUBSET '198.51.0.0/24'] REPEATS 4 TIMES WITHIN 15 SECONDS",
    "[EXISTS ipv4-addr:value] AND [EXISTS domain-name:value] AND [EXISTS file:name]",
    "[a:b = 1 OR c:b = 1 OR d:b = 1 OR e:b = 1 OR f:b = 1 OR g:b = 1 OR h:b = 1 OR i:b = 1 OR "
    "file:name = 'f30']",
};

static void same(const struct fix *f, const char *pattern, tc_time since)
{
    struct tc_buf want, got;
    struct tc_hunt_result r = {0};
    struct tc_diag d;
    uint64_t in_time = 0;
    tc_diag_init(&d);
    tc_buf_init(&want, 1u << 24);
    tc_buf_init(&got, 1u << 24);
    at_once(f, pattern, since, &want);
    const struct tc_hunt_ask ask = {
        .pattern = tc_str_cstr(pattern), .since = since, .found = hunted, .arg = &got};
    assert_int_equal(tc_hunt(f->n->journal, &tc_principal_system, &ask, &r, &d), TC_OK);
    for (size_t i = 0; i < f->n_v; i++)
        in_time += since == TC_TIME_NONE || f->v[i].last >= since;
    assert_true(want.n > 0 || since != TC_TIME_NONE);
    assert_string_equal(tc_buf_z(&got), tc_buf_z(&want));
    assert_int_equal(r.observations, in_time);
    assert_int_equal(r.unreadable, 0);
    assert_true(r.complete);
    tc_buf_fini(&want);
    tc_buf_fini(&got);
}

static void test_same(void **state)
{
    const struct fix *f = *state;
    tc_time since;
    assert_int_equal(tc_time_parse_z(TC_STR("2026-01-01T01:20:00Z"), &since), TC_OK);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        same(f, patterns[i], TC_TIME_NONE);
        same(f, patterns[i], since);
    }
}

static void test_bounds(void **state)
{
    const struct fix *f = *state;
    struct tc_buf got;
    struct tc_hunt_result r = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&got, 1u << 24);
    const struct tc_hunt_ask ask = {.pattern = TC_STR("[EXISTS file:name]"),
                                    .since = TC_TIME_NONE,
                                    .limit = 3,
                                    .found = hunted,
                                    .arg = &got};
    assert_int_equal(tc_hunt(f->n->journal, &tc_principal_system, &ask, &r, &d), TC_OK);
    assert_int_equal(r.matches, 3);
    assert_false(r.complete);
    const struct tc_hunt_ask bad = {
        .pattern = TC_STR("[file:name"), .since = TC_TIME_NONE, .found = hunted, .arg = &got};
    assert_int_equal(tc_hunt(f->n->journal, &tc_principal_system, &bad, &r, &d), TC_E_SYNTAX);
    assert_int_equal(d.column, 11);
    tc_buf_fini(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_bounds)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
