/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

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

int fix_up(void **state)
{
    static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
    struct fix *f = calloc(1, sizeof *f);
    assert_non_null(f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-intake-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    tc_diag_init(&f->d);
    assert_int_equal(tc_node_init(f->dir, "Test node", &grid, &f->d), TC_OK);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &f->d), TC_OK);
    f->principal = (struct tc_principal){.org = f->n->org, .roles = TC_ROLE_REPORTER};
    *state = f;
    return 0;
}

int fix_down(void **state)
{
    struct fix *f = *state;
    tc_node_close(f->n);
    empty(f->dir);
    empty(f->root);
    free(f);
    return 0;
}

static void on_skipped(void *arg, const struct tc_diag *d)
{
    struct fix *f = arg;
    f->skipped = *d;
    f->n_skipped++;
}

static int file_of(struct tc_str text)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), (ssize_t)text.n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static tc_err run(struct fix *f, const char *const *names, const int *fds, size_t n,
                  bool keep_going)
{
    struct tc_import_options o = {
        .from = {.principal = &f->principal, .unmarked = TC_TLP_AMBER},
        .keep_going = keep_going,
        .skipped = on_skipped,
        .arg = f,
    };
    f->result = (struct tc_import_result){0};
    f->n_skipped = 0;
    tc_diag_init(&f->d);
    tc_err e = tc_import(f->n, names, fds, n, &o, &f->result, &f->d);
    for (size_t i = 0; i < n; i++)
        (void)close(fds[i]);
    return e;
}

tc_err fix_import(struct fix *f, const char *name, struct tc_str text, bool keep_going)
{
    int fd = file_of(text);
    return run(f, &name, &fd, 1, keep_going);
}

tc_err fix_import2(struct fix *f, struct tc_str assets, struct tc_str dependencies)
{
    const char *names[2] = {"assets.csv", "dependencies.csv"};
    int fds[2] = {file_of(assets), file_of(dependencies)};
    return run(f, names, fds, 2, false);
}

uint64_t fix_head(const struct fix *f)
{
    return tc_journal_head(f->n->journal);
}

char *fix_newest(struct fix *f, const struct tc_principal *p, const char *id)
{
    struct tc_str s = tc_str_cstr(id);
    struct tc_query q = {.ids = &s, .n_ids = 1, .added_after = TC_TIME_NONE};
    struct tc_reader *r;
    struct tc_row row = {0};
    assert_int_equal(tc_reader_open(f->n->journal, p, &q, &r), TC_OK);
    assert_int_equal(tc_reader_next(r, &row), TC_OK);
    size_t n = row.seq ? row.body.n : 0;
    char *text = malloc(n + 1); /* a view has no NUL behind it: not for strndup */
    assert_non_null(text);
    if (n)
        memcpy(text, row.body.p, n);
    text[n] = '\0';
    tc_reader_close(r);
    return text;
}

uint64_t fix_count(struct fix *f, const char *type)
{
    struct tc_str s = tc_str_cstr(type);
    struct tc_query q = {.types = &s, .n_types = 1, .added_after = TC_TIME_NONE};
    uint64_t n = 0;
    assert_int_equal(tc_journal_count(f->n->journal, &tc_principal_system, &q, &n), TC_OK);
    return n;
}
