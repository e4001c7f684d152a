/* SPDX-License-Identifier: Apache-2.0 */
/* The CSV reader and the register. The input is assets.csv, a line "----", dependencies.csv. What
 * is accepted must fit the rules that its readers rely on; with keep_going, too. What the CSV
 * reader gives must come back the same after writing. */
#include "target.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "codec/csv.h"
#include "model/register.h"

static void check(const struct tc_register *r)
{
    for (size_t i = 0; i < r->asset_count; i++)
        HOLDS(r->assets[i].id.n > 0);
    for (size_t k = 0; k < r->group_count; k++) {
        const struct tc_reg_group *g = &r->groups[k];
        HOLDS(!g->bad && g->count > 0 && g->asset < r->asset_count);
        HOLDS(g->first + g->count <= r->row_count);
        HOLDS(g->rule != TC_REG_COUNT || (g->need >= 1 && g->need <= g->count));
        HOLDS(g->buffer_lo >= 0 && g->buffer_lo <= g->buffer_hi);
        HOLDS(g->buffer_hi <= TC_MAX_DURATION && g->restore_hi <= TC_MAX_DURATION);
        for (uint32_t i = 0; i < g->count; i++) {
            const struct tc_reg_row *row = &r->rows[r->order[g->first + i]];
            HOLDS(row->group == k && row->supplier < r->asset_count);
            HOLDS(row->supplier != g->asset && row->share <= TC_REGISTER_WHOLE);
        }
    }
}

static void read_register(struct tc_str a, struct tc_str d, bool keep_going)
{
    struct tc_register *r = NULL;
    const struct tc_register_opts o = {.keep_going = keep_going};
    if (fuzz_err(tc_register_read(a, d, &o, &r, NULL)) == TC_OK)
        check(r);
    tc_register_free(r);
}

static void rewrite(struct tc_str text)
{
    struct tc_csv c, again;
    struct tc_buf b;
    tc_err e, e2;
    tc_buf_init(&b, 4 * TC_MAX_CSV_LINE);
    tc_csv_init(&c, text);
    while (tc_csv_next(&c, &e, NULL)) {
        if (fuzz_err(e))
            continue;
        tc_buf_clear(&b);
        for (size_t i = 0; i < c.fields; i++) {
            if (i)
                tc_buf_char(&b, ',');
            tc_csv_quote(&b, c.field[i]);
        }
        if (fuzz_err(b.err) || b.n == 0)
            continue; /* one empty field: a blank row, which is skipped */
        tc_csv_init(&again, tc_buf_view(&b));
        /* a byte order mark inside a first field would be taken for one of the file */
        if (!tc_str_starts(tc_buf_view(&b), TC_STR("\xef\xbb\xbf"))) {
            HOLDS(tc_csv_next(&again, &e2, NULL) && fuzz_err(e2) == TC_OK &&
                  again.fields == c.fields);
            for (size_t i = 0; i < c.fields && i < again.fields; i++)
                HOLDS(tc_str_eq(c.field[i], again.field[i]));
        }
        tc_csv_fini(&again);
    }
    tc_csv_fini(&c);
    tc_buf_fini(&b);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    size_t cut = tc_str_find(s, TC_STR("----\n"));
    struct tc_str a = tc_str_view(s.p, cut == SIZE_MAX ? s.n : cut), d = {NULL, 0};
    if (cut != SIZE_MAX)
        d = tc_str_view(s.p + cut + 5, s.n - cut - 5);
    rewrite(s);
    read_register(a, d, false);
    read_register(a, d, true);
    return 0;
}
