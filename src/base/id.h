/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs (RFC 9562) and STIX identifiers "type--UUID" (STIX 2.1 section 2.9). */
#ifndef TC_BASE_ID_H
#define TC_BASE_ID_H

#include "base/hash.h"
#include "base/str.h"

struct tc_uuid {
    uint8_t b[16];
};

#define TC_UUID_TEXT 37  /* with NUL */
#define TC_ID_MAX    300 /* STIX type names have at most 250 characters, "--", UUID, NUL */

/* UUID namespace of STIX cyber-observable ids, STIX 2.1 section 2.9. */
extern const struct tc_uuid tc_uuid_ns_sco;
/* Namespace of ids that this program derives from evidence (findings, warnings, receipts ...). */
extern const struct tc_uuid tc_uuid_ns_tocsin;

struct tc_uuid tc_uuid_v4(void);
struct tc_uuid tc_uuid_v5(const struct tc_uuid *ns, struct tc_str name);
/* Canonical 36 characters; upper case hex digits are read too. */
tc_err tc_uuid_parse(struct tc_str s, struct tc_uuid *out) TC_MUST_USE;
void tc_uuid_format(const struct tc_uuid *u, char out[TC_UUID_TEXT]);
int tc_uuid_version(const struct tc_uuid *u);

/* Splits "type--uuid": both views into s. SYNTAX when it has no such form. The type is lower
 * case a-z, 0-9 and '-', 3 to 250 characters, no "--"; the UUID is checked when uuid is given. */
tc_err tc_id_split(struct tc_str s, struct tc_str *type, struct tc_uuid *uuid) TC_MUST_USE;
/* Writes "type--uuid"; out has TC_ID_MAX bytes, type at most 250. */
void tc_id_make(struct tc_str type, const struct tc_uuid *u, char out[TC_ID_MAX]);
/* type--uuid5(ns, name) */
void tc_id_derive(struct tc_str type, const struct tc_uuid *ns, struct tc_str name,
                  char out[TC_ID_MAX]);
/* The same of a name that is made of pieces. It asks for no memory: of half a name, where there was
 * none for the rest, the id of something else would be derived. */
struct tc_id_name {
    struct tc_sha1 sum;
};
void tc_id_name_begin(struct tc_id_name *n, const struct tc_uuid *ns);
void tc_id_name_str(struct tc_id_name *n, struct tc_str s);
void tc_id_name_cstr(struct tc_id_name *n, const char *z);
void tc_id_name_u64(struct tc_id_name *n, uint64_t v); /* in decimal */
/* n may go on after it: another id of a longer name. */
void tc_id_name_end(const struct tc_id_name *n, struct tc_str type, char out[TC_ID_MAX]);

#endif
