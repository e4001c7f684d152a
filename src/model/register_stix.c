/* SPDX-License-Identifier: Apache-2.0 */
/* A register in a STIX bundle: what src/intake makes of a register, read without a node. */
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "model/extensions.h"
#include "model/register_parts.h"

#include <stdlib.h>

struct bundle {
    struct tc_reg_into *x;
    yyjson_val **object; /* the array as an array */
    size_t n;
    struct tc_map *newest; /* STIX id -> object */
    struct tc_map *taken;  /* an asset's own id -> object, or n where two have it */
};

static struct tc_str text_of(yyjson_val *o, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    return s;
}

static yyjson_val *extension(yyjson_val *object, const char *id)
{
    return tc_json_get(tc_json_get(object, "extensions"), id);
}

static tc_time modified(yyjson_val *o)
{
    tc_time t;
    return tc_time_parse_z(text_of(o, "modified"), &t) ? TC_TIME_NONE : t;
}

static bool is_asset(yyjson_val *o)
{
    return tc_str_is(text_of(o, "type"), "infrastructure") && extension(o, TC_EXT_ASSET);
}

static bool is_dependency(yyjson_val *o)
{
    return tc_str_is(text_of(o, "relationship_type"), "depends-on") &&
           extension(o, TC_EXT_DEPENDENCY);
}

/* The id that a register gave it; empty when there is none. */
static struct tc_str own_id(yyjson_val *o)
{
    yyjson_val *list = tc_json_get(o, "external_references"), *r;
    size_t i, n;
    yyjson_arr_foreach (list, i, n, r)
        if (tc_str_is(text_of(r, "source_name"), "tocsin-register"))
            return text_of(r, "external_id");
    return tc_str_view("", 0);
}

static void count_object(struct bundle *b, size_t i)
{
    yyjson_val *o = b->object[i];
    struct tc_str id = text_of(o, "id");
    uint64_t at = i;
    bool added = true;
    if (!id.n)
        return;
    tc_err e = tc_map_intern(b->newest, id, &at, &added);
    if (!e && !added && modified(o) > modified(b->object[at]))
        e = tc_map_put(b->newest, id, i);
    if (e)
        b->x->fatal = e;
}

static bool stands(const struct bundle *b, size_t i)
{
    uint64_t at;
    bool revoked = false;
    struct tc_str id = text_of(b->object[i], "id");
    (void)tc_json_bool(b->object[i], "revoked", &revoked);
    return id.n && !revoked && tc_map_get(b->newest, id, &at) && at == i;
}

static void claim_id(struct bundle *b, size_t i)
{
    struct tc_str own = own_id(b->object[i]);
    uint64_t at = i;
    bool added = true;
    tc_err e = own.n ? tc_map_intern(b->taken, own, &at, &added) : TC_OK;
    if (!e && !added && at != i)
        e = tc_map_put(b->taken, own, b->n);
    if (e)
        b->x->fatal = e;
}

static struct tc_str asset_name(const struct bundle *b, struct tc_str id)
{
    uint64_t at, by;
    struct tc_str own = {"", 0};
    if (tc_map_get(b->newest, id, &at))
        own = own_id(b->object[at]);
    return own.n && tc_map_get(b->taken, own, &by) && by == at ? own : id;
}

static struct tc_str operator_name(const struct bundle *b, struct tc_str id)
{
    uint64_t at;
    struct tc_str name = {"", 0};
    if (id.n && tc_map_get(b->newest, id, &at))
        name = text_of(b->object[at], "name");
    return name.n ? name : id;
}

static void take_asset(struct bundle *b, size_t i)
{
    struct tc_reg_into *x = b->x;
    yyjson_val *o = b->object[i], *e = extension(o, TC_EXT_ASSET);
    struct tc_str *cell = x->cell[0];
    if (!tc_reg_into_members(x, false, e))
        return;
    cell[tc_reg_column(false, "id")] = asset_name(b, text_of(o, "id"));
    struct tc_str name = text_of(o, "name");
    cell[tc_reg_column(false, "name")] = name;
    cell[tc_reg_column(false, "operator")] = operator_name(b, text_of(e, "operator_ref"));
    static const char *const place[2][2] = {{"lat", "latitude"}, {"lon", "longitude"}};
    for (size_t k = 0; k < 2; k++) {
        yyjson_val *v = tc_json_get(e, place[k][1]);
        if (yyjson_is_raw(v))
            cell[tc_reg_column(false, place[k][0])] =
                tc_str_view(yyjson_get_raw(v), yyjson_get_len(v));
    }
    tc_reg_into_put(x, false);
}

static void take_dependency(struct bundle *b, size_t i)
{
    struct tc_reg_into *x = b->x;
    yyjson_val *o = b->object[i];
    struct tc_str *cell = x->cell[1];
    if (!tc_reg_into_members(x, true, extension(o, TC_EXT_DEPENDENCY)))
        return;
    cell[tc_reg_column(true, "asset")] = asset_name(b, text_of(o, "source_ref"));
    cell[tc_reg_column(true, "supplier")] = asset_name(b, text_of(o, "target_ref"));
    tc_reg_into_put(x, true);
}

static void take_all(struct bundle *b)
{
    for (size_t i = 0; i < b->n && !b->x->fatal; i++)
        count_object(b, i);
    for (size_t i = 0; i < b->n && !b->x->fatal; i++)
        if (is_asset(b->object[i]) && stands(b, i))
            claim_id(b, i);
    for (size_t i = 0; i < b->n && !b->x->fatal; i++) {
        yyjson_val *o = b->object[i];
        tc_reg_into_at(b->x, "objects", i, o);
        if (!yyjson_is_obj(o))
            tc_reg_into_wrong(b->x, "", "is no object");
        else if (is_asset(o) && stands(b, i))
            take_asset(b, i);
        else if (is_dependency(o) && stands(b, i))
            take_dependency(b, i);
    }
}

void tc_reg_into_stix(struct tc_reg_into *x)
{
    yyjson_val *list = tc_json_get(x->doc.root, "objects"), *v;
    struct bundle b = {.x = x, .n = yyjson_arr_size(list)};
    size_t i, n;
    if (!yyjson_is_arr(list)) {
        x->within = NULL;
        tc_reg_into_wrong(x, "objects", "is no array");
        return;
    }
    b.object = calloc(b.n + 1, sizeof(yyjson_val *));
    b.newest = tc_map_new(b.n + 1);
    b.taken = tc_map_new(b.n + 1);
    if (b.object && b.newest && b.taken) {
        yyjson_arr_foreach (list, i, n, v)
            b.object[i] = v;
        take_all(&b);
    } else {
        x->fatal = TC_E_NOMEM;
    }
    tc_map_free(b.newest);
    tc_map_free(b.taken);
    free(b.object);
}
