/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a node: making, opening, what is refused; readers: restart, failure, lag. */
#include "node/folder.h"
#include "node/node.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fix {
    char root[64], dir[96];
    struct tc_diag d;
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};

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

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-node-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    tc_diag_init(&f->d);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    empty(f->dir);
    empty(f->root);
    free(f);
    return 0;
}

static struct tc_node *made(struct fix *f, enum tc_node_mode mode)
{
    struct tc_node *n = NULL;
    if (access(f->dir, F_OK) != 0)
        assert_int_equal(tc_node_init(f->dir, "Test node", &grid, &f->d), TC_OK);
    assert_int_equal(tc_node_open(f->dir, mode, &n, &f->d), TC_OK);
    return n;
}

static void test_make(void **state)
{
    struct fix *f = *state;
    struct stat st;
    struct tc_node *n = made(f, TC_NODE_COMMAND);
    assert_string_equal(n->title, "Test node");
    assert_int_equal(n->org, 1);
    assert_memory_equal(n->identity, "identity--", 10);
    assert_true(tc_journal_head(n->journal) == 0);
    uint8_t a[32], b[32], c[32];
    tc_node_key(n, "cursor", a);
    tc_node_key(n, "csrf", b);
    assert_memory_not_equal(a, b, 32);
    tc_node_close(n);
    n = made(f, TC_NODE_COMMAND);
    tc_node_key(n, "cursor", c);
    assert_memory_equal(a, c, 32);
    tc_node_close(n);
    assert_int_equal(stat(f->dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    DIR *list = opendir(f->dir);
    const struct dirent *item;
    while ((item = readdir(list)) != NULL) {
        assert_int_equal(fstatat(dirfd(list), item->d_name, &st, AT_SYMLINK_NOFOLLOW), 0);
        if (S_ISREG(st.st_mode))
            assert_int_equal(st.st_mode & 0777, 0600);
    }
    (void)closedir(list);
    assert_int_equal(tc_node_init(f->dir, "again", &grid, &f->d), TC_E_CONFLICT);
}

static void test_make_refused(void **state)
{
    struct fix *f = *state;
    struct tc_org bad = grid;
    bad.country = TC_STR("nl");
    assert_int_equal(tc_node_init(f->dir, "x", &bad, &f->d), TC_E_INVALID);
    assert_int_not_equal(access(f->dir, F_OK), 0); /* nothing is left */
    assert_int_equal(mkdir(f->dir, 0700), 0);
    assert_int_equal(tc_node_init(f->dir, "x", &bad, &f->d), TC_E_INVALID);
    assert_int_equal(access(f->dir, F_OK), 0); /* what was there before stays */
    char path[128];
    (void)snprintf(path, sizeof path, "%s/stranger", f->dir);
    (void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(tc_node_init(f->dir, "x", &grid, &f->d), TC_E_CONFLICT);
    assert_int_equal(access(path, F_OK), 0);
}

static void test_open_refused(void **state)
{
    struct fix *f = *state;
    struct tc_node *n = NULL;
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &n, &f->d), TC_E_USAGE);
    assert_int_equal(tc_node_open(f->root, TC_NODE_COMMAND, &n, &f->d), TC_E_USAGE);
    assert_non_null(strstr(f->d.message, "tocsin init"));
    tc_node_close(made(f, TC_NODE_COMMAND));
    assert_int_equal(chmod(f->dir, 0720), 0);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &n, &f->d), TC_E_DENIED);
    assert_int_equal(chmod(f->dir, 0700), 0);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/key", f->dir);
    assert_int_equal(truncate(path, 31), 0);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &n, &f->d), TC_E_CORRUPT);
    assert_null(n);
}

static void test_one_holder(void **state)
{
    struct fix *f = *state;
    struct tc_node *n = made(f, TC_NODE_COMMAND), *second = NULL;
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &second, &f->d), TC_E_BUSY);
    char pid[24];
    (void)snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
    assert_non_null(strstr(f->d.message, pid));
    assert_int_equal(tc_node_open(f->dir, TC_NODE_READ_ONLY, &second, &f->d), TC_OK);
    assert_int_equal(tc_node_start(second, &f->d), TC_E_DENIED);
    tc_node_close(second);
    tc_node_close(n);
    tc_node_close(made(f, TC_NODE_COMMAND));
}

static void test_info(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"format\":1}",
        "{\"format\":1,\"title\":\"t\",\"identity\":\"x\",\"org\":1,"
        "\"created\":\"2026-01-01T00:00:00Z\"}",
        "{\"format\":1,\"title\":\"t\",\"identity\":"
        "\"identity--9c5be2d4-4f6c-4a0e-9a5a-0f5a7b5d2f10\",\"org\":0,"
        "\"created\":\"2026-01-01T00:00:00Z\"}",
        "{\"format\":2,\"title\":\"t\",\"identity\":"
        "\"identity--9c5be2d4-4f6c-4a0e-9a5a-0f5a7b5d2f10\",\"org\":1,"
        "\"created\":\"2026-01-01T00:00:00Z\"}"};
    struct tc_folder_info info;
    struct tc_diag d;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tc_diag_init(&d);
        assert_int_not_equal(tc_folder_info_parse(tc_str_cstr(bad[i]), &info, &d), TC_OK);
    }
    assert_int_equal(d.code, TC_E_UNSUPPORTED);
}

/* ---- readers ---- */

struct seen {
    _Atomic uint64_t upto, calls, from; /* from: the first "after" since reset */
    _Atomic int fail;                   /* so many more steps fail */
    _Atomic bool first;
    uint64_t stride;
};

static tc_err see(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct seen *s = self;
    (void)n;
    atomic_fetch_add(&s->calls, 1);
    if (!atomic_exchange(&s->first, true))
        atomic_store(&s->from, after);
    if (atomic_load(&s->fail) > 0) {
        atomic_fetch_sub(&s->fail, 1);
        return TC_E_IO;
    }
    *reached = s->stride && after + s->stride < head ? after + s->stride : head;
    atomic_store(&s->upto, *reached);
    return TC_OK;
}

static void post(struct tc_node *n, unsigned count)
{
    const struct tc_audience all = {.tlp = TC_TLP_CLEAR};
    uint32_t audience;
    assert_int_equal(tc_journal_audience(n->journal, &all, &audience), TC_OK);
    for (unsigned i = 0; i < count; i++) {
        char id[TC_ID_MAX];
        struct tc_entry_in e = {.kind = TC_ENTRY_OBJECT,
                                .type = TC_STR("indicator"),
                                .uuid = tc_uuid_v4(),
                                .version = tc_time_now(),
                                .audience = audience,
                                .community = 1,
                                .body = TC_STR("{}")};
        tc_id_make(e.type, &e.uuid, id);
        e.id = tc_str_cstr(id);
        assert_int_equal(tc_journal_append(n->journal, &e, 1), TC_OK);
        assert_int_equal(e.outcome, TC_OUT_APPENDED);
    }
}

static void test_readers(void **state)
{
    struct fix *f = *state;
    struct tc_node *n = made(f, TC_NODE_COMMAND);
    struct seen a = {.stride = 3}, b = {.stride = 0};
    post(n, 10);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "kept", .step = see, .self = &a, .ephemeral = false}),
        TC_OK);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "memory", .step = see, .self = &b, .ephemeral = true}),
        TC_OK);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "kept", .step = see, .self = &b, .ephemeral = true}),
        TC_E_CONFLICT);
    assert_true(tc_node_lag(n, "kept") == 10);
    assert_true(tc_node_lag(n, "stranger") == UINT64_MAX);
    assert_int_equal(tc_node_start(n, &f->d), TC_OK);
    assert_int_equal(tc_node_start(n, &f->d), TC_E_USAGE);
    assert_int_equal(tc_node_settle(n, 10 * TC_SECOND), TC_OK);
    assert_true(tc_node_lag(n, "kept") == 0 && atomic_load(&a.upto) == 10);
    assert_true(atomic_load(&a.calls) == 4);
    post(n, 5);
    assert_int_equal(tc_node_settle(n, 10 * TC_SECOND), TC_OK);
    assert_true(atomic_load(&a.upto) == 15 && atomic_load(&b.upto) == 15);
    tc_node_close(n);

    /* after a restart the durable one goes on, the other begins again */
    n = made(f, TC_NODE_COMMAND);
    atomic_store(&a.first, false);
    atomic_store(&b.first, false);
    post(n, 1);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "kept", .step = see, .self = &a, .ephemeral = false}),
        TC_OK);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "memory", .step = see, .self = &b, .ephemeral = true}),
        TC_OK);
    assert_int_equal(tc_node_start(n, &f->d), TC_OK);
    assert_int_equal(tc_node_settle(n, 10 * TC_SECOND), TC_OK);
    assert_true(atomic_load(&a.from) == 15);
    assert_true(atomic_load(&b.from) == 0);
    tc_node_close(n);
}

static void test_failing_reader(void **state)
{
    struct fix *f = *state;
    struct tc_node *n = made(f, TC_NODE_COMMAND);
    struct seen bad = {.fail = 2}, good = {.stride = 0};
    struct tc_watcher_state v[4];
    post(n, 3);
    assert_int_equal(
        tc_node_watch(
            n, &(struct tc_watcher){.name = "bad", .step = see, .self = &bad, .ephemeral = false}),
        TC_OK);
    assert_int_equal(
        tc_node_watch(
            n,
            &(struct tc_watcher){.name = "good", .step = see, .self = &good, .ephemeral = false}),
        TC_OK);
    assert_int_equal(tc_node_start(n, &f->d), TC_OK);
    while (atomic_load(&bad.calls) == 0 || atomic_load(&good.upto) < 3)
        (void)sched_yield();
    assert_true(tc_node_lag(n, "bad") == 3); /* it holds nobody up */
    assert_int_equal(tc_node_settle(n, 20 * TC_SECOND), TC_OK);
    assert_true(atomic_load(&bad.upto) == 3 && atomic_load(&bad.calls) == 3);
    assert_int_equal(tc_node_watchers(n, v, 4), 2);
    assert_string_equal(v[0].name, "bad");
    assert_false(v[0].failing);
    assert_true(v[0].cursor == 3);
    /* a reader that fails for ever is stopped with the node, without waiting for its back-off */
    atomic_store(&bad.fail, 1000000);
    post(n, 1);
    assert_int_equal(tc_node_settle(n, 50000), TC_E_TIMEOUT);
    assert_int_equal(tc_node_watchers(n, v, 4), 2);
    assert_true(v[0].failing);
    int64_t t0 = tc_time_monotonic();
    tc_node_close(n);
    assert_true(tc_time_monotonic() - t0 < 5 * TC_SECOND);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_make, setup, teardown),
        cmocka_unit_test_setup_teardown(test_make_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_holder, setup, teardown),
        cmocka_unit_test(test_info),
        cmocka_unit_test_setup_teardown(test_readers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
