/* SPDX-License-Identifier: Apache-2.0 */
/* STIX 2.1 objects, held against the standard and against what Tocsin adds to it: every error with
 * object, path, rule and a sentence, what the standard forbids apart from what it advises against.
 * No files, no network, no clock. */
#ifndef TOCSIN_CHECK_H
#define TOCSIN_CHECK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The compiled type tables. Read-only once made: any number of threads may use one. */
typedef struct tc_checker tc_checker;

tc_checker *tc_checker_new(void); /* NULL = out of memory */
void tc_checker_free(tc_checker *c);

enum tc_checker_level {
    TC_CHECKER_NOTE,   /* worth saying, breaks nothing */
    TC_CHECKER_SHOULD, /* the standard recommends otherwise */
    TC_CHECKER_MUST    /* the standard forbids it */
};

/* All text lives until the callback returns. */
struct tc_checker_problem {
    enum tc_checker_level level;
    const char *object; /* its id; "" when it has none */
    const char *path;   /* "external_references[2].url"; "" is the object itself */
    const char *rule;   /* "required", "time-order" ... */
    const char *says;   /* one sentence without the final period */
};

typedef void tc_checker_tell(void *arg, const struct tc_checker_problem *problem);

/* A bundle, a TAXII envelope, a list of objects or one object, up to 32 MiB; tell may be NULL.
 * Returns how many rules of the level MUST are broken; -1 when the text is no JSON, too large or
 * memory is short, and then error says why (size bytes, ended by NUL). */
long tc_checker_text(const tc_checker *c, const char *json, size_t length, tc_checker_tell *tell,
                     void *arg, char *error, size_t size);

#ifdef __cplusplus
}
#endif

#endif
