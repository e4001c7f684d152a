/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the checker share: check.c (the walk), check_value.c (kinds of values),
 * check_rules.c (rules between properties), check_custom.c (what no pack knows). */
#ifndef TC_MODEL_CHECK_PARTS_H
#define TC_MODEL_CHECK_PARTS_H

#include "codec/json.h"
#include "model/check.h"

/* One step of a path, on the stack of the walk. */
struct tc_at {
    const struct tc_at *up;
    struct tc_str name; /* .p NULL: it is an index */
    size_t index;
};

struct tc_checking {
    const struct tc_types *t;
    const struct tc_check_options *o;
    struct tc_check_report *r;
    yyjson_val *root;
    struct tc_str type, id, spec; /* empty when absent or no text */
    yyjson_val *extensions;
    bool created;                /* has the property */
    const struct tc_type *known; /* NULL: no pack knows the type */
    enum tc_object_kind kind;
    bool spec_20;
    bool embedded;      /* inside observed-data.objects: references are keys, ids optional */
    unsigned ext_kinds; /* 1 << tc_extension_kind of the extensions that the object uses */
    tc_err err;
};

/* Counts and, with an arena, keeps one finding. */
void tc_check_say(struct tc_checking *k, enum tc_level level, const char *rule,
                  const struct tc_at *at, const char *fmt, ...) TC_PRINTF(5, 6);
/* The same for recommendation number check, when it is on. */
void tc_check_advise(struct tc_checking *k, unsigned check, const struct tc_at *at, const char *fmt,
                     ...) TC_PRINTF(4, 5);
bool tc_check_on(const struct tc_checking *k, unsigned check);

void tc_check_shape(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                    yyjson_val *obj, bool top);
void tc_check_property(struct tc_checking *k, const struct tc_at *at, const struct tc_property *p,
                       yyjson_val *v);
void tc_check_rules(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                    yyjson_val *const *vals, uint64_t have);
void tc_check_extensions(struct tc_checking *k, const struct tc_at *at, yyjson_val *v);
/* The kinds of extensions that the object says it uses. */
unsigned tc_check_extension_kinds(yyjson_val *extensions);
/* The properties of obj that shape s does not know. */
void tc_check_unknown(struct tc_checking *k, const struct tc_at *at, const struct tc_shape *s,
                      yyjson_val *obj, bool top);
void tc_check_unknown_type(struct tc_checking *k);
void tc_check_special(struct tc_checking *k, enum tc_special special, const struct tc_at *at,
                      const struct tc_shape *s, yyjson_val *const *vals, uint64_t have);

/* First subtag known and the form right: RFC 5646 as far as it can be told. */
bool tc_check_lang_ok(const struct tc_types *t, struct tc_str s);

#endif
