/* SPDX-License-Identifier: Apache-2.0 */
/* Operations over the socket: the same answers as in the process, files that come along, what a
 * bad or slow asker gets; and the texts of wire.h by themselves. */
#include "node/control.h"
#include "node/node.h"
#include "node/ops.h"
#include "node/sock.h"
#include "node/wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64], dir[96];
static struct tc_node *node;
static struct tc_diag d;

/* "echo": tells three times, answers with what it was asked and what the files held. */
static tc_err op_echo(struct tc_op *op)
{
    for (int i = 0; i < 3 && op->tell; i++)
        op->tell(op->tell_arg, TC_STR("{\"done\":1}"));
    tc_buf_cstr(op->out, "{\"files\":\"");
    for (size_t i = 0; i < op->n_fds; i++) {
        char text[16];
        ssize_t n = read(op->fds[i], text, sizeof text);
        tc_buf_add(op->out, text, n > 0 ? (size_t)n : 0);
    }
    tc_buf_cstr(op->out, "\",\"in\":");
    char *in = yyjson_val_write(op->in, 0, NULL);
    tc_buf_cstr(op->out, in);
    free(in);
    tc_buf_cstr(op->out, "}");
    return TC_OK;
}

static tc_err op_refuse(struct tc_op *op)
{
    tc_diag_file(op->diag, "a.json");
    tc_diag_object(op->diag, "tool--1", 7);
    tc_diag_path(op->diag, "name", 4);
    tc_diag_at(op->diag, 3, 4, 50);
    return tc_diag_set(op->diag, TC_E_INVALID, "no such thing as that");
}

static tc_err op_large(struct tc_op *op)
{
    tc_buf_cstr(op->out, "{\"x\":\"");
    for (int i = 0; i < 1 << 20; i++)
        tc_buf_cstr(op->out, "0123456789abcdef");
    tc_buf_cstr(op->out, "\"}");
    return TC_OK;
}

static int setup(void **state)
{
    static const struct tc_org org = {.name = {"A", 1}, .country = {"NL", 2}};
    static bool added;
    (void)state;
    if (!added) {
        added = true;
        assert_int_equal(tc_node_ops_add(), TC_OK);
        assert_int_equal(tc_node_op_add("echo", op_echo), TC_OK);
        assert_int_equal(tc_node_op_add("echo", op_echo), TC_E_CONFLICT);
        assert_int_equal(tc_node_op_add("refuse", op_refuse), TC_OK);
        assert_int_equal(tc_node_op_add("large", op_large), TC_OK);
    }
    (void)snprintf(root, sizeof root, "/tmp/tocsin-control-XXXXXX");
    assert_non_null(mkdtemp(root));
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    tc_diag_init(&d);
    assert_int_equal(tc_node_init(dir, "T", &org, &d), TC_OK);
    assert_int_equal(tc_node_open(dir, TC_NODE_SERVE, &node, &d), TC_OK);
    assert_int_equal(tc_node_start(node, &d), TC_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tc_node_close(node);
    node = NULL;
    DIR *list = opendir(dir);
    const struct dirent *item;
    while (list && (item = readdir(list)) != NULL)
        (void)unlinkat(dirfd(list), item->d_name, 0);
    (void)closedir(list);
    (void)rmdir(dir);
    (void)rmdir(root);
    return 0;
}

static int tells;

static void told(void *arg, struct tc_str json)
{
    (void)arg;
    assert_true(tc_str_is(json, "{\"done\":1}"));
    tells++;
}

static void test_ask(void **state)
{
    (void)state;
    struct stat st;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/tocsin.sock", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(tc_node_served(dir));
    FILE *a = tmpfile(), *b = tmpfile();
    (void)fputs("one", a);
    (void)fputs("two", b);
    rewind(a);
    rewind(b);
    int fds[2] = {fileno(a), fileno(b)};
    struct tc_buf out;
    tc_buf_init(&out, 1000);
    tells = 0;
    assert_int_equal(tc_node_call_files(dir, "echo", TC_STR("{\"a\":[1,\"\\u00e9\"]}"), fds, 2,
                                        &out, told, NULL, &d),
                     TC_OK);
    assert_string_equal(tc_buf_z(&out), "{\"files\":\"onetwo\",\"in\":{\"a\":[1,\"é\"]}}");
    assert_int_equal(tells, 3);
    (void)fclose(a);
    (void)fclose(b);
    tc_buf_fini(&out);
}

static void test_errors_travel(void **state)
{
    (void)state;
    struct tc_buf out;
    tc_buf_init(&out, 1000);
    assert_int_equal(tc_node_call(dir, "refuse", TC_STR("{}"), -1, &out, NULL, NULL, &d),
                     TC_E_INVALID);
    assert_string_equal(d.file, "a.json");
    assert_string_equal(d.object, "tool--1");
    assert_string_equal(d.path, "name");
    assert_string_equal(d.message, "no such thing as that");
    assert_true(d.line == 3 && d.column == 4 && d.offset == 50);
    assert_int_equal(tc_node_call(dir, "zebra", TC_STR("{}"), -1, &out, NULL, NULL, &d),
                     TC_E_UNSUPPORTED);
    assert_int_equal(tc_node_call(dir, "echo", TC_STR("[]"), -1, &out, NULL, NULL, &d),
                     TC_E_INVALID);
    assert_int_equal(tc_node_call(dir, "org-add", TC_STR("{\"name\":\"A\",\"country\":\"NL\"}"), -1,
                                  &out, NULL, NULL, &d),
                     TC_E_CONFLICT);
    assert_int_equal(out.n, 0);
    tc_buf_fini(&out);
}

static void test_large_answer(void **state)
{
    (void)state;
    struct tc_buf out;
    tc_buf_init(&out, TC_OP_ANSWER);
    assert_int_equal(tc_node_call(dir, "large", TC_STR("{}"), -1, &out, NULL, NULL, &d), TC_OK);
    assert_true(out.n == (16u << 20) + 8);
    tc_buf_fini(&out);
}

/* A change asked for over the socket is there at once, and after the node was opened again. */
static void test_change(void **state)
{
    (void)state;
    struct tc_buf out;
    struct tc_arena *a = tc_arena_new(1 << 16);
    struct tc_person p;
    tc_buf_init(&out, 10000);
    static const char *const asks[][2] = {
        {"org-add", "{\"name\":\"B\",\"country\":\"FR\"}"},
        {"user-add", "{\"org\":\"B\",\"login\":\"b\",\"password\":\"seven quiet bells\"}"},
        {"community-add", "{\"title\":\"C\",\"alias\":\"c\"}"},
        {"member-set", "{\"community\":\"c\",\"org\":\"B\",\"member\":true,\"write\":true}"},
        {"token-new", "{\"login\":\"b\"}"},
        {"user-set", "{\"login\":\"b\",\"roles\":\"auditor\"}"},
        {"status", "{}"},
    };
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
        assert_int_equal(
            tc_node_call(dir, asks[i][0], tc_str_cstr(asks[i][1]), -1, &out, NULL, NULL, &d),
            TC_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(tc_access_person_by(node->access, 0, TC_STR("b"), a, &p), TC_OK);
        assert_int_equal(p.roles, TC_ROLE_AUDITOR);
        tc_node_close(node);
        assert_false(tc_node_served(dir));
        assert_int_equal(tc_node_open(dir, TC_NODE_SERVE, &node, &d), TC_OK);
    }
    tc_arena_free(a);
    tc_buf_fini(&out);
}

/* ---- bad askers ---- */

static int dial(void)
{
    int fd = -1;
    assert_int_equal(tc_control_connect(dir, &fd), TC_OK);
    tc_sock_timeouts(fd, 30);
    return fd;
}

/* What the node answers to these bytes: the code, or OK. */
static tc_err answer_to(struct tc_str bytes, const int *fds, size_t n)
{
    int fd = dial();
    struct tc_buf text, body;
    struct tc_diag e;
    enum tc_wire_kind kind = TC_WIRE_TELL;
    tc_err code = TC_OK;
    tc_diag_init(&e);
    tc_buf_init(&text, 1 << 16);
    tc_buf_init(&body, 1 << 16);
    assert_int_equal(tc_sock_send(fd, bytes, fds, n), TC_OK);
    (void)shutdown(fd, SHUT_WR);
    while (kind == TC_WIRE_TELL) {
        assert_int_equal(tc_sock_frame(fd, 1 << 16, 0, &text, NULL, &e), TC_OK);
        assert_int_equal(tc_wire_answer_read(tc_buf_view(&text), 1 << 16, &kind, &body, &code, &e),
                         TC_OK);
    }
    tc_buf_fini(&text);
    tc_buf_fini(&body);
    (void)close(fd);
    return code;
}

static void test_bad_askers(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 4096);
    assert_int_equal(answer_to(TC_STR("\xff\xff\xff\xff"), NULL, 0), TC_E_LIMIT);
    assert_int_equal(answer_to(TC_STR("\x04\0\0\0{}"), NULL, 0), TC_E_IO); /* hangs up */
    assert_int_equal(answer_to(TC_STR("\x02\0\0\0{}"), NULL, 0), TC_E_UNSUPPORTED);
    assert_int_equal(answer_to(TC_STR("\0\0\0\0"), NULL, 0), TC_E_SYNTAX);
    int six[6];
    for (int i = 0; i < 6; i++)
        six[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(tc_wire_request_write(&b, "echo", TC_STR("{}"), 1), TC_OK);
    assert_int_equal(answer_to(tc_buf_view(&b), NULL, 0), TC_E_INVALID); /* named, did not come */
    assert_int_equal(answer_to(tc_buf_view(&b), six, 2), TC_E_INVALID);
    assert_int_equal(answer_to(tc_buf_view(&b), six, 1), TC_OK);
    for (int i = 0; i < 6; i++)
        (void)close(six[i]);
    tc_buf_fini(&b);
}

/* Nine connections that say nothing: the ninth is turned away, and the node closes at once. */
static void test_full(void **state)
{
    (void)state;
    int fds[TC_CONTROL_AT_ONCE];
    struct tc_buf out;
    for (int i = 0; i < TC_CONTROL_AT_ONCE; i++)
        fds[i] = dial();
    tc_buf_init(&out, 1000);
    assert_int_equal(tc_node_call(dir, "status", TC_STR("{}"), -1, &out, NULL, NULL, &d),
                     TC_E_BUSY);
    tc_buf_fini(&out);
    int64_t t0 = tc_time_monotonic();
    tc_node_close(node);
    node = NULL;
    assert_true(tc_time_monotonic() - t0 < 5 * TC_SECOND);
    for (int i = 0; i < TC_CONTROL_AT_ONCE; i++)
        (void)close(fds[i]);
}

static void *asker(void *arg)
{
    struct tc_buf out;
    struct tc_diag e;
    (void)arg;
    tc_buf_init(&out, 100000);
    for (int i = 0; i < 25; i++) {
        tc_diag_init(&e);
        tc_buf_clear(&out);
        tc_err r = tc_node_call(dir, "org-list", TC_STR("{}"), -1, &out, NULL, NULL, &e);
        if (r != TC_OK && r != TC_E_BUSY)
            return "failed";
    }
    tc_buf_fini(&out);
    return NULL;
}

static void test_many(void **state)
{
    (void)state;
    pthread_t t[6];
    void *failed;
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&t[i], NULL, asker, NULL), 0);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(pthread_join(t[i], &failed), 0);
        assert_null(failed);
    }
}

/* ---- texts ---- */

static void test_wire(void **state)
{
    (void)state;
    struct tc_buf b;
    struct tc_wire_request r;
    static const char *const bad[] = {
        "",
        "{}",
        "null",
        "{\"v\":2,\"op\":\"x\",\"files\":0,\"in\":{}}",
        "{\"v\":1,\"op\":\"x\",\"files\":0,\"in\":[]}",
        "{\"v\":1,\"op\":\"x\",\"files\":5,\"in\":{}}",
        "{\"v\":1,\"op\":\"x\",\"files\":-1,\"in\":{}}",
        "{\"v\":1,\"op\":1,\"files\":0,\"in\":{}}",
        ("{\"v\":1,\"op\":\"0123456789012345678901234567890123456789012345678901234567890123\","
         "\"files\":0,\"in\":{}}"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(tc_wire_request_read(tc_str_cstr(bad[i]), &r, &d), TC_OK);
    tc_buf_init(&b, 4096);
    assert_int_equal(tc_wire_request_write(&b, "op-x", TC_STR("{\"k\":1.5}"), 2), TC_OK);
    assert_int_equal(tc_wire_length((const uint8_t *)b.p), b.n - 4);
    assert_int_equal(tc_wire_request_read(tc_str_view(b.p + 4, b.n - 4), &r, &d), TC_OK);
    assert_string_equal(r.op, "op-x");
    assert_int_equal(r.files, 2);
    assert_true(tc_str_is(r.in, "{\"k\":1.5}"));
    tc_wire_request_fini(&r);
    tc_buf_fini(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ask, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_travel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_change, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_askers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        cmocka_unit_test(test_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
