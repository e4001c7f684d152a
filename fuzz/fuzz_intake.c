/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of a TAXII post, a bundle or one object, brought to a node by an officer:
 * prepared, nothing is written. Each object has a verdict and, when it is taken, an audience that
 * is the same the second time; cut to what nobody in particular may read of it, it is still the
 * same object, and who may read it whole gets its bytes. */
#include "target.h"

#include "codec/json.h"
#include "codec/slices.h"
#include "journal/audience_form.h"
#include "model/cut.h"
#include "node.h"

#include <assert.h>

struct seen {
    struct tc_intake_batch *b;
    const struct tc_principal *other;
    size_t at;
};

static bool same_id(struct tc_str text, const struct tc_item *item)
{
    struct tc_json j = {0};
    struct tc_str id;
    bool ok = fuzz_err(tc_json_read(text, TC_MAX_OBJECT, 0, &j, NULL)) == TC_OK &&
              tc_json_str(j.root, "id", &id) && tc_str_is(id, item->id);
    tc_json_fini(&j);
    return ok;
}

/* An empty envelope is no object, and has no verdict. */
static bool empty(struct tc_str text)
{
    struct tc_json j = {0};
    bool is = fuzz_err(tc_json_read(text, TC_MAX_OBJECT, 0, &j, NULL)) == TC_OK &&
              yyjson_is_obj(j.root) && yyjson_obj_size(j.root) == 0;
    tc_json_fini(&j);
    return is;
}

static tc_err cut(void *arg, const struct tc_slice *s)
{
    struct seen *seen = arg;
    if (s->index == 0 && empty(s->bytes))
        return TC_OK;
    size_t at = seen->at++;
    const struct tc_audience *a =
        at < tc_intake_count(seen->b) ? tc_intake_audience(seen->b, at) : NULL;
    struct tc_buf all, some;
    if (!a)
        return TC_OK;
    tc_buf_init(&all, 1u << 22);
    tc_buf_init(&some, 1u << 22);
    if (!fuzz_err(tc_cut(s->bytes, NULL, a, &all))) {
        HOLDS(same_id(tc_buf_view(&all), tc_intake_item(seen->b, at)));
        if (!fuzz_err(tc_cut(tc_buf_view(&all), NULL, a, &some)))
            HOLDS(tc_str_eq(tc_buf_view(&some), tc_buf_view(&all)));
    }
    tc_buf_clear(&some);
    if (!fuzz_err(tc_cut(s->bytes, seen->other, a, &some)))
        HOLDS(some.n >= all.n || !tc_may_read(seen->other, a));
    fuzz_tell(some.p, some.n);
    tc_buf_fini(&some);
    tc_buf_fini(&all);
    return TC_OK;
}

static void tell_item(struct tc_intake_batch *b, size_t i)
{
    struct tc_buf form;
    const struct tc_item *item = tc_intake_item(b, i);
    const struct tc_audience *a = tc_intake_audience(b, i);
    HOLDS((item->state == TC_ITEM_SKIPPED) == (item->diag.code != TC_OK));
    HOLDS(item->state == TC_ITEM_SKIPPED || a);
    (void)fuzz_err(item->diag.code);
    if (!a)
        return;
    tc_buf_init(&form, TC_AUDIENCE_BYTES);
    (void)fuzz_err(tc_audience_encode(a, &form));
    fuzz_tell(form.p, form.n);
    tc_buf_fini(&form);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct fuzz_node *f = fuzz_node();
    const struct tc_intake_from from = {
        .principal = &f->may, .community = f->community, .unmarked = TC_TLP_AMBER};
    struct tc_str body = tc_str_view((const char *)data, size);
    struct tc_intake_batch *b = NULL;
    struct tc_diag d;
    fuzz_node_fresh(1);
    tc_diag_init(&d);
    if (size > 1u << 18)
        return 0;
    tc_err e = fuzz_err(tc_intake_prepare(f->n, &from, body, &b, &d));
    HOLDS(!e || d.message[0] || e == TC_E_NOMEM);
    if (e)
        return 0;
    for (size_t i = 0; i < tc_intake_count(b); i++)
        tell_item(b, i);
    struct seen seen = {.b = b, .other = &f->other};
    struct tc_diag d2;
    tc_diag_init(&d2);
    (void)fuzz_err(tc_slices_memory(body, TC_MAX_OBJECT, cut, &seen, &d2));
    tc_intake_free(b);
    return 0;
}
