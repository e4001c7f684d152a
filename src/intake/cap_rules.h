/* SPDX-License-Identifier: Apache-2.0 */
/* The elements of CAP 1.2 as a table, in the order of its schema, and the rules that the schema
 * cannot say. Private to intake/cap*.c. */
#ifndef TC_INTAKE_CAP_RULES_H
#define TC_INTAKE_CAP_RULES_H

#include "intake/cap.h"

struct tc_cap_report {
    tc_cap_say say;
    void *arg;
    struct tc_diag *first; /* the first must that is broken */
    size_t musts, all;
    const struct tc_xml *top; /* paths start below it */
    struct tc_arena *arena;
};

/* Says what is wrong with element x; after TC_MAX_FINDINGS nothing more is said. */
void tc_cap_wrong(struct tc_cap_report *r, const struct tc_xml *x, bool must, const char *fmt, ...)
    TC_PRINTF(4, 5);

/* Order, cardinality and type of every element under the alert. */
void tc_cap_check_elements(struct tc_cap_report *r, const struct tc_xml *alert);
/* What spans elements: scope, references, times, altitude, language blocks. cap is filled as far
 * as the elements allow. */
void tc_cap_check_sense(struct tc_cap_report *r, const struct tc_cap *cap);

/* Without fraction and without "Z" (section 3.3.2 of the standard), and existing. */
tc_err tc_cap_time(struct tc_str text, tc_time *out, struct tc_diag *d) TC_MUST_USE;

#endif
