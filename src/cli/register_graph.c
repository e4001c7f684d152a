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

struct edges { /* of one group */
    uint32_t *suppliers, *shares;
    uint64_t *demands;
    uint16_t *priorities;
};

static tc_err add_group(struct tc_graph_builder *b, const struct tc_register *r,
                        const struct tc_reg_group *k, const struct edges *x, struct tc_diag *diag)
{
    bool drawn = false;
    for (uint32_t i = 0; i < k->count; i++) {
        const struct tc_reg_row *row = &r->rows[r->order[k->first + i]];
        x->suppliers[i] = row->supplier;
        x->shares[i] = row->share;
        x->demands[i] = row->demand;
        x->priorities[i] = row->priority;
        drawn = drawn || row->has_demand || row->has_priority;
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
                              .suppliers = x->suppliers,
                              .shares = x->shares,
                              .demands = drawn ? x->demands : NULL,
                              .priorities = drawn ? x->priorities : NULL,
                              .n = k->count,
                              .recharge = k->recharge,
                              .buffer_draw = k->buffer_draw,
                              .restore_draw = k->restore_draw,
                              .buffer_likely = k->buffer_likely,
                              .restore_likely = k->restore_likely,
                              .calendar = k->calendar_text,
                              .line = k->line};
    return tc_graph_add_group(b, &s, diag);
}

tc_err tc_register_graph(const struct tc_register *r, struct tc_graph **out, struct tc_diag *diag)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    uint32_t most = 1;
    for (size_t k = 0; k < r->group_count; k++)
        most = r->groups[k].count > most ? r->groups[k].count : most;
    struct edges x = {calloc(most, sizeof *x.suppliers), calloc(most, sizeof *x.shares),
                      calloc(most, sizeof *x.demands), calloc(most, sizeof *x.priorities)};
    bool room = b && x.suppliers && x.shares && x.demands && x.priorities;
    tc_err e = room ? TC_OK : tc_diag_set(diag, TC_E_NOMEM, "out of memory");
    for (size_t i = 0; !e && i < r->asset_count; i++) {
        const struct tc_reg_asset *a = &r->assets[i];
        struct tc_asset_spec s = {.id = a->id,
                                  .name = a->name,
                                  .sector = a->sector,
                                  .country = a->country,
                                  .people = a->people,
                                  .limited = a->capacity != UINT64_MAX,
                                  .capacity = a->capacity,
                                  .causes = a->causes,
                                  .placed = a->placed,
                                  .lat = a->lat,
                                  .lon = a->lon,
                                  .line = a->line};
        uint32_t handle;
        e = tc_graph_add_asset(b, &s, &handle, diag);
    }
    for (size_t k = 0; !e && k < r->group_count; k++)
        e = add_group(b, r, &r->groups[k], &x, diag);
    free(x.suppliers);
    free(x.shares);
    free(x.demands);
    free(x.priorities);
    if (e) {
        tc_graph_builder_free(b);
        return e;
    }
    return tc_graph_finish(b, out, diag);
}
