/* SPDX-License-Identifier: Apache-2.0 */
/* One object on its way in: parse, head, check, gate, markings. Shared by bodies in memory, files
 * and the node's own objects; private to src/intake. A struct tc_prep is for one thread, the
 * markings are shared by all threads of one input. */
#ifndef TC_INTAKE_PREP_H
#define TC_INTAKE_PREP_H

#include "base/arena.h"
#include "intake/marking.h"
#include "intake/repeats.h"

struct tc_prep;

/* n and m must outlive it; NULL = out of memory. */
struct tc_prep *tc_prep_new(struct tc_node *n, struct tc_markings *m);
void tc_prep_free(struct tc_prep *p); /* NULL is fine */

#define TC_PREP_CHECK 1u /* the whole check (tc_check_object), MUST errors refuse */
#define TC_PREP_GATE  2u /* refuse what is classified */

/* Fills e from the object's text, which must live as long as e; id, type and creator are copied
 * into a. e->audience is a set of markings until tc_prep_finish. SYNTAX, INVALID, LIMIT: this
 * object is at fault (place in d). CLASSIFIED: nothing of the input may be stored. Others: the
 * system's fault. */
tc_err tc_prep_object(struct tc_prep *p, struct tc_str text, unsigned what, struct tc_arena *a,
                      struct tc_entry_in *e, struct tc_diag *d) TC_MUST_USE;
/* CONFLICT when this id and version came before in the input with other content. */
tc_err tc_prep_repeat(struct tc_repeats *r, const struct tc_entry_in *e, struct tc_repeat_key key,
                      struct tc_diag *d) TC_MUST_USE;
/* Audiences in place of sets, once the whole input was seen. */
tc_err tc_prep_finish(struct tc_markings *m, struct tc_entry_in *entries, size_t n,
                      struct tc_diag *d) TC_MUST_USE;

/* A bundle without objects or an empty envelope: nothing to store and nothing wrong. */
bool tc_prep_is_empty(struct tc_prep *p, struct tc_str text);

/* The object is at fault, not the system and not the whole input. */
bool tc_prep_objects_fault(tc_err e);
/* What an outcome of the journal means for the one who brought the object: OK, or why it was not
 * taken, in d. */
tc_err tc_prep_outcome(const struct tc_entry_in *e, struct tc_diag *d);

#endif
