/* SPDX-License-Identifier: Apache-2.0 */
#include "model/object.h"

#include "codec/json.h"

static tc_err bad(struct tc_diag *d, const char *path, const char *says)
{
    if (d)
        tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

static tc_err head_id(yyjson_val *root, struct tc_object *o, struct tc_diag *d)
{
    struct tc_str type;
    if (!tc_json_str(root, "id", &o->id))
        return bad(d, "id", "`id` is required and must be a string");
    if (d)
        tc_diag_object(d, o->id.p, o->id.n);
    if (!tc_json_str(root, "type", &o->type))
        return bad(d, "type", "`type` is required and must be a string");
    if (tc_id_split(o->id, &type, &o->uuid))
        return bad(d, "id", "`id` must be the type, \"--\" and a UUID");
    if (!tc_str_eq(type, o->type))
        return bad(d, "id", "`id` must begin with the object's type");
    return TC_OK;
}

/* Absent is fine: *out stays TC_TIME_NONE. */
static tc_err head_time(yyjson_val *root, const char *name, tc_time *out, struct tc_diag *d)
{
    yyjson_val *v = tc_json_get(root, name);
    if (v && (!yyjson_is_str(v) || tc_time_parse_z(tc_json_view(v), out)))
        return bad(d, name, "must be a date and time like 2026-01-31T10:20:30.000Z");
    return TC_OK;
}

static tc_err head_rest(yyjson_val *root, struct tc_object *o, struct tc_diag *d)
{
    struct tc_str spec = {0};
    struct tc_uuid ignored;
    yyjson_val *by = tc_json_get(root, "created_by_ref"), *revoked = tc_json_get(root, "revoked");
    if (by) {
        o->created_by = tc_json_view(by);
        if (!yyjson_is_str(by) || tc_id_split(o->created_by, &(struct tc_str){0}, &ignored))
            return bad(d, "created_by_ref", "`created_by_ref` must be the id of an identity");
    }
    if (revoked && !yyjson_is_bool(revoked))
        return bad(d, "revoked", "`revoked` must be true or false");
    o->revoked = revoked && yyjson_get_bool(revoked);
    bool said = tc_json_str(root, "spec_version", &spec);
    /* Without spec_version it is a cyber-observable of 2.1, which never has `created`, or 2.0. */
    o->spec_20 = said ? tc_str_is(spec, "2.0") : o->created != TC_TIME_NONE;
    return TC_OK;
}

tc_err tc_object_head(yyjson_val *root, struct tc_str text, struct tc_object *out,
                      struct tc_diag *d)
{
    struct tc_object o = {.text = text,
                          .root = root,
                          .created = TC_TIME_NONE,
                          .modified = TC_TIME_NONE,
                          .version = TC_TIME_NONE};
    if (!yyjson_is_obj(root))
        return tc_diag_set(d, TC_E_SYNTAX, "a STIX object is a JSON object");
    tc_err e = head_id(root, &o, d);
    if (!e)
        e = head_time(root, "created", &o.created, d);
    if (!e)
        e = head_time(root, "modified", &o.modified, d);
    if (!e)
        e = head_rest(root, &o, d);
    if (e)
        return e;
    o.version = o.modified != TC_TIME_NONE ? o.modified : o.created;
    *out = o;
    return TC_OK;
}
