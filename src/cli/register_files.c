/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_files.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "cli/help.h"
#include "cli/register_graph.h"

#include <stdio.h>
#include <stdlib.h>

static void print_error(const struct tc_diag *d)
{
    char text[1200];
    tc_diag_format(d, text, sizeof text);
    (void)fprintf(stderr, "%s\n", text);
}

static void report(void *told, const struct tc_diag *d)
{
    ++*(uint64_t *)told;
    print_error(d);
}

/* Two files whose first rows tell nothing are taken in the order in which they were named: then the
 * columns that are missing are told. */
static enum tc_reg_form form_of(struct tc_str head, size_t i, size_t n)
{
    enum tc_reg_form form = tc_reg_form_of(head);
    head = tc_str_trim(head);
    if (form == TC_REG_NONE && n == 2 && head.p[0] != '{' && head.p[0] != '[')
        form = i ? TC_REG_CSV_DEPENDENCIES : TC_REG_CSV_ASSETS;
    return form;
}

static tc_err add_file(struct tc_cli_files *f, const char *const *files, size_t i, size_t n,
                       const struct tc_register_opts *opts, struct tc_diag *d)
{
    tc_err e = tc_cli_read_file(files[i], &f->text[i], d);
    struct tc_str head = tc_buf_view(&f->text[i]);
    head.n = head.n > 4096 ? 4096 : head.n;
    if (e == TC_E_NOTFOUND)
        e = TC_E_INVALID; /* a file that the caller named: exit status 3, not 1 */
    else if (!e && !tc_str_trim(head).n)
        e = tc_diag_set(d, TC_E_INVALID, "the file is empty");
    return e ? e
             : tc_reg_source_add(&f->source, tc_buf_view(&f->text[i]), files[i],
                                 form_of(head, i, n), opts, d);
}

static tc_err read_all(struct tc_cli_files *f, const char *const *files, size_t n,
                       const struct tc_cli_files *rest, struct tc_diag *d)
{
    const struct tc_register_opts opts = {.report = report, .report_ctx = &f->told};
    tc_err e = TC_OK;
    for (size_t i = 0; i < n && !e; i++)
        e = add_file(f, files, i, n, &opts, d);
    for (int t = 0; rest && t < 2; t++)
        if (!f->source.table[t].csv.n) {
            f->source.table[t].file = rest->source.table[t].file;
            f->source.table[t].csv = rest->source.table[t].csv;
        }
    return e ? e : tc_reg_source_read(&f->source, &opts, &f->r, d);
}

static int finish(struct tc_cli_files *f, tc_err e, const struct tc_diag *d)
{
    if (e && !f->told)
        print_error(d);
    if (f->told >= TC_MAX_FINDINGS)
        (void)fprintf(stderr, "only the first %d errors are shown\n", TC_MAX_FINDINGS);
    if (e)
        tc_cli_files_fini(f);
    return tc_err_exit(e);
}

int tc_cli_files_read(const char *command, const char *const *files, size_t n,
                      const struct tc_cli_files *rest, struct tc_cli_files *out)
{
    struct tc_diag d;
    tc_diag_init(&d);
    *out = (struct tc_cli_files){.told = 0};
    if (n < 1 || n > 2)
        return tc_cli_usage(command, "a register is one file, or two CSV files");
    tc_buf_init(&out->text[0], TC_MAX_REGISTER);
    tc_buf_init(&out->text[1], TC_MAX_REGISTER);
    return finish(out, read_all(out, files, n, rest, &d), &d);
}

void tc_cli_files_fini(struct tc_cli_files *f)
{
    tc_register_free(f->r);
    tc_reg_source_fini(&f->source);
    tc_buf_fini(&f->text[0]);
    tc_buf_fini(&f->text[1]);
    tc_arena_free(f->arena);
    free(f->incidents);
    tc_map_free(f->here);
    tc_map_free(f->lately_of);
    free(f->lately.v);
    *f = (struct tc_cli_files){.told = 0};
}
