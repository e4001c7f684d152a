/* SPDX-License-Identifier: Apache-2.0 */
/* The one checker: an object against the compiled type tables. It reports all errors (up to
 * TC_MAX_FINDINGS), each with path, rule and a sentence, and tells apart
 *
 *     MUST    the standard forbids it: the object is refused
 *     SHOULD  the standard recommends otherwise: the object is kept; each has a name under which
 *             it can be switched off (packs: "check NAME")
 *     NOTE    what is worth saying and breaks nothing
 *
 * Unknown types and properties are allowed and said (SHOULD extensions-use). The work is one pass
 * over the parsed tree, no memory is taken except for findings, and with shoulds false and no
 * arena the answer is a verdict and nothing else. Depth is bounded by the reader of the JSON
 * (TC_MAX_DEPTH). Any thread; types are shared, the report is the caller's. */
#ifndef TC_MODEL_CHECK_H
#define TC_MODEL_CHECK_H

#include "model/types.h"

enum tc_level { TC_LEVEL_NOTE, TC_LEVEL_SHOULD, TC_LEVEL_MUST };

struct tc_check_finding {
    enum tc_level level;
    const char *rule; /* "required", "time-order", "malware-types" ... */
    const char *path; /* "external_references[2].url"; "" is the object itself */
    const char *says; /* one sentence without the final period */
};

struct tc_check_options {
    bool shoulds;           /* look at recommendations and notes too */
    bool strict_types;      /* types that no pack knows are a MUST */
    bool strict_properties; /* properties that no pack knows are a MUST */
    bool interop;           /* the OASIS interoperability profiles require more */
    bool spec_20;           /* STIX 2.0 is wanted: a bundle must say so */
    struct tc_checks off;   /* recommendations that are not looked at (tc_types_checks) */
};

struct tc_check_report {
    struct tc_arena *arena; /* for findings; NULL: they are counted only */
    /* For parsing patterns, reset after each; NULL: made and freed each time, which costs more
     * than the rest of the check. Give one where many objects go through. */
    struct tc_arena *scratch;
    struct tc_check_finding *findings;
    uint32_t n, cap;
    uint32_t musts, shoulds, notes; /* counted also beyond TC_MAX_FINDINGS */
};

/* o may be NULL: MUST only. The report is added to. The members of a bundle are not descended
 * into (a bundle can be larger than memory; its reader hands them over one by one), only the list
 * itself is looked at. NOMEM or LIMIT when the arena cannot hold a finding; never because of what
 * is found. */
tc_err tc_check_object(const struct tc_types *t, yyjson_val *root, const struct tc_check_options *o,
                       struct tc_check_report *r) TC_MUST_USE;

const char *tc_level_name(enum tc_level level); /* "MUST", "SHOULD", "NOTE" */

#endif
