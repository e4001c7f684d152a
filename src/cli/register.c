/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin register: the register in and out. docs/commands/register.txt is the manual. */
#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/register_files.h"
#include "model/register_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char command[] = "register";

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* words: a node's folder, or files. */
static int take_register(char **words, size_t n, struct tc_cli_files *f)
{
    if (n == 1 && is_folder(words[0]))
        return tc_cli_files_node(command, words[0], f);
    return tc_cli_files_read(command, (const char *const *)words, n, f);
}

/* ---- export ---- */

static int write_failed(const char *path)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_file(&d, path);
    return tc_cli_fail(
        command, tc_diag_set(&d, tc_err_from_errno(errno ? errno : EIO), "cannot be written"), &d);
}

/* path NULL = standard output. The file is written beside and renamed: whole or not at all. */
static int write_file(const char *path, struct tc_str s)
{
    char beside[4096];
    if (!path)
        return fwrite(s.p, 1, s.n, stdout) == s.n ? 0 : 4;
    if ((size_t)snprintf(beside, sizeof beside, "%s.part", path) >= sizeof beside)
        return tc_cli_usage(command, "the name of the file is too long");
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (size_t at = 0; fd >= 0 && at < s.n;) {
        ssize_t n = write(fd, s.p + at, s.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            (void)close(fd);
            (void)unlink(beside);
            return write_failed(path);
        }
        at += (size_t)n;
    }
    if (fd < 0 || close(fd) || rename(beside, path))
        return write_failed(path);
    return 0;
}

static int write_csv(const struct tc_cli_files *f, const char *out)
{
    static const char *const names[2] = {"assets.csv", "dependencies.csv"};
    char path[4096];
    if (!out)
        return tc_cli_usage(command, "--format csv makes two files: --out FOLDER says where");
    if (mkdir(out, 0700) && errno != EEXIST)
        return write_failed(out);
    for (int t = 0; t < 2; t++) {
        struct tc_buf b;
        tc_buf_init(&b, TC_MAX_REGISTER);
        tc_err e = tc_reg_out_csv(f->source.table[t].csv, t, &b);
        bool fits = (size_t)snprintf(path, sizeof path, "%s/%s", out, names[t]) < sizeof path;
        int status = e       ? tc_cli_fail(command, e, NULL)
                     : !fits ? tc_cli_usage(command, "the name of the folder is too long")
                             : write_file(path, tc_buf_view(&b));
        tc_buf_fini(&b);
        if (status)
            return status;
    }
    return 0;
}

static int write_one(const struct tc_cli_files *f, const char *format, const char *out)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_REGISTER);
    tc_err e = strcmp(format, "json") == 0      ? tc_reg_out_json(&f->source, &b)
               : strcmp(format, "geojson") == 0 ? tc_reg_out_geojson(&f->source, &b)
                                                : tc_reg_out_stix(&f->source, tc_time_now(), &b);
    int status = e ? tc_cli_fail(command, e, NULL) : write_file(out, tc_buf_view(&b));
    tc_buf_fini(&b);
    return status;
}

static void say_points(const struct tc_reg_source *s)
{
    if (s->lines + s->areas)
        (void)fprintf(stderr,
                      "tocsin register: %llu lines stand at the middle of their length, %llu areas "
                      "at a point inside\n",
                      (unsigned long long)s->lines, (unsigned long long)s->areas);
}

static int cmd_export(int argc, char **argv)
{
    const char *format = NULL, *out = NULL;
    struct tc_cli_files f;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("format", &format), TC_OPT_TEXT("out", &out),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 2, &n);
    if (status >= 0)
        return status;
    if (!format || (strcmp(format, "csv") && strcmp(format, "json") && strcmp(format, "geojson") &&
                    strcmp(format, "stix")))
        return tc_cli_usage(command, "--format is csv, json, geojson or stix");
    status = take_register(argv + 1, n, &f);
    if (status)
        return status;
    say_points(&f.source);
    status = strcmp(format, "csv") == 0 ? write_csv(&f, out) : write_one(&f, format, out);
    tc_cli_files_fini(&f);
    return status;
}

int tc_cmd_register(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {{"export", cmd_export}};
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return tc_cli_help(command);
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(argv[1], verbs[i].name) == 0) {
            argv[1] = argv[0];
            return verbs[i].run(argc - 1, argv + 1);
        }
    return tc_cli_usage(command, "say which: check, diff, import or export");
}
