/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that two organisations have between them, a question and its answer: release requests,
 * test calls, rounds of confirmation (src/watch/confirm.c). Nobody else includes this. */
#ifndef TC_INTAKE_PAIRED_H
#define TC_INTAKE_PAIRED_H

#include "codec/jsonw.h"
#include "intake/intake.h"

/* The newest version of what q asks for, as who reads it: in row until *r is closed (also on
 * failure). NOTFOUND: there is none. */
tc_err tc_paired_newest(struct tc_node *n, const struct tc_principal *who, const struct tc_query *q,
                        struct tc_reader **r, struct tc_row *row) TC_MUST_USE;
/* Appends text for who asked (its creator) and who answers, together with first when that is not
 * NULL. An object that is refused is an error. */
tc_err tc_paired_append(struct tc_node *n, struct tc_str text, uint32_t asks, uint32_t answers,
                        const struct tc_own_object *first, struct tc_diag *d) TC_MUST_USE;

/* The markings of such an object, TLP:AMBER+STRICT, and the extension that says its type is new. */
void tc_paired_marks(struct tc_jsonw *w, const char *extension);

#endif
