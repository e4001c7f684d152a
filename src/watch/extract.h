/* SPDX-License-Identifier: Apache-2.0 */
/* What of an object is looked for later: the objects that it refers to, the values that it holds,
 * its words, its place and time. Pure: from JSON text to lists. STIX 2.1 section 2.5 and 3.2 (names
 * that end in _ref and _refs hold identifiers). Which properties are values is said by the packs
 * ("key", packs/README.md): of STIX's own objects by packs/stix21. */
#ifndef TC_WATCH_EXTRACT_H
#define TC_WATCH_EXTRACT_H

#include "base/hash.h"
#include "base/time.h"
#include "model/types.h"

/* Kinds of key. An edge gives TC_KEY_EDGE and, by the name of the property, one more. */
enum tc_key_kind {
    TC_KEY_ID = 1,
    TC_KEY_VALUE = 3,
    TC_KEY_EDGE = 10,       /* by any property */
    TC_KEY_EDGE_SOURCE,     /* source_ref */
    TC_KEY_EDGE_TARGET,     /* target_ref */
    TC_KEY_EDGE_CREATOR,    /* created_by_ref */
    TC_KEY_EDGE_OBJECTS,    /* object_refs */
    TC_KEY_EDGE_SIGHTING_OF /* sighting_of_ref */
};

struct tc_key {
    uint32_t kind;
    uint64_t hash;
};

/* Who wants the texts themselves instead of keys. The views are valid during the call only. */
struct tc_extract_sink {
    /* normal: as normal.h spells it, apart from what its kind keeps apart */
    void (*value)(void *arg, struct tc_str property, enum tc_spelling apart, struct tc_str normal);
    void (*edge)(void *arg, struct tc_str property, struct tc_str id);
    void *arg;
};

struct tc_extract {
    const struct tc_types *types;
    const struct tc_extract_sink *sink; /* NULL = keys */
    bool no_values;                     /* leaves them out */
    struct tc_key *keys;
    size_t n_keys, cap_keys;
    struct tc_buf text;
    bool placed;
    double south, north, west, east; /* degrees; a point has no extent */
    bool timed;
    tc_time since, until; /* when it was; since <= until. TC_TIME_MAX: it goes on */
};

/* types say which properties are values; NULL: none but the constants of patterns. */
void tc_extract_init(struct tc_extract *x, const struct tc_types *types);
void tc_extract_fini(struct tc_extract *x);

/* Reads one object; what was there before is forgotten. SYNTAX when it is no JSON object; NOMEM.
 * Over TC_MAX_LIST keys or 1 MiB of words the rest of them is left out. */
tc_err tc_extract_object(struct tc_extract *x, struct tc_hash_key key, struct tc_str type,
                         struct tc_str json) TC_MUST_USE;

/* The key under which this text is looked for; values are compared as normal.h spells them by their
 * shape. */
uint64_t tc_extract_hash(struct tc_hash_key key, enum tc_key_kind kind, struct tc_str text);

/* Changes when other properties are values, or are spelled otherwise: what was kept of objects read
 * before is then to be made again. */
uint64_t tc_extract_version(const struct tc_types *types);
/* The kinds of key fields that there are, as bits 1 << enum tc_spelling. */
unsigned tc_extract_kinds(const struct tc_types *types);

#endif
