/* SPDX-License-Identifier: Apache-2.0 */
/* The head of one STIX object: what the journal, the audiences and the routes need to know of it.
 * All views borrow from the text and the parsed document; nothing is owned. */
#ifndef TC_MODEL_OBJECT_H
#define TC_MODEL_OBJECT_H

#include "base/id.h"
#include "base/time.h"

#include <yyjson.h>

enum tc_object_kind { TC_KIND_SDO, TC_KIND_SCO, TC_KIND_SRO, TC_KIND_META, TC_KIND_UNKNOWN };

struct tc_object {
    struct tc_str text; /* the bytes received for this object, as they are stored and served */
    yyjson_val *root;
    struct tc_str id, type;
    struct tc_uuid uuid;
    struct tc_str created_by;  /* created_by_ref, or empty */
    tc_time created, modified; /* TC_TIME_NONE when absent */
    tc_time version;           /* modified, else created, else TC_TIME_NONE (SCO) */
    bool revoked;
    bool spec_20; /* a STIX 2.0 object (no spec_version and not a 2.1 cyber-observable) */
};

/* Reads the head. Only what is needed to store it is looked at here (id, type and times must be
 * well-formed); the whole check is tc_check. SYNTAX or INVALID with object and path in d. */
tc_err tc_object_head(yyjson_val *root, struct tc_str text, struct tc_object *out,
                      struct tc_diag *d) TC_MUST_USE;

#endif
