/* SPDX-License-Identifier: Apache-2.0 */
/* From an object's markings to its audience (design section 4). Everything that is not understood
 * narrows: an unknown marking, a marking-definition of a foreign kind, a recipient that nobody here
 * is.
 *
 * Granular markings make levels of single fields (tc_audience.fields), never wider than the
 * object's own. They count for the whole object instead when what is left without the fields would
 * be no valid object for somebody, when its id is derived from them, when they cover what the node
 * itself goes by (id, times, revoked, creator, markings), and when there are too many of them. The
 * extension "sharing" (packs/critical-entities) can name recipients and the community, and narrows
 * only. Also the place of the classification gate.
 *
 * One struct tc_markings for one body or one import, any thread. Definitions that come with the
 * input must be noted before audiences are asked for. */
#ifndef TC_INTAKE_MARKING_H
#define TC_INTAKE_MARKING_H

#include "intake/intake.h"
#include "model/object.h"

struct tc_markings;

/* n and from must outlive it; NULL = out of memory. */
struct tc_markings *tc_markings_new(struct tc_node *n, const struct tc_intake_from *from);
void tc_markings_free(struct tc_markings *m); /* NULL is fine */

/* Who brings the input. */
const struct tc_intake_from *tc_markings_from(const struct tc_markings *m);
/* Remembers what a marking-definition of the input means. */
tc_err tc_markings_note(struct tc_markings *m, const struct tc_object *o) TC_MUST_USE;
/* CLASSIFIED when the object says that it is (marking text, label, heading), with path in d. */
tc_err tc_markings_gate(const struct tc_object *o, struct tc_diag *d) TC_MUST_USE;
/* A number for the object's set of markings, the same for equal sets. Any definition may still be
 * noted after this. LIMIT, NOMEM. */
tc_err tc_markings_set(struct tc_markings *m, const struct tc_object *o, uint32_t *set) TC_MUST_USE;
/* The journal's number of the audience of such a set, when all definitions are noted. */
tc_err tc_markings_audience(struct tc_markings *m, uint32_t set, uint32_t *audience,
                            struct tc_diag *d) TC_MUST_USE;

#endif
