/* SPDX-License-Identifier: Apache-2.0 */
/* Searching a node that runs: index.db deleted or damaged, pages while more comes in, what an
 * asker may not read leaves no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/log.h"
#include "watch/find.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT (60 * TC_SECOND)

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_find *f;
    uint32_t open, shut;
    uint64_t next; /* number of the next object */
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
static const struct tc_principal member = {.org = 5};

static void empty(const char *dir)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    while (list && (item = readdir(list)) != NULL)
        (void)unlinkat(dirfd(list), item->d_name, 0);
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

static void open_node(struct fix *f)
{
    struct tc_diag d;
    struct tc_audience green = {.tlp = TC_TLP_GREEN, .creator_org = 1}, red = green;
    tc_diag_init(&d);
    red.tlp = TC_TLP_RED;
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    assert_int_equal(tc_journal_audience(f->n->journal, &green, &f->open), TC_OK);
    assert_int_equal(tc_journal_audience(f->n->journal, &red, &f->shut), TC_OK);
    assert_int_equal(tc_find_watch(f->n, &f->f), TC_OK);
}

static void start(struct fix *f)
{
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_node_start(f->n, &d), TC_OK);
}

static void stop(struct fix *f)
{
    tc_node_close(f->n);
    tc_find_free(f->f);
    f->n = NULL;
    f->f = NULL;
}

static int set_up(void **state)
{
    struct tc_diag d;
    struct fix *f = calloc(1, sizeof *f);
    tc_diag_init(&d);
    tc_log_set_level(TC_LOG_ERROR);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-find-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    assert_int_equal(tc_node_init(f->dir, "Test node", &grid, &d), TC_OK);
    open_node(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    stop(f);
    empty(f->dir);
    empty(f->root);
    free(f);
    return 0;
}

/* One more object, {"n":NUMBER} in its body. */
static void put(struct fix *f, uint32_t audience)
{
    char id[64], body[256];
    uint64_t n = ++f->next;
    struct tc_entry_in in = {.audience = audience, .community = 7, .version = TC_SECOND};
    (void)snprintf(id, sizeof id, "location--00000000-0000-4000-8000-%012llx",
                   (unsigned long long)n);
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"location\",\"id\":\"%s\",\"n\":%llu,\"name\":\"harbour bell\","
                   "\"latitude\":52,\"longitude\":5}",
                   id, (unsigned long long)n);
    in.id = tc_str_cstr(id);
    in.type = TC_STR("location");
    in.body = tc_str_cstr(body);
    assert_int_equal(tc_uuid_parse(tc_str_cstr(id + 10), &in.uuid), TC_OK);
    assert_int_equal(tc_journal_append(f->n->journal, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
}

static struct tc_find_page page(struct fix *f, struct tc_find_ask a, struct tc_buf *out)
{
    struct tc_find_page p = {.objects = 0};
    struct tc_diag d;
    tc_diag_init(&d);
    a.max_bytes = a.max_bytes ? a.max_bytes : 1 << 20;
    a.limit = a.limit ? a.limit : 1000;
    assert_int_equal(tc_find_page(f->n, &member, &a, out, &p, &d), TC_OK);
    return p;
}

static size_t count(struct fix *f, struct tc_find_ask a, uint64_t *lag)
{
    struct tc_buf out;
    tc_buf_init(&out, 8 << 20);
    struct tc_find_page p = page(f, a, &out);
    tc_buf_fini(&out);
    if (lag)
        *lag = p.lag;
    return p.objects;
}

static const struct tc_find_ask bell = {.words = {"bell", 4}};

static void test_deleted_while_stopped(void **state)
{
    struct fix *f = *state;
    const struct tc_find_ask place = {.box = {"4,51,6,53", 9}};
    for (int i = 0; i < 300; i++)
        put(f, f->open);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(count(f, bell, NULL), 300);
    stop(f);

    open_node(f); /* with its index: there at once, before its reader runs */
    uint64_t lag = 1;
    assert_int_equal(count(f, bell, &lag), 300);
    assert_int_equal(lag, 0);
    stop(f);

    tc_index_unlink(f->dir);
    open_node(f); /* without: nothing yet, and that is said */
    assert_int_equal(count(f, bell, &lag), 0);
    assert_int_equal(lag, 300);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(tc_node_lag(f->n, "index"), 0);
    assert_int_equal(count(f, bell, &lag), 300);
    assert_int_equal(lag, 0);
    assert_int_equal(count(f, place, NULL), 300);
}

static void test_damaged_while_running(void **state)
{
    struct fix *f = *state;
    char path[128];
    for (int i = 0; i < 50; i++)
        put(f, f->open);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    stop(f);
    open_node(f); /* opened while it is whole; then its pages are overwritten */
    (void)snprintf(path, sizeof path, "%s/index.db", f->dir);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    char junk[8192];
    memset(junk, 0x5a, sizeof junk);
    assert_true(fd >= 0);
    for (off_t at = 8192; at < lseek(fd, 0, SEEK_END); at += 8192)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    (void)close(fd);
    put(f, f->open);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    uint64_t lag = 1;
    assert_int_equal(count(f, bell, &lag), 51);
    assert_int_equal(lag, 0);
}

/* The pages of an answer, one object each, while objects are added between: numbers fall by one. */
static void test_pages(void **state)
{
    struct fix *f = *state;
    struct tc_buf out;
    struct tc_find_ask a = bell;
    tc_buf_init(&out, 1 << 20);
    for (int i = 0; i < 20; i++)
        put(f, i % 3 ? f->shut : f->open);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    a.limit = 1;
    unsigned long long want = 19; /* i = 18: the newest that may be read */
    for (;;) {
        char text[32];
        tc_buf_clear(&out);
        struct tc_find_page p = page(f, a, &out);
        (void)snprintf(text, sizeof text, "\"n\":%llu,", want);
        assert_int_equal(p.objects, 1);
        assert_non_null(strstr(tc_buf_z(&out), text));
        put(f, f->open);
        assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
        if (!p.next)
            break;
        a.at = p.next;
        want -= 3;
    }
    assert_int_equal(want, 1);
    tc_buf_fini(&out);
}

/* What may not be read changes neither objects nor whether there is more. */
static void test_hidden(void **state)
{
    struct fix *f = *state;
    struct tc_buf before, after;
    struct tc_find_ask a = bell;
    tc_buf_init(&before, 1 << 20);
    tc_buf_init(&after, 1 << 20);
    for (int i = 0; i < 5; i++)
        put(f, f->open);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    a.limit = 5;
    struct tc_find_page x = page(f, a, &before);
    for (int i = 0; i < 600; i++)
        put(f, f->shut);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    struct tc_find_page y = page(f, a, &after);
    assert_int_equal(x.objects, 5);
    assert_int_equal(y.objects, 5);
    assert_int_equal(x.next, 0);
    assert_int_equal(y.next, 0);
    assert_string_equal(tc_buf_z(&before), tc_buf_z(&after));
    tc_buf_fini(&before);
    tc_buf_fini(&after);
}

static void refused(struct fix *f, struct tc_find_ask a)
{
    struct tc_find_page p = {.objects = 77};
    struct tc_diag d;
    struct tc_buf out;
    tc_diag_init(&d);
    tc_buf_init(&out, 1 << 20);
    put(f, f->open);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(tc_find_page(f->n, &member, &a, &out, &p, &d), TC_E_USAGE);
    assert_int_equal(p.objects, 77);
    assert_true(d.message[0] != '\0');
    tc_buf_fini(&out);
}

static void test_refused(void **state)
{
    struct fix *f = *state;
    static const char *const boxes[] = {"1,2,3",       "1,2,3,4,5", "a,b,c,d",   "0,10,1,9",
                                        "0,-91,1,9",   "0,0,0,91",  "181,0,0,1", ",,,",
                                        "nan,0,inf,1", "0 0 1 1"};
    start(f);
    refused(f, (struct tc_find_ask){.limit = 1});
    refused(f, (struct tc_find_ask){.words = TC_STR(" \t"), .limit = 1});
    refused(f, (struct tc_find_ask){.words = TC_STR("a"), .value = TC_STR("b"), .limit = 1});
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        refused(f, (struct tc_find_ask){.box = tc_str_cstr(boxes[i]), .limit = 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deleted_while_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_while_running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hidden, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
