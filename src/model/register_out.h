/* SPDX-License-Identifier: Apache-2.0 */
/* A register written in one of its forms (register_form.h), from its two CSV texts. What is written
 * reads back as the same register, cell by cell: numbers stand as numbers where that keeps their
 * digits, else as text. STIX has numbers only ("40%" comes back as 0.4), no empty need ("1") and no
 * asset without a name (its id).
 * Columns that are not the register's are left out, and its optional ones where all is empty.
 *
 * Pure; one thread. */
#ifndef TC_MODEL_REGISTER_OUT_H
#define TC_MODEL_REGISTER_OUT_H

#include "base/time.h"
#include "model/register_form.h"

/* Each appends to out, which has the caller's maximum. LIMIT, NOMEM. */
tc_err tc_reg_out_csv(struct tc_str csv, bool dependencies, struct tc_buf *out) TC_MUST_USE;
tc_err tc_reg_out_json(const struct tc_reg_source *s, struct tc_buf *out) TC_MUST_USE;
tc_err tc_reg_out_geojson(const struct tc_reg_source *s, struct tc_buf *out) TC_MUST_USE;
/* now: created and modified of its objects, whose ids depend on the register alone. */
tc_err tc_reg_out_stix(const struct tc_reg_source *s, tc_time now, struct tc_buf *out) TC_MUST_USE;

#endif
