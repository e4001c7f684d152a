/* SPDX-License-Identifier: Apache-2.0 */
/* Rules. A rule is a STIX indicator (pattern_type "stix") with the property-extension "rule"
 * (packs/critical-entities/types/rule.types); an indicator without it is one that has nothing more
 * to say, and is read here, too. A mute is the object that keeps the findings of a rule from being
 * made for a time. The one place where both are read and written. Pure.
 *
 *     per       object path. The pattern holds among observations that share a value there
 *     severity  CAP's word
 *     says      language -> sentence. In it {ipv4-addr:value} is the value at a path, {per} the
 *               value of per, {count} how many observations, {first} and {last} when, {place}
 *               where; {{ is a brace
 *     about     object path whose value is the id of an object, or a key of the register
 *     cooldown  after a finding, matches of the same value are counted into it for so long
 *
 * Ownership: what is read borrows from the JSON; lists live in the arena given. */
#ifndef TC_MODEL_RULE_H
#define TC_MODEL_RULE_H

#include "base/arena.h"
#include "base/id.h"
#include "base/time.h"

#include <yyjson.h>

struct tc_rule_says {
    struct tc_str language, text;
};

struct tc_rule {
    struct tc_str id, name, description, pattern, pattern_type, creator; /* empty = absent */
    tc_time created, modified;                                           /* TC_TIME_NONE = absent */
    tc_time from, until; /* valid_from, valid_until; TC_TIME_MIN, TC_TIME_MAX = without */
    bool revoked;
    bool extended;  /* it has the extension; else all below is absent */
    int confidence; /* 0 to 100, -1 = not said (a common property: also without the extension) */
    struct tc_str per, about, severity; /* empty = absent */
    int64_t cooldown;                   /* seconds, 0 = none */
    const struct tc_rule_says *says;
    size_t n_says;
};

/* INVALID, SYNTAX or LIMIT with object and path ("extensions.rule.per") in d: the extension is not
 * what it must be; the pattern itself is not looked at. NOMEM, LIMIT of the arena. */
tc_err tc_rule_read(yyjson_val *object, struct tc_arena *a, struct tc_rule *out,
                    struct tc_diag *d) TC_MUST_USE;
/* Are the values those of a rule? What tc_rule_read asks of the extension, for rules that come
 * from elsewhere (a command, a pack); d gets path and reason. */
tc_err tc_rule_check(const struct tc_rule *r, struct tc_arena *a, struct tc_diag *d) TC_MUST_USE;
/* The whole indicator. marking: id of a marking-definition, or "" for none. pattern_type is always
 * "stix", revoked is written only when set. */
void tc_rule_write(const struct tc_rule *r, struct tc_str marking, struct tc_buf *out);

/* One piece of a sentence: text as it is, or what stands for it. */
enum tc_say_kind {
    TC_SAY_END,
    TC_SAY_TEXT,
    TC_SAY_PATH, /* text: the path */
    TC_SAY_PER,
    TC_SAY_COUNT,
    TC_SAY_FIRST,
    TC_SAY_LAST,
    TC_SAY_PLACE,
    TC_SAY_BAD /* text: from the brace on */
};
struct tc_say_piece {
    enum tc_say_kind kind;
    struct tc_str text;
};
/* Takes the next piece off *rest. */
struct tc_say_piece tc_say_next(struct tc_str *rest);

struct tc_mute {
    struct tc_str id, rule, creator; /* rule: id of the indicator */
    bool one_value;                  /* only findings of this value of per */
    struct tc_str value, reason, person;
    tc_time created, modified;
    tc_time from, until; /* TC_TIME_MIN, TC_TIME_MAX = without */
    bool revoked;        /* taken back */
};

tc_err tc_mute_read(yyjson_val *object, struct tc_mute *out, struct tc_diag *d) TC_MUST_USE;
void tc_mute_write(const struct tc_mute *m, struct tc_str marking, struct tc_buf *out);
/* Does it hold back a finding that this rule makes of this value (empty: it has no per) now? */
bool tc_mute_holds(const struct tc_mute *m, struct tc_str value, tc_time now);

#endif
