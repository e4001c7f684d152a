/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic ids of cyber-observables, STIX 2.1 section 2.9: UUID version 5 in the standard's
 * namespace over the canonical JSON (RFC 8785) of the properties that contribute; which ones, packs
 * say ("contributes"). Of hashes only one counts: the first of MD5, SHA-1, SHA-256, SHA-512 that is
 * there, else the first at all. Use it for ids of our own and for de-duplication; a received id
 * that differs is no error (domain practice: the standard's own examples do). Any thread. */
#ifndef TC_MODEL_SCOID_H
#define TC_MODEL_SCOID_H

#include "model/types.h"

/* NOTFOUND: its type is no cyber-observable of a pack, or nothing that contributes is there (then
 * the id is a random UUID, tc_uuid_v4). INVALID: a number without canonical form. LIMIT, NOMEM. */
tc_err tc_scoid(const struct tc_types *t, yyjson_val *object, char out[TC_ID_MAX],
                struct tc_diag *d) TC_MUST_USE;

#endif
