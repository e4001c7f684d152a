/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check_parts.h"

#include "base/limits.h"
#include "model/fast.h"

/* "`name`" for people: the property, or the list that holds the value. */
static struct tc_str named(const struct tc_at *at)
{
    while (!at->name.p && at->up)
        at = at->up;
    return at->name;
}

static void wrong_kind(struct tc_checking *k, const struct tc_at *at, const char *must_be)
{
    struct tc_str name = named(at);
    tc_check_say(k, TC_LEVEL_MUST, "kind", at, "`%.*s`%s must be %s", TC_FMT(name),
                 at->name.p ? "" : ": each element", must_be);
}

/* ---- text ---- */

bool tc_check_lang_ok(const struct tc_types *t, struct tc_str s)
{
    size_t dash = tc_str_find(s, TC_STR("-"));
    struct tc_str first = {s.p, dash == SIZE_MAX ? s.n : dash};
    if (!tc_format_ok(TC_FORMAT_LANG, s))
        return false;
    return t->languages == TC_NONE || first.n == 1 || first.n >= 4 ||
           tc_vocab_has(&t->vocabs[t->languages], first);
}

static void check_format(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                         struct tc_str s)
{
    bool should = p->flags & TC_PROP_SHOULD;
    if (should && !tc_check_on(k, p->check))
        return;
    enum tc_format f = (enum tc_format)p->format;
    if (f == TC_FORMAT_LANG ? tc_check_lang_ok(k->t, s) : tc_format_ok(f, s))
        return;
    struct tc_str name = named(at);
    if (should)
        tc_check_advise(k, p->check, at, "`%.*s` should be %s", TC_FMT(name), tc_format_says(f));
    else
        tc_check_say(k, TC_LEVEL_MUST, "format", at, "`%.*s` must be %s", TC_FMT(name),
                     tc_format_says(f));
}

static void check_vocab(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                        struct tc_str s)
{
    const struct tc_vocab *v = &k->t->vocabs[p->index];
    bool closed = v->flags & TC_VOCAB_CLOSED;
    if (!closed && !k->o->shoulds)
        return;
    struct tc_str name = named(at);
    if (!tc_vocab_has(v, s)) {
        if (closed)
            tc_check_say(k, TC_LEVEL_MUST, "vocabulary", at,
                         "`%.*s` must be one of the values of %.*s, and \"%.*s\" is none",
                         TC_FMT(name), TC_FMT(v->name), TC_FMT(s));
        else
            tc_check_advise(k, p->check, at, "`%.*s`: \"%.*s\" is not in the vocabulary %.*s",
                            TC_FMT(name), TC_FMT(s), TC_FMT(v->name));
    }
    if ((v->flags & TC_VOCAB_LOWER) && !tc_format_ok(TC_FORMAT_LOWER_HYPHEN, s))
        tc_check_advise(k, k->t->check_open_format, at,
                        "`%.*s`: \"%.*s\" should be lower case, with hyphens between words",
                        TC_FMT(name), TC_FMT(s));
}

/* ---- numbers and times ---- */

static void check_number(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                         yyjson_val *v)
{
    double x = yyjson_get_num(v);
    struct tc_str name = named(at);
    if ((p->flags & TC_PROP_MIN) && x < p->min)
        tc_check_say(k, TC_LEVEL_MUST, "range", at, "`%.*s` must be at least %.15g", TC_FMT(name),
                     p->min);
    if ((p->flags & TC_PROP_MAX) && x > p->max)
        tc_check_say(k, TC_LEVEL_MUST, "range", at, "`%.*s` must be at most %.15g", TC_FMT(name),
                     p->max);
}

static void check_time(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                       yyjson_val *v)
{
    tc_time ignored;
    struct tc_str s = tc_json_view(v);
    if (yyjson_is_str(v) && tc_fast_time(s) && p->value == TC_VALUE_TIMESTAMP)
        return;
    struct tc_str name = named(at);
    if (!yyjson_is_str(v) || tc_time_parse_z(s, &ignored))
        tc_check_say(k, TC_LEVEL_MUST, "timestamp", at,
                     "`%.*s` must be a date and time that exists, like 2026-01-31T10:20:30.000Z",
                     TC_FMT(name));
    else if (p->value == TC_VALUE_SECONDS && s.n != 20)
        tc_check_say(k, TC_LEVEL_MUST, "timestamp", at,
                     "`%.*s` must be precise to the second, without a fraction", TC_FMT(name));
}

/* ---- references ---- */

static bool may_point_to(const struct tc_checking *k, const struct tc_refs *r, struct tc_str type)
{
    if (r->groups & TC_REFS_ANY)
        return true;
    for (uint32_t i = 0; i < r->n_types; i++)
        if (tc_name_eq(r->types[i], type))
            return true;
    if (!r->groups)
        return false;
    const struct tc_type *t = tc_types_find(k->t, type);
    if (!t)
        return true; /* a custom object can be of any kind */
    return (t->kind == TC_KIND_SDO && (r->groups & TC_REFS_SDO)) ||
           (t->kind == TC_KIND_SCO && (r->groups & TC_REFS_SCO)) ||
           (t->kind == TC_KIND_SRO && (r->groups & TC_REFS_SRO));
}

static void say_targets(struct tc_checking *k, const struct tc_at *at, const struct tc_refs *r)
{
    char list[200];
    size_t n = 0;
    struct tc_str name = named(at);
    for (uint32_t i = 0; i < r->n_types && n + r->types[i].n + 5 < sizeof list; i++) {
        if (i) {
            memcpy(list + n, " or ", 4);
            n += 4;
        }
        memcpy(list + n, r->types[i].p, r->types[i].n);
        n += r->types[i].n;
    }
    if (r->n_types)
        tc_check_say(k, TC_LEVEL_MUST, "reference", at, "`%.*s` must refer to %.*s", TC_FMT(name),
                     (int)n, list);
    else
        tc_check_say(k, TC_LEVEL_MUST, "reference", at, "`%.*s` must refer to a domain object%s%s",
                     TC_FMT(name), (r->groups & TC_REFS_SCO) ? " or a cyber-observable" : "",
                     (r->groups & TC_REFS_SRO) ? " or a relationship" : "");
}

/* What stands before "--", when that much is there. */
static bool type_part(struct tc_str s, struct tc_str *type)
{
    size_t at = tc_str_find(s, TC_STR("--"));
    if (at == SIZE_MAX || at == 0)
        return false;
    *type = tc_str_view(s.p, at);
    return true;
}

static void check_ref(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                      struct tc_str s)
{
    struct tc_str type = {0};
    const struct tc_refs *r = &k->t->refs[p->index];
    if (k->embedded)
        return; /* a key of the same dictionary */
    bool bad = !tc_fast_id(s, &type);
    if (bad && k->kind == TC_KIND_SCO && type_part(s, &type)) {
        /* Section 2.9 wants a UUID here too. Partners' observables carry such slips, the OASIS
         * validator lets them pass, and a reference that leads nowhere harms nobody: keep, say. */
        tc_check_say(k, TC_LEVEL_NOTE, "reference", at, "`%.*s` should end in a whole UUID",
                     TC_FMT(named(at)));
    } else if (bad) {
        tc_check_say(k, TC_LEVEL_MUST, "reference", at,
                     "`%.*s` must be the id of an object: a type, \"--\" and a UUID",
                     TC_FMT(named(at)));
        return;
    }
    if (!may_point_to(k, r, type))
        say_targets(k, at, r);
}

/* ---- dictionaries ---- */

static bool filled_object(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    if (!yyjson_is_obj(v)) {
        wrong_kind(k, at, "a dictionary");
        return false;
    }
    if (yyjson_obj_size(v) == 0)
        tc_check_say(k, TC_LEVEL_MUST, "empty", at, "`%.*s` must not be an empty dictionary",
                     TC_FMT(named(at)));
    return true;
}

static bool key_ok(struct tc_str s, size_t min, size_t max)
{
    if (s.n < min || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], l = (char)(c | 0x20);
        if (!(l >= 'a' && l <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}

static bool has_upper(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static void check_key(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                      struct tc_str key)
{
    if (!key_ok(key, 1, 250)) {
        tc_check_say(k, TC_LEVEL_MUST, "dictionary-key", at,
                     "the key \"%.*s\" must be 1 to 250 characters a-z, A-Z, 0-9, - and _",
                     TC_FMT(key));
        return;
    }
    if (!k->o->shoulds)
        return;
    if (!(p->flags & TC_PROP_ANYCASE) && has_upper(key))
        tc_check_advise(k, k->t->check_dict_keys, at, "the key \"%.*s\" should be lower case",
                        TC_FMT(key));
    if (p->index != TC_NONE && !tc_vocab_has(&k->t->vocabs[p->index], key))
        tc_check_advise(k, k->t->vocabs[p->index].check, at, "the key \"%.*s\" is not one of %.*s",
                        TC_FMT(key), TC_FMT(k->t->vocabs[p->index].name));
    if ((p->flags & TC_PROP_KEYFORMAT) && !tc_format_ok((enum tc_format)p->format, key))
        tc_check_advise(k, p->check, at, "the key \"%.*s\" should be %s", TC_FMT(key),
                        tc_format_says((enum tc_format)p->format));
}

static void check_dict(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                       yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *val;
    struct tc_property item = {
        .value = p->item, .format = TC_FORMAT_NONE, .check = TC_NONE, .index = TC_NONE};
    if (!filled_object(k, at, v))
        return;
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        check_key(k, &here, p, here.name);
        /* Where lists of values are meant, the older single value is read too. */
        item.flags = (p->flags & TC_PROP_ITEMLIST) && yyjson_is_arr(val) ? TC_PROP_LIST : 0;
        tc_check_property(k, &here, &item, val);
    }
}

/* ---- hashes (section 2.7, vocabulary 10.7) ---- */

static bool hex_of(struct tc_str s, size_t n)
{
    return s.n == n && tc_format_ok(TC_FORMAT_HEX, s);
}

static bool ssdeep_ok(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], l = (char)(c | 0x20);
        if (!(l >= 'a' && l <= 'z') && !(c >= '0' && c <= ':') && c != '/' && c != '+' && c != '.')
            return false;
    }
    return s.n >= 1 && s.n <= 256;
}

static bool tlsh_ok(struct tc_str s)
{
    return hex_of(s, 70) || (s.n == 72 && s.p[0] == 'T' && hex_of(tc_str_view(s.p + 2, 70), 70));
}

static bool hash_ok(struct tc_str name, struct tc_str s)
{
    static const struct {
        const char *name;
        size_t digits;
    } rows[] = {{"MD5", 32},      {"SHA-1", 40},     {"SHA-224", 56},    {"SHA-256", 64},
                {"SHA-384", 96},  {"SHA-512", 128},  {"SHA3-224", 56},   {"SHA3-256", 64},
                {"SHA3-384", 96}, {"SHA3-512", 128}, {"RIPEMD-160", 40}, {"WHIRLPOOL", 128}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (tc_str_is(name, rows[i].name))
            return hex_of(s, rows[i].digits);
    if (tc_str_is(name, "SSDEEP") || tc_str_is(name, "ssdeep"))
        return ssdeep_ok(s);
    return !tc_str_is(name, "TLSH") || tlsh_ok(s);
}

static void check_hash(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    struct tc_str name = at->name, s = tc_json_view(v);
    if (!key_ok(name, 3, 256))
        tc_check_say(k, TC_LEVEL_MUST, "dictionary-key", at,
                     "the name of a hash must be 3 to 256 characters a-z, A-Z, 0-9, - and _");
    if (!yyjson_is_str(v))
        wrong_kind(k, at, "text");
    else if (!hash_ok(name, s))
        tc_check_say(k, TC_LEVEL_MUST, "hash", at, "this is no %.*s hash", TC_FMT(name));
    if (!k->o->shoulds)
        return;
    unsigned vocab = k->t->hash_names;
    if (vocab != TC_NONE && !tc_vocab_has(&k->t->vocabs[vocab], name) &&
        !tc_str_starts(name, TC_STR("x_")))
        tc_check_advise(k, k->t->vocabs[vocab].check, at,
                        "\"%.*s\" is not in the vocabulary %.*s and does not begin with x_",
                        TC_FMT(name), TC_FMT(k->t->vocabs[vocab].name));
    if (name.n > 30)
        tc_check_advise(k, k->t->check_hash_length, at,
                        "the name of a hash should have at most 30 characters");
}

static void check_hashes(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *val;
    if (!filled_object(k, at, v))
        return;
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        check_hash(k, &here, val);
    }
}

/* ---- kinds with a section of their own ---- */

/* Language content, section 7.1: language -> property -> translation. */
static void check_contents(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max, m, n;
    yyjson_val *key, *val, *prop, *ignored;
    if (!filled_object(k, at, v))
        return;
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        if (!tc_check_lang_ok(k->t, here.name))
            tc_check_say(k, TC_LEVEL_MUST, "format", &here, "the key \"%.*s\" must be %s",
                         TC_FMT(here.name), tc_format_says(TC_FORMAT_LANG));
        if (!filled_object(k, &here, val))
            continue;
        yyjson_obj_foreach (val, m, n, prop, ignored) {
            struct tc_at inner = {&here, tc_json_view(prop), 0};
            if (!tc_format_ok(TC_FORMAT_PROPERTY, inner.name))
                tc_check_say(k, TC_LEVEL_MUST, "property-name", &inner,
                             "\"%.*s\" cannot be the name of a property", TC_FMT(inner.name));
        }
    }
}

/* observed-data.objects, section 4.14: the form of 2.0, deprecated in 2.1. */
static void check_observable(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    struct tc_str type;
    if (!yyjson_is_obj(v)) {
        wrong_kind(k, at, "a cyber-observable object");
        return;
    }
    if (!tc_json_str(v, "type", &type)) {
        tc_check_say(k, TC_LEVEL_MUST, "required", at, "`type` is required and must be text");
        return;
    }
    const struct tc_type *t = tc_types_find(k->t, type);
    if (!t || t->kind != TC_KIND_SCO)
        return;
    struct tc_checking inner = *k;
    inner.root = v;
    inner.type = type;
    inner.known = t;
    inner.kind = TC_KIND_SCO;
    inner.embedded = true;
    inner.extensions = tc_json_get(v, "extensions");
    inner.ext_kinds = tc_check_extension_kinds(inner.extensions);
    tc_check_shape(&inner, at, &k->t->shapes[t->shape], v, true);
    k->err = inner.err;
}

static bool number_key(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static void check_observables(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *val;
    if (!filled_object(k, at, v))
        return;
    yyjson_obj_foreach (v, i, max, key, val) {
        struct tc_at here = {at, tc_json_view(key), 0};
        if (!number_key(here.name))
            tc_check_advise(k, k->t->check_keys, &here, "the key \"%.*s\" should be a number",
                            TC_FMT(here.name));
        check_observable(k, &here, val);
    }
}

static void check_members(struct tc_checking *k, const struct tc_at *at, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *item;
    if (!yyjson_is_arr(v) || yyjson_arr_size(v) == 0) {
        wrong_kind(k, at, "a list that is not empty");
        return;
    }
    yyjson_arr_foreach (v, i, max, item) {
        struct tc_at here = {at, {0}, i};
        if (!yyjson_is_obj(item))
            tc_check_say(k, TC_LEVEL_MUST, "kind", &here, "a STIX object is a JSON object");
    }
}

/* ---- one value ---- */

static void check_string(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                         yyjson_val *v)
{
    struct tc_str s = tc_json_view(v);
    if (!yyjson_is_str(v)) {
        wrong_kind(k, at, "text");
        return;
    }
    switch (p->value) {
    case TC_VALUE_REF:
        check_ref(k, at, p, s);
        return;
    case TC_VALUE_VOCAB:
        check_vocab(k, at, p, s);
        return;
    case TC_VALUE_BINARY:
    case TC_VALUE_HEX: {
        enum tc_format f = p->value == TC_VALUE_HEX ? TC_FORMAT_HEX : TC_FORMAT_BASE64;
        if (!tc_format_ok(f, s))
            tc_check_say(k, TC_LEVEL_MUST, "format", at, "`%.*s` must be %s", TC_FMT(named(at)),
                         tc_format_says(f));
        return;
    }
    default:
        if (p->format)
            check_format(k, at, p, s);
    }
}

static void check_struct(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                         yyjson_val *v)
{
    if (!yyjson_is_obj(v)) {
        wrong_kind(k, at, "a structure (a JSON object)");
        return;
    }
    /* Depth of shapes is bounded by the depth of the JSON text (TC_MAX_DEPTH). */
    tc_check_shape(k, at, &k->t->shapes[p->index], v, false);
}

static void check_plain(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                        yyjson_val *v)
{
    switch (p->value) {
    case TC_VALUE_INTEGER:
        if (!yyjson_is_int(v))
            wrong_kind(k, at, "a whole number");
        else if (p->flags & (TC_PROP_MIN | TC_PROP_MAX))
            check_number(k, at, p, v);
        return;
    case TC_VALUE_FLOAT:
        if (!yyjson_is_num(v))
            wrong_kind(k, at, "a number");
        else if (p->flags & (TC_PROP_MIN | TC_PROP_MAX))
            check_number(k, at, p, v);
        return;
    case TC_VALUE_BOOLEAN:
        if (!yyjson_is_bool(v))
            wrong_kind(k, at, "true or false");
        return;
    case TC_VALUE_SCALAR:
        if (!yyjson_is_str(v) && !yyjson_is_num(v) && !yyjson_is_bool(v))
            wrong_kind(k, at, "text or a number");
        return;
    case TC_VALUE_OBJECT:
        (void)filled_object(k, at, v);
        return;
    default:
        if (yyjson_is_null(v))
            wrong_kind(k, at, "a value; null has no place in STIX");
        return;
    }
}

static void check_value(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                        yyjson_val *v)
{
    switch (p->value) {
    case TC_VALUE_STRING:
    case TC_VALUE_REF:
    case TC_VALUE_VOCAB:
    case TC_VALUE_BINARY:
    case TC_VALUE_HEX:
    case TC_VALUE_ID:
        check_string(k, at, p, v);
        return;
    case TC_VALUE_TIMESTAMP:
    case TC_VALUE_SECONDS:
        check_time(k, at, p, v);
        return;
    case TC_VALUE_STRUCT:
        check_struct(k, at, p, v);
        return;
    case TC_VALUE_HASHES:
        check_hashes(k, at, v);
        return;
    case TC_VALUE_DICT:
        check_dict(k, at, p, v);
        return;
    case TC_VALUE_EXTENSIONS:
        tc_check_extensions(k, at, v);
        return;
    case TC_VALUE_OBSERVABLES:
        check_observables(k, at, v);
        return;
    case TC_VALUE_CONTENTS:
        check_contents(k, at, v);
        return;
    case TC_VALUE_OBJECTS:
        check_members(k, at, v);
        return;
    default:
        check_plain(k, at, p, v);
    }
}

void tc_check_property(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                       yyjson_val *v)
{
    if ((p->flags & TC_PROP_DEPRECATED) && !k->spec_20)
        tc_check_advise(k, k->t->check_deprecated, at, "`%.*s` is deprecated in STIX 2.1",
                        TC_FMT(at->name));
    if (!(p->flags & TC_PROP_LIST)) {
        check_value(k, at, p, v);
        return;
    }
    size_t i, max;
    yyjson_val *item;
    if (!yyjson_is_arr(v)) {
        wrong_kind(k, at, "a list");
        return;
    }
    if (yyjson_arr_size(v) == 0)
        tc_check_say(k, TC_LEVEL_MUST, "empty", at,
                     "`%.*s` must not be an empty list; leave it out", TC_FMT(at->name));
    if (yyjson_arr_size(v) > TC_MAX_LIST) {
        tc_check_say(k, TC_LEVEL_MUST, "limit", at, "`%.*s` has more than %d elements",
                     TC_FMT(at->name), TC_MAX_LIST);
        return;
    }
    yyjson_arr_foreach (v, i, max, item) {
        struct tc_at here = {at, {0}, i};
        check_value(k, &here, p, item);
    }
}
