/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON, against the checker with everything switched on. What is JSON must survive
 * canonical writing and reading, a verdict must not depend on whether findings are kept, and the
 * deterministic id must be an id. */
#include "codec/jcs.h"
#include "codec/json.h"
#include "model/check_tree.h"
#include "model/scoid.h"
#include "pack/pack.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tc_types *types;

static void forget(void)
{
    tc_types_free(types);
}

static void prepare(void)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_pack_load(NULL, 0, NULL, NULL, &types, &d);
    assert(!e);
    (void)atexit(forget);
}

static void canonical(yyjson_val *root)
{
    struct tc_buf one, two;
    struct tc_json again = {0};
    tc_buf_init(&one, 1 << 22);
    tc_buf_init(&two, 1 << 22);
    if (!tc_jcs_write(root, &one, NULL)) {
        tc_err e = tc_json_read(tc_buf_view(&one), 1 << 22, 0, &again, NULL);
        assert(!e);
        e = tc_jcs_write(again.root, &two, NULL);
        assert(!e && tc_str_eq(tc_buf_view(&one), tc_buf_view(&two)));
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
    tc_err e = tc_check_object(types, root, NULL, &bare);
    assert(!e && bare.n == 0 && bare.shoulds == 0);
    e = tc_check_object(types, root, NULL, &kept);
    assert(e || kept.musts == bare.musts);
    e = tc_check_object(types, root, &all, &strict);
    assert(e || strict.musts >= bare.musts);
    assert(strict.n <= TC_MAX_FINDINGS && kept.n <= TC_MAX_FINDINGS);
    tc_arena_free(kept.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
    if (tc_json_read(text, 1 << 20, 0, &j, &d))
        return 0;
    assert(depth <= TC_MAX_DEPTH);
    canonical(j.root);
    verdicts(j.root);
    if (!tc_scoid(types, j.root, id, &d))
        assert(!tc_id_split(tc_str_cstr(id), &type, &u) && tc_uuid_version(&u) == 5);
    const struct tc_check_options all = {.shoulds = true};
    struct tc_check_tree c = {.types = types, .options = &all, .refs_inside = true};
    tc_err e = tc_check_tree_run(&c, j.root, &n);
    assert(!e || e == TC_E_NOMEM || e == TC_E_LIMIT);
    tc_json_fini(&j);
    return 0;
}
