/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin import: files into a node, running or not. */
#include "intake/intake.h"

#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Lines about skipped objects on the screen; --json has them all. */
#define MAX_LINES 20

struct given {
    const char *community, *marking, *format, *as;
    bool keep_going, json;
};

struct run {
    const struct given *g;
    struct tc_progress bar;
    bool bar_on;
    uint64_t skipped_told, wrong_told;
    struct tc_buf skipped; /* JSON of them, comma-separated */
};

static tc_err open_failed(int fd, const char *name, struct tc_diag *d)
{
    int why = errno;
    if (fd >= 0)
        (void)close(fd);
    tc_diag_file(d, name);
    return tc_diag_set(d, why == ENOENT ? TC_E_USAGE : tc_err_from_errno(why), "%s",
                       why == ENOENT ? "there is no such file" : "cannot be opened");
}

/* Standard input and pipes go through a file without a name, since large input is read twice. */
static tc_err spool(int from, const char *name, int *out, struct tc_diag *d)
{
    char path[4096], chunk[1u << 16];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/tocsin-import-XXXXXX", tmp && tmp[0] ? tmp : "/var/tmp");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return open_failed(-1, path, d);
    (void)unlink(path);
    ssize_t n;
    while ((n = read(from, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        for (ssize_t at = 0; n > 0 && at < n;) {
            ssize_t wrote = write(fd, chunk + at, (size_t)(n - at));
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote < 0)
                return open_failed(fd, path, d);
            at += wrote;
        }
        if (n < 0)
            return open_failed(fd, name, d);
    }
    if (lseek(fd, 0, SEEK_SET) != 0)
        return open_failed(fd, path, d);
    *out = fd;
    return TC_OK;
}

static tc_err open_input(const char *name, int *out, struct tc_diag *d)
{
    bool in = name[0] == '-' && name[1] == '\0';
    int fd = in ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(-1, name, d);
    if (!in && lseek(fd, 0, SEEK_CUR) == 0) {
        *out = fd;
        return TC_OK;
    }
    tc_err e = spool(fd, name, out, d);
    if (!in)
        (void)close(fd);
    return e;
}

/* ---- what the node tells on the way ---- */

static void on_progress(struct run *r, yyjson_val *p)
{
    uint64_t done = 0, all = 0;
    (void)tc_json_u64(p, "done", &done);
    (void)tc_json_u64(p, "all", &all);
    if (!r->bar_on)
        tc_progress_start(&r->bar, "import", all ? "B" : "objects", all);
    r->bar_on = true;
    tc_progress_at(&r->bar, done);
}

static void on_skipped(struct run *r, yyjson_val *s)
{
    struct tc_str text;
    if (r->g->json) {
        char *json = yyjson_val_write(s, 0, NULL);
        if (r->skipped.n)
            tc_buf_char(&r->skipped, ',');
        tc_buf_cstr(&r->skipped, json ? json : "null");
        free(json);
        return;
    }
    if (r->bar_on)
        tc_progress_end(&r->bar);
    r->bar_on = false;
    if (r->skipped_told++ < MAX_LINES && tc_json_str(s, "text", &text))
        (void)fprintf(stderr, "tocsin import: skipped: %.*s\n", TC_FMT(text));
}

/* An error of a register that is refused; the node tells TC_MAX_FINDINGS of them at most. */
static void on_wrong(struct run *r, yyjson_val *s)
{
    struct tc_str text;
    if (r->bar_on)
        tc_progress_end(&r->bar);
    r->bar_on = false;
    if (!tc_json_str(s, "text", &text))
        return;
    (void)fprintf(stderr, "tocsin import: %.*s\n", TC_FMT(text));
    if (++r->wrong_told == TC_MAX_FINDINGS)
        (void)fprintf(stderr, "tocsin import: only the first %u errors are shown\n",
                      TC_MAX_FINDINGS);
}

static void on_tell(void *arg, struct tc_str json)
{
    struct tc_json j;
    if (tc_json_read(json, TC_OP_REQUEST, 0, &j, NULL))
        return;
    if (tc_json_get(j.root, "progress"))
        on_progress(arg, tc_json_get(j.root, "progress"));
    else if (tc_json_get(j.root, "skipped"))
        on_skipped(arg, tc_json_get(j.root, "skipped"));
    else if (tc_json_get(j.root, "wrong"))
        on_wrong(arg, tc_json_get(j.root, "wrong"));
    tc_json_fini(&j);
}

/* ---- one import ---- */

static void write_request(const struct given *g, const char *const *names, size_t n,
                          struct tc_buf *b)
{
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "names");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++)
        tc_jsonw_cstr(&w, names[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_kcstr(&w, "community", g->community ? g->community : "");
    tc_jsonw_kcstr(&w, "marking", g->marking ? g->marking : "");
    tc_jsonw_kcstr(&w, "format", g->format ? g->format : "");
    tc_jsonw_kcstr(&w, "as", g->as ? g->as : "");
    tc_jsonw_kbool(&w, "keep_going", g->keep_going);
    tc_jsonw_object_end(&w);
}

static void say_result(const struct run *r, const char *const *names, size_t n,
                       const struct tc_json *answer)
{
    uint64_t read = 0, added = 0, same = 0, skipped = 0;
    (void)tc_json_u64(answer->root, "read", &read);
    (void)tc_json_u64(answer->root, "added", &added);
    (void)tc_json_u64(answer->root, "same", &same);
    (void)tc_json_u64(answer->root, "skipped", &skipped);
    if (r->g->json) {
        struct tc_buf b;
        tc_buf_init(&b, r->skipped.n + 65536);
        struct tc_jsonw w = tc_jsonw_into(&b);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "file", names[0]);
        if (n > 1)
            tc_jsonw_kcstr(&w, "and", names[1]);
        tc_jsonw_ku64(&w, "read", read);
        tc_jsonw_ku64(&w, "added", added);
        tc_jsonw_ku64(&w, "same", same);
        tc_jsonw_ku64(&w, "skipped", skipped);
        tc_jsonw_object_end(&w);
        b.n--; /* the list goes inside */
        tc_buf_cstr(&b, ",\"why\":[");
        tc_buf_str(&b, tc_buf_view(&r->skipped));
        tc_buf_cstr(&b, "]}");
        (void)printf("%s\n", tc_buf_z(&b));
        tc_buf_fini(&b);
        return;
    }
    if (r->skipped_told > MAX_LINES)
        (void)fprintf(stderr, "tocsin import: and %llu more\n",
                      (unsigned long long)(r->skipped_told - MAX_LINES));
    (void)printf("%s%s%s: %llu read, %llu added, %llu the same, %llu skipped\n", names[0],
                 n > 1 ? " and " : "", n > 1 ? names[1] : "", (unsigned long long)read,
                 (unsigned long long)added, (unsigned long long)same, (unsigned long long)skipped);
}

static tc_err call(struct run *r, const char *dir, const char *const *names, const int *fds,
                   size_t n, struct tc_diag *d)
{
    struct tc_buf in, out;
    struct tc_json answer = {0};
    tc_buf_init(&in, TC_OP_REQUEST);
    tc_buf_init(&out, TC_OP_ANSWER);
    write_request(r->g, names, n, &in);
    tc_err e = in.err;
    if (!e)
        e = tc_node_call_files(dir, "import", tc_buf_view(&in), fds, n, &out, on_tell, r, d);
    if (r->bar_on)
        tc_progress_end(&r->bar);
    r->bar_on = false;
    if (!e)
        e = tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, &answer, d);
    if (!e)
        say_result(r, names, n, &answer);
    tc_json_fini(&answer);
    tc_buf_fini(&in);
    tc_buf_fini(&out);
    return e;
}

/* names[0], or names[0] and names[1] when both are parts of a register; *used says which. */
static tc_err import_next(struct run *r, const char *dir, char **names, size_t left, size_t *used,
                          struct tc_diag *d)
{
    int fds[2] = {-1, -1};
    const char *both[2] = {names[0], left > 1 ? names[1] : NULL};
    enum tc_csv_kind a, b;
    *used = 1;
    tc_err e = open_input(names[0], &fds[0], d);
    if (!e && left > 1 && (a = tc_import_csv_kind(fds[0])) != TC_CSV_NONE) {
        e = open_input(names[1], &fds[1], d);
        b = e ? TC_CSV_NONE : tc_import_csv_kind(fds[1]);
        if (b != TC_CSV_NONE && b != a)
            *used = 2;
    }
    if (!e)
        e = call(r, dir, both, fds, *used, d);
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    return e;
}

static int import_all(const struct given *g, const char *dir, char **names, size_t n)
{
    int status = 0;
    for (size_t i = 0, used; i < n; i += used) {
        struct run r = {.g = g};
        struct tc_diag d;
        tc_diag_init(&d);
        tc_buf_init(&r.skipped, 256u << 20);
        tc_err e = import_next(&r, dir, names + i, n - i, &used, &d);
        tc_buf_fini(&r.skipped);
        if (e) {
            int s = r.wrong_told ? tc_err_exit(e) : tc_cli_fail("import", e, &d);
            status = s > status ? s : status;
            if (!g->keep_going || s == 2 || s == 4)
                return status;
        }
    }
    return status;
}

int tc_cmd_import(int argc, char **argv)
{
    struct given g = {0};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("community", &g.community),
                                  TC_OPT_TEXT("marking", &g.marking),
                                  TC_OPT_TEXT("format", &g.format),
                                  TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_FLAG("keep-going", &g.keep_going),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 100000, &n);
    if (status >= 0)
        return status;
    if (tc_cli_parts())
        return 4;
    return import_all(&g, argv[1], argv + 2, n - 1);
}
