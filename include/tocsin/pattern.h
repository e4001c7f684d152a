/* SPDX-License-Identifier: Apache-2.0 */
/* STIX patterns (STIX 2.1 section 9) over observations, for programs of others.
 *
 *     static int told(void *arg, const char *pattern, const char *const *observations, size_t n)
 *     {
 *         (void)arg;
 *         printf("%s:", pattern);
 *         for (size_t i = 0; i < n; i++)
 *             printf(" %s", observations[i]);
 *         printf("\n");
 *         return 0;
 *     }
 *
 *     tc_patterns *p = tc_patterns_new();
 *     char why[400];
 *     if (tc_pattern_compile(p, "rule-1", "[ipv4-addr:value ISSUBSET '198.51.100.0/24'] REPEATS 2 "
 *                            "TIMES WITHIN 60 SECONDS", why, sizeof why))
 *         fprintf(stderr, "%s\n", why);
 *     if (tc_pattern_feed(p, json, length, told, NULL, why, sizeof why))
 *         fprintf(stderr, "%s\n", why);
 *     tc_patterns_free(p);
 *
 * A set of patterns is compiled once; each text fed is an observed-data with embedded objects, a
 * bundle, or a list of objects. An observation that completes a pattern is told at once, with the
 * observations of one legal binding that it is among. A set is for one thread at a time; sets have
 * nothing to do with each other. Everything given is copied. */
#ifndef TOCSIN_PATTERN_H
#define TOCSIN_PATTERN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tc_patterns tc_patterns;

/* What the functions below return; why (if it has room) then says more, in one sentence. */
enum {
    TC_PATTERN_OK = 0,
    TC_PATTERN_SYNTAX = 1,   /* not the language, or not JSON */
    TC_PATTERN_INVALID = 2,  /* the language, but values that cannot be; a malformed observation */
    TC_PATTERN_LIMIT = 3,    /* over a bound; see why */
    TC_PATTERN_CONFLICT = 4, /* a pattern with this id is there already */
    TC_PATTERN_NOMEM = 5,
    TC_PATTERN_STOPPED = 6 /* the callback said so */
};

tc_patterns *tc_patterns_new(void); /* NULL: out of memory */
void tc_patterns_free(tc_patterns *p);

/* id and pattern are NUL-terminated UTF-8. On failure nothing has changed, and why names line and
 * column. Observations fed before do not count for the new pattern. */
int tc_pattern_compile(tc_patterns *p, const char *id, const char *pattern, char *why,
                       size_t why_size);
/* The pattern must hold among observations that share a value at this object path, for example
 * "network-traffic:src_ref.value"; it is told once for each value that it holds for. */
int tc_pattern_compile_per(tc_patterns *p, const char *id, const char *pattern, const char *per,
                           char *why, size_t why_size);
/* Inside of the callback: the value that the observations share, as text; NULL when the pattern was
 * compiled without a path. Until the callback returns. */
const char *tc_pattern_value(const tc_patterns *p);
/* Takes a pattern out again. 1: it was there. */
int tc_pattern_remove(tc_patterns *p, const char *id);

/* Ids as they were given; until the callback returns. Other than 0 stops the feeding. The callback
 * must not change the set. */
typedef int (*tc_pattern_told)(void *arg, const char *pattern, const char *const *observations,
                               size_t n);

/* json: length bytes of UTF-8, one JSON text. When it is refused nothing of it was fed. */
int tc_pattern_feed(tc_patterns *p, const char *json, size_t length, tc_pattern_told told,
                    void *arg, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif

#endif
