/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check_parts.h"

#define DEFINITION "extension-definition--"

static bool is_definition(struct tc_str key)
{
    return tc_str_starts(key, TC_STR(DEFINITION));
}

/* ---- extensions (section 7.3) ---- */

static const char *const kind_names[] = {"property-extension", "toplevel-property-extension",
                                         "new-sdo", "new-sco", "new-sro"};

unsigned tc_check_extension_kinds(yyjson_val *extensions)
{
    size_t i, max;
    yyjson_val *key, *val;
    unsigned kinds = 0;
    if (!yyjson_is_obj(extensions))
        return 0;
    yyjson_obj_foreach (extensions, i, max, key, val) {
        struct tc_str kind;
        if (!tc_json_str(val, "extension_type", &kind))
            continue;
        for (unsigned n = 0; n < 5; n++)
            if (tc_str_is(kind, kind_names[n]))
                kinds |= 1u << n;
    }
    return kinds;
}

static bool stands_on(const struct tc_extension *x, struct tc_str type)
{
    for (uint32_t i = 0; i < x->n_types; i++)
        if (tc_str_eq(x->types[i], type))
            return true;
    return x->n_types == 0;
}

static void check_extension_type(struct tc_checking *k, const struct tc_at *at, struct tc_str key,
                                 yyjson_val *v)
{
    struct tc_at here = {at, TC_STR("extension_type"), 0};
    struct tc_str kind = {0}, type;
    struct tc_uuid u;
    yyjson_val *given = tc_json_get(v, "extension_type");
    bool known = false;
    if (!is_definition(key) && !given)
        return;
    if (is_definition(key) && tc_id_split(key, &type, &u))
        tc_check_say(k, TC_LEVEL_MUST, "id", at, "the key of an extension must end in a UUID");
    else if (is_definition(key) && tc_uuid_version(&u) != 4 && !tc_types_extension(k->t, key))
        tc_check_advise(k, k->t->check_uuid, at,
                        "the id of an extension definition should hold a UUID of version 4");
    (void)tc_json_str(v, "extension_type", &kind);
    for (unsigned n = 0; n < 5; n++)
        known |= tc_str_is(kind, kind_names[n]);
    if (given && !known)
        tc_check_say(
            k, TC_LEVEL_MUST, "vocabulary", &here,
            "`extension_type` must be one of new-sdo, new-sco, new-sro, property-extension "
            "and toplevel-property-extension");
}

static void check_upper_keys(struct tc_checking *k, const struct tc_at *at, yyjson_val *v);

/* An extension that no pack knows: "x-source-name-ext" once, "extension-definition--" now. */
static void custom_extension(struct tc_checking *k, const struct tc_at *at, struct tc_str key,
                             yyjson_val *v)
{
    check_upper_keys(k, at, v);
    if (k->spec_20 || k->embedded)
        return;
    if (tc_check_on(k, k->t->check_custom)) {
        if (k->ext_kinds & 1u << TC_EXT_PROPERTY || (is_definition(key) && k->ext_kinds))
            return;
        tc_check_advise(k, k->t->check_custom, at,
                        "the extension \"%.*s\" should be one with an extension definition",
                        TC_FMT(key));
        return;
    }
    bool x = tc_str_starts(key, TC_STR("x-")) && tc_str_ends(key, TC_STR("-ext"));
    bool full =
        x && key.n > 6 && tc_str_find(tc_str_view(key.p + 2, key.n - 6), TC_STR("-")) != SIZE_MAX;
    if (!full && tc_check_on(k, k->t->check_prefix))
        tc_check_advise(k, k->t->check_prefix, at,
                        "the extension \"%.*s\" should be named x-SOURCE-NAME-ext", TC_FMT(key));
    else if (!x)
        tc_check_advise(k, k->t->check_prefix_lax, at,
                        "the extension \"%.*s\" should begin with x- and end with -ext",
                        TC_FMT(key));
}

static void check_one_extension(struct tc_checking *k, const struct tc_at *at, struct tc_str key,
                                yyjson_val *v)
{
    const struct tc_extension *x = tc_types_extension(k->t, key);
    if (!yyjson_is_obj(v)) {
        tc_check_say(k, TC_LEVEL_MUST, "kind", at, "an extension must be a JSON object");
        return;
    }
    if (yyjson_obj_size(v) == 0)
        tc_check_say(k, TC_LEVEL_MUST, "empty", at, "an extension must not be empty");
    check_extension_type(k, at, key, v);
    if (!x) {
        if (k->known && k->known->kind == TC_KIND_SCO && k->o->shoulds)
            custom_extension(k, at, key, v);
        return;
    }
    if (!stands_on(x, k->type)) {
        tc_check_say(k, is_definition(key) ? TC_LEVEL_NOTE : TC_LEVEL_MUST, "extension", at,
                     "the extension \"%.*s\" does not belong to %.*s", TC_FMT(key),
                     TC_FMT(k->type));
        return;
    }
    struct tc_str kind = {0};
    if (is_definition(key) &&
        (!tc_json_str(v, "extension_type", &kind) || !tc_str_is(kind, kind_names[x->kind])))
        tc_check_say(k, TC_LEVEL_MUST, "extension", at,
                     "the `extension_type` of this extension must be %s", kind_names[x->kind]);
    if (x->kind == TC_EXT_PROPERTY)
        tc_check_shape(k, at, &k->t->shapes[x->shape], v, false);
}

void tc_check_extensions(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *val;
    if (!yyjson_is_obj(v) || yyjson_obj_size(v) == 0) {
        tc_check_say(k, TC_LEVEL_MUST, "kind", at,
                     "`extensions` must be a dictionary that is not empty");
        return;
    }
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        check_one_extension(k, &here, here.name, val);
    }
}

/* ---- properties that no pack knows ---- */

static bool reserved(const struct tc_shape *s, struct tc_str name)
{
    for (uint32_t i = 0; i < s->n_reserved; i++)
        if (tc_str_eq(s->reserved[i], name))
            return true;
    return false;
}

/* Dictionaries of cyber-observables: keys should be lower case (section 2.3). Depth is that of the
 * text, at most TC_MAX_DEPTH. */
static void check_upper_keys(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *val;
    if (!yyjson_is_obj(v) || !tc_check_on(k, k->t->check_dict_keys))
        return;
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_str name = tc_json_view(key);
        struct tc_at here = {at, name, 0};
        bool upper = false;
        for (size_t n = 0; n < name.n; n++)
            upper |= name.p[n] >= 'A' && name.p[n] <= 'Z';
        if (upper)
            tc_check_advise(k, k->t->check_dict_keys, &here,
                            "the key \"%.*s\" should be lower case", TC_FMT(name));
        check_upper_keys(k, &here, val);
    }
}

static bool ends_in(struct tc_str name, const char *tail)
{
    return tc_str_ends(name, tc_str_cstr(tail));
}

/* What holds of any property, whoever defined it (sections 2 and 3.1). */
static void check_foreign(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    struct tc_str name = at->name;
    if (!tc_format_ok(TC_FORMAT_PROPERTY, name))
        tc_check_say(k, TC_LEVEL_MUST, "property-name", at,
                     "a property's name must be 3 to 250 characters a-z, 0-9 and _, beginning with "
                     "a letter");
    if (yyjson_is_null(v))
        tc_check_say(k, TC_LEVEL_MUST, "kind", at, "null has no place in STIX; leave it out");
    if (yyjson_is_arr(v) && yyjson_arr_size(v) == 0)
        tc_check_say(k, TC_LEVEL_MUST, "empty", at,
                     "`%.*s` must not be an empty list; leave it out", TC_FMT(name));
    bool bin = ends_in(name, "_bin"), hex = ends_in(name, "_hex");
    if ((bin || hex) && (!yyjson_is_str(v) ||
                         !tc_format_ok(hex ? TC_FORMAT_HEX : TC_FORMAT_BASE64, tc_json_view(v))))
        tc_check_say(k, TC_LEVEL_MUST, "format", at, "`%.*s` must be %s, because of its ending",
                     TC_FMT(name), tc_format_says(hex ? TC_FORMAT_HEX : TC_FORMAT_BASE64));
    if (k->kind == TC_KIND_SCO)
        check_upper_keys(k, at, v);
}

/* A property that a known toplevel extension of this object defines: checked there. */
static bool defined_by_extension(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *ignored;
    if (!(k->ext_kinds & 1u << TC_EXT_TOPLEVEL))
        return false;
    yyjson_obj_foreach (k->extensions, i, max, key, ignored) {
        const struct tc_extension *x = tc_types_extension(k->t, tc_json_view(key));
        if (!x || x->kind != TC_EXT_TOPLEVEL)
            continue;
        const struct tc_shape *s = &k->t->shapes[x->shape];
        unsigned p = tc_shape_find(s, at->name);
        if (p == TC_NONE)
            continue;
        tc_check_property(k, at, &s->props[p], v);
        return true;
    }
    return false;
}

static void advise_prefix(struct tc_checking *k, const struct tc_at *at)
{
    struct tc_str name = at->name;
    bool x = tc_str_starts(name, TC_STR("x_")) && name.n > 2;
    bool full = x && name.n > 4 &&
                tc_str_find(tc_str_view(name.p + 3, name.n - 4), TC_STR("_")) != SIZE_MAX;
    if (!full && tc_check_on(k, k->t->check_prefix))
        tc_check_advise(k, k->t->check_prefix, at, "`%.*s` should be named x_SOURCE_NAME",
                        TC_FMT(name));
    else if (!x && !tc_check_on(k, k->t->check_prefix))
        tc_check_advise(k, k->t->check_prefix_lax, at, "`%.*s` should begin with x_", TC_FMT(name));
}

static void advise_custom(struct tc_checking *k, const struct tc_at *at, bool top)
{
    if (tc_check_on(k, k->t->check_custom) && !k->spec_20)
        tc_check_advise(k, k->t->check_custom, at,
                        "`%.*s` is not in the standard; custom properties should come with an "
                        "extension definition",
                        TC_FMT(at->name));
    else if (top || k->kind == TC_KIND_SCO)
        advise_prefix(k, at);
}

static void one_unknown(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                        yyjson_val *v, bool top)
{
    struct tc_str name = at->name;
    if (reserved(s, name)) {
        tc_check_say(k, TC_LEVEL_MUST, "reserved", at, "the name `%.*s` is reserved", TC_FMT(name));
        return;
    }
    if (top && defined_by_extension(k, at, v))
        return;
    check_foreign(k, at, v);
    if (!k->known && top)
        return; /* a custom type's own properties */
    if (k->o->strict_properties && k->o->shoulds)
        tc_check_say(k, TC_LEVEL_MUST, "unknown-property", at,
                     "`%.*s` is a property that no pack knows", TC_FMT(name));
    /* Nested structures of domain objects: the standard recommends nothing about names there. */
    if ((!top && k->kind != TC_KIND_SCO) || k->embedded || (k->known && k->known->bundle && !top))
        return;
    if (!top || !(k->ext_kinds & 1u << TC_EXT_TOPLEVEL) || !tc_check_on(k, k->t->check_custom))
        advise_custom(k, at, top);
}

void tc_check_unknown(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                      yyjson_val *obj, bool top)
{
    size_t i, max;
    yyjson_val *key, *val;
    yyjson_obj_foreach (obj, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        if (tc_shape_find(s, here.name) != TC_NONE)
            continue;
        /* An extension's own kind is looked at where extensions are. */
        if (!top && at && tc_str_is(here.name, "extension_type"))
            continue;
        one_unknown(k, &here, s, val, top);
    }
}

/* ---- types that no pack knows ---- */

static void advise_type(struct tc_checking *k, const struct tc_at *at)
{
    struct tc_str type = k->type;
    bool x = tc_str_starts(type, TC_STR("x-")) && type.n > 2;
    bool full = x && type.n > 4 &&
                tc_str_find(tc_str_view(type.p + 3, type.n - 4), TC_STR("-")) != SIZE_MAX;
    if (tc_check_on(k, k->t->check_custom) && !k->spec_20)
        tc_check_advise(k, k->t->check_custom, at,
                        "\"%.*s\" is not in the standard; custom types should come with an "
                        "extension definition",
                        TC_FMT(type));
    else if (!full && tc_check_on(k, k->t->check_prefix))
        tc_check_advise(k, k->t->check_prefix, at, "\"%.*s\" should be named x-SOURCE-NAME",
                        TC_FMT(type));
    else if (!x && !tc_check_on(k, k->t->check_prefix))
        tc_check_advise(k, k->t->check_prefix_lax, at, "\"%.*s\" should begin with x-",
                        TC_FMT(type));
}

void tc_check_unknown_type(struct tc_checking *k)
{
    struct tc_at at = {NULL, TC_STR("type"), 0};
    unsigned news = 1u << TC_EXT_NEW_SDO | 1u << TC_EXT_NEW_SCO | 1u << TC_EXT_NEW_SRO;
    if (tc_str_is(k->type, "action"))
        tc_check_say(k, TC_LEVEL_MUST, "reserved", &at, "the type \"action\" is reserved");
    if (k->o->strict_types)
        tc_check_say(k, TC_LEVEL_MUST, "unknown-type", &at, "\"%.*s\" is a type that no pack knows",
                     TC_FMT(k->type));
    /* Without extensions-use, custom content is judged by its name alone. */
    if (!(k->ext_kinds & news) || !tc_check_on(k, k->t->check_custom))
        advise_type(k, &at);
}
