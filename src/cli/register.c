/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin register: the register in and out. docs/commands/register.txt is the manual. */
#include "base/limits.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/register_verbs.h"
#include "cli/results.h"
#include "model/register_out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char command[] = "register";

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* words: a node's folder, or files; rest as in tc_cli_files_read. */
static int take_register(char **words, size_t n, const struct tc_cli_files *rest,
                         struct tc_cli_files *f)
{
    if (n == 1 && is_folder(words[0]))
        return tc_cli_files_node(command, words[0], f);
    return tc_cli_files_read(command, (const char *const *)words, n, rest, f);
}

/* ---- export ---- */

static int failed(tc_err e)
{
    struct tc_diag d;
    tc_diag_init(&d);
    return tc_cli_fail(command, e, &d);
}

static int write_csv(const struct tc_cli_files *f, const char *out)
{
    static const char *const names[2] = {"assets.csv", "dependencies.csv"};
    char path[4096];
    if (!out)
        return tc_cli_usage(command, "--format csv makes two files: --out FOLDER says where");
    if (mkdir(out, 0700) && errno != EEXIST) {
        struct tc_diag d;
        tc_diag_init(&d);
        tc_diag_file(&d, out);
        return tc_cli_fail(command, tc_diag_set(&d, tc_err_from_errno(errno), "cannot be made"),
                           &d);
    }
    for (int t = 0; t < 2; t++) {
        struct tc_buf b;
        tc_buf_init(&b, TC_MAX_REGISTER);
        tc_err e = tc_reg_out_csv(f->source.table[t].csv, t, &b);
        bool fits = (size_t)snprintf(path, sizeof path, "%s/%s", out, names[t]) < sizeof path;
        int status = e       ? failed(e)
                     : !fits ? tc_cli_usage(command, "the name of the folder is too long")
                             : tc_cli_results_write(command, &b, path);
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
    int status = e ? failed(e) : tc_cli_results_write(command, &b, out);
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
    status = take_register(argv + 1, n, NULL, &f);
    if (status)
        return status;
    say_points(&f.source);
    status = strcmp(format, "csv") == 0 ? write_csv(&f, out) : write_one(&f, format, out);
    tc_cli_files_fini(&f);
    return status;
}

/* ---- check ---- */

static int cmd_check(int argc, char **argv)
{
    struct tc_reg_check_ask ask = {.older = INT64_C(365) * 86400, .now = TC_TIME_NONE, .top = 10};
    struct tc_cli_files f;
    size_t n;
    const struct tc_opt opts[] = {
        TC_OPT_DURATION("older", &ask.older, TC_MAX_DURATION), TC_OPT_TIME("at", &ask.now),
        TC_OPT_U64("top", &ask.top, 1, UINT32_MAX), TC_OPT_FLAG("json", &ask.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 2, &n);
    if (status >= 0)
        return status;
    if (ask.now == TC_TIME_NONE)
        ask.now = tc_time_now();
    status = take_register(argv + 1, n, NULL, &f);
    if (status)
        return status;
    status = tc_register_check(&f, &ask);
    tc_cli_files_fini(&f);
    return status;
}

/* ---- diff ---- */

/* The words of one register: a folder, one file of both tables, or two CSV files. */
static size_t words_of(char **words, size_t n)
{
    char head[4096];
    FILE *f = n > 2 && !is_folder(words[0]) ? fopen(words[0], "rb") : NULL;
    size_t got = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        (void)fclose(f);
    enum tc_reg_form form = tc_reg_form_of(tc_str_view(head, got));
    return form == TC_REG_CSV_ASSETS || form == TC_REG_CSV_DEPENDENCIES ? 2 : 1;
}

static int cmd_diff(int argc, char **argv)
{
    struct tc_reg_diff_ask ask = {.top = 20};
    struct tc_cli_files before, after;
    int64_t horizon = INT64_C(72) * 3600;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_DURATION("horizon", &horizon, TC_MAX_DURATION),
                                  TC_OPT_U64("top", &ask.top, 1, UINT32_MAX),
                                  TC_OPT_FLAG("json", &ask.json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 4, &n);
    if (status >= 0)
        return status;
    ask.horizon = (uint32_t)horizon;
    size_t first = words_of(argv + 1, n);
    status = take_register(argv + 1, first, NULL, &before);
    if (status)
        return status;
    status = take_register(argv + 1 + first, n - first, &before, &after);
    if (!status) {
        status = tc_register_diff(&before, &after, &ask);
        tc_cli_files_fini(&after);
    }
    tc_cli_files_fini(&before);
    return status;
}

/* ---- import ---- */

struct import {
    struct tc_reg_diff_ask ask;
    const char *community, *marking, *as;
    bool dry_run;
};

/* What "tocsin import" would be called with. */
static int call_import(const struct import *in, char **words, size_t n)
{
    const char *given[][2] = {
        {"--community", in->community}, {"--marking", in->marking}, {"--as", in->as}};
    char name[] = "import", json[] = "--json";
    char *argv[16] = {name};
    char text[3][1100];
    int argc = 1;
    for (size_t i = 0; i < n; i++)
        argv[argc++] = words[i];
    for (size_t i = 0; i < 3; i++) {
        if (!given[i][1])
            continue;
        if ((size_t)snprintf(text[i], sizeof text[i], "%s=%s", given[i][0], given[i][1]) >=
            sizeof text[i])
            return tc_cli_usage(command, "%s is too long", given[i][0]);
        argv[argc++] = text[i];
    }
    if (in->ask.json)
        argv[argc++] = json;
    argv[argc] = NULL;
    (void)fflush(stdout);
    return tc_cmd_import(argc, argv);
}

static int cmd_import(int argc, char **argv)
{
    struct import in = {.ask = {.top = 20}};
    struct tc_cli_files before, after;
    int64_t horizon = INT64_C(72) * 3600;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_DURATION("horizon", &horizon, TC_MAX_DURATION),
                                  TC_OPT_U64("top", &in.ask.top, 1, UINT32_MAX),
                                  TC_OPT_TEXT("community", &in.community),
                                  TC_OPT_TEXT("marking", &in.marking),
                                  TC_OPT_TEXT("as", &in.as),
                                  TC_OPT_FLAG("dry-run", &in.dry_run),
                                  TC_OPT_FLAG("json", &in.ask.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    in.ask.horizon = (uint32_t)horizon;
    status = tc_cli_files_node(command, argv[1], &before);
    if (status)
        return status;
    status = take_register(argv + 2, n - 1, &before, &after);
    if (!status) {
        status = tc_register_diff(&before, &after, &in.ask);
        tc_cli_files_fini(&after);
    }
    tc_cli_files_fini(&before);
    if (status > 1)
        return status;
    return in.dry_run ? 0 : call_import(&in, argv + 1, n);
}

int tc_cmd_register(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {{"check", cmd_check},
                 {"diff", cmd_diff},
                 {"import", cmd_import},
                 {"export", cmd_export},
                 {"confirm", tc_register_confirm},
                 {"confirmations", tc_register_confirmations}};
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return tc_cli_help(command);
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(argv[1], verbs[i].name) == 0) {
            argv[1] = argv[0];
            return verbs[i].run(argc - 1, argv + 1);
        }
    return tc_cli_usage(command,
                        "say which: check, diff, import, export, confirm or confirmations");
}
