/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check_parts.h"

#include "base/num.h"
#include "model/audience.h"
#include "model/fast.h"
#include "model/ring.h"
#include "pattern/parse.h"

#include <stdio.h>

static bool has(uint64_t have, unsigned i)
{
    return have >> i & 1;
}

static struct tc_str prop_name(const struct tc_shape *s, unsigned i)
{
    return s->props[i].name;
}

/* "`a`, `b` or `c`" */
static void list_names(const struct tc_shape *s, uint64_t set, const char *last, char out[256])
{
    size_t n = 0;
    out[0] = 0;
    for (bool first = true; set; set &= set - 1, first = false) {
        struct tc_str name = prop_name(s, (unsigned)__builtin_ctzll(set));
        const char *sep = first ? "" : (set & (set - 1)) ? ", " : last;
        int len = snprintf(out + n, 256 - n, "%s`%.*s`", sep, TC_FMT(name));
        if (len < 0 || (size_t)len >= 256 - n) {
            out[n] = 0;
            return;
        }
        n += (size_t)len;
    }
}

/* ---- the rules that packs write ---- */

/* Timestamps of one length sort like their text: true when that settles it. */
static bool in_order(yyjson_val *a, yyjson_val *b, uint8_t kind)
{
    size_t n = yyjson_get_len(a);
    if (!yyjson_is_str(a) || !yyjson_is_str(b) || n != yyjson_get_len(b))
        return false;
    int order = memcmp(yyjson_get_str(a), yyjson_get_str(b), n);
    return order > 0 || (order == 0 && kind == TC_RULE_NOT_BEFORE);
}

static void rule_times(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                       const struct tc_type_rule *r, yyjson_val *const *vals, uint64_t have)
{
    tc_time a, b;
    if (!has(have, r->a) || !has(have, r->b) || in_order(vals[r->a], vals[r->b], r->kind))
        return;
    if (!yyjson_is_str(vals[r->a]) || tc_time_parse_z(tc_json_view(vals[r->a]), &a) ||
        !yyjson_is_str(vals[r->b]) || tc_time_parse_z(tc_json_view(vals[r->b]), &b))
        return; /* told already */
    struct tc_at here = {at, prop_name(s, r->a), 0};
    if (r->kind == TC_RULE_AFTER && a <= b)
        tc_check_say(k, TC_LEVEL_MUST, "time-order", &here, "`%.*s` must be after `%.*s`",
                     TC_FMT(here.name), TC_FMT(prop_name(s, r->b)));
    else if (a < b)
        tc_check_say(k, TC_LEVEL_MUST, "time-order", &here, "`%.*s` must not be before `%.*s`",
                     TC_FMT(here.name), TC_FMT(prop_name(s, r->b)));
}

static void rule_count(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                       const struct tc_type_rule *r, uint64_t have)
{
    char names[256];
    int n = __builtin_popcountll(have & r->set);
    if (r->kind == TC_RULE_ONE_OF ? n >= 1 : r->kind == TC_RULE_EXACTLY_ONE ? n == 1 : n <= 1)
        return;
    list_names(s, r->set, r->kind == TC_RULE_ONE_OF || n == 0 ? " or " : " and ", names);
    if (n == 0)
        tc_check_say(k, TC_LEVEL_MUST, "one-of", at, "%s must be there", names);
    else
        tc_check_say(k, TC_LEVEL_MUST, "exclusive", at, "only one of %s may be there", names);
}

static void rule_missing(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                         const struct tc_type_rule *r, uint64_t missing, const char *where)
{
    char names[256];
    list_names(s, missing, " and ", names);
    if (r->check == TC_NONE)
        tc_check_say(k, TC_LEVEL_MUST, "required", at, "%s must be there%s", names, where);
    else
        tc_check_advise(k, r->check, at, "%s should be there%s", names, where);
}

static bool equals(yyjson_val *v, struct tc_str want)
{
    if (yyjson_is_bool(v))
        return tc_str_is(want, yyjson_get_bool(v) ? "true" : "false");
    return yyjson_is_str(v) && tc_str_eq(tc_json_view(v), want);
}

static void rule_if(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                    const struct tc_type_rule *r, yyjson_val *const *vals, uint64_t have)
{
    char names[256], where[128];
    if (!has(have, r->a) || !equals(vals[r->a], r->value))
        return;
    struct tc_str name = prop_name(s, r->a);
    (void)snprintf(where, sizeof where, " when `%.*s` is %.*s", TC_FMT(name), TC_FMT(r->value));
    if (r->kind == TC_RULE_IF_REQUIRES && (r->set & ~have))
        rule_missing(k, at, s, r, r->set & ~have, where);
    if (r->kind == TC_RULE_IF_FORBIDS && (r->set & have)) {
        list_names(s, r->set & have, " and ", names);
        tc_check_say(k, TC_LEVEL_MUST, "exclusive", at, "%s must not be there%s", names, where);
    }
}

static void rule_with(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                      const struct tc_type_rule *r, uint64_t have)
{
    char where[128];
    if (!has(have, r->a) || !(r->set & ~have))
        return;
    struct tc_str name = prop_name(s, r->a);
    (void)snprintf(where, sizeof where, " with `%.*s`", TC_FMT(name));
    rule_missing(k, at, s, r, r->set & ~have, where);
}

void tc_check_rules(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                    yyjson_val *const *vals, uint64_t have)
{
    for (uint32_t i = 0; i < s->n_rules; i++) {
        const struct tc_type_rule *r = &s->rules[i];
        if (r->check != TC_NONE && !tc_check_on(k, r->check))
            continue;
        switch (r->kind) {
        case TC_RULE_AFTER:
        case TC_RULE_NOT_BEFORE:
            rule_times(k, at, s, r, vals, have);
            break;
        case TC_RULE_ONE_OF:
        case TC_RULE_EXACTLY_ONE:
        case TC_RULE_AT_MOST_ONE:
            rule_count(k, at, s, r, have);
            break;
        case TC_RULE_WITH:
            rule_with(k, at, s, r, have);
            break;
        case TC_RULE_IF_REQUIRES:
        case TC_RULE_IF_FORBIDS:
            rule_if(k, at, s, r, vals, have);
            break;
        case TC_RULE_PRESENT:
            if (r->set & ~have)
                rule_missing(k, at, s, r, r->set & ~have, "");
            break;
        case TC_RULE_NOT_EMPTY:
            if (!have)
                tc_check_say(k, TC_LEVEL_MUST, "empty", at,
                             "at least one property of its own must be there");
            break;
        case TC_RULE_SINCE_20:
            if (k->spec_20 && !has(have, r->a))
                tc_check_say(k, TC_LEVEL_MUST, "required", at, "`%.*s` is required in STIX 2.0",
                             TC_FMT(prop_name(s, r->a)));
            break;
        default:
            tc_check_special(k, (enum tc_special)r->special, at, s, vals, have);
        }
    }
}

/* ---- rules that need code ---- */

static yyjson_val *value_of(const struct tc_shape *s, yyjson_val *const *vals, uint64_t have,
                            const char *name)
{
    unsigned i = tc_shape_find(s, tc_str_cstr(name));
    return i == TC_NONE || !has(have, i) ? NULL : vals[i];
}

static bool digits(struct tc_str s, size_t min)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n >= min;
}

/* CVE-2024-0001, CVE-2024-12345: four digits, or more without a leading zero. */
static bool cve_ok(struct tc_str s)
{
    if (!tc_str_starts(s, TC_STR("CVE-")) || s.n < 13 || s.p[8] != '-')
        return false;
    struct tc_str year = {s.p + 4, 4}, number = {s.p + 9, s.n - 9};
    return digits(year, 4) && digits(number, 4) && (number.n == 4 || number.p[0] != '0');
}

static bool capec_ok(struct tc_str s)
{
    return tc_str_starts(s, TC_STR("CAPEC-")) && digits(tc_str_view(s.p + 6, s.n - 6), 1);
}

/* Sections 2.5, 4.1 and 4.18. */
static void special_external_id(struct tc_checking *k, const struct tc_at *at, yyjson_val *source,
                                yyjson_val *id)
{
    struct tc_str s = tc_json_view(source), x = tc_json_view(id);
    struct tc_at here = {at, TC_STR("external_id"), 0};
    bool cve = tc_str_is(s, "cve"), capec = tc_str_is(s, "capec");
    if (cve && !cve_ok(x))
        tc_check_say(k, TC_LEVEL_MUST, "external-id", &here,
                     "with the source \"cve\", `external_id` must be like CVE-2024-12345");
    if (capec && !capec_ok(x))
        tc_check_say(k, TC_LEVEL_MUST, "external-id", &here,
                     "with the source \"capec\", `external_id` must be like CAPEC-163");
}

/* Follows a selector (section 7.2.3) from the object; NULL when it leads nowhere. */
static yyjson_val *select_value(yyjson_val *v, struct tc_str sel)
{
    while (v) {
        size_t dot = tc_str_find(sel, TC_STR("."));
        struct tc_str part = {sel.p, dot == SIZE_MAX ? sel.n : dot};
        uint64_t i;
        if (part.n > 2 && part.p[0] == '[') {
            bool ok = !tc_num_u64(tc_str_view(part.p + 1, part.n - 2), UINT32_MAX, &i);
            v = ok ? yyjson_arr_get(v, (size_t)i) : NULL;
        } else {
            v = tc_json_getn(v, part);
        }
        if (dot == SIZE_MAX)
            return v;
        sel = tc_str_view(sel.p + dot + 1, sel.n - dot - 1);
    }
    return NULL;
}

static void check_selectors(struct tc_checking *k, const struct tc_at *at, yyjson_val *marking)
{
    size_t i, max;
    yyjson_val *sel;
    struct tc_at list = {at, TC_STR("selectors"), 0};
    yyjson_arr_foreach (tc_json_get(marking, "selectors"), i, max, sel) {
        struct tc_at here = {&list, {0}, i};
        struct tc_str s = tc_json_view(sel);
        if (yyjson_is_str(sel) && tc_format_ok(TC_FORMAT_SELECTOR, s) && !select_value(k->root, s))
            tc_check_say(k, TC_LEVEL_MUST, "selector", &here,
                         "the selector \"%.*s\" points to nothing in this object", TC_FMT(s));
    }
}

static void check_self_mark(struct tc_checking *k, const struct tc_at *at, yyjson_val *ref)
{
    if (yyjson_is_str(ref) && tc_str_eq(tc_json_view(ref), k->id) && k->id.n)
        tc_check_say(k, TC_LEVEL_MUST, "circular-marking", at,
                     "a marking definition must not mark itself");
}

/* TLP 1.0 is read as its successor; who made the object should say what they mean today. */
static void check_tlp_2(struct tc_checking *k, const struct tc_at *at, struct tc_str marking)
{
    enum tc_tlp tlp;
    bool old = false;
    if (!tc_str_is(k->type, "marking-definition") && tc_tlp_from_marking(marking, &tlp, &old) &&
        old)
        tc_check_advise(k, k->t->check_tlp_2, at,
                        "this is a marking of TLP 1.0, which is over; TLP 2.0 says %s by %s",
                        tc_tlp_label(tlp), tc_tlp_marking_id(tlp));
}

static void special_markings(struct tc_checking *k, const struct tc_at *at, yyjson_val *object,
                             yyjson_val *granular)
{
    size_t i, max;
    yyjson_val *v;
    unsigned tlps = 0;
    struct tc_at refs = {at, TC_STR("object_marking_refs"), 0};
    struct tc_at marks = {at, TC_STR("granular_markings"), 0};
    bool definition = tc_str_is(k->type, "marking-definition");
    yyjson_arr_foreach (object, i, max, v) {
        struct tc_at here = {&refs, {0}, i};
        check_tlp_2(k, &here, tc_json_view(v));
    }
    if (!definition && !granular && !k->o->interop)
        return;
    yyjson_arr_foreach (object, i, max, v) {
        struct tc_at here = {&refs, {0}, i};
        enum tc_tlp tlp;
        bool old;
        if (definition)
            check_self_mark(k, &here, v);
        tlps += yyjson_is_str(v) && tc_tlp_from_marking(tc_json_view(v), &tlp, &old);
    }
    if (k->o->interop && tlps > 1)
        tc_check_say(k, TC_LEVEL_MUST, "one-tlp", &refs, "an object carries one TLP marking only");
    yyjson_arr_foreach (granular, i, max, v) {
        struct tc_at here = {&marks, {0}, i};
        if (definition)
            check_self_mark(k, &here, tc_json_get(v, "marking_ref"));
        struct tc_at ref = {&here, TC_STR("marking_ref"), 0};
        check_tlp_2(k, &ref, tc_json_view(tc_json_get(v, "marking_ref")));
        check_selectors(k, &here, v);
    }
}

/* Section 7.2.1: the four TLP 1 definitions are fixed, no others may say they are TLP. */
static void check_tlp(struct tc_checking *k, const struct tc_at *at, yyjson_val *definition)
{
    struct tc_str level = {0}, created = {0};
    enum tc_tlp tlp, want;
    bool old = false;
    bool fixed = tc_tlp_from_marking(k->id, &tlp, &old) && old;
    (void)tc_json_str(definition, "tlp", &level);
    (void)tc_json_str(k->root, "created", &created);
    bool same = fixed && tc_tlp_parse(level, &want) && want == tlp &&
                tc_str_starts(created, TC_STR("2017-01-20T00:00:00"));
    if (!same)
        tc_check_say(
            k, TC_LEVEL_MUST, "tlp", at,
            "a TLP marking must be one of the four that the standard defines, with its id, "
            "time and level");
}

static void check_definition(struct tc_checking *k, const struct tc_at *at, const char *shape,
                             yyjson_val *definition)
{
    for (uint32_t i = 0; i < k->t->n_shapes; i++)
        if (tc_str_is(k->t->shapes[i].name, shape) && yyjson_is_obj(definition))
            tc_check_shape(k, at, &k->t->shapes[i], definition, false);
}

static void special_marking_definition(struct tc_checking *k, const struct tc_at *at,
                                       yyjson_val *type, yyjson_val *definition)
{
    struct tc_str s = tc_json_view(type);
    struct tc_at here = {at, TC_STR("definition"), 0};
    if (tc_str_is(s, "statement")) {
        check_definition(k, &here, "statement-marking", definition);
    } else if (tc_str_is(s, "tlp")) {
        check_definition(k, &here, "tlp-marking", definition);
        check_tlp(k, at, definition);
    } else if (s.n && !tc_json_get(k->root, "extensions")) {
        tc_check_advise(k, k->t->check_custom, at,
                        "a marking of another kind should be made with an extension");
    }
}

static void special_extension_definition(struct tc_checking *k, const struct tc_at *at,
                                         yyjson_val *types, bool has_props)
{
    size_t i, max;
    yyjson_val *v;
    bool toplevel = false;
    struct tc_at here = {at, TC_STR("extension_properties"), 0};
    yyjson_arr_foreach (types, i, max, v) {
        toplevel |= yyjson_equals_str(v, "toplevel-property-extension");
    }
    if (has_props && !toplevel)
        tc_check_say(k, TC_LEVEL_MUST, "exclusive", &here,
                     "`extension_properties` belongs to toplevel-property-extension only");
    if (!has_props && toplevel)
        tc_check_advise(k, k->t->check_ext_properties, &here,
                        "`extension_properties` should name the properties of a "
                        "toplevel-property-extension");
}

static bool suggested(const struct tc_types *t, struct tc_str source, struct tc_str type,
                      struct tc_str target)
{
    for (uint32_t i = 0; i < t->n_suggestions; i++) {
        const struct tc_suggestion *s = &t->suggestions[i];
        if (!tc_str_eq(s->type, type) ||
            !(tc_str_is(s->source, "any") || tc_str_eq(s->source, source)))
            continue;
        for (uint32_t n = 0; n < s->n_targets; n++)
            if (tc_str_is(s->targets[n], "any") || tc_str_eq(s->targets[n], target))
                return true;
    }
    return false;
}

static void special_relationship(struct tc_checking *k, const struct tc_at *at, yyjson_val *type,
                                 yyjson_val *from, yyjson_val *to)
{
    struct tc_str rel = tc_json_view(type), source, target;
    if (!tc_check_on(k, k->t->check_relationship) || !rel.n ||
        tc_id_split(tc_json_view(from), &source, &(struct tc_uuid){0}) ||
        tc_id_split(tc_json_view(to), &target, &(struct tc_uuid){0}))
        return;
    if (!suggested(k->t, source, rel, target))
        tc_check_advise(k, k->t->check_relationship, at,
                        "%.*s \"%.*s\" %.*s is not a relationship that the standard suggests",
                        TC_FMT(source), TC_FMT(rel), TC_FMT(target));
}

/* ---- patterns: words only; src/pattern has the grammar ---- */

static void pattern_type(struct tc_checking *k, const struct tc_at *at, struct tc_str type)
{
    const struct tc_type *t = tc_types_find(k->t, type);
    if (t && t->kind == TC_KIND_SCO)
        return;
    if (k->o->strict_types)
        tc_check_say(k, TC_LEVEL_MUST, "unknown-type", at,
                     "the pattern names \"%.*s\", a type that no pack knows", TC_FMT(type));
    if (tc_check_on(k, k->t->check_custom))
        return; /* a type of an extension, which a pattern cannot say */
    if (!tc_str_starts(type, TC_STR("x-")))
        tc_check_advise(k, k->t->check_prefix_lax, at,
                        "the pattern's type \"%.*s\" should begin with x-", TC_FMT(type));
    else if (tc_str_find(tc_str_view(type.p + 2, type.n - 2), TC_STR("-")) == SIZE_MAX)
        tc_check_advise(k, k->t->check_prefix, at,
                        "the pattern's type \"%.*s\" should begin with x-, a source and a hyphen",
                        TC_FMT(type));
}

static void pattern_property(struct tc_checking *k, const struct tc_at *at, struct tc_str type,
                             struct tc_str prop)
{
    const struct tc_type *t = tc_types_find(k->t, type);
    if (!t || t->kind != TC_KIND_SCO || tc_shape_find(&k->t->shapes[t->shape], prop) != TC_NONE)
        return;
    if (k->o->strict_properties)
        tc_check_say(k, TC_LEVEL_MUST, "unknown-property", at,
                     "the pattern names \"%.*s\", which %.*s does not have", TC_FMT(prop),
                     TC_FMT(type));
    if (tc_check_on(k, k->t->check_custom))
        return;
    if (!tc_str_starts(prop, TC_STR("x_")))
        tc_check_advise(k, k->t->check_prefix_lax, at,
                        "the pattern's property \"%.*s\" should begin with x_", TC_FMT(prop));
    else if (tc_str_find(tc_str_view(prop.p + 2, prop.n - 2), TC_STR("_")) == SIZE_MAX)
        tc_check_advise(k, k->t->check_prefix, at,
                        "the pattern's property \"%.*s\" should begin with x_, a source and _",
                        TC_FMT(prop));
}

/* Depth is bounded by the parser. */
static void pattern_tests(struct tc_checking *k, const struct tc_at *at, const struct tc_cmp *c)
{
    if (c->kind == TC_CMP_TEST) {
        pattern_type(k, at, c->path.type);
        pattern_property(k, at, c->path.type, c->path.steps[0].name);
    }
    for (size_t i = 0; i < c->n; i++)
        pattern_tests(k, at, c->kids[i]);
}

static void pattern_observations(struct tc_checking *k, const struct tc_at *at,
                                 const struct tc_obs *o)
{
    if (o->cmp)
        pattern_tests(k, at, o->cmp);
    for (size_t i = 0; i < o->n; i++)
        pattern_observations(k, at, o->kids[i]);
}

static void parsed_pattern(struct tc_checking *k, const struct tc_at *at, struct tc_str text,
                           struct tc_arena *a)
{
    struct tc_pattern p;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_pattern_parse(text, a, &p, &d);
    if (e == TC_E_NOMEM)
        k->err = e;
    else if (e)
        tc_check_say(k, TC_LEVEL_MUST, "pattern", at, "line %llu, column %llu of the pattern: %s",
                     (unsigned long long)d.line, (unsigned long long)d.column, d.message);
    else if (p.doubled != SIZE_MAX)
        tc_check_say(k, TC_LEVEL_MUST, "pattern", at,
                     "the pattern has two qualifiers of one kind on one observation");
    else if (k->o->shoulds || k->o->strict_types || k->o->strict_properties)
        pattern_observations(k, at, p.root);
}

/* One comparison of a property that the pack knows needs no parsing and no advice. */
static bool plain_pattern(const struct tc_checking *k, struct tc_str text)
{
    struct tc_str type, property;
    if (!tc_fast_pattern(text, &type, &property))
        return false;
    const struct tc_type *t = tc_types_find(k->t, type);
    return t && t->kind == TC_KIND_SCO &&
           tc_shape_find(&k->t->shapes[t->shape], property) != TC_NONE;
}

static void special_pattern(struct tc_checking *k, const struct tc_at *at, yyjson_val *pattern,
                            yyjson_val *pattern_kind)
{
    struct tc_at here = {at, TC_STR("pattern"), 0};
    if (!yyjson_is_str(pattern) || !(yyjson_equals_str(pattern_kind, "stix") || k->spec_20))
        return;
    if (plain_pattern(k, tc_json_view(pattern)))
        return;
    struct tc_arena *a = k->r->scratch ? k->r->scratch : tc_arena_new(TC_MAX_OBJECT);
    if (a)
        parsed_pattern(k, &here, tc_json_view(pattern), a);
    else
        k->err = TC_E_NOMEM;
    if (k->r->scratch)
        tc_arena_reset(a);
    else
        tc_arena_free(a);
}

/* One that crosses itself still has an inside (even-odd): it comes from others' maps, and is told.
 */
static void special_polygon(struct tc_checking *k, const struct tc_at *at, yyjson_val *ring)
{
    struct tc_arena *a = ring ? tc_arena_new((size_t)8 << 20) : NULL;
    struct tc_at here = {at, TC_STR("polygon"), 0};
    double *points;
    size_t n;
    const char *why = NULL;
    tc_err e = a ? tc_ring_read(ring, a, &points, &n, &why) : ring ? TC_E_NOMEM : TC_OK;
    if (e == TC_E_NOMEM)
        k->err = e;
    else if (e)
        tc_check_say(
            k,
            e == TC_E_INVALID && tc_str_is(tc_str_cstr(why), TC_RING_CROSSES) ? TC_LEVEL_SHOULD
                                                                              : TC_LEVEL_MUST,
            "polygon", &here, "%s", e == TC_E_INVALID ? why : "the polygon has too many corners");
    tc_arena_free(a);
}

void tc_check_special(struct tc_checking *k, enum tc_special special, const struct tc_at *at,
                      const struct tc_shape *s, yyjson_val *const *vals, uint64_t have)
{
    switch (special) {
    case TC_SPECIAL_EXTERNAL_ID:
        special_external_id(k, at, value_of(s, vals, have, "source_name"),
                            value_of(s, vals, have, "external_id"));
        return;
    case TC_SPECIAL_MARKINGS:
        special_markings(k, at, value_of(s, vals, have, "object_marking_refs"),
                         value_of(s, vals, have, "granular_markings"));
        return;
    case TC_SPECIAL_MARKING_DEFINITION:
        special_marking_definition(k, at, value_of(s, vals, have, "definition_type"),
                                   value_of(s, vals, have, "definition"));
        return;
    case TC_SPECIAL_EXTENSION_DEFINITION:
        special_extension_definition(k, at, value_of(s, vals, have, "extension_types"),
                                     value_of(s, vals, have, "extension_properties") != NULL);
        return;
    case TC_SPECIAL_RELATIONSHIP:
        special_relationship(k, at, value_of(s, vals, have, "relationship_type"),
                             value_of(s, vals, have, "source_ref"),
                             value_of(s, vals, have, "target_ref"));
        return;
    case TC_SPECIAL_PATTERN:
        special_pattern(k, at, value_of(s, vals, have, "pattern"),
                        value_of(s, vals, have, "pattern_type"));
        return;
    case TC_SPECIAL_POLYGON:
        special_polygon(k, at, value_of(s, vals, have, "polygon"));
        return;
    default:
        return;
    }
}
