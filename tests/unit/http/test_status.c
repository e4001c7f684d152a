/* SPDX-License-Identifier: Apache-2.0 */
#include "http/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char text[] = "{\"id\":\"00000000-0000-4000-8000-000000000000\"}";

static unsigned files(const char *dir)
{
    unsigned n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d))
        n += f->d_name[0] != '.';
    if (d)
        (void)closedir(d);
    return n;
}

static void keeps(void **state)
{
    (void)state;
    char dir[] = "/tmp/tocsin-status-XXXXXX", path[64], cmd[96];
    assert_non_null(mkdtemp(dir));
    struct tc_seal seal = {.key = {9}};
    struct tc_statuses *s = NULL;
    struct tc_uuid id[100], none = tc_uuid_v4();
    struct tc_buf out;
    tc_buf_init(&out, 4096);
    assert_int_equal(tc_statuses_open(dir, &seal, &s, NULL), TC_OK);
    for (size_t i = 0; i < 100; i++) {
        char json[sizeof text];
        memcpy(json, text, sizeof text);
        tc_statuses_put(s, i % 3, json, sizeof text - 1, 7);
        assert_int_equal(tc_uuid_parse(tc_str_view(json + 7, 36), &id[i]), TC_OK);
    }
    tc_statuses_close(s); /* they outlive the process */
    assert_int_equal(tc_statuses_open(dir, &seal, &s, NULL), TC_OK);
    for (size_t i = 0; i < 100; i++) {
        char want[TC_UUID_TEXT];
        tc_buf_clear(&out);
        tc_uuid_format(&id[i], want);
        assert_int_equal(tc_statuses_get(s, (i + 1) % 3, &id[i], &out), TC_E_NOTFOUND);
        assert_int_equal(tc_statuses_get(s, i % 3, &id[i], &out), TC_OK);
        assert_int_equal(out.n, sizeof text - 1);
        assert_memory_equal(out.p + 7, want, 36);
    }
    assert_int_equal(tc_statuses_get(s, 0, &none, &out), TC_E_NOTFOUND);
    (void)snprintf(path, sizeof path, "%s/status", dir);
    tc_statuses_expire(s, tc_time_now() + TC_STATUS_HOURS * 3600 * TC_SECOND);
    assert_true(files(path) >= 1);
    tc_statuses_expire(s, tc_time_now() + (TC_STATUS_HOURS + 2) * 3600 * TC_SECOND);
    assert_int_equal(files(path), 0);
    tc_statuses_close(s);
    tc_buf_fini(&out);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    assert_int_equal(system(cmd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps)};
    return cmocka_run_group_tests_name("http status", tests, NULL, NULL);
}
