/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a register that may be absent (register.h says what they mean), from the texts of
 * one row into its structs. What is wrong is told, column by column; the rest is still read. */
#ifndef TC_MODEL_REGISTER_MORE_H
#define TC_MODEL_REGISTER_MORE_H

#include "model/register.h"

typedef void tc_reg_say(void *arg, const char *column, const char *text);

/* f: capacity, common_causes, as_of; the second is not looked at. */
void tc_reg_more_asset(const struct tc_str *f, struct tc_reg_asset *a, tc_reg_say *say, void *arg);
/* f: demand, priority, recharge, buffer_draw, restore_draw, calendar, tested. Buffer and restore of
 * g have been read; the texts of g are not touched. */
void tc_reg_more_row(const struct tc_str *f, struct tc_reg_row *row, struct tc_reg_group *g,
                     tc_reg_say *say, void *arg);

#endif
