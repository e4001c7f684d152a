/* SPDX-License-Identifier: Apache-2.0 */
/* A checked alert as JSON: every element under its name in snake_case, lists where CAP allows
 * several, valueName/value pairs as {"name","value"}. Only the base64 of an embedded resource is
 * left out (its length stands in deref_size); it is in the artifact that keeps the original. */
#ifndef TC_INTAKE_CAP_JSON_H
#define TC_INTAKE_CAP_JSON_H

#include "codec/jsonw.h"
#include "intake/cap.h"

/* Writes one object value. */
void tc_cap_json(const struct tc_xml *alert, struct tc_jsonw *w);

#endif
