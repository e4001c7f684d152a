/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled type tables: what packs say, in the form that the checker runs on. src/pack makes
 * them; after that they are read-only and shared by all threads.
 *
 * A *shape* is a set of properties with rules: a type, a nested structure or an extension. Its
 * properties are numbered 0 .. 63, so that what an object has is one 64-bit set and "required" or
 * "at least one of" is one AND. Names are found in an open hash table that the compiler sizes so
 * that most names sit in their own slot; a lookup costs one multiplication and one comparison.
 * All cross references are indices; all text lives in the arena that owns the tables. */
#ifndef TC_MODEL_TYPES_H
#define TC_MODEL_TYPES_H

#include "base/arena.h"
#include "model/format.h"
#include "model/object.h"
#include "model/spelling.h"

enum tc_value {
    TC_VALUE_ANY,
    TC_VALUE_SCALAR, /* string, number or boolean */
    TC_VALUE_STRING,
    TC_VALUE_INTEGER,
    TC_VALUE_FLOAT,
    TC_VALUE_BOOLEAN,
    TC_VALUE_TIMESTAMP,
    TC_VALUE_SECONDS, /* a timestamp without fraction */
    TC_VALUE_ID,
    TC_VALUE_REF,
    TC_VALUE_VOCAB,
    TC_VALUE_STRUCT,
    TC_VALUE_HASHES,
    TC_VALUE_DICT,
    TC_VALUE_BINARY,
    TC_VALUE_HEX,
    TC_VALUE_OBJECT,
    TC_VALUE_EXTENSIONS,  /* section 7.3 */
    TC_VALUE_OBSERVABLES, /* observed-data.objects, 2.0 form */
    TC_VALUE_CONTENTS,    /* language-content.contents */
    TC_VALUE_OBJECTS      /* bundle.objects */
};

#define TC_NONE 0xFFFFu /* no such index */

#define TC_PROP_LIST       1u /* a list of the value */
#define TC_PROP_DEPRECATED 2u
#define TC_PROP_ANYCASE    4u  /* dictionary keys need not be lower case */
#define TC_PROP_SHOULD     8u  /* the format is a recommendation */
#define TC_PROP_KEYFORMAT  16u /* format and check are those of a dictionary's keys */
#define TC_PROP_ITEMLIST   32u /* a dictionary's values are lists */
#define TC_PROP_MIN        64u
#define TC_PROP_MAX        128u

struct tc_property {
    struct tc_str name;
    uint8_t value;  /* enum tc_value */
    uint8_t item;   /* enum tc_value of a dictionary's values */
    uint8_t format; /* enum tc_format */
    uint8_t flags;
    uint8_t spelling; /* enum tc_spelling: of a key field, else NONE */
    uint16_t check;   /* of a format or a vocabulary, TC_NONE = it is a MUST */
    uint16_t index;   /* vocabulary, shape or reference set; of a dictionary: vocabulary of keys */
    double min, max;
};

enum tc_rule_kind {
    TC_RULE_AFTER,       /* a later than b */
    TC_RULE_NOT_BEFORE,  /* a not earlier than b */
    TC_RULE_ONE_OF,      /* at least one of set */
    TC_RULE_EXACTLY_ONE, /* of set */
    TC_RULE_AT_MOST_ONE, /* of set */
    TC_RULE_WITH,        /* a present: all of set */
    TC_RULE_IF_REQUIRES, /* a equals value: all of set */
    TC_RULE_IF_FORBIDS,  /* a equals value: none of set */
    TC_RULE_PRESENT,     /* all of set */
    TC_RULE_NOT_EMPTY,   /* any property at all */
    TC_RULE_SINCE_20,    /* STIX 2.0 required a, 2.1 does not */
    TC_RULE_SPECIAL      /* index: enum tc_special */
};

enum tc_special {
    TC_SPECIAL_EXTERNAL_ID,
    TC_SPECIAL_MARKINGS,
    TC_SPECIAL_MARKING_DEFINITION,
    TC_SPECIAL_EXTENSION_DEFINITION,
    TC_SPECIAL_RELATIONSHIP,
    TC_SPECIAL_PATTERN,
    TC_SPECIAL_POLYGON,
    TC_SPECIAL_COUNT
};

struct tc_type_rule {
    uint8_t kind;
    uint8_t a, b;
    uint8_t special;
    uint16_t check; /* TC_NONE = MUST */
    struct tc_str value;
    uint64_t set;
};

struct tc_shape {
    struct tc_str name;
    struct tc_property *props;
    uint16_t *slots; /* index of a property + 1, 0 = empty */
    struct tc_type_rule *rules;
    struct tc_str *reserved;
    uint32_t n_props, mask, n_rules, n_reserved;
    uint64_t required;    /* whatever the version */
    uint64_t required_21; /* not of STIX 2.0 objects */
    uint64_t required_20;
    uint64_t interop; /* required by the interoperability profiles */
    uint64_t key;     /* id-contributing */
};

struct tc_type {
    struct tc_str name;
    enum tc_object_kind kind;
    bool bundle;
    uint16_t shape;
    uint16_t extension; /* names a new type: the extension that it must carry, or TC_NONE */
};

#define TC_VOCAB_CLOSED 1u
#define TC_VOCAB_LOWER  2u /* values are lower case with hyphens */
#define TC_VOCAB_NOCASE 4u

struct tc_vocab {
    struct tc_str name;
    struct tc_str *values;
    struct tc_str *labels; /* empty view where none */
    uint16_t *slots;
    uint32_t n_values, mask, flags;
    uint16_t check;
};

#define TC_REFS_SDO 1u
#define TC_REFS_SCO 2u
#define TC_REFS_SRO 4u
#define TC_REFS_ANY 8u

struct tc_refs { /* to what a reference may point */
    struct tc_str *types;
    uint32_t n_types, groups;
};

enum tc_extension_kind {
    TC_EXT_PROPERTY,
    TC_EXT_TOPLEVEL,
    TC_EXT_NEW_SDO,
    TC_EXT_NEW_SCO,
    TC_EXT_NEW_SRO
};

struct tc_extension {
    struct tc_str key; /* "ntfs-ext" or "extension-definition--..." */
    enum tc_extension_kind kind;
    struct tc_str *types; /* on which it may stand; none = any */
    uint32_t n_types;
    uint16_t shape;
};

struct tc_suggestion { /* relationship; "any" stands for every type */
    struct tc_str source, type;
    struct tc_str *targets;
    uint32_t n_targets;
};

struct tc_retention_rule { /* of a type's objects that say no dates of their own */
    struct tc_str type, purpose, basis;
    struct tc_str subject, nature; /* whose data, fact or assessment; empty = not said */
    int64_t review, erase;         /* seconds after the newest version came; 0 = never */
};

struct tc_sealed_rule { /* fields of a type that are kept sealed at rest (sealed.h) */
    struct tc_str type;
    struct tc_str *fields; /* JSON pointers */
    uint32_t n_fields;
    bool require; /* never stored otherwise */
};

struct tc_checks { /* a set of recommendations by number */
    uint64_t bits[2];
};

struct tc_check_name {
    struct tc_str name;
    struct tc_str groups[4];
};

#define TC_MAX_CHECKS 128

struct tc_types {
    struct tc_arena *arena; /* owns everything below */
    struct tc_shape *shapes;
    struct tc_type *types;
    struct tc_vocab *vocabs;
    struct tc_refs *refs;
    struct tc_extension *extensions;
    struct tc_suggestion *suggestions;
    struct tc_check_name *checks;
    struct tc_retention_rule *retentions;
    struct tc_sealed_rule *sealed;
    uint16_t *type_slots, *extension_slots;
    uint32_t n_shapes, n_types, n_vocabs, n_refs, n_extensions, n_suggestions, n_checks,
        n_retentions, n_sealed;
    uint32_t type_mask, extension_mask;
    uint16_t common, common_sco; /* shapes of types that no pack knows, or TC_NONE */
    uint16_t languages;          /* vocabulary of first subtags, or TC_NONE */
    uint16_t hash_names;         /* vocabulary of hash algorithms, or TC_NONE */
    /* numbers of the recommendations that the checker itself makes, TC_NONE when undeclared */
    uint16_t check_custom, check_prefix, check_prefix_lax, check_uuid, check_open_format,
        check_relationship, check_duplicates, check_keys, check_dict_keys, check_hash_length,
        check_deprecated, check_ext_properties, check_marking_type, check_tlp_2;
};

/* ---- looking up; NULL or TC_NONE when there is none ---- */

static inline uint32_t tc_name_hash(struct tc_str s)
{
    uint32_t x = s.n ? (uint32_t)(uint8_t)s.p[0] | (uint32_t)(uint8_t)s.p[s.n / 2] << 8 |
                           (uint32_t)(uint8_t)s.p[s.n - 1] << 16 | (uint32_t)(uint8_t)s.n << 24
                     : 0;
    x *= 0x9E3779B1u;
    return x ^ x >> 15;
}

/* As tc_str_eq, without the call: names are short. */
static inline bool tc_name_eq(struct tc_str a, struct tc_str b)
{
    uint64_t x, y;
    uint32_t u, v;
    size_t i = 0;
    if (a.n != b.n)
        return false;
    if (a.n >= 8) {
        for (; i + 8 < a.n; i += 8) {
            memcpy(&x, a.p + i, 8);
            memcpy(&y, b.p + i, 8);
            if (x != y)
                return false;
        }
        memcpy(&x, a.p + a.n - 8, 8);
        memcpy(&y, b.p + a.n - 8, 8);
        return x == y;
    }
    if (a.n >= 4) {
        memcpy(&u, a.p, 4);
        memcpy(&v, b.p, 4);
        if (u != v)
            return false;
        memcpy(&u, a.p + a.n - 4, 4);
        memcpy(&v, b.p + a.n - 4, 4);
        return u == v;
    }
    for (; i < a.n; i++)
        if (a.p[i] != b.p[i])
            return false;
    return true;
}

static inline unsigned tc_shape_find(const struct tc_shape *s, struct tc_str name)
{
    for (uint32_t at = tc_name_hash(name) & s->mask;; at = (at + 1) & s->mask) {
        unsigned i = s->slots[at];
        if (i == 0)
            return TC_NONE;
        if (tc_name_eq(s->props[i - 1].name, name))
            return i - 1;
    }
}

const struct tc_type *tc_types_find(const struct tc_types *t, struct tc_str name);
const struct tc_extension *tc_types_extension(const struct tc_types *t, struct tc_str key);
const struct tc_retention_rule *tc_types_retention(const struct tc_types *t, struct tc_str type);
/* The first rule of this type behind after (NULL = from the first on), NULL = none. */
const struct tc_sealed_rule *tc_types_sealed(const struct tc_types *t, struct tc_str type,
                                             const struct tc_sealed_rule *after);
/* The first that demands it, of any type; NULL = none. */
const struct tc_sealed_rule *tc_types_sealed_required(const struct tc_types *t);
/* By name, for labels and lists: "sector" of the critical-entities pack. */
const struct tc_vocab *tc_types_vocab(const struct tc_types *t, struct tc_str name);
bool tc_vocab_has(const struct tc_vocab *v, struct tc_str value);
/* The label that a person reads, or the value itself. */
struct tc_str tc_vocab_label(const struct tc_vocab *v, struct tc_str value);

/* Adds the recommendation of this name, or all of the group, to the set; "all" adds every one.
 * False when nothing has that name. */
bool tc_types_checks(const struct tc_types *t, struct tc_str name, struct tc_checks *set);

void tc_types_free(struct tc_types *t); /* NULL is fine */

/* For src/pack: n slots (a power of two over 2 * n) filled with the positions of names. */
tc_err tc_slots_make(struct tc_arena *a, const struct tc_str *names, size_t stride, uint32_t n,
                     bool nocase, uint16_t **slots, uint32_t *mask) TC_MUST_USE;

#endif
