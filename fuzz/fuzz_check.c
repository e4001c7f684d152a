/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON, against the checker with everything switched on. What is JSON must survive
 * canonical writing and reading, a verdict must not depend on whether findings are kept, and the
 * deterministic id must be an id. */
#include "target.h"

#include "codec/jcs.h"
#include "codec/json.h"
#include "model/check_tree.h"
#include "model/scoid.h"
#include "pack/pack.h"

#include <assert.h>
#include <stdlib.h>

static struct tc_types *types;

static void forget(void)
{
    tc_types_free(types);
}

static void prepare(void)
{
    struct tc_diag d;
    fuzz_hold();
    tc_diag_init(&d);
    tc_err e = tc_pack_load(NULL, 0, NULL, NULL, &types, &d);
    assert(!e);
    (void)atexit(forget);
    fuzz_go_on();
}

static void canonical(yyjson_val *root)
{
    struct tc_buf one, two;
    struct tc_json again = {0};
    tc_buf_init(&one, 1 << 22);
    tc_buf_init(&two, 1 << 22);
    if (!fuzz_err(tc_jcs_write(root, &one, NULL))) {
        tc_err e = fuzz_err(tc_json_read(tc_buf_view(&one), 1 << 22, 0, &again, NULL));
        HOLDS(!e);
        e = e ? e : fuzz_err(tc_jcs_write(again.root, &two, NULL));
        HOLDS(!e && tc_str_eq(tc_buf_view(&one), tc_buf_view(&two)));
        fuzz_tell(one.p, one.n);
        tc_json_fini(&again);
    }
    tc_buf_fini(&one);
    tc_buf_fini(&two);
}

static void verdicts(yyjson_val *root)
{
    const struct tc_check_options all = {
        .shoulds = true, .strict_types = true, .strict_properties = true, .interop = true};
    struct tc_check_report bare = {0}, kept = {.arena = tc_arena_new(1 << 22)}, strict = kept;
    if (!fuzz_have(kept.arena != NULL))
        return;
    tc_err e = fuzz_err(tc_check_object(types, root, NULL, &bare));
    HOLDS(!e && bare.n == 0 && bare.shoulds == 0);
    e = fuzz_err(tc_check_object(types, root, NULL, &kept));
    HOLDS(e || kept.musts == bare.musts);
    e = fuzz_err(tc_check_object(types, root, &all, &strict));
    HOLDS(e || strict.musts >= bare.musts);
    fuzz_tell(&kept.musts, sizeof kept.musts);
    fuzz_tell(&strict.n, sizeof strict.n);
    HOLDS(strict.n <= TC_MAX_FINDINGS && kept.n <= TC_MAX_FINDINGS);
    tc_arena_free(kept.arena);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str text = {(const char *)data, size};
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_uuid u;
    struct tc_str type;
    char id[TC_ID_MAX];
    struct tc_check_totals n = {0};
    if (!types)
        prepare();
    tc_diag_init(&d);
    unsigned depth = tc_json_depth(text, TC_MAX_DEPTH);
    if (fuzz_err(tc_json_read(text, 1 << 20, 0, &j, &d)))
        return 0;
    HOLDS(depth <= TC_MAX_DEPTH);
    canonical(j.root);
    verdicts(j.root);
    if (!fuzz_err(tc_scoid(types, j.root, id, &d)))
        HOLDS(!tc_id_split(tc_str_cstr(id), &type, &u) && tc_uuid_version(&u) == 5);
    const struct tc_check_options all = {.shoulds = true};
    struct tc_check_tree c = {.types = types, .options = &all, .refs_inside = true};
    tc_err e = fuzz_err(tc_check_tree_run(&c, j.root, &n));
    HOLDS(!e || e == TC_E_NOMEM || e == TC_E_LIMIT);
    tc_json_fini(&j);
    return 0;
}
