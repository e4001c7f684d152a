/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that a reader makes from the rows of a foreign list (a register, a catalogue): the id is
 * derived from the row, a new version is made only when something changed, and what is gone from
 * the list can be revoked. The list's earlier state is read from the journal: the objects of that
 * creator in that community whose first external reference has the list's name.
 *
 * The text of an object is written by the caller with tc_made_begin .. tc_made_end; created and
 * modified are filled in here. Private to src/intake; one thread. */
#ifndef TC_INTAKE_MADE_H
#define TC_INTAKE_MADE_H

#include "codec/jsonw.h"
#include "intake/stage.h"

struct tc_made_list {
    const struct tc_str *types;
    size_t n_types;
    struct tc_str creator; /* created_by_ref of its objects */
    struct tc_str name;    /* source_name of their first external reference */
    enum tc_tlp marking;   /* written into each */
};

struct tc_made;

/* j and list must outlive it. Reads the earlier state. */
tc_err tc_made_new(struct tc_import_job *j, const struct tc_made_list *list, struct tc_made **out,
                   struct tc_diag *d) TC_MUST_USE;
void tc_made_free(struct tc_made *m); /* NULL is fine */

/* type--UUIDv5 of the list's name, creator, type and key; another one when that is revoked. */
void tc_made_id(struct tc_made *m, const char *type, struct tc_str key, char out[TC_ID_MAX]);
/* Is there such an object now (not revoked)? */
bool tc_made_there(const struct tc_made *m, struct tc_str id);

/* Starts an object: type, spec_version, id, creator, times and marking are written, the caller adds
 * the rest with the writer returned. external_id goes into the first external reference; an object
 * without one is not recognised later, so its times must be given. */
struct tc_jsonw *tc_made_begin(struct tc_made *m, const char *type, struct tc_str id,
                               struct tc_str external_id);
/* Ends it: SAME is counted, anything else goes to the journal with the next thousands. created:
 * TC_TIME_NONE = now; modified: of a new version, TC_TIME_NONE = now. */
tc_err tc_made_end(struct tc_made *m, tc_time created, tc_time modified,
                   struct tc_diag *d) TC_MUST_USE;
/* Revokes what was there before with one of these types and was not written now. */
tc_err tc_made_revoke_gone(struct tc_made *m, const char *const *types, size_t n,
                           struct tc_diag *d) TC_MUST_USE;
/* Appends what is left. */
tc_err tc_made_finish(struct tc_made *m, struct tc_diag *d) TC_MUST_USE;

#endif
