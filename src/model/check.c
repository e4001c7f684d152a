/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check.h"

#include "base/limits.h"
#include "model/check_parts.h"
#include "model/fast.h"

#include <stdarg.h>
#include <stdio.h>

const char *tc_level_name(enum tc_level level)
{
    return level == TC_LEVEL_MUST ? "MUST" : level == TC_LEVEL_SHOULD ? "SHOULD" : "NOTE";
}

/* ---- findings ---- */

static void path_of(const struct tc_at *at, struct tc_buf *b)
{
    const struct tc_at *steps[TC_MAX_DEPTH * 2];
    size_t n = 0;
    for (; at && n < sizeof steps / sizeof steps[0]; at = at->up)
        steps[n++] = at;
    while (n--) {
        if (!steps[n]->name.p) {
            tc_buf_fmt(b, "[%zu]", steps[n]->index);
            continue;
        }
        if (b->n)
            tc_buf_char(b, '.');
        tc_buf_str(b, steps[n]->name);
    }
}

static struct tc_check_finding *new_finding(struct tc_check_report *r)
{
    if (r->n == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 8;
        struct tc_check_finding *f = tc_arena_zalloc(r->arena, cap, sizeof *f);
        if (!f)
            return NULL;
        if (r->n)
            memcpy(f, r->findings, r->n * sizeof *f);
        r->findings = f;
        r->cap = cap;
    }
    return &r->findings[r->n];
}

TC_PRINTF(5, 0)
static void keep(struct tc_checking *k, enum tc_level level, const char *rule,
                 const struct tc_at *at, const char *fmt, va_list ap)
{
    struct tc_check_report *r = k->r;
    char says[400];
    struct tc_buf path;
    struct tc_check_finding *f = new_finding(r);
    (void)vsnprintf(says, sizeof says, fmt, ap);
    tc_buf_init(&path, 1 << 16);
    path_of(at, &path);
    struct tc_check_finding made = {level, rule, tc_arena_cstr(r->arena, tc_buf_view(&path)),
                                    tc_arena_cstr(r->arena, tc_str_cstr(says))};
    tc_buf_fini(&path);
    if (!f || !made.path || !made.says) {
        k->err = tc_arena_err(r->arena);
        return;
    }
    *f = made;
    r->n++;
}

static void count(struct tc_check_report *r, enum tc_level level)
{
    if (level == TC_LEVEL_MUST)
        r->musts++;
    else if (level == TC_LEVEL_SHOULD)
        r->shoulds++;
    else
        r->notes++;
}

void tc_check_say(struct tc_checking *k, enum tc_level level, const char *rule,
                  const struct tc_at *at, const char *fmt, ...)
{
    if (level != TC_LEVEL_MUST && !k->o->shoulds)
        return;
    count(k->r, level);
    /* What must be mended is never crowded out by recommendations. */
    uint32_t room = level == TC_LEVEL_MUST ? TC_MAX_FINDINGS : TC_MAX_FINDINGS / 2;
    if (!k->r->arena || k->r->n >= room || k->err)
        return;
    va_list ap;
    va_start(ap, fmt);
    keep(k, level, rule, at, fmt, ap);
    va_end(ap);
}

bool tc_check_on(const struct tc_checking *k, unsigned check)
{
    return k->o->shoulds && check != TC_NONE && !(k->o->off.bits[check >> 6] >> (check & 63) & 1);
}

void tc_check_advise(struct tc_checking *k, unsigned check, const struct tc_at *at, const char *fmt,
                     ...)
{
    if (!tc_check_on(k, check))
        return;
    k->r->shoulds++;
    if (!k->r->arena || k->r->n >= TC_MAX_FINDINGS / 2 || k->err)
        return;
    va_list ap;
    va_start(ap, fmt);
    /* Names in packs are words of a text that is not NUL-terminated. */
    const char *rule = tc_arena_cstr(k->r->arena, k->t->checks[check].name);
    if (rule)
        keep(k, TC_LEVEL_SHOULD, rule, at, fmt, ap);
    else
        k->err = tc_arena_err(k->r->arena);
    va_end(ap);
}

/* ---- the walk ---- */

static void say_missing(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                        uint64_t missing, const char *why)
{
    for (; missing; missing &= missing - 1) {
        struct tc_str name = s->props[__builtin_ctzll(missing)].name;
        struct tc_at here = {at, name, 0};
        tc_check_say(k, TC_LEVEL_MUST, "required", &here, "`%.*s` is required%s", TC_FMT(name),
                     why);
    }
}

static void check_required(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                           uint64_t have)
{
    uint64_t want = s->required | (k->spec_20 ? s->required_20 : s->required_21);
    if (k->embedded) {
        unsigned id = tc_shape_find(s, TC_STR("id"));
        want &= id == TC_NONE ? ~UINT64_C(0) : ~(UINT64_C(1) << id);
    }
    if (want & ~have)
        say_missing(k, at, s, want & ~have, "");
    if (k->o->interop && (s->interop & ~have))
        say_missing(k, at, s, s->interop & ~have, " by the interoperability profiles");
}

void tc_check_shape(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                    yyjson_val *obj, bool top)
{
    yyjson_val *vals[TC_MAX_PROPERTIES], *key;
    uint64_t have = 0;
    bool unknown = false;
    yyjson_obj_iter it = yyjson_obj_iter_with(obj);
    while ((key = yyjson_obj_iter_next(&it))) {
        struct tc_str name = tc_json_view(key);
        unsigned i = tc_shape_find(s, name);
        if (i == TC_NONE) {
            unknown = true;
            continue;
        }
        struct tc_at here = {at, name, 0};
        vals[i] = yyjson_obj_iter_get_val(key);
        have |= UINT64_C(1) << i;
        tc_check_property(k, &here, &s->props[i], vals[i]);
    }
    check_required(k, at, s, have);
    if (s->n_rules)
        tc_check_rules(k, at, s, vals, have);
    if (unknown)
        tc_check_unknown(k, at, s, obj, top);
}

/* ---- one object ---- */

static void check_uuid(struct tc_checking *k)
{
    struct tc_at at = {NULL, TC_STR("id"), 0};
    const struct tc_shape *s = k->known ? &k->t->shapes[k->known->shape] : NULL;
    int want = 4, version = tc_fast_id_version(k->id);
    if (k->kind == TC_KIND_SCO && s) {
        bool any = false;
        for (uint64_t key = s->key; key && !any; key &= key - 1)
            any = tc_json_getn(k->root, s->props[__builtin_ctzll(key)].name) != NULL;
        want = s->key ? 5 : 4;
        /* Section 2.9: without a contributing property there is nothing to derive the id from. */
        if (!any && version != 4) {
            tc_check_say(k, TC_LEVEL_MUST, "sco-id", &at,
                         "`id` must hold a UUID of version 4, because no property that contributes "
                         "to a deterministic id is there");
            return;
        }
        if (!any)
            return;
    } else if (k->kind == TC_KIND_SCO) {
        want = 5;
    }
    if (version != want)
        tc_check_advise(k, k->t->check_uuid, &at, "`id` should hold a UUID of version %d, not %d",
                        want, version);
}

/* A type that no pack knows is held to the common properties of its kind. */
static void set_kind(struct tc_checking *k)
{
    if (k->known) {
        k->kind = k->known->kind;
    } else if (k->ext_kinds & 1u << TC_EXT_NEW_SCO) {
        k->kind = TC_KIND_SCO;
    } else {
        k->kind = TC_KIND_UNKNOWN;
    }
}

static void set_version(struct tc_checking *k)
{
    if (k->kind == TC_KIND_SCO || (k->known && k->known->bundle))
        return;
    k->spec_20 = k->spec.n ? tc_str_is(k->spec, "2.0") : k->created;
    if (k->spec_20)
        tc_check_say(k, TC_LEVEL_NOTE, "stix-2.0", NULL,
                     "this is a STIX 2.0 object; it is held to what both versions say");
}

static void check_id(struct tc_checking *k)
{
    struct tc_str type;
    struct tc_at at = {NULL, TC_STR("id"), 0};
    if (!k->id.p)
        return; /* told as missing, or as no text */
    if (!tc_fast_id(k->id, &type)) {
        tc_check_say(k, TC_LEVEL_MUST, "id", &at,
                     "`id` must be the type, \"--\" and a UUID, like tool--8e2e2d2b-17d4-4cbf-938f-"
                     "98ee46b3cd3f");
        k->id.p = NULL;
        k->id.n = 0;
    } else if (!tc_str_eq(type, k->type)) {
        tc_check_say(k, TC_LEVEL_MUST, "id", &at, "`id` must begin with the type, \"%.*s--\"",
                     TC_FMT(k->type));
    }
}

static bool type_name_ok(struct tc_str s)
{
    if (s.n < 3 || s.n > 250 || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool fine = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
                    (s.p[i] == '-' && s.p[i - 1] != '-');
        if (!fine)
            return false;
    }
    return true;
}

/* A type that an extension defines says so (section 7.3.2), for the sake of other tools. */
static void check_tie(struct tc_checking *k)
{
    struct tc_at at = {NULL, TC_STR("extensions"), 0};
    if (!k->known || k->known->extension == TC_NONE)
        return;
    struct tc_str key = k->t->extensions[k->known->extension].key;
    if (!tc_json_getn(k->extensions, key))
        tc_check_advise(k, k->t->check_custom, &at,
                        "`extensions` should hold %.*s, which defines the type %.*s", TC_FMT(key),
                        TC_FMT(k->type));
}

static void check_bundle_version(struct tc_checking *k)
{
    struct tc_at at = {NULL, TC_STR("spec_version"), 0};
    if (k->o->spec_20 && !tc_str_is(k->spec, "2.0"))
        tc_check_say(k, TC_LEVEL_MUST, "required", &at,
                     "`spec_version` of a STIX 2.0 bundle must be \"2.0\"");
    else if (tc_str_is(k->spec, "2.1"))
        tc_check_say(k, TC_LEVEL_NOTE, "bundle-version", &at,
                     "a STIX 2.1 bundle has no `spec_version`; its objects have");
}

static void check_typed(struct tc_checking *k)
{
    struct tc_at at = {NULL, TC_STR("type"), 0};
    if (!k->known && !type_name_ok(k->type))
        tc_check_say(k, TC_LEVEL_MUST, "type-name", &at,
                     "`type` must be 3 to 250 characters a-z, 0-9 and single hyphens, beginning "
                     "with a letter");
    check_id(k);
    set_kind(k);
    set_version(k);
    if (!k->known)
        tc_check_unknown_type(k);
    unsigned common = k->kind == TC_KIND_SCO ? k->t->common_sco : k->t->common;
    unsigned shape = k->known ? k->known->shape : common;
    if (shape != TC_NONE)
        tc_check_shape(k, NULL, &k->t->shapes[shape], k->root, true);
    check_tie(k);
    if (k->known && k->known->bundle)
        check_bundle_version(k);
    if (k->id.p && (k->kind == TC_KIND_SCO || k->o->shoulds))
        check_uuid(k);
}

/* What decides how the rest is looked at, in one pass over the names. */
static void take_head(struct tc_checking *k)
{
    yyjson_obj_iter it = yyjson_obj_iter_with(k->root);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        struct tc_str name = tc_json_view(key), *text = NULL;
        yyjson_val *v = yyjson_obj_iter_get_val(key);
        switch (name.n) {
        case 2:
            text = memcmp(name.p, "id", 2) == 0 ? &k->id : NULL;
            break;
        case 4:
            text = memcmp(name.p, "type", 4) == 0 ? &k->type : NULL;
            break;
        case 7:
            k->created |= memcmp(name.p, "created", 7) == 0;
            break;
        case 10:
            k->extensions = memcmp(name.p, "extensions", 10) == 0 ? v : k->extensions;
            break;
        case 12:
            text = memcmp(name.p, "spec_version", 12) == 0 ? &k->spec : NULL;
            break;
        default:
            break;
        }
        if (text && yyjson_is_str(v))
            *text = tc_json_view(v);
    }
}

static const struct tc_check_options musts_only;

tc_err tc_check_object(const struct tc_types *t, yyjson_val *root, const struct tc_check_options *o,
                       struct tc_check_report *r)
{
    struct tc_checking k = {.t = t, .o = o ? o : &musts_only, .r = r, .root = root};
    if (!yyjson_is_obj(root)) {
        tc_check_say(&k, TC_LEVEL_MUST, "kind", NULL, "a STIX object is a JSON object");
        return k.err;
    }
    take_head(&k);
    if (!k.type.p) {
        struct tc_at at = {NULL, TC_STR("type"), 0};
        tc_check_say(&k, TC_LEVEL_MUST, "required", &at, "`type` is required and must be text");
        return k.err;
    }
    k.known = tc_types_find(t, k.type);
    k.ext_kinds = tc_check_extension_kinds(k.extensions);
    check_typed(&k);
    return k.err;
}
