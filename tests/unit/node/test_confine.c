/* SPDX-License-Identifier: Apache-2.0 */
/* What is given up is gone: a child confines itself and tries. */
#include "node/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64], dir[96], beside[96];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/tocsin-confine-XXXXXX");
    assert_non_null(mkdtemp(root));
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    (void)snprintf(beside, sizeof beside, "%s/beside", root);
    assert_int_equal(mkdir(dir, 0700), 0);
    (void)close(open(beside, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    return 0;
}

static int teardown(void **state)
{
    char path[128];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/inside", dir);
    (void)unlink(path);
    (void)unlink(beside);
    (void)rmdir(dir);
    (void)rmdir(root);
    return 0;
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void *inside_a_thread(void *arg)
{
    *(bool *)arg = opens(beside, O_RDONLY);
    return NULL;
}

/* Numbers of the first thing that was not as it should be; 0 = all was, 77 = no landlock here. */
static int files_try(void)
{
    char inside[128];
    const char *missing = "";
    pthread_t t;
    bool from_thread = false;
    struct tc_diag d;
    tc_diag_init(&d);
    (void)snprintf(inside, sizeof inside, "%s/inside", dir);
    if (tc_confine(dir, NULL, 0, &missing, &d))
        return 1;
    if (missing && strstr(missing, "landlock:"))
        return 77;
    if (!opens(inside, O_CREAT | O_RDWR) || truncate(inside, 10) != 0)
        return 2;
    if (opens(beside, O_RDONLY) || errno != EACCES)
        return 3;
    if (opens(beside, O_WRONLY) || truncate(beside, 1) == 0 || unlink(beside) == 0)
        return 4;
    if (opens("/tmp/tocsin-confine-new", O_CREAT | O_WRONLY))
        return 5;
    if (!opens("/etc/passwd", O_RDONLY) || opens("/etc/passwd", O_WRONLY))
        return 6;
    if (pthread_create(&t, NULL, inside_a_thread, &from_thread) || pthread_join(t, NULL))
        return 7;
    return from_thread ? 8 : 0;
}

static int calls_try(void)
{
    const char *missing = "";
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_confine(dir, NULL, 0, &missing, &d))
        return 1;
    if (missing && strstr(missing, "seccomp"))
        return 77;
    char *const argv[] = {"true", NULL};
    if (execv("/bin/true", argv) == 0 || errno != EPERM)
        return 2;
    int image = open("/usr/bin/true", O_RDONLY | O_CLOEXEC);
    if (fexecve(image, argv, argv + 1) == 0 || errno != EPERM)
        return 3;
    if (mount("none", dir, "tmpfs", 0, NULL) == 0 || errno != EPERM)
        return 4;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return 5;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (fork() >= 0 || errno != EPERM)
        return 6;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || errno != EPERM)
        return 7;
#endif
    return 0;
}

static int in_child(int (*try)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(try());
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(int code)
{
    if (code == 77)
        skip();
    assert_int_equal(code, 0);
}

static void test_files(void **state)
{
    (void)state;
    expect(in_child(files_try));
}

static void test_calls(void **state)
{
    (void)state;
    expect(in_child(calls_try));
}

static int missing_file_try(void)
{
    const char *files[] = {NULL, "/nowhere/key.pem"}, *missing = "";
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_confine(dir, files, 2, &missing, &d);
    if (e == TC_OK)
        return missing ? 77 : 1;
    return e == TC_E_NOTFOUND && strstr(d.message, "/nowhere/key.pem") ? 0 : 2;
}

static void test_missing_file(void **state)
{
    (void)state;
    expect(in_child(missing_file_try));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_file, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
