/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a .rules file: it loads, or every error has a sentence; what loads is tried on its
 * own observations and written as an indicator that reads back as the same rule. */
#include "target.h"

#include "codec/json.h"
#include "pack/trial.h"

static void tell(void *arg, const struct tc_diag *d)
{
    unsigned *n = arg;
    HOLDS(d->message[0] && d->code != TC_OK);
    (*n)++;
}

static void read_back(const struct tc_rule *r)
{
    struct tc_arena *a = tc_arena_new(1 << 22);
    struct tc_rule back;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    tc_buf_init(&b, 1 << 24);
    tc_rule_write(r, TC_STR(""), &b);
    if (!fuzz_have(a != NULL) || fuzz_err(b.err))
        goto out;
    HOLDS(!fuzz_err(tc_json_read(tc_buf_view(&b), 1 << 24, TC_JSON_REPEATS_OK, &j, &d)));
    if (j.root && !fuzz_err(tc_rule_read(j.root, a, &back, &d))) {
        HOLDS(tc_str_eq(back.per, r->per) && tc_str_eq(back.about, r->about));
        HOLDS(back.cooldown == r->cooldown && back.n_says == r->n_says);
    }
out:
    tc_json_fini(&j);
    tc_buf_fini(&b);
    tc_arena_free(a);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_pack_rules *r = NULL;
    struct tc_diag d;
    unsigned told = 0;
    size_t trials = 0;
    tc_diag_init(&d);
    if (size > 1 << 16)
        return 0;
    tc_err e = tc_pack_rules_text(TC_STR("fuzz"), tc_str_view((const char *)data, size), tell,
                                  &told, &r, &d);
    (void)fuzz_err(e);
    HOLDS(e ? told > 0 && d.message[0] : told == 0);
    if (e)
        return 0;
    e = fuzz_err(tc_pack_try(r, tell, &told, &trials, &d));
    HOLDS(e ? told > 0 : told == 0);
    for (size_t i = 0; i < r->n; i++)
        read_back(&r->v[i].rule);
    tc_pack_rules_free(r);
    return 0;
}
