/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as what the readers take out of an object that somebody has posted: facts of an asset, a
 * dependency, an incident; a finding; a warning, written again it is the same warning. */
#include "target.h"

#include "codec/json.h"
#include "warn/message.h"
#include "watch/facts.h"

#include <assert.h>
#include <math.h>

static void asset(yyjson_val *o)
{
    struct tc_asset_facts f;
    struct tc_buf b;
    if (!tc_facts_asset(o, &f))
        return;
    assert(!f.placed || (fabs(f.lat) <= 90 && fabs(f.lon) <= 180));
    tc_buf_init(&b, 1u << 16);
    tc_facts_causes(&f, &b);
    (void)fuzz_err(b.err);
    fuzz_tell(b.p, b.n);
    tc_buf_fini(&b);
}

static void dependency(yyjson_val *o)
{
    struct tc_dependency_facts f;
    if (!tc_facts_dependency(o, &f))
        return;
    assert(f.buffer_lo >= 0 && f.buffer_lo <= f.buffer_hi && f.restore_lo <= f.restore_hi);
    assert(f.asset.n && f.supplier.n && f.service.n);
}

static void incident(yyjson_val *o, struct tc_arena *a)
{
    struct tc_incident_facts f;
    if (!tc_facts_incident(o, 0, a, &f))
        return;
    for (size_t i = 0; i < f.n_areas; i++) {
        struct tc_area_box box = tc_area_box(&f.areas[i]);
        assert(box.south <= box.north);
        if (tc_area_has(&f.areas[i], 52, 5))
            assert(box.south <= 52 && box.north >= 52);
    }
    for (size_t i = 0; i < f.n_measured; i++)
        assert(f.measured[i].left <= TC_SHARE_WHOLE);
    fuzz_tell(&f.started, sizeof f.started);
    fuzz_tell(&f.n_affected, sizeof f.n_affected);
    fuzz_tell(&f.n_areas, sizeof f.n_areas);
}

static void finding(yyjson_val *o, struct tc_arena *a)
{
    struct tc_finding f, back;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    if (fuzz_err(tc_finding_read(o, a, &f, &d)))
        return;
    tc_buf_init(&b, 1u << 20);
    tc_finding_write(&f, &b);
    if (!fuzz_err(b.err) && !fuzz_err(tc_json_read(tc_buf_view(&b), 1u << 20, 0, &j, &d))) {
        tc_err e = fuzz_err(tc_finding_read(j.root, a, &back, &d));
        HOLDS(!e && tc_finding_digest(&back) == tc_finding_digest(&f) && tc_finding_digest(&f));
    }
    fuzz_tell(b.p, b.n);
    tc_json_fini(&j);
    tc_buf_fini(&b);
}

static void warning(yyjson_val *o, struct tc_arena *a)
{
    struct tc_message m, back;
    struct tc_json j = {0};
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    if (fuzz_err(tc_message_read(o, a, &m, &d)))
        return;
    tc_buf_init(&b, 1u << 20);
    tc_message_write(&m, &b);
    if (!fuzz_err(b.err) && !fuzz_err(tc_json_read(tc_buf_view(&b), 1u << 20, 0, &j, &d))) {
        tc_err e = fuzz_err(tc_message_read(j.root, a, &back, &d));
        HOLDS(!e);
        if (!e) {
            struct tc_uuid one = {{0}}, two = {{1}};
            e = fuzz_err(tc_message_digest(&m, &one));
            e = e ? e : fuzz_err(tc_message_digest(&back, &two));
            HOLDS(!e && memcmp(&one, &two, sizeof one) == 0);
        }
    }
    fuzz_tell(b.p, b.n);
    tc_json_fini(&j);
    tc_buf_fini(&b);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_json j = {0};
    struct tc_arena *a = tc_arena_new(1u << 22);
    if (fuzz_have(a != NULL) &&
        !fuzz_err(tc_json_read(tc_str_view((const char *)data, size), 1u << 18, 0, &j, NULL))) {
        asset(j.root);
        dependency(j.root);
        incident(j.root, a);
        finding(j.root, a);
        warning(j.root, a);
        (void)fuzz_err(tc_arena_err(a));
    }
    tc_json_fini(&j);
    tc_arena_free(a);
    return 0;
}
