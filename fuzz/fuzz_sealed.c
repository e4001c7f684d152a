/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the journal for an object with sealed fields, and what is sealed in it; and the
 * cutting of any text. What was cut and is put back is the same bytes, and what is left of JSON is
 * JSON without the name that was cut. Input: kind, then a stored form, or text. */
#include "target.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/sealed.h"

#include <assert.h>

static void stored(struct tc_str s)
{
    struct tc_sealed_blob b, again;
    struct tc_buf out;
    if (tc_sealed_parse(s, &b))
        return;
    tc_buf_init(&out, (size_t)2 * TC_MAX_OBJECT);
    tc_sealed_write(&out, &b);
    tc_buf_str(&out, b.box);
    if (fuzz_err(out.err) == TC_OK) {
        assert(tc_str_eq(tc_buf_view(&out), s));
        assert(tc_sealed_parse(tc_buf_view(&out), &again) == TC_OK);
    }
    tc_buf_clear(&out);
    if (tc_sealed_join(b.left, b.box, &out) == TC_OK) /* the box as if it had been opened */
        assert(out.n <= TC_MAX_OBJECT && out.n >= b.left.n);
    tc_buf_fini(&out);
}

static void text(struct tc_str s)
{
    static const struct tc_sealed_set set = {.path = {{"/a", 2}, {"/b/c", 4}, {"/l/0/x~1", 8}},
                                             .n = 3};
    struct tc_buf left, secret, again;
    struct tc_json j = {NULL, NULL};
    size_t cuts = 0;
    bool json = fuzz_err(tc_json_read(s, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &j, NULL)) == TC_OK &&
                yyjson_is_obj(j.root);
    tc_json_fini(&j);
    tc_buf_init(&left, TC_MAX_OBJECT);
    tc_buf_init(&secret, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_buf_init(&again, TC_MAX_OBJECT);
    tc_err e = fuzz_err(tc_sealed_cut(s, &set, &left, &secret, &cuts));
    HOLDS(!json || e == TC_OK || e == TC_E_LIMIT || e == TC_E_NOMEM);
    if (!e && cuts) {
        fuzz_tell(left.p, left.n);
        HOLDS(tc_sealed_join(tc_buf_view(&left), tc_buf_view(&secret), &again) == TC_OK);
        HOLDS(tc_str_eq(tc_buf_view(&again), s));
    }
    if (!e && cuts && json) {
        tc_err f =
            fuzz_err(tc_json_read(tc_buf_view(&left), TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &j, NULL));
        HOLDS(f == TC_OK);
        assert(f || !tc_json_get(j.root, "a"));
        tc_json_fini(&j);
    }
    tc_buf_fini(&left);
    tc_buf_fini(&secret);
    tc_buf_fini(&again);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = {(const char *)data + 1, size ? size - 1 : 0};
    if (size < 2)
        return 0;
    if (data[0] & 1)
        text(s);
    else
        stored(s);
    (void)tc_sealed_pointer(s);
    return 0;
}
