/* SPDX-License-Identifier: Apache-2.0 */
#include "model/scoid.h"

#include "base/limits.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdlib.h>

struct part {
    struct tc_str name;
    yyjson_val *value;
    bool hashes;
};

static int by_name(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    return tc_jcs_order(x->name, y->name);
}

static tc_err put_hash(yyjson_val *hashes, struct tc_buf *b, struct tc_diag *d)
{
    static const char *const order[] = {"MD5", "SHA-1", "SHA-256", "SHA-512"};
    size_t i = 0;
    while (i < 4 && !tc_json_get(hashes, order[i]))
        i++;
    yyjson_obj_iter it = yyjson_obj_iter_with(hashes);
    yyjson_val *first = yyjson_obj_iter_next(&it);
    if (i == 4 && !first)
        return tc_diag_set(d, TC_E_INVALID, "`hashes` is empty");
    struct tc_str name = i < 4 ? tc_str_cstr(order[i]) : tc_json_view(first);
    tc_buf_char(b, '{');
    tc_json_quote(b, name);
    tc_buf_char(b, ':');
    tc_err e = tc_jcs_write(tc_json_getn(hashes, name), b, d);
    tc_buf_char(b, '}');
    return e;
}

static tc_err put_parts(struct part *parts, size_t n, struct tc_buf *b, struct tc_diag *d)
{
    tc_err e = TC_OK;
    qsort(parts, n, sizeof *parts, by_name);
    tc_buf_char(b, '{');
    for (size_t i = 0; i < n && !e; i++) {
        if (i)
            tc_buf_char(b, ',');
        tc_json_quote(b, parts[i].name);
        tc_buf_char(b, ':');
        e = parts[i].hashes && yyjson_is_obj(parts[i].value) ? put_hash(parts[i].value, b, d)
                                                             : tc_jcs_write(parts[i].value, b, d);
    }
    tc_buf_char(b, '}');
    return e ? e : b->err;
}

static size_t take_parts(const struct tc_shape *s, yyjson_val *object,
                         struct part parts[TC_MAX_PROPERTIES])
{
    size_t n = 0;
    for (uint64_t key = s->key; key; key &= key - 1) {
        const struct tc_property *p = &s->props[__builtin_ctzll(key)];
        yyjson_val *v = tc_json_getn(object, p->name);
        if (v)
            parts[n++] = (struct part){p->name, v, p->value == TC_VALUE_HASHES};
    }
    return n;
}

tc_err tc_scoid(const struct tc_types *t, yyjson_val *object, char out[TC_ID_MAX],
                struct tc_diag *d)
{
    struct part parts[TC_MAX_PROPERTIES];
    struct tc_str name;
    struct tc_buf b;
    const struct tc_type *type = tc_json_str(object, "type", &name) ? tc_types_find(t, name) : NULL;
    if (!type || type->kind != TC_KIND_SCO)
        return tc_diag_set(d, TC_E_NOTFOUND, "this is no cyber-observable that a pack knows");
    size_t n = take_parts(&t->shapes[type->shape], object, parts);
    if (n == 0)
        return tc_diag_set(d, TC_E_NOTFOUND, "no property that contributes to the id is there");
    tc_buf_init(&b, (size_t)2 * TC_MAX_OBJECT);
    tc_err e = put_parts(parts, n, &b, d);
    if (!e)
        tc_id_derive(type->name, &tc_uuid_ns_sco, tc_buf_view(&b), out);
    tc_buf_fini(&b);
    return e;
}
