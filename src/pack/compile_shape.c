/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/compile_parts.h"

#include "base/limits.h"
#include "base/num.h"

/* A shape while it is being filled. */
struct filling {
    struct tc_packc *c;
    struct tc_shape *s;
    struct tc_property props[TC_MAX_PROPERTIES];
    struct tc_type_rule rules[TC_MAX_PROPERTIES];
    struct tc_str reserved[TC_MAX_PROPERTIES];
};

/* Words of one line, taken one by one. */
struct words {
    const struct tc_pack_line *l;
    uint32_t at;
};

static bool more(const struct words *w)
{
    return w->at < w->l->n_words;
}

static struct tc_str next_word(struct words *w)
{
    return more(w) ? w->l->words[w->at++].s : (struct tc_str){0};
}

static bool next_is(struct words *w, const char *z)
{
    if (!more(w) || !tc_str_is(w->l->words[w->at].s, z))
        return false;
    w->at++;
    return true;
}

/* ---- properties ---- */

static const struct {
    const char *name;
    enum tc_value value;
} values[] = {
    {"any", TC_VALUE_ANY},
    {"scalar", TC_VALUE_SCALAR},
    {"string", TC_VALUE_STRING},
    {"integer", TC_VALUE_INTEGER},
    {"float", TC_VALUE_FLOAT},
    {"boolean", TC_VALUE_BOOLEAN},
    {"timestamp", TC_VALUE_TIMESTAMP},
    {"id", TC_VALUE_ID},
    {"ref", TC_VALUE_REF},
    {"vocab", TC_VALUE_VOCAB},
    {"struct", TC_VALUE_STRUCT},
    {"hashes", TC_VALUE_HASHES},
    {"dict", TC_VALUE_DICT},
    {"binary", TC_VALUE_BINARY},
    {"hex", TC_VALUE_HEX},
    {"object", TC_VALUE_OBJECT},
    {"extensions", TC_VALUE_EXTENSIONS},
    {"observables", TC_VALUE_OBSERVABLES},
    {"contents", TC_VALUE_CONTENTS},
    {"objects", TC_VALUE_OBJECTS},
};

static bool take_value(struct words *w, uint8_t *out)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (next_is(w, values[i].name)) {
            *out = (uint8_t)values[i].value;
            return true;
        }
    return false;
}

/* "0..100", "0..", "..5" */
static void take_range(struct tc_packc *c, struct words *w, struct tc_property *p)
{
    struct tc_str s = more(w) ? w->l->words[w->at].s : (struct tc_str){0};
    size_t dots = tc_str_find(s, TC_STR(".."));
    if (dots == SIZE_MAX)
        return;
    struct tc_str lo = {s.p, dots}, hi = {s.p + dots + 2, s.n - dots - 2};
    w->at++;
    if ((lo.n && tc_num_double(lo, -1e18, 1e18, &p->min)) ||
        (hi.n && tc_num_double(hi, -1e18, 1e18, &p->max)) || (lo.n && hi.n && p->min > p->max))
        tc_packc_error(c, w->l, "'%.*s' is no range", TC_FMT(s));
    p->flags |= (uint8_t)((lo.n ? TC_PROP_MIN : 0) | (hi.n ? TC_PROP_MAX : 0));
}

/* What ends the types that a reference may point to. */
static bool is_flag(struct tc_str s)
{
    static const char *const flags[] = {"required",   "required-2.1", "required-2.0",
                                        "deprecated", "contributes",  "required-interop",
                                        "key"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (tc_str_is(s, flags[i]))
            return true;
    return false;
}

static void take_refs(struct tc_packc *c, struct words *w, struct tc_property *p)
{
    struct tc_types *t = c->t;
    if (t->n_refs == c->max_refs) {
        tc_packc_error(c, w->l, "too many references");
        return;
    }
    struct tc_refs *r = &t->refs[t->n_refs];
    p->index = (uint16_t)t->n_refs++;
    r->types = tc_packc_alloc(c, w->l->n_words, sizeof *r->types);
    while (more(w) && !is_flag(w->l->words[w->at].s) && !c->failed) {
        struct tc_str s = next_word(w);
        if (tc_str_is(s, "any"))
            r->groups |= TC_REFS_ANY;
        else if (tc_str_is(s, "@sdo"))
            r->groups |= TC_REFS_SDO;
        else if (tc_str_is(s, "@sco"))
            r->groups |= TC_REFS_SCO;
        else if (tc_str_is(s, "@sro"))
            r->groups |= TC_REFS_SRO;
        else if (tc_packc_type_known(c, s))
            r->types[r->n_types++] = s;
        else {
            tc_packc_error(c, w->l, "there is no type '%.*s' to refer to", TC_FMT(s));
            r->groups |= TC_REFS_ANY; /* one error is enough */
        }
    }
    if (r->n_types == 0 && r->groups == 0)
        tc_packc_error(c, w->l, "a reference says to what: types, @sdo, @sco, @sro or any");
}

static void take_dict(struct tc_packc *c, struct words *w, struct tc_property *p)
{
    p->item = TC_VALUE_ANY;
    while (more(w)) {
        if (next_is(w, "anycase")) {
            p->flags |= TC_PROP_ANYCASE;
        } else if (next_is(w, "keys")) {
            struct tc_str name = next_word(w);
            p->index = (uint16_t)tc_packc_vocab(c, name);
            if (p->index == TC_NONE)
                tc_packc_error(c, w->l, "there is no vocabulary '%.*s'", TC_FMT(name));
        } else if (next_is(w, "key-format")) {
            struct tc_str name = next_word(w);
            p->format = (uint8_t)tc_format_find(name);
            p->flags |= TC_PROP_KEYFORMAT | TC_PROP_SHOULD;
            if (p->format == TC_FORMAT_COUNT)
                tc_packc_error(c, w->l, "there is no format '%.*s'", TC_FMT(name));
        } else if (next_is(w, "check")) {
            p->check = (uint16_t)tc_packc_check(c, next_word(w));
            if (p->check == TC_NONE)
                tc_packc_error(c, w->l, "there is no such check");
        } else if (next_is(w, "of")) {
            p->flags |= next_is(w, "list") ? TC_PROP_ITEMLIST : 0;
            if (!take_value(w, &p->item))
                tc_packc_error(c, w->l, "\"of\" needs a kind of value");
        } else {
            return;
        }
    }
}

/* What belongs to the kind: vocabulary, structure, range, types. */
static void take_argument(struct tc_packc *c, struct words *w, struct tc_property *p)
{
    switch (p->value) {
    case TC_VALUE_INTEGER:
    case TC_VALUE_FLOAT:
        take_range(c, w, p);
        return;
    case TC_VALUE_TIMESTAMP:
        if (next_is(w, "seconds"))
            p->value = TC_VALUE_SECONDS;
        return;
    case TC_VALUE_REF:
        take_refs(c, w, p);
        return;
    case TC_VALUE_DICT:
        take_dict(c, w, p);
        return;
    case TC_VALUE_VOCAB:
    case TC_VALUE_STRUCT: {
        struct tc_str name = next_word(w);
        bool vocab = p->value == TC_VALUE_VOCAB;
        p->index = (uint16_t)(vocab ? tc_packc_vocab(c, name) : tc_packc_shape(c, name));
        if (p->index == TC_NONE)
            tc_packc_error(c, w->l, "there is no %s '%.*s'", vocab ? "vocabulary" : "shape",
                           TC_FMT(name));
        else if (vocab)
            p->check = c->t->vocabs[p->index].check;
        return;
    }
    default:
        return;
    }
}

/* "key plate": the property's texts are looked for, spelled as a plate. */
static void take_key(struct tc_packc *c, struct words *w, struct tc_property *p)
{
    static const uint8_t texts[] = {TC_VALUE_STRING, TC_VALUE_INTEGER, TC_VALUE_SCALAR,
                                    TC_VALUE_VOCAB,  TC_VALUE_HASHES,  TC_VALUE_HEX};
    struct tc_str name = next_word(w);
    enum tc_spelling s = tc_spelling_find(name);
    if (s == TC_SPELLING_COUNT) {
        tc_packc_error(c, w->l,
                       "there is no key '%.*s': value, plate, cas, serial, phone and email are",
                       TC_FMT(name));
        return;
    }
    uint8_t v = p->value == TC_VALUE_DICT ? p->item : p->value;
    if (!memchr(texts, v, sizeof texts))
        tc_packc_error(c, w->l, "'%.*s' cannot be a key: only texts, whole numbers and hashes can",
                       TC_FMT(p->name));
    p->spelling = (uint8_t)s;
}

static void take_flags(struct filling *f, struct words *w, struct tc_property *p, uint64_t bit)
{
    struct tc_packc *c = f->c;
    while (more(w)) {
        struct tc_str s = next_word(w);
        if (tc_str_is(s, "required"))
            f->s->required |= bit;
        else if (tc_str_is(s, "required-2.1"))
            f->s->required_21 |= bit;
        else if (tc_str_is(s, "required-2.0"))
            f->s->required_20 |= bit;
        else if (tc_str_is(s, "required-interop"))
            f->s->interop |= bit;
        else if (tc_str_is(s, "contributes"))
            f->s->key |= bit;
        else if (tc_str_is(s, "deprecated"))
            p->flags |= TC_PROP_DEPRECATED;
        else if (tc_str_is(s, "key"))
            take_key(c, w, p);
        else if (tc_str_is(s, "format") || tc_str_is(s, "should-format")) {
            p->flags |= tc_str_is(s, "should-format") ? TC_PROP_SHOULD : 0;
            p->format = (uint8_t)tc_format_find(next_word(w));
            if (p->format == TC_FORMAT_COUNT)
                tc_packc_error(c, w->l, "there is no such format");
        } else if (tc_str_is(s, "check")) {
            struct tc_str name = next_word(w);
            p->check = (uint16_t)tc_packc_check(c, name);
            if (p->check == TC_NONE)
                tc_packc_error(c, w->l, "there is no check '%.*s'", TC_FMT(name));
        } else {
            tc_packc_error(c, w->l, "'%.*s' says nothing of a property", TC_FMT(s));
            return;
        }
    }
    if ((p->flags & TC_PROP_SHOULD) && p->check == TC_NONE)
        tc_packc_error(c, w->l, "a recommendation needs \"check NAME\"");
}

static unsigned find_prop(const struct filling *f, struct tc_str name)
{
    for (uint32_t i = 0; i < f->s->n_props; i++)
        if (tc_str_eq(f->props[i].name, name))
            return i;
    return TC_NONE;
}

static void add_property(struct filling *f, const struct tc_pack_line *l)
{
    /* "property NAME ...": for a name that is a statement too, like "rule" */
    uint32_t at = l->n_words > 1 && tc_str_is(l->words[0].s, "property") ? 1 : 0;
    struct words w = {l, at + 1};
    struct tc_property p = {.name = l->words[at].s, .check = TC_NONE, .index = TC_NONE};
    if (find_prop(f, p.name) != TC_NONE) {
        tc_packc_error(f->c, l, "the property '%.*s' stands twice", TC_FMT(p.name));
        return;
    }
    if (f->s->n_props == TC_MAX_PROPERTIES) {
        tc_packc_error(f->c, l, "more than %d properties", TC_MAX_PROPERTIES);
        return;
    }
    if (next_is(&w, "list"))
        p.flags |= TC_PROP_LIST;
    if (!take_value(&w, &p.value)) {
        struct tc_str s = next_word(&w);
        tc_packc_error(f->c, l, "'%.*s' is no kind of value", TC_FMT(s));
        return;
    }
    take_argument(f->c, &w, &p);
    take_flags(f, &w, &p, UINT64_C(1) << f->s->n_props);
    f->props[f->s->n_props++] = p;
}

/* ---- rules ---- */

static bool rule_property(struct filling *f, struct words *w, uint8_t *out)
{
    struct tc_str name = next_word(w);
    unsigned i = find_prop(f, name);
    *out = (uint8_t)i;
    if (i == TC_NONE)
        tc_packc_error(f->c, w->l, "there is no property '%.*s' here", TC_FMT(name));
    return i != TC_NONE;
}

static void rule_set(struct filling *f, struct words *w, struct tc_type_rule *r)
{
    uint8_t i;
    while (more(w)) {
        if (next_is(w, "check")) {
            r->check = (uint16_t)tc_packc_check(f->c, next_word(w));
            if (r->check == TC_NONE)
                tc_packc_error(f->c, w->l, "there is no such check");
        } else if (rule_property(f, w, &i)) {
            r->set |= UINT64_C(1) << i;
        }
    }
    if (r->set == 0)
        tc_packc_error(f->c, w->l, "the rule names no property");
}

/* "if PROPERTY=VALUE requires|forbids PROPERTY ..." */
static void rule_if(struct filling *f, struct words *w, struct tc_type_rule *r)
{
    struct tc_str s = next_word(w);
    size_t eq = tc_str_find(s, TC_STR("="));
    unsigned i = find_prop(f, tc_str_view(s.p, eq == SIZE_MAX ? s.n : eq));
    r->kind = next_is(w, "requires")  ? TC_RULE_IF_REQUIRES
              : next_is(w, "forbids") ? TC_RULE_IF_FORBIDS
                                      : 255;
    if (eq == SIZE_MAX || i == TC_NONE || r->kind == 255) {
        tc_packc_error(f->c, w->l,
                       "write \"rule if PROPERTY=VALUE requires|forbids PROPERTY ...\"");
        return;
    }
    r->a = (uint8_t)i;
    r->value = tc_str_view(s.p + eq + 1, s.n - eq - 1);
    rule_set(f, w, r);
}

static const char *const specials[TC_SPECIAL_COUNT] = {
    "external-id", "markings", "marking-definition", "extension-definition", "relationship",
    "pattern",     "polygon"};

static void rule_special(struct filling *f, struct words *w, struct tc_type_rule *r)
{
    struct tc_str s = next_word(w);
    while (r->special < TC_SPECIAL_COUNT && !tc_str_is(s, specials[r->special]))
        r->special++;
    if (r->special == TC_SPECIAL_COUNT)
        tc_packc_error(f->c, w->l, "there is no special rule '%.*s'", TC_FMT(s));
}

static bool rule_kind(struct words *w, struct tc_type_rule *r)
{
    static const struct {
        const char *name;
        enum tc_rule_kind kind;
    } kinds[] = {{"after", TC_RULE_AFTER},
                 {"not-before", TC_RULE_NOT_BEFORE},
                 {"one-of", TC_RULE_ONE_OF},
                 {"exactly-one", TC_RULE_EXACTLY_ONE},
                 {"at-most-one", TC_RULE_AT_MOST_ONE},
                 {"with", TC_RULE_WITH},
                 {"if", TC_RULE_IF_REQUIRES},
                 {"present", TC_RULE_PRESENT},
                 {"require", TC_RULE_PRESENT},
                 {"not-empty", TC_RULE_NOT_EMPTY},
                 {"since-2.0", TC_RULE_SINCE_20},
                 {"special", TC_RULE_SPECIAL}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (next_is(w, kinds[i].name)) {
            r->kind = (uint8_t)kinds[i].kind;
            return true;
        }
    return false;
}

static void add_rule(struct filling *f, const struct tc_pack_line *l)
{
    struct words w = {l, 1};
    struct tc_type_rule r = {.check = TC_NONE};
    if (f->s->n_rules == TC_MAX_PROPERTIES) {
        tc_packc_error(f->c, l, "more than %d rules", TC_MAX_PROPERTIES);
        return;
    }
    if (!rule_kind(&w, &r)) {
        tc_packc_error(f->c, l, "there is no such rule");
        return;
    }
    switch (r.kind) {
    case TC_RULE_AFTER:
    case TC_RULE_NOT_BEFORE:
        (void)(rule_property(f, &w, &r.a) && rule_property(f, &w, &r.b));
        break;
    case TC_RULE_WITH:
        if (rule_property(f, &w, &r.a))
            rule_set(f, &w, &r);
        break;
    case TC_RULE_IF_REQUIRES:
        rule_if(f, &w, &r);
        break;
    case TC_RULE_SINCE_20:
        (void)rule_property(f, &w, &r.a);
        break;
    case TC_RULE_SPECIAL:
        rule_special(f, &w, &r);
        break;
    case TC_RULE_NOT_EMPTY:
        break;
    default:
        rule_set(f, &w, &r);
    }
    if (more(&w))
        tc_packc_error(f->c, l, "'%.*s' is left over", TC_FMT(w.l->words[w.at].s));
    if (tc_str_is(l->words[0].s, "should") && r.check == TC_NONE)
        tc_packc_error(f->c, l, "a recommendation needs \"check NAME\"");
    f->rules[f->s->n_rules++] = r;
}

/* ---- the whole ---- */

static void contributes(struct filling *f, const struct tc_pack_line *l)
{
    struct words w = {l, 1};
    uint8_t i;
    while (more(&w))
        if (rule_property(f, &w, &i))
            f->s->key |= UINT64_C(1) << i;
}

static void add_reserved(struct filling *f, const struct tc_pack_line *l)
{
    for (uint32_t i = 1; i < l->n_words; i++)
        if (f->s->n_reserved < TC_MAX_PROPERTIES)
            f->reserved[f->s->n_reserved++] = l->words[i].s;
}

/* Included properties come first and keep their numbers in order, so the sets can be shifted. */
static void include_one(struct filling *f, const struct tc_pack_line *l, struct tc_str name)
{
    unsigned i = tc_packc_shape(f->c, name);
    struct tc_shape *s = f->s;
    if (i == TC_NONE) {
        tc_packc_error(f->c, l, "there is no shape '%.*s' to include", TC_FMT(name));
        return;
    }
    if (f->c->state[i] == 1) {
        tc_packc_error(f->c, l, "'%.*s' includes itself", TC_FMT(name));
        return;
    }
    tc_packc_fill_shape(f->c, i);
    const struct tc_shape *from = &f->c->t->shapes[i];
    uint32_t base = s->n_props;
    if (base + from->n_props > TC_MAX_PROPERTIES) {
        tc_packc_error(f->c, l, "more than %d properties", TC_MAX_PROPERTIES);
        return;
    }
    if (from->n_props == 0)
        return; /* wrong itself, and told so */
    for (uint32_t k = 0; k < from->n_props; k++)
        if (find_prop(f, from->props[k].name) != TC_NONE)
            tc_packc_error(f->c, l, "the property '%.*s' comes twice", TC_FMT(from->props[k].name));
    memcpy(f->props + base, from->props, from->n_props * sizeof *from->props);
    s->n_props += from->n_props;
    s->required |= from->required << base;
    s->required_21 |= from->required_21 << base;
    s->required_20 |= from->required_20 << base;
    s->interop |= from->interop << base;
    s->key |= from->key << base;
    for (const struct tc_pack_line *r = f->c->blocks[i]->items; r; r = r->next)
        if (tc_str_is(r->words[0].s, "rule") || tc_str_is(r->words[0].s, "should"))
            add_rule(f, r);
        else if (tc_str_is(r->words[0].s, "reserved"))
            add_reserved(f, r);
}

static void fill_items(struct filling *f, const struct tc_pack_line *items)
{
    const struct tc_pack_line *l;
    for (l = items; l; l = l->next)
        if (tc_str_is(l->words[0].s, "include"))
            for (uint32_t i = 1; i < l->n_words; i++)
                include_one(f, l, l->words[i].s);
    for (l = items; l; l = l->next) {
        struct tc_str s = l->words[0].s;
        if (!tc_str_is(s, "include") && !tc_str_is(s, "rule") && !tc_str_is(s, "should") &&
            !tc_str_is(s, "reserved") && !tc_str_is(s, "contributes"))
            add_property(f, l);
    }
    for (l = items; l; l = l->next) {
        struct tc_str s = l->words[0].s;
        if (tc_str_is(s, "rule") || tc_str_is(s, "should"))
            add_rule(f, l);
        else if (tc_str_is(s, "reserved"))
            add_reserved(f, l);
        else if (tc_str_is(s, "contributes"))
            contributes(f, l);
    }
}

void tc_packc_fill_shape(struct tc_packc *c, uint32_t i)
{
    struct tc_shape *s = &c->t->shapes[i];
    if (c->state[i])
        return;
    c->state[i] = 1;
    struct filling *f = tc_packc_alloc(c, 1, sizeof *f);
    if (!f)
        return;
    f->c = c;
    f->s = s;
    fill_items(f, c->blocks[i]->items);
    s->props = tc_packc_alloc(c, s->n_props, sizeof *s->props);
    s->rules = tc_packc_alloc(c, s->n_rules, sizeof *s->rules);
    s->reserved = tc_packc_alloc(c, s->n_reserved, sizeof *s->reserved);
    if (c->failed)
        return;
    memcpy(s->props, f->props, s->n_props * sizeof *s->props);
    memcpy(s->rules, f->rules, s->n_rules * sizeof *s->rules);
    memcpy(s->reserved, f->reserved, s->n_reserved * sizeof *s->reserved);
    if (tc_slots_make(c->arena, &s->props->name, sizeof *s->props, s->n_props, false, &s->slots,
                      &s->mask))
        c->failed = true;
    c->state[i] = 2;
}
