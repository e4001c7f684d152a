/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers from text, only through a maximum: the whole view must be the number, no sign, space or
 * leading '+' unless said. SYNTAX when it is not a number, LIMIT when it is out of range. */
#ifndef TC_BASE_NUM_H
#define TC_BASE_NUM_H

#include "base/str.h"

tc_err tc_num_u64(struct tc_str s, uint64_t max, uint64_t *out) TC_MUST_USE;
tc_err tc_num_i64(struct tc_str s, int64_t min, int64_t max, int64_t *out) TC_MUST_USE; /* '-' ok */
/* Decimal with optional '-', fraction and exponent, '.' whatever the locale; never inf or nan. Of
 * more than 63 characters: LIMIT. */
tc_err tc_num_double(struct tc_str s, double min, double max, double *out) TC_MUST_USE;

#endif
