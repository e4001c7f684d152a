/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/compile.h"

#include "base/limits.h"
#include "base/time.h"
#include "model/sealed.h"
#include "pack/compile_parts.h"

/* ---- errors ---- */

void tc_packc_error(struct tc_packc *c, const struct tc_pack_line *at, const char *fmt, ...)
{
    struct tc_diag d;
    char text[300];
    va_list ap;
    c->errors++;
    tc_diag_init(&d);
    tc_diag_file(&d, at->file);
    tc_diag_at(&d, at->line, 0, UINT64_MAX);
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", text);
    if (c->tell && c->errors <= TC_MAX_FINDINGS)
        c->tell(c->arg, &d);
}

void *tc_packc_alloc(struct tc_packc *c, size_t count, size_t size)
{
    void *p = tc_arena_zalloc(c->arena, count ? count : 1, size);
    if (!p)
        c->failed = true;
    return p;
}

/* ---- names ---- */

static unsigned find_name(const struct tc_str *names, size_t stride, uint32_t n, struct tc_str s)
{
    for (uint32_t i = 0; i < n; i++)
        if (tc_str_eq(*(const struct tc_str *)(const void *)((const char *)names + i * stride), s))
            return i;
    return TC_NONE;
}

unsigned tc_packc_check(const struct tc_packc *c, struct tc_str name)
{
    return find_name(&c->t->checks->name, sizeof *c->t->checks, c->t->n_checks, name);
}

unsigned tc_packc_vocab(const struct tc_packc *c, struct tc_str name)
{
    return find_name(&c->t->vocabs->name, sizeof *c->t->vocabs, c->t->n_vocabs, name);
}

unsigned tc_packc_shape(const struct tc_packc *c, struct tc_str name)
{
    return find_name(&c->t->shapes->name, sizeof *c->t->shapes, c->t->n_shapes, name);
}

bool tc_packc_type_known(const struct tc_packc *c, struct tc_str name)
{
    return find_name(&c->t->types->name, sizeof *c->t->types, c->t->n_types, name) != TC_NONE;
}

/* ---- checks and vocabularies ---- */

static void add_check(struct tc_packc *c, const struct tc_pack_line *l)
{
    if (l->n_words < 2 || (l->n_words > 2 && !tc_str_is(l->words[2].s, "in"))) {
        tc_packc_error(c, l, "write \"check NAME\" or \"check NAME in GROUP ...\"");
        return;
    }
    if (tc_packc_check(c, l->words[1].s) != TC_NONE) {
        tc_packc_error(c, l, "the check '%.*s' is there already", TC_FMT(l->words[1].s));
        return;
    }
    if (c->t->n_checks == TC_MAX_CHECKS || l->n_words > 7) {
        tc_packc_error(c, l, "at most %d checks, each in at most 4 groups", TC_MAX_CHECKS);
        return;
    }
    struct tc_check_name *k = &c->t->checks[c->t->n_checks++];
    k->name = l->words[1].s;
    for (uint32_t i = 3; i < l->n_words; i++)
        k->groups[i - 3] = l->words[i].s;
}

static void vocab_flags(struct tc_packc *c, const struct tc_pack_line *l, struct tc_vocab *v)
{
    v->check = TC_NONE;
    for (uint32_t i = 2; i < l->n_words; i++) {
        struct tc_str w = l->words[i].s;
        if (tc_str_is(w, "closed"))
            v->flags |= TC_VOCAB_CLOSED;
        else if (tc_str_is(w, "lower"))
            v->flags |= TC_VOCAB_LOWER;
        else if (tc_str_is(w, "nocase"))
            v->flags |= TC_VOCAB_NOCASE;
        else if (tc_str_is(w, "check") && i + 1 < l->n_words) {
            v->check = (uint16_t)tc_packc_check(c, l->words[++i].s);
            if (v->check == TC_NONE)
                tc_packc_error(c, l, "there is no check '%.*s'", TC_FMT(l->words[i].s));
        } else if (!tc_str_is(w, "open"))
            tc_packc_error(c, l, "'%.*s' says nothing of a vocabulary", TC_FMT(w));
    }
}

static void vocab_values(struct tc_packc *c, const struct tc_pack_block *b, struct tc_vocab *v)
{
    uint32_t n = 0;
    for (const struct tc_pack_line *l = b->items; l; l = l->next)
        for (uint32_t i = 0; i < l->n_words; i++)
            n += !l->words[i].quoted;
    v->values = tc_packc_alloc(c, n, sizeof *v->values);
    v->labels = tc_packc_alloc(c, n, sizeof *v->labels);
    if (c->failed)
        return;
    if (n == 0)
        tc_packc_error(c, b->head, "a vocabulary needs at least one value");
    for (const struct tc_pack_line *l = b->items; l; l = l->next)
        for (uint32_t i = 0; i < l->n_words; i++) {
            struct tc_str w = l->words[i].s;
            if (l->words[i].quoted && (v->n_values == 0 || i == 0)) {
                tc_packc_error(c, l, "a label needs its value before it");
            } else if (l->words[i].quoted) {
                v->labels[v->n_values - 1] = w;
            } else if (find_name(v->values, sizeof *v->values, v->n_values, w) != TC_NONE) {
                tc_packc_error(c, l, "the value '%.*s' stands twice", TC_FMT(w));
            } else {
                v->values[v->n_values++] = w;
            }
        }
    if (tc_slots_make(c->arena, v->values, sizeof *v->values, v->n_values,
                      v->flags & TC_VOCAB_NOCASE, &v->slots, &v->mask))
        c->failed = true;
}

static void add_vocab(struct tc_packc *c, const struct tc_pack_block *b)
{
    const struct tc_pack_line *l = b->head;
    if (l->n_words < 3) {
        tc_packc_error(c, l, "write \"vocab NAME open|closed ...\"");
        return;
    }
    if (tc_packc_vocab(c, l->words[1].s) != TC_NONE) {
        tc_packc_error(c, l, "the vocabulary '%.*s' is there already", TC_FMT(l->words[1].s));
        return;
    }
    struct tc_vocab *v = &c->t->vocabs[c->t->n_vocabs++];
    v->name = l->words[1].s;
    vocab_flags(c, l, v);
    vocab_values(c, b, v);
}

/* ---- types, extensions, relationships ---- */

static bool add_shape(struct tc_packc *c, const struct tc_pack_block *b)
{
    struct tc_str name = b->head->words[1].s;
    if (tc_packc_shape(c, name) != TC_NONE) {
        tc_packc_error(c, b->head, "'%.*s' is there already", TC_FMT(name));
        return false;
    }
    c->blocks[c->t->n_shapes] = b;
    c->t->shapes[c->t->n_shapes++].name = name;
    return true;
}

static void add_type(struct tc_packc *c, const struct tc_pack_block *b)
{
    static const struct {
        const char *name;
        enum tc_object_kind kind;
        bool bundle;
    } kinds[] = {{"sdo", TC_KIND_SDO, false},
                 {"sco", TC_KIND_SCO, false},
                 {"sro", TC_KIND_SRO, false},
                 {"meta", TC_KIND_META, false},
                 {"bundle", TC_KIND_META, true}};
    const struct tc_pack_line *l = b->head;
    size_t k = 0;
    while (k < 5 && (l->n_words < 3 || !tc_str_is(l->words[2].s, kinds[k].name)))
        k++;
    if (k == 5 ||
        (l->n_words != 3 && (l->n_words != 5 || !tc_str_is(l->words[3].s, "extension")))) {
        tc_packc_error(c, l,
                       "write \"type NAME sdo|sco|sro|meta\", and \"extension ID\" for a type "
                       "that an extension defines");
        return;
    }
    if (!add_shape(c, b))
        return;
    c->t->types[c->t->n_types++] = (struct tc_type){.name = l->words[1].s,
                                                    .kind = kinds[k].kind,
                                                    .bundle = kinds[k].bundle,
                                                    .shape = (uint16_t)(c->t->n_shapes - 1),
                                                    .extension = TC_NONE};
}

static void add_extension(struct tc_packc *c, const struct tc_pack_block *b)
{
    static const char *const kinds[] = {"property", "toplevel", "new-sdo", "new-sco", "new-sro"};
    const struct tc_pack_line *l = b->head;
    unsigned k = 0;
    while (k < 5 && (l->n_words < 3 || !tc_str_is(l->words[2].s, kinds[k])))
        k++;
    if (k == 5 || (l->n_words > 3 && !tc_str_is(l->words[3].s, "of"))) {
        tc_packc_error(c, l,
                       "write \"extension KEY property|toplevel|new-sdo|new-sco|new-sro of "
                       "TYPE ...\"");
        return;
    }
    if (!add_shape(c, b))
        return;
    struct tc_extension *x = &c->t->extensions[c->t->n_extensions++];
    x->key = l->words[1].s;
    x->kind = (enum tc_extension_kind)k;
    x->shape = (uint16_t)(c->t->n_shapes - 1);
    x->n_types = l->n_words > 4 ? l->n_words - 4 : 0;
    x->types = tc_packc_alloc(c, x->n_types, sizeof *x->types);
    for (uint32_t i = 0; i < x->n_types && !c->failed; i++)
        x->types[i] = l->words[4 + i].s;
}

static void add_relationship(struct tc_packc *c, const struct tc_pack_line *l)
{
    if (l->n_words < 4) {
        tc_packc_error(c, l, "write \"relationship SOURCE TYPE TARGET ...\"");
        return;
    }
    struct tc_suggestion *s = &c->t->suggestions[c->t->n_suggestions++];
    s->source = l->words[1].s;
    s->type = l->words[2].s;
    s->n_targets = l->n_words - 3;
    s->targets = tc_packc_alloc(c, s->n_targets, sizeof *s->targets);
    for (uint32_t i = 0; i < s->n_targets && !c->failed; i++)
        s->targets[i] = l->words[3 + i].s;
}

/* ---- retention ---- */

#define MOST_SECONDS (INT64_C(100) * 366 * 86400)

/* A word of a closed vocabulary that some pack has, or any when none does. */
static bool word_of(const struct tc_packc *c, const char *vocab, struct tc_str value)
{
    const struct tc_vocab *v = tc_types_vocab(c->t, tc_str_cstr(vocab));
    return value.n && (!v || tc_vocab_has(v, value));
}

static void retention_item(struct tc_packc *c, const struct tc_pack_line *l,
                           struct tc_retention_rule *r)
{
    struct tc_str name = l->words[0].s, value = l->n_words == 2 ? l->words[1].s : TC_STR("");
    tc_err e = TC_OK;
    if (tc_str_is(name, "review"))
        e = tc_duration_parse(value, MOST_SECONDS, &r->review);
    else if (tc_str_is(name, "erase"))
        e = tc_duration_parse(value, MOST_SECONDS, &r->erase);
    else if (tc_str_is(name, "purpose") && value.n)
        r->purpose = value;
    else if (tc_str_is(name, "basis") && value.n)
        r->basis = value;
    else if (tc_str_is(name, "subject") && word_of(c, "subject-category", value))
        r->subject = value;
    else if (tc_str_is(name, "nature") && word_of(c, "data-nature", value))
        r->nature = value;
    else
        e = TC_E_SYNTAX;
    if (e)
        tc_packc_error(c, l,
                       "write \"review DURATION\", \"erase DURATION\", \"purpose TEXT\", "
                       "\"basis TEXT\", \"subject CATEGORY\" or \"nature fact\" (or assessment), "
                       "a duration like P365D");
}

static void add_retention(struct tc_packc *c, const struct tc_pack_block *b)
{
    struct tc_retention_rule r = {.review = 0};
    const struct tc_pack_line *l = b->head;
    for (const struct tc_pack_line *i = b->items; i; i = i->next)
        retention_item(c, i, &r);
    if (!r.purpose.n || !r.basis.n || (!r.review && !r.erase))
        tc_packc_error(c, l, "retention needs a purpose, a basis, and when to review or to erase");
    if (r.review && r.erase && r.erase < r.review)
        tc_packc_error(c, l, "it is erased before it is reviewed");
    for (uint32_t i = 1; i < l->n_words; i++) {
        r.type = l->words[i].s;
        if (!tc_packc_type_known(c, r.type))
            tc_packc_error(c, l, "there is no type '%.*s'", TC_FMT(r.type));
        else if (tc_types_retention(c->t, r.type))
            tc_packc_error(c, l, "the retention of '%.*s' is there already", TC_FMT(r.type));
        else
            c->t->retentions[c->t->n_retentions++] = r;
    }
}

/* ---- sealed ---- */

static void sealed_item(struct tc_packc *c, const struct tc_pack_line *l, struct tc_sealed_rule *r)
{
    struct tc_str name = l->words[0].s;
    if (tc_str_is(name, "require") && l->n_words == 1)
        r->require = true;
    else if (tc_str_is(name, "field") && l->n_words == 2 && tc_sealed_pointer(l->words[1].s))
        r->fields[r->n_fields++] = l->words[1].s;
    else
        tc_packc_error(
            c, l,
            "write \"field /POINTER\" of what may be cut out of an object (its type, id, "
            "times and markings may not), or \"require\"");
}

static void add_sealed(struct tc_packc *c, const struct tc_pack_block *b)
{
    struct tc_sealed_rule r = {.require = false};
    const struct tc_pack_line *l = b->head;
    size_t items = 0;
    for (const struct tc_pack_line *i = b->items; i; i = i->next)
        items++;
    r.fields = tc_packc_alloc(c, items + 1, sizeof *r.fields);
    if (!r.fields)
        return;
    for (const struct tc_pack_line *i = b->items; i; i = i->next)
        sealed_item(c, i, &r);
    if (!r.n_fields || r.n_fields > TC_MAX_SEALED)
        tc_packc_error(c, l, "sealed needs from 1 to %d fields", TC_MAX_SEALED);
    for (uint32_t i = 1; i < l->n_words; i++) {
        r.type = l->words[i].s;
        if (!tc_packc_type_known(c, r.type))
            tc_packc_error(c, l, "there is no type '%.*s'", TC_FMT(r.type));
        else if (tc_sealed_never(r.type))
            tc_packc_error(c, l, "the node itself must read every '%.*s'", TC_FMT(r.type));
        else
            c->t->sealed[c->t->n_sealed++] = r;
    }
}

static void check_relationship(struct tc_packc *c, const struct tc_pack_line *l)
{
    for (uint32_t i = 1; i < l->n_words; i++)
        if (i != 2 && !tc_str_is(l->words[i].s, "any") && !tc_packc_type_known(c, l->words[i].s))
            tc_packc_error(c, l, "there is no type '%.*s'", TC_FMT(l->words[i].s));
}

static void check_extension(struct tc_packc *c, const struct tc_pack_line *l)
{
    for (uint32_t i = 4; i < l->n_words; i++)
        if (!tc_packc_type_known(c, l->words[i].s))
            tc_packc_error(c, l, "there is no type '%.*s'", TC_FMT(l->words[i].s));
}

/* "type finding sdo extension ID": ties the type to its extension. */
static void tie_type(struct tc_packc *c, const struct tc_pack_line *l)
{
    unsigned x = find_name(&c->t->extensions->key, sizeof *c->t->extensions, c->t->n_extensions,
                           l->words[4].s);
    unsigned t = find_name(&c->t->types->name, sizeof *c->t->types, c->t->n_types, l->words[1].s);
    if (x == TC_NONE)
        tc_packc_error(c, l, "there is no extension '%.*s'", TC_FMT(l->words[4].s));
    else if (t != TC_NONE)
        c->t->types[t].extension = (uint16_t)x;
}

/* ---- passes ---- */

static void first_pass(struct tc_packc *c, const struct tc_pack_block *b)
{
    struct tc_str what = b->head->words[0].s;
    if (tc_str_is(what, "check") || tc_str_is(what, "vocab"))
        return; /* done before */
    if (tc_str_is(what, "retention") || tc_str_is(what, "sealed"))
        return; /* when all types are known */
    if (tc_str_is(what, "relationship"))
        add_relationship(c, b->head);
    else if (b->head->n_words < 2)
        tc_packc_error(c, b->head, "'%.*s' needs a name", TC_FMT(what));
    else if (tc_str_is(what, "shape"))
        (void)add_shape(c, b);
    else if (tc_str_is(what, "type"))
        add_type(c, b);
    else if (tc_str_is(what, "extension"))
        add_extension(c, b);
    else
        tc_packc_error(c, b->head,
                       "'%.*s' begins no block: check, vocab, shape, type, extension, "
                       "relationship, retention and sealed do",
                       TC_FMT(what));
}

static void last_pass(struct tc_packc *c, const struct tc_pack_block *b)
{
    struct tc_str what = b->head->words[0].s;
    if (tc_str_is(what, "relationship"))
        check_relationship(c, b->head);
    else if (tc_str_is(what, "extension"))
        check_extension(c, b->head);
    else if (tc_str_is(what, "type") && b->head->n_words == 5)
        tie_type(c, b->head);
    else if (tc_str_is(what, "retention"))
        add_retention(c, b);
    else if (tc_str_is(what, "sealed"))
        add_sealed(c, b);
}

static void named_things(struct tc_packc *c)
{
    struct tc_types *t = c->t;
    static const char *const names[] = {"extensions-use",
                                        "custom-prefix",
                                        "custom-prefix-lax",
                                        "uuid-check",
                                        "open-vocab-format",
                                        "relationship-types",
                                        "duplicate-ids",
                                        "observable-object-keys",
                                        "observable-dictionary-keys",
                                        "hash-length",
                                        "deprecated-properties",
                                        "extension-properties",
                                        "marking-definition-type",
                                        "tlp-2"};
    uint16_t *const to[] = {&t->check_custom,       &t->check_prefix,      &t->check_prefix_lax,
                            &t->check_uuid,         &t->check_open_format, &t->check_relationship,
                            &t->check_duplicates,   &t->check_keys,        &t->check_dict_keys,
                            &t->check_hash_length,  &t->check_deprecated,  &t->check_ext_properties,
                            &t->check_marking_type, &t->check_tlp_2};
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++)
        *to[i] = (uint16_t)tc_packc_check(c, tc_str_cstr(names[i]));
    t->common = (uint16_t)tc_packc_shape(c, TC_STR("common"));
    t->common_sco = (uint16_t)tc_packc_shape(c, TC_STR("common-sco"));
    t->languages = (uint16_t)tc_packc_vocab(c, TC_STR("language"));
    t->hash_names = (uint16_t)tc_packc_vocab(c, TC_STR("hash-algorithm-ov"));
}

static tc_err make_room(struct tc_packc *c, const struct tc_pack_block *blocks)
{
    size_t n = 0, items = 0, words = 0;
    for (const struct tc_pack_block *b = blocks; b; b = b->next) {
        n++;
        if (tc_str_is(b->head->words[0].s, "retention") || tc_str_is(b->head->words[0].s, "sealed"))
            words += b->head->n_words;
        for (const struct tc_pack_line *l = b->items; l; l = l->next)
            items++;
    }
    if (n >= TC_NONE)
        return TC_E_LIMIT;
    c->t = tc_packc_alloc(c, 1, sizeof *c->t);
    if (c->failed)
        return tc_arena_err(c->arena);
    struct tc_types *t = c->t;
    t->arena = c->arena;
    t->shapes = tc_packc_alloc(c, n, sizeof *t->shapes);
    t->types = tc_packc_alloc(c, n, sizeof *t->types);
    t->vocabs = tc_packc_alloc(c, n, sizeof *t->vocabs);
    t->extensions = tc_packc_alloc(c, n, sizeof *t->extensions);
    t->suggestions = tc_packc_alloc(c, n, sizeof *t->suggestions);
    t->checks = tc_packc_alloc(c, TC_MAX_CHECKS, sizeof *t->checks);
    t->retentions = tc_packc_alloc(c, words, sizeof *t->retentions);
    t->sealed = tc_packc_alloc(c, words, sizeof *t->sealed);
    c->blocks = tc_packc_alloc(c, n, sizeof(const struct tc_pack_block *));
    c->state = tc_packc_alloc(c, n, sizeof *c->state);
    c->max_refs = items < TC_NONE ? (uint32_t)items : TC_NONE - 1; /* at most one in a property */
    t->refs = tc_packc_alloc(c, c->max_refs, sizeof *t->refs);
    return c->failed ? tc_arena_err(c->arena) : TC_OK;
}

static void run_passes(struct tc_packc *c, const struct tc_pack_block *blocks)
{
    const struct tc_pack_block *b;
    for (b = blocks; b; b = b->next)
        if (tc_str_is(b->head->words[0].s, "check"))
            add_check(c, b->head);
    for (b = blocks; b && !c->failed; b = b->next)
        if (tc_str_is(b->head->words[0].s, "vocab"))
            add_vocab(c, b);
    for (b = blocks; b && !c->failed; b = b->next)
        first_pass(c, b);
    named_things(c);
    for (uint32_t i = 0; i < c->t->n_shapes && !c->failed; i++)
        tc_packc_fill_shape(c, i);
    for (b = blocks; b && !c->failed; b = b->next)
        last_pass(c, b);
}

tc_err tc_pack_compile(struct tc_arena *arena, const struct tc_pack_block *blocks,
                       tc_pack_tell tell, void *arg, struct tc_types **out)
{
    struct tc_packc c = {.arena = arena, .tell = tell, .arg = arg};
    tc_err e = make_room(&c, blocks);
    if (e)
        return e;
    run_passes(&c, blocks);
    if (c.failed)
        return tc_arena_err(arena) ? tc_arena_err(arena) : TC_E_NOMEM;
    if (c.errors)
        return TC_E_INVALID;
    struct tc_types *t = c.t;
    e = tc_slots_make(arena, &t->types->name, sizeof *t->types, t->n_types, false, &t->type_slots,
                      &t->type_mask);
    if (!e)
        e = tc_slots_make(arena, &t->extensions->key, sizeof *t->extensions, t->n_extensions, false,
                          &t->extension_slots, &t->extension_mask);
    if (!e)
        *out = t;
    return e;
}
