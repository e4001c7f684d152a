/* SPDX-License-Identifier: Apache-2.0 */
#include "model/types.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static uint32_t hash_of(struct tc_str s, bool nocase)
{
    if (!nocase || s.n == 0)
        return tc_name_hash(s);
    /* tc_name_hash looks at three characters only. */
    char three[3] = {lower(s.p[0]), lower(s.p[s.n / 2]), lower(s.p[s.n - 1])};
    uint32_t x = (uint32_t)(uint8_t)three[0] | (uint32_t)(uint8_t)three[1] << 8 |
                 (uint32_t)(uint8_t)three[2] << 16 | (uint32_t)(uint8_t)s.n << 24;
    x *= 0x9E3779B1u;
    return x ^ x >> 15;
}

tc_err tc_slots_make(struct tc_arena *a, const struct tc_str *names, size_t stride, uint32_t n,
                     bool nocase, uint16_t **slots, uint32_t *mask)
{
    uint32_t size = 4;
    if (n >= TC_NONE)
        return TC_E_LIMIT;
    while (size < 4 * n)
        size *= 2;
    uint16_t *s = tc_arena_zalloc(a, size, sizeof *s);
    if (!s)
        return tc_arena_err(a);
    for (uint32_t i = 0; i < n; i++) {
        const struct tc_str *name = (const void *)((const char *)names + i * stride);
        uint32_t at = hash_of(*name, nocase) & (size - 1);
        while (s[at])
            at = (at + 1) & (size - 1);
        s[at] = (uint16_t)(i + 1);
    }
    *slots = s;
    *mask = size - 1;
    return TC_OK;
}

const struct tc_type *tc_types_find(const struct tc_types *t, struct tc_str name)
{
    for (uint32_t at = tc_name_hash(name) & t->type_mask;; at = (at + 1) & t->type_mask) {
        unsigned i = t->type_slots[at];
        if (i == 0)
            return NULL;
        if (tc_name_eq(t->types[i - 1].name, name))
            return &t->types[i - 1];
    }
}

const struct tc_extension *tc_types_extension(const struct tc_types *t, struct tc_str key)
{
    for (uint32_t at = tc_name_hash(key) & t->extension_mask;; at = (at + 1) & t->extension_mask) {
        unsigned i = t->extension_slots[at];
        if (i == 0)
            return NULL;
        if (tc_str_eq(t->extensions[i - 1].key, key))
            return &t->extensions[i - 1];
    }
}

const struct tc_retention_rule *tc_types_retention(const struct tc_types *t, struct tc_str type)
{
    for (uint32_t i = 0; i < t->n_retentions; i++)
        if (tc_str_eq(t->retentions[i].type, type))
            return &t->retentions[i];
    return NULL;
}

const struct tc_sealed_rule *tc_types_sealed(const struct tc_types *t, struct tc_str type,
                                             const struct tc_sealed_rule *after)
{
    for (size_t i = after ? (size_t)(after - t->sealed) + 1 : 0; i < t->n_sealed; i++)
        if (tc_str_eq(t->sealed[i].type, type))
            return &t->sealed[i];
    return NULL;
}

const struct tc_sealed_rule *tc_types_sealed_required(const struct tc_types *t)
{
    for (uint32_t i = 0; i < t->n_sealed; i++)
        if (t->sealed[i].require)
            return &t->sealed[i];
    return NULL;
}

const struct tc_vocab *tc_types_vocab(const struct tc_types *t, struct tc_str name)
{
    for (uint32_t i = 0; i < t->n_vocabs; i++)
        if (tc_str_eq(t->vocabs[i].name, name))
            return &t->vocabs[i];
    return NULL;
}

static unsigned vocab_find(const struct tc_vocab *v, struct tc_str value)
{
    bool nocase = v->flags & TC_VOCAB_NOCASE;
    for (uint32_t at = hash_of(value, nocase) & v->mask;; at = (at + 1) & v->mask) {
        unsigned i = v->slots[at];
        if (i == 0)
            return TC_NONE;
        struct tc_str have = v->values[i - 1];
        if (nocase ? tc_str_eq_nocase(have, value) : tc_name_eq(have, value))
            return i - 1;
    }
}

bool tc_vocab_has(const struct tc_vocab *v, struct tc_str value)
{
    return vocab_find(v, value) != TC_NONE;
}

struct tc_str tc_vocab_label(const struct tc_vocab *v, struct tc_str value)
{
    unsigned i = vocab_find(v, value);
    return i == TC_NONE || v->labels[i].n == 0 ? value : v->labels[i];
}

bool tc_types_checks(const struct tc_types *t, struct tc_str name, struct tc_checks *set)
{
    bool found = false, all = tc_str_is(name, "all");
    for (uint32_t i = 0; i < t->n_checks; i++) {
        const struct tc_check_name *c = &t->checks[i];
        bool hit = all || tc_str_eq(c->name, name);
        for (size_t g = 0; g < 4 && !hit; g++)
            hit = c->groups[g].n && tc_str_eq(c->groups[g], name);
        if (hit)
            set->bits[i >> 6] |= UINT64_C(1) << (i & 63);
        found |= hit;
    }
    return found;
}

void tc_types_free(struct tc_types *t)
{
    if (t)
        tc_arena_free(t->arena); /* t itself lives in it */
}
