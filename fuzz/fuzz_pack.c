/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a .types file, alone: it compiles, or every error has a sentence and a line. What
 * compiles must be safe to check an object against. */
#include "target.h"

#include "codec/json.h"
#include "model/check.h"
#include "pack/pack.h"

static void tell(void *arg, const struct tc_diag *d)
{
    unsigned *n = arg;
    HOLDS(d->message[0] && d->code != TC_OK);
    (*n)++;
}

static void try_object(const struct tc_types *t, struct tc_str type)
{
    struct tc_buf b;
    struct tc_json j = {0};
    struct tc_check_report r = {.arena = tc_arena_new(1 << 20)};
    if (!fuzz_have(r.arena != NULL))
        return;
    const struct tc_check_options all = {.shoulds = true};
    tc_buf_init(&b, 1 << 16);
    tc_buf_fmt(
        &b,
        "{\"type\":\"%.*s\",\"id\":\"%.*s--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\",\"a\":1,"
        "\"b\":[{\"a\":\"2026-01-01T00:00:00Z\"}],\"c\":{\"a\":\"b\"},\"extensions\":{\"e\":{}}}",
        TC_FMT(type), TC_FMT(type));
    if (!fuzz_err(b.err) && !fuzz_err(tc_json_read(tc_buf_view(&b), 1 << 16, 0, &j, NULL))) {
        tc_err e = fuzz_err(tc_check_object(t, j.root, &all, &r));
        HOLDS(!e || e == TC_E_LIMIT || e == TC_E_NOMEM);
    }
    tc_json_fini(&j);
    tc_buf_fini(&b);
    tc_arena_free(r.arena);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_types *t = NULL;
    struct tc_diag d;
    unsigned told = 0;
    tc_diag_init(&d);
    tc_err e = fuzz_err(
        tc_pack_load_text(tc_str_view((const char *)data, size), false, tell, &told, &t, &d));
    fuzz_tell(&told, sizeof told);
    HOLDS(e ? d.message[0] != 0 : told == 0);
    for (uint32_t i = 0; !e && i < t->n_types && i < 8; i++)
        try_object(t, t->types[i].name);
    tc_types_free(t);
    return 0;
}
