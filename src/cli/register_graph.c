/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_graph.h"

#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

tc_err tc_cli_read_file(const char *path, struct tc_buf *out, struct tc_diag *diag)
{
    enum { PIECE = 1 << 18 };
    tc_diag_file(diag, path);
    FILE *f = fopen(path, "rb");
    if (!f) {
        int why = errno;
        return tc_diag_set(diag, tc_err_from_errno(why), "cannot be opened: %s",
                           tc_err_text(tc_err_from_errno(why)));
    }
    size_t n = 1;
    while (n && !out->err) {
        size_t room = out->max - out->n < PIECE ? out->max - out->n : PIECE;
        char *p = tc_buf_room(out, room ? room : 1); /* 1: over the maximum is an error */
        n = p ? fread(p, 1, room, f) : 0;
        out->n += n;
    }
    tc_err e = out->err ? out->err : ferror(f) ? TC_E_IO : TC_OK;
    (void)fclose(f);
    return e ? tc_diag_set(diag, e, "cannot be read: %s", tc_err_text(e)) : TC_OK;
}

static tc_err add_group(struct tc_graph_builder *b, const struct tc_register *r,
                        const struct tc_reg_group *k, uint32_t *suppliers, uint32_t *shares,
                        struct tc_diag *diag)
{
    for (uint32_t i = 0; i < k->count; i++) {
        suppliers[i] = r->rows[r->order[k->first + i]].supplier;
        shares[i] = r->rows[r->order[k->first + i]].share;
    }
    struct tc_group_spec s = {.asset = k->asset,
                              .service = k->service,
                              .mode = k->flow ? TC_MODE_FLOW : TC_MODE_SUPPORT,
                              .rule = k->rule == TC_REG_SHARE   ? TC_NEED_SHARE
                                      : k->rule == TC_REG_COUNT ? TC_NEED_COUNT
                                                                : TC_NEED_ALL,
                              .need = k->need,
                              .buffer_lo = k->buffer_lo,
                              .buffer_hi = k->buffer_hi,
                              .restore_lo = k->restore_lo,
                              .restore_hi = k->restore_hi,
                              .suppliers = suppliers,
                              .shares = shares,
                              .n = k->count,
                              .line = k->line};
    return tc_graph_add_group(b, &s, diag);
}

tc_err tc_register_graph(const struct tc_register *r, struct tc_graph **out, struct tc_diag *diag)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    uint32_t most = 1;
    for (size_t k = 0; k < r->group_count; k++)
        most = r->groups[k].count > most ? r->groups[k].count : most;
    uint32_t *suppliers = calloc(most, sizeof *suppliers), *shares = calloc(most, sizeof *shares);
    tc_err e = b && suppliers && shares ? TC_OK : tc_diag_set(diag, TC_E_NOMEM, "out of memory");
    for (size_t i = 0; !e && i < r->asset_count; i++) {
        const struct tc_reg_asset *a = &r->assets[i];
        struct tc_asset_spec s = {.id = a->id,
                                  .name = a->name,
                                  .sector = a->sector,
                                  .country = a->country,
                                  .people = a->people,
                                  .line = a->line};
        uint32_t handle;
        e = tc_graph_add_asset(b, &s, &handle, diag);
    }
    for (size_t k = 0; !e && k < r->group_count; k++)
        e = add_group(b, r, &r->groups[k], suppliers, shares, diag);
    free(suppliers);
    free(shares);
    if (e) {
        tc_graph_builder_free(b);
        return e;
    }
    return tc_graph_finish(b, out, diag);
}

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

int tc_cli_register(const char *assets, const char *dependencies, struct tc_graph **out)
{
    struct tc_buf a, d;
    struct tc_diag diag;
    struct tc_register *r = NULL;
    uint64_t told = 0;
    tc_diag_init(&diag);
    tc_buf_init(&a, TC_MAX_REGISTER);
    tc_buf_init(&d, TC_MAX_REGISTER);
    tc_err e = tc_cli_read_file(assets, &a, &diag);
    if (!e)
        e = tc_cli_read_file(dependencies, &d, &diag);
    bool unread = e != TC_OK;
    struct tc_register_opts opts = {.assets_file = assets,
                                    .dependencies_file = dependencies,
                                    .report = report,
                                    .report_ctx = &told};
    if (!e && (a.n == 0 || d.n == 0)) { /* one without a header, not an absent one */
        tc_diag_file(&diag, a.n == 0 ? assets : dependencies);
        e = tc_diag_set(&diag, TC_E_INVALID, "the file is empty");
    }
    if (!e)
        e = tc_register_read(tc_buf_view(&a), tc_buf_view(&d), &opts, &r, &diag);
    if (!e)
        e = tc_register_graph(r, out, &diag);
    if (e && !told)
        print_error(&diag);
    if (told >= TC_MAX_FINDINGS)
        (void)fprintf(stderr, "only the first %d errors are shown\n", TC_MAX_FINDINGS);
    tc_register_free(r);
    tc_buf_fini(&a);
    tc_buf_fini(&d);
    return unread && e == TC_E_NOTFOUND ? 3 : tc_err_exit(e);
}
