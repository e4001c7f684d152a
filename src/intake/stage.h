/* SPDX-License-Identifier: Apache-2.0 */
/* Many objects on their way into the journal: added in order, prepared by two threads, appended in
 * groups between which other writers get their turn. Private to src/intake.
 *
 * What all stages of one import share (markings, repeats, counts, how skipping is told) is a struct
 * tc_import_job; a file larger than memory goes through two stages in turn, so that one is prepared
 * while the journal writes the other. One thread calls. */
#ifndef TC_INTAKE_STAGE_H
#define TC_INTAKE_STAGE_H

#include "intake/prep.h"

/* Objects of one group: some milliseconds of the journal's writer. */
#define TC_STAGE_GROUP 4000

struct tc_import_job {
    struct tc_node *n;
    const struct tc_import_options *o;
    const char *name; /* of the file, for messages */
    struct tc_markings *markings;
    struct tc_repeats *repeats;
    struct tc_import_result result;
    uint64_t *left_out; /* offsets of what was skipped, ascending, for a second reading */
    size_t n_left_out, cap_left_out;
};

tc_err tc_import_job_init(struct tc_import_job *j, struct tc_node *n,
                          const struct tc_import_options *o, const char *name) TC_MUST_USE;
void tc_import_job_fini(struct tc_import_job *j);

struct tc_stage;

/* ceiling: bytes of text that tc_stage_keep may copy and of ids; NULL = out of memory. */
struct tc_stage *tc_stage_new(struct tc_import_job *j, size_t ceiling);
void tc_stage_free(struct tc_stage *s); /* waits for what was submitted; NULL is fine */
void tc_stage_clear(struct tc_stage *s);

/* The text must live until the stage is cleared. offset: in the file, for messages. */
tc_err tc_stage_add(struct tc_stage *s, struct tc_str text, uint64_t offset) TC_MUST_USE;
/* The same with a copy. */
tc_err tc_stage_keep(struct tc_stage *s, struct tc_str text, uint64_t offset) TC_MUST_USE;
size_t tc_stage_count(const struct tc_stage *s);

/* Prepares all of them (what: TC_PREP_...; repeats: look for them). When an object is at fault: its
 * error, or with keep_going it is told, counted and left out, and its offset remembered. */
tc_err tc_stage_prepare(struct tc_stage *s, unsigned what, bool repeats,
                        struct tc_diag *d) TC_MUST_USE;
/* Gives what is fit to the journal; the stage must not be touched until tc_stage_wait. */
tc_err tc_stage_submit(struct tc_stage *s, struct tc_diag *d) TC_MUST_USE;
/* Waits for the journal and counts the outcomes. */
tc_err tc_stage_wait(struct tc_stage *s, struct tc_diag *d) TC_MUST_USE;

#endif
