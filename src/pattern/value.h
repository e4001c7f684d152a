/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of a pattern made ready, and the comparison of one value with them (STIX 2.1 section
 * 9.6). A property whose name ends in _hex or _bin holds bytes, any other holds text; values of
 * kinds that do not compare are not equal, and in no order. LIKE and MATCHES compare in Unicode
 * normal form C; MATCHES is PCRE2 with the bounds below.
 *
 * Ownership: a tc_test owns what it was made with; tc_values is scratch memory of one thread. */
#ifndef TC_PATTERN_VALUE_H
#define TC_PATTERN_VALUE_H

#include "pattern/ast.h"

#include <yyjson.h>

/* Steps and memory (KiB) of one regular expression on one value; over them it has not matched,
 * and tc_values.gave_up counts it. */
#define TC_PATTERN_REGEX_STEPS  1000000u
#define TC_PATTERN_REGEX_MEMORY 4096u
/* One regular expression, bytes; what it is compiled to, bytes. */
#define TC_PATTERN_MAX_REGEX          65536u
#define TC_PATTERN_MAX_REGEX_COMPILED (1u << 20)

enum tc_reading { TC_READ_PLAIN, TC_READ_HEX, TC_READ_BASE64 };

struct tc_net {
    uint8_t family; /* 4 or 6; 0 = no address */
    uint8_t bits;
    uint8_t b[16];
};

struct tc_const {
    enum tc_lit_kind kind;
    bool bytes; /* compared as bytes */
    bool never; /* equal to no value: a text that cannot be bytes */
    struct tc_str s;
    int64_t i; /* INT; TIME: microseconds */
    double d;  /* FLOAT */
    bool b;
};

struct tc_test {
    enum tc_cmp_op op;
    bool negated;
    enum tc_reading reading;
    struct tc_const *consts;
    size_t n;
    struct tc_net net; /* ISSUBSET, ISSUPERSET */
    void *regex;       /* MATCHES: pcre2_code; NULL = holds for no value */
    char *text;        /* memory behind the strings */
};

struct tc_values;
struct tc_values *tc_values_new(void); /* NULL = out of memory */
void tc_values_free(struct tc_values *v);
/* Was there no memory for some value since this was asked last? What was said of it then is no
 * answer. */
bool tc_values_starved(struct tc_values *v);
/* Regular expressions that ran into a bound so far. */
uint64_t tc_values_gave_up(const struct tc_values *v);

/* How the last named step of a path says that the value is to be read. */
enum tc_reading tc_reading_of(struct tc_str property);

/* INVALID when the regular expression is none (d says why), LIMIT, NOMEM. out is tc_test_fini's
 * on success only. */
tc_err tc_test_init(const struct tc_cmp *c, enum tc_reading reading, struct tc_values *v,
                    struct tc_test *out, struct tc_diag *d) TC_MUST_USE;
void tc_test_fini(struct tc_test *t);
bool tc_test_holds(const struct tc_test *t, yyjson_val *value, struct tc_values *v);

/* ---- pieces that the index uses, too ---- */

/* "192.0.2.0/24", "2001:db8::1"; family 0 when it is none. */
struct tc_net tc_net_of(struct tc_str s);
/* The text of a value in the form that LIKE and MATCHES see: normal form C, or bytes. false when
 * it has none. The view lives until the next call. */
bool tc_values_text(struct tc_values *v, struct tc_str s, enum tc_reading reading,
                    struct tc_str *out);
/* The bytes of a _hex or _bin property. */
bool tc_values_decode(struct tc_values *v, struct tc_str s, enum tc_reading reading,
                      struct tc_str *out);

#endif
