/* SPDX-License-Identifier: Apache-2.0 */
/* What the index takes out of an object, and the bytes of an audience as they are stored. The
 * first byte chooses; for an object the text up to the first line end is its type. */
#include "target.h"

#include "base/limits.h"
#include "journal/names.h"
#include "pack/pack.h"
#include "watch/extract.h"

#include <assert.h>

static const struct tc_types *types(void)
{
    static struct tc_types *t;
    struct tc_diag d;
    fuzz_hold();
    tc_diag_init(&d);
    tc_err e = t ? TC_OK : tc_pack_load(NULL, 0, NULL, NULL, &t, &d);
    assert(!e);
    fuzz_go_on();
    return t;
}

static void object(struct tc_str s)
{
    struct tc_extract x;
    struct tc_hash_key key = {1, 2};
    const char *nl = s.n ? memchr(s.p, '\n', s.n) : NULL;
    size_t type = nl ? (size_t)(nl - s.p) : 0;
    size_t body = nl ? type + 1 : 0;
    tc_extract_init(&x, types());
    for (int again = 0; again < 2; again++) { /* what was there before is forgotten */
        tc_err e =
            tc_extract_object(&x, key, tc_str_view(s.p, type), tc_str_view(s.p + body, s.n - body));
        (void)fuzz_err(e);
        HOLDS(e == TC_OK || e == TC_E_SYNTAX);
        fuzz_tell(&x.n_keys, sizeof x.n_keys);
        HOLDS(x.n_keys <= TC_MAX_LIST);
        HOLDS(!x.timed || x.since <= x.until);
        HOLDS(!x.placed || (x.south >= -90 && x.north <= 90 && x.west >= -180 && x.east <= 180));
    }
    tc_extract_fini(&x);
}

static void audience(struct tc_str s)
{
    struct tc_audiences *x = tc_audiences_new();
    uint32_t again = 0;
    if (!fuzz_have(x != NULL))
        return;
    if (fuzz_err(tc_audiences_restore(x, s, 1)) == TC_OK) {
        const struct tc_audience *a = tc_audiences_of(x, 1);
        HOLDS(a && fuzz_err(tc_audiences_intern(x, a, &again)) == TC_OK && again == 1);
        HOLDS(tc_str_eq(tc_audiences_bytes(x, 1), s));
    } else {
        HOLDS(tc_audiences_count(x) == 0 && !tc_audiences_of(x, 1));
    }
    tc_audiences_free(x);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct tc_str s = tc_str_view((const char *)data + 1, size - 1);
    if (data[0] & 1)
        object(s);
    else
        audience(s);
    return 0;
}
