/* SPDX-License-Identifier: Apache-2.0 */
/* A register in JSON, GeoJSON or STIX. What is read is written in every form, and each of them
 * reads back as the same rows. */
#include "target.h"

#include "base/limits.h"
#include "model/register_out.h"

static const struct tc_register_opts opts = {.keep_going = false};

static bool rows_of(const struct tc_reg_source *s, struct tc_buf *out)
{
    tc_buf_init(out, 1u << 24);
    for (int t = 0; t < 2; t++)
        if (fuzz_err(tc_reg_out_csv(s->table[t].csv, t, out)))
            return false;
    return true;
}

static void again(enum tc_reg_form form, struct tc_str text, struct tc_str want)
{
    struct tc_reg_source s = {.errors = 0};
    struct tc_buf got;
    HOLDS(fuzz_err(tc_reg_source_add(&s, text, "", form, &opts, NULL)) == TC_OK);
    HOLDS(rows_of(&s, &got) && tc_str_eq(tc_buf_view(&got), want));
    tc_buf_fini(&got);
    tc_reg_source_fini(&s);
}

static void rewrite(const struct tc_reg_source *s)
{
    struct tc_buf rows, text;
    tc_buf_init(&text, 1u << 24);
    if (rows_of(s, &rows)) {
        HOLDS(fuzz_err(tc_reg_out_json(s, &text)) == TC_OK);
        again(TC_REG_JSON, tc_buf_view(&text), tc_buf_view(&rows));
        tc_buf_clear(&text);
        HOLDS(fuzz_err(tc_reg_out_geojson(s, &text)) == TC_OK);
        again(TC_REG_GEOJSON, tc_buf_view(&text), tc_buf_view(&rows));
        tc_buf_clear(&text);
        HOLDS(fuzz_err(tc_reg_out_stix(s, 0, &text)) == TC_OK);
        fuzz_tell(text.p, text.n);
    }
    tc_buf_fini(&rows);
    tc_buf_fini(&text);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str text = tc_str_view((const char *)data, size);
    enum tc_reg_form form = tc_reg_form_of(text);
    struct tc_register *r = NULL;
    struct tc_reg_source s = {.errors = 0};
    if (form != TC_REG_JSON && form != TC_REG_GEOJSON && form != TC_REG_STIX)
        return 0;
    if (!fuzz_err(tc_reg_source_add(&s, text, "", form, &opts, NULL)) &&
        !fuzz_err(tc_reg_source_read(&s, &opts, &r, NULL)) && s.table[0].csv.n)
        rewrite(&s);
    tc_register_free(r);
    tc_reg_source_fini(&s);
    return 0;
}
